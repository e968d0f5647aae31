"""A page as the model sees it: numbers and words of each block, and where each finds its neighbours."""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np
import numpy.typing as npt
from lxml.html import HtmlElement

from pipeline.blocks.features import SITE, block_features, lay_out, site_features
from pipeline.blocks.read import Blocks, Key, key_of
from pipeline.blocks.words import Vocabulary, words_of_keys, words_of_page, words_of_text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

# Given the texts of blocks: on how many other pages of the site each stands, and how many other pages are known.
Seen = Callable[[Sequence[str]], tuple[Sequence[int], int]]


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """What the model reads of a page of n blocks.

    `features`: n rows, not scaled. `sizes`: words a block. `names`: the words of each distinct key, as places in the
    vocabulary; key 0 is none. `own`, `lead`, `parent`, `grandparent`: a block's keys. `elements`: their keys;
    `parents`, `holders`: as in Blocks. `texts`: the words of each block. `heading`: the heading that a block stands
    under, n if none. `groups`: blocks of one number are marked up alike. `wider`,
    `widest`: the first block, and one past the last, of the two next wider elements. `page`: words of the page.
    `site`: see `site_features`.
    """

    features: Floats
    sizes: Floats
    names: Sequence[Sequence[int]]
    own: Ints
    lead: Ints
    parent: Ints
    grandparent: Ints
    elements: Ints
    parents: Ints
    holders: Ints
    texts: Sequence[Sequence[int]]
    heading: Ints
    groups: Ints
    wider: Ints
    widest: Ints
    page: Sequence[int]
    site: Floats


class Vocabularies(msgspec.Struct, frozen=True):
    """The words the model knows, each with its row: of keys, of texts, of pages."""

    names: Vocabulary
    texts: Vocabulary
    pages: Vocabulary


def read_inputs(blocks: Blocks, tree: HtmlElement, vocabularies: Vocabularies, seen: Seen | None = None) -> Inputs:
    """The inputs for `blocks`, of which there is at least one, read from `tree`; `seen` knows the site."""
    keys = list(map(key_of, blocks.elements))
    leads = [None if lead is None else key_of(lead) for lead in blocks.leads]
    places: dict[Key | None, int] = {None: 0}
    of_element = np.array([places.setdefault(key, len(places)) for key in keys], dtype=np.intp)
    lead = np.array([places.setdefault(key, len(places)) for key in leads], dtype=np.intp)
    parents = np.array(blocks.parents, dtype=np.intp)
    holders = np.array(blocks.holders, dtype=np.intp)
    above = parents[holders]
    own, parent, grandparent = of_element[holders], of_element[above], of_element[parents[above]]
    kin = _groups(list(places), (own, parent, grandparent, lead))
    layout = lay_out(blocks, [key[0] for key in keys])
    spans = np.array([blocks.firsts, blocks.lasts], dtype=np.intp).T
    wider = layout.wider[holders]
    features, sizes = block_features(blocks, layout, kin)
    return Inputs(
        features=features,
        sizes=sizes,
        names=[[], *(_known(words, vocabularies.names) for words in words_of_keys(filter(None, places)))],
        own=own,
        lead=lead,
        parent=parent,
        grandparent=grandparent,
        elements=of_element,
        parents=parents,
        holders=holders,
        texts=[_known(words_of_text(text), vocabularies.texts) for text in blocks.texts],
        heading=_under(layout.levels),
        groups=kin,
        wider=spans[wider],
        widest=spans[layout.wider[wider]],
        page=_known(words_of_page(tree, blocks), vocabularies.pages),
        site=_site(blocks.texts, seen),
    )


def _site(texts: Sequence[str], seen: Seen | None) -> Floats:
    if seen is None:
        return np.zeros((len(texts), SITE))
    times, known = seen(texts)
    return site_features(np.asarray(times, dtype=np.float64), float(known))


def _known(words: Sequence[str], vocabulary: Vocabulary) -> list[int]:
    return list(filter(None, map(vocabulary.get, words)))  # no word has row 0


def _groups(keys: Sequence[Key | None], around: Sequence[Ints]) -> Ints:
    """Blocks have one number when tag and classes agree: their own, those of two elements around, their lead's."""
    alike: dict[object, int] = {}
    of_key = np.array([alike.setdefault(key and key[:2], len(alike)) for key in keys])
    numbers: dict[object, int] = {}
    paths = zip(*(of_key[places].tolist() for places in around), strict=True)
    return np.array([numbers.setdefault(path, len(numbers)) for path in paths], dtype=np.intp)


def _under(levels: Ints) -> Ints:
    """For each block the place of the heading before it, the number of blocks where there is none."""
    at = np.where(levels > 0, np.arange(len(levels)), -1)
    before = np.concatenate([[-1], np.maximum.accumulate(at)[:-1]])
    return np.where(before < 0, len(levels), before)
