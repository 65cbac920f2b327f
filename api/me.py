"""Who you are, for which organisation and in which role."""

from __future__ import annotations

from api import schemas
from api.auth import actor
from api.doors import Answer, door
from api.doors import blueprint as group
from api.problems import Unauthenticated
from api.transactions import local_date, reading
from workflows import organisations

blueprint = group("me", "Wie u bent.")


@door(blueprint, "GET", "/me", summary="Wie u bent en namens wie u handelt", gives=schemas.MeOut)
def get_me() -> Answer:
    with reading() as session:
        by = actor()
        if by.person_id is None:
            raise Unauthenticated("no person")
        assignments = organisations.assignments_of(session, by.person_id, on=local_date())
        shown = {
            "person_id": by.person_id,
            "display_name": organisations.person(session, by.person_id).display_name,
            "acting_as": next(a for a in assignments if a.id == by.assignment_id),
            "assignments": assignments,
        }
        return schemas.MeOut().dump(shown), 200, {}
