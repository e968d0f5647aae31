"""Captions, footnotes and comments: parts of a page that some want in the text and others do not."""

import re
from collections.abc import Iterable, Mapping
from typing import Literal

from lxml.html import HtmlElement

from pipeline.blocks.read import Blocks
from pipeline.options import Options, Wish

Role = Literal["captions", "footnotes", "comments"]

_MOST = 200  # characters of an attribute
_LEAST = 3  # words: what is shorter in a comment or a footnote is a button or a mark
_NAMES: Mapping[Role, re.Pattern[str]] = {
    "captions": re.compile(r"(?:^|[\s_-])(?:wp-)?(?:fig|img|image|photo|media|gallery)?-?caption(?:$|[\s_-]|text)"),
    "footnotes": re.compile(r"(?:^|[\s_-])(?:foot-?notes?|end-?notes?|ref-?list|references)(?:$|[\s_-])"),
    "comments": re.compile(r"(?:^|[\s_-])(?:comments?|comment-?(?:list|body|text|content)|disqus|replies)(?:$|[\s_-])"),
}
_TAGS: Mapping[str, Role] = {"figcaption": "captions", "caption": "captions"}
_ARIA: Mapping[str, Role] = {"doc-footnote": "footnotes", "doc-endnotes": "footnotes", "doc-endnote": "footnotes"}


def wishes_of(options: Options) -> Mapping[Role, Wish]:
    """What is wished for each role."""
    return {"captions": options.captions, "footnotes": options.footnotes, "comments": options.comments}


def follow_wishes(blocks: Blocks, kept: Iterable[int], wishes: Mapping[Role, Wish]) -> list[int]:
    """The places to keep, in ascending order: `kept` less what shall go, and with what shall stay.

    With `auto` a role has no say. A part belongs to the innermost element that has a role.
    """
    chosen = set(kept)
    if chosen and any(wish != "auto" for wish in wishes.values()):
        roles = roles_of(blocks)
        for place, holder in enumerate(blocks.holders):
            role = roles[holder]
            wish = wishes.get(role, "auto") if role else "auto"
            if wish == "drop":
                chosen.discard(place)
            elif wish == "keep" and len(blocks.texts[place].split()) >= _LEAST:
                chosen.add(place)
    return sorted(chosen)


def roles_of(blocks: Blocks) -> list[Role | None]:
    """The role of each element: its own, else that of the element around it."""
    roles: list[Role | None] = []
    for place, element in enumerate(blocks.elements):
        around = roles[blocks.parents[place]] if place else None
        roles.append((_role(element) or around) if place else None)
    return roles


def _role(element: HtmlElement) -> Role | None:
    if found := _TAGS.get(element.tag) or _ARIA.get((element.get("role") or "")[:_MOST]):
        return found
    names = f"{(element.get('class') or '')[:_MOST]} {(element.get('id') or '')[:_MOST]}".lower()
    return next((role for role, pattern in _NAMES.items() if pattern.search(names)), None) if names != " " else None
