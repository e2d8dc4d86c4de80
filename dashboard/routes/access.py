"""The export of who looked at whom, for an inspector."""

from __future__ import annotations

from flask import Flask, Response

from dashboard.guard import needs, viewer
from dashboard.panels.looks import EXPORT
from data.rules.access import Action
from data.service.lookups import Lookups


def add_routes(server: Flask, lookups: Lookups) -> None:
    """Adds the file. It names no case in its address, and is made under a number of its own."""

    @server.get(EXPORT)
    @needs(Action.EXPORT_ACCESS)
    def access_export() -> Response:
        export_id, body = lookups.export(viewer())
        name = f"vigil-access-{export_id}.csv"
        return Response(
            body,
            mimetype="text/csv",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
