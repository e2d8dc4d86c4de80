"""Signing in and out: the one page that strangers see, and the answers behind it."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, redirect, request

from dashboard.appearance import theme_of
from dashboard.guard import SIGN_IN, Gate, cookie_name, needs, open_to_all, set_cookie, viewer
from data.errors import BadInput, NotFound
from data.model.user import Role, Viewer
from data.rules.access import Action
from data.service.sign_in import SignIn
from data.settings import Settings

_PAGE = Path(__file__).parent / "sign_in_page"
_ASSETS = Path(__file__).parent.parent / "assets"

# What a newcomer may sit down as, with what the seat shows.
SEATS: tuple[tuple[Role, str, str], ...] = (
    (Role.OPERATOR, "Operator", "the desk: live map, alert queue, acknowledge and close"),
    (Role.WALL, "Wall", "the big screen: no names, no victims, nothing to click"),
    (Role.SUPERVISOR, "Supervisor", "the desk, and any operator's alerts"),
    (Role.CASE_OFFICER, "Case officer", "the desk with names, to follow a case"),
    (Role.INVESTIGATOR, "Investigator", "the desk without victims' positions"),
    (Role.AUDITOR, "Auditor", "what was done about alerts, without a map"),
)


def add_routes(server: Flask, settings: Settings, door: SignIn, gate: Gate) -> None:
    """Adds the page, its style and script, and the three acts."""
    sheets = (_ASSETS / "theme.css", _ASSETS / "demo.css", _PAGE / "style.css")
    style = "\n".join(sheet.read_text() for sheet in sheets)
    script = (_PAGE / "script.js").read_text()

    @server.get(SIGN_IN)
    @open_to_all
    def sign_in_page() -> Any:
        if gate.viewer_of(request.cookies, request.remote_addr or "") is not None:
            return redirect("/")
        return Response(_page(settings, theme_of(request.cookies)), mimetype="text/html")

    @server.get(f"{SIGN_IN}/style.css")
    @open_to_all
    def sign_in_style() -> Response:
        return Response(style, mimetype="text/css")

    @server.get(f"{SIGN_IN}/script.js")
    @open_to_all
    def sign_in_script() -> Response:
        return Response(script, mimetype="text/javascript")

    @server.post(SIGN_IN)
    @open_to_all
    def sign_in() -> Response:
        login, password = _text("login"), _text("password")
        return _seated(*door.sign_in(login, password, request.remote_addr or ""))

    @server.post(f"{SIGN_IN}/demo")
    @open_to_all
    def sign_in_demo() -> Response:
        if not settings.demo:
            raise NotFound("There is nothing here.")
        wanted = _text("role")
        if wanted not in {role.value for role, *_ in SEATS}:
            raise BadInput("role", "one of the roles on the page", wanted)
        return _seated(*door.sign_in_demo(Role(wanted), request.remote_addr or ""))

    @server.post("/sign-out")
    @needs(Action.SIGN_OUT)
    def sign_out() -> Response:
        door.sign_out(viewer())
        response = jsonify(next=SIGN_IN)
        response.delete_cookie(cookie_name(settings), path="/", samesite="Strict", httponly=True)
        return response

    def _seated(cookie: str, seated: Viewer) -> Response:
        response = jsonify(next="/")
        set_cookie(response, settings, cookie, seated.role)
        return response


def _page(settings: Settings, theme: str) -> str:
    seats = "\n".join(
        f'<li><button type="button" data-role="{role.value}">'
        f"<strong>{escape(name)}</strong><span>{escape(shows)}</span></button></li>"
        for role, name, shows in SEATS
    )
    demo = (_PAGE / "demo.html").read_text().format(seats=seats) if settings.demo else ""
    return (
        (_PAGE / "page.html")
        .read_text()
        .format(
            theme=theme,
            demo=demo,
            demo_mark=' data-demo="1"' if settings.demo else "",
            wide=" card-wide" if settings.demo else "",
        )
    )


def _text(field: str) -> str:
    """A string out of the JSON body.

    Raises:
        BadInput: it is missing or something else.
    """
    body = request.get_json(silent=True)
    value = body.get(field) if isinstance(body, dict) else None
    if not isinstance(value, str):
        raise BadInput(field, "a text in a JSON object")
    return value
