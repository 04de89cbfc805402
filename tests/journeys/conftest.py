"""Browser tests use a Chromium of the system when there is one, else the one that Playwright brought."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import connection
from playwright.sync_api import ConsoleMessage, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.cast import Cast

_NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session", autouse=True)
def database_beside_a_loop() -> Iterator[None]:
    """Let fixtures use the database in the thread in which Playwright keeps its event loop."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Return how the browser is started; root needs it without its sandbox."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    arguments = [*browser_type_launch_args.get("args", []), *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    chosen = {"executable_path": found} if found else {}
    return {**browser_type_launch_args, "args": arguments, **chosen}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Return what a new window is like: it asks for pages in Chinese."""
    return {**browser_context_args, "locale": "zh-CN"}


REFUSED = "422"
STOP_SECONDS = 40


class Visit(Protocol):
    """Signs somebody in and opens an address; with `refusals` an answer 422, which the browser notes, is no fault."""

    def __call__(
        self,
        address: str = "/",
        *,
        who: str = "alice",
        width: int = 1440,
        height: int = 800,
        language: str = "en",
        refusals: bool = False,
    ) -> Page:
        """The page, once its heading stands."""
        ...


@pytest.fixture
def visit(page: Page, live_server: LiveServer, cast: Cast) -> Iterator[Visit]:
    """Open an address as a member of the cast; an error in the browser's console fails the journey."""
    errors: list[str] = []
    expected: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(text in message.text for text in expected):
            errors.append(message.text)

    def opened(
        address: str = "/",
        *,
        who: str = "alice",
        width: int = 1440,
        height: int = 800,
        language: str = "en",
        refusals: bool = False,
    ) -> Page:
        expected.extend([REFUSED] if refusals else [])
        page.set_viewport_size({"width": width, "height": height})
        page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        page.on("console", note)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(live_server.url + address)
        page.fill("input[name=login]", f"{who}@example.com")
        page.fill("input[name=password]", "a-long-password")
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/sign-in/" not in url, wait_until="load")
        expect(page.locator("main h1")).to_be_visible()
        return page

    assert cast.alice.user_id
    yield opened
    assert errors == []


@pytest.fixture
def worker(database_url: str, transactional_db: None) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process on the test database; it must end well when it is told to stop.

    Its queue begins empty: the flush after a test that commits leaves the tables that migrations do not manage,
    and behind the jobs of a whole run the first reaction would wait for minutes.
    """
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    environment = {
        **os.environ,
        "GUANXI_DATABASE_URL": os.environ.get("GUANXI_DATABASE_URL") or database_url,
        "GUANXI_DATA": str(settings.DATA_FOLDER),
    }
    process = subprocess.Popen((sys.executable, "-m", "guanxi", "worker"), env=environment)
    yield process
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=STOP_SECONDS) == 0


@pytest.fixture
def browse(visit: Visit) -> Callable[[int], Page]:
    """Sign Dora in on a screen of some width, in Chinese."""
    return lambda width: visit(who="dora", width=width, language="zh-hans")


def faults_of(page: Page) -> list[str]:
    """What axe finds wrong on the page by the rules of WCAG 2.2 AA; nothing is faded in while it looks."""
    page.emulate_media(reduced_motion="reduce")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    page.emulate_media(reduced_motion="no-preference")
    return [f"{fault['id']} {fault['nodes'][0]['html'][:120]}" for fault in found.response["violations"]]
