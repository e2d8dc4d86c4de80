"""What the base map shows in a window, for a map on paper."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Row, func, select

from data.store.tables import basemap_area, basemap_source, basemap_street

MOST = 6000

Window = tuple[float, float, float, float]
"""West, south, east and north, in degrees."""


def find_streets(connection: Connection, window: Window) -> Sequence[Row]:
    """Streets that touch the window (name, street_class, line as WKB), longest first."""
    query = (
        select(
            basemap_street.c.name,
            basemap_street.c["class"].label("street_class"),
            func.st_asbinary(basemap_street.c.line).label("line"),
        )
        .where(basemap_street.c.line.op("&&")(_box(window)))
        .order_by(func.st_length(basemap_street.c.line).desc())
        .limit(MOST)
    )
    return connection.execute(query).all()


def find_areas(connection: Connection, window: Window) -> Sequence[Row]:
    """Water, green and buildings that touch the window (kind, shape as WKB), largest first."""
    query = (
        select(basemap_area.c.kind, func.st_asbinary(basemap_area.c.shape).label("shape"))
        .where(basemap_area.c.shape.op("&&")(_box(window)))
        .order_by(func.st_area(basemap_area.c.shape).desc())
        .limit(MOST)
    )
    return connection.execute(query).all()


def get_attribution(connection: Connection) -> str:
    """Whose data the base map is; "" where there is none."""
    query = select(basemap_source.c.attribution).distinct().order_by(basemap_source.c.attribution)
    return "; ".join(connection.scalars(query))


def _box(window: Window) -> object:
    return func.st_makeenvelope(*window, 4326)
