"""A form that is being completed, as the function that owns it gets it. Rooms' functions import this; it imports none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflows import forms
from workflows.actor import Actor
from workflows.cases import Case
from workflows.dossier import Entry
from workflows.errors import Invalid
from workflows.processes import Scalar, Task


@dataclass(frozen=True, slots=True)
class Completing:
    """A form that is being completed: clean answers, already kept as *entry*. ``case`` is None for other subjects."""

    session: Session
    task: Task
    case: Case | None
    form: forms.Form
    answers: Mapping[str, Any]
    entry: Entry
    by: Actor
    at: datetime
    opened: list[Task] = field(default_factory=list)
    """Tasks that the contract itself asks for, beside what is drawn."""
    afterwards: list[Callable[[], object]] = field(default_factory=list)
    """What the contract does when the machine has gone on, e.g. taking the next task from who may not have it any more."""

    @property
    def the_case(self) -> Case:
        """The case; a form that needs one and is used elsewhere is a mistake in the diagram."""
        if self.case is None:
            raise Invalid(f"form {self.form.key} needs a case", detail="Dit formulier hoort bij een casus.")
        return self.case


#: Does what the form is for, and returns what it derives for the process to decide on.
Contract = Callable[[Completing], Mapping[str, Scalar]]
