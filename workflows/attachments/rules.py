"""What a file is, by what is in it, and how it is made safe to hand out; who may write and read which. Pure, and slow: done
before a transaction is opened.

puremagic looks at the first bytes (no C library, no list of our own to keep up); Pillow makes a picture anew, so that nothing
but the picture is left of it: not where it was taken, not with what, and nothing that was hidden behind it.
"""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import puremagic
from PIL import Image, ImageOps

from workflows.access import Readable, Scope
from workflows.actor import Actor
from workflows.attachments.model import Attachment, AttachmentKind
from workflows.errors import Invalid

#: Kinds of data that a file can be of: not who somebody is or agreed to, and never what is about safety.
CHOOSABLE = ("C6", "C1", "C2", "C3", "C4", "C7")

_ENDINGS: Mapping[str, AttachmentKind] = {
    "pdf": AttachmentKind.PDF,
    "jpg": AttachmentKind.JPEG,
    "jpeg": AttachmentKind.JPEG,
    "png": AttachmentKind.PNG,
    "docx": AttachmentKind.DOCX,
    "odt": AttachmentKind.ODT,
}
#: What the first bytes are called.
_SNIFFED: Mapping[AttachmentKind, frozenset[str]] = {
    AttachmentKind.PDF: frozenset({".pdf"}),
    AttachmentKind.JPEG: frozenset({".jpg", ".jpeg", ".jfif"}),
    AttachmentKind.PNG: frozenset({".png"}),
    AttachmentKind.DOCX: frozenset({".docx", ".zip"}),
    AttachmentKind.ODT: frozenset({".odt", ".zip"}),
}
_ODT = b"application/vnd.oasis.opendocument.text"
_NAME = 120
#: More of a picture than any telephone takes.
_PIXELS = 60_000_000
_WORDS = "Kies een PDF, een foto (JPG of PNG) of een tekst (DOCX of ODT)."


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that may be kept, as it will be handed out."""

    name: str
    kind: AttachmentKind
    content: bytes


def prepare(name: str, content: bytes) -> Prepared:
    """Look at a file that somebody sent, by its name and by what is in it, and make it safe to hand out.

    Raises:
        Invalid: nothing in it, a kind that is not taken, a name that says something else than what is in it, or broken.
    """
    if not content:
        raise _refused("Dit bestand is leeg.")
    kind = _ENDINGS.get(name.rpartition(".")[2].strip().lower()) if "." in name else None
    if kind is None:
        raise _refused(f"Dit soort bestand nemen we niet aan. {_WORDS}")
    try:
        found = {one.extension.lower() for one in puremagic.magic_string(content)}
    except (puremagic.PureError, ValueError):
        found = set()
    if found.isdisjoint(_SNIFFED[kind]):
        raise _refused(f"Wat in dit bestand zit, is iets anders dan de naam zegt. {_WORDS}")
    if kind in (AttachmentKind.JPEG, AttachmentKind.PNG):
        content = _anew(content, kind)
    elif kind in (AttachmentKind.DOCX, AttachmentKind.ODT):
        _require_text(content, kind)
    return Prepared(safe_name(name, kind), kind, content)


def safe_name(name: str, kind: AttachmentKind) -> str:
    """A name that is one on every machine: no folders, no signs that are not seen, one ending that says what it is."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1].rpartition(".")[0]
    seen = "".join(sign if unicodedata.category(sign)[0] not in "CZ" else " " for sign in last)
    kept = " ".join(re.sub(r'[<>:"|?*]', " ", seen).split()).strip(" .")
    return f"{kept[: _NAME - 6].strip(' .') or 'bijlage'}.{'jpg' if kind == AttachmentKind.JPEG else kind.value}"


def writable(readable: Readable) -> tuple[str, ...]:
    """Kinds of data that somebody may attach a file of, the usual one first."""
    return tuple(code for code in CHOOSABLE if readable.write.get(code) in (Scope.ALL, Scope.OWN))


def may_read(one: Attachment, readable: Readable, *, by: Actor) -> bool:
    """Whether *by* may read it, by the matrix, as of any other answer of its kind."""
    return readable.reads(
        one.compartment,
        own_organisation=by.organisation_id is not None and one.organisation_id == by.organisation_id,
        author=_is(one.author_id, by.person_id),
        own_role=one.role == by.role,
    )


def _is(author: UUID | None, person: UUID | None) -> bool:
    return author is not None and author == person


def _anew(content: bytes, kind: AttachmentKind) -> bytes:
    """The picture alone, upright."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=[kind.value.upper()]) as opened:
                if opened.width * opened.height > _PIXELS:
                    raise _refused("Deze foto is te groot. Maak hem kleiner en probeer het opnieuw.")
                upright = ImageOps.exif_transpose(opened)
                profile = opened.info.get("icc_profile")
                bare = Image.new(upright.mode, upright.size)
                if upright.mode == "P" and upright.palette is not None:
                    upright = upright.convert("RGBA")
                    bare = Image.new("RGBA", upright.size)
                bare.paste(upright)
        made = io.BytesIO()
        if kind == AttachmentKind.JPEG:
            bare.save(made, "JPEG", quality=90, icc_profile=profile)
        else:
            bare.save(made, "PNG", icc_profile=profile)
    except Invalid:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _refused("Deze foto is stuk of te groot. Open hem op uw eigen apparaat en bewaar hem opnieuw.") from None
    return made.getvalue()


def _require_text(content: bytes, kind: AttachmentKind) -> None:
    """It is a text, and carries no program along. It is looked into, never unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            info = archive.getinfo("mimetype") if kind == AttachmentKind.ODT and "mimetype" in names else None
            said = archive.read(info) if info is not None and info.file_size < 200 else b""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError):
        raise _refused("Dit bestand is stuk. Open het zelf en bewaar het opnieuw.") from None
    right = said.strip() == _ODT if kind == AttachmentKind.ODT else "word/document.xml" in names
    if not right:
        raise _refused(f"Wat in dit bestand zit, is iets anders dan de naam zegt. {_WORDS}")
    if any("vbaproject" in one.lower() or one.startswith(("Basic/", "Scripts/")) for one in names):
        raise _refused("In dit bestand zit een macro (een programma). Bewaar het als PDF en probeer het opnieuw.")


def _refused(text: str) -> Invalid:
    return Invalid("attachment refused", errors={"file": [text]})
