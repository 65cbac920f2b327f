"""A request sent twice is done once; a key belongs to one actor and one request."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import uuid4

import pytest

from workflows import idempotency
from workflows.actor import Actor
from workflows.idempotency import KeyReused, Replay

ONE = Actor(uuid4(), uuid4(), uuid4(), "signaller")
OTHER = Actor(uuid4(), uuid4(), uuid4(), "signaller")
REQUEST = {"method": "POST", "path": "/api/v1/signals", "digest": "a" * 64}


def test_the_second_time_gives_the_first_answer(database):
    found = uuid4()
    with database.writing() as session:
        assert idempotency.remember(session, "k1", by=ONE, **REQUEST) is None
        idempotency.keep(session, "k1", 201, found)

    with database.writing() as session:
        assert idempotency.remember(session, "k1", by=ONE, **REQUEST) == Replay(201, found)


def test_a_key_is_one_actors(database):
    with database.writing() as session:
        idempotency.remember(session, "k1", by=ONE, **REQUEST)
        idempotency.keep(session, "k1", 201, None)

    with database.writing() as session:
        assert idempotency.remember(session, "k1", by=OTHER, **REQUEST) is None


@pytest.mark.parametrize("change", [{"method": "PUT"}, {"path": "/api/v1/other"}, {"digest": "b" * 64}])
def test_the_same_key_with_another_request_is_refused(database, change):
    with database.writing() as session:
        idempotency.remember(session, "k1", by=ONE, **REQUEST)
        idempotency.keep(session, "k1", 201, None)

    with pytest.raises(KeyReused), database.writing() as session:
        idempotency.remember(session, "k1", by=ONE, **{**REQUEST, **change})


def test_what_failed_leaves_no_key(database):
    with pytest.raises(RuntimeError), database.writing() as session:
        idempotency.remember(session, "k1", by=ONE, **REQUEST)
        raise RuntimeError

    with database.writing() as session:
        assert idempotency.remember(session, "k1", by=ONE, **REQUEST) is None


def test_of_two_at_once_one_does_it_and_the_other_hears_the_answer(database):
    barrier, answers = threading.Barrier(4), []

    def send() -> None:
        barrier.wait()
        with database.writing() as session:
            replay = idempotency.remember(session, "k1", by=ONE, **REQUEST)
            if replay is None:
                idempotency.keep(session, "k1", 201, None)
            answers.append(replay)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers.count(None) == 1
    assert answers.count(Replay(201, None)) == 3


def test_old_keys_are_forgotten(database, clock):
    with database.writing() as session:
        idempotency.remember(session, "k1", by=ONE, **REQUEST, at=clock())
        idempotency.keep(session, "k1", 201, None)
    with database.writing() as session:
        idempotency.forget(session, at=clock() + timedelta(days=1))
        assert idempotency.remember(session, "k1", by=ONE, **REQUEST) is not None
    with database.writing() as session:
        idempotency.forget(session, at=clock() + timedelta(days=3))
        assert idempotency.remember(session, "k1", by=ONE, **REQUEST) is None
