"""Walls: screens that nobody signs in to.

Adding one prints a link that works once; the browser that opens it is given a token of its own,
which holds until it is revoked, whatever restarts. Both are 256 random bits, and only their
SHA-256 is kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, Engine, Row

from data.clock import Clock
from data.errors import BadInput, NotFound, Unauthorised
from data.model.user import Role, Viewer
from data.service.sign_in import SEEN_EVERY, hash_of
from data.store import audit, walls
from data.store.reading import reading

LINK_FOR = timedelta(hours=24)
"""How long a printed link can be used, once."""

TOKEN_MARK = "wall."  # noqa: S105 - no secret: what comes after it is
"""What a wall's cookie begins with, so that it is never taken for a person's."""

_NAME_LENGTH = 40
_DEMO = "demo wall"


@dataclass(frozen=True, slots=True)
class Walls:
    """The one door for screens.

    Args:
        engine: the database.
        clock: that of sessions.
    """

    engine: Engine
    clock: Clock

    def add(self, name: str, area: str = "") -> str:
        """Adds a wall and gives the code of its link, this once.

        Raises:
            BadInput: the name is taken or odd.
        """
        name = name.strip()
        if not name or len(name) > _NAME_LENGTH or not name.isprintable():
            raise BadInput("name", f"1 to {_NAME_LENGTH} characters")
        now = self.clock.now()
        code = secrets.token_urlsafe(32)
        with self.engine.begin() as connection:
            wall_id = walls.append(
                connection,
                name=name,
                area=area,
                link_hash=hash_of(code),
                link_until=now + LINK_FOR,
                added_at=now,
            )
            self._record(connection, "wall_added", wall_id)
        return code

    def renew(self, name: str) -> str:
        """A new link for a wall; its present token holds until the link is used.

        Raises:
            NotFound: no such wall, or it is revoked.
        """
        code = secrets.token_urlsafe(32)
        with self.engine.begin() as connection:
            row = self._get(connection, name)
            until = self.clock.now() + LINK_FOR
            walls.save(connection, row.wall_id, link_hash=hash_of(code), link_until=until)
            self._record(connection, "wall_link_made", row.wall_id)
        return code

    def revoke(self, name: str) -> None:
        """Shuts a wall out for good; its screen goes dark within two seconds.

        Raises:
            NotFound: no such wall, or it is revoked already.
        """
        with self.engine.begin() as connection:
            row = self._get(connection, name)
            walls.save(connection, row.wall_id, revoked_at=self.clock.now(), link_hash=None)
            self._record(connection, "wall_revoked", row.wall_id)

    def listed(self) -> Sequence[Row]:
        """Every wall without its secrets, by name."""
        with reading(self.engine) as connection:
            return walls.find_all(connection)

    def enter(self, code: str, peer: str) -> tuple[str, Viewer]:
        """Uses a link up, and gives the cookie for the screen that opened it.

        Raises:
            Unauthorised: there is no such link, it was used, or it is too old.
        """
        with self.engine.begin() as connection:
            row = walls.find_by_link(connection, hash_of(code[:100]), self.clock.now())
            if row is None:
                raise Unauthorised("This link was used, or is too old. Make another: app.py wall.")
            return self._enter(connection, row, peer)

    def enter_demo(self, peer: str) -> tuple[str, Viewer]:
        """A demo's wall, in one click. The caller answers for this being a demo.

        Each click is a wall of its own, or the second would darken the first.
        """
        name = f"{_DEMO} {secrets.token_hex(4)}"
        code = self.add(name)
        return self.enter(code, peer)

    def viewer_of(self, cookie: str, peer: str) -> Viewer | None:
        """The wall of this cookie; None for none we know, or know no longer."""
        if not cookie.startswith(TOKEN_MARK) or len(cookie) > 100:
            return None
        with reading(self.engine) as connection:
            row = walls.find_by_token(connection, hash_of(cookie))
        if row is None:
            return None
        now = self.clock.now()
        if row.seen_at is None or now - row.seen_at >= SEEN_EVERY:
            with self.engine.begin() as connection:
                walls.save(connection, row.wall_id, seen_at=now)
        return _viewer(row, peer)

    def find_holding(self, session_ids: Iterable[int]) -> dict[int, Viewer]:
        """Those of these walls that are still let in, by the number in their `Viewer`."""
        wall_ids = [-each for each in session_ids if each < 0]
        if not wall_ids:
            return {}
        with reading(self.engine) as connection:
            return {-row.wall_id: _viewer(row, "") for row in walls.find_holding(
                connection, wall_ids)}  # fmt: skip

    def _enter(self, connection: Connection, row: Row, peer: str) -> tuple[str, Viewer]:
        now = self.clock.now()
        cookie = TOKEN_MARK + secrets.token_urlsafe(32)
        walls.save(
            connection,
            row.wall_id,
            link_hash=None,
            link_until=None,
            token_hash=hash_of(cookie),
            entered_at=now,
            seen_at=now,
        )
        self._record(connection, "wall_entered", row.wall_id, peer)
        return cookie, _viewer(row, peer)

    def _get(self, connection: Connection, name: str) -> Row:
        row = walls.find_by_name(connection, name)
        if row is None:
            raise NotFound(f"There is no wall {name!r}. `app.py wall list` names all.")
        return row

    def _record(
        self, connection: Connection, action: str, wall_id: int, peer: str = "command line"
    ) -> None:
        audit.append(
            connection,
            at=self.clock.now(),
            user_id=None,
            action=action,
            record_kind="wall",
            record_id=wall_id,
            peer=peer,
        )


def _viewer(row: Row, peer: str) -> Viewer:
    # Nobody: no user has the number 0. Sessions of people are numbered from 1 up, walls down.
    return Viewer(0, f"wall {row.name}", Role.WALL, row.area, -row.wall_id, peer)
