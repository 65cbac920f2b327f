"""What was written on paper first is entered later: both moments are kept, and neither can be just any moment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.api.conftest import SIGNAL
from workflows.method.later import BEFORE, wrong_moment

HOME_VISIT = "2026-10-30T13:15:00Z"


def complete(begun, answers=SIGNAL, **more):
    return begun.by.post(f"{begun.path}/completion", json={"answers": answers, **more}, headers=begun.headers)


def entry_of(begun):
    case = begun.by.get(begun.path).json["case"]
    [entry] = begun.by.get(f"/cases/{case['id']}/entries").json["items"]
    return entry


def test_an_entry_says_when_it_was_and_when_it_was_written_down(begin):
    begun = begin()

    assert complete(begun, observed_at=HOME_VISIT).status_code == 201

    entry = entry_of(begun)
    assert (entry["observed_at"], entry["recorded_at"]) == ("2026-10-30T13:15:00.000Z", "2026-11-03T08:30:00.000Z")


def test_without_a_moment_it_is_now(begin):
    begun = begin()

    assert complete(begun).status_code == 201

    entry = entry_of(begun)
    assert entry["observed_at"] == entry["recorded_at"]


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("2026-11-03T08:30:01Z", "Dit moment ligt in de toekomst. Vul in wanneer het was."),
        ("2026-01-03T08:29:59Z", "Dit is te lang geleden. Vul een dag in vanaf 03-01-2026."),
    ],
)
def test_a_moment_that_cannot_be_is_refused_and_nothing_is_kept(begin, moment, text):
    begun = begin()

    refused = complete(begun, observed_at=moment)

    assert (refused.status_code, refused.json["errors"]) == (400, {"observed_at": [text]})
    assert begun.by.get(begun.path).json["task"]["status"] == "claimed"
    assert complete(begun).status_code == 201


def test_what_is_wrong_with_the_moment_and_with_the_answers_is_told_at_once(begin):
    refused = complete(begin(), {**SIGNAL, "parity": "veel"}, observed_at="2026-11-04T08:30:00Z")

    assert set(refused.json["errors"]) == {"observed_at", "parity"}


def test_a_moment_without_a_zone_is_no_moment(begin):
    assert set(complete(begin(), observed_at="2026-10-30T13:15:00").json["errors"]) == {"observed_at"}


def test_the_first_moment_is_ten_months_before_the_case_began(clock):
    began, at = clock() - timedelta(days=10), clock()

    assert wrong_moment(None, began=began, at=at) is None
    assert wrong_moment(at, began=began, at=at) is None
    assert wrong_moment(began - BEFORE, began=began, at=at) is None
    assert wrong_moment(began - BEFORE - timedelta(microseconds=1), began=began, at=at) is not None
    assert wrong_moment(at + timedelta(microseconds=1), began=began, at=at) is not None
