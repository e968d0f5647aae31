"""What the pipeline answers: a Draft (see pagemill.record), or Rejected."""

import msgspec

from pagemill.outcomes import RejectReason


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """A page that gives no record: the page's fault, never ours. `detail` is one line for a person."""

    reason: RejectReason
    detail: str = ""
