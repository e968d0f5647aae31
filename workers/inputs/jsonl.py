"""JSONL: one RawPage a line, with its body as text or in base64."""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

import msgspec

from pagemill.errors import InvalidPage
from pagemill.limits import Limits
from pagemill.page import RawPage
from workers.printable import printable

_SIX = 6  # bytes that JSON may spend on one byte of text: \u0001
_REST = 1_000_000  # bytes for all but the body
_BOM = b"\xef\xbb\xbf"


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A line of the input: RawPage's fields, `body` as text or `body_base64`; null is as good as absent."""

    url: str
    body: str | None = None
    body_base64: str | None = None
    content_type: str | None = None
    status: int | None = None
    headers: dict[str, str] | None = None
    fetched_at: datetime | None = None
    source: str | None = None
    id: str | None = None
    meta: dict[str, Any] | None = None


def read_jsonl(stream: BinaryIO, label: str, limits: Limits, complain: Callable[[str], None]) -> Iterator[RawPage]:
    """The pages of all good lines; of each bad one `complain` is told, with its file and number."""
    decoder = msgspec.json.Decoder(Line)
    for number, line in numbered_lines(stream, limits):
        try:
            if line is None:
                msg = f"longer than a page can be (max_body is {limits.max_body:,})"
                raise ValueError(msg)  # noqa: TRY301 - one place tells of all bad lines
            if line.strip():
                yield to_page(decoder.decode(line), limits)
        except (ValueError, RecursionError, InvalidPage) as error:
            complain(f"{label}:{number}: {printable(str(error))}")


def to_page(line: Line, limits: Limits) -> RawPage:
    """The page in a line. Raises ValueError or InvalidPage."""
    fetched_at = line.fetched_at
    if fetched_at is not None and fetched_at.tzinfo is None:
        fetched_at = fetched_at.replace(tzinfo=UTC)
    return RawPage(
        url=line.url,
        body=_body(line)[: limits.max_body + 1],
        content_type=line.content_type,
        status=200 if line.status is None else line.status,
        headers=line.headers or {},
        fetched_at=fetched_at,
        source=line.source,
        id=line.id or "",
        meta=line.meta or {},
    )


def _body(line: Line) -> bytes:
    if (line.body is None) == (line.body_base64 is None):
        msg = "must hold either body (text) or body_base64"
        raise ValueError(msg)
    if line.body is not None:
        # Text has been decoded already, so whatever charset the page names is wrong now: a BOM outranks it.
        return line.body.encode() if line.body.isascii() else _BOM + line.body.removeprefix("\ufeff").encode()
    try:
        return b64decode("".join((line.body_base64 or "").split()), validate=True)
    except Base64Error as error:
        msg = f"body_base64: {error}"
        raise ValueError(msg) from None


def numbered_lines(stream: BinaryIO, limits: Limits) -> Iterator[tuple[int, bytes | None]]:
    """Numbered lines; None for one that is longer than a page within the limits can be, which is read past."""
    number, most = 0, _SIX * limits.max_body + _REST
    while line := stream.readline(most):
        number += 1
        if len(line) < most or line.endswith(b"\n"):
            yield number, line
            continue
        while (rest := stream.readline(most)) and not rest.endswith(b"\n"):
            pass
        yield number, None
