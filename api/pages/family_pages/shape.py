"""How a page of the family is drawn: in the language of the request, which every text in it is said in."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from flask import current_app, g, render_template

from api.pages import blueprint, kept
from api.pages.family_pages import language, words
from api.pages.family_pages.language import gettext
from api.transactions import now, reading
from workflows import method
from workflows.errors import Unavailable

if TYPE_CHECKING:
    from flask import Flask

    from api.problems import Problem
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
        family_moment=language.moment,
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
        **_spoken(),
        nonce=lambda: kept.nonce(by),
        grounds=words.GROUNDS,
        acquaintance=tuple(words.ACQUAINTANCE.items()),
        kinds_of_request=tuple(words.REQUESTS.items()),
        demo=current_app.extensions["steun.settings"].is_demo,
        practising=current_app.extensions["steun.settings"].is_practice,
        **context,
    )


def render_door(template: str, **context: Any) -> str:
    """A page for who is not logged in yet, or whose page went wrong, in the language that they chose."""
    return blueprint.render(f"family_login/{template}.html", **_spoken(), **context)


def offer_at_door() -> None:
    """What the region offers can be chosen at the door as well, before it is known who stands there."""
    with reading() as session:
        language.offer(method.family_languages(session, by=None, at=now()))


def problem(problem: Problem, again: kept.Again | None) -> str:
    """The page of a refusal; in Dutch when not even the languages can be asked for."""
    if "family_languages" not in g:
        with suppress(Unavailable):
            offer_at_door()
    title, detail = words.PROBLEMS.get(problem.code, (problem.title, problem.detail))
    return render_door("problem", problem=problem, title=title, detail=detail, again=again)


def _spoken() -> dict[str, Any]:
    return {
        "language": language.chosen(),
        "direction": language.direction(),
        "languages": [(code, language.NAMES[code]) for code in language.offered()],
        "reviewed_not": NOT_REVIEWED,
    }
