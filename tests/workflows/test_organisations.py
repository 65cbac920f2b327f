"""Municipalities as data, and roles that hold for a period, an organisation and an area."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from engine.clock import local_date
from tests.builders import CHEAP, ROERMOND, VENLO, actor, ids, organisation, region
from workflows import accounts, organisations
from workflows.actor import OPERATOR
from workflows.errors import Invalid, NotAllowed, NotFound, WrongState
from workflows.organisations import Organisation, Role


def test_fifteen_municipalities_of_which_fourteen_take_part(session):
    assert organisations.load_municipalities(session) == 15

    found = organisations.municipalities(session)
    assert [one.name for one in found if not one.in_coalition] == ["Mook en Middelaar"]
    assert {one.subregion for one in found} == {"noord", "midden"}
    assert len([one for one in found if one.subregion == "midden"]) == 7
    assert organisations.municipality(session, VENLO).name == "Venlo"


def test_loading_again_adds_nothing_and_undoes_nothing(session):
    organisations.load_municipalities(session)
    organisations.municipality(session, "GM0944").in_coalition = True

    assert organisations.load_municipalities(session) == 0
    assert organisations.municipality(session, "GM0944").in_coalition


def test_a_municipality_that_ended_is_not_offered(session):
    organisations.load_municipalities(session)
    organisations.municipality(session, VENLO).valid_to = date(2026, 12, 31)

    def offered(on: date) -> bool:
        return VENLO in {one.code for one in organisations.municipalities(session, on=on)}

    assert offered(date(2026, 12, 31))
    assert not offered(date(2027, 1, 1))
    assert organisations.municipality(session, VENLO).name == "Venlo"


def test_an_unknown_municipality_organisation_or_person_is_not_found(session):
    with pytest.raises(NotFound):
        organisations.municipality(session, "GM9999")
    with pytest.raises(NotFound):
        organisations.organisation(session, uuid4())
    with pytest.raises(NotFound):
        organisations.person(session, uuid4())


def test_an_organisation_is_refused_with_everything_that_is_wrong(session, clock):
    region(session, clock())

    with pytest.raises(Invalid) as refused:
        organisations.add_organisation(
            session,
            name="Gemeente Venlo (fictief)",
            type="bakery",
            domain="medical",
            areas=["GM9999"],
            by=OPERATOR,
            at=clock(),
        )

    assert set(refused.value.errors) == {"type", "areas", "name"}


def test_an_area_outside_the_organisation_or_an_unknown_role_is_refused(session, clock):
    here = region(session, clock())
    person, _ = ids(here.process_director)

    with pytest.raises(Invalid) as refused:
        organisations.assign_role(
            session, person_id=person, organisation_id=here.municipality.id, role="mayor",
            areas=[ROERMOND], valid_from=date(2026, 11, 3), valid_to=date(2026, 11, 2), by=OPERATOR, at=clock(),
        )  # fmt: skip

    assert set(refused.value.errors) == {"areas", "role", "valid_to"}


def test_a_role_holds_from_its_first_to_its_last_day(session, clock):
    here = region(session, clock())
    first, last = date(2026, 12, 1), date(2026, 12, 31)
    locum = actor(session, "Wil Waarnemer", here.practice, Role.SIGNALLER, valid_from=first, valid_to=last, at=clock())
    person, _ = ids(locum)

    def roles(on: date) -> int:
        return len(organisations.assignments_of(session, person, on=on))

    assert [roles(first - timedelta(days=1)), roles(first), roles(last), roles(last + timedelta(days=1))] == [
        0,
        1,
        1,
        0,
    ]


def names(found: list[Organisation]) -> set[str]:
    return {one.name for one in found}


def test_who_may_be_asked_depends_on_role_area_and_activity(session, clock):
    here = region(session, clock())
    on = local_date(clock())
    roermond = organisation(session, "JGZ team Roermond (fictief)", "youth_health", "public", [ROERMOND], at=clock())
    actor(session, "Roos Verpleegkundige", roermond, Role.EXPLORER, at=clock())
    partly = organisation(session, "JGZ team Breed (fictief)", "youth_health", "public", at=clock())
    actor(session, "Bram Verpleegkundige", partly, Role.EXPLORER, areas=(ROERMOND,), at=clock())

    def explorers(municipality: str | None) -> set[str]:
        found = organisations.organisations_for(session, role=Role.EXPLORER, municipality=municipality, on=on)
        return names(found)

    assert explorers(VENLO) == {here.youth_health.name}
    assert explorers(ROERMOND) == {here.youth_health.name, roermond.name, partly.name}
    assert explorers(None) == explorers(ROERMOND)
    organisations.deactivate_organisation(session, here.youth_health.id, by=OPERATOR, at=clock())
    assert explorers(VENLO) == set()


def test_the_team_behind_a_pool(session, clock):
    here = region(session, clock())
    on = local_date(clock())

    def team(municipality: str) -> list[str]:
        found = organisations.people_with_role(
            session, organisation_id=here.youth_health.id, role=Role.EXPLORER, municipality=municipality, on=on
        )
        return [person.display_name for person, _ in found]

    actor(session, "Bob Verpleegkundige", here.youth_health, Role.EXPLORER, areas=(ROERMOND,), at=clock())
    assert team(VENLO) == ["Jet Jeugdverpleegkundige", "Joris Jeugdverpleegkundige"]
    assert len(team(ROERMOND)) == 3


def test_somebody_who_left_has_no_role_any_more(session, clock):
    here = region(session, clock())
    person, assignment = ids(here.nurse)

    ended = organisations.deactivate_person(session, person, by=OPERATOR, at=clock())

    assert [one.id for one in ended] == [assignment]
    assert organisations.assignments_of(session, person, on=local_date(clock())) == []
    with pytest.raises(WrongState):
        organisations.deactivate_person(session, person, by=OPERATOR, at=clock())
    with pytest.raises(WrongState):
        organisations.end_assignment(session, assignment, by=OPERATOR, at=clock())
    with pytest.raises(WrongState):
        organisations.assign_role(
            session, person_id=person, organisation_id=here.practice.id, role=Role.SIGNALLER,
            valid_from=date(2026, 11, 3), by=OPERATOR, at=clock(),
        )  # fmt: skip


@pytest.mark.parametrize("who", ["midwife", "coordinator", "process_director", "protection_officer"])
def test_only_an_administrator_manages_organisations(session, clock, who):
    here = region(session, clock())

    with pytest.raises(NotAllowed):
        organisations.add_person(session, display_name="Nina Nieuw", by=getattr(here, who), at=clock())

    assert organisations.add_person(session, display_name="Nina Nieuw", by=here.administrator, at=clock()).active


def test_an_organisations_own_administrator_reaches_the_own_people_and_no_role_of_the_region(session, clock):
    here = region(session, clock())
    lia = actor(session, "Lia Beheer", here.practice, Role.LOCAL_ADMINISTRATOR, at=clock())
    person, _ = ids(here.midwife)
    given = {"valid_from": date(2026, 11, 3), "by": lia, "at": clock()}

    def give(who, where, role):
        return organisations.assign_role(session, person_id=who, organisation_id=where.id, role=role, **given)

    assert give(person, here.practice, Role.LOG_MANAGER).role == Role.LOG_MANAGER
    with pytest.raises(NotAllowed):
        give(person, here.practice, Role.PROCESS_DIRECTOR)
    with pytest.raises(NotAllowed):  # nobody gives a role to themselves, not even the region
        give(lia.person_id, here.practice, Role.SIGNALLER)
    for who, where in ((person, here.youth_health), (here.nurse.person_id, here.practice), (uuid4(), here.practice)):
        with pytest.raises(NotFound):
            give(who, where, Role.SUPPORTER)
    for verb, its_id in (
        (organisations.end_assignment, here.nurse.assignment_id),
        (organisations.deactivate_person, here.nurse.person_id),
    ):
        with pytest.raises(NotFound):
            verb(session, its_id, by=lia, at=clock())
    with pytest.raises(NotAllowed):
        organisations.add_organisation(session, name="X", type="welfare", domain="social", areas=[], by=lia, at=clock())


def test_who_works_elsewhere_too_is_nobodys_to_send_away_or_to_choose_a_password_for(session, clock):
    here = region(session, clock())
    lia = actor(session, "Lia Beheer", here.practice, Role.LOCAL_ADMINISTRATOR, at=clock())
    person, own = ids(here.midwife2)
    account = accounts.create_account(session, person_id=person, login="mila", by=OPERATOR, at=clock(), cost=CHEAP)
    assert accounts.issue_activation(session, account.id, by=lia, at=clock(), cost=CHEAP).code
    second = organisations.assign_role(
        session, person_id=person, organisation_id=here.other_practice.id, role=Role.SIGNALLER,
        valid_from=date(2026, 11, 3), by=OPERATOR, at=clock(),
    )  # fmt: skip

    for refused in (
        lambda: organisations.deactivate_person(session, person, by=lia, at=clock()),
        lambda: accounts.issue_activation(session, account.id, by=lia, at=clock(), cost=CHEAP),
        lambda: accounts.reset_second_factor(session, account.id, by=lia, at=clock()),
    ):
        with pytest.raises(NotAllowed):
            refused()
    with pytest.raises(NotFound):
        accounts.sessions_of(session, person, by=lia, at=clock())
    assert organisations.end_assignment(session, own, by=lia, at=clock()).ended_at
    with pytest.raises(NotFound):
        organisations.end_assignment(session, second.id, by=lia, at=clock())


def test_access_knows_exactly_these_roles():
    from workflows import access

    assert set(Role) == set(access.MATRIX) - {"other_parent"}
