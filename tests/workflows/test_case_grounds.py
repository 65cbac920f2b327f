"""Another ground than consent, for one case: who has the data weighs it, it opens what the matrix allows, and it ends."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from engine.clock import local_date
from tests.builders import accept, actor, agree, case, entry, organisation, region
from workflows import access, cases, consent, logbook, method, worker
from workflows.access import GROUNDS, Ground
from workflows.consent import CaseGround
from workflows.errors import Invalid, NotAllowed, NotFound, WrongState
from workflows.method.stopping import stop_sharing

WHY = "Ze wilde vannacht niet meer leven, en is niet bereikbaar."


@pytest.fixture
def here(session, clock):
    return region(session, clock())


@pytest.fixture
def shared(session, clock, here):
    """A case of the midwife that the nurse explores, with what the parent told."""
    found = case(session, here.midwife, clock())
    entry(session, found, here.midwife, clock())
    agree(session, found, here.midwife, clock(), categories=["C0", "C1"])
    cases.share(session, found, by=here.midwife, at=clock())
    accept(session, found, here.nurse, clock())
    return found


@pytest.fixture
def carla(session, clock):
    there = organisation(session, "Wijkteam (fictief)", "municipal_access_team", "social", at=clock())
    return actor(session, "Carla Casusregisseur", there, "case_director", at=clock())


def invoke(session, of, by, at, to="", **changes):
    asked = {"ground": "vital_interest", "recipient": to, "categories": ["C0", "C1"], "reason": WHY, **changes}
    return method.invoke_ground(session, of.id, by=by, at=at, **asked)


def reads(session, of, by, at):
    """What *by* reads of others now, and on which ground; None: the case is not there."""
    try:
        facts = method.facts.case_facts(session, of, by=by, at=at)
        access.require(by, "view_case", facts, at=at)
    except NotFound:
        return None
    return dict(access.visible(by, facts).grounds)


def team(by):
    return f"{by.organisation_id}:{by.role}"


def test_a_ground_opens_a_case_for_who_had_no_part_in_it_until_it_ends(session, clock, here, shared, carla):
    assert reads(session, shared, carla, clock()) is None

    view = invoke(session, shared, here.midwife, clock(), team(carla))

    assert reads(session, shared, carla, clock()) == {"C0": "vital_interest", "C1": "vital_interest"}
    found = access.visible(carla, method.facts.case_facts(session, shared, by=carla, at=clock()))
    assert set(found.write) == {"C5"}  # it gives nobody a say, and opens no safety of others
    [act] = [one for one in consent.disclosures(session, shared.id) if one.role == "case_director"]
    assert (act.ground, act.cause, act.categories, act.cause_id) == ("vital_interest", "ground", ["C0", "C1"], view.id)
    assert (act.purpose, act.consent_ids, act.ended_at) == ("support_action", [], None)
    lines = [one for one in logbook.lines(session, case_id=shared.id) if one.ground == "vital_interest"]
    assert [one.event for one in lines] == ["ground.invoked", "data.shared"]
    assert WHY not in str([vars(one) for one in logbook.lines(session, case_id=shared.id)])
    assert WHY.encode() not in session.execute(text("SELECT sealed_reason FROM case_grounds")).scalar_one()
    with pytest.raises(WrongState):
        invoke(session, shared, here.midwife, clock(), team(carla))

    method.end_ground(session, view.id, by=here.midwife, at=clock())
    assert reads(session, shared, carla, clock()) is None
    assert all(one.ended_at for one in consent.disclosures(session, shared.id) if one.role == "case_director")
    with pytest.raises(WrongState):
        method.end_ground(session, view.id, by=here.midwife, at=clock())


def test_it_opens_one_kind_of_data_more_to_who_reads_on_consent_and_outlives_the_yes(session, clock, here, shared):
    before = reads(session, shared, here.nurse, clock())
    assert "C2" not in before

    invoke(session, shared, here.midwife, clock(), team(here.nurse), categories=["C2"])
    assert reads(session, shared, here.nurse, clock()) == before | {"C2": "vital_interest"}
    clock.forward(minutes=1)
    consent.withdraw_all(session, consent.of_case(session, shared.id), by=here.midwife, at=clock())
    stop_sharing(session, shared, by=here.midwife, at=clock())
    assert reads(session, shared, here.nurse, clock()) == {"C2": "vital_interest"}
    agree(session, shared, here.midwife, clock(), categories=["C0"])
    cases.follow_consent(session, shared, by=here.midwife, at=clock())
    standing = [one for one in consent.disclosures(session, shared.id) if one.ended_at is None]
    assert sorted((one.ground, *one.categories) for one in standing) == [
        ("task_wpg_jgz", "C0"), ("vital_interest", "C2"),
    ]  # fmt: skip


def test_when_its_time_is_over_it_opens_nothing_whatever_the_worker_does(database, clock):
    with database.writing() as session:
        here = region(session, clock())
        found = case(session, here.midwife, clock())
        entry(session, found, here.midwife, clock())
        there = organisation(session, "Wijkteam (fictief)", "municipal_access_team", "social", at=clock())
        carla = actor(session, "Carla Casusregisseur", there, "case_director", at=clock())
        until = local_date(clock()) + timedelta(days=2)
        invoke(session, found, here.midwife, clock(), team(carla), until_on=until)
        case_id = found.id
    clock.forward(days=3)
    with database.writing() as session:
        of = cases.lock(session, case_id)
        assert reads(session, of, carla, clock()) is None
        assert [one.ended_at for one in session.scalars(select(CaseGround))] == [None]
    for _ in range(3):
        worker.run_once(database, clock())
    with database.writing() as session:
        assert [one.ended_through for one in session.scalars(select(CaseGround))] == ["time_over"]
        assert carla.organisation_id not in {one.organisation_id for one in cases.parties(session, case_id)}


def test_what_cannot_be_weighed_is_refused(session, clock, here, shared, carla):
    def refused(by=here.midwife, to=team(carla), **changes):
        with pytest.raises(Invalid) as told:
            invoke(session, shared, by, clock(), to, **changes)
        return set(told.value.errors)

    assert refused(categories=["C8"]) == refused(categories=["C5"]) == refused(categories=[]) == {"categories"}
    assert refused(categories=["C7"]) == {"categories"}  # who shares it has to have it
    assert refused(by=here.nurse, to=team(here.nurse)) == {"recipient"}  # who wants to read does not weigh
    assert "recipient" in refused(to="nobody") & refused(to=f"{uuid4()}:explorer")
    assert "recipient" in refused(to="safe_home")
    assert refused(reason="kort") == {"reason"}
    assert refused(until_on=local_date(clock()) + timedelta(days=31)) == {"until"}
    assert refused(ground="curiosity", to="", reason="") == {"ground", "recipient", "reason"}
    with pytest.raises(NotAllowed):
        invoke(session, shared, here.midwife, clock(), team(carla), ground="consent_of_subject")
    for outsider in (here.other_midwife, carla, here.coordinator, here.log_manager):
        with pytest.raises(NotFound):
            invoke(session, shared, outsider, clock(), team(carla))


def test_a_municipality_says_on_which_of_its_tasks_it_rests_and_never_on_consent_alone(
    session, clock, here, shared, carla
):
    agree(
        session, shared, here.midwife, clock(),
        purpose="support_action", recipient_kind="municipal_access_team", categories=["C0"],
    )  # fmt: skip
    accept(session, shared, carla, clock())

    clock.forward(minutes=1)
    view = invoke(session, shared, here.nurse, clock(), team(carla), ground="task_youth_act", categories=[])

    acts = [one for one in consent.disclosures(session, shared.id) if one.role == "case_director"]
    assert [(one.ground, one.ended_at is None) for one in acts] == [("task_wmo", False), ("task_youth_act", True)]
    assert all(one.consent_ids for one in acts)
    assert reads(session, shared, carla, clock())["C0"] == "consent_of_subject"  # secrecy was broken by the yes
    clock.forward(minutes=1)
    method.end_ground(session, view.id, by=here.nurse, at=clock())
    latest = [one for one in consent.disclosures(session, shared.id) if one.role == "case_director"][-1]
    assert (latest.ground, latest.ended_at) == ("task_wmo", None)


def test_a_report_is_the_organisations_own_until_the_family_was_told(session, clock, here, shared):
    view = invoke(session, shared, here.midwife, clock(), "safe_home", ground="right_to_report", categories=["C1"])

    def told(by):
        found = method.sharing_of_case(session, shared.id, by=by, at=clock())
        return [one.ground for one in found.grounds], {one.ground for one in found.disclosures}

    assert told(here.midwife)[0] == ["right_to_report"]
    assert "right_to_report" in told(here.midwife)[1]
    assert told(here.nurse) == ([], {"task_wpg_jgz"})
    with pytest.raises(NotFound):
        method.tell_ground(session, view.id, by=here.nurse, at=clock())
    assert method.tell_ground(session, view.id, by=here.midwife, at=clock()).told_at == clock()
    with pytest.raises(WrongState):
        method.tell_ground(session, view.id, by=here.midwife, at=clock())
    assert told(here.nurse) == ([], {"task_wpg_jgz"})


def test_the_data_of_grounds_hangs_together(session, clock, here, shared, carla):
    roles, kinds = set(access.MATRIX), set(access.BASES)
    for code, ground in GROUNDS.items():
        assert ground.invoked_by <= roles
        assert ground.invoked_at | ground.towards <= kinds
        assert bool(ground.invoked_by) == bool(ground.invoked_at) == bool(ground.towards)
        assert not (ground.opens and ground.silent)
        assert not any("C5" in access.openable(role, code) for role in roles)
    assert not any(GROUNDS[one].invoked_by for one in (Ground.CONSENT_OF_SUBJECT, Ground.ANONYMISED))
    choices = method.ground_choices(session, shared.id, by=here.midwife, at=clock())
    found = {one.ground: one for one in choices}
    assert {"vital_interest", "right_to_report", "task_wpg_jgz"} <= set(found)
    assert team(carla) in {code for code, *_ in found["vital_interest"].recipients}
    assert team(here.midwife) not in {code for code, *_ in found["vital_interest"].recipients}
    assert "C5" not in found["right_to_report"].categories
