"""The dead letters as the page shows them: lists without the pages, and one letter with its page as text."""

from typing import Any

import msgspec
from redis import Redis

from workers.horses.trial import try_letter
from workers.monitor.web.exchange import ENTRY, Answer, Refused, Request, json_answer, number
from workers.monitor.web.heavy import alone
from workers.settings import Settings
from workers.store.contract import DeadLetter
from workers.store.dead import Wanted, newest_letters
from workers.store.letters import body_of
from workers.store.redis_store import RedisStore

MOST_TEXT = 200_000
"""Characters of a page that are shown."""

MOST_AT_ONCE = 500
"""Letters that are replayed or dropped by one request."""

GONE = "this dead letter is gone: replayed, dropped or expired"

_MOST_LISTED = 200


class Chosen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Letters, by their ids."""

    letters: tuple[str, ...]


def listed(client: Redis, settings: Settings, request: Request) -> Answer:
    """The newest first, from behind `before`; `next` is what to ask for then, or null."""
    before = request.query.get("before", "")
    if before and not ENTRY.fullmatch(before):
        raise Refused(400, "before: must be the id of an entry, such as 1700000000000-0")
    most = number(request, "most", default=50, most=_MOST_LISTED)
    wanted = Wanted(reason=request.query.get("reason", ""), host=request.query.get("host", ""))
    found, then = newest_letters(client, settings.keys.dead, wanted, before=before, most=most)
    return json_answer({"letters": [_head(letter) for letter in found], "next": then})


def shown(client: Redis, settings: Settings, letter: str) -> Answer:
    """One letter: its reason, traceback, fields, and its page as text."""
    found = RedisStore(client, settings).dead_letter(letter) if ENTRY.fullmatch(letter) else None
    if found is None:
        raise Refused(404, GONE)
    text = body_of(found, settings.limits).decode("utf-8", "backslashreplace")
    fields = {
        name.decode("utf-8", "backslashreplace"): value.decode("utf-8", "backslashreplace")[:MOST_TEXT]
        for name, value in found.fields.items()
        if name != b"body"
    }
    told = {**_head(found), "detail": found.detail, "fields": fields}
    return json_answer({**told, "text": text[:MOST_TEXT], "characters": len(text)})


def changed(client: Redis, settings: Settings, action: str, request: Request) -> Answer:
    """Replay or drop the letters that are named: `done` and `gone` (another was faster), by id."""
    chosen = _chosen(request)
    store = RedisStore(client, settings)
    do = {"replay": store.replay, "drop": store.drop}[action]
    done: list[str] = []
    gone: list[str] = []
    for letter in chosen.letters:
        (done if do(letter) else gone).append(letter)
    return json_answer({"done": done, "gone": gone})


def tried(client: Redis, settings: Settings, request: Request) -> Answer:
    """What this release makes of one letter's page, beside what it died of; nothing is settled. One at a time."""
    one = _chosen(request)
    if len(one.letters) != 1:
        raise Refused(400, "name one letter")
    found = RedisStore(client, settings).dead_letter(one.letters[0])
    if found is None:
        raise Refused(404, GONE)
    with alone():
        trial = try_letter(found, settings)
    told: dict[str, Any] = {**msgspec.to_builtins(trial), "is_mended": trial.is_mended}
    if trial.draft is not None:
        told["draft"]["text"] = trial.draft.text[:MOST_TEXT]
    return json_answer(told)


def _chosen(request: Request) -> Chosen:
    """The letters of a request that was sent as JSON, which no form of another site can send."""
    if request.headers.get("content-type") != "application/json":
        raise Refused(415, "send JSON")
    try:
        chosen = msgspec.json.decode(request.body, type=Chosen)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Refused(400, 'send {"letters": ["ID", ...]}') from None
    if not (0 < len(chosen.letters) <= MOST_AT_ONCE and all(map(ENTRY.fullmatch, chosen.letters))):
        raise Refused(400, f"name 1 to {MOST_AT_ONCE} letters by their ids")
    return chosen


def _head(letter: DeadLetter) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(letter, fields={}))
    del told["fields"]
    told["detail"] = letter.detail.strip().rpartition("\n")[2]
    return told
