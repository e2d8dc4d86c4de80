"""How a wall comes in: its link is opened once, and the browser keeps a token of its own."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response, jsonify, request

from dashboard.appearance import theme_of
from dashboard.guard import open_to_all, set_cookie
from dashboard.routes.sign_in import text_field
from data.service.walls import Walls
from data.settings import Settings

_FOLDER = Path(__file__).parent / "sign_in_page"


def add_routes(server: Flask, settings: Settings, walls: Walls) -> None:
    """Adds `/wall-in`: the page that the link opens, its script, and the act."""
    page = (_FOLDER / "wall_in.html").read_text()
    script = (_FOLDER / "wall_in.js").read_text()

    @server.get("/wall-in")
    @open_to_all
    def wall_in_page() -> Response:
        return Response(page.format(theme=theme_of(request.cookies)), mimetype="text/html")

    @server.get("/wall-in/script.js")
    @open_to_all
    def wall_in_script() -> Response:
        return Response(script, mimetype="text/javascript")

    @server.post("/wall-in")
    @open_to_all
    def wall_in() -> Response:
        cookie, seated = walls.enter(text_field("code"), request.remote_addr or "")
        # How far people sit from it is asked once, while somebody stands there.
        response = jsonify(next="/wall/set-up")
        set_cookie(response, settings, cookie, seated.role)
        return response
