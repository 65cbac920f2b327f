"""The page of a case and what goes with it in Chromium, on a phone and on a screen: no findings, who it is about in sight, one click to copy."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.browser.live import Chromium, Site, Visitor
from tests.browser.test_hub_http import planned
from tests.browser.test_pages_browser import today
from tests.browser.test_task_page_browser import KEPT
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
    page.goto(f"{site.address}/casussen/{town.case_id}/toen?reden=complaint")
    with page.expect_navigation():
        page.get_by_role("link", name="Vorige verandering").click()
    page.get_by_role("heading", name="Wat er nu anders is").wait_for()
    nurse.look("toen")
    nurse.leave()


def test_a_meeting_is_led_from_one_screen(site: Site, chromium: Chromium) -> None:
    town = town_of(site)
    address = site.address + planned(town, site.world.clock(), families=2)
    leads = chromium.enter(site, "process_director")
    leads.page.goto(address)
    leads.look("overleg")
    leads.page.get_by_role("navigation", name="De agenda").get_by_role("link").first.press("Enter")
    leads.page.wait_for_url("**#gezin-1")
    leads.leave()
    written(site, chromium.enter(site, "nurse", width=360), address)


def written(site: Site, nurse: Visitor, address: str) -> None:
    """Who holds two families writes the minutes of both while the page stays; the focus goes along and no word is lost."""
    page = nurse.page
    page.goto(address)
    nurse.look("overleg op een telefoon")
    for _ in range(2):  # picking up leads to the form of that family, on this screen
        nurse.press("Pak op en schrijf het verslag")
        page.wait_for_url("**#verslag-kop")
        page.goto(address)
    page.locator("html").evaluate("html => { html.dataset.stayed = 'yes'; }")
    page.get_by_role("link", name="Schrijf het verslag").first.press("Enter")
    page.locator("#verslag-kop:focus").wait_for()
    first = page.locator("[name=_agenda]").input_value()
    nurse.look("overleg: verslag")
    page.locator("[name=hub_result][value=plan]").check()
    page.locator("[name=question_clarified]").fill("Hoe komt er rust?")

    nurse.press("Schrijf het verslag")  # at once, before anything was kept by itself
    page.wait_for_function("first => document.querySelector('[name=_agenda]')?.value !== first", arg=first)
    page.locator("#verslag-kop:focus").wait_for()
    assert page.locator("[name=question_clarified]:not([type=hidden])").count() == 0, "nothing of the one before"
    page.locator("[name=hub_result][value=again]").check()
    page.locator("[name=hub_result][value=plan]").check()
    page.locator("[name=question_clarified]").press_sequentially("Wie past er op?")
    page.get_by_text(KEPT).wait_for()
    nurse.press("Bewaar en sluit")
    page.locator("[id^=verslag-]:focus").get_by_text("U kunt straks verder schrijven.").wait_for()
    nurse.look("overleg: verslag bewaard")
    page.locator(f"a[href*='{first.split('/')[1]}']").press("Enter")
    page.locator("#verslag-kop:focus").wait_for()
    assert page.locator("[name=question_clarified]").input_value() == "Hoe komt er rust?"
    assert page.locator("html").get_attribute("data-stayed") == "yes", "all this is one page"
    page.reload()
    assert page.locator("[name=_agenda]").input_value() == first, "it opens where one was"

    nurse.press("Afronden", last=True)
    page.locator("#fouten:focus").wait_for()
    nurse.look("overleg: verslag met fouten")
    page.locator("[name=hub_result][value=no_support]").check()
    nurse.fill(
        {"parents_present": "yes", "question_clarified": "Hoe komt er rust?", "minutes_shared_on": str(today())[:10]}
    )
    nurse.press("Afronden", last=True)
    page.get_by_text("Het verslag is klaar en bewaard.").wait_for()
    page.locator("[id^=verslag-]:focus").wait_for()
    nurse.look("overleg: verslag klaar")
    nurse.leave(refused=[400])


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
