"""Where one can go from every page, for whom, and by which keys: the header and the list of keys both come from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.pages.people import Me


@dataclass(frozen=True, slots=True)
class Place:
    """A page to go to.

    Args:
        here: what the template of the page calls itself.
        roles: who finds something there; None: everybody.
        asks: what must be true of who asks, by the name it has in ``Me``; empty: nothing.
    """

    here: str
    endpoint: str
    label: str
    keys: str
    roles: frozenset[str] | None = None
    asks: str = ""

    def is_for(self, me: Me) -> bool:
        """Whether it stands in the header of who asks."""
        return (self.roles is None or me.role in self.roles) and (not self.asks or bool(getattr(me, self.asks)))


_AT_HUB = frozenset({"process_director", "explorer", "case_director", "supporter"})
#: The main menu, in order.
MENU = (
    Place("work", "pages.work", "Mijn werk", "g w"),
    Place("cases", "pages.cases", "Casussen", "g c"),
    Place("signal", "pages.new_signal", "Nieuw signaal", "g s", asks="may_signal"),
    Place("hub", "pages.hub_meetings", "Knooppunt", "g k", _AT_HUB),
    Place("terms", "pages.terms", "Termijnen", "g t", frozenset({"process_director"})),
    Place("figures", "pages.figures", "Cijfers", "g r", frozenset({"steering_board"})),
    Place("log", "pages.log", "Logboek", "g l", frozenset({"log_manager", "dpo"})),
    Place("directory", "pages.directory_page", "Wegwijzer", "g a"),
)
#: What stands beside it: the bell, help below every page, and the box to search in.
BESIDE = (
    Place("notifications", "pages.notification_list", "Meldingen", "g m"),
    Place("help", "pages.help_page", "Hulp", "g h"),
    Place("search", "pages.search", "Zoeken, op een bladzijde waar u kunt zoeken", "/", asks="may_search"),
)
#: Keys that lead nowhere else.
HERE = (("?", "De lijst van de bladzijde waarop u bent"), ("Esc", "Een menu of lijst sluiten"))


def menu_of(me: Me) -> list[Place]:
    """The main menu of who asks."""
    return [place for place in MENU if place.is_for(me)]


def keys_of(me: Me) -> list[tuple[str, str]]:
    """Keys and what they do, for who asks: none that leads nowhere."""
    return [(place.keys, place.label) for place in (*MENU, *BESIDE) if place.is_for(me)] + list(HERE)


def key_to(here: str) -> str:
    """The keys that lead to a page."""
    return next(place.keys for place in (*MENU, *BESIDE) if place.here == here)
