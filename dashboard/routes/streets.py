"""Finds streets of the base map for whoever may see the map.

A search is posted, not put into an address: what somebody types may be where she lives, and
addresses are logged.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Flask, Response, jsonify, request
from sqlalchemy import Engine

from dashboard.guard import needs
from data.errors import BadInput
from data.geo import LonLat
from data.rules.access import Action
from data.service.address_search import find_street


def add_routes(server: Flask, engine: Engine) -> None:
    """Adds `/find-street`.

    In: {"words": "kungs", "near": [lon, lat] or null}. Out: {"streets": [...]}, each with name,
    source, lon, lat and bounds [west, south, east, north].
    """

    @server.post("/find-street")
    @needs(Action.SEE_MAP)
    def find_street_places() -> Response:
        body = request.get_json(silent=True)
        asked: dict[str, Any] = body if isinstance(body, dict) else {}
        words = asked.get("words")
        if not isinstance(words, str):
            raise BadInput("words", "the beginning of a street's name")
        found = find_street(engine, words, _near(asked.get("near")))
        return jsonify(streets=[asdict(each) for each in found])


def _near(place: Any) -> LonLat | None:
    if place is None:
        return None
    try:
        lon, lat = (float(each) for each in place)
    except (TypeError, ValueError) as error:
        raise BadInput("near", "[longitude, latitude]") from error
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):  # false for what is not a number, too
        raise BadInput("near", "[longitude, latitude] in degrees")
    return LonLat(lon, lat)
