"""Signing in and out: the one page that strangers see, and the answers behind it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, redirect, request

from dashboard.appearance import theme_of
from dashboard.guard import (
    SECOND_FACTOR,
    SIGN_IN,
    Gate,
    cookie_name,
    needs,
    open_to_all,
    set_cookie,
    viewer,
)
from data.errors import BadInput, NotFound
from data.model.user import Role, Viewer
from data.rules.access import Action
from data.service.sign_in import SignIn
from data.service.walls import Walls
from data.settings import Settings

_PAGE = Path(__file__).parent / "sign_in_page"
_ASSETS = Path(__file__).parent.parent / "assets"

_TO_PROVIDER = '<p><a href="/sign-in/provider">Sign in with your organisation</a></p>'

# What a newcomer may sit down as, with what the seat shows.
SEATS: tuple[tuple[Role, str, str], ...] = (
    (Role.OPERATOR, "Operator", "the desk: live map, alert queue, acknowledge and close"),
    (Role.WALL, "Wall", "the big screen: no names, no victims, nothing to click"),
    (Role.SUPERVISOR, "Supervisor", "the desk, and any operator's alerts"),
    (Role.CASE_OFFICER, "Case officer", "the desk with names, to follow a case"),
    (Role.INVESTIGATOR, "Investigator", "the desk without victims' positions"),
    (Role.AUDITOR, "Auditor", "what was done about alerts, without a map"),
)


def add_routes(
    server: Flask,
    settings: Settings,
    door: SignIn,
    gate: Gate,
    walls: Walls,
    welcome: Callable[[Viewer], None],
) -> None:
    """Adds the page, its style and script, and the three acts.

    Args:
        welcome: readies a demo's seat for whoever has just sat down.
    """
    sheets = (_ASSETS / "theme.css", _ASSETS / "demo.css", _PAGE / "style.css")
    style = "\n".join(sheet.read_text() for sheet in sheets)
    script = (_PAGE / "script.js").read_text()
    passkey = (_ASSETS / "passkey.js").read_text()

    @server.get(SIGN_IN)
    @open_to_all
    def sign_in_page() -> Any:
        # Again: as somebody else, or before a session ends.
        if "again" not in request.args:
            if gate.viewer_of(request.cookies, request.remote_addr or "") is not None:
                return redirect("/")
            if door.half_of(request.cookies.get(cookie_name(settings), ""), "") is not None:
                return redirect(SECOND_FACTOR)
        return Response(_page(settings, theme_of(request.cookies)), mimetype="text/html")

    @server.get(f"{SIGN_IN}/style.css")
    @open_to_all
    def sign_in_style() -> Response:
        return Response(style, mimetype="text/css")

    @server.get(f"{SIGN_IN}/script.js")
    @open_to_all
    def sign_in_script() -> Response:
        return Response(script, mimetype="text/javascript")

    @server.get(f"{SIGN_IN}/passkey.js")
    @open_to_all
    def passkey_script() -> Response:
        return Response(passkey, mimetype="text/javascript")

    @server.post(SIGN_IN)
    @open_to_all
    def sign_in() -> Response:
        login, password = text_field("login"), text_field("password")
        cookie, seated = door.sign_in(login, password, request.remote_addr or "")
        return _seated(cookie, seated, SECOND_FACTOR if door.asks_for_code else "/")

    @server.post(f"{SIGN_IN}/demo")
    @open_to_all
    def sign_in_demo() -> Response:
        if not settings.demo:
            raise NotFound("There is nothing here.")
        wanted = text_field("role")
        if wanted not in {role.value for role, *_ in SEATS}:
            raise BadInput("role", "one of the roles on the page", wanted)
        if wanted == Role.WALL.value:
            return _seated(*walls.enter_demo(request.remote_addr or ""))
        cookie, seated = door.sign_in_demo(Role(wanted), request.remote_addr or "")
        welcome(seated)
        return _seated(cookie, seated)

    @server.post("/sign-out")
    @needs(Action.SIGN_OUT)
    def sign_out() -> Response:
        door.sign_out(viewer())
        response = jsonify(next=SIGN_IN)
        response.delete_cookie(cookie_name(settings), path="/", samesite="Strict", httponly=True)
        return response

    def _seated(cookie: str, seated: Viewer, way: str = "/") -> Response:
        response = jsonify(next=way)
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
            provider=_TO_PROVIDER if settings.oidc_issuer and not settings.demo else "",
            demo_mark=' data-demo="1"' if settings.demo else "",
            wide=" card-wide" if settings.demo else "",
        )
    )


def text_field(field: str) -> str:
    """A string out of the JSON body.

    Raises:
        BadInput: it is missing or something else.
    """
    body = request.get_json(silent=True)
    value = body.get(field) if isinstance(body, dict) else None
    if not isinstance(value, str):
        raise BadInput(field, "a text in a JSON object")
    return value


def object_field(field: str) -> dict[str, Any]:
    """An object out of the JSON body.

    Raises:
        BadInput: it is missing or something else.
    """
    body = request.get_json(silent=True)
    value = body.get(field) if isinstance(body, dict) else None
    if not isinstance(value, dict):
        raise BadInput(field, "an object in a JSON object")
    return value


def proof_field(field: str) -> str | dict[str, Any]:
    """A proof out of the JSON body: what a security key has signed, or else a typed code.

    Raises:
        BadInput: it is missing or something else.
    """
    body = request.get_json(silent=True)
    has_key = isinstance(body, dict) and "key" in body
    return object_field("key") if has_key else text_field(field)
