"""What the MemoryStore remembers of published pages: bounded by count and age, and how it decides with it."""

from typing import NamedTuple

from pagemill.outcomes import Outcome
from pipeline.near import DEFAULT_THRESHOLDS, Likeness, compare
from workers.near_memory import Met
from workers.near_ring import Record, Ring


class Article(NamedTuple):
    """The current version of an article: the key of its text, its version, the id of its record."""

    text: bytes
    version: int
    record: str


class Decision(NamedTuple):
    """What a page is: its outcome, and the id of the record that it repeats or replaces.

    `version`: of the record that it gives, 0 for none; `near`: the id of what that is a copy of. `record`: what the
    ring holds of what it repeats; `likeness` and `reason` tell how a near copy does.
    """

    outcome: Outcome
    of: str = ""
    version: int = 0
    near: str = ""
    record: Record | None = None
    likeness: Likeness | None = None
    reason: str = ""

    @property
    def similarity(self) -> str:
        """As the settled entry tells it."""
        if self.outcome == Outcome.DUPLICATE:
            return "1"
        return f"{self.likeness.similarity / 1000:.3f}" if self.likeness else ""


class Articles:
    """Two generations of current versions: what is met again moves to the new one, the old is forgotten as a whole.

    So never more than `pages` are remembered, and none that was not met again for one and a half times `age`
    (milliseconds); but everything for at least half of either.
    """

    def __init__(self, pages: int, age: int) -> None:
        self._pages = pages
        self._age = age
        self._since: int | None = None
        self._new: dict[bytes, Article] = {}
        self._old: dict[bytes, Article] = {}

    def __len__(self) -> int:
        return len(self._new) + len(self._old)

    def rotate(self, coming: int, now: int) -> None:
        """Begin a new generation when the current one is full, with `coming` pages more, or too old."""
        since = None if self._since is None else min(self._since, now)  # a clock may jump back
        self._since = since
        if since is not None and (len(self._new) + coming) * 2 <= self._pages and (now - since) * 2 < self._age:
            return
        stale = since is not None and now - since >= self._age
        self._old = {} if stale else self._new
        self._new = {}
        self._since = now

    def find(self, key: bytes) -> Article | None:
        """The current version of an article."""
        return self._new.get(key) or self._old.get(key)

    def put(self, key: bytes, article: Article) -> None:
        """Another version is current."""
        self._old.pop(key, None)
        self._new[key] = article

    def keep(self, key: bytes) -> None:
        """Move what was met again to the new generation."""
        if key in self._old:
            self._new[key] = self._old.pop(key)


class Recollection:
    """The ring of pages and the articles' versions. Keys are cut to KEY bytes; `now` is in milliseconds."""

    def __init__(self, *, pages: int, age: int, at_near: str) -> None:
        self.articles = Articles(pages, age)
        self._ring = Ring(pages=pages, age=age)
        self._at_near = at_near

    def find_bytes(self, key: bytes, now: int) -> Record | None:
        """The record of a page's bytes that is remembered for some while yet."""
        record = self._ring.find_bytes(key, now)
        return None if record is None or self._ring.is_fading(record, now) else record

    def decide_unread(self, key: bytes, now: int) -> Decision | None:
        """What a page is by its bytes alone: a duplicate, or None: process it."""
        if not (known := self.find_bytes(key, now)):
            return None
        found = self._find_same(known.article_key, known.text_key, now)
        if not found or not found.record or self._ring.is_fading(found.record, now):
            return None
        return found

    def decide(self, page: Met, now: int) -> Decision:
        """The article's current text, a text known elsewhere, the article's next version, near to another, or new."""
        article = self.articles.find(page.article_key)
        if found := self._find_same(page.article_key, page.text_key, now):
            return found
        alike = self._find_alike(page, article, now)
        near = "" if not alike else article.record if article else alike.record.id
        if alike and self._at_near == "drop":
            return Decision(Outcome.NEAR_DUPLICATE, near, **alike._asdict())
        if article:
            return Decision(Outcome.UPDATED, article.record, article.version + 1, near)
        return Decision(Outcome.PUBLISHED, version=1, near=near)

    def remember(self, page: Met, decision: Decision, now: int) -> None:
        """A page that was read and settled as was decided."""
        if decision.version:
            self._ring.remember(page, now)
            self.articles.put(page.article_key, Article(page.text_key, decision.version, page.id))
            return
        self._keep(page.article_key, decision)
        record = decision.record
        if record and not self._ring.is_fading(record, now):
            self._ring.remember_bytes(page._replace(text_key=record.text_key), now)
        elif record:
            known = page._replace(id=decision.of, text_key=record.text_key, article_key=record.article_key)
            self._ring.remember(known._replace(sketch=record.sketch), now)
        else:
            self._ring.remember(page._replace(id=decision.of), now)

    def keep_unread(self, key: bytes, decision: Decision, now: int) -> None:
        """A page that was settled by its bytes."""
        if known := self.find_bytes(key, now):
            self._keep(known.article_key, decision)

    def _keep(self, article_key: bytes, decision: Decision) -> None:
        self.articles.keep(article_key)
        if decision.record:
            self.articles.keep(decision.record.article_key)

    def _find_same(self, article_key: bytes, text_key: bytes, now: int) -> Decision | None:
        article, record = self.articles.find(article_key), self._ring.find_text(text_key, now)
        if article and article.text == text_key:
            return Decision(Outcome.DUPLICATE, article.record, record=record)
        if record and not (article and record.article_key == article_key):
            return Decision(Outcome.DUPLICATE, record.id, record=record)
        return None

    def _find_alike(self, page: Met, article: Article | None, now: int) -> "_Alike | None":
        if self._at_near == "off":
            return None
        if article:
            record = self._ring.find_text(article.text, now)
            found = record and (record, compare(page.sketch, record.sketch))
        else:
            found = self._ring.find_near(page.keys, page.sketch, now=now)
        if not found:
            return None
        record, likeness = found
        if record.article_key != page.article_key:
            return _Alike(record, likeness, likeness.rule)
        same = likeness.similarity >= DEFAULT_THRESHOLDS.same_resemblance
        return _Alike(record, likeness, "trivial") if same else None


class _Alike(NamedTuple):
    record: Record
    likeness: Likeness
    reason: str
