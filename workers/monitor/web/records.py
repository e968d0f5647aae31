"""The latest records as the page shows them."""

from typing import Any, cast

import msgspec
from redis import Redis

from workers.monitor.web.exchange import ENTRY, Answer, Refused, Request, json_answer, number

MOST_TEXT = 200_000
"""Characters of a record's text that are shown."""

MOST_READ = 8_000_000
"""Bytes of records after which a list ends, and the rest is left to the next request: a record may have megabytes."""

_MOST_LISTED = 100
_SHOWN = (
    "id", "url", "host", "title", "kind", "version", "language", "authors", "published_at", "processed_at", "source",
    "warnings",
)  # fmt: skip


def listed(client: Redis, stream: str, request: Request) -> Answer:
    """The newest first, from behind `before`, each without its text; `next` is what to ask for then, or null."""
    most = number(request, "most", default=25, most=_MOST_LISTED)
    before = request.query.get("before", "")
    if before and not ENTRY.fullmatch(before):
        raise Refused(400, "before: must be the id of an entry, such as 1700000000000-0")
    found: list[dict[str, Any]] = []
    read = 0
    while len(found) < most and read < MOST_READ:
        entry, record, size = _newest(client, stream, f"({before}" if before else "+")
        if not entry:
            return json_answer({"records": found, "next": None})
        found.append({"entry": entry, "words": len(record.get("text", "").split()), **_part(record)})
        before, read = entry, read + size
    return json_answer({"records": found, "next": before})


def shown(client: Redis, stream: str, entry: str) -> Answer:
    """One record, its text cut where it is longer than anyone reads here."""
    if not ENTRY.fullmatch(entry):
        raise Refused(404, "no such record")
    found = cast("list[Any]", client.xrange(stream, entry, entry, count=1))
    if not found:
        raise Refused(404, "this record is gone: every group has read it, or the stream was trimmed")
    record = _record(found[0][1].get(b"body", b""))
    text = record.get("text", "")
    return json_answer({**record, "entry": entry, "text": text[:MOST_TEXT], "characters": len(text)})


def _newest(client: Redis, stream: str, last: str) -> tuple[str, dict[str, Any], int]:
    found = cast("list[Any]", client.xrevrange(stream, last, "-", count=1))
    if not found:
        return "", {}, 0
    entry, fields = found[0]
    body = fields.get(b"body", b"")
    return entry.decode(), _record(body), len(body)


def _record(body: bytes) -> dict[str, Any]:
    """What lies there as far as it is a record: anybody with the right to XADD may have put it there."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("text", ""), str):
        return {"warnings": ["this entry is no record"]}
    return found


def _part(record: dict[str, Any]) -> dict[str, Any]:
    return {name: record.get(name) for name in _SHOWN}
