"""What goes over the wire, in English field names; descriptions are Dutch, for who reads the documentation.

Schemas that read refuse unknown keys. Instants are UTC and end in Z; dates are local (Europe/Amsterdam).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

OPEN_OBJECT: dict[str, Any] = {"additionalProperties": {}}


class Instant(fields.DateTime):
    """An instant; written in UTC with a Z, read only when it says its offset."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            found = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise self._refused() from None
        if found.tzinfo is None or not 1900 <= found.year <= 2200:
            raise self._refused()
        return found.astimezone(UTC)

    @staticmethod
    def _refused() -> Exception:
        from marshmallow import ValidationError

        return ValidationError("Geef een moment met tijdzone, bijvoorbeeld 2026-11-03T08:30:00Z.")


class Strict(Schema):
    """Base of what is read and written: unknown keys are a mistake, and the order is that of the class."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "Dit veld kennen we niet.", "type": "Dit heeft niet de juiste vorm."}  # noqa: RUF012


def dutch() -> None:
    """Marshmallow's own sentences, in Dutch, for every schema of the house."""
    fields.Field.default_error_messages.update(
        required="Dit veld is verplicht.", null="Dit veld mag niet leeg zijn.", validator_failed="Dit kan niet."
    )
    fields.String.default_error_messages.update(invalid="Geef tekst.", invalid_utf8="Geef tekst in UTF-8.")
    fields.Integer.default_error_messages.update(invalid="Geef een heel getal.", too_large="Dit getal is te groot.")
    fields.Number.default_error_messages.update(invalid="Geef een getal.", too_large="Dit getal is te groot.")
    fields.UUID.default_error_messages.update(invalid_uuid="Dit is geen geldig kenmerk (UUID).")
    fields.Boolean.default_error_messages.update(invalid="Geef true of false.")
    fields.Mapping.default_error_messages.update(invalid="Geef een object.")
    fields.Date.default_error_messages.update(
        invalid="Geef een datum als 2026-11-03.", format="Geef een geldige datum."
    )


dutch()


def a_text(description: str, **options: Any) -> fields.String:
    return fields.String(metadata={"description": description}, **options)


def maybe_text(description: str) -> fields.String:
    return fields.String(allow_none=True, metadata={"description": description})


def maybe_day(description: str) -> fields.Date:
    return fields.Date(allow_none=True, metadata={"description": description})


def an_id(description: str, **options: Any) -> fields.UUID:
    return fields.UUID(metadata={"description": description}, **options)


def an_instant(description: str, **options: Any) -> Instant:
    return Instant(metadata={"description": description, "format": "date-time"}, **options)


def a_number(description: str, **options: Any) -> fields.Integer:
    return fields.Integer(metadata={"description": description}, **options)


def a_truth(description: str, **options: Any) -> fields.Boolean:
    return fields.Boolean(metadata={"description": description}, **options)


def some_texts(description: str, **options: Any) -> Any:
    return fields.List(fields.String(), metadata={"description": description}, **options)


def an_object(description: str, **options: Any) -> Any:
    return fields.Dict(keys=fields.String(), metadata={"description": description, **OPEN_OBJECT}, **options)


def confirmed_fields() -> Any:
    return some_texts("Velden waarover een vraag is gesteld en die toch kloppen.", validate=validate.Length(max=100))


class ProblemOut(Schema):
    """RFC 9457."""

    type = a_text("Adres van de uitleg bij dit soort probleem.", required=True)
    title = a_text("Wat er mis is, in het kort.", required=True)
    status = a_number("HTTP-status.", required=True)
    detail = a_text("Wat er mis is en wat u kunt doen.", required=True)
    request_id = a_text("Nummer van dit verzoek, voor de beheerder.", required=True)
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "Per veld wat eraan schort; alleen bij 400."},
    )
    questions = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={
            "description": "Per veld een vraag over wat niet bij elkaar past. Klopt het toch? Stuur hetzelfde met deze velden in ‘confirmed’."
        },
    )


class PageQuery(Strict):
    cursor = a_text("Waar de bladzijde begint; uit de kop Link.", validate=validate.Length(1, 500))
    page_size = fields.Integer(
        data_key="pageSize",
        load_default=50,
        validate=validate.Range(1, 100, error="Geef een getal van {min} tot en met {max}."),
        metadata={"description": "Hoeveel er op een bladzijde staan."},
    )


#: Groups of terms, in the order of the work list.
DUE_GROUPS = ["overdue", "today", "this_week", "later", "no_term"]


class TasksQuery(PageQuery):
    status = a_text(
        "Alleen taken met deze stand.", validate=validate.OneOf(["open", "claimed"], error="Kies uit: {choices}.")
    )
    mine = a_truth("Alleen taken die u zelf hebt opgepakt.")
    municipality = a_text(
        "Alleen taken uit deze gemeente (CBS-code).",
        validate=validate.Regexp(r"^GM\d{4}$", error="Geef een CBS-code, bijvoorbeeld GM0983."),
    )
    process_id = a_text("Alleen taken uit dit proces.", data_key="processId", validate=validate.Length(1, 80))
    form_key = a_text(
        "Alleen taken met dit formulier, bijvoorbeeld exploration.", data_key="formKey", validate=validate.Length(1, 60)
    )
    phase = a_text(
        "Alleen taken van gezinnen in deze fase.",
        validate=validate.OneOf(["before_pregnancy", "pregnant", "after_birth"], error="Kies uit: {choices}."),
    )
    due = a_text(
        "Alleen taken met een termijn in deze groep; this_week is de komende vijf werkdagen.",
        validate=validate.OneOf(DUE_GROUPS, error="Kies uit: {choices}."),
    )
    is_new = a_truth("Alleen taken die er sinds het begin van de vorige werkdag bij kwamen.", data_key="isNew")
    organisation_id = an_id(
        "Alleen taken van deze organisatie. U handelt namens één organisatie tegelijk; van een andere is er niets.",
        data_key="organisationId",
    )
    urgency = a_text(
        "Alleen taken met deze spoed.",
        validate=validate.OneOf(["regular", "urgent", "acute"], error="Kies uit: {choices}."),
    )


class CasesQuery(PageQuery):
    status = a_text("Alleen casussen met deze stand.", validate=validate.Length(1, 40))
    municipality = a_text(
        "Alleen casussen uit deze gemeente (CBS-code).",
        validate=validate.Regexp(r"^GM\d{4}$", error="Geef een CBS-code, bijvoorbeeld GM0983."),
    )


class TaskOut(Schema):
    """A task as it lies in the pool: nothing on it says which family."""

    id = an_id("Kenmerk van de taak.", required=True)
    name = a_text("Wat er te doen is.", required=True)
    documentation = maybe_text("Toelichting uit het proces.")
    status = a_text("open, claimed, completed of withdrawn.", required=True)
    role = a_text("Rol die de taak doet.", required=True)
    organisation_id = an_id("Organisatie waar de taak ligt.")
    municipality_code = maybe_text("Gemeente (CBS-code).")
    process_id = a_text("Proces waar de taak bij hoort.")
    element_id = a_text("Stap in het proces.")
    form_key = maybe_text("Formulier dat erbij hoort.")
    due_at = an_instant("Uiterlijk moment.", allow_none=True)
    warned_at = an_instant("Sinds wanneer de taak bijna te laat is.", allow_none=True)
    urgency = maybe_text("Spoed.")
    language = maybe_text("Taal van het gesprek.")
    interpreter_needed = a_truth("Of er een tolk nodig is.")
    phase = maybe_text("Fase van het gezin.")
    opened_at = an_instant("Sinds wanneer de taak er ligt.")
    lease_until = an_instant("Tot wanneer de taak is opgepakt.", allow_none=True)
    completed_at = an_instant("Wanneer de taak is afgerond.", allow_none=True)
    mine = a_truth("Of u de taak hebt opgepakt.")
    version = a_number("Versie, voor If-Match.", required=True)


class TaskNoteOut(Schema):
    """What a colleague wrote along with a task."""

    author_id = an_id("Wie de taak doorgaf.", required=True)
    author_name = a_text("Naam van die collega.", required=True)
    text = maybe_text("Wat die collega erbij schreef.")
    at = an_instant("Wanneer.", allow_none=True)


class ListedTaskOut(TaskOut):
    handed_at = an_instant("Wanneer een collega de taak doorgaf.", allow_none=True)
    note = fields.Nested(TaskNoteOut, allow_none=True, metadata={"description": "Alleen bij taken die u hebt."})


class TaskListOut(Schema):
    items = fields.List(fields.Nested(ListedTaskOut), required=True)
    next_cursor = maybe_text("Begin van de volgende bladzijde.")


class SafetyNoticeOut(Schema):
    """What to do first when somebody may not be safe."""

    level = a_text("doubt, yes of acute.")
    title = a_text("Waar het om gaat.")
    text = a_text("Wat u nu doet.")
    phone = maybe_text("Telefoonnummer om nu te bellen.")


class CaseCardOut(Schema):
    id = an_id("Kenmerk van de casus.", required=True)
    number = a_text("Nummer van de casus, voor mensen.", required=True)
    status = a_text("Stand van de casus.", required=True)
    phase = maybe_text("Fase van het gezin.")
    urgency = maybe_text("Spoed.")
    municipality_code = maybe_text("Gemeente (CBS-code).")
    holder_organisation_id = an_id("Organisatie die de casus draagt.", allow_none=True)
    holder_role = maybe_text("Rol die de casus draagt.")
    holder_person_id = an_id("Wie de casus draagt, als dat bekend is.", allow_none=True)
    signaller_organisation_id = an_id("Organisatie die signaleerde.")
    language = maybe_text("Taal van het gezin.")
    opened_at = an_instant("Begin van de casus.")
    under_way_since = fields.Date(
        allow_none=True, metadata={"description": "Halverwege begonnen: de dag sinds welke het gezin al hulp kreeg."}
    )
    closed_at = an_instant("Einde van de casus.", allow_none=True)
    result = maybe_text("Resultaat bij afsluiten.")
    retain_until = fields.Date(
        allow_none=True,
        metadata={"description": "Tot wanneer een gesloten casus bewaard blijft; alleen bij één casus."},
    )
    version = a_number("Versie, voor If-Match.")


class CaseListOut(Schema):
    items = fields.List(fields.Nested(CaseCardOut), required=True)
    next_cursor = maybe_text("Begin van de volgende bladzijde.")


class FormOut(Schema):
    key = a_text("Kenmerk van het formulier.", required=True)
    digest = a_text("Versie van het formulier: het kenmerk van de bundel.", required=True)
    schema = an_object("Het formulier zelf (form-js).", required=True)


class ConcernOut(Schema):
    level = a_text("Hoe zeker en hoe dringend: doubt, yes of acute.", required=True)
    raised_by_name = maybe_text("Naam van de collega die het meldde.")
    raised_at = an_instant("Wanneer het werd gemeld.", required=True)


class ChoiceOut(Schema):
    """One of the choices that are handed in with a form; the rooms keep it as a pair."""

    value = fields.Function(
        lambda pair: pair[0], required=True, metadata={"description": "Wat u als antwoord stuurt.", "type": "string"}
    )
    label = fields.Function(
        lambda pair: pair[1], required=True, metadata={"description": "Hoe de keuze heet.", "type": "string"}
    )


class LeftOut(Schema):
    """What was typed to a question that is not asked (so) any more; a pair."""

    question = fields.Function(
        lambda pair: pair[0], required=True, metadata={"description": "De vraag van toen.", "type": "string"}
    )
    text = fields.Function(
        lambda pair: pair[1], required=True, metadata={"description": "Wat u antwoordde.", "type": "string"}
    )


def some_left() -> Any:
    description = "Wat u typte bij vragen die intussen vervielen of veranderden, om over te nemen."
    return fields.List(fields.Nested(LeftOut), metadata={"description": description})


class ActionOut(Schema):
    number = a_number("Nummer van de afspraak in deze casus.", required=True)
    status = a_text("proposed, accepted (loopt), refused, done of stopped.", required=True)
    mine = a_truth("Of uw organisatie deze afspraak doet.")
    in_plan = a_truth("Of de afspraak in het plan staat dat nu geldt.")
    what = maybe_text("Wat is afgesproken; leeg als u alleen mag weten hoe het ermee staat.")
    owner_kind = maybe_text("Wie het doet: informal, parent of professional.")
    owner_name = maybe_text("Naam van wie het doet, als dat geen organisatie is.")
    organisation_id = an_id("Organisatie die het doet.", allow_none=True)
    intervention = maybe_text("Programma waar het bij hoort.")
    starts_on = maybe_day("Eerste dag.")
    ends_on = maybe_day("Laatste dag, als die is afgesproken.")
    accepted_at = an_instant("Wanneer de afspraak is aangenomen.", allow_none=True)
    refused_reason = maybe_text("Waarom de organisatie het niet doet.")
    stop_reason = maybe_text("Waarom het stopte.")


class EmergencyNoticeOut(Schema):
    case_number = a_text("Nummer van de casus die in nood is geopend.", required=True)
    person_name = a_text("Wie de casus opende.", required=True)
    organisation_id = an_id("Namens welke organisatie.", required=True)
    role = a_text("In welke rol.", required=True)
    reason = a_text("Waarom.", required=True)
    ground = a_text("Op welke grond.", required=True)
    explanation = a_text("Wat die persoon daarover schreef.", required=True)
    opened_at = an_instant("Wanneer geopend.", required=True)
    until_at = an_instant("Tot wanneer, als niemand eerder stopte.", required=True)
    ended_at = an_instant("Wanneer gestopt.", allow_none=True)


class TaskViewOut(Schema):
    task = fields.Nested(TaskOut, required=True)
    form = fields.Nested(FormOut, allow_none=True)
    choices = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.Nested(ChoiceOut)),
        metadata={
            "description": "Keuzes die per casus verschillen: bij elke valuesKey van het formulier de lijst van nu."
        },
    )
    answers = an_object("Wat al ingevuld is: het concept, of wat al bekend was.")
    draft_saved_at = an_instant("Wanneer het concept is bewaard.", allow_none=True)
    case = fields.Nested(CaseCardOut, allow_none=True)
    gone = some_left()
    members = fields.List(fields.Nested(lambda: MemberOut()))
    concern = fields.Nested(ConcernOut, allow_none=True)
    action = fields.Nested(ActionOut, allow_none=True)
    emergency = fields.Nested(EmergencyNoticeOut, allow_none=True)
    advice = fields.Nested(lambda: AdviceOut(), allow_none=True)
    asked_by = maybe_text(
        "Bij de vraag of twee casussen over één gezin gaan: van welke organisatie het nieuwe signaal komt, als u dat mag weten."
    )


_DIGEST = (
    "De versie van het formulier die u invulde (digest). Vraagt het formulier intussen iets anders, dan hoort u dat en "
    "blijft alles bewaard als concept. Zonder dit: de versie van nu."
)


class DraftIn(Strict):
    answers = an_object("Wat ingevuld is; hoeft niet compleet te zijn.", required=True)
    form_digest = a_text(_DIGEST, validate=validate.Length(1, 64))


class DraftOut(Schema):
    task_id = an_id("Kenmerk van de taak.", required=True)
    answers = an_object("Wat ingevuld is.", required=True)
    gone = some_left()
    saved_at = an_instant("Wanneer het is bewaard.", allow_none=True, required=True)
    version = a_number("Versie van de taak, voor If-Match.", required=True)


class CompletionIn(Strict):
    answers = an_object("De antwoorden op het formulier.", required=True)
    form_digest = a_text(_DIGEST, validate=validate.Length(1, 64))
    observed_at = an_instant(
        "Wanneer het is gezien of gezegd, als u het later invoert: niet in de toekomst en niet langer dan tien maanden voor het begin van de casus. Zonder dit: nu."
    )
    confirmed = confirmed_fields()


class RunningCaseOut(Schema):
    case_id = an_id("Kenmerk van de casus.")
    number = a_text("Nummer van de casus.")
    contact = a_text("De organisatie die de casus vasthoudt: neem daar contact mee op.")


class CompletionOut(Schema):
    task = fields.Nested(TaskOut, required=True)
    undo_until = an_instant(
        "Tot wanneer u dit ongedaan kunt maken, zolang er niets op volgt; leeg: niet.", allow_none=True
    )
    next = fields.List(
        fields.Nested(TaskOut),
        required=True,
        metadata={
            "description": "Taken die hierna klaarstaan en die u mag zien; bij een herhaald verzoek leeg, zie dan de werklijst."
        },
    )
    safety_notice = fields.Nested(SafetyNoticeOut, allow_none=True)
    running = fields.List(
        fields.Nested(RunningCaseOut),
        metadata={
            "description": "Andere lopende casussen van deze ouder die u mag zien; bij een herhaald verzoek leeg, zie dan de casus."
        },
    )
    ended = a_truth("Of het proces hiermee klaar is; bij een herhaald verzoek null.", allow_none=True, required=True)


class CandidateOut(Schema):
    organisation_id = an_id("Kenmerk van de organisatie.")
    organisation_name = a_text("Naam van de organisatie.")
    role = a_text("Rol.")
    person_id = an_id("Kenmerk van de medewerker.", allow_none=True)
    display_name = maybe_text("Naam van de medewerker.")
    away_until = maybe_day("Tot en met wanneer de medewerker er nu niet is.")


class CandidatesOut(Schema):
    items = fields.List(fields.Nested(CandidateOut), required=True)


class SignalIn(Strict):
    municipality_code = a_text(
        "Gemeente van het gezin, als die al bekend is (CBS-code).",
        validate=validate.Regexp(r"^GM\d{4}$", error="Geef een CBS-code, bijvoorbeeld GM0983."),
    )
    under_way = fields.Boolean(
        load_default=False,
        metadata={
            "description": "Het gezin krijgt al hulp en komt halverwege in het proces; de casus wordt zo gemerkt."
        },
    )


class MemberOut(Schema):
    id = an_id("Kenmerk van het gezinslid.")
    kind = a_text("Plaats in het gezin.")
    name = maybe_text("Naam.")
    birth_date = fields.Date(allow_none=True, metadata={"description": "Geboortedatum."})
    preferred_language = maybe_text("Voorkeurstaal.")
    interpreter_needed = a_truth("Of er een tolk nodig is.", allow_none=True)
    reading_support = a_truth("Of hulp bij lezen nodig is.", allow_none=True)
    safe_contact = maybe_text("Hoe u veilig contact opneemt.")
    safe_contact_detail = maybe_text("Toelichting daarbij.")
    postcode = maybe_text("Postcode.")
    shielded_address = a_truth("Of het adres geheim is.", allow_none=True)
    address_withheld = a_truth("Of het adres voor u is afgeschermd.")
    version = fields.Integer(
        allow_none=True, metadata={"description": "Versie, voor If-Match; leeg als u alleen de naam mag zien."}
    )


class ValueOut(Schema):
    field = a_text("Veld van het formulier.")
    label = a_text("Vraag zoals die is gesteld.")
    position = a_number("Plaats in een lijst; anders 0.")
    text = a_text("Antwoord zoals het op het formulier staat.")
    value = fields.Raw(allow_none=True, metadata={"description": "Antwoord."})
    compartment = a_text("Gegevenssoort.")


class EntryOut(Schema):
    id = an_id("Kenmerk.", required=True)
    form_key = a_text("Formulier.")
    bundle_digest = a_text("Versie van het formulier.")
    organisation_id = an_id("Organisatie die het vastlegde.", allow_none=True)
    role = a_text("Rol die het vastlegde.")
    author_id = an_id("Wie het vastlegde.", allow_none=True)
    observed_at = an_instant("Wanneer het is gezien of gezegd.")
    recorded_at = an_instant("Wanneer het is vastgelegd.")
    supersedes_id = an_id("Wat dit verbetert.", allow_none=True)
    about_id = an_id("Over wie het gaat; leeg: de ouder met wie de casus spreekt.", allow_none=True)
    superseded = a_truth("Of er een verbetering van is.")
    values = fields.List(fields.Nested(ValueOut))
    withheld = a_truth("Of er antwoorden zijn die u niet mag zien.")


class EntryListOut(Schema):
    items = fields.List(fields.Nested(EntryOut), required=True)


class StatusChangeOut(Schema):
    status = a_text("Stand.")
    at = an_instant("Sinds wanneer.")


class StepOut(Schema):
    process_id = a_text("Proces.")
    element_id = a_text("Stap.")
    kind = a_text("Soort stap.")
    at = an_instant("Wanneer.")


class ConsentOut(Schema):
    id = an_id("Kenmerk.")
    subject_id = an_id("Over wie.")
    recipient_organisation_id = an_id("Ontvanger.", allow_none=True)
    recipient_kind = maybe_text("Soort ontvanger.")
    purpose = a_text("Doel.")
    category = a_text("Gegevenssoort.")
    given = a_truth("Gegeven of geweigerd.")
    recorded_at = an_instant("Wanneer vastgelegd.")
    valid_until = an_instant("Geldig tot.", allow_none=True)
    withdrawn_at = an_instant("Wanneer ingetrokken.", allow_none=True)


class ConsentListOut(Schema):
    items = fields.List(fields.Nested(ConsentOut), required=True)


class OutlineOut(Schema):
    element_id = a_text("Stap.")
    label = maybe_text("Tekst.")
    kind = a_text("Soort.")
    depth = a_number("Diepte.")
    mark = maybe_text("live, done of withheld.")
    role = maybe_text("Rol.")


class DiagramOut(Schema):
    process_id = a_text("Proces.")
    name = maybe_text("Naam.")
    outline = fields.List(fields.Nested(OutlineOut))


class ConsentStandingOut(Schema):
    recipient_organisation_id = an_id("Met welke organisatie.", allow_none=True)
    recipient_kind = maybe_text("Met welk soort organisatie, als het er niet één is.")
    purpose = a_text("Waarvoor.", required=True)
    holds = fields.Boolean(required=True, metadata={"description": "Of er nu iets gedeeld mag worden."})


class CaseOut(Schema):
    case = fields.Nested(CaseCardOut, required=True)
    members = fields.List(fields.Nested(MemberOut))
    tasks = fields.List(fields.Nested(TaskOut))
    steps = fields.List(fields.Nested(StepOut))
    status_history = fields.List(fields.Nested(StatusChangeOut))
    diagrams = fields.List(fields.Nested(DiagramOut))
    consents = fields.List(fields.Nested(ConsentOut))
    consent_status = fields.List(
        fields.Nested(ConsentStandingOut),
        metadata={"description": "Voor wie alleen volgt hoe het ermee staat, in plaats van ‘consents’."},
    )
    may = some_texts("Wat u met deze casus mag doen.")


class LossIn(Strict):
    answers = an_object("De antwoorden op het formulier over het verlies.", required=True)


class ConsentIn(Strict):
    answers = an_object("De antwoorden op het formulier ‘support_consent’.", required=True)


class WithdrawalIn(Strict):
    reason = a_text(
        "Waarom, als de ouder dat wil zeggen.",
        validate=validate.Length(max=2000, error="Geef ten hoogste {max} tekens."),
    )


class AssignmentOut(Schema):
    id = an_id("Kenmerk.", required=True)
    organisation_id = an_id("Organisatie.", required=True)
    organisation_name = a_text("Naam van de organisatie.")
    role = a_text("Rol.", required=True)
    areas = some_texts("Gemeenten (CBS-codes); leeg: het hele werkgebied.")


class MeOut(Schema):
    person_id = an_id("Wie u bent.", allow_none=True, required=True)
    display_name = a_text("Naam.", required=True)
    acting_as = fields.Nested(AssignmentOut, required=True)
    assignments = fields.List(fields.Nested(AssignmentOut), required=True)


class MunicipalityOut(Schema):
    code = a_text("CBS-code.", required=True)
    name = a_text("Naam.", required=True)
    subregion = a_text("Deelregio.")
    in_coalition = a_truth("Of de gemeente meedoet.")
    valid_from = fields.Date(metadata={"description": "Eerste dag."})
    valid_to = fields.Date(allow_none=True, metadata={"description": "Laatste dag."})


class MunicipalityListOut(Schema):
    items = fields.List(fields.Nested(MunicipalityOut), required=True)


class OrganisationsQuery(Strict):
    role = a_text("Alleen organisaties die deze rol hebben.", validate=validate.Length(1, 40))
    municipality = a_text(
        "Alleen organisaties die hier werken (CBS-code).",
        validate=validate.Regexp(r"^GM\d{4}$", error="Geef een CBS-code, bijvoorbeeld GM0983."),
    )


class OrganisationOut(Schema):
    id = an_id("Kenmerk.", required=True)
    name = a_text("Naam.", required=True)
    type = a_text("Soort.")
    domain = a_text("Domein.")
    areas = fields.Function(
        lambda organisation: sorted(organisation.areas),
        metadata={"description": "Gemeenten (CBS-codes).", "type": "array", "items": {"type": "string"}},
    )


class OrganisationListOut(Schema):
    items = fields.List(fields.Nested(OrganisationOut), required=True)


class BundleOut(Schema):
    digest = a_text("Kenmerk van de bundel.", required=True)
    processes = some_texts("Processen.", required=True)
    decisions = some_texts("Beslistabellen.", required=True)
    forms = some_texts("Formulieren.", required=True)


class PathwayAdviceOut(Schema):
    """What a municipality has for one theme, and how far it can be trusted today."""

    theme = a_text("Thema.", required=True)
    status = a_text("concept, current of stale: verouderd, te lang niet nagekeken.", required=True)
    last_reviewed_on = fields.Date(
        allow_none=True, metadata={"description": "Wanneer het voor het laatst is nagekeken."}
    )
    review_by = fields.Date(allow_none=True, metadata={"description": "Laatste dag waarop het actueel is."})
    agreements_text = a_text("Wat er is afgesproken en welke steun er is.")
    contact_name = a_text("Contactpersoon.")
    contact_phone = a_text("Telefoonnummer.")
    contact_mail = a_text("E-mailadres.")
    organisation_id = an_id("Organisatie die de steun geeft.", allow_none=True)
    referral_how = a_text("Hoe u verwijst.")
    cost = a_text("Wat het kost voor het gezin.")
    wait_time = a_text("Wachttijd, in woorden.")
    availability = a_text("Of er plek is: available, waiting_list of full.")
    languages = a_text("Talen, tolk, makkelijk lezen.")


class AdvisedOfferOut(Schema):
    organisation_id = an_id("Organisatie die het aanbiedt.", allow_none=True)
    capacity = a_text("Of er plek is: available, waiting_list of full.", required=True)
    referral_how = a_text("Hoe u verwijst.")


class SuggestionOut(Schema):
    """An intervention to talk about with the parent."""

    code = a_text("Code van de interventie.", required=True)
    name = a_text("Naam.", required=True)
    description = a_text("Wat het is.")
    reason = a_text("Reden volgens de beslistabel.")
    why = a_text("Die reden in woorden.")
    offers = fields.List(fields.Nested(AdvisedOfferOut), required=True)


class AdviceOut(Schema):
    """Pathways and interventions to talk about; cut to what you may know and to what there is today."""

    municipality_code = maybe_text("Gemeente (CBS-code); leeg: niet bekend.")
    on = fields.Date(required=True, metadata={"description": "De dag waarop dit geldt."})
    pathways = fields.List(fields.Nested(PathwayAdviceOut), required=True)
    missing = some_texts("Thema's waarvoor de gemeente geen zorgpad heeft.")
    interventions = fields.List(fields.Nested(SuggestionOut), required=True)
    unreadable = a_truth("Of de beslistabel niet te lezen was.")
