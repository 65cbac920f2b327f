"""A request that is sent twice is done once: key per actor, keeping the answer's status and id, never a body."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import String, delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflows.actor import Actor
from workflows.db import Base
from workflows.errors import WrongState


class IdempotencyKey(Base):
    """What came of one keyed request."""

    __tablename__ = "idempotency_keys"

    actor: Mapped[str] = mapped_column(String(80), primary_key=True, comment="role assignment, else person")
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    method: Mapped[str] = mapped_column(String(10))
    path: Mapped[str] = mapped_column(String(500))
    #: Who claims says what; a door keys it, because a body can hold what nobody may guess.
    digest: Mapped[str] = mapped_column(String(64), comment="sha256 of the request's body")
    answer: Mapped[int | None] = mapped_column(comment="HTTP status that was answered")
    location_id: Mapped[UUID | None]
    at: Mapped[datetime | None] = mapped_column(index=True)


class KeyReused(WrongState):
    """The same key came with another request: one of the two is a mistake."""

    title = "Deze aanvraag is al gebruikt"
    detail = "Dezelfde Idempotency-Key hoort bij een andere aanvraag. Gebruik een nieuwe sleutel."


@dataclass(frozen=True, slots=True)
class Replay:
    """What was answered the first time. Whether the caller may (still) see it is for the door to ask again."""

    status: int
    location_id: UUID | None


def remember(
    session: Session, key: str, *, by: Actor, method: str, path: str, digest: str, at: datetime | None = None
) -> Replay | None:
    """Claim *key* in the transaction of the use case; None means: do it, then call :func:`keep`.

    A second request with the same key waits for the first one's transaction. If that failed, nothing of it was
    kept, also not the key, and this one does the work.

    Raises:
        KeyReused: the key belongs to another request of this actor.
    """
    actor = str(by.assignment_id or by.person_id or by.access_point)
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    row = {"actor": actor, "key": key, "method": method, "path": path, "digest": digest, "at": at}
    claim = insert(IdempotencyKey).values(row).on_conflict_do_nothing().returning(IdempotencyKey.key)
    if session.scalar(claim) is not None:
        session.info[_OPEN] = (actor, key)
        return None
    first = session.scalars(
        select(IdempotencyKey)
        .where(IdempotencyKey.actor == actor, IdempotencyKey.key == key)
        .execution_options(populate_existing=True)
    ).one()
    if (first.method, first.path, first.digest) != (method, path, digest):
        raise KeyReused(f"idempotency key of {actor} was used for another request")
    if first.answer is None:
        raise WrongState(f"idempotency key of {actor} is claimed twice in one transaction")
    return Replay(first.answer, first.location_id)


def keep(session: Session, key: str, status: int, location_id: UUID | None) -> None:
    """Write down what the request of :func:`remember` came to."""
    claimed = session.info.get(_OPEN)
    if claimed is None or claimed[1] != key:
        raise LookupError("keep() without remember() in this transaction")
    mine = (IdempotencyKey.actor == claimed[0]) & (IdempotencyKey.key == key)
    session.execute(update(IdempotencyKey).where(mine).values(answer=status, location_id=location_id))
    session.info.pop(_OPEN)


def forget(session: Session, *, at: datetime, days: int = 2) -> None:
    """Remove keys older than *days*; nobody retries after that."""
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.at < at - timedelta(days=days)))


_OPEN = "idempotency_key"
