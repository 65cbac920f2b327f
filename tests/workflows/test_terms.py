"""Every term is derived and watched: nearly late is marked, too late is looked at once, and a date that moves moves it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import NullPool, create_engine, event, select, text

import bpmn
import engine
from engine.clock import AMSTERDAM, add_months, add_working_days, end_of_day, is_working_day, local_date, start_of_day
from engine.errors import TimerInvalid
from tests import builders
from tests.workflows import path
from workflows import diagrams, families, jobs, method, organisations, processes, settings, worker
from workflows.actor import OPERATOR, Actor
from workflows.cases import Case
from workflows.errors import Invalid, NotAllowed, NotFound
from workflows.jobs import Job
from workflows.logbook import LoggedChange, LoggedRead
from workflows.method import placing, terms
from workflows.processes import Task
from workflows.settings.rules import NEVER, age_limit, ends_at, warns_at

DAY = date(2026, 11, 3)
BEGAN = datetime(2026, 11, 3, 8, 30, tzinfo=UTC)


def ends(term: dict[str, Any], began: datetime = BEGAN, **anchors: Any) -> datetime:
    pace = anchors.pop("pace", "regular")
    return ends_at(term, began, anchors, age_limit_months=24, longest_months=34, pace=lambda _: pace)


# --- what a term means


def test_a_working_day_is_no_holiday_and_a_term_ends_with_its_last():
    before_easter = datetime(2027, 3, 25, 9, tzinfo=UTC)  # Thursday; Good Friday and Easter Monday do not count

    assert ends({"working_days": 1}, before_easter) == end_of_day(date(2027, 3, 30))
    assert ends({"working_days": 1}, datetime(2026, 4, 24, 9, tzinfo=UTC)) == end_of_day(
        date(2026, 4, 28)
    )  # King's Day


def test_days_are_those_of_the_clock_on_the_wall():
    summer_ends = datetime(2026, 10, 24, 7, tzinfo=UTC)

    assert ends({"duration": "P2D"}, summer_ends) == datetime(2026, 10, 26, 8, tzinfo=UTC)
    assert ends({"working_days": 1}, summer_ends) == datetime(2026, 10, 26, 22, 59, 59, tzinfo=UTC)


def test_a_pressing_case_has_less_time():
    term = {"working_days": 10, "soon": 5}

    assert local_date(ends(term)) == date(2026, 11, 17)
    assert local_date(ends(term, pace="soon")) == date(2026, 11, 10)


def test_looking_back_is_on_the_day_that_was_agreed_else_after_six_weeks():
    term = settings.definition("term.evaluation").value

    assert ends(term, evaluation_date=date(2026, 12, 1)) == start_of_day(date(2026, 12, 1))
    assert ends(term, evaluation_date=date(2026, 11, 1)) == BEGAN
    assert ends(term) == ends({"duration": "P42D"})


def test_minutes_are_due_two_working_days_after_the_meeting():
    term = settings.definition("term.hub_minutes").value

    assert ends(term, hub_meeting=date(2026, 11, 13)) == end_of_day(date(2026, 11, 17))
    assert ends(term) == ends({"duration": "P14D"})


def test_the_age_limit_follows_the_youngest_child_or_the_one_that_is_expected():
    term = settings.definition("term.age_limit_warning").value

    assert ends(term, birth_date=date(2026, 8, 31)) == start_of_day(date(2028, 5, 31))
    assert ends(term, birth_date=date(2028, 2, 29)) == start_of_day(date(2029, 11, 28))
    assert ends(term, due_date=date(2027, 3, 1), birth_date=date(2024, 1, 1)) == start_of_day(date(2028, 12, 1))
    assert ends(term) == ends({"duration": "P34M"})


def test_after_a_loss_nobody_is_asked_about_an_age():
    term = settings.definition("term.age_limit_warning").value

    assert ends(term, loss=True) == NEVER
    assert ends(term, loss=True, birth_date=date(2022, 1, 1)) == NEVER
    assert ends(term, loss=True, birth_date=date(2026, 1, 1)) == start_of_day(date(2027, 10, 1))
    assert ends({"gestational_weeks": 34}, loss=True) == NEVER


def test_a_term_of_the_pregnancy_never_fails_for_want_of_a_due_date():
    assert ends({"gestational_weeks": 34, "otherwise": "P7D"}) == ends({"duration": "P7D"})
    assert ends({"gestational_weeks": 34}) == ends({"duration": "P34M"})
    assert ends({"working_days": 10, "from_gestational_weeks": 32, "then_working_days": 5}) == ends(
        {"working_days": 10}
    )


DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))
TERMS = st.one_of(
    st.builds(lambda n: {"working_days": n}, st.integers(1, 90)),
    st.builds(lambda n, m: {"working_days": n, "soon": m}, st.integers(1, 90), st.integers(1, 90)),
    st.builds(lambda n: {"duration": f"P{n}D"}, st.integers(1, 400)),
    st.builds(lambda n: {"gestational_weeks": n}, st.integers(1, 42)),
    st.builds(lambda n, m: {"gestational_weeks": n, "otherwise": f"P{m}W"}, st.integers(1, 42), st.integers(1, 60)),
    st.builds(lambda n: {"anchor": "evaluation_date", "otherwise": f"P{n}D"}, st.integers(1, 90)),
    st.builds(
        lambda n, m: {"anchor": "hub_meeting", "working_days": n, "otherwise": f"P{m}D"},
        st.integers(1, 20),
        st.integers(1, 90),
    ),
    st.builds(lambda n: {"before_age_limit": f"P{n}M"}, st.integers(1, 12)),
)
ANCHORED = st.fixed_dictionaries(
    {},
    optional={
        "due_date": DAYS,
        "birth_date": DAYS,
        "evaluation_date": DAYS,
        "hub_meeting": DAYS,
        "loss": st.booleans(),
    },
)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))


@given(term=TERMS, began=MOMENTS, anchors=ANCHORED, pace=st.sampled_from(["regular", "soon"]))
def test_every_kind_of_term_ends_at_one_moment_whatever_is_known(term, began, anchors, pace):
    end = ends(term, began, **anchors, pace=pace)

    assert end.tzinfo == UTC
    assert end <= NEVER
    assert end == ends(term, began, **anchors, pace=pace)
    if "working_days" in term and (term.get("anchor") is None or "hub_meeting" in anchors):
        local = end.astimezone(AMSTERDAM)
        assert is_working_day(local.date())
        assert local.time() == time(23, 59, 59)
    if end == NEVER:
        assert anchors.get("loss")
    if "duration" in term or "soon" in term:
        assert end > began


@given(term=TERMS, began=MOMENTS, anchors=ANCHORED, days=st.integers(1, 300))
def test_a_later_birth_never_makes_a_term_end_sooner(term, began, anchors, days):
    later = {
        name: value + timedelta(days=days) if name in ("due_date", "birth_date") else value
        for name, value in anchors.items()
    }
    if anchors.get("loss") and "birth_date" in anchors:
        return  # whether an older child still counts may change with its age

    assert ends(term, began, **later) >= ends(term, began, **anchors)


@given(opened=MOMENTS, hours=st.integers(-100, 5000), days=st.integers(0, 20))
def test_a_warning_comes_in_the_second_half_of_a_term_and_not_after_it(opened, hours, days):
    due = opened + timedelta(hours=hours)

    moment = warns_at(opened, due, working_days=days)

    assert moment <= due
    if hours > 0:
        assert moment >= opened + (due - opened) / 2


@given(day=DAYS, months=st.integers(-60, 60))
def test_months_go_and_come_back_to_the_same_month(day, months):
    there = add_months(day, months)

    assert (there.year * 12 + there.month) - (day.year * 12 + day.month) == months
    assert there.day <= day.day


def test_a_day_outside_the_calendar_is_refused():
    with pytest.raises(TimerInvalid):
        add_months(date(9999, 1, 1), 24)


def test_nobody_knows_an_age_without_a_child():
    assert age_limit({}, DAY, months=24) is None


# --- what a case knows


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


def tasks_of(world: path.World, case_id: Any) -> list[Task]:
    with world.database.reading() as session:
        return processes.tasks_of(session, "case", case_id)


def work(world: path.World) -> None:
    """The worker does what is due, until nothing is."""
    while worker.run_once(world.database, world.clock()):
        pass


def routed(world: path.World, **signal: Any) -> Task:
    """The exploration that began at the clock's moment, of a family about which the signal said this."""
    midwife = world.region.midwife
    task = world.start()
    world.complete(task, midwife, builders.signal_answers(world.clock(), **signal))
    world.do_next(midwife)
    world.do_next(midwife)
    return next(one for one in tasks_of(world, task.subject_id) if one.form_key == "exploration")


@pytest.mark.parametrize(
    ("signal", "working_days"),
    [
        ({}, 10),
        ({"due_date": (DAY + timedelta(days=280 - 7 * 32)).isoformat()}, 5),
        ({"due_date": (DAY + timedelta(days=280 - 7 * 32 + 1)).isoformat()}, 10),
        ({"vulnerability_level": "very_vulnerable"}, 5),
        ({"urgency": "urgent"}, 5),
        ({"urgency": "acute"}, 5),
    ],
)
def test_a_first_contact_is_sooner_when_it_presses(world, signal, working_days):
    assert routed(world, **signal).due_at == ends({"working_days": working_days})


def test_an_older_bundle_without_the_table_has_the_regular_term(world, clock):
    files = {name: data for name, data in path.shipped().items() if name != "termijnen.dmn"}
    with world.database.writing() as session:
        diagrams.publish(session, files, by=OPERATOR, at=clock())

    assert routed(world, vulnerability_level="very_vulnerable").due_at == ends({"working_days": 10})


def test_a_table_that_cannot_be_asked_makes_it_pressing(world, clock):
    files = path.shipped()
    for written, broken in (
        (b'name="pace" typeRef="string"', b'name="pace" typeRef="number"'),
        (b'<text>"soon"</text>', b"<text>1</text>"),
        (b'<text>"regular"</text>', b"<text>urgency</text>"),
    ):
        files["termijnen.dmn"] = files["termijnen.dmn"].replace(written, broken)
    with world.database.writing() as session:
        diagrams.publish(session, files, by=OPERATOR, at=clock())

    assert routed(world).due_at == ends({"working_days": 5})


def anchors(world: path.World, case_id: Any) -> dict[str, Any]:
    with world.database.reading() as session:
        return dict(placing.Anchors(session, session.get(Case, case_id)))


def family_of(session: Any, case_id: Any) -> Any:
    return session.get(Case, case_id).family_id


def test_terms_hang_on_the_child_that_is_expected_then_on_the_youngest_that_lives(world, clock):
    case_id = world.explored()
    by = world.region.midwife
    assert anchors(world, case_id) == {
        "due_date": DAY + timedelta(days=140), "birth_date": None, "loss": False,
        "evaluation_date": None, "hub_meeting": None, "handover_offer": None, "birth_handed_over": False,
    }  # fmt: skip

    with world.database.writing() as session:
        family = family_of(session, case_id)
        families.add_member(session, family, kind="child", birth_date=date(2024, 5, 1), by=by, at=clock())
    assert anchors(world, case_id)["birth_date"] is None

    with world.database.writing() as session:
        pregnancy = families.current_pregnancy(session, family)
        families.end_pregnancy(session, pregnancy.id, "birth", by=by, at=clock())
        for day in (date(2026, 11, 2), date(2026, 11, 3)):
            families.add_member(session, family, kind="child", birth_date=day, by=by, at=clock())
    known = anchors(world, case_id)
    assert (known["due_date"], known["birth_date"], known["loss"]) == (None, date(2026, 11, 3), False)


def test_a_loss_is_known_until_another_child_is_expected(world, clock):
    case_id = world.explored()
    by = world.region.midwife
    with world.database.writing() as session:
        family = family_of(session, case_id)
        families.end_pregnancy(session, families.current_pregnancy(session, family).id, "loss", by=by, at=clock())
    assert anchors(world, case_id)["loss"] is True

    with world.database.writing() as session:
        families.start_pregnancy(session, family, by=by, at=clock())
    assert anchors(world, case_id)["loss"] is False


# --- watching


@cache
def bundle() -> engine.Bundle:
    return engine.Bundle.read_dir(bpmn.DIRECTORY)


def user_tasks() -> list[tuple[str, str]]:
    return [
        (process_id, node.id)
        for process_id, model in sorted(bundle().processes.items())
        for node in model.nodes.values()
        if node.kind == "userTask"
    ]


def opened(world: path.World, process_id: str, element_id: str) -> Task:
    """A task of a drawn step with its term, in a case whose exploration waits (or in its safety file)."""
    node = bundle().processes[process_id].nodes[element_id]
    case_id = world.explored()
    with world.database.writing() as session:
        run = processes.run_of(session, "case", case_id)
        term = ends({"working_days": 5}, world.clock())
        place = processes.Place(world.region.youth_health.id, "explorer", builders.VENLO)
        task = processes.add_task(
            session, run, name=node.name, form_key=node.form, place=place, at=world.clock(), element_id=node.id,
            term=node.term, due_at=term,
        )  # fmt: skip
        task.process_id = process_id
        task.step_key = f"drawn-{node.id}"  # as if the machine had opened it
        session.flush()
        return task


@pytest.mark.parametrize(("process_id", "element_id"), user_tasks())
def test_every_user_task_that_is_drawn_has_a_term_that_warns_and_escalates(world, clock, process_id, element_id):
    node = bundle().processes[process_id].nodes[element_id]
    assert node.term
    task = opened(world, process_id, element_id)
    drawn = any(
        one.event and one.event.timer and one.event.timer.text == node.term
        for one in bundle().processes[process_id].boundary(element_id)
    )

    clock.forward(days=5)
    with world.database.writing() as session:
        terms.pass_moment(session, processes.lock_task(session, task.id), at=clock())
        assert session.get(Task, task.id, populate_existing=True).warned_at == clock()
    clock.forward(days=5)
    with world.database.writing() as session:
        terms.pass_moment(session, processes.lock_task(session, task.id), at=clock())
    added = [one for one in tasks_of(world, task.subject_id) if one.step_key == f"own:late:{task.id.hex}"]

    if node.form == "escalation" or drawn:
        assert added == []
        return
    [look] = added
    assert (look.form_key, look.name) == ("escalation", "Termijn verlopen: overleggen")
    assert (look.organisation_id, look.role) == (world.region.municipality.id, "process_director")
    assert look.due_at == ends({"working_days": 2}, clock())
    for secret in path.SECRETS:
        assert secret not in f"{look.documentation}{look.name}"


def test_a_task_is_nearly_late_two_working_days_before_and_late_once(world, clock):
    task = world.start()
    world.complete(task, world.region.midwife)
    [asking] = [one for one in tasks_of(world, task.subject_id) if one.form_key == "consent"]
    assert asking.due_at == end_of_day(date(2026, 11, 10))

    clock.now = start_of_day(date(2026, 11, 6)) - timedelta(minutes=1)
    work(world)
    assert find(world, asking).warned_at is None
    clock.forward(minutes=1)
    work(world)
    assert find(world, asking).warned_at is None  # not yet half of its time
    clock.now = asking.opened_at + (asking.due_at - asking.opened_at) / 2
    work(world)
    warned = find(world, asking)
    assert warned.warned_at == clock()
    assert warned.version == asking.version
    assert escalations(world) == []
    [card] = world.look(method.work_list, by=world.region.midwife).items
    assert card.warned_at == clock()

    clock.now = asking.due_at
    work(world)
    [look] = escalations(world)
    clock.forward(days=30)
    work(world)
    assert [card.id for card in escalations(world)] == [look.id]
    assert find(world, asking).escalated_at == asking.due_at


def find(world: path.World, task: Task) -> Task:
    return next(one for one in tasks_of(world, task.subject_id) if one.id == task.id)


def escalations(world: path.World, by: Actor | None = None) -> list[Any]:
    cards = world.look(method.work_list, by=by or world.region.process_director).items
    return [card for card in cards if card.form_key == "escalation"]


def consent_late(world: path.World) -> Task:
    """A consent talk that is too late, and somebody was asked to look."""
    task = world.start()
    world.complete(task, world.region.midwife)
    world.clock.forward(days=10)
    work(world)
    assert len(escalations(world)) == 1
    return next(one for one in tasks_of(world, task.subject_id) if one.form_key == "consent")


def test_nobody_has_to_look_at_what_is_done(world):
    late = consent_late(world)

    world.do_next(world.region.midwife)

    assert escalations(world) == []
    assert find(world, late).status == "completed"


def test_nobody_has_to_look_at_what_is_no_longer_needed(world):
    late = consent_late(world)

    world.do(method.report_loss, late.subject_id, by=world.region.midwife, answers=path.loss_answers())

    assert find(world, late).status == "withdrawn"
    assert escalations(world) == []


def test_who_looked_is_not_asked_again(world, clock):
    consent_late(world)
    director = world.region.process_director
    world.complete(world.claim(director), director)
    clock.forward(days=30)
    work(world)

    assert escalations(world) == []


def test_looking_itself_is_only_warned_about(world, clock):
    consent_late(world)
    [look] = escalations(world)
    clock.forward(days=10)
    work(world)

    assert [card.id for card in escalations(world)] == [look.id]
    assert look.due_at < clock()


def test_where_nobody_directs_the_holder_looks(world, clock):
    with world.database.writing() as session:
        organisations.deactivate_organisation(session, world.region.municipality.id, by=OPERATOR, at=clock())
    task = world.start()
    world.complete(task, world.region.midwife)
    clock.forward(days=10)
    work(world)

    [look] = escalations(world, world.region.midwife)
    assert look.organisation_id == world.region.practice.id


def test_what_is_about_safety_stays_with_its_team_and_names_no_municipality(world, clock):
    answers = builders.signal_answers(clock(), safety_concern="doubt")
    world.complete(world.start(), world.region.midwife, answers)
    clock.forward(days=5)
    work(world)

    [look] = escalations(world, world.region.protection_officer)
    assert (look.municipality_code, look.case_number) == (None, None)
    others = [card for card in escalations(world) if card.organisation_id != world.region.municipality.id]
    assert others == []
    assert {card.process_id for card in escalations(world)} <= {"hoofdproces", "toestemming_vragen"}


def test_an_older_bundle_that_draws_the_reminder_is_left_to_it(world, clock):
    older = Path(__file__).parents[1] / "engine/golden/0.1/shipped/verkennen.bpmn"
    files = path.shipped() | {older.name: older.read_bytes()}
    with world.database.writing() as session:
        diagrams.publish(session, files, by=OPERATOR, at=clock())
    task = routed(world)
    clock.forward(days=30)
    work(world)

    assert [card.element_id for card in escalations(world)] == ["discuss_delay"]
    assert find(world, task).escalated_at is None


def test_a_term_of_the_first_contact_is_looked_at_once(world, clock):
    world.explored()
    clock.forward(days=30)
    work(world)

    assert len(escalations(world)) == 1


def test_a_task_that_a_message_added_has_a_term_too(world, clock):
    case_id = world.explored()
    nurse = world.region.nurse
    with world.database.writing() as session:
        case = session.get(Case, case_id)
        method.tell(session, case, "consent_withdrawn", by=world.region.midwife, at=clock())
    [added] = [one for one in tasks_of(world, case_id) if one.form_key == "follow_up"]
    assert (added.term, added.due_at) == ("follow_up", ends({"working_days": 10}, clock()))
    assert nurse


def test_watching_a_task_costs_at_most_one_row_and_no_question(world, clock):
    task = world.start()
    world.complete(task, world.region.midwife)
    claimed = world.claim(world.region.midwife)
    asked: list[tuple[str, Any]] = []
    event.listen(world.database.engine, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))

    world.complete(claimed, world.region.midwife)

    watching = [statement for statement, given in asked if "task_term" in str(given)]
    assert len(watching) == 1
    assert watching[0].startswith("INSERT INTO jobs")


# --- a date or a setting that changes


def test_a_setting_that_changes_moves_the_terms_of_running_cases_in_that_municipality(world, clock):
    here, there = routed(world), routed(world, municipality_code=builders.ROERMOND)
    coordinator = world.region.coordinator

    changed = {"municipality": builders.VENLO, "valid_from": DAY, "tag": "[B]", "source": "Besluit"}
    world.do(method.change_setting, "term.first_contact", {"working_days": 3}, by=coordinator, **changed)
    assert due(world, here) == ends({"working_days": 10})
    work(world)

    assert due(world, here) == ends({"working_days": 3})
    assert due(world, there) == ends({"working_days": 10})
    clock.now = ends({"working_days": 3})
    work(world)
    assert len(escalations(world)) == 1


def due(world: path.World, task: Task) -> datetime | None:
    return find(world, task).due_at


def test_a_setting_for_later_moves_terms_on_its_day_and_back_when_it_ends(world, clock):
    task = routed(world)
    world.do(
        method.change_setting, "term.first_contact", {"working_days": 20}, by=world.region.coordinator,
        valid_from=DAY + timedelta(days=2), valid_to=DAY + timedelta(days=5), tag="[I]", source="Proef",
    )  # fmt: skip
    seen = []
    for _ in range(8):
        work(world)
        seen.append((local_date(clock()) - DAY, due(world, task)))
        clock.forward(days=1)

    long, short = ends({"working_days": 20}), ends({"working_days": 10})
    assert [moment for _, moment in seen] == [short, short, long, long, long, long, short, short]


def test_another_warning_moves_the_warning(world, clock):
    task = routed(world)
    world.do(
        method.change_setting, "term.warn_working_days", 3, by=world.region.administrator,
        valid_from=DAY, tag="[I]", source="Proef",
    )  # fmt: skip
    work(world)

    with world.database.reading() as session:
        query = select(Job.due_at).where(Job.kind == "task_term", Job.subject_id == str(task.id))
        assert session.scalar(query) == start_of_day(date(2026, 11, 12))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"valid_from": DAY - timedelta(days=1)}, "valid_from"),
        ({"source": " "}, "source"),
        ({"tag": "[X]"}, "tag"),
        ({"municipality": "GM0001"}, "municipality_code"),
        ({"value": 5}, "value"),
        ({"name": "made.up"}, "name"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_field(world, changes, field):
    given = {"name": "term.explore", "value": {"duration": "P7D"}, "valid_from": DAY, "tag": "[I]", "source": "x"}
    with pytest.raises(Invalid) as refused:
        world.do(method.change_setting, by=world.region.coordinator, **{**given, **changes})

    assert list(refused.value.errors) == [field]


def test_a_nurse_sets_no_terms(world):
    with pytest.raises(NotAllowed):
        world.do(
            method.change_setting, "term.explore", {"duration": "P7D"}, by=world.region.nurse,
            valid_from=DAY, tag="[I]", source="x",
        )  # fmt: skip


def test_another_due_date_moves_what_hangs_on_it_and_a_warning_that_was_given_is_given_anew(world, clock):
    with world.database.writing() as session:
        settings.put(
            session, "term.first_contact", {"gestational_weeks": 21},
            valid_from=DAY, source="test", by=OPERATOR, at=clock(),
        )  # fmt: skip
    task = routed(world)
    assert due(world, task) == start_of_day(DAY + timedelta(days=7))
    clock.forward(days=5)
    work(world)
    assert find(world, task).warned_at is not None
    with world.database.writing() as session:
        pregnancy = families.current_pregnancy(session, family_of(session, task.subject_id))
        families.record_due_date(
            session, pregnancy.id, due_date=DAY + timedelta(days=154), certainty="dating_scan",
            by=world.region.midwife, at=clock(),
        )  # fmt: skip
        method.reschedule_case(session, task.subject_id, at=clock())

    moved = find(world, task)
    assert (moved.due_at, moved.warned_at) == (start_of_day(DAY + timedelta(days=21)), None)
    clock.now = moved.due_at - timedelta(days=1)
    work(world)
    assert find(world, task).warned_at is not None


def rings_at(world: path.World, case_id: Any) -> datetime | None:
    """When the earliest timer of the case's run rings."""
    with world.database.reading() as session:
        run = processes.run_of(session, "case", case_id)
        query = select(Job.due_at).where(
            Job.kind == "run_timer", Job.subject_id == str(run.id), Job.status == "pending"
        )
        return session.scalar(query)


def test_the_age_limit_follows_what_the_signal_tells(world, clock):
    task = world.start()
    assert rings_at(world, task.subject_id) == ends({"duration": "P34M"})

    world.complete(task, world.region.midwife)

    due_date = DAY + timedelta(days=140)
    assert rings_at(world, task.subject_id) == start_of_day(due_date - timedelta(weeks=6)), "the birth handover first"

    clock.forward(days=100)
    work(world)
    assert rings_at(world, task.subject_id) == start_of_day(add_months(due_date, 21))


def birth_handovers(world: path.World, case_id: Any) -> list[Task]:
    return [one for one in tasks_of(world, case_id) if one.form_key == "birth_handover"]


def test_the_birth_handover_follows_every_other_due_date_and_is_asked_once(world, clock):
    midwife = world.region.midwife
    task = world.start()
    world.complete(task, midwife)
    case_id, due_date = task.subject_id, DAY + timedelta(days=140)

    def expected(day: date) -> None:
        """A scan gave another day; a far one is asked about."""
        world.do(
            method.change_due_date, case_id, by=midwife, confirmed=frozenset({"due_date"}),
            answers={"due_date": day.isoformat(), "due_date_certainty": "dating_scan"},
        )  # fmt: skip

    expected(due_date + timedelta(days=35))
    later = start_of_day(due_date + timedelta(days=35) - timedelta(weeks=6))
    assert rings_at(world, case_id) == later
    clock.now = start_of_day(due_date - timedelta(weeks=6)) + timedelta(days=1)
    work(world)
    assert birth_handovers(world, case_id) == [], "it was for the day that was expected before"
    expected(due_date)
    work(world)
    [asked] = birth_handovers(world, case_id)  # with the earlier day it is week 34 already

    assert (asked.organisation_id, asked.role) == (midwife.organisation_id, "signaller")
    assert local_date(asked.due_at - timedelta(minutes=1)) == add_working_days(local_date(clock()), 10)
    assert rings_at(world, case_id) == start_of_day(add_months(due_date, 21)), "only the age limit is left"
    expected(due_date + timedelta(days=7))
    clock.forward(days=8)
    work(world)
    assert [one.id for one in birth_handovers(world, case_id)] == [asked.id]
    assert find(world, asked).status == "open"
    world.do_next(midwife, form_key="birth_handover")


@pytest.mark.parametrize("asked_before", [False, True])
def test_after_a_loss_nobody_is_asked_to_plan_the_birth_handover_and_what_waits_falls_silent(
    world, clock, asked_before
):
    midwife = world.region.midwife
    task = world.start()
    world.complete(task, midwife)
    case_id, week_34 = task.subject_id, start_of_day(DAY + timedelta(days=140) - timedelta(weeks=6))
    if asked_before:
        clock.now = week_34 + timedelta(hours=1)
        work(world)
    known = birth_handovers(world, case_id)
    assert [one.status for one in known] == (["open"] if asked_before else [])

    world.do(method.report_loss, case_id, by=midwife, answers=path.loss_answers())
    clock.now = week_34 + timedelta(days=200)
    work(world)

    found = birth_handovers(world, case_id)
    assert [one.id for one in found] == [one.id for one in known]
    assert {one.status for one in found} <= {"withdrawn"}
    assert "birth_handover" not in {one.form_key for one in world.look(method.work_list, by=midwife).items}
    assert "birth_handover" not in {kind for kind, _ in ahead(world, case_id, midwife)}


def test_nobody_is_asked_about_an_age_after_a_loss_and_the_months_go_on_quietly(world, clock):
    case_id = world.explored()
    world.do(method.report_loss, case_id, by=world.region.midwife, answers=path.loss_answers())
    assert rings_at(world, case_id) in (None, NEVER)

    clock.forward(days=1100)
    work(world)

    assert "age_limit" not in {one.form_key for one in tasks_of(world, case_id)}


def test_a_loss_silences_what_waits_for_the_pregnancy(world, clock):
    case_id = world.explored()
    with world.database.writing() as session:
        settings.put(
            session, "term.follow_up", {"gestational_weeks": 34}, valid_from=DAY, source="test", by=OPERATOR, at=clock()
        )
        method.tell(session, session.get(Case, case_id), "consent_withdrawn", by=world.region.midwife, at=clock())
    [asked] = [one for one in tasks_of(world, case_id) if one.form_key == "follow_up"]
    assert asked.due_at is not None

    world.do(method.report_loss, case_id, by=world.region.midwife, answers=path.loss_answers())

    assert due(world, asked) is None
    with world.database.reading() as session:
        [job] = session.scalars(select(Job).where(Job.kind == "task_term", Job.subject_id == str(asked.id)))
        assert job.status == jobs.JobStatus.DONE


def test_what_the_worker_marks_is_written_down_without_content(world):
    late = consent_late(world)

    with world.database.reading() as session:
        lines = session.scalars(
            select(LoggedChange).where(LoggedChange.subject_id == str(late.id), LoggedChange.role == "system")
        ).all()
    assert [line.event for line in lines] == ["task.escalated"]
    assert set(lines[-1].details) == {"task", "role"}


# --- looking ahead


def ahead(world: path.World, case_id: Any, by: Actor) -> list[tuple[str, date]]:
    return [(one.kind, one.day) for one in world.look(method.forecast, case_id, by=by)]


def test_what_is_coming_is_derived_from_the_due_date_and_the_terms(world):
    task = routed(world)
    due_date = DAY + timedelta(days=140)  # 20 weeks

    assert ahead(world, task.subject_id, world.region.midwife) == [
        ("task", date(2026, 11, 17)),
        ("pregnancy_weeks", DAY + timedelta(weeks=8)),
        ("pregnancy_weeks", DAY + timedelta(weeks=14)),
        ("due_date", due_date),
        ("after_birth", due_date + timedelta(weeks=6)),
        ("age_limit_warning", date(2028, 12, 23)),
        ("age_limit", date(2029, 3, 23)),
    ]


def test_every_line_says_in_dutch_what_it_rests_on(world):
    task = routed(world)

    for one in world.look(method.forecast, task.subject_id, by=world.region.midwife):
        assert one.label
        assert one.source
        assert task.name == one.label or one.kind != "task"
    first = world.look(method.forecast, task.subject_id, by=world.region.midwife)[0]
    assert first.source.endswith("[I]")


def test_after_the_birth_it_follows_the_child(world, clock):
    case_id = world.explored()
    by = world.region.midwife
    with world.database.writing() as session:
        family = family_of(session, case_id)
        families.end_pregnancy(session, families.current_pregnancy(session, family).id, "birth", by=by, at=clock())
        families.add_member(session, family, kind="child", birth_date=DAY, by=by, at=clock())

    assert ahead(world, case_id, by)[1:] == [
        ("after_birth", DAY + timedelta(weeks=6)),
        ("age_limit_warning", date(2028, 8, 3)),
        ("age_limit", date(2028, 11, 3)),
    ]


def test_after_a_loss_it_is_silent_about_the_birth(world):
    case_id = world.explored()
    by = world.region.midwife
    world.do(method.report_loss, case_id, by=by, answers=path.loss_answers())

    assert {kind for kind, _ in ahead(world, case_id, by)} == {"task"}


def test_days_that_others_agree_on_are_on_it_and_who_may_not_know_the_signal_sees_nothing_of_the_pregnancy(
    world, clock, monkeypatch
):
    monkeypatch.setitem(method.ANCHORS, "evaluation_date", lambda session, case: DAY + timedelta(days=40))
    monkeypatch.setitem(method.ANCHORS, "hub_meeting", lambda session, case: DAY + timedelta(days=12))
    case_id = world.explored()
    clock.forward(days=20)
    work(world)
    director = world.region.process_director
    world.claim(director)

    seen = dict(ahead(world, case_id, director))

    assert set(seen) == {"task"}  # the own one
    assert {"evaluation", "due_date"} <= set(dict(ahead(world, case_id, world.region.midwife)))
    assert "hub_meeting" not in dict(ahead(world, case_id, world.region.midwife))  # it has been


def test_a_consent_that_runs_out_is_on_it(world, clock):
    midwife = world.region.midwife
    task = world.start()
    world.complete(task, midwife)
    until = (local_date(clock()) + timedelta(days=60)).isoformat()
    world.do_next(midwife, path.consent_answers(validity="until_date", valid_until=until))

    assert ("consent_ends", DAY + timedelta(days=60)) in ahead(world, task.subject_id, midwife)


def test_looking_ahead_is_written_down_and_not_for_others(world):
    case_id = world.explored()
    with pytest.raises(NotFound):
        world.look(method.forecast, case_id, by=world.region.other_midwife)
    world.look(method.forecast, case_id, by=world.region.midwife)

    with world.database.reading() as session:
        assert (
            session.scalars(select(LoggedRead).where(LoggedRead.event == "case.forecast")).one().purpose == "forecast"
        )


# --- terms at risk


def at_risk(world: path.World, by: Actor | None = None, **more: Any) -> Any:
    return world.look(method.terms_at_risk, by=by or world.region.process_director, **more)


def test_the_process_director_sees_what_is_late_or_nearly_and_who_has_it_without_the_family(world, clock):
    exploring = routed(world)
    begun = world.start()
    assert [card.id for card in at_risk(world).items] == [begun.id]  # its municipality is not known yet

    clock.forward(days=10)
    work(world)
    cards = at_risk(world).items
    assert [(card.id, card.risk) for card in cards] == [(begun.id, "late"), (exploring.id, "soon")]
    assert (cards[1].organisation_id, cards[1].holder_organisation_id) == (
        world.region.youth_health.id,
        world.region.practice.id,
    )
    for secret in (*path.SECRETS, "2026-0001", "5911"):
        assert secret not in str(cards)


def test_an_action_that_nobody_accepted_floats_however_late_it_is_due(world, clock):
    case_id = world.explored()
    with world.database.writing() as session:
        floating = processes.add_task(
            session, processes.run_of(session, "case", case_id), name="Steunafspraak aannemen",
            form_key="action_acceptance", place=processes.Place(world.region.practice.id, "supporter", builders.VENLO),
            at=clock(), element_id="accept_action", due_at=clock() + timedelta(days=50),
        )  # fmt: skip

    assert [(card.id, card.risk) for card in at_risk(world).items] == [(floating.id, "floating")]


def test_only_the_own_area_and_never_safety(world, clock):
    routed(world, municipality_code=builders.ROERMOND)
    world.complete(world.start(), world.region.midwife, builders.signal_answers(clock(), safety_concern="yes"))
    clock.forward(days=30)
    work(world)

    assert {card.municipality_code for card in at_risk(world).items} == {builders.VENLO}
    assert not any("veilig" in card.name.lower() for card in at_risk(world).items)


def test_only_a_process_director_sees_the_list_and_that_is_written_down(world):
    for by in (world.region.nurse, world.region.coordinator, world.region.midwife, OPERATOR):
        with pytest.raises(NotAllowed):
            at_risk(world, by)
    at_risk(world)

    with world.database.reading() as session:
        assert session.scalars(select(LoggedRead).where(LoggedRead.event == "terms.viewed")).one()


def test_the_list_goes_on_page_by_page_and_shows_every_task_once(world, clock):
    for _ in range(5):
        world.start()
    clock.forward(days=9)
    found, cursor = [], None
    while True:
        page = at_risk(world, cursor=cursor, page_size=2)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            break

    assert len({card.id for card in found}) == len(found) == 5
    assert [card.due_at for card in found] == sorted(card.due_at for card in found)


def test_the_list_reads_its_index_and_no_more(world, urls):
    world.explored()
    asked = []
    event.listen(world.database.engine, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
    at_risk(world)
    [(statement, given)] = [one for one in asked if "UNION ALL" in one[0] and "count" not in one[0]]

    if world.database.is_sqlite:
        with world.database.engine.connect() as connection:
            told = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given).all()
            plan = " ".join(str(row) for row in told)
            assert "ix_tasks_risk" in plan
            assert "ix_tasks_floating" in plan
            assert "SCAN tasks" not in plan
        return
    risk = alone(urls, "ix_tasks_risk", statement, given)
    assert len([line for line in risk if "ix_tasks_risk" in line]) >= 4  # two areas, open and claimed
    assert len([line for line in risk if all(f"({name} " in line for name in ("status)::text", "sort_at"))]) >= 4, risk
    floating = alone(urls, "ix_tasks_floating", statement, given)
    assert len([line for line in floating if "ix_tasks_floating" in line]) == 4, floating


def alone(urls: Any, index: str, statement: str, given: Any) -> list[str]:
    """How PostgreSQL reads the tasks when it has only this one of the indexes that we made. Which one of several it takes
    hangs on statistics, that of a handful of rows are whatever an earlier test left; whether this one serves does not."""
    others = text(
        "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'tasks'::regclass AND NOT indisunique"
    )
    owner = create_engine(urls.owner, poolclass=NullPool)
    with owner.connect() as connection, connection.begin() as transaction:
        for name in connection.scalars(others).all():
            if name != index:
                connection.exec_driver_sql(f"DROP INDEX {name}")
        for way in ("seqscan", "bitmapscan"):
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        told = connection.exec_driver_sql(f"EXPLAIN {statement}", given).all()
        transaction.rollback()
    return [str(row[0]) for row in told]
