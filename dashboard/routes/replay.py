"""Hands a replay its data: tracks as packed binary, everything else as JSON, each by period.

The address holds ids and moments only. All drawing and deciding is in `layers`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import orjson
from flask import Flask, Response, jsonify, request
from sqlalchemy import Connection, Engine, Row

from dashboard.guard import needs, viewer
from data.clock import Clock, read_moment
from data.errors import BadInput, NotFound, Refused
from data.rules.access import Action
from data.rules.reach import Reach
from data.service.kept_tracks import KeptTracks
from data.service.reach import Reaches
from data.service.replays import Replays
from data.store import bookmarks, tracks
from data.store.reading import reading
from layers import replay, replay_hers, replay_lanes, replay_zones
from layers.replay import Period

_NUMBER = "<int(max=9223372036854775807):activation_id>"


def add_routes(
    server: Flask,
    engine: Engine,
    clock: Clock,
    reaches: Reaches,
    replays: Replays,
    time_zone: ZoneInfo,
) -> None:
    """Adds everything below `/replay/`; the page itself is `dashboard.pages.replay`."""
    tracks_read = KeptTracks()

    @contextmanager
    def subject(activation_id: int) -> Iterator[tuple[Connection, Reach, Row]]:
        """An open connection and whose track it is; who may not is written down."""
        reach = reaches.of(viewer())
        with reading(engine) as connection:
            try:
                row = replay.get_subject(connection, reach, activation_id)
            except (Refused, NotFound):
                reaches.note_refusal(viewer(), Action.SEE_REPLAY, "activation", activation_id)
                raise
            yield connection, reach, row

    @server.get("/replay/choices.json")
    @needs(Action.SEE_REPLAY)
    def replay_choices() -> Response:
        reach = reaches.of(viewer())
        with reading(engine) as connection:
            found = replay.find_choices(connection, reach)
            return jsonify({"now_s": clock.now().timestamp(), "choices": found})

    @server.get(f"/replay/{_NUMBER}/about.json")
    @needs(Action.SEE_REPLAY)
    def replay_about(activation_id: int) -> Response:
        with subject(activation_id) as (connection, reach, row):
            bounds = tracks.find_bounds(connection, activation_id)
            return jsonify(
                {
                    "activation_id": activation_id,
                    "case_codes": replay.find_codes(connection, reach, row.person_id),
                    "role": row.role,
                    "kind": row.kind,
                    "serial": row.serial,
                    "firmware": row.firmware,
                    "report_every_s": row.report_every_s,
                    "first_s": bounds.first.timestamp() if bounds else None,
                    "last_s": bounds.last.timestamp() if bounds else None,
                }
            )

    @server.get(f"/replay/{_NUMBER}/track.bin")
    @needs(Action.SEE_REPLAY)
    def replay_track(activation_id: int) -> Response:
        period = _period()
        with subject(activation_id) as (connection, _, _row):
            kept = tracks_read.get(connection, activation_id, period.first, period.last)
        dataset = kept.track.dataset
        replays.note_opened(
            viewer(),
            activation_id,
            period.first,
            period.last,
            fixes=len(kept.track),
            dataset=dataset,
        )
        if dataset in request.if_none_match:
            return Response(status=304, headers={"ETag": f'"{dataset}"'})
        response = Response(replay.packed(kept, period), mimetype="application/octet-stream")
        response.headers["ETag"] = f'"{dataset}"'
        return response

    @server.get(f"/replay/{_NUMBER}/lanes.json")
    @needs(Action.SEE_REPLAY)
    def replay_lanes_of(activation_id: int) -> Response:
        period = _period()
        with subject(activation_id) as (connection, reach, row):
            kept = tracks_read.get(connection, activation_id, period.first, period.last)
            found = replay_lanes.lanes(
                connection,
                reach,
                activation_id,
                row.person_id,
                period,
                kept,
                clock.now(),
                time_zone,
            )
            return Response(orjson.dumps(found), mimetype="application/json")

    @server.get(f"/replay/{_NUMBER}/zones.json")
    @needs(Action.SEE_REPLAY)
    def replay_zones_of(activation_id: int) -> Response:
        period = _period()
        with subject(activation_id) as (connection, reach, row):
            versions = replay_zones.find_versions(connection, reach, row.person_id, period)
        body, tag = replay_zones.as_json(versions, period)
        return Response(body, mimetype="application/json", headers={"ETag": tag})

    @server.get(f"/replay/{_NUMBER}/near.bin")
    @needs(Action.SEE_REPLAY)
    def replay_near(activation_id: int) -> Response:
        period = _period()
        with subject(activation_id) as (connection, reach, row):
            versions = replay_zones.find_versions(connection, reach, row.person_id, period)
            kept = tracks_read.get(connection, activation_id, period.first, period.last)
            near = replay_zones.near(connection, kept.track, kept.drawn, versions, period)
        body = replay_zones.packed(kept.track, kept.drawn, near)
        return Response(body, mimetype="application/octet-stream")

    @server.get(f"/replay/{_NUMBER}/hers.json")
    @needs(Action.SEE_REPLAY)
    def replay_hers_of(activation_id: int) -> Response:
        period = _period()
        with subject(activation_id) as (connection, reach, row):
            found = replay_hers.hers(
                connection, reach, row.person_id, activation_id, period, replays.clock.now()
            )
        # On record before it is on a screen.
        replays.note_hers(viewer(), found.shown, period.first, period.last)
        return Response(orjson.dumps(found.body), mimetype="application/json")

    @server.get(f"/replay/{_NUMBER}/summary.json")
    @needs(Action.SEE_REPLAY)
    def replay_summary(activation_id: int) -> Response:
        period = _period()
        with subject(activation_id) as (connection, _, _row):
            kept = tracks_read.get(connection, activation_id, period.first, period.last)
        return jsonify(replay_lanes.sum_of(kept, period))

    @server.get(f"/replay/{_NUMBER}/places.json")
    @needs(Action.SEE_REPLAY)
    def replay_places(activation_id: int) -> Response:
        until = min(_moment("to"), clock.now())
        with subject(activation_id) as (connection, _, _row):
            found = replay_lanes.usual_places(connection, activation_id, until, time_zone)
            return jsonify({"places": found})

    @server.get(f"/replay/{_NUMBER}/bookmarks.json")
    @needs(Action.SEE_REPLAY)
    def replay_bookmarks(activation_id: int) -> Response:
        with subject(activation_id) as (connection, _, _row):
            found = [
                {
                    "bookmark_id": row.bookmark_id,
                    "at_s": row.at.timestamp(),
                    "words": row.words,
                    "author": row.login,
                    "made_s": row.made_at.timestamp(),
                    "address": row.address,
                }
                for row in bookmarks.find(connection, activation_id)
            ]
        return jsonify({"bookmarks": found})

    @server.post(f"/replay/{_NUMBER}/bookmarks.json")
    @needs(Action.KEEP_BOOKMARK)
    def keep_replay_bookmark(activation_id: int) -> Response:
        with subject(activation_id):
            pass  # whose track it is decides; the keeping is a transaction of its own
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            raise BadInput("body", "a JSON object")
        at_s, words, address = body.get("at_s"), body.get("words"), body.get("address")
        if not isinstance(at_s, int | float) or isinstance(at_s, bool):
            raise BadInput("at_s", "unix seconds", at_s)
        if not isinstance(words, str) or not isinstance(address, str):
            raise BadInput("words", "words, and the address of the view")
        bookmark_id = replays.keep_bookmark(viewer(), activation_id, _unix(at_s), words, address)
        return jsonify({"bookmark_id": bookmark_id})


def _period() -> Period:
    return Period(_moment("from"), _moment("to"))


def _moment(field: str) -> datetime:
    """A moment of the address: unix seconds, or ISO 8601 with an offset."""
    words = request.args.get(field, "")
    try:
        return _unix(float(words))
    except ValueError:
        pass
    return read_moment(words, field)


def _unix(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise BadInput("at_s", "unix seconds", seconds) from error
