"""Writes ``docs/access-matrix.md``."""

from __future__ import annotations

from tests.api.matrix import table

if __name__ == "__main__":
    table.DOCUMENT.write_text(table.document(None), encoding="utf-8")
