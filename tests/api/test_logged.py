"""Nothing of a family is shown unwritten: what is read, what is in lists, what is refused; and no log, no answer."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, select, text

from api import refusals
from api.transactions import reading
from tests.api.conftest import SIGNAL
from tests.postgres import APPLICATION
from workflows import cases, logbook
from workflows.db import Base, Database


def read_lines(database: Database) -> list[logbook.LoggedRead]:
    with database.reading() as session:
        return list(session.scalars(select(logbook.LoggedRead).order_by(logbook.LoggedRead.id)))


def unwritable(urls, log: str) -> str:
    """Make a log refuse lines, as its owner; returns what makes it take them again."""
    owner = Database(urls.owner, house=True)
    schema, _, table = log.partition(".")
    with owner.engine.begin() as connection:
        if owner.is_sqlite:
            do = f"CREATE TRIGGER {schema}.full BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END"
            undo = f"DROP TRIGGER {schema}.full"
        else:
            log = log.replace("main.", "public.")
            do, undo = f"REVOKE INSERT ON {log} FROM {APPLICATION}", f"GRANT INSERT ON {log} TO {APPLICATION}"
        connection.execute(text(do))
    owner.dispose()
    return undo


def test_a_log_that_takes_no_line_stops_what_it_should_have_told_of(begin, sign_in, log_in, database, urls):
    begun = begin()
    shown = begun.by.get(begun.path)
    case_id = shown.json["case"]["id"]
    browser = log_in("midwife")

    undo = unwritable(urls, "reads.log_reads")
    answers = [
        begun.by.get(f"/cases/{case_id}"),
        begun.by.get("/cases"),
        begun.by.get(f"/cases/{uuid4()}"),  # to be refused and to be nobody's cost the same
        browser.get(f"/casussen/{case_id}"),
        browser.get("/werk"),
    ]

    for answer in answers:
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert answer.mimetype == "text/html" or answer.json["detail"].startswith("Het logboek")
        assert shown.json["case"]["number"] not in answer.text
    assert begun.by.get("/me").status_code == 200, "of nobody's family"

    owner = Database(urls.owner, house=True)
    with owner.engine.begin() as connection:
        connection.execute(text(undo))
    unwritable(urls, "main.log_changes")
    owner.dispose()
    assert begun.by.get(f"/cases/{case_id}").status_code == 200
    assert begun.complete(SIGNAL).status_code == 503
    assert begun.by.get(begun.path).json["task"]["status"] == "claimed", "nothing of it was kept"


def test_the_page_of_a_case_takes_no_more_statements_than_measured(begin, log_in, database):
    begun = begin()
    begun.complete(SIGNAL)
    page = f"/casussen/{begun.by.get(begun.path).json['case']['id']}"
    browser = log_in("midwife")
    browser.get(page)  # what does not change is read before
    counted: list[str] = []
    engine = browser.application.extensions["steun.database"].engine
    event.listen(engine, "before_cursor_execute", lambda *arguments: counted.append(arguments[2]))

    assert browser.get(page).status_code == 200

    # A dozen parts ask what the reader has to do with the case; it is found out once.
    assert len([one for one in counted if one.startswith("SELECT case_parties.role")]) == 1
    assert len(counted) <= 62, "\n".join(counted)


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_a_door_that_reads_of_a_family_and_writes_no_line_shows_nothing(app, begin, sign_in):
    def forgetful(case_id: UUID) -> str:
        with reading() as session:
            return str(session.get(cases.Case, case_id).number)

    def careful(case_id: UUID) -> str:
        with reading() as session:
            with logbook.deciding(session):
                known = session.get(cases.Case, case_id) is not None
        return str(known)

    app.add_url_rule("/forgetful/<uuid:case_id>", view_func=forgetful)
    app.add_url_rule("/careful/<uuid:case_id>", view_func=careful)
    case_id = begin().by.get("/cases").json["items"][0]["id"]

    forgot = app.test_client().get(f"/forgetful/{case_id}")

    assert forgot.status_code == 500
    assert case_id not in forgot.text
    assert app.test_client().get(f"/careful/{case_id}").text == "True"


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_lists_are_found_for_each_family_in_them(begin, sign_in, log_in, database, clock, region):
    midwife, colleague = sign_in("midwife"), sign_in("midwife2")
    case_id = UUID(begin(midwife).by.get("/cases").json["items"][0]["id"])
    midwife.get("/tasks")
    colleague.get("/tasks")  # sees no number: it has none of these tasks
    colleague.get("/cases?municipality=GM0983")
    sign_in("nurse").get("/cases")
    log_in("midwife").get("/werk")
    day = {"since": clock(), "until": clock.forward(days=1)}

    with database.reading() as session:
        organisations = [region.midwife.organisation_id, region.nurse.organisation_id]
        found = logbook.lists_with(session, case_id, organisations=organisations, **day)

    lists = [(line.event, line.person_id, line.details.get("municipality")) for line in found]
    assert lists == [
        ("cases.listed", region.midwife.person_id, None),
        ("work.listed", region.midwife.person_id, None),
        ("cases.listed", region.midwife2.person_id, "GM0983"),
        ("work.listed", region.midwife.person_id, None),
    ]


def test_who_is_refused_is_written_down_and_hears_no_more_than_before(begin, sign_in, database, clock):
    begun = begin()
    case_id = begun.by.get(begun.path).json["case"]["id"]
    other, absent = sign_in("other_midwife"), str(uuid4())
    known = [f"/cases/{case_id}", begun.path, f"/cases/{case_id}/members/{absent}"]
    before = len(read_lines(database))

    answers = [other.get(path) for path in known]
    answers += [other.get(path.replace(case_id, absent).replace(begun.task_id, absent)) for path in known]
    answers += [other.get("/terms-at-risk"), other.get("/pathways/GM0983/x")]

    bodies = [{k: v for k, v in answer.json.items() if k != "request_id"} for answer in answers]
    assert bodies[:3] == bodies[3:6]
    lines = read_lines(database)[before:]
    assert {(line.event, line.outcome, line.person_id) for line in lines} == {
        ("access.refused", "refused", other.actor.person_id)
    }
    assert [(line.subject_kind, line.subject_id, str(line.case_id)) for line in lines] == [
        ("case", case_id, case_id),
        ("task", begun.task_id, case_id),
        ("member", absent, case_id),
        ("case", absent, "None"),
        ("task", absent, "None"),
        ("member", absent, "None"),
        ("door", "GET terms.list_terms_at_risk", "None"),
    ]

    for _ in range(refusals.AT_MOST):
        other.get(f"/cases/{absent}")
    assert len(read_lines(database)) == before + refusals.AT_MOST
    clock.forward(minutes=2)
    begun.by.client.get("/health/live")  # whoever comes first
    [rest] = read_lines(database)[before + refusals.AT_MOST :]
    assert (rest.event, rest.outcome, rest.person_id) == ("access.refused", "refused", other.actor.person_id)
    assert rest.details == {"reason": "too_many", "skipped": 7}
    other.get(f"/cases/{absent}")
    assert len(read_lines(database)) == before + refusals.AT_MOST + 2

    weak = sign_in("administrator", second_factor=False)
    weak.get("/organisations")
    line = read_lines(database)[-1]
    assert (line.person_id, line.details["reason"]) == (weak.actor.person_id, "second_factor_needed")

    before = len(read_lines(database))
    begun.by.client.get(f"/api/v1/cases/{case_id}")  # nobody
    begun.by.client.get(f"/api/v1/cases/{case_id}", headers={"Authorization": "Bearer nobody"})
    assert len(read_lines(database)) == before


#: Tables with something of a family of which the rows themselves tell nothing that somebody could read.
NO_CONTENT = {
    "case_parties": "which organisations have a part: asked for every decision, and shown with the case",
    "case_blocks": "whom a case is closed to: asked for every decision, and shown with the case",
    "runs": "where a process stands: ids and outcomes",
    "tasks": "cards that say nothing of the family, until somebody has them",
    "notifications": "that something waits, by kind and id; what it is about is read where it is opened",
    "pathways": "of a municipality",
    "handover_packages": "between which teams, how many lines and their hash; what went along is in package_items",
    "handover_receipts": "the hash and the verdict of what arrived; the lines are in receipt_items",
    "undo_states": "how a process stood a moment ago: as runs",
}


def test_every_table_of_families_says_whether_it_holds_content():
    keys = {"case_id", "family_id", "entry_id", "subject_id", "plan_id", "pregnancy_id", "child_id", "evaluation_id"}
    unsaid = [
        mapper.local_table.name
        for mapper in Base.registry.mappers
        if keys & set(mapper.local_table.c.keys())
        and not getattr(mapper.class_, "__holds_content__", False)
        and mapper.local_table.name not in {*NO_CONTENT, "jobs"}
    ]

    assert not unsaid, f"say __holds_content__ = True, or here why not: {unsaid}"
