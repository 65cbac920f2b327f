"""The picture is safe to put in a page and complete; the outline says the same."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.draw import outline, svg
from engine.model import Bounds, EventSpec, Lane, Loop, Pool, ProcessModel, TimerSpec, read_diagram
from tests.engine.sketch import sketch
from tests.engine.test_soundness import blocks, tangles

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    "<script>alert(1)</script>",
    '" onload="alert(1)',
    "' onclick='x",
    "</text></svg><img src=x onerror=y>",
    "]]><!--",
    "&amp;&lt;",
    "a\x00b\x07c\ufffe",
    "\ud800",
    "abc\u202edcba",
    "javascript:alert(1)",
    "x" * 5_000,
    "👩‍👧 gesprek مرحبا",
]
SHIPPED = sorted((Path(__file__).parents[2] / "bpmn").glob("*.bpmn"))


def laid_out(model: ProcessModel) -> ProcessModel:
    """In a row: where does not matter."""
    shapes = {node: Bounds(100.0 * i, 50, 80, 60) for i, node in enumerate(model.nodes)}
    edges = {}
    for flow in model.flows.values():
        a, b = shapes[flow.source], shapes[flow.target]
        edges[flow.id] = ((a.x + 80, 80.0), (a.x + 90, 20.0), (b.x, 80.0))
    return dataclasses.replace(model, shapes={**model.shapes, **shapes}, edges=edges)


def parsed(picture: str) -> etree._Element:
    return etree.fromstring(picture.encode())


def words(picture: str) -> str:
    return " ".join(" ".join(text.itertext()) for text in parsed(picture).iter(f"{SVG}text"))


EXAMPLE = laid_out(
    sketch(
        "start > ask > xor1 > plan > end",
        "xor1 > call1 > end",
        "on_late > remind > end2",
        start={"name": "Signaal ontvangen"},
        ask={"name": "Gesprek voeren", "lane": "lane1", "role": "explorer"},
        xor1={"name": "Akkoord?", "default": "xor1__call1"},
        plan={"name": "Plan maken", "loop": Loop("parallel", cardinality="3")},
        call1={"name": "Verkennen"},
        end={"name": "Klaar"},
        on_late={
            "name": "Te laat",
            "attached_to": "ask",
            "interrupting": False,
            "event": EventSpec("timer", timer=TimerSpec("term", "talk")),
        },
        remind={"name": "Herinneren"},
    )
)


def test_every_name_is_in_the_picture():
    for node in EXAMPLE.nodes.values():
        if node.name:
            assert node.name in words(svg(EXAMPLE))


def test_the_picture_says_what_it_is_to_who_does_not_see_it():
    root = parsed(svg(dataclasses.replace(EXAMPLE, name="Verkennen"), marks={"plan": "live", "ask": "done"}))
    assert root.get("role") == "img"
    ids = {element.get("id"): element for element in root.iter() if element.get("id")}
    title, described = (ids[name] for name in root.get("aria-labelledby").split())
    assert title.text == "Verkennen"
    assert "Nu bezig: Plan maken." in described.text
    assert "Gedaan: 1." in described.text


def test_marks_are_told_by_class_and_by_more_than_colour():
    picture = svg(
        EXAMPLE, marks={"ask": "done", "plan": "live", "call1": "withheld", "gone": "live", "end": "nonsense"}
    )
    root = parsed(picture)
    classes = {g.get("data-element"): g.get("class") for g in root.iter(f"{SVG}g") if g.get("data-element")}
    assert classes["ask"].endswith(" is-done")
    assert classes["plan"].endswith(" is-live")
    assert classes["call1"].endswith(" is-withheld")
    assert "is-" not in classes["end"]
    assert words(picture).count("nu hier") == 1
    [live] = [g for g in root.iter(f"{SVG}g") if g.get("data-element") == "plan"]
    [plain] = [g for g in root.iter(f"{SVG}g") if g.get("data-element") == "remind"]
    assert float(live[0].get("stroke-width")) > 2 * float(plain[0].get("stroke-width"))
    assert len(root.findall(f".//{SVG}circle[@class='diagram-badge']")) == 2


def test_two_pictures_on_a_page_share_no_ids():
    def ids(picture: str) -> set[str]:
        return {element.get("id") for element in parsed(picture).iter() if element.get("id")}

    one, other = svg(EXAMPLE, prefix="one"), svg(EXAMPLE, prefix="two")
    assert not ids(one) & ids(other)
    for picture in (one, other):
        assert set(re.findall(r"url\(#([^)]+)\)", picture)) <= ids(picture)


def check_harmless(picture: str) -> None:
    root = parsed(picture)
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in {
            "svg", "title", "desc", "defs", "marker", "g", "path", "rect", "circle", "text", "tspan",
        }  # fmt: skip
        for name, value in element.attrib.items():
            assert name != "style"
            assert not name.startswith("on")
            assert "href" not in name
            if "url(" in value:
                assert name == "marker-end"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_label_is_only_text(text: str):
    nodes = {n.id: dataclasses.replace(n, name=text) for n in EXAMPLE.nodes.values()}
    flows = {f.id: dataclasses.replace(f, name=text) for f in EXAMPLE.flows.values()}
    shapes = {**EXAMPLE.shapes, "l": Bounds(0, 0, 900, 200), "p": Bounds(0, 0, 900, 200), "n": Bounds(0, 300, 90, 50)}
    model = dataclasses.replace(
        EXAMPLE, name=text, nodes=nodes, flows=flows, shapes=shapes, notes={"n": text},
        lanes=(Lane("l", text, None, ()),), pools=(Pool("p", text, "p"),),
    )  # fmt: skip
    check_harmless(svg(model, marks={"ask": "live", text: "done"}, prefix=text))
    outline(model)


def test_an_id_that_is_no_name_stays_within_its_attribute():
    model = sketch("start > a > end", id='p" onload="x')
    check_harmless(svg(laid_out(model)))


label = st.text(max_size=40)
number = st.floats(-1_000, 1_000) | st.sampled_from([0.0, -0.0, 1e6, -1e6, 1e-9])


@given(
    label, st.lists(st.tuples(number, number, number.map(abs), number.map(abs)), min_size=3, max_size=3), st.booleans()
)
def test_whatever_is_drawn_can_be_drawn_again(text: str, places: list[tuple[float, ...]], marked: bool):
    model = sketch("start > a > end", a={"name": text}, start={"name": text})
    shapes = {node: Bounds(*place) for node, place in zip(model.nodes, places, strict=True)}
    edges = {flow: tuple((place[0], place[1]) for place in places) for flow in model.flows}
    picture = svg(
        dataclasses.replace(model, shapes=shapes, edges=edges, labels=dict.fromkeys(model.nodes, shapes["a"])),
        marks={"a": "live"} if marked else {},
    )
    check_harmless(picture)
    assert "nan" not in picture
    box = [float(part) for part in parsed(picture).get("viewBox").split()]
    for place in places:
        assert box[0] - 0.1 <= place[0] <= box[0] + box[2] + 0.1
        assert box[1] - 0.1 <= place[1] <= box[1] + box[3] + 0.1


def test_a_process_without_a_picture_says_so():
    picture = svg(sketch("start > a > end"))
    check_harmless(picture)
    assert "geen tekening" in words(picture)


def test_what_lies_inside_a_closed_sub_process_is_not_drawn():
    model = laid_out(
        sketch("start > sub1 > end", "start1 > a", a={"parent": "sub1", "name": "binnen"}, start1={"parent": "sub1"})
    )
    assert "binnen" in words(svg(model))
    assert "binnen" not in words(svg(dataclasses.replace(model, collapsed=frozenset({"sub1"}))))


def test_a_long_name_stays_in_its_box():
    model = laid_out(
        sketch("start > a > end", a={"name": "Terugkoppelingsverantwoordelijkheidsgesprek voorbereiden " * 3})
    )
    lines = [t.text for t in parsed(svg(model)).iter(f"{SVG}tspan")]
    assert 2 <= len(lines) <= 6
    assert max(map(len, lines)) < 20
    assert lines[-1].endswith("…")


# -- the outline


def told(model: ProcessModel, **marks: str) -> list[str]:
    return ["  " * item.depth + item.label for item in outline(model, marks=marks)]


def test_the_outline_follows_the_arrows_and_indents_the_answers():
    flows = dict(EXAMPLE.flows)
    flows["xor1__plan"] = dataclasses.replace(flows["xor1__plan"], name="ja")
    flows["xor1__call1"] = dataclasses.replace(flows["xor1__call1"], name="nee")
    assert told(dataclasses.replace(EXAMPLE, flows=flows)) == [
        "Signaal ontvangen",
        "Gesprek voeren",
        "  Te laat",
        "    Herinneren",
        "    Einde",
        "Akkoord?",
        "  ja",
        "    Plan maken",
        "  nee",
        "    Verkennen",
        "Klaar",
    ]


def test_an_event_that_only_listens_is_not_where_the_case_is():
    marks = {"call1": "live", "on_late": "live"}
    assert svg(EXAMPLE, marks=marks) == svg(EXAMPLE, marks={"call1": "live"})
    assert [item.element_id for item in outline(EXAMPLE, marks=marks) if item.mark] == ["call1"]


def test_the_outline_carries_marks_roles_and_what_shapes_say():
    model = dataclasses.replace(EXAMPLE, lanes=(Lane("lane1", "Verkenner", "explorer", ("ask",)),))
    items = {item.element_id: item for item in outline(model, marks={"ask": "live"})}
    assert items["ask"].mark == "live"
    assert (items["ask"].role, items["ask"].lane) == ("explorer", "Verkenner")
    assert items["plan"].note == "taak, meerdere tegelijk"
    assert items["call1"].note == "eigen proces"
    assert items["on_late"].note == "gebeurtenis bij deze stap, klok, deze stap loopt door"
    assert items["xor1__call1"].note == "als niets anders geldt"


def test_a_way_back_is_told_as_such():
    model = sketch("start > a > xor1 > end", "xor1 > a", a={"name": "Bellen"})
    assert "    verder bij ‘Bellen’" in told(model)


def test_a_way_to_a_nameless_join_names_what_comes_behind_it():
    model = sketch("start > xor1 > a > xor2 > b > end", "xor1 > xor2", b={"name": "Bellen"})
    assert "    verder bij ‘Bellen’" in told(model)


def test_annotations_are_told_too():
    model = dataclasses.replace(EXAMPLE, notes={"n": "Let op"})
    assert outline(model)[-1].label == "Let op"


def test_what_ends_early_is_told_aside_and_the_main_road_stays_at_the_margin():
    model = sketch("start > xor1 > xor2 > a > end", "xor1 > end1", "xor2 > end2", a={"name": "Bellen"})
    items = {item.element_id: item.depth for item in outline(model) if item.kind not in ("link", "flow")}
    assert items == {"start": 0, "xor1": 0, "xor2": 0, "a": 0, "end": 0, "end1": 2, "end2": 2}


def test_a_very_long_or_deep_diagram_can_be_told():
    line = sketch("start > " + " > ".join(f"a{i}" for i in range(3_000)) + " > end")
    assert len(outline(line)) == 3_002
    lines = [f"{'start' if i == 0 else f'b{i - 1}'} > a{i} > b{i} > z{i}" for i in range(400)]
    lines += [f"a{i} > z{i}" for i in range(400)] + [f"z{i + 1} > z{i}" for i in range(399)]
    deep = sketch(*lines)
    assert {item.element_id for item in outline(deep)} >= set(deep.nodes)


@given(blocks() | tangles())
def test_every_node_is_told_exactly_once(model: ProcessModel):
    items = [item for item in outline(model) if item.kind not in ("flow", "link")]
    assert sorted(item.element_id for item in items) == sorted(model.nodes)
    assert all(item.label for item in outline(model))


@given(blocks() | tangles())
def test_every_choice_is_told(model: ProcessModel):
    branches = {item.element_id for item in outline(model) if item.kind == "flow"}
    assert branches == {flow.id for flow in model.flows.values() if len(model.nodes[flow.source].outgoing) > 1}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_diagrams_are_drawn_whole(path: Path):
    for model in read_diagram(path.name, etree.fromstring(path.read_bytes())):
        picture = svg(model)
        check_harmless(picture)
        drawn = {g.get("data-element") for g in parsed(picture).iter(f"{SVG}g")}
        assert set(model.nodes) | set(model.flows) <= drawn
        assert set(model.nodes) <= {item.element_id for item in outline(model)}
