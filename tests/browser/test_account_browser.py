"""One's own account in real Chromium, on a telephone and with the keyboard alone: the app, codes, and sessions elsewhere."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page

from tests.browser.live import Chromium, Site, Visitor
from tests.builders import PASSWORD
from workflows import accounts

pytestmark = [pytest.mark.usefixtures("chromium"), pytest.mark.parametrize("urls", ["sqlite"], indirect=True)]


def tab_to(page: Page, name: str) -> None:
    """Go on with the tab key until something with this name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "(one => (one.labels?.[0] || one).textContent.trim())(document.activeElement)",
        )
        if " ".join(said.split()).startswith(name):
            return
    raise AssertionError(f"the tab key never came to {name!r} on {page.url}")


def type_in(page: Page, name: str, text: str) -> None:
    if page.evaluate("document.activeElement.labels?.[0]?.textContent.trim()") != name:
        tab_to(page, name)
    write(page, text)


def write(page: Page, text: str) -> None:
    """Instead of what stands there: the demo fills in a code of the half minute that has begun meanwhile."""
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


class App:
    """The authenticator app: shows a code that was not used yet."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.last = 0

    def code(self) -> str:
        now = accounts.step_of(datetime.now(UTC))
        self.last = max(now, self.last + 1)
        assert self.last <= now + 1, "more than two codes in half a minute"
        return accounts.code_of(self.key, self.last)


def log_in(visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{visitor.site.address}/inloggen")
    type_in(page, "Gebruikersnaam", "nurse")
    type_in(page, "Wachtwoord", PASSWORD)
    page.keyboard.press("Enter")


def test_the_app_is_coupled_and_asked_for_with_the_keyboard_alone(chromium: Chromium, site: Site) -> None:
    nurse = chromium.visit(site, width=390)
    page = nurse.page
    log_in(nurse)
    page.wait_for_url("**/werk")
    page.goto(f"{site.address}/account")
    nurse.look("mijn account")
    tab_to(page, "Stel de extra controle in")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/code")
    nurse.look("extra controle, begin")
    type_in(page, "Uw wachtwoord", PASSWORD)
    page.keyboard.press("Enter")
    page.locator(".steun-qr svg").wait_for()
    nurse.look("extra controle, koppelen")
    app = App(page.locator("code.steun-key").inner_text().replace(" ", ""))

    type_in(page, "Typ de zes cijfers die de app nu laat zien", "000000")
    page.keyboard.press("Enter")
    page.locator("#code-fout").wait_for()
    nurse.look("extra controle, verkeerde code")
    page.locator("#code:focus").wait_for()  # the focus is where something has to be mended
    page.keyboard.type(app.code())
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Bewaar uw herstelcodes").wait_for()
    nurse.look("herstelcodes")
    paper = re.findall(r"(?:[a-z2-7]{4}-){5}[a-z2-7]{4}", page.locator("main").inner_text())
    assert len(set(paper)) == 8
    tab_to(page, "Ik heb ze bewaard")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account")

    other = chromium.visit(site, width=390)
    log_in(other)
    other.page.wait_for_url("**/bevestigen")
    other.look("bevestigen")
    other.page.locator("#code:focus").wait_for()
    write(other.page, "000000")
    other.page.keyboard.press("Enter")
    other.page.locator("#fouten").wait_for()
    other.look("bevestigen, verkeerde code")
    type_in(other.page, "Code", app.code())
    other.page.keyboard.press("Enter")
    other.page.wait_for_url("**/werk")

    lost = chromium.visit(site, width=390)
    log_in(lost)
    lost.page.wait_for_url("**/bevestigen")
    type_in(lost.page, "Code", paper[3].upper())
    lost.page.keyboard.press("Enter")
    lost.page.wait_for_url("**/werk")
    lost.page.goto(f"{site.address}/account")
    assert "nog 7 herstelcodes" in lost.page.locator("main").inner_text()

    tab_to(lost.page, "Log daar uit")
    lost.page.keyboard.press("Enter")
    lost.page.wait_for_url("**/account/sessies/*/beeindigen")
    lost.look("daar uitloggen")
    type_in(lost.page, "Uw wachtwoord", "verkeerd")
    lost.page.keyboard.press("Enter")
    lost.page.locator("#password-fout").wait_for()
    lost.look("daar uitloggen, verkeerd wachtwoord")
    lost.page.keyboard.type(PASSWORD)
    lost.page.keyboard.press("Enter")
    lost.page.wait_for_url("**/account")
    lost.look("mijn account, daar uitgelogd")
    assert "Daar bent u uitgelogd." in lost.page.locator("body").inner_text()
    ended = [visitor for visitor in (nurse, other) if _is_out(visitor)]
    assert len(ended) == 1
    nurse.leave(refused=[400])
    other.leave(refused=[401])
    lost.leave(refused=[400])


def _is_out(visitor: Visitor) -> bool:
    visitor.page.goto(f"{visitor.site.address}/werk")
    return "/inloggen" in visitor.page.url
