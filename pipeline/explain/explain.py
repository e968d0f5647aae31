"""One page through the pipeline, with a look at what each stage made of it."""

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from pagemill.page import RawPage, bytes_key
from pagemill.record import Draft
from pipeline.blocks.extract import judge_blocks
from pipeline.blocks.read import read_blocks
from pipeline.check import check_page
from pipeline.decoding.decode import decode
from pipeline.explain.explanation import Explanation, Field, Part, Sameness, Stage
from pipeline.explain.parts import flattened_parts, judged_parts, matched_parts
from pipeline.explain.sources import Asked, sources_of
from pipeline.extract import Extracted, extract
from pipeline.flattened.extract import trace_flattened
from pipeline.language import detect_language
from pipeline.markup.parse import parse
from pipeline.metadata.describe import Description, describe
from pipeline.options import DEFAULT_OPTIONS, Options
from pipeline.polish import polish
from pipeline.process import process
from pipeline.result import Rejected
from pipeline.sameness.fingerprint import text_key
from pipeline.sameness.near import sizes_of
from pipeline.sameness.sketch import fingerprint
from pipeline.sameness.words import words_of
from pipeline.site_profile import Look, SiteProfile
from pipeline.urls.url import canonical_url, normalise_url, url_key

Clock = Callable[[], float]
_By = tuple[Options, SiteProfile | None]

_FIELDS = (
    "title", "authors", "published_at", "modified_at", "language", "canonical_url", "site_name", "section", "tags",
    "description", "image", "source", "fetched_at",
)  # fmt: skip
_ABOVE = "a line above the text"


class _Inside(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of a page's inside, and what it says of itself."""

    text: str = ""
    parts: tuple[Part, ...] = ()
    description: Description = Description()
    sources: Mapping[str, str] = {}
    extracted: Extracted = Extracted(text="", method="none")
    known: int | None = None


class _Watch:
    """Takes the time of stages, where there is a clock."""

    def __init__(self, clock: Clock | None) -> None:
        self._clock = clock
        self._last = clock() if clock else 0.0
        self.stages: list[Stage] = []

    def lap(self, name: str) -> None:
        """What was done since the last lap was `name`."""
        if self._clock is not None:
            now = self._clock()
            self.stages.append(Stage(name=name, seconds=max(now - self._last, 0.0)))
            self._last = now

    def restart(self) -> None:
        """What was done since the last lap is no stage."""
        self._last = self._clock() if self._clock else 0.0


def explain_page(
    page: RawPage,
    options: Options = DEFAULT_OPTIONS,
    profile: SiteProfile | None = None,
    *,
    clock: Clock | None = None,
) -> Explanation:
    """What `process` makes of `page`, and why; it takes several times as long.

    `clock`: tells seconds that only grow (`time.perf_counter`); without it there are no stages.
    """
    result = process(page, options, profile)
    told = Explanation(url=page.url, size=len(page.body), draft=result if isinstance(result, Draft) else None)
    if isinstance(result, Rejected):
        told = msgspec.structs.replace(told, reason=result.reason.value, detail=result.detail)
    if check_page(page):
        return told
    watch = _Watch(clock)
    decoded = decode(page)
    watch.lap("decode")
    if isinstance(decoded, Rejected):
        return told
    see = _see_html if decoded.kind == "html" else _see_text
    inside = see(page, decoded.text, (options, profile), watch)
    sameness = _sameness(page, result, inside)  # before the time is taken: the first page would pay for what all share
    watch.restart()
    detect_language(inside.text, inside.description.language)
    watch.lap("language")
    fingerprint(inside.text)
    watch.lap("fingerprint")
    extracted = inside.extracted
    return msgspec.structs.replace(
        told,
        kind=decoded.kind,
        charset=decoded.encoding,
        method=extracted.method,
        confidence=extracted.confidence,
        known=inside.known,
        removed=result.extraction.removed if isinstance(result, Draft) else extracted.removed,
        warnings=result.warnings if isinstance(result, Draft) else (*decoded.warnings, *extracted.warnings),
        parts=inside.parts,
        fields=_fields(page, result, inside),
        sameness=sameness if inside.text else None,
        stages=tuple(watch.stages),
    )


def _see_html(page: RawPage, text: str, by: _By, watch: _Watch) -> _Inside:
    options, profile = by
    parsed = parse(text)
    watch.lap("parse")
    if parsed is None:
        return _Inside()
    description = describe(parsed.tree, url=page.url, fetched_at=page.fetched_at)
    watch.lap("describe")
    look = _look(page, description.canonical, profile)
    extracted = extract(parsed.tree, options, look)
    watch.lap("extract")
    steps = polish(extracted.text, description.title)
    watch.lap("clean")
    judged = judge_blocks(parsed.tree, look, options) if extracted.method == "blocks" else None
    if judged is not None:
        parts = judged_parts(judged, steps, look)
    else:
        parts = matched_parts(read_blocks(parsed.tree), extracted.text, steps, look)
    return _Inside(
        text=steps[-1].text,
        parts=parts,
        description=description,
        sources=sources_of(Asked(parsed.tree, page.url, page.fetched_at, description)),
        extracted=extracted,
        known=_known(look),
    )


def _see_text(page: RawPage, text: str, by: _By, watch: _Watch) -> _Inside:
    look = _look(page, None, by[1])
    traced = trace_flattened(text, url=page.url, fetched_at=page.fetched_at, seen=look)
    watch.lap("extract")
    found = traced.flattened
    return _Inside(
        text=found.text,
        parts=flattened_parts(traced, look),
        description=Description(title=found.title, authors=found.authors, published_at=found.published_at),
        sources=dict.fromkeys(("title", "authors"), _ABOVE) | {"published_at": "a line beside the title or the text"},
        extracted=Extracted(text=found.text, method="flattened", removed=found.removed),
        known=_known(look),
    )


def _look(page: RawPage, stated: str | None, profile: SiteProfile | None) -> Look | None:
    return Look(profile, url_key(canonical_url(page.url, stated))) if profile else None


def _known(look: Look | None) -> int | None:
    return look.sighting.known if look and look.sighting else None


def _sameness(page: RawPage, result: Draft | Rejected, inside: _Inside) -> Sameness:
    canonical = (
        result.canonical_url if isinstance(result, Draft) else canonical_url(page.url, inside.description.canonical)
    )
    made = fingerprint(inside.text)
    sizes = sizes_of(made.sketch)
    return Sameness(
        bytes_key=bytes_key(page.url, page.body).hex(),
        url_key=url_key(canonical).hex(),
        text_key=text_key(inside.text).hex(),
        words=len(words_of(inside.text)),
        runs=sizes.runs,
        pairs=sizes.pairs,
        numeric=sizes.numeric,
        index_keys=tuple(key.hex() for key in made.keys),
    )


def _fields(page: RawPage, result: Draft | Rejected, inside: _Inside) -> tuple[Field, ...]:
    said: Mapping[str, object] = (
        msgspec.structs.asdict(result) if isinstance(result, Draft) else msgspec.structs.asdict(inside.description)
    )
    sources = {**inside.sources, **_given(page, inside)}
    found = ((name, said.get(name)) for name in _FIELDS)
    return tuple(
        Field(name=name, value=_shown(value), source=sources.get(name, ""))
        for name, value in found
        if value not in (None, "", ())
    )


def _given(page: RawPage, inside: _Inside) -> dict[str, str]:
    """The sources of what the page's own statements do not decide alone."""
    stated = inside.description.canonical
    address = "the page's address"
    believed = stated and canonical_url(page.url, stated) != normalise_url(page.url)
    declared = inside.description.language
    return {
        "canonical_url": inside.sources.get("canonical", address) if believed else address,
        "language": f"the text; the page declares {declared}" if declared else "the text",
        "source": "the push",
        "fetched_at": "the push",
    }


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
