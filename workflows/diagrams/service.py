"""Publishing a set of diagrams and loading it again, exactly as it was published."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from engine import draw
from engine.bundle import Bundle
from engine.errors import Finding
from workflows import access, logbook
from workflows.actor import Actor
from workflows.diagrams.check import check
from workflows.diagrams.model import StoredBundle, StoredFile
from workflows.errors import Invalid, NotAllowed, NotFound, WrongState

#: Parsed sets in memory; old ones are read again when a case that is pinned to them comes by.
_KEPT = 16
_parsed: OrderedDict[str, Bundle] = OrderedDict()
_guard = threading.Lock()


class NothingPublished(WrongState):
    """No diagrams yet, so nothing can start."""

    title = "Er zijn nog geen werkwijzen gepubliceerd"
    detail = "Publiceer eerst de werkwijze: `steun migrate` zet de meegeleverde klaar."


class InForceAlready(WrongState):
    """The same set, to the letter, is the one that new runs start with."""

    title = "Deze set geldt al"
    detail = "Nieuwe casussen beginnen al met precies deze set. Er is niets veranderd."


@dataclass(frozen=True, slots=True)
class Passed:
    """A set in which nothing stands that publishing refuses; only :func:`examine` makes one."""

    bundle: Bundle
    warnings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawing:
    """A process as it was drawn, and the same told as lines of text."""

    svg: str
    outline: tuple[draw.OutlineItem, ...]


def publish(session: Session, files: Mapping[str, bytes], *, by: Actor, at: datetime) -> str:
    """Check a set and make it the one that new runs start with; returns its digest. Publishing twice is no change.

    Who can wait for the writer's place asks :func:`examine` first and :func:`put_in_force` after it.

    Raises:
        Invalid: with every finding, in Dutch, under the file it is in.
        NotAllowed: see :func:`put_in_force`.
    """
    passed = examine(files, by=by)
    with suppress(InForceAlready):
        put_in_force(session, passed, by=by, at=at)
    return passed.bundle.digest


def examine(files: Mapping[str, bytes], *, by: Actor, patient: bool = True) -> Passed:
    """Everything that publishing asks of a set, without a database: it takes seconds, and nobody should wait for a lock so long.

    Args:
        patient: see :func:`check`.

    Raises:
        Invalid: with every finding, in Dutch, under the file it is in.
        NotAllowed: only a coordinator and the command line publish.
        Unavailable: see :func:`check`.
    """
    require_publisher(by)
    bundle, found = check(files, patient=patient)
    wrong = [finding for finding in found if finding.severity == "error"]
    if bundle is None or wrong:
        errors: dict[str, list[str]] = {}
        for finding in wrong:
            errors.setdefault(finding.file or "bestanden", []).append(str(finding))
        raise Invalid(f"bundle refused with {len(wrong)} findings", errors=errors)
    return Passed(bundle, tuple(found))


def put_in_force(session: Session, passed: Passed, *, by: Actor, at: datetime) -> StoredBundle:
    """Make a set the one that new runs start with; an earlier one, once more published, is in force again.

    Raises:
        NotAllowed: only a coordinator, confirmed with a second factor, and the command line publish.
        InForceAlready: new runs start with exactly this set.
    """
    require_publisher(by)
    if not by.is_system:
        access.require_second_factor(by)
    bundle = passed.bundle
    _one_at_a_time(session)
    stored = session.get(StoredBundle, bundle.digest)
    if stored is not None and stored.is_current:
        raise InForceAlready(f"bundle {bundle.digest} is current")
    session.execute(update(StoredBundle).where(StoredBundle.is_current).values(is_current=False))
    if stored is None:
        stored = StoredBundle(digest=bundle.digest, published_at=at, published_by=by.person_id, is_current=True)
        session.add(stored)
        session.flush()  # its files point at it
        session.add_all(StoredFile(digest=bundle.digest, name=name, data=data) for name, data in bundle.files.items())
    else:
        stored.is_current = True
    logbook.write(
        session, "diagrams.published", "bundle", bundle.digest, by=by, at=at, details={"files": len(bundle.files)}
    )
    session.flush()
    return stored


def _one_at_a_time(session: Session) -> None:
    """Who publishes at the same moment waits here until this one is through. Who begins a case does not: they only point at
    a row. The row in force is no place to wait at: when the wait is over it is another one that is in force.
    """
    if session.get_bind().dialect.name != "sqlite":  # it has one place for who writes
        session.execute(text(f"LOCK TABLE {StoredBundle.__tablename__} IN SHARE ROW EXCLUSIVE MODE"))


def require_publisher(by: Actor) -> None:
    """Whether *by* is somebody who publishes drawings.

    Raises:
        NotAllowed: only a coordinator and the command line do.
    """
    if not access.allows(by, "publish_diagrams", access.Facts()):
        raise NotAllowed(f"role {by.role} may not publish diagrams")


def stored_bundle(session: Session, digest: str) -> StoredBundle:
    """When a set was published, and whether it is in force."""
    found = session.get(StoredBundle, digest)
    if found is None:
        raise NotFound(f"bundle {digest} is not stored")
    return found


def drawing(session: Session, digest: str, process_id: str) -> Drawing:
    """A process of a published set, as picture and as text; of no case, so nothing is marked.

    Raises:
        NotFound: no such set, or no process of that name in it.
    """
    model = load(session, digest).processes.get(process_id)
    if model is None:
        raise NotFound(f"bundle {digest} has nothing of that name")
    return Drawing(str(draw.svg(model)), tuple(draw.outline(model)))


def published(session: Session) -> list[StoredBundle]:
    """Every set that was ever published, the newest first."""
    return list(session.scalars(select(StoredBundle).order_by(StoredBundle.published_at.desc(), StoredBundle.digest)))


def current(session: Session) -> str:
    """Digest of the set that new runs start with."""
    digest = session.scalar(select(StoredBundle.digest).where(StoredBundle.is_current))
    if digest is None:
        raise NothingPublished("no current bundle")
    return digest


def load(session: Session, digest: str) -> Bundle:
    """A published set, parsed once in this process. Safe from any thread; the set itself is never changed."""
    with _guard:
        if (known := _parsed.get(digest)) is not None:
            _parsed.move_to_end(digest)
            return known
    rows = session.execute(select(StoredFile.name, StoredFile.data).where(StoredFile.digest == digest)).all()
    if not rows:
        raise NotFound(f"bundle {digest} is not stored")
    bundle = Bundle.from_files({row.name: row.data for row in rows})
    if bundle.digest != digest:
        raise RuntimeError(f"bundle {digest} was changed in the database: it now has digest {bundle.digest}")
    with _guard:
        _parsed[digest] = bundle
        while len(_parsed) > _KEPT:
            _parsed.popitem(last=False)
    return bundle
