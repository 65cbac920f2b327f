"""What is expected, read from ``expected.toml``, and the same as a table for people."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from api.pages import words
from tests.api.matrix.walk import Operation
from workflows.access import COMPARTMENTS, EMERGENCY_READS, MATRIX, Grant

FILE = Path(__file__).parent / "expected.toml"
DOCUMENT = Path(__file__).parents[3] / "docs" / "access-matrix.md"
_SAFE = frozenset({"GET", "HEAD"})


@dataclass(frozen=True)
class Profile:
    """Operations for which the same holds."""

    what: str
    operations: tuple[str, ...]
    #: Situation → outcome → people.
    said: Mapping[str, Mapping[str, frozenset[str]]]
    rest: Mapping[str, str] = field(default_factory=dict)
    without_session: str | None = None

    @property
    def people(self) -> set[str]:
        """Everybody who is named."""
        return {one for said in self.said.values() for names in said.values() for one in names}

    def outcome(self, situation: str, who: str) -> str:
        """What *who* meets: ``may``, 403, ``log in`` or, when nothing is said, 404."""
        for outcome, names in self.said.get(situation, {}).items():
            if who in names:
                return outcome
        return self.rest.get(situation, "404")

    def nobody(self, operation: Operation) -> str:
        """What somebody meets who is not logged in."""
        if self.without_session is not None:
            return self.without_session
        return "log in" if operation.is_api or operation.method in _SAFE else "unmeant"


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@cache
def profiles() -> tuple[Profile, ...]:
    """Every profile, as written."""
    found = []
    for row in _read()["profile"]:
        situations = {name: value for name, value in row.items() if isinstance(value, dict)}
        found.append(
            Profile(
                what=row["what"],
                operations=tuple(row["operations"]),
                said={
                    name: {key: _names(people) for key, people in value.items() if key != "rest"}
                    for name, value in situations.items()
                },
                rest={name: value["rest"] for name, value in situations.items() if "rest" in value},
                without_session=row.get("nobody"),
            )
        )
    return tuple(found)


def files() -> dict[str, list[str]]:
    """Operation that serves a file or a page to print → the event that is written, and the cause of the act of sharing."""
    found: dict[str, list[str]] = _read()["files"]
    return found


def never_done() -> Mapping[str, str]:
    """Operations that nobody gets done here, and why not."""
    found: Mapping[str, str] = _read()["never_done"]
    return found


def writes_nothing() -> Mapping[str, str]:
    """Operations with a method that changes things which change nothing, and why."""
    found: Mapping[str, str] = _read()["writes_nothing"]
    return found


def counts_attempts() -> Mapping[str, str]:
    """Operations of which a refusal is counted, and why."""
    found: Mapping[str, str] = _read()["counts_attempts"]
    return found


def people() -> Mapping[str, str]:
    """Who is asked → in Dutch, for the table."""
    found: Mapping[str, str] = _read()["people"]
    return found


def _names(given: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    for name in given:
        if name == "@everyone":
            found |= set(people())
        elif name.startswith("@"):
            found |= _names(_read()["groups"][name[1:]])
        else:
            found.add(name)
    return frozenset(found)


_SITUATIONS = {
    "own": "een lopende casus",
    "closed": "een gesloten casus",
    "left": "een casus waarvan de toestemming is ingetrokken",
    "draft": "een concept van een andere organisatie",
    "unknown": "iets dat niet bestaat",
}
_SCOPES = {
    "all": "alles", "own": "eigen organisatie", "author": "wat deze persoon zelf schreef", "self": "over zichzelf",
    "status": "alleen hoe het staat", "status_and_feedback": "hoe het staat, en de terugkoppeling",
    "minimal": "om welke casus het gaat", "first_name": "voornaam en hoe te bereiken", "own_action": "eigen afspraak",
    "own_action_and_status": "eigen afspraak, en hoe de andere staan", "own_theme": "thema van de eigen afspraak",
    "shared_part": "wat beide ouders mogen zien", "case_bound": "om wie het gaat", "client_log": "wie keek, in gewone taal",
}  # fmt: skip


def document(path: Path | None) -> str:
    """The table as it stands in *path*, or as it should be."""
    if path is not None:
        return DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    return "\n".join((*_intro(), *_compartments(), *_emergency(), *_decisions(), *_operations())) + "\n"


def _intro() -> Iterable[str]:
    return (
        "# Wie mag wat",
        "",
        "Deze bladzijde is gemaakt uit `workflows/access/matrix.py` en `tests/api/matrix/expected.toml` met"
        " `python -m tests.api.matrix`; een toets houdt haar bij. De lange toets (`PROFILE=long`, zoals bij elke levering) probeert"
        " elke handeling hieronder als een derde van wie hier genoemd is, elke keer anderen; op PostgreSQL, en in de korte, wordt zij geprobeerd"
        " als enkelen, per handeling anderen. In elk antwoord wordt gezocht naar woorden die er niet in mogen staan.",
        "",
        "## Wie wat leest en schrijft",
        "",
        "Dit geldt alleen voor wie iets met de casus te maken heeft, en voor zover het gezin het goedvond of een andere grond"
        " bestaat. **L** lezen, **S** schrijven, * ook zonder toestemming. Leeg: niets.",
        "",
    )


def _decisions() -> Iterable[str]:
    return (
        "",
        "## Wat is besloten",
        "",
        "- **Verboden is onbekend.** Wie iets vraagt dat niet voor hem is, krijgt hetzelfde antwoord als bij iets dat niet bestaat,"
        " en de database krijgt precies dezelfde vragen. Een toets vergelijkt beide voor elke handeling hieronder. Alleen wie al weet"
        " dat iets er is, hoort dat hij iets niet mag (403).",
        "- **De aandachtsfunctionaris** kent het gezin uit het eigen dossier over veiligheid. De casus zelf bestaat voor haar niet.",
        "- **Een organisatie die haar steunafspraak weigert**, houdt haar plaats bij een overleg: daarvoor gaf het gezin apart"
        " toestemming, en alleen het gezin trekt die in.",
        "- **Samen zien wie keek** kan alleen wie de casus vasthoudt. Wie er deel aan heeft, hoort dat (403), op de bladzijde en als programma.",
        "- **Organisaties en mensen beheren**: wie dat niet mag, wordt geweigerd (403) voordat er iets wordt opgezocht. Zo verraadt het"
        " antwoord niet of iets bestaat.",
        "- **Na het sluiten** leest wie op dat moment deel had aan de casus, zolang die bewaard wordt, wat de rol volgens de tabel hieronder"
        " mag lezen. Het programma stopt dan geen deelname.",
        "",
        "> Vraag aan de regio: moet na het sluiten alleen de organisatie die de casus het laatst vasthield nog lezen, en de anderen"
        " alleen wat zij zelf schreven?",
    )


def _compartments() -> Iterable[str]:
    yield "| rol | " + " | ".join(f"{code} {name}" for code, name in COMPARTMENTS.items()) + " |"
    yield "|---" * (len(COMPARTMENTS) + 1) + "|"
    for role, row in MATRIX.items():
        name = words.ROLES.get(role, "andere ouder" if role == "other_parent" else role)
        yield f"| {name} | " + " | ".join(_cell(row[code]) for code in COMPARTMENTS) + " |"
    yield ""


def _cell(grant: Grant) -> str:
    parts = []
    if grant.read is not None:
        parts.append(f"L: {_SCOPES[grant.read]}{'' if grant.consent else ' *'}")
    if grant.write is not None:
        parts.append(f"S: {_SCOPES[grant.write]}")
    return "<br>".join(parts)


def _emergency() -> Iterable[str]:
    yield "## In nood"
    yield ""
    yield "Wie in nood een casus opent, leest een uur lang deze soorten gegevens, van wie ze ook zijn, en niets anders."
    yield ""
    for role, read in EMERGENCY_READS.items():
        yield f"- {words.ROLES[role]}: {', '.join(read)}"
    yield ""


def _operations() -> Iterable[str]:
    yield "## Wie wat kan doen"
    yield ""
    yield "Wie niet genoemd is, krijgt te horen dat het niet bestaat (404). Zonder in te loggen kan niets, tenzij dat erbij staat."
    yield "Deze mensen worden geprobeerd:"
    yield ""
    for name, told in people().items():
        yield f"- `{name}`: {told}"
    yield ""
    for profile in profiles():
        yield f"### {profile.what}"
        yield ""
        for key in profile.operations:
            yield f"- `{key}`"
        yield ""
        for situation, said in profile.said.items():
            for outcome, names in said.items():
                yield f"- {_SITUATIONS[situation]}: {_OUTCOMES[outcome]} {_told(names)}"
            if situation in profile.rest:
                others = "alle anderen" if said else "iedereen"
                yield f"- {_SITUATIONS[situation]}: {_OUTCOMES[profile.rest[situation]]} {others}"
        if profile.without_session == "may":
            yield "- zonder in te loggen: mag"
        yield ""


_OUTCOMES = {
    "may": "mag",
    "403": "ziet het, mag het niet:",
    "404": "bestaat niet voor",
    "log in": "komt bij het inloggen:",
}


def _told(names: frozenset[str]) -> str:
    return "iedereen" if names == frozenset(people()) else ", ".join(f"`{name}`" for name in people() if name in names)
