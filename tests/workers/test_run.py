"""How a run cuts its input, and how many workers it starts."""

import pytest

from pagemill.page import RawPage
from workers.run import chunks, wanted


def pages(count, size=1):
    return (RawPage(url=f"https://a.example/{number}", body=b"x" * size) for number in range(count))


@pytest.mark.parametrize(
    ("count", "size", "lengths"),
    [(0, 1, []), (1, 1, [1]), (64, 1, [64]), (130, 1, [64, 64, 2]), (5, 9_000_000, [2, 2, 1])],
)
def test_chunks_are_bounded_in_pages_and_bytes(count, size, lengths):
    """64 pages, or 16 MB and the page that goes over it; none is lost and their order stays."""
    found = list(chunks(pages(count, size)))
    assert [len(chunk) for chunk in found] == lengths
    assert [page.url for chunk in found for page in chunk] == [page.url for page in pages(count)]


@pytest.mark.parametrize(
    ("count", "most", "workers"), [(0, 8, 1), (17, 8, 1), (500, 8, 1), (501, 8, 2), (100_000, 8, 8), (100_000, 1, 1)]
)
def test_a_worker_for_each_500_pages(count, most, workers):
    """One for each 500 begun, at least one, and no more than there are processors."""
    assert wanted(count, most) == workers
