"""The reckoning: what became of each page, beside what its producer knows of it and what it had to become."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import msgspec
from feed import POISONS, Planned
from redis import Redis
from roles import Push

from workers.audit import audit
from workers.settings import Settings
from workers.store.contract import Ledger
from workers.store.redis_store import RedisStore

_NEWS = ("published", "updated")
_BY_KIND = {"short": ("rejected",), "gone": ("rejected",), "poison": ("dead",)}


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known at the end. By page id: `tried` and `done` are the producers' word, the others Redis's."""

    tried: Mapping[str, int]
    done: frozenset[str]
    settled: Mapping[str, Sequence[str]]
    """The outcome of each entry, in order: a page that was sent twice has two."""

    records: Sequence[str]
    """Whose records are in the stream."""

    articles: Mapping[str, Sequence[int]]
    """The versions that were published, by article, in order."""

    dead: Mapping[str, Sequence[str]]
    """Reasons of the dead letters."""

    ledger: Ledger
    trials: int


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What it came to, in pages."""

    pushed: int
    settled: int
    records: int
    lost: int
    twice: int
    innocents_dead: int
    poison: int
    """Poison pages that were pushed, each of which has to be a dead letter."""
    spared: int
    """Poison that is none."""

    outcomes: Mapping[str, int]
    reasons: Mapping[str, int]


def read_account(client: Redis, settings: Settings, pushes: Sequence[Push]) -> Account:
    """Read the books, whole."""
    store = RedisStore(client, settings)
    tried: Counter[str] = Counter()
    for push in pushes:
        tried.update({id_: {"tried": 1, "refused": -1, "done": 0}[push.what] for id_ in push.ids})
    settled, dead, articles = defaultdict(list), defaultdict(list), defaultdict(list)
    for _, fields in _entries(client, settings.keys.settled):
        settled[fields[b"id"].decode()].append(fields[b"outcome"].decode())
    records = []
    for _, fields in _entries(client, settings.keys.records):
        body = msgspec.json.decode(fields[b"body"])
        articles[body["article"]].append(body["version"])
        records.append(body["id"])
    for letter in store.dead_letters(most=1_000_000):
        dead[letter.id].append(letter.reason)
    return Account(
        tried=tried,
        done=frozenset(id_ for push in pushes if push.what == "done" for id_ in push.ids),
        settled=settled,
        records=records,
        articles=articles,
        dead=dead,
        ledger=store.ledger(),
        trials=cast("int", client.hlen(settings.keys.trials)),
    )


def problems(account: Account, planned: Mapping[str, Planned]) -> list[str]:
    """Each breach of a promise, in a sentence; `planned` holds every page that was tried."""
    return [*_of_books(account), *_of_pages(account, planned), *_of_records(account, planned)]


def figures(account: Account, planned: Mapping[str, Planned]) -> Figures:
    """The sums that a reader asks for first."""
    outcomes = Counter(outcome for told in account.settled.values() for outcome in told)
    poison = {id_ for id_ in account.settled if planned[id_].kind == "poison"}
    twice = Counter(account.records)
    return Figures(
        pushed=sum(queue.pushed or 0 for queue in account.ledger.queues),
        settled=outcomes.total(),
        records=len(account.records),
        lost=len(account.done - account.settled.keys()),
        twice=sum(max(0, len(told) - account.tried[id_]) for id_, told in account.settled.items())
        + sum(max(0, n - sum(one in _NEWS for one in account.settled.get(id_, ()))) for id_, n in twice.items()),
        innocents_dead=len(account.dead.keys() - poison),
        poison=len(poison),
        spared=len(poison - account.dead.keys()),
        outcomes=outcomes,
        reasons=Counter(reason for told in account.dead.values() for reason in told),
    )


def _of_books(account: Account) -> Iterator[str]:
    report = audit(account.ledger)
    yield from (f"audit: {problem}" for problem in report["problems"])
    if report["waiting"] or report["running"]:
        yield f"{report['waiting']} pages wait and {report['running']} are in hand at the end"
    outcomes = Counter(outcome for told in account.settled.values() for outcome in told)
    if outcomes != Counter({name: count for name, count in report["outcomes"].items() if count}):
        yield f"the settled stream tells {dict(outcomes)}, the ledger {report['outcomes']}"
    if account.trials:
        yield f"{account.trials} trials are left"


def _of_pages(account: Account, planned: Mapping[str, Planned]) -> Iterator[str]:
    for id_ in sorted(account.done - account.settled.keys()):
        yield f"page {id_} was pushed and has no outcome"
    for id_, outcomes in account.settled.items():
        page = planned[id_]
        if len(outcomes) > account.tried[id_]:
            yield f"page {id_} was sent {account.tried[id_]} times and settled {len(outcomes)} times: {outcomes}"
        wanted = _BY_KIND.get(page.kind, (*_NEWS, "duplicate"))
        if wrong := [outcome for outcome in outcomes if outcome not in wanted]:
            yield f"page {id_} ({page.kind} {page.wish}) became {wrong}: {account.dead.get(id_, '')}"
    for id_, reasons in account.dead.items():
        wish = planned[id_].wish
        # A death that somebody else's SIGKILL ended is told as lost when there were too many of them.
        if wrong := set(reasons) - {POISONS[wish][0] if wish else "", "lost"}:
            yield f"page {id_} ({wish or 'no poison'}) died as {sorted(wrong)}"


def _of_records(account: Account, planned: Mapping[str, Planned]) -> Iterator[str]:
    news = Counter({id_: n for id_, told in account.settled.items() if (n := sum(one in _NEWS for one in told))})
    if differing := (news - Counter(account.records)) + (Counter(account.records) - news):
        yield f"records and outcomes differ for {dict(differing)}"
    texts: dict[str, list[str]] = defaultdict(list)
    for id_ in account.settled:
        if planned[id_].kind not in _BY_KIND:
            texts[planned[id_].text].append(id_)
    urls_sent_again = {planned[id_].url for id_ in account.settled if account.tried[id_] > 1}
    for ids in texts.values():
        published = sum(news[id_] for id_ in ids)
        # A version that is sent again behind its successor is news again: an older text came back.
        come_back = any(planned[id_].url in urls_sent_again for id_ in ids)
        if published != 1 and not (published and come_back):
            yield f"the text of {ids} was published {published} times"
    for article, versions in account.articles.items():
        if list(versions) != list(range(1, len(versions) + 1)):
            yield f"article {article} has the versions {versions}"


def _entries(client: Redis, stream: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
    return cast("list[tuple[bytes, dict[bytes, bytes]]]", cast("Any", client).xrange(stream))
