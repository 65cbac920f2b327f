"""On which legal ground an organisation works with data of a family, beside the consent that breaks secrecy. Data in
``grounds.toml``: a new act brings a ground by a row there. Pure; knows no room."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any


class Ground(StrEnum):
    """Why data may be shared by law; which of them an organisation can rest on is data."""

    CONSENT_OF_SUBJECT = "consent_of_subject"
    CONSENT_OF_REPRESENTATIVE = "consent_of_representative"
    TREATMENT_RELATION_WGBO = "treatment_relation_wgbo"
    TASK_WPG_JGZ = "task_wpg_jgz"
    TASK_YOUTH_ACT = "task_youth_act"
    TASK_WMO = "task_wmo"
    LEGAL_OBLIGATION = "legal_obligation"
    RIGHT_TO_REPORT = "right_to_report"
    CONFLICT_OF_DUTIES = "conflict_of_duties"
    VITAL_INTEREST = "vital_interest"
    ANONYMISED = "anonymised"


@dataclass(frozen=True, slots=True)
class LegalGround:
    """A ground as the data describes it; ``start`` and ``until`` are the first and the last day on which it holds."""

    code: Ground
    law: str
    tag: str
    start: date | None = None
    until: date | None = None
    opens: bool = False
    """Data of others may be read on it in one case, when somebody weighed it and wrote down why."""
    silent: bool = False
    """The family is not told by this system, until somebody who told them says so."""
    invoked_by: frozenset[str] = frozenset()
    """Roles that may invoke it for a case."""
    invoked_at: frozenset[str] = frozenset()
    """Types of organisation in which they may."""
    towards: frozenset[str] = frozenset()
    """Types of organisation that may receive on it."""

    def holds(self, on: date) -> bool:
        """Whether it can be rested on at local day *on*."""
        return (self.start is None or self.start <= on) and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Basis:
    """What an organisation of one type can rest on. ``consent_alone``: consent is ground enough when nothing else is."""

    grounds: tuple[Ground, ...]
    consent_alone: bool
    tag: str


_FILE: Mapping[str, Any] = tomllib.loads((Path(__file__).parent / "grounds.toml").read_text(encoding="utf-8"))
#: Type of organisation → what it can rest on; a type that is not here can rest on nothing.
BASES: Mapping[str, Basis] = {
    kind: Basis(tuple(Ground(code) for code in row["grounds"]), row["consent_alone"], row["tag"])
    for kind, row in _FILE["type"].items()
}
_NOTHING = Basis((), False, "")


def _kinds(ground: str, groups: Iterable[str]) -> frozenset[str]:
    own = frozenset(kind for kind, basis in BASES.items() if ground in basis.grounds)
    return frozenset().union(*(own if group == "own" else _FILE["group"][group] for group in groups))


GROUNDS: Mapping[Ground, LegalGround] = {
    Ground(code): LegalGround(
        Ground(code),
        row["law"],
        row["tag"],
        row.get("from"),
        row.get("until"),
        opens=row.get("opens", False),
        silent=row.get("silent", False),
        invoked_by=frozenset(row.get("invoked_by", ())),
        invoked_at=_kinds(code, row.get("invoked_at", ())),
        towards=_kinds(code, row.get("towards", ())),
    )
    for code, row in _FILE["ground"].items()
}
#: Besides consent, on which professional secrecy may be broken towards who helps the family (KNMG e.a., 2014). A right
#: to report opens nothing here: a report goes to Veilig Thuis, not to a colleague.
BESIDE_CONSENT = frozenset(code for code, ground in GROUNDS.items() if ground.opens)


def invocable(role: str, organisation_type: str, *, on: date) -> tuple[Ground, ...]:
    """Grounds that somebody in this role, at an organisation of this type, may invoke for a case."""
    return tuple(
        code
        for code, ground in GROUNDS.items()
        if role in ground.invoked_by and organisation_type in ground.invoked_at and ground.holds(on)
    )


def own_grounds(organisation_type: str, *, on: date) -> tuple[Ground, ...]:
    """Grounds that an organisation of this type has of its own, besides consent; the usual one first."""
    return tuple(code for code in BASES.get(organisation_type, _NOTHING).grounds if GROUNDS[code].holds(on))


def ground_for(organisation_type: str, *, given_by: Iterable[str], on: date) -> Ground | None:
    """The ground on which an organisation may receive what a family agreed to share with it.

    Args:
        given_by: who agreed, as codes of the ledger of consents, e.g. ``self``.

    Returns:
        None: it has no ground of its own, and consent alone is none for an organisation of this type. Then nothing may be
        shared with it, whatever the family says.
    """
    if own := own_grounds(organisation_type, on=on):
        return own[0]
    if not BASES.get(organisation_type, _NOTHING).consent_alone:
        return None
    return Ground.CONSENT_OF_SUBJECT if set(given_by) <= {"self"} else Ground.CONSENT_OF_REPRESENTATIVE
