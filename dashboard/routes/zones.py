"""The zone studio's addresses: JSON in, JSON out, everything below `/studio`.

    GET  /studio/zones.json                           every zone, draft, case and template
    GET  /studio/zones/<zone_id>.json                 a zone with its versions and draft
    GET  /studio/zones/<zone_id>/compare/<n>/<m>.json two versions by number
    POST /studio/zones/<zone_id>/retire               {reason} -> {approval_id}      (step-up)
    POST /studio/drafts                               begins a draft, or gives the open one
    POST /studio/drafts/bulk                          a draft for each zone of one order
    POST /studio/drafts/send-many                     {drafts, reason, order_ref}    (step-up)
    GET  /studio/drafts/<draft_id>.json
    POST /studio/drafts/<draft_id>/save               {revision, ...}; 409 {message, theirs}
    POST /studio/drafts/<draft_id>/check              the same without keeping it
    GET  /studio/drafts/<draft_id>/compare.json       against the version in force
    POST /studio/drafts/<draft_id>/drop, /rebase, /recall
    POST /studio/drafts/<draft_id>/send, /activate    {revision, reason, order_ref}  (step-up)
    POST /studio/versions/<version_id>/restore        a draft of what it held
    GET  /studio/drafts/<draft_id>/halo.json          {p95_m}: the usual error along its edge
    POST /studio/drafts/<draft_id>/outline            an uneven outline: {parts, seed, area_m2}
    POST /studio/drafts/<draft_id>/simplify           {parts, vertices, error_m}
    GET  /studio/cases/<case_id>/door.json            {is_known, place|null, why_not}
    POST /studio/cases/<case_id>/door                 {place: [lon, lat]}
    POST /studio/drafts/<draft_id>/rehearse           {days} -> {job_id}
    GET  /studio/drafts/<draft_id>/rehearsal.json     newest result; ?buffer_m= for another buffer
    GET  /studio/jobs/<rehearsal_id>.json, POST .../cancel
    POST /studio/versions/<version_id>/export         {format} -> the file           (step-up)
    POST /studio/import                               {content: base64} -> {crs, features}
    POST /studio/clock-change                         {schedule} -> both next nights

The shapes of the answers are told in `data.service.zone_drafts`. Here requests are only read;
who may is decided by the gate (role) and the service (area, assignment).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, Response, jsonify, request

from dashboard.guard import needs, viewer
from dashboard.room import Room
from data.errors import BadInput
from data.geo import LonLat
from data.model.schedule import from_json
from data.rules.access import Action
from data.rules.clock_changes import ChangeNight, change_nights
from data.service.zone_desk import DraftTaken
from data.service.zone_import import MOST_BYTES, read_zone_file
from data.service.zone_sending import ZoneSending

Body = dict[str, Any]

_ID = "int(max=9223372036854775807)"
_DRAFT = f"/studio/drafts/<{_ID}:draft_id>"
_ZONE = f"/studio/zones/<{_ID}:zone_id>"
_VERSION = f"/studio/versions/<{_ID}:zone_version_id>"
_JOB = f"/studio/jobs/<{_ID}:rehearsal_id>"
_CASE = f"/studio/cases/<{_ID}:case_id>"
UPLOAD_LIMIT = MOST_BYTES * 4 // 3 + 1000
DRAWING_LIMIT = 2_000_000
"""Bytes of a drawing with its history to undo; Flask's own limit is for callbacks."""


def add_routes(server: Flask, room: Room) -> None:
    """Adds the addresses of drafts, zones and versions."""
    drafts, sending = room.drafts, ZoneSending(room.drafts)

    @server.get("/studio/zones.json")
    @needs(Action.DRAW_ZONE)
    def studio_zones() -> Response:
        return jsonify(drafts.overview(viewer()))

    @server.get(f"{_ZONE}.json")
    @needs(Action.DRAW_ZONE)
    def studio_zone(zone_id: int) -> Response:
        return jsonify(drafts.zone(viewer(), zone_id))

    @server.get(f"{_ZONE}/compare/<int:older>/<int:newer>.json")
    @needs(Action.DRAW_ZONE)
    def studio_compare_versions(zone_id: int, older: int, newer: int) -> Response:
        return jsonify(drafts.compare_versions(viewer(), zone_id, older, newer))

    @server.get(f"{_DRAFT}.json")
    @needs(Action.DRAW_ZONE)
    def studio_draft(draft_id: int) -> Response:
        return jsonify(drafts.draft(viewer(), draft_id))

    @server.get(f"{_DRAFT}/compare.json")
    @needs(Action.DRAW_ZONE)
    def studio_compare(draft_id: int) -> Response:
        return jsonify(drafts.compare(viewer(), draft_id))

    def begin(body: Body) -> Any:
        known = {"case_code", "kind", "template", "zone_id", "from_version", "from_zone"}
        asked = {name: body.pop(name) for name in known & set(body)}
        for name in ("zone_id", "from_version", "from_zone"):
            if asked.get(name) is not None:
                whole(asked, name)
        text(asked, "case_code")
        return drafts.begin(viewer(), content=body, **asked)

    def begin_many(body: Body) -> Any:
        given = body.get("zones")
        if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
            raise BadInput("zones", "a list of zones")
        made = drafts.begin_many(
            viewer(),
            case_code=text(body, "case_code"),
            order_ref=text(body, "order_ref"),
            reason=text(body, "reason"),
            given=given,
        )
        return {"drafts": made}

    def send_many(body: Body) -> Any:
        given = body.get("drafts")
        if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
            raise BadInput("drafts", "a list of draft_id and revision")
        approval_id = sending.send(
            viewer(),
            [(whole(each, "draft_id"), whole(each, "revision")) for each in given],
            reason=text(body, "reason"),
            order_ref=text(body, "order_ref"),
        )
        return {"approval_id": approval_id}

    post(server, "/studio/drafts", "begin", Action.DRAW_ZONE, begin)
    post(server, "/studio/drafts/bulk", "begin_many", Action.DRAW_ZONE, begin_many)
    post(server, "/studio/drafts/send-many", "send_many", Action.ASK_SECOND, send_many)
    post(server, "/studio/clock-change", "clock_change", Action.DRAW_ZONE, lambda body: {
        "nights": _nights(room, body)})  # fmt: skip

    @server.post(f"{_VERSION}/export")
    @needs(Action.EXPORT_ZONE)
    def studio_export(zone_version_id: int) -> Response:
        form = text(body_of_request(), "format")
        made = room.zone_exports.export(viewer(), zone_version_id, form)
        named = {"Content-Disposition": f'attachment; filename="{made.name}"'}
        return Response(made.body, mimetype=made.kind, headers=named)

    def read_file(body: Body) -> Any:
        return read_zone_file(body.get("content"))

    post(server, "/studio/import", "import", Action.DRAW_ZONE, read_file, UPLOAD_LIMIT)

    def save(body: Body, draft_id: int) -> Any:
        return drafts.save(viewer(), draft_id, _revision(body), body)

    def check(body: Body, draft_id: int) -> Any:
        return drafts.try_out(viewer(), draft_id, body)

    def drop(_body: Body, draft_id: int) -> Any:
        return drafts.drop(viewer(), draft_id)

    def rebase(body: Body, draft_id: int) -> Any:
        return drafts.rebase(viewer(), draft_id, _revision(body))

    def recall(_body: Body, draft_id: int) -> Any:
        return sending.recall(viewer(), draft_id)

    def send(body: Body, draft_id: int) -> Any:
        given = [(draft_id, _revision(body))]
        said = {"reason": text(body, "reason"), "order_ref": text(body, "order_ref")}
        return {"approval_id": sending.send(viewer(), given, **said)}

    def activate(body: Body, draft_id: int) -> Any:
        said = {"reason": text(body, "reason"), "order_ref": text(body, "order_ref")}
        return sending.activate(viewer(), draft_id, _revision(body), **said)

    def rehearse(body: Body, draft_id: int) -> Any:
        days = body.get("days", 90)
        if not isinstance(days, int) or isinstance(days, bool):
            raise BadInput("days", "a number of days")
        return {"job_id": room.rehearsals.begin(viewer(), draft_id, days)}

    def cancel(_body: Body, rehearsal_id: int) -> Any:
        return room.rehearsals.cancel(viewer(), rehearsal_id)

    @server.get(f"{_DRAFT}/halo.json")
    @needs(Action.DRAW_ZONE)
    def studio_halo(draft_id: int) -> Response:
        return jsonify(drafts.halo(viewer(), draft_id))

    @server.get(f"{_CASE}/door.json")
    @needs(Action.DRAW_ZONE)
    def studio_door(case_id: int) -> Response:
        return jsonify(drafts.door(viewer(), case_id))

    def set_door(body: Body, case_id: int) -> Any:
        drafts.set_door(viewer(), case_id, _place(body.get("place")))

    def outline(_body: Body, draft_id: int) -> Any:
        return drafts.uneven(viewer(), draft_id)

    def simplify(_body: Body, draft_id: int) -> Any:
        return drafts.simple(viewer(), draft_id)

    post(server, f"{_CASE}/door", "set_door", Action.DRAW_ZONE, set_door)

    @server.get(f"{_DRAFT}/rehearsal.json")
    @needs(Action.DRAW_ZONE)
    def studio_rehearsal(draft_id: int) -> Response:
        asked = request.args.get("buffer_m")
        return jsonify(room.rehearsals.result(viewer(), draft_id, _metres(asked)))

    @server.get(f"{_JOB}.json")
    @needs(Action.DRAW_ZONE)
    def studio_job(rehearsal_id: int) -> Response:
        return jsonify(room.rehearsals.job(viewer(), rehearsal_id))

    post(server, f"{_JOB}/cancel", "cancel", Action.DRAW_ZONE, cancel)
    for name, act in (
        ("save", save), ("check", check), ("drop", drop), ("rebase", rebase), ("recall", recall),
        ("rehearse", rehearse), ("outline", outline), ("simplify", simplify),
    ):  # fmt: skip
        post(server, f"{_DRAFT}/{name}", name, Action.DRAW_ZONE, act)
    post(server, f"{_DRAFT}/send", "send", Action.ASK_SECOND, send)
    post(server, f"{_DRAFT}/activate", "activate", Action.ACTIVATE_ZONE, activate)
    post(server, f"{_ZONE}/retire", "retire", Action.ASK_SECOND, lambda body, zone_id: {
        "approval_id": sending.retire(viewer(), zone_id, reason=text(body, "reason"))})  # fmt: skip
    post(server, f"{_VERSION}/restore", "restore", Action.DRAW_ZONE, lambda _, zone_version_id: (
        drafts.restore(viewer(), zone_version_id)))  # fmt: skip


def post(
    server: Flask,
    path: str,
    name: str,
    action: Action,
    act: Callable[..., Any],
    limit: int = DRAWING_LIMIT,
) -> None:
    """Adds one act of the studio: its JSON goes to `act`, what it gives goes back."""

    @needs(action)
    def answer(**ids: int) -> Response:
        request.max_content_length = limit
        try:
            return jsonify(act(body_of_request(), **ids))
        except DraftTaken as error:
            found = jsonify(message=str(error), theirs=error.theirs)
            found.status_code = 409
            return found

    server.add_url_rule(path, f"studio_{name}", answer, methods=["POST"])


def body_of_request() -> Body:
    """The request's JSON object."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadInput("body", "a JSON object")
    return body


def text(body: Body, field: str) -> str:
    """Words of a body; "" where there are none."""
    found = body.get(field, "")
    if not isinstance(found, str):
        raise BadInput(field, "words")
    return found


def whole(body: Body, field: str) -> int:
    """A number of a record in a body."""
    found = body.get(field)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 < found < 2**63:
        raise BadInput(field, "the number of a record")
    return found


def _place(given: Any) -> LonLat:
    try:
        lon, lat = (float(each) for each in given)
    except (TypeError, ValueError) as error:
        raise BadInput("place", "[longitude, latitude]") from error
    return LonLat(lon, lat)


def _metres(asked: str | None) -> float | None:
    try:
        return None if asked is None else float(asked)
    except ValueError as error:
        raise BadInput("buffer_m", "metres") from error


def _revision(body: Body) -> int:
    revision = body.pop("revision", None)
    if not isinstance(revision, int) or isinstance(revision, bool):
        raise BadInput("revision", "the revision of the draft as it was seen")
    return revision


def _nights(room: Room, body: Body) -> list[dict[str, Any]]:
    hours = from_json(body.get("schedule"))
    return [_night(night, hours.time_zone) for night in change_nights(hours, room.clock.now())]


def _night(night: ChangeNight, time_zone: str) -> dict[str, Any]:
    zone = ZoneInfo(time_zone)
    hours = 24 - night.shift_min / 60
    way = "forward" if night.shift_min > 0 else "back"
    return {
        "date": night.on.isoformat(),
        "at_utc": night.at.isoformat(),
        "words": f"{night.on:%a %-d %B %Y}: clocks go {way}, the day has {hours:g} hours.",
        "windows": [
            {
                "from_local": each.from_at.astimezone(zone).isoformat(),
                "to_local": each.to_at.astimezone(zone).isoformat(),
                "from_utc": each.from_at.isoformat(),
                "to_utc": each.to_at.isoformat(),
                "minutes": round((each.to_at - each.from_at).total_seconds() / 60),
            }
            for each in night.week
        ],
    }
