"""A pathway is current for as long as was agreed, changes leave what was before, and editors stay in their municipality."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from engine.clock import local_date
from tests.builders import ROERMOND, VENLO, WEERT, actor, pathway, pathway_content, region
from workflows import directory, settings, signals
from workflows.actor import WORKER
from workflows.cases import Phase
from workflows.directory import DirectoryNotice, InterventionOffer, PathwayStatus, Theme, review_by, standing
from workflows.directory.rules import periods_meet
from workflows.errors import ConcurrentChange, Invalid, NotAllowed, NotFound, StaleVersion, WrongState
from workflows.logbook import LoggedChange
from workflows.organisations import Role


@pytest.fixture
def here(session, clock):
    return region(session, clock())


def status(session, municipality, theme, on):
    return directory.pathway(session, municipality, theme, on).status


# --- when a pathway is current


@given(
    reviewed=st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    months=st.integers(1, 60),
    on=st.dates(date(2000, 1, 1), date(2110, 1, 1)),
)
def test_a_pathway_is_current_exactly_when_it_was_reviewed_and_not_too_long_ago(reviewed, months, on):
    found = standing(reviewed, months=months, on=on)

    assert (found == PathwayStatus.CONCEPT) == (reviewed is None)
    assert (found == PathwayStatus.CURRENT) == (reviewed is not None and on <= review_by(reviewed, months))


@given(reviewed=st.dates(date(2000, 1, 1), date(2100, 1, 1)), months=st.integers(1, 59), later=st.integers(0, 2000))
def test_time_only_makes_stale_and_a_longer_period_only_helps(reviewed, months, later):
    end = review_by(reviewed, months)

    assert reviewed < end <= review_by(reviewed, months + 1)
    assert (end.year * 12 + end.month) - (reviewed.year * 12 + reviewed.month) == months
    assert end.day <= reviewed.day
    after = end + timedelta(days=1 + later)
    assert standing(reviewed, months=months, on=after) == PathwayStatus.STALE


def test_the_last_day_is_the_same_day_a_year_later(session, clock, here):
    pathway(session, WEERT, "money", clock())

    assert status(session, WEERT, "money", date(2027, 11, 3)) == PathwayStatus.CURRENT
    assert status(session, WEERT, "money", date(2027, 11, 4)) == PathwayStatus.STALE
    assert directory.pathway(session, WEERT, "money", date(2027, 11, 4)).review_by == date(2027, 11, 3)
    assert not directory.pathway_is_current(session, "money", WEERT, date(2027, 11, 4))


def test_a_municipality_may_ask_for_a_review_sooner_and_a_pathway_for_sooner_still(session, clock, here):
    pathway(session, WEERT, "money", clock())
    pathway(session, WEERT, "residence", clock(), review_every_months=1)
    settings.put(
        session, "directory.review_months", 6, municipality=WEERT, valid_from=date(2026, 11, 1),
        source="Besluit Weert", by=here.coordinator, at=clock(),
    )  # fmt: skip

    for theme, last in (("money", date(2027, 5, 3)), ("residence", date(2026, 12, 3))):
        assert status(session, WEERT, theme, last) == PathwayStatus.CURRENT
        assert status(session, WEERT, theme, last + timedelta(days=1)) == PathwayStatus.STALE
    assert status(session, VENLO, "money", date(2027, 11, 3)) == PathwayStatus.CURRENT


def test_what_nobody_reviewed_is_a_concept_whatever_is_in_it(session, clock, here):
    on = local_date(clock())
    written = pathway(session, WEERT, "money", clock(), reviewed=False)

    assert status(session, WEERT, "money", on) == PathwayStatus.CONCEPT
    assert directory.pathway(session, WEERT, "money", on).review_by is None
    directory.confirm_pathway(session, municipality=WEERT, theme="money", version=1, by=here.weert_editor, at=clock())
    assert status(session, WEERT, "money", on) == PathwayStatus.CURRENT
    assert written.last_reviewed_on is None


def test_full_is_current_too(session, clock, here):
    pathway(session, WEERT, "money", clock(), availability="full", wait_time="Drie maanden")

    assert directory.pathway_is_current(session, "money", WEERT, local_date(clock()))


def test_pathways_come_in_the_order_of_the_themes_and_only_those_asked_for(session, clock, here):
    on = local_date(clock())
    for theme in ("residence", "mental", "money"):
        pathway(session, WEERT, theme, clock())

    def found(themes):
        return [one.pathway.theme for one in directory.pathways_for(session, themes, WEERT, on)]

    assert found(None) == ["mental", "money", "residence"]
    assert found({"money", "housing"}) == ["money"]
    assert found(()) == []
    assert directory.pathways_for(session, None, ROERMOND, on) == ()
    with pytest.raises(NotFound):
        directory.pathway(session, WEERT, "housing", on)


def test_every_theme_of_a_signal_can_have_a_pathway_except_what_is_different_each_time():
    assert set(Theme) == set(signals.THEMES.values()) - {"other"}


# --- writing


def test_a_change_ends_the_version_before_and_leaves_it_as_it_was(session, clock, here):
    first = pathway(session, WEERT, "money", clock(), by=here.weert_editor)
    clock.forward(days=30)
    second = pathway(
        session, WEERT, "money", clock(), version=1, reviewed=False, by=here.weert_editor, contact_name="Nieuwe Naam"
    )

    assert (first.version, first.valid_to, first.contact_name) == (1, clock(), "Gerda Geldloket")
    assert (second.version, second.valid_to, second.contact_name) == (2, None, "Nieuwe Naam")
    assert second.last_reviewed_on == date(2026, 11, 3), "writing is not reviewing"
    assert [one.version for one in directory.versions(session, WEERT, "money")] == [2, 1]
    before = directory.pathway(session, WEERT, "money", local_date(clock()) - timedelta(days=1))
    assert before.pathway.contact_name == "Gerda Geldloket"
    assert directory.pathway(session, WEERT, "money", local_date(clock())).pathway.contact_name == "Nieuwe Naam"
    with pytest.raises(NotFound):
        directory.pathway(session, WEERT, "money", date(2026, 11, 2))


def test_a_review_is_a_version_with_a_day_and_a_name(session, clock, here):
    pathway(session, WEERT, "money", clock())
    clock.forward(days=400)

    kept = directory.confirm_pathway(
        session, municipality=WEERT, theme="money", version=1, by=here.weert_editor, at=clock()
    )

    assert (kept.version, kept.last_reviewed_on) == (2, local_date(clock()))
    assert (kept.reviewed_by, kept.agreements_text) == (
        here.weert_editor.person_id,
        pathway_content()["agreements_text"],
    )
    assert status(session, WEERT, "money", local_date(clock())) == PathwayStatus.CURRENT


def test_a_coordinator_who_helps_does_not_become_the_owner(session, clock, here):
    first = pathway(session, WEERT, "money", clock(), by=here.weert_editor)
    second = pathway(session, WEERT, "money", clock(), version=1, by=here.coordinator)

    assert first.owner_id == second.owner_id == here.weert_editor.person_id
    assert second.changed_by == here.coordinator.person_id


@pytest.mark.parametrize("version", [0, 2, 7])
def test_who_read_an_older_version_does_not_overwrite_a_newer_one(session, clock, here, version):
    pathway(session, WEERT, "money", clock())

    with pytest.raises(StaleVersion) as refused:
        pathway(session, WEERT, "money", clock(), version=version)
    with pytest.raises(StaleVersion):
        directory.confirm_pathway(
            session, municipality=WEERT, theme="money", version=version, by=here.coordinator, at=clock()
        )

    assert "collega" in refused.value.detail
    assert len(directory.versions(session, WEERT, "money")) == 1


def test_a_first_version_is_begun_by_one_of_two(database, clock):
    with database.writing() as session:
        region(session, clock())
    ready, outcomes = threading.Barrier(2), []

    def write():
        ready.wait()
        try:
            with database.writing() as session:
                pathway(session, WEERT, "money", clock())
        except (StaleVersion, ConcurrentChange) as lost:
            outcomes.append(type(lost))
        else:
            outcomes.append(None)

    both = [threading.Thread(target=write) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()

    assert outcomes.count(None) == 1, outcomes
    with database.reading() as session:
        assert [one.version for one in directory.versions(session, WEERT, "money")] == [1]


def test_everything_that_is_wrong_is_told_at_once(session, clock, here):
    with pytest.raises(Invalid) as refused:
        directory.put_pathway(
            session, municipality=WEERT, theme="money", version=0, reviewed=True, by=here.weert_editor, at=clock(),
            content={
                "contact_mail": "geen adres", "contact_phone": "bel maar", "availability": "misschien", "cost": "x" * 501,
                "review_every_months": 0, "organisation_id": here.weert_editor.person_id,
            },
        )  # fmt: skip

    assert set(refused.value.errors) == {
        "agreements_text", "contact_name", "contact_mail", "contact_phone", "availability", "cost",
        "review_every_months", "organisation_id",
    }  # fmt: skip
    with pytest.raises(Invalid) as unknown:
        pathway(session, WEERT, "astrology", clock())
    assert set(unknown.value.errors) == {"theme"}


def test_a_concept_may_be_empty_but_cannot_be_confirmed(session, clock, here):
    directory.put_pathway(
        session, municipality=WEERT, theme="money", version=0, content={}, by=here.weert_editor, at=clock()
    )

    with pytest.raises(Invalid) as refused:
        directory.confirm_pathway(
            session, municipality=WEERT, theme="money", version=1, by=here.weert_editor, at=clock()
        )
    assert set(refused.value.errors) == {"agreements_text", "contact_name", "contact_phone"}


def test_what_was_reviewed_cannot_be_emptied(session, clock, here):
    pathway(session, WEERT, "money", clock())

    with pytest.raises(Invalid) as refused:
        pathway(session, WEERT, "money", clock(), version=1, reviewed=False, contact_name=" ")
    assert set(refused.value.errors) == {"contact_name"}


def test_changes_are_written_down_without_the_text(session, clock, here):
    pathway(session, WEERT, "money", clock(), by=here.weert_editor)
    directory.confirm_pathway(session, municipality=WEERT, theme="money", version=1, by=here.weert_editor, at=clock())

    query = select(LoggedChange).where(LoggedChange.subject_kind == "pathway")
    lines = session.scalars(query.order_by(LoggedChange.id)).all()
    mine = [line for line in lines if line.person_id == here.weert_editor.person_id]
    assert [line.event for line in mine] == ["pathway.put", "pathway.confirmed"]
    assert mine[0].details == {"theme": "money", "municipality": WEERT, "version": 1, "reviewed": True}
    assert not any("Gerda" in str(line.details) for line in lines)


# --- who may


def test_an_editor_of_venlo_edits_venlo_and_not_weert(session, clock, here):
    pathway(session, VENLO, "housing", clock(), by=here.directory_editor)
    pathway(session, WEERT, "money", clock(), by=here.weert_editor)

    for verb, more in (
        (directory.put_pathway, {"theme": "money", "content": pathway_content(), "version": 1}),
        (directory.confirm_pathway, {"theme": "money", "version": 1}),
        (directory.put_offer, {"intervention": "VZ", "valid_from": date(2026, 11, 3)}),
        (directory.notices, {}),
    ):
        with pytest.raises(NotAllowed):
            _call(verb, session, municipality=WEERT, by=here.directory_editor, at=clock(), **more)
    assert directory.may_edit(session, VENLO, by=here.directory_editor)
    assert not directory.may_edit(session, WEERT, by=here.directory_editor)
    assert [one.version for one in directory.versions(session, WEERT, "money")] == [1]


def _call(verb, session, *, municipality, **more):
    if verb is directory.notices:
        return verb(session, municipality, **more)
    return verb(session, municipality=municipality, **more)


def test_the_areas_of_a_role_narrow_those_of_the_organisation(session, clock, here):
    narrow = actor(session, "Nina Smal", here.programme, Role.DIRECTORY_EDITOR, areas=(ROERMOND,), at=clock())

    assert directory.own_municipalities(session, by=narrow) == {ROERMOND}
    pathway(session, ROERMOND, "money", clock(), by=narrow)
    with pytest.raises(NotAllowed):
        pathway(session, WEERT, "money", clock(), by=narrow)


def test_a_coordinator_edits_everywhere_and_others_nowhere(session, clock, here):
    pathway(session, WEERT, "money", clock(), by=here.coordinator)
    pathway(session, ROERMOND, "money", clock(), by=here.coordinator)

    for by in (here.midwife, here.process_director, here.administrator, here.nurse, WORKER):
        with pytest.raises(NotAllowed):
            pathway(session, VENLO, "housing", clock(), by=by)
    with pytest.raises(NotFound):
        pathway(session, "GM9999", "money", clock(), by=here.coordinator)


# --- interventions and where they can be had


def test_the_shipped_interventions_are_those_of_the_programme_and_loading_again_adds_nothing(session, clock, here):
    codes = {one.code for one in directory.interventions(session)}

    assert codes == {"NNZ", "VZ", "SO", "PHB", "CZ", "CO", "GO", "1000K", "PREP", "RVG", "IVH", "GF", "SS"}
    assert directory.load_interventions(session) == 0
    for one in directory.interventions(session):
        assert one.phases
        assert set(one.phases) <= set(Phase)
        assert one.description
        assert one.source


def offer(session, here, clock, **changes):
    given = {
        "municipality": VENLO,
        "intervention": "VZ",
        "organisation_id": here.youth_health.id,
        "valid_from": date(2026, 11, 3),
        "by": here.directory_editor,
        "at": clock(),
    }
    return directory.put_offer(session, **{**given, **changes})


def test_an_offer_holds_from_its_first_to_its_last_day(session, clock, here):
    offer(session, here, clock, valid_to=date(2026, 12, 31))

    def offered(on, where=VENLO):
        return [one.intervention_code for one in directory.offers(session, where, on)]

    days = [date(2026, 11, 2), date(2026, 11, 3), date(2026, 12, 31), date(2027, 1, 1)]
    assert [offered(on) for on in days] == [[], ["VZ"], ["VZ"], []]
    assert offered(date(2026, 11, 3), WEERT) == []


def test_an_offer_ends_once_and_stays_known(session, clock, here):
    kept = offer(session, here, clock)

    ended = directory.end_offer(
        session, kept.id, on=date(2026, 11, 30), version=1, by=here.directory_editor, at=clock()
    )

    assert (ended.valid_to, ended.version) == (date(2026, 11, 30), 2)
    assert directory.all_offers(session, VENLO) == [ended]
    for on, problem in ((date(2026, 11, 30), WrongState), (date(2026, 11, 1), Invalid)):
        with pytest.raises(problem):
            directory.end_offer(
                session, offer(session, here, clock, intervention="SO", valid_to=None).id if problem is Invalid else kept.id,
                on=on, by=here.directory_editor, at=clock(),
            )  # fmt: skip
    with pytest.raises(StaleVersion):
        directory.end_offer(session, kept.id, on=date(2026, 11, 20), version=1, by=here.directory_editor, at=clock())
    with pytest.raises(NotFound):
        directory.end_offer(session, here.youth_health.id, on=date(2026, 11, 20), by=here.coordinator, at=clock())


def test_the_same_offer_does_not_stand_there_twice_for_a_day(session, clock, here):
    kept = offer(session, here, clock, valid_to=date(2026, 12, 31))

    with pytest.raises(Invalid) as refused:
        offer(session, here, clock, valid_from=date(2026, 12, 31))
    assert set(refused.value.errors) == {"valid_from"}
    offer(session, here, clock, valid_from=date(2027, 1, 1))
    offer(session, here, clock, organisation_id=here.practice.id)

    changed = offer(session, here, clock, valid_to=date(2026, 12, 31), capacity="full", offer_id=kept.id, version=1)
    assert (changed.id, changed.capacity, changed.version) == (kept.id, "full", 2)
    with pytest.raises(StaleVersion):
        offer(session, here, clock, capacity="available", offer_id=kept.id, version=1)
    with pytest.raises(NotFound):
        offer(session, here, clock, municipality=WEERT, offer_id=kept.id, by=here.coordinator)


def test_an_offer_is_refused_with_everything_that_is_wrong(session, clock, here):
    with pytest.raises(Invalid) as refused:
        offer(
            session, here, clock, intervention="XX", capacity="some", valid_to=date(2026, 11, 2),
            organisation_id=here.midwife.person_id, referral_how="x" * 2001,
        )  # fmt: skip

    assert set(refused.value.errors) == {"intervention", "capacity", "valid_to", "organisation_id", "referral_how"}
    assert session.scalars(select(InterventionOffer)).all() == []


@given(
    first=st.integers(0, 40),
    last=st.none() | st.integers(0, 40),
    start=st.integers(0, 40),
    end=st.none() | st.integers(0, 40),
)
def test_periods_meet_exactly_when_they_share_a_day(first, last, start, end):
    day = date(2026, 11, 1)
    one = InterventionOffer(
        valid_from=day + timedelta(first), valid_to=None if last is None else day + timedelta(max(first, last))
    )
    ends = None if end is None else day + timedelta(max(start, end))

    shared = [
        on
        for on in (day + timedelta(n) for n in range(82))
        if one.holds(on) and day + timedelta(start) <= on and (ends is None or on <= ends)
    ]
    assert periods_meet(one.valid_from, one.valid_to, day + timedelta(start), ends) == bool(shared)


# --- what an editor is asked for


def test_a_missing_pathway_is_asked_for_once_and_no_longer_when_it_is_current(session, clock, here):
    on = local_date(clock())

    asked = directory.report_missing(session, "money", WEERT, on=on)
    assert directory.report_missing(session, "money", WEERT, on=on + timedelta(days=1)) is None
    assert directory.report_missing(session, "housing", WEERT, on=on) is not None
    assert directory.report_missing(session, "other", WEERT, on=on) is None

    assert {one.theme for one in directory.notices(session, WEERT, by=here.weert_editor, at=clock())} == {
        "money",
        "housing",
    }
    assert directory.notices(session, VENLO, by=here.directory_editor, at=clock()) == []
    pathway(session, WEERT, "money", clock(), reviewed=False)
    assert asked.closed_on is None, "a concept does not help a family yet"
    directory.confirm_pathway(session, municipality=WEERT, theme="money", version=1, by=here.weert_editor, at=clock())
    assert asked.closed_on == on
    assert [one.theme for one in directory.notices(session, WEERT, by=here.weert_editor, at=clock())] == ["housing"]
    assert directory.report_missing(session, "money", WEERT, on=on) is not None


def test_a_notice_knows_no_family_and_leaves_no_line_beside_a_case():
    assert set(DirectoryNotice.__table__.columns.keys()) == {
        "id",
        "theme",
        "municipality_code",
        "opened_on",
        "closed_on",
    }
