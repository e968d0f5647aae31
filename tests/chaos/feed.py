"""The pages that the harness has milled: made from their number, so that both ends know what each must become."""

import random
from collections.abc import Sequence
from html import escape
from typing import Literal

import msgspec

from pagemill import RawPage

QUEUES = ("high", "default", "low")

Kind = Literal["story", "copy", "again", "update", "short", "gone", "flat", "poison"]

_SHARES: dict[Kind, float] = {
    "story": 70, "copy": 7, "again": 5, "update": 6, "short": 4, "gone": 2, "flat": 4, "poison": 2,
}  # fmt: skip

POISONS = {
    "segfault": ("crashed", 5),
    "abort": ("crashed", 5),
    "fail": ("raised", 3),
    "memory": ("memory", 2),
    "leave": ("crashed", 1),
    "unserialisable": ("unserialisable", 1),
    "bus": ("crashed", 1),
    "spin": ("timeout", 0.3),
}
"""What a poison page does, the reason that it dies for when nobody interferes, and how often it comes."""

_WORDS: dict[str, str] = {
    "en": "the river carries grain past an old wheel while quiet farmers measure every sack before morning light "
    "and the miller counts stones under wooden beams because winter roads close early near small northern towns",
    "de": "der Fluss trägt Korn am alten Rad vorbei während ruhige Bauern jeden Sack vor dem Morgen wiegen und "
    "die Müllerin zählt Steine unter hölzernen Balken weil Straßen im Winter früh bei kleinen Dörfern schließen",
    "fr": "la rivière porte le grain devant une vieille roue pendant que des paysans mesurent chaque sac avant "
    "le matin et le meunier compte des pierres sous les poutres parce que les routes ferment tôt en hiver",
    "es": "el río lleva grano junto a una rueda vieja mientras los campesinos miden cada saco antes de la mañana "
    "y la molinera cuenta piedras bajo vigas de madera porque los caminos cierran temprano en invierno",
    "ru": "река несёт зерно мимо старого колеса пока тихие крестьяне меряют каждый мешок до утра и мельник "
    "считает камни под балками потому что зимой дороги рано закрывают около маленьких северных городов",
    "el": "το ποτάμι φέρνει σιτάρι δίπλα στον παλιό τροχό ενώ ήσυχοι αγρότες μετρούν κάθε σακί πριν από το πρωί "
    "και ο μυλωνάς λογαριάζει πέτρες κάτω από ξύλινα δοκάρια επειδή οι δρόμοι κλείνουν νωρίς τον χειμώνα",  # noqa: RUF001
}
_CHARSETS = {"de": "iso-8859-1", "fr": "windows-1252", "ru": "windows-1251", "el": "iso-8859-7"}


class Planned(msgspec.Struct, frozen=True):
    """A page to be pushed. `text`: names its text; pages that share it hold the same one. `wish`: what poison does."""

    id: str
    kind: Kind
    queue: str
    url: str
    text: str
    language: str
    wish: str = ""


def plan(seed: int, producer: int, number: int) -> Planned:
    """The page of that number of a producer."""
    rng = random.Random(f"{seed}/{producer}/{number}")
    (kind,) = rng.choices(list(_SHARES), list(_SHARES.values()))
    own = Planned(
        id=f"{producer}-{number}",
        kind=kind,
        queue=rng.choice(QUEUES),
        url=f"https://site{rng.randrange(40)}.example/{producer}/{number}",
        text=f"{seed}/{producer}/{number}/text",
        language=rng.choice(list(_WORDS)),
        wish=_poison(rng) if kind == "poison" else "",
    )
    if kind in ("copy", "again", "update") and number:
        model = plan(seed, producer, number - 1)
        if model.kind == "story":
            return _like(own, model)
    return msgspec.structs.replace(own, kind="story") if kind in ("copy", "again", "update") else own


def page(planned: Planned) -> RawPage:
    """The page itself."""
    rng = random.Random(planned.text)
    title, *paragraphs = _sentences(rng, _WORDS[planned.language].split(), rng.randrange(9, 20))
    if planned.kind == "short":
        return RawPage(url=planned.url, id=planned.id, body=f"<p>More of {planned.id} soon.</p>".encode())
    if planned.kind == "flat":
        body = "\n\n".join([title, *paragraphs]).encode()
        return RawPage(url=planned.url, id=planned.id, body=body, content_type="text/plain; charset=utf-8")
    charset = _CHARSETS.get(planned.language, "utf-8") if rng.random() < 0.3 else "utf-8"
    return RawPage(
        url=planned.url,
        id=planned.id,
        body=_html(title, paragraphs, planned).encode(charset, "xmlcharrefreplace"),
        content_type=f"text/html; charset={charset}",
        status=404 if planned.kind == "gone" else 200,
        source="chaos",
    )


def _like(own: Planned, model: Planned) -> Planned:
    """A copy has the model's text elsewhere, `again` the model's very bytes, an update another text at its URL."""
    if own.kind == "update":
        return msgspec.structs.replace(own, url=model.url, language=model.language)
    url = own.url if own.kind == "copy" else model.url
    return msgspec.structs.replace(own, url=url, text=model.text, language=model.language)


def _poison(rng: random.Random) -> str:
    return rng.choices(list(POISONS), [often for _, often in POISONS.values()])[0]


def _sentences(rng: random.Random, words: Sequence[str], count: int) -> list[str]:
    made = []
    for _ in range(count):
        chosen = rng.choices(words, k=rng.randrange(12, 30))
        chosen.insert(rng.randrange(len(chosen)), str(rng.randrange(10, 9_999)))
        made.append(" ".join(chosen).capitalize() + ".")
    return made


def _html(title: str, paragraphs: Sequence[str], planned: Planned) -> str:
    wish = f"<!-- wish:{planned.wish} -->" if planned.wish else ""
    told = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    links = "".join(f'<li><a href="/{i}">{planned.language} {i}</a></li>' for i in range(6))
    return (
        f'<!DOCTYPE html><html lang="{planned.language}"><head><title>{escape(title[:60])}</title></head><body>{wish}'
        f"<nav><ul>{links}</ul></nav><article><h1>{escape(title[:60])}</h1>{told}</article>"
        "<footer>All rights are whose they are</footer></body></html>"
    )
