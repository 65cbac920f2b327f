"""Two families handed over in whatever order people, time and power cuts make of it: one holder, nothing lost, all of it
provable. One goes by the shipped drawings, the other by the small one in which a case can be offered at any time.

A verb is broken off between any two of its statements, or before its end is written down, as ``kill -9`` would leave it: all
of it is gone. Then it is done again, and sometimes once more by who did not hear that it was done.
"""

from __future__ import annotations

import copy
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from uuid import UUID

import pytest
from hypothesis import seed as seeded
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import event, literal_column, select, update
from sqlalchemy.engine import URL

from engine.clock import local_date
from tests import builders
from tests.conftest import VAULT, Clock, copy_of
from tests.postgres import APPLICATION, server
from tests.workflows import handing, path
from workflows import attachments, cases, handovers, logbook, method, organisations, packages, processes, schema, worker
from workflows.actor import Actor
from workflows.attachments import Attachment
from workflows.cases import Case, CaseParty, CaseStatusChange
from workflows.comments import Comment
from workflows.consent import Consent
from workflows.db import Database
from workflows.diagrams import StoredBundle
from workflows.dossier import Entry, EntryValue
from workflows.errors import Doubtful, Refusal
from workflows.families import Authority, DueDate, FamilyMember, Pregnancy
from workflows.handovers import TRANSITIONS, Handover, HandoverStatus
from workflows.jobs import Job
from workflows.logbook import LoggedChange
from workflows.method.effects import settle
from workflows.organisations import Person, RoleAssignment
from workflows.packages import HandoverPackage, ReceiptResult, Verdict
from workflows.plans import SupportAction
from workflows.processes import Task

_LONG = os.environ.get("STEUN_TEST_PROFILE") == "long"
#: Five days before the clocks go forward, and after the 85 days that the family of the shipped drawings was helped.
START = datetime(2026, 12, 29, 8, 30, tzinfo=UTC)
HELPED = timedelta(days=85)
LETTER = b"%PDF-1.7\n%%EOF\n"
#: Line of the log → what the handover is from then on.
SAYS = {
    "prepared": "prepared", "offered": "offered", "asked": "asked", "replied": "offered", "accepted": "accepted",
    "refused": "refused", "withdrawn": "withdrawn", "expired": "expired", "completed": "completed",
}  # fmt: skip
#: Lines after which it is what it was.
_MOVES_NOTHING = {"handover.talked", "handover.overlap_ended"}
#: Status → the one task of the flow that waits meanwhile, and whose team it lies with.
WAITS = {"prepared": "handover_offer", "offered": "handover_answer", "asked": "handover_question"}
_OF_FLOW = ("handover", *WAITS.values(), "handover_talk", "handover_contact")
#: Tables whose rows belong to a family and were never only of who typed them: each row stands on the receipt.
KEPT: dict[type[Any], Callable[[Case], Any]] = {
    CaseStatusChange: lambda case: CaseStatusChange.case_id == case.id,
    FamilyMember: lambda case: FamilyMember.family_id == case.family_id,
    Pregnancy: lambda case: Pregnancy.family_id == case.family_id,
    DueDate: lambda case: DueDate.pregnancy_id.in_(select(Pregnancy.id).where(Pregnancy.family_id == case.family_id)),
    Authority: lambda case: Authority.child_id.in_(
        select(FamilyMember.id).where(FamilyMember.family_id == case.family_id)
    ),
    Entry: lambda case: (
        (Entry.case_id == case.id) & Entry.id.in_(select(EntryValue.entry_id).where(EntryValue.compartment != "C5"))
    ),
    Comment: lambda case: Comment.case_id == case.id,
    Attachment: lambda case: Attachment.case_id == case.id,
    Consent: lambda case: Consent.case_id == case.id,
    CaseParty: lambda case: (CaseParty.case_id == case.id) & CaseParty.until_at.is_(None),
    SupportAction: lambda case: SupportAction.case_id == case.id,
    Task: lambda case: (
        (Task.subject_id == case.id)
        & (Task.subject_kind == "case")
        & (Task.kind == "user")
        & Task.status.in_(("open", "claimed"))
        & Task.form_key.not_in(_OF_FLOW)
    ),
}


class Killed(BaseException):
    """The power went."""


@contextmanager
def killed(database: Database, at: int | None) -> Iterator[None]:
    """Whatever is going on ends before its *at*-th statement, or, when it has fewer, before its end is written down."""
    if at is None:
        yield
        return
    sent = 0

    def count(*_arguments: Any) -> None:
        nonlocal sent
        sent += 1
        if sent > at:
            raise Killed

    def commit(_connection: Any) -> None:
        raise Killed

    engine = database.engine
    event.listen(engine, "before_cursor_execute", count)
    event.listen(engine, "commit", commit)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", count)
        event.remove(engine, "commit", commit)


def _end(session: Any, case_id: UUID, *, answers: dict[str, Any], by: Actor, at: datetime) -> None:
    """The drawing comes to its end."""
    case = cases.lock(session, case_id)
    run = processes.run_of(session, "case", case_id)
    settle(session, case, run, processes.Change(ended=True), by=by, at=at, answers=answers)


class Begun:
    """The world of every example, built once: two families of which the holder may prepare a handover."""

    def __init__(self, url: URL) -> None:
        self.clock = Clock(START)
        database = Database(url, vault=VAULT, house=True)
        self.world = world = handing.World(database, self.clock)
        nurse = world.region.nurse
        with database.reading() as session:
            [drawn] = session.scalars(select(StoredBundle.digest).where(StoredBundle.digest != world.digest))
        self._in_use(drawn)
        shipped = world.explored()
        world.do_next(nurse, path.exploration_answers(world.clock(), conclusion="pathway"))
        world.do_next(nurse, form_key="feedback")
        agreed = path.support_consent_answers("youth_health", "municipal_access_team")
        world.do_next(nurse, agreed, form_key="support_consent")
        world.do_next(nurse, form_key="support_plan")
        self.clock.forward(days=HELPED.days)
        worker.plan_standing_jobs(database, self.clock())
        while worker.run_once(database, self.clock()):
            pass
        decided = path.evaluation_answers(world.clock(), evaluation_decision="hand_over")
        world.do_next(nurse, decided, form_key="evaluation")
        self._in_use(world.digest)
        small = world.begun()
        world.allow(small)
        self.cases = (small, shipped)
        for case_id, by in ((small, world.region.midwife), (shipped, nurse)):
            world.do(method.add_comment, case_id, "Haar zus helpt ook.", by=by)
        database.dispose()

    def _in_use(self, digest: str) -> None:
        with self.world.database.writing() as session:
            session.execute(update(StoredBundle).values(is_current=False))
            session.execute(update(StoredBundle).where(StoredBundle.digest == digest).values(is_current=True))

    def again(self, database: Database) -> tuple[handing.World, Clock]:
        """The same world in a copy of its database."""
        world, clock = copy.copy(self.world), Clock(self.clock.now)
        world.database, world.clock = database, clock
        return world, clock


CASE, WHO = st.integers(0, 1), st.integers(0, 8)
#: At which statement it is broken off, if at all.
KILL = st.none() | st.integers(0, 160)


class Handing(RuleBasedStateMachine):
    """Somebody does something, time passes, the power goes; after each of it the families are as they should be."""

    begun: Begun
    open: Callable[[], tuple[Database, Callable[[], None]]]

    def __init__(self) -> None:
        super().__init__()
        self.database, self.close = type(self).open()
        self.world, self.clock = self.begun.again(self.database)
        self.cases = self.begun.cases
        region, world = self.world.region, self.world
        self.people = [
            region.midwife, region.midwife2, region.nurse, region.nurse2, world.roos, world.carla, world.cees,
        ]  # fmt: skip
        self.directing = [region.process_director]
        self.told: dict[UUID, str] = {}  #: handover → status, when last looked
        self.received: set[UUID] = set()
        self.done: dict[UUID, UUID] = {}  #: task that was completed → who heard so
        self.kept: dict[type[Any], set[UUID]] = {Comment: set(), Attachment: set()}
        self.closed: set[UUID] = set()

    # -- what people do with a handover

    @rule(which=CASE, who=WHO, to=st.integers(0, 3), sends=st.integers(0, 5), kill=KILL)
    def sender_goes_on(self, which: int, who: int, to: int, sends: int, kill: int | None) -> None:
        """Prepare, show and send, or answer a question: whatever waits for who holds the case."""
        region, world, at = self.world.region, self.world, self.clock()
        there = (region.nurse, world.roos, world.carla, world.cees)[to]
        later = (local_date(at) + timedelta(days=20)).isoformat()
        sent = path.handover_offer_answers(at) if sends else {"handover_send": "change"}
        if sends == 1:
            sent |= {"shown_to_parent": "no", "reason_not_shown": "Ze nam de telefoon niet op."}
        for form, answers in (
            ("handover_question", handing.REPLIED),
            ("handover_offer", sent),
            ("handover", handing.offer(there, next_appointment_on=later)),
        ):
            if self.live(which, form) is not None:
                self.fill(which, who, form, answers, kill)
                return

    @rule(
        which=CASE, who=WHO, answer=st.sampled_from(["accepted", "accepted", "accepted", "asked", "refused"]), kill=KILL
    )
    def receiver_answers(self, which: int, who: int, answer: str, kill: int | None) -> None:
        accepted = path.handover_answer_answers(self.clock())
        answers = {"accepted": accepted, "asked": handing.ASKED, "refused": handing.REFUSED}[answer]
        self.fill(which, who, "handover_answer", answers, kill)

    @rule(which=CASE, who=WHO, to=st.integers(0, 3), kill=KILL)
    def all_of_it_goes_well(self, which: int, who: int, to: int, kill: int | None) -> None:
        for _ in range(2):
            self.sender_goes_on(which=which, who=who, to=to, sends=2, kill=None)
        self.receiver_answers(which=which, who=who, answer="accepted", kill=kill)

    @rule(which=CASE, who=WHO, to=st.integers(0, 3), kill=KILL)
    def sender_regrets_and_receiver_did_not_hear(self, which: int, who: int, to: int, kill: int | None) -> None:
        for _ in range(2):
            self.sender_goes_on(which=which, who=who, to=to, sends=2, kill=None)
        self.sender_takes_it_back(which=which, kill=kill)
        self.receiver_answers(which=which, who=who, answer="accepted", kill=None)

    @rule(which=CASE, who=WHO, kill=KILL)
    def receiver_talks_or_calls(self, which: int, who: int, kill: int | None) -> None:
        if self.live(which, "handover_talk") is not None:
            self.fill(which, who, "handover_talk", path.handover_talk_answers(self.clock()), kill)
        else:
            today = local_date(self.clock()).isoformat()
            self.fill(which, who, "handover_contact", {"first_contact_on": today}, kill)

    @rule(which=CASE, kill=KILL)
    def sender_takes_it_back(self, which: int, kill: int | None) -> None:
        self.as_holder(method.withdraw_handover, which, kill=kill)

    # -- what else happens to a family

    @rule(which=CASE, who=WHO, form=st.sampled_from(["exploration", "evaluation", "follow_up", "escalation"]))
    def other_work_is_done(self, which: int, who: int, form: str) -> None:
        if form == "exploration":  # who takes it holds the case from then on
            if (task := self.live(which, form)) is not None and (by := self.hand_of(task, who)) is not None:
                self.attempt(method.claim_task, task.id, by=by)
            return
        answers = path.answers_for(form, self.clock())
        if form == "evaluation":
            answers["evaluation_decision"] = "hand_over"
        self.fill(which, who, form, answers)

    @rule(which=CASE, what=st.sampled_from(["comment", "attachment"]), kill=KILL)
    def something_is_added(self, which: int, what: str, kill: int | None) -> None:
        if what == "comment":
            said = self.as_holder(method.add_comment, which, "Ze belt liever.", kill=kill)
            self.kept[Comment] |= set() if said is None else {said.id}
        else:
            letter = attachments.prepare("brief.pdf", LETTER)
            added = self.as_holder(method.add_attachment, which, letter, description="Brief", kill=kill)
            self.kept[Attachment] |= set() if added is None else {added.id}

    @rule(which=CASE, kind=st.sampled_from(["youth_health", "municipal_access_team"]), yes=st.booleans(), kill=KILL)
    def the_parent_decides(self, which: int, kind: str, yes: bool, kill: int | None) -> None:
        if yes:
            self.as_holder(method.record_consent, which, answers=path.support_consent_answers(kind), kill=kill)
            return
        with self.database.reading() as session:
            given = select(Consent.id).where(
                Consent.case_id == self.cases[which], Consent.recipient_kind == kind, Consent.given.is_(True),
                Consent.withdrawn_at.is_(None),
            )  # fmt: skip
            found = list(session.scalars(given))
        if found:
            self.as_holder(method.withdraw_consents, which, found, kill=kill)

    @rule(which=CASE, what=st.sampled_from(["birth", "due date", "move", "move", "move", "loss", "end"]), kill=KILL)
    def the_family_goes_on(self, which: int, what: str, kill: int | None) -> None:
        today = local_date(self.clock())
        verb, answers = {
            "move": (
                method.report_move,
                {"moved_on": today.isoformat(), "new_municipality": "GM0957", "wants_to_continue": "yes",
                 "youth_health_transfer": "not_applicable"},
            ),
            "birth": (
                method.report_birth,
                {"birth_date": today.isoformat(), "born": [{"name": "Kind"}], "preterm": "unknown", "told_by": "parent"},
            ),
            "due date": (
                method.change_due_date,
                {"due_date": (today + timedelta(days=40)).isoformat(), "due_date_certainty": "estimate"},
            ),
            "loss": (method.report_loss, path.loss_answers()),
            "end": (_end, {"result": "regular_care", "contact_after": "De verloskundige"}),
        }[what]  # fmt: skip
        self.as_holder(verb, which, answers=answers, kill=kill)

    # -- who comes and goes

    @rule(
        who=WHO, what=st.sampled_from(["leaves", "role ends", "comes", "comes", "comes", "comes", "stops"]), kill=KILL
    )
    def people_come_and_go(self, who: int, what: str, kill: int | None) -> None:
        one, administrator = self.people[who % len(self.people)], self.world.region.administrator
        if what == "leaves":
            self.attempt(method.deactivate_person, one.person_id, by=administrator, kill=kill)
        elif what == "role ends":
            self.attempt(method.end_role, one.assignment_id, by=administrator, kill=kill)
        elif what == "stops":
            self.attempt(method.deactivate_organisation, one.organisation_id, by=administrator, kill=kill)
        elif what == "comes":
            with self.database.writing() as session:
                where = organisations.organisation(session, one.organisation_id)  # type: ignore[arg-type]
                if where.active:
                    name = f"Nieuw {len(self.people)}"
                    self.people.append(builders.actor(session, name, where, one.role, at=self.clock()))

    @rule(who=WHO, to=st.integers(0, 3), stops=st.booleans(), kill=KILL)
    def an_organisation_is_going_to_stop(self, who: int, to: int, stops: bool, kill: int | None) -> None:
        """An offer to a successor lies ready for each case that it holds; and sometimes it stops before it was sent."""
        one, administrator = self.people[who % len(self.people)], self.world.region.administrator
        there = (self.world.region.nurse, self.world.roos, self.world.carla, self.world.cees)[to]
        wanted = {one.role: there.organisation_id}
        before = self.opened()
        found = self.attempt(method.prepare_stop, one.organisation_id, to=wanted, by=administrator, kill=kill)
        if found is not None:
            after = self.opened()
            assert before.items() <= after.items(), "what was underway stays"
            assert set(after) - set(before) == set(found.prepared)
            assert set(found.underway) <= set(before)
        if stops:
            self.attempt(method.deactivate_organisation, one.organisation_id, to=wanted, by=administrator, kill=None)

    def opened(self) -> dict[UUID, UUID]:
        """Case → its handover that is neither answered nor over."""
        with self.database.reading() as session:
            found = {case_id: handovers.opened(session, case_id) for case_id in self.cases}
        return {case_id: one.id for case_id, one in found.items() if one is not None}

    @rule(which=CASE, to=st.integers(0, 3), kill=KILL)
    def who_is_nobodys_is_offered(self, which: int, to: int, kill: int | None) -> None:
        """The process director finds a team for a case of which the organisation stopped."""
        there = (self.world.region.nurse, self.world.roos, self.world.carla, self.world.cees)[to]
        self.fill(which, 0, "new_holder", {"receiver": f"{there.organisation_id}:{there.role}"}, kill)

    # -- time

    @rule(hours=st.sampled_from([1, 5, 26, 74, 216]), kill=KILL)
    def wait(self, hours: int, kill: int | None) -> None:
        self.clock.forward(hours=hours)
        try:
            with killed(self.database, kill):
                worker.run_once(self.database, self.clock())
        except Killed:
            pass
        for _ in range(40):
            if not worker.run_once(self.database, self.clock()):
                return
        raise AssertionError("the work of the night never ends")

    # -- how

    def attempt(
        self, verb: Callable[..., Any], *arguments: Any, by: Actor, kill: int | None = None, **more: Any
    ) -> Any:
        """Do it, after it was broken off once; None when it was refused."""
        if kill is not None:
            before = self.rows()
            try:
                with killed(self.database, kill):
                    self._once(verb, *arguments, by=by, **more)
            except Killed:
                assert self.rows() == before, "broken off half way"
        return self._once(verb, *arguments, by=by, **more)

    def _once(self, verb: Callable[..., Any], *arguments: Any, by: Actor, **more: Any) -> Any:
        try:
            return self.world.do(verb, *arguments, by=by, **more)
        except Doubtful as doubt:
            try:
                return self.world.do(verb, *arguments, by=by, **more, confirmed=frozenset(doubt.questions))
            except Refusal:
                return None
        except Refusal:
            return None

    def as_holder(self, verb: Callable[..., Any], which: int, *arguments: Any, **more: Any) -> Any:
        """As somebody of the team that holds the case, if there is anybody."""
        with self.database.reading() as session:
            case = session.get_one(Case, self.cases[which])
            team = self.active(session, case.holder_organisation_id, case.holder_role)
        return self.attempt(verb, self.cases[which], *arguments, by=team[0], **more) if team else None

    def active(self, session: Any, organisation_id: UUID | None, role: str | None) -> list[Actor]:
        """Who works in a team, of all people."""
        acting = select(RoleAssignment.id).join(Person, Person.id == RoleAssignment.person_id)
        team = acting.where(
            RoleAssignment.organisation_id == organisation_id, RoleAssignment.role == role,
            RoleAssignment.ended_at.is_(None), Person.active.is_(True),
        )  # fmt: skip
        here = set(session.scalars(team))
        return [one for one in (*self.people, *self.directing) if one.assignment_id in here]

    def live(self, which: int, form_key: str) -> Task | None:
        with self.database.reading() as session:
            found = processes.tasks_of(session, "case", self.cases[which], live_only=True)
        found = sorted(
            (one for one in found if one.form_key == form_key), key=lambda one: (one.opened_at, one.element_id)
        )
        return found[0] if found else None

    def hand_of(self, task: Task, who: int) -> Actor | None:
        with self.database.reading() as session:
            team = self.active(session, task.organisation_id, task.role)
        if task.status == "claimed":
            team = [one for one in team if one.person_id == task.claimed_by]
        return team[who % len(team)] if team else None

    def fill(self, which: int, who: int, form_key: str, answers: dict[str, Any], kill: int | None = None) -> None:
        """Take the task with this form, complete it, and press once more without having heard that it was done."""
        task = self.live(which, form_key)
        by = None if task is None else self.hand_of(task, who)
        if task is None or by is None:
            return
        if task.status == "open":
            task = self.attempt(method.claim_task, task.id, by=by)
        if task is None:
            return
        given: dict[str, Any] = {"answers": answers, "version": task.version, "by": by}
        if self.attempt(method.complete_task, task.id, **given, kill=kill) is not None:
            assert by.person_id is not None
            self.done[task.id] = by.person_id
            if kill is not None:
                assert self._once(method.complete_task, task.id, **given) is None, "done twice"

    def rows(self) -> dict[str, Counter[str]]:
        """Every row of every table."""
        with self.database.engine.connect() as connection:
            return {
                table.fullname: Counter(map(repr, connection.execute(select(literal_column("*")).select_from(table))))
                for table in schema.metadata().sorted_tables
            }

    # -- what holds after all of it

    @invariant()
    def everything_is_as_it_should_be(self) -> None:
        with self.database.reading() as session:
            for case in session.scalars(select(Case)):
                self._one_holder(session, case)
                offered = self._as_its_table_says(session, case)
                self._tasks_lie_where_they_should(session, case, offered)
                self._proved(session, case)
            self._nothing_lost(session)
            failed = session.scalars(select(Job.last_error).where(Job.last_error.is_not(None))).all()
            assert failed == []

    def _one_holder(self, session: Any, case: Case) -> None:
        assert (case.holder_organisation_id is None) == (case.holder_role is None) == case.is_closed
        assert case.is_closed or case.id not in self.closed
        if case.is_closed:
            self.closed.add(case.id)
            return
        team = (case.holder_organisation_id, case.holder_role)
        assert team in {(one.organisation_id, one.role) for one in cases.parties(session, case.id)}
        if case.holder_person_id is not None:
            assert case.holder_person_id in {one.person_id for one in self.active(session, *team)}

    def _as_its_table_says(self, session: Any, case: Case) -> Handover | None:
        found = list(session.scalars(select(Handover).where(Handover.case_id == case.id)))
        for one in found:
            said = session.scalars(
                select(LoggedChange.event).where(LoggedChange.subject_id == str(one.id)).order_by(LoggedChange.id)
            )
            road = [SAYS[name.removeprefix("handover.")] for name in said if name not in _MOVES_NOTHING]
            assert road[0] == HandoverStatus.PREPARED
            assert road[-1] == one.status, (road, one.status)
            for before, after in pairwise(road):
                assert after in TRANSITIONS[HandoverStatus(before)] or before == after == "prepared", road
            assert self.told.get(one.id, "prepared") in road
            self.told[one.id] = one.status
        open_ones = [one for one in found if one.is_open]
        assert len(open_ones) <= 1
        assert not (case.is_closed and open_ones)
        for one in open_ones:
            assert (one.from_organisation_id, one.from_role) == (case.holder_organisation_id, case.holder_role)
            assert organisations.organisation(session, one.to_organisation_id).active
        return open_ones[0] if open_ones else None

    def _tasks_lie_where_they_should(self, session: Any, case: Case, offered: Handover | None) -> None:
        live = processes.tasks_of(session, "case", case.id, live_only=True)
        assert not case.is_closed or live == []
        holder = (case.holder_organisation_id, case.holder_role)
        for task in live:
            where = (task.organisation_id, task.role)
            if task.form_key in _OF_FLOW:
                assert where != holder if task.form_key == "handover_answer" else where == holder, task.form_key
            if task.status == "claimed":
                assert task.claimed_by in {one.person_id for one in self.active(session, *where)}
        waiting = Counter(task.form_key for task in live if task.form_key in WAITS.values())
        if offered is None:
            assert not waiting, waiting
            return
        form = WAITS[offered.status]
        if offered.status == "prepared":  # or, on second thoughts, it is written anew
            again = any(task.form_key == "handover" for task in live)
            # Where the drawing of the case knows no handing over now, the holder was told what to do first.
            told = any(
                task.element_id == "organisation_stops" and task.opened_at >= offered.prepared_at
                for task in processes.tasks_of(session, "case", case.id)
            )
            assert waiting == {form: 1} or ((again or told) and set(waiting) <= {form}), (offered.status, waiting)
        else:
            assert waiting == {form: 1}, (offered.status, waiting)
        if form == "handover_answer":
            [task] = [one for one in live if one.form_key == form]
            assert (task.organisation_id, task.role) == (offered.to_organisation_id, offered.to_role)

    def _proved(self, session: Any, case: Case) -> None:
        accepted = [one for one in handovers.of_case(session, case.id) if one.status in handovers.TAKEN]
        receipts = packages.receipts_of(session, case.id)
        assert len(receipts) == len(accepted)
        for receipt in receipts:
            package = session.get_one(HandoverPackage, receipt.package_id)
            checked = packages.check(session, package, receipt)
            assert checked.holds, checked
            assert receipt.verdict != Verdict.BROKEN
            assert package.id == packages.latest(session, package.handover_id).id  # type: ignore[union-attr]
            if receipt.id in self.received:
                continue
            self.received.add(receipt.id)
            self._all_of_it_arrived(session, case, receipt)
        for one in accepted:
            assert any(session.get_one(HandoverPackage, two.package_id).handover_id == one.id for two in receipts)

    def _all_of_it_arrived(self, session: Any, case: Case, receipt: packages.HandoverReceipt) -> None:
        """Looked up anew by who accepted: each thing can be read, or the receipt names it as kept back."""
        [by] = [one for one in self.people if one.person_id == receipt.accepted_by]
        assert (case.holder_organisation_id, case.holder_role) == (by.organisation_id, by.role)
        lines = packages.receipt_items(session, receipt.id)
        named = {one.item_id for one in lines}
        for table, belongs in KEPT.items():
            there = set(session.scalars(select(table.id).where(belongs(case))))
            assert there <= named, (table.__name__, "is on no line of the receipt")
        gone = {ReceiptResult.REMOVED, ReceiptResult.ERASED, ReceiptResult.MISSING}
        arrived = {
            (one.kind, one.item_id, one.compartment) for one in lines if one.ground is None and one.result not in gone
        }
        view = method.case_view(session, case.id, by=by, at=self.clock())
        read = {("entry", entry.id, value.compartment) for entry in view.entries for value in entry.values}
        read |= {("comment", one.id, "") for one in method.comment_list(session, case.id, by=by, at=self.clock())}
        read |= {("attachment", one.id, "") for one in method.attachment_list(session, case.id, by=by, at=self.clock())}
        read |= {("consent", one.id, "") for one in view.consents}
        told = {
            (kind, item, compartment if kind == "entry" else "")
            for kind, item, compartment in arrived
            if kind in ("entry", "comment", "attachment", "consent")
        }
        assert told == {one for one in read if one[2] != "C5"}

    def _nothing_lost(self, session: Any) -> None:
        tasks = {one.id: one for one in session.scalars(select(Task).where(Task.id.in_(self.done)))}
        entries = Counter(session.scalars(select(Entry.task_id).where(Entry.task_id.is_not(None))))
        lines = Counter(session.scalars(select(LoggedChange.subject_id).where(LoggedChange.event == "task.completed")))
        for task_id in self.done:
            assert tasks[task_id].status == "completed"
            assert (entries[task_id], lines[str(task_id)]) == (1, 1)
        for table, ids in self.kept.items():
            assert ids <= set(session.scalars(select(table.id)))

    def teardown(self) -> None:
        with self.database.writing() as session:
            while logbook.seal(session, at=self.clock()):
                pass
        with self.database.reading() as session:
            assert logbook.verify(session).ok
        self.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"] if _LONG else ["sqlite"])
def test_in_whatever_order_a_case_has_one_holder_and_all_of_it_arrives(kind, request, tmp_path):
    seed = int(os.environ.get("STEUN_SEED", random.randrange(10**9)))
    print(f"STEUN_SEED={seed}")
    template = request.getfixturevalue(f"{'sqlite' if kind == 'sqlite' else 'postgres'}_template")
    if kind == "sqlite":
        folder = Path(mkdtemp(dir=tmp_path))
        url = copy_of(template, folder)

        def opened() -> tuple[Database, Callable[[], None]]:
            here = Path(mkdtemp(dir=tmp_path))
            database = Database(copy_of(Path(url.database), here), vault=VAULT, files=here / "files", house=True)

            def close() -> None:
                database.dispose()
                shutil.rmtree(here)

            return database, close
    else:
        running = server()
        name = running.create(template=template)
        request.addfinalizer(lambda: running.drop(name))
        url = running.url(name, APPLICATION)

        def opened() -> tuple[Database, Callable[[], None]]:
            mine = running.create(template=name)
            there = Path(mkdtemp(dir=tmp_path))
            database = Database(running.url(mine, APPLICATION), vault=VAULT, files=there, house=True)

            def close() -> None:
                database.dispose()
                running.drop(mine)

            return database, close

    machine = seeded(seed)(type("Handing", (Handing,), {"begun": Begun(url), "open": staticmethod(opened)}))
    examples = (30 if kind == "sqlite" else 10) if _LONG else 8
    run_state_machine_as_test(machine, settings=settings(max_examples=examples, stateful_step_count=25, deadline=None))
