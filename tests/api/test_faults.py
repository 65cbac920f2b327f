"""Bad input and bad luck: refused or survived, never half done, never a case that is stuck."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from api import bodies, create_app
from api.config import Settings
from tests import builders
from tests.api.conftest import CHEAP, SIGNAL, Caller, etag, shipped
from tests.conftest import SECRET, VAULT
from tests.postgres import APPLICATION, OWNER
from workflows import accounts, diagrams, logbook, schema
from workflows.actor import OPERATOR
from workflows.cases import Case
from workflows.db import Database
from workflows.errors import StaleVersion, VersionMissing
from workflows.processes import Task

NAUGHTY = [
    "'; DROP TABLE tasks; --",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "${jndi:ldap://x}",
    "../../etc/passwd",
    "%s%n%x",
    "\u202eomgekeerd",
    "Ω≈ç√∫˜µ≤≥÷",
    "👩‍👩‍👧‍👦 Zoë Ðorđe 王小明 مرحبا",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢",
    "\u200b\ufeff leeg",
    "nan NULL None undefined true",
    "=1+1",
    "a\nb\tc",
    "İstanbul ẞ ﬁ",
]


def test_text_comes_back_exactly_as_it_was_typed(begin, sign_in):
    midwife = sign_in("midwife")
    for text in NAUGHTY:
        begun = begin(midwife)
        case_id = midwife.get(begun.path).json["case"]["id"]

        done = begun.complete({**SIGNAL, "support_request_own_words": text})

        assert done.status_code == 201, (text, done.text)
        [entry] = midwife.get(f"/cases/{case_id}/entries").json["items"]
        values = {value["field"]: value["value"] for value in entry["values"]}
        assert values["support_request_own_words"] == text.strip()


#: A body that cannot be, and the status it gets.
BODIES = [
    (b'{"answers": {}, "x": "' + b"a" * 10_000_000 + b'"}', 413),
    (json.dumps({"answers": {str(n): n for n in range(100_000)}}).encode(), 400),
    (b'{"answers": ' + b"[" * 500 + b"]" * 500 + b"}", 400),
    (b'{"answers": {"parent_name": "a\\u0000b"}}', 400),
    (b'{"answers": {"parent_name": "\\ud83d"}}', 400),
    (b'{"answers": {"phase": NaN}}', 400),
    (b'{"answers": {"parity": 1e400}}', 400),
    (b'{"answers": {"parity": 99999999999999999999999}}', 400),
    (b'{"answers": {"a": 1, "a": 2}}', 400),
    (b'{"answers": {"typename": "x"}}', 400),
    (b'{"answers": {"__proto__": {"x": 1}}}', 400),
    (b'{"answers": []}', 400),
    (b'{"answers": null}', 400),
    (b'{"other": {}}', 400),
    (b"[]", 400),
    (b'"text"', 400),
    (b"", 400),
    (b"\xff\xfe", 400),
    (b"answers=x", 400),
]


@pytest.mark.parametrize(("verb", "path"), [("POST", "completion"), ("PUT", "draft")])
def test_a_body_that_cannot_be_is_refused_and_the_task_goes_on(begin, verb, path):
    begun = begin()
    for body, status in BODIES:
        refused = begun.by(
            verb, f"{begun.path}/{path}", data=body, content_type="application/json", headers=begun.headers
        )
        assert refused.status_code == status, (body[:60], refused.text)
        assert refused.mimetype == "application/problem+json"

    assert begun.complete(SIGNAL).status_code == 201


def test_only_json_is_read(begin):
    begun = begin()
    for kind in ("text/plain", "application/xml", "multipart/form-data", "application/jsonp", ""):
        refused = begun.by("POST", f"{begun.path}/completion", data=b"{}", content_type=kind, headers=begun.headers)
        assert refused.status_code == 415, kind


def test_a_body_without_a_length_is_measured_while_it_is_read(begin):
    begun = begin()

    refused = begun.by(
        "POST",
        f"{begun.path}/completion",
        content_type="application/json",
        headers={**begun.headers, "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input": _Endless(), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )

    assert refused.status_code == 413


class _Endless:
    """A body that goes on for as long as somebody reads."""

    def read(self, size: int = -1) -> bytes:
        return b" " * (size if size > 0 else 65_536)

    def readline(self, size: int = -1) -> bytes:
        return self.read(size)

    def close(self) -> None:
        pass


def test_an_address_that_means_nothing_is_not_found(sign_in):
    midwife = sign_in("midwife")
    for path in ("/tasks/x", "/tasks/../me", "/tasks/%00", "/cases/' OR 1=1", "/nothing", "/tasks/00000000-0000-0000"):
        assert midwife.get(path).status_code == 404, path


def test_a_verb_that_an_address_does_not_know_is_refused_with_those_it_does(sign_in):
    refused = sign_in("midwife")("PATCH", "/tasks")

    assert refused.status_code == 405
    assert refused.mimetype == "application/problem+json"
    assert "GET" in refused.headers["Allow"]


def test_a_key_that_cannot_be_kept_is_refused(sign_in):
    midwife = sign_in("midwife")
    for key in ("", "a b", "x" * 256, "é"):
        refused = midwife.post("/signals", headers={"Idempotency-Key": key})
        assert refused.status_code == 400, key
        assert "Idempotency-Key" in refused.json["errors"]


def test_a_fault_of_ours_shows_its_number_and_nothing_else(app, sign_in):
    midwife = sign_in("midwife")
    app.view_functions["me.get_me"] = _fail

    answer = midwife.get("/me")

    assert answer.status_code == 500
    assert set(answer.json) == {"type", "title", "status", "detail", "request_id"}
    assert "Jansen" not in answer.text
    assert answer.headers["X-Request-Id"] == answer.json["request_id"]


def _fail(**_: object) -> None:
    raise RuntimeError("mevrouw Jansen, 5911 AB")


def test_of_two_completions_at_once_one_wins_and_the_other_is_told(app, begin):
    begun = begin()
    at_once = threading.Barrier(2)

    def send(n: int):
        at_once.wait()
        caller = Caller(app.test_client(), begun.by.actor, begun.by.token)
        return caller.post(
            f"{begun.path}/completion",
            json={"answers": {**SIGNAL, "what_is_already_tried": f"poging {n}"}},
            headers=begun.headers,
        )

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(send, range(2)), key=lambda answer: answer.status_code)

    assert [answer.status_code for answer in answers] in ([201, 409], [201, 412]), [a.text for a in answers]
    assert answers[1].json["detail"]
    case = begun.by.get("/cases").json["items"][0]
    assert len(begun.by.get(f"/cases/{case['id']}/entries").json["items"]) == 1


def test_a_double_click_with_one_key_is_done_once_also_at_the_same_moment(app, begin):
    begun = begin()
    at_once = threading.Barrier(3)

    def send(_: int):
        at_once.wait()
        caller = Caller(app.test_client(), begun.by.actor, begun.by.token)
        return caller.post(
            f"{begun.path}/completion",
            json={"answers": SIGNAL},
            headers={**begun.headers, "Idempotency-Key": "click"},
        )

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(send, range(3)))

    assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers]
    case = begun.by.get("/cases").json["items"][0]
    assert len(begun.by.get(f"/cases/{case['id']}/entries").json["items"]) == 1


def test_who_is_too_late_hears_who_was_first_and_when_and_keeps_the_text(begin, sign_in, clock, region):
    begun, colleague = begin(), sign_in("midwife2")
    begun.by.delete(f"{begun.path}/claims/current", headers=begun.headers)
    claimed = colleague.post(f"{begun.path}/claims")
    done = colleague.post(f"{begun.path}/completion", json={"answers": SIGNAL}, headers=etag(claimed))
    assert done.status_code == 201, done.text

    late = begun.complete({**SIGNAL, "what_is_already_tried": "Veel getypt"})

    assert late.status_code == 409, late.text
    assert "Mila Verloskundige" in late.json["detail"]
    assert "03-11-2026 om 09:30" in late.json["detail"]
    kept = begun.by.get(f"{begun.path}/draft")
    assert kept.json["answers"]["what_is_already_tried"] == "Veel getypt"


def test_while_the_database_is_away_everything_says_so_and_afterwards_it_goes_on(own_postgres, clock):
    name = own_postgres.create()
    schema.upgrade(own_postgres.url(name, OWNER), application=APPLICATION)
    url = own_postgres.url(name, APPLICATION).render_as_string(hide_password=False)
    database = Database(url, vault=VAULT, house=True)
    with database.writing() as session:
        region = builders.region(session, clock())
        diagrams.publish(session, shipped(), by=OPERATOR, at=clock())
        token = accounts.make_token(
            session,
            assignment_id=region.midwife.assignment_id,
            label="test",
            expires_at=clock() + timedelta(days=1),
            by=OPERATOR,
            at=clock(),
        ).secret
    database.dispose()
    app = create_app(
        Settings(database_url=url, secret_key=SECRET, vault_keys=(SECRET,), argon2=CHEAP, worker=False), clock=clock
    )
    midwife = Caller(app.test_client(), region.midwife, token)
    assert midwife.post("/signals").status_code == 201

    own_postgres.stop("fast")
    away = [midwife.post("/signals"), midwife.get("/tasks"), app.test_client().get("/health/ready")]
    alive = app.test_client().get("/health/live")
    own_postgres.start()

    assert [answer.status_code for answer in away] == [503] * 3
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in away)
    assert all(answer.json["type"] == "/problems/unavailable" for answer in away)
    assert alive.status_code == 200
    assert midwife.post("/signals").status_code == 201
    assert len(midwife.get("/cases").json["items"]) == 2
    app.extensions["steun.database"].dispose()


def test_a_database_restarted_under_load_keeps_all_that_was_acknowledged_and_nothing_twice(own_postgres, clock):
    name = own_postgres.create()
    schema.upgrade(own_postgres.url(name, OWNER), application=APPLICATION)
    with own_postgres.connect() as admin:  # as an installation has it; servers of tests do not wait for their disk
        admin.execute(f"ALTER ROLE {APPLICATION} SET synchronous_commit = on")
    url = own_postgres.url(name, APPLICATION).render_as_string(hide_password=False)
    database = Database(url, vault=VAULT, house=True)
    with database.writing() as session:
        region = builders.region(session, clock())
        diagrams.publish(session, shipped(), by=OPERATOR, at=clock())
        until = clock() + timedelta(days=1)
        issued = [
            accounts.make_token(
                session, assignment_id=one.assignment_id, label="test", expires_at=until, by=OPERATOR, at=clock()
            ).secret
            for one in (region.midwife, region.midwife2)
        ]
    database.dispose()
    app = create_app(
        Settings(database_url=url, secret_key=SECRET, vault_keys=(SECRET,), argon2=CHEAP, worker=False), clock=clock
    )
    acknowledged: dict[str, str] = {}
    statuses: set[int] = set()
    stop, counted = threading.Event(), threading.Condition()

    def work(number: int) -> None:
        caller = Caller(app.test_client(), region.midwife, issued[number])
        sent = 0
        while not stop.is_set():
            sent += 1
            key = f"{number}-{sent}"
            while not stop.is_set():  # as a program does that hears nothing: the same again
                answer = caller.post("/signals", headers={"Idempotency-Key": key})
                with counted:
                    statuses.add(answer.status_code)
                    if answer.status_code == 201:
                        acknowledged[key] = answer.json["id"]
                    counted.notify_all()
                if answer.status_code != 503:
                    break

    def seen(what) -> None:
        with counted:
            assert counted.wait_for(what, timeout=120)

    with ThreadPoolExecutor(2) as pool:
        working = [pool.submit(work, number) for number in range(2)]
        try:
            seen(lambda: len(acknowledged) >= 4)
            own_postgres.stop("immediate")  # as by a power cut
            seen(lambda: 503 in statuses)
            own_postgres.start()
            before = len(acknowledged)
            seen(lambda: len(acknowledged) >= before + 4)
        finally:
            stop.set()
        for one in working:
            one.result()

    assert statuses == {201, 503}
    app.extensions["steun.database"].dispose()
    database = Database(url, vault=VAULT, house=True)
    with database.writing() as session:
        logbook.seal(session, at=clock(), limit=None)
    with database.reading() as session:
        begun = {str(one) for one in session.scalars(select(Task.id))}
        cases = session.scalar(select(func.count()).select_from(Case))
        report = logbook.verify(session)
    database.dispose()
    assert set(acknowledged.values()) <= begun
    assert len(set(acknowledged.values())) == len(acknowledged)
    assert len(acknowledged) <= cases <= len(acknowledged) + 2  # what was stopped at the end may have been kept unheard
    assert report.ok, report.problems


def test_a_browser_is_told_in_a_page_and_a_program_in_a_document(client):
    page = client.get("/nergens")
    document = client.get("/api/v1/nergens")

    assert page.mimetype == "text/html"
    assert document.mimetype == "application/problem+json"
    assert page.status_code == document.status_code == 404


def test_every_answer_carries_the_headers_that_protect_a_browser(client):
    for path in ("/api/v1/me", "/inloggen", "/health/live", "/nergens"):
        headers = client.get(path).headers

        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"]
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert len(headers["X-Request-Id"]) == 32


@given(st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=60))
def test_whatever_an_if_match_header_says_it_is_a_version_or_a_refusal(text):
    with Flask("x").test_request_context(headers={"If-Match": text}), suppress(VersionMissing, StaleVersion):
        assert bodies.if_match() >= 0
