"""Plain files and folders."""

import gzip
import os

import pytest

from pagemill.limits import Limits
from workers.inputs import Intake


@pytest.fixture
def read():
    """Reads inputs; gives the pages, the complaints and the intake."""

    def read_all(*inputs, **limits):
        told = []
        intake = Intake(Limits(**limits), told.append)
        return list(intake.pages([str(name) for name in inputs])), told, intake

    return read_all


def test_a_file_is_a_page_of_its_name(read, tmp_path):
    """Its URL is its file: URI, its id the name, and HTML has no content type, so that it is sniffed."""
    file = tmp_path / "a page.html"
    file.write_bytes(b"<p>hello")
    ((page,), told, _) = read(file)
    assert (page.url, page.id, page.body) == (file.resolve().as_uri(), "a page.html", b"<p>hello")
    assert (page.content_type, page.fetched_at, told) == (None, None, [])


def test_text_files_say_that_they_are_text(read, tmp_path):
    """.txt and .md are text/plain, also behind .gz."""
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"hello"))
    (tmp_path / "b.md").write_bytes(b"hello")
    pages, _, _ = read(tmp_path / "a.txt.gz", tmp_path / "b.md")
    assert [(page.content_type, page.body) for page in pages] == [("text/plain", b"hello")] * 2


def test_a_folder_is_read_in_the_order_of_names(read, tmp_path):
    """All below it, hidden files and folders left out, files of other kinds counted; ids are paths from it on."""
    for name in ("b/2.htm", "b/1.html", "a.txt", "c.xhtml", ".hidden.html", ".git/x.html", "d.pdf", "README.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    pages, told, intake = read(tmp_path)
    assert [page.id for page in pages] == ["a.txt", "b/1.html", "b/2.htm", "c.xhtml"]
    assert (told, intake.skipped) == ([], 2)


def test_a_file_that_is_named_is_taken_whatever_its_name(read, tmp_path):
    """A suffix that a folder's reading would skip is no hindrance."""
    (tmp_path / "page.download").write_bytes(b"x")
    assert len(read(tmp_path / "page.download")[0]) == 1


def test_an_unreadable_file_costs_itself(read, tmp_path):
    """A dangling link between two pages is one line with its name; both pages come."""
    (tmp_path / "a.html").write_bytes(b"x")
    (tmp_path / "b.html").symlink_to(tmp_path / "nowhere")
    (tmp_path / "c.html").write_bytes(b"x")
    pages, told, intake = read(tmp_path)
    assert [page.id for page in pages] == ["a.html", "c.html"]
    assert told == [f"{tmp_path}/b.html: No such file or directory"]
    assert intake.bad == 1


@pytest.mark.parametrize("cut", [-12, 30])
def test_a_torn_gzip_costs_itself(read, tmp_path, cut):
    """A truncated .gz is told, and no half of it is a page."""
    (tmp_path / "a.html.gz").write_bytes(gzip.compress(os.urandom(5_000))[:cut])
    pages, told, _ = read(tmp_path / "a.html.gz")
    assert pages == []
    assert "is not gzip to its end" in told[0]


def test_a_file_under_gz_that_is_none_is_read_as_it_is(read, tmp_path):
    """Servers name files .gz that a client has unpacked already."""
    (tmp_path / "a.html.gz").write_bytes(b"<p>plain")
    assert read(tmp_path / "a.html.gz")[0][0].body == b"<p>plain"


def test_a_body_over_the_limit_is_cut_just_behind_it(read, tmp_path):
    """So memory is bounded, also for a bomb, and the mill still sees that it is too large."""
    (tmp_path / "a.html").write_bytes(b"x" * 5_000)
    (tmp_path / "b.html.gz").write_bytes(gzip.compress(b"x" * 10_000_000))
    pages, _, _ = read(tmp_path, max_body=1_000)
    assert [len(page.body) for page in pages] == [1_001, 1_001]


def test_a_long_name_gives_a_short_id(read, tmp_path):
    """An id over the limit becomes a hash, the same each time."""
    folder = tmp_path / ("d" * 100)
    folder.mkdir()
    (folder / ("f" * 100 + ".html")).write_bytes(b"x")
    first, second = read(tmp_path)[0][0].id, read(tmp_path)[0][0].id
    assert first == second
    assert len(first) == 32


def test_a_name_that_is_not_utf8_is_readable(read, tmp_path):
    """Its id has no lone surrogates, its URL is percent-encoded."""
    name = os.fsencode(tmp_path) + b"/caf\xe9.html"
    try:
        with open(name, "wb") as file:  # noqa: PTH123 - bytes
            file.write(b"x")
    except OSError:
        pytest.skip("this file system takes only UTF-8")
    ((page,), _, _) = read(tmp_path)
    assert page.url.endswith("caf%E9.html")
    assert page.id == r"caf\udce9.html"


def test_a_pipe_in_a_folder_is_left_alone(read, tmp_path):
    """Reading it would wait for ever."""
    os.mkfifo(tmp_path / "a.html")
    assert read(tmp_path)[2].skipped == 1
