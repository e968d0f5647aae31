"""A draft on the wire."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec

from pagemill.record import Draft, Extraction, encode_draft


def draft_of(**fields):
    return Draft(
        id="a", url="https://a.example/", canonical_url="https://a.example/", text="", content_hash="",
        extraction=Extraction(method="none"), **fields,
    )  # fmt: skip


def test_times_on_the_wire_are_in_utc_whatever_zone_a_page_names():
    """The moment is the same, and ends in Z; the zone stands beside it."""
    evening = datetime(2024, 5, 1, 7, 30, tzinfo=timezone(timedelta(hours=9)))
    draft = draft_of(published_at=evening, published_zone="+09:00", modified_at=evening)
    written = msgspec.json.decode(encode_draft(draft))
    assert written["published_at"] == written["modified_at"] == "2024-04-30T22:30:00Z"
    assert written["published_zone"] == "+09:00"
    assert msgspec.json.decode(encode_draft(draft), type=Draft) == draft


def test_a_draft_without_times_has_none_on_the_wire():
    """Nothing is made up."""
    assert msgspec.json.decode(encode_draft(draft_of()))["published_at"] is None
    assert msgspec.json.decode(encode_draft(draft_of(modified_at=datetime(2024, 5, 1, tzinfo=UTC))))[
        "modified_at"
    ].endswith("Z")
