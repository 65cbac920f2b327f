"""``kill -9`` at any moment: what was acknowledged is there, nothing is doubled, no case is stuck."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from tests import builders
from tests.workflows import path
from tests.workflows.player import PLAYED, Player, packed
from tests.workflows.test_method import assert_level
from workflows import jobs, logbook, method, packages, processes, worker
from workflows.cases import Case
from workflows.dossier import Entry
from workflows.handovers import TAKEN, Handover
from workflows.logbook import LoggedChange
from workflows.organisations import Role
from workflows.packages import ReceiptResult
from workflows.processes import Run, Task

KILLS = 30 if os.environ.get("STEUN_TEST_PROFILE") == "long" else 20
ROOT = Path(__file__).parent.parent.parent


def test_kill_at_any_moment_loses_nothing_acknowledged_and_doubles_nothing(urls, database, clock):
    seed = int(os.environ.get("STEUN_SEED", random.randrange(10**9)))
    print(f"STEUN_SEED={seed}")
    chance = random.Random(seed)
    world = path.World(database, clock)
    region = world.region
    with database.writing() as session:  # somebody to hand over to, beside who explores
        there = builders.organisation(session, "JGZ Noord (fictief)", "youth_health", "public", at=clock())
        noord = builders.actor(session, "Nina Noord", there, Role.EXPLORER, at=clock())
    for _ in range(2):
        world.explored_directly()
    for card in world.look(method.work_list, by=region.nurse).items:
        world.do(method.claim_task, card.id, by=region.nurse)
    actors = [
        noord,
        region.midwife,
        region.midwife2,
        region.nurse,
        region.nurse2,
        region.process_director,
        region.protection_officer,
        region.youth_protection_officer,
    ]
    url = urls.application.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.workflows.player", url, packed(actors)]
    acknowledged: list[dict[str, Any]] = []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as players:
        assert players.stdin is not None
        assert players.stdout is not None
        for _ in range(KILLS):
            later = clock.forward(days=PLAYED.days + 1)  # than the one before can have come: nothing is dated back
            players.stdin.write(f"{chance.randrange(10**9)} {later.isoformat()}\n")
            players.stdin.flush()
            acknowledged += until_killed(players, chance)
        players.stdin.close()

    assert len([one for one in acknowledged if one["did"] != "worked"]) > KILLS  # otherwise nothing was tested
    clock.forward(days=KILLS)
    check_acknowledged(world, acknowledged)
    check_nothing_doubled(world)
    assert check_handovers(world) > 0  # or no handover was played
    clock.now = max(clock.now, finish_every_case(world, actors, chance))  # what is sealed now is sealed last
    check_nothing_doubled(world)
    check_handovers(world)
    worker.plan_standing_jobs(database, clock())
    with database.writing() as session:
        while logbook.seal(session, at=clock()):
            pass
    with database.reading() as session:
        report = logbook.verify(session)
    assert report.ok, report.problems
    assert report.unsealed == 0


def until_killed(players: subprocess.Popen[str], chance: random.Random) -> list[dict[str, Any]]:
    """Let one player play for a moment, kill it, and return what it acknowledged."""
    assert players.stdout is not None
    started = json.loads(players.stdout.readline())
    assert started["did"] == "playing", started
    said: list[dict[str, Any]] = []
    for _ in range(chance.randrange(1, 6)):
        said.append(json.loads(players.stdout.readline()))
        assert said[-1]["did"] != "failed", said
    time.sleep(chance.uniform(0.0, 0.05))  # somewhere in what comes next
    os.kill(started["pid"], signal.SIGKILL)
    while (one := json.loads(players.stdout.readline()))["did"] != "gone":
        assert one["did"] != "failed", one
        said.append(one)
    return said


def check_acknowledged(world: path.World, acknowledged: list[dict[str, Any]]) -> None:
    """Everything that was said to be done is there."""
    events = {"claimed": "task.claimed", "released": "task.released", "completed": "task.completed"}
    with world.database.reading() as session:
        lines = Counter(
            (line.event, line.subject_id, str(line.person_id)) for line in session.scalars(select(LoggedChange))
        )
        said = Counter((events[one["did"]], one["task"], one["by"]) for one in acknowledged if one["did"] in events)
        for what, count in said.items():
            assert lines[what] >= count, what
        tasks = {str(task.id): task for task in session.scalars(select(Task))}
        entries = Counter(str(entry.task_id) for entry in session.scalars(select(Entry)))
        for one in acknowledged:
            if one["did"] == "completed":
                assert tasks[one["task"]].status == "completed"
                assert entries[one["task"]] == 1
            elif one["did"] == "started":
                assert one["task"] in tasks
                assert any(event == "signal.started" and subject == one["case"] for event, subject, _ in lines)
            elif one["did"] == "withdrawn":
                assert lines["handover.withdrawn", one["handover"], one["by"]] == 1
            elif one["did"] == "lost":
                assert any(event == "loss.reported" and subject == one["case"] for event, subject, _ in lines)


def check_nothing_doubled(world: path.World) -> None:
    """One entry and one line per completed task; every case level with its machine."""
    with world.database.reading() as session:
        entries = Counter(entry.task_id for entry in session.scalars(select(Entry)) if entry.task_id is not None)
        completed = Counter(
            line.subject_id
            for line in session.scalars(select(LoggedChange).where(LoggedChange.event == "task.completed"))
        )
        tasks = list(session.scalars(select(Task)))
        cases = list(session.scalars(select(Case)))
        runs = Counter(
            (run.subject_kind, run.subject_id) for run in session.scalars(select(Run)) if run.subject_kind == "case"
        )
    for task in tasks:
        expected = 1 if task.status == "completed" else 0
        assert entries[task.id] == expected
        assert completed[str(task.id)] == expected
    assert len({case.number for case in cases}) == len(cases)
    assert set(runs.values()) <= {1}
    for case in cases:
        assert runs["case", case.id] == 1
        assert_level(world, case.id)


def check_handovers(world: path.World) -> int:
    """Whatever was killed: what was sent is frozen once and whole, what was accepted moved the case and has its receipt, and
    nothing of it went missing. Returns how many were offered."""
    with world.database.reading() as session:
        lines = Counter((line.event, line.subject_id) for line in session.scalars(select(LoggedChange)))
        every = list(session.scalars(select(Handover)))
        for one in every:
            frozen = packages.versions(session, one.id)
            answered = one.questions - (one.status == "asked")
            if one.status in ("withdrawn", "expired"):  # with or without the question that waited
                assert len(frozen) in ({one.questions, one.questions + 1} if one.offered_at else {0})
            else:
                assert len(frozen) == (1 + answered if one.offered_at else 0)
            receipts = [found for found in (packages.receipt_of(session, each.id) for each in frozen) if found]
            assert len(receipts) == (one.status in TAKEN)
            for event, stood in (("accepted", one.status in TAKEN), ("refused", one.status == "refused")):
                assert lines[f"handover.{event}", str(one.id)] == stood
            if receipts:
                assert receipts[0].package_id == frozen[-1].id
                assert packages.check(session, frozen[-1], receipts[0]).holds
                found = {each.result for each in packages.receipt_items(session, receipts[0].id)}
                assert ReceiptResult.MISSING not in found
        opened = Counter(one.case_id for one in every if one.is_open)
        assert set(opened.values()) <= {1}
        moved = {  # by id of the case: the last line that says where it went; who accepts does so for their own team
            line.case_id: (line.details.get("to_organisation_id") or str(line.organisation_id), line.details["to_role"])
            for line in session.scalars(
                select(LoggedChange).where(LoggedChange.event == "case.holder_moved").order_by(LoggedChange.id)
            )
        }
        for case in session.scalars(select(Case).where(Case.id.in_(moved), Case.status != "closed")):
            assert (str(case.holder_organisation_id), case.holder_role) == moved[case.id]
        return sum(one.offered_at is not None for one in every)


def finish_every_case(world: path.World, actors: list[Any], chance: random.Random) -> datetime:
    """Nobody is stuck: every task that waits can be done, and then every case is closed. Returns when that was."""
    player = Player(world.database, actors, chance.randrange(10**9), world.clock())
    for _ in range(60):
        player.at += timedelta(days=4)  # past every lease
        while worker.run_once(world.database, player.at):
            pass
        moved = False
        for by in actors:
            with world.database.reading() as session:
                cards = processes_of_team(session, by, player.at)
            for card in cards:
                with world.database.writing() as session:
                    if processes.task(session, card.id).status != "open":
                        continue  # it went with another that was done: a late task and the question why it is late
                    task = method.claim_task(session, card.id, by=by, at=player.at)
                    answers = path.answers_for(str(card.form_key), player.at)
                    method.complete_task(session, task.id, answers=answers, version=task.version, by=by, at=player.at)
                moved = True
        if not moved:
            break
    with world.database.reading() as session:
        assert session.scalars(select(Case.id).where(Case.status != "closed")).all() == []
        live = session.scalars(select(Task).where(Task.status.in_(("open", "claimed")))).all()
        assert [(task.status, task.role, task.element_id, task.lease_until) for task in live] == []
        assert session.scalars(select(jobs.Job.last_error).where(jobs.Job.last_error.is_not(None))).all() == []
    return player.at


def processes_of_team(session: Any, by: Any, at: Any) -> list[Any]:
    """Open cards of the first page."""
    return [card for card in processes.work_list(session, by=by, at=at, page_size=200).items if card.status == "open"]
