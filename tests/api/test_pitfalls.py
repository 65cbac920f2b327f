"""Faults that we read in programs like ours, and that nothing else here shows to be absent; see docs/pitfalls.md."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from tests.api.test_races import Shared
from tests.conftest import VAULT
from tests.workflows import path
from workflows import cases
from workflows.cases import Case
from workflows.db import Database
from workflows.processes import Run, Task


def everything(database, case_id):
    """How the runs and tasks of a case stand, to the byte."""
    with database.reading() as session:
        runs = session.execute(select(Run.__table__).where(Run.subject_id == UUID(case_id)).order_by(Run.id)).all()
        tasks = session.execute(select(Task.__table__).where(Task.subject_id == UUID(case_id)).order_by(Task.id)).all()
        assert runs
        assert tasks
        return runs, tasks


def test_a_message_is_heard_in_its_own_case_and_by_no_neighbour(begin, sign_in, database, clock):
    midwife, nurse = sign_in("midwife"), sign_in("nurse")
    told, neighbour = Shared(begin, midwife, nurse), Shared(begin, midwife, nurse)  # both wait at the same step
    before = {one.id: everything(database, one.id) for one in (told, neighbour)}

    heard = midwife.post(f"/cases/{told.id}/losses", json={"answers": path.loss_answers()})

    assert heard.status_code == 201, heard.text
    assert everything(database, told.id) != before[told.id]
    assert everything(database, neighbour.id) == before[neighbour.id]
    assert nurse.post(f"/tasks/{neighbour.task}/claims").status_code == 201
    assert nurse.post(f"/tasks/{told.task}/claims").status_code in (404, 409)


def test_who_claims_has_it_in_the_row_and_for_everybody(begin, sign_in, database, region, clock):
    midwife, nurse, colleague = sign_in("midwife"), sign_in("nurse"), sign_in("nurse2")
    of = Shared(begin, midwife, nurse)
    claimed = nurse.post(f"/tasks/{of.task}/claims")

    with database.reading() as session:
        task = session.get_one(Task, UUID(of.task))
        assert (task.claimed_by, task.claimed_at) == (region.nurse.person_id, clock())
        assert task.lease_until > clock()
    version = {"headers": {"If-Match": claimed.headers["ETag"]}}
    answers = path.exploration_answers(clock())
    refused = [
        colleague.post(f"/tasks/{of.task}/claims"),
        colleague.put(f"/tasks/{of.task}/draft", json={"answers": {}}, **version),
        colleague.post(f"/tasks/{of.task}/completion", json={"answers": answers}, **version),
        colleague.delete(f"/tasks/{of.task}/claims/current", **version),
    ]
    assert {one.status_code for one in refused} <= {403, 404, 409}, [one.text for one in refused]
    assert nurse.post(f"/tasks/{of.task}/completion", json={"answers": answers}, **version).status_code == 201


@pytest.mark.parametrize("urls", ["postgresql"], indirect=True)  # SQLite's queue of writers has a test of its own
def test_a_lock_that_is_not_got_is_told_in_words_for_people(app, begin, sign_in, urls, database):
    hurried = Database(urls.application, vault=VAULT, files=urls.files, lock_seconds=0.1)
    midwife, nurse = sign_in("midwife"), sign_in("nurse")
    of = Shared(begin, midwife, nurse)
    app.extensions["steun.database"] = hurried

    with database.writing() as session:
        cases.lock(session, UUID(of.id))
        told = nurse.post(f"/tasks/{of.task}/claims")
        with database.reading() as looking:
            assert looking.get_one(Case, UUID(of.id))  # looking waits for nobody

    assert told.status_code == 503, told.text
    assert int(told.headers["Retry-After"]) > 0
    assert told.json["detail"]
    for word in ("lock", "database", "psycopg", "timeout", "55P03", "Error"):
        assert word.lower() not in f"{told.json['title']} {told.json['detail']}".lower()
    assert nurse.post(f"/tasks/{of.task}/claims").status_code == 201
