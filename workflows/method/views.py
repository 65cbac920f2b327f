"""What the verbs give back to the doors: plain data, cut to what the asker may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from workflows.actor import Actor
from workflows.cases import Case, CaseStatusChange
from workflows.consent import Consent
from workflows.forms import Choices, Form
from workflows.method.requests import RequestView
from workflows.method.support_views import ActionView
from workflows.processes import StepTaken, Task, TaskStatus
from workflows.safety import Phone


@dataclass(frozen=True, slots=True)
class NoteView:
    """Who of the team gave a task to who has it now, and the words that came along; None: without a word."""

    author_id: UUID
    author_name: str
    text: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class TaskCard:
    """A task as everybody of its team may see it: nothing on it says which family."""

    id: UUID
    name: str
    documentation: str | None
    status: str
    role: str
    organisation_id: UUID
    municipality_code: str | None
    process_id: str
    element_id: str
    form_key: str | None
    due_at: datetime | None
    warned_at: datetime | None
    urgency: str | None
    language: str | None
    interpreter_needed: bool
    phase: str | None
    opened_at: datetime
    lease_until: datetime | None
    completed_at: datetime | None
    mine: bool
    version: int
    handed_at: datetime | None = None  #: when a colleague gave it to who has it
    case_number: str | None = None  #: only on tasks that the asker has
    note: NoteView | None = None  #: as the number

    @classmethod
    def of(cls, task: Task, by: Actor, *, case_number: str | None = None, note: NoteView | None = None) -> TaskCard:
        return cls(
            id=task.id,
            name=task.name,
            documentation=task.documentation,
            status=task.status,
            role=task.role,
            organisation_id=task.organisation_id,
            municipality_code=task.municipality_code,
            process_id=task.process_id,
            element_id=task.element_id,
            form_key=task.form_key,
            due_at=task.due_at,
            warned_at=task.warned_at,
            urgency=task.urgency,
            language=task.language,
            interpreter_needed=task.interpreter_needed,
            phase=task.phase,
            opened_at=task.opened_at,
            lease_until=task.lease_until,
            completed_at=task.completed_at,
            mine=task.status == TaskStatus.CLAIMED and task.claimed_by is not None and task.claimed_by == by.person_id,
            version=task.version,
            handed_at=None if task.handed_by is None else task.claimed_at,
            case_number=case_number,
            note=note,
        )


@dataclass(frozen=True, slots=True)
class CaseCard:
    """How a case stands; no person of the family is on it."""

    id: UUID
    number: str
    status: str
    phase: str | None
    urgency: str
    language: str
    municipality_code: str | None
    holder_organisation_id: UUID | None
    holder_role: str | None
    holder_person_id: UUID | None
    signaller_organisation_id: UUID
    opened_at: datetime
    under_way_since: date | None
    closed_at: datetime | None
    result: str | None
    version: int
    retain_until: date | None = None  #: until when a closed case is kept; only where one case is shown

    @classmethod
    def of(cls, case: Case, *, retain_until: date | None = None) -> CaseCard:
        known = {name: getattr(case, name) for name in cls.__dataclass_fields__ if name != "retain_until"}
        return cls(**known, retain_until=retain_until)


@dataclass(frozen=True, slots=True)
class MemberView:
    """Somebody of the family, as far as the asker may know: a name only, or also how to reach them. Of another parent who
    did not agree that the asker knows them, only that there is one.

    ``address_withheld``: the address is shielded, and the asker is not one of the few who may know it.
    """

    id: UUID
    kind: str
    name: str
    birth_date: date | None = None
    preferred_language: str | None = None
    interpreter_needed: bool | None = None
    reading_support: bool | None = None
    safe_contact: str | None = None
    safe_contact_detail: str | None = None
    postcode: str | None = None
    shielded_address: bool | None = None
    address_withheld: bool = False
    version: int | None = None


@dataclass(frozen=True, slots=True)
class ValueView:
    """One readable answer with the question it answers, in the form version of that moment."""

    field: str
    label: str
    position: int
    value: Any
    text: str
    compartment: str


@dataclass(frozen=True, slots=True)
class EntryView:
    """A filled-in form as far as it may be read; ``withheld`` says that there is more, never about safety."""

    id: UUID
    form_key: str
    bundle_digest: str
    organisation_id: UUID | None
    role: str
    author_id: UUID | None
    observed_at: datetime
    recorded_at: datetime
    supersedes_id: UUID | None
    about_id: UUID | None
    superseded: bool
    values: tuple[ValueView, ...]
    withheld: bool


@dataclass(frozen=True, slots=True)
class SafetyNotice:
    """What to do first when somebody may not be safe. Texts are Dutch."""

    level: str
    title: str
    text: str
    phone: str
    phone_numbers: tuple[Phone, ...]


@dataclass(frozen=True, slots=True)
class Concern:
    """What a protection officer hears first: how sure the colleague is, and whom to call."""

    level: str
    raised_by_name: str | None
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class EmergencyNotice:
    """An emergency as its reviewer sees it: who opened a case, when and why; nothing of the case but its number."""

    case_number: str
    person_name: str
    organisation_id: UUID
    role: str
    reason: str
    ground: str
    explanation: str
    opened_at: datetime
    until_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class PathwayAdvice:
    """What the municipality has for one theme of this family, and how far it can be trusted today."""

    theme: str
    status: str
    last_reviewed_on: date | None
    review_by: date | None
    agreements_text: str
    contact_name: str
    contact_phone: str
    contact_mail: str
    organisation_id: UUID | None
    referral_how: str
    cost: str
    wait_time: str
    availability: str
    languages: str


@dataclass(frozen=True, slots=True)
class OfferView:
    """Where an intervention can be had now, and whether there is room."""

    organisation_id: UUID | None
    capacity: str
    referral_how: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An intervention to talk about with the parent. ``reason`` is a code of the table, ``why`` says it in Dutch."""

    code: str
    name: str
    description: str
    reason: str
    why: str
    offers: tuple[OfferView, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """What there is to talk about, cut to what the asker may know of the family and to what the municipality has today.

    ``missing`` are themes without a pathway; ``unreadable`` says that the table of interventions could not be asked.
    """

    municipality_code: str | None
    on: date
    pathways: tuple[PathwayAdvice, ...] = ()
    missing: tuple[str, ...] = ()
    interventions: tuple[Suggestion, ...] = ()
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task with its form, what was typed or is known already, and the case it belongs to."""

    task: TaskCard
    form: Form | None
    answers: Mapping[str, Any]
    draft_saved_at: datetime | None
    case: CaseCard | None
    members: tuple[MemberView, ...] = ()
    concern: Concern | None = None
    asked_by: str | None = None  #: of a question whether two cases are one: the organisation that it came from
    choices: Choices = field(default_factory=dict)  #: for questions whose choices are handed in: set → value and label
    observed: Mapping[str, str] = field(default_factory=dict)  #: as typed before: ``day`` and ``time``
    gone: tuple[tuple[str, str], ...] = ()  #: question and text, typed before the form changed
    advice: Advice | None = None
    action: ActionView | None = None  #: the support action that the task is about
    request: RequestView | None = None  #: what somebody asked about their data, which the task answers
    emergency: EmergencyNotice | None = None  #: what the reviewer of an emergency looks back at
    comment: str = ""  #: typed beside the form and not placed
    window: str = ""  #: on which page the draft was typed last
    elsewhere: tuple[tuple[str, str], ...] = ()  #: question and text, typed on another page of the same task
    held: tuple[str, ...] = ()  #: what a handover asks and the case holds already; Dutch
    begun_before: datetime | None = None  #: when a colleague kept something here, whose text stays theirs


@dataclass(frozen=True, slots=True)
class RunningCase:
    """Another open case of the same parent, for somebody who may see it."""

    case_id: UUID
    number: str
    contact: str  #: the organisation that holds it


@dataclass(frozen=True, slots=True)
class Completion:
    """What came of completing a task. ``next`` holds the tasks that the asker may take; ``opened`` all that began with it,
    so that a page can say whose turn it is."""

    task: TaskCard
    next: list[TaskCard]
    safety_notice: SafetyNotice | None
    ended: bool
    opened: tuple[TaskCard, ...] = ()
    running: tuple[RunningCase, ...] = ()
    undo_until: datetime | None = None  #: until when its completer can undo it, while nothing follows; None: not at all


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody of the team who could do a task."""

    organisation_id: UUID
    organisation_name: str
    role: str
    person_id: UUID | None
    display_name: str | None
    away_until: date | None = None


@dataclass(frozen=True, slots=True)
class DiagramView:
    """A drawn process with the steps of this case marked, as a picture and as text."""

    process_id: str
    name: str
    svg: str
    outline: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ConsentStanding:
    """Whether the family agrees, for who follows how it stands: with whom and for what, not about what or who said so."""

    recipient_organisation_id: UUID | None
    recipient_kind: str | None
    purpose: str
    holds: bool


class WaitsFor(StrEnum):
    """What a case waits for."""

    TASK = "task"  #: somebody has to do something
    SERVICE = "service"  #: another system has to do something
    MOMENT = "moment"  #: a day or an hour that was agreed
    SYSTEM = "system"  #: something that the system does fails
    NOTHING = "nothing"  #: nothing at all: that should not be
    CLOSED = "closed"  #: the case is over
    WITHHELD = "withheld"  #: the asker may not follow how the case goes on


class ByItself(StrEnum):
    """What will happen when nobody does anything."""

    ASKS_DIRECTOR = "asks_director"  #: the process director is asked to look at it
    DIRECTOR_ASKED = "director_asked"  #: that was done already
    GOES_ON = "goes_on"  #: the drawing goes another way
    RETURNS = "returns"  #: the task goes back to the team
    TRIED_AGAIN = "tried_again"  #: the system tries it again
    MENDED = "mended"  #: whoever runs the system sees it, and mends it
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Standstill:
    """Why a case does not move. ``what`` is Dutch: the name of the step. ``next_at``: when ``by_itself`` happens.

    ``others``: how much more the case waits for. ``reference``: as it is called at the operator's desk.
    """

    waits_for: WaitsFor
    by_itself: ByItself = ByItself.NOTHING
    next_at: datetime | None = None
    task_id: UUID | None = None
    what: str | None = None
    organisation_id: UUID | None = None
    role: str | None = None
    taken: bool = False
    since: datetime | None = None
    due_at: datetime | None = None
    late: bool = False
    others: int = 0
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as one actor may see it. ``may`` names the actions that are open to the actor."""

    case: CaseCard
    members: tuple[MemberView, ...]
    entries: tuple[EntryView, ...]
    tasks: tuple[TaskCard, ...]
    steps: tuple[StepTaken, ...]
    status_history: tuple[CaseStatusChange, ...]
    diagrams: tuple[DiagramView, ...]
    consents: tuple[Consent, ...]
    standstill: Standstill
    consent_status: tuple[ConsentStanding, ...] = ()  #: instead of *consents*, to whom only knows how it stands
    may: frozenset[str] = field(default_factory=frozenset)
