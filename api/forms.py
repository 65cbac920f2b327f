"""Forms, at the exact version that an answer points at."""

from __future__ import annotations

from api import schemas
from api.auth import actor
from api.doors import Answer, door
from api.doors import blueprint as group
from api.transactions import reading
from workflows import diagrams, forms

blueprint = group("forms", "Formulieren, in de versie waarmee is geantwoord.")


@door(
    blueprint,
    "GET",
    "/forms/<string:digest>/<string:key>",
    summary="Eén formulier",
    gives=schemas.FormOut,
    refuses=(404,),
)
def get_form(digest: str, key: str) -> Answer:
    with reading() as session:
        actor()
        form = forms.definition(diagrams.load(session, digest), key)
        return schemas.FormOut().dump(form), 200, {}
