"""Why a use case is refused. Rooms name the reason; only ``api/problems.py`` knows status codes.

The text given to an error says what was wanted, of what, and what is the case, with ids and never names,
because it ends up in logs. ``title`` and ``detail`` are Dutch: people read them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class Refusal(Exception):
    """Base of every reason not to do what was asked."""

    title = "Dat kan niet"
    detail = "Dit kan nu niet."

    def __init__(self, message: str = "", *, detail: str | None = None) -> None:
        super().__init__(message or self.detail)
        if detail is not None:
            self.detail = detail


class Invalid(Refusal):
    """The input is not acceptable; ``errors`` lists every field at once, as path → Dutch sentences."""

    title = "Niet alles is goed ingevuld"
    detail = "Kijk naar de velden die hieronder staan."

    def __init__(
        self, message: str = "", *, errors: Mapping[str, Sequence[str]] | None = None, detail: str | None = None
    ) -> None:
        super().__init__(message, detail=detail)
        self.errors: dict[str, list[str]] = {field: list(texts) for field, texts in (errors or {}).items()}


class Doubtful(Invalid):
    """Answers that can be true but do not go with each other or with what is known; ``questions`` asks about each field.

    The same answers sent again with these fields confirmed go through. Whoever cannot ask shows the questions as errors.
    """

    title = "Klopt dit?"
    detail = "Iets past niet bij wat u invulde of bij wat we al weten. Kijk het na. Klopt het toch, bevestig het dan."

    def __init__(self, message: str = "", *, questions: Mapping[str, str]) -> None:
        super().__init__(message, errors={field: [question] for field, question in questions.items()})
        self.questions = dict(questions)


class NotFound(Refusal):
    """It does not exist, or the caller may not know that it does: the two answer alike."""

    title = "Niet gevonden"
    detail = "Dit bestaat niet, of u mag het niet zien."


class Blocked(NotFound):
    """Somebody whom a family keeps out asked for it. Answers as what does not exist; who writes refusals down marks it."""


class NotAllowed(Refusal):
    """The object is visible to the caller, but this may not be done with it."""

    title = "Niet toegestaan"
    detail = "U mag dit niet doen met uw rol in deze organisatie."


class ConsentMissing(NotAllowed):
    """The family has not agreed to this use of its data, or no longer does."""

    title = "Geen toestemming"
    detail = "Het gezin heeft hiervoor geen toestemming gegeven. Vraag eerst toestemming of kies een andere weg."


class GroundMissing(ConsentMissing):
    """The family agreed, but who would receive the data has no legal ground of its own, and needs one besides consent."""

    title = "Geen wettelijke grond"
    detail = (
        "Toestemming alleen is hier niet genoeg: voor deze organisatie is geen wettelijke grond vastgelegd. "
        "Kies samen met de ouder een andere organisatie, of vraag de coördinator."
    )


class WrongState(Refusal):
    """The object is not in a state in which this can be done, e.g. because somebody was first."""

    title = "Dat kan niet meer"
    detail = "De stand is intussen veranderd. Ververs de pagina en kijk opnieuw."


class ConcurrentChange(WrongState):
    """Two changes met; this one lost and nothing of it was kept."""

    title = "Iemand was u voor"
    detail = "Iemand anders veranderde dit op hetzelfde moment. Ververs de pagina en probeer het opnieuw."


class VersionMissing(Refusal):
    """A change must say which version it changes (``If-Match``)."""

    title = "Versie ontbreekt"
    detail = "Geef met If-Match aan welke versie u verandert."


class StaleVersion(Refusal):
    """The caller changed an older version than the one that is kept."""

    title = "Er is een nieuwere versie"
    detail = "Dit is intussen gewijzigd. Haal de nieuwste versie op; wat u typte is bewaard als concept."


class FormChanged(StaleVersion):
    """The form is not the one that was opened: questions came, went or changed. What was typed is kept."""

    title = "Dit formulier is veranderd"
    detail = "Dit formulier is veranderd sinds u het opende. Wat u typte is bewaard als concept."


class Unreadable(Refusal):
    """It is kept encrypted, and the key that opens it is not here or does not fit. Nothing was lost."""

    title = "Niet leesbaar"
    detail = (
        "Deze gegevens zijn versleuteld bewaard en nu niet te lezen: de sleutel ontbreekt of past niet. "
        "Er is niets veranderd en niets gewist. Meld dit bij de beheerder."
    )


class LoginRefused(Refusal):
    """Unknown, wrong, locked or inactive: one answer for all, so that nobody learns which."""

    title = "Inloggen lukt niet"
    detail = "De combinatie van gebruikersnaam en wachtwoord klopt niet, of het account is tijdelijk geblokkeerd."


class TooOften(Refusal):
    """Tried too many times in a short while; waiting helps, trying on does not. ``retry_after`` seconds."""

    title = "Te vaak achter elkaar"
    detail = "U probeerde dit te vaak achter elkaar. Wacht even en probeer het dan opnieuw."
    retry_after = 3600


class Unavailable(Refusal):
    """The database is away or too busy; nothing was changed. Try again after ``retry_after`` seconds."""

    title = "Even niet bereikbaar"
    detail = "De gegevens zijn even niet bereikbaar. Er is niets verloren. Probeer het zo opnieuw."
    retry_after = 5
