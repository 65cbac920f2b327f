"""Answers that contradict each other are asked about, go through when confirmed, and that they were is written down."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import local_date
from tests.builders import signal_answers
from tests.workflows import path
from workflows import method, settings, signals
from workflows.errors import Doubtful, Invalid
from workflows.families import Limits, reaches_age
from workflows.logbook import LoggedChange

TODAY = date(2026, 11, 3)
LIMITS = Limits(
    age_limit_months=24, parent_minimum_years=10, parent_maximum_years=60, siblings_months=6, preterm_weeks=37,
    shift_days=28, maximum_days=301,
)  # fmt: skip


def asked(answers, earlier=None):
    return signals.doubts(answers, earlier_due_date=earlier, on=TODAY, limits=LIMITS)


def test_an_ordinary_signal_raises_no_question(clock):
    assert asked(signal_answers(clock())) == {}


@given(years=st.integers(0, 100))
def test_a_signal_asks_about_a_parent_who_would_be_very_young_or_old_at_the_birth(years):
    born = date(TODAY.year - years, 1, 1)
    answers = {"phase": "pregnant", "due_date": "2026-12-20", "birth_date": born.isoformat()}

    assert ("birth_date" in asked(answers)) == (not 10 <= years <= 60)


@given(days=st.lists(st.integers(0, 1100), min_size=1, max_size=4))
def test_a_signal_asks_about_children_who_cannot_well_be_of_one_family(days):
    born = [TODAY - timedelta(days=each) for each in days]
    answers = {"phase": "after_birth", "child_birth_dates": [{"date": day.isoformat()} for day in born]}

    questions = asked(answers)

    youngest = max(born)
    ordered = sorted(born)
    near = any(
        (later - before).days > 1 and later < reaches_age(before, 6)
        for place, before in enumerate(ordered)
        for later in ordered[place + 1 :]
    )
    assert bool(questions) == (near or reaches_age(youngest, 24) <= TODAY)
    assert all(field.startswith("child_birth_dates[") for field in questions)


@given(days=st.integers(-60, 60))
def test_a_second_signal_asks_about_a_due_date_that_lies_far_from_the_first(days):
    earlier = date(2027, 3, 20)
    answers = {"phase": "pregnant", "due_date": (earlier + timedelta(days=days)).isoformat()}

    assert bool(asked(answers, earlier)) == (abs(days) > 28)


def test_before_a_pregnancy_the_age_of_now_counts():
    answers = {"phase": "before_pregnancy", "birth_date": "2020-01-01"}

    assert "6 jaar" in asked(answers)["birth_date"]


# --- a task that asks


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


@pytest.fixture
def young(world):
    """Whoever is eleven passes the form; the region asks below twelve."""
    born = local_date(world.clock()) - timedelta(days=11 * 365)
    answers = signal_answers(world.clock(), birth_date=born.isoformat())
    with world.database.writing() as session:
        settings.put(
            session, "parent.minimum_years", 13, valid_from=local_date(world.clock()), source="test",
            by=world.region.coordinator, at=world.clock(),
        )  # fmt: skip
    return answers


def test_a_doubt_is_asked_and_nothing_is_kept(world, young):
    task = world.start()

    with pytest.raises(Doubtful) as refused:
        world.complete(task, world.region.midwife, young)

    assert set(refused.value.questions) == {"birth_date"}
    assert "Klopt het dat de ouder 11 jaar is" in refused.value.questions["birth_date"]
    assert isinstance(refused.value, Invalid)
    assert refused.value.errors == {"birth_date": [refused.value.questions["birth_date"]]}
    view = world.look(method.task_view, task.id, by=world.region.midwife)
    assert view.task.status == "claimed"
    seen = world.look(method.case_view, task.subject_id, by=world.region.midwife)
    assert seen.entries == ()


def test_confirmed_it_goes_through_and_the_log_line_of_the_entry_says_so(world, young):
    task = world.start()

    done = world.complete(task, world.region.midwife, young, confirmed=frozenset({"birth_date", "due_date"}))

    assert done.task.status == "completed"
    with world.database.reading() as session:
        [line] = session.query(LoggedChange).filter_by(event="task.completed").all()
    assert line.details["confirmed"] == "birth_date"


def test_what_was_not_asked_is_not_written_down_as_confirmed(world):
    task = world.start()

    world.complete(task, world.region.midwife, confirmed=frozenset({"birth_date"}))

    with world.database.reading() as session:
        [line] = session.query(LoggedChange).filter_by(event="task.completed").all()
    assert "confirmed" not in line.details


def test_what_is_wrong_is_told_before_what_is_doubtful(world, young):
    task = world.start()

    with pytest.raises(Invalid) as refused:
        world.complete(task, world.region.midwife, {**young, "phase": "nonsense"})

    assert not isinstance(refused.value, Doubtful)
