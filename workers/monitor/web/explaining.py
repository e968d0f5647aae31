"""Explains one page in a process of its own: it may be the very page that killed its horse."""

import msgspec
from redis import Redis

from pagemill.errors import InvalidPage, MalformedEntry
from pagemill.page import RawPage, check_limits
from pagemill.wire import decode
from workers.horses.apart import run_apart
from workers.horses.deaths import explain
from workers.monitor.web.exchange import ENTRY, Answer, Refused, Request
from workers.monitor.web.heavy import alone
from workers.settings import Settings
from workers.store.redis_store import RedisStore


class Wish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The page to explain: a dead letter by its id, or a page's source and address."""

    letter: str = ""
    url: str = ""
    body: str = ""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What the process is told."""

    page: RawPage
    settings: Settings
    """Without the secrets: what parses a page has no need of them."""


def explained(client: Redis, settings: Settings, request: Request) -> Answer:
    """`explanation` and `why` (each fate in words). One at a time: it costs a processor, and some memory."""
    if request.headers.get("content-type") != "application/json":
        raise Refused(415, "send JSON")  # which another site can send only after a question that is never answered
    try:
        wish = msgspec.json.decode(request.body, type=Wish)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Refused(400, 'send {"letter": "ID"} or {"url": "...", "body": "..."}') from None
    try:
        page = _page_of(client, settings, wish)
        check_limits(page, settings.limits)
    except (InvalidPage, MalformedEntry) as error:
        raise Refused(422, f"no page to explain: {error}") from None
    with alone():
        return Answer(body=_run(page, settings))


def _page_of(client: Redis, settings: Settings, wish: Wish) -> RawPage:
    if not wish.letter:
        return RawPage(url=wish.url, body=wish.body.encode("utf-8", "surrogatepass"))
    letter = RedisStore(client, settings).dead_letter(wish.letter) if ENTRY.fullmatch(wish.letter) else None
    if letter is None:
        raise Refused(404, "this dead letter is gone: replayed, dropped or expired")
    return decode(letter.fields, letter.letter, settings.limits)


def _run(page: RawPage, settings: Settings) -> bytes:
    """What the process writes. Raises Refused when the page ends it."""
    public = msgspec.structs.replace(settings, redis_url="redis://", monitor_token="")
    order = msgspec.msgpack.encode(Task(page=page, settings=public))
    ended = run_apart("workers.monitor.web.explain_one", order, seconds=3 * settings.page_seconds)
    if ended.code == 0 and ended.answer:
        return ended.answer
    if ended.code is None:
        raise Refused(422, "the page did not come to its end, and was given up")
    if ended.code == 1:
        last = ended.words.rpartition("\n")[2]
        raise Refused(422, f"the pipeline raised {last[:500]}")
    death = explain(-ended.code if ended.code < 0 else ended.code << 8, in_hand=True)
    raise Refused(422, f"the page ended its process: {death.detail if death else 'it answered nothing'}")
