"""The work list: groups of terms, filters and counts, lists of one's own, giving work to a colleague, and being away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, select, text

from engine.clock import local_date
from tests import builders
from tests.workflows import path
from tests.workflows.test_processes import fill
from workflows import method, organisations, processes, worker
from workflows.actor import OPERATOR, Actor
from workflows.cases import Case
from workflows.errors import Invalid, NotFound, StaleVersion, WrongState
from workflows.logbook import LoggedChange
from workflows.processes import Due, TaskNote
from workflows.processes.rules import due_bounds, due_of, new_since


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


#: Nothing that one database does otherwise than the other.
on_one = pytest.mark.parametrize("urls", ["sqlite"], indirect=True)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def the_team(world: path.World) -> tuple[Actor, Actor]:
    return world.region.nurse, world.region.nurse2


def a_third(world: path.World, name: str = "Derde Jeugdverpleegkundige", **more: Any) -> Actor:
    with world.database.writing() as session:
        return builders.actor(session, name, world.region.youth_health, "explorer", at=world.clock(), **more)


def case_of(world: path.World, case_id: UUID) -> Case:
    with world.database.reading() as session:
        return session.get_one(Case, case_id)


# --- when it is due


@pytest.mark.parametrize(
    ("due", "group"),
    [
        ("2026-04-02T08:59:59+02:00", Due.OVERDUE),
        ("2026-04-02T09:00:00+02:00", Due.TODAY),  # at this very moment
        ("2026-04-02T23:59:59+02:00", Due.TODAY),
        ("2026-04-03T00:00:00+02:00", Due.THIS_WEEK),
        # Good Friday and Easter Monday are no working days: 7, 8, 9, 10 and 13 April are the next five.
        ("2026-04-13T23:59:59+02:00", Due.THIS_WEEK),
        ("2026-04-14T00:00:00+02:00", Due.LATER),
        (None, Due.NO_TERM),
    ],
)
def test_a_term_is_in_one_group_and_a_week_is_five_working_days(due, group):
    at = local("2026-04-02T09:00:00+02:00")  # the Thursday before Easter

    assert due_of(due and local(due), at) == group


def test_groups_touch_and_new_is_since_the_working_day_before():
    for day in range(0, 400, 7):
        at = datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=day)
        bounds = list(due_bounds(at).values())
        assert all(one[1] == other[0] for one, other in pairwise(bounds))
        assert all(begin <= end for begin, end in bounds)

    assert new_since(local("2026-11-09T08:00:00+01:00")) == local("2026-11-06T00:00:00+01:00")  # on Monday since Friday
    assert new_since(local("2026-11-08T08:00:00+01:00")) == local("2026-11-06T00:00:00+01:00")  # on Sunday too
    assert new_since(local("2026-04-07T08:00:00+02:00")) == local("2026-04-02T00:00:00+02:00")  # after Easter


# --- filters, counts and lists


@on_one
def test_filters_go_together_and_counts_say_the_same_as_the_list(world, clock):
    now, nurse = clock(), world.region.nurse
    some = [
        {"municipality_code": code, "phase": phase, "form_key": form, "due_at": due}
        for code in ("GM0983", "GM0957")
        for phase in ("pregnant", "after_birth")
        for form in ("exploration", "feedback")
        for due in (now - timedelta(days=1), now + timedelta(hours=2), now + timedelta(days=3), None)
    ]
    fill(world, some)

    def found(**filters: Any) -> int:
        return len(world.look(method.work_list, by=nurse, page_size=100, filters=filters).items)

    assert found() == 32
    assert found(municipality="GM0983", phase="pregnant", form_key="feedback", due="today") == 1
    assert found(due="overdue") == found(due="no_term") == 8
    assert (found(is_new=True), found(organisation_id=nurse.organisation_id)) == (32, 32)
    assert found(organisation_id=uuid4()) == 0  # one acts for one organisation at a time
    counts = world.look(method.work_counts, by=nurse, filters={"phase": "pregnant", "due": "later"})
    assert {due: many for (mine, due), many in counts.due.items() if not mine} == {
        Due.OVERDUE: 4, Due.TODAY: 4, Due.THIS_WEEK: 4, Due.LATER: 0, Due.NO_TERM: 4,
    }  # fmt: skip
    clock.forward(days=5)
    assert found(is_new=True) == 0
    with pytest.raises(Invalid):
        found(due="someday")


@on_one
def test_a_list_is_ones_own_in_one_role_and_the_start_is_one(world, clock):
    nurse, other = the_team(world)
    fill(world, [{"municipality_code": "GM0983", "phase": "pregnant"}] * 120)
    first = world.do(
        processes.save_list, "  Mijn   zwangeren ", {"phase": "pregnant", "due": ""}, is_start=True, by=nurse
    )
    second = world.do(processes.save_list, "Nieuw", {"is_new": True}, is_start=True, by=nurse)

    shown = {one.name: (count, one.is_start) for one, count in world.look(method.saved_lists, by=nurse)}
    assert shown == {"Mijn zwangeren": (100, False), "Nieuw": (100, True)}
    assert first.filters == {"phase": "pregnant"}
    assert world.look(method.saved_lists, by=other) == []
    for name, filters in (
        ("mijn ZWANGEREN", {"due": "today"}),
        ("", {"due": "today"}),
        ("x" * 61, {"due": "today"}),
        ("Leeg", {}),
        ("Mis", {"name": "Noor"}),
        ("Van Noor", {"form_key": "het gezin van Noor"}),
        ("Spoed", {"urgency": "acute"}),  # the page could not show that it is on
    ):
        with pytest.raises(Invalid):
            world.do(processes.save_list, name, filters, by=nurse)
    renamed = world.do(processes.change_list, second.id, name="Vers", is_start=False, version=second.version, by=nurse)
    assert (renamed.name, renamed.filters, renamed.is_start) == ("Vers", {"is_new": True}, False)
    with pytest.raises(StaleVersion):
        world.do(processes.delete_list, second.id, version=second.version, by=nurse)
    for verb, more in ((processes.change_list, {"name": "Van mij"}), (processes.delete_list, {})):
        with pytest.raises(NotFound):
            world.do(verb, second.id, by=other, **more)
        with pytest.raises(NotFound):
            world.do(verb, second.id, by=replace(nurse, assignment_id=other.assignment_id), **more)
    world.do(processes.delete_list, second.id, by=nurse)
    assert [one.name for one, _ in world.look(method.saved_lists, by=nurse)] == ["Mijn zwangeren"]
    for number in range(processes.MOST_LISTS - 1):
        world.do(processes.save_list, f"Lijst {number}", {"due": "today"}, by=nurse)
    with pytest.raises(Invalid, match="refused"):
        world.do(processes.save_list, "Nog een", {"due": "today"}, by=nurse)


def test_the_list_and_its_counts_read_an_index_whatever_is_asked(world, clock):
    """No plan walks the table. With a hundred thousand tasks that is the difference between a page and a pause."""
    nurse = replace(world.region.nurse, municipalities=frozenset({"GM0983", "GM0957"}))
    said: list[tuple[str, Any]] = []

    def hear(_c: Any, _cur: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "tasks" in statement and statement.lstrip().startswith(("SELECT", "WITH")):
            said.append((statement, parameters))

    wanted = [{}, {"form_key": "exploration"}, {"phase": "pregnant", "due": "later"}, {"is_new": True}]
    event.listen(world.database.engine, "before_cursor_execute", hear)
    for filters in wanted:
        world.look(method.work_list, by=nurse, filters=filters)
        world.look(method.work_counts, by=nurse, filters=filters)
    event.remove(world.database.engine, "before_cursor_execute", hear)

    assert len(said) >= 2 * len(wanted)
    with world.database.engine.connect() as connection:
        if not world.database.is_sqlite:
            connection.execute(text("SET enable_seqscan = off"))
        for statement, parameters in said:
            explain = "EXPLAIN QUERY PLAN " if world.database.is_sqlite else "EXPLAIN "
            plan = [str(row) for row in connection.exec_driver_sql(explain + statement, parameters)]
            assert not [line for line in plan if "SCAN tasks" in line or "Seq Scan on tasks" in line], (statement, plan)


# --- giving work to a colleague


def test_a_colleague_gets_the_task_with_a_note_and_gives_it_back(world, clock):
    jet, joris = the_team(world)
    world.explored()
    task = world.claim(jet)
    world.do(method.save_draft, task.id, answers={"wishes": "Rust"}, version=None, by=jet)
    midwife = world.region.midwife

    gone = world.do(method.assign_task, task.id, to=joris.person_id, note="Wilt u haar bellen?", by=jet)

    assert gone.person_id == joris.person_id
    [card] = world.look(method.work_list, by=joris).items
    assert (card.mine, card.note.author_name, card.note.text) == (
        True,
        "Jet Jeugdverpleegkundige",
        "Wilt u haar bellen?",
    )
    assert card.handed_at == clock()
    view = world.look(method.task_view, task.id, by=joris)
    assert (view.task.note.text, view.draft_saved_at) == ("Wilt u haar bellen?", None)  # what Jet typed is hers
    assert world.look(method.work_list, by=jet).items == []
    case = case_of(world, task.subject_id)
    assert case.holder_person_id == joris.person_id  # it was accepted with this task
    for late in (method.release_task, lambda *a, **k: method.assign_task(*a, to=joris.person_id, **k)):
        with pytest.raises(WrongState, match="claimed"):
            world.do(late, task.id, by=jet)
    with pytest.raises(WrongState):  # she knows of the task, which is another team's
        world.do(method.assign_task, task.id, to=jet.person_id, by=midwife)
    with pytest.raises(NotFound):
        world.do(method.assign_task, task.id, to=jet.person_id, by=world.region.process_director)
    with pytest.raises(Invalid) as refused:
        world.do(method.assign_task, task.id, to=midwife.person_id, note="x" * 1001, by=joris)
    assert set(refused.value.errors) == {"person_id", "note"}

    world.do(method.assign_task, task.id, to=jet.person_id, by=joris)
    [card] = world.look(method.work_list, by=jet).items
    assert world.look(method.task_view, task.id, by=jet).answers["wishes"] == "Rust"
    assert card.note is None  # her own words are not told to her
    with world.database.reading() as session:
        [note] = session.scalars(select(TaskNote))
        assert (note.text, note.case_id) == ("Wilt u haar bellen?", task.subject_id)
        assert "bellen" not in str(session.execute(text("SELECT text FROM task_notes")).all())
        lines = session.scalars(select(LoggedChange).where(LoggedChange.event == "task.assigned")).all()
        assert len(lines) == 2
        assert "bellen" not in str([line.details for line in lines])


@on_one
def test_who_is_kept_from_a_case_or_works_elsewhere_does_not_get_its_task(world, clock):
    jet, joris = the_team(world)
    a_third(world, "Wea Weert", areas=["GM0988"])
    world.explored()
    task = world.claim(jet)
    world.do(method.block_person, task.subject_id, person_id=joris.person_id, reason="neighbour", by=jet)

    assert [one.name for one in world.look(method.colleagues, task.id, by=jet)] == []
    with pytest.raises(Invalid):
        world.do(method.assign_task, task.id, to=joris.person_id, by=jet)
    assert [card.mine for card in world.look(method.work_list, by=jet).items] == [True]


# --- being away


def test_on_the_first_day_work_goes_to_the_deputy_or_the_team_and_none_comes_back(world, clock):
    jet, joris = the_team(world)
    third = a_third(world)
    for _ in range(2):
        world.explored()
    mine = [world.do(method.claim_task, card.id, by=jet) for card in world.look(method.work_list, by=jet).items]
    world.do(method.block_person, mine[1].subject_id, person_id=joris.person_id, reason="neighbour", by=jet)
    today = local_date(clock())
    away = world.do(
        method.report_absence, from_on=today + timedelta(days=1), until_on=today + timedelta(days=9),
        deputy_id=joris.person_id, by=jet,
    )  # fmt: skip
    assert away.begun_at is None
    assert all(card.mine for card in world.look(method.work_list, by=jet).items)

    clock.forward(days=1)
    while worker.run_once(world.database, clock()):
        pass

    [card] = [card for card in world.look(method.work_list, by=joris).items if card.mine]
    assert (card.id, card.note.author_name) == (mine[0].id, "Jet Jeugdverpleegkundige")
    assert [(one.id, one.status) for one in world.look(method.work_list, by=third).items] == [(mine[1].id, "open")]
    assert [case_of(world, task.subject_id).holder_person_id for task in mine] == [joris.person_id, None]
    # What would come to her goes there too, and who gives it sees that beforehand.
    held = world.do(method.claim_task, mine[1].id, by=third)
    [told] = [one for one in world.look(method.colleagues, held.id, by=third) if one.person_id == jet.person_id]
    assert (told.away_until, told.deputy_name) == (away.until_on, None)  # Joris is kept from this one
    gone = world.do(method.assign_task, held.id, to=jet.person_id, by=third)
    assert (gone.person_id, gone.instead_of) == (None, "Jet Jeugdverpleegkundige")
    gone = world.do(method.assign_task, mine[0].id, to=jet.person_id, by=joris)
    assert gone.person_id is None  # to the team, not back to who just gave it away

    clock.forward(days=1)
    ended = world.do(method.end_absence, away.id, by=jet)
    assert ended.tasks_moved == 2
    assert not any(card.mine for card in world.look(method.work_list, by=jet).items)
    with pytest.raises(WrongState):
        world.do(method.end_absence, away.id, by=jet)
    with pytest.raises(NotFound):
        world.do(method.end_absence, away.id, by=joris)


@on_one
def test_days_and_deputies_that_cannot_be_are_refused(world, clock):
    jet, joris = the_team(world)
    today = local_date(clock())

    def errors(by: Actor = jet, *, start: int = 0, until: int = 3, deputy: UUID | None = None) -> set[str]:
        with pytest.raises(Invalid) as refused:
            world.do(
                method.report_absence, from_on=today + timedelta(days=start), until_on=today + timedelta(days=until),
                deputy_id=deputy, by=by,
            )  # fmt: skip
        return set(refused.value.errors)

    assert errors(start=-1) == {"from_on"}
    assert errors(until=-1) == errors(until=400) == {"until_on"}
    assert errors(deputy=jet.person_id) == errors(deputy=world.region.midwife.person_id) == {"deputy_id"}
    world.do(method.report_absence, from_on=today, until_on=today + timedelta(days=3), by=joris)
    assert errors(deputy=joris.person_id) == {"deputy_id"}
    assert errors(joris, start=3, until=5) == {"from_on"}


def test_no_family_is_left_with_somebody_who_is_away(world, clock):
    jet, joris = the_team(world)
    case_id = world.explored_directly()
    [card] = world.look(method.work_list, by=jet).items
    world.do(method.claim_task, card.id, by=jet)
    today = local_date(clock())

    def alarms() -> int:
        with world.database.reading() as session:
            found = [
                one for one in processes.tasks_of(session, "case", case_id) if one.element_id == "team_without_people"
            ]
            return len(found)

    world.do(method.report_absence, from_on=today, until_on=today + timedelta(days=20), by=jet)
    assert alarms() == 0  # Joris is there
    away = world.do(method.report_absence, from_on=today, until_on=today + timedelta(days=20), by=joris)
    assert alarms() == 1
    assert case_of(world, case_id).holder_person_id is None
    director = world.region.process_director
    [asked] = [
        one for one in world.look(method.work_list, by=director).items if one.element_id == "team_without_people"
    ]
    task = world.do(method.claim_task, asked.id, by=director)
    world.complete(task, director)
    worker.plan_standing_jobs(world.database, clock())
    for _ in range(3):
        at = clock.forward(days=1)
        while worker.run_once(world.database, at):
            pass
    assert alarms() == 1  # asked once for as long as nobody is there
    world.do(method.end_absence, away.id, by=joris)
    world.do(method.report_absence, from_on=local_date(clock()), until_on=today + timedelta(days=9), by=joris)
    assert alarms() == 2


def test_what_waits_in_another_role_is_counted(world, clock):
    nurse = world.region.nurse
    fill(world, [{"municipality_code": "GM0983"}] * 3)
    with world.database.writing() as session:
        other = organisations.assign_role(
            session, person_id=nurse.person_id, organisation_id=world.region.practice.id, role="signaller",
            valid_from=local_date(clock()), by=OPERATOR, at=clock(),
        )  # fmt: skip
    as_signaller = Actor(nurse.person_id, other.id, world.region.practice.id, "signaller")

    [there] = world.look(method.work_elsewhere, by=as_signaller)

    assert (there.assignment_id, there.count) == (nurse.assignment_id, 3)
