"""A person's own choices over HTTP: read whole, kept one by one."""

from __future__ import annotations

from flask import Flask, Response, jsonify, request

from dashboard.guard import needs, viewer
from data.errors import BadInput
from data.rules.access import Action
from data.service.choices import Choices


def add_routes(server: Flask, choices: Choices) -> None:
    """Adds `/my/choices`: GET gives all by name, POST keeps {"name": ..., "value": {...}}."""

    @server.get("/my/choices")
    @needs(Action.KEEP_OWN_CHOICES)
    def my_choices() -> Response:
        return jsonify(choices.of(viewer()))

    @server.post("/my/choices")
    @needs(Action.KEEP_OWN_CHOICES)
    def keep_my_choice() -> tuple[str, int]:
        body = request.get_json(silent=True)
        if not isinstance(body, dict) or not isinstance(body.get("name"), str):
            raise BadInput("name", "which choice this is")
        choices.keep(viewer(), body["name"], body.get("value"))
        return "", 204
