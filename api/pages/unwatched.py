"""Dutch for what nobody of an organisation does, and what can be done about it; also for the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workflows.method import Gap, Unwatched


@dataclass(frozen=True, slots=True)
class Words:
    """What is missing, what waits because of it, and what to do."""

    what: str
    waits: str
    do: str


@dataclass(frozen=True, slots=True)
class Count:
    """At how many organisations nobody does something, and how much waits because of it: calm as long as nothing does."""

    organisations: int = 0
    waiting: int = 0


def count(found: Sequence[Unwatched]) -> Count:
    """Of these, for one line on a page."""
    return Count(len({one.organisation_id for one in found}), sum(one.waiting for one in found))


def unwatched_words(one: Unwatched) -> Words:
    """One gap, for whoever can give somebody the role."""
    what, waiting = _WHAT[one.gap], _counted(one)
    if one.gap == Gap.NO_LOG_MANAGER and one.dpo:
        what = "Er is geen logbeheerder. De functionaris gegevensbescherming kan wel in het logboek kijken."
    if not one.active:
        return Words(what, waiting, _STOPPED)
    return Words(what, waiting, _DO[one.gap])


#: In two or three words, for a list.
SHORT = {
    Gap.NO_LOG_MANAGER: "Geen logbeheerder",
    Gap.NOBODY_CONFIRMS: "Niemand bevestigt vernietigen",
    Gap.TOO_FEW_CONFIRM: "Te weinig mensen bevestigen vernietigen",
    Gap.NOBODY_ANSWERS: "Niemand beantwoordt verzoeken",
}
_WHAT = {
    Gap.NO_LOG_MANAGER: "Er is geen logbeheerder. Niemand hier kijkt terug wie wat las.",
    Gap.NOBODY_CONFIRMS: "Er is niemand die mag bevestigen dat een casus vernietigd wordt.",
    Gap.TOO_FEW_CONFIRM: "Er is maar één persoon die mag bevestigen dat een casus vernietigd wordt. Er zijn er twee nodig.",
    Gap.NOBODY_ANSWERS: "Er is niemand die verzoeken van ouders beantwoordt.",
}
_DO = {
    Gap.NO_LOG_MANAGER: "Geef iemand hier de rol logbeheerder. Tot dan gaan vragen over noodinzage naar de functionaris "
    "gegevensbescherming of de beheerder van het programma.",
    Gap.NOBODY_CONFIRMS: "Geef twee mensen hier de rol beheerder of functionaris gegevensbescherming. Tot dan blijven de "
    "gesloten casussen bewaard, ook na de termijn.",
    Gap.TOO_FEW_CONFIRM: "Geef nog iemand hier de rol beheerder of functionaris gegevensbescherming. Tot dan blijven de "
    "gesloten casussen bewaard, ook na de termijn.",
    Gap.NOBODY_ANSWERS: "Geef iemand hier de rol terug die de casus vasthield. De wettelijke termijn loopt door.",
}
_STOPPED = (
    "Deze organisatie is gestopt. Haar gesloten casussen blijven bewaard: een andere organisatie mag niet over haar gezinnen "
    "besluiten. Overleg met de functionaris gegevensbescherming van het programma."
)
_COUNTED = {
    Gap.NO_LOG_MANAGER: ("melding over lezen wacht", "meldingen over lezen wachten"),
    Gap.NOBODY_CONFIRMS: ("casus kan niet vernietigd worden", "casussen kunnen niet vernietigd worden"),
    Gap.TOO_FEW_CONFIRM: ("casus kan niet vernietigd worden", "casussen kunnen niet vernietigd worden"),
    Gap.NOBODY_ANSWERS: ("verzoek wacht", "verzoeken wachten"),
}


def _counted(one: Unwatched) -> str:
    if not one.waiting:
        return ""
    return f"{one.waiting} {_COUNTED[one.gap][one.waiting > 1]}."
