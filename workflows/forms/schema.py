"""The marshmallow schema of a form, built from its JSON: kinds, choices, lengths, numbers, dates. Messages are Dutch."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields

from workflows.forms.model import ONE_OF, Choices, Field, Form, Rows
from workflows.forms.rules import wrong_together

MAX_TEXT: Final = 20_000
"""Characters in one text when the form sets no limit."""
LARGEST: Final = 10**12
"""No number in a form is larger, whatever the form says."""
EARLIEST: Final = date(1900, 1, 1)
LATEST: Final = date(2100, 12, 31)

UNKNOWN: Final = "Dit veld hoort niet bij dit formulier."
EMPTY: Final = "Vul dit in."
CHOOSE: Final = "Maak een keuze."
TICK: Final = "Vink dit aan om verder te gaan."
NO_CHOICE: Final = "Kies een van de antwoorden op de lijst."
NO_TEXT: Final = "Vul hier tekst in."
NO_NUMBER: Final = "Vul hier een getal in, bijvoorbeeld 2."
NO_DATE: Final = "Vul een datum in, bijvoorbeeld 31-12-2026."
NO_TIME: Final = "Vul een tijd in, bijvoorbeeld 14:30."
NO_MAIL: Final = "Vul een e-mailadres in, bijvoorbeeld naam@voorbeeld.nl."
NO_PHONE: Final = "Vul een telefoonnummer in, bijvoorbeeld 06 12 34 56 78."
NO_TICK: Final = "Kies aan of uit."
NO_ROWS: Final = "Stuur hier een lijst met regels."
NO_FIELDS: Final = "Stuur hier velden met een waarde."

#: The day on which the answers are given, for dates that a form wants near it.
today: ContextVar[date | None] = ContextVar("today", default=None)

#: The choices that are there now, for questions whose choices are handed in.
offered: ContextVar[Choices] = ContextVar("offered")

_DUTCH_DATE = re.compile(r"(\d{1,2})-(\d{1,2})-(\d{4})", re.ASCII)
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)", re.ASCII)
_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]{1,63}(?:\.[^@\s.]{1,63}){1,8}")
#: As people write a number here, also of abroad; a word may follow it nowhere.
_PHONE = re.compile(r"\+?[\d ()./-]{6,24}", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,13}(?:[.,]\d{1,6})?", re.ASCII)


class Hidden:
    """Stands where a question does not apply, so that nobody asks for its answer."""


HIDDEN: Final = Hidden()


class _Answer(fields.Field[Any]):
    empty = EMPTY
    nothing: Any = None

    def __init__(self, asked: Field) -> None:
        super().__init__(allow_none=True)
        self.asked = asked

    def deserialize(self, value: Any, attr: Any = None, data: Any = None, **kwargs: Any) -> Any:
        if value is HIDDEN:
            return None
        if value is None or (isinstance(value, str) and not value.strip()):
            if self.asked.required:
                raise ValidationError(self.empty)
            return self.nothing
        return self.read(value)

    def read(self, value: Any) -> Any:
        raise NotImplementedError


class _Text(_Answer):
    def read(self, value: Any) -> Any:
        if not isinstance(value, str):
            raise ValidationError(NO_TEXT)
        rules = self.asked.validate
        if len(value) > (most := _limit(rules.get("maxLength"), MAX_TEXT)):
            raise ValidationError(f"Dit is te lang: er passen {most} tekens, u heeft er {len(value)}.")
        if len(value.strip()) < (least := _limit(rules.get("minLength"), 0)):
            raise ValidationError(f"Dit is te kort: vul minstens {least} tekens in.")
        pattern = rules.get("pattern")
        if isinstance(pattern, str) and not _pattern(pattern).fullmatch(value.strip()):
            told = self.asked.properties.get("pattern_message") or rules.get("patternErrorMessage")
            raise ValidationError(told or "Dit is niet goed geschreven.")
        match rules.get("validationType"):
            case "email" if not _MAIL.fullmatch(value.strip()):
                raise ValidationError(NO_MAIL)
            case "phone" if not _PHONE.fullmatch(value.strip()):
                raise ValidationError(NO_PHONE)
        return value


class _Number(_Answer):
    def read(self, value: Any) -> Any:
        if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            value = float(value.strip().replace(",", "."))
        if isinstance(value, bool) or not isinstance(value, int | float) or not -LARGEST < value < LARGEST:
            raise ValidationError(NO_NUMBER)
        rules = self.asked.validate
        low, high = _bound(rules.get("min"), -LARGEST), _bound(rules.get("max"), LARGEST)
        if not low <= value <= high:
            raise ValidationError(_between(low, high))
        decimals = _limit(rules.get("decimalDigits"), 6)
        if round(value, decimals) != value:
            raise ValidationError(
                "Vul een heel getal in." if not decimals else f"Gebruik hoogstens {decimals} cijfers achter de komma."
            )
        if (step := _step(rules.get("increment"))) is not None and Decimal(str(value)) % step:
            raise ValidationError(f"Vul een getal in met stappen van {_dutch(step)}.")
        return int(value) if float(value).is_integer() else float(value)


class _Tick(_Answer):
    nothing = False
    empty = TICK

    def read(self, value: Any) -> Any:
        if value in ("on", "true"):
            value = True
        elif value == "false":
            value = False
        if not isinstance(value, bool):
            raise ValidationError(NO_TICK)
        if self.asked.required and not value:
            raise ValidationError(TICK)
        return value


class _Choice(_Answer):
    empty = CHOOSE

    def read(self, value: Any) -> Any:
        if not isinstance(value, str) or value not in self.values():
            raise ValidationError(NO_CHOICE)
        return value

    def values(self) -> Iterable[str]:
        if self.asked.values_key is None:
            return (option.value for option in self.asked.options)
        return (value for value, _ in offered.get({}).get(self.asked.values_key, ()))


class _Choices(_Answer):
    empty = CHOOSE

    def read(self, value: Any) -> Any:
        chosen = [value] if isinstance(value, str) else value
        known = {option.value for option in self.asked.options}
        if not isinstance(chosen, list) or not all(
            isinstance(each, str) and each in known for each in chosen if each != ""
        ):
            raise ValidationError(NO_CHOICE)
        chosen = list(dict.fromkeys(each for each in chosen if each != ""))
        if not chosen and self.asked.required:
            raise ValidationError(CHOOSE)
        wrong = wrong_together(self.asked, chosen)
        if wrong:
            raise ValidationError(wrong)
        return chosen


class _Date(_Answer):
    def read(self, value: Any) -> Any:
        day = day_of(value)
        if day is None:
            raise ValidationError(NO_DATE)
        first, last = EARLIEST, LATEST
        on, rules = today.get(), self.asked.properties
        if on is not None and self.asked.validate.get("disallowPassedDates") is True:
            first = max(first, on)
        if on is not None:
            first = max(first, on - timedelta(days=_days(rules.get("days_back"), 60_000)))
            last = min(last, on + timedelta(days=_days(rules.get("days_ahead"), 60_000)))
        if not first <= day <= last:
            raise ValidationError(f"Vul een datum in van {first:%d-%m-%Y} tot en met {last:%d-%m-%Y}.")
        return day.isoformat()


class _Time(_Answer):
    def read(self, value: Any) -> Any:
        match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None:
            raise ValidationError(NO_TIME)
        hour, minute = int(match[1]), int(match[2])
        step = _limit(self.asked.validate.get("timeInterval"), 1) or 1
        if (hour * 60 + minute) % step:
            raise ValidationError(
                f"Kies een tijd per {step} minuten, bijvoorbeeld {hour:02}:{minute - minute % step:02}."
            )
        return f"{hour:02}:{minute:02}"


class _List(fields.Field[Any]):
    def __init__(self, rows: Rows, inner: type[Schema]) -> None:
        super().__init__(allow_none=True)
        self.rows = rows
        self.inner = inner

    def deserialize(self, value: Any, attr: Any = None, data: Any = None, **kwargs: Any) -> Any:
        if value is HIDDEN:
            return None
        if not isinstance(value, list):
            raise ValidationError(NO_ROWS)
        if len(value) < self.rows.at_least:
            raise ValidationError(EMPTY if self.rows.at_least == 1 else f"Vul minstens {self.rows.at_least} regels in.")
        if len(value) > self.rows.at_most:
            raise ValidationError(f"Hier passen hoogstens {self.rows.at_most} regels.")
        schema, loaded, errors = self.inner(), [], {}
        for index, row in enumerate(value):
            try:
                loaded.append(schema.load(row))
            except ValidationError as error:
                errors[index] = error.messages
        if errors:
            raise ValidationError(errors)
        return loaded


@lru_cache(maxsize=256)
def schema(form: Form) -> Schema:
    """The schema that judges prepared answers: every question present, None when empty, HIDDEN when it does not apply."""
    top: dict[str, Any] = {}
    inner: dict[str, dict[str, Any]] = {path: {} for path in form.rows}
    for field in form.fields.values():
        place, _, key = field.path.replace("[].", ".", 1).rpartition(".")
        (inner.setdefault(place, {}) if place else top)[key] = reader(field)
    for path, readers in inner.items():
        made = _made(readers)
        top[path] = _List(form.rows[path], made) if path in form.rows else fields.Nested(made)
    return _made(top)()


@lru_cache(maxsize=4096)
def reader(field: Field) -> _Answer:
    """Reads one answer to one question."""
    if field.type in ONE_OF:
        return _Choice(field)
    kinds: dict[str, type[_Answer]] = {
        "number": _Number,
        "checkbox": _Tick,
        "checklist": _Choices,
        "datetime": _Date,
        "time": _Time,
    }
    return kinds.get(field.type, _Text)(field)


def _made(readers: Mapping[str, Any]) -> type[Schema]:
    class Answers(Schema):
        error_messages = {"unknown": UNKNOWN, "type": NO_FIELDS}  # noqa: RUF012 - marshmallow reads it so

        class Meta:
            unknown = RAISE

    made: type[Schema] = Answers.from_dict(dict(readers), name="Answers")
    return made


def day_of(value: Any) -> date | None:
    """A day as people write it (``3-11-2026``) or as a browser sends it (``2026-11-03``); None for anything else."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    dutch = _DUTCH_DATE.fullmatch(text)
    try:
        if dutch:
            return date(int(dutch[3]), int(dutch[2]), int(dutch[1]))
        return date.fromisoformat(text) if _ISO_DATE.fullmatch(text) else None
    except ValueError:
        return None


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text.removeprefix("^").removesuffix("$"), re.ASCII)


def _between(low: float, high: float) -> str:
    if high >= LARGEST:
        return f"Vul een getal in van {_dutch(low)} of meer." if low > -LARGEST else NO_NUMBER
    return (
        f"Vul een getal in van {_dutch(low)} tot en met {_dutch(high)}."
        if low > -LARGEST
        else f"Vul een getal in tot en met {_dutch(high)}."
    )


def _step(value: Any) -> Decimal | None:
    try:
        step = Decimal(str(value)) if value not in (None, "") else Decimal(0)
    except ArithmeticError:
        return None
    return step if step > 0 else None


def _dutch(number: float | Decimal) -> str:
    return f"{number:f}".rstrip("0").rstrip(".").replace(".", ",") if number % 1 else f"{number:.0f}"


def _limit(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else otherwise


def _bound(value: Any, otherwise: float) -> float:
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else otherwise
    return number if math.isfinite(number) else otherwise


def _days(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and re.fullmatch(r"-?\d{1,5}", text) else otherwise
