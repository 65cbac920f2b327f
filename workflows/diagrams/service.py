"""Publishing a set of diagrams and loading it again, exactly as it was published."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.bundle import Bundle
from workflows import logbook
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


def publish(session: Session, files: Mapping[str, bytes], *, by: Actor, at: datetime) -> str:
    """Check a set and make it the one that new runs start with; returns its digest. Publishing twice is no change.

    Raises:
        Invalid: with every finding, in Dutch, under the file it is in.
        NotAllowed: only a coordinator and the command line publish.
    """
    require_publisher(by)
    bundle, found = check(files)
    wrong = [finding for finding in found if finding.severity == "error"]
    if bundle is None or wrong:
        errors: dict[str, list[str]] = {}
        for finding in wrong:
            errors.setdefault(finding.file or "bestanden", []).append(str(finding))
        raise Invalid(f"bundle refused with {len(wrong)} findings", errors=errors)
    stored = session.get(StoredBundle, bundle.digest)
    if stored is not None and stored.is_current:
        return bundle.digest
    session.execute(update(StoredBundle).where(StoredBundle.is_current).values(is_current=False))
    if stored is None:
        session.add(StoredBundle(digest=bundle.digest, published_at=at, published_by=by.person_id, is_current=True))
        session.flush()  # its files point at it
        session.add_all(StoredFile(digest=bundle.digest, name=name, data=data) for name, data in files.items())
    else:
        stored.is_current = True
    logbook.write(session, "diagrams.published", "bundle", bundle.digest, by=by, at=at, details={"files": len(files)})
    session.flush()
    return bundle.digest


def require_publisher(by: Actor) -> None:
    """Whether *by* is somebody who publishes drawings.

    Raises:
        NotAllowed: only a coordinator and the command line do.
    """
    if not by.is_system and by.role != "coordinator":
        raise NotAllowed(f"role {by.role} may not publish diagrams")


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
