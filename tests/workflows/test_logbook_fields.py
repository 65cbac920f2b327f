"""A line says what NEN 7513 asks, in fields whose hash stays what it was when new ones are added."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from tests.workflows import path
from workflows import access, consent, logbook, method
from workflows.actor import OPERATOR, Actor
from workflows.db import Database
from workflows.logbook.chain import digest
from workflows.logbook.fields import HASHED

AT = datetime(2026, 11, 3, 8, 30, 0, 5, tzinfo=UTC)
NURSE = Actor(
    uuid4(), uuid4(), uuid4(), "explorer", origin="page", request_id="0" * 32, second_factor=True, access_point="s-1"
)
LR9 = {
    "EventID", "EventActionCode", "EventDateTime", "EventOutcomeIndicator", "EventTypeCode", "userID", "alternateUserID",
    "userName", "userIsRequestor", "roleIDCode", "purposeOfUse", "networkAccessPointTypeCode", "networkAccessPointID",
    "ParticipantObjectTypeCode", "ParticipantObjectTypeCodeRole", "ParticipantObjectDataLifeCycle",
    "ParticipantObjectIDTypeCode", "ParticipantObjectPermissionPolicySet", "ParticipantObjectSensitivity",
    "ParticipantObjectID", "ParticipantObjectName", "ParticipantObjectDetail", "ParticipantObjectDescription",
    "AuditEnterpriseSiteID", "AuditSourceId", "AuditSourceTypeCode", "autorisatieProtocol", "behandelrelatieProtocol",
    "toestemmingsProfiel", "controles",
}  # fmt: skip


def written(database: Database) -> list[logbook.LoggedChange | logbook.LoggedRead]:
    with database.reading() as session:
        return [
            *session.scalars(select(logbook.LoggedChange).order_by(logbook.LoggedChange.id)),
            *session.scalars(select(logbook.LoggedRead).order_by(logbook.LoggedRead.id)),
        ]


def test_a_line_has_every_field_of_nen_7513_or_a_reason_why_it_is_empty(database):
    case_id, agreed = uuid4(), [uuid4(), uuid4()]
    with database.writing() as session:
        logbook.write(
            session, "handover.accepted", "handover", uuid4(), case_id=case_id, by=NURSE, at=AT,
            ground="consent_of_subject", consents=agreed, relation="holder", compartments=["C1", "C0", "C1"],
        )  # fmt: skip
        logbook.write(session, "sign_in.opened", "sign_in", uuid4(), by=NURSE, at=AT)
        logbook.write(session, "signal.erased", "case", case_id, by=OPERATOR, at=AT)
        logbook.read(
            session, "case.viewed", "case", case_id, case_id=case_id, by=NURSE, at=AT, purpose="case", rule="party"
        )

    lines = written(database)
    shared, signed_in, erased, viewed = map(logbook.nen7513, lines)

    for fields in (shared, signed_in, erased, viewed):
        assert fields.keys() >= LR9
        assert {name for name, value in fields.items() if value is None} <= logbook.EMPTY.keys()
    assert shared["toestemmingsProfiel"] == " ".join(sorted(map(str, agreed)))
    assert (shared["ParticipantObjectSensitivity"], shared["behandelrelatieProtocol"]) == ("C0 C1", "holder")
    assert (shared["autorisatieProtocol"], shared["controles"]) == (access.POLICY, "second_factor")
    assert [line["EventActionCode"] for line in (shared, signed_in, erased, viewed)] == ["U", "E", "D", "R"]
    assert [line["EventID"] for line in (shared, signed_in, erased, viewed)] == ["110110", "110114", "110100", "110110"]
    assert viewed["networkAccessPointID"] == "s-1"
    assert viewed["EventDateTime"] == "2026-11-03T08:30:00.000005Z"
    assert logbook.processing(lines[3]).items() >= {
        "trace_id": "0" * 32, "data_subject_id": str(case_id), "status": "Ok",
        "processing_activity_id": "urn:steun-op-maat:case.viewed",
    }.items()  # fmt: skip


@pytest.mark.parametrize(
    ("version", "value"),
    [
        (None, "5b7c148c"),
        (2, "e808a970"),
    ],
)
def test_the_hash_of_a_line_is_the_same_for_ever(version, value):
    """A line of the past is checked by its own list of fields. When this fails, every installation's log is broken."""
    one = UUID(int=1)
    known = {
        "id": 7, "event": "case.viewed", "at": AT, "person_id": one, "organisation_id": one, "role": "explorer",
        "subject_kind": "case", "subject_id": "é", "outcome": "success", "origin": "page", "details": {"b": 1, "a": None},
        "policy": "0" * 16, "second_factor": False, "hash_version": version, "sealed_at": AT,
    }  # fmt: skip
    row = SimpleNamespace(**dict.fromkeys(HASHED[max(HASHED)]) | known)

    assert digest(row, 3, "0" * 64)[:8] == value


def test_a_line_of_before_these_fields_keeps_its_hash_and_can_hold_none_of_them(database, urls):
    owner = Database(urls.owner, house=True)
    with database.writing() as session:
        for _ in range(2):
            logbook.write(session, "task.completed", "task", uuid4(), by=NURSE, at=AT)
    with owner.engine.begin() as connection:  # as the version before this one wrote it
        connection.execute(
            text(
                "UPDATE log_changes SET hash_version = NULL, policy = NULL, access_point = NULL, second_factor = NULL WHERE id = 1"
            )
        )
    with database.writing() as session:
        logbook.seal(session, at=AT)

    with database.reading() as session:
        assert logbook.verify(session).ok
    with owner.engine.begin() as connection:
        connection.execute(text("UPDATE log_changes SET ground = 'vital_interest' WHERE id = 1"))
    owner.dispose()
    with database.reading() as session:
        [problem] = logbook.verify(session).problems
    assert "plaats 1 is veranderd" in problem


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_a_read_says_which_yes_allowed_it(database, clock):
    world = path.World(database, clock)
    case_id = world.explored()
    world.claim(world.region.nurse)
    world.look(method.case_view, case_id, by=world.region.nurse)

    [line] = [one for one in written(database) if one.event == "case.viewed"]
    with database.reading() as session:
        known = {str(one.id) for one in consent.of_case(session, case_id) if one.is_yes}
    assert line.ground == "consent_of_subject"
    assert line.consent_profile
    assert set(line.consent_profile.split()) <= known
    assert logbook.nen7513(line)["toestemmingsProfiel"] == line.consent_profile
