"""What a family agreed to and with whom something was shared: on the page of a case, on a page of its own, and on paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from api.pages import kept, shown, words
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import now, reading, transaction
from workflows import access, method, organisations
from workflows.consent import DATA_SUBJECT
from workflows.errors import NotFound, WrongState

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session

GIVERS = {
    "self": "de persoon zelf",
    "parent_with_authority": "een ouder met gezag",
    "both_parents": "beide ouders",
    "minor_and_parents": "de jongere en de ouders samen",
    "curator": "de curator",
    "guardian": "de voogd",
}
FORMS = {"oral": "mondeling", "written": "schriftelijk", "digital": "digitaal"}
EXPLAINED = {
    "what": "wat we gaan doen",
    "why": "waarom",
    "which_data": "welke gegevens",
    "with_whom": "met wie",
    "may_refuse": "dat nee zeggen mag",
    "may_withdraw": "dat intrekken altijd kan",
}
CAUSES = {
    "task": "pakte een taak op",
    "handover": "nam de casus aan",
    "hub_item": "werd uitgenodigd voor het overleg",
    "entry": "kreeg het te horen",
    "consent": "de toestemming veranderde",
    "case": "kreeg een plek in de casus",
    "copy": "kreeg een afschrift",
    "emergency": "gebruikte de noodknop",
    "ground": "iemand beriep zich op een andere grond dan toestemming",
    "before": "deed al mee",
}
STANDS = {
    "allowed": ("mag", "good"),
    "partly": ("mag deels", "soon"),
    "refused": ("mag niet", "calm"),
    "withdrawn": ("ingetrokken", "calm"),
    "run_out": ("afgelopen", "calm"),
}
_NOBODY_NAMED = {"parent": "de ouder", "pregnant_person": "de ouder"}


@dataclass(frozen=True, slots=True)
class Talk:
    """What was answered in one talk about one recipient and purpose."""

    allowed: tuple[str, ...]
    refused: tuple[str, ...]
    recorded_at: datetime
    recorded_by: str
    given_by: str
    authority_checked: bool
    how: str
    explained: str
    text_version: str
    form_version: str
    valid_until: datetime | None
    withdrawn: tuple[tuple[datetime, str], ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """Of one person of the family: what may go to whom now, newest first."""

    id: UUID
    name: str
    groups: tuple[Group, ...]
    is_parent: bool


@dataclass(frozen=True, slots=True)
class Group:
    """One recipient and one purpose, for one person: how it stands, and every talk about it."""

    subject: str
    recipient: str
    purpose: str
    stand: str
    stand_kind: str
    allowed: tuple[str, ...]
    refused: tuple[str, ...]
    withdrawn: tuple[str, ...]
    ids: tuple[UUID, ...]
    valid_until: datetime | None
    talks: tuple[Talk, ...]

    @property
    def asked_at(self) -> datetime:
        """Of the latest talk."""
        return self.talks[0].recorded_at


@dataclass(frozen=True, slots=True)
class Act:
    """With whom something was shared."""

    recipient: str
    role: str
    purpose: str
    ground: str
    categories: tuple[str, ...]
    cause: str
    since: datetime
    until: datetime | None
    once: bool


@dataclass(frozen=True, slots=True)
class Invoked:
    """Another ground than consent on which something was shared."""

    id: UUID
    ground: str
    why: str
    asked_by: str
    recipient: str
    role: str
    categories: tuple[str, ...]
    reason: str | None
    since: datetime
    until: datetime
    ended_at: datetime | None
    told_at: datetime | None
    opens: bool
    silent: bool
    runs: bool
    may_end: bool
    may_tell: bool


@dataclass(frozen=True, slots=True)
class Sharing:
    """The ledger as it is read."""

    case_id: UUID
    case_number: str
    told: bool
    subjects: tuple[Subject, ...]
    acts: tuple[Act, ...]
    grounds: tuple[Invoked, ...]
    stopped_at: tuple[datetime, ...]
    may_withdraw: bool
    may_record: bool
    may_invoke: bool
    #: A name for one form on the page.
    nonce: Callable[[], str]

    @property
    def told_grounds(self) -> tuple[Invoked, ...]:
        """What the parent may see of them."""
        return tuple(one for one in self.grounds if not one.silent or one.told_at is not None)

    @property
    def groups(self) -> tuple[Group, ...]:
        """Of everybody, for a short list."""
        return tuple(group for one in self.subjects for group in one.groups)


def read(
    session: Session,
    view: method.SharingView,
    names: shown.Names,
    *,
    by: Actor,
    known: Mapping[UUID, str] | None = None,
) -> Sharing:
    """The ledger with names and Dutch words.

    Args:
        known: names of people that were looked up already.
    """

    def about(one: Any) -> tuple[str, ...]:
        return str(one.subject_id), str(one.recipient_organisation_id), str(one.recipient_kind), one.purpose

    people = _People(session, known or {})
    groups: dict[UUID, list[Group]] = {}
    for _, same in groupby(sorted(view.answers, key=about), key=about):
        answers = sorted(same, key=lambda one: one.recorded_at, reverse=True)
        groups.setdefault(answers[0].subject_id, []).append(_group(answers, names, people))
    for found in groups.values():
        found.sort(key=lambda group: group.asked_at, reverse=True)
    parents = {one.subject_id for one in view.answers if one.subject_kind in _NOBODY_NAMED}
    return Sharing(
        case_id=view.case_id,
        case_number=view.case_number,
        told=view.told,
        subjects=tuple(
            Subject(key, found[0].subject, tuple(found), key in parents)
            for key, found in sorted(groups.items(), key=lambda one: (one[1][0].subject, one[0]))
        ),
        acts=tuple(_act(one, names) for one in view.disclosures),
        grounds=tuple(_invoked(one, names) for one in view.grounds),
        stopped_at=view.stopped_at,
        may_withdraw=view.may_withdraw,
        may_record=view.may_record,
        may_invoke=view.may_invoke,
        nonce=lambda: kept.nonce(by),
    )


@pages.get("/casussen/<uuid:case_id>/toestemming")
def sharing(case_id: UUID) -> str:
    with reading() as session:
        by = known(session)
        view = method.sharing_of_case(session, case_id, by=by, at=now())
        return render("sharing.html", sharing=read(session, view, shown.Names(session), by=by))


@pages.get("/casussen/<uuid:case_id>/toestemming/papier/<uuid:subject_id>")
def sharing_paper(case_id: UUID, subject_id: UUID) -> str:
    """For one person to take home, with a slip to take it back; of nobody else anything stands on it."""
    with reading() as session:
        by = known(session)
        view = method.sharing_of_case(session, case_id, by=by, at=now(), event="consents.printed")
        ledger = read(session, view, shown.Names(session), by=by)
        about = next((one for one in ledger.subjects if one.id == subject_id), None)
        if about is None:
            raise NotFound(f"case {case_id}: nothing was asked about {subject_id}")
        asks = organisations.organisation(session, by.organisation_id).name if by.organisation_id else ""
        return render(
            "sharing_paper.html",
            sharing=ledger,
            subject=about,
            asks=asks,
            today=now(),
            nonce=kept.nonce(by, subject_id),
        )


@pages.post("/casussen/<uuid:case_id>/meegegeven")
def give_paper(case_id: UUID) -> Response:
    """A paper went to the person whom it is about: once, however often it is sent."""
    try:
        subject_id = UUID(request.form.get("subject_id", ""))
    except ValueError as wrong:
        raise NotFound(f"case {case_id}: nobody to give a paper") from wrong
    paper = request.form.get("paper", "")
    with transaction() as session:
        by = known(session)
        if kept.sent_before(session, by=by) is None:
            method.give_paper(session, case_id, paper=paper, subject_id=subject_id, by=by, at=now())
            kept.now_sent(session, case_id)
    flash("Vastgelegd dat u dit papier meegaf.", "ok")
    return redirect(url_for("pages.sharing", case_id=case_id) + "#gedeeld", 303)


@pages.post("/casussen/<uuid:case_id>/toestemming/intrekken")
def withdraw_consents(case_id: UUID) -> Response:
    """One recipient and purpose (``consent``, as often as needed), or everything (``everything``)."""
    try:
        chosen = None if "everything" in request.form else [UUID(one) for one in request.form.getlist("consent")]
    except ValueError as wrong:
        raise NotFound(f"case {case_id}: no such consent") from wrong
    said = (
        "Alle toestemmingen zijn ingetrokken. Vanaf nu wordt er niets meer gedeeld."
        if chosen is None
        else "De toestemming is ingetrokken. Vanaf nu ziet deze ontvanger dit niet meer."
    )
    kind = "ok"
    try:
        with transaction() as session:
            by = known(session)
            method.withdraw_consents(session, case_id, chosen, by=by, at=now())
            kept.note(session, case_id, by=by)
    except WrongState as refusal:
        said, kind = refusal.detail, "warning"
    except NotFound as refusal:  # the first time may have taken the case from whoever sends it
        kept.pass_when_sent_twice(refusal)
    flash(said, kind)
    return redirect(_back(case_id), 303)


def _back(case_id: UUID) -> str:
    """To the ledger; to the work list when who recorded it sees the case no more by it."""
    try:
        with reading() as session:
            method.sharing_of_case(session, case_id, by=known(session), at=now())
    except NotFound:
        return url_for("pages.work")
    return url_for("pages.sharing", case_id=case_id)


class _People:
    """Names of who recorded something, each looked up once."""

    def __init__(self, session: Session, known: Mapping[UUID, str]) -> None:
        self._session = session
        self._known: dict[UUID, str] = dict(known)

    def name(self, key: UUID | None) -> str:
        if key is None:
            return ""
        if key not in self._known:
            self._known[key] = organisations.person(self._session, key).display_name
        return self._known[key]


def _group(answers: Sequence[method.AnswerView], names: shown.Names, people: _People) -> Group:
    first = answers[0]
    current = [one for one in answers if one.status != "replaced"]
    allowed = [one for one in current if one.status == "allowed"]
    refused = [one for one in current if one.status == "refused"]
    if allowed:
        stand = "allowed" if len(allowed) == len(current) else "partly"
    else:
        stand = next((one.status for one in current if one.status != "refused"), "refused")
    text, kind = STANDS[str(stand)]
    ends = [one.valid_until for one in allowed if one.valid_until is not None]
    talks = [list(same) for _, same in groupby(answers, key=lambda one: one.recorded_at)]
    return Group(
        subject=first.subject_name
        or _NOBODY_NAMED.get(first.subject_kind)
        or words.say(first.subject_kind, words.MEMBERS),
        recipient=names.organisation(first.recipient_organisation_id)
        or words.say(first.recipient_kind, words.RECIPIENTS),
        purpose=first.purpose,
        stand=text,
        stand_kind=kind,
        allowed=_categories(allowed),
        refused=_categories(refused),
        withdrawn=_categories([one for one in current if one.status in ("withdrawn", "run_out")]),
        ids=tuple(one.id for one in allowed),
        valid_until=min(ends, default=None),
        talks=tuple(_talk(same, names, people) for same in talks),
    )


def _talk(answers: Sequence[method.AnswerView], names: shown.Names, people: _People) -> Talk:
    first = answers[0]
    who = [people.name(first.recorded_by), names.organisation(first.recorded_for)]
    how = [words.say(first.form, FORMS), words.say(first.language, words.LANGUAGES)]
    if first.interpreter:
        how.append("met een tolk")
    taken_back = {(one.withdrawn_at, words.say(one.withdrawn_by, GIVERS)) for one in answers if one.withdrawn_at}
    return Talk(
        allowed=_categories([one for one in answers if one.given]),
        refused=_categories([one for one in answers if not one.given]),
        recorded_at=first.recorded_at,
        recorded_by=", ".join(one for one in who if one),
        given_by=words.say(first.given_by, GIVERS),
        authority_checked=first.authority_checked,
        how=", ".join(one for one in how if one) if first.form else "",
        explained=", ".join(words.say(one, EXPLAINED) for one in first.information_given),
        text_version=first.text_version,
        form_version=(first.form_digest or "")[:12],
        valid_until=next((one.valid_until for one in answers if one.valid_until), None),
        withdrawn=tuple(sorted(taken_back, key=lambda one: str(one[0]))),
    )


def _categories(answers: Sequence[method.AnswerView]) -> tuple[str, ...]:
    return tuple(access.in_order(one.category for one in answers))


def _invoked(one: method.GroundView, names: shown.Names) -> Invoked:
    return Invoked(
        id=one.id,
        ground=words.say(one.ground, words.GROUNDS),
        why=words.say(one.ground, words.GROUNDS_TO_PARENT),
        asked_by=names.organisation(one.organisation_id),
        recipient=names.organisation(one.recipient_organisation_id) or words.say(one.recipient_kind, words.RECIPIENTS),
        role=words.say(one.recipient_role, words.ROLES) if one.recipient_role else "",
        categories=one.categories,
        reason=one.reason,
        since=one.from_at,
        until=one.until_at,
        ended_at=one.ended_at,
        told_at=one.told_at,
        opens=bool(one.categories) and not one.silent,
        silent=one.silent,
        runs=one.runs,
        may_end=one.may_end,
        may_tell=one.may_tell,
    )


def _act(one: Any, names: shown.Names) -> Act:
    return Act(
        recipient=names.organisation(one.recipient_organisation_id)
        or (
            "De persoon zelf" if one.recipient_kind == DATA_SUBJECT else words.say(one.recipient_kind, words.RECIPIENTS)
        ),
        role=words.say(one.role, words.ROLES),
        purpose=words.say(one.purpose, words.PURPOSES),
        ground=words.say(one.ground, words.GROUNDS),
        categories=tuple(one.categories),
        cause=words.say(one.cause, CAUSES),
        since=one.at,
        until=one.ended_at,
        once=one.ended_at == one.at,
    )
