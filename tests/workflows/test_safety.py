"""A concern stays with the own organisation, shows a phone number first, and leaves no trace in the case."""

from __future__ import annotations

from itertools import permutations

import pytest
from sqlalchemy.exc import IntegrityError

from engine.clock import local_date
from tests.builders import entry, explored_case, region
from workflows import cases, safety, settings
from workflows.actor import OPERATOR, WORKER
from workflows.errors import NotAllowed, NotFound, WrongState
from workflows.logbook import LoggedChange
from workflows.safety import SafetyFile, SafetyLevel


@pytest.fixture
def here(session, clock):
    return region(session, clock())


@pytest.fixture
def shared(session, clock, here):
    return explored_case(session, here, clock())


@pytest.fixture
def file(session, clock, here, shared):
    return safety.raise_concern(session, shared, SafetyLevel.DOUBT, by=here.midwife, at=clock())


@pytest.mark.parametrize(
    ("told", "level"),
    [("no", None), ("doubt", "doubt"), ("yes", "yes"), ("acute", "acute"), (None, None), ("", None), (["yes"], None)],
)
def test_only_no_is_no_concern(told, level):
    assert safety.level_of({"safety_concern": told}) == level
    assert safety.level_of({}) is None


def test_a_second_concern_of_the_same_organisation_is_a_note_in_its_file(session, clock, here, shared, file):
    written = entry(session, shared, here.midwife2, clock())

    again = safety.raise_concern(
        session, shared, SafetyLevel.ACUTE, entry=written, by=here.midwife2, at=clock.forward(days=1)
    )

    assert again is file
    assert file.level == "acute"
    assert [(note.level, note.entry_id) for note in safety.notes(session, file.id)] == [
        ("doubt", None),
        ("acute", written.id),
    ]


def test_another_organisation_has_a_file_of_its_own_and_neither_knows(session, clock, here, shared, file):
    other = safety.raise_concern(session, shared, SafetyLevel.YES, by=here.nurse, at=clock())

    assert other.id != file.id
    for stranger in (here.youth_protection_officer, here.nurse, here.other_protection_officer):
        with pytest.raises(NotFound):
            safety.find(session, file.id, by=stranger, at=clock())
    with pytest.raises(NotFound):
        safety.find(session, other.id, by=here.protection_officer, at=clock())


@pytest.mark.parametrize("levels", list(permutations(SafetyLevel)))
def test_a_level_only_rises(session, clock, here, shared, levels):
    for level in levels:
        file = safety.raise_concern(session, shared, level, by=here.midwife, at=clock())

    assert file.level == "acute"


def test_within_the_organisation_only_the_officer_and_who_opened_it_know(session, clock, here, file):
    assert safety.find(session, file.id, by=here.protection_officer, at=clock()) is file
    assert safety.find(session, file.id, by=here.midwife, at=clock()) is file
    for colleague in (here.midwife2, here.log_manager, WORKER, OPERATOR):
        with pytest.raises(NotFound):
            safety.find(session, file.id, by=colleague, at=clock())


def test_unknown_and_forbidden_answer_alike(session, clock, here, file):
    from uuid import UUID

    with pytest.raises(NotFound) as forbidden:
        safety.find(session, file.id, by=here.nurse, at=clock())
    with pytest.raises(NotFound) as unknown:
        safety.find(session, UUID(int=1), by=here.nurse, at=clock())

    assert forbidden.value.detail == unknown.value.detail


def test_no_line_about_safety_names_the_case(session, clock, here, shared, file):
    safety.answer(session, file.id, {"next_step": "no_suspicion"}, by=here.protection_officer, at=clock())

    lines = session.query(LoggedChange).filter(LoggedChange.event.like("safety.%")).all()
    assert {line.event for line in lines} == {"safety.opened", "safety.answered", "safety.closed"}
    assert all(line.case_id is None and str(shared.id) not in f"{line.subject_id}{line.details}" for line in lines)


def test_a_concern_needs_no_consent_no_open_case_and_changes_nothing_in_it(session, clock, here, shared):
    cases.close(session, shared, "parent_stops", contact_after="Huisarts", by=here.nurse, at=clock())
    version = shared.version

    assert safety.raise_concern(session, shared, SafetyLevel.YES, by=here.midwife, at=clock())
    session.flush()
    assert shared.version == version


def test_the_machine_has_no_concerns(session, clock, shared):
    with pytest.raises(NotAllowed):
        safety.raise_concern(session, shared, SafetyLevel.YES, by=WORKER, at=clock())


@pytest.mark.parametrize(
    ("next_step", "status"),
    [("no_suspicion", "closed"), ("continue_reporting_code", "open"), ("emergency_called", "open")],
)
def test_the_file_stays_open_while_there_is_a_suspicion(session, clock, here, file, next_step, status):
    safety.answer(session, file.id, {"next_step": next_step}, by=here.protection_officer, at=clock())

    assert file.status == status


def test_only_the_protection_officer_closes_and_only_once(session, clock, here, file):
    with pytest.raises(NotAllowed):
        safety.close(session, file.id, by=here.midwife, at=clock())
    safety.close(session, file.id, by=here.protection_officer, at=clock())
    with pytest.raises(WrongState):
        safety.close(session, file.id, by=here.protection_officer, at=clock())


def test_after_closing_a_new_concern_opens_a_new_file(session, clock, here, shared, file):
    safety.close(session, file.id, by=here.protection_officer, at=clock())

    assert safety.open_file(session, case_id=shared.id, organisation_id=here.practice.id) is None
    assert safety.raise_concern(session, shared, SafetyLevel.YES, by=here.midwife, at=clock()).id != file.id


def test_the_database_itself_refuses_a_second_open_file(session, clock, here, shared, file):
    with pytest.raises(IntegrityError), session.begin_nested():
        session.add(
            SafetyFile(
                case_id=shared.id, organisation_id=here.practice.id, level="yes", opened_at=clock(), status="open"
            )
        )


def test_while_a_file_is_open_its_case_must_not_be_erased(session, clock, here, shared, file):
    assert safety.keeps_case(session, shared.id)

    safety.close(session, file.id, by=here.protection_officer, at=clock())
    assert not safety.keeps_case(session, shared.id)


@pytest.mark.parametrize(("level", "first"), [("doubt", "0800-2000"), ("yes", "0800-2000"), ("acute", "112")])
def test_a_number_to_call_comes_first(session, clock, level, first):
    notice = safety.notice(session, level, on=local_date(clock()))

    assert notice.phone_numbers[0].number == first
    assert first in notice.title
    assert {phone.number for phone in notice.phone_numbers} == {"112", "0800-2000"}


def test_the_number_is_a_setting(session, clock):
    settings.put(
        session, "phone.safe_home", "0800-0000", valid_from=local_date(clock()), source="test", by=OPERATOR, at=clock()
    )

    assert "0800-0000" in safety.notice(session, "yes", on=local_date(clock())).title


def test_a_file_that_is_not_there_is_not_found(session):
    from uuid import uuid4

    for look in (safety.file, safety.lock):
        with pytest.raises(NotFound):
            look(session, uuid4())
