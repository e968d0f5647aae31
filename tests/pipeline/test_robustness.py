import gzip
import tarfile
from pathlib import Path

import msgspec
import pytest

from pagemill import RawPage
from pipeline import Draft, Rejected, process

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "data" / "robustness" / "corpora.tar.xz"
FOLDERS = {
    "bombs",
    "charset",
    "encoding_sniff",
    "fuzz_corpora",
    "html5lib",
    "json",
    "libxml2",
    "pages",
    "strings",
    "warc",
}
MOST = 300_000  # bytes: the bombs of a megabyte are the same ones, ten times longer


@pytest.fixture(scope="session")
def hostile_bodies():
    """The hostile inputs, by name: bombs of 100 KB, fuzzing corpora, regression tests of parsers, odd charsets."""
    if not CORPORA.exists():
        pytest.skip("the corpora of hostile input are not on this machine")
    bodies = {}
    with tarfile.open(CORPORA) as archive:
        for member in archive:
            name = member.name.removeprefix("./")
            if member.isfile() and name.split("/")[0] in FOLDERS and member.size <= MOST:
                body = archive.extractfile(member).read()
                if name.endswith(".bin.gz"):
                    body = gzip.decompress(body)
                if len(body) <= MOST:
                    bodies[name] = body
    return bodies


@pytest.mark.parametrize("content_type", [None, "text/html"])
def test_hostile_input_gives_a_draft_or_a_refusal(hostile_bodies, content_type):
    """None of hundreds of hostile inputs raises, and each answer can be written as JSON."""
    assert len(hostile_bodies) > 500
    for name, body in hostile_bodies.items():
        answer = process(RawPage(url="https://mill.example/a", body=body, content_type=content_type))
        assert isinstance(answer, (Draft, Rejected)), name
        msgspec.json.encode(answer)
