"""The profiles of sites as a horse holds them: read once for a portion of pages, and grown by what these bring."""

from collections.abc import Sequence

from pipeline.site_profile import SiteProfile, add_imprint, read_profile
from pipeline.urls.url import host_of
from workers.store.contract import Settlement

_MOST_HOST = 253  # characters of a name in the DNS


def site_name(url: str) -> str:
    """What a page's profile is filed under: its host without `www.`; "" of a page that has none (a file)."""
    return site_of_host(host_of(url))


def site_of_host(host: str) -> str:
    """The same of a host."""
    name = host.removeprefix("www.")
    return name if len(name) <= _MOST_HOST else ""


class SiteProfiles:
    """Profiles by site. What a page of the portion leaves is seen by the next, before it is committed.

    A text that came already leaves nothing: the commit will find that it is a duplicate.
    """

    def __init__(self, sites: Sequence[str], packed: Sequence[bytes], *, articles: int) -> None:
        self._packed = dict(zip(sites, packed, strict=True))
        self._articles = articles
        self._read: dict[str, SiteProfile] = {}
        self._texts: set[bytes] = set()

    def of(self, site: str) -> SiteProfile | None:
        """The profile of a site; None of one that was not asked for."""
        if site not in self._packed:
            return None
        if site not in self._read:
            self._read[site] = read_profile(self._packed[site])
        return self._read[site]

    def learn(self, site: str, page: Settlement) -> None:
        """What a page of a site leaves that will be published, if it is news."""
        if site in self._packed and page.imprint and page.text_key not in self._texts:
            self._packed[site] = add_imprint(self._packed[site], page.imprint, self._articles)
            self._read.pop(site, None)
            self._texts.add(page.text_key)
