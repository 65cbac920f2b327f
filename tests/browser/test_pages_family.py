"""Pages about a birth, a move, a due date and the people of a family, as a browser without JavaScript gets them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask, render_template

from api.pages.family_events import family_actions
from tests.browser.reader import Reader
from tests.builders import signal_answers
from tests.workflows.families_world import birth_answers, bundle, due_date_answers, member_answers, move_answers
from tests.workflows.path import World
from workflows import diagrams, method
from workflows.actor import OPERATOR, Actor

Enter = Callable[[str], Reader]


@pytest.fixture
def case_id(world: World) -> UUID:
    """A case after its signal, with forms about the family; the midwife has it."""
    with world.database.writing() as session:
        diagrams.publish(session, bundle(), by=OPERATOR, at=world.clock())
    task = world.start()
    world.complete(task, world.region.midwife, signal_answers(world.clock(), due_date="2026-11-10"))
    return task.subject_id


def actions(app: Flask, world: World, case_id: UUID, by: Actor) -> str:
    """The partial that the page of a case shows."""
    with app.test_request_context(), world.database.reading() as session:
        return render_template("case/family_actions.html", family_actions=family_actions(session, case_id, by))


def test_the_case_says_how_far_along_the_family_is_and_what_can_be_told(
    app: Flask, world: World, case_id: UUID
) -> None:
    shown = actions(app, world, case_id, world.region.midwife)

    assert "39 weken" in shown
    assert "10 november 2026" in shown
    assert "Noor Voorbeeld (zwangere)" in shown
    for event in ("geboorte", "verhuizing", "uitgerekende-datum", "gezinslid"):
        assert f"/casussen/{case_id}/{event}" in shown


def test_a_birth_of_twins_is_reported_row_by_row(enter: Enter, case_id: UUID) -> None:
    midwife = enter("midwife").open(f"/casussen/{case_id}/geboorte")
    midwife.send("/geboorte", button="add:born", answers=birth_answers())
    assert midwife.values("born[0].name") == ["Kind Voorbeeld"]

    midwife.send("/geboorte", answers={"born": [{"name": "Anna"}, {"name": "Bram"}]})

    assert midwife.path == f"/casussen/{case_id}"
    assert "De geboorte is gemeld" in midwife.text


def test_a_doubtful_birth_is_asked_about_and_confirmed(enter: Enter, case_id: UUID) -> None:
    midwife = enter("midwife").open(f"/casussen/{case_id}/geboorte")

    midwife.send("/geboorte", status=400, answers=birth_answers(birth_date="2026-09-01"))
    assert midwife.title.startswith("Klopt dit?")
    assert midwife.values("birth_date") == ["2026-09-01"]
    midwife.send("/geboorte", answers={"_confirm": "preterm"})

    assert midwife.path == f"/casussen/{case_id}"


def test_pressing_twice_reports_once(enter: Enter, world: World, case_id: UUID) -> None:
    midwife = enter("midwife").open(f"/casussen/{case_id}/geboorte")
    fields = midwife.fields("/geboorte") | {"birth_date": ["2026-11-03"], "born[0].name": ["Anna"]}

    answers = [midwife.client.post(f"/casussen/{case_id}/geboorte", data=fields) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]


def test_a_move_and_a_due_date_are_reported(enter: Enter, case_id: UUID) -> None:
    midwife = enter("midwife").open(f"/casussen/{case_id}/verhuizing").send("/verhuizing", answers=move_answers())
    assert "De verhuizing is gemeld" in midwife.text

    midwife.open(f"/casussen/{case_id}/uitgerekende-datum")
    midwife.send("/uitgerekende-datum", answers=due_date_answers("2026-11-14"))

    assert "De uitgerekende datum is veranderd" in midwife.text


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(enter: Enter, case_id: UUID) -> None:
    midwife = enter("midwife").open(f"/casussen/{case_id}/verhuizing")

    midwife.send("/verhuizing", status=400, answers={"new_contact": "Bij oma"})

    assert midwife.title.startswith("Fout: ")
    assert midwife.values("new_contact") == ["Bij oma"]
    assert len(midwife.errors) >= 3


def member_of(world: World, case_id: UUID) -> Any:
    return world.look(method.case_view, case_id, by=world.region.midwife).members[0]


def test_the_language_of_the_parent_changes_on_a_page_that_holds_what_is_known(
    enter: Enter, world: World, case_id: UUID
) -> None:
    address = f"/casussen/{case_id}/gezinslid/{member_of(world, case_id).id}"
    midwife = enter("midwife").open(address)
    assert midwife.values("name") == ["Noor Voorbeeld"]
    assert midwife.values("safe_contact") == ["call"]

    midwife.send(address, answers={"preferred_language": "pl", "interpreter_needed": True})

    assert "Dit is bewaard" in midwife.text
    assert "Pools" in midwife.text


def test_somebody_joins_the_family(enter: Enter, world: World, case_id: UUID) -> None:
    midwife = enter("midwife").open(f"/casussen/{case_id}/gezinslid")
    midwife.send("/gezinslid", button="update:veld-member-kind", answers={"member_kind": "partner"})
    assert midwife.values("safe_contact") == []

    midwife.send("/gezinslid", answers=member_answers("partner"))

    assert "Dit is bewaard" in midwife.text


def test_who_is_too_late_keeps_what_was_typed_and_can_save_it_after_looking(
    enter: Enter, world: World, case_id: UUID
) -> None:
    address = f"/casussen/{case_id}/gezinslid/{member_of(world, case_id).id}"
    first, second = enter("midwife").open(address), enter("midwife").open(address)
    first.send(address, answers={"name": "Noor de Vries"})

    second.send(address, status=412, answers={"safe_contact": "letter"})
    assert "Iemand veranderde dit intussen" in second.text
    assert second.values("safe_contact") == ["letter"]
    second.send(address)

    assert member_of(world, case_id).safe_contact == "letter"


@pytest.mark.parametrize("event", ["geboorte", "verhuizing", "uitgerekende-datum", "gezinslid"])
def test_who_has_no_part_in_the_case_finds_nothing(enter: Enter, case_id: UUID, event: str) -> None:
    nurse = enter("nurse")

    assert nurse.open(f"/casussen/{case_id}/{event}", status=404)


def test_a_preview_opened_anew_leads_back_to_its_page(enter: Enter, case_id: UUID) -> None:
    midwife = enter("midwife").open(f"/casussen/{case_id}/geboorte/voorbeeld")

    assert midwife.path == f"/casussen/{case_id}/geboorte"
