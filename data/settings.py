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
    web_threads: int = 120  # each open screen holds one; pages need some beyond

    @property
    def var_dir(self) -> Path:
        """Where run-time files go; never committed, safe to delete while nothing runs."""
        return self.project_dir / ".var"

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
    return Settings(
        project_dir=project_dir,
        database_url=env.get("VIGIL_DATABASE_URL") or None,
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
        web_threads=int(_number(env, "VIGIL_WEB_THREADS", 120, 30, 2000)),
    )
