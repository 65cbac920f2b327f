"""A shielded address stays with who holds the case and who signalled, also in what was written down and in what is typed."""

from __future__ import annotations

import pytest

from tests.builders import actor, agree, organisation, parent
from tests.workflows import path
from workflows import cases, method
from workflows.cases import Case
from workflows.errors import NotAllowed
from workflows.organisations import Role

SECRET = ("5911AB", "5911 AB", "Bel na zes uur", "GM0983")


@pytest.fixture
def world(database, clock):
    return path.World(database, clock)


def test_where_a_parent_is_stays_with_the_few_and_is_not_wiped_out_by_the_others(world, clock):
    here, case_id = world.region, world.explored()
    world.claim(here.nurse)
    with world.database.writing() as session:
        town = organisation(session, "Gemeente (fictief)", "municipal_access_team", "social", at=clock())
        director = actor(session, "Dirk Regie", town, Role.CASE_DIRECTOR, at=clock())
        case = session.get_one(Case, case_id)
        mother = parent(session, case)
        agree(
            session, case, here.midwife, clock(), recipient_kind="municipal_access_team", purpose="support_action",
            categories=["C0", "C1", "C6"],
        )  # fmt: skip
        cases.join(session, case, organisation_id=town.id, role="case_director", by=director, at=clock())

    def said(by) -> str:
        view = world.look(method.case_view, case_id, by=by)
        return " ".join(f"{one.value} {one.text}" for entry in view.entries for one in entry.values) + str(view.members)

    def form(by):
        return world.look(method.family_form, case_id, "member", member_id=mother.id, by=by).answers

    assert all(text in said(director) for text in ("Bel na zes uur", "5911 AB"))
    world.do(method.record_member, case_id, member_id=mother.id, answers={**form(here.nurse), "shielded_address": True}, by=here.nurse)  # fmt: skip

    assert not any(text in said(director) for text in SECRET)
    for few in (here.nurse, here.nurse2, here.midwife):
        assert "5911" in said(few), few
    [shown] = [one for one in world.look(method.case_view, case_id, by=director).members if one.id == mother.id]
    assert (shown.name, shown.address_withheld, shown.safe_contact) == ("Noor Voorbeeld", True, "call")
    with pytest.raises(NotAllowed):
        form(director)
    with pytest.raises(NotAllowed):
        world.do(method.record_member, case_id, member_id=mother.id, answers={**form(here.nurse)}, by=director)
    [kept] = [one for one in world.look(method.case_view, case_id, by=here.nurse).members if one.id == mother.id]
    assert (kept.postcode, kept.safe_contact_detail) == ("5911AB", "Bel na zes uur")
