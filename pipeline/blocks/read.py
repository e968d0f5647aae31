"""A page as a row of blocks: runs of text that no block-level tag divides, and the elements that hold them."""

from itertools import chain, islice

from lxml import etree
from lxml.html import HtmlElement

MOST_BLOCKS = 10_000  # of a page that is read: none of 2,800 real ones has more, and time and memory stay bounded
MOST_ELEMENTS = 200_000  # that are looked at, of whatever kind
MOST_VALUE = 200  # characters of an attribute that count

Key = tuple[str, str | None, str | None, str | None, str | None]  # tag, class, id, itemprop, role

_BLOCK, _INLINE, _IMAGE, _LINK, _BREAK, _SKIPPED = range(6)
_SHORT, _UNSQUEEZED = 4, 40  # characters: a block that may be no word; a piece whose blanks do not count
_INLINES = (
    "abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q rp rt ruby s samp small span "
    "strike strong sub sup time tt u var wbr"
)
_UNREAD = (
    "script style template svg iframe object select textarea title canvas audio video map applet embed math "
    "noembed noframes"
)
_KINDS = {
    **dict.fromkeys(_INLINES.split(), _INLINE),
    **dict.fromkeys(_UNREAD.split(), _SKIPPED),
    "a": _LINK,
    "br": _BREAK,
    "img": _IMAGE,
}
_END = etree.Element("end")  # follows a page's last element, and stands in none
_LINE = "\x1f"  # a line break inside a block; no character of XML: cannot be in the tree


class Blocks:
    """The blocks of a page in its order, column by column, and the block-level elements that hold any.

    Of block i: `texts[i]` (blanks squeezed, but in `pre`), `holders[i]` its innermost element, `linked[i]` characters
    inside links, `links[i]` their number, `leads[i]` the inline element that it begins with, `images[i]` the images
    met before its end. Of element e, in document order: `elements[e]`, `parents[e]` (0, the root, is its own), and
    the blocks inside it, from `firsts[e]` up to and without `lasts[e]`. `scripts`: the script elements met. `cut`:
    whether the page has more blocks than these.
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
        self.scripts: list[HtmlElement] = []
        self.cut = False


def read_blocks(tree: HtmlElement) -> Blocks:
    """The blocks of `tree`, in one pass in document order; linear, without recursion, at most MOST_BLOCKS."""
    body = tree.find("body")
    walk = _Walk(tree if body is None else body)
    walk.run()
    return walk.blocks


class _Walk:
    """Where the walk stands: the run of text since the last boundary, and what it has met in it."""

    def __init__(self, root: HtmlElement) -> None:
        self.blocks = Blocks()
        self.root = root
        self.open = [root]  # block-level elements, the innermost last
        self.places: list[int] = []  # of the outermost of them, which hold a block
        self.pieces: list[str] = []
        self.within = 0  # links that are open
        self.linked = self.links = self.images = 0
        self.lead: HtmlElement | None = None
        self._place()

    def run(self) -> None:  # noqa: C901, PLR0912 (a call for each element would cost a fifth of the time)
        """Walk over the root and all in it. A page's time goes here: what most elements need is done in the loop."""
        kinds, pieces, open_, texts = _KINDS, self.pieces, self.open, self.blocks.texts
        around: list[tuple[HtmlElement | None, int]] = [(None, _SKIPPED)]
        element, kind, text = self.root, _BLOCK, self.root.text
        for following in chain(islice(self.root.iter(), 1, MOST_ELEMENTS), (_END,)):
            if text and kind != _SKIPPED and (pieces or not text.isspace()):
                self._add(text)
            parent = following.getparent()
            while element is not parent:
                if kind == _BLOCK:
                    self._close()
                elif kind == _LINK:
                    self.within -= 1
                text = element.tail
                element, kind = around.pop()
                if text and kind != _SKIPPED and (pieces or not text.isspace()):
                    self._add(text)
            around.append((element, kind))
            element, text = following, following.text
            if kind != _SKIPPED:
                kind = kinds.get(element.tag, _BLOCK)
                if kind == _BLOCK:
                    if pieces:
                        self._flush()
                    self.links = self.linked = 0
                    self.lead = None
                    open_.append(element)
                elif kind != _SKIPPED:
                    self._enter(element, kind)
                elif element.tag == "script":
                    self.blocks.scripts.append(element)
                if len(texts) >= MOST_BLOCKS:
                    self.blocks.cut = True
                    break
        while self.places:  # of what a page of too many blocks leaves open
            self.blocks.lasts[self.places.pop()] = len(texts)

    def _close(self) -> None:
        """End the innermost block-level element."""
        if self.pieces:
            self._flush()
        self.open.pop()
        if len(self.places) > len(self.open):
            self.blocks.lasts[self.places.pop()] = len(self.blocks.texts)

    def _enter(self, element: HtmlElement, kind: int) -> None:
        """What an element means that is no block."""
        if kind == _BREAK:
            self._break()
        elif kind == _IMAGE:
            self.images += 1
        else:
            if kind == _LINK:
                self.within += 1
                self.links += 1
            if not self.pieces:
                self.lead = element

    def _place(self) -> None:
        """Give the open elements their places, which have none yet, for there is no block in them."""
        blocks, places = self.blocks, self.places
        for element in self.open[len(places) :]:
            blocks.parents.append(places[-1] if places else 0)
            places.append(len(blocks.elements))
            blocks.elements.append(element)
            blocks.firsts.append(len(blocks.texts))
            blocks.lasts.append(len(blocks.texts))

    def _flush(self) -> None:
        """End the run of text: a block, if there is a word in it."""
        pieces, blocks = self.pieces, self.blocks
        text = pieces[0] if len(pieces) == 1 else "".join(pieces)
        if self.open[-1].tag == "pre":
            text = text.replace(_LINE, "\n").strip("\n")
        elif _LINE in text:
            text = "\n".join(filter(None, (" ".join(line.split()) for line in text.split(_LINE))))
        else:
            text = " ".join(text.split())
        if len(text) >= _SHORT or any(map(str.isalnum, text)):
            if len(self.places) < len(self.open):
                self._place()
            blocks.texts.append(text)
            blocks.holders.append(self.places[-1])
            blocks.linked.append(self.linked)
            blocks.links.append(self.links)
            blocks.leads.append(self.lead)
            blocks.images.append(self.images)
        pieces.clear()
        self.linked = self.links = 0
        self.lead = None

    def _add(self, text: str) -> None:
        """More of the run; blanks alone begin none."""
        if text.isspace():
            self.pieces.append(" ")
            return
        self.pieces.append(text)
        if self.within:
            self.linked += len(text) if len(text) < _UNSQUEEZED else len(" ".join(text.split()))

    def _break(self) -> None:
        """A line break: the second in a row ends the block."""
        for piece in reversed(self.pieces):
            if piece == _LINE:
                self._flush()
                return
            if piece != " ":
                self.pieces.append(_LINE)
                return


def key_of(element: HtmlElement) -> Key:
    """What is written on an element that tells its purpose."""
    get = element.get
    classes, identity, itemprop, role = get("class"), get("id"), get("itemprop"), get("role")
    key = element.tag, classes, identity, itemprop, role
    if (
        (classes and len(classes) > MOST_VALUE)
        or (identity and len(identity) > MOST_VALUE)
        or (itemprop and len(itemprop) > MOST_VALUE)
        or (role and len(role) > MOST_VALUE)
    ):
        return tuple(value and value[:MOST_VALUE] for value in key)
    return key
