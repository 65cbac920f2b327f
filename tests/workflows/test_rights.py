"""A request about one's data is a task with a term; destroying reaches every table, needs people, and leaves a proof."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import MetaData, func, insert, select, text

from engine.clock import add_months, local_date
from tests import builders
from tests.workflows import path
from workflows import (
    attachments,
    cases,
    diagrams,
    families,
    forms,
    hubs,
    logbook,
    method,
    rights,
    schema,
    settings,
    worker,
)
from workflows.actor import OPERATOR, Actor
from workflows.cases import Case
from workflows.db import UtcDateTime
from workflows.dossier import EntryValue
from workflows.errors import Invalid, NotAllowed, NotFound, WrongState
from workflows.logbook import LoggedChange
from workflows.organisations import Role
from workflows.processes import Task
from workflows.rights import Destruction, LegalHold, RightsRequest
from workflows.safety import SafetyFile

#: Where what is asked of the database is no different from what every other test asks.
ONE = pytest.mark.parametrize("urls", ["sqlite"], indirect=True)


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


def taken(world: path.World) -> UUID:
    """A case that the nurse explores and holds; the midwife signalled."""
    case_id = world.explored()
    world.claim(world.region.nurse)
    return case_id


def parent_of(world: path.World, case_id: UUID) -> families.FamilyMember:
    with world.database.reading() as session:
        return builders.parent(session, session.get_one(Case, case_id))


def request_answers(world: path.World, case_id: UUID, **changes: Any) -> dict[str, Any]:
    """The parent asks a copy, and showed who she is; *changes* say otherwise."""
    answers = {
        "request_kind": "access_copy",
        "received_on": local_date(world.clock()).isoformat(),
        "request_subject": str(parent_of(world, case_id).id),
        "requested_by": "self",
        "identity_check": "id_document",
    } | changes
    return {name: value for name, value in answers.items() if value is not None}


def ask(world: path.World, case_id: UUID, by: Actor | None = None, **changes: Any) -> method.RequestView:
    answers = request_answers(world, case_id, **changes)
    return world.do(method.record_request, case_id, answers=answers, by=by or world.region.nurse)


def answer(world: path.World, request: method.RequestView, by: Actor, **changes: Any) -> Any:
    """Claim the task of the request and grant it; *changes* say otherwise."""
    today = local_date(world.clock()).isoformat()
    answers = {"request_decision": "granted", "answer_words": "Dat doen we.", "answered_on": today} | changes
    task = world.do(method.claim_task, request.task_id, by=by)
    return world.complete(task, by, answers)


def erase(world: path.World, request: method.RequestView, by: Actor, scope: str = "whole_case") -> None:
    answer(world, request, by, erasure_scope=scope, interests_weighed=True)
    work(world)


def work(world: path.World) -> None:
    for _ in range(3):
        worker.run_once(world.database, world.clock())


def row(world: path.World, request_id: UUID) -> RightsRequest:
    with world.database.reading() as session:
        return session.get_one(RightsRequest, request_id)


def test_a_term_ends_on_a_working_day_that_is_never_too_late():
    assert rights.answer_by(date(2026, 11, 3), months=1) == date(2026, 12, 3)
    assert rights.answer_by(date(2026, 11, 26), months=1) == date(2026, 12, 24)  # not the second day of Christmas
    assert rights.answer_by(date(2027, 1, 31), months=1) == date(2027, 2, 26)  # a Sunday that does not exist


@ONE
def test_a_request_is_a_task_of_who_holds_the_case_with_a_term_that_is_watched(world, clock):
    case_id = taken(world)
    nurse = world.region.nurse

    asked = ask(
        world, case_id, by=world.region.midwife, received_on=(local_date(clock()) - timedelta(days=10)).isoformat()
    )

    [card] = [
        one for one in world.look(method.work_list, by=world.region.nurse2).items if one.form_key == "access_request"
    ]
    assert (card.id, local_date(card.due_at - timedelta(seconds=1))) == (asked.task_id, asked.answer_by)
    assert asked.answer_by == date(2026, 11, 24)
    assert asked.status == "received"
    assert "Noor" not in f"{card.name} {card.documentation}"
    world.do(method.claim_task, card.id, by=nurse)
    assert row(world, asked.id).status == "in_progress"
    clock.forward(days=25)
    work(world)
    with world.database.reading() as session:
        assert session.get_one(Task, card.id).escalated_at == clock()
    assert "escalation" in {
        one.form_key for one in world.look(method.work_list, by=world.region.process_director).items
    }


@ONE
def test_an_answer_says_what_and_why_and_is_given_once(world):
    case_id = taken(world)
    nurse = world.region.nurse
    asked = ask(world, case_id)

    with pytest.raises(Invalid) as refused:
        answer(world, asked, nurse, request_decision="refused")
    assert set(refused.value.errors) == {"request_refused_reason"}
    task = world.look(method.task_view, asked.task_id, by=nurse)
    assert task.request.kind == "access_copy"
    assert task.request.may_copy
    world.complete(
        task.task, nurse,
        {"request_decision": "partly", "copy_form": "on_paper", "request_refused_reason": "interest_of_another",
         "answer_words": "Uw partner staat er niet in.", "answered_on": local_date(world.clock()).isoformat()},
    )  # fmt: skip

    kept = row(world, asked.id)
    assert (kept.status, kept.refused_reason, kept.decided_by) == ("partly", "interest_of_another", nurse.person_id)
    [shown] = world.look(method.request_list, case_id, by=nurse).requests
    assert shown.status == "partly"
    with world.database.reading() as session:
        told = {line.event: line.details for line in logbook.lines(session, case_id=case_id)}
    assert told["request.answered"]["reason"] == "interest_of_another"
    assert "partner" not in str(told)


@ONE
def test_who_may_ask_follows_from_age_and_two_people_are_checked_for_a_child(world, clock):
    case_id = taken(world)
    with world.database.writing() as session:
        family_id = session.get_one(Case, case_id).family_id
        young, older = (
            families.add_member(
                session, family_id, kind="child", name="Kind", birth_date=date(year, 5, 1), by=OPERATOR, at=clock()
            ).id
            for year in (2022, 2008)
        )

    with pytest.raises(Invalid) as alone:
        ask(world, case_id, request_subject=str(young), requested_by="self")
    with pytest.raises(Invalid) as unchecked:
        ask(world, case_id, request_subject=str(young), requested_by="both_parents")
    with pytest.raises(Invalid) as over_her_head:
        both = {"requested_by": "both_parents", "second_identity_check": "id_document"}
        ask(world, case_id, request_subject=str(older), **both)
    with pytest.raises(Invalid) as elsewhere:
        ask(world, case_id, request_subject=str(case_id))

    assert "ouder met gezag" in str(alone.value.errors["requested_by"])
    assert set(unchecked.value.errors) == {"second_identity_check"}
    assert "16 jaar" in str(over_her_head.value.errors["requested_by"])
    assert set(elsewhere.value.errors) == {"request_subject"}
    ask(world, case_id, request_subject=str(young), **both)


@ONE
def test_own_words_are_added_at_once_and_only_who_works_on_the_case_records_a_request(world):
    case_id = taken(world)

    said = ask(world, case_id, request_kind="addition", request_words="Ik zag het anders: ik was niet boos.")

    assert (said.status, said.task_id) == ("granted", None)
    told = [
        value.text
        for entry in world.look(method.case_view, case_id, by=world.region.nurse).entries
        for value in entry.values
    ]
    assert "Ik zag het anders: ik was niet boos." in told
    with pytest.raises(NotFound):
        world.look(method.request_list, case_id, by=world.region.other_midwife)
    with pytest.raises((NotFound, NotAllowed)):
        ask(world, case_id, by=world.region.administrator)


@ONE
def test_a_closed_case_is_still_answered_for_by_who_held_it_last(world):
    case_id = taken(world)
    with world.database.writing() as session:
        case = cases.lock(session, case_id)
        cases.close(
            session, case, "goals_reached", contact_after="De huisarts", by=world.region.nurse, at=world.clock()
        )

    asked = ask(world, case_id, by=world.region.midwife)
    answer(world, asked, world.region.nurse2, copy_form="digital")

    assert row(world, asked.id).status == "granted"


# --- destroying


def family_tables() -> MetaData:
    return schema.metadata()


def belonging() -> list[Any]:
    """Every table that hangs on a case, a family or a member, by whatever chain of foreign keys."""
    every = [table for table in family_tables().sorted_tables if not table.name.startswith("log_")]
    about = ("cases", "families", "family_members")
    found = {table for table in every if table.name in about or "subject_kind" in table.columns}
    while more := {
        table for table in every if table not in found and any(key.column.table in found for key in table.foreign_keys)
    }:
        found |= more
    return [table for table in every if table in found]


def rows_of(world: path.World) -> dict[str, int]:
    with world.database.reading() as session:
        counted = {table.name: session.scalar(select(func.count()).select_from(table)) for table in belonging()}
    return {name: count for name, count in counted.items() if count}


def everywhere(world: path.World) -> str:
    """Everything that stands in the database, the logbooks too; on SQLite the bytes of the files."""
    if world.database.is_sqlite:
        file = Path(str(world.database.url.database))
        return "".join(each.read_bytes().decode("latin-1") for each in file.parent.glob(f"{file.name}*"))
    said = []
    with world.database.engine.connect() as connection:
        for table in family_tables().sorted_tables:
            name = f"{table.schema or 'public'}.{table.name}"
            said += [str(row) for row in connection.execute(text(f"SELECT t::text FROM {name} AS t"))]
    return "\n".join(said)


CANARY = "kanarie"


def with_canaries(answers: dict[str, Any]) -> dict[str, Any]:
    """The same answers, with a canary in every text that somebody types."""
    free = ("own_words", "name", "detail", "what_", "words", "agreement", "note", "talk")

    def sung(key: str, value: Any) -> Any:
        if isinstance(value, list):
            return [with_canaries(one) if isinstance(one, dict) else one for one in value]
        if isinstance(value, str) and (any(part in key for part in free) or " " in value) and key != "postcode":
            return f"{value} {CANARY}-{key}"
        return value

    return {key: sung(key, value) for key, value in answers.items()}


def lived(world: path.World) -> UUID:
    """A case in which much was said: signal, consent, route, exploration, comments, a file, a draft, a hold that ended."""
    midwife, nurse, at = world.region.midwife, world.region.nurse, world.clock()
    task = world.start()
    world.complete(task, midwife, with_canaries(builders.signal_answers(at)))
    world.do_next(midwife)
    world.do_next(midwife)
    claimed = world.claim(nurse)
    world.do(
        method.save_draft, claimed.id, by=nurse, version=claimed.version,
        answers=with_canaries(path.exploration_answers(at)),
    )  # fmt: skip
    world.do(method.add_comment, task.subject_id, f"Zo zei ze het: {CANARY}-comment", by=nurse)
    letter = attachments.prepare(f"{CANARY}-letter.pdf", b"%PDF-1.7\n%%EOF\n")
    world.do(method.add_attachment, task.subject_id, letter, description=f"De brief, {CANARY}-file", by=nurse)
    held = world.do(method.set_hold, task.subject_id, "complaint", by=nurse)
    world.do(method.end_hold, task.subject_id, held.id, by=nurse)
    case_id: UUID = task.subject_id
    return case_id


def sung_everywhere(world: path.World, case_id: UUID) -> None:
    """A canary in every field of every form, and in every text of every table that belongs to a family: also of one that
    comes later and that nothing here knows."""
    with world.database.writing() as session:
        later, director = world.clock() + timedelta(days=7), world.region.process_director
        hubs.plan(session, municipality=builders.VENLO, starts_at=later, by=director, at=world.clock())
        bundle = diagrams.load(session, world.digest)
        for key in bundle.forms:
            form = forms.definition(bundle, key)
            values = [
                EntryValue(field=one, position=0, stored=f"{CANARY}-{one}", compartment="C1") for one in form.fields
            ]
            entry = builders.entry(session, session.get_one(Case, case_id), world.region.midwife, world.clock(), key)
            entry.values.extend(values)
    if not world.database.is_sqlite:
        return  # only there a row can be put beside what its table asks
    with world.database.engine.connect() as connection, connection.begin():
        connection.connection.driver_connection.execute("PRAGMA ignore_check_constraints=ON")
        try:
            for table in belonging():
                if table.name != "case_keepers" and not connection.scalar(select(func.count()).select_from(table)):
                    row = {one.name: filled(connection, one, world.clock()) for one in table.columns}
                    connection.execute(insert(table).values(row))
        finally:
            connection.connection.driver_connection.execute("PRAGMA ignore_check_constraints=OFF")


def filled(connection: Any, column: Any, at: Any, canary: str = CANARY) -> Any:
    for key in column.foreign_keys:
        found = connection.scalar(select(key.column).limit(1))
        if found is None and not column.nullable:  # of a table that belongs to no family
            other = key.column.table
            row = {one.name: filled(connection, one, at, "of nobody") for one in other.columns}
            connection.execute(insert(other).values(row))
            found = row[key.column.name]
        return found
    if isinstance(column.type, UtcDateTime):
        return at - timedelta(days=30 * 366)  # so long ago that a file about safety need not be kept
    kind = column.type.python_type
    made = {str: canary, bool: True, int: 1, bytes: canary.encode(), date: local_date(at), UUID: uuid4()}
    return made.get(kind, [canary] if kind is list else {"said": canary})


def test_after_destruction_nothing_of_the_case_is_left_but_ids_hashes_and_the_proof(world):
    case_id = lived(world)
    nurse = world.region.nurse
    asked = ask(world, case_id, request_kind="destruction")
    sung_everywhere(world, case_id)
    assert everywhere(world).count(CANARY) > 300
    before = rows_of(world)
    assert not world.database.is_sqlite or {table.name for table in belonging()} - {"case_keepers"} == set(before)

    answer(
        world, asked, nurse, erasure_scope="whole_case", interests_weighed=True, answer_words=f"Goed. {CANARY}-answer"
    )
    assert rows_of(world)["cases"] == 1  # the worker does it, not the page
    assert len(list(world.database.files.known())) == 1
    work(world)

    assert list(world.database.files.known()) == [], "the file goes with its row"
    left = rows_of(world)
    assert set(left) <= {"jobs"}, left  # those of the house, such as sealing
    assert {"entries", "entry_values", "drafts", "steps", "consents", "due_dates", "legal_holds"} <= set(before)
    said = everywhere(world)
    assert CANARY not in said
    assert "Noor Voorbeeld" not in said
    with world.database.reading() as session:
        [proof] = rights.destructions(session)
        [line] = session.scalars(select(LoggedChange).where(LoggedChange.event == "case.destroyed"))
        assert rights.remains(session, case_id) == {}
    assert (proof.rule, proof.scope, proof.confirmed_by) == ("on_request", "whole_case", nurse.person_id)
    assert proof.counts["entry_values"] > 200
    assert line.details["proof"] == proof.proof
    assert proof.case_hash == logbook.salted(case_id.hex, salt=proof.case_hash.split("$")[0])
    with pytest.raises(NotFound):
        world.look(method.case_view, case_id, by=nurse)


def test_another_case_of_the_family_keeps_the_family_and_is_not_touched(world, clock):
    case_id, other_id = lived(world), None
    with world.database.writing() as session:
        family_id = session.get_one(Case, case_id).family_id
        other = cases.open_case(
            session, family_id=family_id, municipality_code=builders.VENLO, by=world.region.midwife, at=clock()
        )
        builders.entry(session, other, world.region.midwife, clock())
        other_id = other.id
    asked = ask(world, case_id, request_kind="destruction")

    erase(world, asked, world.region.nurse)

    left = rows_of(world)
    assert (left["cases"], left["families"], left["family_members"], left["entries"]) == (1, 1, 1, 1)
    with world.database.reading() as session:
        assert session.get_one(Case, other_id).family_id == family_id


def test_of_a_partner_only_what_is_about_the_partner_goes(world, clock):
    case_id = taken(world)
    nurse = world.region.nurse
    with world.database.writing() as session:
        partner = families.subject(
            session, session.get_one(Case, case_id).family_id, "partner", by=OPERATOR, at=clock()
        )
        families.change_member(session, partner.id, name="Piet Partner", by=OPERATOR, at=clock())
        builders.agree(
            session, session.get_one(Case, case_id), nurse, clock(), subject_id=partner.id, categories=["C0"]
        )
    before = rows_of(world)
    with pytest.raises(Invalid):
        answer(
            world,
            ask(world, case_id, request_kind="destruction"),
            nurse,
            erasure_scope="this_person",
            interests_weighed=True,
        )
    asked = ask(world, case_id, request_kind="destruction", request_subject=str(partner.id))

    erase(world, asked, nurse, "this_person")

    after = rows_of(world)
    assert after["family_members"] == before["family_members"] - 1
    assert before["consents"] - after["consents"] == 1
    assert after["entry_values"] >= before["entry_values"]  # the parent's request was added since
    assert "Piet Partner" not in everywhere(world)
    with pytest.raises(AssertionError):
        assert world.look(method.case_view, case_id, by=nurse) is None  # the case goes on


def test_a_hold_stops_destruction_until_it_ends(world, clock):
    case_id = taken(world)
    nurse, midwife = world.region.nurse, world.region.midwife
    asked = ask(world, case_id, request_kind="destruction")
    held = world.do(method.set_hold, case_id, "disciplinary_case", by=midwife)

    task = world.do(method.claim_task, asked.task_id, by=nurse)
    yes = {
        "request_decision": "granted", "answer_words": "Goed.", "answered_on": local_date(clock()).isoformat(),
        "erasure_scope": "whole_case", "interests_weighed": True,
    }  # fmt: skip
    with pytest.raises(WrongState):
        world.complete(task, nurse, yes)
    with pytest.raises(NotAllowed):
        world.do(method.end_hold, case_id, held.id, by=nurse)
    with pytest.raises(WrongState):
        world.do(method.set_hold, case_id, "complaint", by=midwife)
    world.do(method.end_hold, case_id, held.id, by=midwife)
    world.complete(task, nurse, yes)
    again = world.do(method.set_hold, case_id, "inspection", by=nurse)  # in the moment before the worker comes by
    work(world)

    with world.database.reading() as session:
        assert session.get(Case, case_id) is not None
    world.do(method.end_hold, case_id, again.id, by=nurse)
    clock.forward(days=1, minutes=1)
    work(world)
    with world.database.reading() as session:
        assert session.get(Case, case_id) is None
        assert session.scalar(select(func.count()).select_from(LegalHold)) == 0


def test_a_safety_file_stays_with_its_organisation_and_nobody_else_can_tell(world, clock):
    region, at = world.region, world.clock()
    told = {}
    for concern in ("yes", "no"):
        task = world.start()
        signal = builders.signal_answers(
            at, safety_concern=concern, parent_name=f"Noor {concern}", birth_date=f"199{3 + len(concern)}-05-17"
        )
        world.complete(task, region.midwife, signal)
        world.do(
            method.claim_task,
            next(c for c in world.look(method.work_list, by=region.midwife).items if c.status == "open").id,
            by=region.midwife,
        )
        asked = ask(world, task.subject_id, by=region.midwife, request_kind="destruction")
        erase(world, asked, region.midwife)
        told[concern] = task.subject_id

    with world.database.reading() as session:
        kept = session.scalars(select(Case)).all()
        [file] = session.scalars(select(SafetyFile))
        counts = {one.id: one.counts for one in rights.destructions(session)}
    assert [one.id for one in kept] == [told["yes"]]
    assert {"safety_files" in one for one in counts.values()} == {False}
    assert len({one["families"] for one in counts.values()}) == 1
    for who in (region.midwife, region.midwife2, region.nurse):
        with pytest.raises(NotFound):
            world.look(method.case_view, told["yes"], by=who)
    officer = region.protection_officer
    claimed = world.claim(officer, "safety_response")
    shown = world.look(method.task_view, claimed.id, by=officer)
    assert [one.name for one in shown.members] == ["Noor yes"]
    said = everywhere(world)
    assert "Ik kom niet rond" not in said
    assert "Noor no" not in said

    world.complete(claimed, officer)
    clock.forward(days=20 * 366)
    work(world)
    assert set(rows_of(world)) <= {"jobs"}
    assert "Noor yes" not in everywhere(world)
    assert file.case_id == told["yes"]


# --- the list of what is past its term


def old(world: path.World) -> tuple[UUID, Actor, Actor]:
    """A case that was closed twenty years ago, and two people who decide for the organisation that held it last."""
    case_id, at = taken(world), world.clock()
    with world.database.writing() as session:
        cases.close(
            session,
            cases.lock(session, case_id),
            "goals_reached",
            contact_after="De huisarts",
            by=world.region.nurse,
            at=at,
        )
    world.clock.forward(days=20 * 366)
    with world.database.writing() as session:
        at = world.clock()
        first, second = (
            builders.actor(session, name, _where(world), role, at=at)
            for name, role in (("Bo Beheer", Role.ADMINISTRATOR), ("Fay Functionaris", Role.DPO))
        )
    return case_id, first, second


def _where(world: path.World) -> Any:
    return world.region.youth_health


def test_two_people_confirm_and_one_postpones_what_is_past_its_term(world, clock):
    case_id, first, second = old(world)
    [due] = world.look(method.destruction_list, by=first).due
    assert (due.case_id, due.retained_until, due.held, due.needed) == (case_id, date(2046, 11, 3), False, 2)
    assert "Noor" not in str(due)
    assert world.look(method.destruction_list, by=world.region.administrator).due == ()  # of another organisation
    with pytest.raises(NotFound):
        world.do(method.confirm_destruction, case_id, by=world.region.administrator)
    with pytest.raises(NotAllowed):
        world.look(method.destruction_list, by=world.region.nurse)

    assert world.do(method.confirm_destruction, case_id, by=first) == 1
    with pytest.raises(WrongState):
        world.do(method.confirm_destruction, case_id, by=first)
    for day in (local_date(clock()), add_months(local_date(clock()), 12) + timedelta(days=1), date.max):
        with pytest.raises(Invalid) as refused:
            world.do(method.postpone_destruction, case_id, "term_in_doubt", until_on=day, by=second)
        assert list(refused.value.errors) == ["until_on"]
    later = local_date(clock()) + timedelta(days=90)
    world.do(method.postpone_destruction, case_id, "term_in_doubt", until_on=later, by=second)
    assert world.look(method.destruction_list, by=first).due == ()
    clock.forward(days=91)
    assert world.do(method.confirm_destruction, case_id, by=second) == 1  # asked anew: the first yes is over
    assert world.do(method.confirm_destruction, case_id, by=first) == 0
    work(world)

    assert set(rows_of(world)) <= {"jobs"}
    [done] = world.look(method.destruction_list, by=first).done
    assert (done.rule, done.retention_class) == ("retention_over", "case")
    assert {done.confirmed_by, done.second_confirmed_by} == {first.person_id, second.person_id}


def test_what_is_not_past_its_term_or_held_is_not_destroyed_whoever_confirms(world, clock):
    case_id, first, second = old(world)
    with world.database.writing() as session:
        settings.put(
            session,
            "retention.confirmations",
            1,
            valid_from=local_date(clock()),
            tag="[B]",
            source="x",
            by=OPERATOR,
            at=clock(),
        )
        rights.hold(session, session.get_one(Case, case_id), "court_case", by=first, at=clock())
    [due] = world.look(method.destruction_list, by=second).due
    assert due.held
    assert due.needed == 1

    with pytest.raises(WrongState):
        world.do(method.confirm_destruction, case_id, by=second)
    with world.database.writing() as session:
        rights.end_hold(session, rights.hold_of(session, case_id), by=first, at=clock())
    assert world.do(method.confirm_destruction, case_id, by=second) == 0
    with world.database.writing() as session:  # between the yes and the worker the term became longer
        settings.put(
            session,
            "retention.case_years",
            30,
            valid_from=local_date(clock()),
            tag="[B]",
            source="x",
            by=OPERATOR,
            at=clock(),
        )
    work(world)

    with world.database.reading() as session:
        assert session.get(Case, case_id) is not None
        assert session.scalar(select(func.count()).select_from(Destruction)) == 0


@ONE
def test_who_agreed_to_destroy_what_was_then_held_is_asked_anew(world, clock):
    """Else the list says for ever that they agreed, nobody can say it again, and nothing is destroyed."""
    case_id, first, second = old(world)
    world.do(method.confirm_destruction, case_id, by=first)
    assert world.do(method.confirm_destruction, case_id, by=second) == 0
    with world.database.writing() as session:  # before the worker came
        rights.hold(session, session.get_one(Case, case_id), "complaint", by=first, at=clock())
    work(world)
    with world.database.writing() as session:
        rights.end_hold(session, rights.hold_of(session, case_id), by=first, at=clock.forward(days=30))
    work(world)

    [due] = world.look(method.destruction_list, by=first).due
    assert (due.confirmations, due.confirmed_by_me) == (0, False)
    world.do(method.confirm_destruction, case_id, by=first)
    world.do(method.confirm_destruction, case_id, by=second)
    work(world)
    with world.database.reading() as session:
        assert session.get(Case, case_id) is None
