"""One page through the pipeline, with a look at what each stage made of it."""

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from pagemill.page import RawPage, bytes_key
from pagemill.record import Draft
from pipeline.blocks.extract import judge_blocks
from pipeline.blocks.inputs import Seen
from pipeline.blocks.read import read_blocks
from pipeline.check import check_page
from pipeline.decoding.decode import Decoded, decode
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
from pipeline.sameness.near import sizes_of
from pipeline.sameness.sketch import fingerprint
from pipeline.sameness.words import words_of
from pipeline.urls.url import canonical_url, normalise_url, url_key

Clock = Callable[[], float]

_FIELDS = (
    "title", "authors", "published_at", "modified_at", "language", "canonical_url", "site_name", "section", "tags",
    "description", "image", "source", "fetched_at",
)  # fmt: skip
_ABOVE = "a line above the text"


class _Look(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of a page's inside, and what it says of itself."""

    text: str = ""
    parts: tuple[Part, ...] = ()
    description: Description = Description()
    sources: Mapping[str, str] = {}
    extracted: Extracted = Extracted(text="", method="none")


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
    page: RawPage, options: Options = DEFAULT_OPTIONS, *, seen: Seen | None = None, clock: Clock | None = None
) -> Explanation:
    """What `process` makes of `page`, and why; it takes several times as long.

    `seen`: what is known of the site. `clock`: tells seconds that only grow (`time.perf_counter`); without it there are
    no stages.
    """
    result = process(page, options)
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
    look = (_look_at_html if decoded.kind == "html" else _look_at_text)(page, decoded, options, seen=seen, watch=watch)
    detect_language(look.text, look.description.language)
    watch.lap("language")
    sameness = _sameness(page, result, look)
    watch.lap("fingerprint")
    extracted = look.extracted
    return msgspec.structs.replace(
        told,
        kind=decoded.kind,
        charset=decoded.encoding,
        method=extracted.method,
        confidence=extracted.confidence,
        known=seen(())[1] if seen else None,
        removed=result.extraction.removed if isinstance(result, Draft) else extracted.removed,
        warnings=result.warnings if isinstance(result, Draft) else (*decoded.warnings, *extracted.warnings),
        parts=look.parts,
        fields=_fields(page, result, look),
        sameness=sameness if look.text else None,
        stages=tuple(watch.stages),
    )


def _look_at_html(page: RawPage, decoded: Decoded, options: Options, *, seen: Seen | None, watch: _Watch) -> _Look:
    parsed = parse(decoded.text)
    watch.lap("parse")
    if parsed is None:
        return _Look()
    extracted = extract(parsed.tree, options)
    watch.lap("extract")
    description = describe(parsed.tree, url=page.url, fetched_at=page.fetched_at)
    watch.lap("describe")
    steps = polish(extracted.text, description.title)
    watch.lap("clean")
    judged = judge_blocks(parsed.tree, seen) if extracted.method == "blocks" else None
    if judged is not None:
        parts = judged_parts(judged, steps, seen)
    else:
        parts = matched_parts(read_blocks(parsed.tree), extracted.text, steps, seen)
    asked = Asked(parsed.tree, page.url, page.fetched_at, description)
    look = _Look(
        text=steps[-1].text, parts=parts, description=description, sources=sources_of(asked), extracted=extracted
    )
    watch.restart()
    return look


def _look_at_text(page: RawPage, decoded: Decoded, _options: Options, *, seen: Seen | None, watch: _Watch) -> _Look:
    traced = trace_flattened(decoded.text, fetched_at=page.fetched_at)
    watch.lap("extract")
    found = traced.flattened
    sources = dict.fromkeys(("title", "authors"), _ABOVE) | {"published_at": "a line beside the title or the text"}
    look = _Look(
        text=found.text,
        parts=flattened_parts(traced, seen),
        description=Description(title=found.title, authors=found.authors, published_at=found.published_at),
        sources=sources,
        extracted=Extracted(text=found.text, method="flattened", removed=found.removed),
    )
    watch.restart()
    return look


def _sameness(page: RawPage, result: Draft | Rejected, look: _Look) -> Sameness:
    canonical = (
        result.canonical_url if isinstance(result, Draft) else canonical_url(page.url, look.description.canonical)
    )
    made = fingerprint(look.text)
    sizes = sizes_of(made.sketch)
    return Sameness(
        bytes_key=bytes_key(page.url, page.body).hex(),
        url_key=url_key(canonical).hex(),
        text_key=result.content_hash if isinstance(result, Draft) else "",
        words=len(words_of(look.text)),
        runs=sizes.runs,
        pairs=sizes.pairs,
        numeric=sizes.numeric,
        index_keys=tuple(key.hex() for key in made.keys),
    )


def _fields(page: RawPage, result: Draft | Rejected, look: _Look) -> tuple[Field, ...]:
    said: Mapping[str, object] = (
        msgspec.structs.asdict(result) if isinstance(result, Draft) else msgspec.structs.asdict(look.description)
    )
    sources = {**look.sources, **_given(page, look)}
    found = ((name, said.get(name)) for name in _FIELDS)
    return tuple(
        Field(name=name, value=_shown(value), source=sources.get(name, ""))
        for name, value in found
        if value not in (None, "", ())
    )


def _given(page: RawPage, look: _Look) -> dict[str, str]:
    """The sources of what the page's own statements do not decide alone."""
    stated = look.description.canonical
    address = "the page's address"
    believed = stated and canonical_url(page.url, stated) != normalise_url(page.url)
    declared = look.description.language
    return {
        "canonical_url": look.sources.get("canonical", address) if believed else address,
        "language": f"the text; the page declares {declared}" if declared else "the text",
        "source": "the push",
        "fetched_at": "the push",
    }


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
