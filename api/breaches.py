"""The report after a breach as a file: a line per person and recipient, without names of families."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC

from marshmallow import Schema, fields

from api import schemas
from api.log_files import harmless
from workflows.method import BreachReport


class BreachRowOut(Schema):
    case_id = schemas.an_id("De casus.")
    case_number = schemas.a_text("Nummer van de casus.")
    subject_id = schemas.an_id("Over wie.", allow_none=True)
    subject_kind = schemas.a_text("Wie dat is in het gezin.")
    organisation_id = schemas.an_id("Wie het kon zien.", allow_none=True)
    organisation = schemas.a_text("Naam van die organisatie.")
    role = schemas.a_text("In welke rol.")
    person_ids = fields.List(fields.UUID(), metadata={"description": "Welke medewerkers."})
    first_at = schemas.an_instant("Eerste keer.")
    last_at = schemas.an_instant("Laatste keer.")
    times = schemas.a_number("Hoe vaak.")
    exported = schemas.a_number("Hoe vaak er een bestand van is gemaakt.")
    bsn = schemas.a_number("Hoe vaak het BSN van deze persoon te zien was of in een bestand stond.")
    read = schemas.some_texts("Soorten gegevens die te zien waren.")
    shared = schemas.some_texts("Soorten gegevens die met deze organisatie gedeeld waren.")
    role_allows = schemas.some_texts("Soorten gegevens die de rol ten hoogste ziet.")
    grounds = schemas.some_texts("Op welke gronden.")


class BreachOut(Schema):
    since = schemas.an_instant("Vanaf.")
    until = schemas.an_instant("Tot.")
    noticed_at = schemas.an_instant("Wanneer het lek ontdekt is.")
    report_by = schemas.an_instant("Wanneer het uiterlijk gemeld is bij de Autoriteit Persoonsgegevens.")
    subjects = schemas.a_number("Hoeveel mensen het raakt.")
    gone = schemas.a_number("Casussen die intussen vernietigd zijn.")
    rows = fields.List(fields.Nested(BreachRowOut))


COLUMNS = (
    "case_number", "case_id", "subject_kind", "subject_id", "organisation", "organisation_id", "role", "person_ids",
    "first_at", "last_at", "times", "exported", "bsn", "read", "shared", "role_allows", "grounds",
)  # fmt: skip


def as_json(report: BreachReport) -> bytes:
    """In the shape that OpenAPI describes (``BreachOut``)."""
    return json.dumps(BreachOut().dump(report), ensure_ascii=False, indent=1).encode()


def as_csv(report: BreachReport) -> bytes:
    """For a spreadsheet. What begins like a formula is kept from being one."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for row in report.rows:
        writer.writerow([_cell(getattr(row, name)) for name in COLUMNS])
    return file.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(str(one) for one in value)
    return harmless(
        value.astimezone(UTC).isoformat() if hasattr(value, "astimezone") else "" if value is None else str(value)
    )
