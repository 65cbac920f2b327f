"""The numbers of the method and of the house, with the region's and a municipality's own values. Knows no cases."""

from workflows.settings.model import Setting
from workflows.settings.rules import NEVER, Anchor, Definition, age_limit, check, definition, definitions
from workflows.settings.service import Listed, get, listing, moves_terms, origin, put, term_resolver, warning_moment

__all__ = [
    "NEVER",
    "Anchor",
    "Definition",
    "Listed",
    "Setting",
    "age_limit",
    "check",
    "definition",
    "definitions",
    "get",
    "listing",
    "moves_terms",
    "origin",
    "put",
    "term_resolver",
    "warning_moment",
]
