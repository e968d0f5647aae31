"""A dead letter tried again: its page through this release's pipeline, in a process of its own, and nothing is settled.

The page has killed before, so its process has a horse's bounds on memory and processor time, and ends with ours. It is
no fork: whoever asks may have threads. It gets no password, and what it prints goes nowhere.
"""

import os
import subprocess
import sys
from datetime import datetime
from tempfile import TemporaryFile
from typing import BinaryIO

import msgspec

from pagemill.outcomes import DeadReason
from pagemill.record import Draft
from workers.horses.deaths import explain
from workers.horses.last_words import MOST
from workers.settings import ENVIRONMENT_PREFIX, Settings
from workers.store.contract import DeadLetter, Verdict

START = 60.0
"""Seconds that a process may take to load its libraries on a busy machine."""

MOST_ANSWER = 200_000_000
"""Bytes of an answer; a draft is hardly larger than the page, whose size has a limit."""


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
    """Files, not pipes: nothing that the process does can make us wait, or hold more than we read."""
    with TemporaryFile() as told, TemporaryFile() as answered, TemporaryFile() as words:
        told.write(msgspec.msgpack.encode(order))
        told.seek(0)
        process = subprocess.Popen(  # noqa: S603 - this very program
            # -P: a folder "workers" in the working directory is not ours.
            [sys.executable, "-P", "-m", "workers.horses.trial_run", str(os.getpid())],
            stdin=told,
            stdout=answered,
            stderr=words,
            env=_environment(),
            start_new_session=True,
        )
        seconds = START + 3 * order.settings.page_seconds
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            return Answer("dead", DeadReason.TIMEOUT, f"it did not end within {seconds:.0f} s")
        finally:
            process.kill()
            process.wait()
        return _read(answered, words, process.returncode)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(ENVIRONMENT_PREFIX)}


def _read(answered: BinaryIO, words: BinaryIO, code: int) -> Answer:
    answered.seek(0)
    text = answered.read(MOST_ANSWER)
    if code == 0:
        try:
            return msgspec.msgpack.decode(text, type=Answer)
        except msgspec.MsgspecError:
            return Answer("dead", DeadReason.CRASHED, "its process ended without an answer")
    death = explain(-code if code < 0 else code << 8, in_hand=True)
    words.seek(0)
    stack = words.read(4 * MOST).decode("utf-8", "replace").strip()[:MOST]
    reason, detail = (death.reason, death.detail) if death else (DeadReason.CRASHED, "")
    return Answer("dead", reason, f"{detail}\n\n{stack}".rstrip())
