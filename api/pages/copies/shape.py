"""The shape of a copy in JSON: described in OpenAPI, and named in the file itself (``schema``)."""

from __future__ import annotations

from marshmallow import Schema, fields

from api import schemas


class CopiedPersonOut(Schema):
    kind = schemas.a_text("Wie dit is in het gezin.", required=True)
    name = schemas.a_text("Naam.", required=True)
    birth_date = schemas.maybe_day("Geboortedatum.")
    postcode = schemas.a_text("Postcode.")
    municipality_code = schemas.maybe_text("Gemeente, CBS-code.")
    preferred_language = schemas.a_text("Taal.")
    interpreter_needed = schemas.a_truth("Tolk nodig.")
    reading_support = schemas.a_truth("Hulp bij lezen nodig.")
    safe_contact = schemas.maybe_text("Veilige manier van contact.")
    safe_contact_detail = schemas.a_text("Afspraak over contact.")
    bsn = schemas.maybe_text("Burgerservicenummer, als de persoon zelf vroeg en de organisatie het mag gebruiken.")


class CopiedAnswerOut(Schema):
    field = schemas.a_text("Sleutel van de vraag.", required=True)
    question = schemas.a_text("De vraag, zoals toen gesteld.", required=True)
    answer = schemas.a_text("Het antwoord in woorden.", required=True)
    compartment = schemas.a_text("Soort gegevens.", required=True)


class CopiedEntryOut(Schema):
    id = schemas.an_id("Kenmerk.", required=True)
    form = schemas.a_text("Welk formulier.", required=True)
    form_version = schemas.a_text("Welke versie ervan.", required=True)
    organisation = schemas.maybe_text("Organisatie namens wie het is opgeschreven.")
    role = schemas.a_text("In welke rol.")
    observed_at = schemas.an_instant("Wanneer het gezegd of gezien is.")
    recorded_at = schemas.an_instant("Wanneer het is opgeschreven.")
    superseded = schemas.a_truth("Is later verbeterd.")
    answers = fields.List(fields.Nested(CopiedAnswerOut))


class CopiedGoalOut(Schema):
    plan_version = schemas.a_number("Welke versie van het plan.")
    words = schemas.a_text("Het doel, in de woorden van de ouder.")
    dimension = schemas.maybe_text("Welk deel van het leven.")


class CopiedActionOut(Schema):
    number = schemas.a_number("Nummer van de afspraak.")
    what = schemas.a_text("Wat.")
    owner_kind = schemas.a_text("Wie: ouder, informeel of professional.")
    owner = schemas.a_text("Wie, met naam.")
    starts_on = fields.Date(metadata={"description": "Vanaf."})
    ends_on = schemas.maybe_day("Tot.")
    status = schemas.a_text("Hoe het staat.")


class CopiedEvaluationOut(Schema):
    evaluated_on = fields.Date(metadata={"description": "Wanneer."})
    decision = schemas.a_text("Wat besloten is.")
    parent_experience = fields.Integer(allow_none=True, metadata={"description": "Cijfer van de ouder."})
    goals = fields.List(
        fields.List(fields.Raw(metadata={"type": ["string", "integer", "null"]})),
        metadata={"description": "Per doel: doel, hoe het staat, cijfer van de ouder."},
    )


class CopiedMeetingOut(Schema):
    on = fields.Date(metadata={"description": "Wanneer."})
    status = schemas.a_text("Hoe het staat.")
    parents_invited = schemas.a_truth("Was de ouder uitgenodigd.")
    parents_present = fields.Boolean(allow_none=True, metadata={"description": "Was de ouder erbij."})
    reason = schemas.maybe_text("Waarom niet.")


class CopiedPackageOut(Schema):
    version = fields.Integer(metadata={"description": "Versie van wat er meeging."})
    sent_at = schemas.an_instant("Wanneer verzonden.")
    hash = schemas.a_text("Kenmerk waarmee te bewijzen is wat er meeging.")
    accepted_at = schemas.an_instant("Wanneer aangenomen; leeg: niet.", allow_none=True)


class CopiedHandoverOut(Schema):
    offered_at = schemas.an_instant("Wanneer aangeboden.")
    from_organisation = schemas.a_text("Van.")
    to_organisation = schemas.a_text("Naar.")
    reason = schemas.a_text("Waarom.")
    status = schemas.a_text("Hoe het staat.")
    packages = fields.List(fields.Nested(CopiedPackageOut))


class CopiedCommentOut(Schema):
    at = schemas.an_instant("Wanneer.")
    organisation = schemas.a_text("Organisatie.")
    role = schemas.a_text("Rol.")
    text = schemas.a_text("Wat er staat.")


class CopiedAttachmentOut(Schema):
    at = schemas.an_instant("Wanneer.")
    organisation = schemas.a_text("Organisatie.")
    name = schemas.a_text("Naam van het bestand, dat apart wordt meegegeven.")
    description = schemas.a_text("Wat het is.")
    size = fields.Integer(metadata={"description": "Bytes."})
    sha256 = schemas.maybe_text("Waaraan te zien is dat het dit bestand is. Leeg: het bestand is nu niet te openen.")


class CopiedConsentOut(Schema):
    recorded_at = schemas.an_instant("Wanneer vastgelegd.")
    recipient = schemas.a_text("Met wie.")
    purpose = schemas.a_text("Waarvoor.")
    category = schemas.a_text("Soort gegevens.")
    given = schemas.a_truth("Mocht het.")
    given_by = schemas.a_text("Wie besliste.")
    valid_until = schemas.an_instant("Tot wanneer.", allow_none=True)
    withdrawn_at = schemas.an_instant("Wanneer ingetrokken.", allow_none=True)


class CopiedDisclosureOut(Schema):
    at = schemas.an_instant("Vanaf wanneer.")
    ended_at = schemas.an_instant("Tot wanneer.", allow_none=True)
    recipient = schemas.a_text("Wie het kon lezen, of kreeg.")
    role = schemas.maybe_text("In welke rol.")
    purpose = schemas.maybe_text("Waarvoor.")
    ground = schemas.a_text("Op welke grond.")
    categories = schemas.some_texts("Soorten gegevens.")


class CopiedRequestOut(Schema):
    kind = schemas.a_text("Wat er gevraagd is.")
    received_on = fields.Date(metadata={"description": "Wanneer."})
    answer_by = fields.Date(metadata={"description": "Uiterlijke dag van het antwoord."})
    status = schemas.a_text("Hoe het staat.")
    refused_reason = schemas.maybe_text("Waarom niet.")


class CopiedLookOut(Schema):
    organisation = schemas.a_text("Welke organisatie.")
    role = schemas.a_text("In welke rol.")
    why = schemas.a_text("Waarom.")
    ground = schemas.maybe_text("Waarom dat mag.")
    people = schemas.a_number("Hoeveel mensen.")
    times = schemas.a_number("Hoe vaak.")
    compartments = schemas.some_texts("Soorten gegevens.")
    emergency = schemas.a_truth("In een noodgeval.")


class CopiedDayOut(Schema):
    day = fields.Date(metadata={"description": "De dag."})
    lines = fields.List(fields.Nested(CopiedLookOut))


class CopiedRetentionOut(Schema):
    retention_class = schemas.a_text("Soort bewaartermijn.")
    until = schemas.maybe_day("Tot wanneer het bewaard blijft.")
    source = schemas.a_text("Waarop dat rust.")


class PersonalCopyOut(Schema):
    schema = schemas.a_text("Naam van deze vorm; een andere vorm krijgt een andere naam.", required=True)
    made_at = schemas.an_instant("Wanneer de kopie is gemaakt.", required=True)
    case_number = schemas.a_text("Nummer van de casus.")
    reference = schemas.maybe_text("Nummer bij de organisatie die de kopie geeft.")
    case_status = schemas.a_text("Hoe de casus staat.")
    case_result = schemas.maybe_text("Resultaat.")
    opened_on = fields.Date(metadata={"description": "Wanneer de casus begon."})
    closed_on = schemas.maybe_day("Wanneer de casus sloot.")
    answered_by = schemas.maybe_text("Bij wie men terechtkan.")
    retention = fields.Nested(CopiedRetentionOut)
    person = fields.Nested(CopiedPersonOut, required=True)
    due_dates = fields.List(fields.Date(), metadata={"description": "Uitgerekende datum."})
    entries = fields.List(fields.Nested(CopiedEntryOut))
    goals = fields.List(fields.Nested(CopiedGoalOut))
    actions = fields.List(fields.Nested(CopiedActionOut))
    evaluations = fields.List(fields.Nested(CopiedEvaluationOut))
    meetings = fields.List(fields.Nested(CopiedMeetingOut))
    handovers = fields.List(fields.Nested(CopiedHandoverOut))
    comments = fields.List(fields.Nested(CopiedCommentOut))
    attachments = fields.List(fields.Nested(CopiedAttachmentOut))
    consents = fields.List(fields.Nested(CopiedConsentOut))
    disclosures = fields.List(fields.Nested(CopiedDisclosureOut))
    requests = fields.List(fields.Nested(CopiedRequestOut))
    looked = fields.List(fields.Nested(CopiedDayOut), metadata={"description": "Wie er keek, per dag."})
    left_out = schemas.some_texts(
        "Soorten gegevens die er niet in staan: wat over anderen gaat, en waar het BSN niet in mag."
    )
