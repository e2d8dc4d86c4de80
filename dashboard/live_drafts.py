"""Tells the pages of the zone studio that a draft was saved or a rehearsal went on.

Numbers only: what is in a draft is fetched through the gate, by whoever may.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Engine

from dashboard.live_clients import Client
from data.rules.access import Action, decide
from data.service.live import Change
from data.store import rehearsals, zone_drafts
from data.store.reading import reading


def tell_drafts(
    engine: Engine,
    changes: Iterable[Change],
    clients: Iterable[Client],
    send: Callable[[Client, str, Any], None],
) -> None:
    """Sends `drafts` to each client that may draw one of these drafts' zones.

    The message is {"drafts": [{"draft_id", "revision"}],
    "rehearsals": [{"rehearsal_id", "draft_id"}]}.
    """
    changes = list(changes)
    draft_ids = {each.record_id for each in changes if each.topic == "draft"}
    job_ids = {each.record_id for each in changes if each.topic == "rehearsal"}
    hearing = [each for each in clients if decide(each.viewer.role, Action.DRAW_ZONE).allowed]
    if not hearing or not (draft_ids or job_ids):
        return
    with reading(engine) as connection:
        drafts = zone_drafts.find_whose(connection, draft_ids)
        jobs = rehearsals.find_whose(connection, job_ids)
    for client in hearing:
        may = client.reach.may
        news = {
            "drafts": [
                {"draft_id": row.zone_draft_id, "revision": row.revision}
                for row in drafts
                if may(Action.DRAW_ZONE, row.case_id, row.area).allowed
            ],
            "rehearsals": [
                {"rehearsal_id": row.rehearsal_id, "draft_id": row.zone_draft_id}
                for row in jobs
                if may(Action.DRAW_ZONE, row.case_id, row.area).allowed
            ],
        }
        if any(news.values()):
            send(client, "drafts", news)
