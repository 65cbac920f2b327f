"""Where the built style and script are; pages work without them, plain."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, current_app

from api import logs, themes

log = logs.get(__name__)

_BUILT = Path(__file__).parent.parent / "static" / "built"
MAKE = "make assets"


def register(app: Flask, *, built: Path = _BUILT) -> None:
    """Read the manifest once; say in the log which command makes what is missing."""
    theme = app.extensions["steun.settings"].theme
    urls = {name: f"/static/built/{file}" for name, file in themes.manifest(built).items()}
    if themes.style(theme) not in urls or "pages.js" not in urls:
        log.warning("assets.missing", make=MAKE)
    app.extensions["steun.assets"] = urls
    app.jinja_env.globals.update(asset=url, page_theme=theme)


def url(name: str) -> str | None:
    """Address of ``pages.js`` or ``themes/….css``, or None when it is not built."""
    urls: dict[str, str] = current_app.extensions["steun.assets"]
    return urls.get(name)
