"""Every cell of the matrix played on one real case: who reads which of the values that three organisations recorded.

Expected follows from the words of the cells in ``test_access``, by a table that says what each word means for an entry.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select

from tests import builders
from tests.workflows.test_access import NAMES, READS, READS_WITHOUT_CONSENT, related
from workflows import access, comments, dossier, families
from workflows.access import MATRIX, Facts
from workflows.actor import Actor
from workflows.dossier import Entry, EntryValue
from workflows.method.reading import member_views

ALL = frozenset(NAMES)
#: Word of a cell → whose values it opens: of this very person, of a colleague in the same role, of one in another role of
#: the same organisation, of another organisation; what is about the own theme; and what was told back to the signaller.
MEANS = {
    "all": "author colleague other_role elsewhere theme feedback",
    "own": "author colleague other_role",
    "author": "author",
    "own_theme": "author colleague theme",
    "own_action": "author colleague",
    "own_action_and_status": "author colleague",
    "status_and_feedback": "author feedback",
}
OWN = frozenset({"KW04", "money"})


@pytest.fixture
def case(session, clock):
    here = builders.region(session, clock())
    return here, builders.explored_case(session, here, clock())


def record(session, case, clock, name: str, *, person: UUID, organisation, role: str, form: str = "signal"):
    """One entry with a value in every compartment; the value says whose it is and where."""
    entry = builders.entry(session, case, Actor(person, None, organisation.id, role), clock(), form)
    session.add_all(
        EntryValue(entry_id=entry.id, field=f"{name}.{each}", stored="KW04" if name == "theme" else f"{name}.{each}", compartment=each)
        for each in NAMES[:11]
    )  # fmt: skip
    return entry


def test_every_cell_opens_what_it_says_and_nothing_else(session, clock, case):
    here, shared = case
    [me, mate, somebody] = [one.person_id for one in (here.midwife, here.midwife2, here.protection_officer)]
    wrong = []
    for role in MATRIX:
        session.execute(EntryValue.__table__.delete())
        session.execute(Entry.__table__.delete())
        other = "coordinator" if role != "coordinator" else "administrator"
        record(session, shared, clock, "author", person=me, organisation=here.practice, role=role)
        record(session, shared, clock, "colleague", person=mate, organisation=here.practice, role=role)
        record(session, shared, clock, "other_role", person=somebody, organisation=here.practice, role=other)
        elsewhere = here.nurse.person_id
        record(session, shared, clock, "elsewhere", person=elsewhere, organisation=here.youth_health, role="explorer")
        record(session, shared, clock, "theme", person=elsewhere, organisation=here.youth_health, role="explorer")
        record(session, shared, clock, "feedback", person=elsewhere, organisation=here.youth_health, role="explorer", form="feedback")  # fmt: skip
        session.flush()
        by = Actor(me, None, here.practice.id, role)
        for rows, agreed in ((READS, ALL), (READS_WITHOUT_CONSENT, frozenset[str]())):
            readable = access.visible(by, replace(related(role, agreed), own_codes=OWN))
            seen = {
                value.field
                for entry in dossier.entries(session, case_id=shared.id, readable=readable, by=by)
                for value in entry.values
            }
            for compartment, cell in zip(NAMES[:11], rows[role].split(), strict=False):
                expected = {f"{name}.{compartment}" for name in MEANS.get(cell, "").split()}
                found = {field for field in seen if field.endswith(f".{compartment}")}
                if found != expected:
                    wrong.append(f"{role} {compartment} ({cell}): {sorted(found)}, not {sorted(expected)}")
    assert not wrong, "\n".join(wrong)
    assert session.scalars(select(Entry)).all()


def test_who_the_family_is_follows_the_cell_of_the_role(session, clock, case):
    here, shared = case
    mother = builders.parent(session, shared)
    families.change_member(
        session, mother.id, safe_contact_detail="Na zes uur", postcode="5911AB", by=here.midwife, at=clock()
    )
    session.flush()

    def seen(role: str, organisation, facts: Facts):
        by = Actor(here.nurse.person_id, None, organisation.id, role)
        return member_views(session, shared, access.visible(by, facts), by, at=clock())

    agreed = frozenset({"C0", "C6"})
    for role, expected in {
        "explorer": ("Noor Voorbeeld", "call", "5911AB"),
        "case_director": ("Noor Voorbeeld", "call", "5911AB"),
        "supporter": ("Noor Voorbeeld", "call", "5911AB"),
        "process_director": ("Noor Voorbeeld", None, None),
        "informal_supporter": ("Noor", "call", None),
        "protection_officer": ("Noor Voorbeeld", None, None),
    }.items():
        [one] = seen(role, here.youth_health, related(role, agreed))
        assert (one.name, one.safe_contact, one.postcode) == expected, role
    for role in ("signaller", "coordinator", "log_manager", "dpo", "other_parent", "steering_board"):
        assert seen(role, here.youth_health, related(role, agreed)) == (), role
    [own] = seen("signaller", here.practice, related("signaller", frozenset()))
    assert own.postcode == "5911AB"


def test_comments_are_cut_by_the_same_cell(session, clock, case):
    here, shared = case
    for who in (here.midwife, here.nurse):
        comments.add(session, shared, who.role, by=who, at=clock())

    def said(role: str, organisation) -> list[str]:
        by = Actor(here.nurse.person_id, None, organisation.id, role)
        readable = access.visible(by, related(role, ALL))
        return [one.text for one in comments.of_case(session, shared.id, readable=readable, by=by)]

    assert said("explorer", here.youth_health) == said("case_director", here.municipality) == ["signaller", "explorer"]
    assert said("signaller", here.practice) == ["signaller"]
    assert said("supporter", here.youth_health) == said("process_director", here.municipality) == []
