"""A diagram as a picture (SVG) and as text, from the same reading; marks say how far a case is.

Knows the drawing's own layout; does not know cases. The picture carries no style, script or event attributes, only
classes and presentation attributes: it stands under the strictest content policy, and a page's stylesheet wins.
Nothing is said by colour alone: what is going on has a thick border and a flag, what is done a tick.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Final

from engine.model import EVENTS, GATEWAYS, SUBPROCESSES, TASKS, Bounds, Flow, Node, ProcessModel

MARKS: Final = {"live": "nu hier", "done": "gedaan", "withheld": "afgeschermd"}
_INK: Final = "#22333f"
_SOFT: Final = "#5c6f7b"
_LINE: Final = "#c9d3d9"
_PAPER: Final = "#ffffff"
_TINT: Final = "#f6f8f9"
_LIVE: Final = "#0f5c8c"
_LIVE_PAPER: Final = "#e4f0f8"
_DONE: Final = "#3f6f4a"
_DONE_PAPER: Final = "#eef5ef"
_MARGIN: Final = 16.0
_DEEPEST: Final = 60
_SIZE: Final = 12.0
# Characters that no XML may hold, and those that turn the direction of what follows.
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")

_ICONS: Final[Mapping[str, str]] = {
    # Each drawn in a square of 16 by 16.
    "userTask": "M8 8.2a3.1 3.1 0 1 0 0-6.2a3.1 3.1 0 0 0 0 6.2zM2.2 14.5c0-3.4 2.4-5 5.8-5s5.8 1.6 5.8 5z",
    "serviceTask": "M8 5.4a2.6 2.6 0 1 0 0 5.2a2.6 2.6 0 0 0 0-5.2zM8 1.2v2.2M8 12.6v2.2M1.2 8h2.2M12.6 8h2.2"
    "M3.2 3.2l1.6 1.6M11.2 11.2l1.6 1.6M12.8 3.2l-1.6 1.6M4.8 11.2l-1.6 1.6",
    "businessRuleTask": "M1.5 3h13v10.5h-13zM1.5 6.4h13M1.5 10h13M5.6 6.4v7.1",
    "scriptTask": "M4 1.5h8.5l-2 13H2zM5.6 5h4.4M5.2 8h4.4M4.8 11h4.4",
    "manualTask": "M2 9.5l4-5.5h4M3.5 14h9a1.2 1.2 0 0 0 0-2.4h1a1.2 1.2 0 0 0 0-2.4h.4a1.2 1.2 0 0 0 0-2.4H6.5",
    "message": "M1.5 3.2h13v9.6h-13zM1.5 3.6L8 9l6.5-5.4",
    "timer": "M8 1.2a6.8 6.8 0 1 0 0 13.6a6.8 6.8 0 0 0 0-13.6zM8 4v4.2l2.8 1.8",
    "error": "M2.4 13.8L5.8 3l4 6.6L13.4 2.2L10.2 13l-4-6z",
    "escalation": "M8 1.6l4.6 12.2L8 9.2l-4.6 4.6z",
    "signal": "M8 1.8l6.4 11.4H1.6z",
    "conditional": "M2.6 1.8h10.8v12.4H2.6zM4.8 5h6.4M4.8 8h6.4M4.8 11h6.4",
    "link": "M1.6 5.8h6.6V2.6L14.4 8l-6.2 5.4v-3.2H1.6z",
    "compensate": "M8 3v10L2 8zM14 3v10L8 8z",
    "cancel": "M3 3l10 10M13 3L3 13",
}
_ICONS_OF_TASKS: Final = {"sendTask": "message", "receiveTask": "message"}

_NOTES: Final = {
    "startEvent": "begin",
    "endEvent": "einde",
    "boundaryEvent": "gebeurtenis bij deze stap",
    "intermediateCatchEvent": "wacht op een gebeurtenis",
    "intermediateThrowEvent": "gebeurtenis",
    "task": "stap",
    "userTask": "taak",
    "manualTask": "taak buiten het systeem",
    "serviceTask": "gaat vanzelf",
    "businessRuleTask": "beslistabel",
    "scriptTask": "script",
    "sendTask": "verstuurt een bericht",
    "receiveTask": "wacht op een bericht",
    "callActivity": "eigen proces",
    "subProcess": "deelproces",
    "transaction": "deelproces",
    "adHocSubProcess": "deelproces zonder vaste volgorde",
    "exclusiveGateway": "keuze: één van deze",
    "parallelGateway": "alle takken tegelijk",
    "inclusiveGateway": "keuze: één of meer van deze",
    "eventBasedGateway": "wat het eerst gebeurt",
    "complexGateway": "keuze",
}
_EVENTS: Final = {
    "message": "bericht",
    "timer": "klok",
    "signal": "signaal",
    "error": "fout",
    "escalation": "melding",
    "terminate": "stopt alles",
    "conditional": "voorwaarde",
}


@dataclass(frozen=True, slots=True)
class OutlineItem:
    """One line of the text outline.

    Attributes:
        element_id: of a node or flow; a lane is told by *role*.
        label: what to read, never empty.
        kind: BPMN local name; ``flow`` for a branch; ``link`` for “goes on at …”, then the id is of where it goes on.
        depth: 0 at the margin.
        mark: ``live``, ``done``, ``withheld`` or None.
        role: role code of the lane, as in the diagram.
        note: in Dutch, what the picture says by its shape or icon.
        lane: name of the lane as people read it.
    """

    element_id: str
    label: str
    kind: str
    depth: int
    mark: str | None = None
    role: str | None = None
    note: str = ""
    lane: str = ""


# -- the picture


def svg(
    model: ProcessModel,
    *,
    marks: Mapping[str, str] | None = None,
    prefix: str | None = None,
    here: str = MARKS["live"],
) -> str:
    """The diagram as it was laid out, as one ``<svg>`` element to put into a page or a file.

    Args:
        marks: element id to ``live``, ``done`` or ``withheld``; ids this diagram does not have are passed over.
        prefix: what ids begin with; by default made of the process id. Needed when one diagram stands twice on a page.
        here: what stands at what is ``live``, in Dutch; another word when it is about an earlier moment.
    """
    return _Picture(model, marks or {}, prefix, here).draw()


def _clean(text: str, most: int = 200) -> str:
    plain = " ".join(_UNPRINTABLE.sub("", text).split())
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def _text(text: str) -> str:
    return escape(_clean(text), quote=True)


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _width(text: str, size: float) -> float:
    """About how wide this is in a sans-serif letter."""
    total = 0.0
    for char in text:
        if char in "iljtfrI.,:;'|!()[] -‘’":
            total += 0.36
        elif char in "mwMW@%—…":
            total += 0.92
        elif char.isupper() or ord(char) > 0x2E80:
            total += 0.73 if ord(char) < 0x2E80 else 1.0
        else:
            total += 0.60
    return total * size


def _wrap(text: str, width: float, size: float, most: int) -> tuple[list[str], bool]:
    """Lines that fit, and whether everything did."""
    lines: list[str] = []
    line = ""
    for word in _clean(text).split():
        if line and _width(word, size) > width:
            lines.append(line)
            line = ""
        while _width(word, size) > width and len(word) > 1:
            cut = 1
            while cut < len(word) - 2 and _width(word[: cut + 1] + "-", size) <= width:
                cut += 1
            lines.append(f"{word[:cut]}-")
            word = word[cut:]
        if line and _width(f"{line} {word}", size) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    if line:
        lines.append(line)
    if len(lines) <= most:
        return lines, True
    kept = lines[: max(most, 1)]
    kept[-1] = kept[-1].rstrip("-")[: max(1, len(kept[-1]) - 2)] + "…"
    return kept, False


class _Picture:
    def __init__(self, model: ProcessModel, marks: Mapping[str, str], prefix: str | None, here: str) -> None:
        self.model = model
        self.here = _text(here)
        self.marks = {element: mark for element, mark in _told(model, marks).items() if mark in MARKS}
        self.prefix = (
            re.sub(r"[^A-Za-z0-9_-]", "-", prefix if prefix is not None else f"diagram-{model.id}") or "diagram"
        )
        self.parts: list[str] = []
        self.points: list[tuple[float, float]] = []
        hidden = {node.id for node in model.nodes.values() if self._folded(node)}
        self.nodes = [n for n in model.nodes.values() if n.id in model.shapes and n.id not in hidden]
        self.flows = [f for f in model.flows.values() if f.source not in hidden and f.target not in hidden]

    def _folded(self, node: Node) -> bool:
        """Inside a sub-process that is drawn closed."""
        parent = node.parent
        while parent is not None:
            if parent in self.model.collapsed:
                return True
            parent = self.model.nodes[parent].parent
        return False

    def draw(self) -> str:
        self._frames()
        # From the outside in: a sub-process lies under what is inside it, an edge under the event that hangs on it.
        boxes = [n for n in self.nodes if n.kind in SUBPROCESSES and n.id not in self.model.collapsed]
        for node in sorted(boxes, key=self._level):
            self._node(node)
        for flow in self.flows:
            self._flow(flow)
        for line in self.model.note_lines:
            self._note_line(line)
        others = [n for n in self.nodes if n not in boxes]
        for node in sorted(others, key=lambda n: n.kind == "boundaryEvent"):
            self._node(node)
        for flow in self.flows:
            self._flow_label(flow)
        for node in self.nodes:
            self._outer_label(node)
        for note_id, text in self.model.notes.items():
            self._note(note_id, text)
        for node in self.nodes:
            self._flag(node)
        return self._wrapped()

    def _level(self, node: Node) -> int:
        level, parent = 0, node.parent
        while parent is not None:
            level, parent = level + 1, self.model.nodes[parent].parent
        return level

    def _wrapped(self) -> str:
        if not self.points:
            self.parts.append(
                f'<text x="0" y="16" font-size="13" fill="{_SOFT}">Van dit proces is geen tekening. Lees de stappen.</text>'
            )
            self._see(Bounds(0, 0, 320, 24))
        left, top = min(x for x, _ in self.points) - _MARGIN, min(y for _, y in self.points) - _MARGIN
        width = max(x for x, _ in self.points) + _MARGIN - left
        height = max(y for _, y in self.points) + _MARGIN - top
        title = _text(self.model.name or self.model.id)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram" role="img" '
            f'aria-labelledby="{self.prefix}-title {self.prefix}-desc" '
            f'viewBox="{_n(left)} {_n(top)} {_n(width)} {_n(height)}" width="{_n(width)}" height="{_n(height)}" '
            f'color="{_INK}" fill="none" stroke-linecap="round" stroke-linejoin="round" '
            f'font-family="system-ui, Segoe UI, Liberation Sans, Arial, sans-serif" font-size="{_n(_SIZE)}">'
            f'<title id="{self.prefix}-title">{title}</title>'
            f'<desc id="{self.prefix}-desc">{self._description()}</desc>'
            f'<defs><marker id="{self.prefix}-arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="10" '
            f'markerHeight="10" markerUnits="userSpaceOnUse" orient="auto">'
            f'<path class="diagram-arrow" d="M0 .8L10 5L0 9.2L2 5z" fill="{_SOFT}"/></marker></defs>'
            + "".join(self.parts)
            + "</svg>"
        )

    def _description(self) -> str:
        """Where the case stands; the steps themselves are in the outline."""
        said = []
        for mark, words in (("live", "Nu bezig"), ("withheld", "Afgeschermd")):
            labels = [n.label for n in self.model.nodes.values() if self.marks.get(n.id) == mark]
            if labels:
                said.append(f"{words}: {', '.join(labels[:10])}.")
        done = sum(1 for n in self.model.nodes.values() if self.marks.get(n.id) == "done")
        if done:
            said.append(f"Gedaan: {done}.")
        steps = sum(1 for n in self.model.nodes.values() if n.kind in TASKS or n.kind == "callActivity")
        return _text(" ".join([f"Proces met {steps} {'stap' if steps == 1 else 'stappen'}.", *said]))

    def _see(self, bounds: Bounds) -> None:
        self.points += [(bounds.x, bounds.y), (bounds.x + bounds.width, bounds.y + bounds.height)]

    def _add(self, markup: str) -> None:
        self.parts.append(markup)

    # -- frames: pools and lanes

    def _frames(self) -> None:
        for pool in self.model.pools:
            bounds = self.model.shapes.get(pool.id)
            if bounds is not None:
                self._frame("diagram-pool", bounds, pool.name, _PAPER, _SIZE + 1, "600")
        for number, lane in enumerate(self.model.lanes):
            bounds = self.model.shapes.get(lane.id)
            if bounds is not None:
                self._frame("diagram-lane", bounds, lane.name, _TINT if number % 2 == 0 else _PAPER, _SIZE, "600")

    def _frame(self, name: str, bounds: Bounds, label: str, paper: str, size: float, weight: str) -> None:
        self._see(bounds)
        x, y, height = bounds.x, bounds.y, bounds.height
        lines, _ = _wrap(label, height - 12, size, 2)
        middle = y + height / 2
        texts = "".join(
            f'<tspan x="{_n(x + 15)}" y="{_n(middle)}" dy="{_n((i - (len(lines) - 1) / 2) * size * 1.15 + size * 0.35)}">'
            f"{escape(line)}</tspan>"
            for i, line in enumerate(lines)
        )
        self._add(
            f'<g class="{name}"><rect x="{_n(x)}" y="{_n(y)}" width="{_n(bounds.width)}" height="{_n(height)}" '
            f'fill="{paper}" stroke="{_LINE}"/>'
            f'<path d="M{_n(x + 30)} {_n(y)}v{_n(height)}" stroke="{_LINE}"/>'
            f'<text transform="rotate(-90 {_n(x + 15)} {_n(middle)})" text-anchor="middle" fill="{_SOFT}" '
            f'font-size="{_n(size)}" font-weight="{weight}">{texts}</text></g>'
        )

    # -- nodes

    def _node(self, node: Node) -> None:
        bounds = self.model.shapes[node.id]
        self._see(bounds)
        mark = self.marks.get(node.id)
        if node.kind in GATEWAYS:
            inner = self._gateway(node, bounds, mark)
        elif node.kind in TASKS or node.kind == "callActivity" or node.kind in SUBPROCESSES:
            inner = self._activity(node, bounds, mark)
        else:
            inner = self._event(node, bounds, mark)
        state = f" is-{mark}" if mark else ""
        self._add(
            f'<g class="diagram-node diagram-{node.kind}{state}" data-element="{_text(node.id)}">{inner}'
            f"{self._badge(bounds, mark, node)}</g>"
        )

    def _colours(self, mark: str | None) -> tuple[str, str]:
        """Border and paper."""
        return {
            "live": (_LIVE, _LIVE_PAPER),
            "done": (_DONE, _DONE_PAPER),
            "withheld": (_SOFT, _TINT),
        }.get(mark or "", ("currentColor", _PAPER))

    def _activity(self, node: Node, b: Bounds, mark: str | None) -> str:
        border, paper = self._colours(mark)
        open_box = node.kind in SUBPROCESSES and node.id not in self.model.collapsed
        thick = 4.0 if mark == "live" else 3.5 if node.kind == "callActivity" else 1.5
        dash = (
            ' stroke-dasharray="2 4"'
            if node.event_subprocess
            else ' stroke-dasharray="6 4"'
            if mark == "withheld"
            else ""
        )
        if open_box:
            paper = _PAPER if mark is None else paper
        parts = [
            f'<rect class="diagram-shape" x="{_n(b.x)}" y="{_n(b.y)}" width="{_n(b.width)}" height="{_n(b.height)}" '
            f'rx="9" fill="{paper}" stroke="{border}" stroke-width="{_n(thick)}"{dash}/>'
        ]
        icon = _ICONS_OF_TASKS.get(node.kind, node.kind)
        has_icon = icon in _ICONS and b.width >= 40 and b.height >= 30
        if has_icon:
            parts.append(self._icon(icon, b.x + 7, b.y + 7, 14, filled=node.kind == "sendTask"))
        markers = self._markers(node, b, open_box=open_box)
        parts += markers
        if node.label != node.id or node.name:
            if open_box:
                lines, _ = _wrap(node.label, b.width - 24, _SIZE, 1)
                parts.append(self._words(lines, b.x + 12, b.y + 18, _SIZE, anchor="start", weight="600"))
            else:
                parts.append(self._inside(node.label, b, above=18 if has_icon else 6, below=18 if markers else 6))
        return "".join(parts)

    def _inside(self, label: str, b: Bounds, *, above: float, below: float) -> str:
        """The label centred, a little smaller when it would not fit, and clear of icon and markers when it must."""
        for size in (_SIZE, 11.0, 10.0):
            room = int((b.height - above - below) // (size * 1.2))
            lines, all_of_it = _wrap(label, b.width - 14, size, max(room, 1))
            if all_of_it:
                break
        tall = len(lines) * size * 1.2
        middle = b.y + b.height / 2
        if tall / 2 > b.height / 2 - max(above, below):
            middle = b.y + above + (b.height - above - below) / 2
        first = middle - tall / 2 + size * 0.93
        return self._words(lines, b.x + b.width / 2, first, size)

    def _words(
        self,
        lines: list[str],
        x: float,
        y: float,
        size: float,
        *,
        anchor: str = "middle",
        weight: str = "",
        halo: bool = False,
    ) -> str:
        if not lines:
            return ""
        spans = "".join(
            f'<tspan x="{_n(x)}" y="{_n(y + i * size * 1.2)}">{escape(line)}</tspan>' for i, line in enumerate(lines)
        )
        heavy = f' font-weight="{weight}"' if weight else ""
        clear = f' paint-order="stroke" stroke="{_PAPER}" stroke-width="4" stroke-opacity=".9"' if halo else ""
        return (
            f'<text class="diagram-label" text-anchor="{anchor}" fill="currentColor" font-size="{_n(size)}"{heavy}{clear}>'
            f"{spans}</text>"
        )

    def _icon(self, name: str, x: float, y: float, size: float, *, filled: bool = False) -> str:
        fill = "currentColor" if filled else "none"
        scale = size / 16
        if filled and name == "message":
            return (
                f'<g class="diagram-icon" transform="translate({_n(x)} {_n(y)}) scale({scale:.3g})">'
                f'<path d="M1 2.8h14v10.4H1z" fill="currentColor"/>'
                f'<path d="M1 3.4L8 9.2l7-5.8" stroke="{_PAPER}" stroke-width="1.5"/></g>'
            )
        return (
            f'<path class="diagram-icon" transform="translate({_n(x)} {_n(y)}) scale({scale:.3g})" d="{_ICONS[name]}" '
            f'fill="{fill}" stroke="currentColor" stroke-width="1.3"/>'
        )

    def _markers(self, node: Node, b: Bounds, *, open_box: bool) -> list[str]:
        """Small signs at the bottom edge: repeats, and “there is more inside”."""
        signs = []
        if node.loop is not None:
            signs.append(
                {
                    "parallel": "M3 2v10M7 2v10M11 2v10",
                    "sequential": "M2 3h10M2 7h10M2 11h10",
                    "standard": "M4.6 11.6A5 5 0 1 1 9.6 11.4M4.6 11.6v-3.2M4.6 11.6H1.6",
                }[node.loop.kind]
            )
        if node.kind == "callActivity" or (node.kind in SUBPROCESSES and not open_box):
            signs.append("M.5.5h13v13H.5zM7 3.5v7M3.5 7h7")
        left = b.x + b.width / 2 - len(signs) * 9 + 2
        return [
            f'<path class="diagram-marker" transform="translate({_n(left + i * 18)} {_n(b.y + b.height - 17)})" d="{sign}" '
            f'stroke="currentColor" stroke-width="1.3"/>'
            for i, sign in enumerate(signs)
        ]

    def _gateway(self, node: Node, b: Bounds, mark: str | None) -> str:
        border, paper = self._colours(mark)
        x, y, w, h = b.x, b.y, b.width, b.height
        cx, cy, r = x + w / 2, y + h / 2, min(w, h) * 0.2
        sign = {
            "exclusiveGateway": f"M{_n(cx - r * 0.8)} {_n(cy - r * 0.8)}L{_n(cx + r * 0.8)} {_n(cy + r * 0.8)}"
            f"M{_n(cx + r * 0.8)} {_n(cy - r * 0.8)}L{_n(cx - r * 0.8)} {_n(cy + r * 0.8)}",
            "parallelGateway": f"M{_n(cx - r * 1.2)} {_n(cy)}h{_n(r * 2.4)}M{_n(cx)} {_n(cy - r * 1.2)}v{_n(r * 2.4)}",
            "complexGateway": f"M{_n(cx - r)} {_n(cy)}h{_n(r * 2)}M{_n(cx)} {_n(cy - r)}v{_n(r * 2)}",
        }.get(node.kind)
        inner = f'<path d="{sign}" stroke="currentColor" stroke-width="2.6"/>' if sign else ""
        if node.kind in ("inclusiveGateway", "eventBasedGateway"):
            thick = 2.6 if node.kind == "inclusiveGateway" else 1.1
            inner = (
                f'<circle cx="{_n(cx)}" cy="{_n(cy)}" r="{_n(r * 1.15)}" stroke="currentColor" stroke-width="{thick}"/>'
            )
        if node.kind == "eventBasedGateway":
            corners = [
                (cx + r * 0.8 * math.sin(2 * math.pi * i / 5), cy - r * 0.8 * math.cos(2 * math.pi * i / 5))
                for i in range(5)
            ]
            inner += f'<path d="M{"L".join(f"{_n(px)} {_n(py)}" for px, py in corners)}z" stroke="currentColor" stroke-width="1.1"/>'
        thick = 4.0 if mark == "live" else 1.5
        dash = ' stroke-dasharray="6 4"' if mark == "withheld" else ""
        return (
            f'<path class="diagram-shape" d="M{_n(cx)} {_n(y)}L{_n(x + w)} {_n(cy)}L{_n(cx)} {_n(y + h)}L{_n(x)} {_n(cy)}z" '
            f'fill="{paper}" stroke="{border}" stroke-width="{_n(thick)}"{dash}/>{inner}'
        )

    def _event(self, node: Node, b: Bounds, mark: str | None) -> str:
        border, paper = self._colours(mark)
        cx, cy, r = b.x + b.width / 2, b.y + b.height / 2, min(b.width, b.height) / 2
        end, start = node.kind == "endEvent", node.kind == "startEvent"
        thick = 4.0 if mark == "live" else 3.5 if end else 1.5
        dash = ' stroke-dasharray="4 3"' if not node.interrupting or mark == "withheld" else ""
        rings = [
            f'<circle class="diagram-shape" cx="{_n(cx)}" cy="{_n(cy)}" r="{_n(r)}" fill="{paper}" stroke="{border}" '
            f'stroke-width="{_n(thick)}"{dash}/>'
        ]
        if not end and not start:
            rings.append(
                f'<circle cx="{_n(cx)}" cy="{_n(cy)}" r="{_n(max(r - 3.5, 1))}" stroke="{border}" stroke-width="1.2"{dash}/>'
            )
        kind = node.event.kind if node.event else "none"
        throws = end or node.kind == "intermediateThrowEvent"
        if kind == "terminate":
            rings.append(f'<circle cx="{_n(cx)}" cy="{_n(cy)}" r="{_n(r * 0.55)}" fill="currentColor"/>')
        elif kind in _ICONS:
            size = r * 1.0
            rings.append(self._icon(kind, cx - size / 2, cy - size / 2, size, filled=throws and kind != "timer"))
        return "".join(rings)

    def _badge(self, b: Bounds, mark: str | None, node: Node) -> str:
        """A tick or a lock at the upper right corner: the mark without its colour."""
        if mark not in ("done", "withheld"):
            return ""
        x, y = b.x + b.width - 1, b.y + 1
        if node.kind in GATEWAYS:
            x, y = b.x + b.width * 0.78, b.y + b.height * 0.22
        colour = _DONE if mark == "done" else _SOFT
        sign = (
            f"M{_n(x - 3.4)} {_n(y + 0.2)}l2.4 2.6l4.4-5"
            if mark == "done"
            else f"M{_n(x - 3)} {_n(y)}h6v3.6h-6zM{_n(x - 1.8)} {_n(y)}v-1.6a1.8 1.8 0 0 1 3.6 0v1.6"
        )
        self._see(Bounds(x - 8, y - 8, 16, 16))
        return (
            f'<circle class="diagram-badge" cx="{_n(x)}" cy="{_n(y)}" r="7.5" fill="{colour}" stroke="{_PAPER}" '
            f'stroke-width="1.5"/><path d="{sign}" stroke="{_PAPER}" stroke-width="1.7"/>'
        )

    def _flag(self, node: Node) -> None:
        """“nu hier” on top of what is going on."""
        mark = self.marks.get(node.id)
        if mark != "live":
            return
        b = self.model.shapes[node.id]
        words = self.here
        width = _width(words, 11) + 18
        # At the right: arrows come in at the middle, the icon is on the left.
        x, y = b.x + b.width - width + 6, b.y - 12
        if node.kind in EVENTS or node.kind in GATEWAYS:
            x, y = b.x + b.width * 0.6, b.y - 14
        self._see(Bounds(x, y, width, 19))
        self._add(
            f'<g class="diagram-flag is-live"><rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="19" rx="9.5" '
            f'fill="{_LIVE}" stroke="{_PAPER}" stroke-width="1.5"/><text x="{_n(x + width / 2)}" y="{_n(y + 13.4)}" '
            f'text-anchor="middle" font-size="11" font-weight="600" fill="{_PAPER}">{words}</text></g>'
        )

    def _outer_label(self, node: Node) -> None:
        """Names of events and gateways stand beside them."""
        if not node.name or node.kind in TASKS or node.kind == "callActivity" or node.kind in SUBPROCESSES:
            return
        b = self.model.shapes[node.id]
        self._label(
            node.label, self.model.labels.get(node.id) or Bounds(b.x + b.width / 2 - 50, b.y + b.height + 5, 100, 14)
        )

    def _label(self, text: str, at: Bounds) -> None:
        size = 11.0
        # Modellers measure with another letter: a little more room than they asked for keeps their line breaks.
        lines, _ = _wrap(text, max(at.width + 10, 60), size, 6)
        wide = max((_width(line, size) for line in lines), default=0)
        middle = at.x + at.width / 2
        self._see(Bounds(middle - wide / 2, at.y, wide, len(lines) * size * 1.2))
        self._add(self._words(lines, middle, at.y + size * 0.95, size, halo=True))

    # -- flows and notes

    def _flow(self, flow: Flow) -> None:
        points = self.model.edges.get(flow.id, ())
        if len(points) < 2:
            return
        self.points += points
        extra = ""
        source = self.model.nodes[flow.source]
        (x1, y1), (x2, y2) = points[0], points[1]
        length = math.hypot(x2 - x1, y2 - y1)
        if source.default == flow.id and length > 16:
            ux, uy = (x2 - x1) / length, (y2 - y1) / length
            mx, my = x1 + ux * 11, y1 + uy * 11
            extra = (
                f'<path class="diagram-default" d="M{_n(mx - ux * 3 - uy * 5)} {_n(my - uy * 3 + ux * 5)}'
                f'L{_n(mx + ux * 3 + uy * 5)} {_n(my + uy * 3 - ux * 5)}" stroke="{_SOFT}" stroke-width="1.5"/>'
            )
        mark = self.marks.get(flow.id)
        state = f" is-{mark}" if mark else ""
        self._add(
            f'<g class="diagram-flow{state}" data-element="{_text(flow.id)}"><path d="{_rounded(points)}" '
            f'stroke="{_SOFT}" stroke-width="1.5" marker-end="url(#{self.prefix}-arrow)"/>{extra}</g>'
        )

    def _flow_label(self, flow: Flow) -> None:
        points = self.model.edges.get(flow.id, ())
        if not flow.name or len(points) < 2:
            return
        at = self.model.labels.get(flow.id)
        if at is None:
            (x1, y1), (x2, y2) = max(pairwise(points), key=lambda ends: math.dist(*ends))
            mx, my = (x1 + x2) / 2, (y1 + y2) / 2
            # Above a level line, on the right of an upright one.
            at = Bounds(mx - 40, my - 18, 80, 14) if abs(x2 - x1) >= abs(y2 - y1) else Bounds(mx + 4, my - 7, 60, 14)
        self._label(flow.name, at)

    def _note_line(self, line: str) -> None:
        points = self.model.edges.get(line, ())
        if len(points) >= 2:
            self.points += points
            path = "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
            self._add(f'<path class="diagram-note-line" d="M{path}" stroke="{_SOFT}" stroke-dasharray="1 4"/>')

    def _note(self, note_id: str, text: str) -> None:
        b = self.model.shapes.get(note_id)
        if b is None:
            return
        self._see(b)
        lines, _ = _wrap(text, b.width - 12, 11.0, max(1, int(b.height // 13.2)))
        self._add(
            f'<g class="diagram-note"><path d="M{_n(b.x + 10)} {_n(b.y)}H{_n(b.x)}V{_n(b.y + b.height)}h10" stroke="{_SOFT}"/>'
            + self._words(lines, b.x + 8, b.y + 12, 11.0, anchor="start")
            + "</g>"
        )


def _rounded(points: tuple[tuple[float, float], ...], radius: float = 7) -> str:
    """A line whose corners are softened."""
    path = [f"M{_n(points[0][0])} {_n(points[0][1])}"]
    for before, (x, y), after in zip(points, points[1:], points[2:], strict=False):
        near = min(radius, math.dist(before, (x, y)) / 2, math.dist((x, y), after) / 2)
        if near < 1:
            path.append(f"L{_n(x)} {_n(y)}")
            continue
        (ax, ay), (bx, by) = _toward((x, y), before, near), _toward((x, y), after, near)
        path.append(f"L{_n(ax)} {_n(ay)}Q{_n(x)} {_n(y)} {_n(bx)} {_n(by)}")
    path.append(f"L{_n(points[-1][0])} {_n(points[-1][1])}")
    return "".join(path)


def _toward(start: tuple[float, float], end: tuple[float, float], distance: float) -> tuple[float, float]:
    whole = math.dist(start, end)
    return start[0] + (end[0] - start[0]) * distance / whole, start[1] + (end[1] - start[1]) * distance / whole


# -- the outline


def outline(model: ProcessModel, *, marks: Mapping[str, str] | None = None) -> tuple[OutlineItem, ...]:
    """The same as the picture, in reading order: every node exactly once, branches indented under their question."""
    return tuple(_Outline(model, marks or {}).items())


class _Outline:
    def __init__(self, model: ProcessModel, marks: Mapping[str, str]) -> None:
        self.model = model
        self.marks = _told(model, marks)
        self.lanes = {lane.id: lane.name for lane in model.lanes}
        self.told: set[str] = set()
        self.reaches: dict[str, frozenset[str]] = {}

    def items(self) -> Iterator[OutlineItem]:
        yield from self._level(None, 0)
        for note_id, text in self.model.notes.items():
            yield OutlineItem(note_id, _clean(text, 2_000) or "Aantekening", "textAnnotation", 0, note="aantekening")

    def _level(self, parent: str | None, depth: int) -> Iterator[OutlineItem]:
        inside = list(self.model.children(parent))
        for node in inside:
            if node.kind == "startEvent":
                yield from self._walk(node.id, depth, frozenset())
        for node in inside:
            if not node.incoming and node.attached_to is None and not node.event_subprocess:
                yield from self._walk(node.id, depth, frozenset())
        for node in inside:
            # What only its own circle leads to; events and listeners are told with what they belong to.
            if node.id not in self.told and not node.event_subprocess:
                yield from self._walk(node.id, depth, frozenset())
        for node in inside:
            if node.event_subprocess and node.id not in self.told:
                yield self._item(node, depth)
                yield from self._level(node.id, depth + 1)

    def _walk(self, first: str, depth: int, until: frozenset[str]) -> Iterator[OutlineItem]:
        """From *first* on, until the roads come together again at one of *until*."""
        current: str | None = first
        while current is not None and current not in until:
            node = self.model.nodes[current]
            if current in self.told:
                if current != first:
                    yield self._link(node, depth)
                return
            yield self._item(node, depth)
            if node.kind in SUBPROCESSES:
                yield from self._level(node.id, depth + 1)
            ways = [self.model.flows[flow] for flow in node.outgoing]
            after = self._meeting([way.target for way in ways], until) if len(ways) > 1 else None
            for event in self.model.boundary(node.id):
                if event.id not in self.told:
                    stop = until | ({ways[0].target} if len(ways) == 1 else {after} if after else set())
                    yield self._item(event, depth + 1)
                    for flow in event.outgoing:
                        yield from self._onto(self.model.flows[flow].target, depth + 2, stop)
            if len(ways) < 2:
                current = ways[0].target if ways else None
                continue
            yield from self._branches(ways, depth, until, after)
            current = after

    def _branches(
        self, ways: list[Flow], depth: int, until: frozenset[str], after: str | None
    ) -> Iterator[OutlineItem]:
        stop = until | ({after} if after else set())
        for way in ways:
            source = self.model.nodes[way.source]
            label = _clean(way.name) or ("anders" if source.default == way.id else "verder")
            note = "als niets anders geldt" if source.default == way.id else ""
            yield OutlineItem(way.id, label, "flow", depth + 1, self.marks.get(way.id), note=note)
            yield from self._onto(way.target, depth + 2, stop)

    def _onto(self, target: str, depth: int, stop: frozenset[str]) -> Iterator[OutlineItem]:
        # Nobody reads deeper than this; what is left is told at the margin, after the rest.
        if target in stop or target in self.told or depth > _DEEPEST:
            yield self._link(self.model.nodes[target], depth)
        else:
            yield from self._walk(target, depth, stop)

    def _meeting(self, targets: list[str], until: frozenset[str]) -> str | None:
        """Where most of these roads first come together again; where the reading goes on behind the branches."""
        reached = [self._reach(target) for target in targets]
        best: tuple[int, int] | None = None
        found = None
        # The first one on a road is the one from which the others of that road are still to come.
        for node_id in frozenset().union(*reached):
            count = sum(node_id in way for way in reached)
            if count < 2 or node_id in self.told or node_id in until:
                continue
            rank = (count, len(self._reach(node_id)))
            if best is None or rank > best or (rank == best and found is not None and node_id < found):
                best, found = rank, node_id
        return found or self._longest(targets, until)

    def _longest(self, targets: list[str], until: frozenset[str]) -> str | None:
        """Roads that never meet: the longest one is the main road, and goes on at the margin."""
        free = [target for target in targets if target not in until and target not in self.told]
        sizes = sorted((len(self._reach(target)) for target in free), reverse=True)
        if not sizes or sizes[0] == 1 or sizes[0] == (sizes[1] if len(sizes) > 1 else 0):
            return None
        return max(free, key=lambda target: len(self._reach(target)))

    def _reach(self, first: str) -> frozenset[str]:
        if first not in self.reaches:
            seen: set[str] = set()
            todo = [first]
            while todo:
                node_id = todo.pop()
                if node_id in seen or node_id in self.told:
                    continue
                seen.add(node_id)
                todo += [self.model.flows[flow].target for flow in self.model.nodes[node_id].outgoing]
            self.reaches[first] = frozenset(seen)
        return self.reaches[first]

    def _item(self, node: Node, depth: int) -> OutlineItem:
        self.told.add(node.id)
        note = self._note(node)
        label = _clean(node.name) or note.partition(":")[0].capitalize()
        return OutlineItem(
            node.id,
            label,
            node.kind,
            depth,
            self.marks.get(node.id),
            node.role,
            note,
            self.lanes.get(node.lane or "", ""),
        )

    def _link(self, node: Node, depth: int) -> OutlineItem:
        seen = {node.id}
        # “Goes on where branches meet” helps nobody: the first thing behind it that has a name does.
        while not node.name and len(node.outgoing) == 1:
            following = self.model.nodes[self.model.flows[node.outgoing[0]].target]
            if following.id in seen:
                break
            seen.add(following.id)
            node = following
        name = _clean(node.name) or self._note(node).partition(":")[0]
        return OutlineItem(node.id, f"verder bij ‘{name}’", "link", depth)

    def _note(self, node: Node) -> str:
        if node.kind in GATEWAYS and len(node.outgoing) < 2 and len(node.incoming) > 1:
            return {"parallelGateway": "wacht op alle takken", "inclusiveGateway": "wacht op elke tak die loopt"}.get(
                node.kind, "hier komen takken samen"
            )
        words = [_NOTES.get(node.kind, "stap")]
        if node.event_subprocess:
            words = ["kan tussendoor gebeuren"]
        if node.event is not None and node.event.kind != "none":
            words.append(_EVENTS.get(node.event.kind, node.event.kind))
        parent = self.model.nodes.get(node.parent or "")
        listens = node.kind == "startEvent" and parent is not None and parent.event_subprocess
        if node.kind == "boundaryEvent" or listens:
            stopped = "deze stap" if node.kind == "boundaryEvent" else "de rest"
            words.append(f"{stopped} stopt dan" if node.interrupting else f"{stopped} loopt door")
        if node.loop is not None:
            words.append(
                {"parallel": "meerdere tegelijk", "sequential": "meerdere na elkaar", "standard": "kan vaker gebeuren"}[
                    node.loop.kind
                ]
            )
        return ", ".join(words)


def _told(model: ProcessModel, marks: Mapping[str, str]) -> dict[str, str]:
    """*marks* without what only listens: an event on the border of a busy step waits, the case is not there."""

    def listens(element: str) -> bool:
        node = model.nodes.get(element)
        if node is None:
            return False
        parent = model.nodes.get(node.parent or "")
        return node.kind == "boundaryEvent" or (
            node.kind == "startEvent" and parent is not None and parent.event_subprocess
        )

    return {element: mark for element, mark in marks.items() if mark != "live" or not listens(element)}


def mark_words(mark: str | None) -> str:
    """What a mark is called on a page."""
    return MARKS.get(mark or "", "")
