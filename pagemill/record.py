"""Record: a page as it comes out, and Draft: a record less what only the commit knows."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

SCHEMA_VERSION = 1

Kind = Literal["new", "updated"]


class Extraction(msgspec.Struct, frozen=True, kw_only=True):
    """How the text was won.

    `method`: the extractor that gave it. `confidence`: its expected F1, 0 to 1, where the method
    knows one. `removed`: characters or blocks taken out, by rule. `profile`: the revision of the
    site profile that pruned the page, or None.
    """

    method: str
    confidence: float | None = None
    removed: Mapping[str, int] = {}
    profile: str | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a text changed since the version before: estimated, to about .05, from sketches of both.

    `added`: which share of its runs of five words is new. `removed`: which share of the older text's is gone.
    """

    added: float
    removed: float


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A record less what only the commit knows. Names follow schema.org/Article.

    `id` is the page's. `canonical_url` is the page's own, where it is believable, else its
    address without tracking parameters. `published_at` and `modified_at` are aware: as the pipeline
    gives them in the page's own zone, on the wire in UTC, as all times there are. `published_zone` is
    the zone (`+08:00`) in which `published_at` has the day that readers see, None where the page names
    none, or UTC. `content_hash` is BLAKE2b-128 of the normalised text, in hex: two pages with the same
    one say the same.
    """

    id: str
    url: str
    canonical_url: str
    host: str = ""
    title: str | None = None
    text: str
    markdown: str | None = None
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    published_zone: str | None = None
    modified_at: datetime | None = None
    language: str | None = None
    description: str | None = None
    image: str | None = None
    site_name: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    source: str | None = None
    fetched_at: datetime | None = None
    content_hash: str
    schema_version: int = SCHEMA_VERSION
    warnings: tuple[str, ...] = ()
    meta: Mapping[str, Any] = {}
    extraction: Extraction


def encode_draft(draft: Draft) -> bytes:
    """`draft` as JSON, as it stands on the wire: every time in UTC, ending in Z."""
    published, modified = (moment and moment.astimezone(UTC) for moment in (draft.published_at, draft.modified_at))
    return msgspec.json.encode(msgspec.structs.replace(draft, published_at=published, modified_at=modified))


class Record(Draft, frozen=True, kw_only=True):
    """A published record.

    `kind`: whether it is the first version of its article. `version`: 1 and up. `article`: the same
    for all versions of one article; what a consumer upserts by. `supersedes`: the id of the record
    that it replaces. `near_duplicate_of`: the id of the record that it is a near copy of, where the
    mill marks such copies. `estimated_change`: since the version before; None for the first, and where
    the text of that one is forgotten. `first_seen`: when the article's first version was settled.
    `processed_at`: when this one was.
    """

    kind: Kind
    version: int
    article: str
    supersedes: str | None = None
    near_duplicate_of: str | None = None
    estimated_change: Change | None = None
    first_seen: datetime | None = None
    processed_at: datetime
