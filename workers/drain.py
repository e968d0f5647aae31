"""The drain: what a horse does in its claim. Takes batch after batch, mills, commits, until the claim ends."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog

from pagemill.outcomes import DeadReason
from workers.horses.hand import Hand
from workers.horses.horse import Growth, limit_cpu
from workers.milling import Opened, bury, mill, same_again, unpack
from workers.patience import patiently
from workers.settings import Settings
from workers.site_profiles import SiteProfiles, site_name
from workers.store.contract import OutputFull, Settled, Settlement, Store, Taken
from workers.tracing.trace import open_trace

COMMIT_EVERY = 0.25
"""Seconds after which a batch's finished pages are committed without waiting for its slow ones."""

WAIT_FOR_PAGES = 0.5
"""Seconds of one blocking read: as long as a stop may go unnoticed."""

LOOK_FOR_ORPHANS = 1.0
"""Seconds between two looks for pages that came back, while new ones never end."""

WAIT_FOR_ROOM = 0.2
STEP = 0.1

SAY_AGAIN = 30.0
"""Seconds between two log lines about an output that stays full."""

log = structlog.get_logger("pagemill.drain")
_SPOKEN = logging.getLogger("pagemill.drain")  # asked for its level: an event that nobody hears costs 5 us a page


class Stopped(Exception):
    """The claim is to end now, and nothing is in hand."""


class Drain:
    """One claim's work, in the horse. Pages of all `queues` are taken, each batch from the first that has any."""

    def __init__(self, store: Store, settings: Settings, *, consumer: str, queues: Sequence[str], hand: Hand) -> None:
        self._store = store
        self._settings = settings
        self._consumer = consumer
        self._queues = queues
        self._hand = hand
        self._limits, self._options = settings.limits, settings.options
        self._profiles: SiteProfiles | None = None
        self._stopping = False
        self._has_left_one = False
        self._growth = Growth(settings.horse_growth_mb)
        self._count = settings.batch_pages
        self._finished: list[Settlement] = []
        self._same: dict[tuple[str, str], tuple[int, Opened]] = {}
        self._committed = self._looked = time.monotonic()
        self._outcomes: Counter[str] = Counter()
        self._trace = open_trace(settings, consumer)

    def run(self, pages: Sequence[Taken], *, linger: bool = True) -> Counter[str]:
        """Drain from this first batch on, until the claim's time or pages are used up; answers the outcomes.

        `linger`: with nothing left to take, wait for pages until the claim's time is up. When it is stopped,
        what it did not settle stays in the hand, for the worker to see.
        """
        until = time.monotonic() + self._settings.claim_seconds
        with suppress(Stopped):
            while pages:
                self._hand.hold([(page.queue, page.entry) for page in pages])
                self._trace.batch(pages)
                self._fit_batch(pages)
                self._mill(pages)
                if self._stopping or time.monotonic() >= until or self._used_up():
                    self._commit()
                    break
                pages = self._next() or self._wait(until if linger else 0)
            self._hand.hold(())
        self._trace.close()
        return self._outcomes

    def stop(self) -> None:
        """End the claim after the page in hand.

        It raises nothing, for signal handlers call it: a log handler would swallow that, or a reply be lost.
        """
        self._stopping = True

    def _used_up(self) -> bool:
        """Whether a fresh horse should go on: it takes up at once what this one leaves."""
        settled = self._outcomes.total() + len(self._finished)
        return settled >= self._settings.claim_pages or self._growth.is_over() or self._has_left_one

    def _fit_batch(self, pages: Sequence[Taken]) -> None:
        """Take fewer pages at once where they are large, so that a batch stays within its bytes."""
        size = sum(len(page.fields.get(b"body", b"")) for page in pages)
        fitting = self._settings.batch_bytes * len(pages) // max(size, 1)
        self._count = max(1, min(self._settings.batch_pages, fitting))

    def _mill(self, pages: Sequence[Taken]) -> None:
        """Unpack and mill, in portions whose decoded bodies stay within a batch's bytes."""
        portion: list[tuple[int, Opened]] = []
        size = 0
        for i, page in enumerate(pages):
            self._go_on()
            self._begin(i)
            opened = self._unpack(page)
            if isinstance(opened, Settlement):
                self._trace.page(page, opened, 0)
                self._finished.append(opened)
                continue
            portion.append((i, opened))
            size += len(opened.page.body)
            if size >= self._settings.batch_bytes:
                self._mill_portion(portion)
                portion, size = [], 0
        self._mill_portion(portion)

    def _unpack(self, page: Taken) -> Opened | Settlement:
        if page.lonely > self._settings.lonely_deaths:
            return bury(page, DeadReason.LOST, f"tried alone, it met {page.lonely - 1} deaths that nobody can explain")
        return unpack(page, self._limits)

    def _mill_portion(self, portion: Sequence[tuple[int, Opened]]) -> None:
        self._end()
        known = patiently(lambda: self._store.recall([opened.key for _, opened in portion]), pause=self._pause)
        news = [opened for (_, opened), came_before in zip(portion, known, strict=True) if not came_before]
        self._profiles = self._read_profiles(news)
        for (i, opened), came_before in zip(portion, known, strict=True):
            self._go_on()
            if came_before:
                self._same[opened.taken.queue, opened.taken.entry] = (i, opened)
                self._finished.append(same_again(opened))
                self._trace.page(opened.taken, self._finished[-1], 0)
                continue
            self._mill_page(i, opened)
        self._end()

    def _read_profiles(self, pages: Sequence[Opened]) -> SiteProfiles | None:
        """What is known of the sites of these pages, in one round trip; None where it is not to be used."""
        if not self._settings.site_profile:
            return None
        sites = sorted({site_name(opened.page.url) for opened in pages} - {""})
        packed = patiently(lambda: self._store.profiles(sites), pause=self._pause)
        return SiteProfiles(sites, packed, articles=self._settings.profile_articles)

    def _mill_page(self, i: int, opened: Opened) -> None:
        self._begin(i)
        began = time.monotonic()
        settlement = mill(opened, self._options, self._profiles)
        self._trace.page(opened.taken, settlement, time.monotonic() - began)
        self._hand.beat()
        if settlement.verdict != "dead" or self._is_out(opened.taken):
            self._finished.append(settlement)
        if time.monotonic() - self._committed > COMMIT_EVERY:
            self._commit()

    def _begin(self, i: int) -> None:
        limit_cpu(self._settings.page_seconds)
        self._hand.work_on(i)

    def _end(self) -> None:
        limit_cpu(0)
        self._hand.beat()

    def _is_out(self, page: Taken) -> bool:
        """Whether a page that failed has used up its strikes; else it is left for a trial alone, in a fresh horse.

        What came before it in this one may have been to blame.
        """
        if page.strikes + 1 >= self._settings.strikes:
            return True
        self._end()
        queue, entry = page.queue, page.entry
        patiently(lambda: self._store.mark(self._consumer, queue, entry, "strike"), pause=self._pause)
        self._has_left_one = True
        return False

    def _go_on(self) -> None:
        """Between two pages: raises Stopped when the claim is to end, after a commit of what is finished."""
        if self._stopping:
            self._commit()
            raise Stopped

    def _next(self) -> list[Taken]:
        """Commit, and take what is there: mostly new pages, in one round trip."""
        self._trace.asking()
        if time.monotonic() - self._looked < LOOK_FOR_ORPHANS:
            return self._commit_and_take()
        self._commit()
        self._looked = time.monotonic()
        return patiently(lambda: self._take(0), pause=self._pause)

    def _commit(self) -> None:
        self._finish(lambda: (self._store.commit(self._finished), []))

    def _commit_and_take(self) -> list[Taken]:
        return self._finish(
            lambda: self._store.commit_and_take(
                self._finished,
                consumer=self._consumer,
                queues=self._queues,
                most=self._count,
            )
        )

    def _finish(self, commit: Callable[[], tuple[list[Settled], list[Taken]]]) -> list[Taken]:
        """Commit, however long Redis or the output's readers take for it, and book what became of the pages."""
        self._end()
        began = time.monotonic()
        settled, taken = self._commit_when_there_is_room(commit)
        stale = [one for one, answer in zip(self._finished, settled, strict=True) if answer.outcome == "stale"]
        again = [self._same[one.queue, one.entry] for one in stale]
        seconds = time.monotonic() - began
        self._trace.settled(settled, seconds)
        self._book(settled, seconds)
        self._finished, self._same, self._committed = [], {}, time.monotonic()
        if again:
            self._mill_after_all(again)
        return taken

    def _commit_when_there_is_room(
        self, commit: Callable[[], tuple[list[Settled], list[Taken]]]
    ) -> tuple[list[Settled], list[Taken]]:
        say_at = 0.0
        while True:
            try:
                return patiently(commit, pause=self._pause)
            except OutputFull as full:
                if time.monotonic() >= say_at:
                    log.warning("output_full", group=full.group, waiting_pages=len(self._finished))
                    say_at = time.monotonic() + SAY_AGAIN
            self._pause(WAIT_FOR_ROOM)

    def _mill_after_all(self, again: Sequence[tuple[int, Opened]]) -> None:
        """Pages whose bytes are known, but whose article has moved on or was forgotten meanwhile."""
        self._profiles = self._read_profiles([opened for _, opened in again])
        for i, opened in again:
            self._mill_page(i, opened)
        self._commit()

    def _wait(self, deadline: float) -> list[Taken]:
        """Linger for pages, new or come back, until the claim's time is up: cheaper and quicker than a claim a page."""
        while (left := deadline - time.monotonic()) > 0:
            self._hand.hold(())
            self._pause(0)
            wait = min(left, WAIT_FOR_PAGES)
            pages = patiently(lambda wait=wait: self._take(wait), pause=self._pause)  # type: ignore[misc]
            if pages:
                return pages
        return []

    def _take(self, wait: float) -> list[Taken]:
        """What came back, else new pages."""
        self._trace.asking()
        back = self._store.adopt(self._consumer, self._queues, self._count)
        return back or self._store.take(self._consumer, self._queues, self._count, wait=wait)

    def _pause(self, seconds: float) -> None:
        """Wait in steps, so that a warm stop does not wait with us."""
        until = time.monotonic() + seconds
        while True:
            self._hand.beat()
            if self._stopping:
                raise Stopped
            left = until - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, STEP))

    def _book(self, settled: Sequence[Settled], seconds: float) -> None:
        """One event a batch, one a page at debug."""
        if not settled:
            return
        outcomes = Counter(str(one.outcome) for one in settled)
        self._outcomes += outcomes
        self._hand.settled(len(settled))
        log.info("batch", pages=len(settled), **outcomes, commit_ms=round(seconds * 1000, 1))
        for settlement, answer in (
            zip(self._finished, settled, strict=True) if _SPOKEN.isEnabledFor(logging.DEBUG) else ()
        ):
            log.debug(
                "page",
                page_id=settlement.id,
                url=settlement.url,
                queue=settlement.queue,
                outcome=str(answer.outcome),
                reason=str(settlement.reason),
                of=answer.of,
            )
