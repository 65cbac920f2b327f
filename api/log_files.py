"""Lines of the log as a file to take away: a part at a time, so that a long log costs no memory and a slow taker no lock.

What a cell holds came from elsewhere, and a spreadsheet runs what looks like a formula; such a cell begins with a quote.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, g, stream_with_context

from api.auth import actor
from api.transactions import local_date, now, reading
from workflows import method

FORMS = {"csv": "text/csv", "jsonl": "application/x-ndjson"}
_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_BOM = "\ufeff"
#: With what a formula, or something that becomes one after splitting, begins; also in the wide signs of East Asian keyboards.
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_READABLE = ("Moment", "Medewerker", "Casus", "Noodgeval", "Bijzonder")


def download(filters: Mapping[str, Any], form: str) -> Response:
    """A log of the own organisation as a file; that it is taken away is kept before its first line goes out."""
    with reading() as session:
        export = method.log_export(session, by=actor(), at=now(), filters=filters, form=form)
    lines = _WRITERS[form](_lines(export))
    name = f"logboek-{local_date():%Y-%m-%d}.{form}"
    return Response(
        stream_with_context(part.encode() for part in lines),
        mimetype=FORMS[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _lines(export: method.LogExport) -> Iterator[method.LogLineView]:
    """Each part in a transaction of its own, in which is asked anew who asks and whether that is allowed."""
    cursor: str | None = None
    while True:
        g.pop("steun_actor", None)
        with reading() as session:
            found, cursor = method.log_batch(session, export, by=actor(), at=now(), cursor=cursor)
        yield from found
        if cursor is None:
            return


def as_csv(lines: Iterable[method.LogLineView]) -> Iterator[str]:
    """For a spreadsheet: semicolons and a byte order mark, as Dutch ones expect."""
    yield _BOM
    columns: tuple[str, ...] | None = None
    for line in lines:
        if columns is None:
            columns = tuple(line.nen7513)
            yield _row((*_READABLE, *columns))
        yield _row((*_readable(line), *(_cell(line.nen7513[name]) for name in columns)))
    if columns is None:
        yield _row(_READABLE)


def as_json_lines(lines: Iterable[method.LogLineView]) -> Iterator[str]:
    """For a program: one object a line, with the fields by their names in NEN 7513."""
    for line in lines:
        more = {"caseNumber": line.case_number, "emergency": line.emergency, "unusual": line.unusual}
        yield json.dumps({**line.nen7513, **more}, ensure_ascii=False, default=str) + "\n"


_WRITERS: Mapping[str, Callable[[Iterable[method.LogLineView]], Iterator[str]]] = {
    "csv": as_csv,
    "jsonl": as_json_lines,
}


def _readable(line: method.LogLineView) -> tuple[str, ...]:
    return (
        line.at.astimezone(_AMSTERDAM).isoformat(timespec="seconds"),
        line.person_name or "",
        line.case_number or "",
        "ja" if line.emergency else "",
        "ja" if line.unusual else "",
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, Mapping) else str(value)


def _row(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=";", lineterminator="\r\n").writerow(map(harmless, cells))
    return written.getvalue()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_RUNS) else cell
