"""For who administers an organisation: its own data, who works there in which roles, inviting, certificates, the yearly look."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from api import auth, bodies, schemas
from api.auth import actor
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.transactions import now, reading, transaction
from workflows import directory, method, organisations
from workflows.db import Session
from workflows.errors import Invalid
from workflows.organisations import AccessReview, Certificate, Organisation, ReviewAnswer, RoleAssignment

blueprint = group("administration", "Beheer van een organisatie: gegevens, mensen, rollen, certificaten en nakijken.")

_ONLY = "Voor de beheerder van deze organisatie en die van de regio."


def _towns(description: str, **options: Any) -> Any:
    return fields.List(fields.String(validate=validate.Length(1, 6)), metadata={"description": description}, **options)


def _day(description: str, **options: Any) -> fields.Date:
    return fields.Date(metadata={"description": description}, **options)


class OrganisationDataOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    name = schemas.a_text("Naam.", required=True)
    type = schemas.a_text("Soort.", required=True)
    domain = schemas.a_text("Domein.", required=True)
    areas = _towns("Gemeenten (CBS-codes) waar ze werkt.", required=True)
    phone = schemas.a_text("Telefoon, of null.", allow_none=True, required=True)
    mail = schemas.a_text("Mailadres van de organisatie, of null.", allow_none=True, required=True)
    website = schemas.a_text("Website, of null.", allow_none=True, required=True)
    active = schemas.a_truth("Of ze nog meedoet.", required=True)
    version = schemas.a_number("Versie, voor If-Match.", required=True)


class OrganisationDataIn(schemas.Strict):
    areas = _towns("Gemeenten (CBS-codes) waar ze werkt.", required=True)
    phone = schemas.maybe_text("Telefoon.")
    mail = schemas.maybe_text("Mailadres van de organisatie.")
    website = schemas.maybe_text("Website; begint met https://.")


class RoleAssignmentOut(Schema):
    id = schemas.an_id("Kenmerk van de rol van deze persoon.", required=True)
    person_id = schemas.an_id("Wie.", required=True)
    organisation_id = schemas.an_id("Bij welke organisatie.", required=True)
    role = schemas.a_text("Rol.", required=True)
    areas = _towns("Gemeenten (CBS-codes); leeg: het hele werkgebied.", required=True)
    valid_from = _day("Eerste dag.", required=True)
    valid_to = _day("Laatste dag, of null.", allow_none=True, required=True)
    version = schemas.a_number("Versie, voor If-Match.", required=True)


class CertificateOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    intervention = schemas.a_text("Code van de interventie; ‘/interventions’ heeft ze alle.", required=True)
    intervention_name = schemas.maybe_text("Hoe die heet; leeg: de wegwijzer kent haar niet meer.")
    valid_from = _day("Eerste dag.", required=True)
    valid_until = _day("Laatste dag, of null.", allow_none=True, required=True)


class CertificateIn(schemas.Strict):
    intervention = schemas.a_text(
        "Code van de interventie, bijvoorbeeld VZ.", required=True, validate=validate.Length(1, 16)
    )
    valid_from = _day("Eerste dag.", required=True)
    valid_until = schemas.maybe_day("Laatste dag.")


class ColleagueOut(Schema):
    person_id = schemas.an_id("Wie.", required=True)
    name = schemas.a_text("Naam.", required=True)
    roles = fields.List(fields.Nested(RoleAssignmentOut), required=True)
    certificates = fields.List(fields.Nested(CertificateOut), required=True)


class ColleagueListOut(Schema):
    items = fields.List(fields.Nested(ColleagueOut), required=True)


class RoleAssignmentIn(schemas.Strict):
    person_id = schemas.an_id("Wie.", required=True)
    role = schemas.a_text("Rol.", required=True, validate=validate.Length(1, 24))
    areas = _towns("Gemeenten (CBS-codes); leeg: het hele werkgebied.")
    valid_from = _day("Eerste dag.", required=True)
    valid_to = schemas.maybe_day("Laatste dag.")


class LastDayIn(schemas.Strict):
    valid_to = _day("Laatste dag, of null: tot iemand de rol beëindigt.", allow_none=True, required=True)


class OpenInvitationOut(Schema):
    person_id = schemas.an_id("Wie.", required=True)
    name = schemas.a_text("Naam.", required=True)
    issued_at = schemas.an_instant("Wanneer de laatste code is gemaakt.", required=True)
    expires_at = schemas.an_instant("Tot wanneer die werkt; daarna maakt u een nieuwe.", required=True)
    mailed_at = schemas.an_instant("Wanneer de mail ermee wegging; leeg: op papier, of nog niet.", allow_none=True)
    mail_failed_at = schemas.an_instant("Wanneer de mailserver hem het laatst niet aannam.", allow_none=True)


class OpenInvitationListOut(Schema):
    items = fields.List(fields.Nested(OpenInvitationOut), required=True)


class ColleagueInvitationIn(schemas.Strict):
    name = schemas.a_text("Naam.", required=True, validate=validate.Length(1, 120))
    login = schemas.a_text("Gebruikersnaam.", required=True, validate=validate.Length(1, 120))
    role = schemas.a_text("Eerste rol.", required=True, validate=validate.Length(1, 24))
    areas = _towns("Gemeenten (CBS-codes); leeg: het hele werkgebied.")
    valid_from = _day("Eerste dag.", required=True)
    valid_to = schemas.maybe_day("Laatste dag.")
    mail = schemas.maybe_text("Waar de code heen gaat. Zonder dit staat de code in het antwoord.")


class ColleagueInvitationOut(Schema):
    person_id = schemas.an_id("Wie.", required=True)
    activation_code = schemas.a_text(
        "Waarmee de collega een wachtwoord kiest. Null als de code per mail gaat, en bij een herhaald verzoek.",
        allow_none=True,
        required=True,
    )
    expires_at = schemas.an_instant(
        "Tot wanneer de code werkt. Bij een herhaald verzoek null.", allow_none=True, required=True
    )
    mailed = schemas.a_truth("Of de code per mail gaat. Bij een herhaald verzoek null.", allow_none=True, required=True)


class ReviewItemOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    person_id = schemas.an_id("Wie.", required=True)
    name = schemas.a_text("Naam.", required=True)
    role = schemas.a_text("Rol, zoals die was toen de lijst begon.", required=True)
    areas = _towns("Gemeenten (CBS-codes); leeg: het hele werkgebied.", required=True)
    review_answer = schemas.a_text("confirmed, ended, of null: nog niet nagekeken.", allow_none=True, required=True)
    answered_at = schemas.an_instant("Wanneer het is nagekeken, of null.", allow_none=True, required=True)
    reviewer_id = schemas.an_id(
        "Wie het nakeek; null: niemand, de rol liep vanzelf af.", allow_none=True, required=True
    )


class AccessReviewOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    organisation_id = schemas.an_id("Van welke organisatie.", required=True)
    opened_at = schemas.an_instant("Wanneer de lijst begon.", required=True)
    due_on = _day("Wanneer ze klaar moet zijn.", required=True)
    rounds = schemas.a_number("Hoe vaak het is gevraagd.", required=True)
    closed_at = schemas.an_instant("Wanneer alles was nagekeken, of null.", allow_none=True, required=True)
    version = schemas.a_number("Versie, voor If-Match.", required=True)
    roles = fields.List(fields.Nested(ReviewItemOut), required=True)


class AccessReviewListOut(Schema):
    items = fields.List(fields.Nested(AccessReviewOut), required=True)


class ReviewAnswerIn(schemas.Strict):
    id = schemas.an_id("Kenmerk van de rol op de lijst.", required=True)
    review_answer = schemas.a_text(
        "confirmed: nog nodig. ended: niet meer; de rol eindigt meteen.",
        required=True,
        validate=validate.OneOf([str(one) for one in ReviewAnswer], error="Kies confirmed of ended."),
    )


class ReviewAnswersIn(schemas.Strict):
    roles = fields.List(fields.Nested(ReviewAnswerIn), required=True, validate=validate.Length(1, 500))


# --- the organisation itself


@door(
    blueprint,
    "GET",
    "/organisations/<uuid:organisation_id>",
    summary="Een organisatie",
    description="Hoe ze te bereiken is en waar ze werkt. Voor iedereen die hier werkt.",
    gives=OrganisationDataOut,
    versioned=True,
    refuses=(404,),
)
def get_organisation(organisation_id: UUID) -> Answer:
    with reading() as session:
        actor()
        return _organisation(organisations.organisation(session, organisation_id))


@door(
    blueprint,
    "PUT",
    "/organisations/<uuid:organisation_id>",
    summary="De gegevens van een organisatie veranderen",
    description=f"{_ONLY} Een gemeente gaat er pas af als niemand daar nog een rol voor heeft.",
    body=OrganisationDataIn,
    gives=OrganisationDataOut,
    versioned=True,
    needs_version=True,
    refuses=(404,),
)
def put_organisation(organisation_id: UUID, body: dict[str, Any], version: int) -> Answer:
    with transaction() as session:
        typed = {name: body.get(name) for name in ("phone", "mail", "website")}
        return _organisation(
            organisations.change_organisation(
                session, organisation_id, **typed, areas=body["areas"], version=version, by=actor(), at=now()
            )
        )


# --- who works there


@door(
    blueprint,
    "GET",
    "/organisations/<uuid:organisation_id>/people",
    summary="Wie er bij een organisatie werkt",
    description=f"{_ONLY} Met rollen die nu of later gelden, en certificaten.",
    gives=ColleagueListOut,
    refuses=(404,),
)
def list_colleagues(organisation_id: UUID) -> Answer:
    with reading() as session:
        found = organisations.colleagues(session, organisation_id, by=actor(), at=now())
        given = iter(_certificates(session, [each for one in found for each in one.certificates]))
        items = [
            {
                "person_id": one.person.id,
                "name": one.person.display_name,
                "roles": one.roles,
                "certificates": list(islice(given, len(one.certificates))),
            }
            for one in found
        ]
        return dict(ColleagueListOut().dump({"items": items})), 200, {}


@door(
    blueprint,
    "GET",
    "/organisations/<uuid:organisation_id>/invitations",
    summary="Wie nog niet begon",
    description=f"{_ONLY} Wie is uitgenodigd en nog geen wachtwoord koos, ook als de code verliep. De code zelf staat hier niet. "
    "Intrekken gaat door de rollen te beëindigen.",
    gives=OpenInvitationListOut,
    refuses=(404,),
)
def list_open_invitations(organisation_id: UUID) -> Answer:
    with reading() as session:
        found = method.open_invitations(session, organisation_id, by=actor(), at=now())
        return dict(OpenInvitationListOut().dump({"items": found})), 200, {}


@door(
    blueprint,
    "POST",
    "/organisations/<uuid:organisation_id>/invitations",
    summary="Een collega uitnodigen",
    description=f"{_ONLY} Iemand nieuw, met een eerste rol en een gebruikersnaam. Wie al een account heeft, krijgt een rol erbij. "
    "In de mail staat geen gebruikersnaam: die zegt u zelf.",
    body=ColleagueInvitationIn,
    gives=ColleagueInvitationOut,
    status=201,
    refuses=(404,),
)
def invite_colleague(organisation_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            if body.get("mail") is not None and not auth.settings().mails_people:
                raise Invalid("no mail leaves", errors={"mail": ["Van deze installatie gaat geen mail uit."]})
            made = method.invite_colleague(
                session,
                organisation_id,
                display_name=body["name"],
                login=body["login"],
                role=body["role"],
                areas=body.get("areas", ()),
                valid_from=body["valid_from"],
                valid_to=body.get("valid_to"),
                mail=body.get("mail"),
                by=by,
                at=now(),
                cost=auth.cost(),
            )
            code = None if made.mailed else made.issued.code
            told = {
                "person_id": made.person.id,
                "activation_code": code,
                "expires_at": made.issued.expires_at,
                "mailed": made.mailed,
            }
            return made.person.id, dict(ColleagueInvitationOut().dump(told))

        def again(found: UUID | None) -> dict[str, Any]:
            organisations.require_there(by, organisation_id, at=now())
            told = {"person_id": found, "activation_code": None, "expires_at": None, "mailed": None}
            return dict(ColleagueInvitationOut().dump(told))

        return once(
            session, by=by, do=do, again=again, location=lambda _: f"/api/v1/organisations/{organisation_id}/people"
        )


@door(
    blueprint,
    "POST",
    "/organisations/<uuid:organisation_id>/assignments",
    summary="Iemand een rol geven",
    description=f"{_ONLY} Rollen van de regio geeft alleen de beheerder van de regio, en niemand geeft zichzelf een rol.",
    body=RoleAssignmentIn,
    gives=RoleAssignmentOut,
    status=201,
    refuses=(404,),
)
def give_role(organisation_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            given = organisations.assign_role(
                session,
                person_id=body["person_id"],
                organisation_id=organisation_id,
                role=body["role"],
                areas=body.get("areas", ()),
                valid_from=body["valid_from"],
                valid_to=body.get("valid_to"),
                by=by,
                at=now(),
            )
            return given.id, dict(RoleAssignmentOut().dump(given))

        def again(found: UUID | None) -> dict[str, Any]:
            assert found is not None, "a role was given"
            return dict(RoleAssignmentOut().dump(organisations.managed_assignment(session, found, by=by, at=now())))

        return once(session, by=by, do=do, again=again, location=lambda found: f"/api/v1/assignments/{found}")


@door(
    blueprint,
    "GET",
    "/assignments/<uuid:assignment_id>",
    summary="Een rol van iemand",
    description=_ONLY,
    gives=RoleAssignmentOut,
    versioned=True,
    refuses=(404,),
)
def get_assignment(assignment_id: UUID) -> Answer:
    with reading() as session:
        return _assignment(organisations.managed_assignment(session, assignment_id, by=actor(), at=now()))


@door(
    blueprint,
    "PUT",
    "/assignments/<uuid:assignment_id>",
    summary="De laatste dag van een rol veranderen",
    description=f"{_ONLY} Nu beëindigen gaat met POST op endings: dan gaat terug wat iemand had.",
    body=LastDayIn,
    gives=RoleAssignmentOut,
    versioned=True,
    needs_version=True,
    refuses=(404, 409),
)
def put_assignment(assignment_id: UUID, body: dict[str, Any], version: int) -> Answer:
    with transaction() as session:
        return _assignment(
            organisations.change_last_day(
                session, assignment_id, body["valid_to"], version=version, by=actor(), at=now()
            )
        )


def _certificate(session: Session, one: Certificate) -> dict[str, Any]:
    return dict(CertificateOut().dump(_certificates(session, [one])[0]))


def _certificates(session: Session, given: Iterable[Certificate]) -> list[dict[str, Any]]:
    names = {one.code: one.name for one in directory.interventions(session)}
    return [
        {
            "id": one.id,
            "intervention": one.intervention,
            "intervention_name": names.get(one.intervention),
            "valid_from": one.valid_from,
            "valid_until": one.valid_until,
        }
        for one in given
    ]


@door(
    blueprint,
    "POST",
    "/people/<uuid:person_id>/certificates",
    summary="Een certificaat vastleggen",
    description=f"{_ONLY} Zonder geldig certificaat neemt niemand een afspraak aan waarvoor de regio er een vraagt.",
    body=CertificateIn,
    gives=CertificateOut,
    status=201,
    refuses=(404,),
)
def add_certificate(person_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            typed = {"valid_until": None, **body}
            added = method.add_certificate(session, person_id=person_id, **typed, by=by, at=now())
            return added.id, _certificate(session, added)

        def again(found: UUID | None) -> dict[str, Any]:
            organisations.require_person(session, person_id, by=by, at=now())
            return _certificate(session, organisations.certificate(session, found or UUID(int=0), by=by, at=now()))

        return once(session, by=by, do=do, again=again, location=lambda found: f"/api/v1/certificates/{found}/endings")


@door(
    blueprint,
    "POST",
    "/certificates/<uuid:certificate_id>/endings",
    summary="Een certificaat geldt niet meer",
    description=_ONLY,
    gives=CertificateOut,
    refuses=(404,),
)
def end_certificate(certificate_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            ended = organisations.end_certificate(session, certificate_id, by=by, at=now())
            return ended.id, _certificate(session, ended)

        def again(_: UUID | None) -> dict[str, Any]:
            return _certificate(session, organisations.certificate(session, certificate_id, by=by, at=now()))

        return once(session, by=by, do=do, again=again, location=lambda _: "", status=200)


# --- the yearly look


@door(
    blueprint,
    "GET",
    "/organisations/<uuid:organisation_id>/access-reviews",
    summary="Lijsten waarop is nagekeken wie welke rol nodig heeft",
    description=f"{_ONLY} De nieuwste eerst. Wat is geantwoord, en door wie, blijft bewaard.",
    gives=AccessReviewListOut,
    refuses=(404,),
)
def list_access_reviews(organisation_id: UUID) -> Answer:
    with reading() as session:
        found = organisations.reviews_of(session, organisation_id, by=actor(), at=now())
        return {"items": [_review(session, one) for one in found]}, 200, {}


@door(
    blueprint,
    "POST",
    "/organisations/<uuid:organisation_id>/access-reviews",
    summary="Nu nakijken wie welke rol nodig heeft",
    description=f"{_ONLY} Eens per jaar begint een lijst vanzelf.",
    gives=AccessReviewOut,
    status=201,
    versioned=True,
    refuses=(404,),
)
def begin_access_review(organisation_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            begun = organisations.begin_review(session, organisation_id, by=by, at=now())
            return begun.id, _review(session, begun)

        def again(found: UUID | None) -> dict[str, Any]:
            assert found is not None, "a review was begun"
            return _review(session, organisations.review(session, found, by=by, at=now()))

        return once(session, by=by, do=do, again=again, location=lambda found: f"/api/v1/access-reviews/{found}")


@door(
    blueprint,
    "GET",
    "/access-reviews/<uuid:review_id>",
    summary="Een lijst om na te kijken",
    description=_ONLY,
    gives=AccessReviewOut,
    versioned=True,
    refuses=(404,),
)
def get_access_review(review_id: UUID) -> Answer:
    with reading() as session:
        shown = _review(session, organisations.review(session, review_id, by=actor(), at=now()))
        return shown, 200, bodies.etag(shown["version"])


@door(
    blueprint,
    "POST",
    "/access-reviews/<uuid:review_id>/answers",
    summary="Zeggen welke rollen nog nodig zijn",
    description=f"{_ONLY} Over uzelf antwoordt een ander. Een rol met ended eindigt meteen; wat iemand daarin had, gaat terug.",
    body=ReviewAnswersIn,
    gives=AccessReviewOut,
    versioned=True,
    needs_version=True,
    refuses=(404,),
)
def answer_access_review(review_id: UUID, body: dict[str, Any], version: int) -> Answer:
    with transaction() as session:
        by = actor()
        answers = {one["id"]: ReviewAnswer(one["review_answer"]) for one in body["roles"]}

        def do() -> tuple[UUID, dict[str, Any]]:
            found, _ = method.answer_access_review(session, review_id, answers, version=version, by=by, at=now())
            return found.id, _review(session, found)

        def again(_: UUID | None) -> dict[str, Any]:
            return _review(session, organisations.review(session, review_id, by=by, at=now()))

        return once(session, by=by, do=do, again=again, location=lambda _: "", status=200)


def _organisation(found: Organisation) -> Answer:
    names = ("id", "name", "type", "domain", "phone", "mail", "website", "active", "version")
    shown = OrganisationDataOut().dump({**{one: getattr(found, one) for one in names}, "areas": sorted(found.areas)})
    return dict(shown), 200, bodies.etag(found.version)


def _assignment(found: RoleAssignment) -> Answer:
    return dict(RoleAssignmentOut().dump(found)), 200, bodies.etag(found.version)


def _review(session: Any, found: AccessReview) -> dict[str, Any]:
    names = organisations.names_of(session, {one.person_id for one in found.items})
    roles = [
        {
            "id": one.id,
            "person_id": one.person_id,
            "name": names[one.person_id],
            "role": one.role,
            "areas": one.areas,
            "review_answer": one.answer,
            "answered_at": one.answered_at,
            "reviewer_id": one.answered_by,
        }
        for one in sorted(found.items, key=lambda one: (names[one.person_id], one.role, one.id))
    ]
    names_ = ("id", "organisation_id", "opened_at", "due_on", "rounds", "closed_at", "version")
    return dict(AccessReviewOut().dump({**{one: getattr(found, one) for one in names_}, "roles": roles}))
