"""Everything that belongs to a family, kind by kind: what a package is made of, and who can see which of it.

Of each kind there is one reader here. A table that hangs on a case or a family and has none stands in :data:`BESIDE`, with
why; a test looks at every table, so nothing new is forgotten. Whether somebody sees an item is asked of what the pages ask:
no rule of access is written here a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from workflows import access, attachments, cases, comments, consent, families, plans, processes, rights
from workflows.access import ADDRESS, GROUNDS, MATRIX, Facts, Readable, Scope
from workflows.actor import Actor
from workflows.cases import Case
from workflows.consent import CaseGround, Consent, Disclosure
from workflows.dossier import Entry, EntryValue
from workflows.emergencies import EmergencyAccess
from workflows.evaluations import Evaluation, GoalRating
from workflows.families import Authority, DueDate, FamilyMember, MemberKind, Pregnancy
from workflows.handovers import Handover
from workflows.hubs import AgendaItem, HubMeeting, Invitation
from workflows.jobs import Job, JobStatus
from workflows.method.facts import may_know_handover
from workflows.method.family_events import decides, may_know_due_date
from workflows.method.ground_views import may_know_ground
from workflows.method.reading import may_know_task, member_views, readable_entries
from workflows.method.sharing import may_know, may_read
from workflows.method.support import reads_plan
from workflows.method.views import MemberView
from workflows.packages import WithheldBecause
from workflows.plans import SupportAction, SupportGoal, SupportPlan
from workflows.processes import TaskNote

#: About safety: in no package, whoever gets it, and counted nowhere.
UNSAID: Final = "C5"
#: Forms of tasks that are the handing over itself.
_OF_HANDOVER: Final = "handover"
#: That somebody asked for the case, and what the holder answered, stays with the team that was asked.
_OF_TEAM: Final = "pull_answer"
#: Jobs by which something happens to a family by itself on a day.
_TERMS: Final = ("run_timer", "consent_ends", "ground_ends", processes.TASK_TERM)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody looking at a case, with all that the pages decide by."""

    by: Actor
    facts: Facts
    readable: Readable
    members: Mapping[UUID, MemberView]
    answers: frozenset[tuple[UUID, str, int]]  #: entry, field and place of every answer that can be read
    comments: frozenset[UUID]
    kinds: Mapping[UUID, str]  #: of everybody in the family

    @property
    def follows(self) -> bool:
        """Whether how the case goes on may be followed, whatever it is about."""
        return self.facts.holder or self.readable.follows

    def why_not(self, compartment: str) -> WithheldBecause:
        """In one word, why something of this kind that cannot be read cannot. Decides nothing."""
        grant = MATRIX.get(self.by.role, {}).get(compartment)
        scope = self.readable.read.get(compartment)
        if self.facts.blocked:
            return WithheldBecause.CLOSED_TO_THEM
        if compartment == "C8":
            return WithheldBecause.OTHER_PARENT
        if grant is None or grant.read is None:
            return WithheldBecause.NOT_THIS_ROLE
        if grant.consent and (scope is None or (grant.read == Scope.ALL and scope != Scope.ALL)):
            return WithheldBecause.NO_CONSENT
        return WithheldBecause.OWN_ORGANISATION if scope in (Scope.OWN, Scope.AUTHOR) else WithheldBecause.NOT_THIS_ROLE


def viewer(
    session: Session, case: Case, facts: Facts, *, by: Actor, at: datetime, but: frozenset[UUID] | None = None
) -> Viewer:
    """*by*, of whom *facts* are true, in front of a case.

    Args:
        but: who said no to a reader that is of no organisation here; None: asked of the organisation of *by*.
    """
    readable = access.visible(by, facts)
    family = [] if case.family_id is None else families.members(session, case.family_id)
    entries = readable_entries(session, case, facts=facts, readable=readable, by=by)
    return Viewer(
        by=by,
        facts=facts,
        readable=readable,
        members={
            one.id: one
            for one in member_views(session, case, readable, by, at=at, in_need=but is not None)
            if one.id not in (but or ())
        },
        answers=frozenset((entry.id, one.field, one.position) for entry in entries for one in entry.values),
        comments=frozenset(one.id for one in comments.of_case(session, case.id, readable=readable, by=by)),
        kinds={one.id: one.kind for one in family},
    )


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that belongs to a family. ``sees``: None for a viewer who can read it, else why not."""

    kind: str
    id: UUID
    moment: datetime | None
    compartment: str
    content: Mapping[str, Any]
    sees: Callable[[Viewer], WithheldBecause | None]
    part: int = 0
    member_id: UUID | None = None
    frozen: bool = True
    """Whether it goes into a package made now; what is over is looked up only to compare."""

    @property
    def key(self) -> tuple[str, UUID, str, int]:
        """What it is found back by."""
        return (self.kind, self.id, self.compartment, self.part)


#: Reads every item of one kind; the viewer is the receiver, whose cut decides how an answer is divided.
Reader = Callable[[Session, Case, Viewer], Iterable[Item]]


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind is read, and which tables it is read of."""

    tables: frozenset[str]
    read: Reader
    fleeting: bool = False
    """Its rows come and go by themselves: what is not there any more happened, and is not lost."""


@dataclass(slots=True)
class _Registry:
    kinds: dict[str, Kind] = field(default_factory=dict)

    def __call__(self, name: str, *tables: str, fleeting: bool = False) -> Callable[[Reader], Reader]:
        def add(read: Reader) -> Reader:
            self.kinds[name] = Kind(frozenset(tables), read, fleeting)
            return read

        return add


_kind = _Registry()
#: Kind → how it is read, in the order in which a package tells of them.
KINDS: Final[Mapping[str, Kind]] = _kind.kinds

#: Every other table that reaches a case or a family, and why it is not in a package.
BESIDE: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("safety_files", "safety_notes"),
        "safety is kept by each organisation for itself: told to nobody else, also not by a count",
    ),
    **dict.fromkeys(
        ("emergency_reviews", "emergency_attempts"), "an organisation looks back at its own people; not of the family"
    ),
    **dict.fromkeys(("families", "name_keys"), "ids and keys by which members are found; the members are items"),
    "parent_links": "how the family itself logs in: stays theirs, whoever holds the case",
    "case_requests": "that somebody asked for a family, closed, and never for which case",
    "bsns": "to nobody is told whether there is one; who may use the number asks for it, with a line of its own",
    **dict.fromkeys(("drafts", "undo_states"), "what somebody is typing, or may still undo: theirs alone"),
    **dict.fromkeys(
        ("signals", "explorations"), "codes by which rooms find an entry; the entry is an item, with all that it says"
    ),
    "outside_handovers": "a cut of what are items here, made for somebody else; that it left the house is an item: disclosure",
    "match_questions": "asks whether two cases are one: says that there is another family",
    **dict.fromkeys(
        ("runs", "steps"), "where the drawing stands, in ids; what there is to do, and when, are items: task and term"
    ),
    "topic_locks": "which program is at a step just now, in codes; that there is a step is an item: task",
    **dict.fromkeys(("case_keepers", "destruction_decisions"), "of a case that is closed, which nobody hands over"),
    **dict.fromkeys(
        ("log_changes", "log_reads"),
        "what was done and who looked: goes on under the case, whoever holds it, and cannot change",
    ),
    **dict.fromkeys(
        ("notifications", "notification_marks", "alarms"),
        "what people who work here are told, in codes; not of the family",
    ),
    **dict.fromkeys(
        ("handover_packages", "package_items", "handover_receipts", "receipt_items"), "what these packages are kept in"
    ),
}


# --- who the case is about


@_kind("case", "cases")
def _case(_session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    told = {
        name: getattr(case, name) for name in ("number", "opened_at", "under_way_since", "signaller_organisation_id")
    }
    yield Item("case", case.id, case.opened_at, "C0", told, _with_case)


@_kind("status", "case_status_changes")
def _statuses(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    for one in cases.status_history(session, case.id):
        told = {"status": one.status, "at": one.at, "by": one.by, "ordinal": one.ordinal}
        yield Item("status", one.id, one.at, "C6", told, _with_case)


@_kind("member", "family_members")
def _members(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    for one in [] if case.family_id is None else families.members(session, case.family_id):
        compartment = "C8" if one.kind == MemberKind.PARTNER else "C0"
        told = {
            name: getattr(one, name)
            for name in (
                "kind", "name", "birth_date", "preferred_language", "interpreter_needed", "reading_support",
                "safe_contact", "shielded_address",
            )
        }  # fmt: skip
        yield Item("member", one.id, None, compartment, told, _sees_member(one, compartment), member_id=one.id)
        if one.postcode or one.safe_contact_detail:
            where = {
                name: getattr(one, name)
                for name in ("postcode", "municipality_code", "living_situation", "safe_contact_detail")
            }
            yield Item(
                "address",
                one.id,
                None,
                compartment,
                where,
                _sees_member(one, compartment, where=True),
                member_id=one.id,
            )


def _sees_member(
    one: FamilyMember, compartment: str, *, where: bool = False
) -> Callable[[Viewer], WithheldBecause | None]:
    def sees(viewer: Viewer) -> WithheldBecause | None:
        shown = viewer.members.get(one.id)
        if shown is None and "C0" in viewer.readable.compartments:
            return WithheldBecause.NO_CONSENT  # was asked, and does not want to be shared with them
        if shown is None or shown.version is None:
            return viewer.why_not(compartment)
        return WithheldBecause.SHIELDED_ADDRESS if where and shown.address_withheld else None

    return sees


@_kind("pregnancy", "pregnancies")
def _pregnancies(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    for one in session.scalars(select(Pregnancy).where(Pregnancy.family_id == case.family_id)):
        told = {name: getattr(one, name) for name in ("multiple", "parity", "ended_at", "ended_by")}
        yield Item("pregnancy", one.id, None, "C1", told, _due_date_of(case))


@_kind("due_date", "due_dates")
def _due_dates(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    query = select(DueDate).join(Pregnancy, Pregnancy.id == DueDate.pregnancy_id)
    for one in session.scalars(query.where(Pregnancy.family_id == case.family_id)):
        told = {name: getattr(one, name) for name in ("due_date", "certainty", "recorded_at", "ordinal")}
        yield Item("due_date", one.id, one.recorded_at, "C1", told, _due_date_of(case))


def _due_date_of(case: Case) -> Callable[[Viewer], WithheldBecause | None]:
    return lambda one: None if may_know_due_date(case, one.readable, one.by) else one.why_not("C1")


@_kind("authority", "authorities")
def _authorities(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    for one in [] if case.family_id is None else families.authorities(session, case.family_id):
        told = {
            name: getattr(one, name)
            for name in ("child_id", "member_id", "kind", "from_on", "until_on", "checked", "recorded_at")
        }
        yield Item("authority", one.id, one.recorded_at, "C0", told, _sees_authority(one), member_id=one.child_id)


def _sees_authority(one: Authority) -> Callable[[Viewer], WithheldBecause | None]:
    def sees(viewer: Viewer) -> WithheldBecause | None:
        seen = decides(tuple(viewer.members.values()))
        both = one.child_id in seen and (one.member_id is None or one.member_id in seen)
        return None if both else viewer.why_not("C0")

    return sees


# --- what was written down


@_kind("entry", "entries", "entry_values")
def _entries(session: Session, case: Case, viewer: Viewer) -> Iterator[Item]:
    """Answers of one form in one compartment; in two parts when the receiver reads only some of them."""
    partners = [one for one, kind in viewer.kinds.items() if kind == MemberKind.PARTNER]
    query = select(Entry).where(Entry.case_id == case.id).options(selectinload(Entry.values))
    for entry in session.scalars(query.where(Entry.form_key != _OF_TEAM)):
        found: dict[tuple[str, int], list[EntryValue]] = {}
        for value in entry.values:
            if value.compartment != UNSAID:
                hidden = (entry.id, value.field, value.position) not in viewer.answers
                found.setdefault((value.compartment, int(hidden)), []).append(value)
        for (compartment, unseen), values in found.items():
            both = (compartment, 1 - unseen) in found
            about = entry.about_id or (partners[0] if compartment == "C8" and partners else None)
            told = {
                name: getattr(entry, name)
                for name in (
                    "form_key", "bundle_digest", "organisation_id", "role", "author_id", "observed_at", "supersedes_id",
                )
            }  # fmt: skip
            said = sorted((one.field, one.position, one.value) for one in values)
            yield Item(
                "entry", entry.id, entry.recorded_at, compartment, {**told, "answers": said},
                _sees_answers(entry, compartment, tuple(values)), part=unseen if both else 0, member_id=about,
            )  # fmt: skip


def _sees_answers(
    entry: Entry, compartment: str, values: tuple[EntryValue, ...]
) -> Callable[[Viewer], WithheldBecause | None]:
    def sees(viewer: Viewer) -> WithheldBecause | None:
        hidden = [one for one in values if (entry.id, one.field, one.position) not in viewer.answers]
        if not hidden:
            return None
        own = entry.organisation_id is not None and entry.organisation_id == viewer.by.organisation_id
        where = all(one.field.rsplit(".", 1)[-1] in ADDRESS for one in hidden)
        if where and viewer.readable.reads(compartment, own_organisation=own) and viewer.follows:
            return WithheldBecause.SHIELDED_ADDRESS
        return viewer.why_not(compartment)

    return sees


@_kind("comment", "comments")
def _comments(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    for one in session.scalars(select(comments.Comment).where(comments.Comment.case_id == case.id)):
        told = {name: getattr(one, name) for name in ("text", "author_id", "organisation_id", "role", "at", "task_id")}
        sees = lambda v, key=one.id: None if key in v.comments else v.why_not("C6")  # noqa: E731
        yield Item("comment", one.id, one.at, "C6", told, sees)


@_kind("attachment", "attachments")
def _attachments(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    room = attachments.Attachment
    for one in session.scalars(select(room).where(room.case_id == case.id, room.compartment != UNSAID)):
        told = {
            name: getattr(one, name)
            for name in ("name", "description", "kind", "size", "author_id", "organisation_id", "role", "digest")
        }
        sees = lambda v, a=one: None if attachments.may_read(a, v.readable, by=v.by) else v.why_not(a.compartment)  # noqa: E731
        yield Item("attachment", one.id, one.at, one.compartment, told, sees)


@_kind("task_note", "task_notes")
def _task_notes(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    """Words of a colleague to a colleague: of the team, whatever they are about."""
    for one in session.scalars(select(TaskNote).where(TaskNote.case_id == case.id)):
        told = {name: getattr(one, name) for name in ("task_id", "organisation_id", "role", "author_id", "to_id", "at")}
        yield Item("task_note", one.id, one.at, "C6", told, _of_team(one.organisation_id, one.role))


@_kind("reference", "case_references")
def _references(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    room = cases.CaseReference
    for one in session.scalars(select(room).where(room.case_id == case.id)):
        told = {"organisation_id": one.organisation_id, "number": one.number}
        yield Item("reference", one.id, None, "C0", told, _of_team(one.organisation_id))


# --- what was agreed


@_kind("plan", "support_plans")
def _plans(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    current = _plan_of(session, case)
    for one in session.scalars(select(SupportPlan).where(SupportPlan.case_id == case.id)):
        told = {name: getattr(one, name) for name in ("version", "evaluation_on", "parent_agreed_on", "copy_given")}
        yield Item("plan", one.id, one.recorded_at, "C6", told, _sees_plan(one), frozen=one.id == current)


@_kind("goal", "support_goals")
def _goals(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    current = _plan_of(session, case)
    query = select(SupportGoal, SupportPlan).join(SupportPlan, SupportPlan.id == SupportGoal.plan_id)
    for one, plan in session.execute(query.where(SupportPlan.case_id == case.id)):
        told = {name: getattr(one, name) for name in ("position", "parent_words", "dimension")}
        yield Item("goal", one.id, plan.recorded_at, "C6", told, _sees_plan(plan), frozen=plan.id == current)


@_kind("action", "support_actions")
def _actions(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    found = {one.id: one for one in session.scalars(select(SupportPlan).where(SupportPlan.case_id == case.id))}
    current = found.get(_plan_of(session, case) or case.id)
    for one in session.scalars(select(SupportAction).where(SupportAction.case_id == case.id)):
        told = {
            name: getattr(one, name)
            for name in (
                "number", "what", "owner_kind", "owner_name", "organisation_id", "intervention", "starts_on", "ends_on",
                "status", "accepted_at", "ended_at",
            )
        }  # fmt: skip
        yield Item("action", one.id, one.proposed_at, "C6", told, _sees_plan(current or found[one.plan_id]))


def _plan_of(session: Session, case: Case) -> UUID | None:
    """The plan that the page of the case shows; what earlier ones held stands in their entries."""
    found = plans.current(session, case.id) or plans.latest(session, case.id)
    return None if found is None else found.id


def _sees_plan(plan: SupportPlan) -> Callable[[Viewer], WithheldBecause | None]:
    return lambda one: None if reads_plan(one.readable, plan, one.by) else one.why_not("C6")


@_kind("evaluation", "evaluations", "goal_ratings")
def _evaluations(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    ratings: dict[UUID, list[Any]] = {}
    of_case = select(GoalRating).join(Evaluation, Evaluation.id == GoalRating.evaluation_id)
    for rating in session.scalars(of_case.where(Evaluation.case_id == case.id).order_by(GoalRating.position)):
        ratings.setdefault(rating.evaluation_id, []).append([rating.goal, rating.status, rating.parent_rating])
    query = select(Evaluation, Entry.organisation_id).outerjoin(Entry, Entry.id == Evaluation.entry_id)
    for one, organisation_id in session.execute(query.where(Evaluation.case_id == case.id)):
        told = {
            name: getattr(one, name)
            for name in ("number", "evaluated_on", "decision", "decided_with_parent", "parent_experience", "next_on")
        }
        told["goals"] = ratings.get(one.id, [])
        yield Item("evaluation", one.id, one.recorded_at, "C6", told, _in_scope("C6", organisation_id))


@_kind("hub_talk", "agenda_items", "hub_invitations")
def _hub_talks(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    invited: dict[UUID, list[Any]] = {}
    of_case = select(Invitation).join(AgendaItem, AgendaItem.id == Invitation.agenda_item_id)
    for seat in session.scalars(of_case.where(AgendaItem.case_id == case.id)):
        if seat.withdrawn_at is None:
            invited.setdefault(seat.agenda_item_id, []).append([seat.organisation_id, seat.role])
    query = select(AgendaItem, HubMeeting.starts_at).join(HubMeeting, HubMeeting.id == AgendaItem.meeting_id)
    for one, starts_at in session.execute(query.where(AgendaItem.case_id == case.id)):
        told = {
            name: getattr(one, name)
            for name in (
                "status", "parents_invited", "reason_not_invited", "other_parent", "parents_present",
                "reason_if_absent", "supporter_of_parent_present", "minutes_shared_on", "case_director_organisation_id",
            )
        }  # fmt: skip
        told |= {"starts_at": starts_at, "invited": sorted(invited.get(one.id, []), key=str)}
        sees = lambda v: None if v.facts.holder or v.readable.read.get("C6") == Scope.ALL else v.why_not("C6")  # noqa: E731
        yield Item("hub_talk", one.id, one.added_at, "C6", told, sees)


# --- what there is to do


@_kind("task", "tasks")
def _tasks(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    for one in processes.tasks_of(session, "case", case.id):
        if one.kind != "user" or (one.form_key or "").startswith((_OF_HANDOVER, _OF_TEAM)):
            continue
        live = processes.is_live(one)
        told = {
            name: getattr(one, name) for name in ("name", "form_key", "element_id", "due_at", "opened_at", "urgency")
        }
        sees = lambda v, task=one: None if may_know_task(task, v.facts, v.readable, v.by) else v.why_not("C6")  # noqa: E731
        yield Item("task", one.id, one.opened_at, "C6", {**told, "live": live}, sees, frozen=live)


@_kind("term", "jobs", fleeting=True)
def _terms(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    """What happens by itself on a day: a timer of the drawing, the end of a term, a consent or a ground that runs out."""
    about: dict[str, list[UUID]] = {"case": [case.id]}
    about["run"] = [run.id for run in processes.runs_of(session, "case", case.id)]
    about["task"] = [
        one.id
        for one in processes.tasks_of(session, "case", case.id)
        if not (one.form_key or "").startswith((_OF_HANDOVER, _OF_TEAM))
    ]
    grounds = select(CaseGround.id).where(CaseGround.case_id == case.id, CaseGround.silent.is_(False))
    about["case_ground"] = list(session.scalars(grounds))
    of_case = or_(
        *((Job.subject_kind == kind) & Job.subject_id.in_([str(one) for one in ids]) for kind, ids in about.items())
    )
    for one in session.scalars(select(Job).where(Job.kind.in_(_TERMS), of_case)):
        pending = one.status == JobStatus.PENDING
        told = {"kind": one.kind, "about": one.subject_kind, "subject": one.subject_id, "due_at": one.due_at}
        sees = lambda v: None if v.follows else v.why_not("C6")  # noqa: E731
        yield Item("term", one.id, one.due_at, "C6", {**told, "pending": pending}, sees, frozen=pending)


@_kind("party", "case_parties")
def _parties(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    for one in cases.parties(session, case.id):
        told = {"organisation_id": one.organisation_id, "role": one.role, "from_at": one.from_at}
        sees = lambda v, p=one: None if v.follows or p.organisation_id == v.by.organisation_id else v.why_not("C6")  # noqa: E731
        yield Item("party", one.id, one.from_at, "C6", told, sees)


@_kind("handover", "handovers")
def _handovers(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    """Earlier ones; the one that this package is of is left out by who makes it."""
    for one in session.scalars(select(Handover).where(Handover.case_id == case.id, Handover.offered_at.is_not(None))):
        assert one.offered_at is not None  # what was only prepared went to nobody; its text is an entry
        told = {
            name: getattr(one, name)
            for name in (
                "kind", "reason", "from_organisation_id", "from_role", "to_organisation_id", "to_role", "status",
                "warm_contact_form", "warm_contact_on", "offered_at", "answered_at", "first_contact_on",
            )
        }  # fmt: skip
        sees = lambda v, h=one: None if may_know_handover(h, v.readable.read.get("C9"), v.by) else v.why_not("C9")  # noqa: E731
        yield Item("handover", one.id, one.offered_at, "C9", told, sees)


# --- what the family decided, and asked


@_kind("consent", "consents")
def _consents(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    for one in consent.of_case(session, case.id):
        told = {
            name: getattr(one, name)
            for name in (
                "subject_id", "recipient_organisation_id", "recipient_kind", "purpose", "category", "given", "given_by",
                "form", "text_version", "recorded_at", "valid_until", "withdrawn_at", "withdrawn_by",
            )
        }  # fmt: skip
        yield Item("consent", one.id, one.recorded_at, "C10", told, _sees_consent(one), member_id=one.subject_id)


def _sees_consent(one: Consent) -> Callable[[Viewer], WithheldBecause | None]:
    def sees(viewer: Viewer) -> WithheldBecause | None:
        kind = viewer.kinds.get(one.subject_id, "")
        if _told_of_consent(viewer) and may_read(one, kind, viewer.readable, viewer.by):
            return None
        return viewer.why_not("C8" if kind == MemberKind.PARTNER else "C10")

    return sees


def _told_of_consent(viewer: Viewer) -> bool:
    return viewer.readable.read.get("C10") in (Scope.ALL, Scope.OWN)


@_kind("disclosure", "disclosures")
def _disclosures(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    answers = consent.of_case(session, case.id)
    for one in consent.disclosures(session, case.id):
        if one.ground in GROUNDS and GROUNDS[access.Ground(one.ground)].silent:
            continue  # told to somebody about safety
        told = {
            name: getattr(one, name)
            for name in (
                "recipient_organisation_id",
                "recipient_kind",
                "role",
                "purpose",
                "ground",
                "categories",
                "at",
                "ended_at",
            )
        }
        yield Item("disclosure", one.id, one.at, "C10", told, _sees_disclosure(one, answers))


def _sees_disclosure(one: Disclosure, answers: list[Consent]) -> Callable[[Viewer], WithheldBecause | None]:
    def sees(viewer: Viewer) -> WithheldBecause | None:
        ids = {str(each.id) for each in answers if _sees_consent(each)(viewer) is None}
        known = _told_of_consent(viewer) and may_know(one, viewer.readable, viewer.by, ids)
        rests = [each for each in answers if str(each.id) in one.consent_ids]
        apart = any(viewer.kinds.get(each.subject_id) == MemberKind.PARTNER for each in rests)
        return None if known else viewer.why_not("C8" if apart else "C10")

    return sees


@_kind("ground", "case_grounds")
def _grounds(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    for one in consent.grounds_of(session, case.id):
        if one.silent:
            continue  # a report about safety: of the organisation that made it
        told = {
            name: getattr(one, name)
            for name in (
                "ground", "organisation_id", "role", "recipient_organisation_id", "recipient_kind", "recipient_role",
                "purpose", "categories", "from_at", "until_at", "ended_at",
            )
        }  # fmt: skip
        sees = lambda v, g=one: None if may_know_ground(g, v.facts, v.readable, v.by) else v.why_not("C10")  # noqa: E731
        yield Item("ground", one.id, one.from_at, "C10", told, sees)


@_kind("block", "case_blocks")
def _blocks(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    for one in cases.blocks(session, case.id):
        if one.organisation_id is None:
            continue  # somebody stepped aside: theirs to tell
        told = {name: getattr(one, name) for name in ("person_id", "organisation_id", "reason", "since")}
        yield Item("block", one.id, one.since, "C0", told, _may("block_person"))


@_kind("request", "rights_requests")
def _requests(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    for one in rights.of_case(session, case.id):
        told = {
            name: getattr(one, name)
            for name in (
                "kind",
                "requested_by",
                "received_on",
                "answer_by",
                "status",
                "refused_reason",
                "scope",
                "decided_at",
            )
        }
        yield Item("request", one.id, one.recorded_at, "C0", told, _may("record_request"), member_id=one.subject_id)


@_kind("hold", "legal_holds")
def _holds(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    for one in rights.holds_of(session, case.id):
        told = {name: getattr(one, name) for name in ("organisation_id", "reason", "set_at", "ended_at")}
        yield Item("hold", one.id, one.set_at, "C0", told, _may("record_request"))


@_kind("emergency", "emergency_accesses")
def _emergencies(session: Session, case: Case, _viewer: Viewer) -> Iterator[Item]:
    for one in session.scalars(select(EmergencyAccess).where(EmergencyAccess.case_id == case.id)):
        told = {
            name: getattr(one, name)
            for name in ("organisation_id", "role", "reason", "ground", "opened_at", "until_at", "ended_at")
        }
        yield Item("emergency", one.id, one.opened_at, "C0", told, _may("view_emergencies"))


# --- what decides


def _with_case(viewer: Viewer) -> WithheldBecause | None:
    return _may("view_case")(viewer)


def _may(action: str) -> Callable[[Viewer], WithheldBecause | None]:
    return lambda one: None if access.allows(one.by, action, one.facts) else one.why_not("C0")


def _in_scope(compartment: str, organisation_id: UUID | None) -> Callable[[Viewer], WithheldBecause | None]:
    """Everything of it, or what the own organisation recorded."""

    def sees(viewer: Viewer) -> WithheldBecause | None:
        scope = viewer.readable.read.get(compartment)
        own = organisation_id is not None and organisation_id == viewer.by.organisation_id
        return None if scope == Scope.ALL or (scope == Scope.OWN and own) else viewer.why_not(compartment)

    return sees


def _of_team(organisation_id: UUID, role: str | None = None) -> Callable[[Viewer], WithheldBecause | None]:
    def sees(viewer: Viewer) -> WithheldBecause | None:
        own = organisation_id == viewer.by.organisation_id and role in (None, viewer.by.role)
        return None if own else WithheldBecause.OWN_RECORDS

    return sees


def items(session: Session, case: Case, receiver: Viewer) -> list[Item]:
    """Everything that belongs to the family of a case, whoever may see it: kind by kind, the oldest first. Nothing of safety
    is in it. For the house to read; what is shown of it is decided item by item."""
    found: list[Item] = []
    for kind in KINDS.values():
        found += sorted(kind.read(session, case, receiver), key=_in_order)
    return found


def _in_order(one: Item) -> tuple[str, ...]:
    return ("" if one.moment is None else one.moment.astimezone(UTC).isoformat(), *(str(part) for part in one.key))
