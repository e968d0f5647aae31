"""What the MemoryStore remembers of published pages: bounded by count and age, and how it decides with it."""

from typing import NamedTuple

from pagemill.outcomes import Outcome
from pipeline.sameness.near import Change, Likeness, change, compare, is_fuller
from workers.memory.ring import Record, Ring
from workers.settings import Settings
from workers.store.near_memory import Met

_DAY = 86_400_000


class Article(NamedTuple):
    """The current version of an article.

    `key`: of the article; `text`: of its text; `record`: the id of its record. `first`: when the first version was
    published, in milliseconds. `source`: the key of the address that this version came from.
    """

    key: bytes
    text: bytes
    version: int
    record: str
    first: int
    source: bytes


class Decision(NamedTuple):
    """What a page is: its outcome, and the id of the record that it repeats or replaces.

    `article`: as it is with the record that the page gives, None for none; `change`: since the version before; `near`:
    the id of what the record is a copy of. `known`: what the ring holds of what the page repeats; `likeness` and
    `reason` tell how a near copy does.
    """

    outcome: Outcome
    of: str = ""
    article: Article | None = None
    change: Change | None = None
    near: str = ""
    known: Record | None = None
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
        self._new: dict[bytes, Article | bytes] = {}
        self._old: dict[bytes, Article | bytes] = {}

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

    def find(self, address: bytes) -> Article | None:
        """The current version of the article that an address belongs to."""
        found = self._value(address)
        article = self._value(found) if isinstance(found, bytes) else found
        return article if isinstance(article, Article) else None

    def put(self, article: Article) -> None:
        """Another version is current; the address that it came from belongs to the article."""
        if article.source != article.key:
            self._put(article.source, article.key)
        self._put(article.key, article)

    def keep(self, address: bytes) -> None:
        """Move what was met again to the new generation."""
        article = self.find(address)
        for key in (address, article.key if article else address):
            if key in self._old:
                self._put(key, self._old[key])

    def _value(self, address: bytes) -> Article | bytes | None:
        return self._new.get(address) or self._old.get(address)

    def _put(self, address: bytes, value: Article | bytes) -> None:
        self._old.pop(address, None)
        self._new[address] = value


class Recollection:
    """The ring of pages and the articles' versions. Keys are cut to KEY bytes; `now` is in milliseconds."""

    def __init__(self, settings: Settings) -> None:
        age = int(settings.memory_days * _DAY)
        self.articles = Articles(settings.memory_pages, age)
        self._ring = Ring(pages=settings.memory_pages, age=age)
        self._at_near = settings.near_duplicates
        self._keeps = settings.near_keeps
        self._thresholds = settings.thresholds

    def find_bytes(self, key: bytes, now: int) -> Record | None:
        """The record of a page's bytes that is remembered for some while yet."""
        record = self._ring.find_bytes(key, now)
        return None if record is None or self._ring.is_fading(record, now) else record

    def decide_unread(self, key: bytes, now: int) -> Decision | None:
        """What a page is by its bytes alone: a duplicate, or None: process it."""
        if not (known := self.find_bytes(key, now)):
            return None
        found = self._find_same(known.article_key, known.text_key, now)
        if not found or not found.known or self._ring.is_fading(found.known, now):
            return None
        return found

    def decide(self, page: Met, now: int) -> Decision:
        """The article's current text, a text known elsewhere, the article's next version, near to another, or new."""
        if found := self._find_same(page.article_key, page.text_key, now):
            return found
        article = self.articles.find(page.article_key)
        if article and article.source == page.article_key:
            return self._decide_version(page, article, now)
        return self._decide_copy(page, article, now)

    def remember(self, page: Met, decision: Decision, now: int) -> None:
        """A page that was read and settled as was decided."""
        if decision.article:
            self._ring.remember(page, now)
            self.articles.put(decision.article)
            return
        self._keep(page.article_key, decision)
        known = decision.known
        if known and not self._ring.is_fading(known, now):
            self._ring.remember_bytes(page._replace(text_key=known.text_key), now)
        elif known:
            anew = page._replace(id=decision.of, text_key=known.text_key, article_key=known.article_key)
            self._ring.remember(anew._replace(sketch=known.sketch), now)
        else:
            self._ring.remember(page._replace(id=decision.of), now)

    def keep_unread(self, key: bytes, decision: Decision, now: int) -> None:
        """A page that was settled by its bytes."""
        if known := self.find_bytes(key, now):
            self._keep(known.article_key, decision)

    def _keep(self, address: bytes, decision: Decision) -> None:
        self.articles.keep(address)
        if decision.known:
            self.articles.keep(decision.known.article_key)

    def _find_same(self, address: bytes, text_key: bytes, now: int) -> Decision | None:
        article, record = self.articles.find(address), self._ring.find_text(text_key, now)
        if article and article.text == text_key:
            return Decision(Outcome.DUPLICATE, article.record, known=record)
        if record and not (article and article.source == address and self._is_of(record, article)):
            return Decision(Outcome.DUPLICATE, record.id, known=record)
        return None

    def _is_of(self, record: Record, article: Article) -> bool:
        owner = self.articles.find(record.article_key)
        return owner is not None and owner.key == article.key

    def _decide_version(self, page: Met, article: Article, now: int) -> Decision:
        """Of an article whose current version came from the same address."""
        record = self._ring.find_text(article.text, now)
        likeness = self._liken(page, record)
        is_trivial = likeness is not None and likeness.similarity >= self._thresholds.same_resemblance
        if is_trivial and self._at_near == "drop":
            return Decision(Outcome.NEAR_DUPLICATE, article.record, known=record, likeness=likeness, reason="trivial")
        decision = self._next_version(page, article, record)
        return decision._replace(near=article.record) if is_trivial and self._at_near == "mark" else decision

    def _decide_copy(self, page: Met, article: Article | None, now: int) -> Decision:
        """Of an address that has no article, or whose article's current version came from another one."""
        copied = None if self._at_near == "off" else self._find_copied(page, article, now)
        if copied and self._at_near == "drop":
            record, likeness = copied
            fuller = self._decide_fuller(page, record, now) if self._keeps == "longest" else None
            dropped = Decision(Outcome.NEAR_DUPLICATE, record.id, known=record, likeness=likeness, reason=likeness.rule)
            return fuller or dropped
        near = copied[0].id if copied else ""
        if article and article.key == page.article_key:
            before = self._ring.find_text(article.text, now)
            return self._next_version(page, article, before)._replace(near=near)
        key = page.article_key
        return Decision(Outcome.PUBLISHED, article=Article(key, page.text_key, 1, page.id, now, key), near=near)

    def _find_copied(self, page: Met, article: Article | None, now: int) -> tuple[Record, Likeness] | None:
        record = self._ring.find_text(article.text, now) if article else None
        likeness = self._liken(page, record)
        if record and likeness and likeness.copy:
            return record, likeness
        if article and article.key == page.article_key:
            return None
        return self._ring.find_near(page.keys, page.sketch, now=now, thresholds=self._thresholds)

    def _decide_fuller(self, page: Met, record: Record, now: int) -> Decision | None:
        """A copy that says much more than the article does now is its next version; else None."""
        article = self.articles.find(record.article_key)
        if not article:
            return None
        before = record if record.text_key == article.text else self._ring.find_text(article.text, now)
        likeness = self._liken(page, before)
        if not before or not likeness or not is_fuller(page.sketch, before.sketch, likeness, self._thresholds):
            return None
        return self._next_version(page, article, before)._replace(reason="fuller")

    def _next_version(self, page: Met, article: Article, before: Record | None) -> Decision:
        likeness = self._liken(page, before)
        version = article._replace(
            text=page.text_key, version=article.version + 1, record=page.id, source=page.article_key
        )
        changed = change(page.sketch, before.sketch, likeness) if before and likeness else None
        return Decision(Outcome.UPDATED, article.record, article=version, change=changed)

    def _liken(self, page: Met, record: Record | None) -> Likeness | None:
        return compare(page.sketch, record.sketch, self._thresholds) if record else None
