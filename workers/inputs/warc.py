"""WARC (ISO 28500): what was fetched, out of response and resource records."""

import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from pagemill.encoding import decompress
from pagemill.errors import InvalidPage, MalformedEntry, PagemillError, PageTooLarge
from pagemill.limits import Limits
from pagemill.page import RawPage
from workers.printable import printable

if TYPE_CHECKING:
    from io import BufferedReader

_MOST_CODINGS = 8  # one in another: each takes the time that the whole body takes


def read_warc(stream: BinaryIO, label: str, limits: Limits, complain: Callable[[str], None]) -> Iterator[RawPage]:
    """The pages of all response and resource records; `complain` is told of each that is none.

    `stream` is seekable, and without compression. Raises PagemillError when fastwarc is not installed
    or the archive is broken.
    """
    try:
        from fastwarc.warc import ArchiveIterator, WarcRecordType  # noqa: PLC0415 - an extra
    except ImportError:
        msg = "WARC needs fastwarc: pip install 'pagemill[warc]'"
        raise PagemillError(msg) from None
    wanted = WarcRecordType.response | WarcRecordType.resource
    number = 0
    torn = _UpToTear(stream)
    try:
        for record in ArchiveIterator(torn, record_types=wanted, parse_http=False):
            number += 1
            try:
                if (page := _page(record, limits)) is not None:
                    yield page
            except (InvalidPage, MalformedEntry, ValueError, OSError) as error:
                if torn.error:
                    break
                complain(f"{label}: record {number}: {printable(str(error))}")
    except (ValueError, OSError) as error:
        if torn.error:
            raise torn.error from None
        msg = f"broken behind record {number}: {printable(str(error))}"
        raise PagemillError(msg) from None
    if torn.error:
        raise torn.error


class _UpToTear:
    """A stream that ends where its compression is torn, and tells it then: fastwarc reads ahead."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.error: EOFError | zlib.error | None = None
        self.seek = stream.seek
        self.tell = stream.tell
        self.close = stream.close

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; none behind the tear."""
        try:
            return cast("BufferedReader", self._stream).read1(size)
        except (EOFError, zlib.error) as error:
            self.error = error
            return b""


def _page(record: Any, limits: Limits) -> RawPage | None:
    """The record's page, or None where no web page was fetched (dns:, ftp:)."""
    url = (record.headers.get("WARC-Target-URI") or "").strip("<> ")
    if not url.lower().startswith(("http:", "https:", "file:")):
        return None
    status, headers, content_type = 200, {}, record.headers.get("Content-Type")
    if record.is_http:
        record.parse_http(auto_decode="transfer")
        if record.http_headers.status_code is None:
            msg = "holds no HTTP status"
            raise ValueError(msg)
        status, headers = record.http_headers.status_code, dict(record.http_headers.items())
        content_type = record.http_headers.get("Content-Type")
    raw = record.reader.read(limits.max_body + 1)
    chunked = any(name.lower() == "transfer-encoding" for name in headers)  # fastwarc itself tells a missing chunk
    if not chunked and len(raw) < min(record.content_length, limits.max_body + 1):
        msg = "is cut short"
        raise ValueError(msg)
    return RawPage(
        url=url,
        body=_decoded(raw, headers, limits),
        content_type=content_type,
        status=status,
        headers=headers,
        fetched_at=_date(record),
    )


def _decoded(raw: bytes, headers: dict[str, str], limits: Limits) -> bytes:
    """The body without its HTTP content codings, the last one first (RFC 9110, 8.4); some archives hold none."""
    named = next((value for name, value in headers.items() if name.lower() == "content-encoding"), "")
    body = raw
    codings = [part.strip().lower() for part in named.split(",") if part.strip()]
    if len(codings) > _MOST_CODINGS:
        raise MalformedEntry("body", f"has {len(codings)} content codings, one in another")
    for coding in reversed(codings):
        try:
            body = decompress(body, coding.removeprefix("x-"), limits.max_body)
        except PageTooLarge:
            return b"\0" * (limits.max_body + 1)
        except MalformedEntry:
            if body.lstrip()[:1] != b"<":  # the archiver took the coding away, and left the header
                raise
    return body


def _date(record: Any) -> datetime | None:
    date = record.record_date
    if not isinstance(date, datetime):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
