"""Empty forms on paper: every question, in plain Dutch, without anything of a family."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise

import pytest
from sqlalchemy import update

from api.pages import paper
from bpmn import DIRECTORY
from engine import Bundle
from tests.browser.reader import Reader
from tests.conftest import Clock
from tests.workflows import path
from tests.workflows.path import World
from workflows import forms
from workflows.diagrams import StoredBundle, StoredFile

Enter = Callable[[str], Reader]
DRAWN = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(DIRECTORY.glob("*.form"))}


def read(key: str) -> forms.Form:
    return forms.read_form(key, "x", DRAWN[key])


def questions(parts: list[paper.Part]) -> list[str]:
    found = []
    for part in parts:
        for block in part.blocks:
            inner = questions(block.parts)
            found += inner if block.kind == "group" else [block.label, *inner]
    return [label for label in found if label]


def test_papers_are_for_who_is_logged_in(reader: Reader, world: World) -> None:
    for place in ("/papier", "/papier/signal"):
        assert reader.open(place).title == "Inloggen"


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
def test_every_form_can_be_printed_from_the_list(enter: Enter) -> None:
    nurse = enter("nurse").open("/papier")
    links = nurse.tree.xpath("//main//li/a/@href")
    assert {link.removeprefix("/papier/") for link in links} == set(DRAWN)

    for link in links:
        page = nurse.open(link).response
        assert page is not None
        key = link.removeprefix("/papier/")
        for label in questions(paper.drawn(read(key))):
            assert " ".join(label.split()) in nurse.text, (key, label)
        assert not nurse.tree.xpath("//article//input | //article//form | //article//script"), key
        assert nurse.title != f"{key} op papier", f"{key} has no Dutch name in words.FORMS"


@pytest.mark.parametrize("key", DRAWN)
def test_every_question_is_on_paper_but_what_the_system_says(key: str) -> None:
    form = read(key)

    printed = questions(paper.drawn(form))

    asked = [field.label for field in form.fields.values() if not field.readonly] + [
        rows.label for rows in form.rows.values()
    ]
    assert sorted(printed) == sorted(asked)


def test_a_form_that_is_not_there_is_not_found(enter: Enter) -> None:
    enter("midwife").open("/papier/onbekend", status=404)


def test_options_are_boxes_and_safety_stays_in_the_own_organisation(enter: Enter) -> None:
    midwife = enter("midwife").open("/papier/signal")

    phase = read("signal").fields["phase"]
    [question] = [
        one for one in midwife.tree.xpath("//div[@class='steun-paper__question']") if phase.label in one.text_content()
    ]
    assert len(question.xpath(".//li/span[@class='steun-paper__box']")) == len(phase.options)
    assert "Het papier blijft in uw eigen organisatie" in midwife.text
    assert "Over veiligheid. Dit antwoord blijft in uw eigen organisatie." in midwife.text
    assert "veiligheid" not in midwife.open("/papier/closure").text


def test_a_task_leads_to_its_form_on_paper(enter: Enter) -> None:
    midwife = enter("midwife").open("/signaal").send("/signaal")
    [link] = midwife.tree.xpath("//a[starts-with(@href, '/papier/')]/@href")

    assert midwife.open(link).title == "Het signaal op papier"


def test_a_form_of_an_older_bundle_offers_no_paper_that_is_not_there(
    enter: Enter, world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    midwife = enter("midwife").open("/signaal").send("/signaal")
    place = midwife.path
    files = {
        name: data.replace(b'"id": "signal"', b'"id": "first"')
        .replace(b">signal<", b">first<")
        .replace(b'"signal"', b'"first"')
        for name, data in path.shipped().items()
    }
    files["first.form"] = files.pop("signal.form")
    with world.database.writing() as session:  # as kept from before the rules of today
        digest = Bundle.from_files(files).digest
        session.execute(update(StoredBundle).values(is_current=False))
        session.add(StoredBundle(digest=digest, published_at=clock(), published_by=None, is_current=True))
        session.flush()
        session.add_all(StoredFile(digest=digest, name=name, data=data) for name, data in files.items())

    assert midwife.open(place).tree.xpath("//a[starts-with(@href, '/papier/')]") == []


FIELDS = forms.read_form(
    "small",
    "x",
    {
        "components": [
            {"type": "radio", "key": "phase", "label": "Hoe ver?", "values": [{"value": "p", "label": "Zwanger"}]},
            {"type": "checklist", "key": "why", "label": "Waarom?", "values": [{"value": "o", "label": "Anders"}]},
            {"type": "checkbox", "key": "told", "label": "Verteld"},
            {"type": "textfield", "key": "who", "label": "Wie?"},
            {"type": "select", "key": "org", "label": "Waar?", "valuesKey": "supporters"},
            {
                "type": "dynamiclist", "path": "rows", "label": "Rijen",
                "components": [
                    {"type": "radio", "key": "kind", "label": "Soort?", "values": [{"value": "a", "label": "A"}]}
                ],
            },
        ]
    },
)  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("", ""),
        ('phase != "p"', "Alleen invullen als u bij ‘Hoe ver?’ kiest voor ‘Zwanger’."),
        ('phase = null or phase != "p"', "Alleen invullen als u bij ‘Hoe ver?’ kiest voor ‘Zwanger’."),
        ('phase != "p" or phase = null', "Alleen invullen als u bij ‘Hoe ver?’ kiest voor ‘Zwanger’."),
        ('phase = "p"', "Alleen invullen als u bij ‘Hoe ver?’ iets anders kiest dan ‘Zwanger’."),
        ("who = null", "Alleen invullen als u ‘Wie?’ invult."),
        ('not(list contains(why, "o"))', "Alleen invullen als u bij ‘Waarom?’ ook ‘Anders’ aankruist."),
        ("told != true", "Alleen invullen als u ‘Verteld’ aankruist."),
        ("told = false", "Alleen invullen als u ‘Verteld’ aankruist."),
        ("told = true", "Alleen invullen als u ‘Verteld’ niet aankruist."),
        (
            'phase = null or phase != "p" or told != true',
            "Alleen invullen als u bij ‘Hoe ver?’ kiest voor ‘Zwanger’ en ‘Verteld’ aankruist.",
        ),
        ('phase = "q"', paper.OTHERWISE),
        ('phase != "p" and told', paper.OTHERWISE),
        ("phase = who", paper.OTHERWISE),
        ('phase = "p" or phase != "p"', paper.OTHERWISE),
        ('org != "new"', paper.OTHERWISE),
        ("gone = null", paper.OTHERWISE),
        ("count(why) > 2", paper.OTHERWISE),
        ('kind != "a"', paper.OTHERWISE),
    ],
)
def test_when_to_fill_in_is_said_plainly_or_left_to_people(condition: str, said: str) -> None:
    assert paper.note(FIELDS, condition) == said


def test_a_row_reads_its_own_answers_first() -> None:
    assert paper.note(FIELDS, 'kind != "a"', "rows") == "Alleen invullen als u bij ‘Soort?’ kiest voor ‘A’."
    assert paper.note(FIELDS, "told != true", "rows") == "Alleen invullen als u ‘Verteld’ aankruist."


@pytest.mark.parametrize("key", DRAWN)
def test_what_stands_together_under_one_condition_says_so_once(key: str) -> None:
    def check(parts: list[paper.Part]) -> None:
        for one, other in pairwise(parts):
            assert not one.note or one.note != other.note or one.note == paper.OTHERWISE
        for part in parts:
            for block in part.blocks:
                check(block.parts)

    check(paper.drawn(read(key)))
