"""How urgent it is: priority, and minutes to contact."""

from __future__ import annotations

from data.model.alert import AlertKind, Priority
from data.model.breach import BreachKind, Channel

_TAMPER = frozenset({AlertKind.CASE_OPEN, AlertKind.MOVING_WITHOUT_FIX, AlertKind.TWIN_POSITION})


def breach_priority(kind: BreachKind, channel: Channel, *, is_closing: bool) -> Priority:
    """P1 for a confirmed entry or contact, P2 for a suspected one or an approach, else P3."""
    if kind in (BreachKind.EXCLUSION, BreachKind.PAIR_ALARM):
        return Priority.P1 if channel is Channel.CONFIRMED else Priority.P2
    if kind in (BreachKind.BUFFER, BreachKind.PAIR_WARN) and is_closing:
        return Priority.P2
    return Priority.P3


def condition_priority(kind: AlertKind, *, is_moving: bool, is_near_zone: bool) -> Priority:
    """P1 for a strap open on the move, P2 for tamper and for silence near a zone, else P3."""
    if kind is AlertKind.STRAP_OPEN:
        return Priority.P1 if is_moving else Priority.P2
    if kind in _TAMPER or (kind is AlertKind.SILENT and is_near_zone):
        return Priority.P2
    return Priority.P3
