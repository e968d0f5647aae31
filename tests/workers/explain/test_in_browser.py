"""An explanation in Chromium: nothing of a hostile page runs, and everybody can read it."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from pagemill.page import RawPage
from pipeline import Options
from pipeline.explain import explain_page
from workers.explain import as_document

SENTENCE = "The miller grinds the corn of all who come, and asks nobody where the wind is from today. "
ATTACK = (
    "<script>owned=1</script><img src=//evil.example/x onerror=owned=1><svg onload=owned=1></style><iframe srcdoc=x>"
)

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # playwright's own pipes, at its end


@pytest.fixture(scope="module")
def browser(chromium):
    """Chromium, at work."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    """The address of an explained page that attacks wherever an explanation shows something of it."""
    text = ATTACK.replace("<", "&lt;")
    paragraphs = "".join(f"<p class='{text}'>{SENTENCE * 3}{text}" for _ in range(6))
    head = f"<title>{text}</title><meta name=author content='{text}'>"
    menu = "".join(f"<li><a href=/{n}>Section {n}</a>" for n in range(12))
    inside = f"<nav><ul>{menu}</ul>{text}</nav><article><h1>{text}</h1>{paragraphs}</article>"
    body = f"<html><head>{head}</head><body>{inside}</body></html>"
    page = RawPage(url=f"https://mill.example/{ATTACK}", body=body.encode())
    file = tmp_path_factory.mktemp("explained") / "page.html"
    file.write_text(as_document(explain_page(page, Options(), clock=lambda: 0.0)), "utf-8")
    return file.as_uri()


def test_nothing_of_a_hostile_page_runs_or_loads(browser, document):
    """No script, no request, no complaint of the policy; our own style is applied."""
    page = browser.new_page()
    heard = []
    page.on("request", lambda request: heard.append(request.url))
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.goto(document, wait_until="networkidle")
    assert heard == [document]
    assert page.evaluate("typeof owned") == "undefined"
    assert page.evaluate("getComputedStyle(document.querySelector('.verdict')).borderRadius") == "16px"
    page.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
def test_everybody_can_read_it(browser, document, scheme, width):
    """Contrast, names and structure pass axe in both schemes; a phone has nothing to scroll sideways."""
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True)
    page = context.new_page()
    page.goto(document)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    context.close()


def test_what_is_shown_is_chosen_without_a_script(browser, document):
    """Kept parts alone, dropped ones alone, or all of them; a fold opens."""
    page = browser.new_page()
    page.goto(document)
    page.get_by_label("kept", exact=True).check()
    assert page.locator(".part.kept").first.is_visible()
    assert not page.locator(".fold").first.is_visible()
    page.get_by_label("dropped", exact=True).check()
    assert not page.locator(".part.kept").first.is_visible()
    page.locator("summary").first.click()
    assert page.locator(".fold .part").first.is_visible()
    page.close()
