"""The monitor's page in Chromium, over a running mill."""

import json
from contextlib import ExitStack
from importlib.resources import files
from urllib.parse import quote

import pytest
from playwright.sync_api import expect, sync_playwright

from workers.audit import audit
from workers.connection import connect
from workers.monitor.web.serving import Monitor
from workers.settings import Settings

TOKEN = "a-token-of-this-test"
VIEWS = ["flow", "sites", "dead", "records", "search", "explain"]
SLOW = 60_000

HOSTILE = [
    "<script>window.owned = 1</script>",
    "<img src=x onerror='window.owned = 1'>",
    "<svg onload=window.owned=1><b>",
    "'\"><iframe srcdoc='<script>parent.owned = 1</script>'>",
    "javascript:window.owned=1",
    "data:text/html,<script>opener.owned = 1</script>",
    "\x1b[31mred\x1b]8;;https://evil.example\x07link \u202egnitset\u202c \u200bhidden\u2028line",
    "{{constructor.constructor('window.owned = 1')()}} ${window.owned=1}",
]

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # playwright's own pipes, at its end


@pytest.fixture(scope="module")
def browser(chromium):
    """Chromium, at work."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium)
        yield launched
        launched.close()


class Visit:
    """A page in the browser, and all that it complained of."""

    def __init__(self, page, url):
        self.page = page
        self.url = url
        self.complaints = []
        page.set_default_timeout(SLOW)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(f"a dialog: {dialog.message}"))
        page.on("request", self._watch)

    def see(self, view="flow"):
        self.page.goto(f"{self.url}#{view}")
        expect(self.page.locator("#pulse")).to_have_text("live", timeout=SLOW)
        return self.page

    def cell(self, table, row, column):
        """The text of one cell, by the names at its sides."""
        found = self.page.get_by_role("table", name=table)
        names = found.get_by_role("columnheader").all_inner_texts()
        return found.get_by_role("row", name=row).locator("th, td").nth(names.index(column))

    def give_token(self):
        self.page.get_by_role("button", name="Read-only: give the token").click()
        self.page.get_by_label("The monitor's token").fill(TOKEN)
        self.page.get_by_role("button", name="Use it").click()
        expect(self.page.get_by_role("button", name="May change: give the token")).to_be_visible(timeout=SLOW)

    def _hear(self, message):
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _watch(self, request):
        if not request.url.startswith(self.url):
            self.complaints.append(f"it asked for {request.url}")


@pytest.fixture
def visit(browser, redis_client, redis_url):
    """Opens the page of a monitor, and holds the browser to silence: no error, no dialog, no request elsewhere."""
    with ExitStack() as stack:
        visits = []

        def open_page(*, settings=None, client=None, listen="127.0.0.1:0", **context):
            settings = settings or Settings(redis_url=redis_url)
            monitor = stack.enter_context(Monitor(client or redis_client, settings, listen=listen, token=TOKEN))
            known = {"viewport": {"width": 1280, "height": 900}, **context}
            page = stack.enter_context(browser.new_context(**known)).new_page()
            visits.append(Visit(page, monitor.url.replace("0.0.0.0", "127.0.0.1")))
            return visits[-1]

        yield open_page
        assert [visit.complaints for visit in visits] == [[] for _ in visits]


@pytest.fixture
def bury(redis_client):
    """Puts a dead letter where the commit puts it."""

    def put(text, **fields):
        entry = {
            "url": text, "body": text, "content_type": text, "dead_reason": "exception", "dead_detail": text,
            "dead_queue": "default", "dead_entry": "1-1", "dead_id": text, "dead_url": text, "dead_host": text,
            "dead_at": "2026-03-01T12:00:00Z", "dead_bytes": "9", **fields,
        }  # fmt: skip
        return redis_client.xadd(Settings().keys.dead, entry).decode()

    return put


@pytest.fixture
def publish(redis_client):
    """Puts a record into the stream, every field of which holds the text."""

    def put(text):
        names = ("id", "url", "host", "title", "text", "kind", "language", "canonical_url", "image", "published_at")
        body = dict.fromkeys(names, text) | {"authors": [text], "warnings": [text], "extraction": {"method": text}}
        return redis_client.xadd(Settings().keys.records, {"body": json.dumps(body)}).decode()

    return put


def test_the_numbers_on_the_page_are_the_audits_and_stay_so(works, visit):
    """Each outcome, and what was pushed; and again when more was pushed, without a reload."""
    works.start(strikes=1)
    works.push(4)
    works.push_pages([works.page(source=HOSTILE[0])])
    works.push(1, "segfault")
    works.push_pages([works.page(url="https://mill.example/same", body="<p>Too short.")] * 2)
    works.await_settled(8)
    seen = visit(settings=works.settings, client=works.client)
    page = seen.see()
    for more in (0, 4):
        works.push(more) if more else None
        works.await_settled(8 + more)
        books = audit(works.store.ledger())
        assert books["ok"], books
        for outcome, pages in books["outcomes"].items():
            expect(seen.cell("Outcomes", outcome.replace("_", " "), "pages")).to_have_text(str(pages), timeout=SLOW)
        expect(seen.cell("Queues", "default", "pushed")).to_have_text(str(books["pushed"]), timeout=SLOW)
        expect(seen.cell("Queues", "default", "settled")).to_have_text(str(8 + more), timeout=SLOW)
        expect(seen.cell("Queues", "default", "waiting")).to_have_text("0", timeout=SLOW)
    expect(page.get_by_role("table", name="Workers").get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("heading", level=1)).to_have_text("Keeping up: every page is settled")
    seen.see("sites")
    expect(page.get_by_role("table", name="Sources, by pages of").get_by_role("row", name=HOSTILE[0])).to_be_visible()


def test_a_dead_letter_is_replayed_and_dropped_from_the_page(works, visit):
    """With the token alone; it goes through the mill again, and is dead again: the books tell both."""
    works.start(strikes=1)
    works.push(1, "segfault")
    works.await_settled(1)
    seen = visit(settings=works.settings, client=works.client)
    page = seen.see("dead")
    page.get_by_role("link", name="https://mill.example/1").click()
    expect(page.get_by_label("The page as text")).to_contain_text("wish:segfault")
    detail = page.locator(".detail")
    expect(detail.get_by_role("button", name="Replay")).to_be_disabled()
    seen.give_token()
    detail.get_by_role("button", name="Replay").click()
    expect(page.get_by_text("1 replayed.")).to_be_visible()
    works.await_settled(2)
    assert works.store.ledger().dead_replayed == 1

    page.get_by_label("choose https://mill.example/1").check()
    page.get_by_role("button", name="Drop 1 chosen").click()
    page.get_by_role("button", name="Keep").click()
    assert works.store.ledger().dead == 1
    page.get_by_role("button", name="Drop 1 chosen").click()
    page.get_by_role("dialog").get_by_role("button", name="Drop").click()
    expect(page.get_by_text("1 dropped.")).to_be_visible()
    assert (works.store.ledger().dead, works.store.ledger().dead_dropped) == (0, 1)
    works.check_books()


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_content_stays_text(visit, bury, publish, redis_client, text):
    """In dead letters, records and settled pages: it is shown, and does nothing."""
    letter, entry = bury(text), publish(text)
    settled = dict.fromkeys(("id", "url", "outcome", "reason", "of", "similarity"), text)
    redis_client.xadd(Settings().keys.settled, settled)
    seen = visit()
    for view in (f"dead/{letter}", f"records/{entry}", "search", f"search/why/{quote(text)}", "flow"):
        page = seen.see(view)
        if view.startswith("search"):
            page.locator("#view-search tbody tr").first.wait_for()
        elif "/" in view:
            shown = page.locator(".detail pre").last
            expect(shown).to_contain_text(text[-9:] if text.isprintable() else "\\u{202e}gnitset")
        addresses = page.eval_on_selector_all(
            "[href], [src]", "all => all.map((one) => new URL(one.href?.baseVal ?? one.href ?? one.src).protocol)"
        )
        assert set(addresses) <= {"http:"}
        inside = page.evaluate("document.body.innerText")
        assert not any(sign in inside for sign in "\x1b\x07\u202e\u202c\u200b\u2028")
        assert page.locator("main script, iframe, img, object").count() == 0
    page.wait_for_timeout(50)
    assert page.evaluate("window.owned") is None


def test_links_to_scraped_pages_tell_nothing_of_the_monitor(visit, publish):
    """No referrer, no opener; another tab."""
    entry = publish("https://mill.example/story?a=1")
    link = visit().see(f"records/{entry}").get_by_role("link", name="https://mill.example/story?a=1").last
    expect(link).to_have_attribute("rel", "noreferrer noopener", timeout=SLOW)  # the record's, once it is shown
    expect(link).to_have_attribute("target", "_blank")


def test_the_browser_itself_lets_no_markup_in(visit):
    """Scripts that are no file of ours, markup from text, evaluated text, other servers: the policy refuses them."""
    seen = visit()
    page = seen.see()
    refused = page.evaluate(
        """async () => {
          const found = [];
          document.addEventListener("securitypolicyviolation", (event) => found.push(event.effectiveDirective));
          const script = document.createElement("script");
          try { script.textContent = "window.owned = 1"; } catch { found.push("text"); }
          try { document.body.innerHTML += "<b>x</b>"; } catch { found.push("markup"); }
          const image = document.createElement("img");
          image.src = "https://other.example/pixel";
          document.body.append(image);
          image.setAttribute("style", "color: red");
          await fetch("https://other.example/").catch(() => found.push("fetch"));
          await new Promise((done) => setTimeout(done, 100));
          image.remove();
          return found;
        }"""
    )
    assert {"text", "markup", "fetch", "img-src", "connect-src", "style-src-attr"} <= set(refused)
    assert page.evaluate("window.owned") is None
    assert seen.complaints
    seen.complaints.clear()  # of what we did there


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_view_is_accessible(visit, bury, publish, scheme, width):
    """By axe's rules of WCAG 2.2 A and AA and its best practices; nothing is wider than the screen."""
    letters = [bury("https://mill.example/1") for _ in range(120)]
    letter, entry = letters[-1], publish("https://mill.example/2")
    rules = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    seen = visit(
        color_scheme=scheme, viewport={"width": width, "height": 800}, reduced_motion="reduce", bypass_csp=True
    )
    for view in (*VIEWS, f"dead/{letter}", f"records/{entry}"):
        page = seen.see(view)
        if "/" in view:
            page.locator(".view:not([hidden]) .detail dl").first.wait_for()
        page.evaluate(rules)
        found = page.evaluate(
            "axe.run().then((told) => told.violations.map((one) => [one.id, one.nodes.map((node) => node.html)]))"
        )
        assert found == [], view
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view


def test_it_is_used_without_a_mouse(visit, bury):
    """Each thing is reached by Tab, in order, and its focus is seen; Enter opens a row."""
    bury("https://mill.example/1")
    page = visit().see("dead")
    page.get_by_role("link", name="https://mill.example/1").wait_for()
    names = []
    for _ in range(40):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate("[document.activeElement].map((at) => at.textContent.trim() || at.ariaLabel || at.type)[0]")
        )
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", names
        if names[-1] == "https://mill.example/1":
            break
    assert names[:3] == ["Skip to the figures", "Pagemill", "Flow"]
    assert names[-1] == "https://mill.example/1"
    page.keyboard.press("Enter")
    expect(page.get_by_label("The page as text")).to_be_visible()


def test_the_page_says_when_redis_is_away_and_goes_on_when_it_is_back(visit, make_server):
    """Without a reload, and without taking old figures for new ones."""
    server = make_server()
    client = connect(server.url, tries=0)
    seen = visit(client=client)
    page = seen.see()
    server.kill()
    expect(page.locator("#pulse")).to_contain_text("Redis at unix:", timeout=SLOW)
    expect(page.get_by_role("heading", level=1)).to_contain_text("(as of ")
    server.start()
    expect(page.locator("#pulse")).to_have_text("live", timeout=SLOW)
    client.close()


def test_the_page_says_when_the_monitor_is_away_and_goes_on_when_it_is_back(visit, browser, redis_client, redis_url):
    """On the same address."""
    settings = Settings(redis_url=redis_url)
    with ExitStack() as stack:
        with Monitor(redis_client, settings, listen="127.0.0.1:0") as monitor:
            page = stack.enter_context(browser.new_context()).new_page()
            page.goto(monitor.url)
            expect(page.locator("#pulse")).to_have_text("live", timeout=SLOW)
        expect(page.locator("#pulse")).to_contain_text("The monitor does not answer", timeout=SLOW)
        with Monitor(redis_client, settings, listen=monitor.url.removeprefix("http://").rstrip("/")):
            expect(page.locator("#pulse")).to_have_text("live", timeout=SLOW)


def test_from_elsewhere_the_page_asks_for_the_token_first(visit):
    """Until then it knows no figure; the token does not stay in the address."""
    seen = visit(listen="0.0.0.0:0")
    seen.page.goto(seen.url)
    dialog = seen.page.get_by_role("dialog")
    expect(dialog).to_be_visible(timeout=SLOW)
    expect(seen.page.locator("#figures")).to_be_empty()
    dialog.get_by_label("The monitor's token").fill(TOKEN)
    dialog.get_by_role("button", name="Use it").click()
    expect(seen.page.locator("#pulse")).to_have_text("live", timeout=SLOW)
    seen.page.goto("about:blank")
    seen.page.evaluate("0")
    seen.page.goto(f"{seen.url}#token={TOKEN}")
    expect(seen.page.locator("#pulse")).to_have_text("live", timeout=SLOW)
    assert TOKEN not in seen.page.url
    assert all("401" in complaint for complaint in seen.complaints)
    seen.complaints.clear()


def test_light_or_dark_is_the_viewers_choice_and_kept(visit):
    """Over the system's, also after a reload."""
    page = visit(color_scheme="light").see()
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    for _ in range(2):
        page.get_by_role("button", name="Theme").click()
    expect(page.get_by_role("button", name="Theme")).to_have_text("Theme: dark")
    dark = page.evaluate(paper)
    page.reload()
    assert page.evaluate(paper) == dark != light


def test_a_browser_that_keeps_nothing_shows_the_page_all_the_same(visit):
    """Where storage is forbidden, the token and the theme last as long as the page."""
    seen = visit()
    forbidden = "{ get() { throw new DOMException('forbidden', 'SecurityError'); } }"
    for store in ("localStorage", "sessionStorage"):
        seen.page.add_init_script(f"Object.defineProperty(window, '{store}', {forbidden});")
    seen.see()
    seen.give_token()


def test_a_page_is_explained_side_by_side(visit):
    """What was kept on one side, what was taken out on the other, with why."""
    story = "".join(
        f"<p>Sentence {n} tells how wheel {n} drives stone {n}, day after day, by the river.</p>" for n in range(9)
    )
    page = visit().see("explain")
    page.get_by_role("textbox", name="Address").fill("https://mill.example/1")
    page.get_by_label("Source").fill(f"<nav><a href=/>Home</a></nav><article><h1>The mill</h1>{story}</article>")
    page.get_by_role("button", name="Explain").click()
    kept = page.locator(".sides td.kept")
    expect(kept.filter(has_text="Sentence 3 tells")).to_have_count(1, timeout=SLOW)
    expect(page.locator(".sides td.dropped").filter(has_text="Home")).to_have_count(1)
    expect(page.get_by_label("Source")).not_to_be_empty()
