"""The protocol of taking, holding, settling and blaming, explored to its end for a few pages and two workers.

A breadth-first walk over all that can happen, in any order: take, adopt, begin, finish, commit, renew, stop; a horse
killed, a worker lost, a lease that runs out under a worker that sleeps, the reply of a commit or a take lost. The store
is MemoryStore itself, copied from state to state: test_store_laws.py shows that the one in Redis answers the same. The
workers are modelled: each step of a drain or an inquest that talks to the store is one step here, so that a death may
come between any two.
"""

import copy
import itertools
from collections import Counter, deque
from datetime import UTC, datetime

import msgspec
import pytest

from workers.memory.queue import NOBODY, Lease, MemoryQueue
from workers.memory.store import MemoryStore
from workers.settings import Settings
from workers.store.contract import Settlement

QUEUE = "default"
SETTINGS = Settings(strikes=2, lonely_deaths=3, suspect_deliveries=3, lease_seconds=60, memory_pages=1000)
LEASE = 60_000
NOW = datetime(2030, 1, 1, tzinfo=UTC)


class Worker(msgspec.Struct, frozen=True):
    """A worker and its horse. Of `pages` the first `done` are committed, those before `at` are finished."""

    name: str
    pages: tuple = ()
    done: int = 0
    at: int = 0
    begun: bool = False
    duty: str = ""
    """What the worker has yet to do after its horse: mark, bury, hand back."""
    blame: str = ""


class World(msgspec.Struct):
    """One state: the store, the workers, and how many misfortunes may still come."""

    store: MemoryStore
    workers: tuple
    misfortunes: int
    names: int = 2


class Protocol:
    """What can happen. `poison`: the first page kills its "horse", or takes its whole "machine" down, each time."""

    def __init__(self, *, pages, misfortunes, poison="", batch=2):
        store = MemoryStore(SETTINGS, lambda: NOW)
        self.entries = [store.push(QUEUE, {b"url": b"u"}) for _ in range(pages)]
        self.poison, self.bad, self.batch = poison, self.entries[0] if poison else "", batch
        self.first = World(store, (Worker("w0"), Worker("w1")), misfortunes)

    def steps(self, world):
        """(is it an honest step, its name, the state after it) for all that can happen next."""
        for i, worker in enumerate(world.workers):
            for honest, act, *arguments in self._moves(world, worker):
                after = _copy(world)
                after.workers = tuple(
                    act(after, worker, *arguments) if i == j else other for j, other in enumerate(world.workers)
                )
                yield honest, f"{worker.name} {act.__name__} {arguments}", after
        living = {worker.name for worker in world.workers}
        for entry, lease in world.store.queues[QUEUE].running.items():
            awake = lease.consumer in living
            if not _is_expired(lease) and (not awake or world.misfortunes):
                after = _copy(world)
                after.store.queues[QUEUE].running[entry].since -= LEASE
                after.misfortunes -= awake
                yield not awake, f"the lease of {lease.consumer} runs out", after

    def _moves(self, world, worker):
        unlucky = world.misfortunes > 0
        holds = any(lease.consumer == worker.name for lease in world.store.queues[QUEUE].running.values())
        if unlucky and (holds or worker.pages):
            yield False, self.lose_machine
        if worker.duty:
            yield True, getattr(self, worker.duty)
        elif worker.pages:
            yield from self._moves_at_work(worker, unlucky=unlucky)
        elif holds:  # a reply was lost
            yield True, self.hand_back
        else:
            yield from ((True, self.take, known) for known in ((True, False) if unlucky else (True,)))
            yield True, self.adopt

    def _moves_at_work(self, worker, *, unlucky):
        if worker.begun:
            entry = worker.pages[worker.at][0]
            if entry != self.bad:
                yield True, self.finish
            elif self.poison == "horse":
                yield True, self.lose_horse, "strike"
            else:
                yield True, self.lose_machine, 0
            if unlucky:
                yield False, self.lose_horse, "suspect"
            return
        yield False, self.renew
        if worker.at < len(worker.pages):
            yield True, self.begin
        if worker.at > worker.done:
            yield True, self.commit
            if unlucky:
                yield False, self.commit_and_lose_the_reply
        else:
            yield False, self.stop

    def take(self, world, worker, known):
        pages = _noted(world.store.take(worker.name, [QUEUE], self.batch))
        world.misfortunes -= not known
        return msgspec.structs.replace(worker, pages=pages) if known else worker

    def adopt(self, world, worker):
        return msgspec.structs.replace(worker, pages=_noted(world.store.adopt(worker.name, [QUEUE], self.batch)))

    def begin(self, world, worker):
        _, _, lonely = worker.pages[worker.at]
        if lonely > SETTINGS.lonely_deaths:
            return msgspec.structs.replace(worker, at=worker.at + 1)  # given up unread, as the drain does
        return msgspec.structs.replace(worker, begun=True)

    def finish(self, world, worker):
        return msgspec.structs.replace(worker, at=worker.at + 1, begun=False)

    def commit(self, world, worker):
        _commit(world, worker.pages[worker.done : worker.at])
        if worker.at == len(worker.pages):
            return Worker(worker.name)
        return msgspec.structs.replace(worker, done=worker.at)

    def commit_and_lose_the_reply(self, world, worker):
        self.commit(world, worker)
        world.misfortunes -= 1
        return worker

    def renew(self, world, worker):
        world.store.renew(worker.name, [(QUEUE, entry) for entry, _, _ in worker.pages])
        return worker

    def stop(self, world, worker):
        return msgspec.structs.replace(worker, duty="mark", blame="innocent")

    def lose_horse(self, world, worker, blame):
        world.misfortunes -= blame == "suspect"
        return msgspec.structs.replace(worker, duty="mark", blame=blame)

    def lose_machine(self, world, worker, price=1):
        world.misfortunes -= price
        world.names += 1
        return Worker(f"w{world.names}")

    def mark(self, world, worker):
        on_trial = worker.blame != "innocent" or len(worker.pages) == 1
        entry = worker.pages[worker.at if worker.begun else -1][0]
        marked = world.store.mark(worker.name, QUEUE, entry, worker.blame) if on_trial else None
        guilty = (
            marked
            and worker.blame != "innocent"
            and (marked[0] >= SETTINGS.strikes or marked[1] >= SETTINGS.lonely_deaths)
        )
        return msgspec.structs.replace(worker, duty="bury" if guilty else "hand_back")

    def bury(self, world, worker):
        entry = worker.pages[worker.at][0]
        _commit(world, [(entry, 0, SETTINGS.lonely_deaths + 1)])
        return msgspec.structs.replace(worker, duty="hand_back")

    def hand_back(self, world, worker):
        world.store.hand_back(worker.name, [QUEUE])
        return Worker(worker.name)

    def check(self, world):
        """What holds in every state."""
        queue = world.store.queues[QUEUE]
        outcomes = Counter(entry[b"id"].decode() for entry in world.store.settled)
        records = Counter(entry[b"id"].decode() for entry in world.store.output.entries.values())
        dead = {letter.id for letter in world.store.dead.letters.values()}
        assert max([*outcomes.values(), *records.values()], default=1) == 1, "settled or published twice"
        assert sorted([*outcomes, *queue.waiting, *queue.running]) == self.entries, "lost"
        assert set(outcomes) == set(records) | dead
        assert dead <= {self.bad}, "an innocent page is dead"
        assert self.bad not in records, "the poison was published"
        assert set(queue.trials) <= set(queue.running), "a trial outlives its page"


def explore(protocol):
    """All states, breadth first: how many there are; and from each, honest steps lead to the end of all pages."""
    numbers, todo, ended, back = {_key(protocol, protocol.first): 0}, deque([protocol.first]), set(), []
    ways = [(0, "")]
    for number in itertools.count():
        if not todo:
            break
        world = todo.popleft()
        try:
            protocol.check(world)
        except AssertionError as error:
            error.add_note(_way(ways, number))
            raise
        if len(world.store.settled) == len(protocol.entries):
            ended.add(number)
        for honest, name, after in protocol.steps(world):
            key = _key(protocol, after)
            if key not in numbers:
                numbers[key] = len(numbers)
                todo.append(after)
                ways.append((number, name))
            if honest:
                back.append((numbers[key], number))
    assert _reaching(ended, back) == set(range(len(numbers))), "a page that can never be settled"
    return len(numbers)


def _way(ways, number):
    """The steps to a state, for whoever has to understand it."""
    names = []
    while number:
        number, name = ways[number]
        names.append(name)
    return "\n".join(reversed(names))


def _reaching(ended, back):
    before = {}
    for after, number in back:
        before.setdefault(after, []).append(number)
    found, todo = set(ended), list(ended)
    while todo:
        for number in before.get(todo.pop(), ()):
            if number not in found:
                found.add(number)
                todo.append(number)
    return found


def _key(protocol, world):
    """What tells two states apart: the workers' names do not, nor deliveries beyond those of a suspect."""
    queue, living = world.store.queues[QUEUE], {worker.name for worker in world.workers}
    pages, leases = [], {name: [] for name in living}
    for entry in protocol.entries:
        lease, trial = queue.running.get(entry), queue.trials.get(entry)
        blot = (trial.strikes, trial.lonely) if trial else None
        if lease is None:
            pages.append(entry in queue.waiting)
            continue
        expired = _is_expired(lease)
        if lease.consumer in living:
            leases[lease.consumer].append((entry, expired))
        holder = "" if lease.consumer in living else NOBODY
        pages.append((holder, expired, min(lease.deliveries, SETTINGS.suspect_deliveries), blot))
    workers = sorted((w.pages, w.done, w.at, w.begun, w.duty, w.blame, tuple(leases[w.name])) for w in world.workers)
    told = sorted((entry[b"id"], entry[b"outcome"]) for entry in world.store.settled)
    return tuple(pages), tuple(workers), world.misfortunes, tuple(told), len(world.store.output.entries)


def _is_expired(lease):
    return lease.since <= NOW.timestamp() * 1000 - LEASE


def _noted(taken):
    return tuple((page.entry, page.strikes, page.lonely) for page in taken)


def _settlement(page):
    entry, _, lonely = page
    named = {"queue": QUEUE, "entry": entry, "id": entry, "url": "u"}
    if lonely > SETTINGS.lonely_deaths:
        return Settlement(verdict="dead", reason="lost", **named)
    key = entry.encode().rjust(16)
    return Settlement(verdict="draft", draft=b"{}", bytes_key=key, article_key=key, text_key=key, **named)


def _commit(world, pages):
    store = world.store
    for part in ("memory", "output", "dead", "settled", "_outcomes", "_reasons"):
        setattr(store, part, copy.deepcopy(getattr(store, part)))
    store.commit([_settlement(page) for page in pages])


def _copy(world):
    """A copy that shares nothing that a step changes: what only commits change, `_commit` copies."""
    store = copy.copy(world.store)
    queue = store.queues[QUEUE]
    own = copy.copy(queue)
    own.waiting = dict(queue.waiting)
    own.running = {entry: copy.copy(lease) for entry, lease in queue.running.items()}
    own.trials = {entry: copy.copy(trial) for entry, trial in queue.trials.items()}
    store.queues = {QUEUE: own}
    return World(store, world.workers, world.misfortunes, world.names)


@pytest.mark.parametrize(
    ("pages", "misfortunes", "poison", "states"),
    [
        (2, 2, "", 14_960),
        (2, 2, "horse", 29_701),
        (2, 2, "machine", 45_082),
    ],
)
def test_in_every_state_nothing_is_lost_nothing_twice_and_no_innocent_dies(pages, misfortunes, poison, states):
    """Each page is settled at most once, published at most once, and can always be settled; poison ends dead, alone."""
    assert explore(Protocol(pages=pages, misfortunes=misfortunes, poison=poison)) == states


def test_the_model_finds_what_is_wrong():
    """Fewer unexplained deaths alone than the limit kill no innocent page; as many do, and the walk sees it."""
    with pytest.raises(AssertionError, match="an innocent page is dead"):
        explore(Protocol(pages=1, misfortunes=SETTINGS.lonely_deaths))


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ("settle", "twice"),
        ("adopt", "never be settled"),
        ("hand_back", "lost"),
    ],
)
def test_the_model_finds_a_store_that_breaks_a_rule(monkeypatch, broken, why):
    """A store that acknowledges twice, never lends again, or forgets what it is handed back is found out."""
    monkeypatch.setattr(MemoryQueue, broken, BROKEN[broken])
    with pytest.raises(AssertionError, match=why):
        explore(Protocol(pages=1, misfortunes=1))


def _settles_again(queue, entry):
    lease = queue.running.pop(entry, None)
    queue.trials.pop(entry, None)
    return lease or Lease({}, "", 0)


def _lends_never_again(queue, consumer, most, **_):
    return []


def _forgets(queue, consumer, expired):
    for entry in [entry for entry, lease in queue.running.items() if lease.consumer == consumer]:
        del queue.running[entry]
    return 0


BROKEN = {"settle": _settles_again, "adopt": _lends_never_again, "hand_back": _forgets}
