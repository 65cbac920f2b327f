"""Looking at what goes along before it is sent, and proving afterwards what was sent and what arrived: page, paper, program."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from click.testing import CliRunner

from api.cli import main
from api.pages.proofs import held
from tests.browser.conftest import PEOPLE
from tests.browser.reader import Reader, account
from tests.workflows import handing
from workflows import method

Enter = Callable[[str], Reader]


@pytest.fixture
def world(database, clock) -> handing.World:
    made = handing.World(database, clock)
    for name in PEOPLE:
        account(made, getattr(made.region, name), name)
    return made


def read(somebody: Reader, address: str) -> str:
    answer = somebody.client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return re.sub(r"\s+", " ", answer.text)


def test_a_parent_looks_along_before_anything_is_sent(world, enter: Enter) -> None:
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.do(method.add_comment, case_id, "Ze komt liever ’s ochtends.", by=midwife)
    task = world.take(midwife, "handover")
    entered = enter("midwife")

    beside = read(entered, f"/taken/{task.id}")
    assert f"/casussen/{case_id}/meegeven" in beside
    first = read(entered, f"/casussen/{case_id}/meegeven")
    assert "Aan wie wilt u overdragen?" in first
    assert "Dit gaat niet mee" not in first
    shown_to = read(entered, f"/casussen/{case_id}/meegeven?receiver={nurse.organisation_id}:{nurse.role}")
    assert "Ze komt liever" in shown_to
    assert "de ouder gaf hier geen toestemming voor" in shown_to
    assert "vraag de ouder" in shown_to
    wrong = read(entered, f"/casussen/{case_id}/meegeven?receiver=iemand")
    assert "Kies een organisatie uit de lijst." in wrong


def test_both_sides_prove_it_on_a_page_on_paper_and_at_the_command_line(world, enter: Enter, database) -> None:
    case_id = world.begun()
    midwife, nurse = world.region.midwife, world.region.nurse
    world.hand(midwife, nurse)
    sender = enter("midwife")
    waiting = re.search(r"/bewijzen/[0-9a-f-]+", read(sender, f"/casussen/{case_id}"))
    assert waiting is not None
    assert "nog geen ontvangstbewijs" in read(sender, waiting[0])
    world.fill(nurse, "handover_answer", handing.ACCEPTED)
    receiver = enter("nurse")
    card = world.look(method.package_cards, case_id, by=nurse)[0]
    proof = f"/bewijzen/{card.proof_id}"
    assert proof in read(receiver, f"/casussen/{case_id}")

    theirs, mine = read(receiver, proof), read(sender, proof)
    for side in (sender, receiver):
        assert proof in read(side, "/bewijzen")

    assert "Er is meer. Vraag de ouder." in theirs
    assert "Wat niet meeging" not in theirs
    assert "Er is meer dan de ontvanger kan lezen." in mine
    assert "de ouder gaf hier geen toestemming voor" in mine
    for page in (theirs, mine):
        assert "Alles klopt" in page
    view = world.look(method.proof_view, card.proof_id, by=nurse)
    assert "hoort bij dit bewijs" in read(sender, f"{proof}?hash={view.hash}")
    assert "hoort niet bij dit bewijs" in read(sender, f"{proof}?hash={'0' * 64}")
    paper = receiver.client.get(f"{proof}/bewijs.pdf")
    assert (paper.status_code, paper.data[:5]) == (200, b"%PDF-")
    asked = CliRunner(env={"STEUN_DATABASE_URL": database.url.render_as_string(hide_password=False)})
    said = asked.invoke(main, ["verify", "receipt", str(card.proof_id), "--hash", view.hash, "--json"])
    assert said.exit_code == 0, said.output
    assert json.loads(said.output)["receipt_hash"] == view.hash
    assert asked.invoke(main, ["verify", "receipt", str(card.proof_id), "--hash", "0" * 64]).exit_code == 1
    assert "geen bewijs" in asked.invoke(main, ["verify", "receipt", str(case_id)]).output


def test_what_stays_is_told_without_a_number_that_says_nothing_to_a_parent() -> None:
    assert held("consent", "C10", "no_consent", 58) == (
        "Wat de ouder antwoordde op de vragen om toestemming: de ouder gaf hier geen toestemming voor"
    )
    assert held("plan", "C7", "no_consent", 2) == "2 plannen: de ouder gaf hier geen toestemming voor"
