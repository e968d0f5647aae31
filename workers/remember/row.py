"""A record of a corpus as it was read, and what the memory takes of it."""

import re
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from pagemill.errors import InvalidPage
from pagemill.limits import Limits
from pagemill.page import check_url, page_key
from pipeline.sameness.fingerprint import normalise_text, text_key
from pipeline.sameness.sketch import fingerprint
from pipeline.urls.url import url_key
from workers.store.corpus import Known
from workers.store.ring_layout import KEY

TIMES = ("first_seen", "processed_at", "fetched_at", "published_at")
"""What tells when an article was first seen, the best first."""

MOST_VERSIONS = 1_000_000_000

_ARTICLE = re.compile(f"[0-9a-f]{{{2 * KEY}}}")
_EPOCH = datetime.fromtimestamp(0, UTC)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a record that the memory is told; what else it holds is passed over."""

    url: str | None = None
    canonical_url: str | None = None
    text: str | None = None
    id: str | int | None = None
    article: str | None = None
    version: int | None = None
    first_seen: Any = None
    processed_at: Any = None
    fetched_at: Any = None
    published_at: Any = None


class BadField(ValueError):
    """A record that cannot be remembered: its `field`, and what is wrong with it and what to do."""

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        super().__init__(f"{field}: {problem}")


def to_row(read: Any, limits: Limits) -> Known:
    """What the memory takes of a record that was read as a Row or as a mapping. Raises BadField."""
    row = _typed(read)
    url = _url(row, limits)
    text = row.text
    if text is None:
        raise BadField("text", "is missing: name the column of the main text so")
    if len(text) > limits.max_body:
        raise BadField("text", f"has {len(text):,} characters (max_body is {limits.max_body:,}): leave the record out")
    if not _is_encodable(text) or not normalise_text(text):
        raise BadField("text", "holds no words, so that nothing can be known again: leave the record out")
    made = fingerprint(text)
    return Known(
        id=_id(row, url, limits),
        address_key=url_key(url),
        text_key=text_key(text),
        keys=b"".join(made.keys),
        sketch=made.sketch,
        article_key=_article(row.article),
        version=_version(row.version),
        first_seen=_first_seen(row),
    )


def _typed(read: Any) -> Row:
    """Raises BadField for a field of another type, which it names."""
    if isinstance(read, Row):
        return read
    try:
        return msgspec.convert(read, Row)
    except msgspec.ValidationError as error:
        raise wrong_type(error) from None


def wrong_type(error: msgspec.ValidationError) -> BadField:
    """The error as one that names the field, or `record` where it is none at all."""
    problem, _, path = str(error).partition(" - at `$.")
    return BadField(path.rstrip("`") or "record", f"{problem[:1].lower()}{problem[1:]}: mend it, or leave it out")


def _url(row: Row, limits: Limits) -> str:
    field = "canonical_url" if row.canonical_url else "url"
    url = (row.canonical_url or row.url or "").strip(" ")
    if not url:
        raise BadField("url", "is missing: a record needs url or canonical_url")
    if len(url) > limits.max_url:
        raise BadField(field, f"has {len(url):,} characters (max_url is {limits.max_url:,}): leave the record out")
    try:
        check_url(url)
    except InvalidPage as error:
        raise BadField(field, f"{error}".removeprefix("url: ")) from None
    return url


def _id(row: Row, url: str, limits: Limits) -> str:
    """The record's own, or as a page's that came without one, of the text in the place of the body."""
    own = "" if row.id is None else str(row.id)
    if len(own) > limits.max_id:
        raise BadField("id", f"has {len(own):,} characters (max_id is {limits.max_id:,}): shorten it, or leave it out")
    if not _is_encodable(own):
        raise BadField("id", "holds half of a character (a lone surrogate): leave it out")
    return own or page_key(url, (row.text or "").encode()).hex()


def _article(article: str | None) -> bytes:
    if not article:
        return b""
    if not _ARTICLE.fullmatch(article):
        raise BadField("article", f"is not the {2 * KEY} hexadecimal digits that Pagemill gives: leave it out")
    return bytes.fromhex(article)


def _version(version: int | None) -> int:
    if version is None:
        return 0
    if not 1 <= version <= MOST_VERSIONS:
        raise BadField("version", f"must be from 1 to {MOST_VERSIONS:,}: mend it, or leave it out")
    return version


def _first_seen(row: Row) -> int | None:
    moments = (_moment(getattr(row, name)) for name in TIMES)
    found = next(filter(None, moments), None)
    return None if found is None else max(0, int((found - _EPOCH).total_seconds() * 1000))


def _moment(told: Any) -> datetime | None:
    """A time or day of Parquet, or in ISO 8601, UTC where it names no zone; None for what is none."""
    if isinstance(told, str):
        try:
            told = datetime.fromisoformat(told)
        except ValueError:
            return None
    elif isinstance(told, date) and not isinstance(told, datetime):
        told = datetime(told.year, told.month, told.day, tzinfo=UTC)
    if not isinstance(told, datetime):
        return None
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
