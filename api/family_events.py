"""What happens in a family while its case runs: births, moves, another due date, people who join or change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import url_for
from marshmallow import Schema, fields, validate

from api import schemas
from api.auth import actor
from api.bodies import etag
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.transactions import now, reading, transaction
from workflows import families, method
from workflows.errors import NotFound

blueprint = group(
    "family-events", "Veranderingen in een gezin: geboorte, verhuizing, uitgerekende datum en wie erbij hoort."
)

_ASKS = "Past iets niet bij wat bekend is, dan komt er een vraag terug (‘questions’); klopt het toch, stuur het veld dan mee in ‘confirmed’."


class FamilyEventIn(schemas.Strict):
    answers = schemas.an_object("De antwoorden op het formulier.", required=True)
    confirmed = schemas.confirmed_fields()


class AuthorityIn(schemas.Strict):
    child_id = schemas.an_id("Over welk kind.", required=True)
    member_id = schemas.an_id("Wie beslist; leeg bij een voogd buiten het gezin.", allow_none=True)
    kind = schemas.a_text(
        "Gezag of voogdij.",
        required=True,
        validate=validate.OneOf(list(families.AuthorityKind), error="Kies uit: {choices}."),
    )
    checked = schemas.a_text(
        "Hoe u dit weet.",
        required=True,
        validate=validate.OneOf(list(families.AuthorityCheck), error="Kies uit: {choices}."),
    )
    from_on = fields.Date(
        allow_none=True, metadata={"description": "Eerste dag; leeg: sinds de geboorte, of onbekend."}
    )
    until_on = fields.Date(allow_none=True, metadata={"description": "Laatste dag; leeg: tot nader bericht."})


class AuthorityOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    child_id = schemas.an_id("Over welk kind.", required=True)
    member_id = schemas.an_id("Wie beslist.", allow_none=True)
    kind = schemas.a_text("Gezag of voogdij.")
    checked = schemas.a_text("Hoe dat bekend is.")
    from_on = fields.Date(allow_none=True, metadata={"description": "Eerste dag."})
    until_on = fields.Date(allow_none=True, metadata={"description": "Laatste dag."})


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/births",
    summary="Geboorte melden",
    description=f"De zwangerschap eindigt en de kinderen komen erbij; ook een tweeling is één geboorte. {_ASKS}",
    body=FamilyEventIn,
    gives=schemas.CaseCardOut,
    status=201,
    refuses=(403, 404),
)
def report_birth(case_id: UUID, body: dict[str, Any]) -> Answer:
    return _told(method.report_birth, case_id, body)


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/moves",
    summary="Verhuizing melden",
    description=f"De nieuwe gemeente wordt verantwoordelijk; wie de casus vasthoudt, blijft dat tot iemand hem aanneemt. {_ASKS}",
    body=FamilyEventIn,
    gives=schemas.CaseCardOut,
    status=201,
    refuses=(403, 404),
)
def report_move(case_id: UUID, body: dict[str, Any]) -> Answer:
    return _told(method.report_move, case_id, body)


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/due-dates",
    summary="Uitgerekende datum veranderen",
    description=f"Wat eerder bekend was, blijft bewaard; termijnen tellen opnieuw. {_ASKS}",
    body=FamilyEventIn,
    gives=schemas.CaseCardOut,
    status=201,
    refuses=(403, 404),
)
def change_due_date(case_id: UUID, body: dict[str, Any]) -> Answer:
    return _told(method.change_due_date, case_id, body)


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/members",
    summary="Iemand aan het gezin toevoegen",
    description=f"Een partner, kind of huisgenoot, met een eigen taal en een eigen veilige manier van contact. {_ASKS}",
    body=FamilyEventIn,
    gives=schemas.MemberOut,
    status=201,
    refuses=(403, 404),
)
def add_member(case_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            added = method.record_member(session, case_id, **_said(body), by=by, at=now())
            return added.id, schemas.MemberOut().dump(added)

        def again(member_id: UUID | None) -> dict[str, Any]:
            assert member_id is not None
            shown: dict[str, Any] = schemas.MemberOut().dump(
                method.member(session, case_id, member_id, by=by, at=now())
            )
            return shown

        return once(session, by=by, do=do, again=again, location=lambda found: _member_address(case_id, found))


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/members/<uuid:member_id>",
    summary="Iemand van het gezin",
    description="Wie het is en hoe u veilig contact opneemt. Het lezen wordt vastgelegd.",
    gives=schemas.MemberOut,
    refuses=(404,),
    versioned=True,
)
def get_member(case_id: UUID, member_id: UUID) -> Answer:
    with reading() as session:
        shown = method.member(session, case_id, member_id, by=actor(), at=now())
        return schemas.MemberOut().dump(shown), 200, etag(shown.version or 0)


@door(
    blueprint,
    "PUT",
    "/cases/<uuid:case_id>/members/<uuid:member_id>",
    summary="Iemand van het gezin veranderen",
    description=f"Stuur het hele formulier: wat u leeg laat, is niet meer bekend. {_ASKS}",
    body=FamilyEventIn,
    gives=schemas.MemberOut,
    refuses=(403, 404, 409),
    needs_version=True,
    versioned=True,
)
def change_member(case_id: UUID, member_id: UUID, version: int, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        changed = method.record_member(
            session, case_id, member_id=member_id, version=version, **_said(body), by=actor(), at=now()
        )
        return schemas.MemberOut().dump(changed), 200, etag(changed.version or 0)


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/authorities",
    summary="Vastleggen wie over een kind beslist",
    description="Wie het gezag of de voogdij heeft, sinds wanneer en hoe dat is nagekeken.",
    body=AuthorityIn,
    gives=AuthorityOut,
    status=201,
    refuses=(403, 404),
)
def record_authority(case_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()
        said = {"member_id": None, **body}

        def do() -> tuple[UUID, dict[str, Any]]:
            found = method.record_authority(session, case_id, **said, by=by, at=now())
            return found.id, AuthorityOut().dump(found)

        def again(found: UUID | None) -> dict[str, Any]:
            for one in method.authorities(session, case_id, by=by, at=now()):
                if one.id == found:
                    return dict(AuthorityOut().dump(one))
            raise NotFound(f"authority {found}")

        return once(session, by=by, do=do, again=again, location=lambda _: _case_address(case_id))


def _told(verb: Callable[..., method.CaseCard], case_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            return case_id, schemas.CaseCardOut().dump(verb(session, case_id, **_said(body), by=by, at=now()))

        def again(_: UUID | None) -> dict[str, Any]:
            shown: dict[str, Any] = schemas.CaseCardOut().dump(method.case_view(session, case_id, by=by, at=now()).case)
            return shown

        return once(session, by=by, do=do, again=again, location=lambda _: _case_address(case_id))


def _said(body: dict[str, Any]) -> dict[str, Any]:
    return {"answers": body["answers"], "confirmed": frozenset(body.get("confirmed", ()))}


def _case_address(case_id: UUID) -> str:
    return url_for("cases.get_case", case_id=case_id)


def _member_address(case_id: UUID, member_id: UUID | None) -> str:
    return url_for("family-events.get_member", case_id=case_id, member_id=member_id)
