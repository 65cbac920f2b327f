"""Who may agree for whom follows from a decision table, by age and authority; the reason is the table's own."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bpmn
import engine
from engine.clock import local_date
from tests.builders import signal_answers
from tests.workflows import path
from tests.workflows.families_world import FamilyWorld, bundle, old_bundle
from workflows import consent, diagrams, families, method
from workflows.actor import OPERATOR
from workflows.cases import Case
from workflows.consent import GivenBy
from workflows.errors import Invalid
from workflows.method.consent_givers import TABLE

SHIPPED = engine.Bundle.read_dir(bpmn.DIRECTORY)


def allowed(age, authority="unknown"):
    return {row["given_by"] for row in SHIPPED.decisions[TABLE].decide({"age": age, "authority": authority}).outputs}


@pytest.mark.parametrize(
    ("age", "givers"),
    [
        (0, {"parent_with_authority", "both_parents", "guardian"}),
        (11, {"parent_with_authority", "both_parents", "guardian"}),
        (12, {"minor_and_parents", "guardian"}),
        (15, {"minor_and_parents", "guardian"}),
        (16, {"self"}),
        (17, {"self"}),
        (18, {"self", "curator"}),
        (45, {"self", "curator"}),
    ],
)
def test_the_table_says_who_decides_at_an_age(age, givers):
    assert allowed(age) == givers


@given(age=st.integers(0, 110), authority=st.sampled_from(["parent", "guardian", "unknown"]))
def test_there_is_always_somebody_who_may_decide_and_every_answer_has_a_reason(age, authority):
    rows = SHIPPED.decisions[TABLE].decide({"age": age, "authority": authority}).outputs

    assert rows
    assert all(row["reason"].endswith(".") for row in rows)
    assert {row["given_by"] for row in rows} <= set(GivenBy)
    assert ("guardian" in allowed(age, "parent")) is False
    assert not {"parent_with_authority", "both_parents", "minor_and_parents"} & allowed(age, "guardian")


def test_a_table_that_no_diagram_calls_is_published(session, clock):
    assert not any(node.decision == TABLE for model in SHIPPED.processes.values() for node in model.nodes.values())
    assert not SHIPPED.warnings

    digest = diagrams.publish(session, path.shipped(), by=OPERATOR, at=clock())

    assert TABLE in diagrams.load(session, digest).decisions


# --- where a consent is recorded


@pytest.fixture
def world(database, clock) -> FamilyWorld:
    return FamilyWorld(database, clock)


def asking(world, years=28, **changes):
    """The midwife is about to ask a parent of this age."""
    on = local_date(world.clock())
    task = world.start()
    born = date(on.year - years, on.month, on.day)
    answers = signal_answers(world.clock(), birth_date=born.isoformat(), **changes)
    world.complete(task, world.region.midwife, answers, confirmed=frozenset({"birth_date"}))
    return task.subject_id, world.claim(world.region.midwife, "consent")


def answer(world, task, given_by="self", **changes):
    checked = None if given_by == "self" else True
    said = path.consent_answers(given_by=given_by, authority_checked=checked, **changes)
    return world.complete(task, world.region.midwife, said)


def test_a_mother_of_fifteen_does_not_decide_alone(world):
    case_id, task = asking(world, 15)

    with pytest.raises(Invalid) as refused:
        answer(world, task)

    assert refused.value.errors == {
        "given_by": [
            "Van 12 tot 16 jaar beslissen de jongere en de ouders samen. Dat geldt ook als de jongere zelf ouder wordt. "
            "Is er een voogd, dan beslist die van 12 tot 16 jaar samen met de jongere."
        ]
    }
    answer(world, task, "minor_and_parents")
    with world.database.reading() as session:
        assert {one.given_by for one in consent.of_case(session, case_id)} == {"minor_and_parents"}


def test_from_sixteen_nobody_decides_for_her(world):
    _, task = asking(world, 16)

    with pytest.raises(Invalid) as refused:
        answer(world, task, "minor_and_parents")

    assert refused.value.errors == {"given_by": ["Vanaf 16 jaar beslist iemand zelf."]}
    answer(world, task)


def test_the_birthday_itself_counts_and_the_day_before_does_not(world, clock):
    clock.forward(hours=14, minutes=45)  # 23:15 UTC: the next day in Amsterdam
    _, task = asking(world, 16)

    answer(world, task)


@pytest.mark.parametrize("given_by", ["self", "minor_and_parents", "curator"])
def test_for_a_small_child_somebody_with_authority_decides(world, given_by):
    _, task = asking(world, phase="after_birth", due_date=None, child_birth_dates=[{"date": "2026-09-01"}])

    with pytest.raises(Invalid) as refused:
        answer(world, task, given_by, subject="child")

    assert "jonger dan 12 jaar" in refused.value.errors["given_by"][0]
    answer(world, task, "both_parents", subject="child")


def test_where_a_guardian_has_the_say_a_parent_has_not(world):
    case_id, task = asking(world, phase="after_birth", due_date=None, child_birth_dates=[{"date": "2026-09-01"}])
    with world.database.reading() as session:
        [child] = families.children(session, session.get(Case, case_id).family_id)
    world.do(
        method.record_authority, case_id, child_id=child.id, member_id=None, kind="guardianship",
        checked="authority_register", by=world.region.midwife,
    )  # fmt: skip

    with pytest.raises(Invalid):
        answer(world, task, "parent_with_authority", subject="child")
    answer(world, task, "guardian", subject="child")


def test_of_whom_no_age_is_known_anybody_may_decide(world):
    _, task = asking(world)

    answer(world, task, "parent_with_authority", subject="child")  # not born yet


def test_a_no_needs_nobody_in_particular(world):
    _, task = asking(world, 15)

    world.complete(task, world.region.midwife, path.refused_answers())


def test_an_older_case_asks_the_table_of_today(database, clock):
    world = FamilyWorld(database, clock, old=True)
    _, task = asking(world, 15)
    world.publish(bundle())

    with pytest.raises(Invalid) as refused:
        answer(world, task, validity="end_of_step")

    assert list(refused.value.errors) == ["given_by"]


def test_without_a_table_nothing_is_asked(database, clock):
    world = FamilyWorld(database, clock)
    world.publish({name: data for name, data in bundle().items() if name != f"{TABLE}.dmn"})
    _, task = asking(world, 15)

    answer(world, task)


def test_a_table_that_gives_no_answer_is_told_to_who_asks(database, clock):
    world = FamilyWorld(database, clock)
    files = bundle()
    broken = files[f"{TABLE}.dmn"].replace(b'"parent","guardian","unknown"', b'"parent"')
    world.publish({**files, f"{TABLE}.dmn": broken})
    _, task = asking(world)

    with pytest.raises(Invalid) as refused:
        answer(world, task)

    assert "coördinator" in refused.value.errors["given_by"][0]


def test_the_older_bundle_of_these_tests_has_no_table():
    assert f"{TABLE}.dmn" not in old_bundle()
