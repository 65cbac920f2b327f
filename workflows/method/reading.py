"""Looking: the work list, a task, cases. Shows what access leaves visible, and writes down who looked and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import draw
from engine.clock import local_date
from workflows import (
    access,
    cases,
    consent,
    diagrams,
    dossier,
    families,
    forms,
    logbook,
    organisations,
    processes,
    safety,
)
from workflows import signals as signals_room
from workflows.access import Facts, Readable, Scope
from workflows.actor import Actor
from workflows.cases import Case, CaseStatus
from workflows.db import house
from workflows.errors import Invalid
from workflows.families import MemberKind
from workflows.forms import Form
from workflows.method import duplicates, handing_over, standing, windows
from workflows.method.choices import choices_for, words_of
from workflows.method.facts import case_of, find_case, find_task, has, kept_from, kind_of, task_facts, write_read
from workflows.method.notes import notes_for
from workflows.method.requests import request_of
from workflows.method.retaining import retention
from workflows.method.reviewing import REVIEW, review_notice
from workflows.method.sharing import may_read
from workflows.method.suggestions import ADVISED, advise
from workflows.method.support import PREFILL, action_of
from workflows.method.versions import fitting, form_of, left_behind
from workflows.method.views import (
    Candidate,
    CaseCard,
    CaseView,
    Concern,
    ConsentStanding,
    DiagramView,
    EntryView,
    MemberView,
    Standstill,
    TaskCard,
    TaskView,
    ValueView,
)
from workflows.processes import Draft, Order, Page, Run, StepTaken, Task, TaskStatus, read_cursor, write_cursor

#: Scopes in which a member of the family is known by name only.
_NAME_ONLY = frozenset({Scope.MINIMAL, Scope.CASE_BOUND})
#: What the page of a case may offer.
_CASE_ACTIONS = (
    "report_loss", "report_birth", "report_move", "change_due_date", "record_member",
    "record_consent", "withdraw_consent", "move_holder", "view_client_log", "close_case", "discard_signal",
    "block_person", "step_aside", "invite_parent",
    "record_request", "correct_entry", "look_back",
)  # fmt: skip
#: Of these, what goes on when the case is closed: what the family may ask, and looking back, as long as anything is kept.
_ALSO_CLOSED = frozenset({"withdraw_consent", "record_request", "correct_entry", "look_back"})


def work_list(
    session: Session,
    *,
    by: Actor,
    at: datetime,
    cursor: str | None = None,
    page_size: int = 50,
    filters: Mapping[str, Any] | None = None,
    bare: bool = False,
    order: Order = Order.DUE,
) -> Page[TaskCard]:
    """Tasks that *by* has, and those of the team, role and area to take; nothing on these says which family.

    Args:
        bare: without numbers of cases and words of colleagues, only to see whether anything changed: nobody reads it.
        order: by term or by arrival, and which end comes first.
    """
    closed = kept_from(session, by)
    page = processes.work_list(
        session,
        by=by,
        at=at,
        cursor=cursor,
        page_size=page_size,
        filters=filters,
        without=closed,
        order=order,
    )
    if bare:
        return Page([TaskCard.of(task, by) for task in page.items], page.next_cursor, page.count)
    mine = {task.subject_id for task in page.items if task.subject_kind == "case" and has(task, by)}
    rows = session.execute(select(Case.id, Case.number).where(Case.id.in_(mine))) if mine else ()
    numbers = {row.id: row.number for row in rows}
    own = [task for task in page.items if has(task, by)]
    notes = notes_for(session, own, by=by, at=at) if own else {}
    cards = [
        TaskCard.of(
            task,
            by,
            case_number=numbers.get(task.subject_id) if has(task, by) else None,
            note=notes.get(task.id),
        )
        for task in page.items
    ]
    if numbers:
        logbook.listed(session, "work.listed", numbers, by=by, at=at, purpose="work", rule="claimant", query=filters)
    return Page(cards, page.next_cursor, page.count)


def task_view(session: Session, task_id: UUID, *, by: Actor, at: datetime) -> TaskView:
    """A task that *by* has, with its form; to the rest of the team only the card.

    Raises:
        NotFound: no such task for *by*.
    """
    task = find_task(session, task_id, by=by)
    facts = task_facts(session, task, by=by, at=at)
    access.require(by, "view_card", facts, at=at)
    if not facts.claimed_by_me:
        return TaskView(TaskCard.of(task, by), None, {}, None, None)
    form = form_of(session, task)
    draft = processes.draft_of(session, task.id, by=by)
    case = case_of(session, task)
    choices = choices_for(session, form, case, by=by, at=at)
    members: tuple[MemberView, ...] = ()
    prefill: Mapping[str, Any] = {}
    held: tuple[str, ...] = ()
    concern = advice = action = emergency = None
    if case is not None:
        readable = access.visible(by, facts)
        action = action_of(session, task, readable)
        members = member_views(session, case, readable, by, at=at)
        prefill = _known_already(session, task, form, readable, by)
        held = handing_over.held_labels(session, case, form)
        if form.key in ADVISED:
            advice = advise(session, case, members, readable=readable, by=by, at=at)
    elif task.subject_kind == "safety_file":
        file = safety.find(session, task.subject_id, by=by, at=at)
        case = session.get(Case, file.case_id)
        if case is not None:
            members = member_views(session, case, access.visible(by, Facts(safety_own_org=True)), by, at=at)
        name = organisations.person(session, file.opened_by).display_name if file.opened_by else None
        concern = Concern(file.level, name, file.opened_at)
    elif task.subject_kind == REVIEW:
        emergency = review_notice(session, task.subject_id, by=by, at=at)
    beside = {} if draft is None else draft.beside or {}
    answers = prefill if draft is None else {**fitting(session, task, form, draft), **_told(form, prefill)}
    saw = {form.fields[path].compartment for path in answers if path in form.fields}
    saw |= {"C0"} if members else set()
    note = notes_for(session, [task], by=by, at=at).get(task.id)
    write_read(
        session,
        "task.viewed",
        "task",
        task.id,
        case=case if task.subject_kind == "case" else None,
        facts=facts,
        purpose=f"task:{form.key}",
        saw=saw | ({"C6"} if action is not None else set()),
        by=by,
        at=at,
    )
    return TaskView(
        task=TaskCard.of(task, by, note=note),
        form=form,
        answers=answers,
        draft_saved_at=None if draft is None else draft.saved_at,
        case=None if case is None else CaseCard.of(case),
        members=members,
        concern=concern,
        asked_by=duplicates.asked_by(session, task.id, by=by, at=at) if task.element_id == duplicates.ELEMENT else None,
        choices=choices,
        observed=beside.get("observed", {}),
        comment=beside.get(windows.COMMENT, ""),
        window=beside.get(windows.WINDOW, ""),
        elsewhere=windows.kept_from_elsewhere(beside),
        held=held,
        begun_before=begun_before(session, task, by=by),
        gone=tuple(left_behind(session, task, form, draft).values()),
        advice=advice,
        action=action,
        request=None if case is None else request_of(session, task),
        emergency=emergency,
    )


def draft_view(session: Session, task_id: UUID, *, by: Actor, at: datetime) -> tuple[TaskView, Draft | None]:
    """A task with what *by* typed in it and did not send, also when a colleague has completed it since.

    Raises:
        NotFound: no such task for *by*.
    """
    view = task_view(session, task_id, by=by, at=at)
    with logbook.deciding(session):  # whether there is one; that it is shown is written down
        draft = processes.draft_of(session, task_id, by=by)
    if draft is not None and view.form is None:
        task = find_task(session, task_id, by=by)
        case_id = task.subject_id if task.subject_kind == "case" else None
        logbook.read(
            session, "draft.viewed", "task", task_id, case_id=case_id, by=by, at=at, purpose="draft", rule="author"
        )
    return view, draft


def begun_before(session: Session, task: Task, *, by: Actor) -> datetime | None:
    """When a colleague kept something on this task and did not send it: whose it is and what it says stays theirs."""
    with house(session):  # a draft is in nobody's sight but its author's; no more than that there is one is read
        return processes.begun_by_others(session, task.id, by=by)


def _told(form: Form, known: Mapping[str, Any]) -> dict[str, Any]:
    """What the form only shows: nobody types it, so a draft does not hold it."""
    return {path: known[path] for path, field in form.fields.items() if field.readonly and path in known}


def candidates(session: Session, task_id: UUID, *, by: Actor, at: datetime) -> list[Candidate]:
    """Who could do this task: to the own team by name, to others the organisation."""
    task = find_task(session, task_id, by=by)
    access.require(by, "view_candidates", task_facts(session, task, by=by, at=at), at=at)
    where = organisations.organisation(session, task.organisation_id)
    if by.organisation_id != task.organisation_id:
        return [Candidate(where.id, where.name, task.role, None, None)]
    team = organisations.people_with_role(
        session, organisation_id=where.id, role=task.role, municipality=task.municipality_code, on=local_date(at)
    )
    closed = cases.blocked_people(session, task.subject_id) if task.subject_kind == "case" else ()
    away = organisations.away(session, [role.id for _, role in team], on=local_date(at))
    return [
        Candidate(
            where.id,
            where.name,
            task.role,
            person.id,
            person.display_name,
            away[role.id].until_on if role.id in away else None,
        )
        for person, role in team
        if person.id not in closed
    ]


def case_list(
    session: Session,
    *,
    by: Actor,
    at: datetime,
    cursor: str | None = None,
    page_size: int = 50,
    filters: Mapping[str, Any] | None = None,
    oldest_first: bool = False,
) -> Page[CaseCard]:
    """Cases that *by*'s organisation has a part in, newest first.

    Args:
        filters: ``status`` (all but closed when left out) and ``municipality``.

    Raises:
        Invalid: a filter or a status that is not there. The filters go into the log, where no name may ever stand.
    """
    wanted = {name: value for name, value in (filters or {}).items() if value is not None}
    if unknown := set(wanted) - {"status", "municipality"}:
        raise Invalid("unknown filter", errors={name: ["Dit filter bestaat niet."] for name in unknown})
    if wanted.get("status", CaseStatus.CLOSED) not in set(CaseStatus):
        raise Invalid("unknown status", errors={"status": [f"Kies uit: {', '.join(CaseStatus)}."]})
    query = select(Case).where(cases.visible_clause(by))
    if "municipality" in wanted:
        query = query.where(Case.municipality_code == wanted["municipality"])
    query = query.where(Case.status == wanted["status"] if "status" in wanted else Case.status != CaseStatus.CLOSED)
    if (after := read_cursor(cursor)) is not None:
        query = query.where(processes.beyond(Case.opened_at, Case.id, after, backwards=not oldest_first))
    page_size = max(1, min(page_size, 200))
    order = (Case.opened_at, Case.id) if oldest_first else (Case.opened_at.desc(), Case.id.desc())
    rows = list(session.scalars(query.order_by(*order).limit(page_size + 1)))
    page = rows[:page_size]
    more = len(rows) > page_size
    logbook.listed(
        session,
        "cases.listed",
        (case.id for case in page),
        by=by,
        at=at,
        purpose="overview",
        rule="party",
        query=wanted,
    )
    return Page(
        [CaseCard.of(case) for case in page], write_cursor(page[-1].opened_at, page[-1].id) if more else None, len(rows)
    )


def case_view(session: Session, case_id: UUID, *, by: Actor, at: datetime, purpose: str = "case") -> CaseView:
    """A case as *by* may see it; the read is written down.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    readable = access.visible(by, facts)
    runs = processes.runs_of(session, "case", case.id)
    steps = processes.steps_of(session, [run.id for run in runs])
    entries = entries_for(session, case, facts=facts, readable=readable, by=by)
    tasks = [
        task
        for task in processes.tasks_of(session, "case", case.id, live_only=True)
        if may_know_task(task, facts, readable, by)
    ]
    follows = facts.holder or readable.follows
    still = standing.standstill_of(session, case, runs, tasks, follows=follows, at=at)
    if not follows:
        # Who may not follow how it goes on sees what the own organisation did, and that it goes on.
        runs, steps = [], []
    members = member_views(session, case, readable, by, at=at)
    agreed = tuple(_consents(session, case, readable, by))
    agreements = _consent_status(session, case, readable, at)
    saw = {value.compartment for entry in entries for value in entry.values}
    saw |= ({"C0"} if members else set()) | ({"C10"} if agreed or agreements else set())
    write_read(session, "case.viewed", "case", case.id, case=case, facts=facts, purpose=purpose, saw=saw, by=by, at=at)
    return CaseView(
        case=CaseCard.of(
            case, retain_until=retention(session, case, on=local_date(at)).until if case.is_closed else None
        ),
        members=members,
        entries=entries,
        tasks=tuple(TaskCard.of(task, by) for task in tasks if task.kind == "user"),
        steps=tuple(step for step in steps if step.kind in _TOLD),
        status_history=tuple(cases.status_history(session, case.id)),
        diagrams=tuple(_diagrams(session, runs, steps)),
        consents=agreed,
        standstill=still,
        consent_status=agreements,
        may=frozenset(
            action
            for action in _CASE_ACTIONS
            if (not case.is_closed or action in _ALSO_CLOSED)
            and access.allows(by, action, facts)
            and (action != "discard_signal" or case.can_be_discarded)
        ),
    )


def standstill(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> Standstill:
    """Why a case does not move, as far as *by* may follow it. The read is written down.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    readable = access.visible(by, facts)
    write_read(session, "case.standstill", "case", case.id, case=case, facts=facts, purpose="case", by=by, at=at)
    tasks = [
        task
        for task in processes.tasks_of(session, "case", case.id, live_only=True)
        if may_know_task(task, facts, readable, by)
    ]
    runs = processes.runs_of(session, "case", case.id)
    return standing.standstill_of(session, case, runs, tasks, follows=facts.holder or readable.follows, at=at)


#: Elements of tasks that nobody but their own team hears of.
HOLDERS_ONLY = frozenset({duplicates.ELEMENT, "pull_answer"})
#: Forms of which nobody but the own organisation, and the family, reads the answers: not told to who asked, also when they
#: hold the case later.
_OWN_ANSWERS = frozenset({"pull_answer"})


def may_know_task(task: Task, facts: Facts, readable: Readable, by: Actor) -> bool:
    """Whether a task stands on the page of its case for *by*: those of the own organisation, and of others for who follows
    how the case goes on. A question whether two cases are one says that there is another, and one of somebody who asks for
    the case that they asked: those are their holder's only."""
    if task.organisation_id == by.organisation_id:
        return True
    return task.element_id not in HOLDERS_ONLY and (facts.holder or readable.follows)


#: Steps that say something to people; gateways and joins are in the picture.
_TOLD = frozenset(
    {
        "startEvent",
        "endEvent",
        "userTask",
        "serviceTask",
        "businessRuleTask",
        "callActivity",
        "boundaryEvent",
        "intermediateCatchEvent",
    }
)


def member_views(
    session: Session, case: Case, readable: Readable, by: Actor, *, at: datetime, in_need: bool = False
) -> tuple[MemberView, ...]:
    """Who belongs to the family, as far as *by* may know: nobody, one by name, or everybody with how to reach them; nobody
    who was asked and does not want to be shared with *by*'s organisation, unless somebody is in need.

    Each parent decides for themselves: who the other one is, is shown to who recorded it or whom that one agreed to.
    """
    scope = readable.read.get("C0")
    if scope is None or case.family_id is None:
        return ()
    found = families.members(session, case.family_id)
    if not in_need and scope != Scope.CASE_BOUND and by.organisation_id not in (None, case.signaller_organisation_id):
        no = consent.refusing(
            session,
            case_id=case.id,
            recipient_organisation_id=by.organisation_id,
            recipient_kind=kind_of(session, by.organisation_id),
            at=at,
        )
        found = [one for one in found if one.id not in no]
    if scope == Scope.FIRST_NAME:
        # A volunteer calls somebody by name; who is not reached safely that way is not reached.
        return tuple(
            MemberView(
                one.id,
                one.kind,
                one.name.split()[0] if one.name.split() else "",
                safe_contact=one.safe_contact,
                safe_contact_detail=None if one.shielded_address else one.safe_contact_detail,
            )
            for one in found[:1]
        )
    if scope in _NAME_ONLY:
        return tuple(MemberView(one.id, one.kind, one.name) for one in found[:1])
    if scope not in (Scope.ALL, Scope.OWN):
        return ()
    shown = []
    for one in found:
        own = by.organisation_id == (one.organisation_id or case.signaller_organisation_id)
        if scope == Scope.OWN and not own:
            continue
        if one.kind == MemberKind.PARTNER and not own and not readable.reads("C8", own_organisation=False):
            shown.append(MemberView(one.id, one.kind, ""))
        else:
            shown.append(_member(one, where=own or readable.address or not one.shielded_address))
    return tuple(shown)


def _member(one: families.FamilyMember, *, where: bool) -> MemberView:
    return MemberView(
        id=one.id,
        kind=one.kind,
        name=one.name,
        birth_date=one.birth_date,
        preferred_language=one.preferred_language,
        interpreter_needed=one.interpreter_needed,
        reading_support=one.reading_support,
        safe_contact=one.safe_contact,
        safe_contact_detail=one.safe_contact_detail if where else None,
        postcode=one.postcode if where else None,
        shielded_address=one.shielded_address,
        address_withheld=not where,
        version=one.version,
    )


def entries_for(
    session: Session, case: Case, *, facts: Facts, readable: Readable, by: Actor, until: datetime | None = None
) -> tuple[EntryView, ...]:
    """What was written down in a case as far as *by* may read it, oldest first: who may not follow how it goes on reads what
    the own organisation wrote. With *until* as it was at that moment."""
    found = readable_entries(session, case, facts=facts, readable=readable, by=by, until=until)
    return tuple(entry_view(session, entry) for entry in found)


def readable_entries(
    session: Session, case: Case, *, facts: Facts, readable: Readable, by: Actor, until: datetime | None = None
) -> list[dossier.EntryView]:
    """As :func:`entries_for`, as kept and without words."""
    found = [
        entry
        for entry in dossier.entries(session, case_id=case.id, readable=readable, by=by, until=until)
        if entry.form_key not in _OWN_ANSWERS or by.organisation_id in (None, entry.organisation_id)
    ]
    if facts.holder or readable.follows:
        return found
    return [entry for entry in found if entry.organisation_id == by.organisation_id]


def entry_view(session: Session, entry: dossier.EntryView) -> EntryView:
    """An entry with the questions and answers in words; what of it may be read was decided before."""
    form = forms.definition(diagrams.load(session, entry.bundle_digest), entry.form_key)
    values = []
    for value in entry.values:
        field = form.field_at(value.field)
        label = value.field if field is None else field.label
        text = str(value.value) if field is None else words_of(session, field, value.value)
        if isinstance(value.value, bool):
            text = "Ja" if value.value else "Nee"
        values.append(ValueView(value.field, label, value.position, value.value, text, value.compartment))
    order = {path: place for place, path in enumerate(form.fields)}
    values.sort(key=lambda one: (order.get(_path(form, one.field), len(order)), one.field, one.position))
    return EntryView(
        id=entry.id,
        form_key=entry.form_key,
        bundle_digest=entry.bundle_digest,
        organisation_id=entry.organisation_id,
        role=entry.role,
        author_id=entry.author_id,
        observed_at=entry.observed_at,
        recorded_at=entry.recorded_at,
        supersedes_id=entry.supersedes_id,
        about_id=entry.about_id,
        superseded=entry.superseded,
        values=tuple(values),
        withheld=entry.withheld,
    )


def _path(form: Form, answer: str) -> str:
    field = form.field_at(answer)
    return answer if field is None else field.path


def _consents(session: Session, case: Case, readable: Readable, by: Actor) -> list[consent.Consent]:
    if readable.read.get("C10") not in (Scope.ALL, Scope.OWN):
        return []
    rows = consent.of_case(session, case.id)
    kinds = {one.id: one.kind for one in families.members(session, case.family_id)} if case.family_id else {}
    return [one for one in rows if may_read(one, kinds.get(one.subject_id, ""), readable, by)]


def _consent_status(session: Session, case: Case, readable: Readable, at: datetime) -> tuple[ConsentStanding, ...]:
    """Of each recipient and purpose that was asked about: whether anything is agreed to now."""
    if readable.read.get("C10") != Scope.STATUS:
        return ()
    asked: dict[tuple[UUID | None, str | None, str], bool] = {}
    for one in consent.of_case(session, case.id):
        about = (one.recipient_organisation_id, one.recipient_kind, one.purpose)
        holds = one.is_yes and (one.valid_until is None or at < one.valid_until)
        asked[about] = asked.get(about, False) or holds
    return tuple(ConsentStanding(*about, holds) for about, holds in asked.items())


def _diagrams(session: Session, runs: list[Run], steps: list[StepTaken]) -> list[DiagramView]:
    views: dict[str, DiagramView] = {}
    for run in runs:
        bundle = diagrams.load(session, run.bundle_digest)
        marks: dict[str, dict[str, str]] = {run.process_id: {}}
        for step in steps:
            if step.run_id == run.id:
                marks.setdefault(step.process_id, {})[step.element_id] = "done"
        for process_id, element_id in processes.live_elements(session, run):
            marks.setdefault(process_id, {})[element_id] = "live"
        for process_id, marked in marks.items():
            if (model := bundle.processes.get(process_id)) is not None:
                views[process_id] = DiagramView(
                    process_id=process_id,
                    name=model.name or process_id,
                    svg=draw.svg(model, marks=marked),
                    outline=tuple(draw.outline(model, marks=marked)),
                )
    return list(views.values())


def _known_already(session: Session, task: Task, form: Form, readable: Readable, by: Actor) -> dict[str, Any]:
    """What the process or an earlier form knows, for fields that *by* may read anyway."""
    if task.status != TaskStatus.CLAIMED:
        return {}
    known: dict[str, Any] = {}
    scalars = processes.scalars_of(session, task.run) if task.run.state else {}
    for path, field in form.fields.items():
        if path in scalars and scalars[path] is not None and not field.decides:
            known[path] = scalars[path]
    if "themes" in form.fields:
        entry, ticked = dossier.latest_values(
            session, case_id=task.subject_id, form_key="signal", field="risk_categories"
        )
        own = entry is not None and entry.organisation_id == by.organisation_id
        author = entry is not None and entry.author_id == by.person_id
        own_role = entry is not None and entry.role == by.role
        themes = sorted(signals_room.themes_of(ticked))
        field = form.fields["themes"]
        known["themes"] = [
            theme
            for theme in themes
            if readable.reads(
                field.compartment_of(theme), own_organisation=own, author=author, own_role=own_role, value=theme
            )
        ]
        if "single_or_multiple" in form.fields:
            known["single_or_multiple"] = "multiple" if len(themes) > 1 else "single"
    prefill = PREFILL.get(form.key) or handing_over.PREFILL.get(form.key)
    if prefill is not None and (case := case_of(session, task)) is not None:
        known |= prefill(session, case, by, readable)
    return {path: value for path, value in known.items() if value not in (None, [])}
