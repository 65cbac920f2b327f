"""Words that are nowhere else, one in every text that was typed, and to whom each of them may be shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.api.matrix.world import MARKER, Known
from workflows import access, comments, emergencies, hubs, processes
from workflows.access import Readable, Scope
from workflows.actor import Actor
from workflows.cases import Case
from workflows.comments import Comment
from workflows.db import Database
from workflows.dossier import Entry, EntryValue
from workflows.emergencies import EmergencyAccess
from workflows.errors import Refusal
from workflows.families import FamilyMember, MemberKind
from workflows.method.facts import case_facts, task_facts
from workflows.plans import SupportAction
from workflows.processes import Draft, Task, TaskNote


@dataclass(frozen=True)
class Word:
    """Where a marker was typed."""

    kind: str  #: the compartment of an answer, or what else it is
    where: str
    case_id: UUID | None = None
    organisation_id: UUID | None = None
    author_id: UUID | None = None
    action_of: UUID | None = None
    is_name: bool = False
    is_feedback: bool = False
    role: str | None = None


class Canaries:
    """Finds markers in answers that are not for who asked."""

    def __init__(self, database: Database, known: Known, at: datetime) -> None:
        self.people, self.cases, self.at = known.people, known.cases, at
        with database.reading() as session:
            self.all: dict[str, Word] = dict(_words(session))
            self.allowed = {name: self._allowed(session, actor) for name, actor in self.people.items()}

    def known(self, said: str) -> set[str]:
        """Markers in a text."""
        return {found.lower() for found in MARKER.findall(said)} & self.all.keys()

    def kinds(self) -> set[str]:
        """Everything in which a marker was typed."""
        return {word.kind for word in self.all.values()}

    def leaks(self, said: str, who: str, database: Database) -> list[str]:
        """Markers that *who* should not have met, with where they come from. What the very request opened counts."""
        strange = self.known(said) - self.allowed[who]
        if strange:
            with database.reading() as session:
                if session.get_bind().dialect.name == "postgresql":
                    session.execute(text("SELECT set_config('steun.scope', 'house', true)"))
                strange -= self._allowed(session, self.people[who])
        return [f"{marker}, {self.all[marker].kind} of {self.all[marker].where}" for marker in sorted(strange)]

    def _allowed(self, session: Session, by: Actor) -> set[str]:
        readable = {case_id: self._readable(session, case_id, by) for case_id in self.cases.values()}
        seen = {case_id: self._comments(session, case_id, readable[case_id], by) for case_id in readable}
        reviews = self._reviews(session, by)
        table = self._at_the_table(session, by)
        return {
            marker for marker, word in self.all.items() if self._may(word, marker, by, readable, seen, reviews, table)
        }

    def _readable(self, session: Session, case_id: UUID, by: Actor) -> list[Readable]:
        case = session.get(Case, case_id)
        assert case is not None
        found = [access.visible(by, case_facts(session, case, by=by, at=self.at))]
        for task in processes.tasks_of(session, "case", case_id):
            if task.claimed_by == by.person_id or task.completed_by == by.person_id:
                found.append(access.visible(by, task_facts(session, task, by=by, at=self.at)))
        opened = emergencies.running(session, case_id, by=by, at=self.at)
        if opened is not None:
            found.append(Readable(read=access.EMERGENCY_READS[by.role]))
        if by.role == "protection_officer":
            files = session.execute(
                text("SELECT 1 FROM safety_files WHERE case_id = :c AND organisation_id = :o"),
                {"c": _raw(session, case_id), "o": _raw(session, by.organisation_id)},
            ).first()
            if files:
                found.append(access.visible(by, access.Facts(safety_own_org=True)))
        return found

    def _comments(self, session: Session, case_id: UUID, readable: list[Readable], by: Actor) -> set[str]:
        found: set[str] = set()
        for one in readable:
            if one.read:
                for said in comments.of_case(session, case_id, readable=one, by=by):
                    found |= {marker.lower() for marker in MARKER.findall(said.text)}
        return found

    def _reviews(self, session: Session, by: Actor) -> bool:
        query = select(Task.id).where(
            Task.subject_kind == "emergency_review", Task.organisation_id == by.organisation_id, Task.role == by.role
        )
        return session.scalars(query.limit(1)).first() is not None

    def _at_the_table(self, session: Session, by: Actor) -> set[str]:
        found: set[str] = set()
        for meeting in session.scalars(select(hubs.HubMeeting)):
            try:
                agenda = hubs.agenda(session, meeting.id, by=by, at=self.at)
            except Refusal:
                continue
            found |= {marker.lower() for marker in MARKER.findall(str(agenda))}
        return found

    def _may(
        self,
        word: Word,
        marker: str,
        by: Actor,
        readable: dict[UUID, list[Readable]],
        seen: dict[UUID, set[str]],
        reviews: bool,
        table: set[str],
    ) -> bool:
        if word.kind == "draft":
            return word.author_id == by.person_id
        if word.kind == "note":  # between colleagues
            return (word.organisation_id, word.role) == (by.organisation_id, by.role)
        if word.kind == "emergency":
            return reviews
        if marker in table:
            return True
        if word.case_id is None:  # what is about safety, in a run of its own
            return by.role == "protection_officer" and word.organisation_id == by.organisation_id
        if word.kind == "comment":
            return marker in seen[word.case_id]
        for one in readable.get(word.case_id, []):
            if word.is_feedback and one.read.get("C6") == Scope.STATUS_AND_FEEDBACK:
                return True
            if word.kind == "partner" and word.organisation_id == by.organisation_id and "C0" in one.read:
                return True  # what a team noted itself of the partner, it can see and mend
            own, author = word.organisation_id == by.organisation_id, word.author_id == by.person_id
            if word.kind in access.COMPARTMENTS and one.reads(word.kind, own_organisation=own, author=author):
                return True
            if word.is_name and "C0" in one.read:
                return True
            if word.action_of == by.organisation_id and word.action_of is not None and "C6" in one.read:
                return True
        return False


def _words(session: Session) -> Iterator[tuple[str, Word]]:
    actions = {one.what.lower(): one.organisation_id for one in session.scalars(select(SupportAction))}
    for value, entry in session.execute(select(EntryValue, Entry).join(Entry, Entry.id == EntryValue.entry_id)):
        for marker in MARKER.findall(str(value.value)):
            yield (
                marker.lower(),
                Word(
                    value.compartment,
                    f"{entry.form_key}.{value.field}",
                    entry.case_id,
                    entry.organisation_id,
                    entry.author_id,
                    action_of=actions.get(str(value.value).lower()),
                    is_name=re.search("name$", value.field) is not None and value.compartment == "C0",
                    is_feedback=entry.form_key == "feedback",
                ),
            )
    for comment in session.scalars(select(Comment)):
        for marker in MARKER.findall(comment.text):
            yield (
                marker.lower(),
                Word("comment", "a comment", comment.case_id, comment.organisation_id, comment.author_id),
            )
    for note in session.scalars(select(TaskNote)):
        for marker in MARKER.findall(note.text):
            yield (
                marker.lower(),
                Word("note", "a note", note.case_id, note.organisation_id, note.author_id, role=note.role),
            )
    for draft in session.scalars(select(Draft)):
        for marker in MARKER.findall(str(draft.answers)):
            yield marker.lower(), Word("draft", "a draft", author_id=draft.person_id)
    for opened in session.scalars(select(EmergencyAccess)):
        for marker in MARKER.findall(opened.explanation):
            yield marker.lower(), Word("emergency", "an emergency", opened.case_id)
    partners = select(FamilyMember, Case).join(Case, Case.family_id == FamilyMember.family_id)
    for member, case in session.execute(partners.where(FamilyMember.kind == MemberKind.PARTNER)):
        for marker in MARKER.findall(f"{member.name} {member.safe_contact_detail}"):
            yield (
                marker.lower(),
                Word("partner", "the partner", case.id, member.organisation_id or case.signaller_organisation_id),
            )


def _raw(session: Session, identity: UUID | None) -> object:
    if identity is None:
        return None
    return identity if session.get_bind().dialect.name == "postgresql" else identity.hex
