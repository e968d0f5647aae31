"""A dead letter tried again: in a process of its own, which may end as badly as the page wants."""

import threading
from datetime import UTC, datetime

import pytest

from workers.horses.apart import environment
from workers.horses.trial import Answer, try_letter
from workers.settings import Settings
from workers.store.contract import DeadLetter

TEXT = " ".join(f"Sentence number {number} tells of the old mill and its wheel." for number in range(20))
BODY = f"<html><title>The wheel</title><body><article><p>{TEXT}</p></article></body></html>".encode()


def letter(**fields):
    """A letter of a page that once timed out."""
    raw = {b"url": b"https://a.example/wheel", b"id": b"p1", b"body": BODY}
    raw |= {name.encode(): value for name, value in fields.items()}
    return DeadLetter(
        letter="1700000000000-0", reason="timeout", detail="", queue="default", id="p1", url=raw[b"url"].decode(),
        host="a.example", at=datetime(2026, 3, 1, tzinfo=UTC), size=1, fields=raw,
    )  # fmt: skip


def test_a_page_that_gets_on_now_gives_its_draft():
    """Then and now, with the draft that a replay would commit."""
    trial = try_letter(letter(), Settings())
    assert (trial.then, trial.verdict, trial.is_mended) == ("timeout", "draft", True)
    assert (trial.draft.title, trial.draft.id) == ("The wheel", "p1")
    assert trial.draft.text.startswith("Sentence number 0")
    assert trial.seconds > 0


def test_a_page_that_is_rejected_now_says_why():
    """That is mended, too: a replay settles it."""
    trial = try_letter(letter(body=b"<p>"), Settings())
    assert (trial.verdict, trial.is_mended, trial.draft) == ("rejected", True, None)
    assert trial.reason in {"empty", "too_short"}


def test_an_entry_that_is_no_page_dies_again():
    """Malformed it was, and malformed it is."""
    trial = try_letter(letter(v=b"99"), Settings())
    assert (trial.verdict, trial.reason, trial.is_mended) == ("dead", "malformed", False)


def test_a_page_that_takes_too_long_is_ended_with_its_stack():
    """By its processor time, as in a horse."""
    trial = try_letter(letter(body=b"<p>" + b"<b>long " * 200_000), Settings(page_seconds=0.05))
    assert (trial.verdict, trial.reason) == ("dead", "timeout")
    assert "SIGPROF" in trial.detail
    assert "File " in trial.detail


def test_a_page_that_wants_too_much_memory_is_ended():
    """By the limit on what it may add, as in a horse."""
    many = b"".join(b"<p>Sentence %d of the page, which is long.</p>" % number for number in range(100_000))
    trial = try_letter(letter(body=many), Settings(horse_limit_mb=1))
    assert (trial.verdict, trial.is_mended) == ("dead", False)
    assert trial.reason in {"memory", "crashed"}  # a library in C may not survive what Python reports


def test_a_trial_needs_no_fork():
    """A server with threads may ask for it, from any of them."""
    told = []
    thread = threading.Thread(target=lambda: told.append(try_letter(letter(), Settings())))
    thread.start()
    thread.join()
    assert told[0].is_mended


@pytest.mark.parametrize("secret", ["redis_url", "monitor_token"])
def test_the_process_is_told_no_secret(secret, monkeypatch):
    """Neither by its order nor by its environment."""
    orders = []
    monkeypatch.setenv(f"PAGEMILL_{secret.upper()}", "geheim")
    monkeypatch.setattr("workers.horses.trial._run", lambda order: orders.append(order) or Answer("dead", "raised"))
    try_letter(letter(), Settings(**{secret: "redis://:geheim@localhost"}))
    assert "geheim" not in repr(orders[0].settings)
    assert "geheim" not in environment().values()
