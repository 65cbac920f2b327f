"""Support while it runs, from the exploration to the adjusted plan, on both databases: one verb, one transaction."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import end_of_day, local_date
from tests.stories import told
from tests.workflows import path
from tests.workflows.support import evaluation_answers, plan_answers, row, row_of, support
from workflows import consent, evaluations, logbook, method, organisations, plans, processes, worker
from workflows.cases import Case
from workflows.errors import ConsentMissing, NotAllowed, NotFound, WrongState
from workflows.logbook import LoggedRead

ACCEPT, DO = "Steunafspraak aannemen", "Steunafspraak uitvoeren"
FIND_ANOTHER = "Steunafspraak geweigerd: opnieuw beleggen"


class Town(path.World):
    """A region in which a family has been explored with, and agreed with whom support may be made."""

    @told
    def __init__(self, database, clock) -> None:
        super().__init__(database, clock)
        with database.writing() as session:
            self.help = support(session, clock())
        self.case_id = None

    @told
    def planning(self, *kinds: str, **explored) -> None:
        """To the plan: the nurse holds the case and the parent agreed to these kinds of organisations."""
        nurse = self.region.nurse
        self.case_id = self.explored()
        found = path.exploration_answers(self.clock(), conclusion="intervention", **explored)
        self.do_next(nurse, found, form_key="exploration")
        self.do_next(nurse, form_key="feedback")
        self.do_next(nurse, path.support_consent_answers(*(kinds or ("welfare", "family_coach"))), "support_consent")

    def plan(self, *rows, **changes):
        """The nurse writes down a plan with these actions."""
        return self.do_next(self.region.nurse, plan_answers(self.clock(), *rows, **changes), "support_plan")

    @told
    def supported(self, *rows, kinds: tuple[str, ...] = (), **explored) -> None:
        """A family whose plan is agreed."""
        self.planning(*kinds, **explored)
        self.plan(*rows)

    def accept(self, by, **changes):
        answers = {"action_accepted": "yes", "starts_on": local_date(self.clock()).isoformat(), **changes}
        return self.do_next(by, answers, "action_acceptance")

    def refuse(self, by):
        return self.do_next(by, {"action_accepted": "no", "refused_reason": "no_capacity"}, "action_acceptance")

    def cards(self, by) -> list:
        return list(self.look(method.work_list, by=by).items)

    def names(self, by) -> list[str]:
        return sorted(card.name for card in self.cards(by))

    def actions(self) -> dict[str, plans.SupportAction]:
        with self.database.reading() as session:
            return {action.what: action for action in plans.actions(session, self.case_id)}

    def states(self) -> dict[str, str]:
        return {what: action.status for what, action in self.actions().items()}

    def case(self) -> Case:
        with self.database.reading() as session:
            return session.get_one(Case, self.case_id)

    def events(self) -> list[str]:
        with self.database.reading() as session:
            return [line.event for line in logbook.lines(session, case_id=self.case_id)]

    def pass_days(self, days: int) -> None:
        self.clock.forward(days=days)
        worker.run_once(self.database, self.clock())


@pytest.fixture
def town(database, clock) -> Town:
    return Town(database, clock)


def test_support_is_agreed_accepted_done_looked_back_on_and_adjusted(town, clock):
    nurse, help = town.region.nurse, town.help
    town.planning()
    done = town.plan(row("Oppassen"), row_of(help.welfare, "Schulden", ends_on="2026-12-01"), row_of(help.coaches))
    assert sorted(card.name for card in done.opened) == [ACCEPT, ACCEPT]
    assert town.states() == {"Oppassen": "accepted", "Schulden": "proposed", "Hulp bij schulden": "proposed"}
    assert town.case().status == "support_running"

    [card] = town.cards(help.supporter)
    assert (card.name, card.organisation_id, card.role) == (ACCEPT, help.welfare.id, "supporter")
    assert card.documentation
    assert card.due_at == end_of_day(local_date(clock()) + timedelta(days=7))  # five working days
    accepted = town.accept(help.supporter)
    assert [card.name for card in accepted.next] == [DO]
    assert town.states()["Schulden"] == "accepted"
    [card] = town.cards(help.supporter)
    assert (card.name, card.due_at) == (DO, end_of_day(town.actions()["Schulden"].ends_on))

    town.do_next(help.supporter2, {"action_status": "done", "ended_on": "2026-11-03"}, "action_progress")
    assert town.states()["Schulden"] == "done"
    assert town.cards(help.supporter) == []

    town.accept(help.coach)
    town.pass_days(43)
    assert town.names(nurse) == ["Samen terugkijken"]
    task = town.claim(nurse, "evaluation")
    known = town.look(method.task_view, task.id, by=nurse).answers
    assert known == {"goal_ratings": [{"goal": "Weer rustig slapen"}]}
    town.complete(task, nurse, evaluation_answers(clock(), evaluation_decision="adjust"))

    task = town.claim(nurse, "support_plan")
    known = town.look(method.task_view, task.id, by=nurse).answers
    assert [one["what"] for one in known["actions"]] == ["Oppassen", "Hulp bij schulden"]
    assert known["own_strength"] == "Ze zoekt zelf dingen uit."
    before = town.actions()
    answers = {**plan_answers(clock()), **known, "actions": [known["actions"][1], row("Koken", starts_on="2026-12-20")]}
    town.complete(task, nurse, answers)

    assert town.states() == {
        "Oppassen": "stopped",
        "Schulden": "done",
        "Hulp bij schulden": "accepted",
        "Koken": "accepted",
    }
    after = town.actions()["Hulp bij schulden"]
    assert (after.id, after.task_id) == (before["Hulp bij schulden"].id, before["Hulp bij schulden"].task_id)
    assert town.names(help.coach) == [DO]
    assert town.case().status == "support_running"
    view = town.look(method.plan_view, town.case_id, by=nurse)
    assert (view.version, view.status) == (2, "agreed")
    assert [(one.what, one.in_plan) for one in view.actions] == [
        ("Oppassen", False), ("Koken", True), ("Schulden", False), ("Hulp bij schulden", True),
    ]  # fmt: skip
    assert {"plan.agreed", "action.accepted", "action.done", "action.stopped", "evaluation.held"} <= set(town.events())


def test_a_family_looks_back_again_and_again(town, clock):
    nurse = town.region.nurse
    town.supported(row())

    for decision in ("continue", "continue", "close"):
        town.pass_days(91)
        changes = {"next_date": None} if decision == "close" else {}
        answers = evaluation_answers(clock(), evaluation_decision=decision, **changes)
        town.do_next(nurse, answers, form_key="evaluation")
    town.do_next(nurse, form_key="closure")

    talks = town.look(method.talks_view, town.case_id, by=nurse)
    assert [one.decision for one in talks.evaluations] == ["continue", "continue", "close"]
    assert town.states() == {"Elke week samen de post openen": "stopped"}
    assert town.actions()["Elke week samen de post openen"].stop_reason == "case_closed"


def test_an_organisation_without_consent_gets_no_task_and_nothing_is_kept(town):
    town.planning("welfare")
    task = town.claim(town.region.nurse, "support_plan")
    rows = [row(), row_of(town.help.welfare, "Schulden"), row_of(town.help.coaches, "Coaching")]

    with pytest.raises(ConsentMissing) as refused:
        town.complete(task, town.region.nurse, plan_answers(town.clock(), *rows))

    assert town.help.coaches.name in refused.value.detail
    assert town.help.welfare.name not in refused.value.detail
    assert town.help.coaches.name not in str(refused.value)
    assert town.states() == {}
    assert town.cards(town.help.supporter) == town.cards(town.help.coach) == []
    assert town.names(town.region.nurse) == ["Steunplan maken"]


def test_an_intervention_that_asks_for_a_certificate_is_accepted_by_somebody_who_has_it(town, clock):
    town.supported(row_of(town.help.coaches, "VoorZorg", intervention="VZ"), kinds=("family_coach",))
    task = town.claim(town.help.coach, "action_acceptance")
    answers = {"action_accepted": "yes", "starts_on": local_date(clock()).isoformat()}

    with pytest.raises(NotAllowed) as refused:
        town.complete(task, town.help.coach, answers)
    assert "certificaat" in refused.value.detail
    assert town.states() == {"VoorZorg": "proposed"}

    town.do(
        organisations.add_certificate, by=town.region.administrator, person_id=town.help.coach.person_id,
        intervention="VZ", valid_from=local_date(clock()),
    )  # fmt: skip
    town.complete(task, town.help.coach, answers)
    assert town.states() == {"VoorZorg": "accepted"}


def test_a_refused_action_goes_back_to_the_holder_once_and_finds_another_owner(town, clock):
    nurse, help = town.region.nurse, town.help
    town.supported(row("Oppassen"), row_of(help.welfare, "Schulden"), row_of(help.coaches, "Coaching"))
    status = town.case().status

    done = town.refuse(help.supporter)
    assert [(card.name, card.organisation_id) for card in done.opened] == [(FIND_ANOTHER, town.region.youth_health.id)]
    town.refuse(help.coach)
    assert town.names(nurse) == [FIND_ANOTHER]  # one talk about both
    assert town.case().status == status
    [card] = town.cards(nurse)
    assert card.due_at

    task = town.claim(nurse)
    known = dict(town.look(method.task_view, task.id, by=nurse).answers)
    assert [one["what"] for one in known["actions"]] == ["Oppassen", "Schulden", "Coaching"]
    rows = [one for one in known["actions"] if one["what"] == "Oppassen"]
    rows.append(row_of(help.coaches, "Schulden"))
    town.complete(task, nurse, {**plan_answers(clock()), **known, "actions": rows})

    assert [card.name for card in town.cards(help.coach)] == [ACCEPT]
    assert town.cards(nurse) == []
    assert town.case().status == status
    view = town.look(method.plan_view, town.case_id, by=nurse)
    assert [(one.what, one.status) for one in view.actions if one.in_plan] == [
        ("Oppassen", "accepted"), ("Schulden", "proposed"),
    ]  # fmt: skip


def test_a_parent_who_does_not_agree_to_another_owner_is_asked_again_and_what_runs_goes_on(town, clock):
    nurse, help = town.region.nurse, town.help
    town.supported(row("Oppassen"), row_of(help.welfare, "Schulden"))
    town.refuse(help.supporter)

    town.plan(row("Oppassen"), plan_result="not_agreed", parent_agreed_on=None, evaluation_date=None, copy_given=None,
              reason_not_agreed="Ze wil eerst zelf bellen.")  # fmt: skip

    assert town.names(nurse) == [FIND_ANOTHER]
    assert town.states() == {"Oppassen": "accepted", "Schulden": "refused"}
    task = town.claim(nurse)
    known = town.look(method.task_view, task.id, by=nurse).answers
    assert [one["what"] for one in known["actions"]] == ["Oppassen"]
    assert "plan_result" not in known


def test_a_parent_who_wants_no_support_any_more_looks_back_at_once(town, clock):
    nurse, help = town.region.nurse, town.help
    town.supported(row("Oppassen"), row_of(help.welfare, "Schulden"), row_of(help.coaches, "Coaching"))
    town.refuse(help.supporter)

    town.plan(plan_result="declined", parent_agreed_on=None, evaluation_date=None, copy_given=None,
              reason_not_agreed="Het is genoeg.")  # fmt: skip

    assert town.states() == {"Oppassen": "stopped", "Schulden": "refused", "Coaching": "stopped"}
    assert town.cards(help.coach) == []
    assert town.names(nurse) == ["Samen terugkijken"]


def test_a_parent_who_does_not_agree_starts_nothing(town):
    town.planning()
    town.plan(row(), row_of(town.help.welfare), plan_result="not_agreed", parent_agreed_on=None,
              evaluation_date=None, copy_given=None, reason_not_agreed="Het gaat te snel.")  # fmt: skip

    assert town.states() == {}
    assert town.cards(town.help.supporter) == []
    assert town.names(town.region.nurse) == ["Steunplan maken"]


def test_a_supporter_sees_the_own_action_and_how_the_others_stand(town):
    help = town.help
    town.supported(row("Oppassen door oma"), row_of(help.welfare, "Schulden"), row_of(help.coaches, "Coaching"))
    with pytest.raises(NotFound):
        town.look(method.plan_view, town.case_id, by=help.supporter)

    task = town.claim(help.supporter)
    view = town.look(method.task_view, task.id, by=help.supporter)
    assert (view.action.what, view.action.starts_on.isoformat()) == ("Schulden", "2026-11-05")
    assert town.look(method.task_view, task.id, by=town.help.supporter2).action is None

    seen = town.look(method.plan_view, town.case_id, by=help.supporter)
    assert [(one.what, one.status, one.mine) for one in seen.actions] == [
        (None, "accepted", False), ("Schulden", "proposed", True), (None, "proposed", False),
    ]  # fmt: skip
    assert (seen.own_strength, seen.goals, seen.withheld) == (None, (), True)
    assert not any(secret in repr(seen) for secret in ("oma", "Riet", "Coaching", "slapen", str(help.coaches.id)))
    talks = town.look(method.talks_view, town.case_id, by=help.supporter)
    assert (talks.levels, talks.positive_health, talks.network) == ((), (), ())


def test_every_look_at_plan_and_talks_is_written_down(town):
    town.supported(row())
    town.look(method.plan_view, town.case_id, by=town.region.nurse)
    town.look(method.talks_view, town.case_id, by=town.region.nurse)

    with town.database.reading() as session:
        seen = {line.event for line in session.query(LoggedRead).filter_by(case_id=town.case_id)}
    assert {"plan.viewed", "evaluations.viewed"} <= seen


def test_the_signaller_and_strangers_do_not_see_the_plan(town):
    town.supported(row("Oppassen"))

    seen = town.look(method.plan_view, town.case_id, by=town.region.midwife)  # the mother agreed to feedback
    assert [(one.what, one.status) for one in seen.actions] == [(None, "accepted")]
    assert seen.goals == ()
    for stranger in (town.region.other_midwife, town.region.coordinator, town.help.coach):
        for verb in (method.plan_view, method.talks_view, method.request_evaluation):
            with pytest.raises(NotFound):
                town.look(verb, town.case_id, by=stranger)


def test_talks_show_levels_numbers_and_network_over_time(town, clock):
    nurse = town.region.nurse
    numbers = {"mental_wellbeing": 4, "participation": 3}
    people = [{"name_or_initial": "R.", "relation": "oma", "can_help_with": "oppassen", "may_contact": True}]
    town.supported(row(), positive_health=numbers, positive_health_partner={"participation": 7}, network_map=people)
    town.pass_days(43)
    town.do_next(nurse, evaluation_answers(clock()), form_key="evaluation")

    talks = town.look(method.talks_view, town.case_id, by=nurse)

    assert [(one.level, one.form_key) for one in talks.levels] == [
        ("vulnerable", "signal"), ("vulnerable", "exploration"), ("potentially_vulnerable", "evaluation"),
    ]  # fmt: skip
    given = [(one.who, one.on.isoformat(), one.scores["participation"]) for one in talks.positive_health]
    assert given == [("parent", "2026-11-03", 3), ("parent", "2026-12-16", None), ("partner", "2026-11-03", 7)]
    assert set(talks.positive_health[0].scores) == set(plans.Dimension)
    [held] = talks.evaluations
    assert (held.decision, held.parent_experience, held.present) == ("continue", 8, ("parent", "partner"))
    assert [(one.goal, one.status, one.parent_rating) for one in held.goals] == [("Weer rustig slapen", "partly", 6)]
    [known] = talks.network
    assert (known.name_or_initial, known.relation, known.can_help_with, known.may_contact) == (
        "R.", "oma", "oppassen", True,
    )  # fmt: skip
    assert talks.network_on.isoformat() == "2026-11-03"

    signaller = town.look(method.talks_view, town.case_id, by=town.region.midwife)  # feedback was agreed, no more
    assert [one.form_key for one in signaller.levels] == ["signal"]
    assert (signaller.positive_health, signaller.network) == ((), ())
    assert [(one.decision, one.goals, one.parent_experience) for one in signaller.evaluations] == [
        ("continue", (), None)
    ]


def test_a_consent_that_is_taken_back_stops_that_organisation_only(town):
    help, nurse = town.help, town.region.nurse
    town.supported(row("Oppassen"), row_of(help.welfare, "Schulden"), row_of(help.coaches, "Coaching"))
    town.accept(help.supporter)
    with town.database.reading() as session:
        given = [
            one.id
            for one in consent.of_case(session, town.case_id)
            if (one.recipient_kind, one.purpose) == ("welfare", "support_action") and one.given
        ]
    for one in given:
        town.do(method.withdraw_consent, one, by=nurse)

    assert town.states() == {"Oppassen": "accepted", "Schulden": "stopped", "Coaching": "proposed"}
    assert town.actions()["Schulden"].stop_reason == "consent_ended"
    assert town.cards(help.supporter) == []
    with pytest.raises(NotFound):
        town.look(method.plan_view, town.case_id, by=help.supporter)
    assert town.names(help.coach) == [ACCEPT]
    assert any("Er is iets gestopt" in name for name in town.names(nurse))
    seen = town.look(method.plan_view, town.case_id, by=town.region.midwife)
    assert "stopped" in [one.status for one in seen.actions]  # that something stopped, not what


def test_a_consent_that_runs_out_stops_it_as_well(town, clock):
    help = town.help
    town.planning()
    with town.database.writing() as session:
        for one in consent.of_case(session, town.case_id):
            if one.purpose == "support_action" and one.recipient_kind == "welfare":
                one.valid_until = clock() + timedelta(days=2)
        method.effects.plan_consent_end(session, session.get_one(Case, town.case_id), at=clock())
    town.plan(row("Oppassen"), row_of(help.welfare, "Schulden"))
    task = town.claim(help.supporter)

    clock.forward(days=3)
    with pytest.raises((ConsentMissing, NotFound)):  # also before the worker came by
        town.complete(task, help.supporter, {"action_accepted": "yes", "starts_on": "2026-11-05"})
    worker.run_once(town.database, clock())

    assert town.states() == {"Oppassen": "accepted", "Schulden": "stopped"}
    assert town.cards(help.supporter) == []


def test_a_loss_stops_every_action(town):
    help = town.help
    town.supported(row("Oppassen"), row_of(help.welfare, "Schulden"), row_of(help.coaches, "Coaching"))
    town.accept(help.supporter)
    town.refuse(help.coach)

    town.do(method.report_loss, town.case_id, by=town.region.nurse, answers=path.loss_answers())

    assert town.states() == {"Oppassen": "stopped", "Schulden": "stopped", "Coaching": "refused"}
    assert {town.actions()[what].stop_reason for what in ("Oppassen", "Schulden")} == {"loss"}
    assert town.cards(help.supporter) == town.cards(help.coach) == []
    assert town.names(town.region.nurse) == ["Contact opnemen na verlies"]


def test_looking_back_sooner_is_asked_once(town):
    nurse = town.region.nurse
    town.planning()
    with pytest.raises(WrongState) as refused:
        town.do(method.request_evaluation, town.case_id, by=nurse)
    assert "geen steun" in refused.value.detail
    town.plan(row(), row_of(town.help.welfare))
    town.accept(town.help.supporter)

    town.do(method.request_evaluation, town.case_id, by=town.help.supporter)

    assert town.names(nurse) == ["Samen terugkijken"]
    assert "evaluation.requested" in town.events()
    with pytest.raises(WrongState):
        town.do(method.request_evaluation, town.case_id, by=nurse)


def test_an_action_that_nobody_accepts_in_time_floats_without_a_word_of_what_it_is(town, clock):
    director = town.region.process_director
    town.supported(row("Oppassen"), row_of(town.help.welfare, "Schulden"), row_of(town.help.coaches, "Coaching"))
    town.accept(town.help.coach)
    assert town.look(method.floating_actions, by=director) == []

    clock.forward(days=8)

    [one] = town.look(method.floating_actions, by=director)
    assert (one.organisation_id, one.municipality_code) == (town.help.welfare.id, "GM0983")
    assert not any(secret in repr(one) for secret in ("Schulden", *path.SECRETS, str(town.case_id)))
    for stranger in (town.region.nurse, town.region.midwife, town.help.supporter, town.region.coordinator):
        with pytest.raises(NotAllowed):
            town.look(method.floating_actions, by=stranger)


def test_two_who_accept_at_once_accept_once(town):
    town.supported(row_of(town.help.welfare))
    task = town.claim(town.help.supporter)

    town.complete(task, town.help.supporter, {"action_accepted": "yes", "starts_on": "2026-11-05"})
    with pytest.raises(WrongState):
        town.complete(task, town.help.supporter, {"action_accepted": "yes", "starts_on": "2026-11-05"})

    assert town.names(town.help.supporter) == [DO]


def test_an_adjusted_date_moves_the_task_of_an_action_that_runs(town, clock):
    nurse, help = town.region.nurse, town.help
    town.supported(row_of(help.welfare, "Schulden"), row_of(help.coaches, "Coaching"))
    town.accept(help.supporter)
    town.refuse(help.coach)
    [before] = town.cards(help.supporter)

    town.plan(row_of(help.welfare, "Schulden", ends_on="2027-01-15"))

    [after] = town.cards(help.supporter)
    assert after.id == before.id
    assert after.due_at == end_of_day(town.actions()["Schulden"].ends_on) != before.due_at
    assert town.cards(nurse) == []


def test_who_holds_the_case_without_seeing_the_plan_stops_nothing(town, clock):
    """The case came back to the signaller, who does not see what was agreed with others."""
    help = town.help
    town.supported(row("Oppassen"), row_of(help.welfare, "Schulden"), row_of(help.coaches, "Coaching"))
    town.refuse(help.coach)
    with town.database.reading() as session:
        given = [one.id for one in consent.of_case(session, town.case_id) if one.purpose == "exploration" and one.given]
    for one in given:
        town.do(method.withdraw_consent, one, by=town.region.nurse if one == given[0] else town.region.midwife)
    midwife = town.region.midwife
    task = town.claim(midwife, "support_plan")
    assert town.look(method.task_view, task.id, by=midwife).answers == {}

    town.complete(task, midwife, plan_answers(clock(), row("Koken")))

    assert town.states() == {"Oppassen": "accepted", "Schulden": "proposed", "Coaching": "refused", "Koken": "accepted"}
    assert town.names(help.supporter) == [ACCEPT]


# --- whatever rows are changed

WHATS = ("Oppassen", "Schulden", "Coaching", "Koken")
KINDS = ("informal", "welfare", "coaches")
CHANGES = st.lists(st.tuples(st.sampled_from(WHATS), st.sampled_from(KINDS)), min_size=1, max_size=5)
ANSWERS = st.lists(st.sampled_from(["supporter", "supporter2", "coach", "nurse", "midwife"]), max_size=5)


@settings(max_examples=settings().max_examples // 4)
@given(versions=st.lists(st.tuples(CHANGES, ANSWERS), min_size=2, max_size=3))
def test_unchanged_actions_keep_id_and_task_and_only_the_own_organisation_accepts(town, clock, versions):
    town.planning()
    people = {name: getattr(town.help, name, None) or getattr(town.region, name) for name in (
        "supporter", "supporter2", "coach", "nurse", "midwife"
    )}  # fmt: skip

    def rows(wanted):
        where = {"welfare": town.help.welfare, "coaches": town.help.coaches}
        return [row(what) if kind == "informal" else row_of(where[kind], what) for what, kind in wanted]

    def key(action):
        return action.what, action.owner_kind, action.owner_name, action.organisation_id

    def live():
        with town.database.reading() as session:
            return [action for action in plans.actions(session, town.case_id) if action.is_live]

    task = None
    for wanted, answering in versions:
        before = live()
        with town.database.writing() as session:
            if task is None:
                [card] = processes.tasks_of(session, "case", town.case_id, live_only=True)
                task = card.id
                claimed = method.claim_task(session, card.id, by=town.region.nurse, at=clock())
                method.complete_task(
                    session, card.id, answers=plan_answers(clock(), *rows(wanted)), version=claimed.version,
                    by=town.region.nurse, at=clock(),
                )  # fmt: skip
            else:
                _adjust(session, town, plan_answers(clock(), *rows(wanted)))
        after = {action.id: action for action in live()}
        wanted_keys = sorted(map(str, map(key, after.values())))
        assert len(after) == len(wanted)
        for was in before:
            stays = was.id in after
            if stays:
                assert after[was.id].task_id == was.task_id
                assert key(after[was.id]) == key(was)
            else:  # gone because fewer rows say the same than actions did
                assert wanted_keys.count(str(key(was))) < [key(one) for one in before].count(key(was))
        for who in answering:
            for card in town.cards(people[who]):
                if card.form_key == "action_acceptance" and card.status == "open":
                    taken = town.do(method.claim_task, card.id, by=people[who])
                    town.complete(taken, people[who], {"action_accepted": "yes", "starts_on": "2026-11-05"})
    with town.database.reading() as session:
        for action in plans.actions(session, town.case_id):
            if action.organisation_id is not None and action.accepted_at is not None:
                assert action.accepted_for == action.organisation_id
                assert action.accepted_by in {town.help.supporter.person_id, town.help.supporter2.person_id,
                                              town.help.coach.person_id}  # fmt: skip


def _adjust(session, town, answers) -> None:
    """The nurse adjusts the plan with a task to find another owner, as after a refusal."""
    run = processes.lock_run(session, processes.run_of(session, "case", town.case_id).id)
    task = processes.add_task(
        session, run, name=FIND_ANOTHER, form_key="support_plan", at=town.clock(),
        place=processes.Place(organisation_id=town.region.youth_health.id, role="explorer"),
    )  # fmt: skip
    session.flush()
    logbook.write(session, "task.added", "task", task.id, case_id=town.case_id, by=town.region.nurse, at=town.clock())
    claimed = method.claim_task(session, task.id, by=town.region.nurse, at=town.clock())
    method.complete_task(
        session, task.id, answers=answers, version=claimed.version, by=town.region.nurse, at=town.clock()
    )


def test_another_day_to_look_back_is_agreed_while_an_owner_is_found(town, clock):
    help = town.help
    town.supported(row("Oppassen"), row_of(help.welfare, "Schulden"))
    town.refuse(help.supporter)
    status = town.case().status

    town.plan(row("Oppassen"), evaluation_date="2026-12-01")

    with town.database.reading() as session:
        assert evaluations.next_evaluation(session, session.get_one(Case, town.case_id)).isoformat() == "2026-12-01"
    assert town.case().status == status
    assert town.cards(town.region.nurse) == []
    town.do(
        method.request_evaluation, town.case_id, by=town.region.nurse
    )  # it still waits, for the day or for who asks
    assert town.names(town.region.nurse) == ["Samen terugkijken"]
