"""Bundles: the published set of diagrams, decision tables and forms."""

from __future__ import annotations

from api import schemas
from api.auth import actor
from api.doors import Answer, door
from api.doors import blueprint as group
from api.transactions import reading
from workflows import diagrams

blueprint = group("bundles", "Bundels: de gepubliceerde processen, beslistabellen en formulieren.")


@door(
    blueprint,
    "GET",
    "/bundles/current",
    summary="De bundel waarmee nieuwe casussen beginnen",
    gives=schemas.BundleOut,
    refuses=(404,),
)
def get_current_bundle() -> Answer:
    with reading() as session:
        actor()
        bundle = diagrams.load(session, diagrams.current(session))
        shown = {
            "digest": bundle.digest,
            "processes": sorted(bundle.processes),
            "decisions": sorted(bundle.decisions),
            "forms": sorted(bundle.forms),
        }
        return schemas.BundleOut().dump(shown), 200, {}
