"""Every error that Pagemill raises on purpose: base, branch, leaf."""

from collections.abc import Sequence


class PagemillError(Exception):
    """The base of all of them; its text is one line that a person can act on."""


class InvalidPage(PagemillError):
    """A page that breaks the contract: names the field, the value and the remedy."""

    def __init__(self, field: str, value: object, remedy: str) -> None:
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
    """Back-pressure: the queue, or Redis's memory, is at its limit. Nothing of this call is lost: see `pushed`."""

    def __init__(self, message: str, pushed: Sequence[str] = ()) -> None:
        self.pushed = list(pushed)
        super().__init__(message)


class PartialPush(PagemillError):
    """Redis failed in the middle of `push_many`: `pushed` went in; the rest can be pushed again without harm."""

    def __init__(self, message: str, pushed: Sequence[str] = ()) -> None:
        self.pushed = list(pushed)
        super().__init__(message)


class SettingsError(PagemillError):
    """A setting that is unknown or out of range: names it, and the nearest known one."""


def brief(value: object, length: int = 80) -> str:
    """A value as it may stand in a one-line message: escaped, and cut to `length` characters."""
    text = ascii(value)
    return text if len(text) <= length else f"{text[: length - 3]}..."
