"""What the pipeline made of a page, and why, as a value: for a terminal, a web page, a program."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from pagemill.record import Draft

Fate = Literal["kept", "unlikely", "repeats", "furniture", "masthead", "title", "apart", "unwanted"]
"""What became of a part. `unlikely`: not main text, as the extractor sees it. `repeats`: it stands above already.
`furniture`: a notice, a button, a label. `masthead`: the title again, a dateline, a byline. `title`: it became the
title. `apart`: a heading or label at the text's edge, or lines apart from all running text. `unwanted`: a setting
drops it."""

WHY: Mapping[Fate, str] = {
    "kept": "main text",
    "unlikely": "not main text",
    "repeats": "stands on the page before",
    "furniture": "a notice, a button or a label",
    "masthead": "title, date or byline above the text",
    "title": "became the title",
    "apart": "apart from the running text",
    "unwanted": "a caption, a footnote or a comment, which a setting drops",
}
"""A fate in words."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A block of an HTML page, or a line of a flattened one.

    `place`: its tag and those around it (`article > ul > li`), with classes; "" of a line. `chance`: how likely the
    extractor thinks it main text, 0 to 1, where it says so. `seen`: on how many other pages of the site it stands,
    where the site is known. `words`: how many it has.
    """

    text: str
    fate: Fate
    place: str = ""
    chance: float | None = None
    seen: int | None = None
    words: int = 0

    @property
    def kept(self) -> bool:
        """Whether it is in the record's text."""
        return self.fate == "kept"


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A field of the record, and where on the page it came from (`JSON-LD`, `meta og:title`, `h1`, `URL`, ...)."""

    name: str
    value: str
    source: str


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """A stage of the pipeline, and the seconds that it took."""

    name: str
    seconds: float


class Sameness(msgspec.Struct, frozen=True, kw_only=True):
    """By what the page is known again. Keys are in hexadecimal.

    `bytes_key`: of its URL and body, `url_key`: of its canonical URL, `text_key`: of its text. `words`: of the text;
    `runs`, `pairs`: distinct runs of five words, and pairs with a number; `numeric`: thousandths of the runs that hold
    a number. `index_keys`: what near copies are looked up by.
    """

    bytes_key: str
    url_key: str
    text_key: str
    words: int
    runs: int
    pairs: int
    numeric: int
    index_keys: tuple[str, ...]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """All that there is to say of a page.

    `draft`: what the pipeline gave, None where it gave nothing: then `reason` and `detail` say why. `kind`: `html` or
    `text`, "" where the page was refused before anybody looked; `charset`: as it was decoded. `method`, `confidence`,
    `removed`, `warnings`: as in the record. `known`: how many other pages of the site are known. `parts`: the page's,
    in order. `stages`: without a clock there are none.
    """

    url: str
    draft: Draft | None = None
    reason: str = ""
    detail: str = ""
    kind: str = ""
    charset: str = ""
    size: int = 0
    method: str = "none"
    confidence: float | None = None
    known: int | None = None
    removed: Mapping[str, int] = {}
    warnings: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    fields: tuple[Field, ...] = ()
    sameness: Sameness | None = None
    stages: tuple[Stage, ...] = ()
