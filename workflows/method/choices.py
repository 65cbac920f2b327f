"""Choices that no file can list: who could be asked in this municipality, as a form offers them when it is shown and judges
them when it is sent. Keys are the ``valuesKey`` of form-js; labels are Dutch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from engine.clock import local_date
from workflows import access, families, organisations
from workflows.actor import Actor
from workflows.cases import Case
from workflows.errors import NotFound
from workflows.families import FamilyMember, MemberKind
from workflows.forms import Choices, Field, Form
from workflows.method.facts import case_facts, granted
from workflows.method.hub import hub_meeting_label, hub_meetings
from workflows.organisations import Domain, Organisation, Role

#: What is said of an organisation that the family has not agreed to share with (yet); it can be chosen all the same,
#: because a plan is made before it is agreed.
NOT_AGREED = " (nog geen toestemming)"
#: What is shown of a choice that is not there any more.
GONE = "een keuze die niet meer bestaat"

#: Roles that take over a case, and what an organisation would be in that role.
_RECEIVING = {Role.EXPLORER: "verkenner", Role.CASE_DIRECTOR: "casusregisseur"}


def choices_for(session: Session, form: Form, case: Case | None, *, by: Actor, at: datetime) -> Choices:
    """Every set that *form* asks for. Without a case, or for a set that nobody knows, there is nothing to choose."""
    keys = dict.fromkeys(field.values_key for field in form.fields.values() if field.values_key is not None)
    if case is None:
        return {}
    return {key: tuple(CHOICES[key](session, case, by, at)) for key in keys if key in CHOICES}


def words_of(session: Session, field: Field, value: object) -> str:
    """An answer in words: of a choice that was handed in never the id."""
    if field.values_key is None:
        return field.label_of(value)
    return LABELS[field.values_key](session, str(value)) if field.values_key in LABELS else GONE


def typed_words_of(session: Session, field: Field, value: object) -> str:
    """As :func:`words_of`, for who may not know of the family (any more) and sees again what they typed themselves: what an
    id stands for is told only of an organisation, which everybody may know."""
    return GONE if field.values_key in _OF_FAMILY else words_of(session, field, value)


def supporters(session: Session, case: Case, by: Actor, at: datetime) -> list[tuple[str, str]]:
    """Organisations that do support actions in the family's municipality; informal support comes first."""
    found = sorted(_found(session, case, Role.SUPPORTER, at), key=lambda one: one.domain != Domain.INFORMAL)
    return [(str(one.id), _label(session, case, one, Role.SUPPORTER, at)) for one in found]


def case_directors(session: Session, case: Case, by: Actor, at: datetime) -> list[tuple[str, str]]:
    """Organisations that can direct a case in the family's municipality."""
    return [
        (str(one.id), _label(session, case, one, Role.CASE_DIRECTOR, at))
        for one in _found(session, case, Role.CASE_DIRECTOR, at)
    ]


def receivers(session: Session, case: Case, by: Actor, at: datetime) -> list[tuple[str, str]]:
    """To whom the case can be handed over, with the role in which they would have it; not who has it now."""
    return [
        (f"{one.id}:{role}", _label(session, case, one, role, at, said=f", als {word}"))
        for role, word in _RECEIVING.items()
        for one in _found(session, case, role, at)
        if (one.id, role) != (case.holder_organisation_id, case.holder_role)
    ]


def family_members(session: Session, case: Case, by: Actor, at: datetime) -> list[tuple[str, str]]:
    """Who belongs to the family; by name only for who may know the names."""
    if case.family_id is None:
        return []
    readable = access.visible(by, case_facts(session, case, by=by, at=at))
    named = readable.reads("C0", own_organisation=by.organisation_id == case.signaller_organisation_id)
    return [
        (
            str(one.id),
            f"{one.name}, {_KINDS[MemberKind(one.kind)]}" if named and one.name else _KINDS[MemberKind(one.kind)],
        )
        for one in families.members(session, case.family_id)
    ]


#: Who somebody is in the family, as a choice says it; later readers never see a name there.
_KINDS = {
    MemberKind.PREGNANT_PERSON: "de zwangere",
    MemberKind.PARENT: "de ouder",
    MemberKind.PARTNER: "de partner of andere ouder",
    MemberKind.CHILD: "een kind",
    MemberKind.UNBORN_CHILD: "het ongeboren kind",
    MemberKind.HOUSEHOLD: "een huisgenoot",
}


def _member_kind(session: Session, value: str) -> str:
    try:
        found = session.get(FamilyMember, UUID(value))
    except ValueError:
        return GONE
    return GONE if found is None else _KINDS[MemberKind(found.kind)]


def _found(session: Session, case: Case, role: Role, at: datetime) -> Iterable[Organisation]:
    return organisations.organisations_for(session, role=role, municipality=case.municipality_code, on=local_date(at))


def _label(session: Session, case: Case, one: Organisation, role: Role, at: datetime, *, said: str = "") -> str:
    return f"{one.name}{said}" if _agreed(session, case, one, role, at) else f"{one.name}{said}{NOT_AGREED}"


def _agreed(session: Session, case: Case, one: Organisation, role: Role, at: datetime) -> bool:
    """Whether the family agreed to what this role needs its data for. Where the case came from the family is known already,
    but not what it agreed with others, which a support action is part of."""
    if one.id == case.signaller_organisation_id and role != Role.SUPPORTER:
        return True
    return bool(granted(session, case, one.id, role, at=at))


def _organisation_name(session: Session, value: str) -> str:
    try:
        return organisations.organisation(session, UUID(value)).name
    except (ValueError, NotFound):
        return GONE


def _receiver_name(session: Session, value: str) -> str:
    organisation_id, _, role = value.partition(":")
    word = {str(one): word for one, word in _RECEIVING.items()}.get(role)
    name = _organisation_name(session, organisation_id)
    return name if word is None or name == GONE else f"{name}, als {word}"


#: Set → what can be chosen for a case now: what is kept, and its Dutch label.
CHOICES: dict[str, Callable[[Session, Case, Actor, datetime], list[tuple[str, str]]]] = {
    "supporters": supporters,
    "case_directors": case_directors,
    "receivers": receivers,
    "hub_meetings": hub_meetings,
    "family_members": family_members,
}
#: Set → the Dutch words of what was chosen once, for whoever reads it later.
#: Choices of which the id is a family's, or of what is planned for families.
_OF_FAMILY = frozenset({"hub_meetings", "family_members"})
LABELS: dict[str, Callable[[Session, str], str]] = {
    "supporters": _organisation_name,
    "case_directors": _organisation_name,
    "receivers": _receiver_name,
    "hub_meetings": hub_meeting_label,
    "family_members": _member_kind,
}
