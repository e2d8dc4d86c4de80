"""Hands the map layers to browsers, each cut to what the viewer may see.

All drawing is in `layers`.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, request
from sqlalchemy import Engine

from dashboard.guard import needs, viewer
from data.clock import Clock, read_moment
from data.errors import BadInput, NotFound, Refused
from data.rules.access import Action
from data.service.reach import Reaches
from data.store.reading import reading
from layers import basemap, catalogue, strip, tags, trails, zones

KEPT_FOR_S = 300
"""How long a browser keeps a tile before it asks whether there is a newer one."""


def add_routes(server: Flask, engine: Engine, clock: Clock, reaches: Reaches) -> None:
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
        reach = reaches.of(viewer())
        with reading(engine) as connection:
            asked = request.args.get("at")
            at = clock.now() if asked is None else read_moment(asked, "at")
            has_drafts = "drafts" in request.args
            body, tag = zones.geojson(connection, reach, at, has_drafts=has_drafts)
        return _tagged(body, tag, "application/geo+json")

    @server.get("/layers/tags.json")
    @needs(Action.SEE_MAP)
    def layer_tags() -> Response:
        reach = reaches.of(viewer())
        with reading(engine) as connection:
            return jsonify(tags.directory(connection, reach))

    @server.get("/layers/trail/<int(max=9223372036854775807):activation_id>.json")
    @needs(Action.SEE_TRAIL)
    def layer_trail(activation_id: int) -> Response:
        minutes = _minutes(request.args.get("minutes", "6"))
        reach = reaches.of(viewer())
        try:
            with reading(engine) as connection:
                found = trails.trail(connection, reach, activation_id, clock.now(), minutes)
                return jsonify(found)
        except (Refused, NotFound):
            reaches.note_refusal(viewer(), Action.SEE_TRAIL, "activation", activation_id)
            raise

    @server.get("/layers/strip/<int(max=9223372036854775807):activation_id>.json")
    @needs(Action.SEE_TRAIL)
    def layer_strip(activation_id: int) -> Response:
        zone_id = _number("zone", request.args.get("zone"))
        reach = reaches.of(viewer())
        try:
            with reading(engine) as connection:
                return jsonify(strip.strip(connection, reach, activation_id, zone_id, clock.now()))
        except (Refused, NotFound):
            reaches.note_refusal(viewer(), Action.SEE_TRAIL, "activation", activation_id)
            raise


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


def _number(field: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadInput(field, "a record's number", text)
    return int(text)
