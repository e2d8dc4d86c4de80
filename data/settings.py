"""What a deployment decides, read once from the environment by app.py and handed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from data.clock import Clock, DemoClock, SystemClock
from data.errors import BadInput


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a process of Vigil needs to know before it starts."""

    project_dir: Path
    database_url: str | None  # None: run our own private cluster
    owner_database_url: str | None  # the tables' owner, for migrations; the program is another
    web_host: str
    web_port: int
    gateway_host: str
    gateway_port: int
    public_url: str | None  # https address behind which people reach the room
    time_zone: ZoneInfo  # the wall time of the monitoring centre
    demo: bool
    demo_seed: int
    demo_speed: float
    demo_started_at: datetime | None
    judge_workers: int
    checkpoint_dir: Path  # where signed checkpoints of the audit trail go
    secret_key_file: Path  # what second factors are sealed with
    checkpoint_key_file: Path  # what they are signed with
    has_own_checkpoint_dir: bool  # somebody chose the folder; else it lies beside the database
    notify_file: Path | None = None  # addresses that notices go to; None: somebody has to ring
    web_threads: int = 120  # each open screen holds one; pages need some beyond
    oidc_issuer: str | None = None  # identity provider in place of passwords; None: there is none
    oidc_client_id: str | None = None
    oidc_secret_file: Path | None = None  # None: a public client, by PKCE alone
    oidc_login_claim: str = "preferred_username"

    @property
    def var_dir(self) -> Path:
        """Where run-time files go; never committed, safe to delete while nothing runs."""
        return self.project_dir / ".var"

    @property
    def demo_checkpoint_dir(self) -> Path:
        """Where a demo's checkpoints go: its trail begins anew with each world."""
        chosen = self.checkpoint_dir if self.has_own_checkpoint_dir else self.var_dir
        return chosen / "demo" / "checkpoints"

    def clock(self) -> Clock:
        """The clock every process of this deployment shares."""
        if self.demo and self.demo_started_at is not None:
            return DemoClock(self.demo_started_at, self.demo_speed)
        return SystemClock()


def _number(env: Mapping[str, str], name: str, default: float, low: float, high: float) -> float:
    raw = env.get(name, "")
    if not raw:
        return default
    try:
        value = float(raw)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise BadInput(name, f"a number from {low:g} to {high:g}", raw)
    return value


def read_settings(env: Mapping[str, str], project_dir: Path) -> Settings:
    """Settings from environment variables `VIGIL_*`; unset ones take their defaults.

    Raises:
        BadInput: a variable holds something that cannot be meant.
    """
    zone_name = env.get("VIGIL_TIME_ZONE") or "Europe/London"
    try:
        time_zone = ZoneInfo(zone_name)
    except (KeyError, ValueError, OSError) as error:
        raise BadInput("VIGIL_TIME_ZONE", "a zone name such as Europe/London", zone_name) from error
    started = env.get("VIGIL_DEMO_STARTED_AT")
    checkpoint_dir = env.get("VIGIL_CHECKPOINT_DIR")
    key_file = env.get("VIGIL_CHECKPOINT_KEY_FILE")
    return Settings(
        project_dir=project_dir,
        database_url=env.get("VIGIL_DATABASE_URL") or None,
        owner_database_url=env.get("VIGIL_OWNER_DATABASE_URL") or None,
        web_host=env.get("VIGIL_WEB_HOST") or "127.0.0.1",
        web_port=int(_number(env, "VIGIL_WEB_PORT", 8050, 1, 65535)),
        gateway_host=env.get("VIGIL_GATEWAY_HOST") or "127.0.0.1",
        gateway_port=int(_number(env, "VIGIL_GATEWAY_PORT", 8051, 1, 65535)),
        public_url=env.get("VIGIL_PUBLIC_URL") or None,
        time_zone=time_zone,
        demo=env.get("VIGIL_DEMO") == "1",
        demo_seed=int(_number(env, "VIGIL_DEMO_SEED", 1, 0, 2**31)),
        demo_speed=_number(env, "VIGIL_DEMO_SPEED", 1, 1, 60),
        demo_started_at=datetime.fromisoformat(started).astimezone(UTC) if started else None,
        judge_workers=int(_number(env, "VIGIL_JUDGE_WORKERS", 2, 1, 64)),
        checkpoint_dir=Path(checkpoint_dir or project_dir / ".var" / "checkpoints"),
        secret_key_file=Path(
            env.get("VIGIL_SECRET_KEY_FILE") or project_dir / ".var" / "secret.key"
        ),
        checkpoint_key_file=Path(key_file or project_dir / ".var" / "checkpoint.key"),
        has_own_checkpoint_dir=bool(checkpoint_dir),
        notify_file=Path(notify) if (notify := env.get("VIGIL_NOTIFY_FILE")) else None,
        web_threads=int(_number(env, "VIGIL_WEB_THREADS", 120, 30, 2000)),
        oidc_issuer=env.get("VIGIL_OIDC_ISSUER") or None,
        oidc_client_id=env.get("VIGIL_OIDC_CLIENT_ID") or None,
        oidc_secret_file=Path(secret) if (secret := env.get("VIGIL_OIDC_SECRET_FILE")) else None,
        oidc_login_claim=env.get("VIGIL_OIDC_LOGIN_CLAIM") or "preferred_username",
    )
