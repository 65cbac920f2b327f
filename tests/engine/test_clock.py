"""Claims about Dutch calendar time."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import clock
from engine.errors import TimerInvalid

DAYS = st.dates(date(2000, 1, 1), date(2150, 12, 31))
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2150, 1, 1), timezones=st.just(UTC))


def amsterdam(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.AMSTERDAM)


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ("2026-01-31T09:00", "P1M", "2026-02-28T09:00"),
        ("2028-01-31T09:00", "P1M", "2028-02-29T09:00"),
        ("2028-02-29T09:00", "P1Y", "2029-02-28T09:00"),
        ("2026-12-31T09:00", "P2M", "2027-02-28T09:00"),
        ("2026-11-30T09:00", "P1M", "2026-12-30T09:00"),
        ("2026-12-15T09:00", "P12M", "2027-12-15T09:00"),
        ("2026-01-31T09:00", "P1M1D", "2026-03-01T09:00"),
        ("2026-01-31T09:00", "P2W", "2026-02-14T09:00"),
    ],
)
def test_months_end_where_the_calendar_ends(start, duration, end):
    assert clock.add_duration(amsterdam(start), duration) == amsterdam(end)


@pytest.mark.parametrize(("day", "offset"), [("2026-03-28", 23), ("2026-10-24", 25), ("2026-11-22", 24)])
def test_a_day_keeps_the_hour_on_the_wall_through_both_clock_changes(day, offset):
    nine = amsterdam(f"{day}T09:00")

    tomorrow = clock.add_duration(nine, "P1D")

    assert tomorrow - nine.astimezone(UTC) == timedelta(hours=offset)
    assert tomorrow.astimezone(clock.AMSTERDAM).hour == 9


def test_hours_are_hours_that_pass():
    evening = amsterdam("2026-03-28T21:00")
    assert clock.add_duration(evening, "PT24H") - evening.astimezone(UTC) == timedelta(hours=24)


def test_a_local_time_that_does_not_exist_moves_an_hour_on():
    assert clock.add_duration(amsterdam("2026-03-28T02:30"), "P1D") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert clock.parse_instant("2026-03-29T02:30") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_a_local_time_that_comes_twice_is_the_first_of_the_two():
    assert clock.add_duration(amsterdam("2026-10-24T02:30"), "P1D") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_moment_without_a_zone_is_local_and_follows_summer_time():
    assert clock.parse_instant("2026-07-01T09:00") == datetime(2026, 7, 1, 7, tzinfo=UTC)
    assert clock.parse_instant("2026-12-01T09:00") == datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert clock.parse_instant("2026-12-01") == datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert clock.parse_instant("2026-12-01T09:00+05:00") == datetime(2026, 12, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    "/P/PT/P0D/PT0S/-PT5M/P-5D/P1.5D/P99999999Y/P101Y/P1Y1/1D/P1H/PT1D/P1D ;x/P٣D/P999Y9999M/P36700D".split("/"),
)
def test_a_duration_that_is_unclear_zero_or_endless_is_refused(text):
    with pytest.raises(TimerInvalid):
        clock.parse_duration(text)


@pytest.mark.parametrize(
    "text",
    "R/PT0S R/PT1S R3/PT1S R/PT59M R0/P1D R1001/P1D R-1/P1D R99999999999999/P1D P1D R3 "
    "R3/P1D/2026-01-01 R3/2026-01-01/P1D/P1D R3/x/P1D 0_0_*_* R²/P1D".split(),
)
def test_a_cycle_that_never_stops_or_never_comes_is_refused(text):
    with pytest.raises(TimerInvalid):
        clock.parse_cycle(text)


def test_a_cycle_says_how_often_from_when_and_how_far_apart():
    week = clock.Duration(days=7)
    assert clock.parse_cycle("R3/P7D") == clock.Cycle(3, None, week)
    assert clock.parse_cycle("R/P1W") == clock.Cycle(None, None, week)
    assert clock.parse_cycle("R2/2026-12-01T09:00/P7D") == clock.Cycle(2, datetime(2026, 12, 1, 8, tzinfo=UTC), week)


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-13-01", "2026-01-01T25:00", "morgen", "2026W011", "20260101", "0001-01-01T00:00"]
)
def test_a_day_that_does_not_exist_is_refused(text):
    with pytest.raises(TimerInvalid):
        clock.parse_instant(text)


def test_public_holidays_are_those_of_the_act_on_terms():
    days = "2026-01-01 2026-04-03 2026-04-06 2026-04-27 2026-05-05 2026-05-14 2026-05-25 2026-12-25".split()
    assert [day for day in days if clock.is_working_day(date.fromisoformat(day))] == []
    assert clock.is_working_day(date(2026, 12, 24))


@pytest.mark.parametrize(
    ("on", "days", "lands"),
    [
        (date(2026, 12, 24), 1, date(2026, 12, 28)),
        (date(2026, 12, 24), 5, date(2027, 1, 4)),
        (date(2026, 4, 2), 1, date(2026, 4, 7)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 22), 0, date(2026, 11, 23)),
        (date(2026, 11, 23), 0, date(2026, 11, 23)),
        (date(2026, 4, 7), -1, date(2026, 4, 2)),
    ],
)
def test_working_days_skip_weekends_and_holidays(on, days, lands):
    assert clock.add_working_days(on, days) == lands


@given(DAYS, st.integers(-60, 60))
def test_a_term_in_working_days_never_lands_on_a_day_off(on, days):
    assert clock.is_working_day(clock.add_working_days(on, days))


@given(DAYS, st.integers(1, 60))
def test_one_working_day_more_is_always_later(on, days):
    assert on < clock.add_working_days(on, days) < clock.add_working_days(on, days + 1)


@given(DAYS, st.integers(1, 60))
def test_working_days_count_back_as_they_count_on(on, days):
    on = clock.add_working_days(on, 0)
    assert clock.add_working_days(clock.add_working_days(on, days), -days) == on


@given(DAYS, st.integers(0, 5))
def test_a_later_start_never_ends_earlier(on, days):
    assert clock.add_working_days(on, days) <= clock.add_working_days(on + timedelta(days=1), days)


@given(INSTANTS, st.sampled_from("YMWD"), st.integers(1, 50))
def test_a_longer_duration_always_ends_later(instant, unit, count):
    ends = [clock.add_duration(instant, f"P{n}{unit}") for n in (count, count + 1)]
    assert instant < ends[0] < ends[1]


@given(INSTANTS, st.integers(1, 400))
def test_a_month_on_is_the_same_day_or_the_last(instant, months):
    start, end = clock.local_date(instant), clock.local_date(clock.add_duration(instant, f"P{months}M"))
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)


@given(DAYS)
def test_a_day_ends_before_the_next_begins(on):
    assert clock.local_date(clock.start_of_day(on)) == clock.local_date(clock.end_of_day(on)) == on
    assert clock.end_of_day(on) + timedelta(seconds=1) == clock.start_of_day(on + timedelta(days=1))


@given(st.text(max_size=40))
def test_no_text_gives_anything_but_a_timer_or_a_refusal(text):
    for read in (clock.parse_duration, clock.parse_instant, clock.parse_cycle):
        with suppress(TimerInvalid):
            read(text)


def test_a_timer_beyond_the_calendar_is_refused():
    with pytest.raises(TimerInvalid):
        clock.add_duration(datetime(9990, 1, 1, tzinfo=UTC), "P20Y")
    with pytest.raises(TimerInvalid):
        clock.add_working_days(date.max, 5)
    with pytest.raises(TimerInvalid):
        clock.add_working_days(date(2026, 1, 1), 10_001)


def test_pregnancy_is_counted_in_days_from_the_due_date():
    assert clock.gestational_age_days(date(2027, 1, 1), date(2027, 1, 1)) == 280
    assert clock.gestational_age_days(date(2027, 1, 1), date(2026, 11, 13)) == 231
