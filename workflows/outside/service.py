"""Making a link and a code, opening once, ending, and the receipt; each with its line in the logbook. Whoever calls has
locked the case."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import logbook, texts, vault
from workflows.actor import Actor
from workflows.cases import Case
from workflows.errors import NotFound, Unreadable, WrongState
from workflows.outside.model import OutsideEnd, OutsideHandover, OutsideKind, OutsideReceipt, OutsideStatus, OutsideWay
from workflows.outside.rules import LINES, Line, content_hash, is_altered, is_erased, line, without
from workflows.packages import Frozen

#: How a package for a party outside is hashed; another way of hashing gets another name, and what was sent before there were
#: lines keeps the first.
SCHEME, SCHEME_WITHOUT_LINES = "steun-op-maat/outside/2", "steun-op-maat/outside/1"
_NAME = 200
_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Sent:
    """What the sender passes on by two ways. Shown once, and kept nowhere; empty when it goes on paper."""

    id: UUID
    token: str = ""
    code: str = ""


def problems(fields: Mapping[str, str]) -> dict[str, list[str]]:
    """What is wrong with names that somebody typed, per field: each is needed, and short."""
    errors: dict[str, list[str]] = {}
    for name, given in fields.items():
        said = given.strip()
        if not said:
            errors[name] = ["Vul dit in."]
        elif len(said) > _NAME:
            errors[name] = [f"Gebruik hoogstens {_NAME} tekens."]
        elif not texts.can_be_kept(said):
            errors[name] = [texts.CANNOT_BE_KEPT]
    return errors


def send(
    session: Session,
    case: Case,
    *,
    kind: OutsideKind,
    way: OutsideWay,
    party_kind: str,
    party_name: str,
    telephone: str,
    categories: Iterable[str],
    content: Mapping[str, Any],
    items: Sequence[Frozen],
    open_until: datetime,
    by: Actor,
    at: datetime,
) -> Sent:
    """Freeze what goes along, and make the link and the code with which it opens.

    Args:
        content: what is told beside the items.
        items: everything that belongs to the family, in order; of what goes along with what is read of it.
    """
    assert by.organisation_id is not None, "who holds a case is an organisation"
    token = secrets.token_urlsafe(32) if way == OutsideWay.LINK else ""
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}" if token else ""
    # The salt: so that nobody can guess from a hash what it said.
    content = {**content, LINES: [line(one) for one in items], "salt": secrets.token_hex(16)}
    made = OutsideHandover(
        id=uuid4(), case_id=case.id, kind=kind, way=way, party_kind=party_kind, party_name=party_name.strip(),
        telephone=telephone.strip(), status=OutsideStatus.SENT, categories=sorted(categories),
        content_hash=content_hash(content), size=len(items), wrong_codes=0, sent_at=at, sent_by=by.person_id,
        sent_for=by.organisation_id, sent_role=by.role, open_until=open_until,
    )  # fmt: skip
    made.sealed_content = vault.of(session).seal_json(dict(content), about=content_about(made.id))
    if token:
        made.token_hash = _hashed(token)
        made.code_digest = vault.of(session).digests(_pair(token, code))[0]
    session.add(made)
    session.flush()
    _log(session, made, "sent", by=by, at=at, way=str(way), kind=str(kind), hash=package_hash(made))
    return Sent(made.id, token, code)


def by_token(session: Session, token: str) -> OutsideHandover | None:
    """What a link is for, whether it still opens or not."""
    return session.scalar(select(OutsideHandover).where(OutsideHandover.token_hash == _hashed(token)))


def is_code(session: Session, handover: OutsideHandover, token: str, code: str) -> bool:
    """Whether the code goes with the link."""
    typed = re.sub(r"[\s.-]", "", code[:40])
    kept = handover.code_digest or b""
    return any(hmac.compare_digest(kept, one) for one in vault.of(session).digests(_pair(token, typed)))


def open_package(session: Session, handover: OutsideHandover, token: str, code: str, *, at: datetime) -> str | None:
    """With what the receipt of what opens now is confirmed; None for a wrong code. The row is locked by the caller.

    Raises:
        WrongState: it opens no more.
    """
    if not handover.opens(at):
        raise WrongState(f"outside handover {handover.id} opens no more")
    if not is_code(session, handover, token, code):
        return None
    receipt = secrets.token_urlsafe(32)
    handover.open(_hashed(receipt), at)
    session.flush()
    return receipt


def wrong_code(session: Session, handover: OutsideHandover, *, most: int, by: Actor, at: datetime) -> None:
    """Count it; after too many the link gives nothing any more, whatever is typed."""
    handover.wrong_codes += 1
    if handover.wrong_codes >= most:
        handover.end(OutsideEnd.WRONG_CODES, at)
    session.flush()
    _log(session, handover, "refused", by=by, at=at, wrong_codes=handover.wrong_codes)


def receive(
    session: Session,
    handover: OutsideHandover,
    receipt: OutsideReceipt,
    *,
    name: str,
    function: str,
    organisation: str,
    with_token: str | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """It arrived: said by the receiver on the page that opened, or by telephone to the sender.

    Args:
        with_token: what the page that opened confirms with; None: the sender writes down what was said by telephone.

    Raises:
        NotFound: that page was of another package, or is over. WrongState: it was received or ended before.
    """
    if with_token is not None and not hmac.compare_digest(handover.receipt_hash or b"", _hashed(with_token)):
        raise NotFound(f"outside handover {handover.id}: no such receipt")
    handover.receive(
        receipt,
        name=name.strip(),
        function=function.strip(),
        organisation=organisation.strip(),
        by=by.person_id,
        at=at,
    )
    session.flush()
    _log(
        session, handover, "received", by=by, at=at, receipt=str(receipt), telephone=with_token is None,
        hash=receipt_hash(handover),
    )  # fmt: skip


def end(session: Session, handover: OutsideHandover, because: OutsideEnd, *, by: Actor, at: datetime) -> None:
    """It opens no more.

    Raises:
        WrongState: it was received, or it ended before.
    """
    handover.end(because, at)
    session.flush()
    _log(session, handover, "ended", by=by, at=at, because=str(because))


def find(session: Session, handover_id: UUID) -> OutsideHandover | None:
    """One of them. Whether the actor may know of it is asked by the caller."""
    return session.get(OutsideHandover, handover_id)


def of_case(session: Session, case_id: UUID) -> list[OutsideHandover]:
    """Every one of a case, newest first."""
    query = select(OutsideHandover).where(OutsideHandover.case_id == case_id)
    return list(session.scalars(query.order_by(OutsideHandover.sent_at.desc(), OutsideHandover.id)))


def running(session: Session, case_id: UUID) -> list[OutsideHandover]:
    """Those of a case that are on their way: neither received nor ended."""
    live = (OutsideStatus.SENT, OutsideStatus.OPENED)
    return [one for one in of_case(session, case_id) if one.status in live]


def that_open(session: Session, *, at: datetime) -> list[OutsideHandover]:
    """Those of all cases whose link opens now. For an installation that was put back."""
    query = select(OutsideHandover).where(
        OutsideHandover.way == OutsideWay.LINK, OutsideHandover.status == OutsideStatus.SENT,
        OutsideHandover.open_until > at,
    )  # fmt: skip
    query = query.order_by(OutsideHandover.id).execution_options(populate_existing=True)
    return list(session.scalars(query))


def content_of(session: Session, handover: OutsideHandover) -> dict[str, Any]:
    """What was sent, as it was then, with its lines; none of it is for a door as it is."""
    found: dict[str, Any] = vault.of(session).open_json(handover.sealed_content, about=content_about(handover.id))
    return found


def package_hash(handover: OutsideHandover) -> str:
    """What was sent, to whom, by whom and when, in one hash; it stands in the logbook from the moment of sending."""
    one = handover
    return _hash_of(
        _scheme(one), one.id.hex, one.case_id.hex, str(one.kind), str(one.way), one.party_kind, one.party_name,
        sorted(one.categories), one.sent_for.hex, one.sent_role, None if one.sent_by is None else one.sent_by.hex,
        _instant(one.sent_at), one.content_hash,
    )  # fmt: skip


def receipt_hash(handover: OutsideHandover) -> str | None:
    """Who said that it arrived and when, over the hash of what was sent; it stands in the logbook. None: nobody did."""
    one = handover
    if one.received_at is None:
        return None
    return _hash_of(
        _scheme(one), package_hash(one), str(one.receipt), one.receiver_name, one.receiver_function,
        one.receiver_organisation, None if one.recorded_by is None else one.recorded_by.hex, _instant(one.received_at),
    )  # fmt: skip


def lines_of(session: Session, handover: OutsideHandover) -> list[Line] | None:
    """A line for every item there was; None: it was sent before there were lines, or it cannot be opened any more."""
    return _content_or_nothing(session, handover).get(LINES)


def _content_or_nothing(session: Session, handover: OutsideHandover) -> dict[str, Any]:
    try:
        return content_of(session, handover)
    except (Unreadable, ValueError):
        return {}  # nobody can read it any more


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a package for a party outside is still what was sent, and its receipt what was said; as for a receipt inside.

    Args:
        altered: lines that do not say what was sent; of what has no lines, the whole of it.
        erased: lines of which only the digest is left, because somebody was erased.
        lines: whether the lines, and what is told beside them, are what the hash was made of.
        sent, received: how the logbook knows of either; None: nobody said that it arrived.
    """

    altered: int
    erased: int
    lines: bool
    sent: logbook.Anchored
    received: logbook.Anchored | None

    @property
    def holds(self) -> bool:
        """Whether all of it is as it was."""
        return not self.altered and self.lines and logbook.Anchored.BROKEN not in (self.sent, self.received)


def check(session: Session, handover: OutsideHandover) -> Checked:
    """Whether what was sent, and what came back, is still what it was; of what was sent before there was a hash in the
    logbook, whether its lines are there."""
    content = _content_or_nothing(session, handover)
    old = bool(content) and "salt" not in content
    lines = content.get(LINES, [])
    same = content_hash(content) == handover.content_hash
    has_lines = handover.size is not None

    def anchored(event: str, hash: str | None, at: datetime) -> logbook.Anchored:
        return logbook.anchored(session, f"outside.{event}", handover.id, {} if old else {"hash": hash}, at=at)

    return Checked(
        altered=sum(is_altered(one) for one in lines) if has_lines else int(not same),
        erased=sum(is_erased(one) for one in lines),
        lines=not has_lines or (same and len(lines) == handover.size),
        sent=anchored("sent", package_hash(handover), handover.sent_at),
        received=None
        if handover.received_at is None
        else anchored("received", receipt_hash(handover), handover.received_at),
    )


def forget(
    session: Session,
    case_ids: Iterable[UUID],
    *,
    item_ids: Collection[UUID],
    member_ids: Collection[UUID],
    values: Collection[tuple[UUID, str]],
) -> None:
    """What was sent of these cases says no more about somebody; that a line stood there, and its digest, stays. What was sent
    before there were lines is one whole, and stays.

    Args:
        item_ids: rows that go. values: entry and compartment of answers that go.
    """
    query = select(OutsideHandover).where(OutsideHandover.case_id.in_(case_ids), OutsideHandover.size.is_not(None))
    for one in session.scalars(query).all():
        content = _content_or_nothing(session, one)
        lines = content.get(LINES, [])
        kept = without(lines, item_ids=item_ids, member_ids=member_ids, values=values)
        if kept != lines:
            one.sealed_content = vault.of(session).seal_json({**content, LINES: kept}, about=content_about(one.id))
    session.flush()


def content_about(handover_id: UUID) -> str:
    """What the content of a row is bound to when it is closed."""
    return f"outside_handovers.content.{handover_id}"


def _scheme(handover: OutsideHandover) -> str:
    return SCHEME_WITHOUT_LINES if handover.size is None else SCHEME


def _hash_of(*told: Any) -> str:
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def _hashed(token: str) -> bytes:
    # 256 random bits cannot be guessed, so a plain hash is enough.
    return hashlib.sha256(token[:200].encode("utf-8", "replace")).digest()


def _pair(token: str, code: str) -> str:
    return f"outside code\n{token[:200]}\n{code}"


def _log(
    session: Session, one: OutsideHandover, event: str, *, by: Actor, at: datetime, **details: str | int | bool | None
) -> None:
    logbook.write(
        session, f"outside.{event}", "outside_handover", one.id, case_id=one.case_id, by=by, at=at, details=details
    )
