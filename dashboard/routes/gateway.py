"""Where devices send to: OsmAnd at `/` and `/osmand`, OwnTracks at `/owntracks` and `/pub`,
batches at `/fixes`. A message is taken whole or not at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from flask import Flask, Response, abort, jsonify, request

from data.errors import BadInput
from data.feeds import batch, osmand, owntracks
from data.feeds.wire import Decoded, read_pairs, without_key
from data.service.intake import Arrival, Credentials, Intake
from data.store.quarantine import KEPT_BYTES

BODY_LIMIT = 1024 * 1024
"""Bytes of one message: a batch of 1,000 fixes takes about 200,000."""

_DISCARD_LIMIT = 32 * 1024 * 1024
_DISCARD_WITHIN_S = 3.0
_READY_LIFE_S = 1.0


class MessageTooLong(BadInput):
    """More bytes than a message may have."""


class MessageCutOff(BadInput):
    """The sender stopped before the end, or took too long to get there."""


class WrongType(BadInput):
    """A kind of content that no device of ours sends."""


@dataclass(frozen=True, slots=True)
class Message:
    """A request, read off the connection but not yet understood.

    `problem` is what is wrong with the envelope; the sender hears of it once it is known who it is.
    """

    arrival: Arrival
    body: bytes
    is_json: bool
    pairs: list[tuple[str, str]]
    problem: BadInput | None


def add_routes(server: Flask, intake: Intake) -> None:
    """Gives a server the paths that devices know, and no others."""

    def route(path: str, *methods: str) -> Callable:
        return server.route(path, methods=methods, provide_automatic_options=False)

    @route("/", "GET", "POST")
    @route("/osmand", "GET", "POST")
    def take_osmand() -> Response:
        _take(intake, "osmand", _decode_osmand)
        return Response(status=200, mimetype="text/plain")

    @route("/owntracks", "POST")
    @route("/pub", "POST")
    def take_owntracks() -> Response:
        _take(intake, "owntracks", lambda message, at: owntracks.decode(message.body, at))
        # A list of commands for the app; we have none.
        return jsonify([])

    @route("/fixes", "POST")
    def take_batch() -> Response:
        decoded = _take(intake, "batch", lambda message, at: batch.decode(message.body, at))
        return jsonify({"accepted": len(decoded.records)})

    readiness = _Readiness(intake)

    @route("/health", "GET")
    def tell_health() -> tuple[Response, int]:
        is_ready = readiness.now()
        return jsonify({"status": "ok" if is_ready else "unavailable"}), 200 if is_ready else 503


class _Readiness:
    """Asks the database once a second at most, however often somebody asks us."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._asked_at = float("-inf")
        self._is_ready = False

    def now(self) -> bool:
        if time.monotonic() - self._asked_at > _READY_LIFE_S:
            self._is_ready = self._intake.is_ready()
            self._asked_at = time.monotonic()
        return self._is_ready


def _take(intake: Intake, protocol: str, decode: Callable[[Message, datetime], Decoded]) -> Decoded:
    if request.method == "HEAD":
        abort(405)
    message = _read_message(protocol)
    credentials = _credentials(message)
    if message.problem is not None:
        intake.refuse(message.arrival, credentials, message.problem)
        raise message.problem

    def read(received_at: datetime) -> Decoded:
        decoded = decode(message, received_at)
        claimed = dict(message.pairs).get("id")
        return replace(decoded, identity=claimed) if decoded.identity is None else decoded

    return intake.accept(message.arrival, credentials, read)


def _decode_osmand(message: Message, received_at: datetime) -> Decoded:
    if message.is_json:
        return osmand.decode_json(message.body, received_at)
    return osmand.decode_parameters(message.pairs, received_at)


def _read_message(protocol: str) -> Message:
    content_type = (request.content_type or "")[:200]
    body, size_bytes = _read_body()
    is_json = "json" in content_type or body.lstrip()[:1] in (b"{", b"[")
    is_form = protocol == "osmand" and not is_json
    kept_query = without_key(request.query_string).decode("latin-1")
    arrival = Arrival(
        protocol=protocol,
        peer=request.remote_addr or "",
        content_type=content_type,
        target=request.path + ("?" + kept_query if kept_query else ""),
        raw=without_key(body) if is_form else body,
        size_bytes=size_bytes,
    )
    pairs: list[tuple[str, str]] = []
    try:
        pairs += read_pairs(request.query_string, "query")
        _check_envelope(content_type, size_bytes)
        if is_form:
            pairs += read_pairs(body, "body")
    except BadInput as error:
        return Message(arrival, body, is_json, pairs, error)
    return Message(arrival, body, is_json, pairs, None)


def _check_envelope(content_type: str, size_bytes: int) -> None:
    if size_bytes > BODY_LIMIT:
        raise MessageTooLong("body", f"at most {BODY_LIMIT:,} bytes")
    # Unpacking is where a small message becomes a large one, and no device of ours packs.
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise WrongType("Content-Encoding", "a body that is not compressed")
    if content_type.startswith("multipart/"):
        raise WrongType("Content-Type", "JSON or a form", "multipart")
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise WrongType("Content-Type", "charset UTF-8", charset)


def _read_body() -> tuple[bytes, int]:
    try:
        return _read_stream()
    except BadInput:
        raise
    except Exception as error:  # each server has its own for a body that is broken or ends
        raise MessageCutOff("body", "a body that comes whole and soon") from error


def _read_stream() -> tuple[bytes, int]:
    told = request.content_length
    body = bytearray()
    while len(body) <= BODY_LIMIT:
        chunk = request.stream.read(BODY_LIMIT + 1 - len(body))
        if not chunk:
            # A number that is cut in half is a number all the same: 11.97 becomes 11.9.
            if told is not None and len(body) < told:
                raise MessageCutOff("body", f"{told} bytes", len(body))
            return bytes(body), len(body)
        body += chunk
    # A sender that is cut off while it writes never reads the answer; so let it finish, within
    # reason, and keep only as much as quarantine keeps.
    seen = len(body)
    end_s = time.monotonic() + _DISCARD_WITHIN_S
    while seen < _DISCARD_LIMIT and time.monotonic() < end_s:
        chunk = request.stream.read(KEPT_BYTES)
        if not chunk:
            break
        seen += len(chunk)
    return bytes(body[:KEPT_BYTES]), max(seen, told or 0)


def _credentials(message: Message) -> Credentials:
    given = request.authorization
    if given is not None and given.type == "basic":
        return Credentials(given.username or "", given.password or "")
    key = next((value for name, value in message.pairs if name == "key"), "")
    identity = osmand.claimed_identity(message.pairs, message.body if message.is_json else b"")
    # Traccar Client adds a slash to an address that has no path, which then ends the key.
    return Credentials(identity or "", key.rstrip("/"))
