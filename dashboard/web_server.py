"""Runs the control room: gunicorn with one process, because sockets live in its memory.

Each open screen holds a thread for as long as it is open.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from gunicorn.app.base import BaseApplication

from data.settings import Settings


class WebServer(BaseApplication):
    """The room under gunicorn.

    Args:
        make: builds the application and starts its threads; called in the worker process, after
            it was forked.
    """

    def __init__(self, settings: Settings, make: Callable[[], Flask]) -> None:
        self._settings = settings
        self._make = make
        super().__init__()

    def load_config(self) -> None:
        """What gunicorn is told; nothing comes from its own files or environment."""
        host = self._settings.web_host
        bind = f"[{host}]" if ":" in host else host
        chosen = {
            "bind": f"{bind}:{self._settings.web_port}",
            "worker_class": "gthread",
            # One, or polling clients lose their session at every other request.
            "workers": 1,
            "threads": self._settings.web_threads,
            "keepalive": 15,
            # Open sockets never finish by themselves; screens are back within a second.
            "graceful_timeout": 3,
            "timeout": 60,
            # Who looked at what is the audit's business, and addresses name activations.
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            # Else a socket shared by every gunicorn of this account appears in its home.
            "control_socket_disable": True,
            "proc_name": "vigil-web",
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application of the worker."""
        return self._make()
