"""Figures for the steering board tell nothing of which somebody could be recognised, whatever one subtracts from what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, permutations

import pytest
from hypothesis import Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests import builders
from workflows import figures, handovers, method, settings
from workflows.errors import NotAllowed
from workflows.figures import Passed, Told
from workflows.handovers import HandoverKind, RefusedReason

KINDS = ("case_director", "organisation", "birth")
REASONS = ("no_capacity", "not_our_task", "other")


def told(rows, smallest: int) -> Told | None:
    return figures.tell(rows, kinds=KINDS, reasons=REASONS, smallest=smallest)


def row(number: int, kind: str = "organisation", outcome: str = "accepted", **more) -> Passed:
    return Passed(family=number, kind=kind, outcome=outcome, **{"warm": True, "working_days": 2, **more})


# --- what is told


def test_percents_are_told_of_enough_families_and_the_rest_is_too_small():
    rows = [row(n, warm=n % 4 != 0, working_days=1 + n % 5, asked_back=n == 7) for n in range(40)]
    rows += [row(n, "birth", "refused", reason="no_capacity", working_days=None) for n in range(100, 112)]
    rows += [row(n, "case_director", "expired", warm=False, working_days=None) for n in range(200, 203)]

    kept = told(rows, 10).rounded()

    assert (kept["count"], kept["warm_percent"], kept["median_working_days"]) == (55, 76, 3)
    assert kept["asked_back_percent"] is None, "one family"
    assert kept["returned_percent"] is None, "nobody, which is as telling"
    assert kept["outcomes"] == [
        {"codes": ["accepted"], "percent": 73},
        {"codes": ["refused", "withdrawn", "expired", "waiting"], "percent": 27},
    ]
    assert kept["reasons"] == []
    assert [(one["codes"], one["count"]) for one in kept["kinds"]] == [
        (["organisation"], 40), (["case_director", "birth"], 15),
    ]  # fmt: skip
    assert {one["warm_percent"] for one in kept["kinds"]} == {None}, "of the smaller group too few were cold"


def test_ten_handovers_of_nine_families_are_nine_families():
    rows = [row(n % 9) for n in range(30)]

    assert told(rows, 10) is None
    assert told([*rows, row(10)], 10).whole.count == 31


def test_nothing_is_told_of_fewer_than_the_setting_says():
    assert told([row(n) for n in range(9)], 10) is None
    assert told([], 1) is None


# --- what follows from what is told


def counts(rows: list[Passed]) -> Counter[tuple[str, ...]]:
    """Every count somebody could want to know: of each combination of up to two characteristics, and of sets of kinds."""
    found: Counter[tuple[str, ...]] = Counter()
    for one in rows:
        has = [("kind", one.kind), ("warm", str(one.warm)), ("outcome", one.outcome), ("asked", str(one.asked_back))]
        has += [("reason", str(one.reason))] if one.outcome == "refused" else []
        has += [("returned", str(one.returned))] if one.outcome == "accepted" else []
        found.update(list(has))
        found.update([(*a, *b) for a, b in combinations(has, 2)])
        for others in combinations(KINDS, 2):
            if one.kind in others:
                found.update([others])
    return found


def other_than(one: Passed) -> Iterator[Passed]:
    """Everything that one handover could have been as well, in one respect."""
    yield from (replace(one, kind=kind) for kind in KINDS)
    yield replace(one, warm=not one.warm)
    yield replace(one, asked_back=not one.asked_back)
    yield replace(one, outcome="accepted", reason=None, working_days=2)
    yield replace(one, outcome="accepted", reason=None, working_days=2, returned=True)
    for reason in REASONS:
        yield replace(one, outcome="refused", reason=reason, working_days=None, returned=False)
    for outcome in ("withdrawn", "expired", "waiting"):
        yield replace(one, outcome=outcome, reason=None, working_days=None, returned=False)


def others_like(rows: list[Passed], wanted: Told | None, smallest: int) -> Iterator[list[Passed]]:
    """Other truths of which exactly the same would be told: one handover was something else, or two were."""
    alike = {replace(one, family=0): index for index, one in enumerate(rows)}
    for index in alike.values():
        for changed in other_than(rows[index]):
            once = [*rows[:index], changed, *rows[index + 1 :]]
            if once != rows and told(once, smallest) == wanted:
                yield once
    for index, second in permutations(alike.values(), 2):
        for changed in other_than(rows[index]):
            once = [*rows[:index], changed, *rows[index + 1 :]]
            for again in other_than(once[second]):
                twice = [*once[:second], again, *once[second + 1 :]]
                if told(twice, smallest) == wanted:
                    yield twice


def worked_out(rows: list[Passed], smallest: int) -> dict[tuple[str, ...], int]:
    """Small counts that are the same in every other truth that was found: whoever knows how figures are cut has them."""
    true = counts(rows)
    left = {what: count for what, count in true.items() if 0 < count < smallest}
    tells = told(rows, smallest)
    if tells is None:
        return {}
    for other in others_like(rows, tells, smallest):
        if not left:
            break
        there = counts(other)
        left = {what: count for what, count in left.items() if there[what] == count}
    return left


def tables(kinds: tuple[str, ...] = KINDS) -> st.SearchStrategy[list[Passed]]:
    one = st.builds(
        Passed,
        family=st.just(0),
        kind=st.sampled_from(kinds),
        warm=st.booleans(),
        outcome=st.sampled_from(("accepted", "refused", "expired")),
        reason=st.sampled_from(REASONS),
        working_days=st.just(2),
        asked_back=st.booleans(),
        returned=st.booleans(),
    )
    return st.lists(one, min_size=3, max_size=14).map(
        lambda rows: [
            replace(
                row,
                family=n,
                reason=row.reason if row.outcome == "refused" else None,
                returned=row.returned and row.outcome == "accepted",
                working_days=row.working_days if row.outcome == "accepted" else None,
            )
            for n, row in enumerate(rows)
        ]
    )


@hypothesis_settings(phases=[Phase.explicit, Phase.reuse, Phase.generate])  # shrinking a table takes minutes
@given(rows=tables(), smallest=st.integers(2, 4))
def test_no_small_count_follows_from_all_that_is_told(rows, smallest):
    assert worked_out(rows, smallest) == {}


@given(rows=tables(), smallest=st.integers(2, 4))
def test_all_that_is_told_is_large_and_so_is_what_is_left_over(rows, smallest):
    """Not by trying, but by what groups are: they do not overlap, and every difference of two sums of them is large."""
    found = told(rows, smallest)
    if found is None:
        return
    assert found.whole.count == len(rows) >= smallest
    for parts, of in (
        (found.whole.warm, len(rows)), (found.whole.asked_back, len(rows)), (found.whole.outcomes, len(rows)),
        (found.reasons, sum(one.outcome == "refused" for one in rows)),
        (found.returned, sum(one.outcome == "accepted" for one in rows)),
        (found.groups, len(rows)),
    ):  # fmt: skip
        if parts:
            assert sum(part.count for part in parts) == of
            assert len(parts) > 1
            assert min(part.count for part in parts) >= smallest
    for measure in ("warm", "asked_back", "outcomes"):
        shown = [getattr(one, measure) for one in found.groups if getattr(one, measure)]
        assert len(shown) in (0, len(found.groups)), "the last one could be subtracted"
        assert all(part.count >= smallest for parts in shown for part in parts)


# --- making and reading them


def offered(session, here, at: datetime, *, times: int, days: int = 2) -> None:
    """Handovers of as many families, all accepted after some days."""
    for _ in range(times):
        case = builders.case(session, here.midwife, at)
        one = handovers.prepare(
            session, case, kind="case_director", reason="step_up", to_organisation_id=here.municipality.id,
            to_role="case_director", by=here.midwife, at=at,
        )  # fmt: skip
        handovers.offer(
            session, one, warm_contact_form="phone", warm_contact_on=at.date(), parent_presence="present",
            by=here.midwife, at=at,
        )  # fmt: skip
        director = replace(here.nurse, organisation_id=here.municipality.id, role="case_director")
        handovers.accept(session, one, by=director, at=at + timedelta(days=days))


def test_a_quarter_is_told_once_when_it_is_over_and_large_enough(session, clock):
    here = builders.region(session, clock())
    board = builders.actor(session, "Ria Regieraad", here.programme, "steering_board", at=clock())
    for name, value in (("monitoring.smallest_cell", 10), ("monitoring.wait_days", 30)):
        settings.put(
            session, name, value, valid_from=date(2026, 1, 1), source="toets", by=here.administrator, at=clock()
        )
    offered(session, here, datetime(2026, 2, 3, 9, tzinfo=UTC), times=4)
    offered(session, here, datetime(2026, 4, 3, 9, tzinfo=UTC), times=6, days=5)  # over Easter: one working day
    offered(session, here, datetime(2026, 9, 30, 21, tzinfo=UTC), times=3)
    offered(session, here, datetime(2026, 9, 30, 22, 30, tzinfo=UTC), times=9)  # in Amsterdam the first of October

    def made(on: date) -> list[tuple[date, date]]:
        at = datetime(on.year, on.month, on.day, 2, tzinfo=UTC)
        method.publish_due_figures(session, at=at)
        page = method.handover_figures(session, by=board, at=at)
        return [(one.first_day, one.last_day) for one in page.items]

    assert made(date(2026, 7, 29)) == [], "the first quarter is too small, the second not over long enough"
    assert made(date(2026, 7, 30)) == [(date(2026, 1, 1), date(2026, 6, 30))]
    [told] = method.handover_figures(session, by=board, at=datetime(2026, 12, 1, tzinfo=UTC)).items
    assert (told.count, told.median_working_days, told.warm_percent, told.kinds) == (10, 2, None, [])
    assert made(date(2026, 10, 30)) == [(date(2026, 1, 1), date(2026, 6, 30))], "three are too few"
    page = method.handover_figures(session, by=board, at=datetime(2026, 10, 31, tzinfo=UTC))
    assert (page.waits_from, page.waits_until) == (date(2026, 7, 1), date(2026, 9, 30))
    assert made(date(2027, 1, 30))[0] == (date(2026, 7, 1), date(2026, 12, 31))
    assert made(date(2027, 1, 30)) == made(date(2027, 1, 31)), "once"

    session.flush()
    lines = [line for line in session.info["logbook.reads"] if line["event"] == "figures.viewed"]
    assert {(line["person_id"], line["case_id"]) for line in lines} == {(board.person_id, None)}
    for other in (here.process_director, here.coordinator, here.administrator, here.nurse, here.log_manager):
        with pytest.raises(NotAllowed):
            method.handover_figures(session, by=other, at=clock())


def test_all_kinds_and_reasons_there_are_have_a_place_in_the_figures():
    rows = [Passed(n, kind, True, "accepted", None, 1) for n, kind in enumerate(HandoverKind)]
    rows += [Passed(n, "birth", False, "refused", reason) for n, reason in enumerate(RefusedReason, start=100)]
    rows += [row(200 + n, outcome=outcome) for n, outcome in enumerate(("withdrawn", "expired", "waiting"))]

    found = figures.tell(rows, kinds=tuple(HandoverKind), reasons=tuple(RefusedReason), smallest=1)

    assert sum(one.count for one in found.groups) == len(rows)
    assert sum(one.count for one in found.reasons) == len(RefusedReason)
