"""Answers are kept apart, read apart, and corrected without being changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpmn import DIRECTORY
from engine.bundle import Bundle
from tests import builders
from workflows import access, dossier, forms
from workflows.access import Readable, Scope
from workflows.actor import OPERATOR, Actor
from workflows.dossier import Entry
from workflows.errors import Invalid

BUNDLE = Bundle.read_dir(DIRECTORY)


@pytest.fixture
def form() -> forms.Form:
    return forms.definition(BUNDLE, "signal")


@pytest.fixture
def recorded(session, clock, form):
    from tests.workflows import path
    from workflows import diagrams

    diagrams.publish(session, path.shipped(), by=OPERATOR, at=clock())
    region = builders.region(session, clock())
    case = builders.case(session, region.midwife, clock())
    answers = forms.clean(
        form,
        builders.signal_answers(clock(), risk_categories=["KW04", "KW01", "KW14"], safety_concern="doubt"),
        on=clock().date(),
    )
    entry = dossier.record(session, case_id=case.id, form=form, answers=answers, by=region.midwife, at=clock())
    session.flush()
    return session, region, case, entry, answers


def seen(recorded, by: Actor, read: dict[str, Scope]):
    session, _, case, _, _ = recorded
    return dossier.entries(session, case_id=case.id, readable=Readable(read=read), by=by)


def test_what_was_answered_comes_back_whole(recorded, form):
    session, _, _, entry, answers = recorded

    assert dossier.answers_of(session, entry.id, form) == answers


def test_only_readable_values_are_shown_and_more_is_said_to_be_there(recorded):
    _, region, _, _, _ = recorded
    [view] = seen(recorded, region.nurse, {"C1": Scope.ALL})

    assert {value.compartment for value in view.values} == {"C1"}
    assert view.withheld


def test_an_option_lies_in_its_own_compartment(recorded):
    _, region, _, _, _ = recorded
    [view] = seen(recorded, region.nurse, {"C1": Scope.ALL, "C4": Scope.ALL})

    assert [value.value for value in view.values if value.field == "risk_categories"] == ["KW04"]


def test_that_there_is_something_about_safety_is_never_said(recorded):
    _, region, _, _, _ = recorded
    everything = {f"C{number}": Scope.ALL for number in range(11) if number != 5}
    [view] = seen(recorded, region.nurse, everything)

    assert not view.withheld
    assert "KW14" not in repr(view)


def test_an_entry_of_which_nothing_may_be_known_is_not_there(recorded):
    _, region, _, _, _ = recorded

    assert seen(recorded, region.nurse, {}) == []
    assert seen(recorded, region.process_director, {"C6": Scope.STATUS}) == []
    [status] = seen(recorded, region.process_director, {"C1": Scope.STATUS})
    assert (status.values, status.withheld) == ((), True)


def test_own_and_authored_values_are_told_apart(recorded):
    _, region, _, _, _ = recorded
    read = {"C1": Scope.OWN, "C4": Scope.AUTHOR}

    [by_author] = seen(recorded, region.midwife, read)
    [by_colleague] = seen(recorded, region.midwife2, read)
    assert {value.compartment for value in by_author.values} == {"C1", "C4"}
    assert {value.compartment for value in by_colleague.values} == {"C1"}
    assert all(not view.values for view in seen(recorded, region.nurse, read))


def test_a_correction_is_a_new_entry_and_the_old_one_stays(recorded, form, clock):
    session, region, case, entry, answers = recorded
    later = dossier.record(
        session, case_id=case.id, form=form, answers={**answers, "parity": 2}, by=region.midwife,
        at=clock.forward(days=1), supersedes=entry,
    )  # fmt: skip
    session.flush()

    first, second = seen(recorded, region.midwife, {"C1": Scope.ALL, "C2": Scope.ALL})
    assert (first.superseded, second.superseded, second.supersedes_id) == (True, False, entry.id)
    assert {value.value for value in first.values if value.field == "parity"} == {0}
    with pytest.raises(Invalid):
        other = Entry(form_key="closure", subject_id=case.id)
        dossier.record(
            session, case_id=case.id, form=form, answers=answers, by=region.midwife, at=clock(), supersedes=other
        )
    assert later.id != entry.id


def test_what_was_seen_earlier_says_so_and_nothing_is_seen_in_the_future(recorded, form, clock):
    session, region, case, _, answers = recorded
    context = {"case_id": case.id, "form": form, "answers": answers, "by": region.midwife, "at": clock()}

    entry = dossier.record(session, **context, observed_at=clock() - timedelta(days=2))
    assert (entry.recorded_at - entry.observed_at).days == 2
    with pytest.raises(Invalid):
        dossier.record(session, **context, observed_at=clock() + timedelta(seconds=1))


def test_erased_answers_are_gone_and_that_there_was_an_entry_is_not(recorded, form):
    session, _, case, entry, _ = recorded

    assert dossier.erase_case(session, case_id=case.id) == 1
    session.expire_all()
    assert dossier.answers_of(session, entry.id, form) == {}
    assert session.get(Entry, entry.id) is not None


@given(st.sets(st.sampled_from(sorted(access.COMPARTMENTS)), max_size=8))
def test_nobody_reads_a_compartment_that_is_not_granted(recorded, granted):
    _, region, _, _, _ = recorded
    for view in seen(recorded, region.nurse, dict.fromkeys(granted, Scope.ALL)):
        assert {value.compartment for value in view.values} <= granted
