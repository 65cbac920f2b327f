"""How an address is made of a route. Knows Werkzeug's rules, and none of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug import routing

Builder = Callable[..., tuple[str, str]]
_BUILDERS: dict[tuple[tuple[tuple[bool, str], ...], bool], Builder] = {}


class Rule(routing.Rule):
    """Writes the function that makes its address when somebody first asks for the address, and once in a process. Werkzeug
    compiles two of them for each of our five hundred routes as soon as a route is known: nine tenths of making an application."""

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        if self.defaults:  # they are written into the function
            return super()._compile_builder(append_unknown)
        key = (tuple(self._trace), append_unknown)

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            made = _BUILDERS.get(key)
            if made is None:
                made = _BUILDERS[key] = super(Rule, rule)._compile_builder(append_unknown)
            return made(rule, **values)

        return build
