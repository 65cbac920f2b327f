"""The drawn path as people walk it, on both databases: one verb, one transaction."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from engine.clock import local_date
from engine.process import Process
from tests import builders
from tests.workflows import path
from workflows import consent, diagrams, families, jobs, logbook, method, organisations, processes, worker
from workflows.actor import OPERATOR
from workflows.cases import Case
from workflows.db import Base
from workflows.dossier import Entry, EntryValue
from workflows.errors import ConsentMissing, Invalid, NotAllowed, NotFound, StaleVersion, WrongState
from workflows.families import FamilyMember
from workflows.method import TooLate
from workflows.processes import Draft, StepTaken


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


def case_of(world: path.World, case_id) -> Case:
    with world.database.reading() as session:
        return session.get(Case, case_id)


def test_a_signal_travels_from_the_midwife_to_a_closed_case(world):
    region = world.region
    task = world.start()
    assert task.status == "claimed"
    case_id = task.subject_id
    assert case_of(world, case_id).status == "draft"

    done = world.complete(task, region.midwife)
    assert [card.form_key for card in done.next] == ["consent"]
    assert case_of(world, case_id).status == "awaiting_consent"
    world.do_next(region.midwife)
    assert case_of(world, case_id).status == "in_routing"
    world.do_next(region.midwife)
    assert case_of(world, case_id).status == "in_exploration"
    assert case_of(world, case_id).holder_organisation_id == region.practice.id

    exploration = world.claim(region.nurse)
    held = case_of(world, case_id)
    assert (held.holder_organisation_id, held.holder_role, held.holder_person_id) == (
        region.youth_health.id,
        "explorer",
        region.nurse.person_id,
    )
    world.complete(exploration, region.nurse)
    world.do_next(region.nurse, form_key="feedback")
    ended = world.do_next(region.nurse, form_key="closure")

    assert ended.ended
    closed = case_of(world, case_id)
    assert (closed.status, closed.result, closed.contact_after) == ("closed", "goals_reached", "De wijkverpleegkundige")
    assert closed.holder_organisation_id is None


def test_a_card_in_the_pool_does_not_say_which_family(world):
    world.explored()

    [card] = world.look(method.work_list, by=world.region.nurse).items
    view = world.look(method.task_view, card.id, by=world.region.nurse)

    assert (card.municipality_code, card.phase, card.urgency, card.language) == (
        builders.VENLO,
        "pregnant",
        "regular",
        "nl",
    )
    assert card.case_number is None
    assert view.case is None
    assert view.members == ()
    assert view.form is None
    shown = repr(card) + repr(view)
    assert not any(secret in shown for secret in path.SECRETS)


def test_who_claims_sees_the_family_as_far_as_it_agreed(world):
    case_id = world.explored()
    with pytest.raises(NotFound):
        world.look(method.case_view, case_id, by=world.region.nurse)

    task = world.claim(world.region.nurse)

    view = world.look(method.task_view, task.id, by=world.region.nurse)
    assert [member.name for member in view.members if member.name] == ["Noor Voorbeeld"]
    seen = world.look(method.case_view, case_id, by=world.region.nurse)
    signal = next(entry for entry in seen.entries if entry.form_key == "signal")
    compartments = {value.compartment for value in signal.values}
    assert compartments == {"C0", "C1", "C4"}  # agreed to; not C2 (medical), and C5 never
    assert signal.withheld


def test_nobody_else_can_tell_a_case_or_task_from_one_that_does_not_exist(world):
    task = world.start()
    strangers = [
        world.region.other_midwife,
        world.region.nurse,
        world.region.process_director,
        world.region.coordinator,
    ]

    for stranger in strangers:
        for verb, found in (
            (method.task_view, task.id),
            (method.case_view, task.subject_id),
            (method.candidates, task.id),
        ):
            with pytest.raises(NotFound):
                world.look(verb, found, by=stranger)
        for verb in (method.claim_task, method.release_task):
            with pytest.raises(NotFound):
                world.do(verb, task.id, by=stranger)
        with pytest.raises(NotFound):
            world.complete(task, stranger)
        assert world.look(method.work_list, by=stranger).items == []
        assert world.look(method.case_list, by=stranger).items == []
    with pytest.raises(NotAllowed):
        world.start(world.region.nurse)


def test_an_invalid_form_names_every_field_and_changes_nothing(world):
    task = world.start()

    with pytest.raises(Invalid) as refused:
        world.complete(task, world.region.midwife, {"phase": "pregnant", "due_date": "gisteren", "parity": "veel"})

    assert {"due_date", "parity", "parent_name", "safety_concern", "vulnerability_level"} <= set(refused.value.errors)
    with pytest.raises(Invalid):
        world.complete(task, world.region.midwife, {**path.answers_for("signal", world.clock()), "typename": "x"})
    assert world.look(method.task_view, task.id, by=world.region.midwife).task.status == "claimed"
    assert len(processes_of(world, task.subject_id)) == 1


def processes_of(world, case_id):
    with world.database.reading() as session:
        return processes.tasks_of(session, "case", case_id)


def test_a_draft_is_its_authors_and_outlives_the_lease(world, clock):
    world.explored()
    task = world.claim(world.region.nurse)
    typed = {"wishes": "Rust", "contacts": [{"date": "nog niet"}]}
    world.do(method.save_draft, task.id, by=world.region.nurse, answers=typed, version=task.version)

    clock.forward(hours=73)
    worker.run_once(world.database, clock())
    again = world.claim(world.region.nurse2)
    assert world.look(method.task_view, again.id, by=world.region.nurse2).answers == {}
    world.do(method.release_task, again.id, by=world.region.nurse2)
    world.claim(world.region.nurse)

    view = world.look(method.task_view, task.id, by=world.region.nurse)
    assert view.answers == typed
    with pytest.raises(Invalid):
        world.do(method.save_draft, task.id, by=world.region.nurse, answers={"typename": "x"}, version=None)


def test_typing_keeps_the_lease(world, clock):
    world.explored()
    task = world.claim(world.region.nurse)
    for _ in range(3):
        clock.forward(hours=48)
        world.do(method.save_draft, task.id, by=world.region.nurse, answers={"wishes": "…"}, version=task.version)
        worker.run_once(world.database, clock())

    assert world.look(method.task_view, task.id, by=world.region.nurse).task.mine
    clock.forward(hours=73)
    worker.run_once(world.database, clock())
    assert not world.look(method.task_view, task.id, by=world.region.nurse).task.mine


def test_who_is_too_late_hears_who_was_first_and_keeps_the_text(world, clock):
    world.explored()
    nurse, nurse2 = world.region.nurse, world.region.nurse2
    task = world.claim(nurse)
    with pytest.raises(TooLate, match="claimed") as taken:
        world.do(method.claim_task, task.id, by=nurse2)
    assert "Jet Jeugdverpleegkundige" in taken.value.detail
    clock.forward(hours=73)
    theirs = world.do(method.claim_task, task.id, by=nurse2)  # the lease is over, the worker did not come by yet
    world.complete(theirs, nurse2)

    typed = path.exploration_answers(clock(), wishes="Mijn lange verhaal")
    with pytest.raises(TooLate) as late:
        world.complete(task, nurse, typed)
    world.do(method.keep_lost_answers, task.id, by=nurse, answers=typed)

    assert "Joris Jeugdverpleegkundige" in late.value.detail
    assert "06-11-2026 om 10:30" in late.value.detail
    assert "bewaard" in late.value.detail
    assert late.value.person_id == nurse2.person_id
    with world.database.reading() as session:
        assert processes.draft_of(session, task.id, by=nurse).answers["wishes"] == "Mijn lange verhaal"
        assert session.scalar(select(func.count()).select_from(Entry).where(Entry.form_key == "exploration")) == 1


def test_completing_twice_is_refused_the_second_time(world):
    task = world.start()
    world.complete(task, world.region.midwife)

    with pytest.raises(WrongState, match="completed"):
        world.complete(task, world.region.midwife)
    assert world.do(method.keep_lost_answers, task.id, by=world.region.other_midwife, answers={}) is None


def test_an_older_version_is_refused(world):
    task = world.start()

    with pytest.raises(StaleVersion):
        world.complete(task, world.region.midwife, version=task.version - 1)
    with pytest.raises(StaleVersion):
        world.do(method.release_task, task.id, by=world.region.midwife, version=task.version + 1)


def test_a_released_task_lies_with_the_team_again_and_so_does_the_case(world):
    case_id = world.explored()
    task = world.claim(world.region.nurse)

    world.do(method.release_task, task.id, by=world.region.nurse, version=task.version)

    held = case_of(world, case_id)
    assert (held.holder_organisation_id, held.holder_role, held.holder_person_id) == (
        world.region.youth_health.id,
        "explorer",
        None,
    )
    with pytest.raises(WrongState):
        world.do(method.release_task, task.id, by=world.region.nurse)
    assert world.claim(world.region.nurse2).id == task.id


def test_a_refusal_shares_nothing_and_is_erased_after_thirty_days(world, clock):
    midwife = world.region.midwife
    task = world.start()
    world.complete(task, midwife)
    done = world.do_next(midwife, path.refused_answers())
    case_id = task.subject_id

    assert done.ended
    assert case_of(world, case_id).result == "consent_refused"
    assert world.look(method.work_list, by=world.region.nurse).items == []
    clock.forward(days=29)
    worker.run_once(world.database, clock())
    assert case_of(world, case_id).family_id is not None
    clock.forward(days=2)
    worker.run_once(world.database, clock())

    erased = case_of(world, case_id)
    assert (erased.status, erased.family_id, erased.erase_on) == ("closed", None, None)
    with world.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(EntryValue)) == 0
        assert session.scalar(select(func.count()).select_from(FamilyMember)) == 0
        assert session.scalar(select(func.count()).select_from(StepTaken)) == 0
        assert session.scalar(select(func.count()).select_from(Draft)) == 0
    assert_nowhere(world, path.SECRETS)


def test_a_signal_nobody_finished_waits_for_who_began_it(world, clock):
    task = world.start()
    world.do(
        method.save_draft, task.id, by=world.region.midwife, version=None, answers={"parent_name": path.SECRETS[0]}
    )
    for _ in range(40):
        clock.forward(days=1)
        worker.run_once(world.database, clock())

    assert case_of(world, task.subject_id).status == "draft"
    cards = world.look(method.work_list, by=world.region.midwife).items
    assert {card.form_key: card.id for card in cards}["signal"] == task.id
    assert sorted(card.form_key for card in cards) == ["escalation", "signal"]  # whose municipality nobody knows yet


def test_a_draft_that_is_thrown_away_is_gone(world, clock):
    midwife = world.region.midwife
    task = world.start()
    world.complete(task, midwife)
    assert "discard_signal" in world.look(method.case_view, task.subject_id, by=midwife).may

    world.do(method.discard_signal, task.subject_id, by=midwife)
    worker.run_once(world.database, clock())

    case = case_of(world, task.subject_id)
    assert (case.status, case.result, case.family_id) == ("closed", "discarded", None)
    assert world.look(method.work_list, by=midwife).items == []
    assert_nowhere(world, path.SECRETS)
    with pytest.raises(WrongState):
        world.do(method.discard_signal, task.subject_id, by=midwife)


def test_what_is_shared_or_was_hit_by_a_loss_is_not_thrown_away(world):
    midwife = world.region.midwife
    shared, lost = world.start(), world.start()
    world.complete(shared, midwife)
    world.do_next(midwife)
    world.complete(lost, midwife)
    world.do(method.report_loss, lost.subject_id, answers=path.loss_answers(), by=midwife)

    for task in (shared, lost):
        with pytest.raises(WrongState):
            world.do(method.discard_signal, task.subject_id, by=midwife)


def test_nobody_else_can_throw_a_draft_away(world):
    task = world.start()

    for other in (world.region.nurse, world.region.process_director, world.region.protection_officer):
        with pytest.raises(NotFound):
            world.do(method.discard_signal, task.subject_id, by=other)


def test_a_closed_case_leaves_no_task_behind(world):
    midwife = world.region.midwife
    task = world.start()
    world.complete(task, midwife)
    for _ in range(2):  # two people report the same loss
        world.do(method.report_loss, task.subject_id, answers=path.loss_answers(), by=midwife)
    drawn, added = sorted(world.look(method.work_list, by=midwife).items, key=lambda card: card.element_id == "loss")

    world.complete(world.do(method.claim_task, drawn.id, by=midwife), midwife)

    assert case_of(world, task.subject_id).status == "closed"
    assert world.look(method.work_list, by=midwife).items == []
    with pytest.raises(WrongState):
        world.do(method.claim_task, added.id, by=midwife)


def assert_nowhere(world, secrets) -> None:
    """None of these texts is in any column of any table."""
    with world.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                text = repr(row)
                assert not any(secret in text for secret in secrets), table.name


def test_no_level_of_vulnerability_needs_no_case(world):
    task = world.start()
    done = world.complete(
        task, world.region.midwife, builders.signal_answers(world.clock(), vulnerability_level="none")
    )

    assert done.ended
    assert case_of(world, task.subject_id).status == "closed"
    assert case_of(world, task.subject_id).result == "no_case_needed"


def test_without_consent_at_that_moment_nothing_goes_to_another_organisation(world, clock):
    midwife = world.region.midwife
    task = world.start()
    world.complete(task, midwife)
    tomorrow = (clock() + timedelta(days=1)).date().isoformat()
    world.do_next(midwife, path.consent_answers(validity="until_date", valid_until=tomorrow))
    clock.forward(days=3)
    routing = world.claim(midwife)
    world.do(method.save_draft, routing.id, by=midwife, answers={"route": "exploration"}, version=None)

    with pytest.raises(ConsentMissing):
        world.complete(routing, midwife)

    assert world.look(method.work_list, by=world.region.nurse).items == []
    assert case_of(world, task.subject_id).status == "in_routing"
    view = world.look(method.task_view, routing.id, by=midwife)
    assert (view.task.status, view.answers["route"]) == ("claimed", "exploration")
    with world.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Entry).where(Entry.form_key == "routing")) == 0


def test_consent_that_ended_since_the_task_was_placed_keeps_the_family_unknown(world, clock):
    midwife, nurse = world.region.midwife, world.region.nurse
    task = world.start()
    world.complete(task, midwife)
    tomorrow = (clock() + timedelta(days=1)).date().isoformat()
    world.do_next(midwife, path.consent_answers(validity="until_date", valid_until=tomorrow))
    world.do_next(midwife)
    clock.forward(days=3)

    with pytest.raises(ConsentMissing):
        world.claim(nurse)

    assert case_of(world, task.subject_id).holder_organisation_id == world.region.practice.id
    with pytest.raises(NotFound):
        world.look(method.case_view, task.subject_id, by=nurse)


def consents_of(world, case_id, purpose="exploration"):
    with world.database.reading() as session:
        return [one for one in consent.of_case(session, case_id) if one.purpose == purpose and one.given]


@pytest.mark.parametrize("claimed", [False, True])
def test_who_loses_consent_loses_the_case_and_its_tasks(world, claimed):
    case_id = world.explored()
    midwife, nurse = world.region.midwife, world.region.nurse
    task = world.claim(nurse) if claimed else world.look(method.work_list, by=nurse).items[0]

    for one in consents_of(world, case_id):
        world.do(method.withdraw_consent, one.id, by=midwife)

    assert world.look(method.work_list, by=nurse).items == []
    for verb, found in ((method.case_view, case_id), (method.task_view, task.id)):
        with pytest.raises(NotFound):
            world.look(verb, found, by=nurse)
    with pytest.raises(NotFound):
        world.complete(task, nurse)
    held = case_of(world, case_id)
    assert (held.holder_organisation_id, held.holder_role) == (world.region.practice.id, "signaller")
    forms_waiting = sorted(card.form_key for card in world.look(method.work_list, by=midwife).items)
    assert forms_waiting.count("exploration") == 1
    assert forms_waiting.count("follow_up") == 1  # however many records there were to take back
    assert_level(world, case_id)


def assert_level(world, case_id) -> None:
    """Open tasks are what the machine waits for, and an open case has one holder."""
    with world.database.reading() as session:
        case = session.get(Case, case_id)
        assert case.is_closed == (case.holder_organisation_id is None)
        for run in processes.runs_of(session, "case", case_id):
            live = {t.step_key for t in processes.live_tasks(session, run) if not t.step_key.startswith(processes.OWN)}
            if run.status == "ended":
                assert not live
                continue
            bundle = diagrams.load(session, run.bundle_digest)
            machine = Process.resume(bundle, run.state, now=world.clock(), terms=lambda name, began: began)
            assert {step.key for step in machine.waiting()} == live


@pytest.mark.parametrize("level", ["doubt", "yes", "acute"])
def test_a_concern_about_safety_gives_a_number_and_one_task_and_shows_nowhere_else(world, level):
    region = world.region
    without = world.start()
    plain = world.complete(without, region.midwife)
    task = world.start()
    done = world.complete(
        task,
        region.midwife,
        builders.signal_answers(world.clock(), safety_concern=level, risk_categories=["KW04", "KW11", "KW14"]),
    )

    assert done.safety_notice.level == level
    assert done.safety_notice.phone == ("112" if level == "acute" else "0800-2000")
    assert plain.safety_notice is None
    [card] = world.look(method.work_list, by=region.protection_officer).items
    assert card.form_key == "safety_response"
    assert (card.municipality_code, card.phase, card.language) == (None, None, None)
    assert card.urgency == ("acute" if level == "acute" else "urgent")
    for other in (
        region.other_protection_officer,
        region.youth_protection_officer,
        region.nurse,
        region.process_director,
    ):
        assert world.look(method.work_list, by=other).items == []

    def told(case_id, by):
        view = world.look(method.case_view, case_id, by=by)
        cards = [(one.name, one.form_key, one.status) for one in view.tasks]
        return cards, [(s.element_id, s.kind) for s in view.steps], [d.svg for d in view.diagrams], view.case.status

    assert told(task.subject_id, region.midwife) == told(without.subject_id, region.midwife)
    with world.database.reading() as session:
        lines = [(line.event, line.subject_kind) for line in logbook.lines(session, case_id=task.subject_id)]
        assert lines == [(line.event, line.subject_kind) for line in logbook.lines(session, case_id=without.subject_id)]

    consent_task = next(one for one in done.next if one.form_key == "consent")
    world.do(method.claim_task, consent_task.id, by=region.midwife)
    world.complete(world.look(method.task_view, consent_task.id, by=region.midwife).task, region.midwife)
    routing = next(one for one in world.look(method.work_list, by=region.midwife).items if one.form_key == "routing")
    world.complete(world.do(method.claim_task, routing.id, by=region.midwife), region.midwife)
    world.claim(region.nurse)
    seen = world.look(method.case_view, task.subject_id, by=region.nurse)
    signal = next(entry for entry in seen.entries if entry.form_key == "signal")
    assert not any(value.compartment == "C5" for value in signal.values)
    assert "KW14" not in repr(signal)
    assert "safety_concern" not in repr(signal)

    claimed = world.claim(region.protection_officer)
    view = world.look(method.task_view, claimed.id, by=region.protection_officer)
    assert [member.name for member in view.members] == ["Noor Voorbeeld"]
    with pytest.raises(NotFound):
        world.look(method.case_view, task.subject_id, by=region.protection_officer)
    assert world.complete(claimed, region.protection_officer).ended


def test_a_second_concern_is_a_note_in_the_same_file(world):
    region = world.region
    case_id = world.explored()
    task = world.claim(region.nurse)
    world.complete(
        task, region.nurse, path.exploration_answers(world.clock(), conclusion="not_reached", what_goes_well=None, wishes=None,
        what_first=None, vulnerability_level_after=None, decided_with_parent=None, safety_concern="doubt"),
    )  # fmt: skip
    world.do_next(
        region.midwife, path.no_contact_answers(safety_concern="yes", contact_result="try_again", stop_reason=None)
    )
    [card] = world.look(method.work_list, by=region.youth_protection_officer).items
    [other] = world.look(method.work_list, by=region.protection_officer).items

    assert card.id != other.id
    assert_level(world, case_id)


@pytest.mark.parametrize("moment", ["signal", "consent", "routing", "exploration", "claimed", "feedback", "closure"])
def test_a_loss_stops_everything_about_the_birth_and_leaves_one_task(world, moment):
    region = world.region
    task = world.start()
    by = region.midwife
    for form_key, who in (
        ("signal", region.midwife),
        ("consent", region.midwife),
        ("routing", region.midwife),
        ("exploration", region.nurse),
        ("feedback", region.nurse),
        ("closure", region.nurse),
    ):
        if moment == form_key:
            break
        if form_key == "signal":
            world.complete(task, who)
            continue
        current = world.claim(who, form_key)
        by = who
        if moment == "claimed" and form_key == "exploration":
            break
        world.complete(current, who)
    case_id = task.subject_id

    world.do(method.report_loss, case_id, by=by, answers=path.loss_answers())

    live = [t for t in processes_of(world, case_id) if t.status in ("open", "claimed")]
    assert [t.form_key for t in live] == ["loss_follow_up"]
    case = case_of(world, case_id)
    assert live[0].organisation_id == case.holder_organisation_id
    with world.database.reading() as session:
        if case.family_id:
            assert families.current_pregnancy(session, case.family_id) is None
    assert_level(world, case_id)
    holder = region.midwife if case.holder_role == "signaller" else region.nurse
    done = world.do_next(holder)
    assert done.ended
    assert case_of(world, case_id).result == "loss"


def test_a_message_nobody_awaits_is_a_task_for_the_holder(world):
    case_id = world.explored()
    world.claim(world.region.nurse)
    world.do(method.report_loss, case_id, by=world.region.nurse, answers=path.loss_answers())
    world.do(method.report_loss, case_id, by=world.region.midwife, answers=path.loss_answers())

    live = [t for t in processes_of(world, case_id) if t.status == "open"]
    assert [t.form_key for t in live] == ["loss_follow_up", "loss_follow_up"]
    added = next(t for t in live if t.step_key.startswith(processes.OWN))
    claimed = world.do(method.claim_task, added.id, by=world.region.nurse)
    assert not world.complete(claimed, world.region.nurse).ended
    assert_level(world, case_id)


def test_a_term_that_passes_tells_the_process_director_without_the_family(world, clock):
    case_id = world.explored()
    clock.forward(days=20)
    assert worker.run_once(world.database, clock()) >= 1

    director = world.region.process_director
    task = world.claim(director)
    assert task.form_key == "escalation"
    view = world.look(method.case_view, case_id, by=director)
    assert [entry.values for entry in view.entries if entry.values] == []
    assert [member.name for member in view.members] in ([], ["Noor Voorbeeld"])
    assert all(member.birth_date is None and member.safe_contact is None for member in view.members)
    world.complete(task, director)
    assert_level(world, case_id)
    assert worker.run_once(world.database, clock()) == 0


def test_a_term_that_passes_with_nobody_to_tell_becomes_the_holders(world, clock):
    with world.database.writing() as session:
        organisations.deactivate_organisation(session, world.region.municipality.id, by=OPERATOR, at=clock())
    world.explored()
    clock.forward(days=20)
    worker.run_once(world.database, clock())

    assert "escalation" in [card.form_key for card in world.look(method.work_list, by=world.region.midwife).items]


def test_every_read_of_a_family_is_written_down_with_purpose_and_rule(world):
    case_id = world.explored()
    task = world.claim(world.region.nurse)
    world.look(method.task_view, task.id, by=world.region.nurse)
    world.look(method.case_view, case_id, by=world.region.nurse)
    world.look(method.work_list, by=world.region.nurse)

    with world.database.reading() as session:
        own = session.scalars(
            select(logbook.LoggedRead)
            .where(logbook.LoggedRead.person_id == world.region.nurse.person_id)
            .order_by(logbook.LoggedRead.event.desc())
        ).all()
    [listed] = [line for line in own if line.event == "work.listed"]  # the list from which she claimed names no family
    assert case_id.hex in repr(listed.details) or str(case_id) in repr(listed.details)
    lines = [line for line in own if line is not listed]
    assert [(line.event, line.purpose) for line in lines] == [
        ("task.viewed", "task:exploration"),
        ("case.viewed", "exploration"),
    ]
    assert [(line.rule, line.ground) for line in lines] == [
        ("candidate+claimant+holder+party", "consent_of_subject"),
        ("holder+party", "consent_of_subject"),
    ]
    assert all(line.case_id == case_id and line.rule for line in lines)


def test_what_was_written_down_tells_no_story(world):
    case_id = world.explored()
    world.claim(world.region.nurse)
    world.look(method.case_view, case_id, by=world.region.nurse)

    with world.database.reading() as session:
        for table in (logbook.LoggedChange, logbook.LoggedRead, StepTaken, processes.Run, processes.Task):
            for row in session.execute(select(table.__table__)):
                assert not any(secret in repr(row) for secret in (*path.SECRETS, "5911 AB", "5911AB")), table


def test_a_case_shows_where_it_stands(world):
    case_id = world.explored()
    view = world.look(method.case_view, case_id, by=world.region.midwife)

    assert [change.status for change in view.status_history][-1] == "in_exploration"
    drawn = {diagram.process_id: diagram for diagram in view.diagrams}
    assert {"hoofdproces", "signaleren", "verkennen"} <= set(drawn)
    live = {item.element_id for item in drawn["verkennen"].outline if item.mark == "live"}
    assert "explore" in live
    assert drawn["hoofdproces"].svg.startswith("<svg")
    assert "report_loss" in view.may
    assert view.consents


def test_routing_is_filled_in_with_what_is_known(world):
    midwife = world.region.midwife
    task = world.start()
    world.complete(task, midwife)
    world.do_next(midwife)
    routing = world.claim(midwife)

    known = world.look(method.task_view, routing.id, by=midwife).answers

    assert known == {"advised_route": "exploration", "themes": ["money", "network"], "single_or_multiple": "multiple"}


def test_a_worker_goes_on_when_a_job_fails(world, clock):
    with world.database.writing() as session:
        jobs.enqueue(session, "nobody_knows", due_at=clock(), subject_kind="x", subject_id="1")
    world.explored()
    clock.forward(days=20)

    worker.run_once(world.database, clock())

    assert "escalation" in [
        card.form_key for card in world.look(method.work_list, by=world.region.process_director).items
    ]
    with world.database.reading() as session:
        failed = session.scalars(select(jobs.Job).where(jobs.Job.kind == "nobody_knows")).one()
        assert (failed.status, failed.attempts, failed.last_error) == ("pending", 1, "LookupError")
    for _ in range(20):
        clock.forward(hours=1)
        worker.run_once(world.database, clock())
    with world.database.reading() as session:
        failed = session.scalars(select(jobs.Job).where(jobs.Job.kind == "nobody_knows")).one()
        assert failed.status == "failed"


#: As measured, with one to spare where there is one; one of them says who hears of it. Not to grow unnoticed.
CEILING = {"signal": 39, "consent": 34, "routing": 29, "exploration": 24}


@pytest.mark.parametrize("form_key", sorted(CEILING))
def test_a_completion_takes_no_more_statements_than_measured(world, form_key):
    by = world.region.nurse if form_key == "exploration" else world.region.midwife
    task = world.start()
    while task.form_key != form_key:
        world.complete(task, world.region.midwife)
        task = world.claim(by if world.look(method.work_list, by=by).items else world.region.midwife)
    counted = []
    event.listen(world.database.engine, "before_cursor_execute", lambda *arguments: counted.append(arguments[2]))

    world.complete(task, by)

    assert len(counted) <= CEILING[form_key], "\n".join(counted)


def closed_by_the_nurse(world):
    case_id = world.explored()
    nurse = world.region.nurse
    world.do_next(nurse, form_key="exploration")
    while cards := [card for card in world.look(method.work_list, by=nurse).items if card.status == "open"]:
        world.complete(world.do(method.claim_task, cards[0].id, by=nurse), nurse)
    assert case_of(world, case_id).status == "closed"
    return case_id


def test_what_was_agreed_as_long_as_the_case_ran_ends_when_it_closes(world, clock):
    case_id = closed_by_the_nurse(world)
    clock.forward(minutes=1)

    view = world.look(method.case_view, case_id, by=world.region.nurse)

    assert view.members == ()
    assert {entry.form_key for entry in view.entries if entry.values} <= {
        "exploration",
        "feedback",
        "follow_up",
        "closure",
    }
    assert consents_of(world, case_id)
    assert all(one.valid_until is not None for one in consents_of(world, case_id))


def test_a_closed_case_can_still_be_taken_from_who_knew_it(world):
    case_id = closed_by_the_nurse(world)
    midwife, nurse = world.region.midwife, world.region.nurse
    assert "withdraw_consent" in world.look(method.case_view, case_id, by=midwife).may

    world.do(method.withdraw_consent, consents_of(world, case_id)[0].id, by=midwife)

    with pytest.raises(NotFound):
        world.look(method.case_view, case_id, by=nurse)


def test_a_signaller_follows_how_it_goes_on_only_with_consent_for_feedback(world):
    midwife, nurse = world.region.midwife, world.region.nurse
    followed, unseen = [], []
    for share, seen in (("yes", followed), ("no", unseen)):
        task = world.start()
        world.complete(task, midwife)
        agreed = path.consent_answers(share_feedback=share)
        if share == "no":
            agreed.pop("share_feedback_categories")
        world.do_next(midwife, agreed)
        world.do_next(midwife)
        world.claim(nurse)
        seen.append(world.look(method.case_view, task.subject_id, by=midwife))

    assert followed[0].steps
    assert followed[0].diagrams
    assert [task.form_key for task in followed[0].tasks] == ["exploration"]
    assert unseen[0].steps == unseen[0].diagrams == unseen[0].tasks == ()
    assert {entry.organisation_id for entry in unseen[0].entries} == {midwife.organisation_id}


def test_a_protection_officer_hears_how_pressing_it_is_and_whom_to_call(world):
    midwife, officer = world.region.midwife, world.region.protection_officer
    answers = builders.signal_answers(world.clock(), safety_concern="acute")
    world.complete(world.start(), midwife, answers)

    concern = world.look(method.task_view, world.claim(officer).id, by=officer).concern

    with world.database.reading() as session:
        name = organisations.person(session, midwife.person_id).display_name
    assert (concern.level, concern.raised_by_name) == ("acute", name)


def test_a_family_that_is_helped_already_enters_in_the_middle_and_is_marked(world):
    midwife = world.region.midwife
    task = world.do(method.start_signal, by=midwife, under_way=True)
    case_id = task.subject_id
    done = world.complete(task, midwife)
    task = world.do(method.claim_task, done.next[0].id, by=midwife)
    done = world.complete(task, midwife)

    assert [card.name for card in done.next] == ["Toestemming voor overleg en steun"]
    case = world.look(method.case_view, case_id, by=midwife).case
    assert case.under_way_since == local_date(world.clock()) - timedelta(days=60)
    assert case.status == "in_support_planning"


def test_support_is_evaluated_again_and_again_until_the_case_is_closed(world):
    nurse = world.region.nurse
    case_id = world.explored()
    explored = path.exploration_answers(world.clock(), conclusion="pathway")
    world.do_next(nurse, explored)
    world.do_next(nurse, form_key="feedback")
    world.do_next(nurse, form_key="support_consent")
    world.do_next(nurse, form_key="support_plan")

    assert world.look(method.case_view, case_id, by=nurse).case.status == "support_running"
    for decision in ("continue", "adjust", "close"):
        world.clock.forward(days=85)  # past the day that was agreed
        worker.run_once(world.database, world.clock())
        assert world.look(method.case_view, case_id, by=nurse).case.status == "in_evaluation"
        world.do_next(
            nurse, path.evaluation_answers(world.clock(), evaluation_decision=decision), form_key="evaluation"
        )
        if decision == "adjust":
            world.do_next(nurse, form_key="support_plan")
    world.do_next(nurse, form_key="closure")

    assert world.look(method.case_view, case_id, by=nurse).case.result == "goals_reached"
