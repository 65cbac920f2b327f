"""The directory: pathways per municipality and theme, interventions, and where these can be had."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import url_for
from marshmallow import Schema, fields, validate

from api.auth import actor
from api.bodies import etag
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.schemas import PathwayAdviceOut, Strict, a_number, a_text, a_truth, an_id, an_instant, some_texts
from api.transactions import local_date, now, reading, transaction
from workflows import directory
from workflows.directory import Availability, PathwayOnDay
from workflows.errors import NotFound

blueprint = group("directory", "De wegwijzer: zorgpaden en interventies per gemeente.")

_MUNICIPALITY = validate.Regexp(r"^GM\d{4}$", error="Geef een CBS-code, bijvoorbeeld GM0983.")
_ROOM = validate.OneOf([one.value for one in Availability], error="Kies uit: {choices}.")


def _at_most(most: int) -> validate.Length:
    return validate.Length(max=most, error="Geef ten hoogste {max} tekens.")


def a_day(description: str, **options: Any) -> fields.Date:
    return fields.Date(metadata={"description": description}, **options)


class PathwaysQuery(Strict):
    municipality = a_text("Gemeente (CBS-code).", required=True, validate=_MUNICIPALITY)
    theme = a_text("Alleen dit thema.", validate=validate.Length(1, 20))


class MunicipalityQuery(Strict):
    municipality = a_text("Gemeente (CBS-code).", required=True, validate=_MUNICIPALITY)


class PathwayIn(Strict):
    agreements_text = a_text("Wat er is afgesproken en welke steun er is.", validate=_at_most(4000))
    contact_name = a_text("Contactpersoon.", validate=_at_most(120))
    contact_phone = a_text("Telefoonnummer.", validate=_at_most(40))
    contact_mail = a_text("E-mailadres.", validate=_at_most(120))
    organisation_id = an_id("Organisatie die de steun geeft.", allow_none=True)
    referral_how = a_text("Hoe u verwijst.", validate=_at_most(2000))
    cost = a_text("Wat het kost voor het gezin.", validate=_at_most(500))
    wait_time = a_text("Wachttijd, in woorden.", validate=_at_most(120))
    availability = a_text("Of er plek is.", validate=_ROOM)
    languages = a_text("Talen, tolk, makkelijk lezen.", validate=_at_most(500))
    review_every_months = a_number(
        "Om de hoeveel maanden het wordt nagekeken; leeg: zoals de regio afsprak.",
        allow_none=True,
        validate=validate.Range(1, 60, error="Geef een getal van {min} tot en met {max}."),
    )
    reviewed = a_truth("Of u alles hebt nagekeken en het vandaag klopt.", load_default=False)


class PathwayOut(PathwayAdviceOut):
    municipality_code = a_text("Gemeente (CBS-code).", required=True)
    review_every_months = a_number("Om de hoeveel maanden, als dat voor dit zorgpad anders is.", allow_none=True)
    owner_id = an_id("Wie erover gaat.", allow_none=True)
    version = a_number("Versie, voor If-Match.", required=True)


class PathwayListOut(Schema):
    items = fields.List(fields.Nested(PathwayOut), required=True)
    may_edit = a_truth("Of u in deze gemeente zorgpaden en aanbod bijhoudt.", required=True)


class PathwayVersionOut(Schema):
    version = a_number("Versie.", required=True)
    agreements_text = a_text("Wat er was afgesproken.")
    contact_name = a_text("Contactpersoon.")
    last_reviewed_on = a_day("Wanneer het voor het laatst was nagekeken.", allow_none=True)
    valid_from = an_instant("Sinds wanneer het er zo stond.", required=True)
    valid_to = an_instant("Tot wanneer; leeg: nu.", allow_none=True)


class PathwayVersionListOut(Schema):
    items = fields.List(fields.Nested(PathwayVersionOut), required=True)


class InterventionOut(Schema):
    code = a_text("Code.", required=True)
    name = a_text("Naam.", required=True)
    phases = some_texts("Fasen van een gezin waarvoor het bedoeld is.")
    description = a_text("Wat het is.")
    source = a_text("Waar het beschreven staat.")


class InterventionListOut(Schema):
    items = fields.List(fields.Nested(InterventionOut), required=True)


class OfferChangeIn(Strict):
    intervention = a_text("Code van de interventie.", required=True, validate=validate.Length(1, 8))
    organisation_id = an_id("Organisatie die het aanbiedt.", allow_none=True, load_default=None)
    valid_from = a_day("Eerste dag.", required=True)
    valid_to = a_day("Laatste dag; leeg: tot nader bericht.", allow_none=True, load_default=None)
    capacity = a_text("Of er plek is.", validate=_ROOM, load_default=Availability.AVAILABLE.value)
    referral_how = a_text("Hoe u verwijst.", validate=_at_most(2000), load_default="")


class OfferIn(OfferChangeIn):
    municipality = a_text("Gemeente (CBS-code).", required=True, validate=_MUNICIPALITY)


class EndingIn(Strict):
    valid_to = a_day("Laatste dag waarop het er nog is.", required=True)


class OfferOut(Schema):
    id = an_id("Kenmerk.", required=True)
    intervention_code = a_text("Code van de interventie.", required=True)
    municipality_code = a_text("Gemeente (CBS-code).", required=True)
    organisation_id = an_id("Organisatie die het aanbiedt.", allow_none=True)
    valid_from = a_day("Eerste dag.", required=True)
    valid_to = a_day("Laatste dag; leeg: tot nader bericht.", allow_none=True)
    capacity = a_text("Of er plek is: available, waiting_list of full.", required=True)
    referral_how = a_text("Hoe u verwijst.")
    version = a_number("Versie, voor If-Match.", required=True)


class OfferListOut(Schema):
    items = fields.List(fields.Nested(OfferOut), required=True)


class NoticeOut(Schema):
    theme = a_text("Thema.", required=True)
    municipality_code = a_text("Gemeente (CBS-code).", required=True)
    opened_on = a_day("Sinds welke dag.", required=True)


class NoticeListOut(Schema):
    items = fields.List(fields.Nested(NoticeOut), required=True)


@door(
    blueprint,
    "GET",
    "/pathways",
    summary="Zorgpaden van een gemeente",
    description="Met de dag waarop ze het laatst zijn nagekeken. Een zorgpad kan verouderd zijn of nog een concept.",
    query=PathwaysQuery,
    gives=PathwayListOut,
)
def list_pathways(query: dict[str, Any]) -> Answer:
    code, theme = query["municipality"], query.get("theme")
    with reading() as session:
        by = actor()
        found = directory.pathways_for(session, None if theme is None else (theme,), code, local_date())
        shown = {
            "items": [_flat(one) for one in found],
            "may_edit": directory.may_edit(session, code, by=by),
        }
        return PathwayListOut().dump(shown), 200, {}


@door(
    blueprint,
    "GET",
    "/pathways/<string:municipality_code>/<string:theme>",
    summary="Eén zorgpad",
    gives=PathwayOut,
    refuses=(404,),
    versioned=True,
)
def get_pathway(municipality_code: str, theme: str) -> Answer:
    with reading() as session:
        actor()
        shown = _pathway(session, municipality_code, theme)
        return shown, 200, etag(shown["version"])


@door(
    blueprint,
    "PUT",
    "/pathways/<string:municipality_code>/<string:theme>",
    summary="Zorgpad schrijven",
    description='De vorige versie blijft bewaard. Is er nog geen zorgpad, geef dan If-Match: "0".',
    body=PathwayIn,
    gives=PathwayOut,
    refuses=(403, 404, 409),
    versioned=True,
    needs_version=True,
)
def put_pathway(municipality_code: str, theme: str, version: int, body: dict[str, Any]) -> Answer:
    reviewed = body.pop("reviewed")
    with transaction() as session:
        directory.put_pathway(
            session,
            municipality=municipality_code,
            theme=theme,
            content=body,
            version=version,
            reviewed=reviewed,
            by=actor(),
            at=now(),
        )
        shown = _pathway(session, municipality_code, theme)
        return shown, 200, etag(shown["version"])


@door(
    blueprint,
    "GET",
    "/pathways/<string:municipality_code>/<string:theme>/versions",
    summary="Eerdere versies van een zorgpad",
    description="De nieuwste eerst.",
    gives=PathwayVersionListOut,
)
def list_pathway_versions(municipality_code: str, theme: str) -> Answer:
    with reading() as session:
        actor()
        found = directory.versions(session, municipality_code, theme)
        return PathwayVersionListOut().dump({"items": found}), 200, {}


@door(
    blueprint,
    "POST",
    "/pathways/<string:municipality_code>/<string:theme>/confirmations",
    summary="Zeggen dat een zorgpad vandaag klopt",
    description="U zegt het van de versie die u las.",
    gives=PathwayOut,
    status=201,
    refuses=(403, 404),
    versioned=True,
    needs_version=True,
)
def confirm_pathway(municipality_code: str, theme: str, version: int) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            kept = directory.confirm_pathway(
                session, municipality=municipality_code, theme=theme, version=version, by=by, at=now()
            )
            return kept.id, _pathway(session, municipality_code, theme)

        def location(_: UUID | None) -> str:
            return url_for("directory.get_pathway", municipality_code=municipality_code, theme=theme)

        return once(
            session, by=by, do=do, again=lambda _: _pathway(session, municipality_code, theme), location=location
        )


@door(blueprint, "GET", "/interventions", summary="Interventies", gives=InterventionListOut)
def list_interventions() -> Answer:
    with reading() as session:
        actor()
        return InterventionListOut().dump({"items": directory.interventions(session)}), 200, {}


@door(
    blueprint,
    "GET",
    "/offers",
    summary="Aanbod van een gemeente",
    description="Welke interventies er zijn, waren of komen.",
    query=MunicipalityQuery,
    gives=OfferListOut,
)
def list_offers(query: dict[str, Any]) -> Answer:
    with reading() as session:
        actor()
        return OfferListOut().dump({"items": directory.all_offers(session, query["municipality"])}), 200, {}


@door(
    blueprint,
    "POST",
    "/offers",
    summary="Aanbod toevoegen",
    body=OfferIn,
    gives=OfferOut,
    status=201,
    refuses=(403, 404),
    versioned=True,
)
def add_offer(body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            kept = directory.put_offer(session, **body, by=by, at=now())
            return kept.id, OfferOut().dump(kept)

        return once(session, by=by, do=do, again=lambda found: _offer(session, found), location=_offer_address)


@door(
    blueprint,
    "GET",
    "/offers/<uuid:offer_id>",
    summary="Eén aanbod",
    gives=OfferOut,
    refuses=(404,),
    versioned=True,
)
def get_offer(offer_id: UUID) -> Answer:
    with reading() as session:
        actor()
        shown = _offer(session, offer_id)
        return shown, 200, etag(shown["version"])


@door(
    blueprint,
    "PUT",
    "/offers/<uuid:offer_id>",
    summary="Aanbod wijzigen",
    description="Bijvoorbeeld dat het vol is. De gemeente blijft dezelfde.",
    body=OfferChangeIn,
    gives=OfferOut,
    refuses=(403, 404, 409),
    versioned=True,
    needs_version=True,
)
def change_offer(offer_id: UUID, version: int, body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()
        code = directory.offer(session, offer_id).municipality_code
        kept = directory.put_offer(
            session, **body, municipality=code, offer_id=offer_id, version=version, by=by, at=now()
        )
        return OfferOut().dump(kept), 200, etag(kept.version)


@door(
    blueprint,
    "POST",
    "/offers/<uuid:offer_id>/endings",
    summary="Aanbod stoppen",
    body=EndingIn,
    gives=OfferOut,
    status=201,
    refuses=(403, 404),
    versioned=True,
    needs_version=True,
)
def end_offer(offer_id: UUID, version: int, body: dict[str, date]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            kept = directory.end_offer(session, offer_id, on=body["valid_to"], version=version, by=by, at=now())
            return kept.id, OfferOut().dump(kept)

        return once(session, by=by, do=do, again=lambda found: _offer(session, found), location=_offer_address)


@door(
    blueprint,
    "GET",
    "/pathway-notices",
    summary="Zorgpaden die gemist werden",
    description="Voor wie de wegwijzer van deze gemeente bijhoudt. Er staat niets in over een gezin.",
    query=MunicipalityQuery,
    gives=NoticeListOut,
    refuses=(403, 404),
)
def list_notices(query: dict[str, Any]) -> Answer:
    with reading() as session:
        found = directory.notices(session, query["municipality"], by=actor(), at=now())
        return NoticeListOut().dump({"items": found}), 200, {}


def _pathway(session: Any, municipality: str, theme: str) -> dict[str, Any]:
    shown: dict[str, Any] = PathwayOut().dump(_flat(directory.pathway(session, municipality, theme, local_date())))
    return shown


def _flat(found: PathwayOnDay) -> dict[str, Any]:
    one = found.pathway
    kept = {name: getattr(one, name) for name in PathwayOut().fields if hasattr(one, name)}
    return {**kept, "status": found.status, "review_by": found.review_by}


def _offer(session: Any, offer_id: UUID | None) -> dict[str, Any]:
    if offer_id is None:
        raise NotFound("no offer")
    shown: dict[str, Any] = OfferOut().dump(directory.offer(session, offer_id))
    return shown


def _offer_address(offer_id: UUID | None) -> str:
    return url_for("directory.get_offer", offer_id=offer_id)
