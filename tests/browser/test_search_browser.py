"""Searching in a real browser: by keyboard from any page, on a phone, with axe and the policy at zero."""

from __future__ import annotations

import pytest

from tests.browser.live import Chromium, Site

pytestmark = [pytest.mark.usefixtures("chromium"), pytest.mark.parametrize("urls", ["sqlite"], indirect=True)]


def test_a_family_is_found_by_keyboard_alone_and_on_a_phone(chromium: Chromium, site: Site) -> None:
    site.world.complete(site.world.start(), site.world.region.midwife)
    at_desk = chromium.enter(site, "midwife")
    page = at_desk.page

    page.keyboard.press("/")
    page.locator("#zoek:focus").wait_for()
    page.keyboard.type("voorbeld")
    page.keyboard.press("Enter")
    page.wait_for_url("**/zoeken")
    page.locator("#gevonden-kop:focus").wait_for()
    at_desk.look("gezocht en gevonden")
    page.get_by_role("link", name="casus 20").click()
    page.wait_for_url("**/casussen/*")
    page.go_back()
    page.wait_for_url("**/zoeken")
    assert page.get_by_role("heading", name="1 casus gevonden").is_visible()
    at_desk.leave()

    on_phone = chromium.enter(site, "midwife", width=360)
    on_phone.page.get_by_role("link", name="Zoeken").click()
    on_phone.page.wait_for_url("**/zoeken")
    on_phone.look("zoeken op een telefoon")
    on_phone.page.locator("#zoek").fill("Nergens 31-12-1996")
    on_phone.page.get_by_role("button", name="Zoek", exact=True).click()
    on_phone.page.get_by_role("heading", name="Niets gevonden").wait_for()
    on_phone.look("niets gevonden")
    on_phone.leave()
