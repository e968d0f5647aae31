"""The profiles of the MemoryStore: as many sites as there may be, and none that nothing was learned of for long."""

from pipeline.site_profile import add_imprint


class MemoryProfiles:
    """What sites repeat, by host. `articles`: kept of each; `sites`: kept; `age`: milliseconds; so is all time here."""

    def __init__(self, *, articles: int, sites: int, age: int) -> None:
        self._articles = articles
        self._sites = sites
        self._age = age
        self._held: dict[str, tuple[int, bytes]] = {}  # those met longest ago first

    def __len__(self) -> int:
        return len(self._held)

    def read(self, host: str, now: int) -> bytes:
        """A site's profile; b"" of one that is not known (any more)."""
        at, packed = self._held.get(host, (now, b""))
        return packed if now - at < self._age else b""

    def learn(self, host: str, imprint: bytes, now: int) -> None:
        """One more article of a site."""
        if not host or not imprint:
            return
        packed = add_imprint(self.read(host, now), imprint, self._articles)
        self._held.pop(host, None)
        self._held[host] = (now, packed)
        while len(self._held) > self._sites:
            del self._held[next(iter(self._held))]
