"""The page of the family: what a parent sees and does, and that nothing of safety or of the other parent can be told from it."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import event, select

from tests import builders
from tests.workflows import handing, path
from tests.workflows.family import Family
from workflows import cases, consent, families, logbook, method, parents
from workflows.actor import OPERATOR, Actor
from workflows.cases import CaseBlock
from workflows.errors import Invalid, NotFound, WrongState
from workflows.method import copying
from workflows.processes import Task

#: How often the reader read it: each reading is one more.
_OWN_LOOKS = re.compile(r"organisation_id=None, organisation='U zelf'.*?times=\d+")
PARTS = (
    method.family_home,
    method.family_shared,
    method.family_plan,
    method.family_looked,
    method.family_consents,
    method.family_objections,
    method.family_requests,
    method.family_complaint,
)


@pytest.fixture
def family(database, clock) -> Family:
    return Family(database, clock)


def test_a_parent_sees_who_holds_the_story_what_went_where_and_who_looked(family, clock):
    home = family.sees(method.family_home)

    assert home.holder is not None
    assert (home.holder.organisation, home.holder.role) == ("JGZ Limburg-Noord team Venlo (fictief)", "explorer")
    assert home.holder.name == "Jet Jeugdverpleegkundige"  # she wrote the exploration down with her
    assert "due_date" in {one.kind for one in home.coming}

    [nurses] = [one for one in family.sees(method.family_shared).acts if one.role == "explorer"]
    assert (nurses.recipient, nurses.until, nurses.categories) == (
        home.holder.organisation,
        None,
        ("C0", "C1", "C3", "C4", "C6"),
    )
    assert {line.organisation for day in family.sees(method.family_looked) for line in day.lines} >= {
        home.holder.organisation
    }
    plan = family.sees(method.family_plan)
    assert (plan.goals, plan.agreements) == ((), ())

    clock.forward(days=1)
    family.acts(method.add_own_words, "  Ik wil vooral rust.\nEn slapen.  ")

    assert [one.words for one in family.sees(method.family_plan).own_words] == ["Ik wil vooral rust.\nEn slapen."]
    view = family.look(method.case_view, family.case_id, by=family.nurse)
    assert "Ik wil vooral rust.\nEn slapen." in [said.value for one in view.entries for said in one.values]
    with pytest.raises(Invalid):
        family.acts(method.add_own_words, "   ")
    with family.database.reading() as session:
        lines = session.scalars(select(logbook.LoggedRead).where(logbook.LoggedRead.event == "own_story.viewed")).all()
        assert {line.details["part"] for line in lines} == {"home", "shared", "looked", "plan"}
        assert {(line.person_id, line.case_id) for line in lines} == {(family.mother.person_id, family.case_id)}


def test_a_consent_is_taken_back_and_given_again_and_counts_at_once(family):
    key = family.group().key
    with pytest.raises(NotFound):
        family.acts(method.withdraw_own_consent, "iets.anders")

    family.acts(method.withdraw_own_consent, key)

    assert (family.group().stand, family.group().allowed) == ("withdrawn", ())
    with pytest.raises(NotFound):  # she held the case on it
        family.look(method.case_view, family.case_id, by=family.nurse)
    home = family.sees(method.family_home)
    assert home.holder is not None
    assert home.holder.organisation == "Verloskundigenpraktijk De Bron (fictief)"
    assert "Er is iets gestopt: samen opnieuw naar het plan kijken" in family.tasks(family.region.midwife)
    with pytest.raises(WrongState):
        family.acts(method.withdraw_own_consent, key)

    given = {"language": "nl", "text_version": "mijn-1"}
    with pytest.raises(Invalid) as refused:
        family.acts(method.give_own_consent, key, ["C9"], understood=False, **given)
    assert refused.value.errors.keys() == {"categories", "understood"}
    family.acts(method.give_own_consent, key, ["C0", "C1"], understood=True, **given)

    assert (family.group().stand, family.group().allowed) == ("allowed", ("C0", "C1"))
    with family.database.reading() as session:
        last = consent.of_case(session, family.case_id)[-1]
        assert (last.given_by, last.form, last.recorded_by, last.recorded_for) == (
            "self",
            "digital",
            family.mother.person_id,
            None,
        )


def test_who_is_objected_to_is_kept_out_at_once_and_the_holder_hears_that_something_is_to_be_talked_about(family):
    known = {one.name: one for one in family.sees(method.family_objections).known}
    assert known.keys() == {"Jet Jeugdverpleegkundige", "Vera Verloskundige"}  # not who only works there too

    with pytest.raises(Invalid) as refused:
        family.acts(method.object_to_person, person_id=family.region.nurse2.person_id, reason="weather")
    assert refused.value.errors.keys() == {"person", "reason"}
    chosen = known["Jet Jeugdverpleegkundige"].person_id
    done = family.acts(method.object_to_person, person_id=chosen, reason="neighbour", words="Zij woont naast mij.")

    assert done.blocked is not None
    with pytest.raises(NotFound):
        family.look(method.case_view, family.case_id, by=family.nurse)
    assert "Een ouder maakte bezwaar: bespreken wat nodig is" in family.tasks(family.region.nurse2)
    [(who, _)] = family.sees(method.family_objections).standing
    assert who.name == "Jet Jeugdverpleegkundige"
    assert (
        family.acts(method.object_to_person, person_id=chosen, reason="neighbour").blocked is not None
    )  # said twice: the same

    # Who is kept out already, at another's wish, is kept out at hers as well: it looks no different.
    also = known["Vera Verloskundige"].person_id
    with family.database.writing() as session:
        case = cases.lock(session, family.case_id)
        cases.block(
            session, case, person_id=also, reason="family", organisation_id=family.region.practice.id,
            by=family.father, at=family.clock(),
        )  # fmt: skip
    assert len(family.sees(method.family_objections).standing) == 1
    assert family.acts(method.object_to_person, person_id=also, reason="other").blocked is not None
    assert {one.name for one, _ in family.sees(method.family_objections).standing} == {
        "Jet Jeugdverpleegkundige", "Vera Verloskundige",
    }  # fmt: skip

    named = family.acts(method.object_to_person, person_id=None, name="De man van de balie", reason="other")
    assert named.blocked is None
    assert named.task_opened
    with family.database.reading() as session:
        assert len(session.scalars(select(CaseBlock)).all()) == 2
        texts = " ".join(one.documentation or "" for one in session.scalars(select(Task)))
        assert "Jet" not in texts
        assert "balie" not in texts


def test_a_copy_is_asked_once_answered_and_fetched_for_a_while(family, clock):
    asked = family.acts(method.ask_own_right, "access_copy")
    with pytest.raises(WrongState):
        family.acts(method.ask_own_right, "access_copy")
    with pytest.raises(Invalid):
        family.acts(method.ask_own_right, "correction", "")
    family.acts(method.add_own_words, "Van de vader.", by=family.father)
    fetch = {"render": lambda copy: repr(copy).encode(), "media": "json"}
    with pytest.raises(NotFound):
        family.look(method.own_copy, asked.id, by=family.mother, **fetch)
    [shown] = family.sees(method.family_requests)
    assert (shown.kind, shown.status, shown.copy_until) == ("access_copy", "received", None)
    assert shown.answer_by == asked.answer_by

    clock.forward(days=1)
    task = family.claim(family.nurse, "access_request")
    family.complete(
        task,
        family.nurse,
        {
            "request_decision": "granted",
            "copy_form": "digital",
            "answer_words": "Hier is de kopie.",
            "answered_on": clock().date().isoformat(),
        },
    )

    [shown] = family.sees(method.family_requests)
    assert shown.copy_until is not None
    found = family.look(method.own_copy, asked.id, by=family.mother, **fetch).decode()
    assert family.sees(method.family_home).case_number in found
    assert "Van de vader." not in found
    with pytest.raises(NotFound):  # another parent's
        family.look(method.own_copy, asked.id, by=family.father, **fetch)
    clock.forward(days=40)
    with pytest.raises(NotFound):
        family.look(method.own_copy, asked.id, by=family.mother, **fetch)


def test_nothing_is_there_for_who_is_no_parent_of_this_family_or_must_not_be_told(database, clock, family):
    for by in (family.nurse, replace(family.nurse, role="parent"), replace(family.mother, role="signaller"), OPERATOR):
        for verb in PARTS:
            with pytest.raises(NotFound):
                family.sees(verb, by=by)
    assert family.sees(method.family_plan, by=family.father).goals == ()
    with database.writing() as session:
        member = session.get_one(families.FamilyMember, family.other)
        families.set_partner_involved(session, member.family_id, "do_not_inform", by=OPERATOR, at=clock())
    with pytest.raises(NotFound):
        family.sees(method.family_home, by=family.father)


def copied(family: Family, member_id: UUID) -> list[copying.CopiedDisclosure]:
    """Of what was shared, what a copy for somebody says: as the page does."""
    with family.database.reading() as session:
        case = session.get_one(cases.Case, family.case_id)
        member = session.get_one(families.FamilyMember, member_id)
        shared = copying._disclosures(session, case, member, copying._Names(session))
        return [one for one in shared if one.purpose == "exploration"]


def test_nothing_of_safety_or_of_the_other_parent_changes_a_letter_or_a_statement(family, clock):
    """Whatever else happens: what each parent reads stays the same, in the same number of statements."""
    clock.forward(days=1)
    family.acts(method.ask_own_right, "correction", "Mijn naam klopt niet.")
    agreed = {"by": family.nurse, "answers": path.support_consent_answers("youth_health", "welfare")}
    family.do(method.record_consent, family.case_id, **agreed)
    clock.forward(days=1)

    def read(by: Actor) -> list[tuple[str, int]]:
        found = []
        for verb in PARTS:
            statements: list[str] = []
            count = lambda *call, found=statements: found.append(call[2])  # noqa: E731
            event.listen(family.database.engine, "before_cursor_execute", count)
            try:
                found.append((_OWN_LOOKS.sub("", repr(family.sees(verb, by=by))), len(statements)))
            finally:
                event.remove(family.database.engine, "before_cursor_execute", count)
        return found

    mother, father = read(family.mother), read(family.father)
    assert mother == read(family.mother)  # or nothing below would say anything

    # of safety, by who works with her
    family.concern()
    assert read(family.mother) == mother
    assert read(family.father) == father

    # of the other parent: what he agrees to, asks and adds
    partner = path.support_consent_answers("youth_health", "family_coach", subject="partner")
    family.do(method.record_consent, family.case_id, by=family.nurse, answers=partner)
    family.other_agrees()
    family.acts(method.add_own_words, "Van mij.", by=family.father)
    family.acts(method.ask_own_right, "access_copy", by=family.father)
    assert read(family.mother) == mother
    seen = read(family.father)
    assert seen != father
    his = family.sees(method.family_shared, by=family.father)
    assert {one.categories for one in his.acts} == {("C8",)}

    # and hers are not his
    family.acts(method.add_own_words, "Van haar.")
    family.acts(method.ask_own_right, "access_copy")
    assert read(family.father) == seen
    assert read(family.mother) != mother

    # nor what she takes back: of what reaches her helpers he reads what is his
    clock.forward(days=1)
    family.acts(method.withdraw_own_consent, family.group().key)
    assert family.sees(method.family_shared, by=family.father) == his
    assert {one.categories for one in copied(family, family.other)} == {("C8",)}
    assert not [one for one in copied(family, family.mother_id) if "C8" in one.categories]


def test_what_went_along_with_a_handover_is_told_by_kind(database, clock):
    world = handing.World(database, clock)
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.hand(midwife, nurse)
    world.fill(nurse, "handover_answer", handing.ACCEPTED)
    with database.writing() as session:
        member = builders.parent(session, session.get_one(cases.Case, case_id))
        invited = parents.invite(
            session, member, identity_check="known", case_id=case_id, by=nurse, at=clock(), cost=builders.CHEAP
        )
    mother = Actor(invited.link.person_id, None, None, "parent", origin="page", second_factor=True)

    [handed] = world.look(method.family_shared, by=mother).handed

    assert (handed.sender, handed.recipient, handed.role) == (
        "Verloskundigenpraktijk De Bron (fictief)",
        "JGZ Limburg-Noord team Venlo (fictief)",
        "explorer",
    )
    assert {"C0", "C1"} <= set(handed.categories)
    assert not {"C5", "C8"} & set(handed.categories)
