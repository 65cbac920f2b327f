"""Claims about time in a run: it is handed in, stored as an instant, and rings once and in order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import SpiffWorkflow.bpmn.specs.event_definitions.timer as stock_timer
import SpiffWorkflow.task as stock_task

from engine import clock
from engine.errors import BundleRefused, TimerInvalid
from engine.model import EventSpec, TimerSpec
from engine.process import Process
from tests.engine.diagrams import NOW, Player, bundle, step, terms, waits
from tests.engine.sketch import sketch


def timer(kind: str, text: str) -> dict:
    return {"event": EventSpec("timer", timer=TimerSpec(kind, text, repeats=kind == "cycle"))}


def edge(kind: str, text: str, *, interrupting: bool = True, host: str = "a") -> dict:
    return {"attached_to": host, "interrupting": interrupting, **timer(kind, text)}


def play(model, **scalars) -> Player:
    return Player(bundle(model), bundle(model), model.id, **scalars)


def amsterdam(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.AMSTERDAM).astimezone(UTC)


def start_at(model, now: datetime, resolve=terms) -> Process:
    return Process.start(bundle(model), model.id, now=now, terms=resolve)


WAIT = sketch("start1 > catch1 > a > end1", catch1=timer("duration", "P14D"))
REMIND = sketch("start1 > a > end1", "on_time > b > end2", on_time=edge("cycle", "R3/P7D", interrupting=False))


def test_a_timer_rings_at_its_moment_and_not_before():
    player = play(WAIT)
    assert player.process.due_at == NOW + timedelta(days=14)

    assert player.pass_time(NOW + timedelta(days=14, microseconds=-1)) == 0
    assert player.waits == []
    assert player.pass_time(NOW + timedelta(days=14)) == 1
    assert player.waits == ["a"]
    assert player.process.due_at is None
    assert player.process.run_due() == 0


def test_resuming_or_completing_late_rings_nothing_by_itself():
    process = start_at(WAIT, NOW)
    later = Process.resume(bundle(WAIT), process.dump(), now=NOW + timedelta(days=99), terms=terms)
    assert waits(later) == []
    assert later.due_at == NOW + timedelta(days=14)
    assert later.run_due() == 1


@pytest.mark.parametrize(
    ("began", "text", "due"),
    [
        ("2026-01-31T09:00", "P1M", "2026-02-28T09:00"),
        ("2028-01-31T09:00", "P1M", "2028-02-29T09:00"),
        ("2028-02-29T09:00", "P1Y", "2029-02-28T09:00"),
        ("2026-03-28T09:00", "P1D", "2026-03-29T09:00"),
        ("2026-10-24T09:00", "P1D", "2026-10-25T09:00"),
        ("2026-03-01T09:00", "P8M", "2026-11-01T09:00"),
    ],
)
def test_month_ends_leap_days_and_clock_changes_keep_the_hour_on_the_wall(began, text, due):
    process = start_at(sketch("start1 > catch1 > end1", catch1=timer("duration", text)), amsterdam(began))
    assert process.due_at == amsterdam(due)


def test_a_date_without_a_zone_is_local_in_summer_and_in_winter():
    for text in ("2027-07-01T09:00", "2027-12-01T09:00"):
        process = start_at(sketch("start1 > catch1 > end1", catch1=timer("date", text)), NOW)
        assert process.due_at == amsterdam(text)


def test_an_interrupting_timer_withdraws_the_task():
    player = play(sketch("start1 > a > end1", "on_time > b > end2", on_time=edge("duration", "P3D")))
    assert player.pass_time(NOW + timedelta(days=3)) == 1
    assert player.waits == ["b"]


def test_a_task_that_is_done_takes_its_timers_along():
    player = play(REMIND)
    player.do("a")
    assert player.process.ended
    assert player.process.due_at is None


def test_a_reminder_comes_as_often_as_drawn():
    player = play(REMIND)
    for week in (1, 2, 3):
        assert player.process.due_at == NOW + timedelta(days=7 * week)
        assert player.pass_time(NOW + timedelta(days=7 * week)) == 1
    assert player.waits == ["a", "b", "b", "b"]
    assert player.process.due_at is None


def test_reminders_that_were_missed_come_as_one():
    player = play(REMIND)
    assert player.pass_time(NOW + timedelta(days=15)) == 1
    assert player.waits == ["a", "b"]
    assert player.process.due_at == NOW + timedelta(days=21)
    assert player.pass_time(NOW + timedelta(days=400)) == 1
    assert player.process.due_at is None


def test_a_series_without_end_keeps_its_rhythm():
    player = play(sketch("start1 > a > end1", "on_time > b > end2", on_time=edge("cycle", "R/P1M", interrupting=False)))
    for month in ("2026-12-23", "2027-01-23", "2027-02-23"):
        assert player.process.due_at == amsterdam(f"{month}T10:00")
        player.pass_time(player.process.due_at)


def test_many_that_are_due_at_once_ring_in_order_of_time():
    names = {"P9D": "on_nine", "P2D": "on_two", "P5D": "on_five", "P1D": "on_one"}
    model = sketch(
        "start1 > a > end1",
        *(f"{name} > {name.removeprefix('on_')} > end_{name}" for name in names.values()),
        **{name: edge("duration", text, interrupting=False) for text, name in names.items()},
    )
    process = start_at(model, NOW)
    process = Process.resume(bundle(model), process.dump(), now=NOW + timedelta(days=30), terms=terms)

    assert process.run_due() == 4
    rang = [step.element_id for step in process.taken if step.kind == "boundaryEvent"]
    assert rang == ["on_one", "on_two", "on_five", "on_nine"]
    assert {step.at for step in process.taken} == {NOW + timedelta(days=30)}


def test_an_earlier_timer_that_interrupts_silences_the_later():
    model = sketch("start1 > a > end1", "on_two > b > end2", "on_five > c > end3",
                   on_two=edge("duration", "P2D"), on_five=edge("duration", "P5D"))  # fmt: skip
    player = play(model)
    assert player.pass_time(NOW + timedelta(days=30)) == 1
    assert player.waits == ["b"]


def test_a_timer_that_comes_due_on_the_way_rings_in_the_same_turn():
    model = sketch("start1 > catch1 > catch2 > a > end1",
                   catch1=timer("duration", "P2D"), catch2=timer("date", "2026-11-20"))  # fmt: skip
    player = play(model)
    assert player.pass_time(NOW + timedelta(days=2)) == 2
    assert player.waits == ["a"]


# -- terms


def birth(due_date: date):
    """Terms that hang on a due date, and one that counts working days from the moment it began."""

    def resolve(name: str, began: datetime) -> datetime:
        if name == "before_birth":
            return clock.end_of_day(due_date - timedelta(weeks=6))
        assert name == "first_contact"
        return clock.end_of_day(clock.add_working_days(clock.local_date(began), 5))

    return resolve


TERMS = sketch("start1 > a > end1", "on_time > b > end2", "on_birth > c > end3", a={"properties": {"term": "first_contact"}},
               on_time={**edge("term", "first_contact", interrupting=False)},
               on_birth={**edge("term", "before_birth", interrupting=False)})  # fmt: skip


def test_a_term_is_resolved_when_it_begins_and_is_the_due_date_of_the_task_too():
    process = start_at(TERMS, NOW, birth(date(2027, 3, 1)))

    assert step(process, "a").due_at == clock.end_of_day(date(2026, 11, 30))
    assert process.due_at == clock.end_of_day(date(2026, 11, 30))


def test_a_term_stays_as_it_was_until_it_is_asked_to_move():
    stored = start_at(TERMS, NOW, birth(date(2027, 3, 1))).dump()
    later = Process.resume(bundle(TERMS), stored, now=NOW + timedelta(days=9), terms=birth(date(2027, 1, 10)))
    assert later.dump() == stored

    later.reschedule()

    assert later.due_at == clock.end_of_day(date(2026, 11, 29))
    # Counted from when it began, not from now.
    assert step(later, "a").due_at == clock.end_of_day(date(2026, 11, 30))
    assert later.run_due() == 2
    assert waits(later) == ["a", "b", "c"]


def test_rescheduling_leaves_literal_timers_alone_and_rings_nothing():
    process = start_at(REMIND, NOW)
    before = process.dump()
    again = Process.resume(bundle(REMIND), before, now=NOW + timedelta(days=100), terms=birth(date(2027, 1, 1)))
    again.reschedule()
    assert again.dump() == before


def test_a_repeating_term_does_not_ring_for_ever_at_the_same_moment():
    model = sketch("start1 > a > end1", "on_birth > b > end2",
                   on_birth={"attached_to": "a", "interrupting": False,
                             "event": EventSpec("timer", timer=TimerSpec("term", "before_birth", repeats=True))})  # fmt: skip
    process = start_at(model, NOW, birth(date(2026, 12, 1)))
    assert process.run_due() == 1
    assert process.due_at is None
    assert waits(process) == ["a", "b"]


def test_a_term_without_a_zone_is_refused():
    with pytest.raises(TimerInvalid):
        start_at(TERMS, NOW, lambda name, began: datetime(2027, 1, 1))


# -- what is refused before it runs, and what is never asked


@pytest.mark.parametrize(
    "text", ["R/PT0S", "R/PT1S", "P99999999Y", "-PT5M", "PT1H + 1", "__import__('os').getcwd()", "0 0 * * *"]
)
def test_a_timer_that_is_no_bounded_literal_never_runs(text):
    kind = "cycle" if text.startswith("R") else "duration"
    with pytest.raises(BundleRefused):
        bundle(sketch("start1 > a > end1", "on_time > b > end2", on_time=edge(kind, text, interrupting=False)))


def test_nothing_in_a_run_asks_what_time_it_is(monkeypatch):
    class Explodes:
        def __getattr__(self, name: str):
            raise AssertionError(f"the clock was read: {name}")

    monkeypatch.setattr(stock_timer, "datetime", Explodes())
    monkeypatch.setattr(stock_task, "time", Explodes())
    monkeypatch.setattr(stock_task, "uuid4", Explodes())
    with pytest.raises(AssertionError):
        stock_timer.TimerEventDefinition.get_timedelta_from_start({"days": 1})

    player = play(TERMS)
    player.pass_time(NOW + timedelta(days=5))
    player.do("a", "b", "c")
    player = play(REMIND)
    player.pass_time(NOW + timedelta(days=8))
    player.process.reschedule()
    player.do("a", "b")
    assert player.process.ended


def test_thirty_four_months_pass_in_one_test():
    model = sketch("start1 > a > end1", "on_time > b > end2", on_time=edge("cycle", "R34/P1M", interrupting=False))
    player = play(model)
    for _ in range(34):
        player.pass_time(player.process.due_at)
        player.do("b")
    assert player.now == amsterdam("2029-09-23T10:00")
    assert player.process.due_at is None
