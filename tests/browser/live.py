"""A server process to be killed, and Chromium that notices everything a page complains about."""

from __future__ import annotations

import gzip
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, sync_playwright

from tests.browser.reader import confirmed_session, parent_session
from tests.builders import PASSWORD, ParentLogin
from tests.conftest import Urls
from tests.workflows.path import World
from workflows.db import Database

ROOT = Path(__file__).parents[2]
AXE = ROOT / "api" / "assets" / "node_modules" / "axe-core" / "axe.min.js"
#: Only what is wrong comes back: all that is right as well is most of the work of looking at a page.
_WRONG = "axe.run(document, {resultTypes: ['violations']}).then((found) => found.violations)"
#: What one page may weigh, compressed, with its style and script (design §5).
HEAVIEST = 60_000
#: The machine may be busy with other tests; a wait ends as soon as it can.
PATIENCE = 90_000


class Site:
    """``steun serve`` in a process of its own, on the database of a test."""

    def __init__(self, urls: Urls, database: Database, folder: Path) -> None:
        self.world = World(database, lambda: datetime.now(UTC))
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            **urls.environment,
            "STEUN_MODE": "demo",
            "STEUN_SECRET_KEY": "-" * 40,
            "STEUN_PORT": str(self.port),
            "STEUN_THREADS": "2",
            "STEUN_LOG_LEVEL": "ERROR",
            "STEUN_RATE_LIMIT": "0",  # tests ask faster than people do
            "PYTHONPATH": str(ROOT),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with open(self.folder / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "api.cli", "serve"],
                cwd=self.folder, env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + PATIENCE / 1000
        while time.monotonic() < until:
            assert self.process.poll() is None, (self.folder / "server.log").read_text()
            try:
                urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                    f"{self.address}/health/ready", timeout=5
                )
            except OSError:
                time.sleep(0.2)
            else:
                return
        raise TimeoutError((self.folder / "server.log").read_text())

    def kill(self) -> None:
        """As when the power fails: no process of it gets to say goodbye."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def stop(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()


class Chromium:
    """One browser for all tests. Where a role asks for a second factor, somebody enters in a session that had one."""

    def __init__(self, path: str) -> None:
        self._playwright = sync_playwright().start()
        self._browser: Browser = self._playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )

    def close(self) -> None:
        self._browser.close()
        self._playwright.stop()

    def visit(self, site: Site, *, width: int = 1280, script: bool = True) -> Visitor:
        """Open a window of one's own, in which nobody is logged in."""
        return Visitor(site, self._browser, width=width, script=script)

    def enter(self, site: Site, login: str, *, width: int = 1280, script: bool = True) -> Visitor:
        """Open a window of one's own and log in."""
        visitor = self.visit(site, width=width, script=script)
        if (secret := confirmed_session(site.world, login)) is not None:
            visitor.context.add_cookies([{"name": "steun-sign-in", "value": secret, "url": site.address}])
            visitor.page.goto(f"{site.address}/werk")
            return visitor
        visitor.page.goto(site.address)
        visitor.look("inloggen")
        visitor.page.get_by_label("Gebruikersnaam").fill(login)
        visitor.page.get_by_label("Wachtwoord").fill(PASSWORD)
        visitor.press("Inloggen")
        visitor.page.wait_for_url("**/werk")
        return visitor

    def enter_as_parent(self, site: Site, parent: ParentLogin, *, width: int = 390, script: bool = True) -> Visitor:
        """A telephone on which a parent (``builders.parent_login``) is logged in."""
        visitor = self.visit(site, width=width, script=script)
        secret = parent_session(site.world, parent)
        visitor.context.add_cookies([{"name": "steun-mijn", "value": secret, "url": site.address}])
        visitor.page.goto(f"{site.address}/mijn")
        return visitor


class Visitor:
    """Somebody at a screen. Complaints of pages are collected and fail the test in :meth:`leave`."""

    def __init__(self, site: Site, browser: Browser, *, width: int, script: bool) -> None:
        self.site = site
        self.width = width
        self.script = script
        self.complaints: list[str] = []
        self.refusals: list[tuple[int, str]] = []
        self.seen: set[str] = set()
        self._weights: dict[str, int] = {}
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": 800}, java_script_enabled=script, locale="nl-NL"
        )
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("response", self._weigh)

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium calls every answer of 400 and up an error; which of them are right is asserted with `refusals`.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"{urlsplit(self.page.url).path}: {message.text}")

    def _weigh(self, response: Response) -> None:
        path = urlsplit(response.url).path
        if response.status >= 400 and path != "/favicon.ico":
            self.refusals.append((response.status, f"{response.request.method} {path}"))
        if response.status == 200 and not response.request.redirected_to:
            self._weights[path] = int(response.headers.get("content-length", 0))

    def look(self, name: str) -> None:
        """Look at a page as a stern reader: accessible, not too wide, not too heavy."""
        self.seen.add(name)
        self.page.wait_for_load_state()  # a click is over as soon as the next page begins to come
        wide = self.page.locator("html").evaluate("html => html.scrollWidth - html.clientWidth")
        assert wide <= 0, f"{name} is {wide} pixels wider than a screen of {self.width}"
        assert self.page.title(), name
        assert self.page.locator("h1").count() == 1, name
        if self.script:
            if not self.page.evaluate("'axe' in window"):
                self.page.evaluate(AXE.read_text())
            told = [
                f"{one['id']}: {one['help']} ({node['html'][:160]})"
                for one in self.page.evaluate(_WRONG)
                for node in one["nodes"]
            ]
            assert not told, f"{name}: " + "; ".join(told)
        html = len(gzip.compress(self.page.content().encode()))
        built = sum(_compressed(url) for url in _built(self.page))
        assert html + built <= HEAVIEST, f"{name} weighs {html + built}"

    def go(self, name: str) -> None:
        """Follow a link of the main menu, which a telephone folds away when it is long."""
        folded = self.page.locator(".steun-nav summary:visible")
        if folded.count():
            folded.click()
        self.page.locator(".steun-nav").get_by_role("link", name=name, exact=True).click()

    def press(self, name: str, *, last: bool = False) -> None:
        """Press a button; where that leads to another page, that page is there."""
        found = self.page.get_by_role("button", name=name)
        (found.last if last else found.first).click()
        self.page.wait_for_load_state()

    def fill(self, answers: dict[str, Any]) -> None:
        """Answer the questions of a form, in their order; without a script ask for the questions that follow."""
        for name, value in answers.items():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                for index, row in enumerate(value):
                    self.fill({f"{name}[{index}].{key}": one for key, one in row.items()})
            elif value not in (None, False, []):
                self._answer(name, value)

    def _answer(self, name: str, value: Any) -> None:
        if not self.script and not self.page.locator(f'[name="{name}"]:not([type=hidden])').count():
            self.page.get_by_role("button", name="Werk de vragen bij").last.click()
        field = self.page.locator(f'[name="{name}"]:not([type=hidden])')
        field.first.wait_for()
        kind = field.first.evaluate("field => field.type || field.tagName")
        if kind in ("radio", "checkbox"):
            for one in value if isinstance(value, list) else [value]:
                text = "true" if one is True else str(one)
                self.page.locator(f'[name="{name}"][value="{text}"]').check()
        elif kind.startswith("select"):
            field.first.select_option(str(value))
        else:
            field.first.fill(str(value))

    def leave(self, *, refused: Iterable[int] = ()) -> None:
        """Close the window; nothing may have complained, and only what was expected was refused."""
        assert self.complaints == []
        assert {status for status, _ in self.refusals} == set(refused), self.refusals
        self.context.close()


def _built(page: Page) -> list[Path]:
    addresses = page.locator("link[rel=stylesheet], script[src]").evaluate_all(
        "all => all.map(one => one.href || one.src)"
    )
    return [ROOT / "api" / urlsplit(address).path.lstrip("/") for address in addresses]


@cache
def _compressed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes()))
