"""Hub meetings over HTTP and as pages: each reader its own agenda, and a calendar file that tells nothing of a family."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from icalendar import Calendar
from lxml import html

from tests import builders
from tests.builders import VENLO, agree
from workflows import cases, hubs, method


@dataclass
class Planned:
    """A meeting with two families: the first agreed to youth health, the second to nobody."""

    id: str
    items: list[str]
    numbers: list[str]

    @property
    def path(self) -> str:
        return f"/hub-meetings/{self.id}"


@pytest.fixture
def planned(database, region, clock):
    director, at = region.process_director, clock()
    with database.writing() as session:
        meeting = hubs.plan(
            session, municipality=VENLO, starts_at=at + timedelta(days=7), place="Stadskantoor", by=director, at=at
        )
        items, numbers = [], []
        for kinds in (["youth_health"], []):
            case = builders.case(session, region.midwife, at)
            for kind in kinds:
                agree(session, case, region.midwife, at, recipient_kind=kind, purpose="hub_meeting")
            item = hubs.add_item(session, meeting.id, case, parents_invited=True, by=director, at=at)
            hubs.invite_all(session, item, by=director, at=at)
            items.append(str(item.id))
            numbers.append(case.number)
        return Planned(str(meeting.id), items, numbers)


def test_the_process_director_sees_every_family_without_what_it_is_about(sign_in, planned):
    answer = sign_in("process_director").get(planned.path)

    assert answer.status_code == 200, answer.text
    assert answer.headers["ETag"] == '"1"'
    assert [item["case_number"] for item in answer.json["items"]] == planned.numbers
    assert [item["left_out"] for item in answer.json["items"]] == [2, 3]
    assert answer.json["items"][0]["seats"][0]["consent_ok"] is True
    assert answer.json["may"] == ["cancel", "postpone"]
    assert answer.json["starts_at"] == "2026-11-10T08:30:00.000Z"
    assert "Noor" not in answer.text


def test_who_is_invited_sees_the_own_family_and_cannot_tell_that_there_are_others(sign_in, planned):
    nurse = sign_in("nurse")

    answer, listed = nurse.get(planned.path), nurse.get("/hub-meetings")

    assert [(item["position"], item["case_number"], item["name"]) for item in answer.json["items"]] == [
        (1, planned.numbers[0], "Noor Voorbeeld")
    ]
    assert (answer.json["families"], answer.json["parent_seats"], answer.json["may"]) == (1, 1, [])
    assert answer.json["items"][0]["left_out"] is None
    assert [(one["id"], one["families"]) for one in listed.json["items"]] == [(planned.id, 1)]
    for text in (answer.text, listed.text):
        assert planned.numbers[1] not in text
        assert planned.items[1] not in text


def test_a_meeting_is_not_there_for_who_has_no_part_in_it(sign_in, planned):
    stranger = sign_in("other_midwife")
    for path in (planned.path, f"{planned.path}/calendar"):
        assert stranger.get(path).status_code == 404
    for path in ("cancellations", f"items/{planned.items[0]}/postponements"):
        assert stranger.post(f"{planned.path}/{path}").status_code == 404
    assert stranger.get("/hub-meetings").json == {"items": []}
    assert sign_in("process_director").get(f"/hub-meetings/{uuid4()}").status_code == 404


def test_nobody_else_changes_a_meeting(sign_in, planned):
    nurse = sign_in("nurse")

    for path in ("cancellations", f"items/{planned.items[0]}/postponements"):
        assert nurse.post(f"{planned.path}/{path}").status_code == 403


def test_one_family_is_postponed_once(sign_in, planned):
    director, key = sign_in("process_director"), {"Idempotency-Key": "one"}
    path = f"{planned.path}/items/{planned.items[0]}/postponements"

    done, again, refused = director.post(path, headers=key), director.post(path, headers=key), director.post(path)

    assert (done.status_code, again.status_code, refused.status_code) == (201, 201, 409)
    assert [item["status"] for item in done.json["items"]] == ["postponed", "planned"]
    assert done.headers["Location"].endswith(planned.path)
    assert sign_in("nurse").get(planned.path).status_code == 404
    assert director.post(f"{planned.path}/items/{uuid4()}/postponements").status_code == 404


def test_a_cancelled_meeting_is_past_and_cannot_be_cancelled_again(sign_in, planned):
    director = sign_in("process_director")

    done = director.post(f"{planned.path}/cancellations")

    assert (done.status_code, done.json["status"], done.json["may"]) == (201, "cancelled", [])
    assert director.post(f"{planned.path}/cancellations").status_code == 409
    assert director.get("/hub-meetings").json == {"items": []}
    assert [one["id"] for one in director.get("/hub-meetings?past=true").json["items"]] == [planned.id]


def test_the_list_goes_on_and_refuses_what_it_does_not_know(sign_in, database, region, clock, planned):
    with database.writing() as session:
        for days in (1, 2):
            hubs.plan(
                session,
                municipality=VENLO,
                starts_at=clock() + timedelta(days=days),
                by=region.process_director,
                at=clock(),
            )
    director = sign_in("process_director")

    first = director.get("/hub-meetings?pageSize=2")
    rest = director.get(first.headers["Link"].split(";")[0].strip("<>").removeprefix("/api/v1"))

    assert [len(page.json["items"]) for page in (first, rest)] == [2, 1]
    assert "Link" not in rest.headers
    for query in ("cursor=x", "pageSize=0", "past=perhaps", "other=1"):
        assert director.get(f"/hub-meetings?{query}").status_code == 400


def calendars(sign_in, log_in, planned):
    """The same file from both doors, for the process director and for who is invited."""
    for who in ("process_director", "nurse"):
        yield sign_in(who).get(f"{planned.path}/calendar")
        yield log_in(who).get(f"/knooppunt/{planned.id}/agenda.ics")


def test_the_calendar_tells_when_and_where_and_nothing_of_a_family(sign_in, log_in, planned):
    for answer in calendars(sign_in, log_in, planned):
        assert answer.status_code == 200
        assert answer.mimetype == "text/calendar"
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=knooppuntoverleg-")
        [event] = Calendar.from_ical(answer.data).walk("VEVENT")
        assert event["SUMMARY"] == "Knooppuntoverleg"
        assert event["LOCATION"] == "Stadskantoor"
        assert event["URL"].endswith(f"/knooppunt/{planned.id}")
        assert event.decoded("DTSTART").isoformat() == "2026-11-10T09:30:00+01:00"
        assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(hours=1)
        for secret in (*planned.numbers, "Noor", "Voorbeeld", *planned.items):
            assert secret not in answer.text.replace("\r\n ", "")


def test_the_calendar_knows_summer_time_and_that_a_meeting_is_off(sign_in, database, region, clock):
    with database.writing() as session:
        summer = hubs.plan(
            session, municipality=VENLO, starts_at=hubs.moment("2027-07-01", "14:00"), online=True,
            by=region.process_director, at=clock(),
        )  # fmt: skip
    director = sign_in("process_director")

    before = director.get(f"/hub-meetings/{summer.id}/calendar")
    director.post(f"/hub-meetings/{summer.id}/cancellations")
    after = director.get(f"/hub-meetings/{summer.id}/calendar")

    assert "DTSTART;TZID=Europe/Amsterdam:20270701T140000" in before.text
    assert "BEGIN:VTIMEZONE" in before.text
    events = [Calendar.from_ical(answer.data).walk("VEVENT")[0] for answer in (before, after)]
    assert events[0].decoded("DTSTART").utcoffset() == timedelta(hours=2)
    assert events[0]["LOCATION"] == "online"
    assert [str(event["STATUS"]) for event in events] == ["CONFIRMED", "CANCELLED"]
    assert [int(event["SEQUENCE"]) for event in events] == [0, 1]
    assert events[0]["UID"] == events[1]["UID"]


# --- pages


def read(browser, path, status=200):
    answer = browser.get(path)
    assert answer.status_code == status, answer.text
    return answer


def send(browser, path, page):
    token = html.fromstring(page.text).xpath("//input[@name='csrf_token']/@value")[0]
    return browser.post(path, data={"csrf_token": token})


def test_one_meeting_on_one_screen_says_what_is_missing(log_in, planned):
    browser = log_in("process_director")
    listed = read(browser, "/knooppunt")
    page = read(browser, f"/knooppunt/{planned.id}")
    paper = read(browser, f"/knooppunt/{planned.id}/afdrukken")

    assert f"/knooppunt/{planned.id}" in listed.text
    assert "Dinsdag 10 november 2026, 09:30–10:30 uur" in page.text
    assert "2 gezinnen op de agenda · bij 2 zijn de ouders uitgenodigd" in page.text
    assert "Er is nog geen organisatie uitgenodigd" in page.text
    assert "3 organisaties zijn niet uitgenodigd" in page.text
    assert "JGZ Limburg-Noord team Venlo (fictief), verkenner" in page.text
    for answer in (listed, page, paper):
        assert "Noor Voorbeeld" not in answer.text
    assert all(number in paper.text for number in planned.numbers)


def test_who_is_invited_gets_a_page_of_the_own_family_only(log_in, planned):
    browser = log_in("nurse")
    listed, page = read(browser, "/knooppunt"), read(browser, f"/knooppunt/{planned.id}")
    paper = read(browser, f"/knooppunt/{planned.id}/afdrukken")

    assert "1 gezin" in listed.text
    assert f"Casus {planned.numbers[0]} – Noor Voorbeeld" in page.text
    for answer in (listed, page, paper):
        assert planned.numbers[1] not in answer.text
    assert "Noor Voorbeeld" not in paper.text
    assert "afzeggen" not in page.text
    assert "niet uitgenodigd" not in page.text
    for address in ("", "/afdrukken", "/agenda.ics"):
        read(log_in("other_midwife"), f"/knooppunt/{planned.id}{address}", status=404)


def test_postponing_and_cancelling_on_the_page(log_in, planned):
    browser = log_in("process_director")
    address = f"/knooppunt/{planned.id}"
    page = read(browser, address)

    assert send(browser, f"{address}/gezinnen/{planned.items[0]}/uitstellen", page).status_code == 303
    assert "Dit gezin is uitgesteld" in read(browser, address).text
    send(browser, f"{address}/gezinnen/{planned.items[0]}/uitstellen", page)
    assert "staat niet meer open op de agenda" in read(browser, address).text
    assert send(browser, f"{address}/afzeggen", page).status_code == 303
    assert "Het overleg is afgezegd" in read(browser, address).text
    send(browser, f"{address}/afzeggen", page)
    assert "Dit overleg is afgezegd." in read(browser, address).text
    assert "Er is geen overleg gepland" in read(browser, "/knooppunt").text


def test_the_part_on_the_page_of_a_case(app, database, region, clock):
    from api.pages import hubs as pages
    from api.pages import shown

    with database.writing() as session:
        case = builders.explored_case(session, region, clock())
        agree(session, case, region.midwife, clock(), recipient_kind="youth_health", purpose="hub_meeting")
        starts_at = clock() + timedelta(days=7)
        meeting = hubs.plan(session, municipality=VENLO, starts_at=starts_at, by=region.process_director, at=clock())
        item = hubs.add_item(
            session, meeting.id, cases.lock(session, case.id),
            parents_invited=False, reason_not_invited="Net bevallen.", by=region.process_director, at=clock(),
        )  # fmt: skip
        hubs.invite_all(session, item, by=region.process_director, at=clock())
    with app.test_request_context("/"), database.reading() as session:
        found = method.hub_of_case(session, case.id, by=region.nurse, at=clock())
        told = pages.talks(found, shown.Names(session))
        page = app.jinja_env.get_template("case/hub.html").render(talks=told)
        nothing = app.jinja_env.get_template("case/hub.html").render(talks=[])

    assert "Dinsdag 10 november 2026, 09:30 uur" in page
    assert "De ouders zijn niet uitgenodigd: Net bevallen." in page
    assert "Aan tafel: JGZ Limburg-Noord team Venlo (fictief)" in page
    assert f"/knooppunt/{meeting.id}" in page
    assert nothing.strip() == ""
