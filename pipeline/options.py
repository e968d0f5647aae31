"""The choices that change what the pipeline makes of a page."""

from typing import Literal

import msgspec

Extractor = Literal["trafilatura", "blocks"]


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """`min_words`: a shorter text is too_short (a CJK or Thai character counts as a word).

    `languages`: ISO 639-1 codes; with none, no language is wrong. `extractor`: what finds the main text.
    """

    min_words: int = 15
    languages: tuple[str, ...] = ()
    extractor: Extractor = "trafilatura"


DEFAULT_OPTIONS = Options()
