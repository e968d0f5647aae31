"""The systems that extract.py measures side by side: those of others, each as its documentation says."""

import html
import importlib.util
import logging
import re
import warnings
from collections.abc import Callable, Mapping

import msgspec
from extract_truth import Truth, text_of

from pagemill import RawPage


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a system says of a page. `day`: of publication, YYYY-MM-DD."""

    text: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    day: str = ""
    language: str = ""


System = Callable[[Truth, RawPage], Found]

FIELDS: Mapping[str, tuple[str, ...]] = {
    "trafilatura": ("title", "authors", "day"),
    "newspaper4k": ("title", "authors", "day", "language"),
    "readability-lxml": ("title",),
    "rs-trafilatura": ("title", "authors", "day"),
}
"""What each system states beside the text; Pagemill states all."""

_DECLARED = re.compile(r"<html[^>]{0,500}\blang\s{0,9}=\s{0,9}[\"']?([a-zA-Z]{2})")
_STOPLISTS = {
    "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "nl": "Dutch",
    "pl": "Polish", "pt": "Portuguese", "ru": "Russian", "sv": "Swedish", "tr": "Turkish",
}  # fmt: skip


def _trafilatura() -> System:
    """Text and metadata in one go, as `pagemill` gives both."""
    import trafilatura

    def run(_truth: Truth, page: RawPage) -> Found:
        found = trafilatura.bare_extraction(page.body, url=page.url, include_comments=False, with_metadata=True)
        if found is None:
            return Found()
        authors = tuple((found.author or "").split("; ")) if found.author else ()
        return Found(text=found.text or "", title=found.title or "", authors=authors, day=(found.date or "")[:10])

    return run


def _trafilatura_text() -> System:
    import trafilatura

    return lambda _, page: Found(text=trafilatura.extract(page.body, include_comments=False) or "")


def _resiliparse() -> System:
    from resiliparse.extract.html2text import extract_plain_text

    def run(_truth: Truth, page: RawPage) -> Found:
        return Found(text=extract_plain_text(text_of(page), main_content=True, list_bullets=False, alt_texts=False))

    return run


def _readability() -> System:
    from lxml.html import fromstring
    from readability import Document

    def run(_truth: Truth, page: RawPage) -> Found:
        document = Document(text_of(page))
        body = fromstring(document.summary(html_partial=True))
        return Found(text="\n".join(body.itertext()), title=document.short_title())

    return run


def _newspaper() -> System:
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    import newspaper

    def run(_truth: Truth, page: RawPage) -> Found:
        article = newspaper.Article(page.url, fetch_images=False)
        article.download(input_html=text_of(page))
        article.parse()
        day = str(article.publish_date or "")[:10]
        language = (article.meta_lang or "")[:2]
        return Found(
            text=article.text, title=article.title or "", authors=tuple(article.authors), day=day, language=language
        )

    return run


def _justext() -> System:
    """With the stop words of the language that the page declares; with those of all where it declares none of these."""
    import justext

    listed = {code: justext.get_stoplist(name) for code, name in _STOPLISTS.items()}
    every = frozenset().union(*map(justext.get_stoplist, justext.get_stoplists()))

    def run(_truth: Truth, page: RawPage) -> Found:
        text = text_of(page)
        declared = _DECLARED.search(text[:5_000])
        words = listed.get(declared[1].lower() if declared else "", every)
        return Found(text="\n".join(part.text for part in justext.justext(text, words) if not part.is_boilerplate))

    return run


def _rs_trafilatura() -> System:
    import rs_trafilatura

    def run(_truth: Truth, page: RawPage) -> Found:
        found = rs_trafilatura.extract(text_of(page), url=page.url)
        authors = (found.author,) if found.author else ()
        day = str(found.date or "")[:10]
        return Found(text=found.main_content or "", title=found.title or "", authors=authors, day=day)

    return run


def _nothing() -> System:
    """The page as it came: what cleaning is worth."""
    return lambda _, page: Found(text=text_of(page))


def _c4_lines() -> System:
    """The rules of C4 (Raffel et al. 2020, section 2.2) for lines: ends as a sentence, five words, no notice."""
    ends = (".", "!", "?", '"', "”", "。", "！", "？", "」")  # noqa: RUF001
    notices = "terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies"

    def keeps(line: str) -> bool:
        folded = line.casefold()
        long = len(line.split()) >= 5 or not line.isascii()  # scripts without blanks
        return line.endswith(ends) and long and "javascript" not in folded and not any(one in folded for one in notices)

    return lambda _, page: Found(text="\n".join(filter(keeps, map(str.strip, text_of(page).split("\n")))))


def _on_lines(build: Callable[[], System]) -> Callable[[], System]:
    """A system for HTML on text: each line a paragraph."""

    def built() -> System:
        run = build()

        def on_lines(truth: Truth, page: RawPage) -> Found:
            lines = "".join(f"<p>{html.escape(line)}</p>\n" for line in text_of(page).split("\n") if line.strip())
            body = f"<html><head><meta charset=utf-8></head><body>{lines}</body></html>"
            return run(truth, RawPage(url=page.url, body=body.encode(), content_type="text/html; charset=utf-8"))

        return on_lines

    return built


_HTML = {
    "trafilatura": ("trafilatura", _trafilatura),
    "trafilatura-text": ("trafilatura", _trafilatura_text),
    "resiliparse": ("resiliparse", _resiliparse),
    "readability-lxml": ("readability", _readability),
    "newspaper4k": ("newspaper", _newspaper),
    "justext": ("justext", _justext),
    "rs-trafilatura": ("rs_trafilatura", _rs_trafilatura),
}
_TEXT = {
    "nothing": ("html", _nothing),
    "c4-lines": ("html", _c4_lines),
    "trafilatura": ("trafilatura", _on_lines(_trafilatura_text)),
    "justext": ("justext", _on_lines(_justext)),
}


def peers(way: str) -> dict[str, Callable[[], System]]:
    """Who takes pages that come in this `way`, by name; those whose library is installed."""
    known = _HTML if way == "html" else _TEXT
    return {name: build for name, (library, build) in known.items() if importlib.util.find_spec(library)}


def missing(way: str) -> list[str]:
    """Those whose library is not."""
    known = _HTML if way == "html" else _TEXT
    return [name for name in known if name not in peers(way)]
