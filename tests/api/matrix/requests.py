"""What is sent with each change, so that the guard is reached and who may is let through; and which object is meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from api.pages.fields import flatten
from tests import builders
from tests.api.conftest import PASSWORD
from tests.api.matrix.world import OTHER_BSN
from tests.workflows import path

AT = datetime(2026, 11, 3, 8, 30, tzinfo=UTC)
Body = Callable[[Any, str], dict[str, Any]]

_BIRTH = {"birth_date": "2026-11-03", "born": [{"name": "Kind"}], "preterm": "no", "told_by": "parent"}
_MOVE = {
    "moved_on": "2026-11-01", "new_municipality": "GM0957", "new_postcode": "6041 AB", "wants_to_continue": "yes",
    "youth_health_transfer": "consent",
}  # fmt: skip
_MEMBER = {
    "member_kind": "household", "name": "Oma", "preferred_language": "nl", "interpreter_needed": False,
    "reading_support": False, "safe_contact": "letter", "safe_contact_detail": "Laan 1",
}  # fmt: skip
_PARENT = {
    "member_kind": "parent", "name": "Noor", "preferred_language": "nl", "interpreter_needed": False, "reading_support": False,
    "safe_contact": "letter", "safe_contact_detail": "Laan 1",
}  # fmt: skip
_DUE = {"due_date": "2027-03-20", "due_date_certainty": "dating_scan"}
_OFFER = {"intervention": "CZ", "valid_from": "2026-11-03"}
_PATHWAY = builders.pathway_content()
_EMERGENCY = {
    "reason": "life_at_risk", "explanation": "Een verhaal dat lang genoeg is.", "ground": "vital_interest",
}  # fmt: skip
_EXPLORED = path.exploration_answers(
    AT, conclusion="intervention", safety_concern=None, safety_assessed=None, wishes="Toch iets anders."
)
_REQUEST = {
    "request_kind": "access_copy", "received_on": "2026-11-03", "requested_by": "self", "identity_check": "id_document",
}  # fmt: skip
_ALARM = {"outcome": "part_of_work", "explanation": "Dit hoorde bij het werk van die dag."}
_NOTICE = {"notice_response": "nothing_more"}
_SETTING = {"name": "term.explore", "value": {"duration": "P40D"}, "tag": "[B]", "source": "Besluit"}


def _json(body: Mapping[str, Any], *, version: str | None = None) -> Body:
    def make(walker: Any, _who: str) -> dict[str, Any]:
        headers = {} if version is None else {"If-Match": f'"{walker.known.ids.get(version, version)}"'}
        return {"json": dict(body), "headers": headers}

    return make


def _file(_walker: Any, who: str) -> dict[str, Any]:
    content = b"%PDF-1.7\n" + who.encode() + b"\n%%EOF\n"
    return {"data": {"file": (BytesIO(content), "brief.pdf")}, "content_type": "multipart/form-data"}


def _form(**data: Any) -> Body:
    return lambda walker, _who: {
        "data": {k: walker.known.ids.get(v, v) if k == "_version" else v for k, v in data.items()}
    }


def _query(**asked: str) -> Body:
    return lambda _walker, _who: {"query_string": asked}


def _typed(answers: Mapping[str, Any], **more: Any) -> Body:
    return _form(**flatten(answers), **more)


def _set_of_drawings(_walker: Any, _who: str) -> dict[str, Any]:
    """The method as drawn, with one sentence more: what is there already is not published again."""
    files = {name: data.decode() for name, data in path.shipped().items()}
    files["signaleren.bpmn"] = files["signaleren.bpmn"].replace("<bpmn:documentation>", "<bpmn:documentation>Nu: ", 1)
    return {"json": {"files": [{"name": name, "content": content} for name, content in files.items()]}}


def _switch(walker: Any, who: str) -> dict[str, Any]:
    found = walker.known.people.get(who)
    return {"data": {"assignment": str(found.assignment_id) if found else ""}}


def _token(walker: Any, who: str) -> dict[str, Any]:
    made = {"label": "EPD", "until": "2026-11-20", "networks": "", "password": PASSWORD, "code": ""}
    return {"data": {**_switch(walker, who)["data"], **made}}


def _log_in(walker: Any, who: str) -> dict[str, Any]:
    return {"data": {"login": walker.known.logins.get(who, "x"), "password": PASSWORD}}


#: Operation → ids in its address that are others than the usual ones, by the name of another id.
IDS: Mapping[str, Mapping[str, str]] = {
    "POST /api/v1/tasks/<task_id>/claims": {"task_id": "task_action_progress"},
    "POST /taken/<task_id>/oppakken": {"task_id": "task_action_progress"},
    "GET /problems/<code>": {"code": "problem"},
    "POST /api/v1/webhooks/<webhook_id>/resumptions": {"webhook_id": "webhook_paused"},
    "POST /koppelingen/<webhook_id>/aanzetten": {"webhook_id": "webhook_paused"},
    "GET /api/v1/bundles/<digest>/decisions/<decision_id>": {"decision_id": "bewaartermijn"},
    "GET /api/v1/cases/<case_id>/messages/<message>": {"message": "birth"},
    "GET /api/v1/outside-handovers/<outside_id>/paper": {"outside_id": "outside_paper_id"},
    "GET /api/v1/outside-handovers/<outside_id>/printed-paper": {"outside_id": "outside_paper_id"},
    "GET /zonder-account/<outside_id>/papier.pdf": {"outside_id": "outside_paper_id"},
    "POST /api/v1/grounds/<ground_id>/tellings": {"ground_id": "ground_silent"},
    "POST /gronden/<ground_id>/verteld": {"ground_id": "ground_silent"},
    **{
        operation: {"organisation_id": "welfare_id"}
        for operation in (
            "GET /organisaties/<organisation_id>",
            "GET /organisaties/<organisation_id>/uitnodigen", "POST /organisaties/<organisation_id>/uitnodigen",
            "GET /organisaties/<organisation_id>/gegevens", "POST /organisaties/<organisation_id>/gegevens",
            "GET /organisaties/<organisation_id>/mensen/<person_id>/rollen",
            "POST /organisaties/<organisation_id>/mensen/<person_id>/rollen",
            "POST /organisaties/<organisation_id>/mensen/<person_id>/naam",
            "POST /organisaties/<organisation_id>/rollen/<assignment_id>/laatste-dag",
            "GET /organisaties/<organisation_id>/nakijken", "POST /organisaties/<organisation_id>/nakijken",
            "PUT /api/v1/organisations/<organisation_id>", "GET /api/v1/organisations/<organisation_id>/people",
            "GET /api/v1/organisations/<organisation_id>/invitations", "POST /api/v1/organisations/<organisation_id>/invitations",
            "POST /api/v1/organisations/<organisation_id>/assignments",
            "GET /api/v1/organisations/<organisation_id>/access-reviews",
            "POST /api/v1/organisations/<organisation_id>/access-reviews",
            "POST /organisaties/<organisation_id>/mensen/<person_id>/certificaten",
        )
    },
    **{
        operation: {"task_id": "task_mine"}
        for operation in (
            "POST /api/v1/tasks/<task_id>/assignments",
            "DELETE /api/v1/tasks/<task_id>/claims/current", "POST /api/v1/tasks/<task_id>/completion",
            "PUT /api/v1/tasks/<task_id>/draft", "POST /taken/<task_id>/afronden", "POST /taken/<task_id>/concept",
            "POST /taken/<task_id>/opmerking", "POST /taken/<task_id>/teruggeven", "POST /taken/<task_id>/voorbeeld",
            "POST /api/v1/tasks/<task_id>/undoings", "POST /taken/<task_id>/ongedaan",
        )
    },
}  # fmt: skip
_LIST = {"name": "Zwanger", "filters": {"phase": "pregnant"}}
_LOCKED = {"lock_id": "5f0c5f0e-6a0e-4d6f-8a55-3a3b0a6f2a11"}
_WEBHOOK = {"label": "Rooster", "url": "https://rooster.example/steun", "events": ["case.closed"]}
_AWAY = {"from_on": "2026-11-05", "until_on": "2026-11-06"}
_GROUND = {"ground": "right_to_report", "recipient": "safe_home", "categories": ["C1"], "reason": "x" * 30}

_OUTSIDE = {
    "kind": "regular_care", "way": "paper", "party_kind": "municipal_access_team", "party_name": "Huisarts (fictief)",
    "telephone": "077-5550123", "shown_to_parent": "yes",
}  # fmt: skip

#: Operation → what is sent.
BODIES: Mapping[str, Body] = {
    "POST /api/v1/cases/<case_id>/attachments": _file,
    "POST /casussen/<case_id>/bijlagen": _file,
    "POST /casussen/<case_id>/zonder-account": _form(**_OUTSIDE),
    "POST /casussen/<case_id>/zonder-account/bekijken": _form(**_OUTSIDE),
    "GET /api/v1/cases/<case_id>/outside-preview": _query(partyKind="municipal_access_team"),
    "POST /api/v1/cases/<case_id>/outside-handovers": _json({**_OUTSIDE, "shown_to_parent": True}),
    "POST /api/v1/outside-handovers/<outside_id>/receipts": _json(
        {"receipt": "read", "name": "Iemand", "function": "huisarts", "organisation": "Praktijk"}
    ),
    "POST /zonder-account/<outside_id>/ontvangst": _form(
        receipt="read", name="Iemand", function="huisarts", organisation="Praktijk"
    ),
    "POST /account/programmas/nieuw": _token,
    "POST /api/v1/me/tokens": _json(
        {"label": "EPD", "expires_at": "2026-11-20T00:00:00Z", "password": PASSWORD, "code": ""}
    ),
    "POST /api/v1/me/role-switches": _json({"assignment_id": "00000000-0000-4000-8000-000000000000"}),
    "POST /account/mail": _form(address="iemand@praktijk.example", password=PASSWORD),
    "GET /api/v1/offers": _query(municipality=builders.VENLO),
    "GET /api/v1/pathways": _query(municipality=builders.VENLO),
    "GET /api/v1/pathway-notices": _query(municipality=builders.VENLO),
    "POST /api/v1/cases/<case_id>/authorities": lambda walker, _who: {
        "json": {
            "child_id": walker.known.ids["child_id"],
            "member_id": walker.known.ids["member_id"],
            "kind": "parental_authority",
            "checked": "told_by_parent",
        }
    },
    "POST /api/v1/cases/<case_id>/births": _json({"answers": _BIRTH, "confirmed": ["birth_date", "preterm"]}),
    "POST /api/v1/cases/<case_id>/comments": _json({"text": "Even bellen."}),
    "POST /api/v1/tasks/<task_id>/comments": _json({"text": "Even bellen."}),
    "POST /api/v1/bundles": _set_of_drawings,
    "POST /api/v1/bundle-checks": _json({"files": [{"name": "leeg.bpmn", "content": "<a/>"}]}),
    "POST /api/v1/cases/<case_id>/messages": _json(
        {"message": "birth", "answers": _BIRTH, "confirmed": ["birth_date", "preterm"]}
    ),
    "POST /api/v1/cases/<case_id>/parent-logins": lambda walker, _who: {
        "json": {"member_id": walker.known.ids["member_id"], "identity_check": "known", "delivery": "in_person"}
    },
    "POST /api/v1/cases/<case_id>/parent-logins/<link_id>/renewals": _json(
        {"identity_check": "known", "delivery": "in_person"}
    ),
    "POST /api/v1/cases/<case_id>/parent-logins/<link_id>/endings": _json({"reason": "parent_asked"}),
    "POST /api/v1/cases/<case_id>/own-numbers": _json({"number": "A-17"}),
    "POST /api/v1/cases/<case_id>/consents": _json({"answers": path.support_consent_answers("welfare")}),
    "POST /api/v1/cases/<case_id>/consent-withdrawals": lambda walker, _who: {
        "json": {"consents": [walker.known.ids["consent_id"]], "withdrawn_by": "self"}
    },
    "POST /api/v1/cases/<case_id>/grounds": lambda _walker, _who: {"json": _GROUND},
    "POST /casussen/<case_id>/toestemming/grond": lambda _walker, _who: {"data": _GROUND},
    "POST /api/v1/cases/<case_id>/papers": lambda walker, _who: {
        "json": {"paper": "consents", "subject_id": walker.known.ids["subject_id"]}
    },
    "POST /casussen/<case_id>/meegegeven": lambda walker, _who: {
        "data": {"paper": "consents", "subject_id": walker.known.ids["subject_id"]}
    },
    "POST /api/v1/cases/<case_id>/due-dates": _json({"answers": _DUE}),
    "POST /api/v1/cases/<case_id>/losses": _json({"answers": path.loss_answers()}),
    "POST /api/v1/cases/<case_id>/members": _json({"answers": _MEMBER}),
    "PUT /api/v1/cases/<case_id>/members/<member_id>/bsn": _json({"bsn": OTHER_BSN}, version="bsn_version"),
    "DELETE /api/v1/cases/<case_id>/members/<member_id>/bsn": _json({}, version="bsn_version"),
    "POST /casussen/<case_id>/bsn/<member_id>": _form(bsn=OTHER_BSN, _version="bsn_version"),
    "POST /casussen/<case_id>/bsn/<member_id>/weghalen": _form(_version="bsn_version"),
    "PUT /api/v1/cases/<case_id>/members/<member_id>": _json({"answers": _PARENT}, version="member_version"),
    "POST /api/v1/cases/<case_id>/moves": _json({"answers": _MOVE}),
    "POST /api/v1/consents/<consent_id>/withdrawals": _json({}),
    "POST /api/v1/cases/searches": lambda walker, _who: {"json": {"text": walker.known.ids["case_number"]}},
    "POST /zoeken": lambda walker, _who: {"data": {"q": walker.known.ids["case_number"]}},
    "POST /api/v1/case-requests": lambda walker, _who: {
        "json": {"case_number": walker.known.ids["case_number"], "reason": "moved_here", "parent_knows": True}
    },
    "POST /casus-vragen": lambda walker, _who: {
        "data": {"case_number": walker.known.ids["case_number"], "reason": "moved_here", "parent_knows": "yes"}
    },
    "POST /api/v1/emergencies": lambda walker, _who: {
        "json": {"case_number": walker.known.ids["case_number"], **_EMERGENCY, "password": PASSWORD}
    },
    "GET /api/v1/cases/<case_id>/at": lambda _walker, _who: {"query_string": {"purpose": "complaint"}},
    "GET /logboek/toen": lambda walker, _who: {"query_string": {"casus": walker.known.ids["case_number"]}},
    "GET /casussen/<case_id>/toen": lambda _walker, _who: {"query_string": {"reden": "complaint"}},
    "GET /api/v1/cases/<case_id>/client-log": lambda walker, _who: {
        "query_string": {"subjectId": walker.known.ids["member_id"]}
    },
    "GET /api/v1/breach-report": _query(since="2026-11-01T00:00:00Z", until="2026-11-04T00:00:00Z"),
    "GET /datalek": _query(van="2026-11-01", tot="2026-11-04"),
    "GET /datalek/overzicht.<media>": _query(van="2026-11-01", tot="2026-11-04"),
    "POST /api/v1/cases/<case_id>/entries/<entry_id>/corrections": _json({"answers": _EXPLORED}),
    "POST /casussen/<case_id>/antwoorden/<entry_id>/verbeteren": _typed(_EXPLORED),
    "POST /casussen/<case_id>/antwoorden/<entry_id>/verbeteren/voorbeeld": _typed(_EXPLORED),
    "POST /api/v1/cases/<case_id>/holds": _json({"reason": "calamity"}),
    "POST /casussen/<case_id>/bewaarplicht": _form(hold_reason="calamity"),
    "POST /api/v1/cases/<case_id>/requests": lambda walker, _who: {
        "json": {"answers": {**_REQUEST, "request_subject": walker.known.ids["member_id"]}}
    },
    "POST /api/v1/destructions/<case_id>/postponements": _json({"until_on": "2027-11-03", "reason": "term_in_doubt"}),
    "POST /vernietigen/<case_id>/uitstellen": _form(until_on="2027-11-03", postpone_reason="term_in_doubt"),
    "POST /api/v1/log-alarms/<alarm_id>/explanations": _json(_ALARM),
    "POST /logboek/meldingen/<alarm_id>": _form(**_ALARM),
    "POST /api/v1/desk/repairs": lambda walker, _who: {
        "json": {"trouble_id": walker.known.ids["trouble_id"], "action": "retry", "why": "advised"}
    },
    "POST /beheer/<trouble_id>": _form(action="retry", why="advised"),
    "POST /api/v1/offers": _json({**_OFFER, "municipality": builders.VENLO}),
    "PUT /api/v1/offers/<offer_id>": _json(_OFFER, version="1"),
    "POST /api/v1/offers/<offer_id>/endings": _json({"valid_to": "2026-12-01"}, version="1"),
    "POST /api/v1/organisations/<organisation_id>/bsn-uses": _json({"may_use_bsn": True}),
    "PUT /api/v1/pathways/<municipality_code>/<theme>": _json(_PATHWAY, version="1"),
    "POST /api/v1/pathways/<municipality_code>/<theme>/confirmations": _json({}, version="1"),
    "POST /api/v1/settings": _json(_SETTING),
    "POST /api/v1/me/absences": _json(_AWAY),
    "POST /api/v1/topic-steps/<task_id>/completions": _json(_LOCKED),
    "POST /api/v1/topic-steps/<task_id>/extensions": _json(_LOCKED),
    "POST /api/v1/topic-steps/<task_id>/failures": _json({**_LOCKED, "error_code": "printer_away"}),
    "POST /api/v1/topic-steps/<task_id>/releases": _json(_LOCKED),
    "POST /api/v1/topic-workers": _json({"topic": "letters", "label": "Brieven"}),
    "DELETE /api/v1/topic-workers/<worker_id>": _json({}, version="1"),
    "POST /api/v1/webhooks": _json(_WEBHOOK),
    "PUT /api/v1/webhooks/<webhook_id>": _json(_WEBHOOK, version="webhook_version"),
    "DELETE /api/v1/webhooks/<webhook_id>": _json({}, version="webhook_version"),
    "POST /koppelingen": _form(**_WEBHOOK),
    "POST /koppelingen/programmas": _form(topic="letters", label="Brieven", days="90"),
    "POST /koppelingen/programmas/<worker_id>/token": _form(days="90"),
    "POST /koppelingen/<webhook_id>": _form(**_WEBHOOK, _version="webhook_version"),
    "POST /api/v1/work-lists": _json(_LIST),
    "PUT /api/v1/work-lists/<list_id>": _json(_LIST, version="list_version"),
    "DELETE /api/v1/work-lists/<list_id>": _json({}, version="list_version"),
    "POST /api/v1/tasks/<task_id>/assignments": lambda walker, _who: {
        "json": {"person_id": str(walker.known.people["explorer_colleague"].person_id), "note": "Wilt u bellen?"}
    },
    "DELETE /api/v1/tasks/<task_id>/claims/current": _json({}, version="task_mine_version"),
    "POST /api/v1/tasks/<task_id>/completion": _json({"answers": _NOTICE}, version="task_mine_version"),
    "PUT /api/v1/tasks/<task_id>/draft": _json({"answers": _NOTICE}, version="task_mine_version"),
    "POST /account/code": _form(code="000000"),
    "POST /account/code/begin": _form(password=PASSWORD),
    "POST /api/v1/cases/<case_id>/blocks": lambda walker, _who: {
        "json": {"person_id": walker.known.ids["person_id"], "reason": "neighbour"}
    },
    "POST /api/v1/tasks/<task_id>/blocks": _json({"reason": "neighbour"}),
    "POST /casussen/<case_id>/afgeschermd": lambda walker, _who: {
        "data": {"person_id": walker.known.ids["person_id"], "reason": "neighbour"}
    },
    "POST /casussen/<case_id>/inlog": lambda walker, _who: {
        "data": {"member_id": walker.known.ids["member_id"], "identity_check": "known", "delivery": "in_person"}
    },
    "POST /casussen/<case_id>/inlog/<link_id>/opnieuw": _form(identity_check="known", delivery="in_person"),
    "POST /casussen/<case_id>/inlog/<link_id>/stop": _form(reason="parent_asked"),
    "POST /api/v1/cases/<case_id>/parent-logins/<link_id>/papers": lambda walker, _who: {
        "json": {"code": walker.known.ids["paper_code"]}
    },
    "POST /casussen/<case_id>/inlog/<link_id>/papier": lambda walker, _who: {
        "data": {"code": walker.known.ids["paper_code"]}
    },
    "POST /casussen/<case_id>/ken-ik": _form(reason="neighbour"),
    "POST /taken/<task_id>/ken-ik": _form(reason="neighbour"),
    "POST /account/sessies/beeindigen": _form(password=PASSWORD),
    "POST /account/sessies/<session_id>/beeindigen": _form(password=PASSWORD),
    "POST /account/wachtwoord": _form(old=PASSWORD, password="een-ander-lang-wachtwoord"),
    "POST /casussen/<case_id>/<event>": _typed(_BIRTH),
    "POST /casussen/<case_id>/<event>/<member_id>": _typed(_PARENT, _version="member_version"),
    "POST /casussen/<case_id>/<event>/voorbeeld": _typed(_BIRTH),
    "POST /casussen/<case_id>/<event>/<member_id>/voorbeeld": _typed(_PARENT, _version="member_version"),
    "POST /casussen/<case_id>/opmerkingen": _form(text="Even bellen."),
    "POST /casussen/<case_id>/eigen-nummer": _form(number="KD 4711"),
    "POST /casussen/<case_id>/toestemming/intrekken": lambda walker, _who: {
        "data": {"consent": walker.known.ids["consent_id"]}
    },
    "POST /casussen/<case_id>/verlies": _typed(path.loss_answers()),
    "POST /instellingen/<name>": _form(duration="40 dagen", valid_from="2026-11-03", tag="[B]", source="Besluit"),
    "POST /inloggen": _log_in,
    "POST /noodinzage": lambda walker, _who: {"data": {"case_number": walker.known.ids["case_number"], **_EMERGENCY}},
    "POST /noodinzage/openen": lambda walker, _who: {
        "data": {"case_number": walker.known.ids["case_number"], **_EMERGENCY, "password": PASSWORD}
    },
    "PUT /api/v1/organisations/<organisation_id>": _json(
        {"areas": [builders.VENLO, builders.ROERMOND, builders.WEERT], "phone": "077 000 00 00"},
        version="welfare_version",
    ),
    "POST /api/v1/organisations/<organisation_id>/invitations": _json(
        {"name": "Nina Nieuw", "login": "nina.nieuw", "role": "supporter", "valid_from": "2026-11-03"}
    ),
    "POST /api/v1/organisations/<organisation_id>/assignments": lambda walker, _who: {
        "json": {"person_id": walker.known.ids["person_id"], "role": "supporter", "valid_from": "2026-11-03"}
    },
    "PUT /api/v1/assignments/<assignment_id>": _json({"valid_to": "2027-11-03"}, version="role_version"),
    "POST /api/v1/people/<person_id>/certificates": _json({"intervention": "VZ", "valid_from": "2026-11-03"}),
    "POST /api/v1/access-reviews/<review_id>/answers": lambda walker, _who: {
        "json": {"roles": [{"id": walker.known.ids["review_item"], "review_answer": "confirmed"}]},
        "headers": {"If-Match": f'"{walker.known.ids["review_version"]}"'},
    },
    "POST /organisaties/<organisation_id>/uitnodigen": _form(
        display_name="Nina Nieuw", login="nina.nieuw", role="supporter", valid_from="2026-11-03"
    ),
    "POST /organisaties/<organisation_id>/gegevens": _form(
        phone="077 000 00 00", areas=[builders.VENLO, builders.ROERMOND, builders.WEERT], _version="welfare_version"
    ),
    "POST /organisaties/<organisation_id>/mensen/<person_id>/rollen": _form(role="supporter", valid_from="2026-11-03"),
    "POST /organisaties/<organisation_id>/mensen/<person_id>/naam": _form(
        display_name="Sjef Andersen", _version="person_version"
    ),
    "POST /organisaties/<organisation_id>/rollen/<assignment_id>/laatste-dag": _form(
        valid_to="2027-11-03", _version="role_version"
    ),
    "POST /organisaties/nakijken/<review_id>": lambda walker, _who: {
        "data": {
            f"rol.{walker.known.ids['review_item']}": "confirmed",
            "_version": walker.known.ids["review_version"],
        }
    },
    "POST /organisaties/<organisation_id>/bsn": _form(may_use_bsn="yes", gives_care="yes"),
    "POST /organisaties/<organisation_id>/mensen/<person_id>/certificaten": _form(
        intervention="SO", valid_from="2026-11-03"
    ),
    "POST /rol": _switch,
    "POST /afwezig": _form(**_AWAY, deputy_id="team"),
    "POST /werk/lijsten": _form(name="Zwanger", fase="pregnant"),
    "POST /werk/lijsten/<list_id>": _form(name="Anders", is_start="1"),
    "POST /werk/samen": lambda walker, _who: {
        "data": {"taak": walker.known.ids["task_action_progress"], "_do": "claim"}
    },
    "POST /werk/doorgeven": lambda walker, _who: {
        "data": {
            "taak": walker.known.ids["task_mine"],
            "person_id": str(walker.known.people["explorer_colleague"].person_id),
        }
    },
    "POST /taken/<task_id>/afronden": _typed(_NOTICE, _version="task_mine_version"),
    "POST /taken/<task_id>/concept": _typed(_NOTICE, _version="task_mine_version"),
    "POST /taken/<task_id>/opmerking": _typed(_NOTICE | {"_comment": "Even bellen."}, _version="task_mine_version"),
    "POST /taken/<task_id>/voorbeeld": _typed(_NOTICE, _version="task_mine_version"),
    "POST /wegwijzer/<code>/aanbod": _form(**_OFFER, capacity="available", _version="0"),
    "POST /wegwijzer/<code>/zorgpaden/<theme>": _form(**_PATHWAY, _version="1"),
    "POST /wegwijzer/<code>/zorgpaden/<theme>/nagekeken": _form(_version="1"),
    "POST /wegwijzer/aanbod/<offer_id>": _form(**_OFFER, capacity="available", _version="1"),
    "POST /wegwijzer/aanbod/<offer_id>/stoppen": _form(valid_to="2026-12-01", _version="1"),
}
