"""Pages of about 58 KB for the benchmarks: an article of its own in each, amid a site's furniture."""

import random

from pagemill import RawPage

WORDS = [
    "harbour",
    "council",
    "bridge",
    "market",
    "river",
    "school",
    "station",
    "garden",
    "winter",
    "morning",
    "report",
    "budget",
    "water",
    "engineer",
    "village",
    "question",
    "evening",
    "library",
    "window",
    "summer",
    "project",
    "traffic",
    "number",
    "railway",
    "company",
    "building",
    "country",
    "minister",
    "teacher",
    "weather",
    "season",
    "history",
    "theatre",
    "kitchen",
    "letter",
    "paper",
    "island",
    "mountain",
    "valley",
    "forest",
]
BYTES = 58_000


def make_page(number: int) -> RawPage:
    """The page of this number; the same at each call."""
    dice = random.Random(number)
    article = "".join(f"<p>{_sentence(dice)} {_sentence(dice)} {_sentence(dice)}</p>\n" for _ in range(14))
    menu = "".join(
        f'<li class="menu-item"><a href="/section/{dice.choice(WORDS)}/{i}">{_words(dice, 2)}</a></li>\n'
        for i in range(60)
    )
    title = _words(dice, 7).capitalize()
    head = f'<meta property="og:title" content="{title}"><meta name="author" content="Staff Writer">'
    body = (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title} | Example</title>{head}</head><body>"
        f"<nav><ul>{menu}</ul></nav><main><article><h1>{title}</h1>{article}</article></main>"
        f"<footer>{_words(dice, 30)}</footer>"
    )
    slots = "".join(f"window.cfg_{i}={{id:{dice.randrange(10**9)},slot:'{_words(dice, 2)}'}};\n" for i in range(700))
    script = slots + "window.ads.push({size:[[300,250],[728,90]],lazy:true,refresh:30});\n" * 1_000
    filled = f"{body}<script>{script[: BYTES - len(body) - 30]}</script></body></html>"
    return RawPage(url=f"https://example.org/{number}", body=filled.encode(), content_type="text/html; charset=utf-8")


def _sentence(dice: random.Random) -> str:
    return f"{_words(dice, dice.randint(9, 22)).capitalize()}."


def _words(dice: random.Random, count: int) -> str:
    return " ".join(dice.choice(WORDS) for _ in range(count))
