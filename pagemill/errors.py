"""Every error that Pagemill raises on purpose: base, branch, leaf."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pagemill.page import RawPage


class PagemillError(Exception):
    """The base of all of them; its text is one line that a person can act on."""


class InvalidPage(PagemillError):
    """A page that breaks the contract: names the field, the value and the remedy.

    `pushed`: out of `push_many`, the ids of the entries of all pages before this one.
    """

    def __init__(self, field: str, value: object, remedy: str) -> None:
        self.pushed: list[str] = []
        self.field = field
        self.value = value
        self.remedy = remedy
        super().__init__(f"{field}: {brief(value)}: {remedy}")


class PageTooLarge(InvalidPage):
    """A field over its limit. `value` is its size, in the limit's own unit."""

    def __init__(self, field: str, size: int, limit: int, *, unit: str = "bytes") -> None:
        self.size = size
        self.limit = limit
        super().__init__(field, size, f"over the limit of {limit:,} {unit}; raise max_{field} or send less")


class MalformedEntry(PagemillError):
    """A stream entry that is not a page: no url, an unknown version, a lying encoding."""

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        self.problem = problem
        super().__init__(f"{field}: {problem}")


class QueueFull(PagemillError):
    """Back-pressure: the queue, or Redis's memory, is at its limit.

    `pushed`: the ids of the entries that went in. `rest`: the pages that `push_many` had taken from its
    iterable and that did not go in; what comes after them is still in the iterable.
    """

    def __init__(self, message: str, pushed: Sequence[str] = (), rest: Sequence["RawPage"] = ()) -> None:
        self.pushed = list(pushed)
        self.rest = list(rest)
        super().__init__(message)


class RedisFailed(PagemillError):
    """Redis cannot be reached, or refuses: the text says which, and what to do. Its cause is redis's own exception."""


class PartialPush(RedisFailed):
    """Redis failed during `push_many`: `pushed` went in; `rest` (see QueueFull) can be pushed again without harm."""

    def __init__(self, message: str, pushed: Sequence[str] = (), rest: Sequence["RawPage"] = ()) -> None:
        self.pushed = list(pushed)
        self.rest = list(rest)
        super().__init__(message)


class SettingsError(PagemillError):
    """A setting that is unknown or out of range: names it, and the nearest known one."""


def brief(value: object, length: int = 80) -> str:
    """A value as it may stand in a one-line message: escaped, and cut to `length` characters."""
    try:
        text = ascii(value)
    except Exception as error:  # noqa: BLE001  # a repr may do anything; a value nested too deeply raises here
        text = f"<{type(value).__name__}: {type(error).__name__} in its repr>"
    return text if len(text) <= length else f"{text[: length - 3]}..."
