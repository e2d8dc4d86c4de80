"""Streets of the base map found by their names; lengths of one name that touch are one place."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Row, text

# The words come as a bound tsquery, so nothing that was typed is ever part of the statement.
# 0.005 degrees: two lengths of one street lie nearer than that, two towns do not.
_PLACES = text(
    """
    with hit as (
        select name, basemap_source_id, line,
               st_clusterdbscan(line, 0.005, 1)
                   over (partition by basemap_source_id, name) as place
        from vigil.basemap_street
        where name <> '' and to_tsvector('simple', name) @@ cast(:query as tsquery)
        limit 20000
    ), place as (
        select name, basemap_source_id, st_collect(line) as lines
        from hit group by name, basemap_source_id, place
    )
    select place.name, source.name as source,
           st_x(middle) as lon, st_y(middle) as lat,
           st_xmin(lines) as west, st_ymin(lines) as south,
           st_xmax(lines) as east, st_ymax(lines) as north
    from place
    join vigil.basemap_source source using (basemap_source_id),
    lateral st_closestpoint(lines, st_centroid(lines)) as middle
    order by
        case when cast(:lon as float8) is null then 0
             else st_distancesphere(middle, st_setsrid(st_point(:lon, :lat), 4326)) end,
        lower(place.name) not like :begins,
        st_length(lines) desc, place.name, west
    limit :most
    """
)


def find_places(
    connection: Connection,
    words: Sequence[str],
    near: tuple[float, float] | None,
    most: int,
) -> Sequence[Row]:
    """Places with a street whose name holds words that begin with these, nearest or best first.

    Args:
        connection: the database.
        words: lower case, letters and digits only; at least one.
        near: (lon, lat) in degrees; None: names that begin so first, then longest streets.
        most: how many at most.

    Returns:
        name, source, lon, lat, west, south, east, north; degrees, EPSG:4326.
    """
    lon, lat = near or (None, None)
    return connection.execute(
        _PLACES,
        {
            "query": " & ".join(f"'{word}':*" for word in words),
            "begins": f"{words[0]}%",
            "lon": lon,
            "lat": lat,
            "most": most,
        },
    ).all()
