"""Every operation of the pages and the doors, as everybody, in every situation: who may, who is refused, and to whom it is not
there. What each of them says is searched for words that may not be there. What is expected stands in ``matrix/expected.toml``.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from api import create_app
from tests.api import conftest
from tests.api.matrix import table
from tests.api.matrix.canaries import Canaries
from tests.api.matrix.walk import NOBODY, SITUATIONS, Operation, Undone, Walker, operations, outcome, text_of
from tests.api.matrix.world import BSN, fill
from tests.conftest import VAULT, Clock, Urls, copy_of
from tests.postgres import APPLICATION, OWNER, server
from workflows.consent import DisclosureCause
from workflows.db import Database


def is_file(operation: Operation, answer: TestResponse) -> bool:
    """Whether an answer is to be kept, sent on or printed."""
    if operation.key.endswith("/afdrukken"):
        return True
    return "attachment" in answer.headers.get("Content-Disposition", "") or b'class="steun-paper"' in answer.get_data()


_EVENTS = text("SELECT count(*) FROM reads.log_reads WHERE event = :event")
LONG = os.environ.get("STEUN_TEST_PROFILE") == "long"
#: On PostgreSQL the second lock is tried as well, with fewer people: what they meet is decided in the same code.
FEWER = frozenset(
    {
        "signaller", "signaller_elsewhere", "signaller_blocked", "explorer_holder", "supporter", "supporter_former",
        "process_director", "protection_officer", "log_manager", "administrator",
    }
)  # fmt: skip
#: What may say the number: asking for it, and the copy for the person themself (as PDF it is packed).
SHOWS_BSN = {
    "POST /api/v1/cases/<case_id>/members/<member_id>/bsn/readings",
    "POST /casussen/<case_id>/bsn/<member_id>/bekijken",
    "GET /api/v1/requests/<request_id>/copy",
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def walker(request, tmp_path_factory):
    """The application on a region in which everything has happened once; nothing that is asked of it is kept."""
    clock = Clock(conftest.START)
    name = None
    if request.param == "sqlite":
        url = copy_of(request.getfixturevalue("sqlite_template"), tmp_path_factory.mktemp("matrix"))
        urls = Urls(url, url)
    else:
        running = server()
        name = running.create(template=request.getfixturevalue("postgres_template"))
        urls = Urls(running.url(name, APPLICATION), running.url(name, OWNER))
    database = Database(urls.application, vault=VAULT, house=True)
    known = fill(database, clock, conftest._regions[request.param])
    app = create_app(conftest.settings(urls), clock=clock)
    app.extensions["steun.database"].dispose()
    app.extensions["steun.database"] = Undone(urls.application, VAULT)
    yield Walker(app, known, Canaries(database, known, clock()), thorough=LONG, fewer=FEWER if name else None)
    app.extensions["steun.database"].dispose()
    database.dispose()
    if name is not None:
        server().drop(name)


def test_the_table_names_every_operation_and_no_other(walker):
    there = {operation.key for operation in operations(walker.app)}
    written = Counter(key for profile in table.profiles() for key in profile.operations)

    assert there - set(written) == set(), "these need a row in tests/api/matrix/expected.toml"
    assert set(written) - there == set()
    assert [key for key, times in written.items() if times > 1] == []
    assert {name for profile in table.profiles() for name in profile.people} <= set(walker.known.people)


def test_nobody_meets_a_surprise_or_a_word_that_is_not_for_them(walker):
    surprises, never, shown, served, files = [], [], set(), set(), table.files()
    expected = {key: profile for profile in table.profiles() for key in profile.operations}

    def meets(operation: Operation, profile: table.Profile, who: str, situation: str) -> bool:
        with walker.database.undone():
            walker.database.listen()
            answer = walker.ask(operation, who, situation)
            found, changed = outcome(answer), set(walker.database.changed)
            said = text_of(answer)
            leaks = walker.canaries.leaks(said, who, walker.database)
            leaks += ["the BSN"] if BSN in said and operation.key not in SHOWS_BSN else []
            shown.update({operation.key} if BSN in said else ())
            if answer.status_code == 200 and is_file(operation, answer):
                served.add(operation.key)
                event, _ = files.get(operation.key, ("", ""))
                written = walker.database.connection.execute(_EVENTS, {"event": event}).scalar()
                if event and not written and walker.fewer is None:  # where all lines are in sight
                    leaks.append(f"a file, without a line {event}")
        wanted = profile.outcome(situation, who)
        where = f"{operation.key} as {who}, {situation}"
        if found != wanted:
            surprises.append(f"{where}: {found} ({answer.status_code}) instead of {wanted}")
        surprises.extend(f"{where}: says {leak}" for leak in leaks)
        more = changed - {"reads.log_reads"}
        looks = operation.method == "GET" or operation.key in table.writes_nothing()
        refused = found in ("403", "404") and operation.key not in table.counts_attempts()
        if more and (looks or refused):
            surprises.append(f"{where}: {found} ({answer.status_code}) and yet changed {more}")
        return found == "may" and answer.status_code < 400 and (looks or bool(more))

    for operation in operations(walker.app):
        profile, asked, done = expected[operation.key], {}, False
        for situation in SITUATIONS:
            if situation != "own" and not (operation.of_case or (situation == "unknown" and "<" in operation.rule)):
                continue
            asked[situation] = walker.people(profile, operation, situation)
            for who in asked[situation]:
                done |= meets(operation, profile, who, situation)
        if not done and operation.key not in table.never_done():
            others = [(who, "own") for who in walker.others_who_may(profile, asked["own"])]
            others += [(who, "draft") for who in SITUATIONS["draft"]] if operation.of_case else []
            if not any(meets(operation, profile, *other) for other in others):
                never.append(operation.key)

    assert not surprises, f"{len(surprises)} surprises:\n" + "\n".join(surprises[:60])
    assert never == [], "nobody was let through here or nothing came of it, so the refusals say nothing"
    assert shown == SHOWS_BSN
    assert served == set(table.files()), "what is served as a file stands in [files] of expected.toml, and nothing else"
    for event, act in table.files().values():
        assert not event or event.rpartition(".")[2] in ("printed", "exported"), event
        assert not act or act in set(DisclosureCause)


def test_who_is_not_logged_in_gets_nothing_of_a_family(walker):
    expected = {key: profile for profile in table.profiles() for key in profile.operations}
    surprises = []
    for operation in operations(walker.app):
        with walker.database.undone():
            answer = walker.ask(operation, NOBODY)
        found, wanted = outcome(answer), expected[operation.key].nobody(operation)
        if found != wanted:
            surprises.append(f"{operation.key}: {found} instead of {wanted}")
        if walker.canaries.known(text_of(answer)):
            surprises.append(f"{operation.key} says something of a family")

    assert surprises == []


def test_another_method_is_not_allowed_whoever_asks(walker):
    known: dict[str, set[str]] = {}
    for operation in operations(walker.app):
        known.setdefault(walker.address(operation), set()).add(operation.method)
    wrong = []
    for operation in operations(walker.app):
        path = walker.address(operation)
        method = next((one for one in ("DELETE", "PUT", "PATCH") if one not in known[path]), None)
        if method is None or operation.method != min(known[path]):
            continue
        with walker.database.undone():
            answer = walker.ask(operation, "explorer_holder", method=method)
        if answer.status_code != 405:
            wrong.append(f"{method} {path}: {answer.status_code}")

    assert wrong == []


def test_the_words_that_are_searched_for_are_everywhere_something_can_be_typed(walker):
    kinds = walker.canaries.kinds()

    assert {"C0", "C1", "C5", "C6", "C7", "C9"} <= kinds
    assert {"comment", "draft", "emergency", "partner"} <= kinds
    assert len(walker.canaries.all) > 40


def test_the_readable_table_is_up_to_date():
    told = table.document(Path("docs/access-matrix.md"))

    assert told == table.document(None), "run: python -m tests.api.matrix"
