"""Steps about the rights of parents: a copy, a correction, own words, destruction, and what must be kept."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from engine.clock import local_date
from features.steps.explorations import close, give_feedback, talk
from features.steps.registry import step
from features.steps.world import World
from workflows import logbook, method, organisations, rights
from workflows.actor import OPERATOR
from workflows.cases import Case
from workflows.errors import NotFound, WrongState
from workflows.families import members

COPY, ERASE = "Kopie van het dossier geven", "Verzoek om vernietiging beantwoorden"


@step("Gegeven", "de verpleegkundige houdt de casus vast")
def nurse_holds(world: World) -> None:
    [card] = [one for one in world.tasks("verpleegkundige") if one.form_key == "exploration"]
    world.do(method.claim_task, card.id, who="verpleegkundige")


def ask(world: World, who: str, kind: str, **more: Any) -> method.RequestView:
    """The mother asks, and showed who she is."""
    with world.database.reading() as session:
        case = session.get_one(Case, world.case_id)
        assert case.family_id is not None
        mother = members(session, case.family_id)[0].id
    answers = {
        "request_kind": kind,
        "received_on": world.today(),
        "request_subject": str(mother),
        "requested_by": "self",
        "identity_check": "id_document",
        **more,
    }
    asked: method.RequestView = world.do(method.record_request, world.case_id, answers=answers, who=who)
    return asked


@step("Als", "de {who} vastlegt dat de moeder een kopie vraagt")
def ask_copy(world: World, who: str) -> None:
    world.looked = [ask(world, who, "access_copy")]


@step("Als", "de {who} vastlegt dat de moeder alles wil laten vernietigen")
def ask_destruction(world: World, who: str) -> None:
    world.looked = [ask(world, who, "destruction")]


@step("Als", 'de {who} de eigen woorden "{words}" van de moeder toevoegt')
def add_words(world: World, who: str, words: str) -> None:
    ask(world, who, "addition", request_words=words)


@step("Dan", 'leest de {who} de eigen woorden "{words}"')
def reads_words(world: World, who: str, words: str) -> None:
    assert words in said(world, who)


@step("Dan", "is het antwoord binnen een maand")
def within_a_month(world: World) -> None:
    [asked] = world.looked
    assert local_date(world.clock()) + timedelta(days=25) < asked.answer_by
    assert asked.answer_by <= local_date(world.clock()) + timedelta(days=31)


@step("Als", "de {who} de kopie maakt en geeft")
def give_copy(world: World, who: str) -> None:
    [asked] = world.looked
    world.take(who, COPY)
    made: list[method.PersonalCopy] = []

    def render(copy: method.PersonalCopy) -> bytes:
        made.append(copy)
        return json.dumps(asdict(copy), default=str).encode()

    world.look(method.export_copy, asked.id, render=render, media="json", who=who)
    world.looked = made
    world.complete(who, COPY, {**granted(world), "copy_form": "on_paper"})


@step("Dan", "staat in de kopie de vraag van de moeder in haar eigen woorden")
def copy_has_the_question(world: World) -> None:
    [copy] = world.looked
    answers = [answer.answer for entry in copy.entries for answer in entry.answers]
    assert world.signal["support_request_own_words"] in answers


@step("Dan", "staat in de kopie niets over veiligheid of over een ander")
def copy_has_nothing_of_others(world: World) -> None:
    [copy] = world.looked
    kinds = {answer.compartment for entry in copy.entries for answer in entry.answers}
    assert not kinds & {"C5", "C8"}


@step("Dan", "staat in het logboek wie de kopie maakte")
def copy_is_logged(world: World) -> None:
    assert world.case_id is not None
    with world.database.reading() as session:
        lines = [line for line in logbook.reads_of(session, world.case_id) if line.event == "copy.exported"]
    assert [line.person_id for line in lines] == [world.actor("verpleegkundige").person_id]


def granted(world: World) -> dict[str, Any]:
    """Yes, with an answer in words."""
    return {"request_decision": "granted", "answer_words": "Dat doen we.", "answered_on": world.today()}


@step("Als", 'de {who} verbetert wat de moeder zei in "{words}"')
def correct(world: World, who: str, words: str) -> None:
    [entry] = [one for one in world.case(who).entries if one.form_key == "signal"]
    form = world.look(method.correction_form, world.case_id, entry.id, who=who)
    answers = {**form.answers, "support_request_own_words": words}
    world.do(method.correct_entry, world.case_id, entry.id, answers=answers, who=who)
    world.looked = [words]


@step("Dan", "leest de {who} de verbetering en wat er eerst stond")
def reads_both(world: World, who: str) -> None:
    [words] = world.looked
    assert {words, world.signal["support_request_own_words"]} <= set(said(world, who))
    assert sorted(one.superseded for one in world.case(who).entries if one.form_key == "signal") == [False, True]


def said(world: World, who: str) -> list[Any]:
    """Every answer that somebody may read in the case."""
    return [value.value for entry in world.case(who).entries for value in entry.values]


@step("Dan", "hoort de {who} dat er iets is verbeterd")
def hears(world: World, who: str) -> None:
    card = world.task(who, "Lezen wat er verbeterd is")
    [words] = world.looked
    assert words not in f"{card.name} {card.documentation}"


@step("Als", "de {who} dat verzoek inwilligt")
def grant(world: World, who: str) -> None:
    world.complete(who, ERASE, {**granted(world), "erasure_scope": "whole_case", "interests_weighed": True})


@step("Dan", "kan de {who} dat verzoek niet inwilligen")
def cannot_grant(world: World, who: str) -> None:
    card = world.take(who, ERASE)
    answers = {**granted(world), "erasure_scope": "whole_case", "interests_weighed": True}
    refusal = world.refused(method.complete_task, card.id, answers=answers, version=card.version, who=who)
    assert isinstance(refusal, WrongState)
    assert "bewaarplicht" in refusal.detail


@step("Dan", "is er van het gezin niets meer over dan het bewijs")
def nothing_left(world: World) -> None:
    assert world.case_id is not None
    with world.database.reading() as session:
        assert session.get(Case, world.case_id) is None
        assert rights.remains(session, world.case_id) == {}
        [proof] = rights.destructions(session)
    assert proof.counts["entries"] > 0
    assert isinstance(world.refused(method.case_view, world.case_id, who="verloskundige"), NotFound)


@step("Gegeven", "dat de {who} een bewaarplicht vastlegt vanwege een klacht")
def set_hold(world: World, who: str) -> None:
    world.kept = world.do(method.set_hold, world.case_id, "complaint", who=who).id


@step("Als", "de {who} zegt dat de bewaarplicht voorbij is")
def end_hold(world: World, who: str) -> None:
    world.do(method.end_hold, world.case_id, world.kept, who=who)


@step("Gegeven", "dat de casus twintig jaar geleden gesloten is")
def long_closed(world: World) -> None:
    nurse = world.actor("verpleegkundige")
    talk(world, "no_further_support")
    give_feedback(world)
    close(world)
    world.clock.forward(days=20 * 366)
    for who, role in (
        ("beheerder van de jeugdgezondheidszorg", "administrator"),
        ("functionaris van de jeugdgezondheidszorg", "dpo"),
    ):
        with world.database.writing() as session:
            person = organisations.add_person(session, display_name=who, by=OPERATOR, at=world.clock())
            assert nurse.organisation_id is not None
            assignment = organisations.assign_role(
                session, person_id=person.id, organisation_id=nurse.organisation_id, role=role,
                valid_from=(world.clock() - timedelta(days=1)).date(), by=OPERATOR, at=world.clock(),
            )  # fmt: skip
            world.join(who, person.id, assignment.id, nurse.organisation_id, role)


@step("Dan", "staat de casus zonder naam op de lijst van de {who}")
def on_the_list(world: World, who: str) -> None:
    [due] = world.look(method.destruction_list, who=who).due
    assert due.case_id == world.case_id
    assert str(world.signal["parent_name"]) not in str(due)


@step("Als", "de {who} de vernietiging bevestigt")
def confirm(world: World, who: str) -> None:
    world.do(method.confirm_destruction, world.case_id, who=who)


@step("Dan", "bestaat de casus nog")
def still_there(world: World) -> None:
    with world.database.reading() as session:
        assert session.get(Case, world.case_id) is not None
