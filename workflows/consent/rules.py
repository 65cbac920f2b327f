"""Whose work needs which agreement. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.consent.model import Purpose

#: What each role receives data of a family for, and so which consent it needs. A role that is not here gets no content.
PURPOSES: Mapping[str, Purpose] = {
    "signaller": Purpose.FEEDBACK,
    "explorer": Purpose.EXPLORATION,
    "case_director": Purpose.SUPPORT_ACTION,
    "supporter": Purpose.SUPPORT_ACTION,
    "process_director": Purpose.HUB_MEETING,
}
#: Roles whose work needs no data of the family: they watch that agreements are kept. No consent is asked to give them
#: a task; what they see on it is cut by the matrix.
WITHOUT_DATA = frozenset({"process_director"})
