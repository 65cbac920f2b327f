"""Who may agree to share somebody's data, as the decision table says. Ages go in, in whole years; no age stands here."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from engine.clock import local_date
from engine.errors import EngineError
from workflows import diagrams, families, processes
from workflows.cases import Case
from workflows.errors import Invalid, NotFound
from workflows.families import AuthorityKind, FamilyMember

if TYPE_CHECKING:
    from engine.decisions import Decision

#: Id of the table. A bundle without it asks nothing; then only the form and the room ``consent`` judge.
TABLE = "toestemming_gever"
FIELD = "given_by"


def check_giver(
    session: Session, case: Case, subject: FamilyMember, given_by: str, *, at: datetime, field: str = FIELD
) -> None:
    """Refuse a yes by somebody whom the table does not allow to decide about *subject*. Whose age is not known, such as
    an expected child's, is judged by nobody but who asked.

    Args:
        field: of the form that asked; the ages are the same for who may ask something about somebody's data.

    Raises:
        Invalid: with the table's own reason under *field*.
    """
    if subject.birth_date is None or (table := _table(session, case)) is None:
        return
    on = local_date(at)
    known = {"age": families.age_in_years(subject.birth_date, on), "authority": _authority(session, subject, on=on)}
    try:
        rows: Any = table.decide(known).outputs
    except EngineError as error:
        problem = (
            "De tabel ‘Wie mag toestemming geven?’ geeft geen antwoord. Vraag de coördinator om haar na te kijken."
        )
        raise Invalid(f"table {TABLE} failed for case {case.id}", errors={field: [problem]}) from error
    allowed = [rows] if isinstance(rows, dict) else rows
    if any(row.get("given_by") == given_by for row in allowed):
        return
    reasons = dict.fromkeys(str(row["reason"]) for row in allowed if row.get("reason"))
    text = " ".join(reasons) or "Deze persoon mag hierover niet beslissen."
    raise Invalid(f"case {case.id}: {given_by:.30} may not decide about {subject.id}", errors={field: [text]})


def _table(session: Session, case: Case) -> Decision | None:
    """Of the bundle that the case runs on; of the current one when an older bundle has no such table."""
    try:
        digests = [processes.run_of(session, "case", case.id).bundle_digest]
    except NotFound:
        digests = []
    for digest in (*digests, diagrams.current(session)):
        if (found := diagrams.load(session, digest).decisions.get(TABLE)) is not None:
            return found
    return None


def _authority(session: Session, subject: FamilyMember, *, on: date) -> str:
    kinds = {one.kind for one in families.authorities(session, subject.family_id, on=on) if one.child_id == subject.id}
    if AuthorityKind.GUARDIANSHIP in kinds:
        return "guardian"
    return "parent" if kinds else "unknown"
