"""Steps about parents who log in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from features.steps.registry import step
from features.steps.world import World
from workflows import accounts, families, logbook, method, organisations, parents
from workflows.actor import Actor
from workflows.cases import Case
from workflows.errors import LoginRefused, NotAllowed, NotFound
from workflows.organisations import PersonKind

CHEAP = (1, 8, 1)
PASSWORD = "vier rustige woorden op papier"
HOLDER = "verloskundige"
PARENT = PersonKind.PARENT


@dataclass
class _Login:
    """What somebody of the family has in hand."""

    paper: parents.Invitation
    secret: str = ""


def _member(world: World, kind: str) -> Any:
    found = world.look(method.case_view, world.case_id, who=HOLDER).members
    return next(one for one in found if (one.kind == "partner") == (kind == "partner"))


def _invite(world: World, kind: str) -> _Login:
    paper = world.do(
        method.invite_parent,
        world.case_id,
        _member(world, kind).id,
        identity_check="known",
        delivery="in_person",
        cost=CHEAP,
        who=HOLDER,
    )
    login = _Login(paper)
    world.lost[kind] = login
    return login


def _begin(world: World, login: _Login) -> None:
    """The code, a password, and a session that nothing confirmed yet."""
    with world.database.writing() as session:
        account = accounts.activate(
            session,
            login=login.paper.login,
            code=login.paper.code,
            password=PASSWORD,
            kind=PARENT,
            at=world.clock(),
            cost=CHEAP,
        )
        login.secret = accounts.sign_in_parent(session, account, at=world.clock())


def _confirm(world: World, login: _Login) -> None:
    with world.database.writing() as session:
        by = parents.actor_of_sign_in(session, login.secret, at=world.clock())
        assert by is not None
        assert by.person_id is not None
        account = accounts.parent_account(session, by.person_id)
        app = accounts.begin_second_factor(session, account.id, by=by, at=world.clock())
        code = accounts.code_of(app, accounts.step_of(world.clock()))
        done = accounts.confirm_second_factor(
            session, account.id, code=code, sign_in_secret=login.secret, by=by, at=world.clock()
        )
        assert done.secret is not None
        login.secret = done.secret


def _actor(world: World, kind: str) -> Actor | None:
    login: _Login = world.lost[kind]
    with world.database.reading() as session:
        return parents.actor_of_sign_in(session, login.secret, at=world.clock())


@step("Als", "de verloskundige de moeder een uitnodiging in handen geeft")
def hand_over_paper(world: World) -> None:
    _invite(world, "mother")


@step("Dan", "werkt de code op het papier één keer")
def code_works_once(world: World) -> None:
    login: _Login = world.lost["mother"]
    _begin(world, login)
    try:
        _begin(world, login)
    except LoginRefused:
        return
    raise AssertionError("the code worked twice")


@step("Dan", "ziet de moeder niets voordat zij de extra controle heeft")
def nothing_before_second_factor(world: World) -> None:
    by = _actor(world, "mother")
    assert by is not None
    assert not by.second_factor, "the door asks for it before anything else"


@step("Als", "de moeder de extra controle instelt")
def set_up_second_factor(world: World) -> None:
    _confirm(world, world.lost["mother"])


@step("Dan", "leest de moeder haar eigen verhaal, en dat staat in het logboek")
def reads_own_story(world: World) -> None:
    by = _actor(world, "mother")
    assert by is not None
    assert by.second_factor
    with world.database.reading() as session:
        assert method.own_family(session, by=by, at=world.clock()).cases == (world.case_id,)
    with world.database.reading() as session:
        assert world.case_id is not None
        assert by.person_id is not None
        assert logbook.times_read(session, case_id=world.case_id, person_id=by.person_id) == 1


@step("Dan", "is de moeder nergens een medewerker")
def is_no_professional(world: World) -> None:
    by = _actor(world, "mother")
    assert by is not None
    assert by.person_id is not None
    with world.database.reading() as session:
        try:
            organisations.professional(session, by.person_id)
        except NotFound:
            return
    raise AssertionError("a parent is found among the people who work here")


@step("Gegeven", "een moeder die inlogt")
def mother_logs_in(world: World) -> None:
    login = _invite(world, "mother")
    _begin(world, login)
    _confirm(world, login)


@step("Als", "de verloskundige een nieuwe uitnodiging geeft")
def renew(world: World) -> None:
    login: _Login = world.lost["mother"]
    world.do(
        method.renew_invitation,
        world.case_id,
        login.paper.link.id,
        identity_check="document",
        delivery="in_person",
        cost=CHEAP,
        who=HOLDER,
    )


@step("Dan", "is de moeder overal uitgelogd")
def is_logged_out(world: World) -> None:
    assert _actor(world, "mother") is None


@step("Dan", "werkt wat zij eerst had niet meer")
def old_password_is_worthless(world: World) -> None:
    login: _Login = world.lost["mother"]
    with world.database.writing() as session:
        try:
            accounts.check_password(
                session, login=login.paper.login, password=PASSWORD, kind=PARENT, at=world.clock(), cost=CHEAP
            )
        except LoginRefused:
            return
    raise AssertionError("the old password still works")


@step("Als", "de partner een eigen inlog krijgt")
def partner_logs_in(world: World) -> None:
    for kind in ("mother", "partner"):
        login = _invite(world, kind)
        _begin(world, login)
        _confirm(world, login)


@step("Dan", "weet de ene ouder niets van de inlog van de andere")
def knows_nothing_of_the_other(world: World) -> None:
    for kind in ("mother", "partner"):
        by = _actor(world, kind)
        assert by is not None
        assert by.role == ("parent" if kind == "mother" else "other_parent")
        try:
            with world.database.reading() as session:
                method.parent_logins(session, _case(world), by=by, at=world.clock())
        except (NotFound, NotAllowed):
            continue
        raise AssertionError("a parent sees who logs in")


@step("Als", "de partner niets meer van de hulp mag weten")
def partner_may_not_know(world: World) -> None:
    with world.database.writing() as session:
        family = session.get_one(Case, world.case_id).family_id
        assert family is not None
        families.set_partner_involved(session, family, "do_not_inform", by=world.actor(HOLDER), at=world.clock())


@step("Dan", "is de partner bij het volgende dat hij vraagt niemand meer")
def partner_is_nobody(world: World) -> None:
    assert _actor(world, "partner") is None
    assert _actor(world, "mother") is not None


@step("Dan", "kan niemand de partner uitnodigen")
def partner_cannot_be_invited(world: World) -> None:
    login: _Login = world.lost["partner"]
    refusal = world.refused(
        method.renew_invitation,
        world.case_id,
        login.paper.link.id,
        identity_check="known",
        delivery="in_person",
        cost=CHEAP,
        who=HOLDER,
    )
    assert isinstance(refusal, NotFound), "as if there were no such person"


@step("Als", "de moeder stopt met inloggen")
def mother_stops(world: World) -> None:
    by = _actor(world, "mother")
    assert by is not None
    with world.database.writing() as session:
        method.stop_own_login(session, by=by, at=world.clock())


def _case(world: World) -> Any:
    assert world.case_id is not None
    return world.case_id
