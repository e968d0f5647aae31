"""A page as a row of blocks: runs of text that no block-level tag divides, and the elements that hold them."""

from itertools import islice

from lxml.html import HtmlElement

MOST_BLOCKS = 10_000  # what comes after is dropped: no article is that long, and time and memory stay bounded
MOST_ELEMENTS = 200_000  # that are looked at, of whatever kind
MOST_VALUE = 200  # characters of an attribute that count

Key = tuple[str, str | None, str | None, str | None, str | None]  # tag, class, id, itemprop, role

_BLOCK, _INLINE, _IMAGE, _LINK, _BREAK, _SKIPPED = range(6)
_INLINE_KINDS = (_INLINE, _LINK)
_SHORT, _UNSQUEEZED = 4, 40  # characters: a block that may be no word; a piece whose blanks do not count
_INLINES = (
    "abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q rp rt ruby s samp small span "
    "strike strong sub sup time tt u var wbr"
)
_UNREAD = "script style template svg iframe object select textarea title canvas audio video map applet embed math"
_KINDS = {
    **dict.fromkeys(_INLINES.split(), _INLINE),
    **dict.fromkeys(_UNREAD.split(), _SKIPPED),
    "a": _LINK,
    "br": _BREAK,
    "img": _IMAGE,
}
_LINE = "\x1f"  # a line break inside a block; no character of XML: cannot be in the tree


class Blocks:
    """The blocks of a page in its order, column by column, and the block-level elements that hold any.

    Of block i: `texts[i]` (blanks squeezed, but in `pre`), `holders[i]` its innermost element, `linked[i]` characters
    inside links, `links[i]` their number, `leads[i]` the inline element that it begins with, `images[i]` the images
    met before its end. Of element e, in document order: `elements[e]`, `parents[e]` (0, the root, is its own), and
    the blocks inside it, from `firsts[e]` up to and without `lasts[e]`.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.holders: list[int] = []
        self.linked: list[int] = []
        self.links: list[int] = []
        self.leads: list[HtmlElement | None] = []
        self.images: list[int] = []
        self.elements: list[HtmlElement] = []
        self.parents: list[int] = []
        self.firsts: list[int] = []
        self.lasts: list[int] = []


def read_blocks(tree: HtmlElement) -> Blocks:
    """The blocks of `tree`, in one pass in document order; linear, without recursion, at most MOST_BLOCKS."""
    walk = _Walk()
    body = tree.find("body")
    root = tree if body is None else body
    walk.enter(root, _BLOCK)
    stack, kinds, enter, leave, texts = walk.stack, _KINDS, walk.enter, walk.leave, walk.blocks.texts
    for element in islice(root.iter(), 1, MOST_ELEMENTS):
        parent = element.getparent()
        while stack[-1][0] is not parent:
            leave()
        enter(element, _SKIPPED if stack[-1][1] == _SKIPPED else kinds.get(element.tag, _BLOCK))
        if len(texts) >= MOST_BLOCKS:
            walk.cut()
            break
    while stack:
        leave()
    return _compact(walk.blocks)


def _compact(blocks: Blocks) -> Blocks:
    """`blocks` without the elements that hold none, but for the root."""
    kept = [0] + [place for place, first in enumerate(blocks.firsts) if place and first < blocks.lasts[place]]
    places = dict(zip(kept, range(len(kept)), strict=True))
    blocks.elements = [blocks.elements[place] for place in kept]
    blocks.parents = [places[blocks.parents[place]] for place in kept]
    blocks.firsts = [blocks.firsts[place] for place in kept]
    blocks.lasts = [blocks.lasts[place] for place in kept]
    blocks.holders = [places[place] for place in blocks.holders]
    return blocks


class _Walk:
    """Where the walk stands: the open elements, and the run of text since the last boundary."""

    def __init__(self) -> None:
        self.blocks = Blocks()
        self.stack: list[tuple[HtmlElement, int, int]] = []  # element, kind, place of the block-level element around
        self.pieces: list[str] = []
        self.within = 0  # links that are open
        self.linked = self.links = self.images = 0
        self.lead: HtmlElement | None = None

    def enter(self, element: HtmlElement, kind: int) -> None:
        place = self.stack[-1][2] if self.stack else 0
        if kind == _BLOCK:
            place = self._enter_block(element, place)
        elif kind in _INLINE_KINDS:
            if kind == _LINK:
                self.within += 1
                self.links += 1
            if not self.pieces:
                self.lead = element
        elif kind == _BREAK:
            self._break()
        elif kind == _IMAGE:
            self.images += 1
        self.stack.append((element, kind, place))
        if kind != _SKIPPED and (text := element.text):
            self._add(text)

    def leave(self) -> None:
        element, kind, place = self.stack.pop()
        if kind == _BLOCK:
            if self.pieces:
                self._flush(place)
            self.blocks.lasts[place] = len(self.blocks.texts)
        elif kind == _LINK:
            self.within -= 1
        if self.stack and self.stack[-1][1] != _SKIPPED and (tail := element.tail):
            self._add(tail)

    def cut(self) -> None:
        """End all that is open, here."""
        for _, kind, place in self.stack:
            if kind == _BLOCK:
                self.blocks.lasts[place] = len(self.blocks.texts)
        self.stack.clear()

    def _enter_block(self, element: HtmlElement, around: int) -> int:
        if self.pieces:
            self._flush(around)
        blocks = self.blocks
        place, before = len(blocks.elements), len(blocks.texts)
        blocks.elements.append(element)
        blocks.parents.append(around)
        blocks.firsts.append(before)
        blocks.lasts.append(before)
        self.links = self.linked = 0
        self.lead = None
        return place

    def _flush(self, place: int) -> None:
        """End the run of text: a block, if there is a word in it."""
        pieces = self.pieces
        blocks = self.blocks
        text = pieces[0] if len(pieces) == 1 else "".join(pieces)
        if blocks.elements[place].tag == "pre":
            text = text.replace(_LINE, "\n").strip("\n")
        elif _LINE in text:
            text = "\n".join(filter(None, (" ".join(line.split()) for line in text.split(_LINE))))
        else:
            text = " ".join(text.split())
        if len(text) >= _SHORT or any(map(str.isalnum, text)):
            blocks.texts.append(text)
            blocks.holders.append(place)
            blocks.linked.append(self.linked)
            blocks.links.append(self.links)
            blocks.leads.append(self.lead)
            blocks.images.append(self.images)
        self.pieces = []
        self.linked = self.links = 0
        self.lead = None

    def _add(self, text: str) -> None:
        if text.isspace():
            if self.pieces:
                self.pieces.append(" ")
            return
        self.pieces.append(text)
        if self.within:
            self.linked += len(text) if len(text) < _UNSQUEEZED else len(" ".join(text.split()))

    def _break(self) -> None:
        """A line break: the second in a row ends the block."""
        for piece in reversed(self.pieces):
            if piece == _LINE:
                self._flush(self.stack[-1][2])
                return
            if piece != " ":
                self.pieces.append(_LINE)
                return


def key_of(element: HtmlElement) -> Key:
    """What is written on an element that tells its purpose."""
    get = element.get
    key = element.tag, get("class"), get("id"), get("itemprop"), get("role")
    for value in key:
        if value and len(value) > MOST_VALUE:
            return tuple(value and value[:MOST_VALUE] for value in key)
    return key
