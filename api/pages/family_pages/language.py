"""The languages of the family's pages: Dutch, and others that a region switches on. Only what we say is translated, never
what people typed.

The catalogues are text (``locale/*.po``) and read when a language is first used, so nothing has to be built and no catalogue
can be older than its text. A translation that nobody reviewed yet says so on every page.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import dates
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import g, request
from flask import session as browser
from markupsafe import Markup

from api import family_auth
from api.pages.words import AMSTERDAM

FOLDER = Path(__file__).parent / "locale"
DUTCH = "nl"
#: Code → what the language calls itself.
NAMES = {DUTCH: "Nederlands", "en": "English", "pl": "Polski", "ar": "العربية", "tr": "Türkçe"}
#: Written from right to left.
FROM_THE_RIGHT = frozenset({"ar"})
#: Name of the choice, in an address and in a form.
FIELD = "taal"


@cache
def catalogue(language: str) -> Translations:
    """What is said in a language, as far as it was translated."""
    with (FOLDER / f"{language}.po").open("rb") as file:
        known = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, known)
    compiled.seek(0)
    return Translations(compiled)


def offer(languages: tuple[str, ...]) -> None:
    """Which languages can be chosen in this request, beside Dutch; what was chosen just now is kept in the browser."""
    g.family_languages = (DUTCH, *(one for one in NAMES if one in languages))
    wanted = request.args.get(FIELD, "") or request.form.get(f"_{FIELD}", "")
    if wanted in g.family_languages:
        browser[family_auth.LANGUAGE] = wanted


def offered() -> tuple[str, ...]:
    """The languages that can be chosen in this request."""
    found: tuple[str, ...] = g.get("family_languages", (DUTCH,))
    return found


def chosen() -> str:
    """The language of this request; Dutch when the region does not offer (any more) what the browser kept."""
    kept = browser.get(family_auth.LANGUAGE, DUTCH)
    return kept if kept in offered() else DUTCH


def changed() -> bool:
    """Whether a form was sent to go on in another language, and not to do what it says."""
    return request.method == "POST" and f"_{FIELD}" in request.form


def gettext(text: str, **values: Any) -> str:
    """*text* in the language of this request; Dutch when it is not known there."""
    said = text if chosen() == DUTCH else catalogue(chosen()).gettext(text)
    return said % values if values else said


def ngettext(one: str, many: str, number: int, **values: Any) -> str:
    """As :func:`gettext`, by number as the language counts."""
    dutch = one if number == 1 else many
    said = dutch if chosen() == DUTCH else catalogue(chosen()).ngettext(one, many, number)
    return said % {"num": number, **values}


def said(text: str) -> Markup | str:
    """As :func:`gettext`, for what a room said; in Dutch, and marked so, when it is not known in the language."""
    if chosen() == DUTCH:
        return text
    found = catalogue(chosen()).gettext(text)
    return Markup('<span lang="nl" dir="ltr">{}</span>').format(text) if found == text else found


def moment(value: datetime) -> str:
    """A moment in words, on the clock of here: 3 november 2026 14:05."""
    return dates.format_datetime(value, "d MMMM y HH:mm", tzinfo=AMSTERDAM, locale=chosen())


def day(value: date) -> str:
    """A day in words: 3 november 2026."""
    return dates.format_date(value, "d MMMM y", locale=chosen())


def direction() -> str:
    """Which way the language of this request is written."""
    return "rtl" if chosen() in FROM_THE_RIGHT else "ltr"


def in_dutch(render: Callable[[], str]) -> str:
    """What *render* says, said in Dutch."""
    kept = g.get("family_languages")
    g.family_languages = (DUTCH,)
    try:
        return render()
    finally:
        g.family_languages = kept
