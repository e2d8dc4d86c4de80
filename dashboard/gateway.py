"""The devices' own web server application: its own port, nothing of the operators behind it."""

from __future__ import annotations

import logging

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from dashboard.errors import status_of
from dashboard.routes.gateway import MessageCutOff, MessageTooLong, WrongType, add_routes
from data.errors import BadInput, TooManyTries, Unauthorised, VigilError
from data.service.intake import Intake

log = logging.getLogger(__name__)

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}
_STATUSES: dict[type[VigilError], int] = {
    MessageCutOff: 408,
    MessageTooLong: 413,
    WrongType: 415,
}


def create_gateway(intake: Intake) -> Flask:
    """The application that takes what devices send, and answers with no more than a receipt."""
    server = Flask("dashboard.gateway", static_folder=None)
    server.json.sort_keys = False  # type: ignore[attr-defined]
    add_routes(server, intake)

    @server.after_request
    def harden(response: Response) -> Response:
        response.headers.update(_HEADERS)
        return response

    @server.errorhandler(VigilError)
    def on_purpose(error: VigilError) -> tuple[Response, int]:
        status = _STATUSES.get(type(error)) or status_of(error)[0]
        response = jsonify(_words(error))
        if isinstance(error, Unauthorised):
            response.headers["WWW-Authenticate"] = 'Basic realm="Vigil gateway", charset="UTF-8"'
        if isinstance(error, TooManyTries):
            response.headers["Retry-After"] = str(error.wait_s)
        if isinstance(error, (MessageTooLong, MessageCutOff)):
            # What is left of the body is not worth reading for another request.
            response.headers["Connection"] = "close"
        return response, status

    @server.errorhandler(HTTPException)
    def by_the_server(error: HTTPException) -> tuple[Response, int]:
        return jsonify({"error": error.name}), error.code or 500

    @server.errorhandler(Exception)
    def unexpected(error: Exception) -> tuple[Response, int]:
        log.error("A device's message failed: %s", type(error).__name__, exc_info=error)
        return jsonify({"error": "Something went wrong here. Try again later."}), 500

    return server


def _words(error: VigilError) -> dict[str, object]:
    if not isinstance(error, BadInput):
        return {"error": str(error)}
    found = None if error.found is None else str(error.found)[:60]
    return {
        "error": "That cannot be right.",
        "field": error.field,
        "expected": error.expected,
        "found": found,
    }
