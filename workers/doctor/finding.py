"""A finding of the doctor."""

from enum import StrEnum

import msgspec


class Level(StrEnum):
    """How bad it is: `error` loses or stops something, now or at the next mishap."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """`what` it is, `why` it matters, and the command or configuration that would `mend` it; the last two may be ""."""

    level: Level
    check: str = ""
    what: str
    why: str = ""
    mend: str = ""

    def of(self, check: str) -> "Finding":
        """The same, under the check's name."""
        return msgspec.structs.replace(self, check=check)


def ok(what: str) -> Finding:
    """Nothing to mend."""
    return Finding(level=Level.OK, what=what)


def note(what: str, why: str, mend: str = "") -> Finding:
    """To be known; nothing need be done."""
    return Finding(level=Level.NOTE, what=what, why=why, mend=mend)


def warning(what: str, why: str, mend: str) -> Finding:
    """To be mended before it hurts."""
    return Finding(level=Level.WARNING, what=what, why=why, mend=mend)


def error(what: str, why: str, mend: str) -> Finding:
    """To be mended now."""
    return Finding(level=Level.ERROR, what=what, why=why, mend=mend)
