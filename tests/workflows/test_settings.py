"""Every number has a source, the nearest value wins, and a term is an instant in Dutch calendar time."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from engine.clock import is_working_day, local_date
from tests.builders import ROERMOND, VENLO, region
from workflows import settings
from workflows.actor import OPERATOR
from workflows.errors import Invalid, NotAllowed
from workflows.settings.rules import ends_at

DAY = date(2026, 11, 3)
BPMN = Path(__file__).parents[2] / "bpmn"


def put(session, clock, name, value, **changes):
    known = {"valid_from": DAY, "source": "test", "by": OPERATOR, "at": clock()}
    return settings.put(session, name, value, **{**known, **changes})


def test_every_number_says_where_it_comes_from():
    for name, definition in settings.definitions().items():
        assert definition.name == name
        assert re.fullmatch(r"\[\w+\]", definition.tag), name
        assert definition.source, name
        assert definition.description, name


def test_every_term_of_a_shipped_diagram_is_a_setting():
    used = set()
    for file in BPMN.glob("*.bpmn"):
        text = file.read_text(encoding="utf-8")
        used |= set(re.findall(r'name="term" value="(\w+)"', text)) | set(re.findall(r"\bterm\.(\w+)", text))

    assert used
    assert {name for name in used if f"term.{name}" not in settings.definitions()} == set()


def test_what_nobody_set_is_as_shipped(session):
    assert settings.get(session, "case.unshared_retention_days", on=DAY) == 30


def test_an_unknown_setting_is_an_error(session, clock):
    with pytest.raises(Invalid, match="no setting term"):
        settings.get(session, "term.made_up", on=DAY)
    with pytest.raises(Invalid):
        put(session, clock, "made.up", 1)
    with pytest.raises(Invalid):
        settings.term_resolver(session, municipality=None, anchors={})("made_up", clock())


def test_a_municipality_goes_before_the_region_and_the_region_before_what_is_shipped(session, clock):
    region(session, clock())
    put(session, clock, "task.lease_hours", 48)
    put(session, clock, "task.lease_hours", 24, municipality=VENLO)

    assert settings.get(session, "task.lease_hours", municipality=VENLO, on=DAY) == 24
    assert settings.get(session, "task.lease_hours", municipality=ROERMOND, on=DAY) == 48
    assert settings.get(session, "task.lease_hours", on=DAY) == 48
    assert settings.get(session, "task.lease_hours", municipality=VENLO, on=DAY - timedelta(days=1)) == 72


def test_a_value_holds_from_its_first_to_its_last_day(session, clock):
    put(session, clock, "task.lease_hours", 48)
    put(
        session, clock, "task.lease_hours", 12,
        valid_from=DAY + timedelta(days=10), valid_to=DAY + timedelta(days=12),
    )  # fmt: skip

    hours = [settings.get(session, "task.lease_hours", on=DAY + timedelta(days=days)) for days in (9, 10, 12, 13)]

    assert hours == [48, 12, 12, 48]


def test_the_last_word_of_one_day_counts(session, clock):
    put(session, clock, "task.lease_hours", 48)
    put(session, clock, "task.lease_hours", 36, at=clock.forward(minutes=1))

    assert settings.get(session, "task.lease_hours", on=DAY) == 36


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("monitoring.smallest_cell", 5),
        ("task.lease_hours", 0),
        ("task.lease_hours", True),
        ("task.lease_hours", "72"),
        ("task.lease_hours", 24.5),
        ("phone.safe_home", ""),
        ("phone.safe_home", 112),
        ("term.explore", 5),
        ("term.explore", {}),
        ("term.explore", {"working_days": 0}),
        ("term.explore", {"working_days": 5, "duration": "P5D"}),
        ("term.explore", {"duration": "soon"}),
        ("term.explore", {"duration": "P0D"}),
        ("term.explore", {"gestational_weeks": 60}),
        ("term.explore", {"working_days": 10, "from_gestational_weeks": 32}),
        ("term.explore", {"working_days": 10, "soon": 0}),
        ("term.explore", {"soon": 5}),
        ("term.explore", {"anchor": "evaluation_date"}),
        ("term.explore", {"anchor": "someday", "otherwise": "P42D"}),
        ("term.explore", {"anchor": "evaluation_date", "otherwise": "later"}),
        ("term.explore", {"anchor": "hub_meeting", "working_days": "2", "otherwise": "P14D"}),
        ("term.explore", {"gestational_weeks": 34, "otherwise": 5}),
        ("term.age_limit_warning", {"before_age_limit": "PT36H"}),
        ("term.age_limit_warning", {"before_age_limit": ["P3M"]}),
        ("term.warn_working_days", {"working_days": 2}),
        ("term.warn_working_days", 21),
    ],
)
def test_a_value_that_cannot_be_is_refused(session, clock, name, value):
    with pytest.raises(Invalid) as refused:
        put(session, clock, name, value)

    assert name in refused.value.errors


def test_an_end_before_the_beginning_is_refused(session, clock):
    with pytest.raises(Invalid):
        put(session, clock, "task.lease_hours", 48, valid_to=DAY - timedelta(days=1))


def test_a_midwife_sets_no_terms(session, clock):
    with pytest.raises(NotAllowed):
        put(session, clock, "task.lease_hours", 48, by=region(session, clock()).midwife)


def test_many_questions_cost_one_statement(session, clock):
    statements = []
    event.listen(session.get_bind().engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    resolve = settings.term_resolver(session, municipality=VENLO, anchors={})

    for name in ("record_signal", "ask_consent", "first_contact", "explore"):
        resolve(name, clock())

    assert len([one for one in statements if "FROM settings" in one]) == 1


def test_a_term_in_working_days_ends_with_its_last_day(session, clock):
    resolve = settings.term_resolver(session, municipality=None, anchors={})

    assert resolve("record_signal", clock()) == datetime(2026, 11, 5, 22, 59, 59, tzinfo=UTC)
    assert resolve("term.record_signal", clock()) == resolve("record_signal", clock())


def test_a_term_can_be_shorter_late_in_pregnancy(session, clock):
    put(
        session, clock, "term.first_contact",
        {"working_days": 10, "from_gestational_weeks": 32, "then_working_days": 5},
    )  # fmt: skip

    def within(weeks: int) -> date:
        due = DAY + timedelta(days=280 - 7 * weeks)
        resolve = settings.term_resolver(session, municipality=None, anchors={"due_date": due})
        return local_date(resolve("first_contact", clock()))

    assert within(31) == date(2026, 11, 17)
    assert within(32) == date(2026, 11, 10)


def test_a_term_that_hangs_on_the_pregnancy_moves_with_the_due_date(session, clock):
    put(session, clock, "term.explore", {"gestational_weeks": 34})

    def at_34_weeks(due: date) -> datetime:
        return settings.term_resolver(session, municipality=None, anchors={"due_date": due})("explore", clock())

    assert at_34_weeks(date(2027, 1, 12)) == datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert at_34_weeks(date(2027, 1, 19)) == datetime(2026, 12, 7, 23, tzinfo=UTC)


@given(
    began=st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),
    days=st.integers(1, 60),
)
def test_a_term_in_working_days_ends_on_a_working_day_in_the_future(began, days):
    end = ends_at({"working_days": days}, began, {}, age_limit_months=24, longest_months=34)

    assert end > began
    assert is_working_day(local_date(end))


def test_setting_a_value_is_written_down(session, clock):
    from workflows.logbook import LoggedChange

    put(session, clock, "task.lease_hours", 48)

    line = session.query(LoggedChange).filter_by(event="setting.put").one()
    assert line.details == {"name": "task.lease_hours"}
