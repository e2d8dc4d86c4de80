"""A zone from the first corner to the second signature, on a real database."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import shapely
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import IntegrityError

from data.clock import FixedClock
from data.errors import BadInput, Clash, NotFound, Refused
from data.geo import LonLat
from data.model.user import Role, Viewer
from data.service.approvals import Approvals
from data.service.reach import Reaches
from data.service.reveals import Reveals
from data.service.watch import Watch
from data.service.zone_checks import ZoneChecks
from data.service.zone_desk import DraftTaken
from data.service.zone_drafts import ZoneDrafts
from data.service.zone_json import fingerprint
from data.service.zone_live import EMERGENCY_FOR, end_emergencies
from data.service.zone_past import Pasts
from data.service.zone_sending import ZoneSending
from data.store import rehearsals, tables, zone_drafts, zones
from tests.stage import NOON, Stage, a_stage, a_viewer, give_case

pytestmark = pytest.mark.db

ROOM = ZoneInfo("Europe/Stockholm")
ORDER = {"reason": "Order of the court", "order_ref": "T 142-26"}


def ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    """A closed ring."""
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


SQUARE = [{"how": "rectangle", "rings": [ring(11.95, 57.70, 11.96, 57.71)]}]
LARGER = [{"how": "rectangle", "rings": [ring(11.945, 57.695, 11.965, 57.715)]}]
SMALLER = [{"how": "rectangle", "rings": [ring(11.95, 57.70, 11.955, 57.71)]}]


@pytest.fixture
def stage(engine: Engine) -> Stage:
    """Case 0142 with a victim and a zone of hers."""
    with engine.begin() as connection:
        return a_stage(connection)


@pytest.fixture
def drafts(engine: Engine, clock: FixedClock) -> ZoneDrafts:
    """The studio on the test's clock."""
    approvals = Approvals(engine, clock, ROOM)
    checks = ZoneChecks(engine, clock, Pasts(ROOM))
    return ZoneDrafts(engine, clock, Reaches(engine, clock), approvals, checks, ROOM)


@pytest.fixture
def officer(engine: Engine, clock: FixedClock, stage: Stage) -> Viewer:
    """A case officer who has the case."""
    viewer = a_viewer(engine, clock, "officer", Role.CASE_OFFICER)
    give_case(engine, stage.case_id, "officer")
    return viewer


@pytest.fixture
def boss(engine: Engine, clock: FixedClock) -> Viewer:
    """A supervisor."""
    return a_viewer(engine, clock, "boss", Role.SUPERVISOR)


def tried(engine: Engine, clock: FixedClock, draft: dict[str, Any], viewer: Viewer) -> None:
    """The draft has been tried on the past, as it stands."""
    now = clock.now()
    with engine.begin() as connection:
        row = zone_drafts.find(connection, draft["draft_id"])
        assert row is not None
        rehearsal_id = rehearsals.append(
            connection, zone_draft_id=row.zone_draft_id, asked_by=viewer.user_id, asked_at=now,
            from_at=now - timedelta(days=30), to_at=now, fingerprint=fingerprint(row, ROOM),
        )  # fmt: skip
        assert rehearsals.end(connection, rehearsal_id, "done", now, {"days": 30})


def versions(engine: Engine) -> list[Any]:
    """All versions, oldest first."""
    query = select(tables.zone_version).order_by(tables.zone_version.c.zone_version_id)
    with engine.connect() as connection:
        return list(connection.execute(query))


def drawn(drafts: ZoneDrafts, viewer: Viewer, stage: Stage, parts: Any, **more: Any) -> Any:
    """A draft of the stage's zone with these parts saved."""
    draft = drafts.begin(viewer, zone_id=stage.zone_id)
    return drafts.save(viewer, draft["draft_id"], draft["revision"], {"parts": parts, **more})


def test_a_new_zone_goes_live_with_the_second_signature(
    drafts: ZoneDrafts, engine: Engine, clock: FixedClock, officer: Viewer, boss: Viewer
) -> None:
    """Drawn, tried and sent it is nothing yet; signed by another it holds, from that moment."""
    draft = drafts.begin(officer, case_code="0142", template="home")
    assert (draft["kind"], draft["buffer_m"], draft["shape"]) == ("exclusion", 500, None)
    circle = {"how": "circle", "centre": [11.9, 57.6], "radius_m": 300}
    draft = drafts.save(officer, draft["draft_id"], draft["revision"], {"parts": [circle]})
    assert draft["measures"]["area_m2"] == pytest.approx(282_743, rel=0.002)
    seen = (draft["draft_id"], draft["revision"])
    with pytest.raises(BadInput, match="rehearsal"):
        ZoneSending(drafts).send(officer, [seen], **ORDER)
    tried(engine, clock, draft, officer)
    number = ZoneSending(drafts).send(officer, [seen], **ORDER)
    assert len(versions(engine)) == 1
    assert drafts.draft(officer, draft["draft_id"])["state"] == "waiting"
    clock.forward(timedelta(minutes=2))
    drafts.approvals.sign(boss, number, is_approved=True)
    new = versions(engine)[-1]
    assert (new.number, new.valid_from, new.valid_to) == (1, clock.now(), None)
    assert (new.recorded_by, new.signed_by) == (officer.user_id, boss.user_id)
    assert (new.order_reference, new.rehearsal) == ("T 142-26", {"days": 30})
    assert new.drawn_as["parts"][0]["radius_m"] == 300
    with engine.connect() as connection:
        topics = list(connection.scalars(text("select topic from vigil.outbox order by 1")))
    assert {"zone", "draft", "approval"} <= set(topics)


def test_who_sends_does_not_sign(
    drafts: ZoneDrafts, engine: Engine, clock: FixedClock, stage: Stage, boss: Viewer
) -> None:
    """Also a supervisor needs another; a refusal gives the draft back with the remark."""
    draft = drawn(drafts, boss, stage, LARGER)
    tried(engine, clock, draft, boss)
    number = ZoneSending(drafts).send(boss, [(draft["draft_id"], draft["revision"])], **ORDER)
    with pytest.raises(Refused, match="yourself"):
        drafts.approvals.sign(boss, number, is_approved=True)
    second = a_viewer(engine, clock, "second", Role.SUPERVISOR)
    drafts.approvals.sign(second, number, is_approved=False, remark="too wide")
    after = drafts.draft(boss, draft["draft_id"])
    assert (after["state"], after["remark"], len(versions(engine))) == ("editing", "too wide", 1)


def test_what_waits_is_locked_until_it_is_taken_back(
    drafts: ZoneDrafts, engine: Engine, clock: FixedClock, stage: Stage, officer: Viewer,
    boss: Viewer,
) -> None:  # fmt: skip
    """What is signed is what was sent; taken back, it can be signed no more."""
    draft = drawn(drafts, officer, stage, LARGER)
    tried(engine, clock, draft, officer)
    number = ZoneSending(drafts).send(officer, [(draft["draft_id"], draft["revision"])], **ORDER)
    waiting = drafts.draft(officer, draft["draft_id"])
    with pytest.raises(Clash, match="Take it back"):
        drafts.save(officer, draft["draft_id"], waiting["revision"], {"buffer_m": 5})
    ZoneSending(drafts).recall(officer, draft["draft_id"])
    assert drafts.approvals.waiting(boss) == []
    with pytest.raises(Clash):
        drafts.approvals.sign(boss, number, is_approved=True)
    assert drafts.draft(officer, draft["draft_id"])["state"] == "editing"


def test_two_editors_never_overwrite_each_other(
    drafts: ZoneDrafts, engine: Engine, clock: FixedClock, stage: Stage, officer: Viewer,
    boss: Viewer,
) -> None:  # fmt: skip
    """Eight save at once on one revision: one is kept, seven are shown it."""
    draft = drafts.begin(officer, zone_id=stage.zone_id)
    assert drafts.begin(boss, zone_id=stage.zone_id)["draft_id"] == draft["draft_id"]
    kept: list[int] = []
    clashes: list[DraftTaken] = []

    def save(metres: int) -> None:
        viewer = officer if metres % 2 else boss
        try:
            drafts.save(viewer, draft["draft_id"], draft["revision"], {"buffer_m": metres})
            kept.append(metres)
        except DraftTaken as error:
            clashes.append(error)

    threads = [threading.Thread(target=save, args=(metres,)) for metres in range(101, 109)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(kept), len(clashes)) == (1, 7)
    assert {error.theirs["buffer_m"] for error in clashes} == {kept[0]}
    assert drafts.draft(officer, draft["draft_id"])["buffer_m"] == kept[0]


def test_a_zone_that_changed_meanwhile_is_not_signed_over(
    drafts: ZoneDrafts, engine: Engine, clock: FixedClock, stage: Stage, officer: Viewer,
    boss: Viewer,
) -> None:  # fmt: skip
    """The draft was begun on version 1; version 2 is shown before the draft goes on."""
    draft = drawn(drafts, officer, stage, LARGER)
    tried(engine, clock, draft, officer)
    wider = shapely.box(11.94, 57.69, 11.97, 57.72)
    clock.forward(timedelta(minutes=1))
    with engine.begin() as connection:
        zones.end_version(connection, stage.zone_id, clock.now())
        zones.append_version(
            connection, zone_id=stage.zone_id, shape=wider, buffer_m=200.0, schedule=None,
            valid_from=clock.now(), recorded_at=clock.now(), reason="wider",
        )  # fmt: skip
    seen = (draft["draft_id"], draft["revision"])
    with pytest.raises(Clash, match="version 2"):
        ZoneSending(drafts).send(officer, [seen], **ORDER)
    draft = drafts.rebase(officer, *seen)
    assert draft["is_base_current"]
    number = ZoneSending(drafts).send(officer, [(draft["draft_id"], draft["revision"])], **ORDER)
    clock.forward(timedelta(minutes=1))
    drafts.approvals.sign(boss, number, is_approved=True)
    stored = versions(engine)
    assert [row.number for row in stored] == [1, 2, 3]
    # Half-open: each ends at the very moment the next begins.
    assert [row.valid_to for row in stored] == [stored[1].valid_from, stored[2].valid_from, None]


def test_a_signed_zone_begins_on_its_day(
    drafts: ZoneDrafts, engine: Engine, clock: FixedClock, stage: Stage, officer: Viewer,
    boss: Viewer,
) -> None:  # fmt: skip
    """Signed it waits for the stated moment; nothing changes before; it can be taken back."""
    begins, sending = NOON + timedelta(hours=6), ZoneSending(drafts)

    def signed() -> int:
        draft = drawn(drafts, officer, stage, LARGER, valid_from=begins.isoformat())
        tried(engine, clock, draft, officer)
        number = sending.send(officer, [(draft["draft_id"], draft["revision"])], **ORDER)
        drafts.approvals.sign(boss, number, is_approved=True)
        return int(draft["draft_id"])

    draft_id = signed()
    due = drafts.draft(officer, draft_id)
    assert (due["state"], due["may"]["recall"], due["valid_from"]) == (
        "due", True, begins.isoformat())  # fmt: skip
    sending.recall(officer, draft_id)
    assert drafts.draft(officer, draft_id)["state"] == "editing"
    assert signed() == draft_id
    watch = Watch(engine, clock)
    clock.forward(timedelta(hours=6) - timedelta(microseconds=1))
    watch.round(0.0)
    assert len(versions(engine)) == 1
    clock.forward(timedelta(microseconds=1))
    watch.round(5.0)
    first, second = versions(engine)
    assert first.valid_to == second.valid_from == begins  # half-open: no moment without
    assert second.signed_by == boss.user_id
    assert drafts.draft(officer, draft_id)["state"] == "signed"
    assert drafts.begin(officer, zone_id=stage.zone_id)["valid_from"] is None


def test_a_day_that_comes_too_late_is_told(
    drafts: ZoneDrafts, engine: Engine, clock: FixedClock, stage: Stage, officer: Viewer,
    boss: Viewer,
) -> None:  # fmt: skip
    """The zone was changed before its day: the draft goes back, and the room hears of it."""
    begins = NOON + timedelta(hours=1)
    draft = drawn(drafts, officer, stage, LARGER, valid_from=begins.isoformat())
    tried(engine, clock, draft, officer)
    number = ZoneSending(drafts).send(officer, [(draft["draft_id"], draft["revision"])], **ORDER)
    drafts.approvals.sign(boss, number, is_approved=True)
    clock.forward(timedelta(minutes=1))
    with engine.begin() as connection:
        zones.end_version(connection, stage.zone_id, clock.now())
    clock.forward(timedelta(hours=1))
    Watch(engine, clock).round(0.0)
    assert drafts.draft(officer, draft["draft_id"])["state"] == "editing"
    assert len(versions(engine)) == 1
    with engine.connect() as connection:
        told = text("select count(*) from vigil.alert where facts ? 'zone_not_begun'")
        assert connection.scalar(told) == 1


def test_a_large_circle_is_one_corner(drafts: ZoneDrafts, stage: Stage, officer: Viewer) -> None:
    """Five kilometres about a place: its outline has many corners, and nobody drew them."""
    circle = [{"how": "circle", "centre": [11.95, 57.70], "radius_m": 5000.0}]
    found = drawn(drafts, officer, stage, circle)
    assert found["measures"]["vertices"] > 500
    assert {each["level"] for each in found["checks"] if each["check"] == "vertices"} == {"ok"}


def test_an_emergency_is_one_persons_for_a_day(
    drafts: ZoneDrafts, engine: Engine, clock: FixedClock, stage: Stage, officer: Viewer
) -> None:
    """It holds at once, the room is told, and after 24 hours the version before holds again."""
    draft = drawn(drafts, officer, stage, LARGER)
    clock.forward(timedelta(minutes=1))
    ZoneSending(drafts).activate(officer, draft["draft_id"], draft["revision"], **ORDER)
    began = clock.now()
    live = versions(engine)[-1]
    assert (live.number, live.signed_by, live.expires_at) == (2, None, began + EMERGENCY_FOR)
    clock.forward(EMERGENCY_FOR - timedelta(seconds=1))
    with engine.begin() as connection:
        assert end_emergencies(connection, clock.now()) == []
    clock.forward(timedelta(seconds=1))
    with engine.begin() as connection:
        assert end_emergencies(connection, clock.now()) == [stage.zone_id]
        assert end_emergencies(connection, clock.now()) == []
        alerts = [
            dict(row)
            for row in connection.scalars(text("select facts from vigil.alert order by alert_id"))
        ]
    first, second, third = versions(engine)
    assert (second.valid_to, third.valid_from, third.valid_to) == (clock.now(), clock.now(), None)
    assert third.shape.data == first.shape.data
    assert alerts == [{"zone_emergency": True}, {"zone_emergency_over": True}]
    assert drafts.draft(officer, draft["draft_id"])["is_base_current"]


def test_an_emergency_protects_never_less_and_is_not_made_longer(
    drafts: ZoneDrafts, engine: Engine, clock: FixedClock, stage: Stage, officer: Viewer
) -> None:
    """Shrinking takes two people however urgent; a second emergency ends with the first."""
    draft = drawn(drafts, officer, stage, SMALLER)
    clock.forward(timedelta(minutes=1))
    with pytest.raises(Refused, match="two people"):
        ZoneSending(drafts).activate(officer, draft["draft_id"], draft["revision"], **ORDER)
    draft = drawn(drafts, officer, stage, LARGER)
    draft = ZoneSending(drafts).activate(officer, draft["draft_id"], draft["revision"], **ORDER)
    until = clock.now() + EMERGENCY_FOR
    clock.forward(timedelta(hours=20))
    officer = a_viewer(engine, clock, "again", Role.SUPERVISOR)
    ZoneSending(drafts).activate(officer, draft["draft_id"], draft["revision"], **ORDER)
    assert versions(engine)[-1].expires_at == until


def test_an_invalid_shape_is_never_kept(
    drafts: ZoneDrafts, engine: Engine, stage: Stage, officer: Viewer
) -> None:
    """Refused with the vertex by the service; by the table whoever writes it."""
    bow_tie = [[11.95, 57.70], [11.96, 57.71], [11.96, 57.70], [11.95, 57.71], [11.95, 57.70]]
    draft = drafts.begin(officer, zone_id=stage.zone_id)
    with pytest.raises(BadInput, match=r"parts\[0\]\.coordinates\[0\]\[\d\].*cross"):
        drafts.save(officer, draft["draft_id"], draft["revision"],
                    {"parts": [{"how": "polygon", "rings": [bow_tie]}]})  # fmt: skip
    assert drafts.draft(officer, draft["draft_id"])["revision"] == draft["revision"]
    bad = f"SRID=4326;{shapely.multipolygons([shapely.Polygon(bow_tie)]).wkt}"
    with pytest.raises(IntegrityError, match="shape"), engine.begin() as connection:
        connection.execute(tables.zone_draft.update().values(shape=bad))
    row = {"zone_id": stage.zone_id, "number": 9, "shape": bad, "valid_from": NOON,
               "recorded_at": NOON}  # fmt: skip
    with pytest.raises(IntegrityError, match="shape"), engine.begin() as connection:
        connection.execute(insert(tables.zone_version).values(row))


def test_compare_and_restore(
    drafts: ZoneDrafts, engine: Engine, clock: FixedClock, stage: Stage, officer: Viewer
) -> None:
    """What was added and taken is told in metres of ground; an old version comes back as draft."""
    draft = drawn(drafts, officer, stage, LARGER)
    told = drafts.compare(officer, draft["draft_id"])
    assert told["added_m2"] == pytest.approx(3 * 663_700, rel=0.01)
    assert (told["removed"], told["removed_m2"]) == (None, 0)
    with pytest.raises(Clash, match="open"):
        drafts.restore(officer, stage.zone_version_id)
    clock.forward(timedelta(minutes=1))
    ZoneSending(drafts).activate(officer, draft["draft_id"], draft["revision"], **ORDER)
    drafts.drop(officer, draft["draft_id"])
    told = drafts.compare_versions(officer, stage.zone_id, 2, 1)
    assert told["removed_m2"] == pytest.approx(3 * 663_700, rel=0.01)
    again = drafts.restore(officer, stage.zone_version_id)
    assert again["shape"] == told["now"]


def test_a_stranger_finds_nothing(
    drafts: ZoneDrafts, engine: Engine, clock: FixedClock, stage: Stage, officer: Viewer
) -> None:
    """An officer without the case has no zones, no drafts and no case to begin one for."""
    draft = drafts.begin(officer, zone_id=stage.zone_id)
    other = a_viewer(engine, clock, "other", Role.CASE_OFFICER)
    seen = drafts.overview(other)
    assert (seen["zones"], seen["drafts"], seen["cases"]) == ([], [], [])
    for ask in (
        lambda: drafts.draft(other, draft["draft_id"]),
        lambda: drafts.zone(other, stage.zone_id),
        lambda: drafts.save(other, draft["draft_id"], 1, {"buffer_m": 0}),
        lambda: drafts.begin(other, case_code="0142"),
        lambda: drafts.restore(other, stage.zone_version_id),
    ):
        with pytest.raises(NotFound):
            ask()


def test_other_cases_of_the_same_man_are_named(
    drafts: ZoneDrafts, engine: Engine, stage: Stage, officer: Viewer
) -> None:
    """By code to who has them, else by number; and the buffer's edge lies outside the zone."""
    with engine.begin() as connection:
        same = select(tables.case).where(tables.case.c.case_id == stage.case_id)
        offender_id = connection.execute(same).one().offender_id
        given = {"code": "0199", "offender_id": offender_id, "order_from": NOON}
        other = connection.execute(
            insert(tables.case).values(given).returning(tables.case.c.case_id)
        ).scalar_one()
    draft = drawn(drafts, officer, stage, LARGER, buffer_m=50)
    assert draft["also_affects"] == {"cases": [], "hidden": 1}
    ring, shape = (shapely.geometry.shape(draft[name]) for name in ("ring", "shape"))
    assert ring.contains(shape)
    give_case(engine, other, "officer")
    assert drafts.draft(officer, draft["draft_id"])["also_affects"] == {
        "cases": ["0199"], "hidden": 0}  # fmt: skip


def test_one_order_is_drawn_and_signed_as_one(
    drafts: ZoneDrafts, engine: Engine, clock: FixedClock, officer: Viewer, boss: Viewer
) -> None:
    """Three zones of an order wait under one signature; one bad zone and none is begun."""
    given: list[dict[str, Any]] = [
        {
            "template": name,
            "parts": [{"how": "circle", "centre": [12 + i / 50, 57.6], "radius_m": 200}],
        }
        for i, name in enumerate(("home", "work", "court"))
    ]  # fmt: skip
    with pytest.raises(BadInput, match=r"zones\[3\]\.kind"):
        drafts.begin_many(officer, case_code="0142", given=[*given, {"kind": "x"}], **ORDER)
    assert drafts.overview(officer)["drafts"] == []
    made = drafts.begin_many(officer, case_code="0142", given=given, **ORDER)
    seen = [(draft["draft_id"], draft["revision"]) for draft in made]
    for draft in made[:2]:
        tried(engine, clock, draft, officer)
    lines = {each["draft_id"]: each for each in drafts.overview(officer)["drafts"]}
    assert [lines[draft_id]["is_tried"] for draft_id, _ in seen] == [True, True, False]
    assert {each["order_ref"] for each in lines.values()} == {ORDER["order_ref"]}
    # Of several the refusal says which.
    with pytest.raises(BadInput, match=f"{made[2]['label']}, rehearsal"):
        ZoneSending(drafts).send(officer, seen, reason="", order_ref="")
    tried(engine, clock, made[2], officer)
    number = ZoneSending(drafts).send(officer, seen, reason="", order_ref="")
    assert len(drafts.approvals.waiting(boss)) == 1
    clock.forward(timedelta(minutes=1))
    drafts.approvals.sign(boss, number, is_approved=True)
    assert len(versions(engine)) == 4


def test_hours_from_a_file_are_told_whole(
    drafts: ZoneDrafts, engine: Engine, stage: Stage, officer: Viewer
) -> None:
    """What a zone's file left out is there for the screen: exceptions, and a grace of none."""
    week = [{"days": ["mon"], "from": "07:00", "to": "19:00"}]
    given = {"case_id": stage.case_id, "kind": "exclusion", "name": "from a file"}
    shape = f"SRID=4326;{shapely.multipolygons([shapely.box(11.95, 57.70, 11.96, 57.71)]).wkt}"
    with engine.begin() as connection:
        zone_id = connection.execute(
            tables.zone.insert().values(given).returning(tables.zone.c.zone_id)
        ).scalar_one()
        connection.execute(
            tables.zone_version.insert().values(
                zone_id=zone_id, number=1, shape=shape, buffer_m=200, valid_from=NOON,
                recorded_at=NOON, schedule={"time_zone": "Europe/Stockholm", "weekly": week},
            )
        )  # fmt: skip
    whole = {"time_zone": "Europe/Stockholm", "weekly": week, "exceptions": [], "grace_s": 0}
    (version,) = drafts.zone(officer, zone_id)["versions"]
    assert version["schedule"] == whole
    assert drafts.begin(officer, zone_id=zone_id)["base"]["schedule"] == whole


def test_her_door_is_checked_and_told_to_those_who_may_know(
    drafts: ZoneDrafts, engine: Engine, clock: FixedClock, stage: Stage, officer: Viewer,
    boss: Viewer,
) -> None:  # fmt: skip
    """Words to who has the case, metres in the minute of a reveal, to others nothing; on record."""
    drafts.set_door(officer, stage.case_id, LonLat(11.951, 57.705))
    draft = drafts.begin(officer, zone_id=stage.zone_id)

    def said(viewer: Viewer) -> tuple[dict[str, str], Any]:
        found = drafts.draft(viewer, draft["draft_id"])
        checks = {each["check"]: each["words"] for each in found["checks"]}
        return checks, found["measures"]["door"]

    assert "door_inside" not in said(boss)[0]
    checks, place = said(officer)
    assert checks["door_inside"] == "Her door is inside."
    assert (place, drafts.door(officer, stage.case_id)["place"]) == (None, None)
    Reveals(engine, clock).reveal(officer, code="welfare", words="x" * 20, case_code="0142")
    checks, place = said(officer)
    assert place == [11.951, 57.705]
    assert "60 m" in checks["door_edge"] or "59 m" in checks["door_edge"]
    draft = drafts.save(officer, draft["draft_id"], draft["revision"], {"parts": SMALLER})
    away = [{"how": "circle", "centre": [11.90, 57.60], "radius_m": 300}]
    draft = drafts.save(officer, draft["draft_id"], draft["revision"], {"parts": away})
    tried(engine, clock, draft, officer)
    with pytest.raises(BadInput, match="door is not inside"):
        ZoneSending(drafts).send(boss, [(draft["draft_id"], draft["revision"])], **ORDER)
    with engine.connect() as connection:
        actions = list(connection.scalars(text("select action from vigil.audit_entry")))
    assert (actions.count("door_checked"), actions.count("door_set")) == (1, 1)


def test_a_fault_is_shown_where_it_is(drafts: ZoneDrafts, stage: Stage, officer: Viewer) -> None:
    """PostGIS names the place where the outline crosses itself; nothing is kept."""
    bow_tie = [[11.95, 57.70], [11.96, 57.71], [11.96, 57.70], [11.95, 57.71], [11.95, 57.70]]
    draft = drafts.begin(officer, zone_id=stage.zone_id)
    parts = [{"how": "polygon", "rings": [bow_tie]}]
    (check,) = drafts.try_out(officer, draft["draft_id"], {"parts": parts})["checks"]
    assert (check["level"], check["words"]) == ("error", "Self-intersection.")
    assert check["at"] == pytest.approx([11.955, 57.705])
    offered = drafts.uneven(officer, draft["draft_id"])
    after = drafts.save(officer, draft["draft_id"], draft["revision"], {"parts": offered["parts"]})
    assert drafts.compare(officer, draft["draft_id"])["removed_m2"] == 0
    assert after["measures"]["area_m2"] > draft["measures"]["area_m2"]
