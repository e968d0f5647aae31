"""The JSON Schema of a record: `python -m pagemill.schema` prints what docs/record.schema.json holds."""

import json
import sys
from typing import Any

import msgspec

from pagemill.record import Change, Extraction, Record

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_RECORD = {
    "id": "The id of the page that the record was made from: the pusher's, else BLAKE2b-128 of url and body, in hex.",
    "url": "The address that the page was fetched from.",
    "canonical_url": "The address that the page itself names, where that is believable, else its own without tracking.",
    "host": "The host of the url, in lower case; empty for a file.",
    "title": "The headline.",
    "text": "The main text, its paragraphs parted by a line feed.",
    "markdown": "The same text as Markdown, with its headings, lists, tables, quotes and code; by a setting.",
    "authors": "The authors' names, in the page's order.",
    "published_at": "When the article was published, in UTC.",
    "published_zone": "The zone that the page gives with it, as +08:00: there it has the day that readers see.",
    "modified_at": "When the article was last changed, in UTC.",
    "language": "The language of the text, ISO 639-1 where there is such a code.",
    "description": "The page's own summary.",
    "image": "The address of the main image.",
    "site_name": "The name of the site or publication.",
    "section": "The section of the site.",
    "tags": "Keywords that the page gives.",
    "source": "The spider or feed, as it was pushed.",
    "fetched_at": "When the page was fetched, in UTC; by default the time of the push.",
    "content_hash": "BLAKE2b-128 of the normalised text, in hex: two records with the same one say the same.",
    "schema_version": "The version of this schema.",
    "warnings": "What a reader should know about how the record was made.",
    "meta": "What the pusher sent along, untouched.",
    "extraction": "How the text was won.",
    "kind": "new: the first version of its article that is known. updated: a later one, which replaces `supersedes`.",
    "version": "The number of the article's version, from 1.",
    "article": "The same for all versions of one article: what a consumer upserts by.",
    "supersedes": "The id of the record that this one replaces.",
    "near_duplicate_of": "The id of the record that this one is a near copy of, where the mill marks such copies.",
    "estimated_change": "How much changed since the version before; null for a first one, and where that is forgotten.",
    "first_seen": "When the article's first version was settled, in UTC.",
    "processed_at": "When the page was settled, in UTC.",
}
_CHANGE = {
    "added": "The share of the text's runs of five words that the version before has not, 0 to 1.",
    "removed": "The share of that version's runs that the text has no more, 0 to 1.",
}
_EXTRACTION = {
    "method": "The extractor that gave the text.",
    "confidence": "The expected F1 of the text, 0 to 1, where the method knows one.",
    "removed": "What was taken out: characters or blocks, by rule.",
    "profile": "The revision of the site profile that pruned the page.",
}


def record_schema() -> dict[str, Any]:
    """The schema, made from the type that the mill itself encodes and decodes records with."""
    _, parts = msgspec.json.schema_components([Record], ref_template="#/$defs/{name}")
    described = {
        name: _describe(kind, parts[name], texts)
        for name, kind, texts in (
            ("Record", Record, _RECORD),
            ("Change", Change, _CHANGE),
            ("Extraction", Extraction, _EXTRACTION),
        )
    }
    return {"$schema": DIALECT, **described.pop("Record"), "$defs": described}


def schema_text() -> str:
    """The schema as it is kept in docs/record.schema.json."""
    return json.dumps(record_schema(), indent=2, ensure_ascii=False) + "\n"


def _describe(kind: type[msgspec.Struct], part: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
    """A struct's schema with what each field means, and with times said to be times."""
    times = {field.encode_name for field in msgspec.structs.fields(kind) if "datetime" in str(field.type)}
    properties = {
        name: {"description": texts[name], **(_as_time(value) if name in times else value)}
        for name, value in part["properties"].items()
    }
    summary = " ".join((kind.__doc__ or "").partition("\n\n")[0].split())
    return {**part, "description": summary, "properties": properties}


def _as_time(value: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" in value:
        return {**value, "anyOf": [_as_time(each) for each in value["anyOf"]]}
    return {**value, "format": "date-time"} if value.get("type") == "string" else value


if __name__ == "__main__":
    sys.stdout.write(schema_text())
