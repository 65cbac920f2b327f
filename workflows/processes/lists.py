"""Named lists: filters of the work list that somebody keeps for themselves, in one role. Nobody else sees them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from workflows import logbook
from workflows.actor import Actor
from workflows.errors import Invalid, NotAllowed, NotFound, StaleVersion
from workflows.processes.model import SavedList
from workflows.processes.service import known_filters

#: Characters of a name, and how many lists somebody keeps in one role: each is counted whenever the work list is shown.
LONGEST_NAME = 60
MOST_LISTS = 12
#: What a list is made of: what the page of the work list can show and take away again.
LIST_FILTERS = frozenset({"municipality", "form_key", "phase", "due", "is_new"})
_CODE = re.compile(r"[\w.-]{1,80}", re.ASCII)
_NO_FILTERS = ["Kies eerst een filter. Zonder filter is het de gewone lijst."]


def saved_lists(session: Session, *, by: Actor) -> list[SavedList]:
    """The lists of *by* in the role in which they act, by name."""
    query = select(SavedList).where(SavedList.assignment_id == by.assignment_id, SavedList.person_id == by.person_id)
    return list(session.scalars(query.order_by(SavedList.name_key)))


def saved_list(session: Session, list_id: UUID, *, by: Actor) -> SavedList:
    """One list of *by*'s own.

    Raises:
        NotFound: no such list, or somebody else's, or of another role.
    """
    query = select(SavedList).where(
        SavedList.id == list_id, SavedList.assignment_id == by.assignment_id, SavedList.person_id == by.person_id
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound(f"no saved list {list_id}")
    return found


def save_list(
    session: Session, name: str, filters: Mapping[str, Any], *, is_start: bool = False, by: Actor, at: datetime
) -> SavedList:
    """Keep filters under a name.

    Raises:
        Invalid: no name, one that is too long or taken, no filters, one that is unknown or no code, or too many lists.
    """
    if by.person_id is None or by.assignment_id is None:
        raise NotAllowed("a list is somebody's, in a role")
    errors = _wrong_name(session, name, by=by)
    kept = _kept(filters)
    if not kept:
        errors["filters"] = _NO_FILTERS
    many = session.scalar(select(func.count()).where(SavedList.assignment_id == by.assignment_id)) or 0
    if many >= MOST_LISTS:
        errors.setdefault("name", []).append(f"U heeft al {MOST_LISTS} lijsten. Verwijder er eerst een.")
    if errors:
        raise Invalid(f"list of assignment {by.assignment_id} refused", errors=errors)
    added = SavedList(
        id=uuid4(),
        person_id=by.person_id,
        assignment_id=by.assignment_id,
        name=_clean(name),
        name_key=_key(name),
        filters=kept,
        is_start=False,
        created_at=at,
    )
    session.add(added)
    session.flush()
    if is_start:
        _start_with(session, added)
    logbook.write(session, "work_list.saved", "work_list", added.id, by=by, at=at)
    return added


def change_list(
    session: Session,
    list_id: UUID,
    *,
    name: str | None = None,
    filters: Mapping[str, Any] | None = None,
    is_start: bool | None = None,
    version: int | None = None,
    by: Actor,
    at: datetime,
) -> SavedList:
    """Give a list another name or other filters, or let the work list open with it (or no longer); what is left out stays.

    Raises:
        NotFound: not *by*'s list. StaleVersion: it changed since it was read.
        Invalid: as for :func:`save_list`.
    """
    found = saved_list(session, list_id, by=by)
    if version is not None and version != found.version:
        raise StaleVersion(f"list {list_id} has version {found.version}, not {version}")
    errors = {} if name is None else _wrong_name(session, name, by=by, but=list_id)
    kept = None if filters is None else _kept(filters)
    if kept == {}:
        errors["filters"] = _NO_FILTERS
    if errors:
        raise Invalid(f"list {list_id} refused", errors=errors)
    if name is not None:
        found.name, found.name_key = _clean(name), _key(name)
    if kept is not None:
        found.filters = kept
    if is_start is False:
        found.is_start = False
    session.flush()
    if is_start:
        _start_with(session, found)
    logbook.write(session, "work_list.changed", "work_list", found.id, by=by, at=at)
    return found


def delete_list(session: Session, list_id: UUID, *, version: int | None = None, by: Actor, at: datetime) -> None:
    """Forget a list; the tasks in it are not touched.

    Raises:
        NotFound: not *by*'s list. StaleVersion: it changed since it was read.
    """
    found = saved_list(session, list_id, by=by)
    if version is not None and version != found.version:
        raise StaleVersion(f"list {list_id} has version {found.version}, not {version}")
    session.delete(found)
    session.flush()
    logbook.write(session, "work_list.deleted", "work_list", list_id, by=by, at=at)


def _start_with(session: Session, chosen: SavedList) -> None:
    """One list is what the work list opens with: the one before is it no longer, first, for the database allows no two."""
    session.execute(
        update(SavedList)
        .where(SavedList.assignment_id == chosen.assignment_id, SavedList.is_start, SavedList.id != chosen.id)
        .values(is_start=False, version=SavedList.version + 1)
    )
    chosen.is_start = True
    session.flush()


def _kept(filters: Mapping[str, Any]) -> dict[str, Any]:
    """As it is kept: filters that say something, as a code or a truth."""
    kept = {name: value if value is True else str(value) for name, value in known_filters(filters).items()}
    wrong = [name for name, value in kept.items() if name not in LIST_FILTERS or not _is_code(value)]
    if wrong:
        raise Invalid(f"no list of {sorted(wrong)}", errors={"filters": ["Dit filter bestaat niet."]})
    return kept


def _is_code(value: object) -> bool:
    return value is True or _CODE.fullmatch(str(value)) is not None


def _clean(name: str) -> str:
    return " ".join(name.split())


def _key(name: str) -> str:
    return _clean(name).casefold()[:LONGEST_NAME]


def _wrong_name(session: Session, name: str, *, by: Actor, but: UUID | None = None) -> dict[str, list[str]]:
    clean = _clean(name)
    if not clean:
        return {"name": ["Geef de lijst een naam."]}
    if len(clean) > LONGEST_NAME:
        return {"name": [f"Gebruik ten hoogste {LONGEST_NAME} tekens. Nu zijn het er {len(clean)}."]}
    if any(not sign.isprintable() for sign in clean):
        return {"name": ["Er staan tekens in die we niet kunnen bewaren."]}
    same = select(SavedList.id).where(SavedList.assignment_id == by.assignment_id, SavedList.name_key == _key(name))
    if but is not None:
        same = same.where(SavedList.id != but)
    if session.scalar(same) is not None:
        return {"name": ["U heeft al een lijst met deze naam."]}
    return {}
