"""People, organisations, who holds what, and access for programs."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import click

from api import transactions
from api.cli.base import as_json, main, opened, organisation_named, say, settings_of
from api.cli.language import _
from api.pages import words
from api.pages.unwatched import unwatched_words
from workflows import accounts, method, organisations
from workflows.actor import OPERATOR
from workflows.organisations import Role


@main.group()
def user() -> None:
    """Mensen en hun accounts."""


@user.command("add")
@click.option("--login", required=True, help="Gebruikersnaam.")
@click.option("--name", required=True, help="Naam zoals collega's die zien.")
@click.option("--organisation", required=True, help="Naam of kenmerk van de organisatie.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]), help="Rol in die organisatie.")
@click.option("--area", "areas", multiple=True, help="Gemeente (CBS-code); zonder deze optie het hele werkgebied.")
@as_json
def add_user(login: str, name: str, organisation: str, role: str, areas: tuple[str, ...], machine: bool) -> None:
    """Voeg iemand toe met een rol en een account. Met de activeringscode kiest diegene zelf een wachtwoord, op /activeren."""
    settings = settings_of()
    at = transactions.system_clock()
    with opened(settings).writing() as session:
        person = organisations.add_person(session, display_name=name, by=OPERATOR, at=at)
        assignment = organisations.assign_role(
            session,
            person_id=person.id,
            organisation_id=organisation_named(session, organisation),
            role=role,
            areas=areas,
            valid_from=transactions.local_date(at),
            by=OPERATOR,
            at=at,
        )
        account = accounts.create_account(
            session, person_id=person.id, login=login, by=OPERATOR, at=at, cost=settings.argon2
        )
        issued = accounts.issue_activation(session, account.id, by=OPERATOR, at=at, cost=settings.argon2)
    if machine:
        data = {"person_id": str(person.id), "assignment_id": str(assignment.id), **_told(issued)}
        click.echo(json.dumps(data))
        return
    click.echo(_("Toegevoegd. Kenmerk van de rol: {id}", id=assignment.id))
    click.echo(_handed_over(issued))


@user.command("list")
@click.option("--organisation", metavar="NAAM", help="Alleen mensen van deze organisatie.")
@as_json
def list_users(organisation: str | None, machine: bool) -> None:
    """Wie werkt hier nu, in welke rol en tot wanneer; met het kenmerk van de rol, voor een token."""
    at = transactions.system_clock()
    items: list[dict[str, Any]] = []
    with opened(settings_of()).reading() as session:
        wanted = None if organisation is None else organisation_named(session, organisation)
        for each in organisations.organisations(session):
            if wanted not in (None, each.id):
                continue
            for person, role in organisations.roles_at(session, each.id, on=transactions.local_date(at)):
                logins = [one.login for one in accounts.accounts_of(session, person.id, by=OPERATOR, at=at)]
                items.append(
                    {
                        "organisation": each.name,
                        "name": person.display_name,
                        "person_id": str(person.id),
                        "logins": logins,
                        "role": role.role,
                        "assignment_id": str(role.id),
                        "until": role.valid_to,
                    }
                )
    lines = [
        f"{one['organisation']}: {one['name']} ({', '.join(one['logins'])}), {words.ROLES[one['role']]}, {one['assignment_id']}"
        for one in items
    ]
    say(machine, {"items": items}, "\n".join(lines) or _("Er werkt nog niemand."))


@user.command("role")
@click.argument("login", metavar="GEBRUIKERSNAAM")
@click.option("--organisation", required=True, help="Naam of kenmerk van de organisatie.")
@click.option("--role", required=True, type=click.Choice([each.value for each in Role]), help="Rol.")
@click.option("--area", "areas", multiple=True, help="Gemeente (CBS-code); zonder geldt de rol overal waar ze werkt.")
@as_json
def add_role(login: str, organisation: str, role: str, areas: tuple[str, ...], machine: bool) -> None:
    """Geef iemand die al een account heeft er een rol bij, zoals logbeheerder."""
    at = transactions.system_clock()
    with opened(settings_of()).writing() as session:
        assignment = organisations.assign_role(
            session,
            person_id=accounts.account_of(session, login, by=OPERATOR, at=at).person_id,
            organisation_id=organisation_named(session, organisation),
            role=role,
            areas=areas,
            valid_from=transactions.local_date(at),
            by=OPERATOR,
            at=at,
        )
    click.echo(
        json.dumps({"assignment_id": str(assignment.id)}) if machine else _("De rol is gegeven: {id}", id=assignment.id)
    )


@user.command("invite")
@click.argument("login", metavar="GEBRUIKERSNAAM")
@as_json
def invite_user(login: str, machine: bool) -> None:
    """Geef iemand een nieuwe activeringscode: het wachtwoord en alle sessies vervallen meteen. Kijk eerst wie het vraagt."""
    settings = settings_of()
    at = transactions.system_clock()
    with opened(settings).writing() as session:
        account = accounts.account_of(session, login, by=OPERATOR, at=at)
        issued = accounts.issue_activation(session, account.id, by=OPERATOR, at=at, cost=settings.argon2)
    click.echo(json.dumps(_told(issued)) if machine else _handed_over(issued))


def _told(issued: accounts.Issued) -> dict[str, str]:
    return {"activation_code": issued.code, "activation_until": issued.expires_at.isoformat()}


def _handed_over(issued: accounts.Issued) -> str:
    return _(
        "Activeringscode: {code}\nTe gebruiken op /activeren, één keer, tot {moment}. Geef hem aan de persoon zelf.",
        code=issued.code,
        moment=words.moment(issued.expires_at),
    )


@user.command("end")
@click.argument("login", metavar="GEBRUIKERSNAAM")
@as_json
def end_user(login: str, machine: bool) -> None:
    """Meld iemand uit dienst: alle rollen en het account stoppen, taken en casussen gaan meteen terug naar het team."""
    at = transactions.system_clock()
    with opened(settings_of()).writing() as session:
        account = accounts.account_of(session, login, by=OPERATOR, at=at)
        left = method.deactivate_person(session, account.person_id, by=OPERATOR, at=at)
        if account.active:
            accounts.deactivate_account(session, account.id, by=OPERATOR, at=at)
    data = {"tasks": len(left.tasks), "cases": len(left.cases), "alarms": len(left.alarms)}
    if machine:
        click.echo(json.dumps(data))
        return
    click.echo(
        _(
            "Uit dienst. Terug naar het team: {tasks} taken en {cases} casussen.",
            tasks=data["tasks"],
            cases=data["cases"],
        )
    )
    if left.alarms:
        click.echo(
            _(
                "Bij {alarms} casussen is er niemand meer in het team. De procesregisseur heeft een taak gekregen.",
                alarms=data["alarms"],
            )
        )


@user.command("reset-code")
@click.argument("login", metavar="GEBRUIKERSNAAM")
@as_json
def reset_code(login: str, machine: bool) -> None:
    """Telefoon en herstelcodes kwijt: haal de extra controle weg en log de persoon overal uit. Kijk eerst wie het vraagt."""
    at = transactions.system_clock()
    with opened(settings_of()).writing() as session:
        account = accounts.account_of(session, login, by=OPERATOR, at=at)
        accounts.reset_second_factor(session, account.id, by=OPERATOR, at=at)
    told = _("De extra controle is weg. Bij het inloggen stelt de persoon haar opnieuw in.")
    say(machine, {"ok": True, "account_id": str(account.id)}, told)


@main.group()
def organisation() -> None:
    """Organisaties."""


@organisation.command("add")
@click.argument("name", metavar="NAAM")
@click.option(
    "--type",
    "kind",
    required=True,
    type=click.Choice([each.value for each in organisations.OrganisationType]),
    help="Soort.",
)
@click.option(
    "--domain", required=True, type=click.Choice([each.value for each in organisations.Domain]), help="Domein."
)
@click.option("--area", "areas", multiple=True, required=True, help="Gemeente (CBS-code) waar ze werkt.")
@click.option("--bsn/--no-bsn", "may_use_bsn", default=False, help="Of ze het BSN mag gebruiken.")
@as_json
def add_organisation(
    name: str, kind: str, domain: str, areas: tuple[str, ...], may_use_bsn: bool, machine: bool
) -> None:
    """Voeg een organisatie toe."""
    with opened(settings_of()).writing() as session:
        added = organisations.add_organisation(
            session,
            name=name,
            type=kind,
            domain=domain,
            areas=areas,
            may_use_bsn=may_use_bsn,
            by=OPERATOR,
            at=transactions.system_clock(),
        )
    say(machine, {"organisation_id": str(added.id)}, _("Toegevoegd. Kenmerk: {id}", id=added.id))


@organisation.command("list")
@as_json
def list_organisations(machine: bool) -> None:
    """Welke organisaties zijn er, van welke soort, en waar werken ze?"""
    with opened(settings_of()).reading() as session:
        items: list[dict[str, Any]] = [
            {
                "organisation_id": str(each.id),
                "name": each.name,
                "type": each.type,
                "domain": each.domain,
                "areas": sorted(area.municipality_code for area in each.work_areas),
                "may_use_bsn": each.may_use_bsn,
            }
            for each in organisations.organisations(session)
        ]
    lines = [f"{one['name']} ({one['type']}): {', '.join(one['areas'])}" for one in items]
    say(machine, {"items": items}, "\n".join(lines) or _("Er zijn nog geen organisaties."))


@organisation.command("change")
@click.argument("name", metavar="NAAM")
@click.option("--bsn/--no-bsn", "may_use_bsn", required=True, help="Of ze het BSN mag gebruiken, vanaf nu.")
@as_json
def change_organisation(name: str, may_use_bsn: bool, machine: bool) -> None:
    """Verander wat een organisatie mag: alleen zorg- en jeugdhulpaanbieders gebruiken het BSN."""
    with opened(settings_of()).writing() as session:
        found = organisation_named(session, name)
        organisations.set_may_use_bsn(session, found, may_use_bsn, by=OPERATOR, at=transactions.system_clock())
    told = _("Deze organisatie mag het BSN gebruiken.") if may_use_bsn else _("Deze organisatie ziet geen BSN meer.")
    say(machine, {"organisation_id": str(found), "may_use_bsn": may_use_bsn}, told)


@organisation.command("check")
@as_json
def check_organisations(machine: bool) -> None:
    """Is bij elke organisatie iemand logbeheerder, en zijn er genoeg mensen om te bevestigen en te antwoorden? Zo niet: code 1."""
    with opened(settings_of()).reading() as session:
        found = method.unwatched(session, by=OPERATOR, at=transactions.system_clock())
    if machine:
        keys = ("name", "active", "waiting", "dpo")
        items = [
            {
                "organisation_id": str(one.organisation_id),
                "gap": str(one.gap),
                **{key: getattr(one, key) for key in keys},
            }
            for one in found
        ]
        click.echo(json.dumps({"ok": not found, "items": items}, ensure_ascii=False))
    elif not found:
        click.echo(_("Bij elke organisatie is elke rol bezet die nodig is."))
    for one in () if machine else found:
        words_of = unwatched_words(one)
        click.echo(f"{one.name}: {' '.join(filter(None, (words_of.what, words_of.waits, words_of.do)))}")
    if found:
        click.get_current_context().exit(1)


@main.command("holders")
@as_json
def check_holders(machine: bool) -> None:
    """Houdt bij elke open casus iemand de casus vast die er nog werkt? Zo niet: code 1. Noemt nummers, geen gezinnen."""
    with opened(settings_of()).reading() as session:
        found = method.unheld(session, by=OPERATOR, at=transactions.system_clock())
        names = organisations.called(session, {one.organisation_id for one in found})
    items = [
        {
            "case_id": str(one.case_id),
            "number": one.number,
            "organisation": names.get(one.organisation_id) if one.organisation_id else None,
            "role": one.role,
            "fault": str(one.fault),
        }
        for one in found
    ]
    if machine:
        click.echo(json.dumps({"ok": not found, "items": items}, ensure_ascii=False))
    elif not found:
        click.echo(_("Elke open casus wordt vastgehouden door een team waar iemand is."))
    for one, item in () if machine else zip(found, items, strict=True):
        click.echo(
            f"{one.number}: {item['organisation']} ({words.ROLES.get(one.role or '', one.role)}). {method.WHY_UNHELD[one.fault]}"
        )
    if found:
        click.get_current_context().exit(1)


@main.group()
def token() -> None:
    """Toegangstokens voor programma's."""


@token.command("list")
@click.argument("login", metavar="GEBRUIKERSNAAM")
@as_json
def list_tokens(login: str, machine: bool) -> None:
    """Welke tokens geven nu toegang namens iemand, en tot wanneer?"""
    at = transactions.system_clock()
    with opened(settings_of()).reading() as session:
        account = accounts.account_of(session, login, by=OPERATOR, at=at)
        found = accounts.tokens_of(session, account.person_id, by=OPERATOR, at=at)
    items = [
        {
            "token_id": str(one.id),
            "label": one.label,
            "organisation": one.organisation,
            "role": one.role,
            "issued_at": one.issued_at,
            "expires_at": one.expires_at,
            "asleep": one.asleep,
        }
        for one in found
    ]
    lines = [
        _(
            "{id}  {label}: {organisation}, {role}, tot {moment}",
            id=one.id, label=one.label, organisation=one.organisation, role=words.ROLES[one.role],
            moment=words.moment(one.expires_at),
        )
        for one in found
    ]  # fmt: skip
    say(machine, {"items": items}, "\n".join(lines) or _("Er zijn geen tokens die nog toegang geven."))


@token.command("end")
@click.argument("token_id", metavar="ID", type=click.UUID)
@as_json
def end_token(token_id: UUID, machine: bool) -> None:
    """Maak een token meteen waardeloos, bijvoorbeeld als het op straat ligt."""
    with opened(settings_of()).writing() as session:
        accounts.revoke_token(session, token_id, by=OPERATOR, at=transactions.system_clock())
    say(machine, {"ok": True, "token_id": str(token_id)}, _("Dit token geeft geen toegang meer."))


@token.command("add")
@click.argument("label", metavar="WAARVOOR")
@click.option("--assignment", required=True, type=click.UUID, help="Kenmerk van de rol, uit `steun user add`.")
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True, help="Hoe lang het geldt.")
@click.option(
    "--second-factor",
    is_flag=True,
    help="Geldt als bevestigd met een code. Nodig voor een beheerder, logbeheerder of functionaris gegevensbescherming.",
)
@as_json
def add_token(label: str, assignment: UUID, days: int, second_factor: bool, machine: bool) -> None:
    """Geef een programma toegang namens iemand in een rol. Het token is maar één keer te zien."""
    at = transactions.system_clock()
    until = at + timedelta(days=days)
    with opened(settings_of()).writing() as session:
        secret = accounts.make_token(
            session,
            assignment_id=assignment,
            label=label,
            expires_at=until,
            second_factor=second_factor,
            by=OPERATOR,
            at=at,
        ).secret
    click.echo(json.dumps({"token": secret, "expires_at": until.isoformat()}) if machine else secret)
