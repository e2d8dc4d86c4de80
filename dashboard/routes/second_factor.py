"""The page between password and room: a code from an app, or taking that app into use first.

Whoever is here has given a password and nothing else; their cookie opens no other door.
"""

from __future__ import annotations

import io
from html import escape
from pathlib import Path
from typing import Any

import segno
from flask import Flask, Response, jsonify, redirect, request

from dashboard.appearance import theme_of
from dashboard.guard import SECOND_FACTOR, SIGN_IN, cookie_name, open_to_all, set_cookie
from dashboard.routes.sign_in import proof_field, text_field
from data.service.sign_in import SignIn
from data.settings import Settings

_PAGE = Path(__file__).parent / "sign_in_page" / "second_factor.html"

KEY_OFFER = """<section id="key" hidden>
<button type="button" class="main">Use your security key</button>
<p class="or">or</p>
</section>
"""
"""Shown by the script where the browser can ask for a key that is registered."""

_ASK = f"""<h1>Your second factor</h1>
{KEY_OFFER}<p>Open your authenticator app and type the six digits it shows for Vigil. Without your
telephone, type one of your recovery codes.</p>
<form id="second-factor" novalidate>
<label for="code">Code</label>
<input id="code" name="code" inputmode="text" autocomplete="one-time-code" autocapitalize="none"
spellcheck="false" maxlength="20" required autofocus>
<p id="message" role="alert"></p>
<button type="submit">Go on</button>
</form>
<p class="quiet"><a href="/sign-in?again">Sign in as somebody else</a></p>"""

_OFFER = """<h1>Set up your second factor</h1>
<p>From now on Vigil asks for a code besides your password. Scan this with an authenticator app
on your telephone, then type the six digits it shows.</p>
<figure class="qr">{qr}</figure>
<p class="quiet">No camera? Type this key into the app: <code class="key">{secret}</code></p>
<form id="enrol" novalidate>
<label for="code">Code</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="10"
required autofocus>
<p id="message" role="alert"></p>
<button type="submit">Take into use</button>
</form>"""


def add_routes(server: Flask, settings: Settings, door: SignIn) -> None:
    """Adds the page and its acts; each finds out for itself who is half way in."""

    def cookie() -> str:
        return request.cookies.get(cookie_name(settings), "")

    def peer() -> str:
        return request.remote_addr or ""

    @server.get(SECOND_FACTOR)
    @open_to_all
    def second_factor_page() -> Any:
        half = door.half_of(cookie(), peer())
        if half is None:
            return redirect(SIGN_IN)
        offer = door.offer_factor(half)
        body = _ASK if offer is None else _offer(*offer)
        page = _PAGE.read_text().format(theme=theme_of(request.cookies), body=body)
        return Response(page, mimetype="text/html")

    @server.post(SECOND_FACTOR)
    @open_to_all
    def second_factor() -> Response:
        opened, viewer = door.give_code(cookie(), peer(), proof_field("code"))
        response = jsonify(next="/")
        set_cookie(response, settings, opened, viewer.role)
        return response

    @server.post(f"{SECOND_FACTOR}/challenge")
    @open_to_all
    def second_factor_challenge() -> Response:
        return jsonify(options=door.ask_key(cookie(), peer()))

    @server.post(f"{SECOND_FACTOR}/enrol")
    @open_to_all
    def enrol() -> Response:
        opened, viewer, codes = door.enrol(cookie(), peer(), text_field("code"))
        response = jsonify(next="/", codes=codes)
        set_cookie(response, settings, opened, viewer.role)
        return response


def _offer(secret: str, address: str) -> str:
    drawn = io.BytesIO()
    segno.make(address, error="m").save(
        drawn, kind="svg", xmldecl=False, svgns=False, border=4, scale=5, omitsize=True,
        light="#ffffff", dark="#000000", title="QR code of the key below",
    )  # fmt: skip
    grouped = " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))
    return _OFFER.format(qr=drawn.getvalue().decode(), secret=escape(grouped))
