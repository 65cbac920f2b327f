"""Mijn werk: what one has and what the team can take, by when it is due; picking up, giving back and passing on, one or several."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from api import refusals
from api.pages import absences, desk, handovers, hub_places, shown, undoing, words
from api.pages.blueprint import pages, render
from api.pages.people import known
from api.pages.unwatched import Count, count
from api.transactions import local_date, now, reading, transaction
from workflows import method, organisations, processes
from workflows.errors import Invalid, NotFound, Refusal, WrongState

if TYPE_CHECKING:
    from workflows.actor import Actor
    from workflows.db import Session

#: Tasks on one page of what one has, and of what the team can take.
OWN_SIZE, POOL_SIZE = 50, 25
#: How many are done at once, how many of them are told about one by one when they could not, and how many can be chosen.
_MOST, _TOLD, _CHOSEN = 50, 5, 200
#: Filter of the room → its name in the address.
FILTERS = {"municipality": "gemeente", "phase": "fase", "form_key": "soort", "due": "termijn", "is_new": "nieuw"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One filter with what it can be, and what it is."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    value: str

    @property
    def word(self) -> str:
        """Its name in the address."""
        return FILTERS[self.name]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, and the address without it."""

    label: str
    without: str


@dataclass(frozen=True, slots=True)
class Group:
    """Tasks that are due at about the same time. ``count``: also of those on other pages."""

    due: str
    title: str
    count: str
    tasks: tuple[shown.Task, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What one has, or what the team can take."""

    groups: tuple[Group, ...]
    count: str
    size: int
    next: str | None


@dataclass(frozen=True, slots=True)
class Tab:
    """A group of terms, or a list of one's own, to go to."""

    label: str
    count: str
    address: str
    is_here: bool
    kind: str = "calm"


class Asked:
    """What the address asks for: filters that are there, of a list of one's own if it names one."""

    def __init__(self, session: Session, by: Actor, names: shown.Names) -> None:
        self.lists = processes.saved_lists(session, by=by)
        self.list: Any = None
        wanted = {name: request.args.get(word, "") for name, word in FILTERS.items()}
        chosen = request.args.get("lijst")
        if chosen:
            self.list = next((one for one in self.lists if str(one.id) == chosen), None)
        elif not request.args:
            self.list = next((one for one in self.lists if one.is_start), None)
        if self.list is not None:
            wanted = {name: self.list.filters.get(name, "") for name in FILTERS}
        self.choices = tuple(self._choices(session, by, names, wanted))
        filters: dict[str, Any] = {one.name: one.value for one in self.choices if one.value}
        if wanted["is_new"] in (True, "1"):
            filters["is_new"] = True
        self.filters = filters

    def _choices(self, session: Session, by: Actor, names: shown.Names, wanted: Mapping[str, Any]) -> Sequence[Choice]:
        assert by.organisation_id is not None, "known people act for an organisation"
        areas = by.municipalities or organisations.organisation(session, by.organisation_id).areas
        towns = sorted(((code, names.municipality(code)) for code in areas), key=lambda one: one[1])
        self.lost = "" if self.list is None else lost_town(session, self.list.filters.get("municipality"), by=by)
        forms = sorted(method.work_forms(session, by=by).items(), key=lambda one: one[1])
        if wanted["form_key"] in words.FORMS and wanted["form_key"] not in dict(forms):
            forms.append((wanted["form_key"], words.FORMS[wanted["form_key"]]))
        all_ = {
            "municipality": ("Gemeente", towns if len(towns) > 1 else []),
            "phase": ("Fase", [(code, words.capital(word)) for code, word in words.PHASES.items()]),
            "form_key": ("Soort taak", forms),
            "due": ("Termijn", list(words.DUE.items())),
        }
        found = []
        for name, (label, options) in all_.items():
            value = str(wanted[name])
            if value not in dict(options):
                # What a list of one's own says goes on saying so, or it would hold everything.
                known = any(one.filters.get(name) == value for one in self.lists)
                options = [*options, (value, _of_before(name, value, names))] if known else options
            found.append(Choice(name, label, tuple(options), value if value in dict(options) else ""))
        return found

    @property
    def sent(self) -> dict[str, Any]:
        """The filters that are on, as they stand in an address."""
        return {FILTERS[name]: "1" if value is True else value for name, value in self.filters.items()}

    def address(self, endpoint: str = "pages.work", *, without: str | None = None, **more: Any) -> str:
        """The list with these filters, one of them left out or others besides."""
        kept = {word: value for word, value in self.sent.items() if without is None or word != FILTERS[without]}
        kept |= {FILTERS[name]: value for name, value in more.items() if name in FILTERS}
        rest = {name: value for name, value in more.items() if name not in FILTERS}
        kept = {name: value for name, value in kept.items() if value}
        # Without any filter the list that one begins with would come back.
        everything: dict[str, Any] = (
            {"alles": 1} if not kept and not rest and any(one.is_start for one in self.lists) else {}
        )
        return url_for(endpoint, **kept, **rest, **everything)

    @property
    def chips(self) -> list[Chip]:
        """Every filter that is on, in words."""
        found = [
            Chip(f"{one.label}: {dict(one.options)[one.value]}", self.address(without=one.name))
            for one in self.choices
            if one.value
        ]
        if "is_new" in self.filters:
            found.append(Chip("Alleen nieuw", self.address(without="is_new")))
        return found


def lost_town(session: Session, code: str | None, *, by: Actor) -> str:
    """Why no new work comes in a list of one municipality; empty when it does."""
    if code is None or by.organisation_id is None:
        return ""
    try:
        town = organisations.municipality(session, code)
    except NotFound:
        return f"We kennen geen gemeente {code}."
    if town.valid_to is not None and town.valid_to < local_date():
        return f"De gemeente {town.name} bestaat niet meer."
    areas = by.municipalities or organisations.organisation(session, by.organisation_id).areas
    return "" if code in areas else f"U werkt niet meer in {town.name}."


def _of_before(name: str, value: str, names: shown.Names) -> str:
    """What a filter was called that is no choice any more."""
    if name != "municipality":
        return words.say(value, words.FORMS)
    try:
        return names.municipality(value)
    except NotFound:
        return value


@pages.get("/werk")
def work() -> str:
    with reading() as session:
        by = known(session)
        names = shown.Names(session)
        asked = Asked(session, by, names)
        return render(
            "work.html",
            **_lists(session, asked, names, by),
            lately=undoing.lately(session, by=by),
            heard=handovers.heard(session, names, by=by),
            unwatched=_unwatched(session, by),
            at_desk=desk.waiting(session, by),
            elsewhere={
                one.assignment_id: words.capped(one.count) for one in method.work_elsewhere(session, by=by, at=now())
            },
            away=absences.standing(session, by=by),
        )


@pages.get("/werk/stand")
def work_news() -> Response:
    """What the script asks now and then: nothing when the list is as it was, else the list. Asking is no use of the session."""
    with reading() as session:
        by = known(session)
        names = shown.Names(session)
        asked = Asked(session, by, names)
        if _stand(session, asked, by) == request.args.get("stand"):
            return make_response("", 204)
        return make_response(render("work/lists.html", **_lists(session, asked, names, by)))


def _lists(session: Session, asked: Asked, names: shown.Names, by: Actor) -> dict[str, Any]:
    own_at, pool_at = request.args.get("mijn"), request.args.get("team")
    own, pool = _found(session, asked, by, bare=False, own_at=own_at, pool_at=pool_at)
    counts = method.work_counts(session, by=by, at=now(), filters=asked.filters)

    def part(page: Any, mine: bool, cursor: str) -> Part:
        cards = [shown.task(card, names, can_claim=True, new_since=counts.new_since) for card in page.items]
        groups = [
            Group(due, words.DUE[due], words.capped(counts.due[mine, processes.Due(due)]), tuple(some))
            for due, some in groupby(cards, key=lambda card: processes.due_of(card.due_at, now()))
        ]
        following = asked.address(**{cursor: page.next_cursor}) if page.next_cursor else None
        return Part(tuple(groups), words.capped(page.count), len(cards), following)

    both = {str(due): counts.due[True, due] + counts.due[False, due] for due in processes.Due}
    kinds = {"overdue": "late", "today": "soon"}
    tabs = [
        Tab(
            title, words.capped(both[due]), asked.address(due=due), asked.filters.get("due") == due,
            kinds.get(due, "calm") if both[due] else "calm",
        )
        for due, title in words.DUE.items()
    ]  # fmt: skip
    tabs = [tab for tab in tabs if tab.count != "0" or tab.is_here]  # what is empty asks for no attention
    since = words.weekday(counts.new_since)
    return {
        "asked": asked,
        "mine": part(own, True, "mijn"),
        "pool": part(pool, False, "team"),
        "due_tabs": [
            Tab("Alles", words.capped(sum(both.values())), asked.address(without="due"), "due" not in asked.filters),
            *tabs,
        ],
        "new_tab": Tab("Nieuw", words.capped(counts.new), asked.address(is_new="1"), "is_new" in asked.filters),
        "new_since": since,
        "list_tabs": [
            Tab(
                one.name,
                words.capped(many),
                url_for("pages.work", lijst=one.id),
                one is asked.list,
            )
            for one, many in counts.lists
        ],
        "stand": _digest(own, pool, counts.new_since),
        "news": None if own_at or pool_at else asked.address("pages.work_news"),
    }


def _found(
    session: Session, asked: Asked, by: Actor, *, bare: bool, own_at: str | None = None, pool_at: str | None = None
) -> tuple[Any, Any]:
    def look(cursor: str | None, size: int, **whose: Any) -> Any:
        return method.work_list(
            session, by=by, at=now(), cursor=cursor, page_size=size, filters={**asked.filters, **whose}, bare=bare
        )

    return look(own_at, OWN_SIZE, mine=True), look(pool_at, POOL_SIZE, status="open")


def _stand(session: Session, asked: Asked, by: Actor) -> str:
    return _digest(*_found(session, asked, by, bare=True), processes.new_since(now()))


def _digest(own: Any, pool: Any, new_since: Any) -> str:
    """By what the script knows whether anything changed: ids, versions and groups, nothing that says of whom."""
    seen = [
        f"{card.id.hex}:{card.version}:{processes.due_of(card.due_at, now())}:{card.opened_at >= new_since}"
        for card in (*own.items, *pool.items)
    ]
    return sha256("|".join([*seen, str(own.count), str(pool.count)]).encode()).hexdigest()[:20]


def _unwatched(session: Session, by: Actor) -> Count:
    """At how many organisations nobody keeps watch, told to who can do something about it."""
    if by.organisation_id is None or not organisations.manages_there(by, by.organisation_id):
        return Count()
    return count(method.unwatched(session, by=by, at=now()))


# --- one task


@pages.post("/taken/<uuid:task_id>/oppakken")
def claim(task_id: UUID) -> Response:
    try:
        with transaction() as session:
            method.claim_task(session, task_id, by=known(session), at=now())
    except WrongState as refusal:
        if not undoing.has_it(task_id):
            flash(f"{refusal.detail} Kies een andere taak, of overleg met uw collega.", "warning")
            place = hub_places.place(request.form)
            return redirect(url_for("pages.work") if place is None else place.address, 303)
    if (place := hub_places.place(request.form)) is not None:
        return redirect(place.of_form, 303)
    flash("U heeft deze taak nu. Uw team ziet dat u ermee bezig bent.", "ok")
    return redirect(url_for("pages.task", task_id=task_id), 303)


@pages.post("/taken/<uuid:task_id>/teruggeven")
def release(task_id: UUID) -> Response:
    try:
        with transaction() as session:
            method.release_task(session, task_id, by=known(session), at=now())
    except WrongState as refusal:
        flash(refusal.detail, "warning")
    else:
        flash("De taak ligt weer bij uw team. Wat u typte, blijft voor u bewaard.", "ok")
    return redirect(url_for("pages.work"), 303)


# --- several at once: each in a transaction of its own, so that one refusal undoes nothing


@dataclass(slots=True)
class _Outcome:
    """What came of each task. Asked a second time, what was done is found done: a double click tells the same."""

    done: int = 0
    refused: list[str] | None = None

    def told(self, one: str, several: str) -> None:
        """In a sentence about what went well, and one about each that did not."""
        if self.done:
            flash(one if self.done == 1 else several.format(self.done), "ok")
        refused = self.refused or []
        for text in refused[:_TOLD]:
            flash(text, "warning")
        if len(refused) > _TOLD:
            flash(f"Nog {len(refused) - _TOLD} andere taken zijn niet veranderd.", "warning")


@pages.post("/werk/samen")
def work_together() -> Response:
    chosen, do = _chosen(request.form.getlist("taak")), request.form.get("_do", "")
    if not chosen:
        flash("Vink eerst een of meer taken aan.", "warning")
        return redirect(_back(), 303)
    if do == "assign":
        return redirect(url_for("pages.pass_on_page", taak=[str(one) for one in chosen]), 303)
    chosen, rest = chosen[:_MOST], chosen[_MOST:]
    if do == "release":
        found = _each(
            chosen, lambda session, task_id, by: method.release_task(session, task_id, by=by, at=now()), _is_free
        )
        found.told("De taak ligt weer bij uw team.", "{} taken liggen weer bij uw team.")
    else:
        found = _each(
            chosen, lambda session, task_id, by: method.claim_task(session, task_id, by=by, at=now()), undoing.has_it
        )
        found.told("U heeft de taak nu.", "U heeft {} taken opgepakt.")
    if rest:
        flash(f"Dit waren de eerste {_MOST}. Vink de andere {len(rest)} opnieuw aan.", "info")
    return redirect(_back(), 303)


def _each(
    chosen: Sequence[UUID],
    do: Callable[[Session, UUID, Actor], Any],
    is_so: Callable[[UUID], bool],
) -> _Outcome:
    found = _Outcome(refused=[])
    assert found.refused is not None
    with reading() as session:
        known(session)
    for task_id in chosen:
        try:
            with transaction() as session:
                do(session, task_id, known(session))
        except NotFound:
            refusals.write_down("not_found", of={"task": task_id})
            found.refused.append("Een van de taken is er niet meer voor u.")
        except Refusal as refusal:
            if isinstance(refusal, WrongState) and is_so(task_id):
                found.done += 1
            else:
                texts = (
                    [text for one in refusal.errors.values() for text in one] if isinstance(refusal, Invalid) else []
                )
                found.refused.append(f"{_name(task_id)}: {' '.join(texts) or refusal.detail}")
        else:
            found.done += 1
    return found


def _is_free(task_id: UUID) -> bool:
    with reading() as session:
        return method.task_card(session, task_id, by=known(session), at=now()).status == "open"


def _name(task_id: UUID) -> str:
    with reading() as session:
        return method.task_card(session, task_id, by=known(session), at=now()).name


def _chosen(given: Sequence[str]) -> list[UUID]:
    found: list[UUID] = []
    for text in given[:_CHOSEN]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def _back() -> str:
    """To the list as it was: only filters that are there go along."""
    kept: dict[str, Any] = {word: request.form.get(word, "")[:60] for word in (*FILTERS.values(), "lijst")}
    return url_for("pages.work", **{word: value for word, value in kept.items() if value})


# --- passing on


@pages.get("/werk/doorgeven")
def pass_on_page() -> str:
    return _pass_on(_chosen(request.args.getlist("taak")))


@pages.post("/werk/doorgeven")
def pass_on() -> Response | str:
    chosen, note = _chosen(request.form.getlist("taak")), request.form.get("note", "")
    to = next(iter(_chosen([request.form.get("person_id", "")])), None)
    errors: dict[str, list[str]] = {}
    if to is None:
        errors["person_id"] = ["Kies een collega."]
    if len(note.strip()) > method.LONGEST_NOTE:
        errors["note"] = [f"Gebruik ten hoogste {method.LONGEST_NOTE} tekens. Nu zijn het er {len(note.strip())}."]
    if to is None or errors:
        return make_response(_pass_on(chosen, errors=errors, typed=request.form), 400)
    chosen, rest = chosen[:_MOST], chosen[_MOST:]
    gone: dict[UUID, method.Passed] = {}

    def do(session: Session, task_id: UUID, by: Actor) -> None:
        gone[task_id] = method.assign_task(session, task_id, to=to, note=note, by=by, at=now())

    found = _each(chosen, do, lambda task_id: _has(task_id, to))
    aside = {(one.name, one.instead_of, one.away_until) for one in gone.values() if one.instead_of}
    for name, absent, until in aside:
        there = f"naar {name}, die vervangt" if name else "naar uw team"
        flash(f"{absent} is er niet tot en met {words.short_day(until)}. De taak ging {there}.", "info")
    found.told("De taak is doorgegeven. Wat u typte, blijft voor u bewaard.", "{} taken zijn doorgegeven.")
    if rest:
        return redirect(url_for("pages.pass_on_page", taak=[str(one) for one in rest]), 303)
    return redirect(url_for("pages.work"), 303)


def _has(task_id: UUID, person_id: UUID) -> bool:
    """Whether the first press of a double click gave it to this colleague."""
    with reading() as session:
        by = known(session)
        found = method.passed(session, task_id, by=by, at=now())
        return found.person_id is not None and (
            found.person_id == person_id or found.task.handed_by == by.person_id  # or to who stands in for them
        )


def _pass_on(
    chosen: Sequence[UUID], *, errors: Mapping[str, Sequence[str]] | None = None, typed: Mapping[str, str] | None = None
) -> str:
    """The page that asks to whom, for tasks that one has; of others is said that they are not there. More than go at once
    come after these.
    """
    chosen, rest = chosen[:_MOST], chosen[_MOST:]
    with reading() as session:
        by = known(session)
        names = shown.Names(session)
        tasks, able, missing = [], None, 0
        for task_id in chosen:
            try:
                theirs = {one.person_id: one for one in method.colleagues(session, task_id, by=by, at=now())}
            except Refusal:
                missing += 1
                continue
            able = theirs if able is None else {key: one for key, one in able.items() if key in theirs}
            tasks.append(task_id)
        cards = _own_cards(session, tasks, by)
        return render(
            "work_pass_on.html",
            tasks=[shown.task(cards[one], names) for one in tasks if one in cards],
            missing=missing,
            rest=rest,
            colleagues=list((able or {}).values()),
            errors=errors or {},
            typed=typed or {},
            longest=method.LONGEST_NOTE,
        )


def _own_cards(session: Session, wanted: Sequence[UUID], by: Actor) -> dict[UUID, Any]:
    """The cards of tasks that one has, as far on in the list as they are."""
    found: dict[UUID, Any] = {}
    cursor: str | None = None
    while len(found) < len(wanted):
        page = method.work_list(session, by=by, at=now(), cursor=cursor, page_size=200, filters={"mine": True})
        found |= {card.id: card for card in page.items if card.id in wanted}
        cursor = page.next_cursor
        if cursor is None:
            break
    return found
