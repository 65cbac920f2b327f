"""A process at rest as bytes, and back: one line that says what it is, then JSON. Holds no specs and no history.

Ids, outcomes and instants only. What is written is what is alive: steps that wait, by the id of their element, with what they need
to go on. Format 1: ``["hoofdproces", digest, last key, scalars, [scope, …]]``; a scope is ``[key of its host or 0, [token, …]]``,
a token ``[key, element, key of the step it hangs on or 0, data]``. Data has one letter per fact: *o* opened, *d* due, *b* begun,
*r* rounds left, *i* item, *n* instances, *k* instances done, *q* items to come, *v* via which flow, *x* race, *w* held before.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import orjson

from engine.elements import Element, Instances, Join, Repeated, SubProcess, UserTask
from engine.errors import EngineError, Scalar, StateUnreadable
from engine.events import Catch
from engine.specs import Library
from engine.tokens import Machine, Scope, Terms, Token

FORMAT: Final = 1
#: Release of the engine that writes this; a later one may have to know.
RELEASE: Final = "0.1"
#: Far above any real state; keeps a hostile one from costing memory.
LARGEST: Final = 1_000_000
_MAGIC: Final = b"STEUN"
_WHOLE: Final = frozenset("odbrnkxw")


def dump(machine: Machine) -> bytes:
    """The state of a machine at rest. The same state gives the same bytes."""
    scopes = [_scope(0, machine), *(_scope(key, scope) for key, scope in machine.subprocesses.items())]
    deciding = machine.plans.bundle.deciding  # These are there anyway, null until set.
    scalars = {name: value for name, value in machine.scalars.items() if value is not None or name not in deciding}
    body = orjson.dumps(
        [machine.spec.process_id, machine.plans.bundle.digest, machine.last_key, scalars, scopes],
        option=orjson.OPT_SORT_KEYS,
    )
    return b"%s %d %s %08x\n%s" % (_MAGIC, FORMAT, RELEASE.encode(), zlib.crc32(body), body)


def load(state: bytes, find: Callable[[str], Library], *, now: datetime, terms: Terms) -> Machine:
    """The machine a state was dumped from, on the shared specs of its bundle.

    Args:
        find: the library of a digest; raises StateUnreadable when there is none.

    Raises:
        StateUnreadable: damaged, of an unknown version, or not of this bundle.
    """
    try:
        process_id, digest, last_key, scalars, scopes = orjson.loads(_body(state))
        library = find(digest)
        machine = Machine(library, library.level(process_id, None), now=now, terms=terms)
        machine.last_key = _whole(last_key)
        machine.scalars.update({_text(name): _scalar(value) for name, value in scalars.items()})
        tokens: dict[int, Token] = {}
        for order, (host_key, rows) in enumerate(scopes):
            _fill(machine if order == 0 else _open(machine, tokens[_whole(host_key)]), rows, tokens)
        _complete(machine)
        return machine
    except StateUnreadable:
        raise
    except (EngineError, ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError) as error:
        raise StateUnreadable("de bewaarde stand is beschadigd of hoort niet bij deze bundel") from error


def _scope(key: int, scope: Scope) -> list[Any]:
    return [key, [_row(token) for token in scope.tasks.values()]]


def _row(token: Token) -> list[Any]:
    row: list[Any] = [token.id, token.task_spec.name, token._parent or 0]
    return [*row, token.internal_data] if token.internal_data else row


def _body(state: bytes) -> bytes:
    if not isinstance(state, bytes) or len(state) > LARGEST:
        raise StateUnreadable("de bewaarde stand is geen stand van dit programma")
    head, _, body = state.partition(b"\n")
    words = head.split(b" ")
    if len(words) != 4 or words[0] != _MAGIC:
        raise StateUnreadable("de bewaarde stand is geen stand van dit programma")
    if words[1] != b"%d" % FORMAT:
        raise StateUnreadable("de bewaarde stand is van een versie die dit programma niet kent")
    if words[3] != b"%08x" % zlib.crc32(body):
        raise StateUnreadable("de bewaarde stand is beschadigd")
    return body


def _open(machine: Machine, host: Token) -> Scope:
    element = host.task_spec
    if not isinstance(element, SubProcess) or host.id in machine.subprocesses:
        raise ValueError("a scope in a step that has none")
    return machine.open(host, element.inner(host), host.workflow.items_at(host))


def _fill(scope: Scope, rows: list[Any], tokens: dict[int, Token]) -> None:
    for key, name, parent_key, *data in rows:
        if not 0 < _whole(key) <= scope.machine.last_key or key in tokens:
            raise ValueError("a key twice, or never given out")
        element: Element = scope.spec.task_specs[_text(name)]
        parent = scope.tasks[_whole(parent_key)] if parent_key else None
        if element.resting is None or not _hangs_well(element, parent):
            raise ValueError("a step that cannot wait there")
        token = tokens[key] = Token(scope, element, key, parent)
        token._state = element.resting
        for fact, value in (data[0] if data else {}).items():
            token.internal_data[fact] = _fact(fact, value)
        if not _needs(element) <= token.internal_data.keys():
            raise ValueError("a step without what it needs to go on")
        if element.joins and token.internal_data["v"] not in element.node.incoming:
            raise ValueError("a token that came along no flow of its join")


def _hangs_well(element: Element, parent: Token | None) -> bool:
    if parent is None:
        return not element.hangs
    host = parent.task_spec
    return element in host.boundary or (isinstance(host, Repeated) and host.inner is element)


def _needs(element: Element) -> set[str]:
    if isinstance(element, UserTask):
        return {"o"} if element.node.term is None else {"o", "d"}
    if isinstance(element, Join):
        return {"v"}
    if isinstance(element, Catch):
        return {"b", "d"} if element.event.timer is not None else set()
    if isinstance(element, Instances):
        return {"k", "n"}
    return {"k"} if isinstance(element, Repeated) else set()


def _complete(machine: Machine) -> None:
    """What hosts something has it; without, the process would wait for ever."""
    for token in machine.tokens():
        if isinstance(token.task_spec, SubProcess) and token.id not in machine.subprocesses:
            raise ValueError("a sub-process without its scope")
        if isinstance(token.task_spec, Repeated):
            inner = token.task_spec.inner
            if not any(token.workflow.tasks[key].task_spec is inner for key in token._children):
                raise ValueError("a repetition without an instance")
    for scope in machine.scopes():
        live = any(not token.task_spec.listens for token in scope.tasks.values())
        if scope is not machine and not live:
            raise ValueError("a scope in which nothing lives")
        scope.completed = not live


def _fact(name: str, value: Any) -> Any:
    if name == "q":
        return [_scalar(item) for item in _list(value)]
    if name == "v":
        return _text(value)
    if name == "i":
        return _scalar(value)
    if name not in _WHOLE:
        raise ValueError("a fact that this format does not have")
    return _whole(value)


def _scalar(value: Any) -> Scalar:
    if value is None or isinstance(value, str | int | float):
        return value
    raise ValueError("not a scalar")


def _whole(value: Any) -> int:
    # Instants further than a calendar goes would fail later, half-way.
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 253_370_764_800_000_000:
        return value
    raise ValueError("not a whole number")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise ValueError("not text")


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    raise ValueError("not a list")
