"""A professional asks for a case without being told whether there is one: what was asked, closed, until it was looked for.

Knows no case: nothing here says whether a family was found, so nothing that reads these rows can tell."""

from workflows.pulls.model import CaseRequest, PullReason
from workflows.pulls.service import ask, find, forget, of_person, search_about, search_of, wipe

__all__ = ["CaseRequest", "PullReason", "ask", "find", "forget", "of_person", "search_about", "search_of", "wipe"]
