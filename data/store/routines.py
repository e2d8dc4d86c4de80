"""Where victims usually are, in versions; and their consent to have their handsets read for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from geoalchemy2 import functions as gis
from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from data.model import schedule
from data.model.routine import Confidence, Consent, RoutineLocation, RoutinePlace, Source
from data.store.tables import activation, device, handset_consent, routine_location, routine_version


def find(
    connection: Connection, person_ids: Sequence[int], first: datetime, last: datetime
) -> list[RoutineLocation]:
    """Versions that hold at any moment of [first, last), by person, number and version."""
    version = routine_version.c
    return _read(
        connection,
        person_ids,
        version.valid_from < last,
        or_(version.valid_to.is_(None), version.valid_to > first),
    )


def find_now(
    connection: Connection, person_ids: Sequence[int], now: datetime
) -> list[RoutineLocation]:
    """The versions that hold at a moment, proposals included."""
    version = routine_version.c
    return _read(
        connection,
        person_ids,
        version.valid_from <= now,
        or_(version.valid_to.is_(None), version.valid_to > now),
    )


def _read(
    connection: Connection, person_ids: Sequence[int], *conditions: object
) -> list[RoutineLocation]:
    version = routine_version.c
    query = (
        select(
            routine_location,
            version.number.label("version"),
            version.name,
            gis.ST_X(version.place).label("lon"),
            gis.ST_Y(version.place).label("lat"),
            version.radius_m,
            version.hours,
            version.source,
            version.confidence,
            version.review_on,
            version.is_confirmed,
            version.valid_from,
            version.valid_to,
        )
        .join(
            routine_version, version.routine_location_id == routine_location.c.routine_location_id
        )
        .where(routine_location.c.person_id.in_(person_ids), *conditions)  # type: ignore[arg-type]
        .order_by(routine_location.c.person_id, routine_location.c.number, version.number)
    )
    return [_location(row) for row in connection.execute(query)]


def _location(row: Row) -> RoutineLocation:
    return RoutineLocation(
        routine_location_id=row.routine_location_id,
        person_id=row.person_id,
        number=row.number,
        version=row.version,
        is_confirmed=row.is_confirmed,
        place=RoutinePlace(
            name=row.name,
            lon=row.lon,
            lat=row.lat,
            radius_m=row.radius_m,
            hours=schedule.from_json(row.hours),
            confidence=Confidence(row.confidence),
            review_on=row.review_on,
            source=Source(row.source),
        ),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def append_location(connection: Connection, person_id: int) -> int:
    """A further routine location of hers, with the next number; nothing is said of it yet."""
    used = select(func.coalesce(func.max(routine_location.c.number), 0) + 1).where(
        routine_location.c.person_id == person_id
    )
    statement = insert(routine_location).values(person_id=person_id, number=used.scalar_subquery())
    return connection.execute(
        statement.returning(routine_location.c.routine_location_id)
    ).scalar_one()


def append_version(
    connection: Connection,
    routine_location_id: int,
    place: RoutinePlace,
    *,
    is_confirmed: bool,
    valid_from: datetime,
    recorded_at: datetime,
    recorded_by: int | None,
    reason: str,
) -> int:
    """Says something of a location from a moment on; what was said before stays as it is."""
    used = select(func.coalesce(func.max(routine_version.c.number), 0) + 1).where(
        routine_version.c.routine_location_id == routine_location_id
    )
    statement = insert(routine_version).values(
        routine_location_id=routine_location_id,
        number=used.scalar_subquery(),
        name=place.name.strip(),
        place=f"SRID=4326;POINT({place.lon!r} {place.lat!r})",
        radius_m=place.radius_m,
        hours=schedule.to_json(place.hours),
        source=place.source.value,
        confidence=place.confidence.value,
        review_on=place.review_on,
        is_confirmed=is_confirmed,
        valid_from=valid_from,
        recorded_at=recorded_at,
        recorded_by=recorded_by,
        reason=reason,
    )
    return connection.execute(
        statement.returning(routine_version.c.routine_version_id)
    ).scalar_one()


def end_version(connection: Connection, routine_location_id: int, at: datetime) -> bool:
    """Ends what is said of a location; False when nothing was.

    A version that begins later than `at` never held: it ends where it begins.
    """
    version = routine_version.c
    statement = (
        update(routine_version)
        .where(version.routine_location_id == routine_location_id, version.valid_to.is_(None))
        .values(valid_to=func.greatest(version.valid_from, at))
    )
    return bool(connection.execute(statement).rowcount)


def delete_all(connection: Connection, person_id: int) -> None:
    """Forgets every routine location of hers, all versions, for good."""
    hers = select(routine_location.c.routine_location_id).where(
        routine_location.c.person_id == person_id
    )
    connection.execute(
        delete(routine_version).where(routine_version.c.routine_location_id.in_(hers))
    )
    connection.execute(delete(routine_location).where(routine_location.c.person_id == person_id))


def find_consent(connection: Connection, person_id: int) -> Consent | None:
    """Her newest consent, withdrawn or not; None where she was never asked."""
    consent = handset_consent.c
    query = (
        select(consent.handset_consent_id, consent.given_at, consent.withdrawn_at)
        .where(consent.person_id == person_id)
        .order_by(consent.handset_consent_id.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Consent(*row)


def append_consent(
    connection: Connection, *, person_id: int, at: datetime, recorded_by: int | None, words: str
) -> int:
    """Keeps that she consented, from this moment on."""
    values = {"person_id": person_id, "given_at": at, "recorded_by": recorded_by, "words": words}
    statement = insert(handset_consent).values(values)
    return connection.execute(
        statement.returning(handset_consent.c.handset_consent_id)
    ).scalar_one()


def end_consent(
    connection: Connection, person_id: int, *, at: datetime, withdrawn_by: int | None
) -> bool:
    """She takes it back; False when none held."""
    statement = (
        update(handset_consent)
        .where(handset_consent.c.person_id == person_id, handset_consent.c.withdrawn_at.is_(None))
        .values(withdrawn_at=at, withdrawn_by=withdrawn_by)
    )
    return bool(connection.execute(statement).rowcount)


def find_wearings(
    connection: Connection, person_id: int, first: datetime, last: datetime
) -> Sequence[Row]:
    """Activations of a person that ran at any moment of [first, last), oldest first.

    Rows of (activation_id, report_every_s, serial, started_at, ended_at).
    """
    wearing = activation.c
    query = (
        select(
            wearing.activation_id,
            wearing.report_every_s,
            device.c.serial,
            wearing.started_at,
            wearing.ended_at,
        )
        .join(device, device.c.device_id == wearing.device_id)
        .where(
            wearing.person_id == person_id,
            wearing.started_at < last,
            or_(wearing.ended_at.is_(None), wearing.ended_at > first),
        )
        .order_by(wearing.started_at, wearing.activation_id)
    )
    return connection.execute(query).all()
