"""Who stands around the family: in words for the list, and where each stands in the drawing. Hides and reveals nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

from api.pages import shown, words
from workflows import method
from workflows.method import Part, Ring

RINGS = {
    Ring.OWN: "Eigen mensen van het gezin",
    Ring.PROFESSIONAL: "Mensen die hen helpen",
    Ring.ORGANISATION: "Organisaties",
}
PARTS = {
    Part.OWN_ACTION: "doet mee in het plan",
    Part.HOLDS: "houdt de casus nu vast",
    Part.SIGNALLED: "gaf het signaal",
    Part.HAS_TASK: "heeft nu een taak",
    Part.SUPPORTS: "geeft steun uit het plan",
    Part.AT_THE_TABLE: "zit aan tafel bij het overleg",
}
#: In the drawing, per ring; the list has everybody.
MOST = {Ring.OWN: 6, Ring.PROFESSIONAL: 8, Ring.ORGANISATION: 10}
#: How far from the middle, sideways and up.
_REACH = {Ring.OWN: (88, 62), Ring.PROFESSIONAL: (158, 112), Ring.ORGANISATION: (228, 162)}
#: Where a ring begins, so that what stands on one does not hide what stands on the next.
_TURN = {Ring.OWN: 0.0, Ring.PROFESSIONAL: 0.35, Ring.ORGANISATION: 0.12}
_LONGEST = 16


@dataclass(frozen=True, slots=True)
class Somebody:
    """One line of the list. ``number``: which mark it is in the drawing; none when there was no room."""

    number: int | None
    name: str
    what: str
    contact: bool | None


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark in the drawing; the middle is 0, 0."""

    number: int
    x: int
    y: int
    short: str
    ring: str


@dataclass(frozen=True, slots=True)
class Circle:
    """One ring with everybody on it, and how wide it is drawn."""

    ring: str
    title: str
    people: tuple[Somebody, ...]
    rx: int
    ry: int


@dataclass(frozen=True, slots=True)
class Network:
    """The drawing and the list of the same."""

    circles: tuple[Circle, ...]
    marks: tuple[Mark, ...]


def draw(around: Sequence[method.Around], names: shown.Names) -> Network:
    """The same for the same people, each time."""
    circles, marks, number = [], [], 0
    for ring, title in RINGS.items():
        on_ring = [one for one in around if one.ring == ring]
        people = []
        drawn = min(len(on_ring), MOST[ring])
        for place, one in enumerate(on_ring):
            name = _name(one, names)
            mine = None
            if place < drawn:
                short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1].rstrip()}…"
                number += 1
                mine = number
                angle = 2 * pi * (place / drawn + _TURN[ring]) - pi / 2
                rx, ry = _REACH[ring]
                marks.append(Mark(number, round(rx * cos(angle)), round(ry * sin(angle)), short, ring))
            people.append(Somebody(mine, name, _what(one, names), one.may_contact))
        if people:
            circles.append(Circle(ring, title, tuple(people), *_REACH[ring]))
    return Network(tuple(circles), tuple(marks))


def _name(one: method.Around, names: shown.Names) -> str:
    return one.name if one.ring != Ring.ORGANISATION and one.name else names.organisation(one.organisation_id)


def _what(one: method.Around, names: shown.Names) -> str:
    if one.ring == Ring.OWN:
        said = [one.relation or "", one.helps_with or ""]
        return ": ".join(part for part in said if part)
    parts = [PARTS[part] for part in one.parts if part in PARTS]
    if one.ring == Ring.PROFESSIONAL:
        who = [words.say(one.role, words.ROLES), names.organisation(one.organisation_id)]
        last = [f"schreef het laatst op {words.short_day(one.last_on)}"] if one.last_on else []
        return " · ".join(part for part in (", ".join(one for one in who if one), *parts, *last) if part)
    return words.capital(", ".join(parts))
