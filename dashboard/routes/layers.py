"""Hands the map layers to browsers, each cut to what the viewer may see.

All drawing is in `layers`.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, request
from sqlalchemy import Engine

from dashboard.guard import needs, viewer
from data.clock import Clock
from data.errors import BadInput
from data.rules.access import Action
from data.store.reading import reading
from layers import basemap, catalogue, tags, trails, zones

KEPT_FOR_S = 300
"""How long a browser keeps a tile before it asks whether there is a newer one."""


def add_routes(server: Flask, engine: Engine, clock: Clock) -> None:
    """Adds everything below `/layers`."""
    tiles = basemap.Tiles()

    @server.get("/layers/catalogue.json")
    @needs(Action.SEE_MAP)
    def layer_catalogue() -> Response:
        return jsonify(catalogue.catalogue())

    @server.get("/layers/basemap.json")
    @needs(Action.SEE_MAP)
    def layer_basemap() -> Response:
        with reading(engine) as connection:
            return jsonify(basemap.metadata(connection))

    @server.get("/layers/basemap/<int:z>/<int:x>/<int:y>.mvt")
    @needs(Action.SEE_MAP)
    def layer_basemap_tile(z: int, x: int, y: int) -> Response:
        with reading(engine) as connection:
            body, tag = tiles.get(connection, z, x, y)
        # Streets are no secret, but who looked at which is nobody's business: private.
        response = _tagged(body, tag, "application/vnd.mapbox-vector-tile")
        response.headers["Cache-Control"] = f"private, max-age={KEPT_FOR_S}"
        return response

    @server.get("/layers/zones.geojson")
    @needs(Action.SEE_MAP)
    def layer_zones() -> Response:
        with reading(engine) as connection:
            body, tag = zones.geojson(connection, viewer(), clock.now())
        return _tagged(body, tag, "application/geo+json")

    @server.get("/layers/tags.json")
    @needs(Action.SEE_MAP)
    def layer_tags() -> Response:
        with reading(engine) as connection:
            return jsonify(tags.directory(connection, viewer()))

    @server.get("/layers/trail/<int(max=9223372036854775807):activation_id>.json")
    @needs(Action.SEE_TRAIL)
    def layer_trail(activation_id: int) -> Response:
        minutes = _minutes(request.args.get("minutes", "6"))
        with reading(engine) as connection:
            return jsonify(trails.trail(connection, viewer(), activation_id, clock.now(), minutes))


def _tagged(body: bytes, tag: str, mimetype: str) -> Response:
    """The body with its ETag, or 304 to a browser that names it. Kept nowhere, unless said so."""
    response = Response(body, mimetype=mimetype)
    response.headers["ETag"] = tag
    found: Any = response.make_conditional(request)
    return found


def _minutes(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise BadInput("minutes", "a number", text) from error
