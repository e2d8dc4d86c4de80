"""Drafts of zones, and the zones and versions around them as the studio lists them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import shapely
from geoalchemy2.shape import from_shape, to_shape
from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Row,
    Select,
    cast,
    func,
    insert,
    select,
    text,
    update,
)

from data.geo import LonLat
from data.store.tables import (
    approval,
    basemap_area,
    case,
    user,
    zone,
    zone_draft,
    zone_version,
)
from data.store.zones import label

OPEN = ("editing", "waiting", "due")
_signer = user.alias("signer")


def append(connection: Connection, *, shape: BaseGeometry | None, **values: Any) -> int:
    """Begins a draft and gives its id; columns as in the table."""
    statement = insert(zone_draft).values(shape=_stored(shape), **values)
    return connection.execute(statement.returning(zone_draft.c.zone_draft_id)).scalar_one()


def find(connection: Connection, draft_id: int, *, lock: bool = False) -> Row[Any] | None:
    """A draft (every column, case_code, area, label, author, approval's end), or None.

    `lock` keeps everybody else from changing it until the transaction ends.
    """
    query = _drafts().where(zone_draft.c.zone_draft_id == draft_id)
    if lock:
        query = query.with_for_update(of=zone_draft)
    return connection.execute(query).one_or_none()


def find_whose(connection: Connection, draft_ids: Collection[int]) -> Sequence[Row]:
    """Of these drafts zone_draft_id, revision, and case_id and area of their cases, by number."""
    draft = zone_draft.c
    query = (
        select(draft.zone_draft_id, draft.revision, draft.case_id, case.c.area)
        .join(case, case.c.case_id == draft.case_id)
        .where(draft.zone_draft_id.in_(draft_ids))
    )
    return connection.execute(query.order_by(draft.zone_draft_id)).all()


def find_open(connection: Connection, zone_id: int | None = None) -> Sequence[Row[Any]]:
    """Drafts that are neither signed nor dropped, of one zone or of all, newest save first."""
    query = _drafts().where(zone_draft.c.state.in_(OPEN))
    if zone_id is not None:
        query = query.where(zone_draft.c.zone_id == zone_id)
    return connection.execute(query.order_by(zone_draft.c.saved_at.desc())).all()


def save(
    connection: Connection,
    draft_id: int,
    revision: int,
    *,
    shape: BaseGeometry | None,
    **values: Any,
) -> bool:
    """Keeps a save made on this revision; False where somebody saved another meanwhile."""
    saved = connection.execute(
        update(zone_draft)
        .where(zone_draft.c.zone_draft_id == draft_id, zone_draft.c.revision == revision)
        .values(shape=_stored(shape), revision=revision + 1, **values)
    )
    return saved.rowcount > 0


def move(connection: Connection, draft_id: int, **values: Any) -> None:
    """Changes where a draft stands, which counts as a save of it; its content stays."""
    connection.execute(
        update(zone_draft)
        .where(zone_draft.c.zone_draft_id == draft_id)
        .values(revision=zone_draft.c.revision + 1, **values)
    )


def find_of_approval(connection: Connection, approval_id: int) -> Sequence[Row]:
    """The drafts that wait for this signature, locked, by number."""
    query = _drafts().where(zone_draft.c.approval_id == approval_id)
    query = query.order_by(zone_draft.c.zone_draft_id).with_for_update(of=zone_draft)
    return connection.execute(query).all()


def find_cases_of_same_offender(connection: Connection, case_id: int) -> Sequence[Row]:
    """Other cases (case_id, code, area) of the offender of this case, by code."""
    of_case = case.alias("of_case")
    query = (
        select(case.c.case_id, case.c.code, case.c.area)
        .join(of_case, of_case.c.offender_id == case.c.offender_id)
        .where(of_case.c.case_id == case_id, case.c.case_id != case_id)
    )
    return connection.execute(query.order_by(case.c.code)).all()


def find_due(connection: Connection, now: datetime) -> Sequence[Row]:
    """Signed drafts whose stated moment has come, locked, with asked_by, decided_by, payload."""
    begins = cast(zone_draft.c.content["valid_from"].astext, DateTime(timezone=True))
    query = (
        _drafts()
        .add_columns(approval.c.asked_by, approval.c.decided_by, approval.c.payload)
        .where(zone_draft.c.state == "due", begins <= now)
    )
    query = query.order_by(zone_draft.c.zone_draft_id).with_for_update(of=zone_draft)
    return connection.execute(query).all()


def find_zones(connection: Connection) -> Sequence[Row]:
    """Every zone (zone_id, case_id, code, area, kind, label, is_hers) with its newest version."""
    each = zone_version.alias("each")
    of_zone = (
        select(
            each.c.zone_id, func.max(each.c.number).label("last"), func.count().label("versions")
        )
        .group_by(each.c.zone_id)
        .subquery()
    )
    newest = zone_version.c
    query = (
        select(
            zone.c.zone_id, zone.c.case_id, case.c.code, case.c.area, zone.c.kind,
            label().label("label"), newest.number, of_zone.c.versions, newest.valid_from,
            newest.valid_to, newest.schedule, newest.expires_at,
        )
        .join(case, case.c.case_id == zone.c.case_id)
        .join(of_zone, of_zone.c.zone_id == zone.c.zone_id)
        .join(zone_version, (newest.zone_id == zone.c.zone_id) & (newest.number == of_zone.c.last))
        .order_by(case.c.code, zone.c.zone_id)
    )  # fmt: skip
    return connection.execute(query).all()


def find_zone(connection: Connection, zone_id: int) -> Row[Any] | None:
    """A zone with its case (zone_id, case_id, case_code, area, kind, victim_id, label), or None."""
    query = (
        select(zone, case.c.code.label("case_code"), case.c.area, label().label("label"))
        .join(case, case.c.case_id == zone.c.case_id)
        .where(zone.c.zone_id == zone_id)
    )
    return connection.execute(query).one_or_none()


def find_versions(connection: Connection, zone_id: int) -> Sequence[Row[Any]]:
    """All versions of a zone with who drew and signed them, newest first."""
    query = _versions().where(zone_version.c.zone_id == zone_id)
    return connection.execute(query.order_by(zone_version.c.number.desc())).all()


def find_version(connection: Connection, version_id: int) -> Row[Any] | None:
    """One version likewise, or None."""
    query = _versions().where(zone_version.c.zone_version_id == version_id)
    return connection.execute(query).one_or_none()


def find_cases(connection: Connection) -> Sequence[Row]:
    """Every case (case_id, code, area, order_reference), by code."""
    query = select(case.c.case_id, case.c.code, case.c.area, case.c.order_reference)
    return connection.execute(query.order_by(case.c.code)).all()


def _drafts() -> Select[Any]:
    author = user.alias("author")
    return (
        select(
            zone_draft,
            case.c.code.label("case_code"),
            case.c.area,
            _label_of_draft().label("label"),
            zone.c.victim_id,
            author.c.login.label("author"),
            approval.c.expires_at.label("waits_until"),
            approval.c.remark,
        )
        .join(case, case.c.case_id == zone_draft.c.case_id)
        .join(author, author.c.user_id == zone_draft.c.saved_by)
        .outerjoin(zone, zone.c.zone_id == zone_draft.c.zone_id)
        .outerjoin(approval, approval.c.approval_id == zone_draft.c.approval_id)
    )


def _label_of_draft() -> ColumnElement[str]:
    new = func.concat("new ", zone_draft.c.content["kind"].astext, " zone, draft ",
                      zone_draft.c.zone_draft_id)  # fmt: skip
    return func.coalesce(label(), new)


def _versions() -> Select[Any]:
    return (
        select(
            zone_version,
            zone.c.kind,
            zone.c.case_id,
            case.c.code.label("case_code"),
            case.c.area,
            label().label("label"),
            user.c.login.label("drawn_by"),
            _signer.c.login.label("signer"),
        )
        .join(zone, zone.c.zone_id == zone_version.c.zone_id)
        .join(case, case.c.case_id == zone.c.case_id)
        .outerjoin(user, user.c.user_id == zone_version.c.recorded_by)
        .outerjoin(_signer, _signer.c.user_id == zone_version.c.signed_by)
    )


def _stored(shape: BaseGeometry | None) -> Any:
    if shape is None:
        return None
    whole = shape if shape.geom_type == "MultiPolygon" else MultiPolygon([shape])
    return from_shape(whole, 4326)


_VALID = (
    "select st_isvalid(shape) and not st_isempty(shape) from st_geomfromwkb(:shape, 4326) shape"
)


def is_valid(connection: Connection, area: BaseGeometry) -> bool:
    """What PostGIS says of an area: the last word."""
    return bool(connection.scalar(text(_VALID), {"shape": shapely.to_wkb(area)}))


_DIFFERENCE = """
with given as (
    select st_geomfromwkb(:before, 4326) as before, st_geomfromwkb(:now, 4326) as now
), cut as (
    select st_difference(now, before) as added, st_difference(before, now) as removed from given
)
select st_asbinary(st_collectionextract(added, 3)), st_asbinary(st_collectionextract(removed, 3)),
    st_area(added::geography), st_area(removed::geography)
from cut
"""


def difference(
    connection: Connection, before: BaseGeometry | None, now: BaseGeometry | None
) -> tuple[BaseGeometry, BaseGeometry, float, float]:
    """What `now` has that `before` has not, and the other way round; and both in m2 of ground."""
    nothing = MultiPolygon()
    given = {
        "before": shapely.to_wkb(nothing if before is None else before),
        "now": shapely.to_wkb(nothing if now is None else now),
    }
    added, removed, added_m2, removed_m2 = connection.execute(text(_DIFFERENCE), given).one()
    return (
        shapely.from_wkb(bytes(added)),
        shapely.from_wkb(bytes(removed)),
        float(added_m2),
        float(removed_m2),
    )


def measures(connection: Connection, area: BaseGeometry) -> tuple[float, float]:
    """Area in m2 and perimeter in metres, on the ellipsoid."""
    query = text(
        "select st_area(shape), st_perimeter(shape) "
        "from (select st_geomfromwkb(:shape, 4326)::geography as shape) given"
    )
    area_m2, perimeter_m = connection.execute(query, {"shape": shapely.to_wkb(area)}).one()
    return float(area_m2), float(perimeter_m)


def ring_around(connection: Connection, area: BaseGeometry, buffer_m: float) -> BaseGeometry:
    """The outer edge of a buffer of true metres about an area, as the map of the room draws it."""
    query = text(
        "select st_asbinary(st_buffer(st_geomfromwkb(:shape, 4326)::geography, :metres, 24))"
    )
    given = {"shape": shapely.to_wkb(area), "metres": buffer_m}
    return shapely.from_wkb(bytes(connection.execute(query, given).scalar_one()))


def find_fault(connection: Connection, area: BaseGeometry) -> tuple[str, LonLat | None] | None:
    """What PostGIS finds wrong with an area, and where; None where it is valid."""
    query = text(
        "select reason, st_x(location), st_y(location) "
        "from st_isvaliddetail(st_geomfromwkb(:shape, 4326)) where not valid"
    )
    row = connection.execute(query, {"shape": shapely.to_wkb(area)}).one_or_none()
    if row is None:
        return None
    reason, lon, lat = row
    return str(reason), None if lon is None else LonLat(lon, lat)


def count_buildings(connection: Connection, area: BaseGeometry) -> int:
    """Buildings of the base map that lie in an area; 0 also where it knows none."""
    query = select(func.count()).where(
        basemap_area.c.kind == "building",
        func.st_intersects(basemap_area.c.shape, _stored(area)),
    )
    return connection.scalar(query) or 0


def find_other_shapes(
    connection: Connection, case_id: int, zone_id: int | None
) -> list[BaseGeometry]:
    """Shapes in force of all other zones of the offender of this case."""
    of_case = case.alias("of_case")
    query = (
        select(zone_version.c.shape)
        .join(zone, zone.c.zone_id == zone_version.c.zone_id)
        .join(case, case.c.case_id == zone.c.case_id)
        .join(of_case, of_case.c.offender_id == case.c.offender_id)
        .where(of_case.c.case_id == case_id, zone_version.c.valid_to.is_(None))
    )
    if zone_id is not None:
        query = query.where(zone.c.zone_id != zone_id)
    return [to_shape(each) for each in connection.scalars(query)]
