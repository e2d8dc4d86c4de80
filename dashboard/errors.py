"""Errors as people meet them: one table from error to status and heading, one look."""

from __future__ import annotations

import json
import logging
import secrets
from html import escape

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from dashboard.appearance import theme_of
from data.errors import (
    BadInput,
    Clash,
    NotFound,
    Refused,
    StepUpNeeded,
    TooManyTries,
    Unauthorised,
    Unavailable,
    VigilError,
)

log = logging.getLogger(__name__)

STATUSES: dict[type[VigilError], tuple[int, str]] = {
    BadInput: (400, "That cannot be right"),
    Unauthorised: (401, "Sign in first"),
    StepUpNeeded: (401, "Is it still you?"),
    Refused: (403, "Not for this role"),
    NotFound: (404, "Nothing here"),
    Clash: (409, "Somebody was first"),
    TooManyTries: (429, "Too many tries"),
    Unavailable: (503, "Not answering just now"),
    VigilError: (500, "Something went wrong"),
}
"""Looked up along the error's ancestors, so a new kind of error has a status from its parent."""


_IS_DEMO = "IS_DEMO"

STEP_UP_WORD = "step_up"
"""How a program tells "prove that it is still you, then ask again" from "sign in"."""


def status_of(error: VigilError) -> tuple[int, str]:
    """HTTP status and heading of an error."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def answer_errors(server: Flask, *, is_demo: bool = False) -> None:
    """Gives every error of this server our look: a page to people, JSON to programs.

    Args:
        server: the web server.
        is_demo: every screen of a demo says so, this one too.
    """
    server.config[_IS_DEMO] = is_demo

    @server.errorhandler(VigilError)
    def on_purpose(error: VigilError) -> Response:
        status, heading = status_of(error)
        if isinstance(error, StepUpNeeded):
            return _answer(status, heading, str(error), word=STEP_UP_WORD, way=STEP_UP_WAY)
        response = _answer(status, heading, str(error))
        if isinstance(error, TooManyTries):
            response.headers["Retry-After"] = str(error.wait_s)
        return response

    @server.errorhandler(HTTPException)
    def by_the_server(error: HTTPException) -> Response:
        status = error.code or 500
        return _answer(status, error.name, f"The request was not understood ({status}).")

    @server.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        # The reference finds the trace in the log; the screen says nothing of the inside.
        reference = secrets.token_hex(4).upper()
        log.exception("ref %s: %s %s", reference, request.method, request.endpoint)
        return _answer(500, "Something went wrong", f"It has been written down. Ref {reference}")


STEP_UP_WAY = ("/step-up", "Show that it is you")


def _answer(
    status: int,
    heading: str,
    words: str,
    *,
    word: str | None = None,
    way: tuple[str, str] = ("/", "Back to the room"),
) -> Response:
    """`word` is for programs; `way` is where a person goes from here: address and words."""
    if "text/html" not in request.headers.get("Accept", ""):
        said = {"error": heading, "message": words} | ({"word": word} if word else {})
        return Response(json.dumps(said), status, mimetype="application/json")
    page = _PAGE.format(
        theme=theme_of(request.cookies),
        demo_mark=' data-demo="1"' if current_app.config[_IS_DEMO] else "",
        heading=escape(heading),
        words=escape(words),
        status=status,
        way=way[0],
        way_words=escape(way[1]),
    )
    return Response(page, status, mimetype="text/html")


_PAGE = """<!DOCTYPE html>
<html lang="en" data-theme="{theme}"{demo_mark}>
<head><meta charset="utf-8"><title>{heading} · Vigil</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/sign-in/style.css"></head>
<body><main class="card"><p class="mark">Vigil</p><h1>{heading}</h1><p>{words}</p>
<p class="quiet">{status}</p><p><a href="{way}">{way_words}</a></p></main></body></html>
"""
