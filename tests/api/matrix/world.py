"""A region in which everything has happened once, with a marker in every text that somebody can type, and who works there."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local_date
from tests import builders
from tests.api.conftest import CHEAP, PASSWORD
from tests.workflows import path
from tests.workflows.support import evaluation_answers, plan_answers, row, row_of, support
from workflows import (
    accounts,
    attachments,
    desk,
    diagrams,
    directory,
    families,
    forms,
    hubs,
    jobs,
    method,
    organisations,
    packages,
    processes,
    topics,
    webhooks,
)
from workflows.accounts import AccessToken, Factor, SignIn
from workflows.actor import OPERATOR, Actor
from workflows.alarms import Alarm, AlarmKind
from workflows.cases import Case
from workflows.db import Database
from workflows.dossier import Entry, EntryValue
from workflows.errors import Invalid
from workflows.notifications import Notification
from workflows.organisations import Role
from workflows.processes import Task
from workflows.rights import LegalHold

#: Numbers from the range that is given to nobody: the one that is kept, and another.
BSN, OTHER_BSN = "999990019", "999990299"
MARKER = re.compile(r"kanarie\d{4}", re.I)
WEERT_DIRECTOR = "Wies Procesregisseur"


@dataclass
class Known:
    """Ids by the name that addresses use, people by the name that the table uses, and what each marker is."""

    ids: dict[str, str] = field(default_factory=dict)
    people: dict[str, Actor] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=dict)
    cases: dict[str, UUID] = field(default_factory=dict)


class World(path.World):
    """The region of the template, played on; every text that is typed is a marker."""

    def __init__(self, database: Database, clock: Callable[[], datetime], region: Any) -> None:
        self.database, self.clock, self.region = database, clock, region
        self.count = 0
        self.known = Known()
        with database.reading() as session:
            self.digest = diagrams.current(session)

    def marker(self) -> str:
        """A word that is nowhere else."""
        self.count += 1
        return f"Kanarie{self.count:04d}"

    def complete(self, task: Any, by: Actor, answers: dict[str, Any] | None = None, **more: Any) -> Any:
        given = path.answers_for(task.form_key, self.clock()) if answers is None else answers
        with self.database.reading() as session:
            form = method.task_form(session, task.id, form_digest=None, by=by, at=self.clock())
            found = processes.task(session, task.id)
            case = session.get(Case, found.subject_id)
            choices = method.choices_for(session, form, case, by=by, at=self.clock())
        return super().complete(task, by, self.marked(form, given, choices), **more)

    def marked(self, form: forms.Form, answers: Mapping[str, Any], choices: Any = None) -> dict[str, Any]:
        """The same answers with a marker in every text field that applies and takes one."""
        new = copy.deepcopy(dict(answers))
        for name, asked in form.fields.items():
            if asked.type not in ("textfield", "textarea") or asked.readonly or name == "goal_ratings[].goal":
                continue
            *above, last = name.split(".")
            places = [new]
            for part in above:
                key = part.removesuffix("[]")
                places = [
                    one
                    for place in places
                    for one in (place.get(key, []) if part.endswith("[]") else [place.setdefault(key, {})])
                ]
            for place in places:
                place[last] = self.marker()
        for _ in range(9):
            try:
                forms.clean(form, new, on=local_date(self.clock()), choices=choices)
            except Invalid as wrong:
                for name in wrong.errors:
                    _forget(new, answers, name)
            else:
                break
        for name in forms.hidden(form, new, choices=choices):
            _forget(new, {}, name)
        return new


def _forget(new: dict[str, Any], old: Mapping[str, Any], name: str) -> None:
    """Back to what was answered for one field, by the name that an error gives it."""
    here: Any = new
    there: Any = old
    parts = re.findall(r"[a-z_0-9]+", name)
    for part in parts[:-1]:
        key = int(part) if part.isdigit() else part
        try:
            here = here[key]
            there = there[key] if there else {}
        except (KeyError, IndexError, TypeError):
            return
    last = parts[-1]
    if isinstance(here, dict):
        value = there.get(last) if isinstance(there, Mapping) else None
        if value is None:
            here.pop(last, None)
        else:
            here[last] = value


def fill(database: Database, clock: Any, region: Any) -> Known:
    """Play it all; returns what is known of it."""
    world = World(database, clock, region)
    known, at = world.known, clock()
    people = known.people
    with database.writing() as session:
        helpers = support(session, at)

        def organisation(name: str, type: str, domain: str, areas: list[str] | None = None) -> Any:
            return builders.organisation(session, f"{name} (fictief)", type, domain, areas, at=at)

        def person(name: str, where: Any, role: Role, **more: Any) -> Actor:
            return builders.actor(session, name, where, role, at=at, **more)

        team = organisation("Toegangsteam Venlo", "municipal_access_team", "social")
        roermond = organisation("JGZ team Roermond", "youth_health", "public", [builders.ROERMOND])
        weert = organisation("Gemeente Weert Zuid", "municipality", "public", [builders.WEERT])
        volunteers = organisation("Buurtmaatjes", "informal", "informal")
        people.update(
            signaller=region.midwife,
            signaller_colleague=region.midwife2,
            signaller_blocked=person("Bo Verloskundige", region.practice, Role.SIGNALLER),
            signaller_elsewhere=region.other_midwife,
            signaller_emergency=person("Els Verloskundige", region.other_practice, Role.SIGNALLER),
            explorer_holder=region.nurse,
            explorer_colleague=region.nurse2,
            explorer_elsewhere=person("Roos Verpleegkundige", roermond, Role.EXPLORER),
            case_director_offered=person("Carla Casusregisseur", team, Role.CASE_DIRECTOR),
            process_director=region.process_director,
            process_director_elsewhere=person(WEERT_DIRECTOR, weert, Role.PROCESS_DIRECTOR),
            supporter=helpers.supporter,
            supporter_colleague=helpers.supporter2,
            supporter_former=helpers.coach,
            informal_supporter=person("Vico Vrijwilliger", volunteers, Role.INFORMAL_SUPPORTER),
            protection_officer=region.protection_officer,
            protection_officer_elsewhere=region.other_protection_officer,
            intake_desk=person("Ina Intake", region.youth_health, Role.INTAKE_DESK),
            coordinator=region.coordinator,
            directory_editor=region.directory_editor,
            directory_editor_elsewhere=region.weert_editor,
            steering_board=person("Ria Regieraad", region.programme, Role.STEERING_BOARD),
            administrator=region.administrator,
            local_administrator=person("Lia Beheer", helpers.welfare, Role.LOCAL_ADMINISTRATOR),
            local_administrator_elsewhere=person("Lou Beheer", region.youth_health, Role.LOCAL_ADMINISTRATOR),
            log_manager=region.log_manager,
            log_manager_elsewhere=person("Lies Logbeheerder", roermond, Role.LOG_MANAGER),
            dpo=person("Fiep Gegevens", region.programme, Role.DPO),
        )
        known.ids["certificate_id"] = str(
            organisations.add_certificate(
                session, person_id=helpers.supporter.person_id, intervention="VZ", valid_from=local_date(at),
                by=OPERATOR, at=at,
            ).id
        )  # fmt: skip
    own = _supported(world, helpers)
    known.cases["own"] = own
    known.cases["closed"] = _closed(world)
    known.cases["left"] = _left(world)
    known.cases["draft"] = _draft(world)
    _around(world, own, helpers)
    _sign_in(world)
    return known


def _supported(world: World, helpers: Any) -> UUID:
    """A family with a plan, a refused action, an offer that waits, and a concern about safety at the practice."""
    region, clock = world.region, world.clock
    nurse = region.nurse
    task = world.start()
    case_id: UUID = task.subject_id
    world.complete(task, region.midwife, builders.signal_answers(clock(), safety_concern="yes", partner_involved="yes"))
    world.do_next(region.midwife, form_key="consent")
    world.do_next(region.midwife, form_key="routing")
    network = [{"name_or_initial": "Riet", "relation": "Oma", "can_help_with": "Oppassen", "may_contact": True}]
    explored = path.exploration_answers(clock(), conclusion="intervention", network_map=network, safety_concern="yes")
    world.do_next(nurse, explored, "exploration")
    world.do_next(
        region.protection_officer,
        path.safety_answers(clock(), next_step="talk_with_parent", follow_up_date=local_date(clock()).isoformat()),
        "safety_response",
    )
    world.do_next(nurse, form_key="feedback")
    kinds = ("welfare", "family_coach", "municipal_access_team", "informal")
    world.do_next(nurse, path.support_consent_answers(*kinds), "support_consent")
    rows = (row_of(helpers.welfare), row_of(helpers.coaches, "Opvoedsteun"), row("Samen wandelen"))
    world.do_next(nurse, plan_answers(clock(), *rows), "support_plan")
    today = local_date(clock()).isoformat()
    world.do_next(helpers.supporter, {"action_accepted": "yes", "starts_on": today}, "action_acceptance")
    world.do_next(helpers.coach, {"action_accepted": "no", "refused_reason": "no_capacity"}, "action_acceptance")
    return case_id


def _closed(world: World) -> UUID:
    region = world.region
    case_id = _explored(world)
    task = _take(world, region.nurse, case_id, "exploration")
    world.complete(task, region.nurse)
    for form_key in ("feedback", "closure"):
        world.complete(_take(world, region.nurse, case_id, form_key), region.nurse)
    return case_id


def _left(world: World) -> UUID:
    """The nurse explored it and the family took its consent back."""
    region = world.region
    case_id = _explored(world)
    _take(world, region.nurse, case_id, "exploration")
    view = world.look(method.case_view, case_id, by=region.midwife)
    for one in view.consents:
        if one.is_yes:
            world.do(method.withdraw_consent, one.id, by=region.midwife)
    return case_id


def _draft(world: World) -> UUID:
    task = world.start(world.region.other_midwife)
    case_id: UUID = task.subject_id
    return case_id


def _explored(world: World) -> UUID:
    midwife = world.region.midwife
    task = world.start()
    case_id: UUID = task.subject_id
    born = f"19{90 + world.count % 9}-03-0{1 + world.count % 8}"
    world.complete(task, midwife, builders.signal_answers(world.clock(), birth_date=born))
    for form_key in ("consent", "routing"):
        world.complete(_take(world, midwife, case_id, form_key), midwife)
    return case_id


def _take(world: World, by: Actor, case_id: UUID, form_key: str) -> Task:
    with world.database.reading() as session:
        [found] = [
            one
            for one in processes.tasks_of(session, "case", case_id, live_only=True)
            if one.form_key == form_key and processes.is_candidate(one, by)
        ]
    task: Task = world.do(method.claim_task, found.id, by=by)
    return task


def _around(world: World, own: UUID, helpers: Any) -> None:
    """What is beside the tasks: a partner, comments, a meeting, drafts, an emergency, an offer."""
    region, clock, ids = world.region, world.clock, world.known.ids
    nurse, at = region.nurse, clock()
    with world.database.reading() as session:
        form = method.family_form(session, own, "member", by=nurse, at=at).form
    partner = {
        "member_kind": "partner", "name": world.marker(), "preferred_language": "nl", "interpreter_needed": False,
        "reading_support": False, "safe_contact": "call", "safe_contact_detail": world.marker(),
    }  # fmt: skip
    assert form is not None
    ids["partner_id"] = str(world.do(method.record_member, own, answers=partner, by=nurse).id)
    child = {**partner, "member_kind": "child", "name": world.marker(), "birth_date": "2024-05-01"}
    child.pop("safe_contact_detail")
    child |= {"safe_contact": "via_signaller"}
    ids["child_id"] = str(world.do(method.record_member, own, answers=child, by=nurse).id)
    for by in (region.midwife, nurse, helpers.supporter):
        world.do(method.add_comment, own, world.marker(), by=by)
    attached = attachments.prepare("brief.pdf", b"%PDF-1.7\n%%EOF\n")
    ids["attachment_id"] = str(world.do(method.add_attachment, own, attached, description=world.marker(), by=nurse).id)
    # The holder is asked to look back, and offers the case; somebody else's task waits beside it, with a draft in it.
    again = _take(world, region.nurse2, own, "support_plan")
    for giver, taker in ((region.nurse2, nurse), (nurse, region.nurse2)):
        passed = world.do(method.assign_task, again.id, to=taker.person_id, note=world.marker(), by=giver)
        again = passed.task
    world.do(
        method.save_draft, again.id, answers={"own_strength": world.marker()}, version=again.version, by=region.nurse2
    )
    ids["task_id"] = str(again.id)
    world.do(method.request_evaluation, own, by=nurse)
    look_back = _take(world, nurse, own, "evaluation")
    answers = evaluation_answers(clock(), evaluation_decision="hand_over")
    world.complete(look_back, nurse, answers)
    offer = path.handover_answers(f"{world.known.people['case_director_offered'].organisation_id}:case_director")
    world.complete(_take(world, nurse, own, "handover"), nurse, offer)
    world.complete(_take(world, nurse, own, "handover_offer"), nurse)
    with world.database.reading() as session:
        ids["proof_id"] = str(packages.of_case(session, own)[-1].id)
    with world.database.writing() as session:
        case = session.get_one(Case, own)
        meeting = hubs.plan(
            session, municipality=builders.VENLO, starts_at=at + timedelta(days=7), place="Wijkhuis",
            by=region.process_director, at=at,
        )  # fmt: skip
        item = hubs.add_item(session, meeting.id, case, parents_invited=True, by=region.process_director, at=at)
        hubs.invite_all(session, item, by=region.process_director, at=at)
        ids |= {"meeting_id": str(meeting.id), "item_id": str(item.id)}
        ids["member_id"] = str(builders.parent(session, case).id)
        paper = method.invite_parent(
            session, own, builders.parent(session, case).id, identity_check="known", delivery="in_person", by=nurse, at=at,
            cost=builders.CHEAP,
        )  # fmt: skip
        ids |= {"link_id": str(paper.link.id), "paper_login": paper.login, "paper_code": paper.code}
        yes = [one for one in method.case_view(session, own, by=nurse, at=at).consents if one.is_yes]
        ids |= {"consent_id": str(yes[0].id), "subject_id": str(yes[0].subject_id)}
        ids["case_number"] = case.number
    bsn = world.do(method.record_bsn, own, UUID(ids["member_id"]), BSN, by=region.midwife)
    ids["bsn_version"] = str(bsn.version)
    card = world.do(
        method.open_emergency, case_number=ids["case_number"], reason="life_at_risk",
        explanation=f"{world.marker()} en nog wat woorden.", ground="vital_interest",
        by=world.known.people["signaller_emergency"],
    )  # fmt: skip
    ids["emergency_id"] = str(card.id)
    blocked = world.known.people["signaller_blocked"].person_id
    ids["block_id"] = str(world.do(method.block_person, own, person_id=blocked, reason="neighbour", by=nurse).id)
    outside = {
        "kind": "regular_care", "party_kind": "municipal_access_team", "party_name": "Huisarts (fictief)",
        "telephone": "077-5550123", "shown_to_parent": True,
    }  # fmt: skip
    ids["outside_id"] = str(world.do(method.hand_over_outside, own, **outside, way="link", by=nurse).id)
    ids["outside_paper_id"] = str(world.do(method.hand_over_outside, own, **outside, way="paper", by=nurse).id)
    ids["token"] = "x" * 43
    ids["secret"] = "y" * 43
    director = world.known.people["case_director_offered"]
    ids["ground_recipient"] = f"{director.organisation_id}:case_director"
    for name, ground, recipient, categories in (
        ("ground_id", "task_youth_act", ids["ground_recipient"], []),
        ("ground_silent", "right_to_report", "safe_home", ["C1"]),
    ):
        invoked = world.do(
            method.invoke_ground, own, ground=ground, recipient=recipient, categories=categories,
            reason=f"{world.marker()} en nog wat woorden.", by=nurse,
        )  # fmt: skip
        ids[name] = str(invoked.id)
    asked = {
        "request_kind": "access_copy", "received_on": local_date(at).isoformat(), "request_subject": ids["member_id"],
        "requested_by": "self", "identity_check": "id_document",
    }  # fmt: skip
    request = world.do(method.record_request, own, answers=asked, by=nurse)
    world.do(method.claim_task, request.task_id, by=nurse)
    world.do(method.set_hold, own, "complaint", by=nurse)
    with world.database.reading() as session:
        ids["request_id"] = str(request.id)
        ids["hold_id"] = str(session.scalars(select(LegalHold.id)).one())
        explored = select(Entry.id).where(Entry.case_id == own, Entry.form_key == "exploration")
        ids["entry_id"] = str(session.scalars(explored).one())
    mine = _take(world, nurse, own, "emergency_notice")
    ids |= {"task_mine": str(mine.id), "task_mine_version": str(mine.version)}
    with world.database.writing() as session:
        offer_ = directory.put_offer(
            session, municipality=builders.VENLO, intervention="PHB", valid_from=local_date(at), by=OPERATOR, at=at
        )
        members = families.members(session, session.get_one(Case, own).family_id)  # type: ignore[arg-type]
        ids |= {"offer_id": str(offer_.id), "member_version": str(members[0].version)}
        alarm = Alarm(
            key="matrix", organisation_id=region.practice.id, kind=AlarmKind.IN_EMERGENCY, case_id=own,
            person_id=region.midwife2.person_id, day=local_date(at), count=3, began_at=at, until_at=at, raised_at=at,
            status="raised",
        )  # fmt: skip
        session.add(alarm)
        session.flush()
        ids["alarm_id"] = str(alarm.id)
        for kind in ("consent_ends", "match_cases"):
            job = jobs.enqueue(session, kind, due_at=at, subject_kind="matrix", subject_id="all")
            for _ in range(jobs.ATTEMPTS):
                job.fail(at, "KeyError")
        session.flush()
        office = builders.actor(session, "Bo Beheerder", region.programme, "administrator", at=at)
        asked_for, other = desk.troubles(session, by=office, at=at)[:2]
        ids["trouble_id"] = str(other.id)
        ids["repair_id"] = str(desk.ask(session, asked_for.id, "retry", "advised", by=office, at=at).id)
        told = select(Notification.id).where(
            Notification.organisation_id == region.nurse.organisation_id,
            Notification.role == "explorer",
            Notification.alone.is_(False),
            Notification.by_person_id == region.midwife.person_id,
        )
        ids["notification_id"] = str(session.scalars(told.order_by(Notification.at, Notification.id)).first())
    ids |= {
        "municipality_code": builders.VENLO, "code": builders.VENLO, "theme": "money", "name": "term.explore",
        "key": "signal", "digest": world.digest, "process_id": "hoofdproces", "event": "geboorte", "problem": "not-found", "group": "tasks", "shape": "TaskOut", "form": "csv",
        "step": "1",
        "organisation_id": str(helpers.coaches.id), "welfare_id": str(helpers.welfare.id), "person_id": str(helpers.supporter2.person_id),
        "assignment_id": str(helpers.supporter2.assignment_id),
    }  # fmt: skip
    with world.database.writing() as session:
        review = organisations.begin_review(session, helpers.welfare.id, by=OPERATOR, at=at)
        [item] = [one for one in review.items if one.person_id == helpers.supporter2.person_id]
        ids |= {
            "review_id": str(review.id), "review_item": str(item.id), "review_version": str(review.version),
            "welfare_version": str(session.get_one(type(helpers.welfare), helpers.welfare.id).version),
            "role_version": "1", "person_version": "1",
        }  # fmt: skip
    colleague, until = helpers.supporter2, local_date(at) + timedelta(days=9)
    kept = world.do(processes.save_list, "Venlo", {"municipality": builders.VENLO}, by=colleague)
    gone = world.do(method.report_absence, from_on=until, until_on=until, by=colleague)
    ids |= {"list_id": str(kept.id), "list_version": str(kept.version), "absence_id": str(gone.id)}
    listens = {"label": "Dossier", "url": "https://dossier.example/steun", "events": ["task.opened"]}
    for name in ("webhook_paused", "webhook_id"):
        made, _ = world.do(webhooks.create, **listens, by=region.administrator)
        ids[name], ids["webhook_version"] = str(made.id), str(made.version)
    world.do(webhooks.pause, UUID(ids["webhook_paused"]), by=region.administrator)
    ids["delivery_id"] = str(world.do(webhooks.try_out, made.id, by=region.administrator))
    does, _ = world.do(topics.add_worker, topic="letters", label="Brieven", by=region.administrator)
    ids["worker_id"] = str(does.id)
    with world.database.reading() as session:
        for found in session.scalars(select(Task).where(Task.status == "open").order_by(Task.opened_at, Task.id)):
            ids.setdefault(f"task_{found.form_key}", str(found.id))


def _sign_in(world: World) -> None:
    """Everybody logs in: a program with a token, a browser with a cookie."""
    known, at = world.known, world.clock()
    with world.database.writing() as session:
        for name, actor in known.people.items():
            person_id, assignment_id = builders.ids(actor)
            strong = actor.role in accounts.SECOND_FACTOR_ROLES or actor.role == "coordinator"  # who publishes
            known.logins[name] = f"{name}.login"
            account = accounts.create_account(
                session,
                person_id=person_id,
                login=known.logins[name],
                password=PASSWORD,
                by=OPERATOR,
                at=at,
                cost=CHEAP,
            )
            known.cookies[name] = accounts.sign_in(
                session, account, assignment_id=assignment_id, factor=Factor.TOTP if strong else None, at=at
            )
            known.tokens[name] = accounts.make_token(
                session, assignment_id=assignment_id, label="matrix", expires_at=at + timedelta(days=1),
                second_factor=strong, by=OPERATOR, at=at,
            ).secret  # fmt: skip
            if name == "supporter_colleague":
                known.ids["account_id"] = str(account.id)
        known.ids["session_id"] = str(
            session.scalars(select(SignIn.id).where(SignIn.account_id == UUID(known.ids["account_id"]))).one()
        )
        known.ids["token_id"] = str(
            session.scalars(
                select(AccessToken.id).where(AccessToken.assignment_id == UUID(known.ids["assignment_id"]))
            ).one()
        )


def answers_with_markers(session: Session) -> dict[str, tuple[Entry, EntryValue]]:
    """Every answer that holds a marker."""
    found = {}
    for value, entry in session.execute(select(EntryValue, Entry).join(Entry, Entry.id == EntryValue.entry_id)):
        for marker in MARKER.findall(str(value.value)):
            found[marker.lower()] = (entry, value)
    return found


__all__ = ["MARKER", "Known", "World", "answers_with_markers", "fill"]
