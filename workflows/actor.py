"""Who acts, for which organisation and in which role. One actor is always exactly one of each (NEN 7513)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

Origin = Literal["page", "api", "worker", "cli"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person acting on behalf of one organisation in one role, as the door established it.

    ``municipalities`` holds CBS codes (``GM0983``) of the role assignment; empty means the organisation's whole area.
    ``origin``, ``request_id`` and ``access_point`` go to the logbook only.
    """

    person_id: UUID | None
    assignment_id: UUID | None
    organisation_id: UUID | None
    role: str
    municipalities: frozenset[str] = field(default_factory=frozenset)
    origin: Origin = "api"
    request_id: str | None = None
    second_factor: bool = False
    """The session was confirmed with something the person has, besides what the person knows."""
    access_point: str | None = None
    """Id of the sign-in or token through which the person came; for the logbook."""

    @property
    def is_system(self) -> bool:
        """True for the worker and the command line: nobody's reading, and never a claimant."""
        return self.person_id is None


#: Acts when a timer goes off or a lease ends; it sees no content.
WORKER = Actor(None, None, None, "system", origin="worker")
#: Acts for the operator at the command line.
OPERATOR = Actor(None, None, None, "system", origin="cli")
