"""The numbers of the method and of the house, with the region's and a municipality's own values. Knows no cases."""

from workflows.settings.model import Setting
from workflows.settings.rules import Definition, definition, definitions
from workflows.settings.service import get, put, term_resolver

__all__ = ["Definition", "Setting", "definition", "definitions", "get", "put", "term_resolver"]
