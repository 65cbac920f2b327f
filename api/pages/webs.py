"""The spider web of Positieve Gezondheid over time: where every line, mark and word of the drawing stands. Pure.

Moments differ by dash and by the shape of their marks, so that no colour is needed to tell them apart. What was not given
is a gap in the line, never a zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import cos, pi, sin

#: As many moments lie over each other at once; the table beside it has all.
MOST = 4
HIGHEST = 10
_RADIUS = 100
#: Shape of the marks, by place among the moments drawn.
SHAPES = ("circle", "square", "triangle", "diamond")


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the drawing; the middle is 0, 0 and the edge of the web lies at 100."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Axis:
    """One part of life: where its line ends, and where its name stands. ``side``: how the name hangs there."""

    label: tuple[str, ...]
    end: Point
    at: Point
    side: str


@dataclass(frozen=True, slots=True)
class Moment:
    """The numbers of one day: pieces of line between neighbours that both have one, and a mark at each.

    ``place``: which dash and which shape; the newest has the last.
    """

    on: date
    place: int
    shape: str
    paths: tuple[str, ...]
    marks: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Web:
    """Everything to draw for one person. ``left_out``: moments that stand only in the table."""

    axes: tuple[Axis, ...]
    rings: tuple[str, ...]
    moments: tuple[Moment, ...]
    left_out: int


def draw(labels: Sequence[str], talks: Sequence[tuple[date, Sequence[int | None]]]) -> Web:
    """The web of one person.

    Args:
        labels: of the axes, clockwise from above.
        talks: a day with a number per axis, oldest first; None: not given. Of more than :data:`MOST` the first and the
            latest are drawn.
    """
    chosen = list(talks) if len(talks) <= MOST else [talks[0], *talks[-(MOST - 1) :]]
    count = len(labels)
    return Web(
        axes=tuple(_axis(label, place, count) for place, label in enumerate(labels)),
        rings=tuple(_closed([_at(place, count, step) for place in range(count)]) for step in (2, 4, 6, 8, 10)),
        moments=tuple(_moment(on, scores, place) for place, (on, scores) in enumerate(chosen)),
        left_out=len(talks) - len(chosen),
    )


def change(scores: Sequence[int | None]) -> str:
    """How the last number given differs from the first, in words that judge nothing; empty when there is only one."""
    given = [score for score in scores if score is not None]
    if len(given) < 2:
        return ""
    more = given[-1] - given[0]
    return "gelijk gebleven" if more == 0 else f"{abs(more)} {'hoger' if more > 0 else 'lager'}"


def _at(place: int, count: int, value: float) -> Point:
    angle = 2 * pi * place / count - pi / 2
    reach = _RADIUS * value / HIGHEST
    return Point(round(reach * cos(angle), 1) + 0.0, round(reach * sin(angle), 1) + 0.0)


def _axis(label: str, place: int, count: int) -> Axis:
    end, at = _at(place, count, HIGHEST), _at(place, count, HIGHEST * 1.12)
    side = "middle" if abs(at.x) < 1 else "start" if at.x > 0 else "end"
    return Axis(_lines(label), end, at, side)


def _lines(label: str) -> tuple[str, ...]:
    """In two lines when it is long, so that it stays beside the web on a phone."""
    words = label.split()
    if len(label) <= 12 or len(words) < 2:
        return (label,)
    cut = min(range(1, len(words)), key=lambda n: abs(len(" ".join(words[:n])) - len(" ".join(words[n:]))))
    return " ".join(words[:cut]), " ".join(words[cut:])


def _moment(on: date, scores: Sequence[int | None], place: int) -> Moment:
    count = len(scores)
    points = [None if score is None else _at(n, count, score) for n, score in enumerate(scores)]
    known = [point for point in points if point is not None]
    if len(known) == count:
        paths: list[str] = [_closed(known)]
    else:
        pairs = [(points[n], points[(n + 1) % count]) for n in range(count)]
        paths = [f"M{a.x} {a.y}L{b.x} {b.y}" for a, b in pairs if a is not None and b is not None]
    return Moment(on, place, SHAPES[place], tuple(paths), tuple(known))


def _closed(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{point.x} {point.y}" for point in points) + "Z"
