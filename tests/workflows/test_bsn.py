"""The BSN: who may see it, that only asking for it shows it, and that it is nowhere else."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from api.pages import copies
from tests.conftest import SECRET
from tests.workflows import path
from tests.workflows.test_rights import ask, erase
from tests.workflows.test_vault import kept
from workflows import cases, families, method, organisations, resealing
from workflows.actor import OPERATOR, Actor
from workflows.cases import Case
from workflows.db import Database
from workflows.errors import Invalid, NotAllowed, NotFound, Refusal, StaleVersion, Unreadable, WrongState
from workflows.families import Bsn, MemberKind
from workflows.logbook import LoggedChange, LoggedRead
from workflows.vault import Vault

#: From the range that is never given out.
MINE = "999990019"


def eleven(eight: int) -> str | None:
    """The number that begins with these eight digits; None when there is none."""
    said = f"{eight:08d}"
    last = sum(int(digit) * (9 - place) for place, digit in enumerate(said)) % 11
    return None if last == 10 or not eight else f"{said}{last}"


#: Another one.
HERS = next(found for found in map(eleven, range(99999100, 99999200)) if found)


#: The rules are the same in both; what a database itself does is asked in both by the rest.
ONE = pytest.mark.parametrize("urls", ["sqlite"], indirect=True)


@given(
    eight=st.integers(1, 99_999_999), place=st.integers(0, 8), more=st.integers(1, 9), between=st.sampled_from(" .-–")
)
def test_a_bsn_is_nine_digits_of_which_none_can_be_another(eight, place, more, between):
    number = eleven(eight)
    if number is None:
        return
    assert families.read_bsn(f" {between.join((number[:4], number[4:6], number[6:]))} ") == number
    wrong = number[:place] + str((int(number[place]) + more) % 10) + number[place + 1 :]
    for text in (wrong, number[1:], number + "0", number[:8] + "x", number.replace(number[place], "٣", 1)):
        with pytest.raises(Invalid) as refused:
            families.read_bsn(text)
        assert set(refused.value.errors) == {"bsn"}
        assert text not in f"{refused.value} {refused.value.errors}"


@pytest.mark.parametrize("text", ["", "000000000", "0" * 60, "9" * 9, "99999001", "bsn"])
def test_what_is_no_bsn_is_refused_and_eight_digits_are_not_filled_up(text):
    with pytest.raises(Invalid):
        families.read_bsn(text)


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


@pytest.fixture
def case_id(world) -> UUID:
    """The nurse explores and holds it, with consent; there is a partner, and an unborn child."""
    case_id = world.explored()
    world.claim(world.region.nurse)
    with world.database.writing() as session:
        family_id = session.get_one(Case, case_id).family_id
        for who in ("partner", "child"):
            families.subject(session, family_id, who, by=world.region.midwife, at=world.clock())
    return case_id


def people(world: path.World, case_id: UUID) -> dict[str, UUID]:
    with world.database.reading() as session:
        found = families.members(session, session.get_one(Case, case_id).family_id)
        return {one.kind: one.id for one in found}


def events(world: path.World, kind: Any) -> list[tuple[str, UUID | None]]:
    with world.database.reading() as session:
        found = session.scalars(select(kind).where(kind.event.startswith("bsn.")).order_by(kind.id))
        return [(one.event, one.person_id) for one in found]


def may_use(world: path.World, organisation_id: UUID | None, allowed: bool) -> None:
    world.do(organisations.set_may_use_bsn, organisation_id, allowed, by=OPERATOR)


def verbs(world: path.World, case_id: UUID, member: UUID, by: Actor) -> list[type[Refusal] | None]:
    """What comes of asking, reading, recording and removing."""
    found: list[type[Refusal] | None] = []
    for verb, more in (
        (method.bsn_standing, ()),
        (method.read_bsn, ()),
        (method.record_bsn, (MINE,)),
        (method.remove_bsn, ()),
    ):
        with world.database.writing() as session:
            try:
                verb(session, case_id, member, *more, by=by, at=world.clock())  # type: ignore[operator]
                found.append(None)
            except Refusal as refusal:
                found.append(type(refusal))
            session.rollback()
    return found


def test_it_is_recorded_apart_and_shown_to_who_asks_for_it_and_may_use_it(world, case_id, caplog):
    caplog.set_level(logging.DEBUG)
    midwife, nurse, region = world.region.midwife, world.region.nurse, world.region
    family = people(world, case_id)
    mother, partner, child = (family[kind] for kind in ("pregnant_person", "partner", "unborn_child"))
    none = world.look(method.bsn_standing, case_id, mother, by=midwife)
    assert (none.kept, none.version, none.may_record) == (False, 0, True)
    assert world.look(method.family_outline, case_id, by=midwife).bsn

    done = world.do(method.record_bsn, case_id, mother, "9999.90.019", version=0, by=midwife)
    again = world.do(method.record_bsn, case_id, mother, MINE, by=nurse)

    assert (done.kept, done.organisation_id, again.version) == (True, midwife.organisation_id, done.version)
    for who in (midwife, nurse):
        assert world.look(method.read_bsn, case_id, mother, by=who) == MINE
    assert events(world, LoggedRead) == [("bsn.viewed", midwife.person_id), ("bsn.viewed", nurse.person_id)]
    # nobody else, and no unborn child, and no second person
    assert verbs(world, case_id, mother, region.other_midwife) == [NotFound] * 4
    assert verbs(world, case_id, mother, region.process_director) == [NotFound] * 4
    assert verbs(world, case_id, mother, region.log_manager) == [NotFound] * 4
    assert verbs(world, case_id, child, midwife) == [None, NotFound, Invalid, NotFound]
    assert not world.look(method.bsn_standing, case_id, child, by=midwife).may_record
    with pytest.raises(Invalid, match="refused"):
        world.do(method.record_bsn, case_id, partner, MINE, by=midwife)
    assert verbs(world, case_id, partner, nurse) == [NotFound] * 4  # the partner was not asked to share
    # who may not know of the partner is not told by a refusal which number that is
    world.do(method.record_bsn, case_id, partner, HERS, by=midwife)
    with world.database.writing() as session:
        method.record_bsn(session, case_id, mother, HERS, by=nurse, at=world.clock())
        session.rollback()
    world.do(method.remove_bsn, case_id, partner, by=midwife)
    # replaced only as it was seen, and taken away, also when the case is closed
    with pytest.raises(StaleVersion):
        world.do(method.record_bsn, case_id, mother, HERS, version=0, by=midwife)
    changed = world.do(method.record_bsn, case_id, mother, HERS, version=done.version, by=midwife)
    assert changed.version == done.version + 1
    assert world.look(method.read_bsn, case_id, mother, by=midwife) == HERS

    said = kept(world.database) + caplog.text
    assert "Noor Voorbeeld" in said  # we look in the right place
    assert not {number for number in (MINE, HERS, "9999.90.019") if number in said}
    shown = [
        *(
            world.look(verb, case_id, by=nurse)
            for verb in (method.case_view, method.family_outline, method.handover_list)
        ),
        world.look(method.client_log, case_id, subject_id=mother, by=nurse),
        world.look(method.member, case_id, mother, by=nurse),
        done,
    ]
    assert HERS not in str(shown)

    world.do(method.remove_bsn, case_id, mother, version=changed.version, by=midwife)
    assert verbs(world, case_id, mother, midwife)[1] is NotFound
    assert [event for event, _ in events(world, LoggedChange)] == [
        *["bsn.recorded"] * 3, "bsn.removed", "bsn.recorded", "bsn.removed",
    ]  # fmt: skip
    world.do(method.record_bsn, case_id, mother, MINE, by=nurse)
    with pytest.raises(StaleVersion):  # who still looks at the first one takes nothing of this one away
        world.do(method.remove_bsn, case_id, mother, version=done.version, by=midwife)


@ONE
def test_an_organisation_that_may_not_use_it_sees_none_from_the_next_request_on(world, case_id):
    midwife, nurse = world.region.midwife, world.region.nurse
    mother = people(world, case_id)["pregnant_person"]
    before = verbs(world, case_id, mother, nurse)
    world.do(method.record_bsn, case_id, mother, MINE, by=midwife)

    may_use(world, nurse.organisation_id, False)

    assert before == [None, NotFound, None, NotFound]
    assert verbs(world, case_id, mother, nurse) == [NotAllowed] * 4
    assert not world.look(method.family_outline, case_id, by=nurse).bsn
    with pytest.raises(NotAllowed) as refused:
        world.look(method.read_bsn, case_id, mother, by=nurse)
    assert "mag het BSN niet gebruiken" in refused.value.detail
    assert world.look(method.read_bsn, case_id, mother, by=midwife) == MINE


@ONE
def test_a_closed_case_takes_no_number_and_still_gives_a_wrong_one_up(world, case_id):
    midwife, mother = world.region.midwife, people(world, case_id)["pregnant_person"]
    world.do(method.record_bsn, case_id, mother, MINE, by=midwife)
    with world.database.writing() as session:
        case = cases.lock(session, case_id)
        cases.close(session, case, "goals_reached", contact_after="De huisarts", by=midwife, at=world.clock())

    assert verbs(world, case_id, mother, midwife) == [None, None, WrongState, None]


def test_keys_turn_over_and_no_row_opens_as_another(world, case_id):
    midwife = world.region.midwife
    family = people(world, case_id)
    mother, partner = family["pregnant_person"], family["partner"]
    world.do(method.record_bsn, case_id, mother, MINE, by=midwife)
    world.do(method.record_bsn, case_id, partner, HERS, by=midwife)
    new = "nieuw" * 10
    both = Database(world.database.url, vault=Vault((new, SECRET)), house=True)
    resealing.reseal(both)
    both.dispose()
    only = Database(world.database.url, vault=Vault((new,)), house=True)
    lost = Database(world.database.url, vault=Vault(("een heel andere sleutel" * 2,)), house=True)

    with only.writing() as session:
        rows = {one.member_id: one for one in session.scalars(select(Bsn))}
        assert {key: families.open_bsn(session, row) for key, row in rows.items()} == {mother: MINE, partner: HERS}
        rows[mother].sealed = rows[partner].sealed
        with pytest.raises(Unreadable):
            families.open_bsn(session, rows[mother])
        session.rollback()
    with lost.writing() as session:
        with pytest.raises(Unreadable):
            families.open_bsn(session, session.get_one(Bsn, mother))
        # a number whose key is gone can be replaced
        at = world.clock()
        method.record_bsn(session, case_id, mother, HERS, by=midwife, at=at)
        assert method.read_bsn(session, case_id, mother, by=midwife, at=at) == HERS
        session.rollback()
    only.dispose()
    lost.dispose()


@ONE
def test_a_person_gets_their_own_in_their_own_copy_and_everything_goes_when_it_is_destroyed(world, case_id, clock):
    nurse, midwife = world.region.nurse, world.region.midwife
    mother = people(world, case_id)["pregnant_person"]
    world.do(method.record_bsn, case_id, mother, MINE, by=midwife)
    asked = ask(world, case_id)
    world.do(method.claim_task, asked.task_id, by=nurse)

    def copy() -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            world.look(method.export_copy, asked.id, render=copies.as_json, media="json", by=nurse)
        )
        return found

    assert copy()["person"]["bsn"] == MINE
    assert world.look(method.read_bsn, case_id, mother, by=midwife) == MINE
    may_use(world, nurse.organisation_id, False)
    without = copy()
    assert (without["person"]["bsn"], without["left_out"]) == (None, ["bsn"])
    world.do(method.remove_bsn, case_id, mother, by=midwife)
    assert copy()["left_out"] == ["bsn"]  # so that it tells nothing
    world.do(method.record_bsn, case_id, mother, MINE, by=midwife)

    breach = world.look(method.breach_report, since=clock() - timedelta(days=1), until=clock(), by=OPERATOR)
    assert {(one.role, one.subject_kind): one.bsn for one in breach.rows if one.bsn} == {
        ("explorer", "pregnant_person"): 1,  # the copy that had it
        ("signaller", "pregnant_person"): 1,
    }

    erase(world, ask(world, case_id, request_kind="destruction", by=midwife), nurse)

    with world.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Bsn)) == 0


@ONE
def test_a_family_that_was_never_shared_is_erased_with_it(world, clock):
    midwife = world.region.midwife
    with world.database.writing() as session:
        family = families.create_family(session, by=midwife, at=clock())
        mother = families.add_member(session, family.id, kind=MemberKind.PARENT, by=midwife, at=clock())
        families.record_bsn(session, mother, MINE, by=midwife, at=clock())

        families.erase(session, family.id, by=OPERATOR, at=clock())

        assert session.scalar(select(func.count()).select_from(Bsn)) == 0
