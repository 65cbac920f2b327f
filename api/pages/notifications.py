"""What somebody hears of: the list behind the bell, and where and when mail comes about it."""

from __future__ import annotations

from uuid import UUID

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api import auth, letters
from api.pages import shown
from api.pages.account import Errors, stands_of, wrong_password
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.transactions import local_date, now, reading, transaction
from workflows import method, notifications, organisations, settings
from workflows.errors import Invalid, NotFound, WrongState
from workflows.notifications import MailWish, NotificationKind

#: What the list says, as a sentence of its own.
SAID: dict[str, str] = {
    NotificationKind.OWN_TASK: "Er staat een taak klaar in een casus die u vasthoudt",
    NotificationKind.TEAM_TASK: "Er staat een taak klaar voor uw team",
    NotificationKind.HANDED: "Een collega gaf u een taak",
    NotificationKind.LAPSED: "Een taak van u is terug bij uw team. Wat u typte, is bewaard",
    NotificationKind.NEARLY_LATE: "Een taak is bijna te laat",
    NotificationKind.LATE: "Een taak is te laat",
    NotificationKind.HANDOVER: "Iemand biedt uw team een casus aan",
    NotificationKind.HANDOVER_WAITS: "Een overdracht van uw team heeft nog geen antwoord",
    NotificationKind.HANDOVER_TAKEN: "Een overdracht van uw team is aangenomen",
    NotificationKind.HANDOVER_BACK: "Een overdracht van uw team is terug. U houdt de casus vast",
    NotificationKind.HANDOVER_MET: "De ontvanger van een overdracht sprak het gezin",
    NotificationKind.COMMENT: "Een collega schreef een opmerking bij een casus",
    NotificationKind.ALARM: "Er viel iets op in het logboek",
    NotificationKind.WEBHOOK_PAUSED: "Een koppeling met een ander programma staat stil: er kwam niets meer aan",
    NotificationKind.CERTIFICATE_ENDS: "Een certificaat geldt niet lang meer",
    NotificationKind.REPAIR_ASKED: "Een collega in het beheer wacht op u: bevestig een herstel, of wijs het af",
    NotificationKind.ACCESS_REVIEW: "Kijk na of iedereen de rol die hij heeft, nog nodig heeft",
}
#: What one chooses about.
KINDS: dict[str, str] = {
    NotificationKind.OWN_TASK: "Een taak in een casus die ik vasthoud",
    NotificationKind.TEAM_TASK: "Een taak voor mijn team",
    NotificationKind.HANDED: "Een collega geeft mij een taak",
    NotificationKind.LAPSED: "Een taak van mij gaat terug naar het team",
    NotificationKind.NEARLY_LATE: "Een taak is bijna te laat",
    NotificationKind.LATE: "Een taak is te laat",
    NotificationKind.HANDOVER: "Iemand biedt mijn team een casus aan",
    NotificationKind.HANDOVER_WAITS: "Een overdracht van mij heeft nog geen antwoord",
    NotificationKind.HANDOVER_TAKEN: "Een overdracht van mij is aangenomen",
    NotificationKind.HANDOVER_BACK: "Een overdracht van mij komt terug",
    NotificationKind.HANDOVER_MET: "De ontvanger van mijn overdracht sprak het gezin",
    NotificationKind.COMMENT: "Een opmerking bij een casus van mij",
    NotificationKind.ALARM: "Iets valt op in het logboek",
    NotificationKind.WEBHOOK_PAUSED: "Een koppeling met een ander programma staat stil",
    NotificationKind.CERTIFICATE_ENDS: "Een certificaat geldt niet lang meer",
    NotificationKind.REPAIR_ASKED: "Een collega in het beheer vraagt mij een herstel te bevestigen",
    NotificationKind.ACCESS_REVIEW: "Nakijken wie welke rol nog nodig heeft",
}
WISHES: dict[str, str] = {
    MailWish.DIRECT: "Meteen",
    MailWish.DAILY: "Eén keer per dag",
    MailWish.NONE: "Niet",
}


@pages.get("/meldingen")
def notification_list() -> str:
    with reading() as session:
        by = known(session)
        found = method.notification_list(session, by=by, at=now())
        names = shown.Names(session)
        rows = [
            {
                "id": one.id,
                "said": SAID[one.kind],
                "name": one.name,
                "municipality": names.municipality(one.municipality_code) if one.municipality_code else "",
                "at": one.at,
                "read": one.read,
                "opens": one.target is not None,
            }
            for one in found
        ]
        return render(
            "notifications.html",
            unread=[row for row in rows if not row["read"]],
            earlier=[row for row in rows if row["read"]],
        )


@pages.post("/meldingen/<uuid:notification_id>")
def open_notification(notification_id: UUID) -> Response:
    """Read it and go where it leads; that page asks for itself who may see it."""
    with transaction() as session:
        by = known(session)
        one = method.read_notification(session, notification_id, by=by, at=now())
    if one.target == "task":
        return redirect(url_for("pages.task", task_id=one.target_id), 303)
    if one.target == "case":
        return redirect(f"{url_for('pages.case', case_id=one.target_id)}#opmerkingen", 303)
    if one.target == "alarm":
        return redirect(url_for("pages.log_alarm", alarm_id=one.target_id), 303)
    if one.target == "webhook":
        return redirect(url_for("pages.webhook_page", webhook_id=one.target_id), 303)
    if one.target == "organisation":
        return redirect(url_for("pages.organisation_page", organisation_id=one.target_id), 303)
    if one.target == "access_review":
        return redirect(url_for("pages.access_review", review_id=one.target_id), 303)
    if one.target == "repair":
        return redirect(f"{url_for('pages.desk_page')}#bevestigen", 303)
    if one.target == "person":  # a certificate of one's own
        flash("Vraag uw beheerder het nieuwe certificaat in te vullen als u het heeft.", "ok")
        return redirect(url_for("pages.account_page"), 303)
    flash("Dit kunt u niet meer openen.", "warning")
    return redirect(url_for("pages.notification_list"), 303)


@pages.post("/meldingen/gelezen")
def read_all_notifications() -> Response:
    with transaction() as session:
        method.read_all_notifications(session, by=known(session), at=now())
    flash("Alles is gelezen.", "ok")
    return redirect(url_for("pages.notification_list"), 303)


# --- mail


@pages.get("/account/mail")
def mail_page() -> str:
    return _page()


@pages.post("/account/mail")
def set_mail_address() -> Response:
    """A new address, or a new code for the same one; asks the password, for who may read this mail may see where work waits."""
    if not auth.settings().mails_people:
        raise NotFound("no mail leaves this installation")
    typed = request.form.get("address", "").strip()[:254]
    if errors := wrong_password():
        return make_response(_page(errors, typed=typed), 400)
    try:
        with transaction() as session:
            by = known(session)
            notifications.set_address(session, stands_of(session).account_id, typed, by=by, at=now())
    except Invalid as refusal:
        return make_response(_page(refusal.errors, typed=typed), 400)
    except WrongState as refusal:
        return make_response(_page({"address": [refusal.detail]}, typed=typed), 409)
    flash("We sturen een code naar dit adres. Vul die hieronder in.", "ok")
    return redirect(url_for("pages.mail_page"), 303)


@pages.post("/account/mail/code")
def confirm_mail_address() -> Response:
    try:
        with transaction() as session:
            by = known(session)
            right = notifications.confirm_address(
                session, stands_of(session).account_id, request.form.get("code", ""), by=by, at=now()
            )
    except WrongState as refusal:
        return make_response(_page({"code": [refusal.detail]}), 409)
    if not right:
        return make_response(_page({"code": ["Dit is niet de code uit de mail. Kijk hem nog eens na."]}), 400)
    flash("Uw mailadres klopt. Kies nu waarover u mail wilt.", "ok")
    return redirect(url_for("pages.mail_page"), 303)


@pages.post("/account/mail/keuzes")
def choose_mail() -> Response:
    wishes = {kind: request.form[kind] for kind in KINDS if kind in request.form}
    try:
        with transaction() as session:
            by = known(session)
            notifications.choose_wishes(session, stands_of(session).account_id, wishes, by=by, at=now())
    except Invalid as refusal:
        return make_response(_page(refusal.errors), 400)
    except WrongState as refusal:  # mail was turned off meanwhile, in another tab
        flash(refusal.detail, "warning")
        return redirect(url_for("pages.mail_page"), 303)
    flash("Uw keuzes zijn bewaard.", "ok")
    return redirect(url_for("pages.mail_page"), 303)


@pages.post("/account/mail/uit")
def stop_mail() -> Response:
    try:
        with transaction() as session:
            notifications.forget_address(session, stands_of(session).account_id, by=known(session), at=now())
    except WrongState:
        flash("Er ging al geen mail naar u.", "ok")  # pressed twice
    else:
        flash("U krijgt geen mail meer. Uw adres is weggehaald.", "ok")
    return redirect(url_for("pages.mail_page"), 303)


@pages.get("/demo/mail")
def demo_mail() -> str:
    """What the demo would have mailed, to whomever; there is no such page where people work.

    Raises:
        NotFound: this is not the demo.
    """
    installed = auth.settings()
    if not installed.is_demo or installed.smtp_host:
        raise NotFound("no demo")
    with reading() as session:
        known(session)
        return render("demo_mail.html", mails=letters.kept(installed.demo_mail))


def _page(errors: Errors | None = None, *, typed: str = "") -> str:
    installed = auth.settings()
    with reading() as session:
        by, stands = known(session), stands_of(session)
        roles = organisations.assignments_of(session, stands.person_id, on=local_date())
        return render(
            "mail.html",
            stands=stands,
            prover=auth.prover(session),
            mail=notifications.mail_standing(session, stands.account_id, by=by, at=now()),
            mails_people=installed.mails_people,
            demo_mail=installed.is_demo and not installed.smtp_host,
            errors=errors or {},
            typed=typed,
            kinds=[(kind, KINDS[kind]) for kind in notifications.offered({one.role for one in roles} | {by.role})],
            wishes=WISHES,
            hour=settings.get(session, "notifications.digest_hour", on=local_date()),
        )
