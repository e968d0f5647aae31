"""What the MemoryStore remembers of published pages: bounded by count and age, and how it decides with it."""

from typing import NamedTuple, TypeVar

from pagemill.outcomes import Outcome

_V = TypeVar("_V")


class Article(NamedTuple):
    """The current version of an article: the key of its text, its version, the id of its record."""

    text: bytes
    version: int
    record: str


class Decision(NamedTuple):
    """What a page is: its outcome, the id of the record that it repeats or replaces, and its version."""

    outcome: Outcome
    of: str = ""
    version: int = 0


class Generation:
    """What was met since some moment: bytes -> (text, article), text -> (article, record id), article -> Article."""

    def __init__(self) -> None:
        self.bytes: dict[bytes, tuple[bytes, bytes]] = {}
        self.text: dict[bytes, tuple[bytes, str]] = {}
        self.article: dict[bytes, Article] = {}

    def size(self) -> int:
        """The entries of its largest table."""
        return max(len(self.bytes), len(self.text), len(self.article))


class Recollection:
    """Two generations: what is met again moves to the new one, and the old one is forgotten as a whole.

    So never more than `pages` are remembered, and nothing that was not met again for one and a half times
    `age` (milliseconds); but everything for at least half of either.
    """

    def __init__(self, pages: int, age: int) -> None:
        self._pages = pages
        self._age = age
        self._since: int | None = None
        self.new = Generation()
        self.old = Generation()

    def rotate(self, coming: int, now: int) -> None:
        """Begin a new generation when the current one is full, with `coming` pages more, or too old."""
        since = None if self._since is None else min(self._since, now)  # a clock may jump back
        self._since = since
        if since is not None and (self.new.size() + coming) * 2 <= self._pages and (now - since) * 2 < self._age:
            return
        stale = since is not None and now - since >= self._age
        self.old = Generation() if stale else self.new
        self.new = Generation()
        self._since = now

    def find_bytes(self, key: bytes) -> tuple[bytes, bytes] | None:
        """The text and the article of a page's bytes."""
        return self.new.bytes.get(key) or self.old.bytes.get(key)

    def decide(self, article_key: bytes, text_key: bytes) -> Decision:
        """The article's current text, a text known elsewhere, the article's next version, or new."""
        article = self.new.article.get(article_key) or self.old.article.get(article_key)
        text = self.new.text.get(text_key) or self.old.text.get(text_key)
        if article and article.text == text_key:
            return Decision(Outcome.DUPLICATE, article.record)
        if text and not (article and text[0] == article_key):
            return Decision(Outcome.DUPLICATE, text[1])
        if article:
            return Decision(Outcome.UPDATED, article.record, article.version + 1)
        return Decision(Outcome.PUBLISHED, version=1)

    def remember_bytes(self, bytes_key: bytes, article_key: bytes, text_key: bytes) -> None:
        """These bytes hold that text of that article."""
        self.old.bytes.pop(bytes_key, None)
        self.new.bytes[bytes_key] = (text_key, article_key)

    def remember(self, article_key: bytes, article: Article) -> None:
        """A version of an article that was published: both were refreshed before."""
        self.new.text[article.text] = (article_key, article.record)
        self.new.article[article_key] = article

    def refresh(self, bytes_key: bytes, article_key: bytes, text_key: bytes) -> None:
        """Move what was met again to the new generation."""
        self._move(self.new.bytes, self.old.bytes, bytes_key)
        self._move(self.new.article, self.old.article, article_key)
        self._move(self.new.text, self.old.text, text_key)

    @staticmethod
    def _move(new: dict[bytes, _V], old: dict[bytes, _V], key: bytes) -> None:
        if key in old and key not in new:
            new[key] = old.pop(key)
