"""Reading forms from a bundle and cleaning what people typed. The doors only render; nothing else validates answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from marshmallow import ValidationError

from engine.errors import EngineError
from engine.expressions import evaluate
from workflows import texts
from workflows.errors import Invalid, NotFound
from workflows.forms.model import Answers, Choices, Field, Form, faults, read_form
from workflows.forms.rules import Left, carried
from workflows.forms.schema import HIDDEN, LARGEST, UNKNOWN, offered, reader, schema, today

if TYPE_CHECKING:
    from engine.bundle import Bundle

MAX_VALUES: Final = 5_000
"""Keys and list items in one set of answers; more is no person's work."""
MAX_DEPTH: Final = 6
"""Deeper than any form nests."""
TOO_MUCH: Final = "Dit is meer dan het formulier aankan. Stuur alleen de velden van het formulier."
UNREADABLE: Final = "Hier staat een teken dat we niet kunnen bewaren. Typ de tekst opnieuw."

_ROUNDS = 8
_NAME = re.compile(r"[a-z0-9_]{1,80}(?:\[\d{1,6}\])?(?:\.[a-z0-9_]{1,80})?", re.ASCII)
_forms: dict[tuple[str, str], Form] = {}


def definition(bundle: Bundle, key: str) -> Form:
    """The form of a bundle; the same object each time.

    Raises:
        NotFound: the bundle has no such form.
        Invalid: the form has faults, such as a field about safety that decides.
    """
    known = _forms.get((bundle.digest, key))
    if known is None:
        drawn = bundle.forms.get(key)
        if drawn is None:
            raise NotFound(f"bundle {bundle.digest[:12]} has no form {key}")
        wrong = faults(key, drawn)
        if wrong:
            raise Invalid(f"form {key} of bundle {bundle.digest[:12]} cannot be used", errors={key: wrong})
        if len(_forms) >= 512:
            _forms.clear()
        known = _forms[bundle.digest, key] = read_form(key, bundle.digest, drawn)
    return known


def problems(bundle: Bundle) -> list[str]:
    """Why forms of this bundle cannot be used, in Dutch; asked before a bundle is published."""
    return [fault for key in sorted(bundle.forms) for fault in faults(key, bundle.forms[key])]


def clean(
    form: Form,
    raw: Mapping[str, Any],
    *,
    partial: bool = False,
    on: date | None = None,
    choices: Choices | None = None,
) -> Answers:
    """Answers that can be kept: known fields of the right kind, without what does not apply or was left empty.

    Args:
        partial: a draft. Everything that belongs to the form is kept as typed, also what is hidden or not right yet.
        on: local day of answering; dates that a form wants near it are only compared when it is given.
        choices: for questions whose choices are handed in. A set that is not among them has no choices at all.

    Raises:
        Invalid: with every fault of every field, as ``contacts[0].date``; ``_`` stands for the form as a whole.
    """
    _measure(raw)
    if partial:
        return _draft(form, raw)
    errors: dict[str, list[str]] = {}
    _look(raw, "", errors)
    token = today.set(on)
    try:
        with _offering(choices):
            loaded = schema(form).load(_prepared(form, raw))
    except ValidationError as error:
        loaded = {}
        _tell(error.messages, "", errors)
    finally:
        today.reset(token)
    if errors:
        raise Invalid(f"answers to form {form.key} were refused in {len(errors)} places", errors=errors)
    answers: Answers = _filled(loaded)
    return answers


def carry(
    old: Form, new: Form, raw: Mapping[str, Any], *, words: Callable[[Field, object], str] = Field.label_of
) -> tuple[Answers, Left]:
    """What was typed in one version of a form, as a draft of another: answers that have a place there, and the rest in
    words, by path.

    Args:
        words: how an answer reads.

    Raises:
        Invalid: more or deeper than any form.
    """
    _measure(raw)
    answers, left = carried(old, new, raw, words=words)
    return clean(new, answers, partial=True), {
        path: (mended(asked), mended(said)) for path, (asked, said) in left.items()
    }


def hidden(form: Form, raw: Mapping[str, Any], *, choices: Choices | None = None) -> frozenset[str]:
    """Paths of questions and lists that do not apply to these answers, for whoever renders the form.

    Questions inside a list are judged with their list: a row that hides its own question is the schema's concern.
    A choice that is not among the *choices* handed in counts as no answer.
    """
    with _offering(choices):
        gone = _gone(form, raw)
        context = _context(form, raw, gone)
    lists = {path for path, rows in form.rows.items() if _holds(rows.hide, context)}
    inside = {path for path in form.fields if path.split("[]", 1)[0] in lists}
    return frozenset(gone | lists | inside)


def from_pairs(form: Form, pairs: Iterable[tuple[str, str]]) -> Answers:
    """The answers of an HTML form: names such as ``phase``, ``contacts[0].date``, ``positive_health.participation``.

    A checklist repeats its name. Rows keep their order and close up. A name that does not belong to the form comes
    back as it is, so that ``clean`` refuses it. Line ends become a single newline.
    """
    answers: Answers = {}
    rows: dict[str, dict[int, dict[str, Any]]] = {}
    groups: dict[str, dict[str, Any]] = {}
    for name, text in pairs:
        field = form.field_at(name) if _NAME.fullmatch(name) and "[]" not in name else None
        place, key = answers, name
        if field is not None and "[]" in field.path:
            path, _, rest = name.partition("[")
            index, _, key = rest.partition("].")
            place = rows.setdefault(path, {}).setdefault(int(index), {})
        elif field is not None and "." in name:
            path, _, key = name.partition(".")
            place = groups.setdefault(path, {})
        value = text.replace("\r\n", "\n")
        if field is not None and field.type == "checklist":
            place.setdefault(key, []).append(value)
        else:
            place[key] = value
    answers |= groups
    answers |= {path: [by_index[index] for index in sorted(by_index)] for path, by_index in rows.items()}
    return answers


@contextmanager
def _offering(choices: Choices | None) -> Iterator[None]:
    token = offered.set(choices or {})
    try:
        yield
    finally:
        offered.reset(token)


# --- size and letters of what came in


def _measure(raw: object) -> None:
    """Refuse what no person typed, without recursion: depth and size are the caller's choice."""
    if not isinstance(raw, Mapping):
        raise Invalid("answers are no mapping", errors={"_": ["Stuur de antwoorden als velden met een waarde."]})
    count, level = 0, [raw]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for each in level:
            count += len(each)
            if count > MAX_VALUES:
                raise Invalid(f"answers hold more than {MAX_VALUES} values", errors={"_": [TOO_MUCH]})
            values = each.values() if isinstance(each, Mapping) else each
            below += [value for value in values if isinstance(value, Mapping | list)]
        if not below:
            return
        level = below
    raise Invalid(f"answers are nested deeper than {MAX_DEPTH}", errors={"_": [TOO_MUCH]})


def _look(raw: Any, path: str, errors: dict[str, list[str]]) -> None:
    if isinstance(raw, Mapping):
        for key, value in raw.items():
            _look(value, _under(path, key), errors)
    elif isinstance(raw, list):
        for index, value in enumerate(raw):
            _look(value, f"{path}[{index}]", errors)
    elif isinstance(raw, str) and texts.BROKEN.search(raw):
        errors.setdefault(path, []).append(UNREADABLE)


def _under(path: str, key: object) -> str:
    if isinstance(key, int):
        return f"{path}[{key}]"
    shown = texts.BROKEN.sub("\ufffd", str(key))[:60]
    return f"{path}.{shown}" if path else shown


def _tell(messages: Any, path: str, errors: dict[str, list[str]]) -> None:
    if isinstance(messages, Mapping):
        for key, below in messages.items():
            _tell(below, path if key == "_schema" else _under(path, key), errors)
    else:
        told = errors.setdefault(path or "_", [])
        told += [str(message) for message in messages if str(message) not in told]


def _draft(form: Form, raw: Mapping[str, Any]) -> Answers:
    tops = {path.split("[]", 1)[0].split(".", 1)[0] for path in [*form.fields, *form.rows]}
    errors = {_under("", key): [UNKNOWN] for key in raw if key not in tops}
    if errors:
        raise Invalid(f"a draft of form {form.key} holds unknown fields", errors=errors)
    return {key: mended(value) for key, value in raw.items()}


def mended(value: Any) -> Any:
    """What was typed, in a shape that every database keeps."""
    if isinstance(value, Mapping):
        return {texts.BROKEN.sub("\ufffd", str(key))[:200]: mended(each) for key, each in value.items()}
    if isinstance(value, list):
        return [mended(each) for each in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if -LARGEST < value < LARGEST else "te groot getal"
    return texts.BROKEN.sub("\ufffd", str(value))


# --- which questions apply


def _gone(form: Form, raw: Mapping[str, Any]) -> set[str]:
    """Questions outside lists that do not apply. A hidden answer counts as empty for the next condition.

    Conditions that chase each other stop after a few rounds.
    """
    asked = [field for field in form.fields.values() if field.hide and "[]" not in field.path]
    gone: set[str] = set()
    for _ in range(_ROUNDS):
        context = _context(form, raw, gone)
        now = {field.path for field in asked if _holds(field.hide, context)}
        if now == gone:
            break
        gone = now
    return gone


def _context(form: Form, raw: Mapping[str, Any], gone: set[str]) -> dict[str, Any]:
    """What conditions read: every question of the form, typed; empty ones as null, [] or false."""
    context: dict[str, Any] = {}
    for path in form.rows:
        given = raw.get(path)
        context[path] = [row for row in given if isinstance(row, Mapping)] if isinstance(given, list) else []
    for field in form.fields.values():
        if "[]" in field.path:
            continue
        place, values = context, raw
        group, _, key = field.path.rpartition(".")
        if group:
            below = raw.get(group)
            place, values = context.setdefault(group, {}), below if isinstance(below, Mapping) else {}
        place[key] = _nothing(field) if field.path in gone else _said(field, values.get(key))
    return context


def _said(field: Field, value: Any) -> Any:
    try:
        said = reader(field).deserialize(value)
    except ValidationError:
        return _nothing(field)
    return _nothing(field) if said is None else said


def _nothing(field: Field) -> Any:
    return [] if field.type == "checklist" else False if field.type == "checkbox" else None


def _holds(conditions: Iterable[str], context: Mapping[str, Any]) -> bool:
    """Whether one of the conditions is true. One that gives no answer hides nothing: rather ask once too often."""
    for text in conditions:
        try:
            if evaluate(text, context) is True:
                return True
        except EngineError:
            continue
    return False


def _prepared(form: Form, raw: Mapping[str, Any]) -> dict[str, Any]:
    """What the schema must judge: applying questions present (None when empty), others HIDDEN, unknown keys untouched."""
    gone = _gone(form, raw)
    context = _context(form, raw, gone)
    prepared = dict(raw)
    for path, rows in form.rows.items():
        given = raw.get(path)
        if _holds(rows.hide, context):
            prepared[path] = HIDDEN
        elif isinstance(given, list):
            prepared[path] = [_row(form, context, path, row) for row in given if not _blank(row)]
        elif _blank(given):
            prepared[path] = []
    for field in form.fields.values():
        if "[]" in field.path:
            continue
        group, _, key = field.path.rpartition(".")
        if group and isinstance(prepared.get(group), Mapping):
            prepared[group] = dict(prepared[group])
        elif group and _blank(prepared.get(group)):
            prepared[group] = {}
        place = prepared[group] if group else prepared
        if isinstance(place, dict):
            place[key] = HIDDEN if field.path in gone else place.get(key)
    return prepared


def _row(form: Form, context: Mapping[str, Any], path: str, row: Any) -> Any:
    if not isinstance(row, Mapping):
        return row
    asked = [field for field in form.fields.values() if field.path.startswith(f"{path}[].")]
    here = {**context, **{field.key: _said(field, row.get(field.key)) for field in asked}}
    prepared = dict(row)
    for field in asked:
        prepared[field.key] = HIDDEN if _holds(field.hide, here) else row.get(field.key)
    return prepared


def _blank(value: Any) -> bool:
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, Mapping):
        return all(_blank(each) for each in value.values())
    if isinstance(value, list):
        return all(_blank(each) for each in value)
    return value is None


def _filled(value: Any) -> Any:
    """Without what was left empty; an unticked box is an answer."""
    if isinstance(value, Mapping):
        kept = {key: _filled(each) for key, each in value.items()}
        return {key: each for key, each in kept.items() if each is not None and each not in ([], {})}
    return [_filled(each) for each in value] if isinstance(value, list) else value
