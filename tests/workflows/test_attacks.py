"""Ways in that somebody tried, each of which is shut: who learns, keeps or waits for what is not theirs (any more)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.clock import local_date
from tests import builders
from tests.workflows import handing, path
from tests.workflows.support import plan_answers, row, row_of
from tests.workflows.test_support import FIND_ANOTHER, Town
from workflows import cases, hubs, method, processes, worker
from workflows.errors import Doubtful, Invalid, NotFound
from workflows.organisations import Role


@pytest.fixture
def town(database, clock) -> Town:
    return Town(database, clock)


@pytest.fixture
def handed(database, clock) -> handing.World:
    return handing.World(database, clock)


def live(world: path.World, case_id) -> list[tuple[str, str, str]]:
    with world.database.reading() as session:
        tasks = processes.tasks_of(session, "case", case_id, live_only=True)
        return sorted((task.form_key, task.role, task.name) for task in tasks if task.kind == "user")


def join(world: path.World, case_id, *who) -> None:
    with world.database.writing() as session:
        case = cases.lock(session, case_id)
        for by in who:
            cases.join(session, case, organisation_id=by.organisation_id, role=by.role, by=by, at=world.clock())


def test_who_refused_an_action_sees_the_family_no_longer(town):
    town.supported(row_of(town.help.welfare))
    town.refuse(town.help.supporter)
    with pytest.raises(NotFound):
        town.look(method.case_view, town.case_id, by=town.help.supporter)
    assert town.look(method.case_list, by=town.help.supporter).items == []


def test_nobody_is_asked_about_a_late_action_that_is_not_wanted_any_more(town):
    director = town.region.process_director
    town.supported(row_of(town.help.welfare))
    town.pass_days(9)
    assert "escalation" in [card.form_key for card in town.cards(director)]
    town.do(method.report_loss, town.case_id, answers=path.loss_answers(), by=town.region.nurse)
    assert [card.form_key for card in town.cards(director)] == []


def test_nobody_is_asked_about_a_late_action_that_stopped_with_the_consent(town):
    director = town.region.process_director
    town.supported(row_of(town.help.welfare))
    town.pass_days(9)
    view = town.look(method.case_view, town.case_id, by=town.region.nurse)
    for one in view.consents:
        if one.recipient_kind == "welfare" and one.given:
            town.do(method.withdraw_consent, one.id, by=town.region.nurse)
    assert town.states() == {"Hulp bij schulden": "stopped"}
    assert [card.form_key for card in town.cards(director)] == []


def test_a_no_that_is_written_down_ends_what_the_yes_began(town):
    supporter = town.help.supporter
    town.supported(row_of(town.help.welfare))
    town.accept(supporter)
    no = path.support_consent_answers("welfare")
    no["sharing"] = [{"recipient_kind": "welfare", "allowed": "no"}]
    town.do(method.record_consent, town.case_id, answers=no, by=town.region.nurse)
    worker.run_once(town.database, town.clock())
    assert town.states() == {"Hulp bij schulden": "stopped"}
    assert town.cards(supporter) == []
    with pytest.raises(NotFound):
        town.look(method.case_view, town.case_id, by=supporter)


def test_an_action_of_an_organisation_that_stopped_waits_for_nobody(town):
    town.supported(row_of(town.help.welfare))
    town.do(method.deactivate_organisation, town.help.welfare.id, by=town.region.administrator)
    assert "action_acceptance" not in [form for form, _, _ in live(town, town.case_id)]
    assert FIND_ANOTHER in town.names(town.region.nurse)


def test_a_question_about_a_birth_does_not_tell_of_a_loss(town):
    town.supported(row_of(town.help.welfare))
    join(town, town.case_id, town.region.process_director, town.region.midwife)
    town.do(method.report_loss, town.case_id, answers=path.loss_answers(), by=town.region.nurse)
    said = {"birth_date": local_date(town.clock()).isoformat(), "born": [{"name": ""}]}
    with pytest.raises(Doubtful) as asked:
        town.do(method.report_birth, town.case_id, answers=said, by=town.region.nurse)
    assert "verlies" in str(asked.value.errors)
    assert town.do(method.report_birth, town.case_id, answers=said, by=town.region.process_director)


def test_a_loss_takes_an_offer_back(handed):
    case_id = handed.begun()
    handed.allow(case_id)
    handed.hand(handed.region.midwife, handed.carla)
    handed.take(handed.carla, "handover_answer")
    handed.do(method.report_loss, case_id, answers=path.loss_answers(), by=handed.region.midwife)
    [one] = handed.look(method.handover_list, case_id, by=handed.region.midwife)
    assert one.status == "expired"
    with pytest.raises(NotFound):
        handed.look(method.case_view, case_id, by=handed.carla)


def test_a_process_director_reads_no_comments_of_colleagues_in_another_role(town, clock):
    with town.database.writing() as session:
        where = town.region.municipality
        colleague = builders.actor(session, "Cato Casusregisseur", where, Role.CASE_DIRECTOR, at=clock())
    town.supported(row("Oppassen"))
    with town.database.writing() as session:
        case = session.get(cases.Case, town.case_id)
        more = {"purpose": "support_action", "recipient_kind": "municipality"}
        builders.agree(session, case, town.region.midwife, clock(), **more)
    join(town, town.case_id, town.region.process_director, colleague)
    town.do(method.add_comment, town.case_id, "Iets over het gezin.", by=colleague)
    assert town.look(method.comment_list, town.case_id, by=town.region.process_director) == []


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-11-31", "99999-01-01"])
def test_a_day_at_the_end_of_time_is_refused_and_no_fault(town, day):
    town.planning()
    task = town.claim(town.region.nurse, "support_plan")
    for changes in ({"evaluation_date": day}, {"parent_agreed_on": day}):
        answers = plan_answers(town.clock(), row_of(town.help.welfare, ends_on=day), **changes)
        with pytest.raises(Invalid):
            town.complete(task, town.region.nurse, answers)
    until = path.support_consent_answers("welfare", validity="until", valid_until=day)
    with pytest.raises(Invalid):
        town.do(method.record_consent, town.case_id, answers=until, by=town.region.nurse)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("valid_to", date.max),
        ("valid_from", date.max),
        ("source", "half \0"),
        ("source", "x" * 5000),
    ],
)
def test_a_setting_that_cannot_be_kept_or_followed_is_refused(town, field, wrong):
    said = {"valid_from": local_date(town.clock()), "tag": "[I]", "source": "Het regio-overleg", field: wrong}
    value = {"working_days": 5}
    by = town.region.administrator
    with pytest.raises(Invalid) as refused:
        town.do(method.change_setting, "term.plan_hub", value, by=by, **said)
    assert set(refused.value.errors) == {field}


def test_an_administrator_does_not_count_concerns_about_safety(database, clock):
    world = path.World(database, clock)
    officer, admin = world.region.protection_officer, world.region.administrator
    task = world.start()
    world.complete(task, world.region.midwife, {**path.answers_for("signal", clock()), "safety_concern": "acute"})
    world.claim(officer)

    assert world.look(method.what_goes_back, person_id=officer.person_id, by=admin) == method.GoesBack(0, 0)
    before = world.look(method.what_goes_back, organisation_id=world.region.practice.id, by=admin)
    assert before.tasks == len(live(world, task.subject_id))
    assert world.do(method.deactivate_person, officer.person_id, by=admin) == method.Left((), (), ())


def test_a_supporter_does_not_learn_whom_else_the_family_agreed_to(town, clock):
    supporter, director = town.help.supporter, town.region.process_director
    town.supported(row_of(town.help.welfare))
    town.accept(supporter)
    with town.database.writing() as session:
        case = cases.lock(session, town.case_id)
        builders.agree(session, case, town.region.nurse, clock(), recipient_kind="youth_health", purpose="hub_meeting")
        meeting = hubs.plan(
            session, municipality=case.municipality_code, starts_at=clock() + timedelta(days=3), by=director, at=clock()
        )
        item = hubs.add_item(session, meeting.id, case, parents_invited=True, by=director, at=clock())
        invited = town.region.youth_health.id
        hubs.invite(session, item, organisation_id=invited, role="explorer", by=director, at=clock())

    [seen] = town.look(method.hub_of_case, town.case_id, by=supporter)
    assert (seen.invited, seen.meeting_id) == ((), None)
    [seen] = town.look(method.hub_of_case, town.case_id, by=town.region.nurse)
    assert seen.invited == (town.region.youth_health.id,)


def test_a_process_director_does_not_read_why_the_own_organisation_refused_a_handover(handed, clock):
    director, where = handed.region.process_director, handed.region.municipality
    with handed.database.writing() as session:
        colleague = builders.actor(session, "Cato Casusregisseur", where, Role.CASE_DIRECTOR, at=clock())
    case_id = handed.begun()
    handed.allow(case_id, "municipality")
    handed.hand(handed.region.midwife, colleague)
    handed.fill(colleague, "handover_answer", handing.REFUSED)
    join(handed, case_id, director)

    [seen] = handed.look(method.handover_list, case_id, by=director)
    assert (seen.status, seen.refused_reason) == ("refused", None)
    [seen] = handed.look(method.handover_list, case_id, by=handed.region.midwife)
    assert seen.refused_reason == "no_capacity"
