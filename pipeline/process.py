"""The whole pipeline: a page in, a draft of its record out, or the reason why there is none."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from pagemill.page import RawPage
from pagemill.record import Draft, Extraction
from pipeline.blocks.markdown import render_markdown, text_as_markdown
from pipeline.check import Candidate, check_page, check_text
from pipeline.clean import tidy
from pipeline.decoding.decode import Decoded, decode
from pipeline.extract import Extracted, extract
from pipeline.flattened.extract import read_flattened
from pipeline.language import detect_language
from pipeline.lone_surrogates import all_whole
from pipeline.markup.parse import parse
from pipeline.metadata.describe import Description, describe
from pipeline.options import DEFAULT_OPTIONS, Options
from pipeline.polish import Step, follow, polish
from pipeline.result import Rejected
from pipeline.sameness.fingerprint import text_key
from pipeline.site_profile import Look, SiteProfile
from pipeline.urls.url import canonical_url, host_of, url_key


class _Article(msgspec.Struct, frozen=True, kw_only=True):
    """What a page says, and what it says of itself. `address`: its own, or what it calls itself."""

    address: str = ""
    text: str = ""
    description: Description = Description()
    method: str = "none"
    confidence: float | None = None
    removed: Mapping[str, int] = {}
    warnings: tuple[str, ...] = ()
    profile: str | None = None
    imprint: bytes = b""
    markdown: str | None = None


class Reading(msgspec.Struct, frozen=True):
    """What a page gives, and what it leaves in the profile of its site, packed; b"" where none was given or asked."""

    result: Draft | Rejected
    imprint: bytes = b""


def process(page: RawPage, options: Options = DEFAULT_OPTIONS, profile: SiteProfile | None = None) -> Draft | Rejected:
    """What `page` gives: decode, parse, describe, extract, clean, check, fingerprint.

    `profile`: what is known of its site. Pure: the same page, options, profile and release give the same answer on any
    day. The page's fault is Rejected; an exception is a bug of ours.
    """
    return read_page(page, options, profile).result


def read_page(page: RawPage, options: Options = DEFAULT_OPTIONS, profile: SiteProfile | None = None) -> Reading:
    """The same, with what the page leaves behind; without a `profile`, be it an empty one, it leaves nothing."""
    if refused := check_page(page):
        return Reading(refused)
    decoded = decode(page)
    if isinstance(decoded, Rejected):
        return Reading(decoded)
    read = _read_html if decoded.kind == "html" else _read_text
    article = read(page, decoded, options, profile)
    language = detect_language(article.text, article.description.language) if article.text else None
    if refused := check_text(Candidate(article.text, language), options):
        return Reading(refused)
    draft = _draft(page, article, language=language, warnings=(*decoded.warnings, *article.warnings))
    return Reading(draft, article.imprint)


def _read_html(page: RawPage, decoded: Decoded, options: Options, profile: SiteProfile | None) -> _Article:
    parsed = parse(decoded.text)
    if parsed is None:
        return _Article()
    description = describe(parsed.tree, url=page.url, fetched_at=page.fetched_at)
    address = canonical_url(page.url, description.canonical)
    look = _look(profile, address)
    extracted = extract(parsed.tree, options, look)
    steps = polish(extracted.text, description.title)
    return _Article(
        address=address,
        text=steps[-1].text,
        description=description,
        method=extracted.method,
        confidence=extracted.confidence,
        removed={**extracted.removed, **{step.rule: step.taken for step in steps if step.taken}},
        warnings=(*parsed.warnings, *extracted.warnings),
        markdown=_markdown(extracted, steps) if options.markdown else None,
        **_seen(profile, look),
    )


def _markdown(extracted: Extracted, steps: Sequence[Step]) -> str:
    if not extracted.passages:
        return text_as_markdown(steps[-1].text)
    *_, (_, left) = follow(extracted.passages, steps)
    return tidy(render_markdown(left))


def _read_text(page: RawPage, decoded: Decoded, options: Options, profile: SiteProfile | None) -> _Article:
    address = canonical_url(page.url, None)
    look = _look(profile, address)
    flattened = read_flattened(decoded.text, url=page.url, fetched_at=page.fetched_at, seen=look)
    return _Article(
        address=address,
        text=flattened.text,
        description=Description(title=flattened.title, authors=flattened.authors, published_at=flattened.published_at),
        method="flattened",
        removed=flattened.removed,
        warnings=("lines_cut",) * ("excess" in flattened.removed),
        markdown=text_as_markdown(flattened.text) if options.markdown else None,
        **_seen(profile, look),
    )


def _look(profile: SiteProfile | None, address: str) -> Look | None:
    return None if profile is None else Look(profile, url_key(address))


def _seen(profile: SiteProfile | None, look: Look | None) -> dict[str, Any]:
    """Of an article: the profile that it was judged with, and what it leaves there."""
    if profile is None or look is None or look.sighting is None:
        return {}
    return {"profile": profile.revision or None, "imprint": look.sighting.imprint}


def _zone_of(moment: datetime | None) -> str | None:
    return moment.isoformat()[-len("+08:00") :] if moment and moment.utcoffset() else None


def _draft(page: RawPage, article: _Article, *, language: str | None, warnings: tuple[str, ...]) -> Draft:
    stated = all_whole(msgspec.structs.asdict(article.description))
    text = all_whole(article.text)
    return Draft(
        id=page.id,
        url=page.url,
        canonical_url=article.address,
        host=host_of(page.url),
        title=stated["title"],
        text=text,
        markdown=all_whole(article.markdown),
        authors=tuple(stated["authors"]),
        published_at=stated["published_at"],
        published_zone=_zone_of(stated["published_at"]),
        modified_at=stated["modified_at"],
        language=language,
        description=stated["description"],
        image=stated["image"],
        site_name=stated["site_name"],
        section=stated["section"],
        tags=tuple(stated["tags"]),
        source=page.source,
        fetched_at=page.fetched_at.astimezone(UTC) if page.fetched_at else None,
        content_hash=text_key(text).hex(),
        warnings=warnings,
        meta=all_whole(page.meta),
        extraction=Extraction(
            method=article.method, confidence=article.confidence, removed=article.removed, profile=article.profile
        ),
    )
