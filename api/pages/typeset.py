"""Paper: what stands in a document as data, and a template of Typst, made into an accessible PDF; offline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typst


def pdf(template: Path, document: Any) -> bytes:
    """Tagged, and PDF/UA-1 where the fonts allow. The template reads *document* as ``sys.inputs.document``."""
    given = {"document": json.dumps(_printable(document), ensure_ascii=False)}
    text = template.read_bytes()
    try:
        return bytes(typst.compile(text, sys_inputs=given, pdf_standards=["ua-1"]))
    except typst.TypstError:  # a sign that no font here can show: still tagged
        return bytes(typst.compile(text, sys_inputs=given))


def _printable(value: Any) -> Any:
    """Without signs that no font prints and no reader hears; a document with one of them could not be made at all."""
    if isinstance(value, str):
        return "".join(sign if sign.isprintable() or sign in "\n\t" else "\N{REPLACEMENT CHARACTER}" for sign in value)
    if isinstance(value, dict):
        return {key: _printable(each) for key, each in value.items()}
    return [_printable(each) for each in value] if isinstance(value, (list, tuple)) else value
