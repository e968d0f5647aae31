"""Pagemill's contract, and the two ends that users import.

`RawPage` is what goes in, `Record` what comes out. `Producer` and `Consumer` need redis and are
imported when they are first asked for (PEP 562), so that `import pagemill` stays light and pure.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from pagemill.errors import (
    InvalidPage,
    MalformedEntry,
    PagemillError,
    PageTooLarge,
    PartialPush,
    QueueFull,
    RedisFailed,
    SettingsError,
)
from pagemill.limits import Limits
from pagemill.outcomes import DeadReason, Outcome, RejectReason
from pagemill.page import RawPage
from pagemill.record import Draft, Extraction, Record

if TYPE_CHECKING:
    from pagemill.consumer import Consumer
    from pagemill.producer import Producer

__all__ = [
    "Consumer",
    "DeadReason",
    "Draft",
    "Extraction",
    "InvalidPage",
    "Limits",
    "MalformedEntry",
    "Outcome",
    "PageTooLarge",
    "PagemillError",
    "PartialPush",
    "Producer",
    "QueueFull",
    "RawPage",
    "Record",
    "RedisFailed",
    "RejectReason",
    "SettingsError",
]

_LAZY = {"Consumer": "pagemill.consumer", "Producer": "pagemill.producer"}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    msg = f"module 'pagemill' has no attribute {name!r}"
    raise AttributeError(msg)
