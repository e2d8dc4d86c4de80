"""A real browser for tests, which fails a test that reaches out or complains on its console."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_SHOTS = Path(__file__).parent.parent / ".var" / "screenshots"
_FAILED = pytest.StashKey[bool]()
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",  # as root there is none
    "--disable-gpu",
    "--enable-unsafe-swiftshader",  # WebGL 2 without a graphics card
    "--use-angle=swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
)
"""How Chromium is started wherever a test or a picture needs it."""


def find_browser() -> str | None:
    """The path of a Chromium that a test can drive; None when there is none."""
    names = [os.environ["VIGIL_TEST_BROWSER"]] if "VIGIL_TEST_BROWSER" in os.environ else _NAMES
    for name in names:
        path = shutil.which(name)
        # Ubuntu's chromium is a snap: a stub that cannot be driven from outside its box.
        if path and "/snap/" not in os.path.realpath(path) and not _is_stub(path):
            return path
    return None


def _is_stub(path: str) -> bool:
    with open(path, "rb") as program:
        return b"snap" in program.read(4096)


def pytest_report_header() -> str:
    """Names the browser the result depends on."""
    path = find_browser()
    if path is None:
        return "browser: none found"
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    return f"browser: {done.stdout.strip() or path}"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the run."""
    path = find_browser()
    if path is None:
        pytest.fail(
            "No browser: apt-get install chromium (Debian) or name one in VIGIL_TEST_BROWSER"
        )
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    r"""Opens a page as another person at another screen would: nothing shared with the others.

    Arguments are those of Playwright's `new_context`. At the end the test fails if any page
    asked another host than 127.0.0.1 for anything, or wrote an error to its console. What is
    expected there can be named: `open_page.allow(r"401 \\(Unauthorized\\)")`.
    """
    pages: list[Page] = []
    complaints: list[str] = []
    allowed: list[str] = []

    def watch(page: Page) -> None:
        page.on("request", lambda asked: complaints.extend(_outside(asked.url)))
        page.on("websocket", lambda socket: complaints.extend(_outside(socket.url)))
        page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))
        page.on(
            "console",
            lambda said: (
                complaints.append(f"console: {said.text}") if said.type == "error" else None
            ),
        )
        pages.append(page)

    def open_page(**context: Any) -> Page:
        made = browser.new_context(**{"viewport": {"width": 1920, "height": 1080}, **context})
        made.set_default_timeout(15_000)
        made.on("page", watch)
        return made.new_page()

    open_page.allow = allowed.append  # type: ignore[attr-defined]
    yield open_page
    failed = request.node.stash.get(_FAILED, False)
    found = [each for each in complaints if not any(re.search(one, each) for one in allowed)]
    if failed or found:
        _keep_pictures(request.node.name, pages)
    for page in pages:
        page.context.close()
    assert not found, "The page did what it must not:\n" + "\n".join(dict.fromkeys(found))


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """One page, for a test that needs no second person."""
    return open_page()


def _outside(url: str) -> list[str]:
    parts = urlsplit(url)
    is_here = parts.hostname in {"127.0.0.1", "localhost"}
    inside = is_here or parts.scheme in {"data", "blob", "about"}
    return [] if inside else [f"asked {parts.scheme}://{parts.netloc} for {parts.path}"]


def _keep_pictures(test: str, pages: list[Page]) -> None:
    _SHOTS.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"[^\w-]+", "_", test)
    for number, page in enumerate(pages, 1):
        if not page.is_closed():
            page.screenshot(path=_SHOTS / f"{stem}-{number}.png")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Lets fixtures know whether their test failed."""
    report: Any = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report
