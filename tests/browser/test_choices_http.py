"""Questions whose choices are handed in, on a page without JavaScript."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.browser.reader import Reader
from tests.builders import signal_answers
from tests.conftest import Clock
from tests.workflows import path
from tests.workflows.path import World
from workflows import diagrams, method
from workflows.actor import OPERATOR

Enter = Callable[[str], Reader]


@pytest.fixture
def receiver(world: World, clock: Clock) -> str:
    """The one who can be chosen in a signal form that asks for it."""
    files = path.shipped()
    drawn = json.loads(files["signal.form"])
    drawn["components"].append(
        {
            "id": "Field_who",
            "type": "select",
            "key": "who",
            "label": "Wie neemt het over?",
            "valuesKey": "receivers",
            "properties": {"compartment": "C1"},
        }
    )
    with world.database.writing() as session:
        diagrams.publish(session, {**files, "signal.form": json.dumps(drawn).encode()}, by=OPERATOR, at=clock())
    return f"{world.region.youth_health.id}:explorer"


def test_a_choice_has_a_name_on_the_page_and_afterwards(
    enter: Enter, world: World, receiver: str, clock: Clock
) -> None:
    midwife = enter("midwife").open("/signaal").send("/signaal")
    options = {one.get("value"): one.text for one in midwife.tree.xpath("//select[@name='who']/option")}
    assert options[receiver] == "JGZ Limburg-Noord team Venlo (fictief), als verkenner (nog geen toestemming)"

    midwife.send("/afronden", answers={**signal_answers(clock()), "who": receiver})

    [case] = world.look(method.case_list, by=world.region.midwife).items
    midwife.open(f"/casussen/{case.id}")
    assert "JGZ Limburg-Noord team Venlo (fictief), als verkenner" in midwife.text
    assert receiver not in midwife.response.get_data(as_text=True)


def test_a_choice_that_is_gone_is_told_and_everything_comes_back(enter: Enter, receiver: str, clock: Clock) -> None:
    midwife = enter("midwife").open("/signaal").send("/signaal")
    gone = f"{uuid4()}:explorer"

    midwife.send("/afronden", status=400, answers={**signal_answers(clock()), "who": gone})

    [chosen] = midwife.tree.xpath("//select[@name='who']/option[@selected]")
    assert (chosen.get("value"), chosen.text) == (gone, "Uw eerdere keuze staat niet meer op de lijst")
    assert midwife.errors == ["Wie neemt het over? Kies een van de antwoorden op de lijst."]


def test_what_comes_back_to_copy_names_the_choice(enter: Enter, world: World, receiver: str, clock: Clock) -> None:
    midwife = enter("midwife").open("/signaal").send("/signaal")
    fields = midwife.fields("/afronden")
    [card] = world.look(method.work_list, by=world.region.midwife).items
    world.complete(card, world.region.midwife)

    page = midwife.client.post(f"/taken/{card.id}/afronden", data={**fields, "who": [receiver]}).get_data(as_text=True)

    assert "JGZ Limburg-Noord team Venlo (fictief), als verkenner" in page
    assert f">{receiver}" not in page
