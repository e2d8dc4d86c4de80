"""Sign-in by an identity provider (OpenID Connect): who the provider says has just signed in.

The provider takes the place of the password and of nothing else: the account must be known here
already, its role and cases are ours, and the second factor is asked for as always.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import asdict, dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from data.clock import Clock
from data.errors import BadInput, Unauthorised, Unavailable
from data.settings import Settings

_PATIENCE_S = 5.0
_LEEWAY_S = 30
_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_NOT_IT = "The sign-in did not come from the provider as it was asked for. Begin again."


@dataclass(frozen=True, slots=True)
class Ask:
    """What one browser was sent to the provider with; good for one answer."""

    state: str
    nonce: str
    verifier: str  # PKCE (RFC 7636): only who asked can use the code

    def to_json(self) -> dict[str, str]:
        """As it travels in the browser's signed cookie."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The ask of this JSON, which our own signature has vouched for."""
        return cls(value["state"], value["nonce"], value["verifier"])


class Provider:
    """The one provider of this deployment.

    Args:
        back: the address the provider sends the browser back to; registered there.

    Raises:
        BadInput: the settings name half a provider, or one without TLS.
    """

    def __init__(self, settings: Settings, clock: Clock, back: str) -> None:
        if not settings.oidc_client_id:
            raise BadInput("VIGIL_OIDC_CLIENT_ID", "the name the provider knows this room by")
        self._issuer = settings.oidc_issuer or ""
        parts = urlsplit(self._issuer)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise BadInput("VIGIL_OIDC_ISSUER", "an https address", self._issuer)
        self._client_id = settings.oidc_client_id
        self._login_claim = settings.oidc_login_claim
        file = settings.oidc_secret_file
        self._secret = file.read_text(encoding="utf-8").strip() if file else None
        self._clock = clock
        self._back = back

    def ask(self) -> tuple[str, Ask]:
        """Where to send a browser, and what to hold its answer against.

        Raises:
            Unavailable: the provider does not answer.
        """
        ask = Ask(*(secrets.token_urlsafe(32) for _ in range(3)))
        client = self._client()
        url, _ = client.create_authorization_url(
            self._read("/.well-known/openid-configuration")["authorization_endpoint"],
            state=ask.state,
            nonce=ask.nonce,
            code_verifier=ask.verifier,
        )
        return url, ask

    def login_of(self, ask: Ask, state: str, code: str) -> str:
        """Whose sign-in the provider vouches for, by the login the account has here.

        Raises:
            Unauthorised: state, signature, issuer, audience, nonce or time is not as it should be.
            Unavailable: the provider does not answer.
        """
        if not hmac.compare_digest(state.encode(), ask.state.encode()):
            raise Unauthorised(_NOT_IT)
        found = self._read("/.well-known/openid-configuration")
        if found.get("issuer") != self._issuer:
            raise Unauthorised(_NOT_IT)
        try:
            given = self._client().fetch_token(
                found["token_endpoint"], code=code, code_verifier=ask.verifier, timeout=_PATIENCE_S
            )
            keys = KeySet.import_key_set(self._fetch(found["jwks_uri"]))
            claims = jwt.decode(given["id_token"], keys, algorithms=_ALGORITHMS).claims
            jwt.JWTClaimsRegistry(
                now=int(self._clock.now().timestamp()),
                leeway=_LEEWAY_S,
                iss={"essential": True, "value": self._issuer},
                aud={"essential": True, "value": self._client_id},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": ask.nonce},
            ).validate(claims)
        except requests.RequestException as error:
            raise Unavailable("The provider does not answer. Try again in a moment.") from error
        except (AuthlibBaseError, JoseError, KeyError, ValueError, TypeError) as error:
            raise Unauthorised(_NOT_IT) from error
        # A token for several is ours only if it was made for us (OpenID Connect Core, 3.1.3.7).
        audience = claims["aud"]
        several = isinstance(audience, list) and len(audience) > 1
        if claims.get("azp", None if several else self._client_id) != self._client_id:
            raise Unauthorised(_NOT_IT)
        login = claims.get(self._login_claim)
        if not isinstance(login, str) or not login:
            raise Unauthorised(_NOT_IT)
        return login

    def _client(self) -> Any:
        return OAuth2Session(
            self._client_id,
            self._secret,
            scope="openid profile",
            redirect_uri=self._back,
            code_challenge_method="S256",
        )

    def _read(self, path: str) -> dict[str, Any]:
        try:
            return self._fetch(self._issuer.rstrip("/") + path)
        except (requests.RequestException, ValueError) as error:
            raise Unavailable("The provider does not answer. Try again in a moment.") from error

    @staticmethod
    def _fetch(url: str) -> Any:
        # No redirects: what the settings name is what is asked.
        answer = requests.get(url, timeout=_PATIENCE_S, allow_redirects=False)
        answer.raise_for_status()
        return answer.json()
