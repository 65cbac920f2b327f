"""What there is to talk about with this family: the municipality's pathways, and interventions by the decision table.

Asked outside the machine, whenever somebody looks: nothing of it is kept. Everything shown follows from what the asker
may read anyway, so that a suggestion never tells what an answer did not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.clock import gestational_age_days, local_date
from engine.decisions import Decision
from engine.errors import ExpressionFailed
from workflows import diagrams, directory, dossier, families, processes, signals
from workflows.access import Readable
from workflows.actor import Actor
from workflows.cases import Case, Phase
from workflows.directory import PathwayOnDay, PathwayStatus
from workflows.errors import NotFound
from workflows.families import MemberKind
from workflows.method.views import Advice, MemberView, OfferView, PathwayAdvice, Suggestion
from workflows.processes import Scalar

#: Forms with which advice is shown.
ADVISED = frozenset({"routing", "exploration", "support_plan"})
DECISION = "interventie_indicatie"

#: Hit policies that give an answer per rule that holds, in the order of the table.
_AS_DRAWN = frozenset({"COLLECT", "RULE ORDER"})

#: Where each fact about a family is asked, per form; a later entry goes before an earlier one.
_THEMES = {"signal": "risk_categories", "taking_over": "risk_categories", "routing": "themes"}
_THEMES_AFTER = ("themes_after", "risk_categories_after")
_LEVELS = {
    "signal": "vulnerability_level",
    "taking_over": "vulnerability_level",
    "exploration": "vulnerability_level_after",
    "evaluation": "vulnerability_level_now",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What somebody may know of a family, as far as advice hangs on it. None: not known, or not to this reader."""

    phase: str | None = None
    due_date: date | None = None
    parity: int | None = None
    vulnerability_level: str | None = None
    youngest_born_on: date | None = None
    themes: frozenset[str] | None = None

    def facts(self, on: date) -> dict[str, Scalar]:
        """The names that the decision table reads, on a local day; all of them are always there."""
        pregnant = self.phase == Phase.PREGNANT and self.due_date is not None
        themes = self.themes
        return {
            "phase": self.phase,
            "gestational_weeks": _weeks(self.due_date, on) if pregnant and self.due_date else None,
            "parity": self.parity,
            "vulnerability_level": self.vulnerability_level,
            "child_age_months": None if self.youngest_born_on is None else _months(self.youngest_born_on, on),
            "theme_count": None if themes is None else len(themes),
            "substances": None if themes is None else _yes(directory.Theme.SUBSTANCES in themes),
            "child_development": None if themes is None else _yes(directory.Theme.CHILD in themes),
        }


@dataclass(frozen=True, slots=True)
class Indicated:
    """A rule of the table that holds."""

    code: str
    reason: str
    why: str


def indicate(table: Decision, facts: Mapping[str, Scalar]) -> tuple[Indicated, ...]:
    """What the table suggests for *facts*, in the order of its rules; of several rules for one intervention the first.

    Raises:
        ExpressionFailed: the table cannot be asked, e.g. because it reads a name that nobody gives.
    """
    answer = table.decide(facts)
    rows: list[dict[str, Any]] = answer.outputs if isinstance(answer.outputs, list) else [answer.outputs]
    said = {rule.id: rule.description for rule in table.rules}
    whys = [said[rule] for rule in answer.matched] if table.hit_policy in _AS_DRAWN else [""] * len(rows)
    found: dict[str, Indicated] = {}
    for row, why in zip(rows, whys, strict=False):
        code = row.get("intervention")
        if isinstance(code, str):
            found.setdefault(code, Indicated(code, str(row.get("reason") or ""), why))
    return tuple(found.values())


def suggestions(
    session: Session, case: Case, at: datetime, *, readable: Readable, by: Actor, members: Sequence[MemberView] = ()
) -> tuple[Suggestion, ...]:
    """Interventions to talk about, of those that can be had in the municipality of the case today.

    Args:
        members: of the family, as *by* may see them.

    Raises:
        ExpressionFailed: the table cannot be asked.
    """
    return _suggestions(session, case, known_of(session, case, members, readable=readable, by=by), at)


def advise(
    session: Session, case: Case, members: Sequence[MemberView], *, readable: Readable, by: Actor, at: datetime
) -> Advice:
    """Pathways and interventions for a task; what went wrong with the table is told, and never in the way of the task."""
    on, code = local_date(at), case.municipality_code
    if code is None:
        return Advice(None, on)
    known = known_of(session, case, members, readable=readable, by=by)
    themes = known.themes or frozenset()
    shown = [
        found for found in directory.pathways_for(session, themes, code, on) if found.status != PathwayStatus.CONCEPT
    ]
    missing = themes - {found.pathway.theme for found in shown}
    try:
        interventions, unreadable = _suggestions(session, case, known, at), False
    except ExpressionFailed:
        interventions, unreadable = (), True
    return Advice(
        municipality_code=code,
        on=on,
        pathways=tuple(_pathway(found) for found in shown),
        missing=tuple(theme for theme in directory.Theme if theme in missing),
        interventions=interventions,
        unreadable=unreadable,
    )


def pathway_current(session: Session, case: Case, answers: Mapping[str, Any], *, at: datetime) -> str:
    """What routing may know of the directory: ``yes`` when the one theme of a signal has a current pathway."""
    theme = _only(signals.themes_of(answers.get("risk_categories") or ()))
    if theme is None or case.municipality_code is None:
        return "no"
    return _yes(directory.pathway_is_current(session, theme, case.municipality_code, local_date(at)))


def ask_for_pathway(session: Session, case: Case, *, at: datetime) -> None:
    """The pathway that this family needed was not there or not current: ask the editor for it, without a word about
    the family. Only when the route is chosen: before the family agreed to share, nobody outside hears anything."""
    _, ticked = dossier.latest_values(session, case_id=case.id, form_key="signal", field="risk_categories")
    theme, code, on = _only(signals.themes_of(ticked)), case.municipality_code, local_date(at)
    if theme is None or code is None or directory.pathway_is_current(session, theme, code, on):
        return
    directory.report_missing(session, theme, code, on=on)


def known_of(session: Session, case: Case, members: Sequence[MemberView], *, readable: Readable, by: Actor) -> Known:
    """What *by* may know of the family; the youngest child, and of each answer the newest that *by* may read."""
    themes: frozenset[str] | None = None
    level: str | None = None
    due_date_read = parity_read = False
    for entry in dossier.entries(session, case_id=case.id, readable=readable, by=by):
        if entry.superseded:
            continue
        read: dict[str, list[Any]] = {}
        for value in entry.values:
            read.setdefault(value.field, []).append(value.value)
        newer = _themes(entry.form_key, read)
        themes = themes if newer is None else newer
        level = next(iter(read.get(_LEVELS.get(entry.form_key, ""), ())), None) or level
        due_date_read = due_date_read or "due_date" in read
        parity_read = parity_read or "parity" in read
    pregnancy = None if case.family_id is None else families.current_pregnancy(session, case.family_id)
    due_date = None
    if pregnancy is not None and case.family_id is not None and due_date_read:
        due_date = families.current_due_date(session, case.family_id)
    born = [one.birth_date for one in members if one.kind == MemberKind.CHILD and one.birth_date is not None]
    return Known(
        phase=case.phase,
        due_date=due_date,
        parity=pregnancy.parity if pregnancy is not None and parity_read else None,
        vulnerability_level=level,
        youngest_born_on=max(born, default=None),
        themes=themes,
    )


def _suggestions(session: Session, case: Case, known: Known, at: datetime) -> tuple[Suggestion, ...]:
    on, table = local_date(at), _table(session, case)
    if table is None or case.municipality_code is None or case.is_closed or _falls_silent(session, case):
        return ()
    offered: dict[str, list[OfferView]] = {}
    for offer in directory.offers(session, case.municipality_code, on):
        view = OfferView(offer.organisation_id, offer.capacity, offer.referral_how)
        offered.setdefault(offer.intervention_code, []).append(view)
    if not offered:
        return ()
    catalogue = {one.code: one for one in directory.interventions(session)}
    return tuple(
        Suggestion(
            code=one.code,
            name=catalogue[one.code].name,
            description=catalogue[one.code].description,
            reason=one.reason,
            why=one.why,
            offers=tuple(offered[one.code]),
        )
        for one in indicate(table, known.facts(on))
        if one.code in offered
    )


def _falls_silent(session: Session, case: Case) -> bool:
    """After a loss nothing that has to do with birth or parenthood is offered by a machine."""
    return (
        case.family_id is not None
        and families.ended_in_loss(session, case.family_id)
        and families.current_pregnancy(session, case.family_id) is None
    )


def _table(session: Session, case: Case) -> Decision | None:
    """As in the bundle of the case; a case that began before there was such a table takes that of today."""
    run = processes.run_of(session, "case", case.id)
    pinned: Decision | None = diagrams.load(session, run.bundle_digest).decisions.get(DECISION)
    if pinned is not None:
        return pinned
    try:
        return diagrams.load(session, diagrams.current(session)).decisions.get(DECISION)
    except (NotFound, diagrams.NothingPublished):
        return None


def _themes(form_key: str, read: Mapping[str, list[Any]]) -> frozenset[str] | None:
    fields = _THEMES_AFTER if form_key == "exploration" else (_THEMES.get(form_key, ""),)
    for field in fields:
        if field not in read:
            continue
        found = [signals.THEMES.get(value, value) for value in read[field] if isinstance(value, str)]
        return frozenset(found) & frozenset(signals.THEMES.values())
    return None


def _pathway(found: PathwayOnDay) -> PathwayAdvice:
    one = found.pathway
    return PathwayAdvice(
        theme=one.theme,
        status=found.status,
        last_reviewed_on=one.last_reviewed_on,
        review_by=found.review_by,
        agreements_text=one.agreements_text,
        contact_name=one.contact_name,
        contact_phone=one.contact_phone,
        contact_mail=one.contact_mail,
        organisation_id=one.organisation_id,
        referral_how=one.referral_how,
        cost=one.cost,
        wait_time=one.wait_time,
        availability=one.availability,
        languages=one.languages,
    )


def _only(themes: frozenset[str]) -> str | None:
    return next(iter(themes)) if len(themes) == 1 else None


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"


def _weeks(due_date: date, on: date) -> int:
    return gestational_age_days(due_date, on) // 7


def _months(born_on: date, on: date) -> int:
    return max(0, (on.year - born_on.year) * 12 + on.month - born_on.month - (on.day < born_on.day))
