"""Out to the identity provider and back: two pages, there only where a provider is set."""

from __future__ import annotations

from html import escape
from typing import Any

from flask import Flask, Response, redirect, request
from itsdangerous import BadData, URLSafeTimedSerializer

from dashboard.guard import SECOND_FACTOR, SIGN_IN, is_https, open_to_all, set_cookie
from data.errors import Unauthorised
from data.service.provider import Ask, Provider
from data.service.second_factor import secret_key
from data.service.sign_in import SignIn
from data.settings import Settings

WAY_OUT, WAY_BACK = f"{SIGN_IN}/provider", f"{SIGN_IN}/provider/back"
_HOLDS_S = 600

# The session's cookie is SameSite=Strict: a redirect on the way back from another site would be
# asked without it, a page of ours that goes on is not.
_GO_ON = """<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Vigil</title>
<meta http-equiv="refresh" content="0;url={to}"><p><a href="{to}">Go on</a></p></html>"""


def add_routes(server: Flask, settings: Settings, door: SignIn, provider: Provider) -> None:
    """Adds the way out and the way back."""
    name = "__Host-vigil-provider" if is_https(settings) else "vigil-provider"
    seal = URLSafeTimedSerializer(secret_key(settings.secret_key_file), salt="provider")

    @server.get(WAY_OUT)
    @open_to_all
    def to_provider() -> Any:
        url, ask = provider.ask()
        answer = redirect(url)
        # Lax: it must come along when the provider sends the browser back to us.
        answer.set_cookie(
            name,
            str(seal.dumps(ask.to_json())),
            max_age=_HOLDS_S,
            secure=is_https(settings),
            httponly=True,
            samesite="Lax",
            path="/",
        )
        return answer

    @server.get(WAY_BACK)
    @open_to_all
    def from_provider() -> Response:
        try:
            ask = Ask.from_json(seal.loads(request.cookies.get(name, ""), max_age=_HOLDS_S))
        except (BadData, KeyError, TypeError) as error:
            raise Unauthorised("This sign-in was not begun here, or too long ago.") from error
        state, code = request.args.get("state", ""), request.args.get("code", "")
        login = provider.login_of(ask, state, code)
        cookie, seated = door.sign_in_vouched(login, request.remote_addr or "")
        to = escape(SECOND_FACTOR if door.asks_for_code else "/")
        answer = Response(_GO_ON.format(to=to), mimetype="text/html")
        answer.delete_cookie(
            name, path="/", secure=is_https(settings), httponly=True, samesite="Lax"
        )
        set_cookie(answer, settings, cookie, seated.role)
        return answer
