"""From a page's bytes to its text: what the body is, and in which charset."""

import re

import msgspec

from pagemill.outcomes import RejectReason
from pagemill.page import RawPage
from pipeline.decoding.charset import read, utf16_without_mark
from pipeline.decoding.content_kind import Kind, binary_format, kind_of
from pipeline.result import Rejected

_CHARSET = re.compile(r"charset\s{0,8}=\s{0,8}[\"']?\s{0,8}([^\s\"';,]{1,40})", re.IGNORECASE)
_CONTROLS = bytes(code for code in range(32) if chr(code) not in "\t\n\r")
_LINE_ENDS = str.maketrans("\v\f", "\n\n")
_NOT_XML = re.compile("[\x00-\x08\x0e-\x1f\ufffe\uffff]+")  # XML 1.0, section 2.2
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_MOST_BROKEN = 10  # one character in so many


class Decoded(msgspec.Struct, frozen=True, kw_only=True):
    """A body as text. `kind`: html or (flattened) text. `encoding`: the WHATWG's name of the charset it was read in."""

    kind: Kind
    text: str
    encoding: str
    warnings: tuple[str, ...] = ()


def decode(page: RawPage) -> Decoded | Rejected:
    """The page's body as text without control characters, or Rejected: not_html or undecodable."""
    media_type, charset = _content_type(page)
    body = page.body
    wide = body.startswith(_WIDE_MARKS) or utf16_without_mark(body) is not None
    if not wide and (format_name := binary_format(body)):
        return Rejected(reason=RejectReason.NOT_HTML, detail=f"the body is {format_name}, not a page")
    reading = read(body, charset)
    kind = kind_of(reading.text, media_type)
    if kind is None:
        said = f"declared {ascii(media_type[:80])[1:-1]}" if media_type else "no type declared"
        return Rejected(reason=RejectReason.NOT_HTML, detail=f"{said}, and the body is no HTML")
    lost = reading.text.count("\ufffd") if "\ufffd" in reading.text else 0  # here, or upstream; finding is faster
    if lost * _MOST_BROKEN > len(reading.text):
        detail = f"{lost} of {len(reading.text)} characters are lost; best read as {reading.encoding}"
        return Rejected(reason=RejectReason.UNDECODABLE, detail=detail)
    return Decoded(
        kind=kind,
        text=_without_controls(reading.text, body, wide=wide),
        encoding=reading.encoding,
        warnings=reading.warnings,
    )


def _without_controls(text: str, body: bytes, *, wide: bool) -> str:
    """`text`, which was `body`, without what XML cannot hold; vertical tabs and form feeds become line ends."""
    # the bytes are searched ten times as fast as the text, and nearly no page has any
    if not wide and "\ufffe" not in text and "\uffff" not in text and body == body.translate(None, _CONTROLS):
        return text
    return _NOT_XML.sub("", text.translate(_LINE_ENDS))


def _content_type(page: RawPage) -> tuple[str, str | None]:
    """The media type in lower case, "" when unsaid, and the charset beside it."""
    value = page.content_type
    if value is None:
        value = next((text for name, text in page.headers.items() if name.lower() == "content-type"), "")
    value = value[:512]
    charset = _CHARSET.search(value)
    return value.partition(";")[0].strip().lower(), charset[1] if charset else None
