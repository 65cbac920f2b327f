"""Who takes part: municipalities, organisations, people and roles. Knows nothing of families or cases."""

from workflows.organisations.model import (
    Domain,
    Municipality,
    Organisation,
    OrganisationType,
    Person,
    Role,
    RoleAssignment,
    WorkArea,
)

__all__ = [
    "Domain",
    "Municipality",
    "Organisation",
    "OrganisationType",
    "Person",
    "Role",
    "RoleAssignment",
    "WorkArea",
]
