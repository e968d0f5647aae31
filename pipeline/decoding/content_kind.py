"""What a body is, whatever its type was declared to be: HTML, text, or something that is no page."""

import re
from itertools import islice
from typing import Literal

import msgspec

Kind = Literal["html", "text"]

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"})
TEXT_TYPES = frozenset({"text/plain", "text/markdown", "text/x-markdown"})
UNSAID_TYPES = frozenset(
    {"", "application/octet-stream", "binary/octet-stream", "application/unknown", "unknown/unknown"}
)
"""Types that say nothing: the body is sniffed."""

_MAGIC = (
    (b"%PDF-", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"GIF8", "GIF"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"RIFF", "RIFF"),
    (b"PK\x03\x04", "ZIP"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a", "RAR"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"OggS", "Ogg"),
    (b"ID3", "MP3"),
    (b"wOFF", "WOFF"),
    (b"wOF2", "WOFF2"),
    (b"\x00\x00\x01\x00", "ICO"),
    (b"\x7fELF", "ELF"),
    (b"{\\rtf", "RTF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office document"),
)
_SAMPLE = 4096
_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\x0b\f\r\x1b") + b"\x7f"
_MOST_CONTROLS = 32  # one in so many bytes; random bytes have one in nine

_DOCUMENT = re.compile(r"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_DOCUMENT_START = re.compile(rb"\s{0,64}<(?:!doctype\s{1,8}html|html[\s>])", re.IGNORECASE)
_TAGS = (
    r"(?:html|head|body|title|meta|link|script|style|article|section|div|span|p|a|b|i|em|strong|br|h[1-6]|ul|ol|li"
    r"|table|t[rdh]|font|center|form|img|pre|blockquote)"
)
_OPENING = re.compile(rf"<(?:!--|/?{_TAGS}[\s/>])", re.IGNORECASE)
_CLOSING = re.compile(rf"</{_TAGS}\s{{0,8}}>", re.IGNORECASE)
_ENOUGH_TAGS = 3


def binary_format(body: bytes) -> str | None:
    """The format that the body's first bytes show, "binary" for what is full of control bytes, else None.

    What begins as an HTML document does is one, whatever was strewn into it.
    """
    if body[4:8] == b"ftyp":
        return "MP4"
    for magic, name in _MAGIC:
        if body.startswith(magic):
            return name
    sample = body[:_SAMPLE]
    printable = sample.translate(None, _CONTROLS)
    full = (len(sample) - len(printable)) * _MOST_CONTROLS > len(sample)
    return "binary" if full and not _DOCUMENT_START.match(printable) else None


def kind_of(text: str, media_type: str) -> Kind | None:
    """What `text` is, by its declared type where the text does not say otherwise; None for what is neither.

    A whole document with its `<html>` or doctype is HTML whatever was declared; text without a single tag is text.
    """
    start = text[:_SAMPLE].lstrip()
    if start.startswith("<") and _DOCUMENT.search(start):
        return "html"
    if media_type in HTML_TYPES:
        return "html" if _OPENING.search(text) else "text"
    if media_type in TEXT_TYPES:
        return "text"
    if media_type not in UNSAID_TYPES or _is_xml(start) or _is_json(text):
        return None
    closing = sum(1 for _ in islice(_CLOSING.finditer(text), _ENOUGH_TAGS))
    return "html" if _OPENING.match(start) or closing == _ENOUGH_TAGS else "text"


def _is_xml(start: str) -> bool:
    return start.startswith(("<?xml", "<rss", "<feed", "<svg", "<urlset"))


def _is_json(text: str) -> bool:
    stripped = text.strip()
    if stripped[:1] + stripped[-1:] not in {"{}", "[]"}:
        return False
    try:
        msgspec.json.decode(stripped, type=msgspec.Raw)  # looked through, and not built
    except (msgspec.DecodeError, RecursionError):
        return False
    return True
