"""Writing, reviewing and finding pathways and offers. Everybody who works here may read them; of families nothing is known."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.clock import end_of_day, local_date
from workflows import access, logbook, organisations, settings
from workflows.access import Facts
from workflows.actor import Actor
from workflows.directory.model import (
    Availability,
    DirectoryNotice,
    Intervention,
    InterventionOffer,
    Pathway,
    PathwayStatus,
    Theme,
)
from workflows.directory.rules import CONTENT, periods_meet, problems, review_by, standing
from workflows.errors import ConcurrentChange, Invalid, NotFound, StaleVersion, WrongState

_THEMES = list(Theme)
_CHANGED = "Een collega heeft dit intussen veranderd. Kijk eerst naar de nieuwste versie."


@dataclass(frozen=True, slots=True)
class PathwayOnDay:
    """A pathway as it was kept on a day, and how far it could be trusted then.

    ``review_by`` is the last day on which it is current; None for a concept.
    """

    pathway: Pathway
    status: PathwayStatus
    review_by: date | None


def load_interventions(session: Session) -> int:
    """Add the shipped interventions that are not there yet; returns how many. What the region changed stays."""
    with (Path(__file__).parent / "interventions.toml").open("rb") as file:
        shipped = tomllib.load(file)["intervention"]
    known = set(session.scalars(select(Intervention.code)))
    new = [Intervention(**fields) for fields in shipped if fields["code"] not in known]
    session.add_all(new)
    session.flush()
    return len(new)


def interventions(session: Session) -> list[Intervention]:
    """Every intervention the region knows, by name."""
    return list(session.scalars(select(Intervention).order_by(Intervention.name)))


def pathways_for(
    session: Session, themes: Iterable[str] | None, municipality: str, on: date
) -> tuple[PathwayOnDay, ...]:
    """What a municipality has for *themes* (None: for all) as it was kept at the end of local day *on*, in the order of
    the themes."""
    end = end_of_day(on)
    query = select(Pathway).where(
        Pathway.municipality_code == municipality,
        Pathway.valid_from <= end,
        or_(Pathway.valid_to.is_(None), Pathway.valid_to > end),
    )
    if themes is not None:
        query = query.where(Pathway.theme.in_(set(themes)))
    found = sorted(session.scalars(query), key=lambda one: _THEMES.index(Theme(one.theme)))
    shipped = int(settings.get(session, "directory.review_months", municipality=municipality, on=on))
    return tuple(_on_day(one, shipped, on) for one in found)


def pathway(session: Session, municipality: str, theme: str, on: date) -> PathwayOnDay:
    """The one pathway of a theme in a municipality.

    Raises:
        NotFound: there is none on that day.
    """
    for found in pathways_for(session, (theme,), municipality, on):
        return found
    raise NotFound(f"no pathway {theme[:20]} in {municipality[:8]} on {on}")


def pathway_is_current(session: Session, theme: str, municipality: str, on: date) -> bool:
    """Whether a municipality has a pathway for a theme that was reviewed in time; full is current too."""
    return any(found.status == PathwayStatus.CURRENT for found in pathways_for(session, (theme,), municipality, on))


def versions(session: Session, municipality: str, theme: str) -> list[Pathway]:
    """Every version there was of a pathway, newest first."""
    query = select(Pathway).where(Pathway.municipality_code == municipality, Pathway.theme == theme)
    return list(session.scalars(query.order_by(Pathway.version.desc())))


def put_pathway(
    session: Session,
    *,
    municipality: str,
    theme: str,
    content: Mapping[str, Any],
    version: int,
    reviewed: bool = False,
    by: Actor,
    at: datetime,
) -> Pathway:
    """Write what a municipality has for a theme; the version before stays as it was.

    Args:
        content: by the keys of ``rules.CONTENT``; what is left out is empty.
        version: that *by* read; 0 when there was none.
        reviewed: *by* says that all of it is right today. Without it a new pathway is a concept, and one that was
            reviewed stays so until it is stale.

    Raises:
        NotAllowed: not an editor here. NotFound: no such municipality. StaleVersion: somebody changed it since.
        Invalid: with everything that is wrong; a reviewed pathway must be complete.
    """
    _require_editor(session, municipality, by=by, at=at)
    if theme not in set(Theme):
        raise Invalid(f"no theme {theme[:20]}", errors={"theme": ["Kies een thema uit de lijst."]})
    before = _newest(session, municipality, theme, version)
    texts = _content(session, content)
    was_reviewed = before is not None and before.last_reviewed_on is not None
    if errors := problems(texts, complete=reviewed or was_reviewed) | _unknown(session, texts):
        raise Invalid(f"pathway {theme} in {municipality} refused", errors=errors)
    written = _next(session, before, municipality, theme, by=by, at=at)
    for field, value in texts.items():
        setattr(written, field, value)
    if by.role == "directory_editor" or written.owner_id is None:
        written.owner_id = by.person_id
    if reviewed:
        _reviewed(written, by=by, at=at)
    _keep(session, written, before, "pathway.put", by=by, at=at, reviewed=reviewed)
    return written


def confirm_pathway(
    session: Session, *, municipality: str, theme: str, version: int, by: Actor, at: datetime
) -> Pathway:
    """Say that this version of a pathway is right today; it is current again.

    Raises:
        NotAllowed, NotFound, StaleVersion: as for writing; nobody confirms a text that changed meanwhile.
        Invalid: it does not answer the three questions yet.
    """
    _require_editor(session, municipality, by=by, at=at)
    if version < 1:
        raise StaleVersion(f"pathway {theme[:20]} in {municipality}: version 0 cannot be confirmed", detail=_CHANGED)
    before = _newest(session, municipality, theme, version)
    if before is None:
        raise NotFound(f"no pathway {theme[:20]} in {municipality}")
    kept = {field: getattr(before, field) for field in CONTENT}
    if errors := problems(kept, complete=True):
        raise Invalid(f"pathway {theme} in {municipality} is not complete", errors=errors)
    written = _next(session, before, municipality, theme, by=by, at=at)
    for field, value in kept.items():
        setattr(written, field, value)
    _reviewed(written, by=by, at=at)
    _keep(session, written, before, "pathway.confirmed", by=by, at=at, reviewed=True)
    return written


def offers(session: Session, municipality: str, on: date) -> list[InterventionOffer]:
    """What can be had in a municipality on a local day, by intervention; what is full is there too."""
    query = select(InterventionOffer).where(
        InterventionOffer.municipality_code == municipality,
        InterventionOffer.valid_from <= on,
        or_(InterventionOffer.valid_to.is_(None), InterventionOffer.valid_to >= on),
    )
    return list(session.scalars(query.order_by(InterventionOffer.intervention_code, InterventionOffer.id)))


def all_offers(session: Session, municipality: str) -> list[InterventionOffer]:
    """What can be had in a municipality, could be had or will be, by intervention and time."""
    query = select(InterventionOffer).where(InterventionOffer.municipality_code == municipality)
    order = (InterventionOffer.intervention_code, InterventionOffer.valid_from, InterventionOffer.id)
    return list(session.scalars(query.order_by(*order)))


def offer(session: Session, offer_id: UUID) -> InterventionOffer:
    """One offer.

    Raises:
        NotFound: no such offer.
    """
    found = session.get(InterventionOffer, offer_id)
    if found is None:
        raise NotFound(f"no offer {offer_id}")
    return found


def put_offer(
    session: Session,
    *,
    municipality: str,
    intervention: str,
    organisation_id: UUID | None = None,
    valid_from: date,
    valid_to: date | None = None,
    capacity: Availability | str = Availability.AVAILABLE,
    referral_how: str = "",
    offer_id: UUID | None = None,
    version: int | None = None,
    by: Actor,
    at: datetime,
) -> InterventionOffer:
    """An intervention can be had in a municipality from a day on; or, with *offer_id*, what is known of that now.

    Args:
        version: of the offer that is changed, as *by* read it.

    Raises:
        NotAllowed: not an editor here. NotFound: no such municipality or offer. StaleVersion.
        Invalid: an unknown intervention or organisation, an end before the start, or a period that was there already.
    """
    _require_editor(session, municipality, by=by, at=at)
    changed = None if offer_id is None else _offer(session, offer_id, municipality, version)
    errors: dict[str, list[str]] = {}
    if session.get(Intervention, intervention) is None:
        errors["intervention"] = ["Kies een interventie uit de lijst."]
    if capacity not in set(Availability):
        errors["capacity"] = ["Kies of er plek is."]
    if valid_to is not None and valid_to < valid_from:
        errors["valid_to"] = ["Kies een dag na de begindag."]
    if len(referral_how) > 2000:
        errors["referral_how"] = ["Gebruik hoogstens 2000 tekens."]
    errors |= _unknown(session, {"organisation_id": organisation_id})
    for other in all_offers(session, municipality):
        same = (other.intervention_code, other.organisation_id) == (intervention, organisation_id)
        if same and other is not changed and periods_meet(other.valid_from, other.valid_to, valid_from, valid_to):
            errors.setdefault("valid_from", ["Dit aanbod staat er al voor (een deel van) deze periode."])
    if errors:
        raise Invalid(f"offer in {municipality} refused", errors=errors)
    kept = changed or InterventionOffer(municipality_code=municipality)
    kept.intervention_code, kept.organisation_id = intervention, organisation_id
    kept.valid_from, kept.valid_to, kept.capacity = valid_from, valid_to, str(capacity)
    kept.referral_how, kept.changed_by, kept.changed_at = referral_how.strip(), by.person_id, at
    session.add(kept)
    session.flush()
    _log_offer(session, kept, "offer.put", by=by, at=at)
    return kept


def end_offer(
    session: Session, offer_id: UUID, *, on: date, version: int | None = None, by: Actor, at: datetime
) -> InterventionOffer:
    """The last day on which an offer can be had; it stays known.

    Raises:
        NotAllowed: not an editor there. NotFound: no such offer. StaleVersion.
        WrongState: it ended before. Invalid: the day lies before its first.
    """
    found = offer(session, offer_id)
    _require_editor(session, found.municipality_code, by=by, at=at)
    found = _offer(session, offer_id, found.municipality_code, version)
    if found.valid_to is not None and found.valid_to <= on:
        raise WrongState(f"offer {offer_id} ended before {on}", detail="Dit aanbod is al gestopt.")
    if on < found.valid_from:
        raise Invalid(f"offer {offer_id} ends before it begins", errors={"valid_to": ["Kies een dag na de begindag."]})
    found.valid_to, found.changed_by, found.changed_at = on, by.person_id, at
    session.flush()
    _log_offer(session, found, "offer.ended", by=by, at=at)
    return found


def report_missing(session: Session, theme: str, municipality: str, *, on: date) -> DirectoryNotice | None:
    """A family needed a pathway that is not current: ask the editor for it. One open notice per theme and municipality;
    None when one was open already, or when nobody can have a pathway for this theme.

    No line of the logbook is written: through its moment it would tie a theme to the case in which it was missed.
    """
    if theme not in set(Theme):
        return None
    open_ = select(DirectoryNotice.id).where(
        DirectoryNotice.theme == theme,
        DirectoryNotice.municipality_code == municipality,
        DirectoryNotice.closed_on.is_(None),
    )
    if session.scalar(open_) is not None:
        return None
    asked = DirectoryNotice(theme=theme, municipality_code=municipality, opened_on=on)
    try:
        with session.begin_nested():
            session.add(asked)
    except IntegrityError:  # somebody else asked at the same moment
        return None
    return asked


def notices(session: Session, municipality: str, *, by: Actor, at: datetime) -> list[DirectoryNotice]:
    """The open notices of a municipality, oldest first.

    Raises:
        NotAllowed: not an editor here. NotFound: no such municipality.
    """
    _require_editor(session, municipality, by=by, at=at)
    query = select(DirectoryNotice).where(
        DirectoryNotice.municipality_code == municipality, DirectoryNotice.closed_on.is_(None)
    )
    return list(session.scalars(query.order_by(DirectoryNotice.opened_on, DirectoryNotice.theme)))


def may_edit(session: Session, municipality: str, *, by: Actor) -> bool:
    """Whether *by* edits here; for showing or hiding a button."""
    return access.allows(by, "edit_directory", Facts(own_area=_in_area(session, municipality, by)))


def own_municipalities(session: Session, *, by: Actor) -> frozenset[str]:
    """Codes of the municipalities that *by*'s role is for."""
    if by.municipalities or by.organisation_id is None:
        return by.municipalities
    return organisations.organisation(session, by.organisation_id).areas


def _in_area(session: Session, municipality: str, by: Actor) -> bool:
    return municipality in own_municipalities(session, by=by)


def _require_editor(session: Session, municipality: str, *, by: Actor, at: datetime) -> None:
    organisations.municipality(session, municipality)
    access.require(by, "edit_directory", Facts(own_area=_in_area(session, municipality, by)), at=at)


def _on_day(found: Pathway, shipped: int, on: date) -> PathwayOnDay:
    months = found.review_every_months or shipped
    reviewed = found.last_reviewed_on
    return PathwayOnDay(
        found,
        standing(reviewed, months=months, on=on),
        None if reviewed is None else review_by(reviewed, months),
    )


def _newest(session: Session, municipality: str, theme: str, version: int) -> Pathway | None:
    """The version that is going to be followed, locked; None when there is none and *version* says so."""
    query = select(Pathway).where(
        Pathway.municipality_code == municipality, Pathway.theme == theme, Pathway.valid_to.is_(None)
    )
    found = session.scalars(query.with_for_update()).first()
    if (0 if found is None else found.version) != version:
        # Who waited for the lock of somebody who went first finds nothing under the old row: stale as well.
        raise StaleVersion(f"pathway {theme[:20]} in {municipality} is not at version {version}", detail=_CHANGED)
    return found


def _next(
    session: Session, before: Pathway | None, municipality: str, theme: str, *, by: Actor, at: datetime
) -> Pathway:
    written = Pathway(theme=theme, municipality_code=municipality, version=1, changed_by=by.person_id, valid_from=at)
    if before is not None:
        written.version = before.version + 1
        written.owner_id = before.owner_id
        written.last_reviewed_on, written.reviewed_at = before.last_reviewed_on, before.reviewed_at
        written.reviewed_by = before.reviewed_by
    return written


def _reviewed(written: Pathway, *, by: Actor, at: datetime) -> None:
    written.last_reviewed_on, written.reviewed_at, written.reviewed_by = local_date(at), at, by.person_id


def _keep(
    session: Session,
    written: Pathway,
    before: Pathway | None,
    event: str,
    *,
    by: Actor,
    at: datetime,
    reviewed: bool,
) -> None:
    if before is not None:
        before.valid_to = at
        session.flush()  # only one version may be the newest
    try:
        with session.begin_nested():
            session.add(written)
    except IntegrityError as error:
        raise ConcurrentChange(f"pathway {written.theme} in {written.municipality_code} was begun twice") from error
    details: dict[str, str | int | bool] = {
        "theme": written.theme,
        "municipality": written.municipality_code,
        "version": written.version,
        "reviewed": reviewed,
    }
    logbook.write(session, event, "pathway", written.id, by=by, at=at, details=details)
    if pathway_is_current(session, written.theme, written.municipality_code, local_date(at)):
        _close_notices(session, written, by=by, at=at)


def _close_notices(session: Session, written: Pathway, *, by: Actor, at: datetime) -> None:
    query = select(DirectoryNotice).where(
        DirectoryNotice.theme == written.theme,
        DirectoryNotice.municipality_code == written.municipality_code,
        DirectoryNotice.closed_on.is_(None),
    )
    for notice in session.scalars(query):
        notice.closed_on = local_date(at)
        logbook.write(session, "directory_notice.closed", "directory_notice", notice.id, by=by, at=at)


def _content(session: Session, content: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := set(content) - set(CONTENT):
        raise TypeError(f"not known of a pathway: {', '.join(sorted(unknown))}")
    texts: dict[str, Any] = {}
    for field, most in CONTENT.items():
        given = content.get(field)
        texts[field] = given if most is None else str(given or "").strip()
    texts["availability"] = texts["availability"] or Availability.AVAILABLE
    return texts


def _unknown(session: Session, content: Mapping[str, Any]) -> dict[str, list[str]]:
    wanted = content["organisation_id"]
    if wanted is None:
        return {}
    try:
        organisations.organisation(session, wanted)
    except NotFound:
        return {"organisation_id": ["Kies een organisatie uit de lijst."]}
    return {}


def _offer(session: Session, offer_id: UUID, municipality: str, version: int | None) -> InterventionOffer:
    found = session.scalars(
        select(InterventionOffer)
        .where(InterventionOffer.id == offer_id, InterventionOffer.municipality_code == municipality)
        .with_for_update()
    ).first()
    if found is None:
        raise NotFound(f"no offer {offer_id} in {municipality}")
    if version is not None and version != found.version:
        raise StaleVersion(f"offer {offer_id} has version {found.version}, not {version}", detail=_CHANGED)
    return found


def _log_offer(session: Session, kept: InterventionOffer, event: str, *, by: Actor, at: datetime) -> None:
    details: dict[str, str | int | bool] = {
        "intervention": kept.intervention_code,
        "municipality": kept.municipality_code,
        "capacity": kept.capacity,
        "version": kept.version,
    }
    logbook.write(session, event, "offer", kept.id, by=by, at=at, details=details)


def themes_of(session: Session, *, organisation_id: UUID, municipality: str) -> frozenset[str]:
    """Themes of which a municipality's pathway is an organisation's: what it helps families there with."""
    query = select(Pathway.theme).where(
        Pathway.organisation_id == organisation_id,
        Pathway.municipality_code == municipality,
        Pathway.valid_to.is_(None),
    )
    return frozenset(session.scalars(query))


def phone_of(session: Session, *, organisation_id: UUID, municipality: str) -> str:
    """The telephone of an organisation as it stands in the pathways of a municipality; "" when it stands in none."""
    query = (
        select(Pathway.contact_phone)
        .where(
            Pathway.organisation_id == organisation_id,
            Pathway.municipality_code == municipality,
            Pathway.valid_to.is_(None),
            Pathway.contact_phone != "",
        )
        .order_by(Pathway.theme)
    )
    return session.scalars(query.limit(1)).first() or ""
