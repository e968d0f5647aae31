"""The wire format of a page: one stream entry of plain fields. docs/wire.md shows it in other languages."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
import zstandard

from pagemill import trace
from pagemill.encoding import decompress
from pagemill.entry_id import time_of
from pagemill.errors import InvalidPage, MalformedEntry, PageTooLarge
from pagemill.limits import DEFAULT_LIMITS, Limits
from pagemill.page import DEEPEST, RawPage, check_limits, is_deep, to_json

VERSION = "1"
FIELDS = frozenset(
    {"v", "url", "body", "content_type", "content_encoding", "status", "headers", "fetched_at", "source", "id", "meta"}
) | {trace.FIELD}

OK = 200
ZSTD_LEVEL = 3
_WORTH_COMPRESSING = 512  # bytes: below that zstd's frame eats what it saves

_THREAD = threading.local()

_T = TypeVar("_T")

Entry = Mapping[bytes, bytes]
"""A stream entry's fields as Redis gives them."""


def encode(page: RawPage, *, level: int | None = ZSTD_LEVEL) -> dict[str, bytes | str]:
    """The fields of a page's entry; `level` is zstd's, None sends the body as it is.

    Raises InvalidPage when headers or meta are not plain JSON.
    """
    fields: dict[str, bytes | str] = {"url": page.url}
    if level is not None and len(page.body) >= _WORTH_COMPRESSING:
        fields["body"] = _compressor(level).compress(page.body)
        fields["content_encoding"] = "zstd"
    else:
        fields["body"] = page.body
    fields["id"] = page.id
    if page.content_type:
        fields["content_type"] = page.content_type
    if page.status != OK:
        fields["status"] = str(page.status)
    if page.fetched_at:
        fields["fetched_at"] = page.fetched_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if page.source:
        fields["source"] = page.source
    for name, value in (("headers", page.headers), ("meta", page.meta)):
        if value:
            fields[name] = to_json(name, value)
    return fields


def decode(fields: Entry, entry_id: str, limits: Limits = DEFAULT_LIMITS) -> RawPage:
    """The page in a stream entry. `entry_id` (`MS-SEQ`) gives the time of the push where `fetched_at` is absent.

    Unknown fields are left alone, so that a newer pusher is understood. Raises PageTooLarge beyond
    a limit, the body's before it is decompressed in full, and MalformedEntry for all that is no page.
    """
    version = _text(fields, b"v", VERSION)
    if version != VERSION:
        raise MalformedEntry("v", f"{version[:20]!a} is a version that this release does not know (it knows {VERSION})")
    if b"url" not in fields:
        raise MalformedEntry("url", "missing: an entry needs at least url and body")
    url = _text(fields, b"url", "")
    if len(url) > limits.max_url:
        raise PageTooLarge("url", len(url), limits.max_url, unit="characters")
    if b"body" not in fields:
        raise MalformedEntry("body", "missing: an entry needs at least url and body")
    encoding = _text(fields, b"content_encoding", "").strip().lower()
    body = fields[b"body"]
    if len(body) > limits.max_body:
        raise PageTooLarge("body", len(body), limits.max_body)
    try:
        page = RawPage(
            url=url,
            body=decompress(body, encoding, limits.max_body),
            content_type=_text(fields, b"content_type", "") or None,
            status=_status(fields),
            headers=_json(fields, b"headers", limits.max_headers, dict[str, str]),
            fetched_at=_time(fields, entry_id),
            source=_text(fields, b"source", "") or None,
            id=_text(fields, b"id", ""),
            meta=_json(fields, b"meta", limits.max_meta, dict[str, Any]),
        )
        check_limits(page, limits)
    except PageTooLarge:
        raise
    except InvalidPage as error:
        raise MalformedEntry(error.field, f"{error.remedy}") from None
    return page


def _compressor(level: int) -> zstandard.ZstdCompressor:
    """This thread's own: a compressor must not be used by two threads at once, and costs 15 us to make."""
    own = getattr(_THREAD, "compressor", None)
    if own is None or own[0] != level:
        own = _THREAD.compressor = (level, zstandard.ZstdCompressor(level=level))
    return own[1]


def _text(fields: Entry, name: bytes, default: str) -> str:
    value = fields.get(name)
    if value is None:
        return default
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedEntry(name.decode(), "is not UTF-8") from None


def _status(fields: Entry) -> int:
    text = _text(fields, b"status", "200")
    if not (text.isascii() and text.isdigit() and len(text) <= len("999")):
        raise MalformedEntry("status", f"{text[:20]!a} is not an HTTP status")
    return int(text)


def _time(fields: Entry, entry_id: str) -> datetime:
    text = _text(fields, b"fetched_at", "")
    if not text:
        if pushed := time_of(entry_id):
            return pushed
        raise MalformedEntry("fetched_at", f"missing, and the entry id {entry_id[:40]!a} is no time")
    try:
        value = msgspec.convert(text, datetime)
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        raise MalformedEntry("fetched_at", f"{text[:40]!a} is not a time in ISO 8601") from None
    return aware


def _json(fields: Entry, name: bytes, limit: int, kind: type[_T]) -> _T:
    raw = fields.get(name)
    if not raw:
        return kind()
    if len(raw) > limit:
        raise PageTooLarge(name.decode(), len(raw), limit)
    try:
        value = msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedEntry(name.decode(), f"is not a JSON object: {str(error)[:100]}") from None
    if is_deep(value):
        raise MalformedEntry(name.decode(), f"is nested more than {DEEPEST} deep")
    return value
