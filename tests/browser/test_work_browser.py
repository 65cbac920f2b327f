"""Mijn werk in real Chromium: two race for one task, and a list that renews itself under nobody's hands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from tests.browser.live import Chromium, Site, Visitor
from workflows import method
from workflows.accounts import SignIn

pytestmark = [pytest.mark.usefixtures("chromium"), pytest.mark.parametrize("urls", ["sqlite"], indirect=True)]


def ask(visitor: Visitor) -> Any:
    """What the clock of the page does now and then, and the answer."""
    with visitor.page.expect_response("**/werk/stand?*") as answer:
        visitor.page.locator("#werk-kijk").dispatch_event("kijk")
    return answer.value


def test_two_race_for_one_task_and_one_is_told_who_has_it(chromium: Chromium, site: Site) -> None:
    site.world.explored()
    jet, joris = chromium.enter(site, "nurse"), chromium.enter(site, "nurse2", width=360)
    jet.look("mijn werk")
    joris.look("mijn werk, telefoon")

    jet.press("Pak op")
    jet.page.wait_for_url("**/taken/*")
    joris.press("Pak op")
    told = joris.page.get_by_text("Jet Jeugdverpleegkundige van JGZ")
    told.wait_for()

    assert "Kies een andere taak, of overleg met uw collega." in joris.page.locator("main").inner_text()
    joris.look("te laat")
    jet.page.goto(f"{site.address}/werk")
    jet.page.get_by_role("link", name="Geef door").click()
    jet.page.wait_for_url("**/doorgeven?*")
    jet.look("doorgeven")
    jet.page.get_by_label("Joris").check()
    jet.page.get_by_label("Een briefje erbij").fill("Ze belt liever na zes uur.")
    jet.press("Geef door")
    jet.page.get_by_text("De taak is doorgegeven.").wait_for()
    jet.page.goto(f"{site.address}/afwezig")
    jet.look("afwezig")
    assert ask(joris).status == 200
    joris.page.get_by_text("Ze belt liever na zes uur.").wait_for()
    joris.look("mijn werk, van een collega")
    jet.leave()
    joris.leave()


def test_the_list_renews_itself_and_never_under_somebodys_hands(chromium: Chromium, site: Site) -> None:
    world = site.world
    for _ in range(2):
        world.explored()
    nurse = chromium.enter(site, "nurse")
    cards = nurse.page.locator("#team [data-task]")
    news = nurse.page.locator(".steun-news")
    assert cards.count() == 2
    assert ask(nurse).status == 204

    # Somebody has chosen one and stands on it: there is news, and nothing moves.
    chosen = nurse.page.locator("#team [name=taak]").first
    chosen.check()
    world.explored()
    assert ask(nurse).status == 200
    news.get_by_text("1 nieuwe taak.").wait_for()
    assert chosen.is_checked()
    assert cards.count() == 2
    nurse.look("nieuws terwijl men kiest")
    assert ask(nurse).status == 204  # told once

    # A word that is being typed beside the list stays, and so does the focus.
    chosen.uncheck()
    nurse.page.goto(f"{site.address}/werk?fase=pregnant")
    nurse.page.get_by_text("Bewaar als lijst").click()
    name = nurse.page.get_by_label("Naam van de lijst")
    name.press_sequentially("Mijn zwan")
    world.explored()
    assert ask(nurse).status == 200
    news.get_by_text("1 nieuwe taak.").wait_for()
    nurse.page.locator("#team [data-task] >> nth=3").wait_for()
    name.press_sequentially("geren")
    assert name.input_value() == "Mijn zwangeren"
    nurse.look("nieuws terwijl men typt")

    # The focus is where it was after the list came anew.
    first = nurse.page.locator("#team [id^=pak-]").first
    first.focus()
    focused = first.get_attribute("id")
    others = [
        card for card in world.look(method.work_list, by=world.region.nurse2).items if f"pak-{card.id}" != focused
    ]
    world.do(method.claim_task, others[0].id, by=world.region.nurse2)
    assert ask(nurse).status == 200
    nurse.page.locator(f"#taak-{others[0].id}").wait_for(state="detached")
    nurse.page.locator(f"#{focused}:focus").wait_for()

    # Away too long: it says so and stops asking.
    with world.database.writing() as session:
        session.execute(update(SignIn).values(seen_at=datetime.now(UTC) - timedelta(minutes=31)))
    assert ask(nurse).status == 401
    news.get_by_text("U bent uitgelogd.").wait_for()
    nurse.leave(refused=[401])
