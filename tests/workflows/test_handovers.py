"""A case changes hands when the receiver accepts, and never before: exactly one holder all the time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from engine.clock import local_date
from tests import builders
from tests.workflows.handing import ACCEPTED, ASKED, REFUSED, REPLIED, SENT, World, offer, team_of
from workflows import cases, consent, handovers, logbook, method, processes, worker
from workflows.actor import Actor
from workflows.cases import Case
from workflows.errors import ConsentMissing, Invalid, NotAllowed, NotFound, Refusal, WrongState
from workflows.handovers import TRANSITIONS, Handover, HandoverStatus
from workflows.method.effects import settle
from workflows.method.facts import case_facts, purpose_of
from workflows.method.placing import holder_place


@pytest.fixture
def world(database, clock) -> World:
    return World(database, clock)


def status(world: World, case_id) -> list[str]:
    with world.database.reading() as session:
        return [one.status for one in handovers.of_case(session, case_id)]


def sees(world: World, case_id, by) -> bool:
    try:
        world.look(method.case_view, case_id, by=by)
    except NotFound:
        return False
    return True


def forms_of(world: World, by) -> list[str]:
    return sorted(card.form_key for card in world.look(method.work_list, by=by).items)


# --- the room


def offered(session, clock, **changes):
    here = builders.region(session, clock())
    shared = builders.explored_case(session, here, clock())
    given = {
        "kind": "case_director",
        "reason": "step_up",
        "to_organisation_id": here.municipality.id,
        "to_role": "case_director",
    }
    sent = {"warm_contact_form": "phone", "warm_contact_on": None, "parent_presence": "present"}
    given, sent = ({name: changes.get(name, value) for name, value in part.items()} for part in (given, sent))
    one = handovers.prepare(session, shared, **given, by=here.nurse, at=clock())
    handovers.offer(session, one, **sent, by=here.nurse, at=clock())
    return here, shared, one


def test_an_offer_says_from_whom_to_whom_and_moves_nothing(session, clock):
    here, shared, one = offered(session, clock)

    assert (one.from_organisation_id, one.from_role, one.from_person_id) == team_of(here.nurse)
    assert (one.status, one.offered_at, one.answered_at) == ("offered", clock(), None)
    assert handovers.pending(session, shared.id) is one
    assert shared.holder_organisation_id == here.youth_health.id


@pytest.mark.parametrize(
    ("form", "on", "parent", "warm"),
    [
        ("phone", "2026-11-03", "present", True),
        ("phone", "2026-11-03", "declined", True),
        ("phone", "2026-11-03", "absent", False),
        ("joint_visit", None, "present", False),
        ("none", "2026-11-03", "present", False),
    ],
)
def test_a_handover_is_warm_when_they_met_on_a_day_that_is_known(session, clock, form, on, parent, warm):
    day = None if on is None else date.fromisoformat(on)
    _, _, one = offered(session, clock, warm_contact_form=form, warm_contact_on=day, parent_presence=parent)

    assert one.is_warm is warm


def test_every_wrong_code_is_told_at_once(session, clock):
    here = builders.region(session, clock())
    shared = builders.explored_case(session, here, clock())
    there: dict[str, Any] = {"to_organisation_id": here.municipality.id, "to_role": "case_director"}
    with pytest.raises(Invalid) as refused:
        handovers.prepare(session, shared, kind="sold", reason="bored", **there, by=here.nurse, at=clock())
    one = handovers.prepare(session, shared, kind="birth", reason="birth", **there, by=here.nurse, at=clock())
    with pytest.raises(Invalid) as unsent:
        handovers.offer(session, one, warm_contact_form="fax", parent_presence="asleep", by=here.nurse, at=clock())

    assert set(refused.value.errors) == {"handover_kind", "handover_reason"}
    assert set(unsent.value.errors) == {"warm_contact_form", "parent_presence"}


def test_nobody_is_offered_what_they_hold(session, clock):
    here = builders.region(session, clock())
    shared = builders.explored_case(session, here, clock())

    with pytest.raises(Invalid) as refused:
        handovers.prepare(
            session, shared, kind="organisation", reason="move", to_organisation_id=here.youth_health.id,
            to_role="explorer", by=here.nurse, at=clock(),
        )  # fmt: skip

    assert set(refused.value.errors) == {"receiver"}


def test_one_offer_at_a_time_also_when_two_write_at_once(session, clock):
    here, shared, one = offered(session, clock)
    again = {name: getattr(one, name) for name in (
        "case_id", "kind", "reason", "from_organisation_id", "from_role", "to_organisation_id", "to_role",
        "prepared_at",
    )}  # fmt: skip

    with pytest.raises(WrongState):
        handovers.prepare(
            session, shared, kind="birth", reason="birth", to_organisation_id=here.practice.id, to_role="explorer",
            by=here.nurse, at=clock(),
        )  # fmt: skip
    with pytest.raises(IntegrityError), session.begin_nested():
        session.add(Handover(**again, status="prepared"))
        session.flush()


THERE, AT = Actor(uuid4(), uuid4(), uuid4(), "case_director"), datetime(2026, 11, 2, 9, tzinfo=UTC)
VERBS: dict[str, Callable[[Handover], None]] = {
    "offer": lambda one: one.offer(
        warm_contact_form="phone", warm_contact_on=None, parent_presence="present", shown_to_parent=True, entry_id=None,
        by=THERE, at=AT,
    ),
    "ask": lambda one: one.ask(["goes_well"], by=THERE, at=AT),
    "reply": lambda one: one.reply(AT.date()),
    "accept": lambda one: one.accept(contact_planned_on=None, entry_id=None, by=THERE, at=AT),
    "refuse": lambda one: one.refuse("other", entry_id=None, by=THERE, at=AT),
    "withdraw": lambda one: one.withdraw(AT),
    "expire": lambda one: one.expire(AT),
    "confirm_contact": lambda one: one.confirm_contact(AT.date(), entry_id=None),
}  # fmt: skip
#: Where each verb leads, and from where: what the table says, but for what is said twice of an offer.
LEADS = {
    "offer": ("offered", {"prepared"}),
    "ask": ("asked", {"offered"}),
    "reply": ("offered", {"asked"}),
    "accept": ("accepted", {"offered"}),
    "refuse": ("refused", {"offered"}),
    "withdraw": ("withdrawn", {"prepared", "offered", "asked"}),
    "expire": ("expired", {"prepared", "offered", "asked"}),
    "confirm_contact": ("completed", {"accepted"}),
}
ROADS = {
    "prepared": (),
    "offered": ("offer",),
    "asked": ("offer", "ask"),
    "accepted": ("offer", "ask", "reply", "accept"),
    "refused": ("offer", "refuse"),
    "withdrawn": ("withdraw",),
    "expired": ("offer", "expire"),
    "completed": ("offer", "accept", "confirm_contact"),
}


def test_what_may_follow_what_is_a_table():
    assert {(one, then) for one, after in TRANSITIONS.items() for then in after} == {
        (one, then) for then, before in LEADS.values() for one in before
    }
    assert set(ROADS) == set(HandoverStatus)
    for before, road in ROADS.items():
        for verb, (after, allowed) in LEADS.items():
            one = Handover(
                id=uuid4(), status="prepared", to_organisation_id=THERE.organisation_id, to_role=THERE.role, missing=[]
            )
            for each in road:
                VERBS[each](one)
            assert one.status == before
            if before in allowed:
                VERBS[verb](one)
                assert one.status == after
            else:
                with pytest.raises(WrongState):
                    VERBS[verb](one)
                assert one.status == before


def test_every_step_of_a_handover_has_one_line_in_the_log(session, clock):
    here, shared, one = offered(session, clock)
    receiver = builders.actor(session, "Rik Regisseur", here.municipality, "case_director", at=clock())
    more: dict[str, Any] = {"by": receiver, "at": clock()}
    handovers.ask(session, one, ["goes_well", "other"], **more)
    assert (one.questions, one.missing) == (1, ["goes_well", "other"])
    handovers.reply(session, one, answer_from=clock().date(), by=here.nurse, at=clock())
    handovers.accept(session, one, **more)
    handovers.record_talk(session, one, form="none", on=None, parent_presence="absent", **more)
    assert not one.is_warm
    handovers.confirm_contact(session, one, clock().date(), **more)
    with pytest.raises(Invalid):
        handovers.ask(session, one, ["everything"], **more)

    events = [line.event for line in logbook.lines(session, case_id=shared.id) if line.event.startswith("handover.")]
    verbs = ("prepared", "offered", "asked", "replied", "accepted", "talked", "completed")
    assert events == [f"handover.{verb}" for verb in verbs]


def test_nobody_accepts_for_another_organisation_or_role(session, clock):
    here, _, one = offered(session, clock)
    colleague = builders.actor(session, "Suus Steun", here.municipality, "supporter", at=clock())

    for by in (here.nurse, here.midwife, here.process_director, colleague):
        with pytest.raises(NotAllowed):
            handovers.accept(session, one, by=by, at=clock())
    assert one.status == "offered"


# --- the method


def test_the_holder_moves_when_the_receiver_accepts_and_not_before(world):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    assert world.holder(case_id) == team_of(midwife)

    world.hand(midwife, nurse)
    assert world.holder(case_id) == team_of(midwife)
    assert not sees(world, case_id, nurse)
    task = world.take(nurse, "handover_answer")
    assert sees(world, case_id, nurse)
    assert world.holder(case_id) == team_of(midwife)
    world.complete(task, nurse, ACCEPTED)

    assert world.holder(case_id) == team_of(nurse)
    assert status(world, case_id) == ["accepted"]
    assert sees(world, case_id, midwife)  # the signaller keeps its part, not its responsibility


def test_the_receiver_asks_back_and_goes_on_with_the_answer(world, clock):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.hand(midwife, nurse)

    world.fill(nurse, "handover_answer", ASKED)

    assert status(world, case_id) == ["asked"]
    assert world.holder(case_id) == team_of(midwife)
    assert "handover_answer" not in forms_of(world, nurse)
    task = world.take(midwife, "handover_question")
    shown = world.look(method.task_view, task.id, by=midwife).answers["question_asked"]
    assert shown == "Ik mis: wat is geprobeerd.\n\nWat hielp niet?"
    world.complete(task, midwife, REPLIED)
    assert status(world, case_id) == ["offered"]
    assert "handover_question" not in forms_of(world, midwife)
    world.fill(nurse, "handover_answer", ACCEPTED)
    assert world.holder(case_id) == team_of(nurse)
    [line] = world.look(method.handover_list, case_id, by=midwife)
    assert (line.status, line.questions, line.shown_to_parent) == ("accepted", 1, True)


def test_what_is_not_right_yet_goes_back_before_anybody_else_knows(world):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.fill(midwife, "handover", offer(world.roos))
    assert world.look(method.handover_list, case_id, by=midwife)[0].status == "prepared"
    assert forms_of(world, world.roos) == []
    world.fill(midwife, "handover_offer", {"handover_send": "change"})
    world.hand(midwife, nurse)

    assert status(world, case_id) == ["offered"]
    assert forms_of(world, world.roos) == []
    world.do(method.withdraw_handover, case_id, by=midwife)
    world.fill(midwife, "handover", offer(nurse))
    world.do(method.withdraw_handover, case_id, by=midwife)
    assert status(world, case_id) == ["withdrawn", "withdrawn"]
    assert {"handover", "follow_up"} <= set(forms_of(world, midwife))
    [line] = world.look(method.handover_list, case_id, by=midwife)  # what was never sent, nobody needs to know
    assert line.offered_at is not None


def test_a_second_reason_to_hand_over_leaves_what_waits_to_be_sent_alone(world):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.fill(midwife, "handover", offer(nurse))
    with world.database.writing() as session:
        case = cases.lock(session, case_id)
        run = processes.run_of(session, "case", case.id)
        processes.add_task(
            session, run, name="Overdracht voorbereiden", form_key="handover", place=holder_place(case), at=world.clock(),
            key="beside",
        )  # fmt: skip
    assert [one for one in forms_of(world, midwife) if one.startswith("handover")] == ["handover", "handover_offer"]

    with pytest.raises(WrongState, match="waits to be sent") as refused:
        world.fill(midwife, "handover", offer(nurse))
    assert "ligt al een overdracht" in refused.value.detail
    world.fill(midwife, "handover", {"handover_choice": "cancel", "cancel_reason": "Het gezin blijft hier wonen."})
    assert status(world, case_id) == ["prepared"]
    world.fill(midwife, "handover_offer", SENT)
    assert status(world, case_id) == ["offered"]


def test_what_was_the_holders_to_do_goes_along_and_nothing_else(world):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    task = world.take(midwife, "follow_up")
    world.do(method.save_draft, task.id, answers={"agreement": "Bellen"}, version=task.version, by=midwife)
    own = world.do(lambda session, by, at: added(session, case_id, midwife, "escalation", at), by=midwife)
    stays = world.do(lambda session, by, at: added(session, case_id, midwife, "action_progress", at), by=midwife)
    world.hand(midwife, nurse)

    world.fill(nurse, "handover_answer", ACCEPTED)

    assert forms_of(world, nurse) == ["escalation", "exploration", "follow_up", "handover_talk"]
    assert forms_of(world, midwife) == ["action_progress"]
    with world.database.reading() as session:
        moved = [line.subject_id for line in logbook.lines(session, case_id=case_id) if line.event == "task.moved"]
        assert set(moved) == {str(task.id), str(own)}
        assert str(stays) not in moved
        assert processes.draft_of(session, task.id, by=midwife).answers == {"agreement": "Bellen"}
        assert processes.draft_of(session, task.id, by=nurse) is None


def added(session, case_id, by, form_key, at):
    """A task that no diagram asked for, with the team of *by*."""
    run = processes.run_of(session, "case", case_id)
    place = processes.Place(organisation_id=by.organisation_id, role=by.role)
    task = processes.add_task(session, run, name="Iets", form_key=form_key, place=place, at=at, element_id="x")
    session.flush()
    return task.id


def test_claiming_what_makes_one_the_holder_takes_the_holders_tasks_along(world):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse

    world.take(nurse, "exploration")

    assert world.holder(case_id) == team_of(nurse)
    assert forms_of(world, nurse) == ["exploration", "follow_up", "handover"]
    assert forms_of(world, midwife) == []


def test_when_consent_goes_the_holders_tasks_come_back_with_the_case(world):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.take(nurse, "exploration")

    withdraw_all(world, case_id, "exploration")

    assert world.holder(case_id) == team_of(midwife, person=False)
    assert forms_of(world, nurse) == []
    assert {"handover", "follow_up"} <= set(forms_of(world, midwife))


def withdraw_all(world: World, case_id, purpose: str) -> None:
    with world.database.reading() as session:
        given = [one for one in consent.of_case(session, case_id) if one.purpose == purpose and one.is_yes]
    for one in given:
        world.do(method.withdraw_consent, one.id, by=world.region.midwife)


def test_a_refused_handover_leaves_the_holder_and_shows_the_case_to_the_receiver_no_longer(world):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.hand(midwife, nurse)

    world.fill(nurse, "handover_answer", REFUSED)

    assert world.holder(case_id) == team_of(midwife)
    assert status(world, case_id) == ["refused"]
    assert "handover" in forms_of(world, midwife)
    assert not sees(world, case_id, world.region.nurse2)


def test_who_decides_about_an_offer_receives_data_to_hand_over_and_for_its_work_from_the_day_it_accepts(world, clock):
    case_id, midwife, nurse = world.begun(), world.region.midwife, world.region.nurse

    def acts() -> list[tuple[str, list[str], str, bool]]:
        with world.database.reading() as session:
            found = [one for one in consent.disclosures(session, case_id) if one.role == "explorer"]
            return [(one.purpose, one.categories, one.cause, one.ended_at is None) for one in found]

    world.hand(midwife, nurse)
    world.take(nurse, "handover_answer")
    assert acts() == [("handover", [], "task", True)]  # the family agreed to its work, and not to handing over yet
    world.allow(case_id, kind="youth_health", purpose="handover")
    clock.forward(minutes=5)
    with world.database.writing() as session:
        case = session.get_one(Case, case_id)
        cases.follow_consent(session, case, by=midwife, at=clock())
    assert acts()[1:] == [("handover", ["C0", "C1", "C6", "C9"], "case", True)]
    world.fill(nurse, "handover_answer", REFUSED)
    assert not any(runs for *_, runs in acts())

    clock.forward(minutes=5)
    world.hand(midwife, nurse)
    world.fill(nurse, "handover_answer", ACCEPTED)
    assert [(purpose, cause) for purpose, _, cause, runs in acts() if runs] == [("exploration", "handover")]


def test_who_takes_other_work_while_an_offer_waits_reads_for_that_work_and_no_more_than_was_written_down(world, clock):
    case_id, midwife, nurse = world.begun(), world.region.midwife, world.region.nurse
    world.allow(case_id, kind="youth_health", purpose="handover")
    world.hand(midwife, nurse)
    with world.database.writing() as session:
        added(session, case_id, nurse, "action_progress", clock())

    world.take(nurse, "action_progress")

    with world.database.reading() as session:
        case = session.get_one(Case, case_id)
        [act] = [
            one for one in consent.disclosures(session, case_id) if one.role == "explorer" and one.ended_at is None
        ]
        assert (act.purpose, act.cause) == ("exploration", "task")
        assert purpose_of(session, case, by=nurse) == "exploration"
        assert case_facts(session, case, by=nurse, at=clock()).consent_categories <= set(act.categories)


def test_after_a_refusal_it_can_be_offered_again(world, clock):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.hand(midwife, nurse)
    world.fill(nurse, "handover_answer", REFUSED)
    clock.forward(minutes=5)

    world.hand(midwife, nurse)
    world.fill(nurse, "handover_answer", ACCEPTED)

    assert status(world, case_id) == ["refused", "accepted"]
    assert world.holder(case_id) == team_of(nurse)


def test_without_consent_for_this_receiver_nothing_is_offered(world):
    case_id = world.begun()
    midwife = world.region.midwife
    task = world.take(midwife, "handover")

    with pytest.raises(ConsentMissing):
        world.complete(task, midwife, offer(world.carla))
    world.allow(case_id, purpose="hub_meeting")  # another purpose is not enough
    with pytest.raises(ConsentMissing):
        world.complete(task, midwife, offer(world.carla))

    assert status(world, case_id) == []
    assert forms_of(world, world.carla) == []
    world.allow(case_id)
    world.complete(task, midwife, offer(world.carla))
    assert forms_of(world, world.carla) == []  # it is only prepared
    world.fill(midwife, "handover_offer", SENT)
    assert forms_of(world, world.carla) == ["handover_answer"]


def test_consent_that_went_meanwhile_stops_the_receiver_from_accepting(world, clock):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.hand(midwife, nurse)
    task = world.take(nurse, "handover_answer")

    withdraw_all(world, case_id, "exploration")

    with pytest.raises((NotFound, WrongState)):
        world.complete(task, nurse, ACCEPTED)
    assert status(world, case_id) == ["expired"]
    assert world.holder(case_id) == team_of(midwife)
    assert not sees(world, case_id, nurse)
    assert "handover" in forms_of(world, midwife)


@pytest.mark.parametrize("receiver", ["", "nobody", "x:explorer", "{practice}:signaller", "{practice}:explorer"])
def test_only_a_team_that_can_hold_a_case_gets_one_offered(world, receiver):
    world.begun()
    midwife = world.region.midwife
    task = world.take(midwife, "handover")

    with pytest.raises(Invalid) as refused:
        chosen = receiver.format(practice=world.region.practice.id)
        world.complete(task, midwife, offer(world.region.nurse, receiver=chosen))

    assert set(refused.value.errors) == {"receiver"}


def test_who_decides_not_to_hand_over_keeps_the_case(world):
    case_id = world.begun()
    midwife = world.region.midwife

    world.fill(midwife, "handover", {"handover_choice": "cancel", "cancel_reason": "Ze wil het niet."})

    assert status(world, case_id) == []
    assert world.holder(case_id) == team_of(midwife)


def test_a_second_offer_while_one_is_open_is_refused(world):
    case_id = world.begun()
    midwife = world.region.midwife
    world.hand(midwife, world.region.nurse)
    extra = world.do(lambda session, by, at: added(session, case_id, midwife, "handover", at), by=midwife)
    task = world.do(method.claim_task, extra, by=midwife)

    with pytest.raises(WrongState) as refused:
        world.complete(task, midwife, offer(world.roos))

    assert "loopt al een overdracht" in refused.value.detail
    assert status(world, case_id) == ["offered"]


def test_who_does_not_hold_the_case_offers_it_to_nobody(world):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.take(nurse, "exploration")
    extra = world.do(lambda session, by, at: added(session, case_id, midwife, "handover", at), by=midwife)
    task = world.do(method.claim_task, extra, by=midwife)

    with pytest.raises(NotAllowed):
        world.complete(task, midwife, offer(world.roos))


def test_an_offer_is_taken_back_by_who_holds_the_case(world):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.hand(midwife, nurse)
    world.take(nurse, "handover_answer")
    for other, told in ((nurse, NotAllowed), (world.roos, NotFound), (world.region.process_director, NotFound)):
        with pytest.raises(told):
            world.do(method.withdraw_handover, case_id, by=other)

    world.do(method.withdraw_handover, case_id, by=midwife)

    assert status(world, case_id) == ["withdrawn"]
    assert forms_of(world, nurse) == ["exploration"]
    assert not sees(world, case_id, nurse)
    assert "handover" in forms_of(world, midwife)
    with pytest.raises(WrongState):
        world.do(method.withdraw_handover, case_id, by=midwife)


def test_taken_back_and_accepted_at_once_one_of_them_happened_and_it_stays_so(world):
    midwife, nurse = world.region.midwife, world.region.nurse
    case_id = world.begun()
    world.hand(midwife, nurse)
    answer = world.take(nurse, "handover_answer")
    together = Barrier(4)

    def attempt(verb) -> bool:
        together.wait(60)
        try:
            verb()
        except Refusal:
            return False
        return True

    def accept() -> bool:
        return attempt(lambda: world.complete(answer, nurse, ACCEPTED))

    def take_back() -> bool:
        return attempt(lambda: world.do(method.withdraw_handover, case_id, by=midwife))

    with ThreadPoolExecutor(4) as pool:
        accepting, taking = ([pool.submit(verb) for _ in range(2)] for verb in (accept, take_back))
        accepted, taken = ([one.result() for one in found] for found in (accepting, taking))

    assert sum(accepted + taken) == 1
    assert status(world, case_id) == (["accepted"] if any(accepted) else ["withdrawn"])
    assert world.holder(case_id) == team_of(nurse if any(accepted) else midwife)
    with pytest.raises(Refusal):
        world.do(method.withdraw_handover, case_id, by=midwife)
    with pytest.raises(Refusal):
        world.complete(answer, nurse, ACCEPTED)


def test_the_sender_hears_on_which_day_the_receiver_spoke_the_parent_and_no_more(world, clock):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.hand(midwife, nurse)
    world.fill(nurse, "handover_answer", ACCEPTED)
    assert world.look(method.contact_notices, by=midwife) == []
    world.talk(nurse)
    task = world.take(nurse, "handover_contact")
    with pytest.raises(Invalid) as refused:
        world.complete(task, nurse, {"first_contact_on": "2026-11-04"})
    assert set(refused.value.errors) == {"first_contact_on"}
    clock.forward(days=2)
    task = world.take(nurse, "handover_contact")
    world.complete(task, nurse, {"first_contact_on": "2026-11-05", "note": "Ze was opgelucht."})

    [heard] = world.look(method.contact_notices, by=world.region.midwife2)
    assert (heard.case_id, heard.first_contact_on.isoformat()) == (case_id, "2026-11-05")
    [line] = world.look(method.handover_list, case_id, by=midwife)
    assert (line.status, line.first_contact_on.isoformat(), line.is_warm) == ("completed", "2026-11-05", True)
    assert "opgelucht" not in repr(world.look(method.case_view, case_id, by=midwife))
    assert world.look(method.contact_notices, by=nurse) == []
    clock.forward(days=30)
    assert world.look(method.contact_notices, by=midwife) == []


def test_of_a_handover_each_knows_what_is_theirs_to_know(world, clock):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.hand(midwife, nurse)
    world.fill(nurse, "handover_answer", REFUSED)
    clock.forward(minutes=5)
    world.take(nurse, "exploration")
    world.allow(case_id)
    world.hand(nurse, world.carla)
    world.take(world.carla, "handover_answer")

    def told(by):
        found = world.look(method.handover_list, case_id, by=by)
        return [(one.to_role, one.refused_reason) for one in found]

    assert told(midwife) == [("explorer", "no_capacity")]  # what others hand over is not the signaller's to know
    assert told(nurse) == [("case_director", None), ("explorer", "no_capacity")]
    # Before it accepts, the receiver reads for the handover, which the family agrees to apart from the help itself.
    assert told(world.carla) == [("case_director", None)]
    seen = world.look(method.case_view, case_id, by=world.carla)
    assert (seen.members, seen.entries) == ((), ())
    world.allow(case_id, purpose="handover")
    assert told(world.carla) == [("case_director", None), ("explorer", "no_capacity")]  # agreed to: C9
    assert world.look(method.case_view, case_id, by=world.carla).members
    with pytest.raises(NotFound):
        told(world.roos)


def test_who_holds_the_case_no_longer_offers_it_no_longer_and_who_does_decides_anew(world):
    midwife, nurse = world.region.midwife, world.region.nurse
    for sent in (False, True):
        case_id = world.begun()
        world.allow(case_id)
        world.fill(midwife, "handover", offer(world.carla))
        if sent:
            world.fill(midwife, "handover_offer", SENT)

        world.take(nurse, "exploration")  # which makes her the holder

        assert status(world, case_id) == ["expired"]
        assert {"exploration", "handover"} <= set(forms_of(world, nurse))
        assert forms_of(world, world.carla) == []
        world.hand(nurse, world.carla)
        [*_, line] = sorted(
            world.look(method.handover_list, case_id, by=nurse), key=lambda one: one.status == "offered"
        )
        assert (line.from_organisation_id, line.from_role) == team_of(nurse)[:2]
        world.do(method.withdraw_handover, case_id, by=nurse)
        world.fill(nurse, "handover", {"handover_choice": "cancel", "cancel_reason": "Toch niet."})
        world.fill(nurse, "exploration", None)


def test_the_case_closes_and_no_offer_is_left(world):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.hand(midwife, nurse)
    with world.database.writing() as session:
        case = cases.lock(session, case_id)
        run = processes.run_of(session, "case", case_id)
        settle(
            session, case, run, processes.Change(ended=True), by=midwife, at=world.clock(),
            answers={"result": "regular_care", "contact_after": "De verloskundige"},
        )  # fmt: skip

    assert status(world, case_id) == ["expired"]
    assert forms_of(world, nurse) == []


def test_a_case_goes_from_hand_to_hand_and_its_story_stays_with_the_family(world, clock):
    case_id = world.begun()
    midwife, nurse, carla = world.region.midwife, world.region.nurse, world.carla
    world.allow(case_id)
    seen = [world.holder(case_id)]
    for sender, receiver in ((midwife, nurse), (nurse, carla), (carla, world.roos)):
        world.hand(sender, receiver)
        seen.append(world.holder(case_id))
        world.fill(receiver, "handover_answer", ACCEPTED)
        seen.append(world.holder(case_id))
        world.contact(receiver)
        clock.forward(days=1)

    teams = [team_of(one) for one in (midwife, midwife, nurse, nurse, carla, carla, world.roos)]
    assert seen == teams
    assert status(world, case_id) == ["completed"] * 3
    shown = world.look(method.case_view, case_id, by=world.roos)
    signal = next(entry for entry in shown.entries if entry.form_key == "signal")
    assert "support_request_own_words" in {value.field for value in signal.values}
    worker.run_once(world.database, clock.forward(days=1))
    with world.database.reading() as session:
        assert session.scalars(select(Case.holder_organisation_id)).all() == [world.roermond.id]


def test_nothing_of_what_was_said_is_in_the_row_the_log_or_the_state(world):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.hand(midwife, nurse)
    world.fill(nurse, "handover_answer", {**REFUSED, "refused_words": "Geen tijd voor dit gezin."})

    with world.database.reading() as session:
        [row] = session.scalars(select(Handover)).all()
        kept = repr(vars(row))
        kept += repr([line.details for line in logbook.lines(session, case_id=case_id)])
        run = processes.run_of(session, "case", case_id)
        state = run.state
    assert "Geen tijd" not in kept
    assert "haar moeder" not in kept
    assert b"haar moeder" not in state


def work(world: World) -> None:
    while worker.run_once(world.database, world.clock()):
        pass


def test_without_an_answer_it_comes_back_by_itself_and_the_sender_was_responsible_all_along(world, clock):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.hand(midwife, nurse)
    world.take(nurse, "handover_answer")
    seen = []
    for _ in range(14):  # Tuesday 3 November 2026; the eighth working day after it is Friday the thirteenth
        clock.forward(days=1)
        work(world)
        seen.append((clock().date().day, *status(world, case_id), world.holder(case_id) == team_of(midwife)))

    assert seen == [(day, "offered" if day <= 13 else "expired", True) for day in range(4, 18)]
    assert "handover" in forms_of(world, midwife)
    assert "handover_answer" not in forms_of(world, nurse)
    assert not sees(world, case_id, nurse)
    world.hand(midwife, nurse)  # and again
    world.fill(nurse, "handover_answer", REFUSED)
    assert status(world, case_id) == ["expired", "refused"]


def test_the_time_that_a_question_waits_is_the_senders_and_nobody_begins_anew(world, clock):
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.hand(midwife, nurse)

    def until() -> date:
        [card] = [one for one in world.look(method.work_list, by=nurse).items if one.form_key == "handover_answer"]
        return local_date(card.due_at - timedelta(minutes=1))

    assert until() == date(2026, 11, 6)  # three working days after Tuesday
    clock.forward(days=1)
    world.fill(nurse, "handover_answer", ASKED)
    clock.forward(days=2)
    world.fill(midwife, "handover_question", REPLIED)
    assert until() == date(2026, 11, 10)  # two working days waited: two more
    clock.forward(days=4)  # Tuesday, the last day
    world.fill(nurse, "handover_answer", ASKED)
    world.fill(midwife, "handover_question", REPLIED)
    assert until() == date(2026, 11, 11)  # answered at once: still a working day to read it
    clock.forward(days=30)
    work(world)
    assert status(world, case_id) == ["expired"]
    assert world.holder(case_id) == team_of(midwife)
