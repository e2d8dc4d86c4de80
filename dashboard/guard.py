"""The gate: nobody gets anything without a session, and everything names its action.

One check runs before every request. Every view, callback and socket event carries the `Action`
it needs; `undecided` lists those that carry none, and the start-up fails while it lists any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from flask import Flask, Response, g, redirect, request
from werkzeug.exceptions import BadRequest
from werkzeug.http import parse_cookie
from werkzeug.wrappers import Response as AnyResponse

from data.errors import NotFound, Refused, StepUpNeeded, Unauthorised, Unavailable
from data.model.user import Role, Viewer
from data.rules.access import Action, decide, needs_step_up
from data.service.sign_in import SignIn
from data.service.walls import TOKEN_MARK, Walls
from data.settings import Settings

if TYPE_CHECKING:
    from dash import Dash
    from flask_socketio import SocketIO

SIGN_IN = "/sign-in"
SECOND_FACTOR = "/second-factor"
SECURITY_KEYS = "/second-factor/keys"

WALL_COOKIE_FOR = timedelta(days=400)
"""The longest a browser keeps a cookie. The wall itself holds until it is revoked."""

# What Dash itself serves. The layout is an empty shell: pages and callbacks ask for themselves.
DASH_ENDPOINTS: dict[str, Action] = {
    "/": Action.ENTER,
    "/<path:path>": Action.ENTER,
    "_dash_assets.static": Action.ENTER,
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": Action.ENTER,
    "/_dash-layout": Action.ENTER,
    "/_dash-dependencies": Action.ENTER,
    "/_dash-update-component": Action.ENTER,
    "/_favicon.ico": Action.ENTER,
}

# Dash's development reload: nobody's, in any role.
CLOSED_ENDPOINTS = frozenset({"/_reload-hash"})

# Dash's own callback that puts a page into the shell; each page's layout asks for its action.
DASH_CALLBACKS: dict[str, Action] = {"_pages_content.children": Action.ENTER}

# Answered before anybody is known, with what each may give away: nothing.
SOCKET_LIFE = frozenset({"connect", "disconnect"})


class Entry(NamedTuple):
    """One thing that can be asked of the running program. `action` None: open to everybody."""

    kind: str  # "route", "callback" or "event"
    name: str
    action: Action | None


class UndecidedError(RuntimeError):
    """Something would answer without naming its action; the start-up stops."""


def needs(action: Action) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Marks a view, callback or page layout with its action, and refuses whoever may not."""

    def mark(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def asked(*args: Any, **kwargs: Any) -> Any:
            require(action)
            return function(*args, **kwargs)

        asked.vigil_action = action  # type: ignore[attr-defined]
        return asked

    return mark


def require(action: Action) -> None:
    """Returns when whoever is asking may do this now.

    Raises:
        Refused: their role may not.
        StepUpNeeded: they may, once they have proved that it is still them.
    """
    decision = decide(viewer().role, action)
    if not decision.allowed:
        raise Refused(decision.reason)
    if needs_step_up(action, viewer().stepped_up_at, g.asked_at):
        raise StepUpNeeded("This needs a fresh proof that it is you, five minutes old at most.")


def open_to_all(function: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a view that answers without a session. There are few; think before adding one."""
    function.vigil_open = True  # type: ignore[attr-defined]
    return function


def viewer() -> Viewer:
    """Who is asking, as the gate found out for this request.

    Raises:
        Unauthorised: the gate has not let anybody in.
    """
    found = g.get("viewer")
    if found is None:
        raise Unauthorised("Sign in first.")
    return found


def cookie_name(settings: Settings) -> str:
    """`__Host-` binds the cookie to this host over TLS; browsers refuse it over plain http."""
    return "__Host-vigil" if is_https(settings) else "vigil"


def is_https(settings: Settings) -> bool:
    """Whether people reach the room over TLS."""
    return (settings.public_url or "").startswith("https://")


def set_cookie(response: AnyResponse, settings: Settings, value: str, role: Role) -> None:
    """Hands the session to the browser; a wall keeps it over the browser's own restarts."""
    response.set_cookie(
        cookie_name(settings),
        value,
        max_age=WALL_COOKIE_FOR if role is Role.WALL else None,
        secure=is_https(settings),
        httponly=True,
        samesite="Strict",
        path="/",
    )


def is_same_origin(environ: dict[str, Any], public_url: str | None) -> bool:
    """Whether this request came from a page of ours, or from no browser at all.

    A browser names the origin with every request that could change something or open a socket;
    a program that sends none has no other site's page behind it.
    """
    if environ.get("HTTP_SEC_FETCH_SITE", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = environ.get("HTTP_ORIGIN")
    if origin is None:
        return True
    ours = public_url or f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '')}"
    return urlsplit(origin)[:2] == urlsplit(ours)[:2]


class Gate:
    """Stands before every request of the Flask server."""

    def __init__(
        self, settings: Settings, door: SignIn, walls: Walls, pages: dict[str, Action]
    ) -> None:
        self._settings = settings
        self._door = door
        self._walls = walls
        self._pages = pages
        self._server: Flask | None = None

    def guard(self, server: Flask) -> None:
        """Puts the gate before everything else of this server, Dash's own set-up included."""
        self._server = server
        server.before_request_funcs.setdefault(None, []).insert(0, self._check)

    def viewer_of(self, cookies: Any, peer: str) -> Viewer | None:
        """Who holds the session of these cookies: a person, or a wall."""
        cookie = cookies.get(cookie_name(self._settings))
        if not cookie:
            return None
        if cookie.startswith(TOKEN_MARK):
            return self._walls.viewer_of(cookie, peer)
        return self._door.viewer_of(cookie, peer)

    def now(self) -> datetime:
        """The moment by which sessions are judged: real time, also in a demo."""
        return self._door.now()

    def find_holding(self, session_ids: Iterable[int]) -> dict[int, Viewer]:
        """Those of these sessions, of people and of walls, that still hold, with who is behind."""
        wanted = set(session_ids)
        people = self._door.find_holding({each for each in wanted if each > 0})
        return people | self._walls.find_holding(wanted)

    def _check(self) -> AnyResponse | None:
        """None lets the request through; raises or redirects otherwise."""
        if isinstance(request.routing_exception, BadRequest):
            raise request.routing_exception  # a name for our address that is not ours
        self._check_origin()
        view = self._view()
        if getattr(view, "vigil_open", False):
            return None
        g.viewer = self.viewer_of(request.cookies, request.remote_addr or "")
        g.asked_at = self._door.now()
        if g.viewer is None:
            if _is_navigation():
                return redirect(SIGN_IN)
            raise Unauthorised("Sign in first.")
        action = action_of(request.endpoint, view)
        if action is None:
            raise NotFound("There is nothing here.")
        if request.endpoint == "/":
            return redirect(self._home(g.viewer.role))
        if request.endpoint == "/<path:path>":
            action = page_action(self._pages, request.path)
            if action is None:
                raise NotFound("There is no such page.")
        require(action)
        return None

    def _home(self, role: Role) -> str:
        """The first screen this role may open.

        Raises:
            Refused: it has none.
        """
        for path, action in self._pages.items():
            if decide(role, action).allowed and "<" not in path:
                return path
        raise Refused("This role has no screen here. Its work is done with app.py.")

    def _view(self) -> Callable[..., Any] | None:
        assert self._server is not None
        return self._server.view_functions.get(request.endpoint or "")

    def _check_origin(self) -> None:
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return
        if not is_same_origin(request.environ, self._settings.public_url):
            raise Refused("This came from another site's page.")
        # A form on another site can post anything but this without asking us first.
        if request.mimetype != "application/json":
            raise Refused("Only JSON is taken here.")


class SocketGate:
    """The same for the socket, which is answered before Flask sees the request."""

    def __init__(self, wsgi_app: Any, gate: Gate, settings: Settings) -> None:
        self._wsgi_app = wsgi_app
        self._gate = gate
        self._settings = settings

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answers 400, 401 and 503 itself; lets everything else through."""
        if environ.get("PATH_INFO", "").startswith("/socket.io"):
            refusal = self._refusal(environ)
            if refusal is not None:
                return refusal(environ, start_response)
        return self._wsgi_app(environ, start_response)

    def _refusal(self, environ: dict[str, Any]) -> Response | None:
        if not is_same_origin(environ, self._settings.public_url):
            return Response("This came from another site's page.", 400, SECURITY_HEADERS)
        # Every browser names one of the two when a page of ours opens a socket.
        if not {"HTTP_ORIGIN", "HTTP_SEC_FETCH_SITE"} & environ.keys():
            return Response("A socket is opened by a page.", 401, SECURITY_HEADERS)
        peer = environ.get("REMOTE_ADDR", "")
        try:
            viewer = self._gate.viewer_of(parse_cookie(environ), peer)
        except Unavailable as error:
            return Response(str(error), 503, SECURITY_HEADERS)
        if viewer is None:
            return Response("Sign in first.", 401, SECURITY_HEADERS)
        return None


SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
"""On every answer. A view that may be kept by the browser sets its own Cache-Control."""


def content_policy(script_hashes: Iterable[str]) -> str:
    """The Content-Security-Policy: nothing but what we serve, and only scripts we know.

    Styles may be inline because plotly and the form components write them; they cannot fetch.
    """
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {' '.join(script_hashes)}".strip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "worker-src 'self'",
            "connect-src 'self'",
            "font-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def dress(server: Flask, settings: Settings, policy: str) -> None:
    """Puts the security headers on every answer of this server, errors included."""

    @server.after_request
    def add_headers(response: Response) -> Response:
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers["Content-Security-Policy"] = policy
        if is_https(settings):
            response.headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
        # Fingerprinted scripts never change; Dash says so itself, but to shared caches as well.
        if response.headers["Cache-Control"].startswith("public"):
            kept = response.headers["Cache-Control"].replace("public", "private", 1)
            response.headers["Cache-Control"] = kept
        return response


def page_action(pages: dict[str, Action], path: str) -> Action | None:
    """The action of the page at this address; None: there is none.

    Args:
        pages: actions by address; a `<word>` in one stands for any one part of an address.
        path: what was asked for.
    """
    if path in pages:
        return pages[path]
    parts = path.split("/")
    for template, action in pages.items():
        names = template.split("/")
        if len(names) == len(parts) and all(
            name == part or (name.startswith("<") and part)
            for name, part in zip(names, parts, strict=True)
        ):
            return action
    return None


def action_of(endpoint: str | None, view: Callable[..., Any] | None) -> Action | None:
    """The action an endpoint needs; None: nobody has decided, so nobody may."""
    return DASH_ENDPOINTS.get(endpoint or "") or getattr(view, "vigil_action", None)


def entries(server: Flask, app: Dash, socketio: SocketIO) -> list[Entry]:
    """Everything the running program answers, with the action it needs.

    Raises:
        UndecidedError: something names none.
    """
    found: list[Entry] = []
    for rule in server.url_map.iter_rules():
        view = server.view_functions[rule.endpoint]
        if rule.endpoint in CLOSED_ENDPOINTS:
            continue
        action = action_of(rule.endpoint, view)
        if action is None and not getattr(view, "vigil_open", False):
            raise UndecidedError(f"The route {rule.rule} names no action.")
        found.append(Entry("route", rule.rule, action))
    for name, callback in app.callback_map.items():
        function = callback.get("callback")
        if function is None:
            continue  # runs in the browser
        action = getattr(function, "vigil_action", None) or next(
            (known for part, known in DASH_CALLBACKS.items() if part in name), None
        )
        if action is None:
            raise UndecidedError(f"The callback {name} names no action.")
        found.append(Entry("callback", name, action))
    for name, handler in socketio.server.handlers.get("/", {}).items():
        action = getattr(handler, "vigil_action", None)
        if action is None and name not in SOCKET_LIFE:
            raise UndecidedError(f"The socket event {name} names no action.")
        found.append(Entry("event", name, action))
    return found


def _is_navigation() -> bool:
    """Whether a person's browser asks for a page, rather than a page for its data."""
    if request.method != "GET" or request.path.startswith(("/_dash", "/layers", "/assets")):
        return False
    mode = request.headers.get("Sec-Fetch-Mode")
    return mode == "navigate" if mode else "text/html" in request.headers.get("Accept", "")
