"""Who administers an organisation invites, hears of certificates that end, and looks once a year at who may what."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from engine.clock import local_date
from tests.builders import CHEAP, actor, region
from workflows import accounts, directory, method, notifications, organisations
from workflows.errors import Invalid, NotAllowed, NotFound, StaleVersion, WrongState
from workflows.method.administering import look_after_access
from workflows.notifications import NotificationKind
from workflows.organisations import ReviewAnswer, Role


def told(session, kind) -> list[tuple[str, str]]:
    """What would be kept as notifications at the end of this transaction: who hears of it, about what."""
    waiting = session.info.pop("notifications.waiting", [])
    return sorted((row["role"], row["subject_kind"]) for row in waiting if row["kind"] == kind)


def test_who_was_invited_and_did_not_begin_is_listed_until_they_do(session, clock):
    here = region(session, clock())
    lia = actor(session, "Lia Beheer", here.practice, Role.LOCAL_ADMINISTRATOR, at=clock())
    assert method.open_invitations(session, here.practice.id, by=lia, at=clock()) == []
    made = method.invite_colleague(
        session, here.practice.id, display_name="Nieuwe Collega", login="nieuw", role=Role.SIGNALLER,
        valid_from=local_date(clock()), by=lia, at=clock(), cost=CHEAP,
    )  # fmt: skip

    [waiting] = method.open_invitations(session, here.practice.id, by=lia, at=clock())
    assert (waiting.person_id, waiting.name) == (made.person.id, "Nieuwe Collega")
    assert (waiting.issued_at, waiting.expires_at, waiting.mailed_at) == (clock(), made.issued.expires_at, None)
    with pytest.raises(NotFound):
        method.open_invitations(session, here.youth_health.id, by=lia, at=clock())
    with pytest.raises(NotAllowed):
        method.open_invitations(session, here.practice.id, by=here.midwife, at=clock())

    prepared = accounts.NewPassword.prepare("een-lang-nieuw-wachtwoord", about=("nieuw",), cost=CHEAP)
    accounts.activate(session, login="nieuw", code=made.issued.code, prepared=prepared, at=clock(), cost=CHEAP)
    assert method.open_invitations(session, here.practice.id, by=lia, at=clock()) == []


def test_a_certificate_is_for_an_intervention_of_the_directory(session, clock):
    here = region(session, clock())
    directory.load_interventions(session)
    lia = actor(session, "Lia Beheer", here.practice, Role.LOCAL_ADMINISTRATOR, at=clock())
    about = {"person_id": here.midwife.person_id, "valid_from": local_date(clock()), "at": clock()}

    with pytest.raises(Invalid) as refused:
        method.add_certificate(session, intervention="VX", by=lia, **about)
    assert "VZ" in refused.value.errors["intervention"][0]
    assert method.add_certificate(session, intervention="vz", by=lia, **about).intervention == "VZ"
    with pytest.raises(NotAllowed):
        method.add_certificate(session, intervention="VX", by=here.midwife2, **about)


def test_once_a_year_every_role_is_asked_about_and_nobody_answers_about_themselves(session, clock):
    here = region(session, clock())
    lia = actor(session, "Lia Beheer", here.practice, Role.LOCAL_ADMINISTRATOR, at=clock())

    look_after_access(session, at=clock())
    assert organisations.reviews_of(session, here.practice.id, by=lia, at=clock()) == []
    clock.forward(days=366)
    look_after_access(session, at=clock())
    [review] = organisations.reviews_of(session, here.practice.id, by=lia, at=clock())
    assert ("local_administrator", "access_review") in told(session, NotificationKind.ACCESS_REVIEW)
    items = {one.person_id: one.id for one in review.items}
    assert set(items) == {
        one.person_id for one in (here.midwife, here.midwife2, here.protection_officer, here.log_manager, lia)
    }

    def answer(answers, *, by=lia, version=None):
        version = review.version if version is None else version
        return method.answer_access_review(session, review.id, answers, version=version, by=by, at=clock())

    stale = review.version
    _, [left] = answer(
        {items[here.midwife2.person_id]: ReviewAnswer.ENDED, items[here.midwife.person_id]: ReviewAnswer.CONFIRMED}
    )
    assert left.alarms == ()
    assert organisations.assignments_of(session, here.midwife2.person_id, on=local_date(clock())) == []
    with pytest.raises(StaleVersion):
        answer({items[here.log_manager.person_id]: ReviewAnswer.CONFIRMED}, version=stale)
    with pytest.raises(NotAllowed):
        answer({items[lia.person_id]: ReviewAnswer.CONFIRMED})
    with pytest.raises(WrongState):
        answer({items[here.midwife.person_id]: ReviewAnswer.CONFIRMED})
    with pytest.raises(Invalid):
        answer({})
    for stranger, refusal in (
        (replace(lia, organisation_id=here.youth_health.id), NotFound),
        (here.coordinator, NotAllowed),
    ):
        with pytest.raises(refusal):
            answer({items[here.log_manager.person_id]: ReviewAnswer.CONFIRMED}, by=stranger)

    clock.forward(days=22)
    look_after_access(session, at=clock())
    assert (
        told(session, NotificationKind.ACCESS_REVIEW).count(("local_administrator", "access_review")) == 1
    )  # reminded
    organisations.end_assignment(session, here.protection_officer.assignment_id, by=lia, at=clock())
    clock.forward(days=8)
    look_after_access(session, at=clock())
    heard = told(session, NotificationKind.ACCESS_REVIEW)
    assert ("administrator", "access_review") in heard
    assert (review.rounds, review.closed_at) == (2, None)
    assert {one.person_id for one in review.waiting} == {lia.person_id, here.log_manager.person_id}

    answer(dict.fromkeys((one.id for one in review.waiting), ReviewAnswer.CONFIRMED), by=here.administrator)
    assert review.closed_at == clock()
    with pytest.raises(WrongState):
        answer({items[lia.person_id]: ReviewAnswer.CONFIRMED}, by=here.administrator)
    assert organisations.begin_review(session, here.practice.id, by=lia, at=clock()).rounds == 1


def test_a_certificate_is_told_of_once_before_it_ends_and_not_when_it_was_renewed(session, clock):
    here = region(session, clock())
    today = local_date(clock())
    for person, code, last in (
        (here.nurse, "VZ", 50),
        (here.nurse, "SO", 90),
        (here.nurse2, "VZ", 50),
        (here.nurse2, "VZ", 500),
    ):
        organisations.add_certificate(
            session, person_id=person.person_id, intervention=code, valid_from=today - timedelta(days=9),
            valid_until=today + timedelta(days=last), by=here.administrator, at=clock(),
        )  # fmt: skip

    look_after_access(session, at=clock())
    first = told(session, NotificationKind.CERTIFICATE_ENDS)
    look_after_access(session, at=clock())

    assert first == [
        ("administrator", "organisation"),
        ("explorer", "person"),
    ]  # nobody administers there but the region
    assert told(session, NotificationKind.CERTIFICATE_ENDS) == []


def test_an_invitation_by_mail_holds_a_code_that_is_nowhere_once_it_left(session, clock):
    here = region(session, clock())
    lia = actor(session, "Lia Beheer", here.practice, Role.LOCAL_ADMINISTRATOR, at=clock())
    given = {
        "display_name": "Nina Nieuw", "login": "nina", "role": Role.SIGNALLER, "valid_from": date(2026, 11, 3), "by": lia,
        "at": clock(), "cost": CHEAP,
    }  # fmt: skip

    with pytest.raises(Invalid) as refused:
        method.invite_colleague(
            session,
            here.practice.id,
            **{**given, "display_name": " ", "login": "", "valid_to": date(2026, 11, 2), "mail": "x"},
        )
    assert set(refused.value.errors) == {"display_name", "login", "valid_to", "mail"}
    for wrong, refusal in (({"role": Role.COORDINATOR}, NotAllowed), ({"by": here.midwife}, NotAllowed)):
        with pytest.raises(refusal):
            method.invite_colleague(session, here.practice.id, **{**given, **wrong})
    with pytest.raises(NotFound):
        method.invite_colleague(session, here.youth_health.id, **given)
    made = method.invite_colleague(session, here.practice.id, **given, mail="nina@voorbeeld.example")
    payload = {"letter": "invitation", "account": made.account.id.hex}
    letter = method.letter(session, payload, at=clock())
    assert (letter.to, letter.code) == ("nina@voorbeeld.example", made.issued.code)
    method.letter_failed(session, payload, notifications.MailFailure.UNREACHABLE, at=clock())
    assert method.letter(session, payload, at=clock()) == letter  # tried again

    method.letter_left(session, payload, letter, at=clock())
    [(_, kept)] = accounts.pending_activations(session, [made.person.id]).values()
    assert (kept.sealed_code, kept.sealed_address, kept.mailed_at) == (None, None, clock())
    assert method.letter(session, payload, at=clock()) is None
    activated = accounts.activate(
        session, login="nina", code=made.issued.code, password="vier losse woorden hier", at=clock(), cost=CHEAP
    )
    assert activated.id == made.account.id


def test_two_administrators_at_once_and_a_municipality_that_somebody_works_in(session, clock):
    here = region(session, clock())
    lia = actor(session, "Lia Beheer", here.practice, Role.LOCAL_ADMINISTRATOR, at=clock())
    areas = sorted(here.practice.areas)
    data = {"phone": "077 000 00 00", "mail": None, "website": None, "by": lia, "at": clock()}
    found = organisations.organisation(session, here.practice.id)
    before = found.version

    organisations.change_organisation(session, found.id, **data, areas=areas[:2], version=before)
    with pytest.raises(StaleVersion):
        organisations.change_organisation(session, found.id, **data, areas=areas, version=before)
    assert found.areas == frozenset(areas[:2])
    actor(session, "Wil Waarnemer", found, Role.SIGNALLER, areas=(areas[1],), at=clock())
    with pytest.raises(Invalid) as refused:
        organisations.change_organisation(
            session,
            found.id,
            **{**data, "phone": "bel", "mail": "x", "website": "http://x"},
            areas=areas[:1],
            version=found.version,
        )
    assert set(refused.value.errors) == {"phone", "mail", "website", "areas"}
    role = organisations.assignment(session, here.midwife.assignment_id)
    last = local_date(clock()) + timedelta(days=30)
    changed = organisations.change_last_day(session, role.id, last, version=role.version, by=lia, at=clock())
    assert changed.valid_to == last
    with pytest.raises(StaleVersion):
        organisations.change_last_day(session, role.id, None, version=1, by=lia, at=clock())
    with pytest.raises(NotFound):
        organisations.change_last_day(session, uuid4(), None, version=1, by=lia, at=clock())
    renamed = organisations.rename_person(session, here.midwife.person_id, "Vera Anders", version=1, by=lia, at=clock())
    assert renamed.display_name == "Vera Anders"


def test_nobody_makes_their_own_role_last_longer_or_gives_themselves_a_certificate(session, clock):
    here = region(session, clock())
    lia = actor(session, "Lia Beheer", here.practice, Role.LOCAL_ADMINISTRATOR, at=clock())
    role, today = organisations.assignment(session, lia.assignment_id), local_date(clock())
    day = today + timedelta(days=30)
    organisations.change_last_day(
        session, role.id, day, version=role.version, by=lia, at=clock()
    )  # shorter is theirs to say
    for longer in (day + timedelta(days=1), None):
        with pytest.raises(NotAllowed):
            organisations.change_last_day(session, role.id, longer, version=role.version, by=lia, at=clock())
    assert role.valid_to == day
    organisations.change_last_day(session, role.id, None, version=role.version, by=here.administrator, at=clock())
    with pytest.raises(NotAllowed):
        organisations.add_certificate(
            session, person_id=lia.person_id, intervention="VZ", valid_from=today, by=lia, at=clock()
        )
