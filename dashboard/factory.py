"""Makes the control room out of its parts. Nothing runs until `live.start()`."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import dash
import flask
from flask_socketio import SocketIO
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix

from dashboard import guard, shell
from dashboard.build import build_of
from dashboard.callback_body import check_body
from dashboard.errors import answer_errors
from dashboard.live import INBOUND_LIMIT, Live
from dashboard.pages import (
    access,
    accounts,
    conduct,
    desk,
    desk_policy,
    hand_over,
    history,
    kpi,
    look_up,
    pop_out,
    replay,
    signatures,
    studio,
    wall,
    wall_set_up,
    zone_list,
)
from dashboard.room import Room
from dashboard.routes import access as access_routes
from dashboard.routes import (
    alerts,
    choices,
    demo_phones,
    health,
    layers,
    provider,
    second_factor,
    security_keys,
    sign_in,
    step_up,
    streets,
    wall_in,
    zones,
)
from dashboard.routes import history as history_routes
from dashboard.routes import replay as replay_routes
from dashboard.socket_size import bounded_websocket
from data.clock import Clock, SystemClock
from data.errors import BadInput
from data.service.alert_work import AlertWork
from data.service.alerts import Alerts
from data.service.approvals import Approvals
from data.service.assignments import Assignments
from data.service.choices import Choices
from data.service.demo_phones import DemoPhones
from data.service.desk_policy import DeskPolicies
from data.service.encounters import Encounters
from data.service.figures import RoomFigures
from data.service.hand_over import HandOvers
from data.service.live import LiveFeed
from data.service.lookups import Lookups
from data.service.past_breaches import PastBreaches
from data.service.provider import Provider
from data.service.reach import Reaches
from data.service.rehearsal import Rehearsals
from data.service.replays import Replays
from data.service.reveals import Reveals
from data.service.routines import Routines
from data.service.second_factor import SecondFactor, secret_key
from data.service.security_keys import SecurityKeys
from data.service.sign_in import SignIn
from data.service.walls import Walls
from data.service.zone_checks import ZoneChecks
from data.service.zone_drafts import ZoneDrafts
from data.service.zone_export import ZoneExports
from data.service.zone_past import Pasts
from data.settings import Settings

PAGES = (
    desk,
    wall,
    wall_set_up,
    replay,
    conduct,
    look_up,
    hand_over,
    zone_list,
    studio,
    history,
    kpi,
    access,
    signatures,
    accounts,
    desk_policy,
    pop_out.MAP,
    pop_out.CASE,
)
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
    people_clock = SystemClock() if settings.demo else clock
    if door is None:
        # In a demo nobody has an app ready; its seats and accounts are of nobody real.
        key = None if settings.demo else secret_key(settings.secret_key_file)
        door = SignIn(
            engine,
            people_clock,
            factor=SecondFactor(key) if key else None,
            keys=SecurityKeys(engine, people_clock, key_origin(settings)) if key else None,
        )
    reaches = Reaches(engine, people_clock)
    reveals = Reveals(engine, people_clock)
    rate = settings.demo_speed if settings.demo else 1.0
    work = AlertWork(engine, clock, rate, reaches)
    seen = Alerts(engine, clock, reaches)
    approvals = Approvals(engine, clock, settings.time_zone)
    checks = ZoneChecks(engine, people_clock, Pasts(settings.time_zone))
    drafts = ZoneDrafts(engine, clock, reaches, approvals, checks, settings.time_zone)
    room = Room(
        settings,
        clock,
        seen,
        work,
        reaches,
        reveals,
        HandOvers(engine, clock, seen, reaches),
        Assignments(engine, people_clock),
        approvals,
        Lookups(engine, people_clock, settings.time_zone),
        PastBreaches(engine, clock, reaches),
        drafts,
        Choices(engine, people_clock),
        Rehearsals(engine, clock, drafts),
        ZoneExports(engine, clock, drafts),
        Routines(engine, clock, people_clock, settings.time_zone),
        Encounters(engine, clock, people_clock, settings.time_zone),
        RoomFigures(seen, clock, reaches, settings.time_zone),
        DeskPolicies(engine, people_clock),
        build_of(Path(__file__).parents[1]),
    )
    server = _server(settings)
    walls = Walls(engine, people_clock)
    gate = guard.Gate(settings, door, walls, {page.PATH: page.ACTION for page in PAGES})
    gate.guard(server)
    answer_errors(server, is_demo=settings.demo)
    sign_in.add_routes(
        server,
        settings,
        door,
        gate,
        walls,
        lambda seated: room.assignments.give_in_demo(seated.user_id, seated.role),
    )
    if settings.oidc_issuer and not settings.demo:
        back = key_origin(settings) + provider.WAY_BACK
        provider.add_routes(server, settings, door, Provider(settings, people_clock, back))
    second_factor.add_routes(server, settings, door)
    security_keys.add_routes(server, settings, door)
    step_up.add_routes(server, settings, door)
    wall_in.add_routes(server, settings, walls)
    health.add_routes(server, LiveFeed(engine))
    access_routes.add_routes(server, room.lookups)
    layers.add_routes(server, engine, clock, reaches)
    replay_routes.add_routes(
        server,
        engine,
        clock,
        reaches,
        Replays(engine, people_clock),
        settings.time_zone,
    )
    alerts.add_routes(server, room)
    history_routes.add_routes(server, engine, room)
    zones.add_routes(server, room)
    streets.add_routes(server, engine)
    choices.add_routes(server, room.choices)
    if settings.demo:
        demo_phones.add_routes(server, DemoPhones(engine, clock, seen, reaches))
    app = _app(server, room)
    socketio = _socketio(server, settings)
    live = Live(
        socketio,
        engine,
        clock,
        gate,
        room.alerts,
        reaches,
        reveals,
        most_clients=settings.web_threads - THREADS_FOR_PAGES,
        rate=rate,
        build=room.build,
    )
    server.wsgi_app = guard.SocketGate(server.wsgi_app, gate, settings)  # type: ignore[method-assign]
    if settings.public_url:
        # Only then is there a proxy whose word on the peer's address counts.
        server.wsgi_app = ProxyFix(server.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    guard.entries(server, app, socketio)

    @server.before_request
    def only_bodies_of_our_pages() -> None:
        if flask.request.endpoint == "/_dash-update-component":
            check_body(flask.request.get_json(silent=True), app.callback_map)

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
    app.early = {replay.PATH: replay.asked_early}
    app.layout = shell.layout
    shell.connect(app)
    for page in PAGES:
        way = {"path_template" if "<" in page.PATH else "path": page.PATH}
        dash.register_page(page.PATH, **way, title=page.TITLE, layout=page.page(room))
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


def key_origin(settings: Settings) -> str:
    """The address that security keys are bound to.

    Without VIGIL_PUBLIC_URL it is this machine by name: browsers bind no key to a number.
    """
    return settings.public_url or f"http://localhost:{settings.web_port}"


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
