"""A key signs for one address, one session and one moment; anything else is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyotp
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine, text

from data.clock import FixedClock
from data.errors import BadInput, NotFound, Refused, Unauthorised
from data.model.user import Role, Viewer
from data.service.second_factor import SecondFactor
from data.service.security_keys import CHALLENGE_FOR, MOST_KEYS, SecurityKeys
from data.service.sign_in import SignIn
from tests.security_key import SecurityKey
from tests.stage import PASSWORD, QUICK_HASHER

pytestmark = pytest.mark.db

ORIGIN = "http://localhost:8050"
PEER = "10.0.0.7"


class Door:
    """A door that takes keys, and people who have set up their app."""

    def __init__(self, engine: Engine, clock: FixedClock) -> None:
        self.engine, self.clock = engine, clock
        self.keys = SecurityKeys(engine, clock, ORIGIN)
        factor = SecondFactor(Fernet.generate_key())
        self.sign_in = SignIn(engine, clock, QUICK_HASHER, factor, self.keys)

    def enrol(self, login: str) -> Viewer:
        """Somebody new, signed in with an app."""
        self.sign_in.add_user(login, PASSWORD, Role.OPERATOR)
        cookie, half = self.sign_in.sign_in(login, PASSWORD, PEER)
        offer = self.sign_in.offer_factor(half)
        assert offer is not None
        code = pyotp.TOTP(offer[0]).at(self.clock.now())
        return self.sign_in.enrol(cookie, PEER, code)[1]

    def with_key(self, login: str) -> tuple[Viewer, SecurityKey]:
        """The same, with a key registered."""
        viewer, key = self.enrol(login), SecurityKey(ORIGIN)
        self.keys.register(viewer, key.make(self.keys.offer(viewer)))
        return viewer, key

    def half(self, login: str) -> tuple[str, dict[str, Any]]:
        """The cookie of somebody half way in, and what their key is asked to sign."""
        cookie, _ = self.sign_in.sign_in(login, PASSWORD, PEER)
        options = self.sign_in.ask_key(cookie, PEER)
        assert options is not None
        return cookie, options

    def trail(self) -> list[str]:
        """Every act in the audit trail, in order."""
        with self.engine.connect() as connection:
            query = text("select action from vigil.audit_entry order by audit_entry_id")
            return list(connection.scalars(query))


@pytest.fixture
def door(engine: Engine, clock: FixedClock) -> Door:
    """The door on a database of the test's own."""
    return Door(engine, clock)


def test_a_key_opens_the_door(door: Door) -> None:
    """In place of the code, and it is a fresh proof; the trail says which key."""
    door.with_key("op7")
    _, key = door.with_key("op8")
    cookie, options = door.half("op8")
    _, viewer = door.sign_in.give_code(cookie, PEER, key.sign(options))
    assert viewer.login == "op8"
    assert viewer.stepped_up_at == door.clock.now()
    assert door.trail()[-2:] == ["security_key_used", "signed_in"]
    assert door.trail().count("security_key_added") == 2


def test_a_false_page_gets_nothing(door: Door) -> None:
    """What was signed at another address, or for another host, does not count here."""
    _, key = door.with_key("op7")
    key.origin = "https://room.example.evil"
    cookie, options = door.half("op7")
    with pytest.raises(Unauthorised):
        door.sign_in.give_code(cookie, PEER, key.sign(options))
    key.origin, key._host = ORIGIN, "evil"
    cookie, options = door.half("op7")
    with pytest.raises(Unauthorised):
        door.sign_in.give_code(cookie, PEER, key.sign(options))
    assert door.trail()[-1] == "second_factor_refused"


def test_a_false_page_registers_nothing(door: Door) -> None:
    """Nor is a key kept that was made at another address."""
    viewer = door.enrol("op7")
    with pytest.raises(Refused):
        door.keys.register(viewer, SecurityKey("http://evil").make(door.keys.offer(viewer)))
    assert door.keys.find_all(viewer) == []


def test_a_challenge_counts_once(door: Door) -> None:
    """Not after it opened the door, not after a wrong try, not in another session."""
    viewer, key = door.with_key("op7")
    cookie, options = door.half("op7")
    wrong = key.sign({"challenge": "AAAA"})
    right = key.sign(options)
    with pytest.raises(Unauthorised):
        door.sign_in.give_code(cookie, PEER, wrong)
    with pytest.raises(Unauthorised):
        door.sign_in.give_code(cookie, PEER, right)
    other, _ = door.half("op7")
    with pytest.raises(Unauthorised):
        door.sign_in.give_code(other, PEER, right)
    again = door.sign_in.ask_key_again(viewer)
    assert again is not None
    proof = key.sign(again)
    door.sign_in.step_up(viewer, proof)
    with pytest.raises(Refused):
        door.sign_in.step_up(viewer, proof)


def test_an_offer_counts_once(door: Door) -> None:
    """The answer that registered a key registers nothing more."""
    viewer = door.enrol("op7")
    options = door.keys.offer(viewer)
    door.keys.register(viewer, SecurityKey(ORIGIN).make(options))
    with pytest.raises(Refused):
        door.keys.register(viewer, SecurityKey(ORIGIN).make(options))


def test_a_challenge_runs_out(door: Door) -> None:
    """After two minutes, to the moment; just before them it counts."""
    _, key = door.with_key("op7")
    cookie, options = door.half("op7")
    door.clock.forward(CHALLENGE_FOR)
    with pytest.raises(Unauthorised):
        door.sign_in.give_code(cookie, PEER, key.sign(options))
    cookie, options = door.half("op7")
    door.clock.forward(CHALLENGE_FOR - timedelta(microseconds=1))
    door.sign_in.give_code(cookie, PEER, key.sign(options))


def test_a_key_is_one_person_s(door: Door) -> None:
    """Another's key does not open mine, and cannot be registered a second time."""
    _, key = door.with_key("op7")
    other, _ = door.with_key("op8")
    cookie, options = door.half("op8")
    with pytest.raises(Unauthorised):
        door.sign_in.give_code(cookie, PEER, key.sign(options))
    with pytest.raises(BadInput):
        door.keys.register(other, key.make(door.keys.offer(other)))


@pytest.mark.parametrize("count", [0, 4, 5])
def test_a_counter_that_does_not_rise_is_a_copy(door: Door, count: int) -> None:
    """The sixth use follows the fifth; the fifth again, or an older one, is refused."""
    _, key = door.with_key("op7")
    key.count = 4
    cookie, options = door.half("op7")
    door.sign_in.give_code(cookie, PEER, key.sign(options))
    key.count = count - 1  # it counts one up as it signs
    cookie, options = door.half("op7")
    with pytest.raises(Unauthorised):
        door.sign_in.give_code(cookie, PEER, key.sign(options))
    key.count = 5
    cookie, options = door.half("op7")
    door.sign_in.give_code(cookie, PEER, key.sign(options))


def test_a_step_up_wants_more_than_a_touch(door: Door) -> None:
    """A key is left in the machine like a screen is left open: its holder must show themselves."""
    viewer, key = door.with_key("op7")
    options = door.sign_in.ask_key_again(viewer)
    assert options is not None
    assert options["userVerification"] == "required"
    with pytest.raises(Refused):
        door.sign_in.step_up(viewer, key.sign(options, is_verified=False))
    options = door.sign_in.ask_key_again(viewer)
    assert options is not None
    assert door.sign_in.step_up(viewer, key.sign(options))


def test_a_removed_key_opens_nothing(door: Door) -> None:
    """Its holder removes it, nobody else; an administrator's reset removes all."""
    viewer, key = door.with_key("op7")
    other, _ = door.with_key("op8")
    number = door.keys.find_all(viewer)[0].security_key_id
    with pytest.raises(NotFound):
        door.keys.remove(other, number)
    cookie, options = door.half("op7")
    door.keys.remove(viewer, number)
    assert door.trail()[-1] == "security_key_removed"
    with pytest.raises(Unauthorised):
        door.sign_in.give_code(cookie, PEER, key.sign(options))
    door.sign_in.reset_factor("op8")
    assert door.keys.find_all(other) == []


def test_there_is_an_end_to_keys(door: Door) -> None:
    """Ten, and one has to go before the next."""
    viewer = door.enrol("op7")
    for _ in range(MOST_KEYS):
        door.keys.register(viewer, SecurityKey(ORIGIN).make(door.keys.offer(viewer)))
    with pytest.raises(BadInput):
        door.keys.offer(viewer)


def _spoilt(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Answers that are none: each part missing, of another kind, cut short or of noise."""
    whole = [{}, {"id": 1}, {**answer, "id": "x"}, {**answer, "type": 7}, {**answer, "rawId": None}]
    noise: tuple[Any, ...] = (
        None,
        7,
        [],
        {},
        "",
        "!",
        "AAAA",
        "\x00",
        "é",
        slice(-8),
        slice(8, None),
    )
    parts = [
        {field: value[other] if isinstance(other, slice) else other}
        for field, value in answer["response"].items()
        for other in noise
    ]
    return whole + [{**answer, "response": answer["response"] | part} for part in parts]


def test_rubbish_registers_nothing(door: Door) -> None:
    """And no crash."""
    viewer, key = door.enrol("op7"), SecurityKey(ORIGIN)
    for number in range(len(_spoilt(key.make({"challenge": "AAAA"})))):
        spoilt = _spoilt(key.make(door.keys.offer(viewer)))[number]
        with pytest.raises(Refused):
            door.keys.register(viewer, spoilt)


def test_rubbish_opens_nothing(door: Door) -> None:
    """And no crash, whatever is wrong with an answer that was right otherwise."""
    _, key = door.with_key("op7")
    for number in range(len(_spoilt(key.sign({"challenge": "AAAA"})))):
        door.clock.forward(timedelta(minutes=16))  # who tries often has to wait
        cookie, options = door.half("op7")
        with pytest.raises(Unauthorised):
            door.sign_in.give_code(cookie, PEER, _spoilt(key.sign(options))[number])
