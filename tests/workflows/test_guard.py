"""Consents, roles, withdrawals, blocks and reads in any order: nobody reads a field without a right to it, and nothing
is read without a line. What is right is said here once more, from the rows themselves and the table of the method."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from engine.clock import local_date
from tests.conftest import VAULT, Clock, copy_of
from tests.workflows import handing, path
from tests.workflows.handing import World
from workflows import consent, method, organisations, worker
from workflows.actor import Actor
from workflows.cases import Case, CaseBlock, CaseParty
from workflows.consent import Consent
from workflows.db import Database
from workflows.dossier import Entry
from workflows.errors import NotAllowed, Refusal
from workflows.families import FamilyMember
from workflows.logbook import LoggedRead

#: domain.md §8.3: what a role may read of what others recorded, when the family agreed to that kind for that purpose.
MAY = {
    "explorer": {"C0", "C1", "C2", "C3", "C4", "C6", "C7", "C8", "C9", "C10"},
    "case_director": {"C0", "C1", "C2", "C3", "C4", "C6", "C7", "C8", "C9", "C10"},
}
WHAT_FOR = {"explorer": {"exploration", "handover"}, "case_director": {"support_action", "handover"}}
#: Asked about one by one; the rest needs some yes.
ASKED = {"C0", "C1", "C2", "C3", "C4", "C7", "C8"}
KINDS = ["youth_health", "municipality", "midwifery_practice", "welfare"]


class Going(RuleBasedStateMachine):
    """Offers, answers, withdrawals, claims, leases that end, and people and organisations that leave, in any order."""

    @initialize()
    def begin(self) -> None:
        self.clock = Clock(datetime(2026, 11, 3, 8, 30, tzinfo=UTC))
        self.database = Database(copy_of(_template[0], Path(mkdtemp(dir=_template[1]))), vault=VAULT, house=True)
        self.world = World(self.database, self.clock)
        region = self.world.region
        self.people = [
            region.midwife,
            region.midwife2,
            region.nurse,
            region.nurse2,
            self.world.roos,
            self.world.carla,
            self.world.cees,
        ]
        self.case_id = self.world.begun()
        self.world.allow(self.case_id)

    def attempt(self, verb, *arguments, **more) -> None:
        with contextlib.suppress(Refusal):
            self.world.do(verb, *arguments, **more)

    @rule(which=st.integers(0, 9), who=st.integers(0, 6))
    def claim_or_release(self, which, who) -> None:
        by = self.people[who]
        found = self.world.look(method.work_list, by=by).items
        cards = sorted(found, key=lambda card: (card.name, card.element_id, card.opened_at, card.status))
        if cards:
            card = cards[which % len(cards)]
            self.attempt(method.release_task if card.mine else method.claim_task, card.id, by=by)

    @rule(who=st.integers(0, 6), to=st.integers(0, 6))
    def offer(self, who, to) -> None:
        self.do_task(who, "handover", handing.offer(self.people[to]))
        self.do_task(who, "handover_offer", handing.SENT)

    @rule(who=st.integers(0, 6), yes=st.booleans())
    def answer(self, who, yes) -> None:
        self.do_task(who, "handover_answer", handing.ACCEPTED if yes else handing.REFUSED)

    @rule(who=st.integers(0, 6))
    def spoke_the_parent(self, who) -> None:
        self.do_task(who, "handover_contact", {"first_contact_on": local_date(self.clock()).isoformat()})

    def do_task(self, who, form_key, answers) -> None:
        by = self.people[who]
        for card in self.world.look(method.work_list, by=by).items:
            if card.form_key == form_key:
                with contextlib.suppress(Refusal):
                    task = card if card.mine else self.world.do(method.claim_task, card.id, by=by)
                    self.world.complete(task, by, answers)
                return

    @rule(who=st.integers(0, 6))
    def withdraw_offer(self, who) -> None:
        self.attempt(method.withdraw_handover, self.case_id, by=self.people[who])

    @rule(purpose=st.sampled_from(["exploration", "support_action"]))
    def withdraw_consent(self, purpose) -> None:
        with self.database.reading() as session:
            given = [one for one in consent.of_case(session, self.case_id) if one.purpose == purpose and one.is_yes]
        for one in given:
            self.attempt(method.withdraw_consent, one.id, by=self.world.region.midwife)

    @rule(who=st.integers(0, 6))
    def leave(self, who) -> None:
        self.attempt(method.deactivate_person, self.people[who].person_id, by=self.world.region.administrator)

    @rule(who=st.integers(0, 6))
    def end_role(self, who) -> None:
        self.attempt(method.end_role, self.people[who].assignment_id, by=self.world.region.administrator)

    @rule(which=st.sampled_from(["youth_health", "roermond", "access_team", "practice"]))
    def stop(self, which) -> None:
        found = getattr(self.world.region, which, None) or getattr(self.world, which)
        self.attempt(method.deactivate_organisation, found.id, by=self.world.region.administrator)

    @rule(hours=st.sampled_from([1, 30, 80]))
    def wait(self, hours) -> None:
        worker.plan_standing_jobs(self.database, self.clock())
        self.clock.forward(hours=hours)
        worker.run_once(self.database, self.clock())

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.dispose()


_template: list[Path] = []


class Guarded(Going):
    """As people come and go, the family agrees, takes it back and closes the case to somebody; and everybody looks."""

    @initialize()
    def begin(self) -> None:
        super().begin()
        self.turn = 0
        region = self.world.region
        self.everybody = [
            *self.people,
            region.other_midwife,
            region.process_director,
            region.coordinator,
            region.administrator,
            region.protection_officer,
            region.youth_protection_officer,
        ]

    @rule(
        who=st.integers(0, 6),
        kind=st.sampled_from(KINDS),
        allowed=st.booleans(),
        purposes=st.sets(st.sampled_from(["hub_meeting", "support_action"]), min_size=1),
        categories=st.sets(st.sampled_from(["C0", "C1", "C2", "C3", "C4", "C6", "C7"]), min_size=1),
    )
    def agree(self, who, kind, allowed, purposes, categories) -> None:
        answers = path.support_consent_answers(kind)
        row = {"recipient_kind": kind, "allowed": "yes" if allowed else "no"}
        if allowed:
            row |= {"purposes": sorted(purposes), "categories": sorted(categories)}
        answers["sharing"] = [row]
        self.attempt(method.record_consent, self.case_id, answers=answers, by=self.people[who])

    @rule(who=st.integers(0, 6), whom=st.integers(0, 6))
    def close_to(self, who, whom) -> None:
        person_id = self.people[whom].person_id
        self.attempt(method.block_person, self.case_id, person_id=person_id, reason="neighbour", by=self.people[who])

    @rule(who=st.integers(0, 6))
    def explore(self, who) -> None:
        self.do_task(who, "exploration", path.exploration_answers(self.clock()))

    @rule()
    def look(self) -> None:
        for by in self.everybody:
            self.looks(by)

    def looks(self, by: Actor) -> None:
        before = self.lines(by)
        try:
            seen = self.world.look(method.case_view, self.case_id, by=by)
        except Refusal:
            return
        assert self.lines(by) == before + 1, "a read without a line"
        with self.database.reading() as session:
            right = Right(session, self.case_id, by, self.clock())
            assert right.related, f"{by.role} has no part in it"
            for entry in seen.entries:
                recorded = session.get_one(Entry, entry.id)
                for value in entry.values:
                    assert right.reads(recorded, value.compartment), (by.role, entry.form_key, value.field)
            for member in seen.members:
                assert member.postcode is None or right.reads_identity(), (by.role, "postcode")

    @rule(who=st.integers(0, 12), which=st.integers(0, 9))
    def look_at_a_task(self, who, which) -> None:
        by = self.everybody[who]
        cards = self.world.look(method.work_list, by=by).items
        for card in cards:
            assert card.mine or card.case_number is None, "a card that says which family"
        if not cards:
            return
        card = sorted(cards, key=lambda one: (one.element_id, one.opened_at, one.status))[which % len(cards)]
        before = self.lines(by)
        try:
            seen = self.world.look(method.task_view, card.id, by=by)
        except Refusal:
            return
        if seen.form is None:
            assert (seen.case, seen.members, seen.answers) == (None, (), {})
            return
        assert self.lines(by) == before + 1, "a read without a line"
        with self.database.reading() as session:
            right = Right(session, self.case_id, by, self.clock())
            assert right.related
            assert not any(member.postcode for member in seen.members) or right.reads_identity()

    @invariant()
    def nobody_is_shown_a_list_they_have_no_part_in(self) -> None:
        if not hasattr(self, "case_id"):
            return
        for by in self.everybody[-6:]:
            listed = {card.id for card in self.world.look(method.case_list, by=by).items}
            with self.database.reading() as session:
                assert self.case_id not in listed or Right(session, self.case_id, by, self.clock()).related

    @invariant()
    def nobody_finds_what_they_may_not_see(self) -> None:
        if not hasattr(self, "case_id"):
            return
        with self.database.reading() as session:
            number = session.get_one(Case, self.case_id).number
        for text in (number, "Noor Voorbeeld", "voorbeld"):
            for by in (self.people[self.turn % len(self.people)], self.everybody[-1 - self.turn % 6]):
                try:
                    hits = self.world.look(method.search_cases, text, by=by).hits
                except NotAllowed:
                    continue
                for hit in hits:
                    seen = self.world.look(method.case_view, hit.case.id, by=by)
                    shown = {one.member.name for one in hit.found if one.member is not None}
                    assert shown <= {member.name for member in seen.members}
        self.turn += 1

    def lines(self, by: Actor) -> int:
        with self.database.reading() as session:
            query = select(func.count()).select_from(LoggedRead)
            return session.scalar(query.where(LoggedRead.person_id == by.person_id)) or 0


class Right:
    """What somebody may read of a case at a moment, from the rows themselves. Whether they still work there is the door's
    to look up, and tested there."""

    def __init__(self, session: Any, case_id: UUID, by: Actor, at: datetime) -> None:
        self.session, self.case_id, self.by, self.at = session, case_id, by, at
        case = session.get_one(Case, case_id)
        self.signallers = case.signaller_organisation_id
        blocked = session.scalar(
            select(CaseBlock.id).where(
                CaseBlock.case_id == case_id, CaseBlock.person_id == by.person_id, CaseBlock.until_at.is_(None)
            )
        )
        part = session.scalar(
            select(CaseParty.id).where(
                CaseParty.case_id == case_id,
                CaseParty.organisation_id == by.organisation_id,
                CaseParty.role == by.role,
                CaseParty.until_at.is_(None),
            )
        )
        holds = (case.holder_organisation_id, case.holder_role) == (by.organisation_id, by.role)
        self.related = blocked is None and (part is not None or holds)

    def reads(self, entry: Entry, compartment: str) -> bool:
        own = entry.organisation_id == self.by.organisation_id
        if compartment == "C5":
            return own
        if own:
            return True
        if self.by.role == "signaller":
            return entry.form_key == "feedback" and bool(self.agreed({"feedback"}))
        if compartment not in MAY.get(self.by.role, set()):
            return False
        agreed = self.agreed(WHAT_FOR[self.by.role])
        return compartment in agreed if compartment in ASKED else bool(agreed)

    def reads_identity(self) -> bool:
        own = self.by.organisation_id == self.signallers and self.by.role == "signaller"
        return own or "C0" in self.agreed(WHAT_FOR.get(self.by.role, {"support_action"}))

    def agreed(self, purposes: set[str]) -> set[str]:
        """For one purpose at a time: the last word of each member about each kind of data; a no of one is a no."""
        kind = organisations.organisation(self.session, self.by.organisation_id).type
        found: set[str] = set()
        for purpose in purposes:
            last: dict[tuple[UUID, str], tuple[bool, bool]] = {}
            for one, partner in self.session.execute(
                select(Consent, FamilyMember.kind == "partner")
                .join(FamilyMember, FamilyMember.id == Consent.subject_id)
                .where(Consent.case_id == self.case_id, Consent.purpose == purpose)
                .order_by(Consent.ordinal)
            ):
                named = one.recipient_organisation_id
                if named == self.by.organisation_id or (named is None and one.recipient_kind == kind):
                    yes = one.given and one.withdrawn_at is None
                    runs = one.valid_until is None or self.at < one.valid_until
                    last[one.subject_id, "C8" if partner else one.category] = (yes, runs)
            no = {category for (_, category), (yes, _) in last.items() if not yes}
            found |= {category for (_, category), (yes, runs) in last.items() if yes and runs} - no
        return found


def test_nobody_reads_a_field_without_a_right_or_without_a_line(sqlite_template, tmp_path):
    _template[:] = [sqlite_template, tmp_path]
    examples = max(8, settings.default.max_examples // 3)
    run_state_machine_as_test(Guarded, settings=settings(max_examples=examples, stateful_step_count=25, deadline=None))
