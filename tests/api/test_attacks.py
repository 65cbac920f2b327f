"""What a caller may try at the doors: nothing of it is a fault of ours, and nothing of it tells more than it should."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

import pytest
from lxml.html import document_fromstring
from sqlalchemy import select

from tests.api.conftest import PASSWORD, SIGNAL
from tests.builders import agree
from workflows import cases
from workflows.idempotency import IdempotencyKey
from workflows.logbook import LoggedRead

STRANGE = ("a%00b", "%ED%A0%80", "x" * 3000, "%27%3B--", "%F0%9F%98%80")


@pytest.mark.parametrize("text", STRANGE, ids=lambda one: one[:8])
def test_strange_texts_in_an_address_are_refused_and_no_fault(sign_in, text):
    editor, nurse, director = sign_in("directory_editor"), sign_in("nurse"), sign_in("process_director")
    admin = sign_in("administrator")
    pathway = {"reviewed": False, "agreements_text": "x"}
    key = {"Idempotency-Key": "k1"}
    answers = [
        editor.get(f"/pathways?municipality={text}"),
        editor.get(f"/pathways?municipality=GM0983&theme={text}"),
        editor.get(f"/pathways/{text}/money"),
        editor.get(f"/pathways/GM0983/{text}"),
        editor.get(f"/pathways/{text}/{text}/versions"),
        editor.put(f"/pathways/{text}/money", pathway, headers={"If-Match": '"0"'}),
        editor.put(f"/pathways/GM0983/{text}", pathway, headers={"If-Match": '"0"'}),
        editor.post(f"/pathways/GM0983/{text}/confirmations", headers={"If-Match": '"1"', **key}),
        editor.post(f"/pathways/{text}/money/confirmations", headers={"If-Match": '"1"', **key}),
        editor.get(f"/offers?municipality={text}"),
        editor.get(f"/pathway-notices?municipality={text}"),
        nurse.get(f"/cases?municipality={text}"),
        nurse.get(f"/cases?status={text}"),
        nurse.get(f"/cases?cursor={text}"),
        nurse.get(f"/tasks?cursor={text}"),
        nurse.get(f"/hub-meetings?cursor={text}"),
        director.get(f"/terms-at-risk?cursor={text}"),
        admin.get(f"/settings/{text}"),
        admin.get(f"/settings?municipality={text}"),
    ]
    assert [(one.request.path[:60], one.status_code) for one in answers if one.status_code >= 500] == []


def test_a_text_that_cannot_be_kept_is_refused_on_every_page(log_in, client, app):
    app.config["WTF_CSRF_METHODS"] = set()
    admin, editor = log_in("administrator"), log_in("directory_editor")
    posts = [
        client.post("/inloggen", data={"login": "a\0b", "password": "x\0y"}),
        admin.post(
            "/instellingen/task.lease_hours",
            data={"value": "8", "valid_from": "2026-11-10", "tag": "[I]", "source": "a\0b"},
        ),
        admin.post(
            "/instellingen/task.lease_hours",
            data={"value": "8", "valid_from": "2026-11-10", "tag": "[I]", "source": "x" * 5000},
        ),
        admin.post(
            "/instellingen/task.lease_hours",
            data={"value": "999999999", "valid_from": "9999-12-31", "tag": "[I]", "source": "x"},
        ),
        admin.post(
            "/instellingen/task.lease_hours",
            data={"value": "8", "valid_from": "2026-11-10", "valid_to": "9999-12-31", "tag": "[I]", "source": "x"},
        ),
    ]
    posts += [
        editor.post(
            "/wegwijzer/GM0983/zorgpaden/money",
            data={"_version": "1", "agreements_text": "a\0b", "contact_name": "a\0b"},
        ),
        editor.post("/wegwijzer/GM0983/zorgpaden/money", data={"_version": "1", "agreements_text": "x" * 500000}),
        editor.post(
            "/wegwijzer/GM0983/aanbod",
            data={"intervention_code": "a\0b", "referral_how": "a\0b", "capacity": "\0", "valid_from": "2026-11-10"},
        ),
        editor.post("/wegwijzer/G%00/aanbod", data={"intervention_code": "VZ"}),
    ]
    assert [(one.request.path, one.status_code) for one in posts if one.status_code >= 500] == []


def test_what_is_kept_of_an_attempt_does_not_help_to_guess_what_was_sent(log_in, database):
    """A password goes along when sessions are ended; a bare digest of it could be tried against a list of words."""
    desk = log_in("midwife")
    token = document_fromstring(desk.get("/account").text).xpath("//input[@name='csrf_token']/@value")[0]
    headers = {"X-CSRFToken": token, "Idempotency-Key": "sessies", "Content-Type": "application/json"}
    body = f'{{"password": "{PASSWORD}"}}'
    answers = [desk.post("/api/v1/me/sessions/endings", data=body, headers=headers) for _ in range(2)]
    assert [one.json for one in answers] == [{"ended": 0}, {"ended": None}]
    other = desk.post("/api/v1/me/sessions/endings", data=body + " ", headers=headers)
    assert other.status_code == 409
    with database.reading() as session:
        kept = session.scalars(select(IdempotencyKey.digest)).one()
    assert kept != sha256(body.encode()).hexdigest()


def test_a_double_click_on_what_takes_its_own_subject_away_is_no_dead_end(app, begin, log_in, region, database, clock):
    app.config["WTF_CSRF_METHODS"] = set()
    begun = begin()
    assert begun.complete(SIGNAL).status_code == 201
    case_id = UUID(begun.by.get("/cases").json["items"][0]["id"])
    mother = begun.by.get(f"/cases/{case_id}").json["members"][0]["id"]
    midwife, nurse = log_in("midwife"), log_in("nurse")

    bsn = f"/casussen/{case_id}/bsn/{mother}"
    assert midwife.post(bsn, data={"bsn": "999990019", "_version": "0"}).status_code == 303
    version = document_fromstring(midwife.get(bsn).text).xpath("//input[@name='_version']/@value")[0]
    clicks = [midwife.post(f"{bsn}/weghalen", data={"_version": version}) for _ in range(2)]
    assert clicks[0].status_code == 303
    assert "Er is geen BSN vastgelegd" in clicks[1].text

    with database.writing() as session:
        case = cases.lock(session, case_id)
        agree(session, case, region.midwife, clock())
        cases.join(
            session, case, organisation_id=region.nurse.organisation_id, role="explorer", by=region.midwife, at=clock()
        )
    page = f"/casussen/{case_id}/toestemming"
    found = document_fromstring(nurse.get(page).text)
    [form] = [one for one in found.forms if one.action == f"{page}/intrekken" and "everything" in one.fields]
    clicks = [nurse.post(form.action, data=dict(form.fields), follow_redirects=True) for _ in range(2)]
    assert [one.status_code for one in clicks] == [200, 200]
    assert "Alle toestemmingen zijn ingetrokken" in clicks[1].text
    assert nurse.get(page).status_code == 404
    assert nurse.post(form.action, data={"everything": "yes"}).status_code == 404
    planted = dict(document_fromstring(midwife.get(page).text).forms[0].fields)
    assert nurse.post(form.action, data={"everything": "yes", "_nonce": planted.get("_nonce") or ""}).status_code == 404


def test_what_is_typed_where_a_code_belongs_does_not_reach_the_logbook(begin, sign_in, database):
    begin()
    refused = sign_in("midwife").get("/cases?status=Fatima Voorbeeld")
    assert (refused.status_code, list(refused.json["errors"])) == (400, ["status"])
    with database.reading() as session:
        assert not [one for one in session.scalars(select(LoggedRead.details)) if "Fatima" in str(one)]
