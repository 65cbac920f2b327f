"""Every number of the method in sight: what holds, how firm it is, who set it and since when; and setting another."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api.pages import fields, kept, shown, words
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import local_date, now, reading, transaction
from workflows import access, method, organisations, settings
from workflows.errors import Invalid, NotFound

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session

GROUPS = {
    "term": "Termijnen",
    "case": "Casussen",
    "routing": "De route kiezen",
    "hub": "Overleg in het knooppunt",
    "evaluation": "Samen terugkijken",
    "pregnancy": "Zwangerschap",
    "handover": "Overdragen",
    "outside": "Overdragen aan iemand zonder account",
    "pull": "Vragen om een casus",
    "parent": "Ouders",
    "parents": "De inlog van ouders",
    "family": "De pagina van het gezin",
    "directory": "De Wegwijzer",
    "retention": "Bewaren",
    "rights": "Rechten van ouders en kinderen",
    "task": "Taken",
    "session": "Ingelogd blijven",
    "login": "Inloggen",
    "token": "Programma’s die namens iemand werken",
    "administration": "Beheer van organisaties",
    "notifications": "Meldingen en mail",
    "emergency": "In nood een casus openen",
    "ground": "Delen op een andere grond dan toestemming",
    "monitoring": "Cijfers",
    "alarm": "Bijzonder kijkgedrag",
    "log": "Het logboek",
    "phone": "Telefoonnummers",
    "help": "Wie u belt voor hulp",
}
TAGS = {
    "[I]": "Voorstel: nog niet vastgesteld",
    "[B]": "Besluit",
    "[K]": "Algemeen bekend",
}
ANCHORS = {
    "due_date": "de uitgerekende datum",
    "birth_date": "de geboorte",
    "evaluation_date": "de dag waarop u samen terugkijkt",
    "hub_meeting": "het overleg in het knooppunt",
    "handover_offer": "het aanbieden van een overdracht",
}
#: Part of a term → label and help on the form.
PARTS = {
    "working_days": ("Hoeveel werkdagen?", ""),
    "soon": (
        "Hoeveel werkdagen als het sneller moet?",
        "Wanneer het sneller moet, staat in de beslistabel ‘termijnen’.",
    ),
    "duration": ("Hoe lang?", "Bijvoorbeeld 14 dagen, 6 weken of 3 maanden."),
    "gestational_weeks": ("Bij hoeveel weken zwangerschap?", ""),
    "otherwise": ("Hoe lang als die dag niet bekend is?", "Bijvoorbeeld 14 dagen, 6 weken of 3 maanden."),
    "before_age_limit": ("Hoe lang voor de leeftijdsgrens?", "Bijvoorbeeld 6 weken of 3 maanden."),
    "from_gestational_weeks": ("Vanaf hoeveel weken zwangerschap is het korter?", ""),
    "then_working_days": ("Hoeveel werkdagen is het dan?", ""),
}
_DURATIONS = ("duration", "otherwise", "before_age_limit")
#: Of a setting that is on or off: value → label.
_SWITCH = {1: "Aan", 0: "Uit"}
_UNITS = {"D": ("dag", "dagen"), "W": ("week", "weken"), "M": ("maand", "maanden"), "Y": ("jaar", "jaar")}


@dataclass(frozen=True, slots=True)
class Line:
    """A value that was set, or as shipped."""

    value: str
    tag: str
    source: str
    valid_from: date | None
    valid_to: date | None
    who: str
    where: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A setting with what holds now and what was set before or for later."""

    name: str
    description: str
    now: Line
    history: tuple[Line, ...]


@pages.get("/instellingen")
def settings_list() -> str:
    with reading() as session:
        by = known(session)
        code, towns = _where(session, request.args.get("gemeente"))
        people = _People(session)
        groups: dict[str, list[Shown]] = {}
        for listed in settings.listing(session, municipality=code, on=local_date()):
            group = listed.definition.name.partition(".")[0]
            groups.setdefault(GROUPS.get(group, group), []).append(people.shown(listed))
        return render("settings.html", groups=groups, towns=towns, chosen=code, may_change=_may(by))


@pages.get("/instellingen/<string:name>")
def setting(name: str) -> str:
    return _page(name, None)


@pages.post("/instellingen/<string:name>")
def change_setting(name: str) -> Response | str:
    typed = fields.typed_pairs(request.form.items(multi=True))
    try:
        with transaction() as session:
            by = known(session)
            listed = _listed(session, name, None)
            if kept.sent_before(session, by=by) is None:
                row = method.change_setting(
                    session,
                    name,
                    _value(listed.definition.value, typed),
                    municipality=_first(typed, "municipality_code") or None,
                    valid_from=_day(typed, "valid_from") or date.min,
                    valid_to=_day(typed, "valid_to"),
                    tag=_first(typed, "tag"),
                    source=_first(typed, "source"),
                    by=by,
                    at=now(),
                )
                kept.now_sent(session, row.id)
    except Invalid as refusal:
        return make_response(_page(name, typed, errors=refusal.errors), 400)
    follow = " Lopende termijnen gaan mee op de dag dat ze ingaat." if settings.moves_terms(name) else ""
    flash(f"De instelling is bewaard.{follow}", "ok")
    chosen = _first(typed, "municipality_code") or None
    return redirect(url_for("pages.setting", name=name, gemeente=chosen), 303)


def _page(name: str, typed: fields.Typed | None, *, errors: Mapping[str, Sequence[str]] | None = None) -> str:
    with reading() as session:
        by = known(session)
        wanted = request.args.get("gemeente") if typed is None else _first(typed, "municipality_code")
        code, towns = _where(session, wanted)
        listed = _listed(session, name, code)
        schema = _schema(listed, towns)
        filled = _typed(listed, code) if typed is None else typed
        questions = [component["key"] for component in schema["components"]]
        wrong = _by_question(errors or {}, questions)
        labels = {
            component["key"]: component.get("label") or component["dateLabel"] for component in schema["components"]
        }
        return render(
            "setting.html",
            setting=_People(session).shown(listed),
            chosen=next((town for key, town in towns if key == code), None),
            code=code,
            may_change=_may(by),
            form_blocks=fields.build(schema, filled, errors=wrong),
            errors=[
                fields.Fault(fields.anchor(key), labels[key], text) for key in questions for text in wrong.get(key, ())
            ],
            nonce=kept.nonce(by, uuid5(NAMESPACE_URL, name)),
        )


def _may(by: Actor) -> bool:
    return access.allows(by, "change_settings", access.Facts())


def _where(session: Session, code: str | None) -> tuple[str | None, list[tuple[str, str]]]:
    towns = [(town.code, town.name) for town in organisations.municipalities(session, on=local_date())]
    return (code if code in dict(towns) else None), towns


def _listed(session: Session, name: str, code: str | None) -> settings.Listed:
    for listed in settings.listing(session, municipality=code, on=local_date()):
        if listed.definition.name == name:
            return listed
    raise NotFound(f"no setting {name[:80]}", detail="Deze instelling bestaat niet.")


class _People:
    """Settings with names in place of ids."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.names = shown.Names(session)

    def shown(self, listed: settings.Listed) -> Shown:
        return Shown(
            name=listed.definition.name,
            description=listed.definition.description,
            now=self.line(listed, listed.row),
            history=tuple(self.line(listed, row) for row in listed.history),
        )

    def line(self, listed: settings.Listed, row: settings.Setting | None) -> Line:
        if row is None:
            definition = listed.definition
            return Line(_told(definition, definition.value), tag(definition.tag), definition.source, None, None, "", "")
        return Line(
            value=_told(listed.definition, row.value),
            tag=tag(row.tag),
            source=row.source,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            who=organisations.person(self.session, row.set_by).display_name if row.set_by else "De beheerder",
            where=self.names.municipality(row.municipality_code) or "Hele regio",
        )


def _told(definition: settings.Definition, value: Any) -> str:
    return _SWITCH.get(value, str(value)) if definition.is_switch else say(value)


def say(value: Any) -> str:
    """A value in Dutch, e.g. ``10 werkdagen; 5 als het sneller moet``."""
    if not isinstance(value, Mapping):
        return str(value)
    days = (
        f"{value['working_days']} werkdag{'' if value.get('working_days') == 1 else 'en'}"
        if "working_days" in value
        else ""
    )
    otherwise = f"; anders na {duration(value['otherwise'])}" if "otherwise" in value else ""
    if "anchor" in value:
        anchor = ANCHORS.get(value["anchor"], value["anchor"])
        return (f"{days} na {anchor}" if days else f"op {anchor}") + otherwise
    if "before_age_limit" in value:
        return f"{duration(value['before_age_limit'])} voor de leeftijdsgrens"
    if "duration" in value:
        return duration(value["duration"])
    if "gestational_weeks" in value:
        unless = "; niet als de JGZ het gezin al heeft" if "unless" in value else ""
        return f"bij {value['gestational_weeks']} weken zwangerschap{otherwise}{unless}"
    if "soon" in value:
        return f"{days}; {value['soon']} als het sneller moet"
    if "from_gestational_weeks" in value:
        return f"{days}; {value['then_working_days']} vanaf {value['from_gestational_weeks']} weken zwangerschap"
    return days


def tag(code: str) -> str:
    """How firm a value is, in words; a mark of a source stays as it is."""
    return TAGS.get(code, f"Uit een bron {code}")


def duration(text: str) -> str:
    """``P42D`` as people say it: ``42 dagen``; what is not that simple stays as it is."""
    match = re.fullmatch(r"P(\d+)([DWMY])", text)
    if match is None:
        return text
    one, more = _UNITS[match[2]]
    return f"{match[1]} {one if match[1] == '1' else more}"


def iso(text: str) -> str:
    """What somebody typed as a duration: ``6 weken`` becomes ``P6W``; anything else goes on as it was typed."""
    match = re.fullmatch(r"(\d{1,5})\s*([a-z]+)", text.strip().lower())
    for unit, said in _UNITS.items():
        if match is not None and match[2] in (*said, "jaren"):
            return f"P{match[1]}{unit if match[2] != 'jaren' else 'Y'}"
    return text.strip()


def _value(example: Any, typed: fields.Typed) -> Any:
    """What was typed, in the shape of *example*; what is no number stays text, so that the room can refuse it."""
    if not isinstance(example, Mapping):
        return _first(typed, "value") if isinstance(example, str) else _number(_first(typed, "value"))
    found: dict[str, Any] = {}
    for key, old in example.items():
        if key in ("anchor", "unless"):
            found[key] = old
        else:
            found[key] = iso(_first(typed, key)) if key in _DURATIONS else _number(_first(typed, key))
    return found


def _number(text: str) -> int | str:
    return int(text) if re.fullmatch(r"\s*-?[0-9]{1,9}\s*", text) else text


def _day(typed: fields.Typed, name: str) -> date | None:
    text = _first(typed, name)
    if not text:
        return None
    try:
        return words.read_day(text)
    except ValueError:
        raise Invalid(f"no day in {name}", errors={name: ["Vul een datum in die bestaat."]}) from None


def _first(typed: fields.Typed, name: str) -> str:
    return next(iter(typed.get(name, ())), "")


def _schema(listed: settings.Listed, towns: list[tuple[str, str]]) -> dict[str, Any]:
    """The questions of one setting, as a form draws them."""
    example = listed.definition.value
    required = {"required": True}
    asked: list[dict[str, Any]] = []
    if isinstance(example, Mapping):
        for key in example:
            if key in PARTS:
                label, description = PARTS[key]
                kind = "textfield" if key in _DURATIONS else "number"
                asked.append(
                    {"type": kind, "key": key, "label": label, "description": description, "validate": required}
                )
    elif listed.definition.is_switch:
        switch = [{"value": str(value), "label": label} for value, label in _SWITCH.items()]
        asked.append({"type": "radio", "key": "value", "label": "Aan of uit?", "values": switch, "validate": required})
    else:
        kind = "textfield" if isinstance(example, str) else "number"
        asked.append({"type": kind, "key": "value", "label": "Welke waarde?", "validate": required})
    options = [{"value": code, "label": name} for code, name in towns]
    firm = [{"value": code, "label": TAGS[code]} for code in method.TAGS]
    return {
        "components": [
            *asked,
            {
                "type": "select",
                "key": "municipality_code",
                "label": "Alleen voor één gemeente?",
                "description": "Maakt u geen keuze, dan geldt het voor de hele regio.",
                "values": options,
            },
            {"type": "datetime", "key": "valid_from", "dateLabel": "Vanaf welke dag geldt dit?", "validate": required},
            {"type": "datetime", "key": "valid_to", "dateLabel": "Tot en met welke dag?"},
            {"type": "radio", "key": "tag", "label": "Hoe vast staat dit?", "values": firm, "validate": required},
            {
                "type": "textfield",
                "key": "source",
                "label": "Wie besloot dit, of waar staat het?",
                "validate": {**required, "maxLength": 500},
            },
        ]
    }


def _typed(listed: settings.Listed, code: str | None) -> dict[str, list[str]]:
    """The form as it opens: with what holds now, from today."""
    value = listed.value
    parts = value if isinstance(value, Mapping) else {"value": value}
    found = {
        key: [duration(part) if key in _DURATIONS else str(part)]
        for key, part in parts.items()
        if key not in ("anchor", "unless")
    }
    found["valid_from"] = [local_date().isoformat()]
    if code is not None:
        found["municipality_code"] = [code]
    return found


def _by_question(errors: Mapping[str, Sequence[str]], questions: Sequence[str]) -> dict[str, list[str]]:
    """What the room says of the whole value stands with its first question."""
    found: dict[str, list[str]] = {}
    for name, texts in errors.items():
        found.setdefault(name if name in questions else questions[0], []).extend(texts)
    return found
