"""Twenty at once through the doors: what was said to have stopped has stopped, whoever is busy, and nothing ends in a fault."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from tests.api.conftest import SIGNAL, Caller
from tests.api.test_story import complete
from tests.workflows import path
from workflows import consent, method
from workflows.cases import Case
from workflows.db import Database
from workflows.organisations import Person
from workflows.processes import Task, TaskStatus

CLIENTS = 20
#: What two changes that met, or somebody who was too late, may be answered; a fault is none of them.
TOLD = {400, 401, 403, 404, 409, 412, 503}


class Shared:
    """A case that lies with youth health to be explored, as ids."""

    def __init__(self, begin: Callable[..., Any], midwife: Caller, nurse: Caller) -> None:
        begun = begin(midwife)
        self.id = str(midwife.get(begun.path).json["case"]["id"])
        assert begun.complete(SIGNAL).status_code == 201
        complete(midwife, "consent", path.consent_answers())
        complete(midwife, "routing", path.routing_answers())
        known = {one["id"] for one in nurse.get("/tasks").json["items"]}
        self.task = next(one["id"] for one in midwife.get(f"/cases/{self.id}").json["tasks"] if one["id"] in known)
        self.number = midwife.get(f"/cases/{self.id}").json["case"]["number"]


def again(app: Flask, caller: Caller) -> Caller:
    """The same somebody, from a thread of their own."""
    return Caller(app.test_client(), caller.actor, caller.token)


def answered(answer: TestResponse) -> bool:
    """Whether it was done; a refusal is one that people can read."""
    assert answer.status_code < 300 or answer.status_code in TOLD, (answer.status_code, answer.text)
    if answer.status_code >= 300:
        assert answer.mimetype == "application/problem+json", answer.text
        assert answer.json["detail"]
    return answer.status_code < 300


def do(name: str, by: Caller, of: Shared, at: Any) -> tuple[bool, TestResponse]:
    """One request about this case; whether it gave or changed something of it."""
    task = f"/tasks/{of.task}"
    if name == "cases":
        listed = by.get("/cases")
        return answered(listed) and of.number in listed.text, listed
    if name == "tasks":
        listed = by.get("/tasks")
        return answered(listed) and of.task in listed.text, listed
    if name == "claim":
        answer = by.post(f"{task}/claims")
    elif name == "comment":
        answer = by.post(f"/cases/{of.id}/comments", json={"text": "Even gebeld."})
    elif name in ("draft", "release", "complete"):
        seen = by.get(task)
        if not answered(seen):
            return False, seen
        version = {"headers": {"If-Match": seen.headers["ETag"]}}
        if name == "draft":
            answer = by.put(f"{task}/draft", json={"answers": {"wishes": "Rust"}}, **version)
        elif name == "release":
            answer = by.delete(f"{task}/claims/current", **version)
        else:
            answer = by.post(f"{task}/completion", json={"answers": path.exploration_answers(at)}, **version)
    else:
        answer = by.get({"case": f"/cases/{of.id}", "entries": f"/cases/{of.id}/entries", "task": task}[name])
    return answered(answer), answer


READS = ("case", "entries", "cases", "task", "tasks")
CHANGES = ("claim", "comment", "draft", "release", "complete")


def test_what_was_said_to_have_stopped_has_stopped_whatever_twenty_people_do_at_once(
    app, begin, sign_in, region, database, clock
):
    midwife, nurse, nurse2, administrator = map(sign_in, ("midwife", "nurse", "nurse2", "administrator"))
    withdrawn, closed, left = (Shared(begin, midwife, nurse) for _ in range(3))
    agreed = [
        one["id"]
        for one in midwife.get(f"/cases/{withdrawn.id}").json["consents"]
        if one["purpose"] == "exploration" and one["given"]
    ]
    gone = {"withdrawn": Event(), "blocked": Event(), "left": Event()}
    together = Barrier(CLIENTS)

    def withdraw(by: Caller) -> None:
        for one in agreed:
            while (said := by.post(f"/consents/{one}/withdrawals")).status_code not in (201, 409):
                assert said.status_code == 503, said.text
        gone["withdrawn"].set()

    def block(by: Caller) -> None:
        body = {"person_id": str(region.nurse.person_id), "reason": "family"}
        for _ in range(20):  # who holds it at that moment closes it; else the nurse, who does, steps aside
            if answered(by.post(f"/cases/{closed.id}/blocks", json=body)):
                break
            if answered(again(app, nurse).post(f"/tasks/{closed.task}/blocks", json={"reason": "family"})):
                break
        else:
            raise AssertionError("nobody could close it")
        gone["blocked"].set()

    def leave(by: Caller) -> None:
        while (said := by.post(f"/people/{region.nurse2.person_id}/deactivations")).status_code != 200:
            assert said.status_code in (409, 503), said.text
        gone["left"].set()

    def client(number: int) -> list[tuple[str, str, str]]:
        dice = random.Random(number)
        wrong: list[tuple[str, str, str]] = []
        together.wait(60)
        if number < 3:
            stop, by = ((withdraw, midwife), (block, midwife), (leave, administrator))[number]
            for _ in range(dice.randrange(3)):
                answered(again(app, by).get("/me"))
            stop(again(app, by))
        for _ in range(3):
            of = dice.choice((withdrawn, closed, left))
            # In the case that is closed to her the nurse does not finish: it has to be hers or in the pool.
            who = nurse2 if of is left else dice.choice((nurse, nurse2)) if of is withdrawn else nurse
            name = dice.choice(READS + (CHANGES[:-1] if of is closed else CHANGES))
            late = [
                what
                for what, about in (("withdrawn", of is withdrawn), ("blocked", of is closed and who is nurse), ("left", who is nurse2))
                if about and gone[what].is_set()
            ]  # fmt: skip
            done, answer = do(name, again(app, who), of, clock())
            if done and late:
                wrong.append((name, ", ".join(late), answer.text[:700]))
        return wrong

    with ThreadPoolExecutor(CLIENTS) as pool:
        assert [one for found in pool.map(client, range(CLIENTS)) for one in found] == []

    assert all(one.is_set() for one in gone.values())
    for by, of in ((nurse, withdrawn), (nurse, closed), (nurse2, withdrawn), (nurse2, closed), (nurse2, left)):
        assert {name for name in READS + CHANGES if do(name, by, of, clock())[0]} == set()
    with database.reading() as session:
        mine = select(Task.subject_id).where(Task.status == TaskStatus.CLAIMED)
        assert session.scalars(mine.where(Task.claimed_by == region.nurse2.person_id)).all() == []
        assert {str(one) for one in session.scalars(mine.where(Task.claimed_by == region.nurse.person_id))} <= {left.id}
        held = select(Case.id).where(Case.holder_person_id.in_((region.nurse.person_id, region.nurse2.person_id)))
        assert {str(one) for one in session.scalars(held)} <= {left.id}
        there = (Task.organisation_id == region.youth_health.id) & Task.status.in_(("open", "claimed"))
        assert withdrawn.id not in {str(one) for one in session.scalars(select(Task.subject_id).where(there))}
        assert not session.get_one(Person, region.nurse2.person_id).active


@contextmanager
def waiting(database: Database, clients: int) -> Iterator[None]:
    """At the end so many transactions have begun, and wait for what this one holds."""
    yield
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        ends = time.monotonic() + 10
        asked = text("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
        while connection.execute(asked).scalar_one() < clients and time.monotonic() < ends:
            time.sleep(0.02)


@pytest.mark.parametrize("urls", ["postgresql"], indirect=True)  # on SQLite a writer waits before it has read anything
@pytest.mark.parametrize("stop", ["withdrawn", "blocked", "left"])
def test_who_waited_for_their_turn_is_judged_by_what_is_true_then(app, begin, sign_in, region, database, clock, stop):
    midwife, nurse = sign_in("midwife"), sign_in("nurse")
    of = Shared(begin, midwife, nurse)
    assert answered(nurse.post(f"/tasks/{of.task}/claims"))
    version = {"headers": {"If-Match": nurse.get(f"/tasks/{of.task}").headers["ETag"]}}
    names = ["draft", "complete", "release"]
    if stop != "left":  # a comment that somebody began to send before they left is theirs, and stays
        names.append("comment")

    def change(name: str) -> TestResponse:
        by, task = again(app, nurse), f"/tasks/{of.task}"
        if name == "draft":
            return by.put(f"{task}/draft", json={"answers": {"wishes": "Rust"}}, **version)
        if name == "complete":
            return by.post(f"{task}/completion", json={"answers": path.exploration_answers(clock())}, **version)
        if name == "comment":
            return by.post(f"/cases/{of.id}/comments", json={"text": "Even gebeld."})
        return by.delete(f"{task}/claims/current", **version)

    with ThreadPoolExecutor(len(names)) as pool:
        with database.writing() as session:
            if stop == "withdrawn":
                for one in consent.of_case(session, UUID(of.id)):
                    if one.holds(clock()) and one.purpose == "exploration":
                        method.withdraw_consent(session, one.id, by=region.midwife, at=clock())
            elif stop == "blocked":
                method.step_aside_from_task(session, UUID(of.task), reason="family", by=region.nurse, at=clock())
            else:
                method.deactivate_person(session, region.nurse.person_id, by=region.administrator, at=clock())
            session.flush()
            with waiting(database, len(names)):
                answers = {name: pool.submit(change, name) for name in names}
        done = {name: answer.result() for name, answer in answers.items()}

    assert [name for name, answer in done.items() if answered(answer)] == []


def test_undone_while_a_colleague_goes_on_one_of_them_happened_and_nothing_is_lost(
    app, begin, sign_in, region, database, clock
):
    midwife, nurse, nurse2 = map(sign_in, ("midwife", "nurse", "nurse2"))
    answers = path.exploration_answers(clock())
    for number in range(3):
        of = Shared(begin, midwife, nurse)
        assert answered(nurse.post(f"/tasks/{of.task}/claims"))
        version = {"headers": {"If-Match": nurse.get(f"/tasks/{of.task}").headers["ETag"]}}
        done = nurse.post(f"/tasks/{of.task}/completion", json={"answers": answers}, **version)
        assert answered(done)
        [following] = [one["id"] for one in done.json["next"]]
        together = Barrier(2)

        def undo(task: str = of.task, together: Barrier = together, wait: float = 0.01 * number) -> TestResponse:
            together.wait(60)
            time.sleep(wait)  # each of them is sometimes the first
            return again(app, nurse).post(f"/tasks/{task}/undoings")

        def go_on(
            task: str = following, together: Barrier = together, ends_it: bool = number % 2 == 0
        ) -> tuple[TestResponse, TestResponse | None]:
            by = again(app, nurse2)
            together.wait(60)
            claimed = by.post(f"/tasks/{task}/claims")
            if not answered(claimed) or not ends_it:
                return claimed, None
            version = {"headers": {"If-Match": claimed.headers["ETag"]}}
            given = {"answers": path.answers_for("feedback", clock())}
            return claimed, by.post(f"/tasks/{task}/completion", json=given, **version)

        with ThreadPoolExecutor(2) as pool:
            undoing, going = pool.submit(undo), pool.submit(go_on)
            undone, (claimed, completed) = undoing.result(), going.result()

        assert answered(undone) != answered(claimed), (undone.text, claimed.text)
        with database.reading() as session:
            first, second = session.get_one(Task, UUID(of.task)), session.get_one(Task, UUID(following))
            states = (first.status, first.claimed_by, second.status)
        told = [one["form_key"] for one in nurse.get(f"/cases/{of.id}/entries").json["items"]]
        if answered(undone):
            assert states == (TaskStatus.CLAIMED, region.nurse.person_id, TaskStatus.WITHDRAWN)
            assert "exploration" not in told
            assert nurse.get(f"/tasks/{of.task}").json["answers"]["wishes"] == answers["wishes"]
        else:
            assert completed is None or answered(completed), completed.text
            ends = TaskStatus.CLAIMED if completed is None else TaskStatus.COMPLETED
            assert states == (TaskStatus.COMPLETED, region.nurse.person_id, ends)
            assert told.count("exploration") == 1
