"""What happens in a family while its case runs: a birth, a move, another due date, people who join or change.

Each verb goes in one order: find, may I, can it, do, keep, write down, tell the run, plan its terms again. A question is
only asked about what the asker may know; otherwise the question would tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, cases, dossier, families, forms, logbook, organisations, processes
from workflows.access import Facts, Readable
from workflows.actor import Actor
from workflows.cases import Case, Phase
from workflows.dossier import Entry
from workflows.errors import Invalid, NotAllowed, NotFound, StaleVersion, WrongState
from workflows.families import Authority, Born, Certainty, FamilyMember, MemberKind, Milestone, SafeContact
from workflows.forms import Choices, Form
from workflows.method.bsns import may_use_bsn
from workflows.method.choices import choices_for
from workflows.method.doubts import settled
from workflows.method.effects import recard
from workflows.method.facts import find_case, write_read
from workflows.method.placing import around_case
from workflows.method.reading import member_views
from workflows.method.telling import tell
from workflows.method.versions import form_in
from workflows.method.views import CaseCard, MemberView
from workflows.processes import Change, Run

#: Form → what has to be allowed to answer it.
FORMS: Mapping[str, str] = {
    "birth": "report_birth",
    "move": "report_move",
    "due_date_change": "change_due_date",
    "member": "record_member",
    "support_consent": "record_consent",
    "rights_request": "record_request",
}
_OTHER = "other"
_NOWHERE = frozenset({"outside", "unknown"})


@dataclass(frozen=True, slots=True)
class FamilyForm:
    """A form about the family, with what is known already."""

    form: Form
    answers: Mapping[str, Any]
    choices: Choices


@dataclass(frozen=True, slots=True)
class FamilyOutline:
    """What follows from what is known of a family today, and what may be told about it; nothing of it is kept.

    ``gestational_age`` is weeks and days. ``forms`` holds keys of forms that the asker may answer now;
    ``bsn``: whether the asker may use citizen service numbers here.
    """

    phase: str | None
    gestational_age: tuple[int, int] | None
    milestones: tuple[Milestone, ...]
    members: tuple[MemberView, ...]
    forms: frozenset[str]
    bsn: bool


@dataclass(frozen=True, slots=True)
class _Told:
    """What was told about a family, clean."""

    case: Case
    family_id: UUID
    facts: Facts
    run: Run
    form: Form
    answers: forms.Answers


def report_birth(
    session: Session,
    case_id: UUID,
    *,
    answers: Mapping[str, Any],
    confirmed: frozenset[str] = frozenset(),
    by: Actor,
    at: datetime,
) -> CaseCard:
    """A child was born, or more: the pregnancy ends, the family is after birth, terms are counted from there.

    Raises:
        NotFound, NotAllowed: not for *by*. WrongState: the case is closed, or this birth was reported before.
        Invalid: the form. Doubtful: it does not go with what is known, and is not confirmed.
    """
    told = _read(session, case_id, "birth", answers, by=by, at=at)
    case, said = told.case, told.answers
    born_on = _needed(told, "birth_date")
    rows = said.get("born") or [{}]
    asked = settled(
        _doubts_of_birth(session, told, born_on, len(rows), by=by, at=at), confirmed=confirmed, form_key=told.form.key
    )
    born = [Born(born_on, str(row.get("name") or "").strip()) for row in rows]
    families.record_birth(session, told.family_id, born, by=by, at=at, case_id=case.id)
    cases.describe(session, case, phase=Phase.AFTER_BIRTH, by=by, at=at)
    entry = _keep(session, told, by=by, at=at)
    _write(session, "birth.reported", told, entry, {"born": len(rows), **asked}, by=by, at=at)
    _go_on(session, case, "birth", by=by, at=at)
    return CaseCard.of(case)


def report_move(
    session: Session,
    case_id: UUID,
    *,
    answers: Mapping[str, Any],
    confirmed: frozenset[str] = frozenset(),
    by: Actor,
    at: datetime,
) -> CaseCard:
    """The family lives elsewhere. The new municipality is responsible for support when it is one of the region; who
    holds the case holds it until somebody accepts it.

    Raises:
        NotFound, NotAllowed: not for *by*. WrongState: the case is closed. Invalid: the form.
        Doubtful: the move lies ahead, and is not confirmed.

    Source:
        Woonplaatsbeginsel: where the child lives decides which municipality is responsible. So where the family lives
        is kept with the parent, and who is responsible with the case.
    """
    told = _read(session, case_id, "move", answers, by=by, at=at)
    case, said = told.case, told.answers
    code = _municipality(session, said.get("new_municipality"))
    moved_on = _needed(told, "moved_on")
    asked = settled(_doubts_of_move(moved_on, on=local_date(at)), confirmed=confirmed, form_key=told.form.key)
    known: dict[str, Any] = {
        "municipality_code": code,
        "postcode": str(said.get("new_postcode") or "").replace(" ", "").upper(),
    }
    parents = [one for one in families.members(session, told.family_id) if one.is_parent]
    for place, parent in enumerate(parents):
        reached = {"safe_contact_detail": str(said["new_contact"])} if place == 0 and said.get("new_contact") else {}
        families.change_member(session, parent.id, case_id=case.id, by=by, at=at, **known, **reached)
    moved = code is not None and cases.relocate(session, case, code, by=by, at=at)
    entry = _keep(session, told, by=by, at=at)
    _write(session, "move.reported", told, entry, {"another_municipality": moved, **asked}, by=by, at=at)
    change = _go_on(session, case, "moved", by=by, at=at)
    _within_reach(session, change, at=at)
    return CaseCard.of(case)


def change_due_date(
    session: Session,
    case_id: UUID,
    *,
    answers: Mapping[str, Any],
    confirmed: frozenset[str] = frozenset(),
    by: Actor,
    at: datetime,
) -> CaseCard:
    """From now on the child is expected on another day; what was known before stays, terms are counted anew. Before a
    pregnancy it begins one.

    Raises:
        NotFound, NotAllowed: not for *by*. WrongState: the case is closed, or the family expects no child any more.
        Invalid: the form, or an impossible date. Doubtful: it does not go with what is known, and is not confirmed.
    """
    told = _read(session, case_id, "due_date_change", answers, by=by, at=at)
    case, said = told.case, told.answers
    due_date = _needed(told, "due_date")
    pregnancy = families.current_pregnancy(session, told.family_id)
    if pregnancy is None and case.phase not in (None, Phase.BEFORE_PREGNANCY):
        raise WrongState(f"case {case.id}: no pregnancy", detail="Bij dit gezin is nu geen zwangerschap bekend.")
    asked = settled(
        _doubts_of_due_date(session, told, due_date, by=by, at=at), confirmed=confirmed, form_key=told.form.key
    )
    if pregnancy is None:
        pregnancy = families.start_pregnancy(session, told.family_id, by=by, at=at, case_id=case.id)
        cases.describe(session, case, phase=Phase.PREGNANT, by=by, at=at)
        for one in families.members(session, told.family_id):
            if one.kind == MemberKind.PARENT:
                families.change_member(session, one.id, kind=MemberKind.PREGNANT_PERSON, case_id=case.id, by=by, at=at)
                break
    families.record_due_date(
        session,
        pregnancy.id,
        due_date=due_date,
        certainty=Certainty.DATING_SCAN if said.get("due_date_certainty") == "dating_scan" else Certainty.ESTIMATE,
        by=by,
        at=at,
        case_id=case.id,
    )
    entry = _keep(session, told, by=by, at=at)
    _write(session, "due_date.changed", told, entry, asked, by=by, at=at)
    _go_on(session, case, None, by=by, at=at)
    return CaseCard.of(case)


def record_member(
    session: Session,
    case_id: UUID,
    *,
    member_id: UUID | None = None,
    version: int | None = None,
    answers: Mapping[str, Any],
    confirmed: frozenset[str] = frozenset(),
    by: Actor,
    at: datetime,
) -> MemberView:
    """Somebody of the family, with their own language and their own way to be reached safely: new, or as known now.

    What the form does not ask about this person stays; what it asks and is left empty is not known any more. What
    changes for the parent shows on every task that waits.

    Args:
        version: of the member that was read; left out, the newest is changed.

    Raises:
        NotFound, NotAllowed: not for *by*, also when *by* may not see who it is. WrongState: the case is closed.
        StaleVersion: the member changed since. Invalid: the form. Doubtful: see :func:`report_birth`.
    """
    told = _read(session, case_id, "member", answers, by=by, at=at)
    case = told.case
    member = None if member_id is None else _seen(session, told, member_id, by=by, at=at)
    if member is not None and version is not None and version != member.version:
        raise StaleVersion(f"member {member.id} has version {member.version}, not {version}")
    kind = _kind(session, told, member)
    asked = settled(
        _doubts_of_member(session, told, member, kind, by=by, at=at), confirmed=confirmed, form_key=told.form.key
    )
    known = _known_of(told)
    if member is None:
        pregnancy = families.current_pregnancy(session, told.family_id) if kind == MemberKind.UNBORN_CHILD else None
        known["pregnancy_id"] = pregnancy.id if pregnancy else None
        member = families.add_member(session, told.family_id, kind=kind, case_id=case.id, by=by, at=at, **known)
        if pregnancy is not None and families.expected_children(session, pregnancy) > 1:
            families.describe_pregnancy(session, pregnancy, multiple=True, parity=None, by=by, at=at)
    else:
        families.change_member(session, member.id, kind=kind, case_id=case.id, by=by, at=at, **known)
    spoken_to = next((one for one in families.members(session, told.family_id) if one.is_parent), None)
    if spoken_to is member:
        cases.describe(
            session,
            case,
            language=told.answers.get("preferred_language") if "preferred_language" in known else None,
            interpreter_needed=known.get("interpreter_needed"),
            by=by,
            at=at,
        )
    entry = _keep(session, told, about=None if spoken_to is member else member, by=by, at=at)
    _write(session, "member.recorded", told, entry, {"member": member.id.hex, **asked}, by=by, at=at)
    _go_on(session, case, None, by=by, at=at)
    readable = access.visible(by, told.facts)
    shown = {one.id: one for one in member_views(session, case, readable, by, at=at)}
    return shown.get(member.id) or MemberView(member.id, member.kind, member.name, version=member.version)


def record_authority(
    session: Session,
    case_id: UUID,
    *,
    child_id: UUID,
    member_id: UUID | None,
    kind: str,
    checked: str,
    from_on: date | None = None,
    until_on: date | None = None,
    by: Actor,
    at: datetime,
) -> Authority:
    """Who decides for a child, in which period and how that was checked; see ``families.record_authority``.

    Raises:
        NotFound, NotAllowed: not for *by*. WrongState: the case is closed. Invalid: with what cannot be, per field.
    """
    case, facts = _open_case(session, case_id, "record_member", by=by, at=at)
    family_id = _family_of(case)
    seen = decides(member_views(session, case, access.visible(by, facts), by, at=at))
    if child_id not in seen or (member_id is not None and member_id not in seen):
        raise NotFound(f"case {case.id}: no such member for role {by.role}")
    found = families.record_authority(
        session,
        family_id,
        child_id=child_id,
        member_id=member_id,
        kind=kind,
        checked=checked,
        from_on=from_on,
        until_on=until_on,
        by=by,
        at=at,
        case_id=case.id,
    )
    session.flush()
    return found


# --- looking


def authorities(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> list[Authority]:
    """Who decides for whom in the family, of those that *by* may see; the read is written down.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    seen = decides(member_views(session, case, access.visible(by, facts), by, at=at))
    _read_line(session, "family.viewed", "case", case.id, case, facts, by=by, at=at)
    found = [] if case.family_id is None else families.authorities(session, case.family_id)
    return [one for one in found if one.child_id in seen and (one.member_id is None or one.member_id in seen)]


def family_form(
    session: Session, case_id: UUID, form_key: str, *, member_id: UUID | None = None, by: Actor, at: datetime
) -> FamilyForm:
    """The questions of one of :data:`FORMS`, in the version that the case runs on; of a member with what is known.

    Raises:
        NotFound, NotAllowed: as for answering them.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    access.require(by, FORMS[form_key], facts, at=at)
    run = processes.run_of(session, "case", case.id)
    form = form_in(session, run.bundle_digest, form_key)
    answers: dict[str, Any] = {}
    if member_id is not None:
        shown = member(session, case_id, member_id, by=by, at=at)
        _require_whole(shown)
        answers = _prefilled(form, shown)
    else:  # who can be chosen is called by name
        _read_line(session, "family.viewed", "case", case.id, case, facts, by=by, at=at)
    return FamilyForm(form, answers, choices_for(session, form, case, by=by, at=at))


def member(session: Session, case_id: UUID, member_id: UUID, *, by: Actor, at: datetime) -> MemberView:
    """One person of the family with how to reach them; the read is written down.

    Raises:
        NotFound: not for *by*, or only by name.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    readable = access.visible(by, facts)
    shown = {one.id: one for one in member_views(session, case, readable, by, at=at)}.get(member_id)
    if shown is None or shown.version is None:
        raise NotFound(f"case {case.id}: member {member_id} is not there for role {by.role}")
    _read_line(session, "member.viewed", "family_member", member_id, case, facts, by=by, at=at)
    return shown


def family_outline(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> FamilyOutline:
    """How far along the family is today and which days matter, as far as *by* may know; the read is written down.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    on = local_date(at)
    due_date, births = (None, []) if case.family_id is None else _dates(session, case, facts, by=by, at=at)
    limit = families.limits(session, municipality=case.municipality_code, on=on).age_limit_months
    lost = case.family_id is not None and families.ended_in_loss(session, case.family_id)
    days = families.milestones(due_date=due_date, youngest_born_on=max(births, default=None), age_limit_months=limit)
    _read_line(session, "family.viewed", "case", case.id, case, facts, by=by, at=at)
    return FamilyOutline(
        phase=case.phase,
        gestational_age=None if due_date is None else families.gestational_age(due_date, on),
        milestones=() if lost and due_date is None else days,  # after a loss nothing counts on
        members=member_views(session, case, access.visible(by, facts), by, at=at),
        forms=_answerable(session, case, facts, by=by),
        bsn=access.allows(by, "view_bsn", replace(facts, may_use_bsn=may_use_bsn(session, by))),
    )


def _answerable(session: Session, case: Case, facts: Facts, *, by: Actor) -> frozenset[str]:
    if case.is_closed or case.family_id is None:
        return frozenset()
    run = processes.run_of(session, "case", case.id)
    found = set()
    for key, action in FORMS.items():
        if not access.allows(by, action, facts):
            continue
        try:
            form_in(session, run.bundle_digest, key)
        except NotFound:
            continue  # neither this bundle nor the current one asks that
        found.add(key)
    if case.phase == Phase.AFTER_BIRTH:
        found.discard("due_date_change")
    return frozenset(found)


def _read_line(
    session: Session, event: str, kind: str, identity: UUID, case: Case, facts: Facts, *, by: Actor, at: datetime
) -> None:
    write_read(session, event, kind, identity, case=case, facts=facts, purpose="family", saw=("C0",), by=by, at=at)


# --- the parts of a verb


def may_know_due_date(case: Case, readable: Readable, by: Actor) -> bool:
    """Whether *by* may know when a child is expected."""
    return readable.reads("C1", own_organisation=by.organisation_id == case.signaller_organisation_id)


def decides(shown: tuple[MemberView, ...]) -> set[UUID]:
    """Of whom it may be said that they decide for a child: also of another parent who is not shown, because that has to be
    known before a child's data is shared."""
    return {one.id for one in shown if one.version is not None or one.kind == MemberKind.PARTNER}


def _open_case(session: Session, case_id: UUID, action: str, *, by: Actor, at: datetime) -> tuple[Case, Facts]:
    case, facts = find_case(session, case_id, by=by, at=at, lock=True)
    access.require(by, action, facts, at=at)
    if case.is_closed:
        raise WrongState(f"case {case.id} is closed", detail="Deze casus is al gesloten.")
    return case, facts


def _family_of(case: Case) -> UUID:
    if case.family_id is None:
        raise WrongState(f"case {case.id} has no family")
    return case.family_id


def _read(
    session: Session, case_id: UUID, form_key: str, answers: Mapping[str, Any], *, by: Actor, at: datetime
) -> _Told:
    case, facts = _open_case(session, case_id, FORMS[form_key], by=by, at=at)
    run = processes.run_of(session, "case", case.id)
    form = form_in(session, run.bundle_digest, form_key)
    clean = forms.clean(form, answers, on=local_date(at), choices=choices_for(session, form, case, by=by, at=at))
    return _Told(case, _family_of(case), facts, run, form, clean)


def _keep(session: Session, told: _Told, *, about: FamilyMember | None = None, by: Actor, at: datetime) -> Entry:
    entry = dossier.record(
        session, case_id=told.case.id, form=told.form, answers=told.answers, about=about, by=by, at=at
    )
    session.flush()
    return entry


def _write(
    session: Session, event: str, told: _Told, entry: Entry, more: Mapping[str, Any], *, by: Actor, at: datetime
) -> None:
    details = {"entry": entry.id.hex, **more}
    logbook.write(session, event, "case", told.case.id, case_id=told.case.id, by=by, at=at, details=details)


def _go_on(session: Session, case: Case, message: str | None, *, by: Actor, at: datetime) -> Change:
    """Tell the run, let waiting tasks say what is known now, and plan the terms again."""
    change = Change() if message is None else tell(session, case, message, by=by, at=at)
    recard(session, case)
    run = processes.lock_run(session, processes.run_of(session, "case", case.id).id)
    assert run is not None
    around = around_case(session, case, at=at, careful=False)
    processes.reschedule(session, run, place=around.place, terms=around.terms, at=at)
    session.flush()
    return change


def _within_reach(session: Session, change: Change, *, at: datetime) -> None:
    """A task about a move to where nobody of the team works is shown to the whole team: somebody has to see it."""
    for task in change.opened:
        team = organisations.people_with_role(
            session,
            organisation_id=task.organisation_id,
            role=task.role,
            municipality=task.municipality_code,
            on=local_date(at),
        )
        if not team:
            task.municipality_code = None
    session.flush()


def _needed(told: _Told, field: str) -> date:
    """A day that this verb cannot do without, also when somebody drew that question away."""
    day = _day(told, field)
    if day is None:
        raise Invalid(f"form {told.form.key} gives no {field}", errors={field: ["Vul een datum in die bestaat."]})
    return day


def _day(told: _Told, field: str) -> date | None:
    value = told.answers.get(field)
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        raise Invalid(f"{field} is no day", errors={field: ["Vul een datum in die bestaat."]}) from None


def _municipality(session: Session, code: object) -> str | None:
    """A municipality of the region; None for one outside it, or not known."""
    if code is None or code in _NOWHERE:
        return None
    try:
        return organisations.municipality(session, str(code)).code
    except NotFound:
        errors = {"new_municipality": ["Kies een gemeente uit de lijst."]}
        raise Invalid("move to an unknown municipality", errors=errors) from None


# --- what is asked about


def _dates(session: Session, case: Case, facts: Facts, *, by: Actor, at: datetime) -> tuple[date | None, list[date]]:
    """The due date and the birth dates of children, as far as *by* may know them."""
    family_id = _family_of(case)
    readable = access.visible(by, facts)
    due_date = families.current_due_date(session, family_id) if may_know_due_date(case, readable, by) else None
    shown = member_views(session, case, readable, by, at=at)
    births = [one.birth_date for one in shown if one.kind == MemberKind.CHILD and one.birth_date is not None]
    return due_date, births


def _doubts_of_birth(
    session: Session, told: _Told, born_on: date, born: int, *, by: Actor, at: datetime
) -> Mapping[str, str]:
    on = local_date(at)
    limits = families.limits(session, municipality=told.case.municipality_code, on=on)
    due_date, births = _dates(session, told.case, told.facts, by=by, at=at)
    pregnancy = families.current_pregnancy(session, told.family_id)
    expected = families.expected_children(session, pregnancy) if pregnancy is not None and due_date is not None else 1
    lost: dict[str, str] = {}
    own = by.organisation_id == told.case.signaller_organisation_id
    knows = access.visible(by, told.facts).reads("C1", own_organisation=own)
    if knows and pregnancy is None and families.ended_in_loss(session, told.family_id):
        lost["birth_date"] = "Voor dit gezin is een verlies gemeld. Klopt het dat er een kind is geboren?"
    return families.joined(
        lost,
        families.doubt_birth(
            born_on,
            due_date=due_date,
            preterm=told.answers.get("preterm"),
            born=born,
            expected=expected,
            limits=limits,
        ),
        families.doubt_child(born_on, siblings=births, expecting=False, on=on, limits=limits),
    )


def _doubts_of_move(moved_on: date, *, on: date) -> Mapping[str, str]:
    if moved_on <= on:
        return {}
    return {
        "moved_on": f"Het gezin verhuist pas op {moved_on:%d-%m-%Y}. Klopt het dat u het nu al doorgeeft? "
        "De nieuwe gemeente is dan meteen verantwoordelijk."
    }


def _doubts_of_due_date(session: Session, told: _Told, due_date: date, *, by: Actor, at: datetime) -> Mapping[str, str]:
    on = local_date(at)
    limits = families.limits(session, municipality=told.case.municipality_code, on=on)
    earlier, births = _dates(session, told.case, told.facts, by=by, at=at)
    return families.doubt_due_date(due_date, earlier=earlier, births=births, on=on, limits=limits)


def _doubts_of_member(
    session: Session, told: _Told, member: FamilyMember | None, kind: MemberKind, *, by: Actor, at: datetime
) -> Mapping[str, str]:
    born_on = _day(told, "birth_date")
    if born_on is None:
        return {}
    on = local_date(at)
    limits = families.limits(session, municipality=told.case.municipality_code, on=on)
    due_date, births = _dates(session, told.case, told.facts, by=by, at=at)
    if kind == MemberKind.CHILD:
        if member is not None and member.birth_date in births:
            births.remove(member.birth_date)
        expecting = due_date is not None
        return families.doubt_child(born_on, siblings=births, expecting=expecting, on=on, limits=limits)
    if kind in (MemberKind.PREGNANT_PERSON, MemberKind.PARENT, MemberKind.PARTNER):
        child_on = due_date or max(births, default=on)
        return families.doubt_parent(born_on, child_on=child_on, on=on, limits=limits)
    return {}


# --- a member from and to a form


def _require_whole(shown: MemberView) -> None:
    """What is not on a form is wiped out by sending it: who may not know an address does not change how to reach somebody."""
    if shown.address_withheld:
        raise NotAllowed(
            f"member {shown.id}: the address is shielded",
            detail="Het adres van deze persoon is afgeschermd. Alleen wie de casus vasthoudt, kan dit veranderen.",
        )


def _shown(session: Session, told: _Told, *, by: Actor, at: datetime) -> dict[UUID, MemberView]:
    readable = access.visible(by, told.facts)
    return {one.id: one for one in member_views(session, told.case, readable, by, at=at) if one.version is not None}


def _seen(session: Session, told: _Told, member_id: UUID, *, by: Actor, at: datetime) -> FamilyMember:
    shown = _shown(session, told, by=by, at=at)
    if member_id in shown:
        _require_whole(shown[member_id])
    else:
        raise NotFound(f"case {told.case.id}: member {member_id} is not there for role {by.role}")
    return families.member(session, told.family_id, member_id)


def _kind(session: Session, told: _Told, member: FamilyMember | None) -> MemberKind:
    """Who somebody is from now on. A parent stays the parent, a child the child; there is one parent to speak with."""
    said = told.answers.get("member_kind")
    problem = "Kies wie dit is."
    if member is not None:
        kind = MemberKind(member.kind)
        if said is None or said == kind or (member.is_parent and said == MemberKind.PARENT):
            return kind
        fixed = member.is_parent or kind in (MemberKind.CHILD, MemberKind.UNBORN_CHILD)
        if not fixed and said in (MemberKind.PARTNER, MemberKind.HOUSEHOLD):
            return MemberKind(said)
        problem = "Dit kunt u niet veranderen. Voeg iemand anders toe."
    elif said in (MemberKind.PARTNER, MemberKind.CHILD, MemberKind.HOUSEHOLD):
        return MemberKind(said)
    elif said == MemberKind.UNBORN_CHILD:
        if families.current_pregnancy(session, told.family_id) is not None:
            return MemberKind.UNBORN_CHILD
        problem = "Bij dit gezin is nu geen zwangerschap bekend."
    elif said == MemberKind.PARENT:
        if not any(one.is_parent for one in families.members(session, told.family_id)):
            return MemberKind.PARENT
        problem = "De ouder staat er al. Kies ‘partner of andere ouder’."
    raise Invalid(f"case {told.case.id}: no such member", errors={"member_kind": [problem]})


def _known_of(told: _Told) -> dict[str, Any]:
    """Columns of a member, for every question that the form asks about this person."""
    said, gone = told.answers, forms.hidden(told.form, told.answers)
    asked = {path for path in told.form.fields if path not in gone}
    known: dict[str, Any] = {}
    if "name" in asked:
        known["name"] = str(said.get("name") or "").strip()
    if "birth_date" in asked:
        known["birth_date"] = _day(told, "birth_date")
    if "postcode" in asked:
        known["postcode"] = str(said.get("postcode") or "").replace(" ", "").upper()
    if "preferred_language" in asked:
        code = str(said.get("preferred_language") or "nl")
        known["preferred_language"] = str(said.get("other_language") or code) if code == _OTHER else code
    for name in ("interpreter_needed", "reading_support"):
        if name in asked:
            known[name] = bool(said.get(name))
    if "shielded_address" in asked:
        known["shielded_address"] = said.get("shielded_address") is True
    if "safe_contact" in asked:
        if said.get("safe_contact") not in (None, *SafeContact):
            raise Invalid("unknown way of contact", errors={"safe_contact": ["Kies een van de antwoorden."]})
        known["safe_contact"] = said.get("safe_contact")
        known["safe_contact_detail"] = str(said.get("safe_contact_detail") or "")
    return known


def _prefilled(form: Form, shown: MemberView) -> dict[str, Any]:
    """A member as answers, as if they had just been given; what is empty is left out."""
    kind = MemberKind.PARENT if shown.kind == MemberKind.PREGNANT_PERSON else shown.kind
    language = form.fields.get("preferred_language")
    offered = {option.value for option in language.options} if language else set()
    rare = shown.preferred_language is not None and shown.preferred_language not in offered
    known = {
        "member_kind": str(kind),
        "name": shown.name,
        "birth_date": shown.birth_date.isoformat() if shown.birth_date else None,
        "postcode": shown.postcode,
        "preferred_language": _OTHER if rare else shown.preferred_language,
        "other_language": shown.preferred_language if rare else None,
        "interpreter_needed": shown.interpreter_needed,
        "reading_support": shown.reading_support,
        "safe_contact": shown.safe_contact,
        "safe_contact_detail": shown.safe_contact_detail,
        "shielded_address": shown.shielded_address or None,
    }
    return {name: value for name, value in known.items() if name in form.fields and value not in (None, "")}
