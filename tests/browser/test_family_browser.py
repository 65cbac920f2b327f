"""A parent on a cheap telephone: from the code on paper to a copy of everything, and the pages in each language."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.workflows import support
from tests.workflows.family import Family
from workflows.cases import Case

pytestmark = pytest.mark.browser
#: Set it to a folder to look at the pages afterwards.
SHOTS = os.environ.get("STEUN_SHOTS")
PAGES = ("gedeeld", "plan", "wie-keek", "toestemming", "bezwaar", "gegevens", "klacht")


def look(visitor, name: str) -> None:
    visitor.look(name)
    if SHOTS:
        visitor.page.screenshot(path=str(Path(SHOTS) / f"{name.replace('/', '_')}.png"), full_page=True)


def test_a_parent_comes_in_with_a_paper_code_reads_decides_and_asks(site, chromium):
    family = Family(site.world.database, site.world.clock, around=site.world)
    with family.database.writing() as session:
        at = family.clock()
        welfare = support.support(session, at).welfare
        case = session.get_one(Case, family.case_id)
        support.agree_to_support(session, case, "welfare", family.nurse, at)
        support.write(session, case, family.nurse, at, support.row(), support.row_of(welfare, ends_on="2027-06-01"))
    paper = family.invite(family.mother_id)
    family.switch_on("en", "pl", "ar", "tr")
    mother = chromium.visit(site, width=390)
    page = mother.page

    page.goto(f"{site.address}/mijn/begin")
    page.get_by_label("Inlognaam").fill(paper.login)
    page.get_by_label("Code").fill(paper.code)
    page.get_by_label("Kies een wachtwoord").fill("een lange zin die niemand raadt")
    mother.press("Verder")
    page.wait_for_url("**/mijn/code")
    mother.press("Klaar")
    page.get_by_role("link", name="Ik heb ze bewaard").click()
    page.wait_for_url("**/mijn")

    page.get_by_role("heading", name="Wie houdt ons verhaal vast").wait_for()
    assert page.get_by_text("Jet Jeugdverpleegkundige").count() == 1
    look(mother, "mijn-nl")
    page.get_by_role("link", name="Wat ging naar wie").click()
    page.get_by_role("heading", name="Wat zij nu kunnen zien").wait_for()
    look(mother, "gedeeld-nl")

    page.get_by_role("link", name="Wilt u dit veranderen? Ga naar toestemming.").click()
    page.get_by_role("heading", name="Toestemming", exact=True).wait_for()
    look(mother, "toestemming-nl")
    page.get_by_role("link", name=re.compile("Intrekken.*jeugdgezondheidszorg")).click()
    page.get_by_role("heading", name="Toestemming intrekken").wait_for()
    look(mother, "intrekken-nl")
    page.get_by_role("button", name="Ja, trek mijn toestemming in").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Uw toestemming is ingetrokken.").wait_for()
    page.get_by_role("link", name=re.compile("Toch ja zeggen.*jeugdgezondheidszorg")).click()
    page.get_by_role("heading", name="Toestemming geven").wait_for()
    look(mother, "geven-nl")

    page.goto(f"{site.address}/mijn/plan")
    page.get_by_label("Wat wilt u erbij zetten?").fill("Ik wil vooral rust.")
    mother.press("Zet mijn woorden erbij")
    page.get_by_text("Uw woorden staan erbij.").wait_for()
    look(mother, "plan-nl")

    page.goto(f"{site.address}/mijn/gegevens")
    mother.press("Verstuur mijn vraag")
    page.get_by_text("Kies wat u wilt vragen.").wait_for()
    look(mother, "fout-nl")
    page.get_by_label("Een kopie van alles wat over mij is opgeschreven").check()
    mother.press("Verstuur mijn vraag")
    page.get_by_text("U krijgt antwoord uiterlijk op").wait_for()
    look(mother, "gegevens-nl")

    for code in ("ar", "pl", "en", "tr"):
        page.goto(f"{site.address}/mijn?taal={code}")
        page.locator(f"html[lang={code}]").wait_for(state="attached")
        look(mother, f"mijn-{code}")
        for one in PAGES if code == "ar" else ("plan", "gedeeld"):
            page.goto(f"{site.address}/mijn/{one}")
            look(mother, f"{one}-{code}")
    page.goto(f"{site.address}/mijn/plan")
    page.locator("#words").fill("Teşekkürler")
    page.get_by_role("button", name="Nederlands").click()
    page.locator("html[lang=nl]").wait_for(state="attached")
    assert page.locator("#words").input_value() == "Teşekkürler"
    mother.leave(refused={400})
