"""The main text of a page, behind one function, so that what finds it can be replaced."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec
import trafilatura
from lxml import etree
from lxml.html import HtmlElement
from trafilatura.settings import Document

from pipeline.blocks.extract import Chosen, extract_blocks
from pipeline.blocks.inputs import Seen
from pipeline.blocks.passages import Passage
from pipeline.flattened.extract import read_flattened
from pipeline.markup.embedded_json import is_odd
from pipeline.markup.lines import lines_of
from pipeline.markup.render import render
from pipeline.measure import length_in_words
from pipeline.options import DEFAULT_OPTIONS, Options
from pipeline.payload.read import LEAST_WORDS, read_payload

Rung = Callable[[HtmlElement], str | Chosen]

_MOST_ELEMENTS = 12_000  # of 1,500 real pages the largest has 9,888
_MOST_BLOCKS = 5_500  # the largest has 5,008: trafilatura takes the square of their number
_MOST_ATTRIBUTES = 100_000  # each of the extractor's copies of the tree holds them again
_MOST_TEXT = 1_500_000  # characters
_COUNT_ELEMENTS = etree.XPath("count(//*)")
_BLOCKS = "p div li td th dd dt h1 h2 h3 h4 h5 h6 pre blockquote"
_COUNT_BLOCKS = etree.XPath(f"count(//*[{' or '.join(f'self::{name}' for name in _BLOCKS.split())}])")
_COUNT_ATTRIBUTES = etree.XPath("count(//@*)")
_LENGTH = etree.XPath("string-length(//body)")
_TEXTS = etree.XPath("//body//text()[not(parent::script or parent::style)]", smart_strings=False)
_PIECES = etree.XPath(
    "//body//text()[not(ancestor::script or ancestor::style or ancestor::noscript or ancestor::template"
    " or ancestor::nav or ancestor::footer or ancestor::aside or ancestor::form or ancestor::button"
    " or ancestor::select or ancestor::svg or ancestor::iframe or ancestor::object)]"
)


class Extracted(msgspec.Struct, frozen=True, kw_only=True):
    """The main text. `method`: which extractor gave it. `removed`: characters taken out, by rule.

    `confidence`: the F1 that the method expects of it, where it does. `passages`: what the text is made of, where the
    method knows.
    """

    text: str
    method: str
    confidence: float | None = None
    passages: Sequence[Passage] = ()
    removed: Mapping[str, int] = {}
    warnings: tuple[str, ...] = ()


def extract(tree: HtmlElement, options: Options = DEFAULT_OPTIONS, seen: Seen | None = None) -> Extracted:
    """The main text of `tree`, which is left as it is; "" where no extractor finds any. `seen`: what its site repeats.

    A ladder: when the chosen extractor raises, as libraries do on hostile input, finds nothing, or expects less of its
    text than `options.second_opinion`, another has its turn, and `extractor_raised` or `extractor_fell_back` says so.
    Where blocks are unsure, the page is read as if it had come as text: that net knows other pages, and no markup.
    Where it finds hardly any text, what the page's scripts hold is looked at (`payload`).
    A page of too many elements for trafilatura goes to one that is linear instead (`extractor_skipped`).
    """
    warnings: list[str] = []
    first = None
    for method, rung in _rungs(tree, options, seen=seen, warnings=warnings):
        first = first or method
        try:
            found = rung(tree)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 (not our code, and it raises whatever it meets: AssertionError, RecursionError)
            warnings.append("extractor_raised")
            continue
        chosen = found if isinstance(found, Chosen) else Chosen(text=found)
        if chosen.text:
            fell_back = ["extractor_fell_back"] if method != first else []
            told = (*dict.fromkeys(warnings), *fell_back)
            return Extracted(
                text=chosen.text,
                method=method,
                confidence=chosen.confidence,
                passages=chosen.passages,
                warnings=told,
            )
    return Extracted(text="", method="none", warnings=tuple(dict.fromkeys(warnings)))


def _trafilatura(tree: HtmlElement) -> str:
    # It works on a copy of its own. Never deduplicate=True: that keeps a cache for the process, and the fourth call on
    # one page finds nothing. "txt" leaves the rendering to us; without a url its log never quotes the page's.
    document = trafilatura.bare_extraction(
        tree, output_format="txt", include_comments=False, deduplicate=False, with_metadata=False
    )
    return render(document.body) if isinstance(document, Document) else ""


def _rungs(
    tree: HtmlElement, options: Options, *, seen: Seen | None, warnings: list[str]
) -> Iterator[tuple[str, Rung]]:
    found = Chosen()

    def blocks(tree: HtmlElement) -> Chosen:
        nonlocal found
        found = extract_blocks(tree, seen, options)
        return Chosen() if is_short() or is_doubtful() else found

    def is_short() -> bool:
        return length_in_words(found.text) < LEAST_WORDS

    def is_doubtful() -> bool:
        return found.confidence is not None and found.confidence < options.second_opinion

    if options.extractor == "blocks":
        yield "blocks", blocks
        if is_short():
            yield "payload", read_payload
        if is_doubtful():
            yield "lines", lambda tree: _lines(tree, seen)
        yield "blocks", lambda _: found
    large = _is_large(tree)
    if large:
        warnings.append("extractor_skipped")
    library, *rest = (_LARGE if large else _LIBRARY).items()
    yield library
    if options.extractor != "blocks":
        yield "payload", read_payload
    yield from rest


def _is_large(tree: HtmlElement) -> bool:
    """Whether the extractor would take long, or much memory: it goes quadratic, and copies the tree."""
    elements = _COUNT_ELEMENTS(tree)
    return (
        elements > _MOST_ELEMENTS
        or (elements > _MOST_BLOCKS and _COUNT_BLOCKS(tree) > _MOST_BLOCKS)
        or _COUNT_ATTRIBUTES(tree) > _MOST_ATTRIBUTES
        or (_LENGTH(tree) > _MOST_TEXT and sum(map(len, _TEXTS(tree))) > _MOST_TEXT)
        or is_odd(tree)
    )


def _lines(tree: HtmlElement, seen: Seen | None = None) -> str:
    """What reads like an article among the lines of the page, as if it had come as text."""
    return read_flattened("\n".join(lines_of(tree)), fetched_at=None, seen=seen).text


def _baseline(tree: HtmlElement) -> str:
    body, _, _ = trafilatura.baseline(tree)
    return render(body)


def _body(tree: HtmlElement) -> str:
    """Every line of text on the page that is not plainly navigation or code."""
    return "\n\n".join(" ".join(piece.split()) for piece in _PIECES(tree) if not piece.isspace())


_LIBRARY: Mapping[str, Rung] = {"trafilatura": _trafilatura, "baseline": _baseline, "body": _body}
_LARGE: Mapping[str, Rung] = {"lines": _lines, "body": _body}
