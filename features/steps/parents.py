"""Steps about two parents who each decide for themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from features.steps.registry import step
from features.steps.world import World
from workflows import cases, consent, hubs, method
from workflows.cases import Case
from workflows.errors import Invalid

VENLO = "GM0983"
PARTNER = "Partner Voorbeeld"
DETAIL = "Bel op het werk"


@step("Gegeven", "de partner mag van de hulp weten")
def partner_may_know(world: World) -> None:
    world.signal["partner_involved"] = "yes"


@step("Als", "de verloskundige de partner vastlegt, met een eigen veilig contact")
def record_partner(world: World) -> None:
    said = {
        "member_kind": "partner",
        "name": PARTNER,
        "birth_date": "1996-03-04",
        "preferred_language": "nl",
        "safe_contact": "call",
        "safe_contact_detail": DETAIL,
    }
    world.do(method.record_member, world.case_id, answers=said, who="verloskundige")


@step("Als", "de verloskundige vastlegt dat het adres van de moeder geheim is")
def shield_address(world: World) -> None:
    mother = _members(world, "verloskundige")[0]
    known = world.look(method.family_form, world.case_id, "member", member_id=mother.id, who="verloskundige").answers
    said = {**known, "shielded_address": True}
    world.do(method.record_member, world.case_id, member_id=mother.id, answers=said, who="verloskundige")


@step("Als", "de partner zelf toestemming geeft aan de jeugdgezondheidszorg")
def partner_agrees(world: World) -> None:
    partner = next(one for one in _members(world, "verloskundige") if one.kind == "partner")
    _agree(world, partner.id, "youth_health", "exploration", ["C0", "C1"])


@step("Als", "de {who} dit gezin helpt")
def helps(world: World, who: str) -> None:
    _agree(world, _members(world, "verloskundige")[0].id, "welfare", "support_action", ["C0", "C1"])
    by = world.actor(who)
    assert by.organisation_id is not None
    with world.database.writing() as session:
        case = cases.lock(session, _case_id(world))
        cases.join(session, case, organisation_id=by.organisation_id, role=by.role, by=by, at=world.clock())


@step("Als", "de procesregisseur de ouders apart uitnodigt voor het knooppunt")
def invite_apart(world: World) -> None:
    _invite(world, "separately")


@step("Dan", "ziet de {who} dat er een andere ouder is, maar niet wie")
def knows_there_is_one(world: World, who: str) -> None:
    [partner] = [one for one in _members(world, who) if one.kind == "partner"]
    assert (partner.name, partner.birth_date, partner.safe_contact, partner.version) == ("", None, None, None)
    assert not _says(world, who, PARTNER)


@step("Dan", "ziet de {who} wie de andere ouder is")
def knows_who(world: World, who: str) -> None:
    assert [one.name for one in _members(world, who) if one.kind == "partner"] == [PARTNER]
    assert _says(world, who, PARTNER)


@step("Dan", "heeft elke ouder een eigen veilig contact")
def own_contact(world: World) -> None:
    told = {one.kind: one.safe_contact_detail for one in _members(world, "verpleegkundige")}
    assert told["partner"] == DETAIL
    assert told["pregnant_person"] == world.signal["safe_contact_detail"]


@step("Dan", "weet de {who} waar de moeder is")
def knows_where(world: World, who: str) -> None:
    assert _members(world, who)[0].postcode == "5911AB"


@step("Dan", "blijft voor de {who} verborgen waar de moeder is")
def knows_not_where(world: World, who: str) -> None:
    mother = _members(world, who)[0]
    assert (mother.name, mother.shielded_address, mother.address_withheld) == ("Moeder Voorbeeld", True, True)
    assert (mother.postcode, mother.safe_contact_detail) == (None, None)
    assert not _says(world, who, "5911")
    assert not _says(world, who, str(world.signal["safe_contact_detail"]))


@step("Dan", "staat bij het overleg dat de andere ouder apart komt")
def comes_apart(world: World) -> None:
    [talk] = world.look(method.hub_of_case, world.case_id, who="verloskundige")
    assert talk.other_parent == "separately"


@step("Dan", "wordt het geweigerd om de partner iets te vragen")
def not_asked(world: World) -> None:
    said = {
        "support_consent": "given",
        "subject": "partner",
        "given_by": "self",
        "information_given": list(consent.EXPLAINED),
        "consent_form": "oral",
        "consent_language": "nl",
        "sharing": [{"recipient_kind": "welfare", "allowed": "no"}],
        "validity": "until_closed",
    }
    refusal = world.refused(method.record_consent, world.case_id, answers=said, who="verloskundige")
    assert isinstance(refusal, Invalid)
    assert list(refusal.errors) == ["subject"]


@step("Dan", "wordt het geweigerd om de partner uit te nodigen")
def not_invited(world: World) -> None:
    refusal = None
    try:
        _invite(world, "together")
    except Invalid as refused:
        refusal = refused
    assert refusal is not None, "the partner was invited"
    assert list(refusal.errors) == ["other_parent"]


def _case_id(world: World) -> UUID:
    assert world.case_id is not None
    return world.case_id


def _members(world: World, who: str) -> tuple[Any, ...]:
    members: tuple[Any, ...] = world.look(method.case_view, world.case_id, who=who).members
    return members


def _says(world: World, who: str, text: str) -> bool:
    """Whether it stands anywhere in what somebody may read that was written down."""
    return any(text in one.text for entry in world.case(who).entries for one in entry.values)


def _agree(world: World, subject: UUID, kind: str, purpose: str, categories: list[str]) -> None:
    with world.database.writing() as session:
        consent.record(
            session, case_id=_case_id(world), subject_id=subject, recipient_kind=kind, purpose=purpose,
            categories=categories, given_by="self", information_given=consent.EXPLAINED, form="oral", language="nl",
            text_version="2026-1", by=world.actor("verloskundige"), at=world.clock(),
        )  # fmt: skip


def _invite(world: World, other_parent: str) -> None:
    at, by = world.clock(), world.actor("procesregisseur")
    with world.database.writing() as session:
        case = session.get_one(Case, _case_id(world))
        meeting = hubs.plan(session, municipality=VENLO, starts_at=at + timedelta(days=7), by=by, at=at)
        hubs.add_item(session, meeting.id, case, parents_invited=True, other_parent=other_parent, by=by, at=at)
