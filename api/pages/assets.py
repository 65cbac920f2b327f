"""Where the built style and script are; pages work without them, plain."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask, current_app

from api import logs

log = logs.get(__name__)

_BUILT = Path(__file__).parent.parent / "static" / "built"
MAKE = "make assets"


def register(app: Flask, *, built: Path = _BUILT) -> None:
    """Read the manifest once; say in the log which command makes what is missing."""
    try:
        manifest = json.loads((built / ".vite" / "manifest.json").read_text())
        urls = {name: f"/static/built/{entry['file']}" for name, entry in manifest.items()}
    except (OSError, ValueError, KeyError, TypeError):
        log.warning("assets.missing", make=MAKE)
        urls = {}
    app.extensions["steun.assets"] = urls


def url(name: str) -> str | None:
    """Address of ``pages.css`` or ``pages.js``, or None when it is not built."""
    urls: dict[str, str] = current_app.extensions["steun.assets"]
    return urls.get(name)
