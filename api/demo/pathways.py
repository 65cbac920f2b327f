"""What the Wegwijzer of the demo region says: some municipalities keep it up to date, one has not looked for a year."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from api.demo.region import HORST, ROERMOND, VENLO, VENRAY, WEERT, Region
from api.transactions import local_date
from workflows import directory

if TYPE_CHECKING:
    from workflows.db import Session

#: Theme → what was agreed, who helps (key of an organisation), and how one gets there.
_PATHWAYS = {
    "money": (
        "Bij schulden in de zwangerschap is er binnen een week een gesprek.",
        "schakel",
        "Bel samen met de ouder. Neem de laatste brieven mee.",
    ),
    "substances": (
        "Wie wil stoppen met roken krijgt een coach, ook de partner.",
        "anker",
        "Meld aan met toestemming van de ouder.",
    ),
    "mental": (
        "Bij somberheid kijkt een psycholoog mee, zonder verwijzing.",
        "ggz",
        "Overleg eerst zonder naam. Daarna belt de ouder zelf of samen met u.",
    ),
    "language": (
        "Taalles in kleine groepen, met opvang voor kinderen.",
        "taalhuis",
        "Loop binnen op woensdagochtend.",
    ),
}
#: Where, and how many days ago somebody last looked whether it is right.
_REVIEWED = {VENLO: 40, ROERMOND: 90, WEERT: 420, VENRAY: 20, HORST: 150}
_INTERVENTIONS = ("VZ", "SO", "PHB", "RVG")


def write_pathways(session: Session, region: Region, *, at: datetime) -> None:
    """An editor of the region writes them down."""
    editor = region.who("ed")
    for municipality, days in _REVIEWED.items():
        for theme, (agreements, helper, how) in _PATHWAYS.items():
            directory.put_pathway(
                session,
                municipality=municipality,
                theme=theme,
                content={
                    "agreements_text": agreements,
                    "contact_name": "Het aanspreekpunt (fictief)",
                    "contact_phone": "000 000 00 00",
                    "organisation_id": region.organisations[helper],
                    "referral_how": how,
                    "cost": "Gratis",
                    "wait_time": "Ongeveer twee weken",
                    "availability": "available",
                },
                version=0,
                reviewed=True,
                by=editor,
                at=at - timedelta(days=days),
            )
    for municipality in _REVIEWED:
        for code in _INTERVENTIONS:
            directory.put_offer(
                session,
                municipality=municipality,
                intervention=code,
                valid_from=local_date(at - timedelta(days=300)),
                referral_how="Via de jeugdverpleegkundige.",
                by=editor,
                at=at - timedelta(days=300),
            )
