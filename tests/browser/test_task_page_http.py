"""Beside the form of a task: what was said before, who helps, what colleagues wrote; and the same task on two pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import event, select, update

from tests.browser.reader import Reader
from tests.builders import PASSWORD
from tests.conftest import Clock
from tests.workflows import path
from tests.workflows.path import World
from workflows import logbook, method
from workflows.accounts import SignIn

Enter = Callable[[str], Reader]
TEMPLATES = Path(__file__).parents[2] / "api" / "pages" / "templates"
SCRIPT = {"HX-Request": "true"}
OWN_WORDS = "support_request_own_words"


def exploring(world: World, enter: Enter) -> tuple[Reader, UUID]:
    """A nurse at the form of an exploration."""
    case_id = world.explored_directly()
    task = world.claim(world.region.nurse, "exploration")
    return enter("nurse").open(f"/taken/{task.id}"), case_id


def test_what_the_family_said_before_stands_above_the_form_and_is_read_in_the_log(world: World, enter: Enter) -> None:
    nurse, case_id = exploring(world, enter)

    before = nurse.tree.xpath("//section[@aria-labelledby='eerder-kop']")[0]
    titles = [" ".join(one.text_content().split()) for one in before.xpath("./div//summary/span[1]")]
    assert titles[0] == "Het signaal"
    assert path.SECRETS[0] in before.text_content()
    assert not before.xpath(".//details[@open]"), "folded, so that the form is near"
    page = nurse.open(f"/casussen/{case_id}").text
    for answer in before.xpath(".//dd"):
        assert " ".join(answer.text_content().split()) in page, "nothing that the page of the case would not show"

    with world.database.reading() as session:
        lines = list(
            session.scalars(select(logbook.LoggedRead).where(logbook.LoggedRead.purpose == "task:exploration"))
        )
    assert {line.event for line in lines} == {"task.viewed", "case.viewed"}
    assert all("C5" not in (line.compartments or ()) for line in lines)


def test_who_helps_and_what_comes_next_stands_beside_it(world: World, enter: Enter, clock: Clock) -> None:
    nurse, _ = exploring(world, enter)

    people = nurse.tree.xpath("//section[@aria-labelledby='helpers-kop']")[0].text_content()
    assert "Houdt de casus nu vast" in people
    assert "Verloskundigen" in people
    then = nurse.tree.xpath("//section[@aria-labelledby='hierna-kop']")[0].text_content()
    assert "Graag klaar op" in then
    assert "Signaleerder terugkoppelen" in then


def test_every_form_that_tells_what_matters_to_it_names_forms_that_are_there() -> None:
    forms = {file.removesuffix(".form") for file in path.shipped() if file.endswith(".form")}

    assert {key for key, others in method.MATTERS.items() for key in (key, *others)} <= forms


def test_a_page_takes_no_more_statements_than_measured_and_a_first_signal_has_nothing_beside_it(
    world: World, enter: Enter
) -> None:
    nurse, _ = exploring(world, enter)
    counted: list[str] = []
    engine = nurse.client.application.extensions["steun.database"].engine
    event.listen(engine, "before_cursor_execute", lambda *arguments: counted.append(arguments[2]))

    nurse.open(nurse.path)

    print(f"figure: {len(counted)} statements for the page of a task")
    assert len(counted) <= 75, "\n".join(counted)

    midwife = enter("midwife").open("/signaal").send("/signaal")
    assert "Wat eerder is opgeschreven" not in midwife.text


def test_a_comment_is_placed_beside_the_form_and_nothing_typed_is_lost(world: World, enter: Enter) -> None:
    nurse, case_id = exploring(world, enter)
    place = nurse.path
    typed = nurse.fields("/afronden") | {"what_goes_well": ["Ze hebben elkaar."], "_comment": ["Bel na vijven."]}

    unplaced = nurse.client.post(f"{place}/afronden", data=typed)
    assert unplaced.status_code == 400
    assert "plaatste haar niet" in unplaced.text
    assert "Bel na vijven." in unplaced.text

    nurse._keep(nurse.client.post(f"{place}/opmerking", data=typed, follow_redirects=True), 200)
    again = nurse.client.post(f"{place}/opmerking", data=typed)  # a double click

    assert again.status_code == 303
    assert nurse.path == place
    nurse.open(place)
    assert nurse.text.count("Bel na vijven.") == 1
    assert "bij deze taak" in nurse.text
    assert nurse.values("what_goes_well") == ["Ze hebben elkaar."]
    assert nurse.values("_comment") == [""]
    assert "Bel na vijven." in nurse.open(f"/casussen/{case_id}").text

    nurse.open(place)
    typed = nurse.fields("/afronden") | {"_comment": ["x" * 4001]}
    part = nurse.client.post(f"{place}/opmerking", data=typed, headers=SCRIPT)
    assert "<html" not in part.text
    assert "ten hoogste 4000" in part.text
    assert "x" * 4001 in part.text
    nurse.client.post(f"{place}/concept", data=typed, headers=SCRIPT)
    assert nurse.open(place).values("_comment") == ["x" * 4001], "a comment that was not placed comes back"


def test_of_two_pages_the_older_is_told_and_both_texts_are_there(world: World, enter: Enter) -> None:
    midwife = enter("midwife").open("/signaal").send("/signaal")
    place = midwife.path
    older = midwife.fields("/afronden") | {OWN_WORDS: ["Eerst hier."]}
    assert midwife.client.post(f"{place}/concept", data=older, headers=SCRIPT).status_code == 200
    newer = midwife.open(place).fields("/afronden")
    assert newer[OWN_WORDS] == ["Eerst hier."]
    newer |= {OWN_WORDS: ["Daarna daar."], "parent_name": ["Noor"]}
    assert midwife.client.post(f"{place}/concept", data=newer, headers=SCRIPT).status_code == 200

    older[OWN_WORDS] = ["Toch weer hier."]
    told = midwife.client.post(f"{place}/concept", data=older, headers=SCRIPT)

    assert told.status_code == 412
    assert "ook in een ander venster" in told.text
    assert "Ga hier verder" in told.text
    assert midwife.open(place).values(OWN_WORDS) == ["Daarna daar."], "nothing was written over"

    midwife._keep(midwife.client.post(f"{place}/concept", data=older), 412)  # goes on here
    assert midwife.values(OWN_WORDS) == ["Toch weer hier."]
    beside = midwife.tree.xpath("//section[@aria-labelledby='venster-kop']")[0].text_content()
    assert "Daarna daar." in beside
    assert "Noor" in beside
    here = midwife.fields("/afronden")
    assert midwife.client.post(f"{place}/concept", data=here, headers=SCRIPT).status_code == 200
    assert midwife.client.post(f"{place}/concept", data=newer, headers=SCRIPT).status_code == 412, (
        "now that one is older"
    )
    assert "Daarna daar." in midwife.open(place).text, "until it is finished"

    midwife._keep(midwife.client.post(f"{place}/afronden", data=newer), 412)
    assert midwife.values(OWN_WORDS) == ["Daarna daar."]
    assert "Toch weer hier." in midwife.text


def test_a_choice_of_the_other_page_is_there_though_its_word_is_in_the_word_chosen_here(enter: Enter) -> None:
    midwife = enter("midwife").open("/signaal").send("/signaal")
    place = midwife.path
    older = midwife.fields("/afronden") | {"safe_contact": ["do_not_call_home"], OWN_WORDS: ["Eerst. En nog iets."]}
    newer = midwife.fields("/afronden") | {"safe_contact": ["call"], OWN_WORDS: ["Eerst."]}
    newer["_nonce"] = midwife.open(place).fields("/afronden")["_nonce"]
    assert midwife.client.post(f"{place}/concept", data=newer, headers=SCRIPT).status_code == 200

    midwife._keep(midwife.client.post(f"{place}/concept", data=older), 412)

    beside = midwife.tree.xpath("//section[@aria-labelledby='venster-kop']//dd")
    assert [one.text_content() for one in beside] == ["Bellen"], "text that only grew is not told twice"


def test_a_successor_sees_that_somebody_began_and_not_what_or_who(world: World, enter: Enter, clock: Clock) -> None:
    nurse, _ = exploring(world, enter)
    place = nurse.path
    typed = nurse.fields("/afronden") | {"what_goes_well": ["Een lach."]}
    assert nurse.client.post(f"{place}/concept", data=typed, headers=SCRIPT).status_code == 200
    assert "Een collega begon" not in nurse.open(place).text, "one's own text is no colleague's"
    clock.forward(days=60)  # the lease ended
    world.do(method.claim_task, UUID(nurse.task_id()), by=world.region.nurse2)

    second = enter("nurse2").open(place)

    assert "Een collega begon hier eerder aan" in second.text
    assert "3 november" in second.text
    assert "Een lach." not in second.response.get_data(as_text=True)
    assert second.values("what_goes_well") == [""]
    kept = world.look(
        lambda *known, **who: method.draft_view(*known, **who)[1].answers, UUID(second.task_id()), by=world.region.nurse
    )
    assert kept["what_goes_well"] == "Een lach.", "it stays its author's"


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_text_of_any_form_survives_a_session_that_ended(world: World, enter: Enter, clock: Clock) -> None:
    nurse, case_id = exploring(world, enter)
    nurse.open(f"/casussen/{case_id}")
    fields = nurse.fields("/opmerkingen") | {"text": ["Dit mag niet weg."]}
    with world.database.writing() as session:
        session.execute(update(SignIn).values(ended_at=clock()))

    nurse._keep(nurse.client.post(f"/casussen/{case_id}/opmerkingen", data=fields), 401)
    nurse.send("/inloggen", login="nurse", password=PASSWORD)
    assert nurse.title == "Wat u typte, is er nog"
    assert "Dit mag niet weg." in nurse.text
    nurse.send("/opmerkingen")

    assert nurse.path == f"/casussen/{case_id}"
    assert "Dit mag niet weg." in nurse.text

    forged = {**nurse.fields("/opmerkingen"), "text": ["x"], "_action": ["/uitloggen"], "_nonce": ["not ours"]}
    nurse.client.delete_cookie("steun-sign-in")
    asked = nurse.client.post(f"/casussen/{case_id}/opmerkingen", data=forged)
    assert "_kept." not in asked.text, "text that no page of ours holds is not carried along"


#: Pages on which one types a secret, an address to be confirmed or what is looked for: that comes back with nothing.
_NOT_KEPT = {
    *(
        "login.html",
        "activate.html",
        "confirm.html",
        "second_factor.html",
        "password.html",
        "session_end.html",
        "bsn.html",
        "forgot.html",
        "reset.html",
    ),
    *("mail.html", "search.html", "base.html"),  # mail: its code
    *("begin.html", "codes.html", "log_in.html", "outside_open.html"),  # secrets as well: no name, and nothing to keep
}


def test_every_form_in_which_somebody_types_has_a_name_so_that_its_text_can_come_back() -> None:
    nameless = []
    for template in sorted(TEMPLATES.rglob("*.html")):
        for form in re.findall(r'<form[^>]*method="post".*?</form>', template.read_text(encoding="utf-8"), re.DOTALL):
            types = re.search(r'<textarea|<input(?![^>]*type="(?:hidden|radio|checkbox)")|blocks\(|field\(|day\(', form)
            if types and "_nonce" not in form and "hidden(nonce)" not in form and template.name not in _NOT_KEPT:
                nameless.append(template.name)

    assert nameless == []


def test_who_is_still_there_stays_logged_in_and_a_page_says_how_long(enter: Enter, world: World, clock: Clock) -> None:
    midwife = enter("midwife").open("/werk")
    assert re.fullmatch(r"\d+;\d+", midwife.tree.xpath("//body/@data-left")[0])
    token = midwife.fields("/uitloggen")["csrf_token"]
    clock.forward(minutes=25)

    stays = midwife.client.post("/ingelogd-blijven", data={"csrf_token": token}, headers=SCRIPT)
    clock.forward(minutes=25)

    assert stays.status_code == 204
    idle, ends = map(int, stays.headers["X-Session-Left"].split(";"))
    assert idle >= 29 * 60
    assert ends > idle
    assert midwife.open("/werk").path == "/werk"
    assert midwife.client.post("/ingelogd-blijven", headers=SCRIPT).status_code == 400, "not from elsewhere"
