"""Files in zstd, as a stream."""

import io
import os

import pytest
import zstandard

from workers.inputs.zstd import open_zstd

pack = zstandard.ZstdCompressor().compress


def test_frames_come_one_behind_the_other():
    """As of `cat a.zst b.zst`; an empty frame between them gives nothing."""
    noise = os.urandom(100_000)
    with open_zstd(io.BytesIO(pack(noise) + pack(b"") + pack(b"line\nline\n"))) as stream:
        assert stream.read(100_000) == noise
        assert stream.tell() == 100_000
        assert list(stream) == [b"line\n", b"line\n"]


@pytest.mark.parametrize("cut", [-1, -4_000, 30, 5])
def test_a_frame_that_is_cut_is_no_end(cut):
    """Wherever it is cut, reading to the end raises, as of gzip."""
    with open_zstd(io.BytesIO(pack(os.urandom(5_000))[:cut])) as stream, pytest.raises(EOFError):
        stream.read()


def test_what_is_no_zstd_is_told():
    """Rubbish behind a frame is an error, not an end."""
    with open_zstd(io.BytesIO(pack(b"line") + b"rubbish")) as stream, pytest.raises(zstandard.ZstdError):
        stream.read()


def test_a_bomb_is_unpacked_as_far_as_it_is_read():
    """Of a gigabyte of zeros in 33 kB the first line's limit is all that is asked for, and little more is unpacked."""
    packer = zstandard.ZstdCompressor().compressobj()
    bomb = b"".join([packer.compress(bytes(1 << 20)) for _ in range(1_024)]) + packer.flush()
    with open_zstd(io.BytesIO(bomb)) as stream:
        assert len(stream.readline(1_000)) == 1_000
        assert len(stream.raw._unpacked) < 64 << 20
