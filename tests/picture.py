"""`make picture`: takes the README's picture from a demo that runs for it alone."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser import ARGUMENTS, find_browser
from tests.database import OwnedCluster

_PROJECT = Path(__file__).parent.parent
_PICTURE = _PROJECT / "dashboard" / "assets" / "room.png"
_SIZE = {"width": 1600, "height": 900}
_PATIENCE_MS = 180_000


def main() -> int:
    """Runs a demo, signs in, waits for a breach, opens it, and keeps what is on screen."""
    owned = OwnedCluster()
    with owned.cluster.connect("postgres") as connection:
        connection.execute("create database copy_picture template template0")
    with owned.cluster.connect("copy_picture") as connection:
        connection.execute("create extension postgis")
    port = _free_port()
    checkpoints = tempfile.TemporaryDirectory(prefix="vigil-picture-")
    env = {
        **os.environ,
        "VIGIL_DATABASE_URL": owned.cluster.url("copy_picture"),
        "VIGIL_OWNER_DATABASE_URL": owned.cluster.owner_url("copy_picture"),
        # A demo that lies here already keeps the trail of its own.
        "VIGIL_CHECKPOINT_DIR": checkpoints.name,
        "VIGIL_WEB_PORT": str(port),
        "VIGIL_GATEWAY_PORT": str(_free_port()),
    }
    demo = subprocess.Popen([sys.executable, "app.py", "demo"], cwd=_PROJECT, env=env)
    try:
        _take(f"http://127.0.0.1:{port}/")
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(30)
        owned.stop()
        checkpoints.cleanup()
    print(f"{_PICTURE.relative_to(_PROJECT)}: {_PICTURE.stat().st_size / 1000:.0f} kB")
    return 0


def _take(address: str) -> None:
    while not _answers(address):
        time.sleep(0.5)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(ARGUMENTS))
        page = browser.new_context(viewport=_SIZE).new_page()
        page.set_default_timeout(_PATIENCE_MS)
        page.goto(address)
        page.get_by_role("button", name=re.compile("Operator")).click()
        _open_first_breach(page)
        page.screenshot(path=_PICTURE, timeout=_PATIENCE_MS)
        browser.close()


def _open_first_breach(page: Page) -> None:
    page.get_by_role("option", name=re.compile("in victim safe area")).first.click()
    page.get_by_role("button", name=re.compile("Acknowledge")).wait_for()
    # The map flies there, and the trail of the last minutes is drawn.
    page.wait_for_timeout(8_000)
    # On a slow machine the first pictures take so long that the room rightly says NOT LIVE.
    page.get_by_text(re.compile(r"^LIVE \d")).first.wait_for()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
