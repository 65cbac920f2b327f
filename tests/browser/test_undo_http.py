"""Undoing on the pages, without JavaScript: offered until a time on the clock, and a tired person reads why it is too late."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import builders
from tests.browser.reader import Reader
from tests.conftest import Clock
from tests.workflows import path
from tests.workflows.path import World
from workflows import method

Enter = Callable[[str], Reader]


@pytest.fixture
def nurse(enter: Enter, world: World, clock: Clock) -> Reader:
    """A nurse on the page that comes after completing an exploration."""
    world.explored()
    page = enter("nurse").open("/werk").send("/oppakken")
    return page.send("/afronden", answers=path.exploration_answers(clock()))


def test_who_made_a_mistake_has_the_form_again_with_what_was_filled_in(nurse: Reader, clock: Clock) -> None:
    assert "ongedaan maken tot 09:35" in nurse.text
    answers = path.exploration_answers(clock())

    nurse.open("/werk")
    assert "Net afgerond" in nurse.text
    assert "tot 09:35" in nurse.text
    nurse.send("/ongedaan")

    assert "Ongedaan gemaakt." in nurse.text
    assert nurse.values("wishes") == [answers["wishes"]]
    nurse.send("/afronden")
    assert nurse.title == "Afgerond"
    assert "Net afgerond" in nurse.open("/werk").text


def test_the_page_says_whose_turn_it_is_by_when_and_what_is_next_in_one_press(
    enter: Enter, world: World, clock: Clock
) -> None:
    first, second = world.start(), world.start()
    vera, midwife = world.region.midwife, enter("midwife")
    world.complete(first, vera, builders.signal_answers(clock()))
    world.do_next(vera, path.consent_answers())
    [routing] = [card for card in world.look(method.work_list, by=vera).items if card.form_key == "routing"]
    midwife.open("/werk").send(f"/taken/{routing.id}/oppakken")
    midwife.send("/afronden", answers=path.routing_answers())
    assert "is aan de beurt, uiterlijk dinsdag 17 november. U hoeft hiervoor niets te doen." in midwife.text
    assert "Uw volgende taak Signaal vastleggen Uiterlijk" in midwife.text
    [button] = midwife.tree.xpath("//main//a[contains(., 'Ga verder met deze taak')]")
    assert button.get("href") == f"/taken/{second.id}"
    assert "Naar mijn werk (1 taak)" in midwife.text

    nurse = enter("nurse").open("/werk").send("/oppakken")
    nurse.send("/afronden", answers=path.exploration_answers(clock()))
    assert "U of uw team is aan de beurt, uiterlijk" in nurse.text
    assert "Ga hiermee verder" in nurse.text
    assert "volgende taak" not in nurse.text
    assert "Daarna op uw lijst" not in nurse.text


def test_a_page_of_before_the_mistake_was_undone_does_not_say_that_it_is_done(
    nurse: Reader, world: World, clock: Clock
) -> None:
    [offered] = world.look(method.just_completed, by=world.region.nurse)
    nurse.open("/werk").send("/ongedaan")
    page = nurse.open(f"/taken/{offered.task.id}")
    fields = page.fields("/afronden")
    page.send("/afronden")
    page.open("/werk").send("/ongedaan")

    page.client.post(f"/taken/{offered.task.id}/afronden", data=fields)

    assert world.look(method.task_view, offered.task.id, by=world.region.nurse).task.mine


def test_who_is_too_late_reads_why_and_when_the_time_is_over_it_is_offered_no_more(nurse: Reader, clock: Clock) -> None:
    fields, action = nurse.fields("/ongedaan"), nurse.form("/ongedaan").get("action")
    clock.forward(minutes=5)

    assert "ongedaan" not in nurse.open("/werk").text
    nurse.client.post(action, data=fields)
    assert "Ongedaan maken kon tot 09:35." in nurse.open("/werk").text
