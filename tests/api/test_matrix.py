"""Every operation of the pages and the doors, as everybody, in every situation: who may, who is refused, and to whom it is not
there. What each of them says is searched for words that may not be there, and a refusal is the same as for what is not there, also in what
the database is asked. What is expected stands in ``matrix/expected.toml``.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from api import create_app
from engine.clock import local_date
from tests.api import conftest
from tests.api.matrix import table
from tests.api.matrix.canaries import Canaries
from tests.api.matrix.walk import NOBODY, SITUATIONS, Operation, Undone, Walker, operations, outcome, plain, text_of
from tests.api.matrix.world import BSN, fill
from tests.conftest import VAULT, Clock, Urls, copy_of
from tests.postgres import APPLICATION, OWNER, server
from tests.workflows import path
from workflows import organisations
from workflows.actor import OPERATOR
from workflows.consent import DisclosureCause
from workflows.db import Database


def is_file(operation: Operation, answer: TestResponse) -> bool:
    """Whether an answer is to be kept, sent on or printed."""
    if operation.key.endswith("/afdrukken"):
        return True
    return "attachment" in answer.headers.get("Content-Disposition", "") or b'class="steun-paper"' in answer.get_data()


_EVENTS = text("SELECT count(*) FROM reads.log_reads WHERE event = :event")
LONG = os.environ.get("STEUN_TEST_PROFILE") == "long"
#: With fewer people: on PostgreSQL, where the second lock is tried as well, and when an answer of the long test is laid beside
#: the one about what is not there. What they meet is decided in the same code.
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
#: Who is let in here knows of the case.
_CASE = "GET /api/v1/cases/<case_id>"


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
    database = Database(urls.application, vault=VAULT, files=urls.files, house=True)
    known = fill(database, clock, conftest._regions[request.param])
    app = create_app(conftest.settings(urls), clock=clock)
    app.extensions["steun.database"].dispose()
    app.extensions["steun.database"] = Undone(urls.application, VAULT, urls.files)
    turn = int(os.environ.get("STEUN_TEST_SEED") or random.randrange(1000))
    print(f"seed {turn}: repeat with STEUN_TEST_SEED={turn}")
    yield Walker(
        app, known, Canaries(database, known, clock()), thorough=LONG and name is None, turn=turn,
        fewer=FEWER if name else None,
    )  # fmt: skip
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

    def meets(operation: Operation, profile: table.Profile, who: str, situation: str, *, compared: bool) -> bool:
        with walker.database.undone():
            answer = walker.listen_to(operation, who, situation)
            asked_of_database = walker.asked()
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
        sees_case = operation.of_case and expected[_CASE].outcome(situation, who) != "404"
        named = operation.rule.count("<uuid:") > sees_case
        if found == "404" and situation != "unknown" and named and compared and (who in FEWER or not walker.thorough):
            differs = walker.as_unknown(operation, who, situation, (answer, asked_of_database), sees_case=sees_case)
            surprises.extend([f"{where}: {differs}"] if differs else [])
        more = changed - {"reads.log_reads"}
        looks = operation.method == "GET" or operation.key in table.writes_nothing()
        refused = found in ("403", "404") and operation.key not in table.counts_attempts()
        if more and (looks or refused):
            surprises.append(f"{where}: {found} ({answer.status_code}) and yet changed {more}")
        return found == "may" and answer.status_code < 400 and (looks or bool(more))

    for place, operation in enumerate(operations(walker.app)):
        profile, asked, done = expected[operation.key], {}, False
        compared = walker.fewer is None or (place + walker.turn) % 3 == 0
        for situation in SITUATIONS:
            if situation != "own" and not (operation.of_case or (situation == "unknown" and "<" in operation.rule)):
                continue
            asked[situation] = walker.people(profile, operation, situation)
            for who in asked[situation]:
                done |= meets(operation, profile, who, situation, compared=compared)
        if operation.key not in table.never_done():
            others = [(who, "own") for who in walker.others_who_may(profile, asked["own"])]
            others += [(who, "draft") for who in SITUATIONS["draft"]] if operation.of_case else []
            for other in others:
                if done and operation.key not in (SHOWS_BSN - shown) | (files.keys() - served):
                    break
                done |= meets(operation, profile, *other, compared=False)
            if not done:
                never.append(operation.key)

    assert not surprises, f"{len(surprises)} surprises:\n" + "\n".join(surprises[:60])
    assert never == [], "nobody was let through here or nothing came of it, so the refusals say nothing"
    assert shown == SHOWS_BSN
    assert served == set(table.files()), "what is served as a file stands in [files] of expected.toml, and nothing else"
    for event, act in table.files().values():
        assert not event or event.rpartition(".")[2] in ("printed", "exported", "downloaded"), event
        assert not act or act in set(DisclosureCause)


def test_behind_the_second_lock_everything_is_done_as_without_it_and_strangers_see_nothing_of_it(walker):
    """A verb that misses a row which the database hides does less than it should, and nobody would notice."""
    wrong = []
    for place, operation in enumerate([] if walker.database.is_sqlite else operations(walker.app)):
        if not LONG and (place + walker.turn) % 3:
            continue
        [profile] = [one for one in table.profiles() if operation.key in one.operations]
        able = [one for one in walker.others_who_may(profile, ()) if one in FEWER]
        for who in able[walker.turn % len(able) :][:1] if able else ():
            if not operation.is_api:
                walker.browser(who)
            behind, seen = walker.done_behind_lock(operation, who)
            walker.database.open = True
            without, _ = walker.done_behind_lock(operation, who)
            walker.database.open = False
            if behind != without:
                rows = {
                    key: (behind[1][key], without[1][key])
                    for key in behind[1] | without[1]
                    if behind[1][key] != without[1][key]
                }
                lines = [pair for pair in zip_longest(behind[0], without[0]) if pair[0] != pair[1]][:1]
                wrong.append(f"{operation.key} as {who}: {rows or lines}")
            if seen:
                wrong.append(f"{operation.key} as {who}: a stranger sees {seen}")

    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:40])


@dataclass(frozen=True)
class Ending:
    """What ends somebody's right, who does it, and at what it is seen. ``out``: nobody is there any more to be refused."""

    who: str
    by: str
    path: str
    body: dict[str, Any] = field(default_factory=dict)
    looks: tuple[str, ...] = ("/api/v1/cases/{case}", "/casussen/{case}")
    out: bool = False


_MEETING = ("/api/v1/hub-meetings/{meeting}", "/knooppunt/{meeting}")
#: Event → how it is done here, through the doors.
ENDINGS = {
    "deactivation": Ending("explorer_colleague", "administrator", "people/{person}/deactivations", out=True),
    "end of a role": Ending("explorer_colleague", "administrator", "assignments/{assignment}/endings", out=True),
    "organisation stops": Ending("supporter", "administrator", "organisations/{organisation}/deactivations", out=True),
    "withdrawal": Ending("explorer_holder", "signaller", "cases/{case}/consent-withdrawals"),
    "block": Ending(
        "supporter", "explorer_holder", "cases/{case}/blocks", {"person_id": "{person}", "reason": "neighbour"}
    ),
    "stepping aside": Ending("explorer_colleague", "explorer_colleague", "tasks/{task}/blocks", {"reason": "family"}),
    "end of a seat": Ending(
        "informal_supporter", "process_director", "hub-meetings/{meeting}/cancellations", looks=_MEETING
    ),
}


@pytest.mark.parametrize("event", ENDINGS)
def test_a_right_ends_with_the_next_request(walker, event):
    ending, known = ENDINGS[event], walker.known
    actor = known.people[ending.who]
    ids = {
        "case": known.cases["own"], "person": actor.person_id, "assignment": actor.assignment_id,
        "organisation": actor.organisation_id, "task": known.ids["task_id"], "meeting": known.ids["meeting_id"],
    }  # fmt: skip
    nothing = dict.fromkeys(ids, uuid4())
    body = {key: value.format(**ids) for key, value in ending.body.items()}

    with walker.database.undone():
        for look in ending.looks:
            assert walker.get(look.format(**ids), ending.who).status_code == 200
        done = walker.post(f"/api/v1/{ending.path.format(**ids)}", body, ending.by)
        assert done.status_code < 300, done.text
        for look in ending.looks:
            after = walker.get(look.format(**ids), ending.who)
            unknown = walker.get(
                look.format(**ids) if ending.out else look.format(**nothing), None if ending.out else ending.who
            )
            assert plain(after) == plain(unknown), look
            assert after.status_code == ((401 if look.startswith("/api") else 303) if ending.out else 404)


def test_a_role_a_holder_and_an_emergency_end_with_the_next_request(walker):
    known, case = walker.known, walker.known.cases["own"]
    where = (f"/api/v1/cases/{case}", f"/casussen/{case}")
    nurse, reads = known.people["explorer_colleague"], f"/noodinzage/{known.ids['emergency_id']}"
    with walker.database.undone():
        with walker.database.writing() as session:
            other = organisations.assign_role(
                session, person_id=nurse.person_id, organisation_id=nurse.organisation_id, role="coordinator",
                valid_from=local_date(conftest.START), by=OPERATOR, at=conftest.START,
            )  # fmt: skip
        assert walker.get(where[1], "explorer_colleague").status_code == 200
        browser = walker.browser("explorer_colleague")
        proof = {"csrf_token": walker.proofs["explorer_colleague"][1], "assignment": str(other.id)}
        assert browser.post("/rol", data=proof).status_code == 303
        refused = browser.get(where[1])
        assert refused.status_code == 404
        refused = browser.get(where[1])  # the first one also said that the role was changed
        assert plain(refused) == plain(browser.get(f"/casussen/{uuid4()}"))
    with walker.database.undone():
        assert walker.get(f"{where[0]}/blocks", "explorer_holder").status_code == 200
        task = known.ids["task_handover_answer"]
        version = walker.post(f"/api/v1/tasks/{task}/claims", {}, "case_director_offered").headers["ETag"]
        accepted = {"answers": path.handover_answer_answers(conftest.START)}
        done = walker.post(
            f"/api/v1/tasks/{task}/completion", accepted, "case_director_offered", headers={"If-Match": version}
        )
        assert done.status_code == 201, done.text
        assert walker.get(f"{where[0]}/blocks", "explorer_holder").status_code == 403
        assert walker.get(f"{where[0]}/blocks", "case_director_offered").status_code == 200
    api = f"/api/v1/emergencies/{known.ids['emergency_id']}"
    with walker.database.undone():
        assert walker.get(api, "signaller_emergency").json["entries"]
        assert walker.post(f"{api}/endings", {}, "explorer_holder").status_code == 201
        for over in (walker.get(api, "signaller_emergency"), walker.get(reads, "signaller_emergency")):
            assert over.status_code == 403
            assert not walker.canaries.known(text_of(over))
    clock = walker.app.extensions["steun.clock"]
    with walker.database.undone():  # and by itself
        clock.forward(minutes=61)
        over = walker.get(api, "signaller_emergency")
        clock.forward(minutes=-61)
        assert over.status_code == 403
        assert not walker.canaries.known(text_of(over))


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
