"""A family that is explored, with two parents who log in: for tests of the page of the family."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.clock import local_date
from tests import builders
from tests.stories import told
from tests.workflows import path
from tests.workflows.families_world import member_answers
from workflows import cases, consent, families, logbook, method, parents, settings
from workflows.actor import OPERATOR, Actor
from workflows.db import Database
from workflows.method.effects import concern_for_safety


class Family(path.World):
    """A family that is explored: two parents who log in, and the nurse who holds their case."""

    @told
    def __init__(self, database: Database, clock: Callable[[], datetime], around: path.World | None = None) -> None:
        """In a region of its own, or in that of *around*."""
        if around is None:
            super().__init__(database, clock)
        else:
            vars(self).update(vars(around))
        clock = self.clock
        midwife, self.nurse = self.region.midwife, self.region.nurse
        task = self.start()
        self.complete(task, midwife, builders.signal_answers(clock()))
        for _ in range(2):
            self.do_next(midwife)
        self.case_id: UUID = task.subject_id
        self.other = self.do(method.record_member, self.case_id, answers=member_answers("partner"), by=midwife).id
        exploration = self.claim(self.nurse, "exploration")
        self.complete(exploration, self.nurse, path.exploration_answers(clock()))
        known = self.look(method.client_log_subjects, self.case_id, by=self.nurse)
        self.mother_id = next(one.id for one in known if one.kind == "pregnant_person")
        self.look(method.case_view, self.case_id, by=self.nurse)
        self.father = self.parent(self.other, "other_parent")
        if around is None:
            self.mother = self.parent(self.mother_id, "parent")

    def invite(self, member_id: UUID) -> parents.Invitation:
        """The paper that somebody of the family gets."""
        with self.database.writing() as session:
            member = session.get_one(families.FamilyMember, member_id)
            families.set_partner_involved(session, member.family_id, "yes", by=OPERATOR, at=self.clock())
            return parents.invite(
                session,
                member,
                identity_check="known",
                case_id=self.case_id,
                by=self.nurse,
                at=self.clock(),
                cost=builders.CHEAP,
            )

    def parent(self, member_id: UUID, role: str) -> Actor:
        """Somebody of the family who logged in, as the door establishes it."""
        return Actor(self.invite(member_id).link.person_id, None, None, role, origin="page", second_factor=True)

    def sees(self, verb, *arguments: Any, by: Actor | None = None, **more: Any) -> Any:
        return self.look(verb, *arguments, by=by or self.mother, **more)

    def acts(self, verb, *arguments: Any, by: Actor | None = None, **more: Any) -> Any:
        return self.do(verb, *arguments, by=by or self.mother, **more)

    def concern(self) -> None:
        """Everything about safety that can happen beside a case: a file, a report, somebody who looks after it."""
        at, region = self.clock(), self.region
        with self.database.writing() as session:
            case = cases.lock(session, self.case_id)
            written = builders.entry(session, case, self.nurse, at, "safety_response")
            concern_for_safety(session, case, written, {"safety_concern": "yes"}, by=self.nurse, at=at)
            consent.hand_out(
                session, case_id=self.case_id, recipient_kind="safe_home", ground="right_to_report", categories=["C0", "C5"],
                subject_ids=[self.mother_id], because=consent.Because("ground", self.case_id), by=self.nurse, at=at,
            )  # fmt: skip
            logbook.read(
                session, "safety.viewed", "case", self.case_id, case_id=self.case_id, by=region.youth_protection_officer,
                at=at, purpose="safety", rule="safety",
            )  # fmt: skip

    def other_agrees(self) -> None:
        """The other parent agrees that who explores knows him too: what they receive is written down anew."""
        at = self.clock()
        with self.database.writing() as session:
            case = cases.lock(session, self.case_id)
            consent.record(
                session, case_id=case.id, subject_id=self.other, recipient_kind="youth_health", purpose="exploration",
                categories=["C0", "C1"], given_by="self", form="oral", information_given=consent.EXPLAINED,
                text_version="2026-1", by=self.nurse, at=at,
            )  # fmt: skip
            because = consent.Because(consent.DisclosureCause.CONSENT, case.id)
            cases.follow_consent(session, case, because=because, by=self.nurse, at=at)

    def switch_on(self, *languages: str) -> None:
        """The region offers these languages."""
        with self.database.writing() as session:
            for one in languages:
                settings.put(
                    session, f"family.language_{one}", 1, valid_from=local_date(self.clock()), source="In de proef nagekeken",
                    by=self.region.administrator, at=self.clock(),
                )  # fmt: skip

    def group(self, purpose: str = "exploration") -> method.ConsentGroup:
        [found] = [one for one in self.sees(method.family_consents) if one.purpose == purpose]
        return found

    def tasks(self, by: Actor) -> list[str]:
        return [card.name for card in self.look(method.work_list, by=by).items]
