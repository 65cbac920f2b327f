"""Two parents of one family of the demo who log in, each with an own login; neither page tells of the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from api.demo.codes import secret_of
from api.demo.families import FAMILIES
from api.demo.region import COST, PASSWORD
from workflows import accounts, cases, families, parents
from workflows.families import MemberKind, PartnerInvolved
from workflows.organisations import PersonKind

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session


@dataclass(frozen=True, slots=True)
class DemoParent:
    """Somebody of a family to log in as."""

    login: str
    name: str
    hint: str


#: The family, by its place in the list, and who of it logs in.
FAMILY = next(place for place, family in enumerate(FAMILIES) if family.first_name == "Karlijn")
PARENTS = (
    DemoParent("ouder-1000-0001", "Karlijn", "Moeder. Er is een plan en er wordt geholpen."),
    DemoParent("ouder-1000-0002", "Bas", "De andere ouder van hetzelfde gezin: ziet alleen wat van beiden is."),
)


def let_in(session: Session, case_id: UUID, *, by: Actor, at: datetime) -> None:
    """*by* holds the case and hands both the paper; they chose a password and coupled the app a while ago."""
    case = cases.lock(session, case_id)
    assert case.family_id is not None
    mother = families.members(session, case.family_id)[0]
    families.set_partner_involved(session, case.family_id, PartnerInvolved.YES, by=by, at=at)
    father = families.add_member(
        session,
        case.family_id,
        kind=MemberKind.PARTNER,
        name=f"{PARENTS[1].name} Voorbeeld",
        preferred_language="nl",
        safe_contact="app",
        case_id=case.id,
        by=by,
        at=at,
    )
    for member, told in zip((mother, father), PARENTS, strict=True):
        paper = parents.invite(
            session, member, identity_check="known", login=told.login, case_id=case.id, by=by, at=at, cost=COST
        )
        account = accounts.activate(
            session, login=paper.login, code=paper.code, password=PASSWORD, kind=PersonKind.PARENT, at=at, cost=COST
        )
        parents.note_first_use(session, account.person_id, at=at)
        actor = parents.actor_of_account(session, account, at=at)
        accounts.begin_second_factor(session, account.id, secret=secret_of(told.login), by=actor, at=at)
        code = accounts.code_of(secret_of(told.login), accounts.step_of(at))
        accounts.confirm_second_factor(session, account.id, code=code, by=actor, at=at)
