"""What makes a page no record: one filter, one reason. The lists are policy: the first filter that objects decides."""

import re
from collections.abc import Callable, Sequence
from itertools import islice

import msgspec

from pagemill.outcomes import RejectReason
from pagemill.page import RawPage
from pipeline.options import Options
from pipeline.result import Rejected

_FIRST_ERROR = 400
_BLANK = b"\0 \t\n\x0b\f\r\xa0\xef\xbb\xbf\xff\xfe"  # blanks in any charset, and the byte order marks
_START = 256

# Scripts that put no blank between words: Thai, Lao, Burmese, Khmer, kana, Han. One character counts as a word.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_WORD = re.compile(f"[{_UNSPACED}]|[^\\W_{_UNSPACED}]+")


class Candidate(msgspec.Struct, frozen=True):
    """What a filter of texts may look at. `language`: ISO 639-1, or None."""

    text: str
    language: str | None


PageFilter = Callable[[RawPage], Rejected | None]
TextFilter = Callable[[Candidate, Options], Rejected | None]


def http_error(page: RawPage) -> Rejected | None:
    """The server answered with an error."""
    if page.status < _FIRST_ERROR:
        return None
    return Rejected(reason=RejectReason.HTTP_ERROR, detail=f"HTTP status {page.status}")


def empty_body(page: RawPage) -> Rejected | None:
    """There is no body, or only blanks."""
    if page.body[:_START].strip(_BLANK) or page.body.strip(_BLANK):  # the whole of it is a copy
        return None
    return Rejected(reason=RejectReason.EMPTY, detail="the body is empty")


def empty_text(candidate: Candidate, _options: Options) -> Rejected | None:
    """Nothing on the page is text: a page of scripts, pictures or navigation."""
    if candidate.text:
        return None
    return Rejected(reason=RejectReason.EMPTY, detail="no text was found on the page")


def too_short(candidate: Candidate, options: Options) -> Rejected | None:
    """The text has fewer than `min_words` words."""
    words = sum(1 for _ in islice(_WORD.finditer(candidate.text), options.min_words))
    if words >= options.min_words:
        return None
    return Rejected(
        reason=RejectReason.TOO_SHORT, detail=f"{words} words, and at least {options.min_words} are asked for"
    )


def wrong_language(candidate: Candidate, options: Options) -> Rejected | None:
    """The text is in none of the languages asked for."""
    if not options.languages or candidate.language in options.languages:
        return None
    found = candidate.language or "no known language"
    return Rejected(reason=RejectReason.WRONG_LANGUAGE, detail=f"{found}, none of {', '.join(options.languages)}")


PAGE_FILTERS: Sequence[PageFilter] = (http_error, empty_body)
"""Before any work is done."""

TEXT_FILTERS: Sequence[TextFilter] = (empty_text, too_short, wrong_language)
"""On what came out."""


def check_page(page: RawPage) -> Rejected | None:
    """The first objection to the page as it came, or None."""
    return next((refusal for accepts in PAGE_FILTERS if (refusal := accepts(page))), None)


def check_text(candidate: Candidate, options: Options) -> Rejected | None:
    """The first objection to the text, or None."""
    return next((refusal for accepts in TEXT_FILTERS if (refusal := accepts(candidate, options))), None)
