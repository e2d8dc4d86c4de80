"""Notices go out once, are tried again, and become work for a person when they do not go."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from data.clock import FixedClock
from data.errors import BadInput
from data.model.alert import AlertKind
from data.model.desk_policy import Recipient
from data.rules.sending import MOST_TRIES, is_given_up, wait_s
from data.service.alert_work import AlertWork
from data.service.alerts import Alerts
from data.service.channels import DemoPhone, NoChannel, Outward, read_addresses
from data.service.notify import Notifier
from data.service.watch import Watch
from data.store import notices
from tests.stage import ADDRESS, OFFENDER, TELEPHONE, VICTIM, a_stage, a_viewer, an_alert


class Sink(ThreadingHTTPServer):
    """Another organisation's door: keeps what came, answers with `status`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.came: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.status = 200

    @property
    def address(self) -> str:
        """As the file of addresses names it."""
        return f"json://127.0.0.1:{self.server_port}"


class _Door(BaseHTTPRequestHandler):
    server: Sink

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.came.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A real server on this machine."""
    with Sink() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def alert_id(engine: Engine) -> int:
    """An alert about the stage's breach."""
    with engine.begin() as connection:
        return an_alert(connection, a_stage(connection))


def order(engine: Engine, clock: FixedClock, alert_id: int, to: Recipient, key: str = "k") -> None:
    """Orders a notice as a desk does."""
    with engine.begin() as connection:
        notices.append(connection, alert_id, to, key=key, at=clock.now(), user_id=None)


def state(engine: Engine) -> Any:
    """How far the notices have come, oldest first."""
    with engine.connect() as connection:
        return connection.execute(text("select * from vigil.notice order by notice_id")).all()


@pytest.mark.parametrize(("tries", "wait"), [(1, 1), (2, 2), (3, 4), (5, 16), (6, 20), (60, 20)])
def test_each_try_waits_longer(tries: int, wait: float) -> None:
    """Doubling, to twenty seconds; the sixth try is the last."""
    assert wait_s(tries) == wait
    assert is_given_up(tries) is (tries >= MOST_TRIES)


@pytest.mark.db
def test_a_notice_goes_out_once(
    engine: Engine, clock: FixedClock, alert_id: int, sink: Sink
) -> None:
    """With its key as a header, to her own number, and with nobody's name or place in it."""
    way = f"{sink.address}/sms/{{telephone}}"
    notifier = Notifier(engine, clock, Outward({Recipient.VICTIM: [way]}))
    order(engine, clock, alert_id, Recipient.VICTIM, f"step:{alert_id}:0:victim")
    assert notifier.send_next() is True
    assert notifier.send_next() is False
    ((path, headers, body),) = sink.came
    assert path.startswith("/sms/+46705550142") or "46705550142" in path
    assert headers["Idempotency-Key"] == f"step:{alert_id}:0:victim"
    for name in (*OFFENDER.split(), *VICTIM.split(), ADDRESS, TELEPHONE, "0142 "):
        assert name not in body["message"]
    (row,) = state(engine)
    assert (row.sent_at, row.delivered_at, row.failure) == (clock.now(), None, "")


@pytest.mark.db
@pytest.mark.parametrize("status", [500, 429, 302])
def test_what_is_refused_is_tried_again_and_given_up(
    engine: Engine, clock: FixedClock, alert_id: int, sink: Sink, status: int
) -> None:
    """Six tries with growing pauses; a way that leads elsewhere is not followed."""
    sink.status = status
    notifier = Notifier(engine, clock, Outward({Recipient.POLICE: [sink.address]}))
    order(engine, clock, alert_id, Recipient.POLICE)
    began = clock.now()
    while state(engine)[0].failed_at is None:
        if not notifier.send_next():
            clock.forward(timedelta(seconds=1))
    assert len(sink.came) == MOST_TRIES
    assert not any(path == "/elsewhere" for path, *_ in sink.came)
    assert len({headers["Idempotency-Key"] for _, headers, _ in sink.came}) == 1
    assert clock.now() - began == timedelta(seconds=1 + 2 + 4 + 8 + 16)
    assert "127.0.0.1" not in state(engine)[0].failure


@pytest.mark.db
def test_the_next_way_is_tried(
    engine: Engine, clock: FixedClock, alert_id: int, sink: Sink
) -> None:
    """A dead first channel does not keep a notice from going out."""
    ways = ["json://127.0.0.1:9/dead", sink.address]
    notifier = Notifier(engine, clock, Outward({Recipient.ON_CALL: ways}))
    order(engine, clock, alert_id, Recipient.ON_CALL)
    notifier.send_next()
    assert len(sink.came) == 1
    assert state(engine)[0].sent_at == clock.now()


@pytest.mark.db
def test_several_senders_share_the_work(
    engine: Engine, clock: FixedClock, alert_id: int, sink: Sink
) -> None:
    """Four at once, twelve notices: each goes out exactly once."""
    notifier = Notifier(engine, clock, Outward({Recipient.POLICE: [sink.address]}))
    for number in range(12):
        order(engine, clock, alert_id, Recipient.POLICE, f"k{number}")

    def send() -> None:
        while notifier.send_next():
            pass

    senders = [threading.Thread(target=send) for _ in range(4)]
    for each in senders:
        each.start()
    for each in senders:
        each.join(30)
    assert sorted(headers["Idempotency-Key"] for _, headers, _ in sink.came) == sorted(
        f"k{number}" for number in range(12)
    )


@pytest.mark.db
def test_no_tick_is_work_of_its_own(engine: Engine, clock: FixedClock, alert_id: int) -> None:
    """After 20 s a P2 says whom to ring; once somebody has rung them, it is cleared."""
    work, viewer = AlertWork(engine, clock), a_viewer(engine, clock, "op7")
    work.acknowledge(viewer, alert_id)
    work.do_step(viewer, alert_id, "police")
    notifier, watch = Notifier(engine, clock, NoChannel()), Watch(engine, clock)
    notifier.send_next()

    def own() -> list[Any]:
        return [row for row in Alerts(engine, clock).open_rows() if row.kind is AlertKind.OTHER]

    steady_s = 1000.0
    for _ in range(2):
        assert own() == []
        clock.forward(timedelta(seconds=10))
        steady_s += 10
        watch.round(steady_s)
        watch.round(steady_s)  # a round that comes twice tells once
    (row,) = own()
    assert (int(row.priority), row.title, row.case_code, row.cleared_at) == (
        2,
        "a notice to the police has not gone out: ring them",
        "0142",
        None,
    )
    work.do_step(viewer, alert_id, "police", note="Rang them at 12:01.")
    watch.round(steady_s)
    assert own()[0].cleared_at == clock.now()


@pytest.mark.db
def test_the_demo_s_telephones_always_have_it(
    engine: Engine, clock: FixedClock, alert_id: int
) -> None:
    """Sent and delivered at once; the alert's version tells the screens."""
    before = Alerts(engine, clock).rows([alert_id])[0]
    order(engine, clock, alert_id, Recipient.POLICE)
    Notifier(engine, clock, DemoPhone()).send_next()
    (row,) = state(engine)
    assert (row.sent_at, row.delivered_at) == (clock.now(), clock.now())
    after = Alerts(engine, clock).rows([alert_id])[0]
    assert (after.version, after.turn) == (before.version + 1, before.turn)


@pytest.mark.parametrize(
    "stored",
    ["{", "[]", '{"neighbour": []}', '{"police": "json://x"}', '{"police": ["nowhere:secret"]}'],
)
def test_a_file_that_cannot_be_meant_stops_the_start(tmp_path: Path, stored: str) -> None:
    """It says which line, and never the address, which holds a password."""
    path = tmp_path / "notify.json"
    path.write_text(stored)
    with pytest.raises(BadInput, match="VIGIL_NOTIFY_FILE") as error:
        read_addresses(path)
    assert "secret" not in str(error.value)
    path.write_text('{"police": ["json://127.0.0.1/x"], "victim": ["json://h/{telephone}"]}')
    read_addresses(path)
