"""What the memory takes of a record."""

from datetime import date

import msgspec
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from pagemill.limits import Limits
from pipeline.sameness.fingerprint import text_key
from pipeline.sameness.sketch import SKETCH_BYTES, fingerprint
from pipeline.urls.url import url_key
from workers.remember.row import BadField, Row, to_row

LIMITS = Limits(max_body=1_000)
GOOD = {"url": "https://a.example/1", "text": "Once there was a text."}


def test_the_keys_are_those_of_the_commit():
    """Address, text, index keys and sketch are what milling makes of a page with this text."""
    known = to_row(GOOD | {"canonical_url": "https://a.example/one?utm_source=x", "id": 7, "version": 3}, LIMITS)
    made = fingerprint(GOOD["text"])
    assert known.address_key == url_key("https://a.example/one")
    assert known.text_key == text_key(GOOD["text"])
    assert (known.keys, known.sketch) == (b"".join(made.keys), made.sketch)
    assert (known.id, known.version, known.article_key, known.first_seen) == ("7", 3, b"", None)


def test_a_record_without_an_id_gets_one_of_address_and_text():
    """The same each time, and another for another text."""
    ids = {to_row(GOOD | {"text": text}, LIMITS).id for text in ("one text", "one text", "another text")}
    assert len(ids) == 2
    assert {len(one) for one in ids} == {32}


@pytest.mark.parametrize(
    ("times", "first"),
    [
        ({"first_seen": "1970-01-01T00:00:01Z", "processed_at": "2024-01-01T00:00:00Z"}, 1_000),
        ({"first_seen": None, "processed_at": "1970-01-01T01:00:02+01:00"}, 2_000),
        ({"fetched_at": "yesterday", "published_at": "1970-01-01 00:00:03"}, 3_000),
        ({"published_at": "1960-01-01"}, 0),
        ({"published_at": date(1970, 1, 2)}, 86_400_000),
        ({"published_at": [1]}, None),
        ({"processed_at": 1_700_000_000}, None),
    ],
)
def test_the_best_time_that_can_be_read_counts(times, first):
    """first_seen before processed_at before fetched_at before published_at; UTC where no zone is named."""
    assert to_row(GOOD | times, LIMITS).first_seen == first


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": None}, "url"),
        ({"url": "nowhere"}, "url"),
        ({"url": "https://a.example/" + "x" * 3_000}, "url"),
        ({"canonical_url": "https://a.example/\n"}, "canonical_url"),
        ({"text": None}, "text"),
        ({"text": 3}, "text"),
        ({"text": " !! "}, "text"),
        ({"text": "\ud800 words"}, "text"),
        ({"text": "word " * 1_000}, "text"),
        ({"id": "x" * 200}, "id"),
        ({"id": "\ud800"}, "id"),
        ({"article": "a story"}, "article"),
        ({"version": 0}, "version"),
        ({"version": 10**12}, "version"),
        ({"version": "2"}, "version"),
    ],
)
def test_a_bad_field_is_named(change, field):
    """The error names the field that is at fault, and says what to do."""
    with pytest.raises(BadField) as told:
        to_row(GOOD | change, LIMITS)
    assert told.value.field == field
    assert str(told.value).startswith(f"{field}: ")


def test_what_is_no_record_is_told_so():
    """A list has no fields to name."""
    with pytest.raises(BadField, match=r"^record: "):
        to_row([1], LIMITS)


scalars = st.none() | st.integers() | st.text() | st.floats() | st.datetimes() | st.lists(st.integers(), max_size=2)


@given(st.dictionaries(st.sampled_from(Row.__struct_fields__), scalars))
def test_any_mapping_is_a_record_or_a_bad_field(fields):
    """Nothing else is raised, and what is remembered has the sizes that the memory wants."""
    try:
        known = to_row(GOOD | fields, LIMITS)
    except BadField as error:
        event(error.field)
        return
    assert len(known.sketch) == SKETCH_BYTES
    assert 0 < len(known.id) <= LIMITS.max_id
    assert known.first_seen is None or known.first_seen >= 0


@given(st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_a_line_of_any_json_is_a_record_or_a_bad_field(value):
    """Whatever a line holds."""
    with pytest.raises(BadField):
        to_row(msgspec.json.decode(msgspec.json.encode(value)), LIMITS)
