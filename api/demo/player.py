"""Plays what happened in the families, in the order in which it happened, with the verbs that the doors call.

All steps of all families lie on one line of time, and what falls due between two days is done in between, as the worker
would. So the logbook, the numbers of the cases and the terms are those of a region that worked for months.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import typst

from api.demo import answers, looks, parents, rights, scripts
from api.demo.answers import Scene
from api.demo.families import FAMILIES, Family
from api.demo.region import ORGANISATIONS, Region
from api.demo.scripts import Step
from api.demo.topics import TOPICS
from api.transactions import local_date
from workflows import attachments, cases, consent, hubs, jobs, method, processes
from workflows.actor import Actor
from workflows.organisations import Role

if TYPE_CHECKING:
    from workflows.db import Session

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_BY_KEY = {each.key: each for each in ORGANISATIONS}
#: Jobs that look after one task; when the task is done they find nothing to do.
_OF_TASKS = frozenset({"lease_expiry", processes.TASK_TERM})
#: What is told about a family → the verb that hears it.
_TOLD: Mapping[str, Callable[..., Any]] = {
    scripts.LOSS: method.report_loss,
    scripts.BIRTH: method.report_birth,
    scripts.MOVE: method.report_move,
}
#: When work begins in the morning, and how far apart steps of one day lie.
_MORNING = time(8, 40)
_APART = timedelta(minutes=11)
#: Since when people looked at a case before they wrote something down; longer would only take longer to fill.
_LOOKED = timedelta(days=21)


class NotAsWritten(RuntimeError):
    """A script expects a task that is not there; a fault of the script."""


@dataclass(frozen=True, slots=True)
class _Moment:
    at: datetime
    place: int
    step: Step
    began: datetime


def play(session: Session, region: Region, *, at: datetime) -> None:
    """Let everything happen up to *at* (UTC)."""
    player = _Player(session, region, at)
    for _, day in groupby(_line_of_time(at), key=lambda moment: local_date(moment.at)):
        moments = list(day)
        player.until(moments[0].at)
        for moment in moments:
            player.take(moment)
    player.until(at)
    case_id = player.cases[parents.FAMILY]
    looks.open_case(session, case_id, by=player.holder(case_id), at=at - timedelta(hours=20))  # what parents find there
    parents.let_in(session, case_id, by=player.holder(case_id), at=at - timedelta(minutes=5))
    looks.stand_out(session, region, at=at)


def _line_of_time(now: datetime) -> list[_Moment]:
    """Every step with its instant; steps of one family stay in their order."""
    moments: list[_Moment] = []
    for place, family in enumerate(FAMILIES):
        began: datetime | None = None
        for order, step in enumerate(family.script):
            day = answers.weekday(local_date(now) - timedelta(days=step.days_ago))
            start = datetime.combine(day, _MORNING, _AMSTERDAM) + _APART * (place % 7 * 2 + order)
            instant = min(start.astimezone(UTC), now - timedelta(minutes=1))
            began = began or instant
            moments.append(_Moment(instant, place, step, began))
    return sorted(moments, key=lambda moment: (moment.at, moment.place))


class _Player:
    def __init__(self, session: Session, region: Region, now: datetime) -> None:
        self.session = session
        self.region = region
        self.now = now
        self.cases: dict[int, UUID] = {}
        self.seen: dict[str, processes.Task] = {}

    def until(self, at: datetime) -> None:
        """Do what falls due before *at*, each at its own moment."""
        while due := jobs.due_ids(self.session, at=at):
            for job in [self.session.get_one(jobs.Job, job_id) for job_id in due]:
                of = self.seen.get(job.subject_id) if job.kind in _OF_TASKS else None
                if of is None or processes.is_live(of):
                    method.perform(self.session, job.id, at=job.due_at)
                elif job.status == jobs.JobStatus.PENDING:
                    job.done(job.due_at)  # what performing it would come to, much faster
            self.session.flush()

    def take(self, moment: _Moment) -> None:
        step, family = moment.step, FAMILIES[moment.place]
        if step.does in (scripts.SIGNAL, scripts.TAKE_OVER):
            task = self._start(moment, under_way=step.does == scripts.TAKE_OVER)
            self._complete(moment, task, self._signaller(family))
        elif step.does == scripts.DRAFT:
            self._draft(moment)
        elif step.does == scripts.CLAIM:
            self._claim(self._task(moment, str(step.of)), moment, first=True)
        elif step.does == scripts.WITHDRAW:
            self._withdraw(moment, str(step.of))
        elif step.does == scripts.COMMENT:
            case_id, by = self.cases[moment.place], self._holder(moment)
            method.add_comment(self.session, case_id, str(step.of), by=by, at=moment.at)
        elif step.does == scripts.ATTACH:
            page = typst.compile(f"= {step.of}\n\nEen verzonnen bijlage, om te zien hoe dat gaat.".encode())
            attached = attachments.prepare(f"{step.of}.pdf", page)
            method.add_attachment(
                self.session,
                self.cases[moment.place],
                attached,
                description="Wat is afgesproken",
                by=self._holder(moment),
                at=moment.at,
            )
        elif step.does == scripts.REQUEST:
            rights.request(self.session, self.cases[moment.place], step.answers, by=self._holder(moment), at=moment.at)
        elif step.does == scripts.CORRECT:
            rights.correct(self.session, self.cases[moment.place], step.answers, self.region, at=moment.at)
        elif step.does in rights.BY_LOGIN:
            by = self.region.who(str(step.of))
            rights.BY_LOGIN[step.does](self.session, self.cases[moment.place], by=by, at=moment.at)
        elif step.does == scripts.DELAY:
            for task in self._live(moment, "escalation"):
                self._complete(moment, task, self._claim(task, moment))
        elif step.does in _TOLD:
            by = self._holder(moment)
            given = self._answers(step.does, moment)
            _TOLD[step.does](self.session, self.cases[moment.place], answers=given, by=by, at=moment.at)
        else:
            task = self._task(moment, step.does)
            self._complete(moment, task, self._claim(task, moment))

    # --- beginning

    def _start(self, moment: _Moment, *, under_way: bool = False) -> processes.Task:
        family = FAMILIES[moment.place]
        task = method.start_signal(
            self.session,
            municipality=family.place,
            under_way=under_way,
            by=self._signaller(family),
            at=moment.at,
        )
        self.cases[moment.place] = task.subject_id
        return task

    def _draft(self, moment: _Moment) -> None:
        task = self._start(moment)
        given = self._answers("signal", moment)
        kept = {name: given[name] for name in ("support_request_own_words", "phase", "due_date", "parent_name")}
        method.save_draft(
            self.session,
            task.id,
            answers=kept,
            version=task.version,
            by=self._signaller(FAMILIES[moment.place]),
            at=moment.at,
        )

    def _signaller(self, family: Family) -> Actor:
        return self.region.who(family.signaller)

    # --- going on

    def _task(self, moment: _Moment, form_key: str) -> processes.Task:
        for task in self._live(moment, form_key):
            return task
        waiting = ", ".join(str(task.form_key) for task in self._live(moment))
        raise NotAsWritten(f"family {moment.place}, {moment.step.days_ago} days ago: no {form_key}, but {waiting}")

    def _live(self, moment: _Moment, form_key: str | None = None) -> list[processes.Task]:
        live = processes.tasks_of(self.session, "case", self.cases[moment.place], live_only=True)
        return [task for task in live if form_key in (None, task.form_key)]

    def _claim(self, task: processes.Task, moment: _Moment, *, first: bool = False) -> Actor:
        """Somebody of the team takes it: the *first*, or else they take turns."""
        team = self.region.team(task.organisation_id, task.role, task.municipality_code)
        if task.status == processes.TaskStatus.CLAIMED:
            return next(actor for actor in team if actor.person_id == task.claimed_by)
        if not team:
            raise NotAsWritten(f"family {moment.place}: nobody is {task.role} in {task.municipality_code}")
        by = team[0 if first else moment.place % len(team)]
        method.claim_task(self.session, task.id, by=by, at=moment.at)
        return by

    def _complete(self, moment: _Moment, task: processes.Task, by: Actor) -> None:
        assert task.form_key is not None
        self.seen[str(task.id)] = task
        if self.now - moment.at < _LOOKED:
            looks.open_case(self.session, self.cases[moment.place], by=by, at=moment.at)
        method.complete_task(
            self.session,
            task.id,
            answers=self._answers(task.form_key, moment),
            version=task.version,
            by=by,
            at=moment.at,
        )

    def _withdraw(self, moment: _Moment, purpose: str) -> None:
        """The family takes back all that it allowed for a purpose, with whoever it spoke to first."""
        by = self._signaller(FAMILIES[moment.place])
        for one in consent.of_case(self.session, self.cases[moment.place]):
            if one.is_yes and one.purpose == purpose:
                method.withdraw_consent(self.session, one.id, by=by, at=moment.at)

    def _holder(self, moment: _Moment) -> Actor:
        return self.holder(self.cases[moment.place])

    def holder(self, case_id: UUID) -> Actor:
        """Somebody of the team that holds the case; a family tells them what happened."""
        case = cases.lock(self.session, case_id)
        assert case.holder_organisation_id is not None
        team = self.region.team(case.holder_organisation_id, str(case.holder_role), case.municipality_code)
        return next((actor for actor in team if actor.person_id == case.holder_person_id), team[0])

    # --- what is filled in

    def _answers(self, form_key: str, moment: _Moment) -> dict[str, Any]:
        changes = dict(moment.step.answers)
        if changes.get("meeting") == scripts.SOON:
            place = FAMILIES[moment.place].place
            changes["meeting"] = str(hubs.upcoming(self.session, place, at=moment.at)[-1].id)
        if "receiver" in changes:
            changes["receiver"] = f"{self.region.organisations[changes['receiver']]}:{Role.CASE_DIRECTOR}"
        return answers.answers(form_key, self._scene(moment), changes)

    def _scene(self, moment: _Moment) -> Scene:
        family = FAMILIES[moment.place]
        helper = _BY_KEY[TOPICS[family.topic].helper]
        if family.place not in helper.areas:
            helper = _BY_KEY["coaches"]
        director = next(each for each in ORGANISATIONS if family.place in each.areas and each.key.startswith("toegang"))
        ids: Mapping[str, UUID] = self.region.organisations
        return Scene(
            place=moment.place,
            family=family,
            began=moment.began,
            at=moment.at,
            helper=ids[helper.key],
            helper_kind=str(helper.type),
            director=ids[director.key],
            now=self.now,
        )
