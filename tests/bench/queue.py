"""A desk with fifty and with five thousand open alerts: keys, scrolling, news, in a browser."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from sqlalchemy import insert, select

from data.clock import SystemClock
from data.model.user import Role
from data.store import outbox, tables
from data.store.cluster import Cluster
from tests.bench.acts import ACTS
from tests.bench.road import a_database
from tests.bench.room import free_port, main_thread, processes
from tests.browser import ARGUMENTS, find_browser
from tests.stage import a_session, a_stage, an_alert

FEW, MANY = 50, 5_000
CHANGED_AT_ONCE = 50
AIM_RATIO = 1.5


def measure(cluster: Cluster, home: Path, rows: int) -> dict[str, Any]:
    """What acts on a list of so many open alerts cost, and what the news of fifty costs."""
    with a_database(cluster, f"queue_{rows}") as engine:
        now = datetime.now(UTC)
        with engine.begin() as connection:
            stage = a_stage(connection, at=now - timedelta(hours=1))
            first = an_alert(connection, stage, now - timedelta(minutes=30))
            row = connection.execute(
                select(tables.alert).where(tables.alert.c.alert_id == first)
            ).one()
            like = {
                name: value
                for name, value in row._mapping.items()
                if name not in ("alert_id", "condition_key", "priority")
            }
            connection.execute(
                insert(tables.alert),
                [
                    like | {"condition_key": f"row:{n}", "priority": 1 + n % 3}
                    for n in range(1, rows)
                ],
            )
        cookie, _ = a_session(engine, SystemClock(), "op7", Role.OPERATOR)
        url = engine.url.render_as_string(hide_password=False)
        with (
            processes(url, free_port(), home, ("web",)) as room,
            sync_playwright() as playwright,
        ):
            chromium = playwright.chromium.launch(
                executable_path=find_browser(), args=list(ARGUMENTS)
            )
            context = chromium.new_context(
                viewport={"width": 1920, "height": 1080}, reduced_motion="reduce"
            )
            context.add_cookies([{"name": "vigil", "value": cookie, "url": room}])
            page = context.new_page()
            page.goto(f"{room}/desk")
            page.locator("[data-alert-list] [data-alert]").first.wait_for(timeout=120_000)
            page.wait_for_timeout(5000)
            found: dict[str, Any] = page.evaluate(ACTS)
            found["quiet"] = main_thread(page, 5.0)
            with engine.begin() as connection:
                ids = connection.scalars(
                    select(tables.alert.c.alert_id).limit(CHANGED_AT_ONCE)
                ).all()
                connection.execute(
                    tables.alert.update()
                    .where(tables.alert.c.alert_id.in_(ids))
                    .values(repeats=tables.alert.c.repeats + 1, version=tables.alert.c.version + 1)
                )
                outbox.append(connection, "alert", ids, datetime.now(UTC))
            found["news"] = main_thread(page, 5.0)
            chromium.close()
    return found


def report(cluster: Cluster, home: Path) -> bool:
    """Prints the figures; whether many rows cost a person no more than few.

    What selecting costs at all is mostly the map and the case beside the list, which without a
    graphics card are drawn by the processor; the number of rows must not add to it.
    """
    print("\nA desk with few and with many open alerts (no graphics card)")
    told = {}
    for rows in (FEW, MANY):
        found = told[rows] = measure(cluster, home, rows)
        acts = ", ".join(
            f"{name} p50 {found[act]['p50']:.0f} p95 {found[act]['p95']:.0f} ms"
            for name, act in (("key", "keys"), ("scroll", "scroll"), ("nothing", "nothing"))
        )
        print(
            f"  {rows:>5,} rows, {found['drawn']} drawn: to the frame that shows it: {acts} "
            f"(n = {found['keys']['n']} each); main thread {found['quiet']:.0f} ms a second, "
            f"{found['news']:.0f} over five in which {CHANGED_AT_ONCE} rows change at once",
            flush=True,
        )
    ratios = [told[MANY][act]["p50"] / told[FEW][act]["p50"] for act in ("keys", "scroll")]
    met = max(ratios) < AIM_RATIO
    print(
        f"  {MANY:,} rows against {FEW}: keys {ratios[0]:.2f}, scroll {ratios[1]:.2f} times; "
        f"aim, below {AIM_RATIO}: {'kept' if met else 'MISSED'}"
    )
    return met
