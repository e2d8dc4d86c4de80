"""What devices say: the same for a seed, honest about its error, readable by the feeds."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import numpy as np
import pytest

from data.demo.noise import sighting
from data.demo.reports import Report, Request, moments, report, requests
from data.demo.scenarios import Scenario, Stage
from data.demo.world import STRAP_CUTTERS, World, cast
from data.feeds import batch, osmand, owntracks
from data.model.fix import DeviceEvent, Mechanism
from tests.data.demo.conftest import OPENED_S
from tests.data.demo.test_scenarios import scene_of

RECEIVED = datetime(2026, 11, 22, tzinfo=UTC)


def sent(stage: Stage, number: int, from_s: float, to_s: float) -> list[Request]:
    """Everything one device sends for a stretch of time."""
    person = stage.world.people[number]
    found = [report(stage, person, at) for at in moments(person, from_s, to_s)]
    seen = [each for each in found if each is not None]
    return list(requests(person, stage.world.serial(number), "key", seen))


def decoded(request: Request) -> np.ndarray:
    """What the gateway's own feeds make of a request."""
    if request.method == "GET":
        return osmand.decode_parameters(parse_qsl(request.target[2:]), RECEIVED).records
    if request.target == "/owntracks":
        return owntracks.decode(request.body, RECEIVED).records
    if request.target == "/fixes":
        return batch.decode(request.body, RECEIVED).records
    return osmand.decode_json(request.body, RECEIVED).records


def test_the_same_seed_sends_the_same_bytes(world: World) -> None:
    """Two feeders of one seed cannot be told apart, so a repeat is recognised as a repeat."""
    first, second = Stage(world, OPENED_S), Stage(cast(world.graph, 1), OPENED_S)
    for number in (0, 21, 47, 60, 61, 62):
        here = sent(first, number, OPENED_S, OPENED_S + 300)
        assert here == sent(second, number, OPENED_S, OPENED_S + 300)
        assert here


@pytest.mark.parametrize("number", [20, 21, 60, 61, 62])
def test_every_protocol_is_understood_at_the_gateway(stage: Stage, number: int) -> None:
    """What is sent is what the device saw, whatever its protocol; batch, OsmAnd, OwnTracks."""
    person = stage.world.people[number]
    at = moments(person, OPENED_S, OPENED_S + person.report_every_s)[0]
    seen = report(stage, person, at)
    assert seen is not None
    (request,) = requests(person, "DEMO-T000", "key", [seen])
    (record,) = decoded(request)
    assert record["lon"] == pytest.approx(seen.lon, abs=1e-7)
    assert record["lat"] == pytest.approx(seen.lat, abs=1e-7)
    assert record["radius_95_m"] == pytest.approx(seen.radius_95_m, abs=1.0)
    assert record["speed_mps"] == pytest.approx(seen.speed_mps, abs=0.2)
    assert record["fixed_at"] / 1e6 == pytest.approx(seen.at_s, abs=1.0)


def test_a_backlog_goes_out_in_order_and_whole(stage: Stage) -> None:
    """What was stored for an hour arrives complete, as a batch or one by one."""
    for number in (20, 21, 61):
        person = stage.world.people[number]
        due = moments(person, OPENED_S, OPENED_S + 3600)
        arrived = np.concatenate(
            [decoded(each) for each in sent(stage, number, OPENED_S, OPENED_S + 3600)]
        )
        assert len(arrived) == len(due)
        assert (np.diff(arrived["fixed_at"]) > 0).all()


def test_reports_keep_their_plan_and_none_is_said_twice(world: World) -> None:
    """Every report_every_s; what ends one stretch does not begin the next."""
    for person in world.people[::9]:
        whole = moments(person, OPENED_S, OPENED_S + 600)
        halves = moments(person, OPENED_S, OPENED_S + 300) + moments(
            person, OPENED_S + 300, OPENED_S + 600
        )
        assert halves == whole
        assert np.allclose(np.diff(whole), person.report_every_s)


def test_an_open_strap_is_said(stage: Stage) -> None:
    """The tag says strap open while it is, and strap closed before."""
    starts = scene_of(stage, Scenario.STRAP)
    (before, *_) = decoded(sent(stage, STRAP_CUTTERS[0], starts - 60, starts)[0])
    (during, *_) = decoded(sent(stage, STRAP_CUTTERS[0], starts + 30, starts + 45)[0])
    assert not before["events"] & DeviceEvent.STRAP_OPEN
    assert before["events"] & DeviceEvent.STRAP_KNOWN
    assert during["events"] & DeviceEvent.STRAP_OPEN


def test_the_stated_radius_holds_the_true_place() -> None:
    """Of many sightings the radius holds about 95 %, outdoors and in; no more, no less."""
    held = []
    for device in range(60):
        for step in range(40):
            seen = sighting(
                1,
                device,
                OPENED_S + 907.0 * step,
                is_indoors=bool(device % 2),
                is_clear=False,
                cell_share=0.0,
            )
            held.append(np.hypot(seen.east_m, seen.north_m) <= seen.radius_95_m)
    assert 0.92 < np.mean(held) < 0.975


def test_errors_drift_and_do_not_jump() -> None:
    """Consecutive errors are alike: two fixes are not two witnesses."""
    seen = [
        sighting(1, 5, OPENED_S + 10.0 * n, is_indoors=False, is_clear=False, cell_share=0.0)
        for n in range(400)
    ]
    error = np.array([each.east_m / each.radius_95_m for each in seen])
    assert np.corrcoef(error[:-1], error[1:])[0, 1] > 0.5


def test_a_cell_fix_says_that_it_is_one() -> None:
    """A coarse fix is honest about it."""
    seen = sighting(1, 5, OPENED_S, is_indoors=True, is_clear=False, cell_share=1.0)
    assert seen.mechanism is Mechanism.CELL
    assert seen.radius_95_m > 800


def test_a_report_is_a_value() -> None:
    """Reports compare by what they say."""
    one = Report(1.0, 2.0, 3.0, 4.0, Mechanism.GNSS, 0.0, 0.0, 50.0, False, 1)
    assert one == Report(1.0, 2.0, 3.0, 4.0, Mechanism.GNSS, 0.0, 0.0, 50.0, False, 1)
