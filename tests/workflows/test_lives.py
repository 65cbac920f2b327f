"""Generated families live their thirty-four months: whatever people answer, put off, give back or leave, no family is ever
nobody's and no case stands still.

One life is one transaction that is thrown away afterwards; every verb has a savepoint of its own, as a door has.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.conftest import Clock
from tests.workflows import path
from tests.workflows.lives import Life

LONG = os.environ.get("STEUN_TEST_PROFILE") == "long"


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


@settings(
    max_examples=int(os.environ.get("LIVES", "0")) or (500 if LONG else 6),
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_family_lives_its_months_and_is_never_nobodys(world, seed):
    with world.database.engine.connect() as connection, Session(bind=connection, expire_on_commit=False) as session:
        session.info["writes"] = True
        life = Life(session, world.region, Clock(datetime(2026, 11, 3, 8, 30, tzinfo=UTC)), seed)
        life.live()
        session.rollback()

    assert life.happened
