"""Hostile pages by name and size, each with an article in it that a mill should still find.

`make(name, size)` gives the same bytes at each call: the article's sentences, and about `size` bytes of
whatever the name says, made to cost time, memory or text. tests/pipeline/test_hostile.py claims what becomes of each.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise

SENTENCES = (
    "The miller of Haver Lock has kept a diary of the wind since he was nine years old, and it fills forty books.",
    "On most mornings he writes one line before breakfast, and on stormy days he writes a page and draws the clouds.",
    "Visitors ask him for the day of their birth, and he reads to them what the sails did while they were born.",
)
"""What an article here says, one paragraph each."""

ARTICLE = f"<article><h1>A diary of the wind</h1>{''.join(f'<p>{sentence}</p>' for sentence in SENTENCES)}</article>"
_HEAD = "<!doctype html><html lang=en><head><meta charset=utf-8><title>A diary of the wind</title>"

Maker = Callable[[int], str | bytes]


def make(name: str, size: int) -> bytes:
    """The hostile page of this name, of about `size` bytes."""
    made = CASES[name](size)
    return made if isinstance(made, bytes) else made.encode("utf-8", "surrogatepass")


def _page(filling: str, head: str = "") -> str:
    return f"{_HEAD}{head}</head><body>{ARTICLE}{filling}</body></html>"


def _times(piece: str, size: int) -> str:
    return piece * max(1, size // len(piece.encode("utf-8", "surrogatepass")))


def _numbered(piece: str, size: int) -> str:
    """Copies of `piece`, `#` in each of them its number."""
    count = max(1, size // (len(piece) + 5))
    return "".join(piece.replace("#", str(number)) for number in range(count))


def _flood(piece: str) -> Maker:
    """The article, then `piece` again and again."""
    return lambda size: _page(_times(piece, size))


def _numbers(piece: str) -> Maker:
    return lambda size: _page(_numbered(piece, size))


def _head(before: str, piece: str, after: str = "") -> Maker:
    """A head with `piece` again and again."""
    return lambda size: _page("", f"{before}{_numbered(piece, size)}{after}")


def _deep(opening: str, closing: str = "") -> Maker:
    """The article inside of as many levels as fit."""

    def page(size: int) -> str:
        levels = max(1, size // len(opening + closing))
        return f"{_HEAD}</head><body>{opening * levels}{ARTICLE}{closing * levels}</body></html>"

    return page


def _inside(before: str, after: str, piece: str = "x ") -> Maker:
    return lambda size: _page(f"{before}{_times(piece, size)}{after}")


def _linked(opening: str, piece: str, closing: str = "") -> Maker:
    """A JSON-LD script."""
    return _head(f'<script type="application/ld+json">{opening}', piece, f"{closing}</script>")


def _coded(charset: str, codec: str) -> Maker:
    """A page whose words are in one charset, and that claims another."""

    def page(size: int) -> bytes:
        return _page(
            _times("<p>Die Mühle mahlt, und der Müller schläft.</p>", size), f"<meta charset={charset}>"
        ).encode(codec, "replace")

    return page


def _text(piece: str) -> Maker:
    """A flattened page."""
    return lambda size: "A diary of the wind\n\n" + "\n\n".join(SENTENCES) + "\n\n" + _numbered(piece, size)


NESTED: Mapping[str, Maker] = {
    f"nested_{name}": _deep(opening, closing)
    for name, opening, closing in (
        ("div", "<div>", ""), ("div_closed", "<div>", "</div>"), ("span", "<span>", "</span>"),
        ("bold", "<b>", ""), ("font", "<font color=red>", "</font>"), ("blockquote", "<blockquote>", ""),
        ("table", "<table><tr><td>", "</td></tr></table>"), ("table_open", "<table>", ""), ("list", "<ul><li>", ""),
        ("definitions", "<dl><dd>", "</dd></dl>"), ("section", "<section><h2>a</h2>", "</section>"),
        ("formatting", "<b><i><u><s><tt><big><em><p>", ""), ("link", "<a href=/><div>", ""),
        ("unknown", "<x-mill>", "</x-mill>"), ("code", "<code>", ""), ("quote", "<q>", "</q>"),
        ("button", "<button><p>", ""), ("ruby", "<ruby><rt>", ""), ("object", "<object>", "</object>"),
        ("html", "<html><body>", "</body></html>"), ("details", "<details><summary>", "</summary></details>"),
    )
}  # fmt: skip

NESTED_ASIDE: Mapping[str, Maker] = {
    f"beside_{name}": _flood(piece)
    for name, piece in (
        ("svg", "<svg><g>"), ("math", "<math><mrow>"), ("select", "<select>"), ("template", "<template>"),
        ("noscript", "<noscript>"), ("frameset", "<frameset>"), ("iframe", "<iframe>"), ("form", "<form><fieldset>"),
    )
}  # fmt: skip

FLOODS: Mapping[str, Maker] = {
    f"many_{name}": _flood(piece)
    for name, piece in (
        ("br", "<br>"), ("br_text", "a<br>"), ("option", "<option>a"), ("p", "<p>a"), ("p_closed", "<p>a line</p>"),
        ("p_empty", "<p></p>"), ("div", "<div></div>"), ("div_text", "<div>a</div>"), ("span", "<span>a</span>"),
        ("bold", "<b>a</b> "), ("image", "<img src=a>"), ("item", "<li>a"), ("list", "<ul><li>a</ul>"),
        ("cell", "<td>a"),
        ("row", "<tr><td>a<td>b"), ("table", "<table><tr><td>a</table>"), ("heading", "<h2>a</h2>"), ("rule", "<hr>"),
        ("h1", "<h1>a</h1>"), ("comment", "<!-- a -->"), ("script", "<script>a</script>"),
        ("style", "<style>a</style>"),
        ("input", "<input value=a>"), ("time", "<time>1 May 2020</time>"),
        ("section", "<article><h2>a</h2><p>b</article>"),
        ("quote", "<blockquote>a</blockquote>"), ("pre", "<pre>a</pre>"), ("code", "<code>a</code>"),
        ("mark", "<sup>a</sup>"),
        ("adoption", "<b><p>a</b>b</p>"), ("foster", "<table>a<b>b</table>"), ("end", "</div>"), ("end_br", "</br>"),
        ("end_p", "</p>"), ("less", "<"), ("less_slash", "</"), ("bang", "<!"), ("question", "<?a "),
        ("cdata", "<![CDATA["),
        ("definition", "<dl><dt>a<dd>b</dl>"), ("figure", "<figure><img src=a><figcaption>b</figure>"),
        ("button", "<button>a"),
        ("same_paragraph", f"<p>{SENTENCES[0]}</p>"), ("deletion", "<del>a</del>"), ("line_break_tag", "<wbr>a"),
        ("link_paragraph", "<p><a href=/a>a b c d e f</a></p>"), ("iframe", "<iframe src=a></iframe>"),
        ("label", "<label>a"),
        ("center", "<center>a</center>"), ("main", "<main>a</main>"), ("base", "<base href=/a/>"),
        ("ruby", "<ruby>a<rt>b</ruby>"),
        ("source", "<source src=a>a"), ("embed", "<embed src=a>a"), ("noembed", "<noembed>a</noembed>"),
        ("slot", "<slot>a</slot>"),
    )
} | {
    f"numbered_{name}": _numbers(piece)
    for name, piece in (
        ("paragraph", "<p>The wheel number # turns as the wind of day # wants it to.</p>"),
        ("link", "<a href=/a#>a #</a> "),
        ("attributes", "<p a#=1 b#=2 c=3>a</p>"), ("ids", "<div id=a#>a</div>"),
        ("classes", "<div class='a# b# c#'>a</div>"),
        ("tags", "<x#>a</x#>"), ("byline", "<p class=author>By Ann Miller #</p>"),
        ("date", "<p class=date>1 May # 2020</p>"),
        ("item", "<div itemprop=author>Ann #</div>"), ("heading", "<h1>A diary # of the wind</h1>"),
        ("cells", "<table><tr><td>#</td><td>b</td></tr></table>"),
        ("comments", "<div class=comment><p>I think # too.</p></div>"),
    )
}  # fmt: skip

TAGS: Mapping[str, Maker] = {
    "tag_of_attributes": lambda size: _page(f"<div {_numbered('a#=1 ', size)}><p>a</p></div>"),
    "body_of_attributes": lambda size: _page("").replace("<body", f"<body {_numbered('a#=1 ', size)}", 1),
    "tags_of_attributes": _flood(f"<p {' '.join(f'a{number}' for number in range(400))}>a</p>"),
    "preloaded": _inside('<div id=data-preloaded data-preloaded=\'{"topic_1":"', "\"}'></div>", "<a ="),
    "tag_of_same_attributes": _inside("<div ", ">", "a=1 "),
    "tag_of_quotes": _inside("<div ", ">", "\" ' = "),
    "tag_of_words": _inside("<div class='", "'>"),
    "tag_of_one_value": _inside("<div title='", "'>", "x"),
    "tag_of_one_name": _inside("<div ", "=1>", "x"),
    "tag_with_long_name": _inside("<", ">", "x"),
    "tag_without_end": _inside("<div a='", "", "b=1 "),
    "tag_of_slashes": _inside("<div ", ">", "/"),
    "comment_without_end": _inside("<!--", ""),
    "comment_of_dashes": _inside("<!--", "-->", "-"),
    "comment_of_ends": _inside("<!--", "-->", "--!"),
    "script_without_end": _inside("<script>", ""),
    "script_of_ends": _inside("<script>", "</script>", "</scrip"),
    "style_without_end": _inside("<style>", ""),
    "title_without_end": lambda size: _page("", f"<title>{_times('a ', size)}"),
    "textarea_without_end": _inside("<textarea>", ""),
    "plaintext": _inside("<plaintext>", "", "<p>a "),
    "doctype_of_entities": lambda size: (
        f"<!DOCTYPE html [{_numbered('<!ENTITY a# 1>', size)}]>" + _page("").removeprefix("<!doctype html>")
    ),
    "laughs": lambda size: (
        '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "ha">'
        + "".join(f"<!ENTITY {b} '" + f"&{a};" * 10 + "'>" for a, b in pairwise("abcdefghi"))
        + f"]>{_page('<p>' + _times('&i; ', size))}"
    ),
    "outside": lambda size: (
        '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        + _page(_times("<p>&a;</p>", size))
    ),
}

TEXTS: Mapping[str, Maker] = {
    f"text_of_{name}": _inside("<p>", "</p>", piece)
    for name, piece in (
        ("words", "mill wind corn "), ("one_token", "x"), ("digits", "1"), ("blanks", " "), ("lines", "\n"),
        ("marks", "\u0301"), ("sorted_marks", "a\u0301\u0323"), ("controls", "\x01\x02"), ("nul", "\0"),
        ("unseen", "\u200b\u200d\u202e"), ("surrogates", "\ud800"), ("han", "风车"), ("tabs", "\t"), ("bars", "| "),
        ("amp", "&"), ("amp_word", "&amp;"), ("entity_prefix", "&notit;"), ("huge_number", "&#99999999999;"),
        ("zero_number", "&#0;&#xD800;"), ("escaped", "&amp;amp;lt;p&amp;amp;gt;"), ("unknown", "&aaaaaaaaaa;"),
        ("nbsp", "&nbsp;"), ("nonsense", "\ufffe\uffff"), ("dates", "12/03/2020 "), ("date_words", "12 March 2020, "),
        ("bylines", "By Ann Miller and "), ("years", "2020"), ("ellipses", "a..."),
        ("addresses", "https://a.example/b "),
        ("cookies", "We use cookies. Accept all cookies. "), ("tags_escaped", "&lt;p&gt;"),
        ("joiners", "\u0627\u200c"),
    )
}  # fmt: skip

HEADS: Mapping[str, Maker] = {
    "many_meta": _head("", "<meta name=a# content=b>"),
    "many_author": _head("", "<meta name=author content='Ann Miller #'>"),
    "many_dates": _head("", "<meta name=date content='1 Octember 20#'>"),
    "many_tags": _head("", "<meta property=article:tag content='a#,b#,c#'>"),
    "many_links": _head("", "<link rel=canonical href=/a#>"),
    "many_titles": _head("", "<title>a # | b</title>"),
    "long_title": _head("<title>", "A diary # | Haver Lock - ", "</title>"),
    "long_meta": _head("<meta name=description content='", "wind # ", "'>"),
    "long_keywords": _head("<meta name=keywords content='", "a#,", "'>"),
    "long_base": _head("<base href='/", "a/#", "'>"),
    "long_canonical": _head("<link rel=canonical href='/", "a/#", "'>"),
    "linked_deep_list": _linked("", "[" * 50),
    "linked_deep_object": _linked("", '{"a":'),
    "linked_deep_closed": lambda size: _page(
        "", f'<script type="application/ld+json">{"[" * (size // 2)}{"]" * (size // 2)}</script>'
    ),
    "linked_graph": _linked(
        '{"@graph":[', '{"@type":"NewsArticle","@id":"#","author":{"@id":"#"},"headline":"a #"},', "{}]}"
    ),
    "linked_chain": _linked('{"@graph":[', '{"@id":"a#","mainEntity":{"mainEntity":[{},{}]}},', "{}]}"),
    "linked_keys": _linked("{", '"headline":"a #",', '"@type":"Article"}'),
    "linked_types": _linked('{"@type":[', '"Article",', '"a"]}'),
    "linked_authors": _linked('{"@type":"Article","author":[', '{"@type":"Person","name":"Ann Miller #"},', "{}]}"),
    "linked_number": _linked('{"@type":"Article","a":', "1234567890", "}"),
    "linked_without_end": _linked('{"@type":"Article","headline":"', "a # "),
    "linked_commas": _linked('{"@type":"Article"', ",   \n"),
    "linked_escapes": _linked('{"@type":"Article","headline":"', "\\ud800\\x", '"}'),
    "linked_blanks": _linked("", "   /* "),
    "linked_forum": _linked("", '"@type":['),
    "linked_equals": _linked('{"@type":"NewsArticle","articleBody":"<a ', "=", '"}'),
    "linked_escaped_equals": _linked('{"@type":"NewsArticle","articleBody":"\\u003ca ', "\\u003d", '"}'),
    "long_number": _head("<meta name=description content='&amp;#", "9", ";'>"),
    "many_icons": _head("", "<link rel=icon href=/a#>"),
    "title_of_sites": _head("<title>", "mill | ", "</title>"),
    "linked_scripts": _head("", '<script type="application/ld+json">{"@type":"Article","headline":"a #"}</script>'),
}

WITHIN: Mapping[str, Maker] = {
    "data_uri": _inside("<img src='data:image/png;base64,", "'>", "iVBORw0KGgo"),
    "data_uris": _flood(f"<img src='data:image/png;base64,{'A' * 2_000}'>"),
    "data_uris_short": _flood(f"{'data:,' * 170} "),
    "data_uri_broken": _flood("<a href=data:"),
    "srcdoc": lambda size: _page(f'<iframe srcdoc="{_times("<p>a page in a page</p>", size)}"></iframe>'),
    "frames": lambda size: (
        f"<html><frameset>{_times('<frame src=a>', size)}<noframes>{ARTICLE}</noframes></frameset></html>"
    ),
    "pages": lambda size: _times(_page(""), size),
    "template": lambda size: _page(f"<template>{_times('<p>never seen</p>', size)}</template>"),
    "noscript": lambda size: (
        f"{_HEAD}</head><body><noscript>{ARTICLE}</noscript>{_times('<p>a</p>', size)}</body></html>"
    ),
    "textarea": lambda size: _page(f"<textarea>{_times('<p>typed</p>', size)}</textarea>"),
    "svg_text": _flood("<svg><text>a</text></svg>"),
    "scripts_only": lambda size: f"{_HEAD}</head><body><script>{_times('a = 1; ', size)}</script></body></html>",
    "navigation_only": lambda size: (
        f"{_HEAD}</head><body><nav>{_numbered('<a href=/#>a</a>', size)}</nav></body></html>"
    ),
}

CHARSETS: Mapping[str, Maker] = {
    "charset_utf7": _coded("utf-7", "utf-8"),
    "charset_escape": _coded("unicode_escape", "utf-8"),
    "charset_idna": _coded("idna", "utf-8"),
    "charset_zlib": _coded("zlib_codec", "utf-8"),
    "charset_unknown": _coded("x-mill", "utf-8"),
    "charset_latin": _coded("utf-8", "latin-1"),
    "charset_utf16": _coded("utf-8", "utf-16"),
    "charset_utf16_bare": _coded("utf-16", "utf-16-le"),
    "charset_utf32": _coded("utf-8", "utf-32"),
    "charset_japanese": _inside("<p>", "</p>", "\x1b$B"),
    "charset_overlong": lambda size: _page("#").encode().replace(b"#", b"<p>\xc0\xbc\xc0\xaf</p>" * (size // 11)),
    "charset_mixed": lambda size: (
        _page("#").encode().replace(b"#", "<p>Mühle ".encode() + b"<p>M\xfchle" * (size // 9))
    ),
    "charset_broken": lambda size: _page("#").encode().replace(b"#", b"\xff\x80 wind " * (size // 8)),
    "charset_one_text": lambda size: _page("#").encode().replace(b"#", b"\xe9t\xe9 " * (size // 4)),
    "charset_halves": lambda size: _page("#").encode().replace(b"#", b"\x81\x30 wind " * (size // 8)),
}

FLAT: Mapping[str, Maker] = {
    "flat_lines": _text("a line #\n"),
    "flat_one_line": _text("a word # "),
    "flat_sentences": _text("The wheel number # turns slowly, as the wind wants it to, and rests at night.\n"),
    "flat_same": _text("The wheel turns slowly, as the wind of the day wants it to, and rests at night.\n"),
    "flat_dates": _text("12 March 2020 10:#\n"),
    "flat_bylines": _text("By Ann Miller and # Bob Miller on 1\n"),
    "flat_cookies": _text("We use cookies #. Accept all cookies.\n"),
    "flat_teasers": _text("The wheel number # turns slowly as the wind wants…\n"),
    "flat_blank": _text("\n \n"),
    "flat_token": _text("aaaaaaaaaaaaaaaa"),
    "flat_han": _text("风车转得很慢。#"),
    "flat_colons": _text(":: 1:1:1 #"),
}  # fmt: skip

CASES: Mapping[str, Maker] = {
    **NESTED, **NESTED_ASIDE, **FLOODS, **TAGS, **TEXTS, **HEADS, **WITHIN, **CHARSETS, **FLAT
}  # fmt: skip

WITHOUT_TEXT = frozenset({"scripts_only", "navigation_only", "frames", "title_without_end"})
"""Cases that hold no article, or none that a browser would show."""


def content_type(name: str) -> str | None:
    """The type that the page of this name is served with."""
    return "text/plain" if name in FLAT else "text/html"
