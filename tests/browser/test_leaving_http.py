"""The pages of organisations, of somebody who leaves, and of comments, as a browser without JavaScript gets them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from tests import builders
from tests.browser.reader import Reader, account
from tests.workflows.path import World
from workflows import hubs, method, organisations
from workflows.actor import OPERATOR
from workflows.logbook import LoggedChange

Enter = Callable[[str], Reader]


@pytest.fixture
def administrator(enter: Enter, world: World) -> Reader:
    account(world, world.region.administrator, "beheer")
    return enter("beheer")


def taken(world: World):
    """A case that the nurse explores."""
    case_id = world.explored()
    world.claim(world.region.nurse)
    return case_id


def test_an_administrator_sees_who_works_where(administrator: Reader, world: World) -> None:
    administrator.open("/organisaties")
    assert world.region.practice.name in administrator.text

    administrator.open(f"/organisaties/{world.region.practice.id}")
    assert "Vera Verloskundige" in administrator.text
    assert "Signaleerder" in administrator.text


def test_where_nobody_keeps_watch_is_told_with_what_to_do(administrator: Reader, enter: Enter, world: World) -> None:
    administrator.open("/werk")
    assert "is een rol niet bezet" in administrator.text
    administrator.open("/organisaties")
    assert "is een rol niet bezet" in administrator.text
    assert "Geen logbeheerder" in administrator.text
    administrator.open(f"/organisaties/{world.region.youth_health.id}")
    assert "Geef iemand hier de rol logbeheerder." in administrator.text
    administrator.open(f"/organisaties/{world.region.practice.id}")  # it has one
    assert "Geef iemand hier de rol logbeheerder." not in administrator.text
    assert "is een rol niet bezet" not in enter("midwife").open("/werk").text


def test_who_is_invited_wrongly_or_has_nothing_to_leave_is_told_plainly(administrator: Reader, world: World) -> None:
    administrator.open(f"/organisaties/{world.region.practice.id}/uitnodigen")
    assert "Geef daar een rol erbij, bij Rollen." in administrator.text  # who reads this is the region's administrator
    administrator.send("/uitnodigen", status=400)
    name, login, role = (
        administrator.text.index(said)
        for said in ("Vul een naam in, van", "Vul een gebruikersnaam in, van", "Kies een rol.")
    )
    assert name < login < role

    administrator.open(f"/organisaties/mensen/{world.region.nurse.person_id}/uit-dienst")
    assert "heeft nu geen taken en houdt geen casussen vast." in administrator.text
    assert "Dit gaat meteen terug" not in administrator.text


def test_who_may_use_the_bsn_is_confirmed_and_written_down(administrator: Reader, enter: Enter, world: World) -> None:
    town = f"/organisaties/{world.region.municipality.id}"
    administrator.open(town)
    assert "mag het BSN niet gebruiken" in administrator.text
    administrator.send("/bsn", status=400)
    assert "Vink aan dat deze organisatie zorg of jeugdhulp geeft." in administrator.text
    administrator.open(town).send("/bsn", gives_care="yes")
    assert "mag het BSN wel gebruiken" in administrator.text
    administrator.send("/bsn")
    assert "mag het BSN niet gebruiken" in administrator.text

    with world.database.reading() as session:
        lines = select(LoggedChange).where(LoggedChange.event == "organisation.changed").order_by(LoggedChange.id)
        said = [(line.person_id, line.details["may_use_bsn"]) for line in session.scalars(lines)]
    assert said == [(world.region.administrator.person_id, True), (world.region.administrator.person_id, False)]


def test_everybody_else_is_refused_whatever_they_ask_for(enter: Enter, world: World) -> None:
    midwife = enter("midwife")

    for path in ("/organisaties", f"/organisaties/{world.region.practice.id}"):
        midwife.open(path, status=403)
    midwife.open(f"/organisaties/mensen/{world.region.nurse.person_id}/uit-dienst", status=403)
    midwife.open(f"/organisaties/{world.region.practice.id}/stoppen", status=403)


def test_before_somebody_leaves_it_is_told_what_goes_back(administrator: Reader, world: World) -> None:
    nurse = world.region.nurse
    taken(world)
    page = f"/organisaties/mensen/{nurse.person_id}/uit-dienst"

    administrator.open(f"{page}?organisatie={nurse.organisation_id}")
    assert "1 taak, naar het team" in administrator.text
    assert "1 casus" in administrator.text
    administrator.send("/uit-dienst")

    assert administrator.path == f"/organisaties/{nurse.organisation_id}"
    assert "Uit dienst gemeld. Terug naar een team: 1 taak." in administrator.text
    assert "Jet Jeugdverpleegkundige" not in administrator.text
    administrator.open(page, status=409)
    with world.database.reading() as session:
        assert not organisations.person(session, nurse.person_id).active


def test_what_somebody_has_goes_to_a_colleague_in_one_step(administrator: Reader, world: World) -> None:
    nurse, nurse2 = world.region.nurse, world.region.nurse2
    case_id = taken(world)
    with world.database.writing() as session:
        soon = datetime(2031, 3, 4, 9, 30, tzinfo=UTC)
        hubs.plan(session, municipality=builders.VENLO, starts_at=soon, by=nurse, at=world.clock())
    administrator.open(f"/organisaties/mensen/{nurse.person_id}/uit-dienst")
    assert "Overleg dat deze persoon plande" in administrator.text
    assert f"4 maart 2031 om 10:30 · Venlo · {world.region.youth_health.name}" in administrator.text
    assert "Verkenning doen" in administrator.text
    assert "Noor Voorbeeld" not in administrator.text
    administrator.send("/uit-dienst", alles=nurse2.person_id)

    assert "Naar Joris Jeugdverpleegkundige: 1." in administrator.text
    story = world.look(method.case_story, case_id, by=nurse2)
    assert story.case.case.holder_person_id == nurse2.person_id


def test_an_organisation_stops_after_it_was_told_what_goes_back(administrator: Reader, world: World) -> None:
    taken(world)
    youth = world.region.youth_health

    administrator.open(f"/organisaties/{youth.id}/stoppen")
    assert "1 casus: terug naar waar het gezin vandaan kwam" in administrator.text
    assert f"1 naar {world.region.practice.name}" in administrator.text
    with world.database.writing() as session:
        noord = builders.organisation(session, "JGZ Noord (fictief)", "youth_health", "public", at=world.clock())
        builders.actor(session, "Nina Noord", noord, "explorer", at=world.clock())
    administrator.open(f"/organisaties/{youth.id}/stoppen")
    assert "Opvolger voor 1 casus als verkenner" in administrator.text
    administrator.send("/stoppen/voorbereiden", **{"opvolger.explorer": str(youth.id)})
    assert "Kies een andere organisatie uit de lijst." in administrator.text
    administrator.send("/stoppen/voorbereiden", **{"opvolger.explorer": str(noord.id)})
    assert "Voor 1 casus ligt een overdracht klaar bij het team." in administrator.text
    assert "Bij 1 casus ligt al een overdracht klaar, of is die onderweg." in administrator.text
    administrator.send("/stoppen")

    assert "De organisatie is gestopt. Terug naar een team: 2 taken." in administrator.text
    assert "Voor 1 casus ligt een overdracht naar de opvolger klaar." in administrator.text
    assert youth.name not in administrator.open("/organisaties").text


def test_a_role_ends_and_a_team_without_people_is_told(administrator: Reader, world: World) -> None:
    nurse, nurse2 = world.region.nurse, world.region.nurse2
    taken(world)
    world.do(method.deactivate_person, nurse2.person_id, by=world.region.administrator)

    administrator.open(f"/organisaties/{nurse.organisation_id}").send(f"/{nurse.assignment_id}/beeindigen")

    assert "De rol is beëindigd." in administrator.text
    assert "Bij 1 casus is er niemand meer in het team" in administrator.text


def test_a_certificate_is_added_and_ended_and_what_was_typed_comes_back(administrator: Reader, world: World) -> None:
    nurse = world.region.nurse
    administrator.open(f"/organisaties/{nurse.organisation_id}")
    assert "Certificaten" not in administrator.text, "of nobody here, who explore, anything asks for one"
    with world.database.writing() as session:
        organisations.assign_role(
            session, person_id=nurse.person_id, organisation_id=nurse.organisation_id, role="supporter",
            valid_from=world.clock().date(), by=OPERATOR, at=world.clock(),
        )  # fmt: skip
    administrator.open(f"/organisaties/{nurse.organisation_id}")
    [shown] = administrator.tree.xpath("//details[contains(summary, 'Certificaten')]")
    assert shown.get("open") is None
    form = f"/mensen/{nurse.person_id}/certificaten"

    administrator.send(form, status=400, valid_from="2026-01-01")
    assert "Kies een interventie." in administrator.text
    administrator.send(form, status=400, intervention="VZ", valid_from="morgen")
    assert "Vul een datum in die bestaat." in administrator.text
    assert "VZ" in administrator.values("intervention")
    administrator.send(form, valid_from="2026-01-01", valid_until="2027-01-01")
    assert "VoorZorg · vanaf 1 januari 2026 tot en met 1 januari 2027" in administrator.text

    with world.database.reading() as session:
        [given] = organisations.certificates_of(session, [nurse.person_id], on=world.clock().date())
    administrator.send(f"/certificaten/{given.id}/beeindigen")
    assert "Het certificaat geldt niet meer." in administrator.text
    assert "VoorZorg · vanaf" not in administrator.text


def test_a_comment_is_placed_once_and_read_by_colleagues(enter: Enter, world: World) -> None:
    case_id = taken(world)
    nurse = enter("nurse").open(f"/casussen/{case_id}/opmerkingen")
    sent = nurse.fields("/opmerkingen") | {"text": ["Ze belt liever na zes uur.\nOf zaterdag."]}

    for _ in range(2):
        nurse.client.post(f"/casussen/{case_id}/opmerkingen", data=sent)

    nurse.open(f"/casussen/{case_id}/opmerkingen")
    assert nurse.text.count("Ze belt liever na zes uur.") == 1
    assert "Jet Jeugdverpleegkundige, verkenner" in nurse.text
    assert "Of zaterdag." in nurse.text


@pytest.mark.parametrize(
    ("text", "told"), [("  ", "Schrijf uw opmerking op."), ("x" * 4001, "ten hoogste 4000 tekens")]
)
def test_what_is_wrong_with_a_comment_is_told_beside_what_was_typed(enter: Enter, world: World, text, told) -> None:
    case_id = taken(world)
    nurse = enter("nurse").open(f"/casussen/{case_id}/opmerkingen")

    nurse.send("/opmerkingen", status=400, text=text)

    assert told in nurse.text
    assert nurse.values("text") == [text]
    assert nurse.title.startswith("Fout: ")


def test_a_comment_on_a_case_of_others_is_not_there(enter: Enter, world: World) -> None:
    case_id = taken(world)

    enter("protection_officer").open(f"/casussen/{case_id}/opmerkingen", status=404)
