"""Logging in gives one role, no oracle, and ends the moment a right does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from tests.builders import CHEAP, PASSWORD, actor, ids, region
from workflows import accounts, organisations, settings
from workflows.accounts import AccessToken, Account, SignIn
from workflows.actor import OPERATOR, WORKER
from workflows.errors import Invalid, LoginRefused, NotAllowed, NotFound, WrongState
from workflows.organisations import Role


@pytest.fixture
def here(session, clock):
    return region(session, clock())


@pytest.fixture
def account(session, clock, here) -> Account:
    person, _ = ids(here.midwife)
    return accounts.create_account(
        session, person_id=person, login=" Vera@Bron.example ", password=PASSWORD, by=OPERATOR, at=clock(), cost=CHEAP
    )


def check(session, clock, password=PASSWORD, login="vera@bron.example"):
    return accounts.check_password(session, login=login, password=password, at=clock(), cost=CHEAP)


def open_session(session, clock, here, account) -> str:
    return accounts.sign_in(session, account, assignment_id=ids(here.midwife)[1], at=clock())


def test_the_right_password_gives_the_account_whatever_the_case_of_the_login(session, clock, account):
    assert check(session, clock, login="VERA@bron.EXAMPLE ") is account
    assert PASSWORD not in account.password_hash


@pytest.mark.parametrize("password", ["verkeerd", "", PASSWORD + "x" * 2000, "\ud800", "\x00"])
def test_a_wrong_password_is_refused(session, clock, account, password):
    with pytest.raises(LoginRefused):
        check(session, clock, password=password)


@pytest.mark.parametrize("login", ["niemand@bron.example", "", "\x00", "\ud800", "a" * 5000])
def test_an_unknown_login_is_refused_in_the_same_words(session, clock, account, login):
    with pytest.raises(LoginRefused) as wrong:
        check(session, clock, password="verkeerd")
    with pytest.raises(LoginRefused) as unknown:
        check(session, clock, login=login)

    assert str(unknown.value) == str(wrong.value)
    assert unknown.value.detail == wrong.value.detail


def test_an_unknown_login_costs_the_same_hash(session, clock, account, monkeypatch):
    from argon2 import PasswordHasher

    verified = []
    real = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda *call: verified.append(1) or real(*call))

    for login in ("vera@bron.example", "niemand@bron.example"):
        with pytest.raises(LoginRefused):
            check(session, clock, login=login, password="verkeerd")

    assert len(verified) == 2


def test_too_many_wrong_passwords_lock_the_account_for_a_while(session, clock, account):
    for _ in range(8):
        with pytest.raises(LoginRefused):
            check(session, clock, password="verkeerd")

    with pytest.raises(LoginRefused) as locked:
        check(session, clock)
    assert str(locked.value) == "login refused"
    clock.forward(minutes=15)
    assert check(session, clock) is account
    assert account.failed_count == 0


def test_guessing_while_locked_does_not_keep_the_owner_out_longer(session, clock, account):
    for _ in range(8):
        with pytest.raises(LoginRefused):
            check(session, clock, password="verkeerd")
    clock.forward(minutes=14)
    for _ in range(20):
        with pytest.raises(LoginRefused):
            check(session, clock, password="verkeerd")

    clock.forward(minutes=1)
    assert check(session, clock) is account


def test_a_closed_account_logs_nobody_in(session, clock, here, account):
    secret = open_session(session, clock, here, account)
    accounts.deactivate_account(session, account.id, by=OPERATOR, at=clock())

    with pytest.raises(LoginRefused):
        check(session, clock)
    assert accounts.actor_of_sign_in(session, secret, at=clock()) is None
    with pytest.raises(WrongState):
        accounts.deactivate_account(session, account.id, by=OPERATOR, at=clock())


def test_an_account_is_refused_with_everything_that_is_wrong(session, clock, here, account):
    person, _ = ids(here.nurse)

    with pytest.raises(Invalid) as refused:
        accounts.create_account(
            session, person_id=person, login="vera@bron.example", password="kort", by=OPERATOR, at=clock(), cost=CHEAP
        )

    assert set(refused.value.errors) == {"login", "password"}


def test_only_an_administrator_or_the_operator_makes_accounts(session, clock, here):
    person, _ = ids(here.nurse)
    for by in (here.midwife, here.coordinator, WORKER):
        with pytest.raises(NotAllowed):
            accounts.create_account(
                session, person_id=person, login="jet", password=PASSWORD, by=by, at=clock(), cost=CHEAP
            )
    assert accounts.create_account(
        session, person_id=person, login="jet", password=PASSWORD, by=here.administrator, at=clock(), cost=CHEAP
    )


def test_a_session_is_exactly_one_role(session, clock, here, account):
    secret = open_session(session, clock, here, account)

    found = accounts.actor_of_sign_in(session, secret, at=clock())

    assert found is not None
    assert replace(found, access_point=None) == here.midwife


def test_only_a_hash_of_a_secret_is_kept(session, clock, here, account):
    secret = open_session(session, clock, here, account)
    token = accounts.make_token(
        session, assignment_id=ids(here.midwife)[1], label="koppeling", expires_at=clock() + timedelta(days=1),
        by=OPERATOR, at=clock(),
    ).secret  # fmt: skip

    kept = [*session.scalars(select(SignIn.token_hash)), *session.scalars(select(AccessToken.token_hash))]
    assert len(kept) == 2
    assert all(secret.encode() not in one and token.encode() not in one for one in kept)


def test_a_session_of_somebody_elses_role_is_refused(session, clock, here, account):
    with pytest.raises(LoginRefused):
        accounts.sign_in(session, account, assignment_id=ids(here.nurse)[1], at=clock())


@pytest.mark.parametrize("secret", ["", "x", "\x00", "\ud800", "é" * 100])
def test_an_unknown_secret_is_nobody(session, clock, account, secret):
    assert accounts.actor_of_sign_in(session, secret, at=clock()) is None
    assert accounts.actor_of_token(session, secret, at=clock()) is None


def test_a_session_ends_when_idle_and_in_any_case_after_twelve_hours(session, clock, here, account):
    idle = open_session(session, clock, here, account)
    busy = open_session(session, clock, here, account)
    clock.forward(minutes=29)
    assert accounts.actor_of_sign_in(session, busy, at=clock())
    clock.forward(minutes=1)
    assert accounts.actor_of_sign_in(session, idle, at=clock()) is None

    for _ in range(23):
        assert accounts.actor_of_sign_in(session, busy, at=clock())
        clock.forward(minutes=29)
    clock.forward(minutes=24)
    assert accounts.actor_of_sign_in(session, busy, at=clock()) is None


def test_the_limits_are_settings(session, clock, here, account):
    settings.put(session, "session.idle_minutes", 5, valid_from=clock().date(), source="test", by=OPERATOR, at=clock())
    secret = open_session(session, clock, here, account)
    clock.forward(minutes=5)

    assert accounts.actor_of_sign_in(session, secret, at=clock()) is None


def test_being_seen_is_written_at_most_once_a_minute(session, clock, here, account):
    secret = open_session(session, clock, here, account)
    session.flush()
    written = []
    event.listen(
        session.get_bind().engine,
        "before_cursor_execute",
        lambda *call: written.append(1) if call[2].startswith("UPDATE sign_ins") else None,
    )
    for _ in range(12):
        clock.forward(seconds=10)
        assert accounts.actor_of_sign_in(session, secret, at=clock())
        session.flush()

    assert len(written) == 2


def test_a_transaction_that_only_reads_says_that_a_touch_is_due(session, clock, here, account):
    secret = open_session(session, clock, here, account)
    session.flush()
    session.info["writes"] = False
    clock.forward(minutes=20)

    assert accounts.actor_of_sign_in(session, secret, at=clock())
    due = accounts.to_touch(session)
    assert due is not None
    assert not session.dirty

    accounts.touch(session, due, at=clock())
    clock.forward(minutes=20)
    assert accounts.actor_of_sign_in(session, secret, at=clock())


@pytest.mark.parametrize("how", ["person", "person_only", "assignment", "organisation", "account", "sign_out"])
def test_a_right_that_ends_ends_the_session_at_the_next_request(session, clock, here, account, how):
    secret = open_session(session, clock, here, account)
    token = accounts.make_token(
        session, assignment_id=ids(here.midwife)[1], label="koppeling", expires_at=clock() + timedelta(days=9),
        by=here.midwife, at=clock(),
    ).secret  # fmt: skip
    person, assignment = ids(here.midwife)

    match how:
        case "person":
            organisations.deactivate_person(session, person, by=OPERATOR, at=clock())
        case "person_only":  # the roles were left standing, e.g. by hand in the database
            organisations.person(session, person).active = False
            session.flush()
        case "assignment":
            organisations.end_assignment(session, assignment, by=OPERATOR, at=clock())
        case "organisation":
            organisations.deactivate_organisation(session, here.practice.id, by=OPERATOR, at=clock())
        case "account":
            accounts.issue_activation(session, account.id, by=OPERATOR, at=clock(), cost=CHEAP)
        case "sign_out":
            accounts.sign_out(session, secret, at=clock())

    assert accounts.actor_of_sign_in(session, secret, at=clock()) is None
    if how in ("person", "person_only", "assignment", "organisation"):
        assert accounts.actor_of_token(session, token, at=clock()) is None


def test_a_role_that_runs_out_ends_the_session_on_the_next_day(session, clock, here, account):
    person, _ = ids(here.midwife)
    today = clock().date()
    short = organisations.assign_role(
        session, person_id=person, organisation_id=here.practice.id, role=Role.SIGNALLER,
        valid_from=today, valid_to=today, by=OPERATOR, at=clock(),
    )  # fmt: skip
    clock.forward(hours=14, minutes=20)  # ten to midnight in Amsterdam
    secret = accounts.sign_in(session, account, assignment_id=short.id, at=clock())
    assert accounts.actor_of_sign_in(session, secret, at=clock())

    clock.forward(minutes=15)
    assert accounts.actor_of_sign_in(session, secret, at=clock()) is None


def test_switching_goes_to_another_role_of_the_same_person_and_adds_no_time(session, clock, here, account):
    person, _ = ids(here.midwife)
    second = organisations.assign_role(
        session, person_id=person, organisation_id=here.practice.id, role=Role.PROTECTION_OFFICER,
        valid_from=clock().date(), by=OPERATOR, at=clock(),
    )  # fmt: skip
    secret = open_session(session, clock, here, account)

    with pytest.raises(LoginRefused):
        accounts.switch_assignment(session, secret, assignment_id=ids(here.nurse)[1], at=clock())
    after = accounts.switch_assignment(session, secret, assignment_id=second.id, at=clock())

    assert after.role == "protection_officer"
    assert accounts.actor_of_sign_in(session, secret, at=clock()) == after
    clock.forward(minutes=31)
    assert accounts.actor_of_sign_in(session, secret, at=clock()) is None


def test_a_token_acts_as_its_role_until_it_expires_or_is_revoked(session, clock, here):
    _, assignment = ids(here.nurse)
    secret = accounts.make_token(
        session,
        assignment_id=assignment,
        label="EPD",
        expires_at=clock() + timedelta(hours=1),
        by=here.nurse,
        at=clock(),
    ).secret
    other = accounts.make_token(
        session,
        assignment_id=assignment,
        label="EPD",
        expires_at=clock() + timedelta(hours=9),
        by=here.nurse,
        at=clock(),
    ).secret
    found = accounts.actor_of_token(session, secret, at=clock())
    assert found is not None
    assert replace(found, access_point=None) == here.nurse

    clock.forward(hours=1)
    assert accounts.actor_of_token(session, secret, at=clock()) is None
    token = session.scalars(select(AccessToken).where(AccessToken.expires_at > clock())).one()
    with pytest.raises(NotFound):
        accounts.revoke_token(session, token.id, by=here.midwife, at=clock())
    accounts.revoke_token(session, token.id, by=here.nurse, at=clock())
    assert accounts.actor_of_token(session, other, at=clock()) is None
    with pytest.raises(WrongState):
        accounts.revoke_token(session, token.id, by=here.nurse, at=clock())


def test_nobody_makes_a_token_for_somebody_elses_role(session, clock, here):
    for other in (here.midwife, here.administrator):
        with pytest.raises(NotFound):
            accounts.make_token(
                session, assignment_id=ids(here.nurse)[1], label="x", expires_at=clock() + timedelta(hours=1),
                by=other, at=clock(),
            )  # fmt: skip


def test_a_token_needs_a_purpose_and_a_future(session, clock, here):
    with pytest.raises(Invalid) as refused:
        accounts.make_token(
            session, assignment_id=ids(here.nurse)[1], label=" ", expires_at=clock(), by=here.nurse, at=clock()
        )

    assert set(refused.value.errors) == {"label", "expires_at"}
    with pytest.raises(Invalid) as refused:
        accounts.make_token(
            session, assignment_id=ids(here.nurse)[1], label="x", expires_at=clock() + timedelta(days=367),
            networks=["10.0.0.0/8", "ergens"], by=here.nurse, at=clock(),
        )  # fmt: skip
    assert set(refused.value.errors) == {"networks", "expires_at"}


@pytest.mark.parametrize(
    ("address", "opens"),
    [("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("2001:db8::7", True), ("11.0.0.1", False), ("x", False), (None, False)],
)  # fmt: skip
def test_a_token_can_be_worth_something_from_some_networks_only(session, clock, here, address, opens):
    secret = accounts.make_token(
        session, assignment_id=ids(here.nurse)[1], label="x", expires_at=clock() + timedelta(days=1),
        networks=["10.1.2.3/8", "2001:db8::/32"], by=here.nurse, at=clock(),
    ).secret  # fmt: skip

    assert (accounts.actor_of_token(session, secret, address=address, at=clock()) is not None) is opens


def test_an_actor_of_a_limited_area_keeps_it(session, clock, here):
    limited = actor(session, "Gijs Verpleegkundige", here.youth_health, Role.EXPLORER, areas=("GM0983",), at=clock())
    secret = accounts.make_token(
        session,
        assignment_id=ids(limited)[1],
        label="x",
        expires_at=clock() + timedelta(hours=1),
        by=limited,
        at=clock(),
    ).secret

    found = accounts.actor_of_token(session, secret, at=clock())
    assert found is not None
    assert found.municipalities == {"GM0983"}
