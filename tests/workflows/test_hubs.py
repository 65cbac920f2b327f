"""Several families on one agenda: each with its own seats, its own consent and a place for its parents."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests import builders
from tests.builders import ROERMOND, VENLO, actor, agree, entry, organisation, region
from tests.workflows import path
from workflows import cases, consent, hubs, logbook, method, organisations
from workflows.actor import OPERATOR, WORKER
from workflows.cases import Result
from workflows.errors import ConsentMissing, Invalid, NotAllowed, NotFound, WrongState
from workflows.hubs import AgendaItem, HubMeeting, Invitation, ItemStatus, MeetingStatus
from workflows.logbook import LoggedRead
from workflows.method import placing
from workflows.method.completing import Completing

MINUTES = {
    "hub_result": "no_support",
    "parents_present": "yes",
    "supporter_of_parent_present": True,
    "question_clarified": "Wat is er nodig?",
    "minutes_shared_on": "2026-11-11",
}


@pytest.fixture
def here(session, clock):
    return region(session, clock())


@pytest.fixture
def welfare(session, clock, here):
    """Somebody of a welfare organisation in Venlo who supports families."""
    where = organisation(session, "Welzijn Venlo (fictief)", "welfare", "social", [VENLO], at=clock())
    return actor(session, "Wim Welzijn", where, "supporter", at=clock())


@pytest.fixture
def meeting(session, clock, here):
    return plan(session, here, clock)


def plan(session, here, clock, *, municipality=VENLO, days=7):
    starts_at = clock() + timedelta(days=days)
    return hubs.plan(
        session,
        municipality=municipality,
        starts_at=starts_at,
        place="Stadskantoor",
        by=here.process_director,
        at=clock(),
    )


def allow(session, case, here, at, kind="welfare", **more):
    return agree(
        session, case, here.midwife, at,
        recipient_kind=kind, purpose="hub_meeting", categories=["C0", "C1"], **more,
    )  # fmt: skip


def family(session, here, clock, *kinds):
    """A case of the midwife whose parent agreed that these kinds of organisations talk about it."""
    found = builders.case(session, here.midwife, clock())
    for kind in kinds:
        allow(session, found, here, clock(), kind)
    return found


def add(session, meeting, case, here, clock, **more):
    more.setdefault("parents_invited", True)
    item = hubs.add_item(session, meeting.id, case, by=here.process_director, at=clock(), **more)
    return item, hubs.invite_all(session, item, by=here.process_director, at=clock())


def minutes(session, case, here, clock, **changes):
    said = {name: value for name, value in {**MINUTES, **changes}.items() if value is not None}
    written = entry(session, case, here.nurse, clock(), "hub_minutes")
    return hubs.record_minutes(session, case, written, said, by=here.nurse, at=clock())


def seen(session, meeting, by, clock):
    """Numbers of the cases that somebody sees on an agenda; nothing when there is no agenda for them."""
    try:
        return [item.case_number for item in hubs.agenda(session, meeting.id, by=by, at=clock()).items]
    except NotFound:
        return []


# --- planning and inviting


def test_a_family_goes_on_the_agenda_and_who_it_agreed_to_is_invited(session, clock, here, welfare, meeting):
    case = family(session, here, clock, "welfare")

    item, invited = add(session, meeting, case, here, clock)

    assert [(one.organisation_id, one.role) for one in invited.invitations] == [(welfare.organisation_id, "supporter")]
    assert invited.left_out == 3  # youth health, the municipality, and the practice itself
    assert (item.position, item.status) == (1, ItemStatus.PLANNED)
    assert hubs.meeting_of(session, case.id) == meeting
    assert hubs.upcoming(session, VENLO, at=clock()) == [meeting]


def test_the_municipality_gets_a_seat_only_when_the_family_agrees(session, clock, here, meeting):
    without, with_it = family(session, here, clock, "youth_health"), family(session, here, clock, "municipality")
    item, _ = add(session, meeting, without, here, clock)
    other, _ = add(session, meeting, with_it, here, clock)
    town = {"organisation_id": here.municipality.id, "role": "process_director"}

    with pytest.raises(ConsentMissing) as refused:
        hubs.invite(session, item, **town, by=here.process_director, at=clock())

    assert here.municipality.name in refused.value.detail
    assert "Vraag dat eerst" in refused.value.detail
    assert "Noor" not in str(refused.value)
    [standing] = hubs.seats_of(session, other, at=clock())
    assert (standing.organisation_id, standing.role) == (here.municipality.id, "process_director")
    view = hubs.agenda(session, meeting.id, by=here.process_director, at=clock())
    assert [one.name for one in view.items] == [None, "Noor Voorbeeld"]


def test_somebody_is_invited_once_and_only_in_a_role_that_they_have_there(session, clock, here, welfare, meeting):
    case = family(session, here, clock, "welfare", "informal", "programme")
    item, invited = add(session, meeting, case, here, clock)

    again = hubs.invite(
        session, item, organisation_id=welfare.organisation_id, role="supporter", by=here.process_director, at=clock()
    )

    assert again == invited.invitations[0]
    for organisation_id, role in ((welfare.organisation_id, "explorer"), (here.programme.id, "coordinator")):
        with pytest.raises(Invalid):
            hubs.invite(session, item, organisation_id=organisation_id, role=role, by=here.process_director, at=clock())


def test_an_organisation_has_one_seat_in_the_role_that_it_has_in_the_case(session, clock, here, meeting):
    actor(session, "Cas Regisseur", here.youth_health, "case_director", at=clock())
    shared = builders.explored_case(session, here, clock())
    allow(session, shared, here, clock(), "youth_health")

    _, invited = add(session, meeting, shared, here, clock)

    assert [one.role for one in invited.invitations] == ["explorer"]


def test_parents_are_invited_or_there_is_a_reason(session, clock, here, meeting):
    case = family(session, here, clock)
    for reason in (None, "  "):
        with pytest.raises(Invalid) as refused:
            add(session, meeting, case, here, clock, parents_invited=False, reason_not_invited=reason)
        assert "reason_not_invited" in refused.value.errors

    item, _ = add(session, meeting, case, here, clock, parents_invited=False, reason_not_invited="De moeder wil niet.")

    assert item.reason_not_invited == "De moeder wil niet."


@pytest.mark.parametrize(
    "changes",
    [
        {"parents_invited": False},
        {"parents_present": False},
        {"status": "discussed"},
    ],
)
def test_the_database_asks_for_the_reason_as_well(session, clock, here, meeting, changes):
    case = family(session, here, clock)
    row = {"parents_invited": True, "status": "planned", **changes}

    session.add(AgendaItem(meeting_id=meeting.id, case_id=case.id, position=1, added_at=clock(), **row))

    with pytest.raises(IntegrityError):
        session.flush()


def test_a_family_is_planned_on_one_agenda_at_a_time(session, clock, here, welfare, meeting):
    case, later = family(session, here, clock, "welfare"), plan(session, here, clock, days=14)
    item, _ = add(session, meeting, case, here, clock)

    moved, _ = add(session, later, case, here, clock)

    assert (item.status, moved.status) == (ItemStatus.POSTPONED, ItemStatus.PLANNED)
    assert hubs.meeting_of(session, case.id) == later
    assert seen(session, meeting, welfare, clock) == []
    assert seen(session, later, welfare, clock) == [case.number]
    session.add(
        AgendaItem(
            meeting_id=meeting.id, case_id=case.id, position=9, status="planned", parents_invited=True, added_at=clock()
        )
    )
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_meeting_is_of_the_municipality_of_the_family(session, clock, here):
    elsewhere = plan(session, here, clock, municipality=ROERMOND)

    with pytest.raises(Invalid) as refused:
        add(session, elsewhere, family(session, here, clock), here, clock)

    assert "meeting" in refused.value.errors


def test_a_family_without_a_municipality_can_be_talked_about_too(session, clock, here, welfare):
    case = family(session, here, clock, "welfare")
    case.municipality_code = None
    nowhere = plan(session, here, clock, municipality=None)

    _, invited = add(session, nowhere, case, here, clock)

    assert [one.organisation_id for one in invited.invitations] == [welfare.organisation_id]
    assert seen(session, nowhere, here.process_director, clock) == [case.number]


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"starts_at": datetime(2026, 11, 2, 10, tzinfo=UTC)}, "meeting_date"), ({"place": "x" * 201}, "place")],
)
def test_a_meeting_that_cannot_be_is_not_planned(session, clock, here, changes, field):
    given = {"municipality": VENLO, "starts_at": clock() + timedelta(days=1), **changes}

    with pytest.raises(Invalid) as refused:
        hubs.plan(session, **given, by=here.process_director, at=clock())

    assert field in refused.value.errors
    assert session.scalars(select(HubMeeting)).all() == []


@pytest.mark.parametrize(
    ("day", "time", "instant"),
    [
        ("2026-11-10", "14:00", datetime(2026, 11, 10, 13, 0, tzinfo=UTC)),
        ("2026-07-10", "9.30", datetime(2026, 7, 10, 7, 30, tzinfo=UTC)),
        ("2027-03-28", "02:30", datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),  # skipped: an hour on
        ("2026-10-25", "02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # twice: the first
    ],
)
def test_a_day_and_a_time_are_dutch_time(day, time, instant):
    assert hubs.moment(day, time) == instant


@pytest.mark.parametrize(("day", "time"), [(None, None), ("gisteren", "25:00"), ("2026-02-30", "12"), (3, "12:60")])
def test_a_day_or_time_that_does_not_exist_is_told_for_both(day, time):
    with pytest.raises(Invalid) as refused:
        hubs.moment(day, time)

    assert set(refused.value.errors) == {"meeting_date", "meeting_time"}


# --- who sees what


def test_each_sees_its_own_families_only_and_nothing_betrays_the_others(session, clock, here, welfare, meeting):
    first, second, third = (family(session, here, clock, *kinds) for kinds in (["youth_health"], ["welfare"], []))
    for case in (first, second, third):
        add(session, meeting, case, here, clock)

    view = hubs.agenda(session, meeting.id, by=welfare, at=clock())

    assert [(item.position, item.case_number, item.name) for item in view.items] == [
        (1, second.number, "Noor Voorbeeld")
    ]
    assert (view.meeting.families, view.parent_seats, view.meeting.version) == (1, 1, 1)
    assert view.items[0].left_out is None
    assert [(seat.organisation_id, seat.consent_ok) for seat in view.items[0].seats] == [
        (welfare.organisation_id, True)
    ]
    assert first.number not in str(view)
    assert third.number not in str(view)
    assert seen(session, meeting, here.nurse, clock) == [first.number]
    [card] = hubs.meetings(session, by=welfare, at=clock()).items
    assert card.families == 1
    assert [one.agenda_item_id for one in hubs.invitations_of(session, by=welfare, at=clock())] == [view.items[0].id]


def test_the_process_director_sees_numbers_seats_and_consent_and_nothing_of_what_it_is_about(
    session, clock, here, welfare, meeting
):
    case = family(session, here, clock, "welfare")
    add(session, meeting, case, here, clock, parents_invited=False, reason_not_invited="Noor is ziek.")
    add(session, meeting, family(session, here, clock), here, clock)

    view = hubs.agenda(session, meeting.id, by=here.process_director, at=clock())

    assert (view.items[0].position, view.items[0].case_number) == (1, case.number)
    assert [(len(item.seats), item.left_out, item.parents_invited) for item in view.items] == [
        (1, 3, False),
        (0, 4, True),
    ]
    assert (view.parent_seats, view.directs, view.may) == (1, True, {"cancel", "postpone"})
    assert "Noor" not in str(view)


def test_who_is_not_invited_does_not_know_of_the_meeting(session, clock, here, welfare, meeting):
    add(session, meeting, family(session, here, clock, "welfare"), here, clock)
    elsewhere = actor(
        session, "Pim Procesregisseur",
        organisation(session, "Gemeente Roermond (fictief)", "municipality", "public", [ROERMOND], at=clock()),
        "process_director", at=clock(),
    )  # fmt: skip
    signaller_of_welfare = builders.Actor(
        welfare.person_id, welfare.assignment_id, welfare.organisation_id, "signaller", origin="api"
    )
    far_away = builders.Actor(
        welfare.person_id, None, welfare.organisation_id, "supporter", frozenset({ROERMOND}), origin="api"
    )

    for stranger in (
        here.nurse,
        here.other_midwife,
        elsewhere,
        signaller_of_welfare,
        far_away,
        here.log_manager,
        WORKER,
    ):
        for look in (hubs.agenda, hubs.appointment):
            with pytest.raises(NotFound):
                look(session, meeting.id, by=stranger, at=clock())
        assert hubs.meetings(session, by=stranger, at=clock()).items == []
        assert hubs.invitations_of(session, by=stranger, at=clock()) == []
    with pytest.raises(NotFound):
        hubs.agenda(session, uuid4(), by=here.process_director, at=clock())


def test_who_holds_the_case_sees_it_on_the_agenda(session, clock, here, meeting):
    shared = builders.explored_case(session, here, clock())
    add(session, meeting, shared, here, clock)
    add(session, meeting, family(session, here, clock), here, clock)

    view = hubs.agenda(session, meeting.id, by=here.nurse, at=clock())

    assert [item.case_number for item in view.items] == [shared.number]
    assert view.items[0].name is None  # whether the family may be named in the hub is another question
    assert view.may == frozenset()
    assert [card.families for card in hubs.meetings(session, by=here.nurse, at=clock()).items] == [1]


def test_a_volunteer_sees_a_first_name_and_a_role_without_the_name_sees_none(session, clock, here, meeting):
    volunteers = organisation(session, "Buurtmaatjes (fictief)", "informal", "informal", [VENLO], at=clock())
    helper = actor(session, "Hans Maatje", volunteers, "informal_supporter", at=clock())
    case = family(session, here, clock, "informal")
    add(session, meeting, case, here, clock)
    [named] = hubs.agenda(session, meeting.id, by=helper, at=clock()).items

    agree(
        session, case, here.midwife, clock(),
        recipient_kind="informal", purpose="hub_meeting", categories=["C1"], asked=["C0", "C1"],
    )  # fmt: skip
    [unnamed] = hubs.agenda(session, meeting.id, by=helper, at=clock()).items

    assert (named.name, unnamed.name) == ("Noor", None)


def test_looking_is_written_down_for_every_family_in_sight(session, clock, here, welfare, meeting):
    case, other = family(session, here, clock, "welfare"), family(session, here, clock)
    for one in (case, other):
        add(session, meeting, one, here, clock)

    hubs.agenda(session, meeting.id, by=welfare, at=clock())

    waiting = session.info["logbook.reads"]
    assert [(line["event"], line["case_id"], line["rule"]) for line in waiting] == [
        ("hub_meeting.viewed", None, "invited"),
        ("hub_item.viewed", case.id, "invited"),
    ]
    assert {line["purpose"] for line in waiting} == {"hub_meeting"}
    assert {line["subject_kind"] for line in waiting} == {"hub_meeting", "agenda_item"}
    assert session.scalars(select(LoggedRead)).all() == []


def test_lists_go_on_page_by_page_and_show_what_is_past_apart(session, clock, here, welfare):
    told = [plan(session, here, clock, days=days) for days in (3, 1, 2)]
    hidden = plan(session, here, clock, days=2)
    add(session, told[0], family(session, here, clock, "welfare"), here, clock)

    first = hubs.meetings(session, by=here.process_director, at=clock(), page_size=3)
    rest = hubs.meetings(session, by=here.process_director, at=clock(), page_size=3, cursor=first.next_cursor)

    assert [card.starts_at for card in first.items] == sorted(card.starts_at for card in first.items)
    assert {card.id for card in first.items} | {card.id for card in rest.items} == {one.id for one in [*told, hidden]}
    assert (len(first.items), len(rest.items), rest.next_cursor) == (3, 1, None)
    mine = hubs.meetings(session, by=welfare, at=clock(), page_size=1)
    assert ([card.id for card in mine.items], mine.next_cursor, mine.count) == ([told[0].id], None, 1)
    clock.forward(days=4)
    assert hubs.meetings(session, by=here.process_director, at=clock()).items == []
    assert len(hubs.meetings(session, by=here.process_director, at=clock(), past=True).items) == 4


# --- consent that changes


def test_a_consent_that_is_withdrawn_ends_the_seat_at_once(session, clock, here, welfare, meeting):
    case = family(session, here, clock, "youth_health")
    given = allow(session, case, here, clock(), "welfare")
    add(session, meeting, case, here, clock)

    for one in given:
        consent.withdraw(session, one.id, by=here.midwife, at=clock())
    assert seen(session, meeting, welfare, clock) == []  # before anybody was told
    assert hubs.consent_changed(session, case.id, by=here.midwife, at=clock()) == 1

    assert seen(session, meeting, welfare, clock) == []
    assert seen(session, meeting, here.nurse, clock) == [case.number]
    allow(session, case, here, clock(), "welfare")
    assert seen(session, meeting, welfare, clock) == []  # a new yes asks for a new invitation
    assert hubs.consent_changed(session, case.id, by=here.midwife, at=clock()) == 0
    assert "hub_item.invitation_withdrawn" in [line.event for line in logbook.lines(session, case_id=case.id)]


def test_a_family_that_wants_nobody_there_any_more_goes_off_the_agenda(session, clock, here, welfare, meeting):
    case = builders.case(session, here.midwife, clock())
    given = allow(session, case, here, clock())
    add(session, meeting, case, here, clock)

    for one in given:
        consent.withdraw(session, one.id, by=here.midwife, at=clock())
    hubs.consent_changed(session, case.id, by=here.midwife, at=clock())

    assert hubs.meeting_of(session, case.id) is None
    assert seen(session, meeting, here.process_director, clock) == []


def test_a_family_with_an_empty_table_stays_on_the_agenda_when_something_else_changes(session, clock, here, meeting):
    case = family(session, here, clock)
    add(session, meeting, case, here, clock)

    assert hubs.consent_changed(session, case.id, by=here.midwife, at=clock()) == 0

    assert hubs.meeting_of(session, case.id) == meeting


def test_a_consent_that_runs_out_hides_the_family_from_that_moment(session, clock, here, welfare, meeting):
    case = builders.case(session, here.midwife, clock())
    allow(session, case, here, clock(), valid_until=clock() + timedelta(days=2))
    add(session, meeting, case, here, clock)
    assert seen(session, meeting, welfare, clock) == [case.number]

    clock.forward(days=2)

    assert seen(session, meeting, welfare, clock) == []
    [item] = hubs.agenda(session, meeting.id, by=here.process_director, at=clock()).items
    assert [seat.consent_ok for seat in item.seats] == [False]


OPS = st.lists(
    st.tuples(
        st.sampled_from(["yes", "no", "withdraw", "told", "add", "invite", "postpone", "remove", "day"]),
        st.integers(0, 2),
        st.sampled_from(["welfare", "youth_health", "municipality"]),
    ),
    max_size=25,
)


@given(ops=OPS)
def test_nobody_sees_a_family_that_did_not_agree_whatever_happened_before(several, ops):
    session, here, clock, readers, families_ = several
    undo = session.begin_nested()
    start = clock.now
    try:
        meeting = plan(session, here, clock)
        for op, which, kind in ops:
            _play(session, here, clock, meeting, readers, families_[which], op, kind)
            for reader_kind, reader in readers.items():
                _check(session, here, clock, meeting, families_, reader, reader_kind)
    finally:
        undo.rollback()
        clock.now = start


def _play(session, here, clock, meeting, readers, case, op, kind):
    by, at = here.process_director, clock()
    item = hubs.planned_item(session, case.id)
    if op == "yes":
        allow(session, case, here, at, kind, valid_until=at + timedelta(days=3))
    elif op == "no":
        agree(
            session, case, here.midwife, at,
            recipient_kind=kind, purpose="hub_meeting", categories=[], asked=["C0", "C1"],
        )  # fmt: skip
    elif op == "withdraw":
        for one in consent.of_case(session, case.id):
            if one.is_yes and one.recipient_kind == kind:
                consent.withdraw(session, one.id, by=here.midwife, at=at)
    elif op == "told":
        hubs.consent_changed(session, case.id, by=here.midwife, at=at)
    elif op == "add":
        add(session, meeting, case, here, clock)
    elif op == "day":
        clock.forward(days=1)
    elif item is not None and op == "invite":
        reader = readers[kind]
        try:
            hubs.invite(session, item, organisation_id=reader.organisation_id, role=reader.role, by=by, at=at)
        except ConsentMissing:
            assert not hubs.agreed(session, case.id, reader.organisation_id, at)
    elif item is not None and op == "postpone":
        hubs.postpone(session, meeting.id, item.id, by=by, at=at)
    elif item is not None and op == "remove":
        hubs.remove_case(session, case.id, by=by, at=at)


def _check(session, here, clock, meeting, families_, reader, kind):
    at = clock()
    agreed = {
        case.number
        for case in families_
        if consent.granted(
            session,
            case_id=case.id,
            recipient_organisation_id=reader.organisation_id,
            recipient_kind=kind,
            purpose="hub_meeting",
            at=at,
        )
    }
    if reader.role == "process_director":
        items = hubs.agenda(session, meeting.id, by=reader, at=at).items
        assert {item.case_number for item in items if item.name} <= agreed
        return
    numbers = seen(session, meeting, reader, clock)
    assert set(numbers) <= agreed
    counted = [card.families for card in hubs.meetings(session, by=reader, at=at).items if card.id == meeting.id]
    assert counted == ([len(numbers)] if numbers else [])
    invited = {
        session.get(AgendaItem, one.agenda_item_id).case_id for one in hubs.invitations_of(session, by=reader, at=at)
    }
    assert invited <= {case.id for case in families_ if case.number in agreed}
    if numbers:
        view = hubs.agenda(session, meeting.id, by=reader, at=at)
        assert [item.position for item in view.items] == list(range(1, len(numbers) + 1))
        assert view.meeting.families == len(numbers)
        assert not any(case.number in str(view) for case in families_ if case.number not in agreed)


@pytest.fixture
def several(session, clock, here, welfare):
    readers = {"welfare": welfare, "youth_health": here.nurse, "municipality": here.process_director}
    return session, here, clock, readers, [family(session, here, clock) for _ in range(3)]


# --- minutes


def test_minutes_say_whether_the_parents_were_there_and_the_meeting_was_held(session, clock, here, welfare, meeting):
    case, other = family(session, here, clock, "welfare"), family(session, here, clock, "welfare")
    for one in (case, other):
        add(session, meeting, one, here, clock)

    item = minutes(session, case, here, clock)

    assert (item.status, item.parents_present, item.minutes_shared_on) == ("discussed", True, date(2026, 11, 11))
    assert item.supporter_of_parent_present
    assert item.minutes_entry_id is not None
    assert meeting.status == MeetingStatus.HELD
    assert hubs.meeting_of(session, other.id) == meeting  # its minutes are still to come
    assert minutes(session, other, here, clock, parents_present="no", reason_if_absent="Ziek").status == "discussed"
    assert len(seen(session, meeting, welfare, clock)) == 2
    assert [card.status for card in hubs.meetings(session, by=welfare, at=clock(), past=True).items] == ["held"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"parents_present": None}, "parents_present"),
        ({"parents_present": "no"}, "reason_if_absent"),
        ({"parents_present": "no", "reason_if_absent": "  "}, "reason_if_absent"),
        ({"minutes_shared_on": None}, "minutes_shared_on"),
        ({"hub_result": None}, "hub_result"),
        ({"hub_result": "maybe"}, "hub_result"),
        ({"hub_result": "plan"}, "case_director"),
        ({"hub_result": "again", "parents_present": None}, "parents_present"),
    ],
)
def test_minutes_without_parents_need_the_reason_also_when_nobody_asked(session, clock, here, meeting, changes, field):
    case = family(session, here, clock)
    add(session, meeting, case, here, clock)

    with pytest.raises(Invalid) as refused:
        minutes(session, case, here, clock, **changes)

    assert field in refused.value.errors
    assert hubs.meeting_of(session, case.id) == meeting
    assert meeting.status == MeetingStatus.PLANNED


def test_another_time_takes_the_family_off_this_agenda(session, clock, here, welfare, meeting):
    case = family(session, here, clock, "welfare")
    add(session, meeting, case, here, clock)

    item = minutes(session, case, here, clock, hub_result="again", minutes_shared_on=None)

    assert (item.status, meeting.status) == ("postponed", "planned")
    assert seen(session, meeting, welfare, clock) == []
    assert hubs.seats_of(session, item, at=clock()) == []


def test_a_talk_that_nobody_planned_is_kept_too(session, clock, here):
    case = family(session, here, clock)

    item = minutes(session, case, here, clock)

    assert (item.status, hubs.find(session, item.meeting_id).status) == ("discussed", "held")
    assert minutes(session, case, here, clock, hub_result="again", minutes_shared_on=None) is None


# --- postponing, cancelling, removing


def test_postponing_one_family_leaves_the_others(session, clock, here, welfare, meeting):
    case, other = family(session, here, clock, "welfare"), family(session, here, clock, "welfare")
    item, _ = add(session, meeting, case, here, clock)
    add(session, meeting, other, here, clock)

    hubs.postpone(session, meeting.id, item.id, by=here.process_director, at=clock())

    assert seen(session, meeting, welfare, clock) == [other.number]
    with pytest.raises(WrongState):
        hubs.postpone(session, meeting.id, item.id, by=here.process_director, at=clock())


def test_a_cancelled_meeting_postpones_every_family_and_stays_in_sight_of_who_planned_it(
    session, clock, here, welfare, meeting
):
    found = [family(session, here, clock, "welfare") for _ in range(2)]
    for case in found:
        add(session, meeting, case, here, clock)

    hubs.cancel(session, meeting.id, by=here.process_director, at=clock())

    assert [hubs.meeting_of(session, case.id) for case in found] == [None, None]
    assert seen(session, meeting, welfare, clock) == []
    assert hubs.upcoming(session, VENLO, at=clock()) == []
    assert hubs.agenda(session, meeting.id, by=here.process_director, at=clock()).may == frozenset()
    with pytest.raises(WrongState):
        hubs.cancel(session, meeting.id, by=here.process_director, at=clock())
    with pytest.raises(WrongState):
        add(session, meeting, family(session, here, clock), here, clock)
    with pytest.raises(WrongState):
        hubs.hold(session, meeting.id, by=here.process_director, at=clock())


def test_only_the_process_director_postpones_and_cancels(session, clock, here, welfare, meeting):
    item, _ = add(session, meeting, family(session, here, clock, "welfare"), here, clock)

    for verb, arguments in ((hubs.cancel, (meeting.id,)), (hubs.postpone, (meeting.id, item.id))):
        with pytest.raises(NotAllowed):
            verb(session, *arguments, by=welfare, at=clock())
        with pytest.raises(NotFound):
            verb(session, *arguments, by=here.nurse, at=clock())
    with pytest.raises(NotFound):
        hubs.postpone(session, meeting.id, uuid4(), by=here.process_director, at=clock())


def test_a_family_that_is_taken_off_leaves_no_trace_on_the_agenda(session, clock, here, welfare, meeting):
    case, other = family(session, here, clock, "welfare"), family(session, here, clock, "welfare")
    for one in (case, other):
        add(session, meeting, one, here, clock)

    assert hubs.remove_case(session, case.id, by=here.midwife, at=clock())

    for reader in (welfare, here.process_director):
        view = hubs.agenda(session, meeting.id, by=reader, at=clock())
        assert [(item.position, item.case_number) for item in view.items] == [(1, other.number)]
    assert not hubs.remove_case(session, case.id, by=here.midwife, at=clock())
    [gone] = hubs.items_of(session, case.id)
    with pytest.raises(NotFound):
        hubs.postpone(session, meeting.id, gone.id, by=here.process_director, at=clock())


def test_a_closed_case_is_put_on_no_agenda(session, clock, here, meeting):
    case = family(session, here, clock)
    cases.close(session, case, Result.NO_CASE_NEEDED, contact_after="De verloskundige", by=here.midwife, at=clock())

    with pytest.raises(WrongState):
        add(session, meeting, case, here, clock)


def test_erasing_leaves_nothing_of_the_case(session, clock, here, welfare, meeting):
    case = family(session, here, clock, "welfare")
    add(session, meeting, case, here, clock)
    minutes(session, case, here, clock)

    hubs.erase(session, case.id, by=WORKER, at=clock())

    assert session.scalars(select(AgendaItem)).all() == []
    assert session.scalars(select(Invitation)).all() == []
    assert hubs.find(session, meeting.id)


# --- the method: what planning and minutes bring about

PLANNING = {
    "meeting": "new",
    "meeting_date": "2026-11-10",
    "meeting_time": "14:00",
    "place": "Stadskantoor",
    "parents_invited": "yes",
}


def completed(session, case, by, clock, form_key, answers):
    """What the contract of a form does, after the answers were kept."""
    written = entry(session, case, by, clock(), form_key)
    done = Completing(session, None, case, None, answers, written, by, clock())
    return method.CONTRACTS[form_key](done)


def planned(session, case, here, clock, **changes):
    said = {name: value for name, value in {**PLANNING, **changes}.items() if value is not None}
    return completed(session, case, here.process_director, clock, "hub_planning", said)


@pytest.fixture
def director(session, clock, here):
    """Somebody of youth health who directs cases in Venlo."""
    return actor(session, "Cas Regisseur", here.youth_health, "case_director", at=clock())


@pytest.fixture
def shared(session, clock, here):
    """A case that youth health explores and holds, and that it may talk about in the hub."""
    found = builders.explored_case(session, here, clock())
    allow(session, found, here, clock(), "youth_health")
    return found


def test_planning_makes_a_meeting_with_the_family_on_it_and_invites_by_consent(session, clock, here, shared):
    assert planned(session, shared, here, clock) == {}

    meeting = hubs.meeting_of(session, shared.id)
    assert (meeting.municipality_code, meeting.place) == (VENLO, "Stadskantoor")
    assert meeting.starts_at == datetime(2026, 11, 10, 13, 0, tzinfo=UTC)
    assert [one.role for one in hubs.invitations_of(session, by=here.nurse, at=clock())] == ["explorer"]
    assert placing.Anchors(session, shared)["hub_meeting"] == date(2026, 11, 10)


def test_a_family_can_join_a_meeting_that_is_planned_already(session, clock, here, shared, meeting):
    elsewhere = plan(session, here, clock, municipality=ROERMOND)
    choices = method.CHOICES["hub_meetings"](session, shared, here.process_director, clock())

    assert choices == [("new", "Een nieuw overleg"), (str(meeting.id), "10-11-2026 om 09:30, Stadskantoor")]
    planned(session, shared, here, clock, meeting=str(meeting.id), meeting_date=None, meeting_time=None)
    assert hubs.meeting_of(session, shared.id) == meeting
    assert method.LABELS["hub_meetings"](session, str(meeting.id)) == "10-11-2026 om 09:30, Stadskantoor"
    assert method.LABELS["hub_meetings"](session, "new") == "Een nieuw overleg"
    for gone in (str(uuid4()), "x"):
        assert method.LABELS["hub_meetings"](session, gone) == "een overleg dat niet meer bestaat"
    for other in (str(elsewhere.id), str(uuid4()), "x", None):
        with pytest.raises(Invalid) as refused:
            planned(session, shared, here, clock, meeting=other)
        assert "meeting" in refused.value.errors


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"meeting_date": None}, "meeting_date"),
        ({"meeting_time": "straks"}, "meeting_time"),
        ({"meeting_date": "2026-11-02"}, "meeting_date"),
        ({"parents_invited": None}, "parents_invited"),
        ({"parents_invited": "no"}, "reason_not_invited"),
    ],
)
def test_a_plan_that_lacks_something_is_refused_also_when_nobody_asked(session, clock, here, shared, changes, field):
    with pytest.raises(Invalid) as refused:
        planned(session, shared, here, clock, **changes)

    assert field in refused.value.errors
    assert hubs.meeting_of(session, shared.id) is None


def test_who_will_direct_the_case_needs_the_familys_consent_and_then_has_a_part_in_it(
    session, clock, here, shared, director
):
    planned(session, shared, here, clock)
    said = {**MINUTES, "hub_result": "plan", "case_director": str(here.youth_health.id)}
    with pytest.raises(ConsentMissing) as refused:
        completed(session, shared, here.nurse, clock, "hub_minutes", said)
    assert here.youth_health.name in refused.value.detail
    assert "steunafspraak" in refused.value.detail

    agree(session, shared, here.midwife, clock(), purpose="support_action")
    completed(session, shared, here.nurse, clock, "hub_minutes", {**said, "parents_present": "yes"})

    assert hubs.case_director(session, shared.id) == here.youth_health.id
    assert (here.youth_health.id, "case_director") in parties(session, shared)
    assert shared.holder_role == "explorer"  # until the director accepts it
    assert placing._organisation(session, shared, "case_director", clock()) == here.youth_health.id


def parties(session, case):
    return {(party.organisation_id, party.role) for party in cases.parties(session, case.id)}


def test_a_later_talk_can_choose_another_director(session, clock, here, shared, director):
    welfare = organisation(session, "A Welzijn (fictief)", "welfare", "social", [VENLO], at=clock())
    actor(session, "Wendy Welzijn", welfare, "case_director", at=clock())
    for kind in ("youth_health", "welfare"):
        agree(session, shared, here.midwife, clock(), purpose="support_action", recipient_kind=kind)

    for chosen in (here.youth_health, welfare, here.youth_health):
        clock.forward(days=1)
        said = {**MINUTES, "hub_result": "plan", "case_director": str(chosen.id)}
        completed(session, shared, here.nurse, clock, "hub_minutes", said)
        assert placing._organisation(session, shared, "case_director", clock()) == chosen.id
        builders.accept(session, shared, actor(session, f"R {clock()}", chosen, "case_director", at=clock()), clock())
        assert placing._organisation(session, shared, "case_director", clock()) == chosen.id

    cases.join(session, shared, organisation_id=welfare.id, role="case_director", by=here.nurse, at=clock())
    assert placing._organisation(session, shared, "case_director", clock()) == here.youth_health.id


def test_who_was_chosen_and_never_accepted_has_no_part_in_it_after_another_choice(
    session, clock, here, shared, director
):
    welfare = organisation(session, "A Welzijn (fictief)", "welfare", "social", [VENLO], at=clock())
    actor(session, "Wendy Welzijn", welfare, "case_director", at=clock())
    for kind in ("youth_health", "welfare"):
        agree(session, shared, here.midwife, clock(), purpose="support_action", recipient_kind=kind)

    for chosen in (here.youth_health, welfare):
        clock.forward(days=1)
        said = {**MINUTES, "hub_result": "plan", "case_director": str(chosen.id)}
        completed(session, shared, here.nurse, clock, "hub_minutes", said)

    assert [one for one in parties(session, shared) if one[1] == "case_director"] == [(welfare.id, "case_director")]


def test_an_organisation_that_directs_no_cases_there_is_not_chosen(session, clock, here, shared, director):
    said = {**MINUTES, "hub_result": "plan", "case_director": str(here.municipality.id)}

    with pytest.raises(Invalid) as refused:
        completed(session, shared, here.nurse, clock, "hub_minutes", said)

    assert "case_director" in refused.value.errors


def test_no_support_and_another_time_ask_for_no_director(session, clock, here, shared):
    planned(session, shared, here, clock)
    completed(session, shared, here.nurse, clock, "hub_minutes", {**MINUTES, "hub_result": "again"})
    assert hubs.meeting_of(session, shared.id) is None
    clock.forward(hours=1)
    planned(session, shared, here, clock)

    completed(session, shared, here.nurse, clock, "hub_minutes", MINUTES)

    assert hubs.case_director(session, shared.id) is None
    assert [item.status for item in hubs.items_of(session, shared.id)] == ["postponed", "discussed"]


def test_the_page_of_a_case_tells_when_it_is_talked_about(session, clock, here, shared, welfare):
    planned(session, shared, here, clock, parents_invited="no", reason_not_invited="Net bevallen.")

    [talk] = method.hub_of_case(session, shared.id, by=here.nurse, at=clock())

    assert (talk.place, talk.status, talk.reason_not_invited) == ("Stadskantoor", "planned", "Net bevallen.")
    assert talk.invited == (here.youth_health.id,)
    assert talk.meeting_id is not None
    assert method.hub_of_case(session, shared.id, by=here.midwife, at=clock()) == ()
    with pytest.raises(NotFound):
        method.hub_of_case(session, shared.id, by=welfare, at=clock())


# --- the method: what happens to a case from outside


@pytest.fixture
def world(database, clock):
    return path.World(database, clock)


@pytest.fixture
def talked_about(world):
    """A case of youth health that is on an agenda, with a welfare organisation at the table; and who sits there."""
    region = world.region
    case_id = world.explored()
    world.claim(region.nurse)
    with world.database.writing() as session:
        where = organisation(session, "Welzijn Venlo (fictief)", "welfare", "social", [VENLO], at=world.clock())
        helper = actor(session, "Wim Welzijn", where, "supporter", at=world.clock())
        case = cases.lock(session, case_id)
        given = allow(session, case, region, world.clock())
        allow(session, case, region, world.clock(), "youth_health")
        meeting = plan(session, region, world.clock)
        add(session, meeting, case, region, world.clock)
    return case_id, meeting.id, helper, given


def looks(world, meeting_id, by):
    try:
        return [item.case_number for item in world.look(hubs.agenda, meeting_id, by=by).items]
    except NotFound:
        return None


def test_withdrawing_consent_ends_the_seat_in_the_same_transaction(world, talked_about):
    case_id, meeting_id, helper, given = talked_about
    assert len(looks(world, meeting_id, helper)) == 1

    for one in given:
        world.do(method.withdraw_consent, one.id, by=world.region.midwife)

    assert looks(world, meeting_id, helper) is None
    assert len(looks(world, meeting_id, world.region.nurse)) == 1
    with world.database.reading() as session:
        told = [line.event for line in logbook.lines(session, case_id=case_id)]
        assert session.scalars(select(LoggedRead.event).where(LoggedRead.case_id == case_id)).all()
    assert told.count("hub_item.invitation_withdrawn") == 1


def test_a_loss_takes_the_family_off_the_agenda(world, talked_about):
    case_id, meeting_id, helper, _ = talked_about

    world.do(method.report_loss, case_id, answers=path.loss_answers(), by=world.region.midwife)

    assert looks(world, meeting_id, helper) is None
    assert looks(world, meeting_id, world.region.process_director) == []


def test_a_closed_case_is_on_no_agenda(world, talked_about):
    _, meeting_id, helper, _ = talked_about
    nurse = world.region.nurse
    [card] = [one for one in world.look(method.work_list, by=nurse).items if one.form_key == "exploration"]
    world.complete(card, nurse)
    world.do_next(nurse, form_key="feedback")
    done = world.do_next(nurse, form_key="closure")

    assert done.ended
    assert looks(world, meeting_id, helper) is None
    assert looks(world, meeting_id, world.region.process_director) == []


def test_an_organisation_that_stopped_is_invited_no_more(session, clock, here, welfare, meeting):
    case = family(session, here, clock, "welfare")
    organisations.deactivate_organisation(session, welfare.organisation_id, by=OPERATOR, at=clock())

    _, invited = add(session, meeting, case, here, clock)

    assert invited.invitations == ()


# --- the drawn road


@pytest.fixture
def consulted(world):
    """A case whose parent agreed to talk about it in the hub; the process director is to plan that."""
    nurse, case_id = world.region.nurse, world.explored()
    world.do_next(nurse, path.exploration_answers(world.clock(), conclusion="hub_meeting"), "exploration")
    world.do_next(nurse, form_key="feedback")
    world.do_next(nurse, path.support_consent_answers("youth_health", "welfare"), "support_consent")
    return case_id


def helpers(world, *names, role="supporter"):
    """Somebody at each of these new welfare organisations in Venlo."""
    with world.database.writing() as session:
        return [
            actor(
                session,
                f"Iemand van {name}",
                organisation(session, name, "welfare", "social", [VENLO], at=world.clock()),
                role,
                at=world.clock(),
            )
            for name in names
        ]


def test_a_case_that_needs_the_hub_goes_by_it_and_on_to_the_director_who_was_chosen(world, consulted):
    region = world.region
    [_, chosen] = helpers(world, "A Welzijn (fictief)", "B Welzijn (fictief)", role="case_director")
    world.do_next(region.process_director, form_key="hub_planning")
    with world.database.reading() as session:
        meeting = hubs.meeting_of(session, consulted)
    assert looks(world, meeting.id, chosen) is not None

    done = world.do_next(
        region.nurse, path.hub_minutes_answers(world.clock(), chosen.organisation_id), form_key="hub_minutes"
    )

    assert [(card.form_key, card.organisation_id, card.role) for card in done.opened] == [
        ("support_plan", chosen.organisation_id, "case_director")
    ]
    world.claim(chosen, "support_plan")
    with world.database.reading() as session:
        case = session.get(cases.Case, consulted)
        assert (case.holder_organisation_id, case.holder_role) == (chosen.organisation_id, "case_director")
        assert hubs.find(session, meeting.id).status == "held"


def test_a_director_whom_the_family_did_not_agree_to_changes_nothing(world, consulted):
    with world.database.writing() as session:
        where = organisation(session, "Jeugdhulp (fictief)", "youth_care", "social", [VENLO], at=world.clock())
        actor(session, "Jo Jeugdhulp", where, "case_director", at=world.clock())
    world.do_next(world.region.process_director, form_key="hub_planning")
    task = world.claim(world.region.nurse, "hub_minutes")

    with pytest.raises(ConsentMissing) as refused:
        world.complete(task, world.region.nurse, path.hub_minutes_answers(world.clock(), where.id))

    assert where.name in refused.value.detail
    with world.database.reading() as session:
        assert hubs.meeting_of(session, consulted).status == "planned"
        assert (where.id, "case_director") not in parties(session, session.get(cases.Case, consulted))


def test_who_the_family_agrees_to_later_is_invited_then_and_who_it_does_not_is_not_any_more(world, consulted):
    [helper] = helpers(world, "Welzijn Venlo (fictief)")
    world.do_next(world.region.process_director, form_key="hub_planning")
    with world.database.reading() as session:
        meeting = hubs.meeting_of(session, consulted)
    assert looks(world, meeting.id, helper) is not None

    no = path.support_consent_answers(
        sharing=[
            {"recipient_kind": "welfare", "allowed": "no"},
            {
                "recipient_kind": "municipality",
                "allowed": "yes",
                "purposes": ["hub_meeting"],
                "categories": ["C0"],
            },
        ]
    )
    world.do(method.record_consent, consulted, answers=no, by=world.region.nurse)

    with world.database.reading() as session:
        seats = hubs.seats_of(session, hubs.planned_item(session, consulted), at=world.clock())
    assert {(seat.organisation_id, seat.role) for seat in seats} == {
        (world.region.youth_health.id, "explorer"),
        (world.region.municipality.id, "process_director"),
    }
    assert looks(world, meeting.id, helper) is None


def test_a_second_family_is_offered_the_meeting_that_is_planned_already(world, consulted):
    director = world.region.process_director
    [card] = [one for one in world.look(method.work_list, by=director).items if one.form_key == "hub_planning"]
    task = world.do(method.claim_task, card.id, by=director)
    with world.database.writing() as session:
        meeting = plan(session, world.region, world.clock)

    shown = world.look(method.task_view, task.id, by=director)
    assert shown.choices["hub_meetings"] == (
        ("new", "Een nieuw overleg"),
        (str(meeting.id), "10-11-2026 om 09:30, Stadskantoor"),
    )
    world.complete(task, director, {"meeting": str(meeting.id), "parents_invited": "yes"})

    with world.database.reading() as session:
        assert hubs.meeting_of(session, consulted).id == meeting.id
