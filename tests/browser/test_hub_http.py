"""A hub meeting on one screen: who leads it sees where each family stands, and who holds a case writes its minutes there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest

from tests.browser.conftest import PEOPLE
from tests.browser.reader import Reader, account
from tests.conftest import Clock
from tests.workflows import path
from tests.workflows.test_support import Town
from workflows import method
from workflows.db import Database

WORDS = "question_clarified"


@pytest.fixture
def world(database: Database, clock: Clock) -> Town:
    made = Town(database, clock)
    for name in PEOPLE:
        account(made, getattr(made.region, name), name)
    return made


def planned(town: Town, at: datetime, families: int = 1) -> str:
    """The address of a meeting with so many families on its agenda, all of them the nurse's."""
    nurse, answers = town.region.nurse, path.hub_planning_answers(at)
    for _ in range(families):
        town.case_id = town.explored()
        town.do_next(nurse, path.exploration_answers(at, conclusion="hub_meeting"), form_key="exploration")
        town.do_next(nurse, form_key="feedback")
        town.do_next(nurse, path.support_consent_answers("youth_health", "municipal_access_team"), "support_consent")
        town.do_next(town.region.process_director, answers, "hub_planning")
        [talk] = town.look(method.hub_of_case, town.case_id, by=nurse)
        answers = {"meeting": str(talk.meeting_id), "parents_invited": "yes"}
    return f"/knooppunt/{talk.meeting_id}"


def links(reader: Reader) -> list[str]:
    """Where minutes can be opened."""
    return [str(one).split("#")[0] for one in reader.tree.xpath("//main//a[contains(@href, 'verslag=')]/@href")]


def test_who_holds_a_case_writes_its_minutes_on_the_screen_of_the_meeting(
    enter: Callable[[str], Reader], world: Town, clock: Clock
) -> None:
    page = planned(world, clock())

    clock.forward(days=7)
    leads = enter("process_director").open(page)
    assert "0 van 1 gezin is aan de beurt geweest" in leads.text
    assert "Wie de casus vasthoudt, schrijft het verslag." in leads.text
    assert [link.get("href") for link in leads.tree.xpath("//nav[contains(@class, 'steun-agenda')]//a")] == ["#gezin-1"]
    assert not leads.tree.xpath("//form[contains(@action, '/oppakken')]")

    holds = enter("nurse").open(page)
    assert holds.tree.xpath(f"//a[@href='/casussen/{world.case_id}']")
    holds.send("/oppakken")
    assert (holds.path, holds.tree.xpath("//*[@id='verslag-kop']/@tabindex")) == (page, ["-1"])
    [item] = holds.tree.xpath("//div[starts-with(@id, 'verslag-')]/@id")
    opened = f"{page}?verslag={item.removeprefix('verslag-')}"
    leads.open(opened)
    assert not leads.tree.xpath("//*[@id='formulier']"), "who leads opens no minutes of somebody else"
    assert path.SECRETS[0] not in leads.response.text

    holds.send("/afronden", status=400, **{WORDS: "Hoe komt er rust?"})
    assert holds.title.startswith("Fout: Knooppuntoverleg")
    assert "Wat is de uitkomst van het overleg?" in holds.errors[0]
    assert holds.values(WORDS) == ["Hoe komt er rust?"]
    holds.send("/afronden", button="update:veld-hub-result", hub_result="plan")
    assert (holds.title.split()[0], holds.values(WORDS)) == ("Knooppuntoverleg", ["Hoe komt er rust?"])
    holds.send("/afronden", answers=path.hub_minutes_answers(clock(), hub_result="no_support"))
    assert holds.path == page, "the meeting goes on"
    assert "Het verslag is klaar en bewaard." in holds.text
    assert "Nu: ‘Afronden’. U of uw team is aan de beurt, uiterlijk dinsdag 24 november." in holds.text
    assert "klaar en bewaard" not in holds.open(page).text, "once"
    leads.open(page)
    assert "Alle gezinnen zijn aan de beurt geweest." in leads.text
    assert "Het verslag is gedeeld met de ouders." in leads.text


def test_from_family_to_family_nothing_that_was_typed_is_lost(
    enter: Callable[[str], Reader], world: Town, clock: Clock
) -> None:
    page = planned(world, clock(), families=2)
    holds = enter("nurse").open(page)
    holds.send("/oppakken")
    first = holds.values("_agenda")[0].split("/")[1]
    assert not links(holds), "while one writes, one goes on by a button that keeps what stands here"
    [second] = [one for one in holds.tree.xpath("//button[@name='_then']/@value") if one]

    def keep(then: str, words: str) -> None:
        fields = holds.fields("/afronden") | {"hub_result": ["plan"], WORDS: [words], "_then": [then]}
        [address] = set(holds.tree.xpath("//button[@name='_then']/@formaction"))
        holds._keep(holds.client.post(address, data=fields, follow_redirects=True), 200)

    keep(second, "Van het eerste gezin.")
    assert holds.values("_agenda")[0].endswith(second), "taken up and open"
    assert "Van het eerste gezin." not in holds.response.text
    keep("", "Van het tweede gezin.")
    assert "U kunt straks verder schrijven." in holds.text
    assert links(holds) == [f"{page}?verslag={one}" for one in (first, second)]
    for item, words in ((first, "Van het eerste gezin."), (second, "Van het tweede gezin.")):
        assert holds.open(f"{page}?verslag={item}").values(WORDS) == [words]

    # A colleague is handed the task meanwhile: who typed on is told, and the text is there.
    typed, action = holds.fields("/afronden") | {WORDS: ["Nog een regel."]}, holds.form("/afronden").get("action")
    task_id = UUID(action.split("/")[2])
    world.do(method.release_task, task_id, by=world.region.nurse)
    world.do(method.claim_task, task_id, by=world.region.nurse2)
    holds._keep(holds.client.post(action, data=typed), 409)
    assert "Nog een regel." in holds.text
    assert links(holds.open(f"{page}?verslag={second}")) == [f"{page}?verslag={first}"]
    assert "Een collega schrijft het verslag." in holds.text
    colleague = enter("nurse2").open(page)
    assert links(colleague) == [f"{page}?verslag={second}"]
    assert "Van het tweede gezin." not in colleague.open(links(colleague)[0]).response.text


def test_a_place_that_is_not_there_is_the_page_of_the_task(
    enter: Callable[[str], Reader], world: Town, clock: Clock
) -> None:
    page = planned(world, clock())
    holds = enter("nurse").open(page)
    holds.send("/oppakken")
    for place in ("", "niets", f"{world.case_id}/{world.case_id}", f"{page.rsplit('/', 1)[1]}/{world.case_id}"):
        fields = holds.fields("/afronden") | {"_agenda": [place], WORDS: ["Blijft staan."]}
        answer = holds.client.post(holds.form("/afronden").get("action"), data=fields)
        assert (answer.status_code, "steun-split--task" in answer.text, "Blijft staan." in answer.text) == (
            400,
            True,
            True,
        )
    assert enter("nurse").open(f"{page}?verslag=nee").tree.xpath("//*[@id='gezinnen']")
