"""Explains one page in a process of its own: it may be the very page that killed its horse."""

import os
import signal
import subprocess
import sys
from threading import Semaphore

import msgspec
from redis import Redis

from pagemill.errors import InvalidPage, MalformedEntry
from pagemill.page import RawPage, check_limits
from pagemill.wire import decode
from workers.monitor.web.exchange import ENTRY, Answer, Refused, Request
from workers.settings import ENVIRONMENT_PREFIX, Settings
from workers.store.redis_store import RedisStore

STARTING = 20.0
"""Seconds that the process may take beside the page's own time: it loads the whole pipeline."""

_ONE = Semaphore(1)


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

    parent: int


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
    if not _ONE.acquire(blocking=False):
        raise Refused(503, "another page is being explained: try again in a moment")
    try:
        return Answer(body=_run(page, settings))
    finally:
        _ONE.release()


def _page_of(client: Redis, settings: Settings, wish: Wish) -> RawPage:
    if not wish.letter:
        return RawPage(url=wish.url, body=wish.body.encode("utf-8", "surrogatepass"))
    letter = RedisStore(client, settings).dead_letter(wish.letter) if ENTRY.fullmatch(wish.letter) else None
    if letter is None:
        raise Refused(404, "this dead letter is gone: replayed, dropped or expired")
    return decode(letter.fields, letter.letter, settings.limits)


def _run(page: RawPage, settings: Settings) -> bytes:
    """What the process writes. Raises Refused when the page ends it."""
    public = msgspec.structs.replace(settings, redis_url="", monitor_token="")
    task = Task(page=page, settings=public, parent=os.getpid())
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "workers.monitor.web.explain_one"],
            input=msgspec.msgpack.encode(task),
            capture_output=True,
            env={name: value for name, value in os.environ.items() if not name.startswith(ENVIRONMENT_PREFIX)},
            timeout=settings.page_seconds + STARTING,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refused(422, f"the page took over {settings.page_seconds:g} s, and was given up") from None
    if done.returncode < 0:
        raise Refused(422, f"the page ended its process: {signal.Signals(-done.returncode).name}")
    if done.returncode:
        last = done.stderr.decode("utf-8", "backslashreplace").strip().rpartition("\n")[2]
        raise Refused(422, f"the pipeline raised: {last[:500]}")
    return done.stdout
