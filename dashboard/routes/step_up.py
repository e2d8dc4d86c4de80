"""Proving again, in an open session, that it is still you: for acts that ask for it.

Data is fetched behind a dialog (assets/step_up.js), which asks and then fetches again. Whoever
opened an address by hand gets a page.
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response, jsonify, request

from dashboard.appearance import theme_of
from dashboard.guard import needs, set_cookie, viewer
from dashboard.routes.second_factor import KEY_OFFER
from dashboard.routes.sign_in import proof_field
from data.rules.access import Action
from data.service.sign_in import SignIn
from data.settings import Settings

_PAGE = Path(__file__).parent / "sign_in_page" / "step_up.html"
_PROOF = """<label for="proof">Code from your authenticator app, or a recovery code</label>
<input id="proof" name="proof" autocomplete="one-time-code" autocapitalize="none"
spellcheck="false" maxlength="256" required autofocus>
<p id="message" role="alert"></p>
<button type="submit">It is still me</button>"""
_DEMO_PROOF = """<p>This is a demo: one click will do. In a real room you would be asked
for a code from your telephone.</p>
<p id="message" role="alert"></p>
<button type="submit" autofocus>It is still me</button>"""


def add_routes(server: Flask, settings: Settings, door: SignIn) -> None:
    """Adds `/step-up`: the page, the act, and what a key has to sign for it."""

    @server.get("/step-up")
    @needs(Action.STEP_UP)
    def step_up_page() -> Response:
        page = _PAGE.read_text().format(
            theme=theme_of(request.cookies),
            demo_mark=' data-demo="1"' if settings.demo else "",
            key="" if settings.demo else KEY_OFFER,
            proof=_DEMO_PROOF if settings.demo else _PROOF,
        )
        return Response(page, mimetype="text/html")

    @server.post("/step-up")
    @needs(Action.STEP_UP)
    def step_up() -> Response:
        if settings.demo:
            cookie = door.step_up_demo(viewer())
        else:
            cookie = door.step_up(viewer(), proof_field("proof"))
        response = jsonify(next=None)
        set_cookie(response, settings, cookie, viewer().role)
        return response

    @server.post("/step-up/challenge")
    @needs(Action.STEP_UP)
    def step_up_challenge() -> Response:
        return jsonify(options=door.ask_key_again(viewer()))
