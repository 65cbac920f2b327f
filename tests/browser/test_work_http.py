"""Mijn werk without a script: filters and lists, several tasks at once, passing on, being away, and a look that is no use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, insert, select

from engine.clock import local_date
from tests.browser.reader import Reader
from tests.builders import ROERMOND, WEERT
from tests.workflows.path import World
from workflows import method, processes
from workflows.accounts import SignIn
from workflows.organisations import Municipality, WorkArea
from workflows.processes import Task

#: Nothing here asks a database what the rooms' own tests do not.
pytestmark = pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
Enter = Callable[[str], Reader]


def chips(reader: Reader) -> list[str]:
    return [" ".join(one.text_content().split()) for one in reader.tree.xpath("//*[@class='steun-chip']")]


def follow(reader: Reader, text: str) -> Reader:
    [link] = reader.tree.xpath("//main//a[contains(normalize-space(.), $t)]", t=text)[:1]
    return reader.open(link.get("href"))


def ids(reader: Reader, part: str) -> list[str]:
    return reader.tree.xpath(f"//*[@id='{part}']//@id[starts-with(., 'taak-')]")


def test_filters_go_together_stand_in_sight_and_say_what_they_hide(enter: Enter, world: World) -> None:
    world.explored()
    world.explored()
    nurse = enter("nurse")
    assert "Later Aantal: 2" in nurse.text
    assert chips(nurse) == []

    nurse.open("/werk?fase=pregnant&termijn=later&soort=exploration&nieuw=1&gemeente=nonsense")
    assert len(ids(nurse, "team")) == 2
    assert [chip.split(",")[0] for chip in chips(nurse)] == [
        "Fase: Zwanger", "Soort taak: Verkenning doen", "Termijn: Later", "Alleen nieuw",
    ]  # fmt: skip
    follow(nurse, "Termijn: Later")
    assert len(chips(nurse)) == 3
    nurse.open("/werk?fase=after_birth")
    assert ids(nurse, "team") == []
    assert "Voor uw team ligt er niets met deze filters" in nurse.text
    assert "haal ‘Fase: Na de geboorte’ weg" in nurse.text


def test_a_list_of_ones_own_is_kept_opened_renamed_and_begun_with(enter: Enter, world: World) -> None:
    world.explored()
    nurse = enter("nurse").open("/werk?fase=pregnant")

    nurse.send("/werk/lijsten", name="Zwanger")
    assert [chip.split(",")[0] for chip in chips(nurse)] == ["Fase: Zwanger"]
    nurse.open("/werk?fase=after_birth").send("/werk/lijsten", name="zwanger", status=400)
    assert "U heeft al een lijst met deze naam." in nurse.text
    assert nurse.values("fase") == ["after_birth"]  # it can be sent again with another name
    nurse.open("/werk/lijsten")
    one = next(form for form in nurse.tree.forms if form.get("action", "").startswith("/werk/lijsten/"))
    nurse.send(one.get("action"))  # begin with it
    assert "Mijn werk begint hiermee" in nurse.text
    assert [chip.split(",")[0] for chip in chips(nurse.open("/werk"))] == ["Fase: Zwanger"]
    assert chips(follow(nurse, "Fase: Zwanger")) == []  # and taking it away shows everything
    nurse.open("/werk/lijsten").send("/verwijderen")
    assert "U heeft nog geen lijsten" in nurse.text
    assert enter("nurse2").open("/werk/lijsten").text.count("Begin hiermee") == 0


def test_a_list_of_a_municipality_that_is_no_more_says_so_and_holds_what_it_counts(enter: Enter, world: World) -> None:
    world.explored()
    nurse = enter("nurse")
    with world.database.writing() as session:
        by = world.region.nurse
        lists = {
            code: processes.save_list(
                session, code, {"municipality": code, "phase": "pregnant"}, by=by, at=world.clock()
            ).id
            for code in (ROERMOND, WEERT, "GM9999")
        }
        session.execute(delete(WorkArea).where(WorkArea.municipality_code == ROERMOND))
        session.get_one(Municipality, WEERT).valid_to = local_date(world.clock()) - timedelta(days=1)
    for code, why in (
        (ROERMOND, "U werkt niet meer in Roermond."),
        (WEERT, "De gemeente Weert bestaat niet meer."),
        ("GM9999", "We kennen geen gemeente GM9999."),
    ):
        nurse.open(f"/werk?lijst={lists[code]}")
        assert f"{code} Aantal: 0" in nurse.text
        assert (ids(nurse, "team"), why in nurse.text) == ([], True)
        follow(nurse, "Fase: Zwanger")
        assert (ids(nurse, "team"), len(chips(nurse))) == ([], 1), "also when something else is taken away"
        assert why in nurse.open("/werk/lijsten").text
    assert chips(nurse.open("/werk?gemeente=GM1234")) == []
    assert "niet meer" not in nurse.open("/werk").text


def test_several_at_once_each_in_its_own_right_and_twice_is_once(enter: Enter, world: World) -> None:
    for _ in range(3):
        world.explored()
    jet, joris = enter("nurse"), enter("nurse2")
    all_ = [one.removeprefix("taak-") for one in ids(jet, "team")]
    first = world.do(
        method.claim_task, world.look(method.work_list, by=world.region.nurse2).items[0].id, by=world.region.nurse2
    )

    def together(reader: Reader, form: str, **sent: object) -> Reader:
        fields = reader.fields("/werk/samen") | {"taak": all_}
        reader._keep(reader.client.post("/werk/samen", data=fields | sent, follow_redirects=True), 200)
        return reader

    together(jet, "team", _do="claim")
    assert "U heeft 2 taken opgepakt." in jet.text
    assert "Verkenning doen: Joris Jeugdverpleegkundige" in jet.text
    together(jet, "team", _do="claim")
    assert "U heeft 2 taken opgepakt." in jet.text
    mine = [one.removeprefix("taak-") for one in ids(jet, "mijn")]
    assert len(mine) == 2 and str(first.id) not in mine  # noqa: PT018

    jet.open("/werk/doorgeven?" + "&".join(f"taak={one}" for one in [*mine, str(first.id)]))
    assert "Eén taak heeft u niet (meer)." in jet.text
    refused = jet.send("/werk/doorgeven", note="Een briefje", status=400)
    assert "Kies een collega." in refused.text
    assert refused.values("note") == ["Een briefje"]
    jet.send("/werk/doorgeven", person_id=world.region.nurse2.person_id, note="Ze belt liever na zes uur.")
    assert "2 taken zijn doorgegeven." in jet.text
    assert joris.open("/werk").text.count("Van Jet Jeugdverpleegkundige: Ze belt liever na zes uur.") == 2
    assert "Ze belt liever na zes uur." in joris.open(f"/taken/{mine[0]}").text
    assert "Geef door aan een collega" in joris.text
    joris.open("/werk")
    together(joris, "mijn", _do="release", taak=mine)
    assert "2 taken liggen weer bij uw team." in joris.text
    assert "Vink eerst een of meer taken aan." in together(joris, "mijn", _do="claim", taak=[]).text


def test_who_chose_more_than_go_at_once_is_told_and_goes_on_with_the_rest(enter: Enter, world: World) -> None:
    """Of a very long list, from its very end."""
    world.explored()
    task = world.claim(world.region.nurse)
    with world.database.writing() as session:
        table = Task.__table__
        row = dict(session.execute(select(table).where(table.c.id == task.id)).one()._mapping)
        session.execute(
            insert(table), [{**row, "id": uuid4(), "step_key": f"{row['step_key']}-{number}"} for number in range(205)]
        )
        mine = session.scalars(select(Task.id).where(Task.claimed_by == row["claimed_by"]).order_by(Task.id)).all()
    jet = enter("nurse").open("/werk/doorgeven?" + "&".join(f"taak={one}" for one in mine[-52:]))

    assert "U koos 52 taken. Hier staan de eerste 50." in jet.text
    assert jet.text.count("Verkenning doen") == 50
    refused = jet.send("/werk/doorgeven", note="Tot maandag.", status=400)
    assert "U koos 52 taken." in refused.text
    jet.send("/werk/doorgeven", person_id=world.region.nurse2.person_id)
    assert "50 taken zijn doorgegeven." in jet.text
    assert jet.text.count("Verkenning doen") == 2
    jet.send("/werk/doorgeven", person_id=world.region.nurse2.person_id)
    assert "2 taken zijn doorgegeven." in jet.text


def test_being_away_is_reported_seen_by_colleagues_and_ended(enter: Enter, world: World) -> None:
    world.explored()
    task = world.claim(world.region.nurse)
    jet, joris = enter("nurse"), enter("nurse2")
    jet.open("/afwezig").send("/afwezig", from_on="2026-11-03", until_on="2026-11-01", status=400)
    assert "Kies een dag op of na de eerste dag." in jet.text
    assert jet.values("until_on") == ["2026-11-01"]

    jet.send("/afwezig", from_on="3-11-2026", until_on="2026-11-06", deputy_id=world.region.nurse2.person_id)
    assert "Uw taak ligt nu bij de ander." in jet.text
    assert "U vervangt Jet Jeugdverpleegkundige" in joris.open("/werk").text
    joris.open(f"/werk/doorgeven?taak={task.id}")
    assert "Is er niet tot en met 6 november 2026" in joris.text
    joris.send("/werk/doorgeven", person_id=world.region.nurse.person_id)
    assert "De taak ging naar uw team." in joris.text
    assert "U staat als afwezig gemeld" in jet.open("/werk").text
    jet.send("/terug")
    assert "U bent er weer." in jet.text
    assert "Pak op" in jet.text  # it lies where it lay


def test_a_page_that_asks_by_itself_does_not_keep_the_session_alive(enter: Enter, world: World, clock) -> None:
    nurse = enter("nurse")
    stand = nurse.tree.xpath("//@data-stand")[0]
    asking = {"HX-Request": "true"}

    def seen() -> object:
        with world.database.reading() as session:
            return session.scalars(select(SignIn.seen_at)).one()

    began = seen()
    clock.forward(minutes=20)
    same = nurse.client.get(f"/werk/stand?stand={stand}", headers=asking)
    assert (same.status_code, same.get_data()) == (204, b"")
    world.explored()
    changed = nurse.client.get(f"/werk/stand?stand={stand}", headers=asking)
    assert changed.status_code == 200
    assert b"Verkenning doen" in changed.get_data()
    assert b"<html" not in changed.get_data()
    assert seen() == began
    clock.forward(minutes=20)  # forty minutes without a hand on it
    assert nurse.client.get(f"/werk/stand?stand={stand}", headers=asking).status_code == 401
    nurse.open("/werk")
    assert nurse.title == "Inloggen"
    assert timedelta(0) == seen() - began
