"""Ten thousand drawings of every kind of nonsense: what is kept is valid, says PostGIS itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy import Connection, text

from data.errors import BadInput
from data.rules.zone_drawing import area_of

pytestmark = pytest.mark.db

N = 10_000


def a_drawing(rng: np.random.Generator) -> list[dict[str, Any]]:
    """One to three parts: stars, knots, spikes, holes anywhere, NaN, swapped axes, circles."""
    return [_part(rng) for _ in range(rng.choice([1, 1, 1, 2, 3]))]


def _part(rng: np.random.Generator) -> dict[str, Any]:
    centre = rng.uniform([11.9, 57.6], [12.0, 57.7])
    kind = rng.integers(0, 40)
    if kind == 0:
        return {"how": "circle", "centre": centre.tolist(), "radius_m": float(rng.normal(200, 300))}
    if kind == 1:
        line = (centre + rng.normal(0, 0.003, (rng.integers(1, 6), 2))).tolist()
        return {"how": "corridor", "line": line, "width_m": float(rng.normal(40, 40))}
    rings = [_ring(rng, centre, 0.005)]
    holes = range(rng.choice([0, 0, 1, 2]))
    rings += [_ring(rng, centre + rng.normal(0, 0.002, 2), 0.001) for _ in holes]
    return {"how": "polygon", "rings": rings}


def _ring(rng: np.random.Generator, centre: Any, size: float) -> list[list[float]]:
    n = int(rng.integers(1, 12))
    kind = rng.integers(0, 8)
    turn = np.sort(rng.uniform(0, 2 * np.pi, n))
    star = centre + size * rng.uniform(0.2, 1, (n, 1)) * np.column_stack(
        [np.cos(turn), np.sin(turn)]
    )
    if kind == 1:
        star = rng.permutation(star)  # a knot
    elif kind == 2 and n > 2:
        star = np.insert(star, 1, star[[0, 1]], axis=0)  # there, back and there again
    elif kind == 3:
        star = np.round(star, 3)  # corners that fall together
    elif kind == 4 and rng.random() < 0.3:
        star[0, int(rng.integers(0, 2))] = rng.choice([np.nan, np.inf, 1e300, -91.0, 361.0])
    elif kind == 5 and rng.random() < 0.3:
        star = star[:, ::-1]
    ring = star.tolist()
    return ring if kind == 6 else [*ring, ring[0]]


def test_ten_thousand_drawings_never_leave_an_invalid_shape(connection: Connection) -> None:
    """Each is refused with its field, or made into an area that the table takes."""
    rng = np.random.default_rng(20261122)
    kept: list[bytes] = []
    fields: list[str] = []
    for _ in range(N):
        try:
            area = area_of(a_drawing(rng))
        except BadInput as error:
            fields.append(error.field)
            continue
        assert area is not None
        kept.append(shapely.to_wkb(shapely.multipolygons(shapely.get_parts(area))))
    print(f"{N} drawings: {len(kept)} kept, {len(fields)} refused")
    assert all(field.startswith("parts") for field in fields)
    assert min(len(kept), len(fields)) > N / 5
    query = text(
        "select count(*), count(*) filter (where not st_isvalid(shape) or st_isempty(shape)) "
        "from (select st_geomfromwkb(wkb, 4326) as shape from unnest(cast(:wkbs as bytea[])) wkb) g"
    )
    assert tuple(connection.execute(query, {"wkbs": kept}).one()) == (len(kept), 0)
