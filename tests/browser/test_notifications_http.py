"""The bell, the list behind it, and mail about one's work: without JavaScript, and in real Chromium."""

from __future__ import annotations

import pytest

from tests.browser.live import Chromium, Site
from tests.browser.test_leaving_http import Enter
from tests.builders import PASSWORD
from tests.workflows.path import World
from workflows import method, notifications
from workflows.notifications import MailFailure

ADDRESS = "nina@jgz.example"


def bell(reader) -> str:
    return " ".join(reader.tree.xpath("//a[@class='steun-bell']")[0].text_content().split())


def test_the_bell_counts_and_leads_to_the_task(enter: Enter, world: World) -> None:
    nurse, colleague = enter("nurse"), enter("nurse2")
    assert bell(nurse) == "Meldingen"
    world.explored()
    assert bell(nurse.open("/werk")) == "Meldingen: 1 nieuw"
    nurse.open("/meldingen")
    assert "Er staat een taak klaar voor uw team" in nurse.text
    assert "Voorbeeld" not in nurse.text
    [action] = nurse.tree.xpath("//li//form/@action")
    nurse.send(action)
    assert nurse.path.startswith("/taken/")
    assert bell(nurse) == "Meldingen"
    assert "Eerder gelezen" in nurse.open("/meldingen").text

    assert bell(colleague.open("/meldingen")) == "Meldingen: 1 nieuw", "everybody reads for themselves"
    assert "Alles is gelezen" in colleague.send("/meldingen/gelezen").text
    assert "Er is niets nieuws" in colleague.text
    assert "1 nieuw" not in enter("midwife").open("/werk").text


def test_mail_is_asked_for_confirmed_chosen_and_stopped(enter: Enter, world: World, clock, database) -> None:
    nurse = enter("nurse").open("/account")
    assert "Krijg een mail als er iets voor u klaarstaat" in nurse.text
    nurse.open("/account/mail").send("/account/mail", address=ADDRESS, password="niet dit wachtwoord", status=400)
    assert "Dit wachtwoord klopt niet" in nurse.text
    assert nurse.values("address") == [ADDRESS]
    nurse.send("/account/mail", address="nina", password=PASSWORD, status=400)
    assert "Vul een mailadres in zoals" in nurse.text
    nurse.send("/account/mail", address=ADDRESS, password=PASSWORD)
    assert "We sturen een code" in nurse.text
    nurse.send("/account/mail", address=ADDRESS, password=PASSWORD, status=409)
    assert "We hebben net een code gestuurd" in nurse.text
    nurse.send("/account/mail/code", code="0000 000", status=400)
    assert "Dit is niet de code" in nurse.text

    with database.reading() as session:
        [kept] = session.query(notifications.MailAddress).all()
        code = notifications.letter_code(session, kept, at=clock())
    nurse.send("/account/mail/code", code=f"{code[:4]} {code[4:]}")
    assert "Kies nu waarover u mail wilt" in nurse.text
    assert "logboek" not in nurse.text, "that is for who looks after it"
    nurse.send("/account/mail/keuzes", team_task="none", late="daily")
    assert (nurse.values("team_task"), nurse.values("late")) == (["none"], ["daily"])
    assert "Staat aan" in nurse.open("/account").text
    with database.writing() as session:
        payload = {"letter": "news", "account": kept.account_id.hex}
        method.letter_failed(session, payload, MailFailure.REFUSED, at=clock())
    assert "Werkt niet" in nurse.open("/account").text
    assert "De mailserver kent nina@jgz.example niet" in nurse.open("/account/mail").text
    nurse.send("/account/mail/uit")
    assert "Uw adres is weggehaald" in nurse.text
    assert ADDRESS not in nurse.text


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_the_list_and_the_page_about_mail_in_a_real_browser(chromium: Chromium, site: Site, width: int) -> None:
    site.world.explored()
    site.world.explored()
    nurse = chromium.enter(site, "nurse", width=width)
    page = nurse.page
    page.get_by_role("link", name="Meldingen: 2 nieuw").click()
    page.get_by_role("heading", name="Nieuw", exact=True).wait_for()
    nurse.look("meldingen")
    page.get_by_role("button", name="Bekijk").first.click()
    page.wait_for_url("**/taken/*")
    page.get_by_role("link", name="Meldingen: 1 nieuw").wait_for()

    page.goto(f"{site.address}/account/mail")
    nurse.look("mail-vragen")
    page.get_by_label("Uw mailadres op het werk").fill(ADDRESS)
    page.get_by_label("Uw wachtwoord").fill(PASSWORD)
    page.get_by_role("button", name="Stuur mij een code").click()
    page.get_by_label("Code van 8 cijfers").wait_for()
    nurse.look("mail-code")
    page.goto(f"{site.address}/demo/mail")
    for _ in range(300):  # the worker beside the pages sends it
        if page.get_by_text("Uw code is").count():
            break
        page.reload()
    nurse.look("mail-demo")
    code = page.locator("pre").first.inner_text().split("Uw code is: ")[1].split("\n")[0]
    page.goto(f"{site.address}/account/mail")
    page.get_by_label("Code van 8 cijfers").fill(code)
    page.get_by_role("button", name="Bevestig dit adres").click()
    page.get_by_role("heading", name="Waarover en wanneer").wait_for()
    nurse.look("mail-keuzes")
    page.goto(f"{site.address}/account")
    nurse.look("account")
    nurse.leave()
