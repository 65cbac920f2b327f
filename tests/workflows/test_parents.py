"""Parents who log in: who may, what the paper opens, and how it ends."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from tests import builders
from tests.builders import CHEAP, PASSWORD
from workflows import accounts, cases, families, method, organisations, parents
from workflows.accounts import Account, RecoveryCode, SecondFactor, SignIn
from workflows.actor import OPERATOR, WORKER, Actor
from workflows.consent import Consent
from workflows.errors import Invalid, LoginRefused, NotAllowed, NotFound, WrongState
from workflows.families import MemberKind
from workflows.method import facts
from workflows.organisations import Person, PersonKind
from workflows.parents import ParentLink
from workflows.rights.destroying import destroy, reach_of_person


@pytest.fixture
def region(session, clock):
    return builders.region(session, clock())


@pytest.fixture
def case(session, region, clock):
    return builders.case(session, region.midwife, clock())


def invite(session, region, case, member, at, **changes):
    given = {"identity_check": "known", "case_id": case.id, "by": region.midwife, "at": at, "cost": CHEAP}
    return parents.invite(session, member, **{**given, **changes})


def test_the_paper_opens_one_account_once_and_the_parent_is_found_anew_each_time(session, region, case, clock):
    mother = builders.parent(session, case)
    made = invite(session, region, case, mother, clock())
    wrong = {"login": made.login, "password": PASSWORD, "kind": PersonKind.PARENT, "cost": CHEAP}

    with pytest.raises(LoginRefused):
        accounts.activate(session, code="aaaa-bbbb-cccc-dddd", at=clock(), **wrong)
    with pytest.raises(LoginRefused):  # at the other door it is not there
        accounts.activate(session, code=made.code, at=clock(), **{**wrong, "kind": PersonKind.PROFESSIONAL})
    account = accounts.activate(session, code=made.code.upper().replace("-", " "), at=clock(), **wrong)
    with pytest.raises(LoginRefused):
        accounts.activate(session, code=made.code, at=clock(), **wrong)
    with pytest.raises(LoginRefused):
        accounts.check_password(session, login=made.login, password=PASSWORD, at=clock(), cost=CHEAP)

    secret = accounts.sign_in_parent(session, account, at=clock())
    actor = parents.actor_of_sign_in(session, secret, at=clock())
    assert (actor.role, actor.organisation_id, actor.assignment_id, actor.second_factor) == (
        "parent",
        None,
        None,
        False,
    )
    assert parents.member_of(session, actor, at=clock()) is mother
    assert accounts.actor_of_sign_in(session, secret, at=clock()) is None
    assert method.own_family(session, by=actor, at=clock()).cases == (case.id,)
    with pytest.raises(NotAllowed):
        method.case_view(session, case.id, by=actor, at=clock())

    parents.end_link(session, made.link, "parent_asked", case_id=case.id, by=region.midwife, at=clock())
    assert parents.actor_of_sign_in(session, secret, at=clock()) is None
    with pytest.raises(NotFound):
        parents.member_of(session, actor, at=clock())
    with pytest.raises(NotFound):
        method.own_family(session, by=actor, at=clock())
    with pytest.raises(WrongState):
        parents.end_link(session, made.link, "parent_asked", case_id=case.id, by=region.midwife, at=clock())
    assert invite(session, region, case, mother, clock()).login != made.login


def test_one_family_and_no_other(session, region, case, clock):
    own = builders.parent_login(session, region.midwife, builders.parent(session, case), clock())
    other = builders.case(session, region.other_midwife, clock())

    assert facts.find_own_case(session, case.id, by=own.actor, at=clock())[0] is case
    for by in (own.actor, replace(own.actor, role="other_parent"), replace(own.actor, role="explorer")):
        with pytest.raises(NotFound):
            facts.find_own_case(session, other.id, by=by, at=clock())


def _partner(session, region, case, at, involved="yes", **known):
    families.set_partner_involved(session, case.family_id, involved, by=region.midwife, at=at)
    known = {"kind": MemberKind.PARTNER, "name": "Daan Voorbeeld", "birth_date": date(1995, 1, 1), **known}
    return families.add_member(session, case.family_id, by=region.midwife, at=at, **known)


def test_who_may_have_a_login_follows_from_kind_age_authority_and_who_may_know(session, region, case, clock):
    mother, at = builders.parent(session, case), clock()
    partner = _partner(session, region, case, at, "unknown")
    families.add_member(session, case.family_id, kind="household", name="Oma", by=region.midwife, at=at)

    def may():
        return parents.who_may_be_invited(session, case.family_id, at=at)

    assert may() == [mother]
    for involved, expected in (("yes", [mother, partner]), ("no", [mother]), ("do_not_inform", [mother])):
        families.set_partner_involved(session, case.family_id, involved, by=region.midwife, at=at)
        assert may() == expected, involved
    families.set_partner_involved(session, case.family_id, "yes", by=region.midwife, at=at)

    child = families.add_member(
        session, case.family_id, kind="child", name="Kind", birth_date=date(2026, 10, 1), by=region.midwife, at=at
    )
    sister = families.add_member(
        session, case.family_id, kind="child", name="Zus", birth_date=date(2009, 10, 1), by=region.midwife, at=at
    )
    assert may() == [mother], "a partner decides for no child yet, and a child of seventeen has no page"
    decides = {"kind": "parental_authority", "checked": "official_document", "by": region.midwife, "at": at}
    for one in (partner, mother):
        families.record_authority(
            session, case.family_id, child_id=child.id, member_id=one.id, from_on=date(2026, 10, 1), **decides
        )
    assert may() == [mother, partner]
    for one in families.authorities(session, case.family_id):
        one.until_on = date(2026, 11, 2)
    assert may() == [], "what they had has ended"
    families.record_authority(session, case.family_id, child_id=sister.id, member_id=mother.id, **decides)
    assert may() == [mother]
    families.change_member(session, mother.id, birth_date=date(2011, 5, 17), by=region.midwife, at=at)
    assert may() == [mother], "a mother of fifteen reads her own story"
    families.change_member(session, mother.id, birth_date=date(2015, 5, 17), by=region.midwife, at=at)
    assert may() == []


def test_who_may_not_know_any_more_is_nobody_at_the_next_request(session, region, case, clock):
    partner = _partner(session, region, case, clock())
    father = builders.parent_login(session, region.midwife, partner, clock())
    account = accounts.parent_account(session, father.actor.person_id)
    secret = accounts.sign_in_parent(session, account, at=clock())
    assert parents.actor_of_sign_in(session, secret, at=clock()) is None, "it waits for a code"
    secret = accounts.confirm_sign_in(session, secret, code=father.code(clock()), kind=PersonKind.PARENT, at=clock())
    assert parents.actor_of_sign_in(session, secret, at=clock()).role == "other_parent"

    families.set_partner_involved(session, case.family_id, "do_not_inform", by=region.midwife, at=clock())

    assert parents.actor_of_sign_in(session, secret, at=clock()) is None
    assert parents.standing(session, secret, at=clock()) is None
    with pytest.raises(LoginRefused):
        parents.actor_of_account(session, account, at=clock())


def test_a_new_paper_makes_everything_before_it_worthless(session, region, case, clock):
    login = builders.parent_login(session, region.midwife, builders.parent(session, case), clock())
    account = accounts.parent_account(session, login.actor.person_id)
    secret = accounts.sign_in_parent(session, account, at=clock())

    made = parents.renew(
        session, login.link, identity_check="document", case_id=case.id, by=region.midwife, at=clock(), cost=CHEAP
    )

    assert made.login == login.login
    assert parents.standing(session, secret, at=clock()) is None
    assert not accounts.is_enrolled(session, account.id)
    with pytest.raises(LoginRefused):
        accounts.check_password(
            session, login=login.login, password=PASSWORD, kind=PersonKind.PARENT, at=clock(), cost=CHEAP
        )
    clock.forward(days=15)
    with pytest.raises(LoginRefused):
        accounts.activate(
            session, login=made.login, code=made.code, password=PASSWORD, kind=PersonKind.PARENT, at=clock(), cost=CHEAP
        )


def test_the_paper_goes_by_hand_unless_a_letter_is_safe(session, region, case, clock):
    mother = builders.parent(session, case)
    for changes in (
        {"delivery": "post"},
        {"delivery": "mail"},
        {"identity_check": ""},
        {"identity_check": "called_back"},
    ):
        with pytest.raises(Invalid):
            invite(session, region, case, mother, clock(), **changes)
    mother.safe_contact = "letter"
    invite(session, region, case, mother, clock(), delivery="post", identity_check="called_back")
    with pytest.raises(WrongState):
        invite(session, region, case, mother, clock())


def test_a_parent_is_nobody_among_the_people_who_work_here(session, region, case, clock):
    login = builders.parent_login(session, region.midwife, builders.parent(session, case), clock())
    them, admin, at = login.actor.person_id, region.administrator, clock()
    account = accounts.parent_account(session, them)

    for refused in (
        lambda: organisations.professional(session, them),
        lambda: organisations.assign_role(
            session, person_id=them, organisation_id=region.practice.id, role="signaller", valid_from=at.date(),
            by=OPERATOR, at=at,
        ),
        lambda: method.deactivate_person(session, them, by=admin, at=at),
        lambda: accounts.account_of(session, login.login, by=admin, at=at),
        lambda: accounts.issue_activation(session, account.id, by=admin, at=at, cost=CHEAP),
        lambda: accounts.reset_second_factor(session, account.id, by=admin, at=at),
        lambda: accounts.deactivate_account(session, account.id, by=admin, at=at),
        lambda: accounts.sessions_of(session, them, by=admin, at=at),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            refused()
    assert accounts.accounts_of(session, them, by=admin, at=at) == []
    with pytest.raises(Invalid):  # nor is anybody who works here a parent
        organisations.assign_role(
            session, person_id=region.nurse.person_id, organisation_id=region.practice.id, role="parent",
            valid_from=at.date(), by=OPERATOR, at=at,
        )  # fmt: skip
    everybody = {
        who.id for one in organisations.organisations(session) for who in organisations.people_ever(session, one.id)
    }
    assert them not in everybody
    assert cases.kept_from(session, Actor(them, None, None, "parent")) == frozenset()


def test_with_the_person_go_login_sessions_and_factors_and_what_they_did_says_no_longer_who(
    session, region, case, clock
):
    at, mother = clock(), builders.parent(session, case)
    partner = _partner(session, region, case, at)
    own, other = (builders.parent_login(session, region.midwife, one, at) for one in (mother, partner))
    for login in (own, other):
        accounts.sign_in_parent(session, accounts.parent_account(session, login.actor.person_id), at=at)
    given, *_ = builders.agree(session, case, own.actor, at)
    tables = (Person, Account, SignIn, SecondFactor, RecoveryCode, ParentLink)
    before = Counter({one: session.scalar(select(func.count()).select_from(one)) for one in tables})

    reach = reach_of_person(session, partner)
    assert {
        "persons",
        "accounts",
        "sign_ins",
        "second_factors",
        "recovery_codes",
        "parent_links",
    } <= reach.counts().keys()
    erased = {"rule": "on_request", "organisation_id": region.practice.id, "by": WORKER, "at": at}
    destroy(session, case, reach, scope="this_person", **erased)
    after = Counter({one: session.scalar(select(func.count()).select_from(one)) for one in tables})
    assert before - after == Counter(dict.fromkeys(tables, 1) | {RecoveryCode: 8})
    assert parents.member_of(session, own.actor, at=at) is mother

    assert session.scalar(select(Consent.recorded_by).where(Consent.id == given.id)) == own.actor.person_id
    parents.loosen(session, [own.actor.person_id])
    assert session.scalar(select(Consent.recorded_by).where(Consent.id == given.id)) is None
    parents.erase(session, case.family_id)
    assert session.scalar(select(func.count()).select_from(ParentLink)) == 0


def test_a_parents_session_is_short(session, region, case, clock):
    login = builders.parent_login(session, region.midwife, builders.parent(session, case), clock())
    account = accounts.parent_account(session, login.actor.person_id)
    secret = accounts.sign_in_parent(session, account, factor=accounts.Factor.TOTP, at=clock())
    began = clock()
    assert parents.actor_of_sign_in(session, secret, at=began + timedelta(minutes=14)) is not None
    assert parents.actor_of_sign_in(session, secret, at=began + timedelta(minutes=30)) is None
