"""Pages that come as text: a scraper flattened them, with menus, notices, and the body twice."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from pipeline.blocks.inputs import Seen
from pipeline.clean import tidy
from pipeline.flattened.dateline import find_start, is_edge, is_sentence, read_head
from pipeline.flattened.furniture import drop_furniture, is_label, is_section, opens_tail
from pipeline.flattened.net import LineWeights, choose_lines, judge_lines
from pipeline.flattened.repeats import find_repeats
from pipeline.measure import length_in_words
from pipeline.metadata.byline import find_authors

_MOST_LINES = 80_000  # that are weighed: 115 MB of memory, two seconds
_MAIN = 0.5  # share of the words chosen that stand together in an article
_TOP = 8  # lines above the first sentence, of which the last label cuts off those before it
_SHORT = 12  # words: shorter lines between the copies of a text belong to the copies


class Flattened(msgspec.Struct, frozen=True, kw_only=True):
    """An article found in a page of plain text.

    `published_at` is aware and in UTC. `text` holds paragraphs, without the title. `removed`: characters
    by rule (`boilerplate`, with the title; `repeats`; `furniture`; `excess`: beyond the first 80,000 lines);
    what the line ends took is not counted.
    """

    title: str | None = None
    published_at: datetime | None = None
    authors: tuple[str, ...] = ()
    text: str = ""
    removed: dict[str, int] = {}


class Traced(msgspec.Struct, frozen=True, kw_only=True):
    """A flattened page with what became of its lines: places in `lines`, which has none that are empty.

    `chances`: how likely each is the article's. `titles`: those that hold the title. `chosen`, `once`, `article`: what
    was left after the choice, without the title; after repeats; and without what stands apart. Of that the rules for
    furniture left `flattened.text`.
    """

    flattened: Flattened = Flattened()
    lines: Sequence[str] = ()
    chances: Sequence[float] = ()
    titles: frozenset[int] = frozenset()
    chosen: Sequence[int] = ()
    once: Sequence[int] = ()
    article: Sequence[int] = ()


def read_flattened(
    text: str,
    *,
    url: str | None = None,
    fetched_at: datetime | None,
    seen: Seen | None = None,
    weights: LineWeights | None = None,
) -> Flattened:
    """The article in `text`, a page without markup, with what the page says of it.

    `url`: the page's address, which may name the article; `fetched_at` (aware) is what relative dates count from;
    `seen`: what is known of the site; `weights`: others than the package's, to measure them. Takes time in proportion
    to the text.
    """
    return trace_flattened(text, url=url, fetched_at=fetched_at, seen=seen, weights=weights).flattened


def trace_flattened(
    text: str,
    *,
    url: str | None = None,
    fetched_at: datetime | None,
    seen: Seen | None = None,
    weights: LineWeights | None = None,
) -> Traced:
    """The same, with what became of each line on the way."""
    lines = [line.strip() for line in tidy(text).split("\n")]
    places = [i for i, line in enumerate(lines) if line][:_MOST_LINES]
    if not places:
        return Traced()
    filled = [lines[i] for i in places]
    gaps = [i > 0 and not lines[i - 1] for i in places]
    chances, sizes = judge_lines(filled, gaps, url=url, seen=seen, weights=weights)
    likely = choose_lines(chances, sizes).tolist()
    head = read_head(filled, likely, fetched_at=fetched_at)
    chosen = [i for i, is_likely in enumerate(likely) if is_likely and i not in head.titles]
    once = _without_repeats(filled, chosen)
    article = _trim(filled, _touching(filled, once, head.titles))
    body, furniture = drop_furniture(_join(filled, places, article))
    size, of_chosen, of_once, of_article = (
        sum(len(filled[i]) for i in some) for some in (range(len(filled)), chosen, once, article)
    )
    removed = {
        "boilerplate": size - of_chosen + of_once - of_article,
        "repeats": of_chosen - of_once,
        "furniture": furniture,
        "excess": sum(map(len, lines[places[-1] + 1 :])),
    }
    flattened = Flattened(
        title=head.title,
        published_at=head.published_at,
        authors=find_authors(filled, head.titles, find_start(filled, likely)),
        text=body,
        removed={rule: count for rule, count in removed.items() if count},
    )
    return Traced(
        flattened=flattened, lines=filled, chances=chances.tolist(), titles=head.titles, chosen=chosen, once=once,
        article=article,
    )  # fmt: skip


def _touching(lines: Sequence[str], kept: Sequence[int], titles: frozenset[int]) -> list[int]:
    """`kept` less what stands above or below all running text and apart from it, unless that is much: a listing."""
    sentences = [i for i in kept if is_sentence(lines[i])]
    if not sentences:
        return list(kept)
    linked = titles.union(kept)
    first, last = sentences[0], sentences[-1]
    while first - 1 in linked:
        first -= 1
    while last + 1 in linked:
        last += 1
    near = [i for i in kept if first <= i <= last]
    size, of_near = (sum(length_in_words(lines[i]) for i in some) for some in (kept, near))
    return near if of_near >= _MAIN * size else list(kept)


def _without_repeats(lines: Sequence[str], kept: Sequence[int]) -> list[int]:
    """`kept` less the lines that repeat others, and less the short ones between repeats."""
    gone = find_repeats([lines[i] for i in kept])
    once: list[int] = []
    waiting: list[int] = []
    after_copy = False
    for i, is_copy in zip(kept, gone, strict=True):
        if is_copy:
            while not after_copy and once and _is_short(lines[once[-1]]):
                once.pop()  # the copy's own heading
            after_copy, waiting = True, []
        elif not after_copy:
            once.append(i)
        elif _is_short(lines[i]):
            waiting.append(i)
        else:
            once += [*waiting, i]
            after_copy, waiting = False, []
    return once


def _is_short(line: str) -> bool:
    return length_in_words(line) < _SHORT


def _trim(lines: Sequence[str], kept: Sequence[int]) -> list[int]:
    """`kept` without the headings, labels and datelines at its two ends, and what stands above such a label."""
    top = next((at for at, i in enumerate(kept[:_TOP]) if is_sentence(lines[i])), 0)
    first, last = 0, len(kept)
    for at in range(top):
        if is_section(lines[kept[at]]) or is_label(lines[kept[at]]) or opens_tail(lines[kept[at]]):
            first = at + 1
    while first < last and is_edge(lines[kept[first]]):
        first += 1
    while last > first and is_edge(lines[kept[last - 1]]):
        last -= 1
    return list(kept[first:last])


def _join(lines: Sequence[str], places: Sequence[int], kept: Sequence[int]) -> str:
    """The kept lines as paragraphs: blank lines stay where the page had one, or where something was cut out."""
    parts: list[str] = []
    last: int | None = None
    for i in kept:
        if last is not None:
            parts.append("\n" if places[i] - places[last] == 1 else "\n\n")
        parts.append(lines[i])
        last = i
    return "".join(parts)
