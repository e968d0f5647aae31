"""The choices that change what the pipeline makes of a page."""

from typing import Literal

import msgspec

Extractor = Literal["blocks", "trafilatura"]
Wish = Literal["auto", "keep", "drop"]


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """`min_words`: a shorter text is too_short (a CJK or Thai character counts as a word).

    `languages`: ISO 639-1 codes; with none, no language is wrong. `extractor`: what finds the main text.
    `second_opinion`: the F1, 0 to 1, below which a page is read as text instead of by `blocks`; with 0 it never is.
    `captions`, `footnotes`, `comments`: whether `blocks` decides of each, or they stay or go in any case.
    `markdown`: whether the draft has its text as Markdown too.
    """

    min_words: int = 15
    languages: tuple[str, ...] = ()
    extractor: Extractor = "blocks"
    second_opinion: float = 0.6
    captions: Wish = "auto"
    footnotes: Wish = "auto"
    comments: Wish = "auto"
    markdown: bool = False


DEFAULT_OPTIONS = Options()
