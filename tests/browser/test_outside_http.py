"""What somebody without an account can open, what a link alone gives, and the figures of the steering board."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest

from tests import builders
from tests.browser.conftest import PEOPLE
from tests.browser.reader import Reader, account
from tests.workflows import handing
from tests.workflows.test_outside import RECEIVED, agree
from workflows import figures, method
from workflows.actor import WORKER
from workflows.figures import Passed, Topic
from workflows.handovers import HandoverKind, RefusedReason

Enter = Callable[[str], Reader]
#: In the signal, and of what the parent agreed to.
TOLD = "Ik kom niet rond"


@pytest.fixture
def world(database, clock) -> handing.World:
    made = handing.World(database, clock)
    for name in PEOPLE:
        account(made, getattr(made.region, name), name)
    return made


def test_the_gp_opens_it_once_and_nobody_else_gets_anything(app, enter: Enter, world) -> None:
    case_id = world.begun()
    sender = enter("midwife").open(f"/casussen/{case_id}")
    assert f"/casussen/{case_id}/zonder-account" in str(sender.client.get(f"/casussen/{case_id}").data)
    here = f"/casussen/{case_id}/zonder-account"
    given = {
        "party_kind": "general_practice", "party_name": "Huisarts Van Dam", "telephone": "077-5550123",
        "kind": "regular_care", "way": "link",
    }  # fmt: skip
    sender.open(here).send(f"{here}/bekijken", status=400)
    assert "Kijk nog naar 5 vragen" in sender.text
    sender.open(here).send(f"{here}/bekijken", status=400, **given)
    assert "Vraag eerst toestemming" in sender.text
    agree(world, case_id)
    sender.open(here).send(f"{here}/bekijken", **given)
    assert "Noor Voorbeeld" in sender.text
    assert TOLD in sender.text
    sender.send(here, status=400)
    assert "Bekijk eerst samen met de ouder" in sender.text
    sender.send(here, shown_to_parent="yes")
    link = re.search(r"/pakket/[\w-]{43}", sender.text)[0]
    code = re.search(r"\b\d{4} \d{4}\b", sender.text)[0]

    # A program that follows links, and whoever has only the link, sees a field for a code; of any link the same.
    stranger = Reader(app.test_client())
    page = app.test_client().get(link)
    other = app.test_client().get("/pakket/" + "A" * 43)
    assert page.status_code == other.status_code == 200
    token = re.compile(r'(?<=name="csrf_token" value=")[^"]*|(?<=/pakket/)[\w-]+')
    assert token.sub("", page.text) == token.sub("", other.text)
    assert "Noor" not in page.text
    assert "De Bron" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert 'name="robots" content="noindex"' in page.text
    assert app.test_client().head(link).data == b""
    assert app.test_client().options(link).data == b""
    assert app.test_client().put(link).status_code in (400, 405)
    assert app.test_client().post(link, data={"code": "9" * 10_000_000}).status_code == 413
    stranger.open(link).send(link, status=400, code="0000 0001")
    wrong = token.sub("", stranger.text)
    nobody = Reader(app.test_client())
    nobody.open("/pakket/" + "A" * 43).send("/pakket/" + "A" * 43, status=400, code=code)
    assert token.sub("", nobody.text) == wrong

    stranger.send(link, code=code)
    assert "Noor Voorbeeld" in stranger.text
    assert TOLD in stranger.text
    assert "Er is meer. Vraag het de ouder." in stranger.text
    assert "geen toestemming" not in stranger.text
    stranger.send(link, status=400, **{**RECEIVED, "name": ""})
    assert "tonen we niet nog eens" in stranger.text
    assert "Noor" not in stranger.text
    again = Reader(app.test_client()).open(link).send(link, status=400, code=code)
    assert token.sub("", again.text) == wrong
    stranger.send(link, **RECEIVED)
    assert "Dank u wel" in stranger.text
    sender.open(here)
    assert "D. van Dam, huisarts, Praktijk Van Dam" in sender.text
    [view] = world.look(method.outside_list, case_id, by=world.region.midwife)
    assert f"{view.went} onderdelen gingen mee. Dit niet:" in sender.text
    assert "de ouder gaf hier geen toestemming voor" in sender.text
    assert "1 adres: zoiets gaat niet mee naar iemand zonder account" in sender.text
    assert link not in sender.text
    assert code not in sender.text


def test_the_paper_is_a_pdf_for_who_holds_the_case(enter: Enter, world) -> None:
    case_id = world.begun()
    agree(world, case_id)
    sent = world.do(
        method.hand_over_outside, case_id, kind="regular_care", way="paper", party_kind="general_practice",
        party_name="Huisarts", telephone="077-5550123", shown_to_parent=True, by=world.region.midwife,
    )  # fmt: skip

    answer = enter("midwife").client.get(f"/zonder-account/{sent.id}/papier.pdf")
    assert answer.data.startswith(b"%PDF")
    assert enter("nurse").client.get(f"/zonder-account/{sent.id}/papier.pdf").status_code == 404


def test_the_board_reads_figures_and_what_is_too_small(app, enter: Enter, world, database) -> None:
    rows = [Passed(n, "birth", n % 2 == 0, "accepted", working_days=1 + n % 3) for n in range(30)]
    told = figures.tell(rows, kinds=tuple(HandoverKind), reasons=tuple(RefusedReason), smallest=10)
    with database.writing() as session:
        figures.publish(
            session, Topic.HANDOVERS, told, first_day=date(2025, 7, 1), last_day=date(2025, 12, 31), smallest=10,
            by=WORKER, at=world.clock(),
        )  # fmt: skip
        board = builders.actor(session, "Ria Regieraad", world.region.programme, "steering_board", at=world.clock())
    account(world, board, "board")

    page = enter("board").open("/cijfers")

    assert "Juli t/m december 2025" in page.text
    assert "50%" in page.text
    assert "2 werkdagen" in page.text
    assert "te klein om te tonen" in page.text
    assert "Januari t/m september 2026: te klein om te tonen" in page.text
    assert enter("midwife").client.get("/cijfers").status_code == 403
