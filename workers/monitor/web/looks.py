"""Looks far back: a search of settled pages, and why one page is where it is. They take a second: few at once."""

from typing import Any

import msgspec
from redis import Redis

from workers.monitor.web.exchange import ENTRY, Answer, Refused, Request, json_answer, number
from workers.monitor.web.heavy import among_few
from workers.settings import Settings

MOST_URL = 2_048
_MOST_LISTED = 200
_NAMES = ("url", "host", "outcome", "reason")


def settled(client: Redis, settings: Settings, request: Request) -> Answer:
    """Settled pages by URL (or a part of one), host, outcome and reason, the newest first; how far the look went."""
    from workers.monitor.search import SettledWanted, find_settled  # noqa: PLC0415 - a second, and much memory

    before = request.query.get("before", "")
    if before and not ENTRY.fullmatch(before):
        raise Refused(400, "before: must be the id of an entry, such as 1700000000000-0")
    most = number(request, "most", default=50, most=_MOST_LISTED)
    named: dict[str, Any] = {name: _short(request, name) for name in _NAMES}
    with among_few():
        found = find_settled(client, settings.keys.settled, SettledWanted(before=before, **named), most=most)
    return json_answer(found)


def told_why(client: Redis, settings: Settings, request: Request) -> Answer:
    """All that is known of the page at `url`. Of its dead letters not the pages themselves."""
    from workers.monitor.why import why  # noqa: PLC0415

    url = _short(request, "url")
    if not url:
        raise Refused(400, "url: name the page's address")
    with among_few():
        told = why(client, settings.keys, url)
    return json_answer(_without_pages(msgspec.to_builtins(told, builtin_types=(bytes,))))


def _without_pages(told: dict[str, Any]) -> dict[str, Any]:
    for letter in told["letters"] or ():
        del letter["fields"]
    return told


def _short(request: Request, name: str) -> str:
    told = request.query.get(name, "").strip()
    if len(told) > MOST_URL:
        raise Refused(400, f"{name}: has at most {MOST_URL:,} characters")
    return told.encode("utf-8", "replace").decode("utf-8")
