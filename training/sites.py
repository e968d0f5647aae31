"""What could be known of a page's site: the imprints of the other pages of its domain that are in the data."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.site_profile import Marks, count_on, seen_on

_UNKNOWN = 0.4  # pages that are shown without, at each look
_MOST = 16  # other pages that are known of at a look


class Sites:
    """Pages by number, each with the site that it belongs to and what its blocks are known by."""

    def __init__(self, pages: Iterable[tuple[Hashable, Marks]]) -> None:
        self._of, self._marks = zip(*pages, strict=True)
        self._sorted = [np.unique(marks.codes) for marks in self._marks]
        self._pages: dict[Hashable, list[int]] = defaultdict(list)
        for number, site in enumerate(self._of):
            self._pages[site].append(number)

    def others(self, page: int) -> list[int]:
        """The other pages of a page's site."""
        return [other for other in self._pages[self._of[page]] if other != page]

    def count(self, page: int, others: Sequence[int]) -> tuple[npt.NDArray[np.intp], int]:
        """On how many of `others` each block of a page is, and how many count."""
        return count_on([self._sorted[other] for other in others], self._marks[page])

    def draw(self, page: int, dice: np.random.Generator, unknown: float = _UNKNOWN) -> tuple[npt.NDArray[np.intp], int]:
        """The same with some other pages drawn by lot, or none; all of them count, for hardly two are one article."""
        most = 0 if dice.random() < unknown else int(dice.integers(1, _MOST + 1))
        others = dice.permutation(self.others(page))[:most].tolist()
        return seen_on([self._sorted[other] for other in others], self._marks[page]).sum(axis=0), len(others)

    def known(self, page: int, most: int = _MOST) -> tuple[npt.NDArray[np.intp], int]:
        """The same with as many other pages as there are, `most` at most; always the same ones."""
        dice = np.random.default_rng(page)
        return self.count(page, dice.permutation(self.others(page))[:most].tolist())

    def before(self, page: int) -> tuple[npt.NDArray[np.intp], int]:
        """The same with the last pages of the site that come before it."""
        return self.count(page, [other for other in self.others(page) if other < page][-_MOST:])
