"""What takes two people: decided by geometry and hours, and by who signs when."""

from __future__ import annotations

from datetime import timedelta

import pytest
import shapely

from data.model.schedule import from_json
from data.rules.approval import EXPIRES_AFTER, is_shrink, may_sign
from tests.makers import START

SQUARE = shapely.box(0, 0, 2, 2)
NIGHTS = from_json(
    {"time_zone": "Europe/London", "weekly": [{"days": ["fri"], "from": "22:00", "to": "06:00"}]}
)
DAYS = from_json(
    {"time_zone": "Europe/London", "weekly": [{"days": ["fri"], "from": "06:00", "to": "22:00"}]}
)


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (SQUARE, False),
        (shapely.box(-1, -1, 3, 3), False),
        (shapely.box(0, 0, 3, 2), False),  # shares three edges
        (shapely.box(0, 0, 1.999_999, 2), True),
        (shapely.box(1, 1, 5, 5), True),  # larger, but not there
        (shapely.Polygon(SQUARE.exterior, [shapely.box(0.5, 0.5, 1, 1).exterior]), True),
        (shapely.multipolygons([SQUARE, shapely.box(5, 5, 6, 6)]), False),
    ],
)
def test_any_ground_lost_is_a_shrink(new: shapely.Geometry, expected: bool) -> None:
    """However much is added elsewhere; touching edges are no loss, a hole is."""
    assert (
        is_shrink(SQUARE, new, old_buffer_m=100, new_buffer_m=100, old_hours=None, new_hours=None)
        is expected
    )


@pytest.mark.parametrize(
    ("buffers", "hours", "expected"),
    [
        ((100, 100), (None, None), False),
        ((100, 99.9), (None, None), True),
        ((100, 200), (None, None), False),
        ((0, 0), (None, NIGHTS), True),
        ((0, 0), (NIGHTS, None), False),
        ((0, 0), (NIGHTS, NIGHTS), False),
        ((0, 0), (NIGHTS, DAYS), True),
    ],
)
def test_less_buffer_or_hours_is_a_shrink(
    buffers: tuple[float, float], hours: tuple[object, object], expected: bool
) -> None:
    """Other hours than before count as fewer, unless there are none: always."""
    assert (
        is_shrink(
            SQUARE,
            SQUARE,
            old_buffer_m=buffers[0],
            new_buffer_m=buffers[1],
            old_hours=hours[0],  # type: ignore[arg-type]
            new_hours=hours[1],  # type: ignore[arg-type]
        )
        is expected
    )


def test_the_second_is_another_and_in_time() -> None:
    """The same person twice is refused; at its end it can no longer be signed."""
    ends = START + EXPIRES_AFTER
    last = ends - timedelta(microseconds=1)
    assert may_sign(asked_by=1, signer=2, expires_at=ends, now=last).allowed
    assert not may_sign(asked_by=1, signer=1, expires_at=ends, now=START).allowed
    assert not may_sign(asked_by=1, signer=2, expires_at=ends, now=ends).allowed
