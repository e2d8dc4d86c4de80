"""Bounds what one message of a socket may bring, before it is read whole into memory."""

from __future__ import annotations

from typing import Any

from flask_socketio import SocketIO


def bounded_websocket(socketio: SocketIO, limit_bytes: int) -> None:
    """Closes a socket that sends a larger message.

    The engine compares the length only after reading; the library below it has a limit of its
    own that it is not told of.
    """
    engine = socketio.server.eio
    plain = engine._async["websocket"]

    def bounded(handler: Any, server: Any) -> Any:
        return plain(handler, server, max_message_size=limit_bytes)

    # A copy: the table is shared by every engine of the process.
    engine._async = {**engine._async, "websocket": bounded}
