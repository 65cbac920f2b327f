"""A parent who is known already, on pages without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import render_template

from api.pages import duplicates
from tests.browser.reader import Reader, account
from tests.builders import signal_answers
from tests.conftest import Clock
from tests.workflows import path
from tests.workflows.path import World
from workflows import method, worker
from workflows.method.duplicates import NAME

Enter = Callable[[str], Reader]


@pytest.fixture(autouse=True)
def others(world: World) -> None:
    """A colleague of the midwife, and a midwife of another practice, can log in as well."""
    for name in ("midwife2", "other_midwife"):
        account(world, getattr(world.region, name), name)


def test_who_may_see_the_other_case_reads_its_number_and_whom_to_contact(
    enter: Enter, world: World, clock: Clock
) -> None:
    enter("midwife").open("/signaal").send("/signaal").send("/afronden", answers=signal_answers(clock()))
    [first] = world.look(method.case_list, by=world.region.midwife).items

    colleague = enter("midwife2").open("/signaal").send("/signaal").send("/afronden", answers=signal_answers(clock()))

    assert f"Er loopt al een casus voor deze ouder: {first.number}." in colleague.text
    assert f"Neem contact op met {world.region.practice.name}." in colleague.text


def test_who_may_not_see_it_reads_nothing(enter: Enter, clock: Clock) -> None:
    enter("midwife").open("/signaal").send("/signaal").send("/afronden", answers=signal_answers(clock()))

    other = enter("other_midwife").open("/signaal").send("/signaal").send("/afronden", answers=signal_answers(clock()))

    assert "Er loopt al" not in other.text


def test_the_page_of_a_case_can_show_the_other_one(app, world: World, clock: Clock) -> None:
    for who in (world.region.midwife, world.region.midwife2):
        world.complete(world.start(who), who)
    newest, first = world.look(method.case_list, by=world.region.midwife).items

    with app.test_request_context():
        with world.database.reading() as session:
            known = method.running_cases(session, newest.id, by=world.region.midwife, at=clock())
        shown = render_template("case/duplicates.html", running=known)

    assert first.number in shown
    assert f"/casussen/{first.id}" in shown
    assert callable(duplicates.context)


def test_the_question_says_who_asks_to_who_took_it(enter: Enter, world: World, clock: Clock) -> None:
    nurse, other = world.region.nurse, world.region.other_midwife
    world.explored_directly()
    world.claim(nurse, "exploration")
    done = world.complete(world.start(other), other)
    world.complete(world.do(method.claim_task, done.next[0].id, by=other), other, path.consent_answers())
    while worker.run_once(world.database, clock()):
        pass

    page = enter("nurse").open("/werk")
    assert NAME in page.text
    assert world.region.other_practice.name not in page.text
    [card] = [card for card in world.look(method.work_list, by=nurse).items if card.name == NAME]
    world.do(method.claim_task, card.id, by=nurse)

    page.open(f"/taken/{card.id}")

    assert f"Het nieuwe signaal komt van {world.region.other_practice.name}." in page.text
