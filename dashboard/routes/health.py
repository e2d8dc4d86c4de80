"""One word for probes: whether this process and its database answer. Nothing about any case."""

from __future__ import annotations

from flask import Flask, Response, jsonify

from dashboard.guard import open_to_all
from data.service.live import LiveFeed


def add_routes(server: Flask, feed: LiveFeed) -> None:
    """Adds `/health`: 200 {"status": "ok"}, or 503 while the database is away."""

    @server.get("/health")
    @open_to_all
    def health() -> Response:
        feed.last_id()
        return jsonify(status="ok")
