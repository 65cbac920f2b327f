"""Every page in real Chromium, as somebody who may see it: on a telephone and on a desk, light and dark.

The pages are those of the application itself, and who may see each is what the table of access expects: a page that is added
is visited, or says here why it cannot be. One region in which everything has happened once, one server, in this process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy.engine import make_url
from werkzeug.serving import make_server

from api import create_app
from tests import builders
from tests.api import conftest as doors
from tests.api.matrix import table
from tests.api.matrix.requests import BODIES
from tests.api.matrix.walk import NOBODY, Operation, Walker, operations
from tests.api.matrix.world import Known, fill
from tests.browser.live import Chromium, Visitor
from tests.conftest import VAULT, Clock, Urls, copy_of
from workflows import accounts, diagrams, parents
from workflows.accounts import Factor
from workflows.actor import OPERATOR
from workflows.db import Database
from workflows.organisations import PersonKind

pytestmark = pytest.mark.usefixtures("chromium")

#: Route → why no browser shows it.
NOT_A_PAGE = {
    "family.confirm_page": "halfway logging in: test_parents_browser.py",
    "family.give_page": "from the page before it, in _family",
    "family.second_factor": "halfway logging in: test_parents_browser.py",
    "family.withdraw_page": "from the page before it, in _family",
    "health.live": "for programs",
    "health.ready": "for programs",
    "pages.attachment": "a download",
    "pages.breach_file": "a download",
    "pages.case_summary_pdf": "a download",
    "pages.case_summary_text": "plain text, for the clipboard",
    "pages.copy_file": "a download",
    "pages.handover_proof_pdf": "a download",
    "pages.from_provider": "leads on, from the provider",
    "pages.hub_meeting_calendar": "a download",
    "pages.keys_for_provider": "for the provider",
    "pages.leave_provider": "leads to the provider",
    "pages.log_file": "a download",
    "pages.outside_paper": "a download",
    "pages.to_provider": "leads to the provider",
    "pages.work_news": "a part of the work list, for its script",
}
#: Route → who sees it in which case, where that is not a case of one's own.
ELSEWHERE = {
    "family.begin_page": (NOBODY, "own"),
    "family.log_in_page": (NOBODY, "own"),
    "pages.activate_page": (NOBODY, "own"),
    "pages.discard": ("signaller_elsewhere", "draft"),
    "pages.log_in_page": (NOBODY, "own"),
    "pages.outside_package": (NOBODY, "own"),
}
#: Who comes in by the page of a family, with a cookie of its own.
PARENT = "parent"
#: For whom there is the most to see, where more than one may.
MOST_TO_SEE = ("explorer_holder", "signaller", "process_director", "administrator", "dpo")
WIDTHS = (360, 1280)
#: A tablet, a desk at 200 %, and the narrowest that has to be readable without scrolling to the side (WCAG 1.4.10).
BETWEEN = (768, 640, 320)
#: What a page may move while it comes in, in all: 0.1 is called good.
MOST_SHIFT = 0.05

_WATCH = """
window.seen = {shift: 0, refused: []};
new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput) window.seen.shift += one.value; })
  .observe({type: 'layout-shift', buffered: true});
document.addEventListener('securitypolicyviolation', (event) =>
  window.seen.refused.push(event.violatedDirective + ' ' + event.blockedURI));
"""
#: Two frames after it came in, everything has been drawn.
_DRAWN = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done({
  ...window.seen, lang: document.documentElement.lang, styles: document.styleSheets.length,
  paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0}))))"""
_CUT = """() => [document.documentElement, ...document.querySelectorAll('main, .steun-header, .steun-tablecard, .steun-card')]
  .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.className || one.tagName)"""
_CONTRAST = """axe.run(document, {runOnly: ['color-contrast', 'link-in-text-block'], resultTypes: ['violations']})
  .then((found) => found.violations)"""


class Served:
    """The application on a port, and what is known of its region."""

    def __init__(self, app: Any, known: Known, database: Database) -> None:
        self.app, self.known, self.database = app, known, database
        self.server = make_server("127.0.0.1", 0, app, threaded=True)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.app.extensions["steun.database"].dispose()
        self.database.dispose()


@pytest.fixture(scope="module")
def served(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    url = copy_of(sqlite_template, tmp_path_factory.mktemp("every-page"))
    urls = Urls(url, url)
    clock = Clock(doors.START)
    database = Database(make_url(url), vault=VAULT, files=urls.files, house=True)
    with database.writing() as session:
        region = builders.region(session, clock())
        diagrams.publish(session, doors.shipped(), by=OPERATOR, at=clock())
    known = fill(database, clock, region)
    with database.writing() as session:
        login, code = known.ids["paper_login"], known.ids["paper_code"]
        account = accounts.activate(
            session, login=login, code=code, password=builders.PASSWORD, kind=PersonKind.PARENT, at=clock(),
            cost=builders.CHEAP,
        )  # fmt: skip
        parents.note_first_use(session, account.person_id, at=clock())
        known.cookies[PARENT] = accounts.sign_in_parent(session, account, factor=Factor.TOTP, at=clock())
    made = Served(create_app(doors.settings(urls), clock=clock), known, database)
    yield made
    made.stop()


class Crawl:
    """Opens pages as whoever may, and keeps what was seen, so that all that is wrong is told at once."""

    def __init__(self, served: Served, chromium: Chromium) -> None:
        self.served, self.chromium = served, chromium
        self.walker = Walker(served.app, served.known, None, thorough=False)
        self.visitors: dict[tuple[str, int], Visitor] = {}
        self.paints: dict[str, float] = {}
        self.faults: list[str] = []
        self.looked = 0

    def visitor(self, who: str, width: int) -> Visitor:
        if (who, width) not in self.visitors:
            site: Any = SimpleNamespace(address=self.served.address)
            made = self.chromium.visit(site, width=width)
            made.context.add_init_script(_WATCH)
            if who != NOBODY:
                secret = self.served.known.cookies[who]
                cookie = "steun-mijn" if who == PARENT else "steun-sign-in"
                made.context.add_cookies([{"name": cookie, "value": secret, "url": self.served.address}])
            self.visitors[who, width] = made
        return self.visitors[who, width]

    def visit(self, path: str, who: str, name: str, *, status: int = 200, widths: Iterable[int] = WIDTHS) -> None:
        """Open a page on each screen, and look at it; on one of them also in dark."""
        self.looked += 1
        for width in widths:
            visitor = self.visitor(who, width)
            answer = visitor.page.goto(self.served.address + path)
            if answer is None or answer.status != status:
                self.faults.append(f"{name} as {who}: {answer.status if answer else 'nothing'} at {path}")
                return
            self.look(visitor, f"{name} as {who}", dark=width == WIDTHS[self.looked % 2])

    def look(self, visitor: Visitor, name: str, *, dark: bool = True) -> None:
        """Look at what a visitor has before them."""
        visitor.page.wait_for_load_state()
        drawn = visitor.page.evaluate(_DRAWN)
        self.paints[f"{name}, {visitor.width}"] = drawn["paint"]
        wrong = [f"refused by the policy: {one}" for one in drawn["refused"]]
        if drawn["shift"] >= MOST_SHIFT:
            wrong.append(f"moves by {drawn['shift']:.3f} while it comes in")
        if drawn["lang"] != "nl" or not drawn["styles"]:
            wrong.append(f"language {drawn['lang']!r}, {drawn['styles']} styles")
        try:
            visitor.look(name)
        except AssertionError as fault:
            wrong.append(str(fault).split("\n")[0])
        if dark:
            visitor.page.emulate_media(color_scheme="dark", reduced_motion="reduce")  # no colour is half-way
            visitor.page.evaluate(_DRAWN)
            for one in visitor.page.evaluate(_CONTRAST):
                wrong.extend(f"dark, {one['id']}: {node['html'][:160]}" for node in one["nodes"])
            visitor.page.emulate_media(color_scheme="light", reduced_motion="no-preference")
        self.faults.extend(f"{name}, {visitor.width}: {one}" for one in wrong)
        if visitor.width == WIDTHS[-1]:
            for width in BETWEEN:
                visitor.page.set_viewport_size({"width": width, "height": 800})
                self.faults.extend(f"{name}, {width}: {one} is cut off" for one in visitor.page.evaluate(_CUT))
            visitor.page.set_viewport_size({"width": visitor.width, "height": 800})

    def leave(self) -> None:
        for (who, width), visitor in self.visitors.items():
            self.faults.extend(f"{who}, {width}: {one}" for one in visitor.complaints)
            visitor.context.close()


def pages(app: Any) -> list[Operation]:
    return [one for one in operations(app) if one.method == "GET" and not one.is_api and one.endpoint not in NOT_A_PAGE]


def who_may(operation: Operation, known: Known) -> tuple[str, str]:
    """The first who may, of those for whom there is the most to see; and in which case."""
    if operation.endpoint in ELSEWHERE:
        return ELSEWHERE[operation.endpoint]
    if operation.endpoint.startswith("family."):
        return PARENT, "own"
    [profile] = [one for one in table.profiles() if operation.key in one.operations]
    may = [name for name in known.people if profile.outcome("own", name) == "may"]
    assert may, f"nobody may see {operation.key}: say in ELSEWHERE who can, or in NOT_A_PAGE why not"
    return next((name for name in MOST_TO_SEE if name in may), may[0]), "own"


def query(operation: Operation, walker: Walker, who: str) -> str:
    asked = BODIES.get(operation.key, lambda _walker, _who: {})(walker, who).get("query_string", {})
    return "?" + "&".join(f"{name}={value}" for name, value in asked.items()) if asked else ""


def test_every_page_is_accessible_calm_and_light_on_every_screen(
    served: Served, chromium: Chromium, record_property: Callable[[str, object], None]
) -> None:
    crawl = Crawl(served, chromium)
    for operation in pages(served.app):
        who, situation = who_may(operation, served.known)
        path = crawl.walker.address(operation, situation) + query(operation, crawl.walker, who)
        crawl.visit(path, who, operation.key)
    ids, cases = served.known.ids, served.known.cases
    for event in ("verhuizing", "uitgerekende-datum", "gezinslid", "toestemming", "verzoek"):
        crawl.visit(f"/casussen/{cases['own']}/{event}", "explorer_holder", event, widths=[360])
    crawl.visit(f"/taken/{ids['task_mine']}", "explorer_holder", "a form")
    crawl.visit(f"/casussen/{cases['closed']}", "explorer_holder", "a closed case", widths=[360])
    crawl.visit("/casussen", "intake_desk", "no cases")
    crawl.visit("/werk", "steering_board", "no work")
    crawl.visit("/bestaat-niet", "signaller", "what is not there", status=404)
    _states(crawl)
    crawl.leave()
    record_property("first contentful paint", crawl.paints)
    assert crawl.faults == [], "\n".join(crawl.faults)


def _states(crawl: Crawl) -> None:
    """What a page becomes after something was pressed."""
    phone = crawl.visitor("explorer_holder", 360)
    phone.page.goto(f"{crawl.served.address}/taken/{crawl.served.known.ids['task_mine']}")
    phone.press("Afronden", last=True)
    phone.page.locator("#fouten").wait_for()
    crawl.look(phone, "a form with errors")
    phone.page.goto(f"{crawl.served.address}/werk")
    phone.page.locator("details.steun-me summary").click()
    phone.page.locator(".steun-me__menu").wait_for()
    crawl.look(phone, "the menu")
    _keys(crawl)
    _family(crawl)
    _outside(crawl)
    stranger = crawl.visitor(NOBODY, 360)
    stranger.page.goto(f"{crawl.served.address}/inloggen")
    stranger.page.get_by_label("Gebruikersnaam").fill("niemand")
    stranger.page.get_by_label("Wachtwoord").fill("niets")
    stranger.press("Inloggen", last=True)
    stranger.page.locator("#fouten, .utrecht-alert--error").first.wait_for()
    crawl.look(stranger, "refused at logging in")


def _family(crawl: Crawl) -> None:
    """A parent takes consent back, and gives it again."""
    phone = crawl.visitor(PARENT, 360)
    page = phone.page
    page.goto(f"{crawl.served.address}/mijn/toestemming")
    page.locator("a[href$='/intrekken']").first.click()
    page.wait_for_url("**/intrekken")
    crawl.look(phone, "taking consent back")
    phone.press("Ja, trek mijn toestemming in")
    page.locator("a[href$='/geven']").first.click()
    page.wait_for_url("**/geven")
    crawl.look(phone, "giving consent again")


def _outside(crawl: Crawl) -> None:
    """A family goes to somebody without an account: what goes along, the link and the code, and who opens it."""
    desk, address = crawl.visitor("explorer_holder", 1280), crawl.served.address
    page = desk.page
    page.goto(f"{address}/casussen/{crawl.served.known.cases['own']}/zonder-account")
    desk.press("Bekijk wat er meegaat")
    page.locator("#fouten").wait_for()
    crawl.look(desk, "outside, with errors")
    page.locator("#party_kind").select_option("municipal_access_team")
    page.locator("#party_name").fill("Huisarts (fictief)")
    page.locator("#telephone").fill("077-5550123")
    page.locator("#kind input").first.check()
    page.locator("#way input[value=link]").check()
    desk.press("Bekijk wat er meegaat")
    page.locator("#shown_to_parent").check()
    crawl.look(desk, "what goes outside")
    desk.press("Maak de link en de code")
    page.locator(".steun-key").first.wait_for()
    crawl.look(desk, "the link and the code")
    link, code = page.locator(".steun-key").all_inner_texts()
    stranger = crawl.visitor(NOBODY, 360)
    stranger.page.goto(address + urlsplit(link).path)
    stranger.page.locator("#code").fill(code)
    stranger.press("Open", last=True)
    stranger.page.locator("#receipt").wait_for()
    crawl.look(stranger, "what came from outside")
    page.goto(f"{address}/casussen/{crawl.served.known.cases['own']}/zonder-account")
    page.get_by_text("Wat meeging en wat niet").first.click()
    page.get_by_text("gingen mee. Dit niet:").first.wait_for()
    crawl.look(desk, "what went outside and what did not")
    answers = stranger.page.locator(".steun-facts dd").all_inner_texts()
    crawl.faults.extend("an answer that went outside is empty" for one in answers if not one.strip())


def _keys(crawl: Crawl) -> None:
    """Single keys: a list, places to go to, nothing while somebody types; and the focus comes back."""
    desk = crawl.visitor("explorer_holder", 1280)
    page = desk.page
    page.goto(f"{crawl.served.address}/hulp")
    page.locator("#gemeente").focus()
    page.keyboard.press("?")
    page.get_by_role("link", name="Start de rondleiding").focus()
    assert page.locator("dialog").count() == 0, "a key of somebody who types"
    page.keyboard.press("?")
    page.locator("dialog button:focus").wait_for()
    crawl.look(desk, "the list of keys")
    page.keyboard.press("Escape")
    page.locator("dialog").wait_for(state="detached")
    assert page.evaluate("document.activeElement.textContent").strip() == "Start de rondleiding"
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/casussen")
