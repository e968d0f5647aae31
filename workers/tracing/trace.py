"""What the drain tells of a batch, to whom it may concern: to nobody, unless tracing is on."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

import structlog

from workers.settings import Settings
from workers.store.contract import Settled, Settlement, Taken

log = structlog.get_logger("pagemill.tracing")


class Trace(Protocol):
    """Is told each stage of a claim's work. Times are seconds; nothing that it does may fail, or wait."""

    def asking(self) -> None:
        """Pages are being asked for."""

    def batch(self, pages: Sequence[Taken]) -> None:
        """These are in hand, and are worked on now; the batch before them is done."""

    def page(self, taken: Taken, settlement: Settlement, seconds: float) -> None:
        """This page was worked on for so long; for no time, where it was known or is none."""

    def settled(self, answers: Sequence[Settled], seconds: float) -> None:
        """A commit that took so long settled pages."""

    def close(self) -> None:
        """The claim is at its end: what is left is sent, within a second."""


class NoTrace:
    """A Trace that tells nobody."""

    def asking(self) -> None:
        """Nothing."""

    def batch(self, pages: Sequence[Taken]) -> None:
        """Nothing."""

    def page(self, taken: Taken, settlement: Settlement, seconds: float) -> None:
        """Nothing."""

    def settled(self, answers: Sequence[Settled], seconds: float) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


NO_TRACE = NoTrace()


def open_trace(settings: Settings, consumer: str) -> Trace:
    """A trace for a horse, made after its fork: what sends it has a thread.

    Where OpenTelemetry refuses what its variables say, the log tells so, and nothing is traced.
    """
    if not settings.tracing:
        return NO_TRACE
    from workers.tracing.exporting import Export  # noqa: PLC0415 - OpenTelemetry is loaded by who uses it alone
    from workers.tracing.spans import Spans  # noqa: PLC0415

    try:
        export = Export()
    except Exception as error:  # noqa: BLE001 - whatever it makes of its variables, pages are milled
        log.warning("tracing_failed", error=str(error))
        return NO_TRACE
    return Spans(export.tracer, settings.keys, consumer, close=export.close)


def exported(settings: Settings) -> AbstractContextManager[None]:
    """While it lasts, the spans that this process makes are sent, if tracing is on: for a command that pushes."""
    if not settings.tracing:
        return nullcontext()
    from workers.tracing.exporting import exporting  # noqa: PLC0415

    return exporting()


def load_tracing(settings: Settings) -> None:
    """Load what tracing needs, once, before the horses are forked."""
    if settings.tracing:
        from workers.tracing import exporting, spans  # noqa: F401, PLC0415
