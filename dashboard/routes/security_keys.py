"""One's own security keys: seeing, adding and removing them, with a fresh proof."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, request
from sqlalchemy import Row

from dashboard.appearance import theme_of
from dashboard.format import day
from dashboard.guard import SECURITY_KEYS, needs, open_to_all, viewer
from dashboard.routes.sign_in import object_field
from data.errors import BadInput
from data.rules.access import Action
from data.service.sign_in import SignIn
from data.settings import Settings

_PAGE = Path(__file__).parent / "sign_in_page"
_NONE = '<p class="quiet">You have none yet.</p>'


def add_routes(server: Flask, settings: Settings, door: SignIn) -> None:
    """Adds the page with its script, and the three acts behind its buttons."""
    script = (_PAGE / "keys.js").read_text()

    @server.get("/sign-in/keys.js")
    @open_to_all
    def keys_script() -> Response:
        return Response(script, mimetype="text/javascript")

    @server.get(SECURITY_KEYS)
    @needs(Action.CHANGE_OWN_SIGN_IN)
    def keys_page() -> Response:
        keys = door.keys.find_all(viewer())
        lines = [_line(number, key, settings) for number, key in enumerate(keys, 1)]
        page = (
            (_PAGE / "keys.html")
            .read_text()
            .format(
                theme=theme_of(request.cookies),
                host=urlsplit(door.keys.origin).hostname,
                origin=door.keys.origin,
                keys=f'<ol class="keys">{"".join(lines)}</ol>' if lines else _NONE,
            )
        )
        return Response(page, mimetype="text/html")

    @server.post(f"{SECURITY_KEYS}/offer")
    @needs(Action.CHANGE_OWN_SIGN_IN)
    def offer_key() -> Response:
        return jsonify(options=door.keys.offer(viewer()))

    @server.post(SECURITY_KEYS)
    @needs(Action.CHANGE_OWN_SIGN_IN)
    def add_key() -> Response:
        door.keys.register(viewer(), object_field("key"))
        return jsonify(added=True)

    @server.post(f"{SECURITY_KEYS}/remove")
    @needs(Action.CHANGE_OWN_SIGN_IN)
    def remove_key() -> Response:
        body = request.get_json(silent=True)
        number = body.get("key") if isinstance(body, dict) else None
        if not isinstance(number, int) or not 0 < number < 2**63:
            raise BadInput("key", "the number of one of your keys")
        door.keys.remove(viewer(), number)
        return jsonify(removed=True)


def _line(number: int, key: Row, settings: Settings) -> str:
    def on(moment: datetime) -> str:
        return day(moment, settings.time_zone)

    used = f"last used {on(key.used_at)}" if key.used_at else "not used yet"
    return (
        f"<li><span><strong>Key {number}</strong>added {on(key.made_at)}, {used}</span>"
        f'<button type="button" data-key="{key.security_key_id}" '
        f'aria-label="Remove key {number}">Remove</button></li>'
    )
