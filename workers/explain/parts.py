"""The parts of an explained page, in their order: kept ones in full, long runs of dropped ones folded."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from pipeline.explain import WHY, Explanation, Part
from workers.explain.markup import bar, element, escaped

_KEPT_TEXT, _DROPPED_TEXT = 20_000, 400  # characters of a part that are shown
_MOST_PARTS = 4_000
_MOST_TEXT = 2_000_000  # characters of all parts
_FOLDED = 4  # dropped parts in a row, of one fate, that are folded
_GLIMPSE = 100  # characters of what is folded
_SHOWN = ("all", "kept", "dropped")


def parts(explanation: Explanation) -> str:
    """A heading, what to show, what became of how many, and the parts."""
    if not explanation.parts:
        return element("h2", "Parts") + element("p", "Nobody looked at the page's parts.", "none")
    items = element("ol", _items(explanation.parts), "parts")
    return element("h2", "Parts, in order") + _chooser() + _legend(explanation.parts) + items


def sign(*, kept: bool) -> str:
    """A tick or a cross, so that nothing is told by colour alone."""
    return "\u2713" if kept else "\u2717"


def _chooser() -> str:
    def choice(name: str) -> str:
        checked = " checked" if name == "all" else ""
        return element("label", f'<input type="radio" name="shown" value="{name}"{checked}> {name}')

    return element("fieldset", element("legend", "Show") + "".join(map(choice, _SHOWN)), "shown")


def _legend(shown: Sequence[Part]) -> str:
    counts = Counter(part.fate for part in shown)
    told = (
        element("li", f"{sign(kept=fate == 'kept')} {counts[fate]:,} {fate}: {escaped(why)}", fate)
        for fate, why in WHY.items()
        if counts[fate]
    )
    return element("ul", told, "legend")


def _items(shown: Sequence[Part]) -> Iterator[str]:
    room = _MOST_TEXT
    done = 0
    for fate, run in groupby(shown[:_MOST_PARTS], key=lambda part: part.fate):
        group = list(run)
        items = "".join(map(_item, group))
        if fate != "kept" and len(group) >= _FOLDED:
            items = element("li", element("details", _summary(group) + element("ol", items)), f"fold dropped {fate}")
        room -= len(items)
        if room < 0:
            break
        yield items
        done += len(group)
    if done < len(shown):
        yield element("li", f"and {len(shown) - done:,} more", "none")


def _summary(group: Sequence[Part]) -> str:
    glimpse = " \u00b7 ".join(" ".join(part.text[:_GLIMPSE].split()) for part in group[: _FOLDED * 2])
    told = element("span", f"{sign(kept=False)} {len(group):,} {group[0].fate}", "fate")
    chances = [part.chance for part in group if part.chance is not None]
    most = element("span", f"at most {max(chances):.2f}", "chance") if chances else ""
    return element("summary", told + most + element("span", escaped(glimpse, _GLIMPSE), "glimpse", dir="auto"))


def _item(part: Part) -> str:
    text = escaped(part.text, _KEPT_TEXT if part.kept else _DROPPED_TEXT)
    classes = f"part {'kept' if part.kept else 'dropped'} {part.fate}"
    return element("li", element("p", _why(part), "why") + element("div", text, "said", dir="auto"), classes)


def _why(part: Part) -> Iterator[str]:
    yield element("span", f"{sign(kept=part.kept)} {part.fate}", "fate", title=WHY[part.fate])
    if part.chance is not None:
        yield element("span", f"{bar(part.chance)}{part.chance:.2f}", "chance", title="how likely it is main text")
    if part.seen:
        yield element("span", f"on {part.seen:,} other page{'s' * (part.seen > 1)} of the site", "seen")
    if part.place:
        yield element("span", escaped(part.place, 120), "place")
