"""The page of a case and what goes with it in Chromium, on a phone and on a screen: no findings, who it is about in sight, one click to copy."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.browser.live import Chromium, Site
from tests.workflows import path
from tests.workflows.support import row, row_of, support
from tests.workflows.test_support import Town
from workflows import method

#: What differs between databases is tried without a browser.
pytestmark = pytest.mark.parametrize("urls", ["sqlite"], indirect=True)


def town_of(site: Site) -> Town:
    """The region of the site, with organisations that support families there."""
    town = Town.__new__(Town)
    town.__dict__.update(site.world.__dict__)
    with town.database.writing() as session:
        town.help = support(session, town.clock())
    return town


def test_a_case_is_one_calm_page_with_the_family_in_sight(site: Site, chromium: Chromium) -> None:
    town = town_of(site)
    people = [{"name_or_initial": "R.", "relation": "oma", "can_help_with": "oppassen", "may_contact": False}]
    town.planning(positive_health={"participation": 3, "meaningfulness": 8}, network_map=people)
    town.plan(row("Oppassen"), row_of(town.help.welfare, "Schulden"))
    for width in (360, 1280):
        walked(site, chromium, town, width)


def walked(site: Site, chromium: Chromium, town: Town, width: int) -> None:
    """One walk over the pages of the case on a screen of this width."""
    nurse = chromium.enter(site, "nurse", width=width)
    page = nurse.page
    page.goto(f"{site.address}/casussen/{town.case_id}")
    nurse.look("casus")

    page.get_by_role("navigation", name="Op deze bladzijde").get_by_role("link", name="Toestemming").click()
    page.wait_for_url("**#toestemming")
    sight = page.locator(".steun-insight" if width < 960 else ".steun-contact")
    sight.get_by_text("Nederlands").wait_for()
    box = sight.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 700, "still in sight far down the page"

    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.address)
    page.get_by_role("link", name="Kopieer samenvatting").click()
    page.get_by_text("Gekopieerd. Plak de samenvatting in uw eigen dossier.").wait_for()
    assert "Wie: Noor Voorbeeld" in page.evaluate("navigator.clipboard.readText()")
    for name in ("tijdlijn", "tekeningen", "samenvatting"):
        page.goto(f"{site.address}/casussen/{town.case_id}/{name}")
        page.get_by_role("heading", level=1).wait_for()
        nurse.look(name)
    nurse.leave()


def test_a_meeting_is_led_from_one_screen(site: Site, chromium: Chromium) -> None:
    town = town_of(site)
    at, nurse = site.world.clock(), site.world.region.nurse
    town.case_id = town.explored()
    town.do_next(nurse, path.exploration_answers(at, conclusion="hub_meeting"), form_key="exploration")
    town.do_next(nurse, form_key="feedback")
    town.do_next(nurse, path.support_consent_answers("youth_health"), "support_consent")
    town.do_next(site.world.region.process_director, path.hub_planning_answers(at), "hub_planning")
    [meeting] = town.look(method.hub_of_case, town.case_id, by=nurse)
    for width, who in ((1280, "process_director"), (360, "nurse")):
        visitor = chromium.enter(site, who, width=width)
        visitor.page.goto(f"{site.address}/knooppunt/{meeting.meeting_id}")
        visitor.look("overleg")
        visitor.page.get_by_role("navigation", name="De agenda").get_by_role("link").first.press("Enter")
        visitor.page.wait_for_url("**#gezin-1")
        visitor.leave()


def test_the_day_of_a_process_director(site: Site, chromium: Chromium) -> None:
    """Two families wait for a meeting: she plans one at her desk, and puts the other on the same agenda with her telephone."""
    town, numbers = town_of(site), []
    at, nurse = site.world.clock(), site.world.region.nurse
    for _ in range(2):
        case_id = town.explored()
        town.do_next(nurse, path.exploration_answers(at, conclusion="hub_meeting"), form_key="exploration")
        town.do_next(nurse, form_key="feedback")
        town.do_next(nurse, path.support_consent_answers("youth_health"), "support_consent")
        numbers.append(town.look(method.case_view, case_id, by=nurse).case.number)
    answers = path.hub_planning_answers(at)
    for width in (1280, 360):
        director = chromium.enter(site, "process_director", width=width)
        page = director.page
        director.look("mijn werk")
        director.press("Pak op")
        page.wait_for_url("**/taken/*")
        director.look("taak: knooppunt plannen")
        director.fill(answers)
        director.look("taak: knooppunt plannen, ingevuld")
        director.press("Afronden", last=True)
        page.wait_for_url("**/klaar")
        director.look("klaar")
        page.goto(f"{site.address}/knooppunt")
        director.look("knooppuntoverleggen")
        page.locator("main a[href*='/knooppunt/']").first.click()
        page.get_by_role("heading", name="Knooppunt\u00adoverleg").wait_for()
        director.look("overleg")
        found = page.locator("main").inner_text()
        assert sum(number in found for number in numbers) == 1 + (width == 360)
        assert path.SECRETS[0] not in found, "who the family is, is for who may sit at the table"
        answers = {"meeting": urlsplit(page.url).path.rsplit("/", 1)[1], "parents_invited": "yes"}
        page.goto(f"{site.address}/termijnen")
        director.look("termijnen")
        director.leave()
