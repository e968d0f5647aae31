"""What knowing a site is worth: the whole pipeline, as the pages grow that were seen of a site before.

    python benchmarks/site_profile.py DATA --weights FOLDER
    python benchmarks/site_profile.py DATA --weights FOLDER --flattened

DATA and FOLDER as extract.py takes them; without FOLDER the figures are in-sample. Which other pages of a host were
seen is drawn by lot; only those that would be published count, and a profile keeps the newest 16. The rows of a table
are of the same pages: those of hosts that have at least as many. No set has fifty pages of a host: those are of sites
of our own making (made_sites.py), as far as they go. Intervals of 95 % by bootstrap over domains.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean

import msgspec
from extract_own import ARTICLES, FoldWeights, Own, drawn, found_in, profile_of
from extract_scores import interval
from extract_truth import Truth, as_it_comes, page_of, read_truths
from made_sites import PAGES, SITES, MadeSite

from pagemill import RawPage
from pipeline.site_profile import SiteProfile
from training.score import overlap, words_in

SEEN = (1, 2, 3, 5, 10, 16, 50)
LEAST = (2, 3, 6, 11, 17)
MUCH = 0.05
"""Of F1, or of the true text: more is told of."""
MEASURED = 10
"""Pages of a made site that are measured; all of them are known."""


class Outcome(msgspec.Struct, frozen=True):
    """A page as it came out: precision, recall and F1 of its words, and the true ones among them."""

    scores: tuple[float, float, float]
    held: Counter[str]


class Grown(msgspec.Struct, frozen=True):
    """A page with 0, 1, 2 ... other pages known, with as many as a profile keeps, and with those that came before."""

    truth: Truth
    known: Mapping[int, Outcome]
    most: Outcome
    stream: Outcome


def main() -> None:
    """Measure real sites, then made ones, and print what is gained and what is lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--weights", type=Path, help="a folder of cross-validated weights")
    parser.add_argument("--flattened", action="store_true", help="pages flattened to text, instead of HTML")
    parser.add_argument("--sites", type=int, default=0, help="so many sites at most, drawn by lot")
    asked = parser.parse_args()
    weights = FoldWeights(asked.weights) if asked.weights else None
    if weights:
        weights.install()
    print(f"weights of {asked.weights.name}, which saw no page of the domain" if weights else "IN-SAMPLE weights")
    way = "text" if asked.flattened else "html"
    truths = read_truths(asked.data)
    own = Own(truths, truths, way=way, weights=weights)
    found = list(_real(own, {truth.url: truth for truth in truths}, way, sites=asked.sites))
    for least in LEAST:
        _print_growth([one for one in found if max(one.known) >= least - 1], f"hosts of {least} pages and more")
    _print_harm([one for one in found if max(one.known) > 1], "hosts of 3 pages and more")
    made = list(_made(own, way))
    _print_growth(made, f"{SITES} sites of our own making, {PAGES} pages each")
    _print_harm(made, "the same")


def _real(own: Own, truths: Mapping[str, Truth], way: str, *, sites: int) -> Iterator[Grown]:
    """The pages of all hosts that have several."""
    imprints = own.imprints(sites)
    for site, left in imprints.items():
        before: list[bytes] = []
        for url in drawn(list(left), site):
            truth = truths[url]
            others = drawn([imprint for other, imprint in left.items() if other != url], url)
            if truth.text:
                yield _grow(own, (truth, page_of(truth, way)), others, before)
            before.append(left[url])


def _made(own: Own, way: str) -> Iterator[Grown]:
    for number in range(SITES):
        site = MadeSite(number)
        pages = [site.page(place) for place in range(PAGES)]
        pages = [(truth, as_it_comes(page, truth, way)) for truth, page in pages]
        left = [own.read(truth, page, SiteProfile()).imprint for truth, page in pages]
        for place, page in enumerate(pages[:: PAGES // MEASURED]):
            at = place * (PAGES // MEASURED)
            yield _grow(own, page, drawn([*left[:at], *left[at + 1 :]], page[0].url), left[:at])


def _grow(own: Own, page: tuple[Truth, RawPage], others: Sequence[bytes], before: Sequence[bytes]) -> Grown:
    def out(imprints: Sequence[bytes]) -> Outcome:
        found = words_in(found_in(own.read(*page, profile_of(imprints)).result).text)
        true = words_in(page[0].text)
        return Outcome(overlap(true, found), Counter(true) & Counter(found))

    known = {seen: out(others[:seen]) for seen in (0, *SEEN) if seen <= len(others)}
    return Grown(page[0], known, out(others[:ARTICLES]), out(before))


def _print_growth(found: Sequence[Grown], which: str) -> None:
    if not found:
        return
    print(f"\n{which}: {len(found)} pages\n{'seen':>6}{'P':>8}{'R':>8}{'F1':>8}  against none, 95 %")
    domains = [one.truth.domain for one in found]
    for seen in sorted(set.intersection(*(set(one.known) for one in found))):
        columns = "".join(f"{fmean(one.known[seen].scores[i] for one in found):8.4f}" for i in range(3))
        gains = [one.known[seen].scores[2] - one.known[0].scores[2] for one in found]
        low, high = interval(gains, domains)
        print(f"{seen:>6}{columns}  {fmean(gains):+.4f} ({low:+.4f} to {high:+.4f})")


def _print_harm(found: Sequence[Grown], which: str) -> None:
    """What knowing the site gains, and what it takes of the true text."""
    if not found:
        return
    print(f"\n{which}: {len(found)} pages, against none known")
    for name, outcomes in (("up to 16 others", [one.most for one in found]), ("stream", [one.stream for one in found])):
        gains = [out.scores[2] - one.known[0].scores[2] for one, out in zip(found, outcomes, strict=True)]
        taken = [_taken(one, out) for one, out in zip(found, outcomes, strict=True)]
        low, high = interval(gains, [one.truth.domain for one in found])
        print(
            f"{name:16} F1 {fmean(gains):+.4f} ({low:+.4f} to {high:+.4f}); above {MUCH} gain "
            f"{sum(gain > MUCH for gain in gains)} pages, lose {sum(gain < -MUCH for gain in gains)}; of the true text "
            f"{fmean(taken):.4f} is taken out, above {MUCH} on {sum(share > MUCH for share in taken)} pages"
        )


def _taken(one: Grown, out: Outcome) -> float:
    """The share of the page's true words that it has alone, and no more with the site known."""
    return (one.known[0].held - out.held).total() / max(len(words_in(one.truth.text)), 1)


if __name__ == "__main__":
    main()
