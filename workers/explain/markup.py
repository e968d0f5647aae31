"""HTML out of values: every text is escaped on its way in, and nothing in it turns the direction of writing."""

from collections.abc import Iterable, Iterator
from html import escape

from workers.printable import printable_block


def escaped(text: object, most: int = 2_000) -> str:
    """`text` as HTML shows it, at most `most` characters of it: no markup, no controls, no turns of direction."""
    whole = str(text)
    cut = whole if len(whole) <= most else f"{whole[:most].rstrip()}\u2026"
    return escape(printable_block(cut), quote=True)


def element(name: str, content: str | Iterable[str], classes: str = "", **attributes: str) -> str:
    """An element around `content`, which is HTML; names and attributes are ours, values of attributes are escaped."""
    marks = {"class": classes} if classes else {}
    marks |= {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
    written = "".join(f' {key}="{escape(value, quote=True)}"' for key, value in marks.items())
    return f"<{name}{written}>{content if isinstance(content, str) else ''.join(content)}</{name}>"


def bar(share: float) -> str:
    """A bar as long as `share`, 0 to 1; for the eye alone, so a number has to stand beside it."""
    width = round(100 * min(max(share, 0.0), 1.0))
    return (
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<rect class="rail" width="100" height="8"/><rect class="fill" width="{width}" height="8"/></svg>'
    )


def table(caption: str, head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of cells that are HTML; a row's first cell is its heading."""
    top = element("tr", (element("th", escaped(name), scope="col") for name in head))
    body = (element("tr", _cells(row)) for row in rows)
    inside = element("caption", escaped(caption)) + element("thead", top) + element("tbody", body)
    return element("div", element("table", inside), "table")


def _cells(row: Iterable[str]) -> Iterator[str]:
    for place, cell in enumerate(row):
        yield element("td", cell) if place else element("th", cell, scope="row")
