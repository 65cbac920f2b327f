"""Looking back together: what was decided, and on which day it is next."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import entry, explored_case, region
from tests.workflows.support import evaluation_answers, row, write
from workflows import evaluations, families, plans, settings
from workflows.errors import Invalid
from workflows.evaluations import Decision, GoalStatus, Window, evaluate_on
from workflows.families import MemberKind, PregnancyEnd

TODAY = date(2026, 11, 3)


@pytest.fixture
def here(session, clock):
    return region(session, clock())


@pytest.fixture
def shared(session, clock, here):
    return explored_case(session, here, clock())


def hold(session, of, by, clock, **changes):
    written = entry(session, of, by, clock(), "evaluation")
    return evaluations.record(session, of, written, evaluation_answers(clock(), **changes), by=by, at=clock())


def test_an_evaluation_is_kept_with_what_was_decided_and_nothing_of_safety(session, clock, here, shared):
    plan = write(session, shared, here.nurse, clock(), row()).plan

    kept = hold(session, shared, here.nurse, clock, safety_concern="yes")

    assert evaluations.of_case(session, shared.id) == [kept]
    assert (kept.number, kept.plan_id, kept.decision, kept.level) == (1, plan.id, "continue", "potentially_vulnerable")
    assert (kept.parent_experience, kept.present, kept.next_on) == (8, ["parent", "partner"], date(2027, 2, 1))
    assert [(one.goal, one.status, one.parent_rating) for one in evaluations.ratings(session, kept.id)] == [
        ("Weer rustig slapen", "partly", 6)
    ]
    assert not [name for name in type(kept).__table__.columns.keys() if "safe" in name]  # noqa: SIM118


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"evaluated_on": None}, "evaluated_on"),
        ({"evaluated_on": "2026-11-04"}, "evaluated_on"),
        ({"evaluation_decision": "wait"}, "evaluation_decision"),
        ({"vulnerability_level_now": None}, "vulnerability_level_now"),
        ({"decided_with_parent": None}, "decided_with_parent"),
        ({"next_date": None}, "next_date"),
        ({"next_date": "2026-11-01"}, "next_date"),
        ({"goal_ratings": [{"goal": "Rust", "goal_status": "far"}]}, "goal_ratings[0].goal_status"),
        ({"goal_ratings": [{"goal": "", "goal_status": "partly"}]}, "goal_ratings[0].goal"),
    ],
)
def test_an_evaluation_that_is_none_is_refused(session, clock, here, shared, changes, field):
    with pytest.raises(Invalid) as refused:
        hold(session, shared, here.nurse, clock, **changes)

    assert list(refused.value.errors) == [field]


def test_after_a_decision_to_close_nobody_looks_back_again(session, clock, here, shared):
    kept = hold(session, shared, here.nurse, clock, evaluation_decision="close", next_date=None)

    assert kept.next_on is None
    assert evaluations.next_evaluation(session, shared) is None


def test_the_day_is_that_of_the_plan_until_a_talk_agrees_another(session, clock, here, shared):
    assert evaluations.next_evaluation(session, shared) is None
    write(session, shared, here.nurse, clock(), row())
    assert evaluations.next_evaluation(session, shared) == TODAY + timedelta(days=42)

    hold(session, shared, here.nurse, clock, next_date="2027-02-01")
    assert evaluations.next_evaluation(session, shared) == date(2027, 2, 1)

    write(session, shared, here.nurse, clock(), row("Anders"), evaluation_date="2027-01-05")
    assert evaluations.next_evaluation(session, shared) == date(2027, 1, 5)
    plans.stop_all(session, shared, plans.StopReason.LOSS, by=here.nurse, at=clock())
    hold(session, shared, here.nurse, clock, evaluation_decision="hand_over", next_date="2027-01-08")
    assert evaluations.next_evaluation(session, shared) == date(2027, 1, 8)


def pregnant(session, of, by, clock, due: date):
    pregnancy = families.start_pregnancy(session, of.family_id, by=by, at=clock())
    families.record_due_date(session, pregnancy.id, due_date=due, certainty="dating_scan", by=by, at=clock())
    return pregnancy


def test_a_family_looks_back_before_and_after_the_birth_whatever_was_agreed(session, clock, here, shared):
    due = TODAY + timedelta(days=140)  # twenty weeks to go
    pregnancy = pregnant(session, shared, here.nurse, clock, due)
    write(session, shared, here.nurse, clock(), row(), evaluation_date="2027-06-30")
    assert evaluations.next_evaluation(session, shared) == due - timedelta(weeks=6)  # 34 weeks

    clock.forward(days=100)  # 34 weeks and two days
    hold(session, shared, here.nurse, clock, next_date="2027-06-30")
    assert evaluations.next_evaluation(session, shared) == date(2027, 6, 30)  # once is enough

    clock.forward(days=38)
    born = clock().date()
    families.end_pregnancy(session, pregnancy.id, PregnancyEnd.BIRTH, by=here.nurse, at=clock())
    families.add_member(session, shared.family_id, kind=MemberKind.CHILD, birth_date=born, by=here.nurse, at=clock())
    assert evaluations.next_evaluation(session, shared) == born + timedelta(days=28)


def test_after_a_loss_only_the_agreed_day_is_left(session, clock, here, shared):
    pregnancy = pregnant(session, shared, here.nurse, clock, TODAY + timedelta(days=140))
    write(session, shared, here.nurse, clock(), row(), evaluation_date="2027-06-30")

    families.end_pregnancy(session, pregnancy.id, PregnancyEnd.LOSS, by=here.nurse, at=clock())

    assert evaluations.next_evaluation(session, shared) == date(2027, 6, 30)


def test_the_weeks_are_the_regions_to_set(session, clock, here, shared):
    due = TODAY + timedelta(days=140)
    pregnant(session, shared, here.nurse, clock, due)
    settings.put(
        session, "evaluation.from_gestational_weeks", 36, municipality=shared.municipality_code,
        valid_from=TODAY, source="test", by=here.coordinator, at=clock(),
    )  # fmt: skip
    write(session, shared, here.nurse, clock(), row(), evaluation_date="2027-06-30")

    assert evaluations.next_evaluation(session, shared) == due - timedelta(weeks=4)


DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
WINDOWS = st.builds(lambda first, length: Window(first, first + timedelta(days=length)), DAYS, st.integers(0, 40))


@given(agreed=DAYS, since=DAYS, held=st.lists(DAYS, max_size=4), windows=st.lists(WINDOWS, max_size=3))
def test_the_day_is_never_later_than_agreed_and_passes_by_no_window_that_is_still_to_come(agreed, since, held, windows):
    day = evaluate_on(agreed, since=since, held=held, windows=windows)

    assert day <= agreed
    assert day == agreed or any(window.first <= day <= window.last for window in windows)
    for window in windows:
        if window.last >= since and not any(window.first <= one <= window.last for one in held):
            assert day <= window.last


@pytest.mark.parametrize(
    ("agreed", "since", "held", "expected"),
    [
        (date(2027, 2, 10), TODAY, [], date(2027, 2, 10)),  # in the window: as agreed
        (date(2027, 1, 1), TODAY, [], date(2027, 1, 1)),  # before it: that talk agrees the next
        (date(2027, 5, 1), TODAY, [], date(2027, 2, 7)),  # past it: its first day
        (date(2027, 5, 1), date(2027, 2, 10), [], date(2027, 3, 7)),  # agreed while it runs: its last day
        (date(2027, 5, 1), date(2027, 2, 10), [date(2027, 2, 10)], date(2027, 5, 1)),  # held in it
        (date(2027, 5, 1), date(2027, 3, 8), [], date(2027, 5, 1)),  # over
    ],
)
def test_the_day_follows_a_window(agreed, since, held, expected):
    window = Window.before_birth(date(2027, 3, 21), from_weeks=34, until_weeks=38)

    assert (window.first, window.last) == (date(2027, 2, 7), date(2027, 3, 7))
    assert evaluate_on(agreed, since=since, held=held, windows=[window]) == expected


def test_decisions_and_states_are_those_of_the_method():
    assert list(Decision) == ["continue", "adjust", "step_up", "step_down", "hand_over", "close"]
    assert list(GoalStatus) == ["reached", "partly", "not_yet", "dropped"]


def test_erasing_leaves_no_evaluation(session, clock, here, shared):
    hold(session, shared, here.nurse, clock)

    evaluations.erase(session, shared.id, by=here.nurse, at=clock())

    assert evaluations.of_case(session, shared.id) == []
