"""The telephones of a demo over HTTP; a room that is none has no such address."""

from __future__ import annotations

from flask import Flask, Response, jsonify

from dashboard.guard import needs, viewer
from data.rules.access import Action
from data.service.demo_phones import DemoPhones


def add_routes(server: Flask, phones: DemoPhones) -> None:
    """Adds everything below `/demo/phones`."""

    @server.get("/demo/phones.json")
    @needs(Action.SEE_CASE)
    def demo_phones() -> Response:
        return jsonify(
            messages=[
                {
                    "notice_id": each.notice_id,
                    "alert_id": each.alert_id,
                    "to": each.to,
                    "words": each.words,
                    "arrived_at": each.arrived_at.isoformat(),
                    "read_at": None if each.read_at is None else each.read_at.isoformat(),
                }
                for each in phones.messages(viewer())
            ]
        )

    @server.post("/demo/phones/<int(max=9223372036854775807):notice_id>/read")
    @needs(Action.SEE_CASE)
    def demo_phone_read(notice_id: int) -> tuple[str, int]:
        phones.read(viewer(), notice_id)
        return "", 204
