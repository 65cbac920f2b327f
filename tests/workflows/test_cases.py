"""A case has exactly one holder or is closed, is found only by who has a part in it, and goes when it was never shared."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.clock import local_date
from tests.builders import ROERMOND, VENLO, accept, actor, agree, case, explored_case, region
from tests.conftest import Clock
from workflows import cases, consent, families, settings
from workflows.actor import OPERATOR, WORKER
from workflows.cases import TRANSITIONS, Case, CaseStatus, Result
from workflows.errors import ConcurrentChange, Invalid, NotAllowed, NotFound, Refusal, WrongState
from workflows.logbook import LoggedChange
from workflows.organisations import Role


@pytest.fixture
def here(session, clock):
    return region(session, clock())


@pytest.fixture
def draft(session, clock, here):
    return case(session, here.midwife, clock())


def test_a_new_case_is_a_draft_that_the_signallers_organisation_holds(session, clock, here, draft):
    assert draft.status == CaseStatus.DRAFT
    assert (draft.holder_organisation_id, draft.holder_role) == (here.practice.id, "signaller")
    assert draft.holder_person_id == here.midwife.person_id
    assert [one.status for one in cases.status_history(session, draft.id)] == ["draft"]
    assert [(one.organisation_id, one.role) for one in cases.parties(session, draft.id)] == [
        (here.practice.id, "signaller")
    ]


def test_numbers_count_per_dutch_year(session, clock, here, draft):
    second = case(session, here.midwife, clock())
    clock.now = clock.now.replace(month=12, day=31, hour=23, minute=30)  # already 2027 in Amsterdam
    third = case(session, here.midwife, clock())

    assert [draft.number, second.number, third.number] == ["2026-0001", "2026-0002", "2027-0001"]


def test_cases_opened_at_the_same_moment_get_different_numbers(database, clock):
    with database.writing() as session:
        here = region(session, clock())
    numbers, errors = [], []

    def open_some() -> None:
        try:
            for _ in range(4):
                with database.writing() as session:
                    numbers.append(case(session, here.midwife, clock()).number)
        except Exception as error:  # a thread's error must reach the test
            errors.append(error)

    threads = [threading.Thread(target=open_some) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert sorted(numbers) == [f"2026-{number:04d}" for number in range(1, 21)]


@pytest.mark.parametrize("who", ["nurse", "process_director", "coordinator", "protection_officer", "administrator"])
def test_only_a_signaller_starts_a_case(session, clock, here, who):
    family = families.create_family(session, by=here.midwife, at=clock())

    with pytest.raises(NotAllowed):
        cases.open_case(session, family_id=family.id, by=getattr(here, who), at=clock())


def test_unknown_and_forbidden_cases_answer_alike(session, clock, here, draft):
    from uuid import UUID

    with pytest.raises(NotFound) as forbidden:
        cases.find(session, draft.id, by=here.other_midwife, at=clock())
    with pytest.raises(NotFound) as unknown:
        cases.find(session, UUID(int=1), by=here.other_midwife, at=clock())

    assert forbidden.value.detail == unknown.value.detail
    assert str(forbidden.value).replace(str(draft.id), "x") == str(unknown.value).replace(str(UUID(int=1)), "x")


@pytest.mark.parametrize(
    "who", ["other_midwife", "nurse", "process_director", "protection_officer", "coordinator", "log_manager"]
)
def test_a_draft_is_seen_by_the_own_team_only(session, clock, here, draft, who):
    stranger = getattr(here, who)

    assert cases.list_cases(session, by=stranger, at=clock()) == []
    with pytest.raises(NotFound):
        cases.find(session, draft.id, by=stranger, at=clock())
    for colleague in (here.midwife, here.midwife2):
        assert cases.find(session, draft.id, by=colleague, at=clock()) is draft
        assert cases.list_cases(session, by=colleague, at=clock()) == [draft]


def test_the_worker_and_the_command_line_see_no_case(session, clock, draft):
    for system in (WORKER, OPERATOR):
        assert cases.list_cases(session, by=system, at=clock()) == []
        with pytest.raises(NotFound):
            cases.find(session, draft.id, by=system, at=clock())


def test_a_role_for_one_town_sees_no_case_of_another(session, clock, here):
    venlo, roermond = case(session, here.midwife, clock()), None
    roermond = case(session, here.midwife, clock(), municipality_code=ROERMOND)
    local = actor(session, "Ria Roermond", here.practice, Role.SIGNALLER, areas=(ROERMOND,), at=clock())

    assert cases.list_cases(session, by=local, at=clock()) == [roermond]
    assert cases.facts(session, venlo, by=local).party_roles == frozenset()
    assert not cases.facts(session, venlo, by=local).holder
    assert cases.facts(session, roermond, by=local).holder


def test_who_takes_a_case_over_keeps_seeing_it_when_the_family_moves(session, clock, here):
    local = actor(session, "Vic Venlo", here.youth_health, Role.EXPLORER, areas=(VENLO,), at=clock())
    shared = explored_case(session, here, clock())
    accept(session, shared, local, clock())

    shared.municipality_code = ROERMOND
    session.flush()

    assert cases.find(session, shared.id, by=local, at=clock()) is shared
    assert cases.facts(session, shared, by=local).holder


def test_the_list_goes_on_after_its_last_case_and_shows_open_ones_unless_asked(session, clock, here):
    opened = []
    for _ in range(5):
        opened.append(case(session, here.midwife, clock()))
        clock.forward(minutes=1)
    cases.close(session, opened[0], Result.NO_CASE_NEEDED, by=here.midwife, at=clock())

    first = cases.list_cases(session, by=here.midwife, at=clock(), limit=3)
    rest = cases.list_cases(session, by=here.midwife, at=clock(), after=(first[-1].opened_at, first[-1].id))

    assert [*first, *rest] == opened[:0:-1]
    closed = cases.list_cases(session, by=here.midwife, at=clock(), statuses=[CaseStatus.CLOSED])
    assert closed == [opened[0]]


def test_the_holder_moves_only_when_the_receiver_itself_accepts(session, clock, here, draft):
    agree(session, draft, here.midwife, clock())
    with pytest.raises(NotAllowed):
        cases.move_holder(
            session, draft, organisation_id=here.youth_health.id, role="explorer", by=here.midwife, at=clock()
        )
    accept(session, draft, here.nurse, clock())

    assert draft.holder_organisation_id == here.youth_health.id
    roles = {(one.organisation_id, one.role) for one in cases.parties(session, draft.id)}
    assert roles == {(here.practice.id, "signaller"), (here.youth_health.id, "explorer")}


def test_accepting_twice_is_one_move(session, clock, here, draft):
    agree(session, draft, here.midwife, clock())
    accept(session, draft, here.nurse, clock())
    accept(session, draft, here.nurse, clock())

    assert session.query(LoggedChange).filter_by(event="case.holder_moved").count() == 1


def test_who_leaves_sees_nothing_any_more_and_the_holder_cannot_leave(session, clock, here):
    shared = explored_case(session, here, clock())
    with pytest.raises(WrongState):
        cases.leave(session, shared, organisation_id=here.youth_health.id, role="explorer", by=here.nurse, at=clock())

    cases.leave(session, shared, organisation_id=here.practice.id, role="signaller", by=here.nurse, at=clock())

    with pytest.raises(NotFound):
        cases.find(session, shared.id, by=here.midwife, at=clock())
    with pytest.raises(WrongState):
        cases.leave(session, shared, organisation_id=here.practice.id, role="signaller", by=here.nurse, at=clock())
    cases.join(session, shared, organisation_id=here.practice.id, role="signaller", by=here.nurse, at=clock())
    assert cases.find(session, shared.id, by=here.midwife, at=clock()) is shared


def test_joining_twice_is_one_part_and_keeps_the_person(session, clock, here, draft):
    agree(session, draft, here.midwife, clock())
    first = cases.join(
        session, draft, organisation_id=here.youth_health.id, role="explorer", person_id=here.nurse.person_id,
        by=here.midwife, at=clock(),
    )  # fmt: skip
    second = cases.join(
        session, draft, organisation_id=here.youth_health.id, role="explorer", by=here.midwife, at=clock()
    )

    assert second is first
    assert second.person_id == here.nurse.person_id


def test_every_status_can_be_reached_and_left():
    assert set(TRANSITIONS) == set(CaseStatus)
    assert set().union(*TRANSITIONS.values()) == set(CaseStatus) - {CaseStatus.DRAFT}
    assert [status for status, following in TRANSITIONS.items() if not following] == [CaseStatus.CLOSED]
    assert all(status not in following for status, following in TRANSITIONS.items())


@pytest.mark.parametrize(
    ("status", "next_status"), [("draft", "in_exploration"), ("draft", "paused"), ("awaiting_consent", "draft")]
)
def test_a_status_that_cannot_follow_is_refused(session, clock, here, draft, status, next_status):
    if status != "draft":
        cases.move_to(session, draft, status, by=here.midwife, at=clock())

    with pytest.raises(WrongState):
        cases.move_to(session, draft, next_status, by=here.midwife, at=clock())
    assert draft.status == status


def test_the_same_status_again_is_no_move(session, clock, here, draft):
    assert not cases.move_to(session, draft, CaseStatus.DRAFT, by=here.midwife, at=clock())
    assert cases.move_to(session, draft, CaseStatus.AWAITING_CONSENT, by=here.midwife, at=clock())
    assert [one.status for one in cases.status_history(session, draft.id)] == ["draft", "awaiting_consent"]


def test_a_shared_case_closes_with_somebody_to_turn_to(session, clock, here):
    shared = explored_case(session, here, clock())
    for nobody in (None, "", "  "):
        with pytest.raises(Invalid) as refused:
            cases.close(session, shared, Result.GOALS_REACHED, contact_after=nobody, by=here.nurse, at=clock())
        assert list(refused.value.errors) == ["contact_after"]

    cases.close(session, shared, "goals_reached", contact_after="Consultatiebureau", by=here.nurse, at=clock())

    assert (shared.status, shared.holder_role, shared.holder_person_id) == ("closed", None, None)
    assert shared.closed_at == clock()
    assert cases.find(session, shared.id, by=here.nurse, at=clock()) is shared


def test_what_is_closed_stays_closed(session, clock, here):
    shared = explored_case(session, here, clock())
    cases.close(session, shared, "loss", by=here.nurse, at=clock())

    for again in (
        lambda: cases.close(session, shared, "loss", by=here.nurse, at=clock()),
        lambda: cases.move_to(session, shared, "in_exploration", by=here.nurse, at=clock()),
        lambda: accept(session, shared, here.nurse2, clock()),
        lambda: cases.join(
            session, shared, organisation_id=here.municipality.id, role="process_director", by=here.nurse, at=clock()
        ),
    ):
        with pytest.raises(WrongState):
            again()


def test_a_case_closes_with_a_result_that_exists(session, clock, here, draft):
    with pytest.raises(Invalid):
        cases.close(session, draft, "bored", by=here.midwife, at=clock())


@pytest.mark.parametrize(
    "change",
    [
        "holder_organisation_id = NULL",
        "holder_role = NULL",
        "status = 'closed'",
        "status = 'lost'",
        "result = 'loss'",
        "urgency = 'whenever'",
    ],
)
def test_the_database_itself_refuses_a_case_that_nobody_has(session, clock, draft, change):
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text(f"UPDATE cases SET {change}"))


def test_the_database_itself_refuses_a_closed_case_with_a_holder(session, clock, here, draft):
    cases.close(session, draft, "no_case_needed", by=here.midwife, at=clock())

    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text("UPDATE cases SET holder_role = 'signaller'"))


def test_of_two_changes_that_met_one_wins(database, clock):
    with database.writing() as session:
        here = region(session, clock())
        mine = case(session, here.midwife, clock())
        identity = mine.id
    with database.writing() as session:
        session.get(Case, identity).urgency = "acute"

    with pytest.raises(ConcurrentChange), database.writing() as session:
        session.add(mine)
        mine.urgency = "urgent"

    with database.reading() as session:
        assert session.get(Case, identity).urgency == "acute"


def test_who_lock_the_same_case_take_turns_and_see_each_others_work(database, clock):
    with database.writing() as session:
        here = region(session, clock())
        identity = case(session, here.midwife, clock()).id
    errors = []

    def change() -> None:
        try:
            for _ in range(3):
                with database.writing() as session:
                    locked = cases.lock(session, identity)
                    locked.language += "x"
        except Exception as error:  # a thread's error must reach the test
            errors.append(error)

    threads = [threading.Thread(target=change) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    with database.reading() as session:
        assert session.get(Case, identity).language == "nl" + "x" * 15


def test_locking_what_is_not_there_says_so(session):
    from uuid import uuid4

    with pytest.raises(NotFound):
        cases.lock(session, uuid4())


def test_a_draft_that_was_never_shared_goes_after_its_term(session, clock, here, draft):
    agree(session, draft, here.midwife, clock(), categories=[], asked=["C0", "C1"])
    clock.forward(days=29)
    assert not cases.erase_unshared(session, draft, by=WORKER, at=clock())

    clock.forward(days=1)
    assert not cases.erase_unshared(session, draft, by=WORKER, at=clock()), "somebody still works on it"
    cases.close(session, draft, Result.NO_CASE_NEEDED, by=here.midwife, at=clock())
    assert cases.erase_unshared(session, draft, by=WORKER, at=clock())

    session.expire_all()
    assert (draft.status, draft.result) == ("closed", "no_case_needed")
    assert (draft.family_id, draft.erase_on) == (None, None)
    assert session.query(families.FamilyMember).count() == 0
    assert session.query(families.Family).count() == 0
    assert consent.of_case(session, draft.id) == []
    assert not cases.erase_unshared(session, draft, by=WORKER, at=clock())


def test_a_refused_draft_keeps_its_result_when_it_goes(session, clock, here, draft):
    cases.close(session, draft, Result.CONSENT_REFUSED, by=here.midwife, at=clock())
    clock.forward(days=30)

    assert cases.erase_unshared(session, draft, by=WORKER, at=clock())
    assert draft.result == "consent_refused"


def test_a_shared_case_is_not_erased(session, clock, here):
    shared = explored_case(session, here, clock())
    clock.forward(days=400)

    assert not cases.erase_unshared(session, shared, by=WORKER, at=clock())
    assert shared.family_id is not None


def test_nobody_erases_by_hand(session, clock, here, draft):
    clock.forward(days=31)
    for person in (here.midwife, here.administrator):
        with pytest.raises(NotAllowed):
            cases.erase_unshared(session, draft, by=person, at=clock())


def test_how_long_a_draft_stays_is_a_setting_of_the_town(session, clock, here):
    settings.put(
        session, "case.unshared_retention_days", 7, municipality=VENLO, valid_from=local_date(clock()), source="test",
        by=OPERATOR, at=clock(),
    )  # fmt: skip

    draft = case(session, here.midwife, clock())

    assert draft.erase_on == local_date(clock()) + timedelta(days=7)


def test_a_family_with_another_case_stays(session, clock, here, draft):
    second = cases.open_case(session, family_id=draft.family_id, by=here.midwife, at=clock())
    cases.share(session, second, by=here.midwife, at=clock())
    cases.close(session, draft, Result.NO_CASE_NEEDED, by=here.midwife, at=clock())
    clock.forward(days=30)

    assert cases.erase_unshared(session, draft, by=WORKER, at=clock())
    assert families.members(session, second.family_id)


class Holding(RuleBasedStateMachine):
    """Whatever people and timers do, every case has exactly one holder or is closed, and closed for good."""

    database = None

    def __init__(self) -> None:
        super().__init__()
        assert self.database is not None
        self.connection = self.database.engine.connect()
        self.session = Session(bind=self.connection, expire_on_commit=False)
        self.session.info["writes"] = True
        self.clock = Clock(datetime(2026, 11, 3, 8, 30, tzinfo=UTC))
        self.closed: set[object] = set()

    @initialize()
    def begin(self) -> None:
        self.here = region(self.session, self.clock())
        self.people = [self.here.midwife, self.here.nurse, self.here.nurse2, self.here.process_director]
        self.cases = []
        self.open_another()

    def attempt(self, verb, *arguments, **named) -> None:
        try:
            with self.session.begin_nested():
                verb(self.session, *arguments, **named)
        except Refusal:
            self.session.expire_all()

    @rule()
    def open_another(self) -> None:
        if len(self.cases) < 3:
            self.cases.append(case(self.session, self.here.midwife, self.clock()))
            agree(self.session, self.cases[-1], self.here.midwife, self.clock())

    @rule(which=st.integers(0, 2), status=st.sampled_from(CaseStatus), who=st.integers(0, 3))
    def move(self, which, status, who) -> None:
        self.attempt(cases.move_to, self.pick(which), status, by=self.people[who], at=self.clock())

    @rule(which=st.integers(0, 2), who=st.integers(0, 3))
    def accept_case(self, which, who) -> None:
        by = self.people[who]
        self.attempt(
            cases.move_holder, self.pick(which), organisation_id=by.organisation_id, role=by.role,
            person_id=by.person_id, by=by, at=self.clock(),
        )  # fmt: skip

    @rule(which=st.integers(0, 2), who=st.integers(0, 3), goes=st.booleans())
    def join_or_leave(self, which, who, goes) -> None:
        by = self.people[who]
        verb = cases.leave if goes else cases.join
        self.attempt(verb, self.pick(which), organisation_id=by.organisation_id, role=by.role, by=by, at=self.clock())

    @rule(which=st.integers(0, 2))
    def share(self, which) -> None:
        self.attempt(cases.share, self.pick(which), by=self.here.midwife, at=self.clock())

    @rule(which=st.integers(0, 2), result=st.sampled_from(Result), contact=st.sampled_from([None, "Consultatiebureau"]))
    def close(self, which, result, contact) -> None:
        self.attempt(
            cases.close, self.pick(which), result, contact_after=contact, by=self.here.midwife, at=self.clock()
        )

    @rule(days=st.integers(1, 40))
    def time_passes(self, days) -> None:
        self.clock.forward(days=days)
        for one in self.cases:
            self.attempt(cases.erase_unshared, one, by=WORKER, at=self.clock())

    def pick(self, which: int) -> Case:
        return self.cases[which % len(self.cases)]

    @invariant()
    def exactly_one_holder_or_closed(self) -> None:
        self.session.flush()
        rows = self.session.execute(
            text("SELECT id, status, holder_organisation_id, holder_role, closed_at, result FROM cases")
        ).all()
        for row in rows:
            held = row.holder_organisation_id is not None and row.holder_role is not None
            assert held != (row.status == "closed")
            assert (row.closed_at is None) == (row.result is None) == held
            assert row.status == "closed" or row.id not in self.closed
            if row.status == "closed":
                self.closed.add(row.id)

    @invariant()
    def the_holder_has_a_part_in_it_and_sees_it(self) -> None:
        for one in getattr(self, "cases", ()):
            self.session.refresh(one)
            if not one.is_closed:
                parties = {(party.organisation_id, party.role) for party in cases.parties(self.session, one.id)}
                assert (one.holder_organisation_id, one.holder_role) in parties

    @invariant()
    def history_ends_with_the_status(self) -> None:
        for one in getattr(self, "cases", ()):
            history = cases.status_history(self.session, one.id)
            assert history[-1].status == one.status
            assert [step.ordinal for step in history] == list(range(1, len(history) + 1))
            for before, after in pairwise(history):
                assert after.status in TRANSITIONS[before.status]

    def teardown(self) -> None:
        self.session.rollback()
        self.session.close()
        self.connection.close()


_LONG = os.environ.get("STEUN_TEST_PROFILE") == "long"


@pytest.mark.parametrize("urls", ["sqlite", "postgresql"] if _LONG else ["sqlite"], indirect=True)
def test_at_every_moment_a_case_has_one_holder_or_is_closed(database):
    machine = type("Holding", (Holding,), {"database": database})
    run_state_machine_as_test(
        machine, settings=hypothesis_settings(max_examples=30 if _LONG else 12, stateful_step_count=30, deadline=None)
    )
