"""What can become of a page. Each set is closed: a new member is a change of the contract."""

from enum import StrEnum


class Outcome(StrEnum):
    """How a page was settled. Every page that was pushed gets exactly one."""

    PUBLISHED = "published"
    UPDATED = "updated"
    DUPLICATE = "duplicate"
    NEAR_DUPLICATE = "near_duplicate"
    REJECTED = "rejected"
    DEAD = "dead"


class RejectReason(StrEnum):
    """Why a page gives no record, though nothing went wrong."""

    EMPTY = "empty"
    TOO_SHORT = "too_short"
    NOT_HTML = "not_html"
    HTTP_ERROR = "http_error"
    TOO_LARGE = "too_large"
    UNDECODABLE = "undecodable"
    WRONG_LANGUAGE = "wrong_language"


class DeadReason(StrEnum):
    """Why a page is a dead letter: kept whole, and open to replay."""

    MALFORMED = "malformed"
    RAISED = "raised"
    UNSERIALISABLE = "unserialisable"
    CRASHED = "crashed"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    LOST = "lost"
