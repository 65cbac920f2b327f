"""Where on the screen of a meeting the form of somebody's minutes stands, so that every answer to it comes back there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import url_for

#: Hidden in the form: which meeting, and which family on its agenda.
PLACE = "_agenda"
#: Of a button that keeps what was typed and opens the minutes of another family on the agenda; of none when it is empty.
THEN = "_then"
#: Of headings in the form: under the family and under ``Verslag``.
LEVEL = 4


@dataclass(frozen=True, slots=True)
class Place:
    """A family on the agenda of a meeting. Only where a form stands; what may be seen of it is asked each time."""

    meeting_id: UUID
    item_id: UUID

    @property
    def value(self) -> str:
        """As it stands in the form."""
        return f"{self.meeting_id}/{self.item_id}"

    @property
    def address(self) -> str:
        """The screen with the form open."""
        return url_for("pages.hub_meeting", meeting_id=self.meeting_id, verslag=self.item_id)

    @property
    def of_form(self) -> str:
        """The same, where the form begins."""
        return f"{self.address}#verslag-kop"

    @property
    def closed(self) -> str:
        """The screen without a form, at this family."""
        return f"{url_for('pages.hub_meeting', meeting_id=self.meeting_id)}#verslag-{self.item_id}"


def place(form: Mapping[str, str]) -> Place | None:
    """Where a form that was sent stood; None when that was no screen of a meeting."""
    meeting, _, item = form.get(PLACE, "").partition("/")
    found = as_id(meeting), as_id(item)
    return None if found[0] is None or found[1] is None else Place(found[0], found[1])


def as_id(text: str) -> UUID | None:
    """An id as it came in; None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None
