"""Pages flattened to text as scrapers do it, with what is wrong with such pages, and the lines of each labelled."""
# ruff: noqa: RUF001  a notice in Russian

import gzip
import pickle
import random
import sys
import zlib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from pagemill import RawPage
from pipeline.blocks.words import words_of_text
from pipeline.clean import tidy
from pipeline.decoding.decode import Decoded, decode
from pipeline.flattened.features import line_features
from training.flatten import flatten
from training.pages import Truth
from training.score import words_in

WAYS = ("resiliparse", "inscriptis", "nodes", "spoilt", "cropped")
_RUN = 4  # words in a row that the truth must have
_MOST_LINES = 10_000
_BESIDE = 12  # lines that a cropped page has above and below its text, at most
_NOTICES = (
    "We and our partners store cookies on your device. Choose which of them you allow.\nAccept\nDecline\nMore choices",
    "Cookies on this site\nWe use cookies to count visits and to show what interests you.\nOK\nCookie settings",
    "Wir verwenden Cookies, damit diese Seite gut läuft.\nAlle akzeptieren\nNur notwendige\nEinstellungen",
    "Nous utilisons des cookies pour mesurer l'audience de ce site.\nTout accepter\nTout refuser\nParamétrer",
    "Usamos cookies propias y de terceros para mejorar la navegación.\nAceptar todo\nRechazar\nConfigurar",
    "Мы используем файлы cookie, чтобы сайт работал лучше.\nПринять\nПодробнее",
    "Your choices regarding cookies: the necessary ones keep the site at work.\nAllow all\nPrivacy policy",
)
_LABELS = ("Show more", "Published", "Description", "Restrictions", "Most read today", "Load more", "Mehr anzeigen")
_LATER = (
    "Popular downloads this week",
    "Show more",
    "Related",
    "Most viewed",
    "Plus d'articles",
    "Ver más",
    "Load more",
)


class LinePage(msgspec.Struct, kw_only=True):
    """A flattened page to learn from. `shares`: of each line's words, what the truth has; `way`: how it was made."""

    truth: Truth
    way: str
    lines: Sequence[str]
    gaps: Sequence[bool]
    features: npt.NDArray[np.float16]
    words: Sequence[Sequence[str]]
    sizes: npt.NDArray[np.float32]
    shares: npt.NDArray[np.float32]


def read_line_pages(truths: Sequence[Truth], cache: Path | None = None) -> list[LinePage]:
    """Every page in every way; read from `cache`, a file of one's own making, when it is there."""
    if cache and cache.exists():
        return list(pickle.loads(cache.read_bytes()))  # noqa: S301 (written below, on this machine)
    with ProcessPoolExecutor(2) as pool:
        pages = [page for group in pool.map(_read, truths, chunksize=16) for page in group]
    for page in pages:
        page.words = [[sys.intern(word) for word in words] for words in page.words]
    if cache:
        cache.write_bytes(pickle.dumps(pages, protocol=5))
    return pages


def spoil(text: str, true: str, dice: random.Random) -> str:
    """`text` with a notice above, or its body a second time below, or both."""
    how = dice.randrange(3)
    if how != 1:
        text = f"{dice.choice(_NOTICES)}\n{text}"
    if how != 0:
        after = "\n".join(dice.sample(_LATER, 2))
        text = f"{text}\n\n{dice.choice(_LABELS)}\n{dice.choice(_LABELS)}\n{true}\n\n{after}\n"
    return text


def crop(text: str, true: str, dice: random.Random) -> str:
    """`text` with few lines above and below its article, or none: short pages, and what is text already."""
    lines = text.split("\n")
    found = np.flatnonzero(shares_of(lines, true) > 0.5)
    if not len(found):
        return text
    first, last = int(found[0]), int(found[-1])
    above, below = (dice.choice((0, dice.randrange(_BESIDE))) for _ in range(2))
    return "\n".join(lines[max(0, first - above) : last + 1 + below])


def shares_of(lines: Sequence[str], true: str) -> npt.NDArray[np.float32]:
    """For each line the share of its words that stand in a run of four that the true text has too.

    Runs go over the ends of lines, so that short lines are judged by what is around them.
    """
    wanted = words_in(true)
    grams = set(zip(*(wanted[i:] for i in range(_RUN)), strict=False))
    whole = {tuple(words_in(line)) for line in true.split("\n")}
    rows = [words_in(line) for line in lines]
    page = [word for row in rows for word in row]
    covered = np.zeros(len(page) + 1, dtype=np.int64)
    for at, gram in enumerate(zip(*(page[i:] for i in range(_RUN)), strict=False)):
        if gram in grams:
            covered[at] += 1
            covered[min(at + _RUN, len(page))] -= 1
    sums = np.concatenate([[0], np.cumsum(np.cumsum(covered)[:-1] > 0)])
    ends = np.cumsum([len(row) for row in rows])
    found = sums[ends] - sums[np.concatenate([[0], ends[:-1]])]
    shares = found / np.maximum([len(row) for row in rows], 1)
    alone = [bool(row) and tuple(row) in whole for row in rows]
    return np.maximum(shares, alone).astype(np.float32)


def _read(truth: Truth) -> list[LinePage]:
    with gzip.open(truth.path) as body:
        decoded = decode(RawPage(url=truth.url or "https://example.org/", body=body.read()))
    if not isinstance(decoded, Decoded):
        return []
    dice = random.Random(zlib.crc32(f"{truth.dataset}/{truth.id}".encode()))
    texts = {way: flatten(decoded.text, way) for way in ("resiliparse", "inscriptis", "nodes")}
    texts["spoilt"] = spoil(texts["resiliparse"], truth.text, dice)
    texts["cropped"] = crop(dice.choice((texts["resiliparse"], texts["spoilt"])), truth.text, dice)
    pages = []
    for way, text in texts.items():
        page = page_of(text, truth, way)
        pages += [page] if page else []
    return pages


def page_of(text: str, truth: Truth, way: str) -> LinePage | None:
    """`text` in lines, with features and labels; None where it has none."""
    every = [line.strip() for line in tidy(text).split("\n")]
    places = [i for i, line in enumerate(every) if line][:_MOST_LINES]
    if not places:
        return None
    lines = [every[i] for i in places]
    gaps = [i > 0 and not every[i - 1] for i in places]
    features, sizes = line_features(lines, gaps, truth.url)
    return LinePage(
        truth=truth,
        way=way,
        lines=lines,
        gaps=gaps,
        features=features.astype(np.float16),
        words=[words_of_text(line) for line in lines],
        sizes=sizes.astype(np.float32),
        shares=shares_of(lines, truth.text),
    )
