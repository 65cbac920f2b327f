"""A file that somebody sends: read into memory and nowhere else, looked at, made safe and scanned, before any transaction.

What a family brings never stands readable on a disk: not in a temporary file either. So a request may be as long as the setting
says and no longer, and only of somebody who is known.
"""

from __future__ import annotations

import io
from typing import IO

from flask import Request, current_app, g, request
from werkzeug.datastructures import FileStorage

from api import scanning
from api.config import Settings
from workflows import attachments
from workflows.attachments import Prepared
from workflows.errors import Invalid

#: As much more than the file itself a request may be: its other fields, and files that are a little too big, so that who sends
#: one gets back what was typed.
BESIDE = 2_000_000
#: Types that are handed out, by kind.
TYPES = {
    "pdf": "application/pdf",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
}


class InMemory(Request):
    """Never writes a part of a request to a temporary file."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return io.BytesIO()


def sent(name: str = "file") -> Prepared:
    """The file of this request, ready to be kept.

    Raises:
        Invalid: none, more than one, too big, of a kind that is not taken, or with a virus.
        ScannerAway: there is a scanner and it does not answer.
    """
    settings: Settings = current_app.extensions["steun.settings"]
    found = [one for one in request.files.getlist(name) if one.filename]
    if len(found) != 1:
        raise _refused("Kies een bestand." if not found else "Kies één bestand tegelijk.")
    content = _read(found[0], settings.max_attachment)
    scanning.require_clean(settings, content)
    prepared = attachments.prepare(found[0].filename or "", content)
    g.pop("steun_actor", None)  # looking took a while: who asks is asked anew
    return prepared


def megabytes(size: int) -> str:
    """A size in words, e.g. ``2,4 MB``."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} kB"
    return f"{size / 1_000_000:.1f}".replace(".", ",").removesuffix(",0") + " MB"


def _read(file: FileStorage, most: int) -> bytes:
    content = file.stream.read(most + 1)
    if len(content) > most:
        raise _refused(f"Dit bestand is te groot. Een bijlage mag ten hoogste {megabytes(most)} zijn.")
    return content


def _refused(text: str) -> Invalid:
    return Invalid("upload", errors={"file": [text]})
