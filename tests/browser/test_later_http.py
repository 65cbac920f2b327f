"""Entering later what was on paper, on a page without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pages import later, words
from tests.browser.reader import Reader
from tests.builders import signal_answers
from tests.conftest import Clock
from tests.workflows.path import World
from workflows import method
from workflows.errors import Invalid

Enter = Callable[[str], Reader]


@pytest.fixture
def midwife(enter: Enter) -> Reader:
    return enter("midwife").open("/signaal").send("/signaal")


def finished(midwife: Reader, world: World) -> Reader:
    [case] = world.look(method.case_list, by=world.region.midwife).items
    return midwife.open(f"/casussen/{case.id}")


def keep(midwife: Reader, **typed: str) -> None:
    """Press ‘Bewaar en stop’."""
    fields = {**midwife.fields("/afronden"), **{name: [text] for name, text in typed.items()}}
    saved = midwife.client.post(f"{midwife.path}/concept", data=fields)
    assert saved.status_code == 303, saved.text


def test_the_page_of_the_case_tells_both_moments(midwife: Reader, world: World, clock: Clock) -> None:
    midwife.send(
        "/afronden",
        answers={**signal_answers(clock()), "_observed_day": "2026-10-30", "_observed_time": "14:15"},
    )

    assert (
        "Besproken op 30 oktober 2026 om 14:15 · ingevoerd op 3 november 2026 om 09:30" in finished(midwife, world).text
    )


def test_a_day_alone_will_do_and_no_day_says_nothing(midwife: Reader, world: World, clock: Clock) -> None:
    midwife.send("/afronden", answers={**signal_answers(clock()), "_observed_day": "30-10-2026"})

    text = finished(midwife, world).text
    assert "Besproken op 30 oktober 2026 · ingevoerd op 3 november 2026 om 09:30" in text
    assert text.count("ingevoerd op") == 1


def test_what_is_entered_at_once_has_one_moment(midwife: Reader, world: World, clock: Clock) -> None:
    midwife.send("/afronden", answers=signal_answers(clock()))

    assert "ingevoerd op" not in finished(midwife, world).text


@pytest.mark.parametrize(
    ("day", "time", "told"),
    [
        ("gisteren", "", "Vul een datum in, bijvoorbeeld 31-12-2026."),
        ("31-2-2026", "", "Vul een datum in, bijvoorbeeld 31-12-2026."),
        ("", "14:30", "Vul ook de dag in."),
        ("2026-10-30", "half drie", "Vul een tijd in, bijvoorbeeld 14:30."),
        ("2026-10-30", "25:00", "Vul een tijd in, bijvoorbeeld 14:30."),
        ("2026-11-03", "09:31", "Dit moment ligt in de toekomst. Vul in wanneer het was."),
        ("2025-12-31", "", "Dit is te lang geleden. Vul een dag in vanaf 03-01-2026."),
    ],
)
def test_a_moment_that_cannot_be_comes_back_as_typed(
    midwife: Reader, clock: Clock, day: str, time: str, told: str
) -> None:
    answers = {**signal_answers(clock()), "parity": "veel", "_observed_day": day, "_observed_time": time}

    midwife.send("/afronden", status=400, answers=answers)

    assert f"Wanneer was dit? {told}" in midwife.errors
    assert len(midwife.errors) == 2
    assert (midwife.values("_observed_day"), midwife.values("_observed_time")) == ([day], [time])
    assert midwife.tree.xpath("//details[@open]//input[@id='veld-observed-day']")

    midwife.send("/afronden", status=400, answers={**answers, "parity": "1"})
    assert midwife.errors == [f"Wanneer was dit? {told}"]


def test_a_draft_keeps_the_moment_too(midwife: Reader, clock: Clock) -> None:
    place = midwife.path

    keep(midwife, _observed_day="2026-10-30", _observed_time="14:15")

    midwife.open(place)
    assert (midwife.values("_observed_day"), midwife.values("_observed_time")) == (["2026-10-30"], ["14:15"])
    keep(midwife, _observed_day="", _observed_time="")
    assert midwife.open(place).values("_observed_day") == [""]


def test_the_moment_is_kept_when_a_question_is_added(midwife: Reader) -> None:
    midwife.send("/afronden", button="add:professionals_involved", _observed_day="ergens in mei")

    assert midwife.values("_observed_day") == ["ergens in mei"]


@given(
    at=st.datetimes(
        datetime(1900, 1, 2), datetime(2100, 12, 30), timezones=st.just(words.AMSTERDAM), allow_imaginary=False
    ),
    dutch=st.booleans(),
)
def test_every_minute_can_be_typed(at: datetime, dutch: bool) -> None:
    at = at.replace(second=0, microsecond=0)
    day = f"{at.day}-{at.month}-{at.year}" if dutch else f"{at:%Y-%m-%d}"

    assert at.astimezone(UTC).replace(tzinfo=None) - later.moment(  # type: ignore[operator]
        {"day": f" {day}", "time": f"{at:%H:%M}"}
    ).replace(tzinfo=None) in (at - at, words.timedelta(hours=1))  # a repeated hour is the first of the two


@given(day=st.text(max_size=12), clock=st.text(max_size=8))
def test_anything_else_is_refused_in_dutch(day: str, clock: str) -> None:
    assert refused(day, clock) <= {"observed_at"}


def refused(day: str, clock: str) -> set[str]:
    try:
        later.moment({"day": day, "time": clock})
    except Invalid as refusal:
        return set(refusal.errors)
    return set()
