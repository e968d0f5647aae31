"""A page's title: its headline as readers see it, without the site's name."""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

LONGEST = 500

_WORD = re.compile(r"\w+")
_SEPARATOR = re.compile(
    r"\s+[|\u2013\u2014\u00b7\u2022\u00bb\u00ab\u203a\u2039:~\uff5c/-]{1,2}\s+|\s*[|\uff5c]\s*|(?<=\S): (?=\S)|_"
)
_ALIKE = 0.6  # F1 of the words: a headline shortened for a search engine still repeats most of itself
_SHORT = 3  # words: so few are a section's or a site's name, unless the title says the same
_GENERIC_LABELS = frozenset({"www", "com", "org", "net", "co", "news", "blog", "m", "amp", "en", "gov", "edu", "ac"})


def choose_title(headings: Sequence[str], stated: Sequence[str], site_names: Iterable[str]) -> str | None:
    """The heading (h1) that one of the stated titles repeats, else the first stated title, else the first heading.

    `stated`: headline, og:title and the like, the best first. `site_names`: names and hosts that may
    be glued to a title. All are one line each.
    """
    sites = {squeezed for name in site_names if (squeezed := _squeeze(name))}
    titles = [title for text in stated if (title := without_site(text, sites))]
    shown = [heading for text in headings if (heading := without_site(text, sites)) and _squeeze(heading) not in sites]
    scored = [(_likeness(heading, title), heading) for heading in shown for title in titles]
    score, heading = max(scored, key=lambda pair: pair[0], default=(0.0, ""))
    if score >= _ALIKE:
        return _without_kicker(heading, titles)
    for title in [*titles, *shown]:
        if _squeeze(title) not in sites:
            return title
    return next(iter([*titles, *shown]), None)


def site_labels(url: str) -> list[str]:
    """The parts of a URL's host that may be a site's name: `news.example.co.uk` gives the host and `example`."""
    try:
        host = (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return []
    return [host, *(label for label in host.split(".") if len(label) > len("co") and label not in _GENERIC_LABELS)]


def without_site(title: str, sites: Iterable[str]) -> str:
    """`title` without segments at its ends that only repeat one of `sites` (squeezed names)."""
    known = tuple(sites)
    while True:
        cuts = list(_SEPARATOR.finditer(title))
        if cuts and _is_site(title[cuts[-1].end() :], known):
            title = title[: cuts[-1].start()].strip()
        elif cuts and _is_site(title[: cuts[0].start()], known):
            title = title[cuts[0].end() :].strip()
        else:
            return title


def _is_site(segment: str, sites: Sequence[str]) -> bool:
    squeezed = _squeeze(segment)
    return bool(squeezed) and any(_names_site(squeezed, site) for site in sites)


def _names_site(squeezed: str, site: str) -> bool:
    """Whether a segment is a site's name, or holds it, or stands in it, without saying much more."""
    if squeezed == site:
        return True
    if min(len(squeezed), len(site)) <= _SHORT or len(squeezed) >= 2 * len(site) + _SHORT:
        return False
    return site in squeezed or squeezed in site


def _squeeze(text: str) -> str:
    return "".join(_WORD.findall(text.lower()))


def _without_kicker(heading: str, titles: Sequence[str]) -> str:
    """The stated title that `heading` ends in, after a section's name and a separator; else `heading`."""
    for title in titles:
        if heading.endswith(title) and _SEPARATOR.search(heading[: -len(title)] + " "):
            return title
    return heading


def _likeness(heading: str, title: str) -> float:
    """F1 of the words, to the title or to its first segment; 0.6 at least where one holds all words of the other."""
    segment = _SEPARATOR.split(title, maxsplit=1)[0]
    return max(_overlap(_words(heading), _words(title)), _overlap(_words(heading), _words(segment)))


def _overlap(a: set[str], b: set[str]) -> float:
    shared = len(a & b)
    if not shared:
        return 0.0
    score = 2 * shared / (len(a) + len(b))
    return max(score, _ALIKE) if shared == min(len(a), len(b)) > _SHORT else score


def _words(text: str) -> set[str]:
    words = _WORD.findall(text.lower())
    return set(words) if len(words) > 1 or text.isascii() else set(text)
