"""One handover in real Chromium: a youth nurse at a wide screen, a case director of the social domain on a telephone, and
the proof that both read."""

from __future__ import annotations

import os
import re

import pytest

from tests import builders
from tests.browser.live import Chromium, Site, Visitor
from tests.browser.reader import account
from tests.browser.test_pages_browser import finish, today, walk_to
from tests.workflows import handing, path
from workflows import method

pytestmark = [pytest.mark.usefixtures("chromium"), pytest.mark.parametrize("urls", ["sqlite"], indirect=True)]


def helped(site: Site) -> tuple[str, str]:
    """The nurse is to hand over a family that she helps; a case director can log in. The case, and whom to choose."""
    world, nurse = site.world, site.world.region.nurse
    at = world.clock()
    with world.database.writing() as session:
        team = builders.organisation(session, "Toegangsteam Venlo (fictief)", "municipal_access_team", "social", at=at)
        carla = builders.actor(session, "Carla Casusregisseur", team, "case_director", at=at)
    account(world, carla, "carla")
    case_id = world.explored()
    world.do_next(nurse, path.exploration_answers(at, conclusion="pathway"))
    world.do_next(nurse, form_key="feedback")
    agreed = path.support_consent_answers("youth_health", "municipal_access_team")
    world.do_next(nurse, agreed, form_key="support_consent")
    world.do_next(nurse, form_key="support_plan")
    world.do(method.request_evaluation, case_id, by=nurse)
    decided = path.evaluation_answers(at, evaluation_decision="hand_over")
    world.do_next(nurse, decided, form_key="evaluation")
    return str(case_id), f"{team.id}:case_director"


def take(visitor: Visitor, named: str) -> None:
    """From the list of work to the task with this name, taken up."""
    visitor.page.goto(f"{visitor.site.address}/werk")
    visitor.look(f"mijn werk: {named}")
    card = visitor.page.locator("[data-task]").filter(has_text=named)
    card.get_by_role("button", name="Pak op").or_(card.get_by_role("link", name=named)).first.click()
    visitor.page.wait_for_url("**/taken/*")
    visitor.page.get_by_role("heading", level=1, name=named).wait_for()
    seen(visitor, named)


def seen(visitor: Visitor, name: str) -> None:
    visitor.look(name)
    if folder := os.environ.get("SHOTS"):
        file = re.sub(r"\W+", "-", name)
        visitor.page.screenshot(path=f"{folder}/{len(visitor.seen):02}-{visitor.width}-{file}.png", full_page=True)
        visitor.page.set_viewport_size({"width": 390 if visitor.width == 1280 else 1280, "height": 800})
        visitor.page.screenshot(
            path=f"{folder}/{len(visitor.seen):02}-other-{visitor.width}-{file}.png", full_page=True
        )
        visitor.page.set_viewport_size({"width": visitor.width, "height": 800})


def proved(visitor: Visitor, site: Site, case_id: str) -> None:
    """From the page of the case to what proves the handover."""
    visitor.page.goto(f"{site.address}/casussen/{case_id}")
    seen(visitor, "casus na de overdracht")
    visitor.page.locator("a[href*='/bewijzen/']").first.click()
    visitor.page.wait_for_url("**/bewijzen/*")
    visitor.page.get_by_text("Alles klopt").first.wait_for()
    seen(visitor, "ontvangstbewijs")


def test_a_family_goes_from_the_nurse_to_the_social_domain_and_both_prove_it(chromium: Chromium, site: Site) -> None:
    case_id, receiver = helped(site)
    nurse, carla = chromium.enter(site, "nurse"), chromium.enter(site, "carla", width=390)

    # Prepared and looked at with the parent.
    take(nurse, "Overdracht voorbereiden")
    nurse.fill(path.handover_answers(receiver, next_appointment_on=None, handover_kind="case_director"))
    seen(nurse, "voorbereiden, ingevuld")
    finish(nurse)
    seen(nurse, "voorbereid")
    nurse.page.goto(f"{site.address}/casussen/{case_id}/meegeven?receiver={receiver}")
    nurse.page.get_by_text("Dit leest").wait_for()
    seen(nurse, "kijk wat er meegaat")
    take(nurse, "Laten zien en aanbieden")
    nurse.fill(path.handover_offer_answers(today()))
    seen(nurse, "aanbieden, ingevuld")
    finish(nurse)
    seen(nurse, "aangeboden")

    # Asked back, with the keyboard alone.
    take(carla, "Overdracht beantwoorden")
    keys = carla.page.keyboard
    walk_to(carla, name="handover_answer")
    keys.press("Space")
    keys.press("ArrowDown")
    carla.page.locator("[name=handover_answer][value=asked]:focus").wait_for()
    carla.page.locator("[name=missing]").first.wait_for()
    walk_to(carla, name="missing")
    keys.press("Space")
    walk_to(carla, name="question")
    keys.type("Wat hielp niet?")
    seen(carla, "ik mis, ingevuld")
    walk_to(carla, "Afronden")
    keys.press("Enter")
    carla.page.wait_for_url("**/klaar")
    seen(carla, "ik mis, gevraagd")

    take(nurse, "Vraag van de ontvanger beantwoorden")
    assert "Wat hielp niet?" in nurse.page.locator("main").inner_text()
    nurse.fill(handing.REPLIED)
    seen(nurse, "antwoord, ingevuld")
    finish(nurse)

    # Accepted, talked about, called.
    take(carla, "Overdracht beantwoorden")
    carla.fill(path.handover_answer_answers(today()))
    seen(carla, "aannemen, ingevuld")
    finish(carla)
    seen(carla, "aangenomen")
    take(carla, "Driegesprek voeren")
    carla.fill(path.handover_talk_answers(today()))
    finish(carla)
    proved(nurse, site, case_id)  # while she reads along
    proof = nurse.page.url
    take(carla, "Eerste contact vastleggen")
    carla.fill({"first_contact_on": today().date().isoformat()})
    finish(carla)
    seen(carla, "rond")

    proved(carla, site, case_id)
    nurse.page.goto(proof)  # out of the case
    nurse.page.get_by_text("Alles klopt").first.wait_for()
    for visitor in (nurse, carla):
        visitor.leave()
