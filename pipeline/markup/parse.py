"""From HTML to a tree, with a guard before the parser against what makes libxml2 slow or deaf."""

import re

import msgspec
from lxml import etree, html

from pipeline.markup.floods import break_long_texts, text_alone, thin
from pipeline.markup.nesting import flatten

_MOST_TAG = 2_048  # characters, quoted values not counted: libxml2 compares each attribute of a tag with all others
_MOST_DATA_URI = 1_024
_MOST_BYTES = 9_000_000  # of a page in UTF-8: libxml2 reads no more than 10 million otherwise
_MOST_FLOOD = 10_000  # extractors take the square of the number of these, side by side
_FLOODS = {name: re.compile(rf"</?{name}\b[^>]{{0,512}}>?", re.IGNORECASE) for name in ("br", "option")}

# A tag as the HTML Standard's tokeniser sees it: a quote opens a value after "=" only. Once begun it never fails and
# never goes back, so a scan is linear. Comments and raw text are tokens of their own: no tags are in there.
_TOKEN = re.compile(
    r"<(?:!--(?:[^-]++|-(?!->))*+"
    r"|((?i:script|style|textarea|title))\b(?:[^<]++|<(?!/(?i:\1)))*+"
    r"|([a-zA-Z][a-zA-Z0-9:-]{0,40}+)(?:[^>=]++|=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+)?+)*+>?+)"
)
_VALUE = re.compile(r"=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+)")
_DATA_URI = re.compile(rf"data:[a-zA-Z0-9.+/;=-]{{0,100}},[^\"'\s<>)]{{{_MOST_DATA_URI},}}")

# One class for all elements, chosen in C: lxml.html's own lookup calls into Python for each element that is touched,
# a tenth of the extractor's time, to tell forms apart that nobody fills in here.
_CLASSES = etree.ElementDefaultClassLookup(element=html.HtmlElement)


class Parsed(msgspec.Struct, frozen=True):
    """The root element of a page, `<html>`, and what had to be done to get it."""

    tree: html.HtmlElement
    warnings: tuple[str, ...] = ()


def parse(text: str) -> Parsed | None:
    """The tree of `text`, or None where there is nothing in it. Never raises, whatever the text is.

    Attributes by the ten thousand are cut (`long_tag_cut`), data: URIs over 1 KiB too, and `<br>` and
    `<option>` by the ten thousand (`tag_flood_cut`). Of what follows the 40,000th tag only the text stays
    (`markup_thinned`). What is nested deeper than libxml2's 256 levels is flattened
    (`deep_nesting`): libxml2 would drop all that follows.
    """
    if "data:" in text:
        text = _DATA_URI.sub("data:,", text)
    calm = _without_floods(text) if text.count("<") > _MOST_FLOOD else text
    thinned = thin(calm)
    short = _without_long_tags(thinned)
    guarded = break_long_texts(short)
    warnings = [
        *["tag_flood_cut"] * (calm is not text),
        *["markup_thinned"] * (thinned is not calm),
        *["long_tag_cut"] * (short is not thinned),
    ]
    tree, too_deep = _tree(guarded)
    if too_deep:
        tree, too_deep = _tree(flatten(guarded))
        warnings.append("deep_nesting")
    if too_deep:
        tree, _ = _tree(text_alone(guarded))
        warnings.append("markup_thinned")
    return None if tree is None else Parsed(tree, tuple(dict.fromkeys(warnings)))


def _without_long_tags(text: str) -> str:
    pieces = []
    done = 0
    for token in _TOKEN.finditer(text):
        start, end = token.span()
        if end - start > _MOST_TAG and token[2] and len(_VALUE.sub("", token[0])) > _MOST_TAG:
            pieces += [text[done:start], f"<{token[2]}>"]
            done = end
    return "".join([*pieces, text[done:]]) if pieces else text


def _without_floods(text: str) -> str:
    for name, tags in _FLOODS.items():
        if text.count(f"<{name}") + text.count(f"<{name.upper()}") > _MOST_FLOOD:
            text = tags.sub("\n", text)
    return text


def _tree(text: str) -> tuple[html.HtmlElement | None, bool]:
    """The tree, and whether libxml2 gave up on its depth."""
    markup = text.encode("utf-8", "replace")
    huge = len(markup) > _MOST_BYTES
    if huge:  # lifts the limit of the depth as well: what comes there must be shallow
        markup = flatten(text).encode("utf-8", "replace")
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=huge)
    parser.set_element_class_lookup(_CLASSES)
    try:
        tree = etree.fromstring(markup, parser)
    except etree.LxmlError:
        tree = None
    last = parser.error_log.last_error
    return tree, last is not None and last.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT
