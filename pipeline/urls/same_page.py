"""One form for all the addresses of a page: http or https, www, mobile, AMP, print, index file, trailing slash.

Not an address to fetch: a site may answer to only one of them.
"""

import re
from collections.abc import Callable

import msgspec

_LABELS = frozenset({"www", "m", "mobile", "amp"})
_INDEX = re.compile(r"/(?:index\.(?:html?|php|shtml|jsp|aspx?|cfm)|default\.(?:html?|aspx?))$", re.IGNORECASE)
_SLASHES = re.compile(r"//+")
_SESSION = re.compile(r"/\(S\([a-z0-9]{24}\)\)(?=/)", re.IGNORECASE)  # ASP.NET's cookieless sessions
_GOOGLE_AMP = re.compile(r"(?:www\.)?google\.[a-z.]{2,6}/amp/(?:s/)?([^/]+\.[^/]+)(/.*)?")
_AMP_CACHE = re.compile(r"[a-z0-9-]+\.cdn\.ampproject\.org/[civ]/(?:s/)?([^/]+\.[^/]+)(/.*)?")
_VIEWS = frozenset(
    {"amp", "amp=1", "amp=true", "outputtype=amp", "output=amp", "print=1", "print=true", "print=yes", "printable=yes"}
)
_BLOGGER_POST = re.compile(r"/\d{4}/\d{2}/[^/]+\.html")


class PageForm(msgspec.Struct, frozen=True):
    """An address less what only chooses a view: `host` its label, `path` its segment, `query` its parameter."""

    host: str
    path: str
    query: str

    @property
    def is_front(self) -> bool:
        """Whether it is the site's front page."""
        return not self.path.strip("/") and not self.query


def page_form(normal: str, site_of: Callable[[str], str]) -> PageForm:
    """The form of an address that `normalise_url` gave; `site_of` tells a host's registrable domain."""
    _, _, rest = normal.partition("://")
    rest, hash_sign, fragment = rest.partition("#")
    place, _, query = rest.partition("?")
    for cache in (_GOOGLE_AMP, _AMP_CACHE):
        if match := cache.fullmatch(place):
            place = f"{match[1]}{match[2] or '/'}"
    host, _, path = place.partition("/")
    path = _INDEX.sub("/", _SLASHES.sub("/", _SESSION.sub("", f"/{path}")))
    given = (piece.removesuffix("=") for piece in query.split("&"))  # no value and an empty one are the same
    pieces = [piece for piece in given if piece and piece.lower() not in _VIEWS]
    if pieces == ["m=1"] and _BLOGGER_POST.fullmatch(path):
        pieces = []
    return PageForm(
        host=_without_view(host, site_of), path=_without_amp(path) + hash_sign + fragment, query="&".join(pieces)
    )


def _without_view(host: str, site_of: Callable[[str], str]) -> str:
    """`host` without www, m, mobile and amp, but for those that belong to the registrable domain (m.media)."""
    name, colon, port = host.partition(":")
    if name.startswith("["):
        return host
    site = site_of(name)
    below = name.removesuffix(site).rstrip(".")
    if not below:
        return host
    labels = [label for label in below.split(".") if label not in _LABELS]
    return ".".join((*labels, site)) + colon + port


def _without_amp(path: str) -> str:
    """`path` without AMP's segment or suffix and without its last slash; the path `/amp` is a page of its own."""
    segments = path.strip("/").split("/")
    if len(segments) > 1 and segments[-1] == "amp":
        segments.pop()
    elif len(segments) > 1 and segments[0] == "amp":
        del segments[0]
    segments[-1] = re.sub(r"\.amp(\.html?)?$", r"\1", segments[-1])
    return "/" + "/".join(segments)
