"""Reads pages and sends their forms as a browser without JavaScript does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse

from tests.builders import CHEAP, PASSWORD, ParentLogin
from tests.workflows.path import World
from workflows import accounts, organisations
from workflows.accounts import Factor
from workflows.actor import OPERATOR, Actor

Answers = Mapping[str, Any]


def flat(answers: Answers, prefix: str = "") -> dict[str, list[str]]:
    """Answers as the fields of a form: ``contacts[0].date``, ticked boxes as ``true``."""
    found: dict[str, list[str]] = {}
    for key, value in answers.items():
        if isinstance(value, Mapping):
            found.update(flat(value, f"{prefix}{key}."))
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for index, row in enumerate(value):
                found.update(flat(row, f"{prefix}{key}[{index}]."))
        elif isinstance(value, list):
            found[prefix + key] = [str(one) for one in value]
        elif isinstance(value, bool):
            found[prefix + key] = ["true"] if value else []
        elif value is not None:
            found[prefix + key] = [str(value)]
    return found


class Reader:
    """Somebody with a browser: reads the last page, follows links, fills in and sends forms."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.response: TestResponse | None = None
        self.path = ""

    def open(self, path: str, *, status: int = 200) -> Reader:
        self._keep(self.client.get(path, follow_redirects=True), status)
        return self

    def send(self, action: str, *, status: int = 200, button: str | None = None, **answers: Any) -> Reader:
        """Send the form whose address ends with *action*; *answers* replace what stands in it.

        ``button`` presses one that sends the form elsewhere: the text of its name and value, e.g. ``add:contacts``.
        """
        fields, address = self.fields(action), action
        given = flat(answers.pop("answers", {})) | {name: [str(value)] for name, value in answers.items()}
        for name, values in given.items():
            fields[name] = values
        if button is not None:
            pressed = self.tree.xpath("//button[@value=$v]", v=button)[0]
            address = pressed.get("formaction").split("#")[0]
            fields["_do"] = [button]
        else:
            address = self.form(action).get("action")
        self._keep(self.client.post(address, data=fields, follow_redirects=True), status)
        return self

    def form(self, action: str) -> Any:
        addresses = [(form, form.get("action") or "") for form in self.tree.forms]
        found = [
            form for form, address in addresses if address.endswith(action) or address.split("?")[0].endswith(action)
        ]
        assert found, f"no form to {action} on {self.path}"
        return found[0]

    def fields(self, action: str) -> dict[str, list[str]]:
        """What a browser would send of this form now."""
        found: dict[str, list[str]] = {}
        for name, value in _pairs(self.form(action)):
            found.setdefault(name, []).append(value)
        return found

    @property
    def tree(self) -> Any:
        return html.fromstring(self.response.get_data(as_text=True))

    @property
    def text(self) -> str:
        """What there is to read, outside the header."""
        return " ".join(self.tree.xpath("//main")[0].text_content().split())

    @property
    def title(self) -> str:
        return str(self.tree.findtext(".//title")).removesuffix(" · Steun op Maat")

    @property
    def errors(self) -> list[str]:
        return [" ".join(link.text_content().split()) for link in self.tree.xpath("//*[@id='fouten']//li")]

    def values(self, name: str) -> list[str]:
        """What stands in a field: its text, or what is ticked."""
        return [value for form in self.tree.forms for key, value in _pairs(form) if key == name]

    def task_id(self) -> str:
        return re.search(r"/taken/([0-9a-f-]{36})", self.path)[1]

    def _keep(self, response: TestResponse, status: int) -> None:
        self.response = response
        self.path = urlsplit(response.request.path).path
        assert response.status_code == status, (
            f"{response.status_code} at {self.path}: {response.get_data(as_text=True)[-1500:]}"
        )


def _pairs(form: Any) -> list[tuple[str, str]]:
    """As a browser reads it: the line end right after ``<textarea>`` is not part of the text."""
    areas = set(form.xpath(".//textarea/@name"))
    pairs = [(name, value.removeprefix("\n") if name in areas else value) for name, value in form.form_values()]
    for field in form.xpath("//*[@form=$id][@name]", id=form.get("id", "-")):  # of the form, and elsewhere on the page
        if field.tag == "textarea":
            pairs.append((field.name, (field.text or "").removeprefix("\n")))
        elif field.tag == "input":
            pairs.append((field.name, field.value or ""))
    return pairs


def confirmed_session(world: World, login: str) -> str | None:
    """The secret of a session that was confirmed with a second factor, for who works in a role that asks for one."""
    at = world.clock()
    with world.database.writing() as session:
        found = accounts.account_of(session, login, by=OPERATOR, at=at)
        role = organisations.assignments_of(session, found.person_id, on=at.date())[0]
        if role.role not in accounts.SECOND_FACTOR_ROLES:
            return None
        return accounts.sign_in(session, found, assignment_id=role.id, factor=Factor.TOTP, at=at)


def parent_session(world: World, parent: ParentLogin) -> str:
    """The secret of a session of a parent that was confirmed with a second factor, for the cookie ``steun-mijn``."""
    with world.database.writing() as session:
        assert parent.actor.person_id is not None
        found = accounts.parent_account(session, parent.actor.person_id)
        return accounts.sign_in_parent(session, found, factor=Factor.TOTP, at=world.clock())


def account(world: World, who: Actor, login: str) -> None:
    """A way for somebody of the region to log in, with the password of all tests."""
    with world.database.writing() as session:
        accounts.create_account(
            session, person_id=who.person_id, login=login, password=PASSWORD, by=OPERATOR, at=world.clock(), cost=CHEAP
        )
