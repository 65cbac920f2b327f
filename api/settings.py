"""The settings of the region and of its municipalities, in sight of everybody who works with them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import url_for
from marshmallow import Schema, fields, validate

from api.auth import actor
from api.doors import Answer, door, once
from api.doors import blueprint as group
from api.schemas import Strict, a_text, an_id, an_instant, maybe_text
from api.transactions import local_date, now, reading, transaction
from workflows import method, organisations, settings
from workflows.errors import Invalid, NotFound

blueprint = group("settings", "Instellingen: de getallen van de methode, met hun bron.")

_MUNICIPALITY = validate.Regexp(r"^GM\d{4}$", error="Geef een CBS-code, bijvoorbeeld GM0983.")


class SettingsQuery(Strict):
    municipality = a_text("Zoals het geldt in deze gemeente (CBS-code); zonder: in de regio.", validate=_MUNICIPALITY)


class SettingIn(Strict):
    name = a_text("Naam van de instelling.", required=True, validate=validate.Length(1, 80))
    value = fields.Raw(required=True, metadata={"description": "Een getal, een tekst of een termijn."})
    municipality_code = a_text("Alleen voor deze gemeente (CBS-code).", validate=_MUNICIPALITY)
    valid_from = fields.Date(metadata={"description": "Eerste dag waarop het geldt; zonder: vandaag."})
    valid_to = fields.Date(metadata={"description": "Laatste dag; zonder: tot er iets anders geldt."})
    tag = a_text(
        "Hoe vast het staat: [I] voorstel, [B] besluit.",
        required=True,
        validate=validate.OneOf(method.TAGS, error="Kies uit: {choices}."),
    )
    source = a_text("Wie dit besloot, of waar het staat.", required=True, validate=validate.Length(1, 500))


class SettingOut(Schema):
    id = an_id("Kenmerk.", required=True)
    name = a_text("Naam van de instelling.", required=True)
    value = fields.Raw(required=True, metadata={"description": "Waarde."})
    municipality_code = maybe_text("Alleen voor deze gemeente (CBS-code); anders de regio.")
    valid_from = fields.Date(required=True, metadata={"description": "Eerste dag."})
    valid_to = fields.Date(allow_none=True, metadata={"description": "Laatste dag."})
    tag = a_text("Hoe vast het staat.", required=True)
    source = a_text("Wie dit besloot, of waar het staat.", required=True)
    set_by = an_id("Wie het instelde.", allow_none=True)
    set_at = an_instant("Wanneer het werd ingesteld.", required=True)


class ListedSettingOut(Schema):
    name = fields.String(attribute="definition.name", required=True, metadata={"description": "Naam."})
    description = fields.String(
        attribute="definition.description", required=True, metadata={"description": "Waar het voor is."}
    )
    value = fields.Raw(required=True, metadata={"description": "De waarde die vandaag geldt."})
    tag = a_text("Hoe vast het staat.", required=True)
    source = a_text("Bron.", required=True)
    set = fields.Nested(
        SettingOut,
        attribute="row",
        allow_none=True,
        metadata={"description": "Wie dit instelde, en sinds wanneer; leeg: zoals meegeleverd."},
    )
    history = fields.List(
        fields.Nested(SettingOut), metadata={"description": "Wat ooit is ingesteld, het nieuwste eerst."}
    )


class SettingListOut(Schema):
    items = fields.List(fields.Nested(ListedSettingOut), required=True)


@door(
    blueprint,
    "GET",
    "/settings",
    summary="Instellingen",
    description="Elke instelling zoals ze vandaag geldt, met hoe vast ze staat, haar bron en haar geschiedenis.",
    query=SettingsQuery,
    gives=SettingListOut,
)
def list_settings(query: dict[str, Any]) -> Answer:
    with reading() as session:
        actor()
        municipality = query.get("municipality")
        if municipality is not None:
            try:
                organisations.municipality(session, municipality)
            except NotFound as unknown:
                errors = {"municipality": ["Deze gemeente hoort niet bij de regio."]}
                raise Invalid(f"no municipality {municipality}", errors=errors) from unknown
        found = settings.listing(session, municipality=municipality, on=local_date())
        return SettingListOut().dump({"items": found}), 200, {}


@door(
    blueprint,
    "POST",
    "/settings",
    summary="Een instelling veranderen",
    description="Vanaf vandaag of een latere dag; lopende termijnen gaan op die dag mee. Wat eerder gold, blijft bewaard.",
    body=SettingIn,
    gives=SettingOut,
    status=201,
    refuses=(403,),
)
def change_setting(body: dict[str, Any]) -> Answer:
    with transaction() as session:
        by = actor()

        def do() -> tuple[UUID, dict[str, Any]]:
            setting = method.change_setting(
                session,
                body["name"],
                body["value"],
                municipality=body.get("municipality_code"),
                valid_from=body.get("valid_from") or local_date(),
                valid_to=body.get("valid_to"),
                tag=body["tag"],
                source=body["source"],
                by=by,
                at=now(),
            )
            return setting.id, SettingOut().dump(setting)

        def again(found: UUID | None) -> dict[str, Any]:
            row = session.get(settings.Setting, found)
            if row is None:
                raise NotFound(f"no setting {found}")
            shown: dict[str, Any] = SettingOut().dump(row)
            return shown

        return once(session, by=by, do=do, again=again, location=lambda _: url_for("settings.list_settings"))
