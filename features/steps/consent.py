"""Steps about what the parent allows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from features.steps.registry import step
from features.steps.signals import choose_exploration, record_signal
from features.steps.world import World
from workflows import cases, consent, families, method, organisations, processes
from workflows.actor import OPERATOR
from workflows.errors import GroundMissing, NotFound

ALL = ["C0", "C1", "C2", "C3", "C4", "C6", "C7"]
#: Everything that is asked for an exploration but medical data.
SOME = ["C0", "C1", "C3", "C4", "C6", "C7"]
PARTNER = "Pim Verzonnen"


def answer(world: World, result: str, **more: Any) -> None:
    """Fill in what the mother says, after everything was explained."""
    said = {
        "consent_result": result,
        "subject": "parent",
        "given_by": "self",
        "information_given": ["what", "why", "which_data", "with_whom", "may_refuse", "may_withdraw"],
        "consent_form": "oral",
        "consent_language": "nl",
        "share_youth_health": "no",
        "share_feedback": "no",
        "share_municipality": "no",
        "validity": "until_closed",
    } | more
    world.complete("verloskundige", "Toestemming vragen", said)


@step("Als", "de moeder toestemming geeft aan de jeugdgezondheidszorg")
def allow_youth_health(world: World) -> None:
    answer(
        world,
        "given",
        share_youth_health="yes",
        share_youth_health_categories=ALL,
        share_feedback="yes",
        share_feedback_categories=["C1", "C6"],
    )


@step("Als", "de moeder toestemming geeft aan de jeugdgezondheidszorg, maar niet voor medische gegevens")
def allow_some(world: World) -> None:
    answer(world, "given", share_youth_health="yes", share_youth_health_categories=SOME)


@step("Als", "de moeder alleen toestemming geeft aan de gemeente")
def allow_municipality_only(world: World) -> None:
    answer(world, "given", share_municipality="yes", share_municipality_categories=["C0", "C1"])


@step("Als", "de moeder geen toestemming geeft")
def refuse(world: World) -> None:
    answer(world, "refused", offered=["anonymous_consult", "self_referral"])


@step("Als", "de moeder er eerst over wil nadenken")
def think_about_it(world: World) -> None:
    answer(world, "later", offered=["think_again"], ask_again_on=world.today(14))


@step("Als", "de moeder haar toestemming intrekt")
def withdraw(world: World) -> None:
    given = [one for one in world.case().consents if one.given and one.purpose == "exploration"]
    assert given
    for one in given:
        world.do(method.withdraw_consent, one.id, who="verloskundige")


@step("Gegeven", "een verkenning die bij de jeugdgezondheidszorg ligt")
def exploration_waits(world: World) -> None:
    record_signal(world)
    allow_youth_health(world)
    choose_exploration(world)


@step("Als", "de moeder voor {days:d} dagen toestemming geeft aan de jeugdgezondheidszorg")
def allow_for_a_while(world: World, days: int) -> None:
    answer(
        world,
        "given",
        share_youth_health="yes",
        share_youth_health_categories=ALL,
        validity="until_date",
        valid_until=world.today(days),
    )


@step("Als", "de laatste dag van die toestemming om is, en het systeem nog niets deed")
def runs_out(world: World) -> None:
    world.clock.forward(days=11)


@step("Als", "de partner weigert wat de moeder goedvindt")
def partner_refuses(world: World) -> None:
    """Between the steps, on the form for who may consult and help; the partner is asked about the exploration too."""
    with world.database.writing() as session:
        case = cases.lock(session, _id(world))
        assert case.family_id is not None
        by, at = world.actor("verloskundige"), world.clock()
        partner = families.subject(session, case.family_id, "partner", by=by, at=at)
        families.change_member(session, partner.id, name=PARTNER, by=by, at=at)
        consent.record(
            session,
            case_id=case.id,
            subject_id=partner.id,
            recipient_kind="youth_health",
            purpose="exploration",
            categories=[],
            asked=["C0", "C1"],
            given_by="self",
            text_version="2026-1",
            by=by,
            at=at,
        )


@step("Als", "de moeder ook de provincie toestemming geeft")
def allow_province(world: World) -> None:
    with world.database.writing() as session:
        case = cases.lock(session, _id(world))
        assert case.family_id is not None
        consent.record(
            session,
            case_id=case.id,
            subject_id=families.members(session, case.family_id)[0].id,
            recipient_kind="province",
            purpose="support_action",
            categories=["C0", "C1"],
            given_by="self",
            information_given=consent.EXPLAINED,
            form="oral",
            text_version="2026-1",
            by=world.actor("verloskundige"),
            at=world.clock(),
        )


@step("Gegeven", "een medewerker van de provincie die casussen wil regisseren")
def province(world: World) -> None:
    at = world.clock()
    with world.database.writing() as session:
        where = organisations.add_organisation(
            session, name="Provincie (verzonnen)", type="province", domain="governance", areas=["GM0983"],
            by=OPERATOR, at=at,
        )  # fmt: skip
        person = organisations.add_person(session, display_name="Petra (verzonnen)", by=OPERATOR, at=at)
        role = "case_director"
        assignment = organisations.assign_role(
            session, person_id=person.id, organisation_id=where.id, role=role, valid_from=at.date(), by=OPERATOR, at=at
        )
        world.join("medewerker van de provincie", person.id, assignment.id, where.id, role)


@step("Als", "de moeder alles in één keer intrekt")
def withdraw_everything(world: World) -> None:
    world.do(method.withdraw_consents, _id(world), who="verloskundige")


@step("Dan", "is er met niemand iets gedeeld")
def nothing_shared(world: World) -> None:
    assert sharing(world).disclosures == ()


@step("Dan", "blijft er alleen een casus zonder gezin over om te tellen")
def only_a_count(world: World) -> None:
    view = world.case()
    assert (view.case.status, view.case.result) == ("closed", "consent_refused")
    assert (view.members, view.entries, view.consents) == ((), (), ())
    with world.database.reading() as session:
        found = session.get(cases.Case, _id(world))
        assert found is not None
        assert found.family_id is None


@step("Dan", "staat er dat samen verkennen mag, behalve met medische gegevens")
def partly(world: World) -> None:
    told = {one.category: one.status for one in sharing(world).answers if one.purpose == "exploration"}
    assert told.pop("C2") == "refused"
    assert set(told.values()) == {"allowed"}


@step("Dan", "staat er dat de gemeente niets mag weten")
def municipality_refused(world: World) -> None:
    told = {one.status for one in sharing(world).answers if one.recipient_kind == "municipality"}
    assert told == {"refused"}


@step("Dan", "is er alleen met de jeugdgezondheidszorg gedeeld, en geen medische gegevens")
def shared_with_youth_health(world: World) -> None:
    [row] = sharing(world, "verpleegkundige").disclosures
    assert row.recipient_organisation_id == world.actor("verpleegkundige").organisation_id
    assert (row.ground, row.cause) == ("task_wpg_jgz", "task")
    assert set(row.categories) == set(SOME)
    assert row.consent_ids


@step("Dan", "ziet de verpleegkundige niets van de partner, ook niet dat die weigerde")
def partner_is_not_told(world: World) -> None:
    view, ledger = world.case("verpleegkundige"), sharing(world, "verpleegkundige")
    assert [member.kind for member in view.members] == ["pregnant_person"]
    assert "partner" not in {one.subject_kind for one in ledger.answers}
    assert {one.subject_id for one in view.consents} == {view.members[0].id}
    assert PARTNER not in str(view) + str(ledger)


@step("Dan", "ziet de verloskundige wat de partner zei")
def partner_is_known_at_home(world: World) -> None:
    told = {one.status for one in sharing(world).answers if one.subject_kind == "partner"}
    assert told == {"refused"}
    assert PARTNER in str(world.case())


@step("Dan", "wordt delen met de provincie geweigerd omdat er geen wettelijke grond is")
def province_refused(world: World) -> None:
    who = world.actor("medewerker van de provincie")
    there = who.organisation_id
    assert there is not None

    def join(session: Any, *, by: Any, at: Any) -> None:
        case = cases.lock(session, _id(world))
        cases.join(session, case, organisation_id=there, role=who.role, by=by, at=at)

    refusal = world.refused(join, who="verloskundige")
    assert isinstance(refusal, GroundMissing)
    assert "Provincie (verzonnen)" in refusal.detail
    assert nothing_reaches(world, "medewerker van de provincie")


@step("Dan", "kan de verpleegkundige de verkenning niet meer zien en niet meer afronden")
def exploration_is_gone(world: World) -> None:
    with world.database.reading() as session:
        tasks = processes.tasks_of(session, "case", _id(world))
    [task_id] = [task.id for task in tasks if task.form_key == "exploration"]
    assert isinstance(world.refused(method.task_view, task_id, who="verpleegkundige"), NotFound)
    assert isinstance(
        world.refused(method.complete_task, task_id, answers={}, version=None, who="verpleegkundige"), NotFound
    )
    assert nothing_reaches(world, "verpleegkundige")


@step("Dan", "heeft de verloskundigenpraktijk een taak die zegt dat er iets gestopt is, en niet wat")
def told_that_something_stopped(world: World) -> None:
    [card] = [one for one in world.tasks("verloskundige") if one.name.startswith("Er is iets gestopt")]
    said = f"{card.name} {card.documentation}".casefold()
    for betrayed in ("jeugdgezondheid", "verken", "partner", "medisch"):
        assert betrayed not in said
    assert sharing(world).stopped_at


@step("Dan", "staat opgeschreven dat de jeugdgezondheidszorg vanaf dat moment niets meer ziet")
def written_down_that_it_ended(world: World) -> None:
    with world.database.reading() as session:
        rows = consent.disclosures(session, _id(world))
    assert rows
    assert {row.ended_at for row in rows} == {world.clock()}


def sharing(world: World, who: str = "verloskundige") -> method.SharingView:
    """The ledger as somebody may read it."""
    found: method.SharingView = world.look(method.sharing_of_case, _id(world), who=who)
    return found


def nothing_reaches(world: World, who: str) -> bool:
    """Whether nothing of the case is there for somebody."""
    return isinstance(world.refused(method.case_view, _id(world), who=who), NotFound)


def _id(world: World) -> UUID:
    assert world.case_id is not None
    return world.case_id


@step("Als", "de verloskundige medische gegevens deelt omdat iemands leven in gevaar is")
def invoke_vital_interest(world: World) -> None:
    nurse = world.actor("verpleegkundige")
    world.do(
        method.invoke_ground,
        world.case_id,
        ground="vital_interest",
        recipient=f"{nurse.organisation_id}:{nurse.role}",
        categories=["C2"],
        reason="Ze krijgt stuipen en kan zelf niets meer zeggen.",
        who="verloskundige",
    )


@step("Dan", "leest de verpleegkundige medische gegevens, op grond van vitaal belang")
def reads_medical(world: World) -> None:
    [row] = [
        one for one in sharing(world, "verpleegkundige").disclosures if one.ended_at is None and "C2" in one.categories
    ]
    assert (row.ground, row.cause, row.consent_ids) == ("vital_interest", "ground", [])


@step("Als", "de verloskundige zich niet langer op die grond beroept")
def end_ground(world: World) -> None:
    [ground] = sharing(world).grounds
    world.do(method.end_ground, ground.id, who="verloskundige")


@step("Dan", "leest de verpleegkundige geen medische gegevens meer")
def reads_no_medical(world: World) -> None:
    acts = sharing(world, "verpleegkundige").disclosures
    assert not [one for one in acts if one.ended_at is None and "C2" in one.categories]
    assert [one for one in acts if one.ended_at is None]


@step("Dan", "staat er op welke grond en hoe lang dat mocht")
def ground_is_told(world: World) -> None:
    [ground] = sharing(world, "verpleegkundige").grounds
    assert (ground.ground, ground.categories, ground.ended_through) == ("vital_interest", ("C2",), "withdrawn")
    assert ground.ended_at is not None
