"""Where a victim usually is: entered, imported or proposed, each look at it on record.

Whoever keeps her case writes it down; she is asked before her own handset's track is read for it,
and a person confirms what was found there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, Row

from data.clock import Clock
from data.errors import BadInput, Clash, NotFound, Refused
from data.feeds.routine_places import Defaults, read_places
from data.model.routine import Consent, RoutineLocation, RoutinePlace, Source
from data.model.user import Viewer
from data.rules import routines as rules
from data.rules.access import Action, decide
from data.rules.reach import Reach
from data.service.noted import Noted
from data.service.person_track import track_of
from data.service.reach import Reaches, reach_of
from data.store import audit, cases, routines, victims
from data.store.reading import reading

REVIEW_AFTER = timedelta(days=180)
"""How long somebody's week is taken to be as it was written down, unless they say."""

READ_BACK = timedelta(days=28)
"""How much of her handset's track a proposal rests on."""


@dataclass(frozen=True, slots=True)
class Week:
    """A victim's routine as one viewer may see it at one moment."""

    case_id: int
    case_code: str
    until: datetime | None  # when what is shown must leave the screen; None: masked
    places: tuple[RoutineLocation, ...]  # shown whole; empty while masked
    labels: tuple[str, ...]  # all that is said of the confirmed ones while masked
    proposals: int  # that wait for a person
    consent: Consent | None


@dataclass(frozen=True, slots=True)
class Routines:
    """The use cases around one victim's week.

    Args:
        engine: the database.
        clock: the room's: places hold by it.
        people_clock: that of sessions: a reveal's minute is a minute of the person before it.
        time_zone: of weeks that name none.
    """

    engine: Engine
    clock: Clock
    people_clock: Clock
    time_zone: ZoneInfo
    _noted: Noted = field(default_factory=Noted)

    def cases(self, viewer: Viewer) -> list[str]:
        """Codes of the cases this viewer may ask about.

        Raises:
            Refused: this role asks about none.
        """
        decision = decide(viewer.role, Action.SEE_ENCOUNTERS)
        if not decision.allowed:
            raise Refused(decision.reason)
        with reading(self.engine) as connection:
            reach = reach_of(connection, viewer, self.people_clock.now())
            return [
                row.code
                for row in cases.find_listed(connection)
                if reach.may(Action.SEE_ENCOUNTERS, row.case_id, row.area).allowed
            ]

    def week(self, viewer: Viewer, case_code: str) -> Week:
        """Her places: whole during a reveal, else by number alone; the look goes on record.

        Raises:
            Refused: not for this viewer.
            NotFound: no such case in the viewer's area.
        """
        now, moment = self.people_clock.now(), self.clock.now()
        with self.engine.begin() as connection:
            case, reach = need(
                connection, viewer, case_code, Action.SEE_ENCOUNTERS, self.reaches(), now
            )
            people = victims.find_ids(connection, case.case_id)
            found = routines.find_now(connection, people, moment)
            until = shown_until(connection, reach, case, now)
            confirmed = [each for each in found if each.is_confirmed]
            self._note_look(connection, viewer, case, found, now, is_shown=until is not None)
            consent = routines.find_consent(connection, people[0]) if len(people) == 1 else None
        return Week(
            case_id=case.case_id,
            case_code=case.code,
            until=until,
            places=tuple(found) if until else (),
            labels=tuple(each.label for each in confirmed),
            proposals=len(found) - len(confirmed),
            consent=consent,
        )

    def keep(
        self,
        viewer: Viewer,
        case_code: str,
        place: RoutinePlace,
        *,
        since: datetime,
        number: int | None = None,
        reason: str = "",
    ) -> str:
        """Writes down a place, or a new version of one of hers; gives its label.

        Raises:
            Refused, NotFound: not for this viewer; no such case or place.
            BadInput: it holds from a moment yet to come, or the case has several victims.
        """
        if since > self.clock.now():
            raise BadInput("since", "a day that has begun")
        with self.engine.begin() as connection:
            case, person_id = self._hers(connection, viewer, case_code)
            if number is None:
                location_id = routines.append_location(connection, person_id)
            else:
                location_id = self._find(connection, person_id, number).routine_location_id
                routines.end_version(connection, location_id, since)
            self._write(connection, viewer, location_id, place, since=since, reason=reason)
            self._record(connection, viewer, "routine_kept", location_id, case)
            found = self._of_id(connection, person_id, location_id)
        return found.label

    def end(self, viewer: Viewer, case_code: str, number: int, *, reason: str) -> None:
        """She goes there no more; what was said of it stays on record.

        Raises:
            Refused, NotFound, BadInput: as in `keep`; or there is no reason.
        """
        if not reason.strip():
            raise BadInput("reason", "why she goes there no more")
        with self.engine.begin() as connection:
            case, person_id = self._hers(connection, viewer, case_code)
            found = self._find(connection, person_id, number)
            routines.end_version(connection, found.routine_location_id, self.clock.now())
            self._record(connection, viewer, "routine_ended", found.routine_location_id, case)

    def bring_in(self, viewer: Viewer, case_code: str, raw: bytes, *, since: datetime) -> int:
        """Writes down every place of a file, or none; gives how many.

        Raises:
            Refused, NotFound: as in `keep`.
            BadInput: names the line and column that is wrong.
        """
        if since > self.clock.now():
            raise BadInput("since", "a day that has begun")
        with self.engine.begin() as connection:
            case, person_id = self._hers(connection, viewer, case_code)
            places = read_places(raw, Defaults(self.time_zone.key, self.review_on()))
            for place in places:
                location_id = routines.append_location(connection, person_id)
                self._write(connection, viewer, location_id, place, since=since, reason="file")
            self._record(connection, viewer, "routine_imported", None, case, places=len(places))
        return len(places)

    def consent(self, viewer: Viewer, case_code: str, *, words: str, is_given: bool) -> None:
        """She lets her handset's track be read for this, or takes that back at once.

        Raises:
            Refused, NotFound, BadInput: as in `keep`; or nobody says how she said so.
            Clash: she has consented already, or there is nothing to take back.
        """
        now = self.clock.now()
        if is_given and not words.strip():
            raise BadInput("words", "how and to whom she said so")
        with self.engine.begin() as connection:
            case, person_id = self._hers(connection, viewer, case_code)
            held = routines.find_consent(connection, person_id)
            if (held is not None and held.holds(now)) is is_given:
                raise Clash("She has consented already." if is_given else "No consent holds.")
            if is_given:
                routines.append_consent(
                    connection,
                    person_id=person_id,
                    at=now,
                    recorded_by=viewer.user_id,
                    words=words.strip()[:500],
                )
            else:
                routines.end_consent(connection, person_id, at=now, withdrawn_by=viewer.user_id)
            action = "consent_given" if is_given else "consent_withdrawn"
            self._record(connection, viewer, action, person_id, case, kind="person")

    def propose(self, viewer: Viewer, case_code: str) -> int:
        """Looks for habits in her handset's last weeks; each waits for a person. Gives how many.

        Raises:
            Refused, NotFound, BadInput: as in `keep`; Refused also without her consent.
        """
        now = self.clock.now()
        with self.engine.begin() as connection:
            case, person_id = self._hers(connection, viewer, case_code)
            held = routines.find_consent(connection, person_id)
            if held is None or not held.holds(now):
                raise Refused("She has not consented to her handset's track being read.")
            track = track_of(connection, person_id, now - READ_BACK, now)
            self._record(connection, viewer, "routine_proposed", person_id, case, kind="person")
        # Seconds of arithmetic, in which nobody else should wait for this transaction.
        found = rules.propose(track, self.time_zone.key) if len(track) else []
        with self.engine.begin() as connection:
            for number, each in enumerate(found, start=1):
                place = RoutinePlace(
                    name=f"Proposal {number}: {each.stays} stays on {each.days} days",
                    lon=each.lon,
                    lat=each.lat,
                    radius_m=each.radius_m,
                    hours=each.hours,
                    confidence=each.confidence,
                    review_on=self.review_on(),
                    source=Source.PROPOSED,
                )
                location_id = routines.append_location(connection, person_id)
                self._write(
                    connection, viewer, location_id, place,
                    since=now - READ_BACK, reason="", is_confirmed=False,
                )  # fmt: skip
        return len(found)

    def decide(
        self, viewer: Viewer, case_code: str, number: int, *, is_hers: bool, name: str = ""
    ) -> None:
        """A person's word on a proposal: it becomes one of her places, or never was.

        Raises:
            Refused, NotFound, BadInput: as in `keep`.
            Clash: it is no proposal, or was decided already.
        """
        with self.engine.begin() as connection:
            case, person_id = self._hers(connection, viewer, case_code)
            found = self._find(connection, person_id, number)
            if found.is_confirmed:
                raise Clash("That is one of her places already.")
            location_id = found.routine_location_id
            # From its first moment: nothing rests on what nobody has confirmed.
            routines.end_version(connection, location_id, found.valid_from)
            if is_hers:
                place = replace(found.place, name=name.strip() or found.place.name)
                self._write(
                    connection, viewer, location_id, place,
                    since=found.valid_from, reason="confirmed",
                )  # fmt: skip
            action = "routine_confirmed" if is_hers else "routine_declined"
            self._record(connection, viewer, action, location_id, case)

    def review_on(self) -> date:
        """When somebody should ask again about what is written down today."""
        return (self.clock.now() + REVIEW_AFTER).astimezone(self.time_zone).date()

    def reaches(self) -> Reaches:
        """For writing down who tried to go further."""
        return Reaches(self.engine, self.people_clock)

    def _hers(self, connection: Connection, viewer: Viewer, case_code: str) -> tuple[Row, int]:
        now = self.people_clock.now()
        case, _ = need(connection, viewer, case_code, Action.KEEP_ROUTINE, self.reaches(), now)
        people = victims.find_ids(connection, case.case_id)
        if len(people) != 1:
            raise BadInput("case", "one with one victim", len(people))
        return case, people[0]

    def _find(self, connection: Connection, person_id: int, number: int) -> RoutineLocation:
        for each in routines.find_now(connection, [person_id], self.clock.now()):
            if each.number == number:
                return each
        raise NotFound("There is no such routine place.")

    def _of_id(self, connection: Connection, person_id: int, location_id: int) -> RoutineLocation:
        found = routines.find_now(connection, [person_id], self.clock.now())
        return next(each for each in found if each.routine_location_id == location_id)

    def _write(
        self,
        connection: Connection,
        viewer: Viewer,
        location_id: int,
        place: RoutinePlace,
        *,
        since: datetime,
        reason: str,
        is_confirmed: bool = True,
    ) -> None:
        routines.append_version(
            connection,
            location_id,
            place,
            is_confirmed=is_confirmed,
            valid_from=since,
            recorded_at=self.clock.now(),
            recorded_by=viewer.user_id or None,
            reason=reason.strip()[:500],
        )

    def _note_look(
        self,
        connection: Connection,
        viewer: Viewer,
        case: Row,
        found: Sequence[RoutineLocation],
        now: datetime,
        *,
        is_shown: bool,
    ) -> None:
        # What is masked and drawn again within ten minutes is one look; what is shown never is.
        if not is_shown and not self._noted.is_due(viewer.session_id, case.case_id, now):
            return
        ids = [each.routine_location_id for each in found]
        self._record(
            connection, viewer, "routine_seen" if is_shown else "routine_seen_masked",
            case.case_id, case, kind="case", shown=ids if is_shown else [],
        )  # fmt: skip
        self._noted.note(viewer.session_id, case.case_id, now)

    def _record(
        self,
        connection: Connection,
        viewer: Viewer,
        action: str,
        record_id: int | None,
        case: Row,
        *,
        kind: str = "routine_location",
        shown: Sequence[int] = (),
        places: int | None = None,
    ) -> None:
        audit.append(
            connection,
            at=self.people_clock.now(),
            user_id=viewer.user_id or None,
            action=action,
            record_kind=kind,
            record_id=record_id,
            peer=viewer.peer,
            session_id=viewer.session_id or None,
            shown={"routine_location": shown} if shown else None,
            detail={"case_id": case.case_id} | ({} if places is None else {"places": places}),
        )


def need(
    connection: Connection,
    viewer: Viewer,
    case_code: str,
    action: Action,
    reaches: Reaches,
    now: datetime,
) -> tuple[Row, Reach]:
    """The case and how far the viewer reaches, where they may do this to it.

    Raises:
        Refused: not for this viewer; that they asked is written down.
        NotFound: no such case in the viewer's area.
    """
    decision = decide(viewer.role, action)
    if not decision.allowed:
        raise Refused(decision.reason)
    reach = reach_of(connection, viewer, now)
    case = cases.find_case(connection, case_code.strip())
    if case is None or not reach.record(case.case_id, case.area).is_in_area:
        raise NotFound("There is no such case here.")
    decision = reach.may(action, case.case_id, case.area)
    if not decision.allowed:
        reaches.note_refusal(viewer, action, "case", case.case_id)
        raise Refused(decision.reason)
    return case, reach


def shown_until(connection: Connection, reach: Reach, case: Row, now: datetime) -> datetime | None:
    """Until when this viewer may see her routine whole; None: it is masked for them now."""
    is_revealed = case.case_id in reach.revealed_cases
    record = reach.record(case.case_id, case.area, is_revealed=is_revealed)
    if not decide(reach.viewer.role, Action.SEE_VICTIM_ROUTINE, record).allowed:
        return None
    return victims.find_reveal_end(connection, reach.viewer.user_id, case.case_id, now)
