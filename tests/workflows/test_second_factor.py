"""A second factor counts once it was shown, is asked from then on, and each code of it opens once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.builders import CHEAP, PASSWORD, ids, region
from workflows import accounts, organisations, settings
from workflows.accounts import rules
from workflows.accounts.model import LoginThrottle, RecoveryCode, SecondFactor, SignIn
from workflows.accounts.service import hashed
from workflows.actor import OPERATOR, WORKER, Actor
from workflows.errors import Invalid, LoginRefused, NotAllowed, NotFound, WrongState
from workflows.logbook import LoggedChange
from workflows.organisations import Role

LOGIN = "loes@bron.example"


class Owner:
    """The log manager with an account, a browser and an authenticator app."""

    def __init__(self, session, clock, here):
        self.session, self.clock, self.here = session, clock, here
        self.person, self.assignment = ids(here.log_manager)
        self.account = accounts.create_account(
            session, person_id=self.person, login=LOGIN, password=PASSWORD, by=OPERATOR, at=clock(), cost=CHEAP
        )
        self.secret = ""

    def enter(self, **options) -> str:
        return accounts.sign_in(self.session, self.account, assignment_id=self.assignment, at=self.clock(), **options)

    def actor(self, cookie: str) -> Actor | None:
        return accounts.actor_of_sign_in(self.session, cookie, at=self.clock())

    def code(self, ahead: int = 0) -> str:
        return rules.code_of(self.secret, rules.step_of(self.clock()) + ahead)

    def confirm(self, cookie: str, code: str) -> str:
        return accounts.confirm_sign_in(self.session, cookie, code=code, at=self.clock())

    def begin(self, by: Actor) -> None:
        self.secret = accounts.begin_second_factor(self.session, self.account.id, by=by, at=self.clock())

    def enrol(self, cookie: str, ahead: int = 0) -> accounts.Enrolled:
        by = self.actor(cookie)
        assert by is not None
        self.begin(by)
        return accounts.confirm_second_factor(
            self.session, self.account.id, code=self.code(ahead), sign_in_secret=cookie, by=by, at=self.clock()
        )  # fmt: skip

    def wrong_password(self) -> None:
        with pytest.raises(LoginRefused):
            self.password("verkeerd")

    def password(self, password: str = PASSWORD) -> None:
        accounts.check_password(self.session, login=LOGIN, password=password, at=self.clock(), cost=CHEAP)


@pytest.fixture
def owner(session, clock):
    return Owner(session, clock, region(session, clock()))


# --- pure


def test_codes_are_those_of_the_standard():
    """RFC 6238, appendix B: SHA-1, the last six of its eight digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in (
        (1111111111, "050471"),
        (1111111109, "081804"),
        (1234567890, "005924"),
        (20000000000, "353130"),
    ):
        at = datetime.fromtimestamp(seconds, UTC)
        step = rules.step_of(at)
        assert rules.code_of(secret, step) == code
        assert rules.matching_step(secret, code, at=at, after=0) == step
        assert rules.matching_step(secret, code, at=at, after=step) is None
        for away, taken in ((-60, False), (-30, True), (30, True), (60, False)):
            found = rules.matching_step(secret, code, at=at + timedelta(seconds=away), after=0)
            assert (found == step) is taken, away


@pytest.mark.parametrize("code", ["", "12345", "1234567", "\ud800", "１２３４５６", "x" * 9999])
def test_what_is_no_code_matches_nothing(code):
    at = datetime(2026, 11, 3, tzinfo=UTC)
    assert rules.matching_step(rules.new_secret(), rules.normal_code(code), at=at, after=0) is None
    assert len(rules.hashed_code(code)) == 32


def test_the_roles_that_need_one_are_those_that_see_whole_logbooks_or_hand_out_access():
    assert {"log_manager", "dpo", "administrator", "local_administrator"} == accounts.SECOND_FACTOR_ROLES
    for role in Role:
        by = Actor(None, None, None, role)
        assert not accounts.needs_second_factor(by)  # nobody's: the command line and the worker
    assert not accounts.needs_second_factor(WORKER)


@pytest.mark.parametrize(
    ("password", "stands"),
    [
        ("een lang maar verzonnen wachtwoord", True),
        ("paard nietje batterij wolk", True),
        ("", False),
        ("\ud800\x00", False),
        ("ü" * 400, False),
        ("123456789123", False),
        ("1qaz2wsx3edc4rfv", False),
        ("aaaaaaaaaaaaaaaa", False),
        ("VenloVenloVenlo", False),
        ("steun-op-maat", False),
        ("Verl0skundige", False),
        ("vera.verloskundige", False),
        ("wachtwoord2026", False),
    ],
)
def test_a_password_that_is_tried_early_is_easy(password, stands):
    assert (rules.guesses(password, ("vera@bron.example", "Vera Verloskundige")) >= 8) is stands


# --- the room


def test_a_second_factor_counts_once_a_code_of_it_was_given(session, owner, clock):
    first, other = owner.enter(), owner.enter()
    by = owner.actor(first)
    assert by is not None
    assert not by.second_factor
    assert accounts.needs_second_factor(by)

    owner.begin(by)
    assert accounts.begun_secret(session, owner.account.id, by=by, at=clock()) == owner.secret
    assert not accounts.is_enrolled(session, owner.account.id)
    with pytest.raises(Invalid):
        accounts.confirm_second_factor(session, owner.account.id, code="000000", by=by, at=clock())
    done = owner.enrol(first)

    kept = session.scalars(select(SecondFactor.sealed_secret).where(SecondFactor.ended_at.is_(None))).all()
    assert len(kept) == 1
    assert kept[0] is not None
    assert owner.secret.encode() not in kept[0]
    assert owner.actor(first) is None, "the secret of the session changed"
    assert owner.actor(other) is None, "other sessions end"
    assert done.secret is not None
    after = owner.actor(done.secret)
    assert after is not None
    assert after.second_factor
    assert not accounts.needs_second_factor(after)
    assert after.access_point == by.access_point
    stands = accounts.standing(session, done.secret, at=clock())
    assert stands is not None
    assert (stands.enrolled, stands.confirmed, stands.recovery_left) == (True, True, len(done.recovery_codes))


def test_from_then_on_the_password_is_half_of_the_way_and_a_code_is_taken_once(session, owner, clock):
    paper = owner.enrol(owner.enter()).recovery_codes
    clock.forward(minutes=5)
    half = owner.enter()
    assert owner.actor(half) is None
    assert accounts.standing(session, half, at=clock()) is not None
    used = owner.code()

    whole = owner.confirm(half, used)

    assert owner.actor(half) is None
    assert owner.actor(whole) is not None
    again = owner.enter()
    for code in (used, owner.code(-1), "000000", "", paper[0][:-1]):
        with pytest.raises(LoginRefused):
            owner.confirm(again, code)
    clock.forward(minutes=1)
    third = owner.confirm(again, f" {paper[0].upper()} ")
    assert session.scalars(select(SignIn.factor).where(SignIn.token_hash == hashed(third))).one() == ("recovery_code")
    with pytest.raises(LoginRefused):
        owner.confirm(owner.enter(), paper[0])
    assert session.scalars(select(RecoveryCode).where(RecoveryCode.used_at.is_not(None))).one()


def test_half_way_lasts_minutes_and_a_session_that_goes_on_can_be_confirmed_later(session, owner, clock):
    before = owner.enter()
    owner.begin(OPERATOR)
    accounts.confirm_second_factor(session, owner.account.id, code=owner.code(-1), by=OPERATOR, at=clock())
    assert owner.actor(before) is None
    half = owner.enter()
    clock.forward(minutes=10)
    with pytest.raises(LoginRefused):
        owner.confirm(half, owner.code())

    trusted = owner.enter(factor=accounts.Factor.PROVIDER)  # e.g. whoever let the person in vouches for it
    by = owner.actor(trusted)
    assert by is not None
    assert by.second_factor
    stepped = owner.confirm(trusted, owner.code())
    assert owner.actor(trusted) is None
    assert owner.actor(stepped) == by


def test_wrong_codes_lock_with_wrong_passwords_and_a_known_password_does_not_wipe_them(session, owner, clock):
    owner.enrol(owner.enter())
    clock.forward(minutes=1)
    half = owner.enter()
    said = set()
    for turn in range(8):
        owner.password()
        with pytest.raises(LoginRefused) as refused:
            owner.confirm(half, f"00000{turn}")
        said.add((str(refused.value), refused.value.detail))
    clock.forward(minutes=1)
    with pytest.raises(LoginRefused) as locked:
        owner.confirm(half, owner.code())
    said.add((str(locked.value), locked.value.detail))
    assert len(said) == 1
    with pytest.raises(LoginRefused):
        owner.password()

    clock.forward(minutes=15)
    half = owner.enter()
    owner.wrong_password()
    owner.confirm(half, owner.code())
    assert owner.account.failed_count == 0


def test_only_who_was_confirmed_changes_it_and_a_role_that_asks_for_it_keeps_it(session, owner, clock):
    done = owner.enrol(owner.enter(), -1)
    by = owner.actor(done.secret)
    assert by is not None
    unconfirmed = replace(by, second_factor=False)
    with pytest.raises(NotAllowed):
        accounts.begin_second_factor(session, owner.account.id, by=unconfirmed, at=clock())
    with pytest.raises(NotAllowed):
        accounts.renew_recovery_codes(session, owner.account.id, by=unconfirmed, at=clock())
    with pytest.raises(NotAllowed):
        accounts.remove_second_factor(session, owner.account.id, by=by, at=clock())
    with pytest.raises(NotFound):
        accounts.begin_second_factor(session, owner.account.id, by=owner.here.administrator, at=clock())
    with pytest.raises(NotAllowed):
        accounts.reset_second_factor(session, owner.account.id, by=by, at=clock())

    new = accounts.renew_recovery_codes(session, owner.account.id, by=by, at=clock())
    assert not {*new} & {*done.recovery_codes}
    replaced = owner.enrol(done.secret)
    assert replaced.secret is not None
    organisations.end_assignment(session, owner.assignment, by=OPERATOR, at=clock())
    person = replace(by, role="signaller")
    accounts.remove_second_factor(session, owner.account.id, by=person, at=clock())
    assert not accounts.is_enrolled(session, owner.account.id)
    assert session.scalars(select(SecondFactor.sealed_secret)).all() == [None] * 2
    with pytest.raises(WrongState):
        accounts.reset_second_factor(session, owner.account.id, by=owner.here.administrator, at=clock())


def test_who_lost_everything_is_helped_by_an_administrator_and_begins_anew(session, owner, clock):
    done = owner.enrol(owner.enter())
    accounts.reset_second_factor(session, owner.account.id, by=owner.here.administrator, at=clock())

    assert owner.actor(done.secret) is None
    by = owner.actor(owner.enter())
    assert by is not None
    assert accounts.needs_second_factor(by)


def test_a_token_counts_as_confirmed_only_when_somebody_confirmed_says_so(session, owner, clock):
    def issue(by: Actor, **options) -> str:
        return accounts.make_token(
            session, assignment_id=owner.assignment, label="x", expires_at=clock() + timedelta(hours=1), by=by,
            at=clock(), **options,
        ).secret  # fmt: skip

    plain = accounts.actor_of_token(session, issue(OPERATOR), at=clock())
    vouched = accounts.actor_of_token(session, issue(OPERATOR, second_factor=True), at=clock())
    assert plain is not None
    assert vouched is not None
    assert (plain.second_factor, vouched.second_factor) == (False, True)
    assert plain.access_point != vouched.access_point
    with pytest.raises(NotAllowed):
        issue(owner.here.log_manager, second_factor=True)


# --- sessions


def test_sessions_are_listed_and_ended_by_their_owner_or_an_administrator(session, owner, clock):
    here = owner.enter(device="Firefox op Windows")
    by = owner.actor(here)
    assert by is not None
    owner.enter(device="Safari op iPhone")
    clock.forward(minutes=20)
    owner.enter(device=None)
    clock.forward(minutes=5)
    assert owner.actor(here)
    session.flush()

    listed = accounts.sessions_of(session, owner.person, by=by, at=clock())
    assert [one.device for one in listed] == ["Firefox op Windows", None, "Safari op iPhone"]
    assert [one.here for one in listed] == [True, False, False]
    assert {one.role for one in listed} == {"log_manager"}
    for stranger in (owner.here.midwife, owner.here.coordinator):
        with pytest.raises(NotFound):
            accounts.sessions_of(session, owner.person, by=stranger, at=clock())
        with pytest.raises(NotFound):
            accounts.end_session(session, listed[1].id, by=stranger, at=clock())
        with pytest.raises(NotFound):
            accounts.end_sessions(session, owner.person, by=stranger, at=clock())
        with pytest.raises(NotFound):
            accounts.tokens_of(session, owner.person, by=stranger, at=clock())

    accounts.end_session(session, listed[2].id, by=by, at=clock())
    with pytest.raises(WrongState):
        accounts.end_session(session, listed[2].id, by=by, at=clock())
    assert accounts.end_sessions(session, owner.person, by=by, at=clock()) == 1
    assert owner.actor(here) is not None
    assert accounts.end_sessions(session, owner.person, by=owner.here.administrator, at=clock()) == 1
    assert owner.actor(here) is None
    assert accounts.sessions_of(session, owner.person, by=owner.here.administrator, at=clock()) == []


def test_a_session_that_ended_by_itself_is_not_listed(session, owner, clock):
    owner.enter()
    clock.forward(minutes=30)
    assert accounts.sessions_of(session, owner.person, by=owner.here.log_manager, at=clock()) == []


def test_a_new_password_asks_the_old_one_and_ends_the_other_sessions(session, owner, clock):
    here, other = owner.enter(), owner.enter()
    by = owner.actor(here)
    assert by is not None

    def change(old: str, new: str) -> str:
        return accounts.change_password(session, here, old=old, new=new, by=by, at=clock(), cost=CHEAP)

    with pytest.raises(LoginRefused):
        change("verkeerd", "een heel ander wachtwoord")
    assert owner.account.failed_count == 1
    for new in ("kort", PASSWORD, "Steun0pM@@t2026", "loes.logbeheerder", "qwertyuiop1234", "maandagmaandag"):
        with pytest.raises(Invalid):
            change(PASSWORD, new)
    renewed = change(PASSWORD, "een heel ander wachtwoord")

    assert owner.actor(here) is None
    assert owner.actor(other) is None
    assert owner.actor(renewed) is not None
    owner.password("een heel ander wachtwoord")


def test_an_account_that_closes_takes_sessions_and_tokens_along(session, owner, clock):
    cookie = owner.enter()
    token = accounts.make_token(
        session, assignment_id=owner.assignment, label="x", expires_at=clock() + timedelta(days=1), by=OPERATOR,
        at=clock(),
    ).secret  # fmt: skip
    accounts.deactivate_account(session, owner.account.id, by=OPERATOR, at=clock())

    assert owner.actor(cookie) is None
    assert accounts.actor_of_token(session, token, at=clock()) is None


# --- from one address


def test_an_address_that_fails_too_often_waits_for_seconds_and_is_forgotten_when_it_stops(session, owner, clock):
    for name, value in (("login.address_attempts", 10), ("login.address_seconds", 10)):
        settings.put(session, name, value, valid_from=clock().date(), source="test", by=OPERATOR, at=clock())
    here, elsewhere = b"a" * 32, b"b" * 32
    for _ in range(10):
        assert accounts.wait_for(session, here, at=clock()) == timedelta(0)
        accounts.note_failure(session, here, at=clock())

    assert accounts.wait_for(session, here, at=clock()) == timedelta(seconds=10)
    assert accounts.wait_for(session, elsewhere, at=clock()) == timedelta(0)
    clock.forward(seconds=10)
    assert accounts.wait_for(session, here, at=clock()) == timedelta(0)
    accounts.note_failure(session, here, at=clock())
    assert accounts.wait_for(session, here, at=clock()) == timedelta(seconds=10)

    clock.forward(minutes=3)
    accounts.note_failure(session, elsewhere, at=clock())
    known = session.scalars(select(LoginThrottle.key)).all()
    assert (here in known, elsewhere in known) == (False, True)


def test_every_way_in_and_every_refusal_is_written_down(session, owner, clock):
    owner.enrol(owner.enter())
    clock.forward(minutes=1)
    owner.wrong_password()
    half = owner.enter()
    with pytest.raises(LoginRefused):
        owner.confirm(half, "000000")
    owner.confirm(half, owner.code())
    with pytest.raises(LoginRefused):
        accounts.check_password(session, login="niemand", password="x", at=clock(), cost=CHEAP)
    session.flush()

    written = [
        (line.event, line.outcome, line.details.get("factor"))
        for line in session.scalars(select(LoggedChange).order_by(LoggedChange.id))
        if line.event.split(".")[0] in ("sign_in", "second_factor", "login")
    ]
    assert written == [
        ("sign_in.opened", "success", None),
        ("second_factor.begun", "success", None),
        ("second_factor.confirmed", "success", None),
        ("login.refused", "refused", None),
        ("sign_in.opened", "success", None),
        ("second_factor.refused", "refused", None),
        ("sign_in.confirmed", "success", "totp"),
        ("login.refused", "refused", None),
    ]
