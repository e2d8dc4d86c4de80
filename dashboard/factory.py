"""Makes the control room out of its parts. Nothing runs until `live.start()`."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

import dash
import flask
from flask_socketio import SocketIO
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix

from dashboard import guard, shell
from dashboard.errors import answer_errors
from dashboard.live import INBOUND_LIMIT, Live
from dashboard.pages import desk, wall
from dashboard.room import Room
from dashboard.routes import health, layers, sign_in
from dashboard.socket_size import bounded_websocket
from data.clock import Clock, SystemClock
from data.errors import BadInput
from data.service.alerts import Alerts
from data.service.live import LiveFeed
from data.service.sign_in import SignIn
from data.settings import Settings

PAGES = (desk, wall)
"""Every screen. Each gives its path, its title, its action, its layout and its callbacks."""

BODY_LIMIT = 1_000_000
"""Bytes of a request. A callback's is a few thousand."""

THREADS_FOR_PAGES = 20
"""Threads of the server that no socket may take."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class ControlRoom(NamedTuple):
    """The parts a server needs."""

    app: dash.Dash
    server: flask.Flask
    socketio: SocketIO
    live: Live


def create_room(
    settings: Settings, engine: Engine, clock: Clock, door: SignIn | None = None
) -> ControlRoom:
    """The control room, ready to be served by one process with many threads.

    Args:
        door: who signs people in; made here unless a test brings its own.

    Raises:
        BadInput: people would reach the room over a network without TLS.
        guard.UndecidedError: something in it would answer without naming its action.
    """
    check_address(settings)
    # Sessions run on real time also in a demo whose clock runs sixty times as fast.
    door = door or SignIn(engine, SystemClock() if settings.demo else clock)
    room = Room(settings, clock, Alerts(engine, clock))
    server = _server(settings)
    gate = guard.Gate(settings, door, {page.PATH: page.ACTION for page in PAGES})
    gate.guard(server)
    answer_errors(server)
    sign_in.add_routes(server, settings, door, gate)
    health.add_routes(server, LiveFeed(engine))
    layers.add_routes(server, engine, clock)
    app = _app(server, room)
    socketio = _socketio(server, settings)
    live = Live(
        socketio,
        engine,
        clock,
        gate,
        door,
        room.alerts,
        most_clients=settings.web_threads - THREADS_FOR_PAGES,
    )
    server.wsgi_app = guard.SocketGate(server.wsgi_app, gate, settings)  # type: ignore[method-assign]
    if settings.public_url:
        # Only then is there a proxy whose word on the peer's address counts.
        server.wsgi_app = ProxyFix(server.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    guard.entries(server, app, socketio)
    # Last: the hashes cover every script that the callbacks above have added.
    guard.dress(server, settings, guard.content_policy(app.csp_hashes()))
    return ControlRoom(app, server, socketio, live)


def _server(settings: Settings) -> flask.Flask:
    # No static folder: what is served is served by a route that names its action.
    server = flask.Flask("dashboard", static_folder=None)
    server.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    host = urlsplit(settings.public_url).hostname if settings.public_url else None
    # A page of another name that points at us (DNS rebinding) is not ours.
    server.config["TRUSTED_HOSTS"] = [host] if host else ["127.0.0.1", "localhost", "[::1]"]
    return server


def _app(server: flask.Flask, room: Room) -> dash.Dash:
    app = shell.VigilDash(
        "dashboard",
        server=server,
        use_pages=True,
        pages_folder="",
        suppress_callback_exceptions=True,
        enable_mcp=False,
        update_title="",
        title="Vigil",
        serve_locally=True,
    )
    app.is_demo = room.settings.demo
    app.layout = shell.layout
    shell.connect(app)
    for page in PAGES:
        dash.register_page(page.PATH, path=page.PATH, title=page.TITLE, layout=page.page(room))
        page.connect(app, room)
    # Dash adds its page callback at the first request; the check and the hashes need it now.
    with server.test_request_context("/"):
        for prepare in server.before_request_funcs[None]:
            if getattr(prepare, "__func__", None) is not guard.Gate._check:
                prepare()
    return app


def _socketio(server: flask.Flask, settings: Settings) -> SocketIO:
    socketio = SocketIO(
        server,
        async_mode="threading",
        manage_session=False,
        max_http_buffer_size=INBOUND_LIMIT,
        # The gate has compared the origin already, and answers with our headers.
        cors_allowed_origins=lambda origin, environ: guard.is_same_origin(
            environ, settings.public_url
        ),
        ping_interval=10,
        ping_timeout=10,
    )
    bounded_websocket(socketio, INBOUND_LIMIT)
    return socketio


def check_address(settings: Settings) -> None:
    """Returns where the room may listen as the settings say.

    Raises:
        BadInput: people would reach it over a network without TLS.
    """
    is_local = settings.web_host in _LOOPBACK
    if not is_local and not guard.is_https(settings):
        raise BadInput(
            "VIGIL_WEB_HOST",
            "a loopback address, or VIGIL_PUBLIC_URL with https: sessions must not cross a "
            "network in the clear",
            settings.web_host,
        )
