"""How a page of the family is drawn: in the language of the request, which every text in it is said in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import current_app, render_template

from api.pages import kept
from api.pages.family_pages import language, words
from api.pages.family_pages.language import gettext

if TYPE_CHECKING:
    from flask import Flask

    from workflows.actor import Actor

#: Stands on every page in another language, in Dutch as well: who helps may read along.
NOT_REVIEWED = "Deze vertaling is nog niet nagekeken. Er kunnen fouten in staan. De Nederlandse tekst geldt."


def register(app: Flask) -> None:
    """What the templates of the family say texts with; other pages are Dutch and use none of it."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        language.gettext, language.ngettext, newstyle=True
    )
    app.jinja_env.filters.update(
        family_day=language.day,
        said=language.said,
        family_ground=_ground,
        family_word=lambda code, book: gettext(getattr(words, book).get(str(code), str(code))),
    )


def _ground(text: str) -> str:
    """Grounds stand after each other in one text: each is said by itself."""
    parts = [one for one in words.GROUNDS.values() if one in text]
    rest = text
    for one in parts:
        rest = rest.replace(one, "")
    return " ".join(str(language.said(one)) for one in (*parts, *filter(None, [rest.strip()])))


def render(template: str, *, by: Actor, **context: Any) -> str:
    """A page for the parent who asks.

    Args:
        form: id of the form on the page: choosing another language sends it, so that what was typed stays.
    """
    return render_template(
        f"family/{template}.html",
        language=language.chosen(),
        direction=language.direction(),
        languages=[(code, language.NAMES[code]) for code in language.offered()],
        nonce=lambda: kept.nonce(by),
        reviewed_not=NOT_REVIEWED,
        grounds=words.GROUNDS,
        acquaintance=tuple(words.ACQUAINTANCE.items()),
        kinds_of_request=tuple(words.REQUESTS.items()),
        demo=current_app.extensions["steun.settings"].is_demo,
        practising=current_app.extensions["steun.settings"].is_practice,
        **context,
    )
