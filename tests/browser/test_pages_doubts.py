"""A task page that asks about answers that do not go together, as a browser without JavaScript gets it."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.reader import Reader
from tests.builders import signal_answers
from tests.conftest import Clock

Enter = Callable[[str], Reader]


def doubted(enter: Enter, clock: Clock) -> Reader:
    """A mother of over sixty; the page asks."""
    midwife = enter("midwife").open("/signaal").send("/signaal")
    return midwife.send("/afronden", status=400, answers=signal_answers(clock(), birth_date="1955-05-17"))


def test_a_doubt_is_asked_above_the_form_and_what_was_typed_stays(enter: Enter, clock: Clock) -> None:
    midwife = doubted(enter, clock)

    assert midwife.title.startswith("Klopt dit?")
    assert "Klopt het dat de ouder 71 jaar is" in midwife.text
    assert midwife.values("parent_name") == ["Noor Voorbeeld"]
    assert midwife.values("birth_date") == ["1955-05-17"]
    assert midwife.errors == []
    for link in midwife.tree.xpath("//*[@id='vragen']//a/@href"):
        assert midwife.tree.xpath("//*[@id=$id]", id=link.removeprefix("#")), f"{link} leads nowhere"


def test_sending_it_again_without_saying_that_it_is_true_asks_again(enter: Enter, clock: Clock) -> None:
    midwife = doubted(enter, clock)

    midwife.send("/afronden", status=400)

    assert "Klopt het dat de ouder 71 jaar is" in midwife.text


def test_who_says_that_it_is_true_finishes(enter: Enter, clock: Clock) -> None:
    midwife = doubted(enter, clock)

    midwife.send("/afronden", answers={"_confirm": "birth_date"})

    assert midwife.path.endswith("/klaar")


def test_a_tick_counts_only_for_the_answers_it_was_about(enter: Enter, clock: Clock) -> None:
    midwife = doubted(enter, clock)

    midwife.send("/afronden", status=400, answers={"_confirm": "birth_date", "birth_date": "1956-01-01"})

    assert "Klopt het dat de ouder 71 jaar is bij" in midwife.text
    midwife.send("/afronden", answers={"_confirm": "birth_date"})
    assert midwife.path.endswith("/klaar")
