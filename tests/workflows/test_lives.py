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
from workflows import vault

LONG = os.environ.get("STEUN_TEST_PROFILE") == "long"

#: What at least one of many families lives through; else the test would promise more than it tries.
LIVED = {
    *("job", "claim", "release", "birth", "move", "due date", "loss", "withdraw", "consent given", "left", "joined"),
    *("complete taking_over", "complete hub_minutes", "complete support_plan", "complete action_progress"),
    *("complete evaluation", "complete handover_answer", "complete handover_contact", "complete after_birth"),
    *("complete closure", "complete escalation", "complete loss_follow_up", "evaluation request"),
}


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


def test_a_family_lives_its_months_and_is_never_nobodys(world):
    lived: set[str] = set()
    # A life on PostgreSQL takes four times as long and is decided by the same code: there fewer look for what differs.
    enough = world.database.is_sqlite
    many = 150 if enough else 12

    @settings(max_examples=many if LONG else 6, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck))
    @given(seed=st.integers(0, 2**32 - 1))
    def live(seed: int) -> None:
        with world.database.engine.connect() as connection, Session(bind=connection, expire_on_commit=False) as session:
            session.info[vault.INFO] = world.database.vault
            session.info["writes"] = True
            life = Life(session, world.region, Clock(datetime(2026, 11, 3, 8, 30, tzinfo=UTC)), seed)
            life.live()
            session.rollback()
        lived.update(life.happened)

    for _ in range(3 if LONG and enough else 1):  # what happens to few families may take more of them
        live()
        if lived >= LIVED:
            break

    assert "start" in lived
    if LONG and enough:
        assert lived >= LIVED
