"""Plays the method at random, in processes that may be killed at any moment; see ``test_kills``.

Started as ``python -m tests.workflows.player URL ACTORS``, it imports everything once and then, for each line
``SEED INSTANT`` that it reads, forks a child that plays until it is killed. A child says on standard output what it
finished, after the commit and not before.
"""

from __future__ import annotations

import json
import os
import random
import sys
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tests.conftest import VAULT
from tests.workflows import path
from workflows import cases, diagrams, forms, method, worker
from workflows.actor import Actor
from workflows.db import Database
from workflows.errors import Refusal
from workflows.method import TaskCard

#: What a player lives at most, also when a slow machine is late with the kill.
PLAYED = timedelta(days=4)


def packed(actors: list[Actor]) -> str:
    """Actors as one argument."""
    return json.dumps(
        [{**asdict(actor), "municipalities": sorted(actor.municipalities)} for actor in actors], default=str
    )


def unpacked(text: str) -> list[Actor]:
    """What :func:`packed` made."""

    def identity(value: str | None) -> UUID | None:
        return None if value is None else UUID(value)

    return [
        Actor(
            identity(one["person_id"]),
            identity(one["assignment_id"]),
            identity(one["organisation_id"]),
            one["role"],
            frozenset(one["municipalities"]),
        )
        for one in json.loads(text)
    ]


class Player:
    """Does one thing after another; time goes on by itself, for :data:`PLAYED` at most."""

    def __init__(self, database: Database, actors: list[Actor], seed: int, at: datetime) -> None:
        self.database = database
        self.actors = actors
        self.random = random.Random(seed)
        self.teams = [one for one in actors if one.role == "explorer"]  #: who may hand over to each other
        self.at = at
        self.until = at + PLAYED

    def play(self) -> None:
        """Until killed."""
        while True:
            self.at = min(self.until, self.at + timedelta(minutes=self.random.choice((1, 30, 600))))
            try:
                self.once()
            except Refusal:
                continue

    def once(self) -> None:
        """One use case."""
        dice = self.random.random()
        if dice < 0.1:
            worker.plan_standing_jobs(self.database, self.at)
            say("worked", count=worker.run_once(self.database, self.at))
            return
        by = self.random.choice(self.actors)
        if self.random.random() < 0.5 and self.handed():
            return
        if dice < 0.2 and by.role == "signaller":
            with self.database.writing() as session:
                task = method.start_signal(session, by=by, at=self.at)
            say("started", case=task.subject_id, task=task.id)
            return
        with self.database.reading() as session:
            cards = method.work_list(session, by=by, at=self.at).items
        if not cards:
            return
        card = self.random.choice(cards)
        if not card.mine:
            with self.database.writing() as session:
                method.claim_task(session, card.id, by=by, at=self.at)
            say("claimed", task=card.id, by=by.person_id)
        elif dice < 0.3:
            with self.database.writing() as session:
                method.release_task(session, card.id, by=by, at=self.at)
            say("released", task=card.id, by=by.person_id)
        elif dice < 0.35 and by.role == "signaller":
            with self.database.reading() as session:
                view = method.task_view(session, card.id, by=by, at=self.at)
            if view.case is not None:
                with self.database.writing() as session:
                    method.report_loss(session, view.case.id, answers=path.loss_answers(), by=by, at=self.at)
                say("lost", case=view.case.id)
        else:
            self.complete(card, by)

    def handed(self) -> bool:
        """One step of handing over, by whoever has one to do; False: nobody has."""
        with self.database.reading() as session:
            found = [
                (by, card)
                for by in self.random.sample(self.teams, 2)
                for card in method.work_list(session, by=by, at=self.at).items
                if (card.form_key or "").startswith("handover") and (card.mine or card.status == "open")
            ]
        if not found:
            return self.begun()
        by, card = self.random.choice(found)
        if not card.mine:
            with self.database.writing() as session:
                method.claim_task(session, card.id, by=by, at=self.at)
            say("claimed", task=card.id, by=by.person_id)
        elif card.form_key == "handover_question" and self.random.random() < 0.3:
            with self.database.reading() as session:
                view = method.task_view(session, card.id, by=by, at=self.at)
            assert view.case is not None
            with self.database.writing() as session:
                one = method.withdraw_handover(session, view.case.id, by=by, at=self.at)
            say("withdrawn", handover=one.id, by=by.person_id)
        else:
            self.complete(card, by)
        return True

    def begun(self) -> bool:
        """Somebody who has a case is going to hand it over."""
        with self.database.reading() as session:
            cards = [
                (by, card)
                for by in self.random.sample(self.teams, 1)
                for card in method.work_list(session, by=by, at=self.at).items
                if card.mine and card.form_key == "exploration"
            ]
            if not cards:
                return False
            by, card = self.random.choice(cards)
            case = method.task_view(session, card.id, by=by, at=self.at).case
        assert case is not None
        with self.database.writing() as session:
            method.tell(session, cases.lock(session, case.id), "moved", by=by, at=self.at)
        say("handing", case=case.id)
        return True

    def complete(self, card: TaskCard, by: Actor) -> None:
        """Complete it, now and then with a concern about safety; of a handover with any of its answers."""
        assert card.form_key is not None
        answers = path.answers_for(card.form_key, self.at)
        if card.form_key == "handover" and self.random.random() < 0.9:
            to = self.random.choice(
                [one for one in self.teams if one.organisation_id != by.organisation_id] or self.teams
            )
            answers = path.handover_answers(f"{to.organisation_id}:{to.role}")
        elif card.form_key == "handover_answer":
            answers = self.random.choice(
                (
                    answers,
                    {"handover_answer": "asked", "missing": ["tried_before"], "question": "Wat hielp niet?"},
                    {"handover_answer": "refused", "refused_reason": "no_capacity", "missing": ["next_date"]},
                )
            )
        if "safety_concern" in answers and self.random.random() < 0.2:
            answers["safety_concern"] = self.random.choice(("doubt", "yes", "acute"))
        with self.database.writing() as session:
            method.complete_task(session, card.id, answers=answers, version=card.version, by=by, at=self.at)
        say("completed", task=card.id, by=by.person_id)


def say(what: str, **ids: Any) -> None:
    """Acknowledge; in one write, so that a kill leaves no half line."""
    os.write(1, (json.dumps({"did": what, **ids}, default=str) + "\n").encode())


def main() -> None:
    """Fork a player for every line."""
    url, actors = sys.argv[1], unpacked(sys.argv[2])
    database = Database(url, vault=VAULT, house=True)
    with database.reading() as session:  # read the diagrams once, not in every child
        bundle = diagrams.load(session, diagrams.current(session))
        for key in bundle.forms:
            forms.definition(bundle, key)
    database.dispose()
    for line in sys.stdin:
        seed, instant = line.split()
        child = os.fork()
        if child == 0:
            try:
                Player(
                    Database(url, vault=VAULT, house=True), actors, int(seed), datetime.fromisoformat(instant)
                ).play()
            except BaseException as error:
                say("failed", error=f"{type(error).__name__}: {error}"[:500])
            finally:
                os._exit(1)
        say("playing", pid=child)
        os.waitpid(child, 0)
        say("gone")


if __name__ == "__main__":
    main()
