from __future__ import annotations

from uuid import UUID

from flask import Flask
from werkzeug.routing import IntegerConverter, Map, Rule, UUIDConverter

from api import routing


def test_an_address_is_the_one_that_werkzeug_makes(app: Flask) -> None:
    values = {IntegerConverter: 7, UUIDConverter: UUID(int=7)}
    ours = [rule for rule in app.url_map.iter_rules() if isinstance(rule, routing.Rule)]
    assert {rule.endpoint for rule in app.url_map.iter_rules()} - {rule.endpoint for rule in ours} == {"static"}
    for rule in ours:
        stock = Rule(rule.rule, endpoint=rule.endpoint, methods=rule.methods)
        Map([stock], converters=app.url_map.converters)
        given = {
            name: values.get(type(one)) or min(getattr(one, "items", ["een twee/é"]))
            for name, one in rule._converters.items()
        }

        for asked in (given, {**given, "page": "2 & 3", "self": "x", "rule": "y"}):
            assert rule.build(asked) == stock.build(asked) == rule.build(asked)
            assert rule.build(asked, append_unknown=False) == stock.build(asked, append_unknown=False)


def test_the_same_address_with_and_without_a_default_are_two() -> None:
    free = routing.Rule("/pages/<int:number>", endpoint="any")
    first = routing.Rule("/pages/<int:number>", endpoint="first", defaults={"number": 1})
    Map([free, first])

    assert free.build({"number": 2}) == ("", "/pages/2")
    assert first.build({}) == ("", "/pages/1")
    assert free.build({"number": 3}) == ("", "/pages/3")
