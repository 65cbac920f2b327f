"""A hub meeting on one screen: who leads it sees where each family stands, and who holds a case writes its minutes from there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import PEOPLE
from tests.browser.reader import Reader, account
from tests.conftest import Clock
from tests.workflows import path
from tests.workflows.test_support import Town
from workflows import method
from workflows.db import Database


@pytest.fixture
def world(database: Database, clock: Clock) -> Town:
    made = Town(database, clock)
    for name in PEOPLE:
        account(made, getattr(made.region, name), name)
    return made


def test_who_holds_a_case_writes_its_minutes_from_the_agenda(
    enter: Callable[[str], Reader], world: Town, database: Database, clock: Clock
) -> None:
    town, nurse, director = world, world.region.nurse, world.region.process_director
    town.case_id = town.explored()
    town.do_next(nurse, path.exploration_answers(clock(), conclusion="hub_meeting"), form_key="exploration")
    town.do_next(nurse, form_key="feedback")
    town.do_next(nurse, path.support_consent_answers("youth_health", "municipal_access_team"), "support_consent")
    town.do_next(director, path.hub_planning_answers(clock()), "hub_planning")
    with database.reading() as session:
        [meeting] = method.hub_of_case(session, town.case_id, by=nurse, at=clock())
    page = f"/knooppunt/{meeting.meeting_id}"

    clock.forward(days=7)
    leads = enter("process_director").open(page)
    assert "0 van 1 gezin is aan de beurt geweest" in leads.text
    assert "Wie de casus vasthoudt, schrijft het verslag." in leads.text
    assert [link.get("href") for link in leads.tree.xpath("//nav[contains(@class, 'steun-agenda')]//a")] == ["#gezin-1"]
    assert not leads.tree.xpath("//form[contains(@action, '/oppakken')]")

    holds = enter("nurse").open(page)
    assert holds.tree.xpath(f"//a[@href='/casussen/{town.case_id}']")
    holds.send("/oppakken")
    [link] = holds.open(page).tree.xpath("//main//a[contains(@href, '/taken/')]/@href")
    holds.open(link).send("/afronden", answers=path.hub_minutes_answers(clock(), hub_result="no_support"))
    leads.open(page)
    assert "Alle gezinnen zijn aan de beurt geweest." in leads.text
    assert "Het verslag is gedeeld met de ouders." in leads.text
