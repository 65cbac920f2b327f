"""Every act of sharing is a row with a ground and somebody's yes; without one nobody outside has a part in a case."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import IntegrityError

from tests.builders import VENLO, accept, actor, agree, case, organisation, parent, region
from tests.workflows import path
from workflows import cases, consent, families, logbook, method
from workflows.cases import CaseParty
from workflows.consent import Because, Disclosure, DisclosureCause
from workflows.errors import ConsentMissing, GroundMissing, Invalid


@pytest.fixture
def here(session, clock):
    return region(session, clock())


@pytest.fixture
def draft(session, clock, here):
    return case(session, here.midwife, clock())


@pytest.fixture
def world(database, clock) -> path.World:
    return path.World(database, clock)


def rows(session, of):
    return [(one.role, one.ground, one.categories, one.cause, one.ended_at) for one in consent.disclosures(session, of)]


def test_a_part_in_the_case_follows_what_the_family_says_and_each_change_is_a_row(session, clock, here, draft):
    with pytest.raises(ConsentMissing):
        accept(session, draft, here.nurse, clock())
    first = agree(session, draft, here.midwife, clock(), categories=["C0", "C1"])
    accept(session, draft, here.nurse, clock())
    accept(session, draft, here.nurse, clock())
    [row] = consent.disclosures(session, draft.id)
    assert (row.recipient_organisation_id, row.purpose) == (here.youth_health.id, "exploration")
    assert (row.ground, row.categories) == ("task_wpg_jgz", ["C0", "C1"])
    assert row.consent_ids == [str(one.id) for one in first]
    assert row.subject_ids == [str(parent(session, draft).id)]
    [line] = [one for one in logbook.lines(session, case_id=draft.id) if one.event == "data.shared"]
    assert (line.subject_id, line.ground) == (str(row.id), "task_wpg_jgz")

    began = clock()
    clock.forward(hours=1)
    agree(session, draft, here.midwife, clock(), categories=["C4"])
    cases.follow_consent(session, draft, by=here.midwife, at=clock())
    clock.forward(hours=1)
    consent.withdraw(session, first[1].id, by=here.midwife, at=clock())
    cases.follow_consent(session, draft, by=here.midwife, at=clock())

    assert rows(session, draft.id) == [
        ("explorer", "task_wpg_jgz", ["C0", "C1"], "case", began + timedelta(hours=1)),
        ("explorer", "task_wpg_jgz", ["C0", "C1", "C4"], "case", began + timedelta(hours=2)),
        ("explorer", "task_wpg_jgz", ["C0", "C4"], "case", None),
    ]
    cases.close(session, draft, "loss", by=here.nurse, at=clock())
    consent.end_with_case(session, draft.id, by=here.nurse, at=clock())
    assert all(one.ended_at is not None for one in consent.disclosures(session, draft.id))


def test_consent_alone_is_no_ground_for_who_needs_another(session, clock, here, draft):
    province = organisation(session, "Provincie (fictief)", "province", "governance", [VENLO], at=clock())
    who = actor(session, "Petra Provincie", province, "case_director", at=clock())
    agree(session, draft, here.midwife, clock(), purpose="support_action", recipient_kind="province")

    with pytest.raises(GroundMissing) as refused:
        accept(session, draft, who, clock())

    assert "Provincie (fictief)" in refused.value.detail
    assert consent.granted(
        session, case_id=draft.id, recipient_organisation_id=province.id, recipient_kind="province",
        purpose="support_action", at=clock(),
    ) == frozenset()  # fmt: skip
    with pytest.raises(GroundMissing):
        consent.require(
            session, case_id=draft.id, recipient_organisation_id=province.id, recipient_kind="province",
            purpose="support_action", categories=[], at=clock(),
        )  # fmt: skip


def test_a_municipality_rests_on_a_task_of_its_own_and_who_only_watches_gets_nothing(session, clock, here, draft):
    director = here.process_director
    cases.join(
        session, draft, organisation_id=director.organisation_id, role=director.role, by=here.midwife, at=clock()
    )
    assert rows(session, draft.id) == [("process_director", "anonymised", [], "case", None)]

    agree(
        session, draft, here.midwife, clock(),
        purpose="hub_meeting", recipient_kind="municipality", categories=["C0"],
    )  # fmt: skip
    clock.forward(hours=1)
    cases.follow_consent(session, draft, by=here.midwife, at=clock())

    assert rows(session, draft.id)[-1] == ("process_director", "task_wmo", ["C0"], "case", None)
    cases.leave(
        session, draft, organisation_id=director.organisation_id, role=director.role, by=here.midwife, at=clock()
    )
    assert rows(session, draft.id)[-1][-1] == clock()


def test_what_is_handed_out_once_says_why_and_cannot_rest_on_nothing(session, clock, here, draft):
    because = Because(DisclosureCause.COPY, draft.id)
    given = {"case_id": draft.id, "because": because, "by": here.midwife, "at": clock()}
    mine = consent.hand_out(
        session, subject_ids=[parent(session, draft).id], ground="legal_obligation", categories=["C1"], **given
    )
    assert (mine.recipient_kind, mine.ended_at) == (consent.DATA_SUBJECT, clock())

    with pytest.raises(Invalid):
        consent.hand_out(session, ground="curiosity", categories=["C1"], **given)
    with pytest.raises(IntegrityError), session.begin_nested():
        consent.hand_out(session, organisation_id=here.municipality.id, ground="task_wmo", categories=["C1"], **given)


def test_the_database_itself_refuses_a_part_without_a_row(session, clock, here, draft):
    stranger = {"case_id": draft.id, "organisation_id": here.municipality.id, "role": "supporter", "from_at": clock()}
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(insert(CaseParty).values(**stranger))
    agree(session, draft, here.midwife, clock())
    accept(session, draft, here.nurse, clock())
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(update(CaseParty).where(CaseParty.role == "explorer").values(disclosure_id=None))
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(update(Disclosure).values(consent_ids=[]))
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(update(Disclosure).values(ground="anonymised"))
    assert session.execute(text("SELECT count(*) FROM disclosures")).scalar() == 1


def test_every_road_to_another_organisation_leaves_a_row(world, clock):
    midwife, nurse = world.region.midwife, world.region.nurse
    case_id = world.explored()
    with world.database.reading() as session:
        assert consent.disclosures(session, case_id) == []  # a card in a pool says nothing of the family
    world.do_next(nurse, form_key="exploration")
    done = world.do_next(nurse, form_key="feedback")
    with world.database.reading() as session:
        assert sorted(rows(session, case_id)) == [
            ("explorer", "task_wpg_jgz", ["C0", "C1", "C3", "C4", "C6"], "task", None),
            ("signaller", "treatment_relation_wgbo", ["C1"], "entry", clock()),
        ]
        first = consent.of_case(session, case_id)[0]
        assert (first.recorded_for, first.text_version) == (midwife.organisation_id, "2026-1")
        assert len(first.form_digest) == 64
    assert done.next


def test_the_signaller_hears_nothing_that_the_parent_does_not_want_told_any_more(world):
    midwife, nurse = world.region.midwife, world.region.nurse
    case_id = world.explored()
    world.do_next(nurse, form_key="exploration")
    for one in world.look(method.case_view, case_id, by=midwife).consents:
        if one.is_yes and one.purpose == "feedback":
            world.do(method.withdraw_consent, one.id, by=midwife)
    task = world.claim(nurse, "feedback")

    with pytest.raises(ConsentMissing):
        world.complete(task, nurse)
    nothing = {**path.feedback_answers(world.clock()), "shared": ["nothing"]}
    with pytest.raises(Invalid):
        world.complete(task, nurse, {**nothing, "shared": ["nothing", "conclusion"]})
    world.complete(task, nurse, nothing)

    with world.database.reading() as session:
        assert [one.role for one in consent.disclosures(session, case_id)] == ["explorer"]


def test_withdrawing_says_who_took_it_back_and_who_wrote_that_down(session, clock, here, draft):
    child = families.subject(session, draft.family_id, "child", by=here.midwife, at=clock())
    both = agree(
        session, draft, here.midwife, clock(),
        subject_id=child.id, given_by="both_parents", authority_checked=True, categories=["C0", "C1"],
    )  # fmt: skip

    consent.withdraw(session, both[0].id, withdrawn_by="parent_with_authority", by=here.midwife2, at=clock())
    consent.withdraw(session, both[1].id, by=here.midwife2, at=clock())

    assert [one.withdrawn_by for one in both] == ["parent_with_authority", "both_parents"]
    assert {one.withdrawal_recorded_by for one in both} == {here.midwife2.person_id}
    with pytest.raises(Invalid):
        consent.withdraw(session, both[0].id, withdrawn_by="neighbour", by=here.midwife, at=clock())
