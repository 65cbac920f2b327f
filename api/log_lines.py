"""The log: its lines for who looks after it, unusual reading, and who looked as a parent may hear it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, url_for
from marshmallow import Schema, fields, validate

from api import log_files, schemas
from api.auth import actor
from api.doors import Answer, door, next_page, once
from api.doors import blueprint as group
from api.schemas import a_number, a_text, a_truth, an_id, an_instant, maybe_text
from api.transactions import now, reading, transaction
from workflows import alarms, method

blueprint = group("log-lines", "Het logboek: wie deed en bekeek wat, en wie er keek zoals een ouder het mag weten.")


def _day(key: str, description: str) -> fields.Date:
    return fields.Date(data_key=key, metadata={"description": description})


class LogFilters(schemas.Strict):
    since = _day("since", "Eerste dag.")
    until = _day("until", "Laatste dag; die telt mee.")
    person_id = fields.UUID(data_key="personId", metadata={"description": "Alleen deze medewerker."})
    case_number = fields.String(
        data_key="caseNumber",
        validate=validate.Length(1, 20),
        metadata={"description": "Alleen deze casus, bijvoorbeeld 2026-0042."},
    )
    log = a_text("reads (bekeken) of changes (gedaan).", validate=validate.OneOf(["reads", "changes"]))
    event = a_text("Alleen deze gebeurtenis, bijvoorbeeld case.viewed.", validate=validate.Length(1, 80))
    refused = a_truth("Alleen wat geweigerd is.")
    emergency = a_truth("Alleen wat met de noodknop is bekeken.")
    unusual = a_truth("Alleen wat bij een melding over bijzonder kijkgedrag hoort.")


class LogQuery(LogFilters, schemas.PageQuery):
    """Filters, and where the page begins."""


class LogLineOut(Schema):
    id = a_number("Nummer in dit logboek.", required=True)
    log = a_text("reads of changes.", required=True)
    at = an_instant("Wanneer.", required=True)
    event = a_text("Wat er gebeurde.", required=True)
    outcome = a_text("success of refused.", required=True)
    person_id = an_id("Wie; leeg als het systeem het zelf deed, en bij een ouder.", allow_none=True)
    person_name = maybe_text("Naam van de medewerker.")
    role = a_text("In welke rol.", required=True)
    case_number = maybe_text("Casusnummer, als het over een casus gaat.")
    subject_kind = a_text("Waarover.", required=True)
    subject_id = a_text("Kenmerk daarvan.", required=True)
    purpose = maybe_text("Waarvoor.")
    rule = maybe_text("Welke regel het toeliet.")
    ground = maybe_text("Op welke grond, als er iets gedeeld is.")
    compartments = maybe_text("Soorten gegevens die te zien waren.")
    origin = a_text("page, api, worker of cli.", required=True)
    request_id = maybe_text("Nummer van het verzoek.")
    emergency = a_truth("Met de noodknop.", required=True)
    unusual = a_truth("Hoort bij een melding.", required=True)
    details = schemas.an_object("Kenmerken en tellingen; nooit antwoorden.", required=True)


class LogLineListOut(Schema):
    items = fields.List(fields.Nested(LogLineOut), required=True)
    next_cursor = maybe_text("Begin van de volgende bladzijde.")


class AlarmsQuery(schemas.PageQuery):
    explained = a_truth("Alleen wat al bekeken en verklaard is.", load_default=False)


class AlarmOut(Schema):
    id = an_id("Kenmerk.", required=True)
    kind = a_text(f"Wat er bijzonder is: {', '.join(alarms.AlarmKind)}.", required=True)
    status = a_text("raised, seen of explained.", required=True)
    day = fields.Date(required=True, metadata={"description": "Dag; van een week de eerste."})
    count = a_number("Hoeveel casussen, kijkers, keren, weigeringen of regels.", required=True)
    began_at = an_instant("Eerste moment.", required=True)
    until_at = an_instant("Laatste moment.", required=True)
    raised_at = an_instant("Wanneer de melding kwam.", required=True)
    person_id = an_id("Over wie; leeg bij veel kijkers.", allow_none=True)
    person_name = maybe_text("Naam van de medewerker.")
    case_number = maybe_text("Casusnummer, als het over één casus gaat.")
    seen_by_name = maybe_text("Wie ernaar kijkt.")
    seen_at = an_instant("Sinds wanneer.", allow_none=True)
    explained_by_name = maybe_text("Wie het afrondde.")
    explained_at = an_instant("Wanneer.", allow_none=True)
    outcome = maybe_text("Wat er gevonden is.")
    explanation = a_text("In woorden van wie het nakeek.", required=True)
    receipt_id = an_id("Ontvangstbewijs waarop staat dat iets weg was; bij lost_item.", allow_none=True)
    outcomes = schemas.some_texts("Wat er bij deze melding gevonden kan zijn.", required=True)


class AlarmListOut(Schema):
    items = fields.List(fields.Nested(AlarmOut), required=True)
    next_cursor = maybe_text("Begin van de volgende bladzijde.")


class ExplanationIn(schemas.Strict):
    outcome = a_text(f"Kies uit: {', '.join(alarms.AlarmOutcome)}.", required=True)
    explanation = a_text(f"Wat u nakeek en vond, ten hoogste {alarms.LONGEST} tekens.", required=True)


class ClientLogQuery(schemas.Strict):
    subject_id = fields.UUID(
        data_key="subjectId",
        required=True,
        metadata={"description": "Van wie de gegevens zijn: een ouder van het gezin."},
    )
    since = _day("since", "Eerste dag.")
    until = _day("until", "Laatste dag; die telt mee.")


class ClientLogLineOut(Schema):
    organisation_id = an_id("Kenmerk van de organisatie.", required=True)
    organisation = a_text("Welke organisatie.", required=True)
    role = a_text("In welke rol.", required=True)
    people = a_number("Hoeveel medewerkers.", required=True)
    times = a_number("Hoe vaak.", required=True)
    compartments = schemas.some_texts("Soorten gegevens; leeg: de casus als geheel.", required=True)
    why = a_text("Waarom, in gewone taal.", required=True)
    ground = maybe_text("Waarom dat mag, in gewone taal.")
    emergency = a_truth("Het was een noodgeval.", required=True)


class ClientLogDayOut(Schema):
    day = fields.Date(required=True, metadata={"description": "De dag."})
    lines = fields.List(fields.Nested(ClientLogLineOut), required=True)


class ClientLogOut(Schema):
    case_number = a_text("Casusnummer.", required=True)
    subject_id = fields.UUID(
        attribute="subject.id", required=True, metadata={"description": "Van wie de gegevens zijn."}
    )
    since = fields.Date(required=True, metadata={"description": "Eerste dag van het overzicht."})
    until = fields.Date(required=True, metadata={"description": "Laatste dag van het overzicht."})
    days = fields.List(fields.Nested(ClientLogDayOut), required=True)


_OWN = (
    "Voor de logbeheerder en de functionaris gegevensbescherming, met een tweede controle: wat namens de eigen organisatie is "
    "gedaan en bekeken. Geen inhoud en geen namen van gezinnen. Ook dit kijken wordt vastgelegd."
)


@door(
    blueprint,
    "GET",
    "/log-lines",
    summary="Het logboek van de eigen organisatie",
    description=_OWN,
    query=LogQuery,
    gives=LogLineListOut,
    refuses=(403, 404),
    paged=True,
)
def list_log_lines(query: dict[str, Any]) -> Answer:
    cursor, page_size = query.pop("cursor", None), query.pop("page_size")
    with reading() as session:
        page = method.log_page(session, by=actor(), at=now(), filters=query, cursor=cursor, page_size=page_size)
        return LogLineListOut().dump(page), 200, next_page(page.next_cursor)


@door(
    blueprint,
    "GET",
    "/log-lines/csv",
    summary="Het logboek als CSV",
    description=f"Met de velden van NEN 7513; puntkomma’s, UTF-8 met BOM. {_OWN}",
    query=LogFilters,
    media_type="text/csv",
    refuses=(403, 404),
)
def export_log_csv(query: dict[str, Any]) -> Response:
    return log_files.download(query, "csv")


@door(
    blueprint,
    "GET",
    "/log-lines/json-lines",
    summary="Het logboek als JSON-regels",
    description=f"Eén object per regel, met de velden van NEN 7513. {_OWN}",
    query=LogFilters,
    media_type="application/x-ndjson",
    refuses=(403, 404),
)
def export_log_json_lines(query: dict[str, Any]) -> Response:
    return log_files.download(query, "jsonl")


@door(
    blueprint,
    "GET",
    "/log-alarms",
    summary="Meldingen over bijzonder kijkgedrag",
    description="Wat op een verklaring wacht, of wat er een heeft. Het lezen wordt vastgelegd.",
    query=AlarmsQuery,
    gives=AlarmListOut,
    refuses=(403, 404),
    paged=True,
)
def list_log_alarms(query: dict[str, Any]) -> Answer:
    with reading() as session:
        page = method.alarm_list(
            session,
            by=actor(),
            at=now(),
            explained=query["explained"],
            cursor=query.get("cursor"),
            page_size=query["page_size"],
        )
        return AlarmListOut().dump(page), 200, next_page(page.next_cursor)


@door(
    blueprint,
    "GET",
    "/log-alarms/<uuid:alarm_id>",
    summary="Eén melding",
    description="Met wat er gevonden is. Het lezen wordt vastgelegd.",
    gives=AlarmOut,
    refuses=(403, 404),
)
def get_log_alarm(alarm_id: UUID) -> Answer:
    with reading() as session:
        return AlarmOut().dump(method.alarm_view(session, alarm_id, by=actor(), at=now())), 200, {}


@door(
    blueprint,
    "POST",
    "/log-alarms/<uuid:alarm_id>/sightings",
    summary="Zeggen dat u een melding bekijkt",
    description="Zo weten collega’s dat er iemand mee bezig is.",
    gives=AlarmOut,
    status=201,
    refuses=(403, 404),
)
def see_log_alarm(alarm_id: UUID) -> Answer:
    with transaction() as session:
        by = actor()
        return once(
            session,
            by=by,
            do=lambda: (alarm_id, AlarmOut().dump(method.see_alarm(session, alarm_id, by=by, at=now()))),
            again=lambda _: AlarmOut().dump(method.alarm_view(session, alarm_id, by=by, at=now())),
            location=lambda _: url_for("log-lines.get_log_alarm", alarm_id=alarm_id),
        )


@door(
    blueprint,
    "POST",
    "/log-alarms/<uuid:alarm_id>/explanations",
    summary="Zeggen wat u bij een melding vond",
    description="Daarmee is de melding afgerond. Een melding over uzelf rondt een ander af.",
    body=ExplanationIn,
    gives=AlarmOut,
    status=201,
    refuses=(403, 404),
)
def explain_log_alarm(alarm_id: UUID, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            view = method.explain_alarm(session, alarm_id, by=by, at=now(), **body)
            return alarm_id, AlarmOut().dump(view)

        return once(
            session,
            by=by,
            do=do,
            again=lambda _: AlarmOut().dump(method.alarm_view(session, alarm_id, by=by, at=now())),
            location=lambda _: url_for("log-lines.get_log_alarm", alarm_id=alarm_id),
        )


@door(
    blueprint,
    "GET",
    "/cases/<uuid:case_id>/client-log",
    summary="Wie keek er in de gegevens van een ouder",
    description="Per dag welke organisatie wat zag en waarom, in gewone taal. Voor wie de casus vasthoudt, samen met de ouder. "
    "Ook dit openen wordt vastgelegd, en staat in het overzicht.",
    query=ClientLogQuery,
    gives=ClientLogOut,
    refuses=(403, 404),
)
def get_client_log(case_id: UUID, query: dict[str, Any]) -> Answer:
    with reading() as session:
        found = method.client_log(session, case_id, by=actor(), at=now(), **query)
        return ClientLogOut().dump(found), 200, {}
