"""Which themes pages can be shown in: a built style each, and a class of the same name. Knows no page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_BUILT = _HERE / "static" / "built"
SOURCES = _HERE / "assets" / "themes"
#: The theme that is shipped.
SHIPPED = "voorbeeld"


def manifest(built: Path = _BUILT) -> dict[str, Any]:
    """What was built, by the name of its source; empty when nothing was."""
    try:
        found = json.loads((built / ".vite" / "manifest.json").read_text(encoding="utf-8"))
        return {name: entry["file"] for name, entry in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def style(theme: str) -> str:
    """The name under which the style of a theme was built."""
    return f"themes/{theme}.css"


def known(built: Path = _BUILT) -> set[str]:
    """The themes that were built; before the first build those that could be."""
    names = manifest(built) or {style(path.stem) for path in SOURCES.glob("*.css")}
    return {name.removeprefix("themes/").removesuffix(".css") for name in names if name.startswith("themes/")} or {
        SHIPPED
    }
