"""Was he there when she was? Encounters of an offender with a victim, and what chance explains.

Who may not see her routine, and everybody until they have said why, is answered without her places
being given away: places by number, times widened to quarters of an hour, one fixed distance, whole
days, no metres, no street, no point on a map, nothing of her handset. Metres at known moments of a
track that they may see would be circles, and three circles are an address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, Row

from data.clock import Clock, moment_of
from data.geo import LonLat, plane_of
from data.model.routine import RoutineLocation
from data.model.user import Viewer
from data.rules import conduct
from data.rules import encounters as rules
from data.rules.access import Action
from data.rules.conduct import Conduct
from data.rules.encounters import HANDSET, Due, Encounter, EncounterRule, Track
from data.service.encounter_scene import NEAR_M, Question, Scene, bounds
from data.service.met import Met
from data.service.noted import Noted
from data.service.person_track import track_of
from data.service.reach import Reaches
from data.service.routines import need, shown_until
from data.store import audit, basemap, routines, victims

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A place of hers for the map; only during a reveal."""

    number: int
    name: str
    lon: float
    lat: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What can be said to this viewer, with what it rests on."""

    case_id: int
    case_code: str
    question: Question
    time_zone: str
    until: datetime | None  # when what is shown must leave the screen; None: masked
    met: tuple[Met, ...]
    places: int
    drawn: tuple[Drawn, ...]
    conduct: Conduct
    of_handset: Conduct | None  # the same beside her handset's track
    due_h: float
    unseen_h: float  # of that, how long nobody could tell where he was
    minutes_by_hour: tuple[tuple[int, ...], ...]  # 7 by 24, Monday first
    due_by_hour: tuple[tuple[int, ...], ...]
    dataset: str  # SHA-256 of what it was computed from


@dataclass(frozen=True, slots=True)
class Encounters:
    """The use case.

    Args:
        engine: the database.
        clock: the room's.
        people_clock: that of sessions and reveals.
        time_zone: of the days, where she has no place that names one.
    """

    engine: Engine
    clock: Clock
    people_clock: Clock
    time_zone: ZoneInfo
    _noted: Noted = field(default_factory=Noted)

    def answer(self, viewer: Viewer, asked: Question) -> Answer:
        """Every encounter of the period and the comparison with chance; the look is on record.

        Masked, the distance is NEAR_M whatever was asked; the answer's own question says so.

        Raises:
            Refused: not for this viewer.
            NotFound: no such case in the viewer's area.
        """
        now = self.people_clock.now()
        with self.engine.begin() as connection:
            reaches = Reaches(self.engine, self.people_clock)
            case, reach = need(
                connection, viewer, asked.case_code, Action.SEE_ENCOUNTERS, reaches, now
            )
            until = shown_until(connection, reach, case, now)
            if until is None:
                # Asked for at ever smaller distances, yes and no would lead to the door.
                asked = replace(asked, near_m=NEAR_M)
            scene = self._scene(connection, case, asked)
            streets = self._streets(connection, scene) if until else {}
            self._note(connection, viewer, case, scene, asked, is_shown=until is not None)
        return _answer(case, asked, scene, until, streets)

    def _scene(self, connection: Connection, case: Row, asked: Question) -> Scene:
        people = victims.find_ids(connection, case.case_id)
        begins, ends = bounds(asked, self.time_zone)
        found = routines.find(connection, people, begins, ends)
        confirmed = [each for each in found if each.is_confirmed]
        zone = ZoneInfo(confirmed[0].place.hours.time_zone) if confirmed else self.time_zone
        begins, ends = bounds(asked, zone)
        ends = min(ends, self.clock.now())
        his = track_of(connection, case.offender_id, begins, ends)
        hers = Track.empty()
        if len(people) == 1:
            held = routines.find_consent(connection, people[0])
            # Read for this only while she agrees to it; her pair with him is judged in any case.
            if held is not None and held.holds(self.clock.now()):
                hers = track_of(connection, people[0], begins, ends)
        worn = routines.find_wearings(connection, case.offender_id, begins, ends)
        return Scene.of(asked, zone, begins, ends, confirmed, his, hers, worn)

    def _streets(self, connection: Connection, scene: Scene) -> dict[Encounter, str]:
        names = basemap.find_street_names(
            connection, [each.lon for each in scene.met], [each.lat for each in scene.met]
        )
        return dict(zip(scene.met, names, strict=True))

    def _note(
        self,
        connection: Connection,
        viewer: Viewer,
        case: Row,
        scene: Scene,
        asked: Question,
        *,
        is_shown: bool,
    ) -> None:
        now = self.people_clock.now()
        if not is_shown and not self._noted.is_due(viewer.session_id, case.case_id, now):
            return
        ids = sorted({each.routine_location_id for each in scene.locations})
        audit.append(
            connection,
            at=now,
            user_id=viewer.user_id or None,
            action="encounters_seen" if is_shown else "encounters_seen_masked",
            record_kind="case",
            record_id=case.case_id,
            peer=viewer.peer,
            session_id=viewer.session_id or None,
            shown={"routine_location": ids} if is_shown and ids else None,
            detail={"from": asked.first.isoformat(), "to": asked.last.isoformat()},
        )
        self._noted.note(viewer.session_id, case.case_id, now)


def _answer(
    case: Row,
    asked: Question,
    scene: Scene,
    until: datetime | None,
    streets: dict[Encounter, str],
) -> Answer:
    days = [asked.first + timedelta(each) for each in range((asked.last - asked.first).days + 1)]
    # A day that is not over would be laid against whole ones.
    now = moment_of(scene.last_us).astimezone(scene.zone)
    days = [day for day in days if day < now.date() or now.time() == time()] or days[:1]
    moments = conduct.minutes_of(days, scene.zone.key)
    near, due = _minutes(scene, moments, asked.near_m)
    met = [
        scene.shown(each, streets.get(each, "")) if until else scene.masked(each)
        for each in scene.met
        if until or each.place != HANDSET
    ]
    together = np.asarray((near & due).any(axis=0))
    any_due = rules.merged(_joined([each.stretches for each in scene.dues]), 0)
    due_us = rules.length_us(any_due)
    return Answer(
        case_id=case.case_id,
        case_code=case.code,
        question=asked,
        time_zone=scene.zone.key,
        until=until,
        met=tuple(met),
        places=len({each.routine_location_id for each in scene.locations}),
        drawn=tuple(_drawn(scene.locations)) if until else (),
        conduct=conduct.compare(*conduct.at_places(near, due), days),
        of_handset=_beside_handset(scene, moments, days, asked.near_m) if until else None,
        due_h=due_us / 3.6e9,
        unseen_h=(due_us - rules.length_us(rules.common(any_due, scene.his.seen()))) / 3.6e9,
        minutes_by_hour=_by_hour(together, days),
        due_by_hour=_by_hour(np.asarray(due.any(axis=0)), days),
        dataset=scene.dataset(asked),
    )


def _minutes(
    scene: Scene, moments: Ints, near_m: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Near each place whether due or not, and due there; (places, days, 1440) each."""
    shape = (len(scene.dues), *moments.shape)
    if not scene.dues:
        return np.zeros(shape, bool), np.zeros(shape, bool)
    whole = np.array([[scene.first_us, scene.last_us]], np.int64)
    always = [Due(each.lon, each.lat, each.radius_m, whole) for each in scene.dues]
    near = rules.near_stretches(scene.his, always, EncounterRule(near_m))
    return (
        np.array([conduct.within(each, moments) for each in near]),
        np.array([conduct.within(each.stretches, moments) for each in scene.dues]),
    )


def _beside_handset(scene: Scene, moments: Ints, days: list[date], near_m: float) -> Conduct | None:
    if not len(scene.hers) or not len(scene.his):
        return None
    plane = plane_of(LonLat(float(scene.his.lon[0]), float(scene.his.lat[0])))

    def by_minute(track: Track) -> NDArray[np.float64]:
        east, north = plane.metres(track.lon, track.lat)
        at = np.clip(np.searchsorted(track.us, moments, side="right") - 1, 0, None)
        places = np.stack([east[at], north[at]], axis=-1)
        held = (track.us[at] <= moments) & (moments < track.holds_until()[at])
        return np.where(held[..., None], places, np.nan)

    laid = conduct.at_person(by_minute(scene.his), by_minute(scene.hers), near_m)
    return conduct.compare(*laid, days)


def _drawn(locations: Sequence[RoutineLocation]) -> list[Drawn]:
    newest = {each.routine_location_id: each for each in locations}
    return [
        Drawn(each.number, each.place.name, each.place.lon, each.place.lat, each.place.radius_m)
        for each in newest.values()
    ]


def _by_hour(together: NDArray[np.bool_], days: list[date]) -> tuple[tuple[int, ...], ...]:
    """Minutes by weekday and hour of the wall clock, 7 by 24."""
    hours = together.reshape(len(days), 24, 60).sum(axis=2)
    weekday = np.array([day.weekday() for day in days])
    return tuple(
        tuple(int(each) for each in hours[weekday == number].sum(axis=0)) for number in range(7)
    )


def _joined(stretches: Sequence[Ints]) -> Ints:
    every = np.concatenate([*stretches, np.empty((0, 2), np.int64)])
    return every[np.argsort(every[:, 0], kind="stable")]
