"""RawPage: a page as a scraper hands it over."""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import force_setattr
from xxhash import xxh3_64_digest

from pagemill.errors import InvalidPage, PageTooLarge
from pagemill.limits import DEFAULT_LIMITS, Limits

SCHEMES = frozenset({"http", "https", "file"})
HIGHEST_STATUS = 999
DEEPEST = 100
"""How deep headers and meta may be nested."""


class RawPage(msgspec.Struct, frozen=True, kw_only=True):
    """One scraped page.

    `url`: absolute, http(s) or file; blanks around it are cut. `body`: the bytes as received, decoded
    from any HTTP content encoding. `content_type`: the header's value. `status`: HTTP's. `fetched_at`:
    aware; None means the time of the push. `source`: the spider or feed. `id`: the caller's name for
    the page; by default BLAKE2b-128 of url and body, in hex. `meta`: small JSON, passed through untouched.

    Raises InvalidPage when a field has the wrong type or the url is none. Sizes are `check_limits`' matter.
    """

    url: str
    body: bytes
    content_type: str | None = None
    status: int = 200
    headers: Mapping[str, str] = {}
    fetched_at: datetime | None = None
    source: str | None = None
    id: str = ""
    meta: Mapping[str, Any] = {}

    def __post_init__(self) -> None:
        if isinstance(self.url, str) and self.url != self.url.strip(" "):
            force_setattr(self, "url", self.url.strip(" "))
        check_url(self.url)
        _check_types(self)
        if not self.id:
            force_setattr(self, "id", page_key(self.url, self.body).hex())


def page_key(url: str, body: bytes) -> bytes:
    """The sameness of bytes: BLAKE2b-128 (RFC 7693) of url and body, 16 bytes."""
    digest = blake2b(url.encode("utf-8", "surrogatepass"), digest_size=16)
    digest.update(b"\0")
    digest.update(body)
    return digest.digest()


def bytes_key(url: str, body: bytes) -> bytes:
    """What tells that the same bytes came again: BLAKE2b-64 of the url, then XXH3-64 of the body, 16 bytes.

    XXH3 takes a tenth of the time of a cryptographic hash, and bodies that collide can be made on
    purpose; but only under one url, so whoever does it hides nobody's pages but their own.
    """
    return blake2b(url.encode("utf-8", "surrogatepass"), digest_size=8).digest() + xxh3_64_digest(body)


def check_url(url: object) -> None:
    """Raise InvalidPage unless `url` is an absolute http, https or file URL without control characters."""
    if not isinstance(url, str):
        raise InvalidPage("url", url, "must be a str")
    if not url.isprintable():
        raise InvalidPage("url", url, "holds control characters or odd blanks: percent-encode it")
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        raise InvalidPage("url", url, f"is not a URL ({error})") from None
    if parts.scheme not in SCHEMES:
        raise InvalidPage("url", url, "must be absolute, with the scheme http, https or file")
    if not host and parts.scheme != "file":
        raise InvalidPage("url", url, "has no host")
    if host and " " in host:
        raise InvalidPage("url", url, "has a blank in its host")


def check_limits(page: RawPage, limits: Limits = DEFAULT_LIMITS) -> None:
    """Raise PageTooLarge, which names the field and its limit, if the page is over one."""
    for field, text, limit in (
        ("url", page.url, limits.max_url),
        ("id", page.id, limits.max_id),
        ("content_type", page.content_type, limits.max_content_type),
        ("source", page.source, limits.max_source),
    ):
        if text and len(text) > limit:
            raise PageTooLarge(field, len(text), limit, unit="characters")
    if len(page.body) > limits.max_body:
        raise PageTooLarge("body", len(page.body), limits.max_body)
    for field, value, limit in (
        ("meta", page.meta, limits.max_meta),
        ("headers", page.headers, limits.max_headers),
    ):
        if value and (size := len(to_json(field, value))) > limit:
            raise PageTooLarge(field, size, limit)


def to_json(field: str, value: object) -> bytes:
    """`value` as JSON, or InvalidPage that names `field`."""
    try:
        if is_deep(value):
            raise InvalidPage(field, value, f"must be plain JSON, nested at most {DEEPEST} deep")
        return msgspec.json.encode(value)
    except (TypeError, ValueError, RecursionError, OverflowError) as error:
        raise InvalidPage(field, value, f"must be plain JSON ({error})") from None


def is_deep(value: object) -> bool:
    """Whether lists and mappings are nested beyond DEEPEST: how deep JSON may go else depends on the Python."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            item
            for holder in level
            if isinstance(holder, Mapping | list | tuple)
            for item in (holder.values() if isinstance(holder, Mapping) else holder)
        ]
        if not level:
            return False
    return True


def _check_types(page: RawPage) -> None:
    if not isinstance(page.body, bytes):
        raise InvalidPage("body", type(page.body).__name__, "must be bytes: encode text, and say so in content_type")
    if isinstance(page.status, bool) or not isinstance(page.status, int) or not 0 <= page.status <= HIGHEST_STATUS:
        raise InvalidPage("status", page.status, "must be an HTTP status, 0 to 999")
    for field in ("content_type", "source", "id"):
        _check_text(field, getattr(page, field), optional=field != "id")
    _check_time(page.fetched_at)
    for field in ("headers", "meta"):
        _check_mapping(field, getattr(page, field))


def _check_text(field: str, value: object, *, optional: bool) -> None:
    if value is None and optional:
        return
    if not isinstance(value, str):
        raise InvalidPage(field, value, "must be a str or None" if optional else "must be a str")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidPage(field, value, "holds a lone surrogate, which is not Unicode text") from None


def _check_time(value: object) -> None:
    if value is None:
        return
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise InvalidPage("fetched_at", value, "must be an aware datetime, such as datetime.now(UTC)")
    try:
        value.astimezone(UTC)
    except OverflowError:
        raise InvalidPage("fetched_at", value, "is out of range in UTC") from None


def _check_mapping(field: str, value: object) -> None:
    if not isinstance(value, Mapping):
        raise InvalidPage(field, value, "must be a mapping")
    for key, item in value.items():
        if not isinstance(key, str):
            raise InvalidPage(field, key, "must have str keys")
        if field == "headers" and not isinstance(item, str):
            raise InvalidPage(f"headers[{key!r}]", item, "must be a str")
