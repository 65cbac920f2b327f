"""A line in the words of others: NEN 7513 for who checks an institution, Logboek Dataverwerkingen for a government.

Both are views of what is kept already, for exports. Codes are those that NEN 7513 takes over from DICOM (part 15, A.5).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from workflows.logbook.model import LoggedChange, LoggedRead

Line = LoggedChange | LoggedRead

#: What happened, by the last word of an event. What stands nowhere is an update in the log of changes, a read in the other.
_ACTIONS: Mapping[str, frozenset[str]] = {
    "C": frozenset(
        [
            "added",
            "asked",
            "created",
            "drafted",
            "filled",
            "granted",
            "invited",
            "issued",
            "offered",
            "opened",
            "planned",
            "put",
            "recorded",
            "reported",
            "started",
        ]
    ),
    "D": frozenset(["cut", "discarded", "erased", "forgotten", "removed"]),
    "E": frozenset(["exported", "printed", "refused", "searched", "sealed", "sent", "switched"]),
}
#: The kind of event.
_CODES: Mapping[str, str] = {
    "audit_log": "110101",
    "export": "110106",
    "record": "110110",
    "query": "110112",
    "alert": "110113",
    "sign_in": "110114",
    "other": "110100",
}
#: What that is in the life of the data: made, amended, used, erased, used.
_LIFE_CYCLE: Mapping[str, str] = {"C": "1", "U": "3", "R": "6", "D": "15", "E": "6"}
_SIGNING_IN = frozenset({"sign_in", "login", "token", "account", "second_factor"})
_LOG = frozenset({"log", "logbook"})
#: Through what somebody came; a code of RFC 3881: 1 a machine by name, 5 an address of ours.
_ACCESS_POINTS: Mapping[str, str] = {"page": "5", "api": "5", "worker": "1", "cli": "1"}

#: Fields of NEN 7513 that may be empty, and why.
EMPTY: Mapping[str, str] = {
    "userID": "the house itself acted: the worker or the command line",
    "alternateUserID": "a person has one id here, at every organisation",
    "userName": "names are not in the log; who shows a line looks the name up by userID",
    "responsibleUserID": "the user was responsible for it in person",
    "purposeOfUse": "a change says by its event what it was for",
    "ParticipantObjectPermissionPolicySet": "nothing of a family was asked for",
    "ParticipantObjectSensitivity": "nothing was shown of which a kind of data could be told",
    "ParticipantObjectName": "names are not in the log",
    "ParticipantObjectDetail": "there is nothing to add to the event",
    "AuditEnterpriseSiteID": "the house itself acted, for no organisation",
    "networkAccessPointID": "the sign-in was not known yet, or the line is older than this field",
    "autorisatieProtocol": "the line is older than this field",
    "behandelrelatieProtocol": "nothing of a family was asked for",
    "toestemmingsProfiel": "consent was not what allowed it",
    "controles": "nobody was signed in, or the line is older than this field",
}


def nen7513(line: Line) -> dict[str, Any]:
    """All fields of NEN 7513 by their names, ``None`` where there is nothing to say (:data:`EMPTY` tells why)."""
    return {
        "EventID": _code(line),
        "EventActionCode": action(line),
        "EventDateTime": _instant(line.at),
        "EventOutcomeIndicator": "0" if line.outcome == "success" else "8",
        "EventTypeCode": line.event,
        "userID": _text(line.person_id),
        "alternateUserID": None,
        "userName": None,
        "userIsRequestor": line.person_id is not None,
        "responsibleUserID": _text(line.on_behalf_of),
        "roleIDCode": line.role,
        "purposeOfUse": line.purpose,
        "networkAccessPointTypeCode": _ACCESS_POINTS[line.origin],
        "networkAccessPointID": line.access_point or (line.origin if line.person_id is None else None),
        "ParticipantObjectTypeCode": "1" if line.case_id is not None else "2",
        "ParticipantObjectTypeCodeRole": "1" if line.case_id is not None else "3",
        "ParticipantObjectDataLifeCycle": _LIFE_CYCLE[action(line)],
        "ParticipantObjectIDTypeCode": line.subject_kind,
        "ParticipantObjectPermissionPolicySet": line.ground or line.rule,
        "ParticipantObjectSensitivity": line.compartments,
        "ParticipantObjectID": line.subject_id,
        "ParticipantObjectName": None,
        "ParticipantObjectDetail": line.details or None,
        "ParticipantObjectDescription": _text(line.case_id) or line.subject_kind,
        "AuditEnterpriseSiteID": _text(line.organisation_id),
        "AuditSourceId": f"steun-op-maat/{_log(line)}/{line.id}",
        "AuditSourceTypeCode": "4",  # an application server
        "autorisatieProtocol": line.policy,
        "behandelrelatieProtocol": line.relation or line.rule,
        "toestemmingsProfiel": line.consent_profile,
        "controles": None if line.second_factor is None else "second_factor" if line.second_factor else "password",
    }


def processing(line: Line) -> dict[str, Any]:
    """A line as Logboek Dataverwerkingen asks it of a government (a working version of that standard)."""
    span = hashlib.sha256(f"{_log(line)}/{line.id}".encode()).hexdigest()
    trace = line.request_id or ""
    subject = line.subject_id if line.subject_kind in ("family_member", "member", "family") else None
    return {
        "trace_id": trace if re.fullmatch(r"[0-9a-f]{32}", trace) else span[32:],
        "span_id": span[:16],
        "processing_activity_id": f"urn:steun-op-maat:{line.event}",
        "data_subject_id": _text(line.case_id) or subject,
        "status": "Ok" if line.outcome == "success" else "Error",
        "start_time": _instant(line.at),
    }


def action(line: Line) -> str:
    """Whether something was created, read, updated, deleted or executed: C, R, U, D or E."""
    if line.event.partition(".")[0] in ("sign_in", "login"):
        return "E"
    word = line.event.rsplit(".", 1)[-1].rsplit("_", 1)[-1]
    for code, words in _ACTIONS.items():
        if word in words:
            return code
    return "R" if isinstance(line, LoggedRead) else "U"


def _code(line: Line) -> str:
    """The kind of event, as DICOM numbers them."""
    room, _, verb = line.event.partition(".")
    if room in _LOG:
        return _CODES["audit_log"]
    if room in _SIGNING_IN:
        return _CODES["sign_in"]
    if line.outcome != "success":
        return _CODES["alert"]
    if verb in ("exported", "printed"):
        return _CODES["export"]
    if verb in ("searched", "listed"):
        return _CODES["query"]
    return _CODES["record"] if line.case_id is not None else _CODES["other"]


def _log(line: Line) -> str:
    return "reads" if isinstance(line, LoggedRead) else "changes"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _text(value: object | None) -> str | None:
    return None if value is None else str(value)
