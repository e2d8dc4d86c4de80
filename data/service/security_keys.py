"""Security keys and passkeys (WebAuthn): a second factor that no false page can ask for.

The browser signs for the address it is at, so a key says nothing to a page that only looks like
ours. A challenge lies in its session's row, counts once and for two minutes.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import Connection, Engine, Row
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from data.clock import Clock
from data.errors import BadInput, NotFound, Refused
from data.model.user import Viewer
from data.store import audit, security_keys
from data.store.reading import reading

CHALLENGE_FOR = timedelta(minutes=2)
"""From being asked to the touch of the key."""

MOST_KEYS = 10
"""A person's keys: one for each pocket and machine, and an end to it."""

NAME = "Vigil"

# What the library raises over answers that are no answers: its own errors, and what slips through.
_NO_ANSWER = (WebAuthnException, ValueError, KeyError, TypeError)

Answer = dict[str, Any]
"""What a browser's PublicKeyCredential.toJSON() gives; anything may be in it."""


class SecurityKeys:
    """Registers, asks, checks and removes keys.

    Args:
        origin: the address in people's browsers, as `https://room.example`. Its host is what the
            keys are bound to: under another name they have to be registered anew.
    """

    def __init__(self, engine: Engine, clock: Clock, origin: str) -> None:
        self._engine = engine
        self._clock = clock
        parts = urlsplit(origin)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self._host = parts.hostname or ""

    def find_all(self, viewer: Viewer) -> Sequence[Row]:
        """The viewer's keys (security_key_id, made_at, used_at among others), oldest first."""
        with reading(self._engine) as connection:
            return security_keys.find_all(connection, viewer.user_id)

    def offer(self, viewer: Viewer) -> Answer:
        """What the browser needs to make a new key, as JSON.

        Raises:
            BadInput: the viewer has as many as anybody may.
        """
        with self._engine.begin() as connection:
            known = security_keys.find_all(connection, viewer.user_id)
            if len(known) >= MOST_KEYS:
                raise BadInput("key", f"{MOST_KEYS} at most: remove one first")
            options = webauthn.generate_registration_options(
                rp_id=self._host,
                rp_name=NAME,
                user_name=viewer.login,
                user_id=viewer.user_id.to_bytes(8),
                challenge=self._challenge(connection, viewer),
                timeout=_milliseconds(CHALLENGE_FOR),
                exclude_credentials=_descriptors(known),
                authenticator_selection=AuthenticatorSelectionCriteria(
                    # The password says who it is: no need to use up a key's few places for names.
                    resident_key=ResidentKeyRequirement.DISCOURAGED,
                    user_verification=UserVerificationRequirement.PREFERRED,
                ),
            )
        return json.loads(webauthn.options_to_json(options))

    def register(self, viewer: Viewer, answer: Answer) -> None:
        """Keeps the key that answered the offer.

        Raises:
            Refused: it is no answer to what was asked in this session in the last two minutes.
            BadInput: somebody has this key already.
        """
        now = self._clock.now()
        with self._engine.begin() as connection:
            challenge = self._use_challenge(connection, viewer.session_id, now)
        try:
            made = webauthn.verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self.origin,
            )
        except _NO_ANSWER as error:
            raise Refused("That is not a key Vigil can take. Ask for it again.") from error
        with self._engine.begin() as connection:
            key_id = security_keys.append(
                connection,
                viewer.user_id,
                credential_id=made.credential_id,
                public_key=made.credential_public_key,
                sign_count=made.sign_count,
                at=now,
            )
            _note(connection, "security_key_added", viewer, key_id, now)

    def remove(self, viewer: Viewer, security_key_id: int) -> None:
        """Removes one of the viewer's own keys.

        Raises:
            NotFound: the viewer has no such key.
        """
        now = self._clock.now()
        with self._engine.begin() as connection:
            if not security_keys.save_removed(connection, viewer.user_id, now, security_key_id):
                raise NotFound("You have no such key.")
            _note(connection, "security_key_removed", viewer, security_key_id, now)

    def ask(self, viewer: Viewer, *, is_step_up: bool = False) -> Answer | None:
        """What the browser needs to ask for one of the viewer's keys; None for who has none."""
        with self._engine.begin() as connection:
            known = security_keys.find_all(connection, viewer.user_id)
            if not known:
                return None
            options = webauthn.generate_authentication_options(
                rp_id=self._host,
                challenge=self._challenge(connection, viewer),
                timeout=_milliseconds(CHALLENGE_FOR),
                allow_credentials=_descriptors(known),
                user_verification=(
                    UserVerificationRequirement.REQUIRED
                    if is_step_up
                    else UserVerificationRequirement.PREFERRED
                ),
            )
        return json.loads(webauthn.options_to_json(options))

    def check(
        self, connection: Connection, viewer: Viewer, answer: Answer, *, is_step_up: bool = False
    ) -> bool:
        """Whether one of the viewer's keys has signed this session's challenge; uses it up.

        In the caller's transaction, which must be kept also when this is False: else the
        challenge would count again.

        Args:
            is_step_up: no password goes before it, and a key is often left in the machine: its
                holder must show themselves to it, by a PIN or a finger.
        """
        now = self._clock.now()
        try:
            challenge = self._use_challenge(connection, viewer.session_id, now)
            credential = webauthn.helpers.parse_authentication_credential_json(answer)
            key = security_keys.find_locked(connection, viewer.user_id, credential.raw_id)
            if key is None:
                return False
            used = webauthn.verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self.origin,
                credential_public_key=bytes(key.public_key),
                # A count that does not go up is a copied key, or a copied answer.
                credential_current_sign_count=key.sign_count,
                require_user_verification=is_step_up,
            )
        except (Refused, *_NO_ANSWER):
            return False
        security_keys.save_used(connection, key.security_key_id, used.new_sign_count, now)
        _note(connection, "security_key_used", viewer, key.security_key_id, now)
        return True

    def _challenge(self, connection: Connection, viewer: Viewer) -> bytes:
        challenge = secrets.token_bytes(32)
        security_keys.save_challenge(connection, viewer.session_id, challenge, self._clock.now())
        return challenge

    def _use_challenge(self, connection: Connection, session_id: int, now: datetime) -> bytes:
        row = security_keys.save_challenge_used(connection, session_id)
        # Up to, not at, its end.
        if row is None or not now < row.challenge_at + CHALLENGE_FOR:
            raise Refused("That took too long. Ask for the key again.")
        return bytes(row.challenge)


def _descriptors(keys: Sequence[Row]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=bytes(key.credential_id)) for key in keys]


def _milliseconds(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)


def _note(
    connection: Connection, action: str, viewer: Viewer, security_key_id: int, now: datetime
) -> None:
    audit.append(
        connection,
        at=now,
        user_id=viewer.user_id,
        action=action,
        record_kind="security_key",
        record_id=security_key_id,
        peer=viewer.peer,
        session_id=viewer.session_id,
    )
