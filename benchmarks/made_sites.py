"""Sites of our own making, of as many pages as are wanted: what stands on all of them looks like text, and is none.

No set of real pages has fifty of a site. Each site prints, in plain paragraphs amid its articles, some of: a word about
itself, an offer, a note on the author (four of them), and five other articles with a sentence of each.
"""

import random
from pathlib import Path

from extract_truth import Truth
from pages import WORDS

from pagemill import RawPage

PAGES = 51
SITES = 12

_VERBS = ["opened", "closed", "moved", "changed", "crossed", "reached", "repaired", "counted", "painted", "measured"]
_TIMES = ["on Monday", "last week", "in the spring", "two years ago", "after the storm", "before noon", "every winter"]


class MadeSite:
    """A site: what it prints on each page, and where."""

    def __init__(self, number: int) -> None:
        dice = random.Random(number)
        self.host = f"made-{number}.example"
        self.about = [_text(dice, 3) for _ in range(dice.randint(1, 2))]
        self.offer = _text(dice, 2)
        self.notes = [_text(dice, 2) for _ in range(4)]
        self.menu = [f"{dice.choice(WORDS)} {dice.choice(WORDS)}" for _ in range(12)]
        self.articles = [[_text(dice, dice.randint(2, 5)) for _ in range(dice.randint(4, 12))] for _ in range(PAGES)]
        self.titles = [_sentence(dice)[:-1] for _ in range(PAGES)]
        self.offers_within = dice.random() < 0.5

    def page(self, number: int) -> tuple[Truth, RawPage]:
        """The page of this number, and what is true of it."""
        dice = random.Random(f"{self.host} {number}")
        article = self.articles[number]
        inner = [*article[:2], self.offer, *article[2:]] if self.offers_within else [*article, self.offer]
        others = dice.sample([place for place in range(PAGES) if place != number], 5)
        related = [part for place in others for part in (self.titles[place], self.articles[place][0])]
        parts = [*inner, dice.choice(self.notes), *self.about, *related]
        menu = "".join(f"<li><a href='/{name}'>{name}</a></li>" for name in self.menu)
        title = self.titles[number]
        body = (
            f"<html><head><meta charset=utf-8><title>{title}</title></head><body><ul>{menu}</ul><h1>{title}</h1>"
            f"<div>{''.join(f'<p>{part}</p>' for part in parts)}</div></body></html>"
        )
        url = f"https://{self.host}/{number}"
        truth = Truth(
            path=Path(), dataset="made", id=f"{self.host}/{number}", domain=self.host, url=url, kind="article",
            text="\n\n".join(article),
        )  # fmt: skip
        return truth, RawPage(url=url, body=body.encode(), content_type="text/html; charset=utf-8")


def _text(dice: random.Random, sentences: int) -> str:
    return " ".join(_sentence(dice) for _ in range(sentences))


def _sentence(dice: random.Random) -> str:
    one, other, third = (dice.choice(WORDS) for _ in range(3))
    return f"The {one} of the {other} was {dice.choice(_VERBS)} by the {third} {dice.choice(_TIMES)}."
