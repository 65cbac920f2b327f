"""A page that was opened before its form changed, without JavaScript and with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.test_form_changed import OLD, older
from tests.browser.reader import Reader, flat
from tests.builders import PASSWORD, signal_answers
from tests.conftest import Clock
from tests.workflows import path
from tests.workflows.path import World
from workflows import diagrams
from workflows.actor import OPERATOR

Enter = Callable[[str], Reader]


@pytest.fixture
def then(world: World, clock: Clock) -> str:
    """The digest of an older bundle; the shipped one is the present."""
    with world.database.writing() as session:
        digest = diagrams.publish(session, older(OLD), by=OPERATOR, at=clock())
        diagrams.publish(session, path.shipped(), by=OPERATOR, at=clock())
    return digest


@pytest.fixture
def midwife(enter: Enter) -> Reader:
    """At the form of a signal."""
    return enter("midwife").open("/signaal").send("/signaal")


def opened_then(midwife: Reader, then: str, clock: Clock) -> dict[str, list[str]]:
    """What her page would send if she had opened it when the form still asked something else."""
    page = {name: midwife.fields("/afronden")[name] for name in ("_version", "_nonce", "csrf_token")}
    own = {"_form": [then], "old_question": ["Dat het goed ging"], "_observed_day": ["2026-10-30"]}
    return {**page, **flat(signal_answers(clock(), urgency=None)), **own}


@pytest.mark.parametrize("action", ["afronden", "concept", "voorbeeld"])
def test_the_new_form_comes_with_what_was_typed_and_with_what_has_no_place(
    midwife: Reader, then: str, clock: Clock, action: str
) -> None:
    place = midwife.path

    midwife._keep(midwife.client.post(f"{place}/{action}", data=opened_then(midwife, then, clock)), 412)

    assert "Dit formulier is veranderd" in midwife.text
    assert "Vervallen: ‘Wat vond u toen?’." in midwife.text
    assert midwife.values("parent_name") == ["Noor Voorbeeld"]
    assert midwife.values("risk_categories") == ["KW04", "KW11"]
    assert midwife.values("_observed_day") == ["2026-10-30"]
    assert midwife.values("_form") != [then]
    told = midwife.tree.xpath("//section[@aria-labelledby='vervallen-kop']")[0].text_content()
    assert "Wat vond u toen?" in told
    assert "Dat het goed ging" in told

    midwife.open(place)
    assert "Dat het goed ging" in midwife.text
    midwife.send("/afronden", urgency="regular")
    assert midwife.title == "Afgerond"


def test_the_script_on_the_page_keeps_it_and_says_so_in_one_line(midwife: Reader, then: str, clock: Clock) -> None:
    place, script = midwife.path, {"HX-Request": "true"}

    for action in ("concept", "voorbeeld"):
        part = midwife.client.post(f"{place}/{action}", data=opened_then(midwife, then, clock), headers=script)
        assert (part.status_code, part.headers["HX-Retarget"]) == (412, "#bewaard")
        assert "Dit formulier is veranderd" in part.text
        assert "<html" not in part.text

    assert "Dat het goed ging" in midwife.open(place).text


def test_after_a_session_that_ended_it_is_kept_too(midwife: Reader, then: str, clock: Clock) -> None:
    place, fields = midwife.path, opened_then(midwife, then, clock)
    clock.forward(hours=2)

    midwife._keep(midwife.client.post(f"{place}/afronden", data=fields), 401)
    midwife.send("/inloggen", login="midwife", password=PASSWORD)

    assert midwife.path == place
    assert "Dat het goed ging" in midwife.text
    assert midwife.values("parent_name") == ["Noor Voorbeeld"]
    assert midwife.values("_observed_day") == ["2026-10-30"]


def test_a_form_that_did_not_change_says_nothing(midwife: Reader, clock: Clock) -> None:
    assert "vervallen-kop" not in midwife.response.get_data(as_text=True)

    midwife.send("/afronden", answers=signal_answers(clock()))

    assert midwife.title == "Afgerond"
