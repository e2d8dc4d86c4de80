"""Where judging stands: a row an activation, a row a zone that binds it, a row a pair.

The rows are the memory of compiled rules (`track`, `visits`, `approach`, `contact`); nothing
else belongs in them. Packed, a state is their bytes behind a mark of the layout.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from data.errors import BadInput
from data.model.breach import BreachKind
from data.model.judging import BreachChange, BreachKey

PairKey = tuple[int, int, int]
"""(pair_id, offender_activation_id, victim_activation_id)."""

NEVER = -(2**62)
"""A moment before every moment."""

MODES = 4
"""Of the filter: still or moving, each with the error as reported or worse than admitted."""

CONDITIONS = 8


class GroupKind(IntEnum):
    """What a group of rules is about."""

    EXCLUSION = 1  # inner: the zone; outer: its buffer
    INCLUSION = 2  # inner: being outside the zone
    PAIR = 3  # inner: the alarm distance; outer: the warning distance


class Phase(IntEnum):
    """Where a visit stands."""

    NONE = 0
    POSSIBLE = 1
    CONFIRMED = 2
    LEFT = 3  # over, but a return may still belong to it


_BREACH_KINDS = {
    (GroupKind.EXCLUSION, 0): BreachKind.EXCLUSION,
    (GroupKind.EXCLUSION, 1): BreachKind.BUFFER,
    (GroupKind.INCLUSION, 0): BreachKind.INCLUSION,
    (GroupKind.PAIR, 0): BreachKind.PAIR_ALARM,
    (GroupKind.PAIR, 1): BreachKind.PAIR_WARN,
}

TRACK_DTYPE = np.dtype(
    [
        ("activation_id", "<i8"),
        # The newest fix judged, by the order of judging.
        ("last_us", "<i8"),
        ("last_fixed_us", "<i8"),
        ("last_fingerprint", "<i8"),
        ("boundary_us", "<i8"),  # newest boundary of a zone's hours that was judged
        ("passed_us", "<i8"),  # the passing of time is judged up to here
        ("reports", "<i8"),
        # The last believed place, and one that disagrees with it and may yet prove right.
        ("place_us", "<i8"),
        ("lon", "<f8"),
        ("lat", "<f8"),
        ("radius_m", "<f8"),
        ("speed_mps", "<f8"),
        ("rival_us", "<i8"),
        ("rival_lon", "<f8"),
        ("rival_lat", "<f8"),
        ("rival_radius_m", "<f8"),
        # Where disbelieved fixes were before: the other place of an identity in two places.
        ("ghost_us", "<i8"),
        ("ghost_lon", "<f8"),
        ("ghost_lat", "<f8"),
        ("ghost_radius_m", "<f8"),
        ("ghosts", "<i8"),  # how often in a row
        # The last believed place whose error is small enough to draw a path from.
        ("sharp_us", "<i8"),
        ("sharp_lon", "<f8"),
        ("sharp_lat", "<f8"),
        ("same_since_us", "<i8"),
        ("same_fixes", "<i8"),
        ("unplaced", "<i8"),  # reports without a place since the last place
        ("disbelieved", "<i8"),  # fixes not believed since the last place
        # The filter, in metres east and north of `at_lon`, `at_lat`.
        ("at_us", "<i8"),
        ("at_lon", "<f8"),
        ("at_lat", "<f8"),
        ("weight", "<f8", (MODES,)),
        ("mean", "<f8", (MODES, 6)),  # place, error of sort 0, error of sort 1; east, north each
        ("cov", "<f8", (MODES, 6)),  # of one axis: pp, p0, p1, 00, 01, 11
        # The filtered place as last given out.
        ("flon", "<f8"),
        ("flat", "<f8"),
        ("fsigma_m", "<f8"),
        # Conditions of the device.
        ("heard_us", "<i8"),  # newest moment at which anything arrived
        ("began_us", "<i8", (CONDITIONS,)),
        ("level", "<i8", (CONDITIONS,)),  # 0: does not hold
        ("unplaced_since_us", "<i8"),
        ("twin_us", "<i8"),
    ]
)

VISIT_DTYPE = np.dtype(
    [
        ("phase", "<i8"),  # Phase
        ("opened_us", "<i8"),
        ("entered_us", "<i8"),
        ("confirmed_us", "<i8"),
        ("left_us", "<i8"),
        ("sure_left_us", "<i8"),  # when a stay last ended; suspicions since do not move it
        ("run_us", "<i8"),  # since when one fix after the other has been suspicious
        ("inside_us", "<i8"),  # last moment seen inside
        ("below", "<i8"),
        ("below_us", "<i8"),
        ("bits", "<i8"),  # of the last three fixes: was the filtered track rather in than out?
        ("fixes", "<i8"),
        ("crossings", "<i8"),
        ("is_out", "<i8"),  # seen outside since the last crossing
        ("crossed_us", "<i8", (3,)),
        ("flaps", "<i8"),
        ("near_before", "<i8"),  # the fix before was not clearly outside
        ("p_max", "<f8"),
        ("radius_m", "<f8"),
        ("edge_m", "<f8"),
        ("grade", "<i8"),
        ("cause", "<i8"),
        ("zone_version_id", "<i8"),
        ("best_us", "<i8"),
        ("best_fingerprint", "<i8"),
        ("flags", "<i8"),
        ("minutes", "<f8"),
        ("closing", "<i8"),
        ("stale_s", "<f8"),
        ("breach_id", "<i8"),
    ]
)

GROUP_DTYPE = np.dtype(
    [
        ("activation_id", "<i8"),
        ("zone_id", "<i8"),  # 0 for a pair
        ("pair_id", "<i8"),  # 0 for a zone
        ("victim_activation_id", "<i8"),
        ("case_id", "<i8"),
        ("kind", "<i8"),  # GroupKind
        ("zone_version_id", "<i8"),  # in force when last looked at; 0: none
        ("edge_m", "<f8"),  # of the filtered place, at the fix before; NaN: far away
        ("seen", "<i8"),
        ("cause", "<i8"),
        ("since_us", "<i8"),
    ]
)
"""What one rule is about: a zone with its buffer, or a pair with its two distances."""

PARTY_DTYPE = np.dtype(
    [
        ("us", "<i8"),
        ("lon", "<f8"),
        ("lat", "<f8"),
        ("sigma_m", "<f8"),
        ("flon", "<f8"),
        ("flat", "<f8"),
        ("fsigma_m", "<f8"),
        ("speed_mps", "<f8"),
        ("toward_m", "<f8"),  # ground made towards the other, fading over `approach_minutes`
        ("walked_m", "<f8"),  # ground covered in any direction, fading alike
    ]
)

PAIR_DTYPE = np.dtype(
    [
        ("last_us", "<i8"),
        ("last_activation_id", "<i8"),
        ("last_fixed_us", "<i8"),
        ("last_fingerprint", "<i8"),
        ("boundary_us", "<i8"),
        ("passed_us", "<i8"),
        ("party", PARTY_DTYPE, (2,)),  # offender, victim
        ("common_us", "<i8"),
        ("east_m", "<f8"),  # offender from victim, at the last common moment
        ("north_m", "<f8"),
        ("apart_us", "<i8"),  # the distance below and when it was measured, for closing speed
        ("apart_m", "<f8"),
        ("closing_mps", "<f8"),
    ]
)

_MARK = b"vj02"
_PAIR_MARK = b"vp02"


def fresh_track(activation_id: int) -> NDArray[np.void]:
    """One row for an activation of which nothing is known, shape (1,)."""
    track = np.zeros(1, TRACK_DTYPE)
    track["activation_id"] = activation_id
    for name in (
        "last_us", "last_fixed_us", "boundary_us", "passed_us", "place_us", "rival_us", "ghost_us",
        "sharp_us", "same_since_us", "at_us", "heard_us", "unplaced_since_us", "twin_us",
    ):  # fmt: skip
        track[name] = NEVER
    track["last_fingerprint"] = -1
    for name in ("lon", "lat", "flon", "flat", "fsigma_m", "radius_m"):
        track[name] = np.nan
    return track


def fresh_pairs(n: int) -> NDArray[np.void]:
    """Pairs of which nothing is known, shape (n,)."""
    pairs = np.zeros(n, PAIR_DTYPE)
    for name in ("last_us", "last_fixed_us", "boundary_us", "passed_us", "common_us", "apart_us"):
        pairs[name] = NEVER
    pairs["party"]["us"] = NEVER
    return pairs


def fresh_visits(groups: int) -> NDArray[np.void]:
    """Visits at rest, inner and outer, shape (groups, 2)."""
    visits = np.zeros((groups, 2), VISIT_DTYPE)
    visits["run_us"] = NEVER
    return visits


def fresh_groups(n: int) -> NDArray[np.void]:
    """Rules that have judged nothing yet, shape (n,)."""
    groups = np.zeros(n, GROUP_DTYPE)
    groups["edge_m"] = np.nan
    return groups


@dataclass(frozen=True, slots=True)
class JudgeState:
    """State of some activations and pairs. Rows belong together by position."""

    tracks: NDArray[np.void]  # (a,) TRACK_DTYPE, by activation
    groups: NDArray[np.void]  # (g,) GROUP_DTYPE of zones, by (activation, zone)
    visits: NDArray[np.void]  # (g, 2) VISIT_DTYPE: inner, outer
    pairs: NDArray[np.void]  # (p,) PAIR_DTYPE, by pair key
    pair_groups: NDArray[np.void]  # (p,) GROUP_DTYPE
    pair_visits: NDArray[np.void]  # (p, 2) VISIT_DTYPE: alarm, warn

    @classmethod
    def empty(cls) -> Self:
        """Nothing judged yet."""
        return cls.unpack({})

    @classmethod
    def unpack(
        cls, activations: Mapping[int, bytes], pairs: Mapping[PairKey, bytes] | None = None
    ) -> Self:
        """State from what `pack` and `pack_pairs` gave; b"" is one not judged yet.

        Raises:
            BadInput: the bytes are of another layout; judge that activation from its beginning.
        """
        fresh = {
            key: _MARK + fresh_track(key).tobytes()
            for key, packed in activations.items()
            if not packed
        }
        tracks, groups, visits = _read(
            [activations[key] or fresh[key] for key in sorted(activations)], _MARK, TRACK_DTYPE
        )
        # A pair not judged yet gets its row when a first fix comes.
        kept = [packed for _, packed in sorted((pairs or {}).items()) if packed]
        return cls(tracks, groups, visits, *_read(kept, _PAIR_MARK, PAIR_DTYPE))

    def copy(self) -> Self:
        """Rows of its own, free to be changed."""
        return type(self)(*(rows.copy() for rows in self._columns()))

    def pack(self) -> dict[int, tuple[int, bytes]]:
        """Activation to (as_of_us, bytes). Every fix before `as_of_us` would be late."""
        first = np.searchsorted(self.groups["activation_id"], self.tracks["activation_id"])
        last = np.searchsorted(
            self.groups["activation_id"], self.tracks["activation_id"], side="right"
        )
        as_of = np.maximum(0, np.maximum(self.tracks["last_us"], self.tracks["boundary_us"]))
        return {
            int(activation_id): (
                int(as_of[i]),
                _MARK
                + self.tracks[i : i + 1].tobytes()
                + self.groups[first[i] : last[i]].tobytes()
                + self.visits[first[i] : last[i]].tobytes(),
            )
            for i, activation_id in enumerate(self.tracks["activation_id"])
        }

    def pack_pairs(self) -> dict[PairKey, tuple[int, bytes]]:
        """Pair to (as_of_us, bytes)."""
        as_of = np.maximum(0, np.maximum(self.pairs["last_us"], self.pairs["boundary_us"]))
        return {
            key: (
                int(as_of[i]),
                _PAIR_MARK
                + self.pairs[i : i + 1].tobytes()
                + self.pair_groups[i : i + 1].tobytes()
                + self.pair_visits[i : i + 1].tobytes(),
            )
            for i, key in enumerate(pair_keys(self.pair_groups))
        }

    def name(self, ids: Mapping[BreachKey, int]) -> Self:
        """The same state with these breaches knowing their id on record.

        Keys of breaches that are over, or of other activations, are passed over.
        """
        named = self.copy()
        for groups, visits in (
            (named.groups, named.visits),
            (named.pair_groups, named.pair_visits),
        ):
            wanted = {each.activation_id for each in ids}
            for row in np.flatnonzero(np.isin(groups["activation_id"], list(wanted))):
                for ring in (0, 1):
                    key = breach_key(groups[row], visits[row, ring], ring)
                    if key is not None and key in ids:
                        visits[row, ring]["breach_id"] = ids[key]
        return named

    def open_breaches(self) -> tuple[BreachChange, ...]:
        """Every breach still going on, with its figures as they stand."""
        return tuple(each for each in self.known_breaches() if each.left_at_us is None)

    def known_breaches(self) -> tuple[BreachChange, ...]:
        """The same, with those left so lately that a return would belong to them."""
        from data.rules.breaches import known_changes

        return known_changes(self)

    def _columns(self) -> Iterator[NDArray[np.void]]:
        yield from (self.tracks, self.groups, self.visits)
        yield from (self.pairs, self.pair_groups, self.pair_visits)


def pair_keys(groups: NDArray[np.void]) -> list[PairKey]:
    """The key of each pair's row."""
    columns = (
        groups[name].tolist() for name in ("pair_id", "activation_id", "victim_activation_id")
    )
    return list(zip(*columns, strict=True))


def breach_key(group: Any, visit: Any, ring: int) -> BreachKey | None:
    """What the visit's breach is called; None where there is no visit."""
    if not visit["phase"]:
        return None
    return BreachKey(
        _BREACH_KINDS[GroupKind(int(group["kind"])), ring],
        int(group["activation_id"]),
        int(group["zone_id"]) or None,
        int(group["pair_id"]) or None,
        int(visit["opened_us"]),
    )


def _read(
    packed: Sequence[bytes], mark: bytes, dtype: np.dtype[np.void]
) -> tuple[NDArray[np.void], NDArray[np.void], NDArray[np.void]]:
    """Rows, groups and visits of all these states together."""
    rows_end = len(mark) + dtype.itemsize
    each_group = GROUP_DTYPE.itemsize + 2 * VISIT_DTYPE.itemsize
    ends = []
    for each in packed:
        count, rest = divmod(len(each) - rows_end, each_group)
        if not each.startswith(mark) or count < 0 or rest:
            raise BadInput("state", f"{mark.decode()} rows of the judge")
        ends.append(rows_end + count * GROUP_DTYPE.itemsize)
    rows = b"".join(each[len(mark) : rows_end] for each in packed)
    groups = b"".join(each[rows_end:end] for each, end in zip(packed, ends, strict=True))
    visits = b"".join(each[end:] for each, end in zip(packed, ends, strict=True))
    return (
        np.frombuffer(rows, dtype),
        np.frombuffer(groups, GROUP_DTYPE),
        np.frombuffer(visits, VISIT_DTYPE).reshape(-1, 2),
    )
