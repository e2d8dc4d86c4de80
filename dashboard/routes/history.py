"""Past breaches for browsers: tiles, the list, the counts, one of them. All cut to the viewer.

A tile is kept in the process for a while, under what the viewer may see and wants to see. The
browser keeps none of it (no-store): where somebody was must not lie on a machine's disk.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

import orjson
from flask import Flask, Response, request
from sqlalchemy import Engine

from dashboard.format import past_breach_json
from dashboard.guard import needs, viewer
from dashboard.history_filter import read_filter
from dashboard.room import Room
from data.errors import BadInput
from data.rules.access import Action
from data.rules.reach import Reach
from data.store.reading import reading
from layers import breach_list, breach_tracks, breaches, heat

KEPT_FOR_S = 60.0
"""A breach that has just happened is on the desk; here it may come a minute later."""

KEPT_FAR_FOR_S = 600.0
"""The same where a tile holds a whole city: with a million in it, half a second of work."""

_FAR = 11  # the last zoom that is far

_NUMBER = "<int(max=9223372036854775807):breach_id>"
_TILE = "<int:z>/<int:x>/<int:y>.mvt"
_MOST_PAGES = 50


class Kept:
    """Tiles made lately, at most so many. Safe in threads."""

    def __init__(self, most: int = 2000, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._now = now
        self._tiles: OrderedDict[Hashable, tuple[float, bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, for_s: float, make: Callable[[], bytes]) -> bytes:
        """The tile of this key, made where it is not kept or older than `for_s`."""
        with self._lock:
            found = self._tiles.get(key)
        if found is not None and self._now() - found[0] < for_s:
            return found[1]
        body = make()
        with self._lock:
            self._tiles[key] = (self._now(), body)
            self._tiles.move_to_end(key)
            while len(self._tiles) > self._most:
                self._tiles.popitem(last=False)
        return body


def add_routes(server: Flask, engine: Engine, room: Room) -> None:
    """Adds the tiles below `/layers`, and everything else below `/history/`."""
    kept, time_zone = Kept(), room.settings.time_zone

    def tile(layer: Any, place: tuple[int, int, int]) -> Response:
        wanted = read_filter(request.args, time_zone)
        reach = room.reaches.of(viewer())

        def make() -> bytes:
            with reading(engine) as connection:
                found: bytes = layer.tile(connection, reach, wanted, time_zone, place)
                return found

        for_s = KEPT_FAR_FOR_S if place[0] <= _FAR else KEPT_FOR_S
        body = kept.get((layer.__name__, _sight(reach), wanted, place), for_s, make)
        return _answer(body, "application/vnd.mapbox-vector-tile")

    @server.get(f"/layers/breaches/{_TILE}")
    @needs(Action.SEE_HISTORY)
    def layer_breaches(z: int, x: int, y: int) -> Response:
        return tile(breaches, (z, x, y))

    @server.get(f"/layers/heat/{_TILE}")
    @needs(Action.SEE_HISTORY)
    def layer_heat(z: int, x: int, y: int) -> Response:
        return tile(heat, (z, x, y))

    def told(ask: Callable[..., Any], *more: Any) -> Response:
        wanted = read_filter(request.args, time_zone)
        reach = room.reaches.of(viewer())
        with reading(engine) as connection:
            return _json(ask(connection, reach, wanted, time_zone, *more))

    @server.get("/history/list.json")
    @needs(Action.SEE_HISTORY)
    def history_list() -> Response:
        def ask(*given: Any) -> dict[str, Any]:
            total, rows = breach_list.listed(*given)
            return {"total": total, "rows": rows, "page_of": breach_list.MOST_ROWS}

        return told(ask, _page(request.args.get("page", "0")))

    @server.get("/history/zones.json")
    @needs(Action.SEE_HISTORY)
    def history_zones() -> Response:
        code = read_filter(request.args, time_zone).case_code
        found = room.past_breaches.zones_of(viewer(), code) if code else []
        return _json([{"zone_id": zone_id, "name": name} for zone_id, name in found])

    @server.get("/history/by-hour.json")
    @needs(Action.SEE_HISTORY)
    def history_by_hour() -> Response:
        return told(breach_list.by_hour)

    @server.get("/history/extent.json")
    @needs(Action.SEE_HISTORY)
    def history_extent() -> Response:
        return told(breach_list.extent)

    @server.get("/history/tracks.json")
    @needs(Action.SEE_HISTORY)
    def history_tracks() -> Response:
        return told(breach_tracks.tracks, room.clock.now())

    @server.get(f"/history/{_NUMBER}.json")
    @needs(Action.SEE_HISTORY)
    def history_breach(breach_id: int) -> Response:
        found = room.past_breaches.of(viewer(), breach_id)
        with reading(engine) as connection:
            track = breach_tracks.track(connection, found.row, room.clock.now())
        return _json(past_breach_json(found) | {"track": track})


def _sight(reach: Reach) -> Hashable:
    """All of a viewer that decides which breaches are theirs to see."""
    cases = reach.cases if reach.is_by_assignment else None
    return reach.viewer.role, reach.viewer.area, cases


def _page(written: str) -> int:
    if not (written.isascii() and written.isdecimal() and int(written) < _MOST_PAGES):
        raise BadInput("page", f"a number below {_MOST_PAGES}; narrow the filter to see older ones")
    return int(written)


def _json(found: Any) -> Response:
    return _answer(orjson.dumps(found), "application/json")


def _answer(body: bytes, mimetype: str) -> Response:
    return Response(body, mimetype=mimetype)
