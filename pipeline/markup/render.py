"""An extracted tree as text that reads: paragraphs apart, lists and tables in lines, code as it stands."""

from collections.abc import Iterator

from lxml import etree

from pipeline.markup.entities import unescape

_BREAK = "\x1f"  # no character of XML: cannot be in the tree
_LISTS = frozenset({"list", "ul", "ol", "dl"})
_ROWS = frozenset({"row", "tr"})
_CODE = frozenset({"code", "pre"})
_INLINE = frozenset(
    {"hi", "ref", "del", "lb", "br", "graphic", "span", "a", "b", "i", "em", "strong", "u", "sub", "sup", "small", "q"}
)


def render(body: etree._Element) -> str:
    """The text of trafilatura's `<body>`, whose elements have TEI's names or HTML's.

    A blank line between blocks, `- ` before the items of a list, ` | ` between the cells of a row.
    """
    text = "\n\n".join(_blocks(body))
    return unescape(text) if "&" in text else text


def _blocks(element: etree._Element) -> Iterator[str]:
    """The blocks in an element; text between its block children is a block of its own."""
    run = [element.text or ""]
    for child in element:
        if _is_inline(child):
            run.append(_inline(child))
        else:
            yield from _paragraphs("".join(run))
            run = []
            yield from _block(child)
        run.append(child.tail or "")
    yield from _paragraphs("".join(run))


def _is_inline(element: etree._Element) -> bool:
    if element.tag in _CODE:
        return element.tag == "code" and "\n" not in _inline(element).replace(_BREAK, "\n")
    return element.tag in _INLINE or not isinstance(element.tag, str)


def _inline(element: etree._Element) -> str:
    """All text in an element, line breaks marked."""
    if element.tag in {"lb", "br"}:
        return _BREAK
    if not isinstance(element.tag, str):
        return ""
    return (element.text or "") + "".join(_inline(child) + (child.tail or "") for child in element)


def _paragraphs(run: str) -> Iterator[str]:
    """The paragraphs of running text: a line break stays one, two make a new paragraph."""
    lines: list[str] = []
    for line in run.split(_BREAK):
        words = line.split()
        if words:
            lines.append(" ".join(words))
        elif lines:
            yield "\n".join(lines)
            lines = []
    if lines:
        yield "\n".join(lines)


def _block(element: etree._Element) -> Iterator[str]:
    if element.tag in _LISTS:
        yield from _joined("\n", _items(element))
    elif element.tag == "table":
        yield from _table(element)
    elif element.tag in _CODE:
        yield from filter(str.strip, [_inline(element).replace(_BREAK, "\n").strip("\n")])
    else:
        yield from _blocks(element)


def _items(element: etree._Element) -> Iterator[str]:
    """One line an item, what is nested in it indented below."""
    for item in element:
        lines = [line for block in _block(item) for line in block.split("\n")]
        if lines:
            yield "- " + "\n  ".join(lines)


def _table(table: etree._Element) -> Iterator[str]:
    """The rows as lines; a row of one cell is layout: its blocks stand for themselves."""
    lines: list[str] = []
    for row in table.iter(*_ROWS):
        if len(row) == 1:
            yield from _joined("\n", iter(lines))
            lines = []
            yield from _blocks(row[0])
        else:
            cells = [" ".join(" ".join(_blocks(cell)).split()) for cell in row]
            lines += filter(None, [" | ".join(cells).strip(" |")])
    yield from _joined("\n", iter(lines))


def _joined(separator: str, pieces: Iterator[str]) -> Iterator[str]:
    whole = separator.join(pieces)
    if whole:
        yield whole
