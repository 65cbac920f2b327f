"""A region to try things out in: clearly fictitious organisations, people and families. Only under ``steun demo``.

Knows no query and no process: what happened is played with the verbs that the doors call.
"""

from api.demo.codes import code_for, secret_of
from api.demo.filling import KnownPasswords, NotADemo, fill, is_demo, refuse_demo, require_demo
from api.demo.hats import HATS, Hat, HatGroup
from api.demo.parents import PARENTS, DemoParent
from api.demo.region import COST, ORGANISATIONS, PASSWORD, PEOPLE, DemoOrganisation, DemoPerson, accounts

__all__ = [
    "COST",
    "HATS",
    "ORGANISATIONS",
    "PARENTS",
    "PASSWORD",
    "PEOPLE",
    "DemoOrganisation",
    "DemoParent",
    "DemoPerson",
    "Hat",
    "HatGroup",
    "KnownPasswords",
    "NotADemo",
    "accounts",
    "code_for",
    "fill",
    "is_demo",
    "refuse_demo",
    "require_demo",
    "secret_of",
]
