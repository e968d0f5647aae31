"""Content encodings: what goes in comes out, within the bound, and nothing else does."""

import gzip
import threading
import tracemalloc
import zlib
from contextlib import suppress

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pagemill.encoding import decompress
from pagemill.errors import MalformedEntry, PageTooLarge

LIMIT = 100_000
GIB = 1 << 30
SKIPPABLE = b"\x50\x2a\x4d\x18\x04\0\0\0abcd"

COMPRESS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}
encodings = pytest.mark.parametrize("encoding", sorted(COMPRESS))


def zeros(compressor, size):
    """A bomb: so many zeros through a compressor object, without ever holding them."""
    block = bytes(1 << 20)
    parts = [compressor(block) for _ in range(size // len(block))]
    return b"".join(parts)


def gzip_bomb():
    compressor = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return zeros(compressor.compress, GIB) + compressor.flush()


def zstd_bomb():
    compressor = zstandard.ZstdCompressor(level=19, write_content_size=False).compressobj()
    return zeros(compressor.compress, GIB) + compressor.flush()


def brotli_bomb():
    compressor = brotli.Compressor(quality=9, lgwin=24)
    return zeros(compressor.process, GIB) + compressor.finish()


@given(body=st.binary(max_size=5_000), encoding=st.sampled_from(sorted(COMPRESS)))
def test_every_body_comes_back_from_every_encoding(body, encoding):
    """Undoing an encoding gives the very bytes that were encoded."""
    assert decompress(COMPRESS[encoding](body), encoding, LIMIT) == body


@given(junk=st.binary(max_size=2_000), encoding=st.sampled_from([*sorted(COMPRESS), "", "identity"]))
def test_bytes_that_nobody_encoded_end_in_one_of_two_errors_or_a_body_within_the_limit(junk, encoding):
    """Whatever the bytes are, decompress answers at most the limit or raises one of its two errors."""
    with suppress(MalformedEntry, PageTooLarge):
        assert len(decompress(junk, encoding, 1_000)) <= max(1_000, len(junk))


@given(body=st.binary(min_size=1, max_size=2_000), encoding=st.sampled_from(sorted(COMPRESS)), cut=st.floats(0, 0.999))
def test_a_truncated_body_is_malformed(body, encoding, cut):
    """An encoded body that lost its end never passes for a whole one."""
    whole = COMPRESS[encoding](body)
    with pytest.raises(MalformedEntry):
        decompress(whole[: int(cut * len(whole))], encoding, LIMIT)


@encodings
def test_a_body_of_exactly_the_limit_passes_and_one_more_byte_does_not(encoding):
    """The limit is inclusive, and counts decompressed bytes."""
    assert len(decompress(COMPRESS[encoding](b"x" * LIMIT), encoding, LIMIT)) == LIMIT
    with pytest.raises(PageTooLarge, match="body"):
        decompress(COMPRESS[encoding](b"x" * (LIMIT + 1)), encoding, LIMIT)


@pytest.mark.parametrize(
    ("encoding", "bomb"), [("gzip", gzip_bomb), ("zstd", zstd_bomb), ("br", brotli_bomb)], ids=["gzip", "zstd", "br"]
)
def test_a_bomb_of_one_gibibyte_is_refused_in_little_memory(encoding, bomb):
    """A bomb is stopped at the limit: decompressing it never holds more than a few times that."""
    packed = bomb()
    assert len(packed) < GIB // 500
    tracemalloc.start()
    with pytest.raises(PageTooLarge):
        decompress(packed, encoding, 1_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16_000_000


def test_809_bytes_of_brotli_that_hold_a_gibibyte_are_refused():
    """The smallest bomb known: under a kilobyte in, over the limit out, and no more than the limit is made."""
    packed = brotli_bomb()
    assert len(packed) < 1_000
    with pytest.raises(PageTooLarge):
        decompress(packed, "br", 10_000_000)


def test_a_zstd_frame_that_lies_about_its_size_is_malformed():
    """The size that a frame declares is never believed."""
    honest = zstandard.ZstdCompressor(level=3).compress(b"x" * 200)
    assert zstandard.frame_content_size(honest) == 200
    with pytest.raises(MalformedEntry):
        decompress(honest.replace(b"\x20\xc8", b"\x20\xc7", 1), "zstd", LIMIT)


def test_a_zstd_window_beyond_128_mib_is_malformed():
    """A frame cannot make the decoder reserve gigabytes."""
    parameters = zstandard.ZstdCompressionParameters(window_log=28, enable_ldm=True)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    packed = compressor.compress(b"x" * 1_000) + compressor.flush()
    with pytest.raises(MalformedEntry, match="zstd"):
        decompress(packed, "zstd", LIMIT)


@encodings
def test_several_members_are_one_body_where_the_format_has_them(encoding):
    """Concatenated gzip members and zstd frames give their bodies in a row; after brotli nothing may follow."""
    packed = COMPRESS[encoding](b"one ") + COMPRESS[encoding](b"two")
    if encoding == "br":
        with pytest.raises(MalformedEntry):
            decompress(packed, encoding, LIMIT)
    else:
        assert decompress(packed, encoding, LIMIT) == b"one two"


def test_zeros_behind_a_gzip_member_are_padding():
    """What tar and some servers add is left out."""
    assert decompress(gzip.compress(b"page") + bytes(40_000), "gzip", LIMIT) == b"page"


def test_a_skippable_zstd_frame_is_skipped():
    """Frames that carry no content (RFC 8878, 3.1.2) do not matter."""
    assert decompress(SKIPPABLE + zstandard.compress(b"page"), "zstd", LIMIT) == b"page"


@pytest.mark.parametrize(
    ("encoding", "empty"), [("gzip", gzip.compress(b"")), ("zstd", zstandard.compress(b""))], ids=["gzip", "zstd"]
)
def test_hundreds_of_thousands_of_empty_members_are_refused(encoding, empty):
    """A body of members that hold nothing cannot keep a worker busy."""
    with pytest.raises(MalformedEntry, match="members"):
        decompress(COMPRESS[encoding](b"") * 400_000, encoding, LIMIT)


@encodings
def test_garbage_behind_the_end_is_malformed(encoding):
    """Bytes that belong to nothing are not passed over in silence."""
    with pytest.raises(MalformedEntry):
        decompress(COMPRESS[encoding](b"page" * 100) + b"garbage", encoding, LIMIT)


@pytest.mark.parametrize("encoding", ["", "identity"])
def test_no_encoding_leaves_the_body_alone(encoding):
    """An absent encoding and identity mean the bytes themselves."""
    assert decompress(b"<html>", encoding, LIMIT) == b"<html>"


@pytest.mark.parametrize("encoding", ["lz4", "rot13", "zstd\x1b[31m", "x" * 10_000])
def test_an_unknown_encoding_is_malformed_and_the_error_is_one_short_line(encoding):
    """The error names the encodings there are, and quotes what came escaped and cut."""
    with pytest.raises(MalformedEntry) as caught:
        decompress(b"x", encoding, LIMIT)
    text = str(caught.value)
    assert "br, deflate, gzip, zstd" in text
    assert text.isprintable()
    assert len(text) < 200


def test_threads_may_decompress_at_once():
    """Nothing is shared between threads: each gets its own body back."""
    bodies = [bytes([number]) * 60_000 for number in range(8)]
    packed = [zstandard.compress(body) for body in bodies]
    results: list[bool] = []

    def work(number):
        results.append(all(decompress(packed[number], "zstd", LIMIT) == bodies[number] for _ in range(200)))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 8
