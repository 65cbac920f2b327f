"""The blueprint of the pages, and how each is rendered."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, g, render_template, request

from api import policies

pages = Blueprint("pages", "api.pages", template_folder="templates")
#: What parents see, below ``/mijn``: who asks there says ``family_auth.parent()``, and who is nobody is led to its own log-in.
family = Blueprint("family", "api.pages", template_folder="templates", url_prefix="/mijn")


def render(template: str, **context: Any) -> str:
    """A page for whoever is known to be asking (``g.me``, set by ``people.known``)."""
    return render_template(
        template,
        me=g.get("me"),
        demo=current_app.extensions["steun.settings"].is_demo,
        practising=current_app.extensions["steun.settings"].is_practice,
        scripts=policies.of_page(request.endpoint).scripts,
        **context,
    )


def by_htmx() -> bool:
    """Whether a part of a page is asked for, by the script on it."""
    return request.headers.get("HX-Request") == "true"
