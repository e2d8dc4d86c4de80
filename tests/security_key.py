"""A security key in software, with real keys and signatures: what a browser would send for it."""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class SecurityKey:
    """One P-256 credential with a counter, as in CTAP2; `count` may be turned back by a test."""

    def __init__(self, origin: str, host: str = "localhost") -> None:
        self.origin = origin
        self.count = 0
        self._host = host
        self.credential_id = secrets.token_bytes(32)
        self._private = ec.generate_private_key(ec.SECP256R1())

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to navigator.credentials.create()."""
        numbers = self._private.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        attested = bytes(16) + struct.pack(">H", 32) + self.credential_id + cbor2.dumps(cose)
        authenticator = self._data(PRESENT | VERIFIED | ATTESTED) + attested
        made = {"fmt": "none", "attStmt": {}, "authData": authenticator}
        return self._answer(
            clientDataJSON=self._client("webauthn.create", options["challenge"]),
            attestationObject=cbor2.dumps(made),
        )

    def sign(self, options: dict[str, Any], *, is_verified: bool = True) -> dict[str, Any]:
        """The answer to navigator.credentials.get(); counts one up."""
        self.count += 1
        client = self._client("webauthn.get", options["challenge"])
        authenticator = self._data(PRESENT | (VERIFIED if is_verified else 0))
        signed = authenticator + hashlib.sha256(client).digest()
        return self._answer(
            clientDataJSON=client,
            authenticatorData=authenticator,
            signature=self._private.sign(signed, ec.ECDSA(hashes.SHA256())),
        )

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _data(self, flags: int) -> bytes:
        host = hashlib.sha256(self._host.encode()).digest()
        return host + struct.pack(">BI", flags, self.count)

    def _answer(self, **response: bytes) -> dict[str, Any]:
        name = bytes_to_base64url(self.credential_id)
        sent = {field: bytes_to_base64url(value) for field, value in response.items()}
        return {"id": name, "rawId": name, "type": "public-key", "response": sent}
