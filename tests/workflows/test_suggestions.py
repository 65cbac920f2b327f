"""What there is to talk about: suggestions follow the table, the offer of the day, and what the reader may read anyway."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from bpmn import DIRECTORY
from engine.clock import local_date
from engine.errors import ExpressionFailed
from tests import builders
from tests.builders import VENLO, WEERT, pathway, signal_answers
from tests.engine import golden
from tests.workflows import path
from tests.workflows.path import World
from workflows import access, cases, diagrams, directory, method, processes
from workflows.actor import OPERATOR
from workflows.method.suggestions import DECISION, Known, indicate, pathway_current

LEVELS = [None, "none", "potentially_vulnerable", "vulnerable", "very_vulnerable"]
PREGNANT: dict[str, Any] = {
    "phase": "pregnant",
    "gestational_weeks": 20,
    "parity": 0,
    "vulnerability_level": "potentially_vulnerable",
    "child_age_months": None,
    "theme_count": 2,
    "substances": "no",
    "child_development": "no",
}
BORN: dict[str, Any] = {**PREGNANT, "phase": "after_birth", "gestational_weeks": None, "child_age_months": 6}


@cache
def table() -> engine.decisions.Decision:
    return engine.Bundle.read_dir(DIRECTORY).decisions[DECISION]


def codes(facts: dict[str, Any], **more: Any) -> list[str]:
    return [one.code for one in indicate(table(), {**facts, **more})]


# --- the table


@pytest.mark.parametrize(
    ("facts", "more", "code", "holds"),
    [
        (PREGNANT, {"gestational_weeks": 27}, "VZ", True),
        (PREGNANT, {"gestational_weeks": 28}, "VZ", False),
        (PREGNANT, {"parity": 1}, "VZ", False),
        (PREGNANT, {"parity": None}, "VZ", False),
        (PREGNANT, {"theme_count": 1}, "VZ", False),
        (PREGNANT, {"gestational_weeks": 15, "vulnerability_level": "vulnerable"}, "SO", False),
        (PREGNANT, {"gestational_weeks": 16, "vulnerability_level": "vulnerable"}, "SO", True),
        (PREGNANT, {"gestational_weeks": 30}, "SO", False),
        (BORN, {"child_age_months": 29, "vulnerability_level": "very_vulnerable"}, "SO", True),
        (BORN, {"child_age_months": 30, "vulnerability_level": "very_vulnerable"}, "SO", False),
        (PREGNANT, {}, "PHB", True),
        (PREGNANT, {"vulnerability_level": "none"}, "PHB", False),
        (PREGNANT, {}, "CZ", True),
        (PREGNANT, {}, "GO", True),
        (BORN, {}, "GO", False),
        (BORN, {}, "CO", True),
        (PREGNANT, {"substances": "yes"}, "RVG", True),
        (BORN, {"substances": "yes"}, "RVG", True),
        (BORN, {"substances": "no"}, "RVG", False),
        (BORN, {"child_development": "yes", "child_age_months": 83}, "IVH", True),
        (BORN, {"child_development": "yes", "child_age_months": 84}, "IVH", False),
        (BORN, {}, "IVH", False),
        (PREGNANT, {"phase": "before_pregnancy"}, "NNZ", True),
        (PREGNANT, {}, "NNZ", False),
    ],
)
def test_an_intervention_is_suggested_to_whom_it_is_meant_for(facts, more, code, holds):
    assert (code in codes(facts, **more)) == holds


FACTS = st.fixed_dictionaries(
    {
        "phase": st.sampled_from([None, "before_pregnancy", "pregnant", "after_birth"]),
        "gestational_weeks": st.none() | st.integers(0, 43),
        "parity": st.none() | st.integers(0, 12),
        "vulnerability_level": st.sampled_from(LEVELS),
        "child_age_months": st.none() | st.integers(0, 120),
        "theme_count": st.none() | st.integers(0, 14),
        "substances": st.sampled_from([None, "yes", "no"]),
        "child_development": st.sampled_from([None, "yes", "no"]),
    }
)


@given(facts=FACTS)
def test_the_order_is_that_of_the_table_and_each_intervention_comes_once(facts):
    found = indicate(table(), facts)

    drawn = [rule.outputs[0].strip('"') for rule in table().rules]
    assert [one.code for one in found] == sorted({one.code for one in found}, key=drawn.index)
    assert found == indicate(table(), dict(reversed(facts.items())))
    assert all(one.why and one.reason for one in found)


@given(facts=FACTS)
def test_what_is_not_known_suggests_nothing_more(facts):
    known = {name: value for name, value in facts.items() if value is not None}
    for name in known:
        assert set(codes(facts, **{name: None})) <= set(codes(facts))


@given(facts=FACTS)
def test_voorzorg_only_begins_in_time_with_a_first_child(facts):
    if "VZ" in codes(facts):
        assert facts["phase"] == "pregnant"
        assert facts["gestational_weeks"] < 28
        assert facts["parity"] == 0
        assert facts["theme_count"] > 1


def test_the_table_reads_only_what_is_known_of_a_family_and_names_only_known_interventions():
    shipped = {"NNZ", "VZ", "SO", "PHB", "CZ", "CO", "GO", "1000K", "PREP", "RVG", "IVH", "GF", "SS"}

    assert table().hit_policy == "COLLECT"
    assert table().reads() <= Known().facts(date(2026, 11, 3)).keys()
    assert {rule.outputs[0].strip('"') for rule in table().rules} <= shipped


def test_of_two_rules_for_one_intervention_the_first_is_told():
    twice = replace(table(), rules=(*table().rules, replace(table().rules[5], id="again", description="Later.")))

    [first] = [one for one in indicate(twice, PREGNANT) if one.code == "CZ"]
    assert first.why != "Later."


def test_a_table_with_another_hit_policy_is_still_asked():
    assert [one.code for one in indicate(replace(table(), hit_policy="FIRST"), PREGNANT)] == ["VZ"]
    assert indicate(replace(table(), hit_policy="FIRST"), dict.fromkeys(PREGNANT)) == ()


def test_a_table_that_reads_what_nobody_gives_is_told():
    with pytest.raises(ExpressionFailed):
        indicate(table(), {"phase": "pregnant"})


# --- facts


@given(day=st.integers(0, 6))
def test_27_weeks_last_a_week(day):
    due = date(2027, 2, 1)
    begins = due - timedelta(days=280 - 27 * 7)
    known = Known(phase="pregnant", due_date=due)

    assert known.facts(begins + timedelta(days=day))["gestational_weeks"] == 27
    assert known.facts(begins + timedelta(days=7 + day))["gestational_weeks"] == 28
    assert replace(known, phase="after_birth").facts(begins)["gestational_weeks"] is None


@given(born=st.dates(date(2020, 1, 1), date(2026, 1, 1)), days=st.integers(0, 3000))
def test_a_month_is_over_on_the_same_day_of_a_later_month(born, days):
    on = born + timedelta(days=days)

    months = Known(youngest_born_on=born).facts(on)["child_age_months"]
    assert isinstance(months, int)
    assert months >= 0
    year, month = divmod(born.month - 1 + months, 12)
    assert (born.year + year, month + 1, born.day) <= (on.year, on.month, on.day)
    year, month = divmod(born.month + months, 12)
    assert (born.year + year, month + 1, born.day) > (on.year, on.month, on.day)


# --- with a task


@pytest.fixture
def world(database, clock) -> World:
    made = World(database, clock)
    for code in ("VZ", "PHB", "RVG", "SO"):
        made.do(
            directory.put_offer, municipality=VENLO, intervention=code, organisation_id=made.region.youth_health.id,
            valid_from=local_date(clock()), by=made.region.directory_editor,
        )  # fmt: skip
    return made


def routed(world: World, **changes: Any) -> Any:
    """The routing task after a signal, as the midwife has it."""
    midwife = world.region.midwife
    world.complete(world.start(), midwife, signal_answers(world.clock(), **changes))
    world.do_next(midwife, path.consent_answers(share_youth_health_categories=["C0", "C1"]))
    return world.claim(midwife, "routing")


def advice_of(world: World, task: Any, by: Any) -> method.Advice:
    given = world.look(method.task_view, task.id, by=by).advice
    assert given is not None
    return given


def weeks(world: World, count: int) -> str:
    """The due date of who is so many weeks pregnant today."""
    return (local_date(world.clock()) + timedelta(days=280 - 7 * count)).isoformat()


def test_the_midwife_sees_pathway_and_interventions_and_a_week_later_the_time_for_voorzorg_is_over(world):
    with world.database.writing() as session:
        pathway(session, VENLO, "network", world.clock(), reviewed=False)
    task = routed(world, due_date=weeks(world, 27), risk_categories=["KW04", "KW11", "KW02"])
    midwife = world.region.midwife

    given = advice_of(world, task, midwife)
    assert (given.municipality_code, given.on, given.unreadable) == (VENLO, local_date(world.clock()), False)
    assert [(one.theme, one.status, one.contact_name) for one in given.pathways] == [
        ("money", "current", "Gerda Geldloket")
    ]
    assert given.missing == ("substances", "network"), "a concept is not shown to a family"
    assert [one.code for one in given.interventions] == ["VZ", "SO", "PHB", "RVG"]
    [offer] = given.interventions[0].offers
    assert (offer.organisation_id, offer.capacity) == (world.region.youth_health.id, "available")

    world.clock.forward(days=7)
    world.do(method.release_task, task.id, by=midwife)
    task = world.claim(midwife, "routing")
    assert [one.code for one in advice_of(world, task, midwife).interventions] == ["SO", "PHB", "RVG"]


def test_what_ends_is_not_suggested_the_day_after(world):
    task = routed(world)
    [vz] = [one for one in world.look(_offers, by=world.region.midwife) if one.intervention_code == "VZ"]
    world.do(directory.end_offer, vz.id, on=local_date(world.clock()), by=world.region.directory_editor)

    assert "VZ" in [one.code for one in advice_of(world, task, world.region.midwife).interventions]
    world.clock.forward(days=1)
    assert "VZ" not in [one.code for one in advice_of(world, task, world.region.midwife).interventions]


def _offers(session: Any, *, by: Any, at: Any) -> list[directory.InterventionOffer]:
    return directory.offers(session, VENLO, local_date(at))


def test_a_reader_sees_no_suggestion_that_tells_what_may_not_be_read(world):
    """The family shared C0 and C1 with youth health: the network, not money (C4), substances (C3) or parity (C2)."""
    task = routed(world, risk_categories=["KW04", "KW11", "KW02"])
    world.complete(task, world.region.midwife, path.routing_answers(themes=["money", "network", "substances"]))
    exploring = world.claim(world.region.nurse, "exploration")

    given = advice_of(world, exploring, world.region.nurse)

    assert given.pathways == ()
    assert given.missing == ("network",)
    assert [one.code for one in given.interventions] == ["SO", "PHB"]


def test_a_colleague_who_did_not_record_it_is_not_told_by_a_suggestion(world):
    task = routed(world)
    world.do(method.release_task, task.id, by=world.region.midwife)
    task = world.claim(world.region.midwife2, "routing")

    given = advice_of(world, task, world.region.midwife2)

    assert given.pathways == ()
    assert "VZ" not in [one.code for one in given.interventions]


def test_without_a_municipality_there_is_nothing_to_point_at_and_the_task_goes_on(world):
    task = routed(world, risk_categories=["KW04"])
    with world.database.writing() as session:
        case = session.get(cases.Case, task.subject_id)
        case.municipality_code = None
        assert pathway_current(session, case, {"risk_categories": ["KW04"]}, at=world.clock()) == "no"

    assert advice_of(world, task, world.region.midwife) == method.Advice(None, local_date(world.clock()))
    world.complete(task, world.region.midwife, path.routing_answers(override_reason="De ouder wil eerst praten."))


def test_other_tasks_come_without_advice(world):
    task = world.start()

    assert world.look(method.task_view, task.id, by=world.region.midwife).advice is None


def test_after_a_loss_nothing_is_suggested(world):
    task = routed(world)
    case_id = task.subject_id
    world.do(method.report_loss, case_id, answers=path.loss_answers(), by=world.region.midwife)

    with world.database.reading() as session:
        case = session.get(cases.Case, case_id)
        everything = access.visible(
            world.region.midwife, access.Facts(party_roles=frozenset({"signaller"}), consent_categories=frozenset())
        )
        found = method.suggestions(session, case, world.clock(), readable=everything, by=world.region.midwife)
    assert found == ()


def test_a_broken_table_is_told_and_not_in_the_way(world):
    files = path.shipped()
    name = "interventie_indicatie.dmn"
    files[name] = files[name].replace(b"<text>gestational_weeks</text>", b"<text>shoe_size</text>")
    with world.database.writing() as session:
        diagrams.publish(session, files, by=OPERATOR, at=world.clock())
    task = routed(world)

    given = advice_of(world, task, world.region.midwife)

    assert given.unreadable
    assert given.interventions == ()
    assert [one.theme for one in given.pathways] == ["money"]


def test_a_case_of_before_the_table_takes_that_of_today_and_routes_as_it_did(world):
    files = path.shipped()
    old = {name: data for name, data in files.items() if name != "interventie_indicatie.dmn"}
    old["routering.dmn"] = (Path(golden.__file__).parent / "0.1/shipped/routering.dmn").read_bytes()
    old["hoofdproces.bpmn"] = files["hoofdproces.bpmn"].replace(b"pathway_current,", b"")
    with world.database.writing() as session:
        diagrams.publish(session, old, by=OPERATOR, at=world.clock())
    task = routed(world, risk_categories=["KW11"])
    with world.database.writing() as session:
        diagrams.publish(session, path.shipped(), by=OPERATOR, at=world.clock())

    assert _known(world, task)["advised_route"] == "pathway", "the old table asked for no pathway that is current"
    assert [one.code for one in advice_of(world, task, world.region.midwife).interventions] == ["SO", "PHB"]
    world.complete(task, world.region.midwife, path.routing_answers(override_reason="De ouder wil eerst praten."))


def _known(world: World, task: Any) -> Any:
    with world.database.reading() as session:
        return processes.scalars_of(session, processes.task(session, task.id).run)


# --- a pathway that was needed


def notices(world: World, municipality: str) -> list[tuple[str, date]]:
    with world.database.reading() as session:
        found = directory.notices(session, municipality, by=world.region.coordinator, at=world.clock())
        return [(one.theme, one.opened_on) for one in found]


@pytest.mark.parametrize("what", ["missing", "concept", "stale"])
def test_a_pathway_that_was_needed_is_asked_of_the_editor_when_the_route_is_chosen_and_not_before(world, what):
    if what != "missing":
        with world.database.writing() as session:
            pathway(session, WEERT, "money", world.clock(), reviewed=what == "stale")
        world.clock.forward(days=366)
    task = routed(world, municipality_code=WEERT, risk_categories=["KW04"], due_date=weeks(world, 20))

    assert _known(world, task)["pathway_current"] == "no"
    assert _known(world, task)["advice_reason"] == "pathway_missing"
    assert [one.status for one in advice_of(world, task, world.region.midwife).pathways] == (
        ["stale"] if what == "stale" else []
    )
    assert notices(world, WEERT) == [], "before the route is chosen it is the family's own affair"
    world.complete(task, world.region.midwife, path.routing_answers(themes=["money"], single_or_multiple="single"))

    assert notices(world, WEERT) == [("money", local_date(world.clock()))]
    assert notices(world, VENLO) == []


def test_nothing_is_asked_for_a_pathway_that_is_there_or_was_not_needed(world):
    task = routed(world, risk_categories=["KW04"])
    assert _known(world, task)["pathway_current"] == "yes"
    assert _known(world, task)["advised_route"] == "pathway"
    world.complete(task, world.region.midwife, path.routing_answers(override_reason="De ouder wil eerst praten."))
    task = routed(world, risk_categories=["KW04", "KW11"], municipality_code=WEERT)
    world.complete(task, world.region.midwife, path.routing_answers())

    assert notices(world, VENLO) == notices(world, WEERT) == []


def test_a_pathway_that_came_in_the_meantime_is_not_asked_for(world):
    task = routed(world, municipality_code=WEERT, risk_categories=["KW04"])
    with world.database.writing() as session:
        builders.pathway(session, WEERT, "money", world.clock())
    world.complete(task, world.region.midwife, path.routing_answers(themes=["money"], single_or_multiple="single"))

    assert notices(world, WEERT) == []
