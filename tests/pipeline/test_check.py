import pytest

from pagemill import RawPage, RejectReason
from pipeline.check import Candidate, check_page, check_text
from pipeline.options import DEFAULT_OPTIONS, Options


def page(body=b"x", status=200):
    return RawPage(url="https://mill.example/a", body=body, status=status)


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 999])
def test_an_http_error_is_refused_with_its_status(status):
    """A page of an error is no article, however long."""
    refused = check_page(page(b"long " * 1000, status))
    assert refused is not None
    assert refused.reason is RejectReason.HTTP_ERROR
    assert str(status) in refused.detail


@pytest.mark.parametrize("status", [0, 200, 203, 206, 304])
def test_other_answers_pass(status):
    """Below 400 the body decides."""
    assert check_page(page(status=status)) is None


@pytest.mark.parametrize("body", [b"", b" \r\n\t", b"\0\0\0", b"\xef\xbb\xbf", b"\xff\xfe \0\n\0"])
def test_a_body_of_blanks_is_empty(body):
    """Blanks, NULs and byte order marks are nothing, in any charset."""
    refused = check_page(page(body))
    assert refused is not None
    assert refused.reason is RejectReason.EMPTY


def test_an_error_without_a_body_is_an_error():
    """The filters' order is fixed: the status comes first."""
    refused = check_page(page(b"", 404))
    assert refused is not None
    assert refused.reason is RejectReason.HTTP_ERROR


@pytest.mark.parametrize(
    "text",
    ["one two three", "水车磨坊", "โรงสีข้าว", "ໂຮງສີ", "រោងម៉ាស៊ីន", "စက်ရုံများ", "дом и сад", "one-two three"],
)
def test_words_are_counted_in_every_script(text):
    """Three words, or three characters of a script without blanks, are enough for a limit of three."""
    assert check_text(Candidate(text, None), Options(min_words=3)) is None


def test_a_short_text_is_refused_with_its_count():
    """The detail says how many words there were, and how many were asked for."""
    refused = check_text(Candidate("only four words here", "en"), DEFAULT_OPTIONS)
    assert refused is not None
    assert refused.reason is RejectReason.TOO_SHORT
    assert refused.detail == "4 words, and at least 15 are asked for"


def test_no_text_is_empty_whatever_the_limit():
    """With min_words at 0 a page without text is still no record."""
    refused = check_text(Candidate("", None), Options(min_words=0))
    assert refused is not None
    assert refused.reason is RejectReason.EMPTY


@pytest.mark.parametrize(("language", "accepted"), [("en", True), ("de", True), ("fr", False), (None, False)])
def test_languages_are_refused_only_where_some_are_asked_for(language, accepted):
    """With a list, only its languages pass; by default all do."""
    candidate = Candidate("word " * 20, language)
    assert check_text(candidate, DEFAULT_OPTIONS) is None
    refused = check_text(candidate, Options(languages=("en", "de")))
    assert (refused is None) is accepted
    assert refused is None or refused.reason is RejectReason.WRONG_LANGUAGE
