"""The case as it was: what was true at a moment can be read back later, and nothing is guessed."""

from __future__ import annotations

import contextlib
import random
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests import builders
from tests.conftest import Clock
from tests.workflows import path
from tests.workflows.lives import Life
from workflows import access, cases, consent, diagrams, dossier, logbook, method, processes, vault
from workflows.access import Readable
from workflows.actor import Actor
from workflows.cases import Case
from workflows.errors import Invalid, NotAllowed, NotFound
from workflows.method.facts import case_facts
from workflows.method.past import Past
from workflows.organisations import Role
from workflows.processes import RunStatus

ANYBODY = UUID(int=0)


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


def looked(world: path.World, case_id: UUID, by: Actor, moment: datetime | None = None, why: str = "complaint") -> Any:
    return world.look(method.case_at, case_id, moment=moment, purpose=why, by=by)


def test_two_moments_and_every_reader_of_both_ask_each_part_of_the_case_once(world, clock):
    case_id = world.explored()
    before = clock()
    clock.forward(days=1)
    world.do_next(world.region.nurse, form_key="exploration")
    asked: list[tuple[str, str]] = []
    event.listen(world.database.engine, "before_cursor_execute", lambda *call: asked.append((call[2], repr(call[3]))))

    looked(world, case_id, world.region.nurse, before)

    whole = re.compile(
        r"FROM (?:\w+[.])?(\w+)\s+WHERE \1[.](?:case_id = \S+|subject_kind = \S+ AND \1[.]subject_id = \S+)(?: ORDER BY .*)?$",
        re.S,
    )
    found = Counter(match[1] for statement, _ in set(asked) for match in [whole.search(statement)] if match)
    again = [statement for (statement, given), many in Counter(asked).items() if many > 1 and whole.search(statement)]
    print(f"figure: {len(asked)} statements to look back; whole of {dict(found)}")
    assert not again, again
    assert {"tasks", "case_parties", "consents"} <= set(found)


# --- a whole life


def in_force(rows: list[consent.Consent], at: datetime) -> set[UUID]:
    latest = {
        (one.subject_id, one.recipient_organisation_id, one.recipient_kind, one.purpose, one.category): one
        for one in rows
    }
    return {one.id for one in latest.values() if one.holds(at)}


def as_it_is(session: Session, case: Case, at: datetime) -> dict[str, Any]:
    """What the rooms say now, without looking back."""
    live = processes.tasks_of(session, "case", case.id, live_only=True)
    everything = Readable(read=dict.fromkeys(access.COMPARTMENTS, access.Scope.ALL), address=True)
    somebody = Actor(ANYBODY, None, case.signaller_organisation_id, "signaller")
    parties = [(one.organisation_id, one.role) for one in cases.parties(session, case.id)]
    session.info.pop("once", None)
    seen = {}
    for team in parties:
        by = Actor(ANYBODY, None, *team)
        read = access.visible(by, case_facts(session, case, by=by, at=at)).read
        seen[team] = {name: scope for name, scope in read.items() if name not in ("C5", "C11")}
    return {
        "status": case.status,
        "municipality": case.municipality_code,
        "holder": (case.holder_organisation_id, case.holder_role, case.holder_person_id),
        "parties": set(parties),
        "tasks": {(one.id, one.organisation_id, one.role, one.status == "claimed") for one in live},
        "consents": in_force(consent.of_case(session, case.id), at),
        "entries": {
            (one.id, one.superseded)
            for one in dossier.entries(session, case_id=case.id, readable=everything, by=somebody)
        },
        "seen": seen,
        "waits": waits(session, case),
    }


def waits(session: Session, case: Case) -> set[tuple[str, str]]:
    found = set()
    for run in processes.runs_of(session, "case", case.id):
        if run.status == RunStatus.RUNNING:
            bundle = diagrams.load(session, run.bundle_digest)
            found |= {
                one
                for one in processes.live_elements(session, run)
                if bundle.processes[one[0]].nodes[one[1]].kind in ("userTask", "intermediateCatchEvent")
            }
    return found


def as_read_back(session: Session, case: Case, at: datetime, now: datetime) -> dict[str, Any]:
    past = Past(session, case, at)
    everything = Readable(read=dict.fromkeys(access.COMPARTMENTS, access.Scope.ALL), address=True)
    somebody = Actor(ANYBODY, None, case.signaller_organisation_id, "signaller")
    holder = past.holder()
    assert holder.kept
    assert holder.person_kept
    tasks = past.tasks()
    live: set[tuple[str, str]] = set()
    for run in processes.runs_of(session, "case", case.id):
        bundle = diagrams.load(session, run.bundle_digest)
        steps = processes.steps_of(session, [run.id])
        there, sure = method.moments._live(session, run, steps, tasks, at, now)
        kinds = {one: bundle.processes[one[0]].nodes[one[1]].kind for one in there}
        live |= {one for one, kind in kinds.items() if kind in ("userTask", "intermediateCatchEvent")}
        if not sure:
            live.add(("?", "?"))
    answers = past.consents()
    latest = {
        (one.subject_id, one.recipient_organisation_id, one.recipient_kind, one.purpose, one.category): one
        for one in answers
    }
    return {
        "status": past.status(),
        "municipality": past.municipality()[0],
        "holder": (*holder.team, holder.person_id),
        "parties": {(one.organisation_id, one.role) for one in past.parties()},
        "tasks": {(one.id, one.organisation_id, one.role, one.claimed) for one in tasks},
        "consents": {one.id for one in latest.values() if one.held(at)},
        "entries": {
            (one.id, one.superseded)
            for one in dossier.entries(session, case_id=case.id, readable=everything, by=somebody, until=at)
        },
        "seen": {(one.organisation_id, one.role): dict(one.read) for one in past.readers() if one.through == "party"},
        "waits": live,
    }


class Watched(Life):
    """A life of which is written down, after every move, how it is."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.seen: list[tuple[datetime, dict[str, Any]]] = []

    def holds(self) -> None:
        self.session.expire_all()
        self.seen.append((self.clock(), as_it_is(self.session, self.case, self.clock())))
        self.clock.forward(seconds=1)
        if len(self.seen) >= 45:
            raise Enough


class Enough(Exception):
    """A family was looked at long enough."""


def test_what_was_true_at_a_moment_is_read_back_later_whatever_happened_since(world):
    @settings(
        max_examples=4 if world.database.is_sqlite else 1, deadline=None, print_blob=True,
        suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.reuse, Phase.generate),
    )  # fmt: skip
    @given(seed=st.integers(0, 2**32 - 1))
    def live(seed: int) -> None:
        with world.database.engine.connect() as connection, Session(bind=connection, expire_on_commit=False) as session:
            session.info |= {vault.INFO: world.database.vault, "writes": True}
            life = Watched(session, world.region, Clock(datetime(2026, 11, 3, 8, 30, tzinfo=UTC)), seed)
            with contextlib.suppress(Enough):
                life.live()
            case, now = life.case, life.clock()
            chosen = random.Random(seed).sample(life.seen, k=min(8, len(life.seen)))
            for at, then in [life.seen[-1], *chosen]:
                session.expire_all()
                found = as_read_back(session, case, at, now)
                if ("?", "?") in found["waits"]:  # it says itself that it does not know
                    found["waits"] = then["waits"]
                assert found == then, (at, {key for key in then if found[key] != then[key]})
            session.rollback()

    live()


# --- one case


@pytest.fixture
def explored(world: path.World) -> tuple[UUID, dict[str, datetime]]:
    """A case that the nurse took over, whose signal was corrected and whose consent was taken back; and when."""
    region, moments = world.region, {}
    case_id = world.explored()
    moments["routed"] = world.clock()
    world.clock.forward(days=2)
    world.claim(region.nurse)
    moments["claimed"] = world.clock()
    world.clock.forward(days=3)
    return case_id, moments


def test_now_it_says_what_the_page_of_the_case_says(world, explored):
    case_id, _ = explored
    nurse = world.region.nurse
    view = world.look(method.case_view, case_id, by=nurse)
    found = looked(world, case_id, nurse)

    assert found.then == found.now
    assert found.then.status == view.case.status
    assert found.then.holder.team == (view.case.holder_organisation_id, view.case.holder_role)
    assert found.then.holder.person_id == view.case.holder_person_id
    assert [one.id for one in found.then.tasks] == [one.id for one in view.tasks]
    assert found.then.entries == view.entries
    assert {one.id for one in found.then.consents if one.holds} <= {one.id for one in view.consents if one.is_yes}
    assert {one.process_id: one.svg for one in found.diagrams} == {one.process_id: one.svg for one in view.diagrams}


def test_then_it_was_otherwise_and_what_changed_leads_back_and_on(world, explored):
    case_id, moments = explored
    region = world.region
    then = looked(world, case_id, region.nurse, moments["routed"])

    assert then.then.holder.team == (region.practice.id, "signaller")
    assert then.now.holder.team == (region.youth_health.id, "explorer")
    assert [(one.form_key, one.claimed) for one in then.then.tasks] == [("exploration", False)]
    assert then.after.at == moments["claimed"]
    assert method.Changed.HOLDER in then.after.kinds
    assert looked(world, case_id, region.nurse, moments["claimed"]).before.at == moments["routed"]
    assert [one.team for one in (then.then.holder,)] == [(region.practice.id, "signaller")]
    teams = {(one.organisation_id, one.role) for one in then.then.readers}
    assert (region.practice.id, "signaller") in teams
    assert (region.youth_health.id, "explorer") not in teams


def test_a_yes_that_was_taken_back_since_held_then(world, explored):
    case_id, moments = explored
    region = world.region
    with world.database.reading() as session:
        given = [one for one in consent.of_case(session, case_id) if one.is_yes and one.purpose == "exploration"]
    world.clock.forward(hours=1)
    for one in given:
        world.do(method.withdraw_consent, one.id, by=region.midwife)
    found = looked(world, case_id, region.midwife, moments["claimed"])

    rows = {one.id: one for one in found.then.consents}
    assert all(rows[one.id].holds and rows[one.id].over == "withdrawn" for one in given)
    assert not any(one.holds for one in found.now.consents if one.id in {each.id for each in given})
    sight = {(one.organisation_id, one.role): one for one in found.then.readers}
    assert "C0" in sight[region.youth_health.id, "explorer"].read
    assert "C5" not in sight[region.youth_health.id, "explorer"].read
    assert (region.youth_health.id, "explorer") not in {(one.organisation_id, one.role) for one in found.now.readers}


def test_who_looks_is_asked_why_and_the_family_can_read_it(world, explored):
    case_id, moments = explored
    nurse, midwife = world.region.nurse, world.region.midwife
    for why in ("", "curious"):
        with pytest.raises(Invalid):
            looked(world, case_id, nurse, why=why)
    for moment in (moments["routed"] - timedelta(days=9), world.clock() + timedelta(minutes=1)):
        with pytest.raises(Invalid) as refused:
            looked(world, case_id, nurse, moment)
        assert set(refused.value.errors) == {"moment"}
    with world.database.reading() as session:
        assert [one for one in logbook.reads_of(session, case_id) if one.event == "case.looked_back"] == []
    looked(world, case_id, midwife, moments["claimed"], "calamity")

    with world.database.reading() as session:
        [line] = [one for one in logbook.reads_of(session, case_id) if one.event == "case.looked_back"]
    assert (line.purpose, line.details, line.person_id) == (
        "calamity", {"moment": moments["claimed"].isoformat()}, midwife.person_id,
    )  # fmt: skip
    [parent] = world.look(method.client_log_subjects, case_id, by=nurse)
    told = world.look(method.client_log, case_id, subject_id=parent.id, by=nurse)
    said = [one.why for day in told.days for one in day.lines]
    assert any("iets ernstigs" in one and "hoe het toen was" in one for one in said), said


def test_who_looks_after_a_log_sees_who_could_see_what_and_no_content(world, explored):
    case_id, moments = explored
    region = world.region
    with world.database.writing() as session:
        people = [
            replace(builders.actor(session, name, where, role, at=world.clock()), second_factor=True)
            for name, where, role in (
                ("Leo Log", region.youth_health, Role.LOG_MANAGER),
                ("Fien Functionaris", region.practice, "dpo"),
                ("Els Elders", builders.organisation(
                    session, "Praktijk Elders (fictief)", "midwifery_practice", "medical", at=world.clock()
                ), Role.LOG_MANAGER),
            )
        ]  # fmt: skip
    for by in people[:2]:
        found = looked(world, case_id, by, moments["claimed"])
        assert (found.content, found.whole) == (False, True)
        assert (found.then.entries, found.then.tasks, found.then.consents, found.then.plan) == ((), (), (), None)
        assert found.diagrams == ()
        assert {(one.organisation_id, one.role) for one in found.then.readers} >= {
            (region.practice.id, "signaller"), (region.youth_health.id, "explorer"),
        }  # fmt: skip
        with world.database.reading() as session:
            number = session.get(Case, case_id).number
        assert world.look(method.case_by_number, number, by=by) == case_id
        with pytest.raises(NotAllowed):
            looked(world, case_id, replace(by, second_factor=False))
    for by, which in ((people[2], case_id), (people[0], uuid4()), (region.midwife2, uuid4())):
        with pytest.raises(NotFound):
            looked(world, which, by)
    with pytest.raises(NotFound):
        world.look(method.case_by_number, number, by=people[2])
    with pytest.raises(NotFound):
        looked(world, case_id, region.administrator)
