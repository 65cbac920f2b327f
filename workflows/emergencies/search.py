"""Whether somebody knows a family already: by the number of its case, or by the parent's name and day of birth, exactly."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.cases import Case, CaseStatus
from workflows.families import FamilyMember, MemberKind

_NUMBER = re.compile(r"\d{4}-\d{4,9}", re.ASCII)
_LONGEST = 200
_HOW = "Vul het nummer van de casus in, of de naam en de geboortedatum van de ouder."


@dataclass(frozen=True, slots=True)
class EmergencySearch:
    """What somebody knows of a family. Half of a name, or a name without a day of birth, finds nobody."""

    case_number: str = ""
    parent_name: str = ""
    birth_date: date | None = None

    @property
    def by_number(self) -> bool:
        """Whether the number alone says which case is meant."""
        return bool(self.case_number.strip())

    def problems(self) -> dict[str, list[str]]:
        """What is missing or cannot be, per field."""
        if self.by_number:
            fits = _NUMBER.fullmatch(self.case_number.strip())
            return {} if fits else {"case_number": ["Vul het hele nummer in, bijvoorbeeld 2026-0042."]}
        errors: dict[str, list[str]] = {}
        if not self.parent_name.strip() and self.birth_date is None:
            return {"case_number": [_HOW]}
        if not self.parent_name.strip() or len(self.parent_name) > _LONGEST:
            errors["parent_name"] = ["Vul de hele naam van de ouder in."]
        if self.birth_date is None:
            errors["birth_date"] = ["Vul ook de geboortedatum van de ouder in."]
        return errors

    def text(self) -> str:
        """The question in one form, to prove later what was asked; never kept, only a salted hash of it."""
        if self.by_number:
            return json.dumps(["number", self.case_number.strip()])
        return json.dumps(["person", _plain(self.parent_name), self.birth_date and self.birth_date.isoformat()])

    def found(self, session: Session) -> list[UUID]:
        """The cases that are meant, as far as an emergency could open them: open, shared and with a family.

        What only one organisation knows as its own draft, what is closed and what is erased, is found by nobody.
        """
        there = (Case.status != CaseStatus.CLOSED, Case.erase_on.is_(None), Case.family_id.is_not(None))
        if self.by_number:
            return list(session.scalars(select(Case.id).where(Case.number == self.case_number.strip(), *there)))
        query = (
            select(Case.id, FamilyMember.name)
            .join(FamilyMember, FamilyMember.family_id == Case.family_id)
            .where(
                FamilyMember.birth_date == self.birth_date,
                FamilyMember.kind.in_((MemberKind.PREGNANT_PERSON, MemberKind.PARENT)),
                *there,
            )
        )
        wanted = _plain(self.parent_name)
        return sorted({row.id for row in session.execute(query) if _plain(row.name) == wanted})


def _plain(name: str) -> str:
    """A name however it was typed: without capitals, accents and the spaces around words."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    return " ".join(bare.casefold().split())
