"""Pages with mirrors, written here: articles that come again as they are, edited, cut; and pages that look alike."""

import random
from typing import NamedTuple

from pages import WORDS

LOOKALIKES = 0.1
"""Which share of the stories are results of one template, with other figures: each is news."""

_MIRRORS = ("exact", "exact", "exact", "edited", "edited", "cut")


class MirrorPage(NamedTuple):
    """A page: its fields as they are pushed, the story that it tells, and its text, word by word."""

    fields: dict[str, str]
    story: int
    text: str


def make_mirrors(count: int, seed: int = 1) -> list[MirrorPage]:
    """So many pages of stories with one to five pages each, shuffled; the same at each call."""
    dice = random.Random(seed)
    pages: list[MirrorPage] = []
    story = 0
    while len(pages) < count:
        story += 1
        if dice.random() < LOOKALIKES:
            pages.append(_page(story, 0, _results(dice)))
            continue
        text = _article(dice)
        pages.append(_page(story, 0, text))
        mirrors = range(1, dice.choice((1, 1, 2, 3, 5)))
        pages += [_page(story, mirror, _changed(dice, text, dice.choice(_MIRRORS))) for mirror in mirrors]
    del pages[count:]
    dice.shuffle(pages)
    return pages


def _page(story: int, mirror: int, text: str) -> MirrorPage:
    host = f"mirror{mirror}-{story % 40}.example"
    told = "".join(f"<p>{paragraph}</p>" for paragraph in text.split("\n"))
    body = (
        f"<html><head><title>Story {story}</title></head><body><nav>{host} news sport</nav>"
        f"<article>{told}</article><footer>{host}</footer></body></html>"
    )
    return MirrorPage({"url": f"https://{host}/{story}", "id": f"{story}-{mirror}", "body": body}, story, text)


def _sentence(dice: random.Random) -> str:
    return f"{' '.join(dice.choice(WORDS) for _ in range(14)).capitalize()} and the {dice.choice(WORDS)} is near."


def _article(dice: random.Random) -> str:
    return "\n".join(" ".join(_sentence(dice) for _ in range(4)) for _ in range(6))


def _results(dice: random.Random) -> str:
    lines = (
        f"The harbour team of section {i} won {dice.randrange(10_000)} to {dice.randrange(10_000)} against the valley"
        f" team, which had {dice.randrange(10_000)} points in the season before."
        for i in range(12)
    )
    return "\n".join(lines)


def _changed(dice: random.Random, text: str, how: str) -> str:
    if how == "edited":
        words = [dice.choice(WORDS) if dice.random() < 0.03 and word in WORDS else word for word in text.split(" ")]
        return " ".join(words)
    return text.rpartition("\n")[0] if how == "cut" else text
