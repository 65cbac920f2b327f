"""Every sentence of the family's pages is said in every language, with what is filled in; and none is outside the catalogues."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from api.pages.family_pages import language, shape, words

PAGES = Path(language.__file__).parent
FOLDERS = [PAGES.parent / "templates" / name for name in ("family", "family_login")]
TEMPLATES = sorted(path for folder in FOLDERS for path in folder.glob("*.html"))
MODULES = [*PAGES.glob("*.py"), PAGES.parent / "family_login.py"]
OTHERS = sorted(set(language.NAMES) - {language.DUTCH})
_FILLED_IN = re.compile(r"%\(\w+\)s")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
#: Stands in the templates as it is: a name, and addresses of our own.
AS_IT_IS = {"Steun op Maat", "· Steun op Maat", "utf-8"}
_SPOKEN = re.compile(r'\b(?:aria-label|title|alt|placeholder)="([^"]*)"')


def sentences() -> set[str | tuple[str, ...]]:
    """What the catalogues have to know."""
    found: set[str | tuple[str, ...]] = set(words.OF_ROOMS)
    options = {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
    for path in TEMPLATES:
        found |= {said for _, said, *_ in extract_from_file("jinja2.ext:babel_extract", str(path), options=options)}
    for path in MODULES:
        found |= {said for _, said, *_ in extract_from_file("python", str(path), keywords={"_": None, "N_": None})}
    return found


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_says_all_of_it_with_what_is_filled_in(code):
    with (language.FOLDER / f"{code}.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    wanted = sentences()

    assert {one.id for one in catalogue if one.id} == wanted
    for one in catalogue:
        if not one.id:
            continue
        assert not one.fuzzy, one.id
        dutch, said = (one.id, one.string) if one.pluralizable else ((one.id,), (one.string,))
        assert all(said), f"{code}: {one.id}"
        if one.pluralizable:
            assert len(said) == catalogue.num_plurals, one.id
            assert set(_FILLED_IN.findall(" ".join(said))) == set(_FILLED_IN.findall(dutch[0])), f"{code}: {one.id}"
        else:
            assert sorted(_FILLED_IN.findall(said[0])) == sorted(_FILLED_IN.findall(dutch[0])), f"{code}: {one.id}"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_sentence_of_a_page_is_outside_the_catalogues(path):
    parsed = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(path.read_text())
    text = "".join(one.data for one in parsed.find_all(nodes.TemplateData))
    text = re.sub(r'\b(?!aria-label|title|alt|placeholder)[\w-]+="[^"]*"', "", text)
    shown = re.sub(r"<[^>]*>", "\n", re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL))
    said = {line.strip() for line in [*shown.splitlines(), *_SPOKEN.findall(text)] if _LETTERS.search(line)}

    assert said <= AS_IT_IS


def test_the_warning_that_nobody_reviewed_a_translation_is_the_one_that_is_translated():
    assert shape.NOT_REVIEWED in sentences()
