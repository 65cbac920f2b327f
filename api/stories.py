"""A case as a whole: its timeline, who stands around the family, a summary to take along, and its number elsewhere."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, url_for
from marshmallow import Schema, fields, validate

from api import schemas
from api.auth import actor
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.pages.summaries import case_summary_pdf
from api.plans import GoalOut
from api.transactions import now, reading, transaction
from workflows import method

blueprint = group("stories", "Een casus als geheel: tijdlijn, wie eromheen staan en een samenvatting.")


class TimelineRecipientOut(Schema):
    organisation_id = schemas.an_id("Met welke organisatie.", allow_none=True)
    kind = schemas.maybe_text("Met welk soort organisatie, als het er niet één is.")
    purpose = schemas.a_text("Waarvoor.", required=True)


class TimelineItemOut(Schema):
    kind = schemas.a_text(f"Wat er gebeurde: {', '.join(method.Happening)}.", required=True)
    on = fields.Date(required=True, metadata={"description": "Op welke dag."})
    at = schemas.an_instant("Op welk moment; leeg: alleen de dag is bekend.", allow_none=True)
    code = schemas.maybe_text("Welk formulier, welke stand of welke uitkomst.")
    status = schemas.maybe_text("Stand waarin de casus daardoor kwam.")
    organisation_id = schemas.an_id("Namens welke organisatie.", allow_none=True)
    role = schemas.maybe_text("In welke rol.")
    person_id = schemas.an_id("Wie het deed.", allow_none=True)
    person_name = schemas.maybe_text("Naam van die medewerker.")
    to_organisation_id = schemas.an_id("Aan welke organisatie.", allow_none=True)
    to_role = schemas.maybe_text("Aan welke rol.")
    allowed = fields.List(
        fields.Nested(TimelineRecipientOut), required=True, metadata={"description": "Met wie er gedeeld mag worden."}
    )
    refused = fields.List(
        fields.Nested(TimelineRecipientOut), required=True, metadata={"description": "Met wie niet, of niet meer."}
    )
    text = schemas.maybe_text("Wat is afgesproken, in de woorden van het plan.")
    number = schemas.a_number("Nummer van de afspraak.", allow_none=True)
    count = schemas.a_number("Hoeveel opmerkingen op die dag; anders 0.", required=True)
    parents_present = schemas.a_truth("Bij een overleg: of de ouders erbij waren.", allow_none=True)
    earlier_on = schemas.maybe_day("Bij een verbetering: wanneer het eerdere is vastgelegd.")


class TimelineOut(Schema):
    items = fields.List(fields.Nested(TimelineItemOut), required=True, metadata={"description": "De nieuwste eerst."})


class AroundOut(Schema):
    ring = schemas.a_text("Hoe dichtbij: own (eigen mensen), professional of organisation.", required=True)
    parts = schemas.some_texts(f"Wat die doet: {', '.join(method.Part)}.", required=True)
    name = schemas.maybe_text("Naam; van een organisatie leeg.")
    organisation_id = schemas.an_id("Organisatie.", allow_none=True)
    role = schemas.maybe_text("Rol.")
    relation = schemas.maybe_text("Wie het is voor het gezin.")
    helps_with = schemas.maybe_text("Waarmee die helpt.")
    may_contact = schemas.a_truth("Of u van het gezin mag bellen; leeg: niet bekend.", allow_none=True)
    last_on = schemas.maybe_day("Wanneer die medewerker het laatst iets vastlegde.")


class AroundListOut(Schema):
    items = fields.List(fields.Nested(AroundOut), required=True, metadata={"description": "De naaste eerst."})


class SummaryOut(Schema):
    case = fields.Nested(schemas.CaseCardOut, required=True)
    own_number = schemas.maybe_text("Hoe de casus in uw eigen systeem heet; alleen uw organisatie ziet dat.")
    made_at = schemas.an_instant(
        "Wanneer deze samenvatting is gemaakt; wat later verandert staat er niet in.", required=True
    )
    holder_name = schemas.maybe_text("Wie de casus vasthoudt, als dat bekend is.")
    members = fields.List(fields.Nested(schemas.MemberOut), required=True)
    tasks = fields.List(fields.Nested(schemas.TaskOut), required=True, metadata={"description": "Wat er open ligt."})
    goals = fields.List(fields.Nested(GoalOut), required=True, metadata={"description": "Wat de ouder wil."})
    actions = fields.List(
        fields.Nested(schemas.ActionOut),
        required=True,
        metadata={"description": "Afspraken die lopen of op antwoord wachten."},
    )
    evaluation_on = schemas.maybe_day("Wanneer het gezin samen terugkijkt.")
    consents = fields.List(fields.Nested(schemas.ConsentOut), required=True)
    consent_status = fields.List(fields.Nested(schemas.ConsentStandingOut), required=True)
    latest = fields.List(
        fields.Nested(TimelineItemOut), required=True, metadata={"description": "De laatste vijf gebeurtenissen."}
    )


class OwnNumberIn(schemas.Strict):
    number = schemas.a_text(
        "Hoe de casus in uw eigen systeem heet; leeg haalt het weg. Zet hier geen naam of BSN.",
        required=True,
        validate=validate.Length(max=200, error="Geef ten hoogste {max} tekens."),
    )


class OwnNumberOut(Schema):
    case_id = schemas.an_id("De casus.", required=True)
    number = schemas.a_text("Hoe de casus in uw eigen systeem heet; leeg: er is er geen.", required=True)


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/timeline",
    summary="Wat er gebeurde",
    description="De tijdlijn van een casus, voor zover u die mag zien, de nieuwste eerst. Over veiligheid staat er niets in. Het lezen wordt vastgelegd.",
    gives=TimelineOut,
    refuses=(404,),
)
def get_timeline(case_id: UUID) -> Answer:
    with reading() as session:
        story = method.case_story(session, case_id, by=actor(), at=now())
        return TimelineOut().dump({"items": _items(story)}), 200, {}


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/surroundings",
    summary="Wie er om het gezin staan",
    description="Eigen mensen, professionals en organisaties, ieder één keer en de naaste eerst. Het lezen wordt vastgelegd.",
    gives=AroundListOut,
    refuses=(404,),
)
def list_surroundings(case_id: UUID) -> Answer:
    with reading() as session:
        story = method.case_story(session, case_id, by=actor(), at=now())
        return AroundListOut().dump({"items": method.around_family(story)}), 200, {}


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/summary",
    summary="Samenvatting om mee te nemen",
    description="Het belangrijkste van een casus bij elkaar, voor in uw eigen dossier, voor zover u het mag zien. Dat u het meenam wordt vastgelegd en staat op het overzicht van de ouder.",
    gives=SummaryOut,
    refuses=(404,),
)
def get_summary(case_id: UUID) -> Answer:
    with reading() as session:
        found = method.case_summary(session, case_id, taken="text", by=actor(), at=now())
        story = found.story
        view, holder = story.case, story.case.case.holder_person_id
        shown = {
            "case": view.case,
            "own_number": found.reference,
            "made_at": found.made_at,
            "holder_name": story.people.get(holder) if holder else None,
            "members": view.members,
            "tasks": view.tasks,
            "goals": story.plan.goals,
            "actions": [one for one in story.plan.actions if one.in_plan and one.status in ("proposed", "accepted")],
            "evaluation_on": story.plan.evaluation_on,
            "consents": view.consents,
            "consent_status": view.consent_status,
            "latest": _items(story)[:5],
        }
        return SummaryOut().dump(shown), 200, {}


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/printed-summary",
    summary="Samenvatting om af te drukken (PDF)",
    description="Eén bladzijde A4, toegankelijk. Dat u het meenam wordt vastgelegd en staat op het overzicht van de ouder.",
    media_type="application/pdf",
    refuses=(404,),
)
def get_printed_summary(case_id: UUID) -> Response:
    return case_summary_pdf(case_id)


@door(
    blueprint,
    "POST",
    "/cases/<uuid:case_id>/own-numbers",
    summary="Het nummer uit uw eigen systeem bewaren",
    description="Eén nummer per organisatie: een nieuw vervangt het vorige, leeg haalt het weg. Met dit nummer is de casus te zoeken.",
    body=OwnNumberIn,
    gives=OwnNumberOut,
    status=201,
    refuses=(403, 404),
)
def keep_own_number(case_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            method.keep_case_reference(session, case_id, body["number"], by=by, at=now())
            return case_id, shown(body["number"].strip())

        def again(_: UUID | None) -> dict[str, Any]:
            method.case_view(session, case_id, by=by, at=now())  # what is said anew is written down as read
            return shown(method.case_reference(session, case_id, by=by, at=now())[0])

        def shown(number: str) -> dict[str, Any]:
            return dict(OwnNumberOut().dump({"case_id": case_id, "number": number}))

        return once(session, by=by, do=do, again=again, location=lambda _: url_for("cases.get_case", case_id=case_id))


def _items(story: method.CaseStory) -> list[dict[str, Any]]:
    found = []
    for one in method.timeline(story, at=now()):
        told = {name: getattr(one, name) for name in one.__dataclass_fields__}
        told["person_name"] = story.people.get(one.person_id) if one.person_id else None
        found.append(told)
    return found
