"""A plan is agreed, adjusted and ended; its actions begin, go on and end, each by whom it is for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.builders import explored_case, region
from tests.workflows.support import row, row_of, support, write
from workflows import logbook, plans
from workflows.errors import Invalid, NotAllowed, WrongState
from workflows.plans import ActionStatus, PlanStatus, Row, StopReason, compare
from workflows.plans.model import ACTION_TRANSITIONS


@pytest.fixture
def here(session, clock):
    return region(session, clock())


@pytest.fixture
def helpers(session, clock, here):
    return support(session, clock())


@pytest.fixture
def shared(session, clock, here):
    return explored_case(session, here, clock())


def states(session, case) -> dict[str, str]:
    return {action.what: action.status for action in plans.actions(session, case.id)}


def test_an_agreed_plan_is_kept_with_goals_and_actions_and_what_the_family_does_comes_first(
    session, clock, here, helpers, shared
):
    change = write(
        session, shared, here.nurse, clock(),
        row_of(helpers.welfare), row(), row("Zelf de huisarts bellen", owner_kind="parent", owner_name="Noor"),
    )  # fmt: skip

    plan = plans.current(session, shared.id)
    assert change.plan == plan
    assert (plan.version, plan.status, plan.parent_agreed_on) == (1, "agreed", date(2026, 11, 3))
    assert [(goal.parent_words, goal.dimension) for goal in plans.goals(session, plan.id)] == [
        ("Weer rustig slapen", "mental_wellbeing")
    ]
    assert [action.owner_kind for action in plans.actions(session, shared.id)] == ["informal", "parent", "professional"]


def test_what_the_family_does_runs_at_once_and_what_an_organisation_does_only_when_it_accepts(
    session, clock, here, helpers, shared
):
    write(session, shared, here.nurse, clock(), row_of(helpers.welfare), row())

    informal, professional = plans.actions(session, shared.id)
    assert (informal.runs, informal.accepted_by) == (True, here.nurse.person_id)
    assert (professional.runs, professional.accepted_at) == (False, None)
    plans.accept(session, professional, starts_on=date(2026, 11, 9), by=helpers.supporter, at=clock())
    assert professional.runs
    assert (professional.accepted_for, professional.starts_on) == (helpers.welfare.id, date(2026, 11, 9))


def test_nobody_answers_for_another_organisation(session, clock, here, helpers, shared):
    write(session, shared, here.nurse, clock(), row_of(helpers.welfare))
    [action] = plans.actions(session, shared.id)

    for stranger in (here.nurse, here.process_director, helpers.coach, replace(helpers.supporter, role="signaller")):
        with pytest.raises(NotAllowed):
            plans.accept(session, action, by=stranger, at=clock())
        with pytest.raises(NotAllowed):
            plans.refuse(session, action, "no_capacity", by=stranger, at=clock())

    assert action.status == "proposed"
    with pytest.raises(IntegrityError):  # the database knows it as well
        session.execute(
            text("UPDATE support_actions SET status = 'accepted', accepted_at = :at, accepted_for = :who"),
            {"at": clock(), "who": helpers.coaches.id.hex if session.bind.dialect.name == "sqlite" else helpers.coaches.id},
        )  # fmt: skip


def test_an_action_is_answered_once(session, clock, here, helpers, shared):
    write(session, shared, here.nurse, clock(), row_of(helpers.welfare))
    [action] = plans.actions(session, shared.id)
    with pytest.raises(WrongState):
        plans.finish(session, action, done=True, by=helpers.supporter, at=clock())
    with pytest.raises(Invalid):
        plans.refuse(session, action, "geen zin", by=helpers.supporter, at=clock())

    plans.refuse(session, action, "no_capacity", by=helpers.supporter, at=clock())

    assert (action.status, action.refused_reason, action.ended_at) == ("refused", "no_capacity", clock())
    with pytest.raises(WrongState):
        plans.accept(session, action, by=helpers.supporter, at=clock())


@pytest.mark.parametrize(("done", "status", "reason"), [(True, "done", None), (False, "stopped", "owner_stopped")])
def test_an_action_that_runs_ends_as_its_owner_says(session, clock, here, helpers, shared, done, status, reason):
    write(session, shared, here.nurse, clock(), row())
    [action] = plans.actions(session, shared.id)

    plans.finish(session, action, done=done, by=helpers.supporter, at=clock())

    assert (action.status, action.stop_reason) == (status, reason)


def test_without_the_parent_nothing_begins(session, clock, here, helpers, shared):
    first = write(session, shared, here.nurse, clock(), row(), plan_result="not_agreed", parent_agreed_on=None)
    again = write(session, shared, here.nurse, clock(), row(), plan_result="not_agreed", parent_agreed_on=None)

    assert first.plan == again.plan
    assert (again.plan.status, again.plan.version) == ("draft", 1)
    assert plans.actions(session, shared.id) == []
    for told in (None, "2026-11-04"):  # tomorrow is no agreement
        with pytest.raises(Invalid) as refused:
            write(session, shared, here.nurse, clock(), row(), parent_agreed_on=told)
        assert list(refused.value.errors) == ["parent_agreed_on"]


def test_a_draft_becomes_the_plan_when_the_parent_agrees(session, clock, here, helpers, shared):
    draft = write(session, shared, here.nurse, clock(), row(), plan_result="not_agreed")

    agreed = write(session, shared, here.nurse, clock(), row())

    assert (agreed.plan.id, agreed.plan.status) == (draft.plan.id, "agreed")
    assert len(agreed.begun) == 1


def test_a_parent_who_wants_no_plan_ends_everything(session, clock, here, helpers, shared):
    write(session, shared, here.nurse, clock(), row(), row_of(helpers.welfare))

    declined = write(session, shared, here.nurse, clock(), plan_result="declined")

    assert plans.current(session, shared.id) is None
    assert declined.plan.status == PlanStatus.DECLINED
    assert {action.stop_reason for action in plans.actions(session, shared.id)} == {StopReason.PARENT_DECLINES}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"what": " "}, "what"),
        ({"owner_kind": "neighbour"}, "owner_kind"),
        ({"owner_name": None}, "owner_name"),
        ({"starts_on": None}, "starts_on"),
        ({"starts_on": "2026-02-30"}, "starts_on"),
        ({"ends_on": "2026-11-04"}, "ends_on"),
        ({"owner_kind": "professional"}, "organisation"),
        ({"owner_kind": "professional", "organisation": "welzijn"}, "organisation"),
        ({"owner_kind": "professional", "organisation": str(uuid4())}, "organisation"),
    ],
)
def test_no_action_without_an_owner_and_a_date(session, clock, here, helpers, shared, changes, field):
    with pytest.raises(Invalid) as refused:
        write(session, shared, here.nurse, clock(), row("Goed"), row(**changes))

    assert list(refused.value.errors) == [f"actions[1].{field}"]


def test_an_organisation_where_nobody_does_support_actions_here_gets_none(session, clock, here, helpers, shared):
    with pytest.raises(Invalid) as refused:
        write(session, shared, here.nurse, clock(), row_of(here.youth_health))

    assert list(refused.value.errors) == ["actions[0].organisation"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"plan_result": None}, "plan_result"),
        ({"plan_result": "maybe"}, "plan_result"),
        ({"evaluation_date": None}, "evaluation_date"),
        ({"goals": [{"parent_words": ""}]}, "goals[0].parent_words"),
        ({"goals": [{"parent_words": "Rust", "dimension": "luck"}]}, "goals[0].dimension"),
    ],
)
def test_a_plan_that_is_none_is_refused(session, clock, here, helpers, shared, changes, field):
    with pytest.raises(Invalid) as refused:
        write(session, shared, here.nurse, clock(), row(), **changes)

    assert list(refused.value.errors) == [field]


def test_adjusting_lets_go_on_what_did_not_change_and_stops_what_is_missing(session, clock, here, helpers, shared):
    first = write(session, shared, here.nurse, clock(), row("A"), row_of(helpers.welfare, "B"), row("C"))
    b = next(action for action in first.begun if action.what == "B")
    plans.accept(session, b, by=helpers.supporter, at=clock())

    second = write(
        session, shared, here.nurse, clock(),
        row("D"), row_of(helpers.welfare, "  B ", starts_on="2026-12-01", ends_on="2026-12-24"), row("A"),
    )  # fmt: skip

    assert states(session, shared) == {"A": "accepted", "B": "accepted", "C": "stopped", "D": "accepted"}
    assert (b.plan_id, b.last_plan_id) == (first.plan.id, second.plan.id)
    assert (b.starts_on, b.ends_on, b.accepted_for) == (date(2026, 12, 1), date(2026, 12, 24), helpers.welfare.id)
    assert (first.plan.status, second.plan.version) == ("ended", 2)
    assert [action.number for action in second.begun] == [4]
    assert {action.what for action in plans.actions_of_plan(session, second.plan)} == {"A", "B", "D"}


def test_who_cannot_see_the_actions_there_were_stops_none(session, clock, here, helpers, shared):
    write(session, shared, here.nurse, clock(), row("A"), row_of(helpers.welfare, "B"))

    change = write(session, shared, here.midwife, clock(), row("C"), blind=True)

    assert states(session, shared) == {"A": "accepted", "B": "proposed", "C": "accepted"}
    assert {action.what for action in plans.actions_of_plan(session, change.plan)} == {"A", "B", "C"}


def test_a_row_that_was_read_before_its_action_ended_begins_no_new_one(session, clock, here, helpers, shared):
    write(session, shared, here.nurse, clock(), row("A"), row_of(helpers.welfare, "B"))
    read_at = clock()
    clock.forward(hours=1)
    a, b = plans.actions(session, shared.id)
    plans.finish(session, a, done=True, by=here.nurse, at=clock())
    plans.refuse(session, b, "no_capacity", by=helpers.supporter, at=clock())

    write(session, shared, here.nurse, clock(), row("A"), row_of(helpers.welfare, "B"), since=read_at)
    assert [(one.what, one.status) for one in plans.actions(session, shared.id)] == [("A", "done"), ("B", "refused")]

    write(session, shared, here.nurse, clock(), row("A"), row_of(helpers.welfare, "B"))
    assert [(one.what, one.status) for one in plans.actions(session, shared.id)] == [
        ("A", "done"), ("A", "accepted"), ("B", "refused"), ("B", "proposed"),
    ]  # fmt: skip


def test_the_form_begins_with_what_goes_on_and_with_what_was_refused(session, clock, here, helpers, shared):
    assert plans.prefill(session, shared.id) == {}
    write(session, shared, here.nurse, clock(), row("A"), row("B"), row_of(helpers.welfare, "C", intervention="VZ"))
    _, b, c = plans.actions(session, shared.id)
    plans.finish(session, b, done=True, by=here.nurse, at=clock())
    plans.refuse(session, c, "no_capacity", by=helpers.supporter, at=clock())

    known = plans.prefill(session, shared.id)

    assert known["actions"] == [row("A"), row_of(helpers.welfare, "C", intervention="VZ")]
    assert known["goals"] == [{"parent_words": "Weer rustig slapen", "dimension": "mental_wellbeing"}]
    assert known["evaluation_date"] == "2026-12-15"
    assert "parent_agreed_on" not in known
    assert "plan_result" not in known
    write(session, shared, here.nurse, clock(), *known["actions"])
    assert [one.what for one in plans.actions(session, shared.id) if one.is_live] == ["A", "C"]
    assert plans.prefill(session, shared.id)["actions"] == known["actions"]  # the refusal was answered


def test_one_organisation_can_be_stopped_and_the_rest_goes_on(session, clock, here, helpers, shared):
    write(session, shared, here.nurse, clock(), row("A"), row_of(helpers.welfare, "B"), row_of(helpers.coaches, "C"))

    [stopped] = plans.stop_all(
        session, shared, StopReason.CONSENT_ENDED, organisation_ids={helpers.welfare.id}, by=here.nurse, at=clock()
    )

    assert (stopped.what, stopped.stop_reason) == ("B", "consent_ended")
    assert states(session, shared) == {"A": "accepted", "B": "stopped", "C": "proposed"}
    assert plans.current(session, shared.id) is not None


def test_stopping_everything_ends_the_plan_and_can_be_done_twice(session, clock, here, helpers, shared):
    write(session, shared, here.nurse, clock(), row("A"), row_of(helpers.welfare, "B"))

    assert len(plans.stop_all(session, shared, StopReason.LOSS, by=here.nurse, at=clock())) == 2
    assert plans.stop_all(session, shared, StopReason.CASE_CLOSED, by=here.nurse, at=clock()) == []

    assert plans.latest(session, shared.id).status == "ended"
    assert {action.stop_reason for action in plans.actions(session, shared.id)} == {"loss"}


def test_the_logbook_says_what_happened_and_not_what_was_agreed(session, clock, here, helpers, shared):
    write(session, shared, here.nurse, clock(), row("Geheim", owner_name="Tante Truus"), row_of(helpers.welfare))

    lines = logbook.lines(session, case_id=shared.id)
    assert {"plan.agreed", "action.proposed", "action.accepted"} <= {line.event for line in lines}
    assert not any(secret in str(line.details) for line in lines for secret in ("Geheim", "Truus", "slapen"))


def test_erasing_leaves_nothing(session, clock, here, helpers, shared):
    write(session, shared, here.nurse, clock(), row(), row_of(helpers.welfare))
    write(session, shared, here.nurse, clock(), row("Anders"))

    plans.erase(session, shared.id, by=here.nurse, at=clock())

    assert plans.latest(session, shared.id) is None
    assert plans.actions(session, shared.id) == []


# --- whatever rows are changed

ORGANISATIONS = (UUID(int=1), UUID(int=2))
ROWS = st.builds(
    Row,
    what=st.sampled_from(["post openen", "oppassen", "samen bellen"]),
    owner_kind=st.sampled_from(["parent", "informal", "professional"]),
    owner_name=st.sampled_from(["", "Riet"]),
    organisation_id=st.sampled_from([None, *ORGANISATIONS]),
    intervention=st.sampled_from([None, "VZ"]),
    starts_on=st.dates(date(2026, 11, 1), date(2026, 12, 31)),
)


@given(before=st.lists(ROWS, max_size=6), kept=st.data(), new=st.lists(ROWS, max_size=4))
def test_every_row_and_every_action_stands_once_in_a_comparison(before, kept, new):
    staying = kept.draw(st.lists(st.sampled_from(range(len(before))), unique=True)) if before else []
    later = [replace(before[place], starts_on=date(2027, 1, 1)) for place in staying]
    rows = kept.draw(st.permutations([*later, *new]))

    found = compare(before, rows)

    assert sorted(map(id, [*(known for known, _ in found.going_on), *found.missing])) == sorted(map(id, before))
    assert sorted(map(id, [*(row for _, row in found.going_on), *found.begun])) == sorted(map(id, rows))
    assert len(found.going_on) >= len(staying)
    for known, same in found.going_on:
        assert replace(same, starts_on=known.starts_on) == known


def test_a_proposed_action_has_no_way_back():
    assert ACTION_TRANSITIONS[ActionStatus.PROPOSED] == {"accepted", "refused", "stopped"}
    assert not any(ACTION_TRANSITIONS[status] for status in ("refused", "done", "stopped"))


def test_a_plan_does_not_go_on_after_it_ended(session, clock, here, helpers, shared):
    plan = write(session, shared, here.nurse, clock(), row()).plan
    plan.end(clock())
    for verb in (plan.decline, lambda: plan.end(clock())):
        with pytest.raises(WrongState):
            verb()
    with pytest.raises(WrongState):
        plan.agree(parent_agreed_on=date(2026, 11, 3), evaluation_on=date(2026, 12, 3), copy_given=False)


def test_an_acceptance_that_begins_after_the_agreed_end_forgets_that_end(session, clock, here, helpers, shared):
    write(session, shared, here.nurse, clock(), row_of(helpers.welfare, ends_on="2026-11-20"))
    [action] = plans.actions(session, shared.id)

    plans.accept(session, action, starts_on=date(2026, 11, 3) + timedelta(days=30), by=helpers.supporter, at=clock())

    assert (action.starts_on, action.ends_on) == (date(2026, 12, 3), None)
