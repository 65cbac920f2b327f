"""Handing over to a party that has no account: a GP, maternity care, an organisation outside the region.

Two ways that go apart: a link, and a code that the sender reads out by telephone; or paper. What goes along is cut by what
the family agreed to for that kind of party, or what another ground than consent opens to it, frozen, and looked at together with the parent before it is sent. It opens
once. Nobody outside can hold a case here: the sender holds it until it is closed, with what came of it as its result.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import add_working_days, end_of_day, local_date
from workflows import access, cases, consent, logbook, organisations, outside, processes, settings
from workflows.access import Facts, Ground, Readable
from workflows.actor import Actor
from workflows.cases import Case
from workflows.consent import Because, DisclosureCause, Purpose
from workflows.db import house
from workflows.errors import ConsentMissing, GroundMissing, Invalid, NotFound, WrongState
from workflows.families import MemberKind
from workflows.method.agreed_outside import resting_outside, still_may
from workflows.method.facts import NOWHERE, find_case
from workflows.method.manifest import viewer
from workflows.method.packing import Told, frozen, told_to
from workflows.method.placing import holder_place
from workflows.method.proving import HeldBack
from workflows.method.reading import entries_for, member_views
from workflows.organisations import OrganisationType
from workflows.outside import (
    OutsideEnd,
    OutsideHandover,
    OutsideKind,
    OutsideReceipt,
    OutsideStatus,
    OutsideWay,
    Sent,
)
from workflows.packages import Frozen, WithheldBecause

#: Role of whoever opens a link: nobody here, and known by nothing but the link and the code.
OUTSIDER = "outside_party"
#: A party outside reads what a case director would read with the same consent, and nothing that needs an account.
_READS_AS = consent.OUTSIDE_READS_AS
#: Never for a party outside: safety, the other parent, and how handing over and consent themselves went.
_LEFT_OUT = frozenset({"C5", "C8", "C9", "C10", "C11"})
#: How things go here. No parent could tell it, and outside it means nothing.
_OF_HERE = frozenset(
    {
        "case", "status", "task", "term", "party", "reference", "task_note", "handover", "consent", "disclosure", "ground",
        "block", "request", "hold", "emergency",
    }
)  # fmt: skip
#: What a view says of a row that is no column of it; ``receipt_hash`` of the row is with what its page confirms.
_WORKED_OUT = frozenset(
    {"over", "by_telephone", "categories", "package_hash", "receipt_hash", "holds", "went", "held_back"}
)
#: Form of the task that tells the holder that it arrived.
_TOLD_WITH = "follow_up"


class NothingOpens(NotFound):
    """Link unknown, used, over or withdrawn, or the code is wrong: one answer for all."""

    title = "Dit opent niet"
    detail = "De code klopt niet, of de link werkt niet meer: hij is al gebruikt, verlopen of ingetrokken. Bel wie u de link gaf."


@dataclass(frozen=True, slots=True)
class OutsideView:
    """How a handover to a party outside stands, for who holds the case."""

    id: UUID
    case_id: UUID
    kind: str
    way: str
    party_kind: str
    party_name: str
    telephone: str
    status: str
    categories: tuple[str, ...]
    content_hash: str
    package_hash: str  #: of what was sent, to whom and when; stands in the logbook
    receipt_hash: str | None  #: of who said that it arrived
    holds: bool | None  #: whether both are still what they were; None: not looked at
    went: int | None  #: things that went along, of those that the sender may know of; None: of this nothing was counted
    held_back: tuple[HeldBack, ...]  #: what did not, of what the sender may know of
    sent_at: datetime
    open_until: datetime
    over: bool  #: the time is past and nobody opened it
    opened_at: datetime | None
    received_at: datetime | None
    receipt: str | None
    receiver_name: str | None
    receiver_function: str | None
    receiver_organisation: str | None
    by_telephone: bool
    ended_at: datetime | None
    ended_because: str | None


@dataclass(frozen=True, slots=True)
class Opened:
    """What a party outside reads, once, and with what it confirms that it arrived."""

    content: Mapping[str, Any]
    receipt_token: str
    party_name: str
    package_hash: str  #: of what was sent, for the receiver to keep


def outside_errors(*, kind: str, way: str, party_kind: str, party_name: str, telephone: str) -> dict[str, list[str]]:
    """What is not right yet about to whom, where and how a family goes; looks nothing up."""
    errors = outside.problems({"party_name": party_name, "telephone": telephone})
    for field, given, codes in (
        ("kind", kind, OutsideKind),
        ("way", way, OutsideWay),
        ("party_kind", party_kind, OrganisationType),
    ):
        if given not in set(codes):
            errors[field] = ["Kies een van de antwoorden."]
    if len(telephone.strip()) > 40 or sum(sign.isdigit() for sign in telephone) < 3:
        errors["telephone"] = ["Vul een telefoonnummer in, bijvoorbeeld 077-1234567."]
    return errors


def outside_preview(session: Session, case_id: UUID, *, party_kind: str, by: Actor, at: datetime) -> Mapping[str, Any]:
    """What would go along to a party of this kind, exactly as it will be read there; the read is written down.

    Raises:
        NotFound, NotAllowed: only who holds the case. ConsentMissing, GroundMissing: nothing may go there.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    access.require(by, "hand_over_outside", facts, at=at)
    content = _as_read(_going(session, case, party_kind, at=at))
    logbook.read(
        session, "outside.previewed", "case", case.id, case_id=case.id, by=by, at=at, purpose="handover",
        rule=access.rule_of(by, facts), compartments=content["categories"], details={"party": party_kind},
    )  # fmt: skip
    return content


def hand_over_outside(
    session: Session,
    case_id: UUID,
    *,
    kind: str,
    way: str,
    party_kind: str,
    party_name: str,
    telephone: str,
    shown_to_parent: bool,
    by: Actor,
    at: datetime,
) -> Sent:
    """Freeze what goes along and make it ready: a link and a code, shown once, or paper.

    Raises:
        NotFound, NotAllowed: only who holds the case. Invalid: every field that is not right. WrongState: closed.
        ConsentMissing, GroundMissing: the family did not agree that this kind of party gets it.
    """
    case, facts = find_case(session, case_id, by=by, at=at, lock=True)
    access.require(by, "hand_over_outside", facts, at=at)
    if case.is_closed:
        raise WrongState(f"case {case.id} is closed", detail="Deze casus is al gesloten.")
    errors = outside_errors(kind=kind, way=way, party_kind=party_kind, party_name=party_name, telephone=telephone)
    if not shown_to_parent and not consent.opened_outside(session, case.id, party_kind, at=at):
        errors["shown_to_parent"] = ["Bekijk eerst samen met de ouder wat er meegaat."]
    if errors:
        raise Invalid(f"case {case.id}: handover outside refused", errors=errors)
    going = _going(session, case, party_kind, at=at)
    days = int(settings.get(session, "outside.open_days", on=local_date(at)))
    sent = outside.send(
        session,
        case,
        kind=OutsideKind(kind),
        way=OutsideWay(way),
        party_kind=party_kind,
        party_name=party_name,
        telephone=telephone,
        categories=going.head["categories"],
        content=going.head,
        items=_manifest(session, case, going, by=by, at=at),
        open_until=end_of_day(add_working_days(local_date(at), days)),
        by=by,
        at=at,
    )
    if way == OutsideWay.PAPER:  # whoever prints it has it in hand
        made = outside.find(session, sent.id)
        assert made is not None
        _hand_out(session, case, made, by=by, at=at)
    return sent


def outside_list(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> list[OutsideView]:
    """What was sent to parties outside and how it stands, newest first; the read is written down.

    Raises:
        NotFound, NotAllowed: only who holds the case.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    access.require(by, "hand_over_outside", facts, at=at)
    found = [
        replace(_view(session, one, at), holds=outside.check(session, one).holds)
        for one in outside.of_case(session, case.id)
    ]
    logbook.read(
        session, "outside.viewed", "case", case.id, case_id=case.id, by=by, at=at, purpose="handover",
        rule=access.rule_of(by, facts), compartments=["C9"] if found else (), details={"count": len(found)},
    )  # fmt: skip
    return found


def may_hand_over_outside(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> bool:
    """Whether *by* holds the case; for showing the way there, never instead of asking.

    Raises:
        NotFound: no such case, or not for *by*.
    """
    case, facts = find_case(session, case_id, by=by, at=at)
    return access.allows(by, "hand_over_outside", facts) and not case.is_closed


def outside_paper(
    session: Session, handover_id: UUID, *, by: Actor, at: datetime
) -> tuple[OutsideView, Mapping[str, Any]]:
    """What goes along on paper, to print; the read is written down.

    Raises:
        NotFound, NotAllowed: only who holds the case. WrongState: it goes by link, or it ended.
    """
    case, made, facts = _find(session, handover_id, by=by, at=at)
    if made.way != OutsideWay.PAPER or made.status == OutsideStatus.ENDED:
        raise WrongState(f"outside handover {made.id} is not on paper", detail="Dit gaat niet (meer) op papier.")
    logbook.read(
        session, "outside.printed", "outside_handover", made.id, case_id=case.id, by=by, at=at, purpose="handover",
        rule=access.rule_of(by, facts), compartments=made.categories,
    )  # fmt: skip
    return _view(session, made, at), _sent(session, made)


def withdraw_outside(session: Session, handover_id: UUID, *, by: Actor, at: datetime) -> OutsideView:
    """It opens no more, from this moment.

    Raises:
        NotFound, NotAllowed: only who holds the case. WrongState: it was received, or it ended before.
    """
    _, made, _ = _find(session, handover_id, by=by, at=at, lock=True)
    outside.end(session, made, OutsideEnd.WITHDRAWN, by=by, at=at)
    return _view(session, made, at)


def record_outside_receipt(
    session: Session,
    handover_id: UUID,
    *,
    receipt: str,
    name: str,
    function: str,
    organisation: str,
    by: Actor,
    at: datetime,
) -> OutsideView:
    """What the receiver said by telephone: it arrived.

    Raises:
        NotFound, NotAllowed: only who holds the case. Invalid: every field. WrongState: received or ended before.
    """
    case, made, _ = _find(session, handover_id, by=by, at=at, lock=True)
    _check_receipt(receipt, name, function, organisation)
    outside.receive(
        session, made, OutsideReceipt(receipt), name=name, function=function, organisation=organisation, by=by, at=at
    )
    _tell_holder(session, case, made, by=by, at=at)
    return _view(session, made, at)


def open_outside(session: Session, token: str, code: str, *, by: Actor, at: datetime) -> Opened:
    """What was sent, to who has both the link and the code, once. The same answer for everything else.

    Args:
        by: whoever it is; see :func:`outsider`.

    Raises:
        NothingOpens: a wrong code is counted, so commit what there is.
    """
    with house(session):  # whoever comes with a link is known to nobody
        with logbook.deciding(session):
            found = outside.by_token(session, token)
            if found is None:
                raise NothingOpens("a link that nobody made")
            case = cases.lock(session, found.case_id)
            session.refresh(found)
        if not found.opens(at) or not still_may(session, case, found, at=at):
            raise NothingOpens(f"outside handover {found.id} opens no more")
        receipt = outside.open_package(session, found, token, code, at=at)
        if receipt is None:
            most = int(settings.get(session, "outside.wrong_codes", on=local_date(at)))
            outside.wrong_code(session, found, most=most, by=by, at=at)
            raise NothingOpens(f"outside handover {found.id}: wrong code")
        consents, ground = _hand_out(session, case, found, by=by, at=at)
        logbook.write(
            session, "outside.opened", "outside_handover", found.id, case_id=case.id, by=by, at=at, purpose="handover"
        )  # fmt: skip
        logbook.read(
            session, "outside.read", "outside_handover", found.id, case_id=case.id, by=by, at=at, purpose="handover",
            rule="outside_party", ground=ground, consents=consents, compartments=found.categories,
        )  # fmt: skip
        return Opened(_sent(session, found), receipt, found.party_name, outside.package_hash(found))


def confirm_outside(
    session: Session,
    token: str,
    receipt_token: str,
    *,
    receipt: str,
    name: str,
    function: str,
    organisation: str,
    by: Actor,
    at: datetime,
) -> None:
    """The receiver says, on the page that opened, that it arrived, and whether they take the family over.

    Raises:
        NothingOpens: not of that page, or said before, or ended. Invalid: every field that is not right.
    """
    _check_receipt(receipt, name, function, organisation)
    with house(session), logbook.deciding(session):  # nothing of the case is shown any more
        found = outside.by_token(session, token)
        if found is None:
            raise NothingOpens("a link that nobody made")
        case = cases.lock(session, found.case_id)
        session.refresh(found)
        try:
            outside.receive(
                session,
                found,
                OutsideReceipt(receipt),
                name=name,
                function=function,
                organisation=organisation,
                with_token=receipt_token,
                by=by,
                at=at,
            )
        except (NotFound, WrongState) as refusal:
            raise NothingOpens(str(refusal)) from refusal
        _tell_holder(session, case, found, by=by, at=at)


def outsider(link: str, *, request_id: str | None = None) -> Actor:
    """Whoever comes with a link: no person, no organisation; the logbook keeps through what they came.

    Args:
        link: of the link, what can be told: never the link itself.
    """
    return Actor(None, None, None, OUTSIDER, origin="page", request_id=request_id, access_point=link)


def _find(
    session: Session, handover_id: UUID, *, by: Actor, at: datetime, lock: bool = False
) -> tuple[Case, OutsideHandover, Facts]:
    with logbook.deciding(session):  # what is shown of it is written down by whoever asks
        made = outside.find(session, handover_id)
        case, facts = find_case(session, NOWHERE if made is None else made.case_id, by=by, at=at, lock=lock)
        access.require(by, "hand_over_outside", facts, at=at)
        assert made is not None, "or its case is not there either"
        session.refresh(made)
    return case, made, facts


def _readable(session: Session, case: Case, party_kind: str, at: datetime) -> tuple[Actor, Facts, Readable]:
    """What a party of this kind may read, decided by the same rules as for everybody here."""
    going = resting_outside(session, case, party_kind, at)
    if not going.categories:
        raise ConsentMissing(
            f"case {case.id}: no consent for handing over to a {party_kind}",
            detail="De ouder heeft (nog) niet goedgevonden dat u aan zo’n organisatie overdraagt. Vraag eerst toestemming, of leg een andere grond vast bij Toestemming.",
        )
    given_by = going.agreed.given_by
    if not going.grounds and access.ground_for(party_kind, given_by=given_by, on=local_date(at)) is None:
        raise GroundMissing(f"case {case.id}: a {party_kind} has no ground")
    reader = Actor(NOWHERE, None, NOWHERE, _READS_AS)
    facts = Facts(
        party_roles=frozenset({_READS_AS}), consent_categories=going.categories, purpose=str(Purpose.HANDOVER)
    )
    return reader, facts, access.visible(reader, facts)


#: As :attr:`Item.key`, of an item.
_Key = tuple[str, UUID, str, int]


@dataclass(frozen=True, slots=True)
class _Going:
    """What goes along as it is now, in words: ids and codes mean nothing outside.

    Args:
        head: what is told beside the items. said: of each item that goes along, what is read of it.
        agreed: kinds of data that may go. refused: who of the family said no.
    """

    head: Mapping[str, Any]
    said: Mapping[_Key, Mapping[str, Any]]
    agreed: frozenset[str]
    refused: frozenset[UUID]
    reader: Actor
    facts: Facts


def _going(session: Session, case: Case, party_kind: str, *, at: datetime) -> _Going:
    said: dict[_Key, Mapping[str, Any]] = {}
    with logbook.deciding(session):
        reader, facts, readable = _readable(session, case, party_kind, at)
        going = resting_outside(session, case, party_kind, at)
        agreed = going.categories - _LEFT_OUT
        rests_on = going.ground_of(agreed)
        refused = consent.refusing(
            session, case_id=case.id, recipient_organisation_id=None, recipient_kind=party_kind, at=at
        )
        for place, one in enumerate(member_views(session, case, readable, reader, at=at, in_need=True)):
            if "C0" in agreed and one.id not in refused and one.name:
                compartment = "C8" if one.kind == MemberKind.PARTNER else "C0"
                said["member", one.id, compartment, 0] = {
                    "place": place,
                    "kind": one.kind,
                    "name": one.name,
                    "birth_date": one.birth_date.isoformat() if one.birth_date else None,
                    "language": one.preferred_language,
                    "interpreter_needed": bool(one.interpreter_needed),
                    "safe_contact": one.safe_contact,
                    "safe_contact_detail": one.safe_contact_detail,
                }
        for place, entry in enumerate(entries_for(session, case, facts=facts, readable=readable, by=reader)):
            # To each kind of data the family said yes by itself: what comes along with other help does not go outside.
            answers: dict[str, list[list[Any]]] = {}
            for number, value in enumerate(entry.values):
                if value.compartment in agreed and not entry.superseded:
                    found = answers.setdefault(value.compartment, [])
                    found += [[number, value.label, value.text]] if value.text else []
            where = (
                None if entry.organisation_id is None else organisations.organisation(session, entry.organisation_id)
            )
            for compartment, told in answers.items():
                said["entry", entry.id, compartment, 0] = {
                    "place": place,
                    "form": entry.form_key,
                    "on": local_date(entry.observed_at).isoformat(),
                    "by": "" if where is None else where.name,
                    "answers": told,
                }
        holder = case.holder_organisation_id
    head = {
        "categories": access.in_order(agreed),
        "ground": None if rests_on is None else str(rests_on),
        "sender": "" if holder is None else organisations.organisation(session, holder).name,
        "made_on": local_date(at).isoformat(),
    }
    return _Going(head, said, agreed, refused, reader, facts)


def _manifest(session: Session, case: Case, going: _Going, *, by: Actor, at: datetime) -> list[Frozen]:
    """Everything that belongs to the family, as for a receiver here: it goes along, or it says why not."""
    session.flush()
    with house(session), logbook.deciding(session):  # whole, whoever sends it; what is shown of it is cut
        eyes = viewer(session, case, going.facts, by=going.reader, at=at, but=going.refused)
        told = told_to(session, case, eyes, sender=by, at=at)
    left = set(going.said) - {one.item.key for one in told}
    assert not left, f"case {case.id}: {len(left)} things would go along that are on no manifest"
    lines = []
    for one in told:
        said = going.said.get(one.item.key)
        item = one.item if said is None else replace(one.item, content=said)
        lines.append(frozen(Told(item, None if said is not None else _why_not(one, going), one.known)))
    return lines


def _why_not(told: Told, going: _Going) -> WithheldBecause:
    """Why an item does not go along; decides nothing."""
    item = told.item
    if item.kind in _OF_HERE:
        return WithheldBecause.OWN_RECORDS
    if item.compartment == "C8":
        return WithheldBecause.OTHER_PARENT
    if item.compartment not in going.agreed:
        return WithheldBecause.NOT_THIS_ROLE if item.compartment in _LEFT_OUT else WithheldBecause.NO_CONSENT
    if told.ground is not None:
        return told.ground
    # A form that could be read and is not there was corrected: what it says now stands in another.
    return WithheldBecause.OWN_RECORDS if item.kind == "entry" else WithheldBecause.NOT_THIS_ROLE


def _as_read(going: _Going) -> dict[str, Any]:
    return {**going.head, **_in_words((key[0], str(key[1]), said) for key, said in going.said.items())}


def _sent(session: Session, made: OutsideHandover) -> dict[str, Any]:
    """What was sent, as it is read there. ``more``: there is more, which the parent can tell; of what was sent before that
    was looked at, it is not there."""
    content = outside.content_of(session, made)
    lines = content.get(outside.LINES)
    if lines is None:
        return content
    told = {name: content[name] for name in ("categories", "ground", "sender", "made_on")}
    parts = [(one["kind"], one["id"], json.loads(one["said"])) for one in lines if one["said"] is not None]
    return {**told, **_in_words(parts), "more": outside.there_is_more(lines)}


def _in_words(parts: Iterable[tuple[str, str, Mapping[str, Any]]]) -> dict[str, Any]:
    """People and forms as they are read, in the order in which they stood here."""
    people: list[tuple[int, dict[str, Any]]] = []
    entries: dict[str, tuple[int, dict[str, Any]]] = {}
    for kind, identity, said in parts:
        told = dict(said)
        place, answers = told.pop("place"), told.pop("answers", [])
        if kind == "member":
            people.append((place, told))
        elif answers:  # of one form, kind of data by kind of data
            entries.setdefault(identity, (place, {**told, "answers": []}))[1]["answers"] += answers
    for _, entry in entries.values():
        entry["answers"] = [[label, text] for _, label, text in sorted(entry["answers"])]
    return {"people": _by_place(people), "entries": _by_place(entries.values())}


def _by_place(found: Iterable[tuple[int, dict[str, Any]]]) -> list[dict[str, Any]]:
    return [told for _, told in sorted(found, key=lambda one: one[0])]


def _hand_out(
    session: Session, case: Case, made: OutsideHandover, *, by: Actor, at: datetime
) -> tuple[list[UUID], Ground]:
    """That it left the house is an act of sharing, which cannot be taken back. Returns the yeses and the ground it rests on."""
    going = resting_outside(session, case, made.party_kind, at)
    agreed, beside = going.agreed, going.ground_of(made.categories)
    ground = beside or access.ground_for(made.party_kind, given_by=agreed.given_by, on=local_date(at))
    consent.hand_out(
        session,
        case_id=case.id,
        recipient_kind=made.party_kind,
        purpose=Purpose.HANDOVER,
        ground=ground or Ground.CONSENT_OF_SUBJECT,
        categories=made.categories,
        consents=agreed.consents,
        because=Because(DisclosureCause.HANDOVER, made.id),
        by=by,
        at=at,
    )
    return [one.id for one in agreed.consents], beside or Ground.CONSENT_OF_SUBJECT


def _check_receipt(receipt: str, name: str, function: str, organisation: str) -> None:
    errors = outside.problems({"name": name, "function": function, "organisation": organisation})
    if receipt not in set(OutsideReceipt):
        errors["receipt"] = ["Kies een van de antwoorden."]
    if errors:
        raise Invalid("receipt refused", errors=errors)


def _tell_holder(session: Session, case: Case, made: OutsideHandover, *, by: Actor, at: datetime) -> None:
    """One task: it arrived, and who holds the case decides with the parent whether it can be closed."""
    if case.is_closed:
        return
    taken = made.receipt == OutsideReceipt.TAKES_OVER
    run = processes.run_of(session, "case", case.id)
    task = processes.add_task(
        session,
        run,
        name="Aangekomen: de overdracht buiten Steun op Maat",
        form_key=_TOLD_WITH,
        place=holder_place(case),
        at=at,
        documentation=(
            "De ontvanger zegt: ‘ik neem dit gezin over’. U houdt de casus vast tot u hem afsluit. Vraag de ouder of het "
            "eerste contact er was, en rond de casus daarna af."
            if taken
            else "De ontvanger las wat u stuurde, en zegt niet dat het gezin is overgenomen. U houdt de casus vast. Bel de "
            "ontvanger, en spreek met de ouder af hoe het verder gaat."
        ),
        key=f"outside:{made.id.hex}",
    )
    session.flush()
    logbook.write(
        session, "task.added", "task", task.id, case_id=case.id, by=by, at=at, details={"message": "outside_received"}
    )


def _view(session: Session, made: OutsideHandover, at: datetime) -> OutsideView:
    same = {name: getattr(made, name) for name in OutsideView.__dataclass_fields__ if name not in _WORKED_OUT}
    lines = outside.lines_of(session, made)
    known = [one for one in lines or () if one["known"]]
    return OutsideView(
        **same,
        categories=tuple(made.categories),
        package_hash=outside.package_hash(made),
        receipt_hash=outside.receipt_hash(made),
        holds=None,
        went=None if lines is None else sum(one["ground"] is None for one in known),
        held_back=_held_back(known),
        over=made.status == OutsideStatus.SENT and at >= made.open_until and made.way == OutsideWay.LINK,
        by_telephone=made.recorded_by is not None,
    )


def _held_back(known: Sequence[outside.Line]) -> tuple[HeldBack, ...]:
    found = Counter((one["kind"], one["compartment"], one["ground"]) for one in known if one["ground"] is not None)
    return tuple(HeldBack(*what, count) for what, count in found.items())
