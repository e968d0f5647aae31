"""Pagemill itself among the systems: alone, with its sites known, as a stream; with weights that saw no such domain."""

import random
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

from extract_systems import Found, System
from extract_truth import Truth, page_of, text_of

from pagemill import Draft, RawPage
from pipeline.blocks.extract import extract_blocks
from pipeline.blocks.weights import unpack
from pipeline.flattened.net import unpack_lines
from pipeline.markup.parse import parse
from pipeline.process import Reading, read_page
from pipeline.result import Rejected
from pipeline.site_profile import SiteProfile, add_imprint, read_profile
from training.folds import fold_file, fold_of

T = TypeVar("T")

OWN = ("pagemill", "pagemill+site", "pagemill+stream", "blocks")

ARTICLES = 16
"""Of a site that are kept: the default of the setting `profile_articles`."""

_FOLDS = re.compile(r"(blocks|lines)-\d+-of-(\d+)\.npz")
_USES = {
    "blocks": ("pipeline.blocks.extract.load_weights", unpack),
    "lines": ("pipeline.flattened.net.load_line_weights", unpack_lines),
}


class FoldWeights:
    """The weights that `--keep` of the commands that learn left in `folder`, in place of the package's.

    From `install` on every page is judged by those that saw no page of its domain. Raises SystemExit where a fold is
    missing. `asked`: how often a net was judged by them; 0 means that the pipeline takes its weights from elsewhere.
    """

    def __init__(self, folder: Path) -> None:
        found = dict(match.groups() for file in folder.iterdir() if (match := _FOLDS.fullmatch(file.name)))
        if not found:
            sys.exit(f"{folder} holds no weights of folds: see --keep of python -m training and training.lines")
        self.folds = {net: int(folds) for net, folds in found.items()}
        self.asked = 0
        self._domain = ""
        self._held = {
            net: [_read(folder, net, fold, folds) for fold in range(folds)] for net, folds in self.folds.items()
        }

    def install(self) -> None:
        """Put them in place, for as long as this process lives."""
        for net in self._held:
            patch(_USES[net][0], lambda net=net: self._weights(net)).start()

    def turn_to(self, domain: str) -> None:
        """What comes next is a page of this domain."""
        self._domain = domain

    def _weights(self, net: str) -> Any:
        self.asked += 1
        return self._held[net][fold_of(self._domain, self.folds[net])]


def _read(folder: Path, net: str, fold: int, folds: int) -> Any:
    file = fold_file(folder, net, fold, folds)
    if not file.exists():
        sys.exit(f"{file} is missing: a run with --keep was not finished, or of another number of folds")
    return _USES[net][1](file.read_bytes())


class Own:
    """Pagemill on `truths`, as they come in one `way`; of their sites it may know all pages that are in `every`."""

    def __init__(
        self, truths: Sequence[Truth], every: Sequence[Truth], *, way: str, weights: FoldWeights | None
    ) -> None:
        self._sites = {truth.site for truth in truths if truth.site}
        self._every = every
        self._way = way
        self._weights = weights

    def systems(self) -> Mapping[str, Callable[[], System]]:
        """By name; `blocks` is the extractor without what tidies its text."""
        of_html: dict[str, Callable[[], System]] = {"blocks": self._blocks} if self._way == "html" else {}
        return {"pagemill": self._alone, "pagemill+site": self._known, "pagemill+stream": self._stream, **of_html}

    def read(self, truth: Truth, page: RawPage, profile: SiteProfile | None = None) -> Reading:
        """The page through the whole pipeline."""
        if self._weights:
            self._weights.turn_to(truth.domain)
        return read_page(page, profile=profile)

    def imprints(self, most: int = 0) -> dict[str, dict[str, bytes]]:
        """What the pages of each site leave behind that will be published, by their addresses.

        Sites of one page are left out; `most`: so many sites at most, drawn by lot.
        """
        sites: dict[str, list[Truth]] = defaultdict(list)
        for truth in self._every:
            if truth.site in self._sites:
                sites[truth.site].append(truth)
        several = {site: pages for site, pages in sites.items() if len(pages) > 1}
        if most:
            several = {site: several[site] for site in drawn(list(several), "sites")[:most]}
        left = {site: {page.url: self._imprint(page) for page in pages} for site, pages in several.items()}
        return {site: {url: imprint for url, imprint in pages.items() if imprint} for site, pages in left.items()}

    def _imprint(self, truth: Truth) -> bytes:
        return self.read(truth, page_of(truth, self._way), SiteProfile()).imprint

    def _alone(self) -> System:
        return lambda truth, page: found_in(self.read(truth, page).result)

    def _known(self) -> System:
        """As many other pages of the site as a profile keeps, drawn by lot, are known."""
        imprints = self.imprints()

        def run(truth: Truth, page: RawPage) -> Found:
            others = [one for url, one in imprints.get(truth.site, {}).items() if url != truth.url]
            return found_in(self.read(truth, page, profile_of(drawn(others, truth.url))).result)

        return run

    def _stream(self) -> System:
        """Each page knows what came before it."""
        packed: dict[str, bytes] = defaultdict(bytes)

        def run(truth: Truth, page: RawPage) -> Found:
            reading = self.read(truth, page, read_profile(packed[truth.site]) if truth.site else None)
            if reading.imprint and truth.site:
                packed[truth.site] = add_imprint(packed[truth.site], reading.imprint, ARTICLES)
            return found_in(reading.result)

        return run

    def _blocks(self) -> System:
        def run(truth: Truth, page: RawPage) -> Found:
            if self._weights:
                self._weights.turn_to(truth.domain)
            parsed = parse(text_of(page))
            return Found(text=extract_blocks(parsed.tree).text if parsed else "")

        return run


def drawn(values: Sequence[T], lot: str) -> list[T]:
    """`values` in an order by lot, the same for one `lot`."""
    return random.Random(lot).sample(values, len(values))


def profile_of(imprints: Sequence[bytes]) -> SiteProfile:
    """The profile that learned of these, the last of them last."""
    packed = b""
    for imprint in imprints:
        packed = add_imprint(packed, imprint, ARTICLES)
    return read_profile(packed)


def found_in(result: Draft | Rejected) -> Found:
    """What the record says; nothing of a page that gives none."""
    if isinstance(result, Rejected):
        return Found()
    return Found(
        text=result.text,
        title=result.title or "",
        authors=result.authors,
        day=result.published_at.date().isoformat() if result.published_at else "",
        language=result.language or "",
    )
