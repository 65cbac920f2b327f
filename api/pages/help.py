"""Help: whom to call, what each part is for, the keys that do something, and the tour for who is new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app, flash, g, redirect, request, url_for
from werkzeug.wrappers import Response

from api.pages import menu, tours
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import local_date, now, reading, transaction
from workflows import accounts, directory, organisations, settings
from workflows.errors import NotFound

if TYPE_CHECKING:
    from workflows.db import Session


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call about something.

    Args:
        about: when to call.
        how: number and hours, as the region or the municipality filled in.
        where: names of the organisations that somebody can be found at.
    """

    about: str
    how: str
    where: tuple[str, ...]


#: Setting → when to call, and the role of who answers; None: nobody here.
_CONTACTS = {
    "help.process": ("Een gezin wacht te lang, of u weet niet wie aan zet is", "process_director"),
    "help.method": ("U hebt een vraag over de werkwijze", "coordinator"),
    "help.privacy": ("U hebt een vraag over gegevens of over de rechten van een ouder", "dpo"),
    "help.access": ("U of een collega komt er niet in", "administrator"),
    "help.technical": ("Iets werkt niet", None),
}


@pages.get("/hulp")
def help_page() -> str:
    with reading() as session:
        by = known(session)
        own = directory.own_municipalities(session, by=by)
        towns = organisations.municipalities(session, on=local_date())
        code = request.args.get("gemeente") or next((one.code for one in towns if one.code in own), towns[0].code)
        town = organisations.municipality(session, code)
        return render(
            "help.html",
            code=code,
            municipality=town.name,
            municipalities=[(one.code, one.name) for one in towns],
            phones={
                name: settings.get(session, f"phone.{name}", on=local_date()) for name in ("emergency", "safe_home")
            },
            contacts=[_contact(session, name, code) for name in _CONTACTS],
            practice=current_app.extensions["steun.settings"].practice_url,
        )


def _contact(session: Session, name: str, code: str) -> Contact:
    about, role = _CONTACTS[name]
    found = organisations.organisations_for(session, role=role, municipality=code, on=local_date()) if role else []
    if role and not found:
        found = organisations.organisations_for(session, role=role, municipality=None, on=local_date())
    how = str(settings.get(session, name, municipality=code, on=local_date()))
    return Contact(about, how, tuple(one.name for one in found[:3]))


@pages.get("/hulp/sneltoetsen")
def keys_page() -> str:
    with reading() as session:
        known(session)
        return render("keys.html", keys=menu.keys_of(g.me))


@pages.post("/hulp/sneltoetsen")
def choose_keys() -> Response:
    wanted = request.form.get("shortcuts") == "on"
    with transaction() as session:
        accounts.choose_shortcuts(session, wanted, by=known(session))
    flash("Sneltoetsen staan aan." if wanted else "Sneltoetsen staan uit.", "ok")
    return redirect(url_for("pages.keys_page"), 303)


@pages.get("/rondleiding/<int:step>")
def tour(step: int) -> str:
    if not 1 <= step <= tours.STEPS:
        raise NotFound(f"no step {step}")
    with reading() as session:
        by = known(session)
        return render("tour.html", number=step, steps=tours.STEPS, step=tours.tour_of(by.role)[step - 1])


@pages.post("/rondleiding")
def end_tour() -> Response:
    with transaction() as session:
        accounts.end_tour(session, by=known(session), at=now())
    if request.form.get("skipped"):
        flash("U vindt de rondleiding terug bij Hulp.", "ok")
    return redirect(url_for("pages.work"), 303)
