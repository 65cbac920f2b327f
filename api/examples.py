"""An example of everything that goes over the wire, made of what each field is called: one family, one region, one week.

Every field of every schema gets one, and every body is put together from those of its fields, so that an example can not
say something else than the schema. All of it is made up.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from api import problems
from workflows import errors

#: How deep a body is shown; below that an object stands for itself.
_DEEPEST = 7
#: Answers on a form; which there are, the form itself says (``schema`` of the task).
_ANSWERS: dict[str, dict[str, Any]] = {
    "ConsentIn": {"recipient": "explorer", "purpose": "explore", "given": "yes"},
    "LossIn": {"loss_kind": "miscarriage", "loss_date": "2026-10-30", "told_by": "parent", "contact_wish": "soon"},
    "FamilyEventIn": {"birth_date": "2027-02-24", "preterm": "no", "told_by": "midwife"},
    "AnswersIn": {"correction_seen": True},
}
_A_FORM: dict[str, Any] = {"vulnerability_level": "vulnerable", "safety_concern": "no", "urgency": "regular"}
#: Field → what stands in it. What is not here is told by the kind of the field.
NAMES: dict[str, Any] = {
    "answered_by": "Verloskundigenpraktijk De Eerste Stap",
    "case_result": "goals_reached",
    "consent_ids": ["3f0d1c52-8f6b-5a0e-9c67-2b1d4e5f6a70"],
    "explained_by_name": "Leo Logbeheerder",
    "gap": "no_log_manager",
    "not_kept": ["names"],
    "over": "withdrawn",
    "present": ["parent", "case_director"],
    "raised_by_name": "Jet Jansen",
    "second_identity_check": "known_in_person",
    "seen_by_name": "Leo Logbeheerder",
    "subject_id": "3f0d1c52-8f6b-5a0e-9c67-2b1d4e5f6a70",
    "subject_ids": ["3f0d1c52-8f6b-5a0e-9c67-2b1d4e5f6a70"],
    "tasks": ["Verkenning met het gezin"],
    "through": "party",
    "actions": ["retry"],
    "cloud_event_type": "nl.steun-op-maat.task.opened",
    "events": ["task.opened"],
    "last_error": "timed_out",
    "pause_reason": "failing",
    "url": "https://koppeling.voorbeeld.nl/steun",
    "secret": "whsec_bm9nIG5pZXQgZWNodCwgbWFhciB3ZWwgbGFuZw==",
    "advice": "Zet de taak opnieuw klaar.",
    "error": "timeout",
    "references": ["3f0d1c52"],
    "step": "send_mail",
    "agreements_text": "Bel eerst het sociaal team; binnen een week een gesprek thuis.",
    "answer": "given",
    "answers": _A_FORM,
    "review_answer": "confirmed",
    "areas": ["GM0983", "GM0889"],
    "author_name": "Jet Jansen",
    "availability": "available",
    "bsn": "999990111",
    "bundle_digest": "b3" * 32,
    "by": "midwife",
    "can_help_with": "Op de kinderen passen op woensdag.",
    "capacity": "available",
    "case_number": "2026-0042",
    "case_status": "exploring",
    "categories": ["C1", "C2"],
    "category": "C2",
    "cause": "handover",
    "checked": "clean",
    "choices": {"organisations": []},
    "code": "KW04",
    "codes": ["KW04"],
    "compartment": "C2",
    "compartments": ["C1", "C2"],
    "confirmed": ["due_date"],
    "contact": "Verloskundigenpraktijk De Eerste Stap, 077 000 0000",
    "contact_mail": "sociaalteam@venlo.example",
    "contact_name": "Sociaal team Venlo",
    "contact_phone": "077 000 0000",
    "cost": "Geen kosten voor het gezin.",
    "counts": {"entries": 4, "consents": 2},
    "cursor": "MjAyNi0xMS0wM3w0Mg",
    "decision": "kept",
    "decisions": ["routekeuze"],
    "description": "Een vrijwilliger komt wekelijks een dagdeel langs.",
    "detail": "Kijk opnieuw: een collega rondde de taak al af.",
    "details": {"count": 2},
    "device": "Firefox op Windows",
    "digest": "b3" * 32,
    "dimension": "daily_life",
    "display_name": "Vera Verloskundige",
    "documentation": "Vul dit samen met de ouder in.",
    "domain": "birth_care",
    "due": "this_week",
    "element_id": "explore_family",
    "ended_through": "log_out",
    "errors": {"answers.urgency": ["Kies uit: regular, urgent, acute."]},
    "event": "task.completed",
    "explanation": "De ouder belde in paniek en haar eigen verloskundige is op vakantie.",
    "factor": "totp",
    "field": "urgency",
    "form": "exploration",
    "form_digest": "b3" * 32,
    "form_key": "exploration",
    "form_version": "b3" * 32,
    "forms": ["exploration", "support_plan"],
    "from_organisation": "Verloskundigenpraktijk De Eerste Stap",
    "from_role": "midwife",
    "given_by": "parent",
    "goal": "Rust in huis en overzicht over het geld.",
    "goals": ["Rust in huis en overzicht over het geld."],
    "ground": "vital_interest",
    "grounds": ["consent"],
    "hash": "c0ffee" * 10 + "c0ff",
    "holder_role": "midwife",
    "identity_check": "known_in_person",
    "information_given": ["purpose", "withdrawal"],
    "intervention": "Home-Start",
    "intervention_code": "home_start",
    "key": "exploration",
    "kind": "explore",
    "kinds": ["task_completed"],
    "label": "Hoe dringend is het?",
    "language": "nl",
    "languages": "Nederlands en Pools; tolk mogelijk.",
    "law": "WGBO art. 7:457 BW",
    "level": "doubt",
    "log": "reads",
    "logbook": "changes",
    "mark": "live",
    "may": ["comment", "read"],
    "message": "handover_offered",
    "missing": ["housing"],
    "municipality": "GM0983",
    "municipality_code": "GM0983",
    "name": "Fatima Voorbeeld",
    "name_or_initial": "F.",
    "new_municipality": "GM0889",
    "note": "Zij is het best na twee uur te bellen.",
    "number": "2026-0042",
    "numbers": ["2026-0042"],
    "one_time_code": "123456",
    "organisation": "Verloskundigenpraktijk De Eerste Stap",
    "organisation_name": "Verloskundigenpraktijk De Eerste Stap",
    "origin": "api",
    "outcome": "agreed",
    "outcomes": ["explained", "reported"],
    "own_number": "A-17",
    "own_strength": "Ik vraag hulp als het nodig is.",
    "owner": "Home-Start Venlo",
    "owner_kind": "professional",
    "owner_name": "Sanne van Home-Start",
    "package_hash": "c0ffee" * 10 + "c0ff",
    "paper": "support_consent",
    "parent_name": "Fatima Voorbeeld",
    "parent_words": "Ik slaap slecht en de huur is te hoog.",
    "password": "een-lang-wachtwoord",
    "person_name": "Jet Jansen",
    "phase": "pregnant",
    "phases": ["pregnant"],
    "phone": "112",
    "place": "Wijkcentrum De Brug, Venlo",
    "postcode": "5911 AB",
    "preferred_language": "nl",
    "process_id": "hoofdproces",
    "processes": ["hoofdproces", "verkennen"],
    "proof": "receipt",
    "purpose": "explore",
    "question": "De geboortedatum ligt na de uitgerekende datum. Klopt dat?",
    "questions": {"due_date": "Deze datum ligt in het verleden. Klopt dat?"},
    "read": ["C1", "C2"],
    "reason": "De ouder vroeg daarom.",
    "reasons": ["De ouder vroeg daarom."],
    "recipient": "youth_health",
    "recipient_kind": "youth_health",
    "recipient_role": "explorer",
    "receipt_hash": "c0ffee" * 10 + "c0ff",
    "receiver": "youth_health:explorer",
    "reference": "2026-0042",
    "referral_how": "Bel het sociaal team, samen met de ouder.",
    "relation": "sister",
    "request_id": "6f1c0a5b7d3e4f2a9b8c7d6e5f4a3b2c",
    "requested_by": "parent",
    "result": "goals_reached",
    "retention_class": "closed_case",
    "risk": "low",
    "role": "midwife",
    "role_allows": ["C1", "C2"],
    "rule": "many_cases",
    "safe_contact": "call",
    "safe_contact_detail": "06 00000000, na twee uur",
    "schema": {"components": []},
    "scope": "case",
    "scores": {"daily_life": 6},
    "sha256": "c0ffee" * 10 + "c0ff",
    "shared": ["C1"],
    "side": "sender",
    "source": "Handboek, hoofdstuk 3",
    "status": "open",
    "subject_kind": "case",
    "subregion": "noord",
    "tag": "C2",
    "target": "De huur is elke maand betaald.",
    "text": "Het gesprek is verzet naar donderdag.",
    "text_version": "2026-1",
    "theme": "money",
    "title": "Dit kan niet meer",
    "to_organisation": "GGD Limburg-Noord",
    "to_role": "explorer",
    "told": ["GGD Limburg-Noord"],
    "to_call": ["Huisartsenpraktijk Aan de Maas"],
    "type": "midwifery_practice",
    "urgency": "regular",
    "value": "regular",
    "verdict": "complete",
    "wait_time": "Twee weken",
    "what": "Sanne komt elke dinsdagochtend.",
    "who": "Vera Verloskundige",
    "why": "Er spelen twee thema’s tegelijk.",
    "words": "Ik slaap slecht en de huur is te hoog.",
}
#: Field of one schema, where the same name means something else there.
_THERE: dict[tuple[str, str], Any] = {
    ("Problem", "type"): "/problems/wrong-state",
    ("Problem", "status"): 409,
    ("OrganisationOut", "name"): "Verloskundigenpraktijk De Eerste Stap",
    ("MunicipalityOut", "name"): "Venlo",
    ("MunicipalityOut", "code"): "GM0983",
    ("TaskOut", "name"): "Verkenning met het gezin",
    ("ListedTaskOut", "name"): "Verkenning met het gezin",
    ("CaseCardOut", "status"): "exploring",
    ("WorkListIn", "name"): "Venlo, deze week",
    ("WorkListOut", "name"): "Venlo, deze week",
    ("LogLineOut", "compartments"): "C1 C2",
    ("PersonalCopyOut", "schema"): "steun-op-maat/personal-copy/1",
    ("OfferIn", "intervention"): "HS",
    ("OfferChangeIn", "intervention"): "HS",
    ("OfferOut", "intervention"): "HS",
    ("DiagramOut", "name"): "Verkennen",
    ("InterventionOut", "name"): "Home-Start",
    ("SuggestionOut", "name"): "Home-Start",
    ("SettingOut", "name"): "term.explore_working_days",
    ("SettingIn", "name"): "term.explore_working_days",
}
#: Fields that are empty as long as nothing came of it.
_EMPTY = frozenset(
    [
        "asked_by",
        "closed_at",
        "closed_on",
        "completed_at",
        "concern",
        "ended_at",
        "explained_at",
        "gone",
        "held_back",
        "left_out",
        "lease_until",
        "next_cursor",
        "refused_reason",
        "result",
        "safety_notice",
        "stop_reason",
        "supersedes_id",
        "undo_until",
        "warned_at",
        "withdrawn_at",
        "withdrawn_by",
    ]
)
#: What stands in an address.
_IDS = {
    "absence_id": "Kenmerk van de afwezigheid.",
    "alarm_id": "Kenmerk van het alarm.",
    "assignment_id": "Kenmerk van de rol van iemand.",
    "attachment_id": "Kenmerk van het bestand.",
    "block_id": "Kenmerk van de afscherming.",
    "case_id": "Kenmerk van de casus.",
    "consent_id": "Kenmerk van de toestemming.",
    "digest": "Kenmerk van de bundel.",
    "emergency_id": "Kenmerk van de noodinzage.",
    "entry_id": "Kenmerk van het ingevulde formulier.",
    "ground_id": "Kenmerk van de grond.",
    "hold_id": "Kenmerk van wat het vernietigen tegenhoudt.",
    "item_id": "Kenmerk van het punt op de agenda.",
    "key": "Formulier.",
    "list_id": "Kenmerk van de lijst.",
    "meeting_id": "Kenmerk van het overleg.",
    "member_id": "Kenmerk van het gezinslid.",
    "municipality_code": "Gemeente (CBS-code).",
    "notification_id": "Kenmerk van de melding.",
    "offer_id": "Kenmerk van het aanbod.",
    "organisation_id": "Kenmerk van de organisatie.",
    "person_id": "Kenmerk van de medewerker.",
    "process_id": "Proces.",
    "proof_id": "Kenmerk van het ontvangstbewijs of het pakket.",
    "request_id": "Kenmerk van het verzoek.",
    "session_id": "Kenmerk van de sessie.",
    "task_id": "Kenmerk van de taak.",
    "theme": "Thema.",
}
_FORMATS = {
    "date-time": "2026-11-03T08:30:00.000Z",
    "date": "2026-11-03",
    "uri-reference": "/api/v1/me",
    "binary": "…",
}


def fill(spec: dict[str, Any]) -> None:
    """Put an example with every field, and with every body and answer that is JSON."""
    schemas = spec["components"]["schemas"]
    for name, schema in schemas.items():
        for key, node in schema.get("properties", {}).items():
            if "examples" not in node and "$ref" not in str(node):  # of an object its own schema tells
                node["examples"] = [_value(schemas, node, key, name, 1)]
    for item in spec["paths"].values():
        for parameter in item.get("parameters", ()):
            parameter.setdefault("description", _IDS.get(parameter["name"], "Kenmerk in het adres."))
            parameter["example"] = _of_parameter(parameter)
        for operation in item.values():
            if isinstance(operation, dict):
                _show(schemas, operation)
    for name, refused in spec["components"]["responses"].items():
        refused["content"]["application/problem+json"]["example"] = _REFUSED[int(name[-3:])]


def _show(schemas: dict[str, Any], operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        if "$ref" not in parameter and "example" not in parameter:
            parameter["example"] = _of_parameter(parameter)
    for each in (operation.get("requestBody", {}), *operation["responses"].values()):
        for media_type, content in each.get("content", {}).items():
            if media_type.endswith("json") and "schema" in content:
                content["example"] = _value(schemas, content["schema"], "", "", 0)


def _of_parameter(parameter: dict[str, Any]) -> Any:
    by_name = {
        "If-Match": '"3"',
        "Idempotency-Key": "6f1c0a5b-1",
        "fields": "id",
        "pageSize": 50,
        "hash": NAMES["hash"],
    }
    name = str(parameter["name"])
    if name in by_name:
        return by_name[name]
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    return _value({}, parameter["schema"], snake, "", 1)


def _value(schemas: dict[str, Any], node: dict[str, Any], name: str, within: str, depth: int) -> Any:
    if "$ref" in node:
        found = node["$ref"].rsplit("/", 1)[-1]
        return _object(schemas, schemas[found], found, depth)
    for several in ("anyOf", "oneOf", "allOf"):
        if several in node:
            if name in _EMPTY and {"type": "null"} in node[several]:
                return None
            return _value(schemas, node[several][0], name, within, depth)
    if "examples" in node:
        return node["examples"][0]
    kinds = node.get("type", "object")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if name in _EMPTY and "null" in kinds:
        return None
    if "enum" in node:
        known = NAMES.get(name)
        return known if known in node["enum"] else getattr(node["enum"][0], "value", node["enum"][0])
    chosen = _THERE.get((within, name), _ANSWERS.get(within) if name == "answers" else None)
    if chosen is None:
        chosen = NAMES.get(name)
    if chosen is not None and _fits(chosen, node, kinds):
        return chosen
    return _of_kind(schemas, node, kinds[0], name, within, depth)


def _of_kind(schemas: dict[str, Any], node: dict[str, Any], kind: str, name: str, within: str, depth: int) -> Any:
    if kind == "object":
        return _object(schemas, node, within, depth) if "properties" in node else {}
    if kind == "array":
        if depth > _DEEPEST or name in _EMPTY:
            return []
        return [_value(schemas, node.get("items", {}), name, within, depth + 1)]
    if kind in ("integer", "number"):
        return node.get("minimum", 3 if name == "version" else 1)
    if kind == "boolean":
        return name not in (
            "withheld",
            "unusual",
            "emergency",
            "stuck",
            "unreadable",
            "silent",
            "refused",
            "superseded",
        )
    if node.get("format") == "uuid":
        return str(uuid5(NAMESPACE_URL, f"https://steun-op-maat.example/{name}"))
    told = _CODES.search(node.get("description", ""))
    return _FORMATS.get(node.get("format", ""), told[1] if told else "tekst"[: node.get("maxLength", 5)])


#: A description that names the codes there are: the first of them.
_CODES = re.compile(r"\b([a-z]+(?:_[a-z]+)*), (?:[a-z_]+, )*[a-z_]+(?: of [a-z_]+)?[.;]")


def _object(schemas: dict[str, Any], schema: dict[str, Any], name: str, depth: int) -> dict[str, Any]:
    properties = schema.get("properties", {})
    required = schema.get("required", ())
    return {
        key: _value(schemas, node, key, name, depth + 1)
        for key, node in properties.items()
        if depth <= _DEEPEST or key in required
    }


def problem(kind: problems.Kind, detail: str | None = None, **more: Any) -> dict[str, Any]:
    """What a program gets for a kind of problem."""
    said = problems.Problem(kind.code, kind.status, kind.title, detail or kind.explanation, NAMES["request_id"])
    return {**said.body(), **more}


def _refused() -> dict[int, dict[str, Any]]:
    """One for each status: the kind that comes most."""
    kinds = {kind.status: kind for kind in reversed(problems.PAGES.values())}
    chosen = (errors.Invalid, problems.Unauthenticated, errors.NotAllowed, errors.WrongState, errors.StaleVersion)
    kinds.update({problems.KINDS[each].status: problems.KINDS[each] for each in chosen})
    kinds[429], kinds[503] = problems.HTTP[429], problems.KINDS[errors.Unavailable]
    more = {400: {"errors": NAMES["errors"]}}
    return {status: problem(kind, **more.get(status, {})) for status, kind in kinds.items()}


_REFUSED = _refused()


def _fits(chosen: Any, node: dict[str, Any], kinds: list[str]) -> bool:
    if _KINDS.get(type(chosen)) not in kinds or node.get("format"):
        return False
    if isinstance(chosen, list):
        return all(_fits(each, node.get("items", {}), [str(node.get("items", {}).get("type"))]) for each in chosen)
    return not isinstance(chosen, str) or len(chosen) <= node.get("maxLength", len(chosen))


_KINDS = {str: "string", int: "integer", bool: "boolean", list: "array", dict: "object"}
