"""Breaking the glass: what it opens, for how long, who hears of it, and what it never opens. Played on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text, update

from tests import builders
from tests.conftest import VAULT
from tests.workflows.path import World, exploration_answers
from workflows import access, alarms, cases, emergencies, jobs, logbook, method, organisations
from workflows.access import Facts, Ground, Relation, Scope
from workflows.actor import OPERATOR, WORKER, Actor
from workflows.cases import Case
from workflows.errors import Blocked, Invalid, NotAllowed, NotFound, TooOften, Unavailable, WrongState
from workflows.organisations import Role
from workflows.processes import Task

WHY = {
    "reason": "acute_illness",
    "explanation": "De moeder belt in paniek, ze bloedt en is alleen thuis.",
    "ground": "vital_interest",
}
STORY = "ze bloedt en is alleen"
NOOR = {"parent_name": "noor  VOORBÉELD", "birth_date": date(1998, 5, 17)}


@pytest.fixture
def world(database, clock):
    return World(database, clock)


def number_of(world, case_id):
    with world.database.reading() as session:
        return session.get_one(Case, case_id).number


def opened(world, by, **known):
    return world.do(method.open_emergency, **{**WHY, **known}, by=by)


def tried(world, by, **known):
    """As a door does it: what was tried is kept, also when nothing was opened."""
    with world.database.writing() as session:
        try:
            return method.open_emergency(session, **{**WHY, **known}, by=by, at=world.clock())
        except (method.NothingOpened, TooOften) as refusal:
            return refusal


def lines(world, event):
    with world.database.reading() as session:
        kind = logbook.LoggedRead if event in ("emergency.viewed", "emergency.searched") else logbook.LoggedChange
        return list(session.scalars(select(kind).where(kind.event == event).order_by(kind.id)))


def work(world, by):
    return {card.name: card for card in world.look(method.work_list, by=by).items}


@pytest.mark.parametrize("urls", ["postgresql"], indirect=True)  # SQLite has one writer
def test_who_searches_many_times_at_once_is_counted_one_by_one(world, clock):
    midwife = world.region.other_midwife
    with world.database.writing() as first:
        emergencies.attempt(first, by=midwife, at=clock())
        with pytest.raises(Unavailable), world.database.writing() as second:  # it would wait until the first is counted
            second.execute(text("SET LOCAL lock_timeout = '50ms'"))
            emergencies.attempt(second, by=midwife, at=clock())


def test_a_midwife_reads_a_case_she_knows_and_everybody_hears_of_it(world, clock):
    region, case_id = world.region, world.explored()
    world.claim(region.nurse, "exploration")
    midwife = region.other_midwife
    with world.database.writing() as session:
        youth_log = builders.actor(session, "Lies Logbeheerder", region.youth_health, Role.LOG_MANAGER, at=clock())
        board = builders.actor(session, "Fiep Gegevens", region.programme, Role.DPO, at=clock())
    assert midwife.organisation_id != region.youth_health.id
    with pytest.raises(NotFound):
        world.look(method.case_view, case_id, by=midwife)

    card = opened(world, midwife, **NOOR)
    view = world.look(method.emergency_view, card.id, by=midwife)

    said = {value.text for entry in view.entries for value in entry.values}
    read = {value.compartment for entry in view.entries for value in entry.values}
    assert "Ik kom niet rond en weet niet waar ik moet beginnen." in said
    assert read <= {"C0", "C1", "C2", "C3", "C4"}
    assert [one.name for one in view.members if one.kind == "pregnant_person"] == ["Noor Voorbeeld"]
    # The page of the case, its tasks and its lists stay closed, and nothing can be done.
    for verb in (method.case_view, method.comment_list, method.forecast, method.plan_view, method.case_emergencies):
        with pytest.raises(NotFound):
            world.look(verb, case_id, by=midwife)
    with pytest.raises(NotFound):
        world.do(method.add_comment, case_id, "Hallo", by=midwife)
    assert not world.look(method.case_list, by=midwife).items
    # Who holds the case hears of it, and both log managers; the practice of the midwife has none, so the DPO stands in.
    notice = work(world, region.nurse2)["Noodinzage: lees wie er keek"]
    assert "Esra Verloskundige" in notice.documentation
    assert "plotseling erg ziek" in notice.documentation
    assert not any(name in str(notice) for name in ("Noor", STORY))
    for reviewer in (youth_log, board):
        review = work(world, reviewer)["Noodinzage beoordelen"]
        assert review.due_at is not None
        assert not any(name in str(review) for name in ("Noor", STORY))
    assert "Noodinzage beoordelen" not in work(world, region.log_manager)
    # Everything is written down, and nothing of it is in the log.
    [line], [look] = lines(world, "emergency.opened"), lines(world, "emergency.viewed")
    assert (line.case_id, line.ground, line.rule, line.organisation_id) == (
        case_id, "vital_interest", "emergency", midwife.organisation_id,
    )  # fmt: skip
    assert (look.case_id, look.ground, look.rule, look.purpose) == (case_id, "vital_interest", "emergency", "emergency")
    [search] = lines(world, "emergency.searched")
    assert search.case_id is None
    salt, _, digest = search.details["query"].partition("$")
    asked = emergencies.EmergencySearch(parent_name="Noor Voorbeeld", birth_date=date(1998, 5, 17)).text()
    assert logbook.salted(VAULT.digests(asked)[0].hex(), salt=salt) == f"{salt}${digest}"
    assert digest not in logbook.salted(asked, salt=salt), "nobody finds out for whom by trying names"
    everything = [
        str(line.details) + str(line.subject_id)
        for event in (
            "emergency.opened",
            "emergency.viewed",
            "emergency.searched",
            "emergency.review_asked",
            "task.added",
        )
        for line in lines(world, event)
    ]
    assert not any(
        word in text.lower() for text in everything for word in ("noor", "1998-05-", "bloedt")
    )  # four digits can stand in any hash


def test_a_review_is_done_by_somebody_else_without_seeing_the_case(world, clock):
    region, case_id = world.region, world.explored()
    with world.database.writing() as session:
        twice = organisations.assign_role(
            session, person_id=region.midwife2.person_id, organisation_id=region.practice.id, role=Role.LOG_MANAGER,
            valid_from=date(2026, 1, 1), by=OPERATOR, at=clock(),
        )  # fmt: skip
        herself = Actor(region.midwife2.person_id, twice.id, region.practice.id, "log_manager")
    # The practice holds the case and the midwife works there: one organisation, one review.
    card = opened(world, region.midwife2, case_number=number_of(world, case_id))
    [row] = world.look(lambda session, **_: emergencies.reviews_of(session, card.id), by=herself)
    answers = {"review_outcome": "not_justified", "review_words": "De collega had kunnen bellen."}

    task = world.claim(herself, "emergency_review")
    with pytest.raises(NotAllowed):
        world.complete(task, herself, answers)
    world.do(method.release_task, task.id, by=herself)
    task = world.claim(region.log_manager, "emergency_review")
    view = world.look(method.task_view, task.id, by=region.log_manager)
    assert view.case is None
    assert view.members == ()
    assert view.emergency.explanation == WHY["explanation"]
    assert view.emergency.case_number == number_of(world, case_id)
    done = world.complete(task, region.log_manager, answers)

    assert done.ended
    [row] = world.look(lambda session, **_: emergencies.reviews_of(session, card.id), by=herself)
    assert (row.outcome, row.words, row.reviewed_by) == (
        "not_justified", answers["review_words"], region.log_manager.person_id,
    )  # fmt: skip
    [line] = lines(world, "emergency.reviewed")
    assert (line.case_id, line.details["outcome"]) == (case_id, "not_justified")
    assert answers["review_words"] not in str(line.details)
    with pytest.raises(NotFound):
        world.look(method.case_view, case_id, by=region.log_manager)


def test_it_ends_with_the_time_by_either_side_and_with_the_case(world, clock):
    region, case_id = world.region, world.explored()
    number, midwife = number_of(world, case_id), region.other_midwife

    first = opened(world, midwife, case_number=number)
    with pytest.raises(WrongState):
        opened(world, midwife, case_number=number)
    clock.forward(minutes=59, seconds=59)
    world.look(method.emergency_view, first.id, by=midwife)
    clock.forward(seconds=1)
    with pytest.raises(method.EmergencyOver):
        world.look(method.emergency_view, first.id, by=midwife)
    with world.database.reading() as session:
        [job] = [one for one in jobs.due_ids(session, at=clock()) if session.get(jobs.Job, one).kind == "emergency_end"]
    with world.database.writing() as session:
        assert method.perform(session, job, at=clock())
        assert not method.perform(session, job, at=clock())

    # Stopped by who opened it.
    second = opened(world, midwife, case_number=number)
    assert world.do(method.end_emergency, second.id, by=midwife).ended_through == "by_opener"
    with pytest.raises(method.EmergencyOver):
        world.look(method.emergency_view, second.id, by=midwife)
    with pytest.raises(WrongState):
        world.do(method.end_emergency, second.id, by=midwife)

    # Stopped by who holds the case; a stranger cannot, and does not hear that there is one.
    clock.forward(hours=1)
    third = opened(world, midwife, case_number=number)
    for stranger in (region.nurse, region.other_protection_officer, region.log_manager):
        with pytest.raises(NotFound):
            world.do(method.end_emergency, third.id, by=stranger)
    seen = world.look(method.case_emergencies, case_id, by=region.midwife)
    assert next((one.id, one.runs, one.mine) for one in seen) == (third.id, True, False)
    assert world.do(method.end_emergency, third.id, by=region.midwife).ended_through == "by_holder"

    # With the case, whoever closed it, and a closed case is found no more.
    fourth = opened(world, midwife, case_number=number)
    task = world.claim(region.nurse, "exploration")
    world.complete(task, region.nurse, exploration_answers(clock()))
    for by, form in ((region.nurse, "feedback"), (region.nurse, "closure")):
        world.do_next(by, form_key=form)
    with pytest.raises(method.EmergencyOver):
        world.look(method.emergency_view, fourth.id, by=midwife)
    assert isinstance(tried(world, midwife, case_number=number), method.NothingOpened)
    through = [line.details["through"] for line in lines(world, "emergency.ended")]
    assert through == ["time_over", "by_opener", "by_holder", "case_ended"]


def test_it_counts_for_one_person_in_one_role_and_one_who_left_is_nobody(world, clock):
    region, case_id = world.region, world.explored()
    midwife = region.other_midwife
    with world.database.writing() as session:
        other = organisations.assign_role(
            session, person_id=midwife.person_id, organisation_id=region.youth_health.id, role=Role.EXPLORER,
            valid_from=date(2026, 1, 1), by=OPERATOR, at=clock(),
        )  # fmt: skip
        colleague = builders.actor(session, "Els Verloskundige", region.other_practice, Role.SIGNALLER, at=clock())
    card = opened(world, midwife, case_number=number_of(world, case_id))

    in_another_role = Actor(midwife.person_id, other.id, region.youth_health.id, "explorer")
    for somebody in (in_another_role, colleague, region.nurse, region.midwife, OPERATOR, WORKER):
        with pytest.raises(NotFound):
            world.look(method.emergency_view, card.id, by=somebody)
    with world.database.writing() as session:
        organisations.end_assignment(session, midwife.assignment_id, by=OPERATOR, at=clock())
    with pytest.raises(NotAllowed):
        opened(world, midwife, case_number=number_of(world, case_id))


def test_it_is_no_directory_of_families(world, clock):
    region, case_id = world.region, world.explored()
    midwife = region.other_midwife
    draft = world.start()
    with world.database.reading() as session:
        unshared = session.get_one(Case, draft.subject_id).number
    with world.database.writing() as session:
        builders.case(session, region.other_midwife, clock())  # a draft of the very same name and day
    nobody = [
        {"case_number": "2026-9999"},
        {"case_number": unshared},
        {"parent_name": "Noor", "birth_date": NOOR["birth_date"]},
        {**NOOR, "birth_date": date(1998, 5, 18)},
    ]
    answers = [tried(world, midwife, **known) for known in nobody]
    assert {type(answer) for answer in answers} == {method.NothingOpened}
    assert len({(answer.title, answer.detail, str(answer)) for answer in answers}) == 1
    with world.database.writing() as session:  # a twin case of the same parent: several look like none
        twin = builders.case(session, region.midwife, clock())
        cases.share(session, twin, by=region.midwife, at=clock())
    several = tried(world, midwife, **NOOR)
    assert (type(several), str(several)) == (method.NothingOpened, str(answers[0]))

    # The sixth attempt in an hour is refused whatever it asks, and counts too; everything is written down.
    assert isinstance(tried(world, midwife, case_number=number_of(world, case_id)), TooOften)
    clock.forward(minutes=61)
    card = tried(world, midwife, case_number=number_of(world, case_id))
    assert card.case_id == case_id
    searches = lines(world, "emergency.searched")
    assert [line.outcome for line in searches] == ["refused"] * 5 + ["success"]
    assert all(line.case_id is None for line in searches)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"explanation": "te kort"}, {"explanation"}),
        ({"reason": "curious", "ground": "task_wmo"}, {"reason", "ground"}),
        ({"case_number": ""}, {"case_number"}),
        ({"case_number": "", "parent_name": "Noor Voorbeeld"}, {"birth_date"}),
        ({"case_number": "2026"}, {"case_number"}),
        ({"explanation": "x" * 2001}, {"explanation"}),
        ({"explanation": "Ze is heel ziek, echt waar \x00"}, {"explanation"}),
    ],
)
def test_what_is_missing_is_told_at_once_and_nobody_is_looked_up(changes, wrong):
    midwife = replace(WORKER, person_id=UUID(int=1), role="signaller", origin="api")

    with pytest.raises(Invalid) as refused:
        method.check_emergency(
            **{"case_number": "2026-0001", **WHY, **changes}, by=midwife, at=datetime(2026, 11, 3, tzinfo=UTC)
        )

    assert set(refused.value.errors) == wrong


def test_the_matrix_says_which_roles_break_the_glass_and_what_they_read():
    care = {"C0", "C1", "C2", "C3", "C4"}
    assert {role: set(read) for role, read in access.EMERGENCY_READS.items()} == {
        "signaller": care,
        "explorer": {*care, "C6"},
        "case_director": {*care, "C6"},
        "supporter": {"C0"},
    }
    assert set(access.OPENINGS["break_glass"]) == set(access.EMERGENCY_READS)
    for role in access.MATRIX:
        by = replace(WORKER, person_id=UUID(int=1), role=role, origin="api")
        facts = Facts(emergency=Ground.VITAL_INTEREST)
        readable = access.visible(by, facts)
        assert dict(readable.read) == dict(access.EMERGENCY_READS.get(role, {}))
        assert not readable.write
        assert set(readable.read.values()) <= {Scope.ALL}
        assert not {"C5", "C7", "C8", "C9", "C10", "C11"} & set(readable.read)
        may = {action for action in access.ACTIONS if access.allows(by, action, facts)}
        assert may == ({"view_emergency"} if role in access.EMERGENCY_READS else set())
        assert access.relations(by, facts) <= {Relation.EMERGENCY}


def test_what_is_about_safety_stays_closed_and_makes_no_difference(world, clock):
    region = world.region
    views = []
    for concern in ("no", "acute"):
        task = world.start()
        world.complete(
            task, region.midwife, builders.signal_answers(clock(), safety_concern=concern, partner_involved="yes")
        )
        for form in ("consent", "routing"):
            world.do_next(region.midwife, form_key=form)
        card = opened(world, region.other_midwife, case_number=number_of(world, task.subject_id))
        views.append(world.look(method.emergency_view, card.id, by=region.other_midwife))
        clock.forward(hours=2)
    plain, unsafe = (
        [
            (entry.form_key, entry.withheld, *((one.field, one.compartment) for one in entry.values))
            for entry in sorted(view.entries, key=lambda entry: entry.form_key)
        ]
        for view in views
    )
    assert plain == unsafe
    assert not any("C5" in str(line) or "C8" in str(line) for line in unsafe)


def test_who_reviews_and_knows_the_family_says_so_and_somebody_else_looks(world, clock):
    region, case_id = world.region, world.explored()
    with world.database.writing() as session:
        board = builders.actor(session, "Fiep Gegevens", region.programme, Role.DPO, at=clock())
        second = builders.actor(session, "Loes Logbeheerder", region.practice, Role.LOG_MANAGER, at=clock())
    opened(world, region.midwife2, case_number=number_of(world, case_id))
    task = world.claim(region.log_manager, "emergency_review")

    world.do(method.step_aside_from_task, task.id, reason="neighbour", by=region.log_manager)

    assert "Noodinzage beoordelen" not in work(world, region.log_manager)
    for verb in (method.task_view, method.require_own_task):
        with pytest.raises(Blocked):
            world.look(verb, task.id, by=region.log_manager)
    with pytest.raises(Blocked):
        world.do(method.claim_task, task.id, by=region.log_manager)
    # A colleague looks; when nobody of the organisation is left, who stands in does. Who holds the case hears nothing.
    task = world.claim(second, "emergency_review")
    assert "Noodinzage beoordelen" not in work(world, board)
    world.do(method.step_aside_from_task, task.id, reason="family", by=second)
    assert world.look(method.task_view, world.claim(board, "emergency_review").id, by=board).emergency is not None
    assert world.look(method.block_list, case_id, by=region.midwife) == []
    assert [line.details["person"] for line in lines(world, "case.blocked")] == [
        region.log_manager.person_id.hex, second.person_id.hex,
    ]  # fmt: skip


def test_a_review_that_waits_too_long_goes_to_who_stands_in(world, clock):
    region, case_id = world.region, world.explored()
    opened(world, region.midwife2, case_number=number_of(world, case_id))
    task = work(world, region.log_manager)["Noodinzage beoordelen"]
    assert "Termijn verlopen: overleggen" not in work(world, region.administrator)

    clock.forward(days=14)
    with world.database.reading() as session:
        due = list(jobs.due_ids(session, at=clock(), limit=200))
        due = [one for one in due if session.get(jobs.Job, one).subject_id == str(task.id)]
    for job in due:
        with world.database.writing() as session:
            assert method.perform(session, job, at=clock())

    assert "Termijn verlopen: overleggen" in work(world, region.administrator)
    with world.database.writing() as session:
        method.deactivate_organisation(session, region.practice.id, by=OPERATOR, at=clock())
    assert "Noodinzage beoordelen" in work(world, region.administrator)


def test_one_emergency_is_one_task_for_who_looks_back_and_no_alarm_besides(world, clock):
    world.explored()
    midwife = world.region.other_midwife
    card = opened(world, midwife, **NOOR)
    world.look(method.emergency_view, card.id, by=midwife)

    def kinds():
        clock.forward(hours=2)
        with world.database.writing() as session:
            alarms.look(session, at=clock())
        with world.database.reading() as session:
            return {one.kind for one in session.scalars(select(alarms.Alarm))}

    assert "in_emergency" not in kinds()
    with world.database.writing() as session:  # a set of drawings without the process gives nobody the task
        session.execute(update(Task).where(Task.subject_kind == "emergency_review").values(subject_id=uuid4()))
        session.execute(text("DELETE FROM alarm_looks"))
    assert "in_emergency" in kinds()
