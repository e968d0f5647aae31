"""Addresses: one spelling for each, and the page's own word for it where that is believable."""

import re
from functools import lru_cache
from hashlib import blake2b
from typing import Final

import can_ada
from tld import get_fld

from pipeline.urls.same_page import page_form
from pipeline.urls.tracking import is_tracking

_ESCAPE = re.compile(r"%(?:([0-9A-Fa-f]{2}))?")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
_LATER_PAGE = re.compile(r"[?&](?:page|paged)=(?!0*1?(?:&|$))\d|/page/(?!0*1?(?:/|$))\d")
_ROUTES = ("#!", "#/")


def normalise_url(url: str) -> str:
    """`url` in one spelling: WHATWG's (https://url.spec.whatwg.org), less what does not choose the page.

    Gone: credentials, default port, fragment (but for `#!` and `#/`, which choose a page in scripts), tracking
    parameters, session ids. Escapes are those of RFC 3986, section 6.2.2; parameters are sorted. Idempotent.
    What is no URL comes back as it is.
    """
    try:
        parsed = can_ada.parse(url)
    except (ValueError, TypeError):  # TypeError: no text that UTF-8 can hold
        return url
    fragment = parsed.hash if parsed.hash.startswith(_ROUTES) and len(parsed.hash) > len("#/") else ""
    path = _escapes(_SESSION.sub("", parsed.pathname))
    query = _query(parsed.search)
    host = parsed.host.rstrip(".") or parsed.host
    normal = f"{parsed.protocol}//{host}{path}{query}{fragment}"
    # without its last dot a host may turn out to be an address, which has a spelling of its own
    return normal if host == parsed.host else normalise_url(normal)


def host_of(url: str) -> str:
    """The host as a browser would ask for it: lower case, punycode, no port; "" where there is none."""
    try:
        return str(can_ada.parse(url).hostname).rstrip(".")
    except (ValueError, TypeError):
        return ""


@lru_cache(maxsize=4096)
def site_of(host: str) -> str:
    """The registrable domain of `host` by the Public Suffix List, its private part included.

    An address is its own site, and so is a host without a domain; under a suffix that the list does not know, the
    last two labels are the site (the list's own default rule).
    """
    known: str | None = get_fld(host, fix_protocol=True, fail_silently=True, search_private=True)
    if known or ":" in host or host[-1:].isdigit():
        return known or host
    return ".".join(host.split(".")[-2:])


def canonical_url(page_url: str, stated: str | None) -> str:
    """What the page calls itself (`rel=canonical`, `og:url`, absolute), where it is believable, else its address.

    Believed on the same site, unless it is the front page, or the first page of a series, and the page is not.
    A file has no site: what it states is believed.
    """
    own = normalise_url(page_url)
    if not stated:
        return own
    claimed = normalise_url(stated)
    if claimed == own or not claimed.startswith(("http://", "https://")) or not host_of(claimed):
        return own
    if own.startswith("file:"):
        return claimed
    form, claimed_form = page_form(own, site_of), page_form(claimed, site_of)
    same_site = site_of(form.host) == site_of(claimed_form.host)
    fled_home = claimed_form.is_front and not form.is_front
    lost_page = bool(_LATER_PAGE.search(own)) and not _LATER_PAGE.search(claimed)
    return claimed if same_site and not fled_home and not lost_page else own


def url_key(url: str) -> bytes:
    """The sameness of addresses: BLAKE2b-128 of the form in which all addresses of one page are equal, 16 bytes."""
    form = page_form(normalise_url(url), site_of)
    whole = f"{form.host}\n{form.path}\n{form.query}"
    return blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _query(search: str) -> str:
    pieces = (_escapes(piece.replace("+", "%20")) for piece in search[1:].split("&") if piece)
    kept = sorted(piece for piece in pieces if not is_tracking(piece.partition("=")[0]))
    return "?" + "&".join(kept) if kept else ""


def _escapes(text: str) -> str:
    return _ESCAPE.sub(_escape, text) if "%" in text else text


def _escape(match: re.Match[str]) -> str:
    digits: str | None = match[1]
    if digits is None:
        return "%25"  # a stray percent sign, else a second pass would read an escape where there was none
    char = chr(int(digits, 16))
    return char if char in _UNRESERVED else f"%{digits.upper()}"
