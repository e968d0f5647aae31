"""A dead letter tried again: its page through this release's pipeline, in a process of its own, and nothing is settled.

The page has killed before, so its process has a horse's bounds on memory and processor time (see `apart`).
"""

from datetime import datetime

import msgspec

from pagemill.outcomes import DeadReason
from pagemill.record import Draft
from workers.horses.apart import START, run_apart
from workers.horses.deaths import explain
from workers.horses.last_words import MOST
from workers.settings import Settings
from workers.store.contract import DeadLetter, Verdict


class Order(msgspec.Struct, frozen=True):
    """What the process is told. The settings are without secrets."""

    settings: Settings
    entry: str
    fields: dict[bytes, bytes]


class Answer(msgspec.Struct, frozen=True):
    """What the pipeline made of the page: as in a Settlement."""

    verdict: Verdict
    reason: str = ""
    detail: str = ""
    draft: bytes = b""
    seconds: float = 0.0


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """Then and now. Whether a draft repeats another record only the commit can tell."""

    letter: str
    url: str
    at: datetime
    """When the page died."""

    then: str
    """The reason why."""

    verdict: Verdict
    """Now: the draft of a record, rejected, or dead again."""

    reason: str
    detail: str
    draft: Draft | None
    seconds: float
    """Of work on the page; 0 where it did not come to its end."""

    @property
    def is_mended(self) -> bool:
        """Whether a replay would settle it otherwise than as a dead letter."""
        return self.verdict != "dead"


def try_letter(letter: DeadLetter, settings: Settings) -> Trial:
    """The page of a dead letter with its fields, tried now. It takes a second and more, and a processor."""
    open_settings = msgspec.structs.replace(settings, redis_url="redis://", monitor_token="")
    order = Order(open_settings, letter.letter, dict(letter.fields))
    answer = _run(order)
    return Trial(
        letter=letter.letter,
        url=letter.url,
        at=letter.at,
        then=letter.reason,
        verdict=answer.verdict,
        reason=answer.reason,
        detail=answer.detail,
        draft=msgspec.json.decode(answer.draft, type=Draft) if answer.draft else None,
        seconds=answer.seconds,
    )


def _run(order: Order) -> Answer:
    seconds = 3 * order.settings.page_seconds
    ended = run_apart("workers.horses.trial_run", msgspec.msgpack.encode(order), seconds=seconds)
    if ended.code is None:
        return Answer("dead", DeadReason.TIMEOUT, f"it did not end within {START + seconds:.0f} s")
    if ended.code == 0:
        try:
            return msgspec.msgpack.decode(ended.answer, type=Answer)
        except msgspec.MsgspecError:
            return Answer("dead", DeadReason.CRASHED, "its process ended without an answer")
    death = explain(-ended.code if ended.code < 0 else ended.code << 8, in_hand=True)
    reason, detail = (death.reason, death.detail) if death else (DeadReason.CRASHED, "")
    return Answer("dead", reason, f"{detail}\n\n{ended.words[:MOST]}".rstrip())
