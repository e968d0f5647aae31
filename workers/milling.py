"""From a page that was taken to its settlement: decode, look whether it came before, process."""

import traceback

import msgspec

from pagemill.errors import MalformedEntry, PageTooLarge
from pagemill.limits import Limits
from pagemill.outcomes import DeadReason, RejectReason
from pagemill.page import RawPage, bytes_key
from pagemill.record import Draft, encode_draft
from pagemill.trace import read_traceparent
from pagemill.wire import decode
from pipeline import Options, Rejected
from pipeline.process import read_page
from pipeline.sameness.sketch import fingerprint
from pipeline.urls.url import host_of, url_key
from workers.site_profiles import SiteProfiles, site_name
from workers.store.contract import Reason, Settlement, Taken, Verdict

MOST_DETAIL = 4_000
"""Characters of a traceback that are kept: the last ones, where the error is."""


class Opened(msgspec.Struct, frozen=True):
    """A page out of its entry, and the key of its bytes."""

    taken: Taken
    page: RawPage
    key: bytes


def unpack(taken: Taken, limits: Limits) -> Opened | Settlement:
    """The page in an entry; or its settlement, when it is none (dead: malformed) or too large (rejected)."""
    try:
        page = decode(taken.fields, taken.entry, limits)
    except PageTooLarge as error:
        return _of_entry(taken, "rejected", RejectReason.TOO_LARGE, str(error))
    except MalformedEntry as error:
        return _of_entry(taken, "dead", DeadReason.MALFORMED, str(error))
    except MemoryError:
        raise
    except BaseException as error:  # noqa: BLE001 - our own bug costs this page and no other
        return _of_entry(taken, "dead", DeadReason.RAISED, _trace(error))
    return Opened(taken, page, bytes_key(page.url, page.body))


def bury(taken: Taken, reason: DeadReason, detail: str) -> Settlement:
    """The settlement of a page that its horse died of."""
    return _of_entry(taken, "dead", reason, detail)


def same_again(opened: Opened) -> Settlement:
    """The settlement of a page whose bytes are remembered: the commit makes sure of it."""
    return _settlement(opened, "same")


def mill(opened: Opened, options: Options, profiles: SiteProfiles | None = None) -> Settlement:
    """The settlement of a page by the pipeline. Our own bug is isolated to its page: dead.

    `profiles`: of the sites that are known, and that the page adds to.
    Raises MemoryError: what it leaves of the process is not to be trusted with the next page.
    """
    reason = DeadReason.RAISED
    site = site_name(opened.page.url) if profiles else ""
    try:
        reading = read_page(opened.page, options, profiles.of(site) if profiles else None)
        if isinstance(reading.result, Rejected):
            return _settlement(opened, "rejected", reason=reading.result.reason, detail=reading.result.detail)
        reason = DeadReason.UNSERIALISABLE
        settlement = _of_draft(opened, reading.result, reading.imprint)
    except MemoryError:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever it is (a Rust library's panic is no Exception)
        return _settlement(opened, "dead", reason=reason, detail=_trace(error))
    if profiles:
        profiles.learn(site, settlement)
    return settlement


def _of_draft(opened: Opened, draft: Draft, imprint: bytes) -> Settlement:
    made = fingerprint(draft.text)
    return Settlement(
        verdict="draft",
        queue=opened.taken.queue,
        entry=opened.taken.entry,
        id=draft.id,
        url=draft.url,
        host=draft.host,
        bytes_key=opened.key,
        article_key=url_key(draft.canonical_url),
        text_key=bytes.fromhex(draft.content_hash),
        keys=b"".join(made.keys),
        sketch=made.sketch,
        draft=encode_draft(draft),
        imprint=imprint,
        traceparent=read_traceparent(opened.taken.fields) or "",
        source=draft.source or "",
        lacks="t" * (not draft.title) + "d" * (not draft.published_at) + "a" * (not draft.authors),
    )


def _settlement(opened: Opened, verdict: Verdict, *, reason: Reason = "", detail: str = "") -> Settlement:
    return Settlement(
        verdict=verdict,
        queue=opened.taken.queue,
        entry=opened.taken.entry,
        id=opened.page.id,
        url=opened.page.url,
        host=host_of(opened.page.url),
        bytes_key=opened.key,
        reason=reason,
        detail=_encodable(detail),
        source=opened.page.source or "",
    )


def _of_entry(taken: Taken, verdict: Verdict, reason: Reason, detail: str) -> Settlement:
    """Of an entry that gave no page: named by what it says of itself, as far as that can be read."""
    url = taken.fields.get(b"url", b"")[:2_048].decode("utf-8", "replace")
    return Settlement(
        verdict=verdict,
        queue=taken.queue,
        entry=taken.entry,
        id=taken.fields.get(b"id", b"")[:128].decode("utf-8", "replace"),
        url=url,
        host=host_of(url),
        reason=reason,
        detail=_encodable(detail),
        source=taken.fields.get(b"source", b"")[:256].decode("utf-8", "replace"),
    )


def _encodable(text: str) -> str:
    """Lone surrogates, which an exception's text may quote from a page, as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _trace(error: BaseException) -> str:
    text = "".join(traceback.format_exception(error))
    return text if len(text) <= MOST_DETAIL else f"...{text[-MOST_DETAIL:]}"
