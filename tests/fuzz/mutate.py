"""Mutations that know HTML: tags, attributes and entities are spliced, repeated and torn, and bytes are broken."""

import re
from collections.abc import Callable, Sequence
from random import Random

MOST = 40_000  # bytes of a mutated input

_TAG = re.compile(rb"</?[a-zA-Z][^<>]{0,200}>")
_NAMES = (
    b"a abbr address article aside b base blockquote body br button caption center code col dd del details div dl "
    b"dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 head header hr html i iframe "
    b"img input ins kbd label li link main math meta nav noscript object ol optgroup option p picture plaintext "
    b"pre q rp rt ruby s script section select small source span strike strong style sub summary sup svg table "
    b"tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr x-mill xmp"
).split()
_ATTRIBUTES = (
    b"class=author", b"class=date", b"class='comment'", b"id=main", b"itemprop=datePublished", b"itemprop=author",
    b"rel=author",
    b"rel=canonical", b"href='http://[::1'", b"href=javascript:a", b"src=data:,a", b"content='12 March 2020'",
    b"charset=utf-16",
    b"charset=iso-2022-jp", b"name=date", b"property=article:published_time", b"type=application/ld+json",
    b"colspan=9999999",
    b"rowspan='-1'", b"rowspan=\xc2\xb2", b"lang=\xff", b"datetime=2020-13-99T99:99", b"style='display:none'",
    b"hidden", b"a='", b'b="',
    b"role=main", b"srcdoc='<p>a'", b"xmlns=a:b", b"xml:lang=de", b"data-preloaded='{}'",
)  # fmt: skip
_TOKENS = (
    b"&#0;", b"&#xD800;", b"&#x10FFFF;", b"&#99999999999;", b"&amp;lt;p&amp;gt;", b"&notit;", b"<![CDATA[", b"]]>",
    b"<!--", b"-->", b"--!>",
    b"<?xml version='1.0' encoding='utf-7'?>", b"<!DOCTYPE html [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>", b"\0",
    b"\x1b$B", b"\x1b[31m",
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80",
    "\u202e\u200d\u0301".encode(),
    "\ufffe\uffff".encode(), "年月日".encode(), b'{"@graph":[', b'"@type":"NewsArticle",',
    b'"datePublished":"2020-01-01",', b'"author":[{',
    b'{"@id":"a"}', b"\\ud800", b"1e999", b"NaN", b"12 March 2020 10:61 +99:99", b"2 hours ago",
    b"99999999999999999999 years ago",
    b"By Ann Miller and Bob", b"| The Mill", b"- ", b"\r\n\r\n", b"\t",
    b"https://user:a@[::1]:99999/%zz?utm_source=a&&=#!/", b"xn--a", b"%00",
    b"We use cookies. Accept all cookies.", b"a...", "\u0130\u0131\u1e9e\ufb03".encode(),
)  # fmt: skip

Mutation = Callable[[bytes, Random, Sequence[bytes]], bytes]


def mutate(start: bytes, dice: Random, others: Sequence[bytes], most: int = MOST) -> bytes:
    """`start` after one to eight mutations; `others` is what pieces are taken from."""
    mutated = start
    for _ in range(dice.randint(1, 8)):
        mutated = dice.choice(_MUTATIONS)(mutated, dice, others)[:most]
    return mutated


def _span(text: bytes, dice: Random, longest: int = 400) -> tuple[int, int]:
    start = dice.randint(0, len(text))
    return start, min(len(text), start + dice.randint(0, longest))


def _insert(text: bytes, piece: bytes, dice: Random) -> bytes:
    at = dice.randint(0, len(text))
    return text[:at] + piece + text[at:]


def _cut(text: bytes, dice: Random, _others: Sequence[bytes]) -> bytes:
    start, end = _span(text, dice)
    return text[:start] + text[end:]


def _repeat(text: bytes, dice: Random, _others: Sequence[bytes]) -> bytes:
    start, end = _span(text, dice, 60)
    return text[:end] + text[start:end] * dice.choice((1, 2, 7, 60, 400)) + text[end:]


def _add_token(text: bytes, dice: Random, _others: Sequence[bytes]) -> bytes:
    return _insert(text, dice.choice(_TOKENS) * dice.choice((1, 1, 1, 3, 100)), dice)


def _add_bytes(text: bytes, dice: Random, _others: Sequence[bytes]) -> bytes:
    return _insert(text, dice.randbytes(dice.randint(1, 6)), dice)


def _break_byte(text: bytes, dice: Random, _others: Sequence[bytes]) -> bytes:
    at = dice.randint(0, max(0, len(text) - 1))
    return text[:at] + bytes([dice.randrange(256)]) + text[at + 1 :]


def _splice(text: bytes, dice: Random, others: Sequence[bytes]) -> bytes:
    other = dice.choice(others) if others else text
    start, end = _span(other, dice, 2_000)
    return _insert(text, other[start:end], dice)


def _add_tag(text: bytes, dice: Random, _others: Sequence[bytes]) -> bytes:
    name = dice.choice(_NAMES)
    with_attributes = b" ".join([name, *(dice.choice(_ATTRIBUTES) for _ in range(dice.randint(0, 3)))])
    piece = b"<" + with_attributes + dice.choice((b">", b"/>", b"", b"\n>"))
    return _insert(text, piece * dice.choice((1, 1, 1, 2, 30, 300)), dice)


def _end_tag(text: bytes, dice: Random, _others: Sequence[bytes]) -> bytes:
    return _insert(text, b"</" + dice.choice(_NAMES) + dice.choice((b">", b"", b" a=b>")), dice)


def _wrap(text: bytes, dice: Random, _others: Sequence[bytes]) -> bytes:
    start, end = _span(text, dice, 3_000)
    name = dice.choice(_NAMES)
    levels = dice.choice((1, 1, 2, 40, 300))
    return text[:start] + b"<" + name + b">" * levels + text[start:end] + (b"</" + name + b">") * levels + text[end:]


def _rename_tag(text: bytes, dice: Random, _others: Sequence[bytes]) -> bytes:
    tags = list(_TAG.finditer(text))
    if not tags:
        return text
    tag = dice.choice(tags)
    return text[: tag.start()] + b"<" + dice.choice((b"", b"/")) + dice.choice(_NAMES) + b">" + text[tag.end() :]


def _add_attribute(text: bytes, dice: Random, _others: Sequence[bytes]) -> bytes:
    tags = list(_TAG.finditer(text))
    if not tags:
        return text
    at = dice.choice(tags).end() - 1
    return text[:at] + b" " + dice.choice(_ATTRIBUTES) + text[at:]


_MUTATIONS: Sequence[Mutation] = (
    _cut, _repeat, _add_token, _add_token, _add_bytes, _break_byte, _splice, _add_tag, _add_tag, _end_tag, _wrap,
    _rename_tag,
    _add_attribute, _add_attribute,
)  # fmt: skip
