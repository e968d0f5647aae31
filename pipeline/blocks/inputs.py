"""A page as the model sees it: numbers and words of each block, and where each finds its neighbours."""

from collections.abc import Callable, Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt
from lxml.html import HtmlElement

from pipeline.blocks.features import block_features, lay_out, site_features
from pipeline.blocks.read import Blocks, Key, key_of
from pipeline.blocks.words import Vocabulary, words_of_key, words_of_page, words_of_text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

# Given the texts of blocks: on how many other pages of the site each stands, and how many other pages are known.
Seen = Callable[[Sequence[str]], tuple[Sequence[int], int]]


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """What the model reads of a page of n blocks.

    `features`: n rows, not scaled. `sizes`: words a block. `names`: the words of each distinct key, as places in the
    vocabulary; key 0 is none. `own`, `lead`, `parent`, `grandparent`: a block's keys. `elements`: their keys;
    `levels`: how deep they are; `parents`, `holders`: as in Blocks. `texts`: the words of each block. `heading`: the
    heading that a block stands under, n if none. `groups`: blocks of one number are marked up alike. `wider`,
    `widest`: the first block, and one past the last, of the two next wider elements. `page`: words of the page.
    `site`: two columns, see `site_features`.
    """

    features: Floats
    sizes: Floats
    names: Sequence[Sequence[int]]
    own: Ints
    lead: Ints
    parent: Ints
    grandparent: Ints
    elements: Ints
    levels: Ints
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
    parents = np.asarray(blocks.parents, dtype=np.intp)
    places: dict[Key | None, int] = {None: 0}
    of_element = np.asarray([places.setdefault(key, len(places)) for key in keys], dtype=np.intp)
    lead = np.asarray([places.setdefault(key, len(places)) for key in leads], dtype=np.intp)
    holders = np.asarray(blocks.holders, dtype=np.intp)
    above = parents[holders]
    tags = [key[0] for key in keys]
    kin = _groups(blocks, keys, leads)
    layout = lay_out(blocks, tags)
    spans = np.stack([np.asarray(blocks.firsts, dtype=np.intp), np.asarray(blocks.lasts, dtype=np.intp)], axis=1)
    features, sizes = block_features(blocks, layout, kin)
    return Inputs(
        features=features,
        sizes=sizes,
        names=[_known(words_of_key(key), vocabularies.names) if key else [] for key in places],
        own=of_element[holders],
        lead=lead,
        parent=of_element[above],
        grandparent=of_element[parents[above]],
        elements=of_element,
        levels=_depths(blocks.parents),
        parents=parents,
        holders=holders,
        texts=[_known(words_of_text(text), vocabularies.texts) for text in blocks.texts],
        heading=_under(layout.levels),
        groups=kin,
        wider=spans[layout.wider[holders]],
        widest=spans[layout.wider[layout.wider[holders]]],
        page=_known(words_of_page(tree, blocks.elements[0]), vocabularies.pages),
        site=_site(blocks.texts, seen),
    )


def _site(texts: Sequence[str], seen: Seen | None) -> Floats:
    if seen is None:
        return np.zeros((len(texts), 2))
    times, known = seen(texts)
    return site_features(np.asarray(times, dtype=np.float64), float(known))


def _known(words: Sequence[str], vocabulary: Mapping[str, int]) -> list[int]:
    rows = map(vocabulary.get, words)
    return [row for row in rows if row]  # no word has row 0


def _groups(blocks: Blocks, keys: Sequence[Key], leads: Sequence[Key | None]) -> Ints:
    """Blocks have one number when tag and classes agree: their own, those of two elements around, their lead's."""
    numbers: dict[object, int] = {}
    parents = blocks.parents
    groups = []
    for holder, lead in zip(blocks.holders, leads, strict=True):
        above = parents[holder]
        path = (keys[holder][:2], keys[above][:2], keys[parents[above]][:2], lead and lead[:2])
        groups.append(numbers.setdefault(path, len(numbers)))
    return np.asarray(groups, dtype=np.intp)


def _depths(parents: Sequence[int]) -> Ints:
    depths = [0]
    for parent in parents[1:]:
        depths.append(depths[parent] + 1)
    return np.asarray(depths, dtype=np.intp)


def _under(levels: Ints) -> Ints:
    """For each block the place of the heading before it, the number of blocks where there is none."""
    at = np.where(levels > 0, np.arange(len(levels)), -1)
    before = np.concatenate([[-1], np.maximum.accumulate(at)[:-1]])
    return np.where(before < 0, len(levels), before)
