"""A paper is handed over and a parent comes in with it: on the telephone, and the professional on a screen."""

from __future__ import annotations

import re

import pytest

from tests.browser.live import Chromium, Site
from tests.builders import PASSWORD, signal_answers
from workflows import accounts, families
from workflows.cases import Case
from workflows.families import PartnerInvolved

#: What differs between databases is tried without a browser.
pytestmark = pytest.mark.parametrize("urls", ["sqlite"], indirect=True)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no_script"])
def test_a_paper_is_made_and_opens_the_page_of_the_family(site: Site, chromium: Chromium, script: bool) -> None:
    task, answers = site.world.start(), signal_answers(site.world.clock(), safe_contact="letter")
    site.world.complete(task, site.world.region.midwife, answers)
    case_id = task.subject_id
    with site.world.database.writing() as session:  # a second parent, so that there is a choice
        case = session.get_one(Case, case_id)
        at, by = site.world.clock(), site.world.region.midwife
        families.set_partner_involved(session, case.family_id, PartnerInvolved.YES, by=by, at=at)
        families.add_member(session, case.family_id, kind="partner", name="Daan Voorbeeld", by=by, at=at)

    nurse = chromium.enter(site, "midwife", script=script)
    page = nurse.page
    page.goto(f"{site.address}/casussen/{case_id}")
    page.get_by_role("link", name="Ouder uitnodigen").click()
    page.get_by_role("heading", name="Inloggen door ouders").wait_for()
    page.locator("summary", has_text="Ouder uitnodigen").first.click()
    nurse.look("uitnodigen")
    page.get_by_role("button", name="Maak de uitnodiging").first.click()
    page.locator("#fouten").wait_for()
    nurse.look("uitnodigen, fout")
    page.get_by_label("Ik ken deze ouder van eerder contact").first.check()
    page.get_by_label("Ik geef het papier zelf").first.check()
    page.get_by_label("Telefoonnummer voor vragen").first.fill("077 000 00 00")
    page.get_by_role("button", name="Maak de uitnodiging").first.click()
    page.get_by_role("heading", name="Uitnodiging om te printen").wait_for()
    nurse.look("papier")
    address, login, code = page.locator(".steun-key").all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("button", name="Maak een PDF om te printen").click()
    assert download.value.suggested_filename == "uitnodiging.pdf"

    mother = chromium.visit(site, width=390, script=script)
    phone = mother.page
    phone.goto(address.replace("http://localhost", "http://127.0.0.1"))
    mother.look("begin")
    phone.get_by_label("Inlognaam").fill(login)
    phone.get_by_label("Code").fill(code)
    phone.get_by_label("Kies een wachtwoord").fill(PASSWORD)
    phone.get_by_role("button", name="Verder").click()
    phone.wait_for_url("**/mijn/code")
    mother.look("app koppelen")
    if script:
        secret = phone.locator(".steun-key").inner_text().replace(" ", "")
        phone.get_by_label("Typ de zes cijfers").fill(accounts.code_of(secret, accounts.step_of(site.world.clock())))
        phone.get_by_role("button", name="Klaar").click()
        phone.get_by_role("heading", name="Bewaar deze codes").wait_for()
        mother.look("codes van de app")
        phone.get_by_role("link", name="Ik heb ze bewaard").click()
    else:
        phone.get_by_role("button", name="Ik wil codes op papier").click()
        phone.get_by_role("heading", name="Bewaar deze codes").wait_for()
        mother.look("codes op papier")
        phone.get_by_label("Typ één van de codes over").fill(phone.locator(".steun-key").first.inner_text())
        phone.get_by_role("button", name="Klaar").click()
    phone.wait_for_url("**/mijn")
    phone.goto(f"{site.address}/mijn/inlog")
    mother.look("mijn inlog")
    phone.locator("summary", has_text="Stop met inloggen").click()
    phone.get_by_role("button", name="Ja, stop mijn inlog").click()
    phone.wait_for_url("**/mijn/inloggen")
    mother.look("inloggen")
    mother.leave()

    page.goto(f"{site.address}/casussen/{case_id}/inlog")
    assert page.get_by_text("Geen inlog").count() == 2, "ended by the parent"
    nurse.leave(refused=[400])
    assert re.fullmatch(r"ouder-\d{4}-\d{4}", login)
