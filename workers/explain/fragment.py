"""An explanation as a piece of HTML, to be put into a page that has the style."""

from collections.abc import Iterator

from pipeline.explain import Explanation
from workers.explain.facts import facts, milliseconds
from workers.explain.markup import bar, element, escaped
from workers.explain.parts import parts


def as_fragment(explanation: Explanation) -> str:
    """One `<article class="explained">`: verdict, parts, metadata, what was removed, sameness, times.

    Everything that stems from the page is escaped. There is no script, no address that loads, no inline style.
    """
    body = element("section", parts(explanation), "text", aria_label="The page's parts")
    aside = element("div", facts(explanation), "facts")
    return element("article", _header(explanation) + element("div", body + aside, "columns"), "explained")


def _header(explanation: Explanation) -> str:
    draft = explanation.draft
    if draft is None:
        verdict = element("p", f"\u2717 No record: {escaped(explanation.reason)}", "verdict no")
        heading = element("h1", escaped(explanation.url, 300))
        below = element("p", escaped(explanation.detail), "detail") if explanation.detail else ""
    else:
        verdict = element("p", "\u2713 A record", "verdict yes")
        heading = element("h1", escaped(draft.title or "(without a title)", 500), dir="auto")
        below = element("p", escaped(explanation.url, 2_100), "url")
    numbers = "".join(
        element("div", element("dt", name) + element("dd", value)) for name, value in _numbers(explanation)
    )
    return element("header", verdict + heading + below + element("dl", numbers, "numbers"))


def _numbers(explanation: Explanation) -> Iterator[tuple[str, str]]:
    yield "method", escaped(explanation.method)
    if explanation.confidence is not None:
        yield "expected F1", f"{explanation.confidence:.2f}{bar(explanation.confidence)}"
    if explanation.parts:
        yield "parts kept", f"{sum(part.kept for part in explanation.parts):,} of {len(explanation.parts):,}"
    if explanation.sameness:
        yield "words", f"{explanation.sameness.words:,}"
    if explanation.known is not None:
        yield "pages of the site known", f"{explanation.known:,}"
    if explanation.stages:
        yield "time", milliseconds(sum(stage.seconds for stage in explanation.stages))
    yield "size", f"{explanation.size:,} bytes"
    if explanation.charset:
        yield "charset", escaped(explanation.charset)
