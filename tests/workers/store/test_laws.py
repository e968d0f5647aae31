"""Laws under any sequence of calls: the books are even, nothing comes twice, versions count up, all stores agree."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from workers.store.contract import OutputFull

QUEUES = ["urgent", "default"]
EPOCH = datetime.fromtimestamp(0, UTC)
SMALL = {
    "memory_pages": 8,
    "memory_days": 10,
    "records_limit": 5,
    "dead_bytes": 60,
    "dead_days": 10,
    "suspect_deliveries": 3,
    "lease_seconds": 3600,
}

consumers = strategies.sampled_from(["w1", "w2"])
queues = strategies.sampled_from(QUEUES)
few = strategies.integers(1, 4)
any_one = strategies.integers(0, 10**6)
names = strategies.sampled_from("abcdef")
verdicts = strategies.sampled_from(["draft", "draft", "draft", "same", "rejected", "dead"])
findings = strategies.tuples(any_one, verdicts, strategies.sampled_from("ab"), strategies.sampled_from("abcd"), names)


class Both(RuleBasedStateMachine):
    """The same calls on a MemoryStore and on another store. Pages are known by the order of their push."""

    def __init__(self, benches):
        super().__init__()
        self.benches = benches
        self.entries = []
        """(queue, entry in the one, entry in the other) of each push."""
        self.known = [{}, {}]
        self.taken = []
        """For each page that was ever taken, what each store gave."""
        self.settled, self.deleted, self.published, self.articles = set(), set(), set(), {}

    def ask(self, call, compare=lambda answer: answer):
        """Make a call on each store, and compare the answers."""
        answers = [call(bench) for bench in self.benches]
        shown = [compare(answer) for answer in answers]
        assert shown[0] == shown[1]
        return answers

    def note(self, queue, entries):
        for known, entry in zip(self.known, entries, strict=True):
            known[queue, entry] = len(self.entries)
        self.entries.append((queue, *entries))

    def note_taken(self, answers):
        numbers = [
            [(known[page.queue, page.entry], page.fields, page.strikes, page.lonely) for page in pages]
            for known, pages in zip(self.known, answers, strict=True)
        ]
        assert numbers[0] == numbers[1]
        self.taken += zip(*answers, strict=True)

    @rule(queue=queues, body=names)
    def push(self, queue, body):
        self.note(queue, [bench.push(queue, url=f"https://example.org/{body}", body=body) for bench in self.benches])

    @rule(consumer=consumers, most=few)
    def take(self, consumer, most):
        self.note_taken([bench.take(consumer, most) for bench in self.benches])

    @rule(consumer=consumers, most=few)
    def adopt(self, consumer, most):
        self.note_taken([bench.store.adopt(consumer, QUEUES, most) for bench in self.benches])

    @rule(consumer=consumers, leave=strategies.booleans())
    def hand_back(self, consumer, leave):
        self.ask(lambda bench: bench.store.hand_back(consumer, QUEUES, leave=leave))

    @rule(most=few, marks=strategies.lists(strategies.sampled_from(["strike", "suspect", "innocent"]), max_size=2))
    def pass_on(self, most, marks):
        """One worker takes pages, holds deaths against the first of them, and goes; another takes them up."""
        before = len(self.taken)
        self.take("w1", most)
        for mark in marks if len(self.taken) > before else ():
            self.mark("w1", before, mark)
        self.hand_back("w1", leave=True)
        self.adopt("w2", most)

    @precondition(lambda self: self.taken)
    @rule(which=any_one)
    def let_lease_run_out(self, which):
        number = which % len(self.taken)
        if self.pushed_as(number) in self.deleted:
            return  # to make its lease older would end it
        pair = self.taken[number]
        for bench, page in zip(self.benches, pair, strict=True):
            if bench.mill.is_held(page.queue, page.entry):
                bench.mill.let_lease_run_out(page.queue, page.entry)

    @precondition(lambda self: self.entries)
    @rule(which=any_one)
    def delete(self, which):
        """Somebody from outside deletes a page that waits or is out."""
        number = which % len(self.entries)
        queue, *entries = self.entries[number]
        for bench, entry in zip(self.benches, entries, strict=True):
            bench.mill.delete(queue, entry)
        if number not in self.settled:
            self.deleted.add(number)

    @precondition(lambda self: self.taken)
    @rule(consumer=consumers, which=strategies.lists(any_one, max_size=4))
    def renew(self, consumer, which):
        pairs = {number % len(self.taken) for number in which}
        pages = [[self.taken[number][side] for number in pairs] for side in (0, 1)]
        kept = [
            bench.store.renew(consumer, list({(page.queue, page.entry) for page in held}))
            for bench, held in zip(self.benches, pages, strict=True)
        ]
        assert kept[0] == kept[1]

    @precondition(lambda self: self.taken)
    @rule(consumer=consumers, which=any_one, mark=strategies.sampled_from(["strike", "suspect", "innocent"]))
    def mark(self, consumer, which, mark):
        pair = self.taken[which % len(self.taken)]
        marks = [
            bench.store.mark(consumer, page.queue, page.entry, mark)
            for bench, page in zip(self.benches, pair, strict=True)
        ]
        assert marks[0] == marks[1]

    @precondition(lambda self: self.taken)
    @rule(batch=strategies.lists(findings, min_size=1, max_size=5))
    def commit(self, batch):
        """Any pages that were ever taken, settled before or not, some twice."""
        answers = []
        for side, bench in enumerate(self.benches):
            settlements = [self.settlement(side, found) for found in batch]
            try:
                answers.append(bench.store.commit(settlements))
            except OutputFull:
                answers.append("full")  # which group is named is free, where several are as slow
        assert answers[0] == answers[1]
        if answers[0] != "full":
            self.note_settled([which % len(self.taken) for which, *_ in batch], answers[0])

    def note_settled(self, numbers, answers):
        """Nothing is settled twice; the records of one page come once, and count their article's versions."""
        for number, answer in zip(numbers, answers, strict=True):
            page = self.pushed_as(number)
            if answer.outcome not in ("gone", "stale"):
                assert page not in self.settled
                self.settled.add(page)
        for record in self.benches[0].records():
            if record.id not in self.published:
                version, last = self.articles.get(record.article, (0, None))
                assert (record.version, record.supersedes) in {(version + 1, last), (1, None)}
                self.published.add(record.id)
                self.articles[record.article] = (record.version, record.id)
        for number, answer in zip(numbers, answers, strict=True):
            wrote = answer.outcome in ("published", "updated")
            assert wrote <= (f"page-{self.pushed_as(number)}" in self.published)

    def pushed_as(self, number):
        """The number by the order of pushes of a page that was taken."""
        page = self.taken[number][0]
        return self.known[0][page.queue, page.entry]

    def settlement(self, side, found):
        which, verdict, article, text, body = found
        bench, number = self.benches[side], which % len(self.taken)
        page, name = self.taken[number][side], f"page-{self.pushed_as(number)}"
        if verdict == "draft":
            return bench.draft(page, article, text, body=body, name=name)
        reason = {"rejected": "empty", "dead": "crashed"}.get(verdict, "")
        return bench.settlement(page, verdict, id=name, bytes_key=bench.key(body), reason=reason)

    @rule(queue=queues, found=strategies.lists(findings, min_size=2, max_size=4))
    def turn(self, queue, found):
        """What a worker does all day, as one step, so that many of them fit in."""
        for _ in found:
            self.push(queue, "x")
        before = len(self.taken)
        self.take("w1", len(found))
        self.commit([(before + i, *rest) for i, (_, *rest) in enumerate(found) if before + i < len(self.taken)])

    @rule(body=names)
    def recall(self, body):
        self.ask(lambda bench: bench.store.recall([bench.key(body)]))

    @rule(which=any_one, replays=strategies.booleans())
    def empty_dead_letters(self, which, replays):
        letters = [bench.store.dead_letters() for bench in self.benches]
        if not letters[0]:
            return
        chosen = [one[which % len(letters[0])] for one in letters]
        pairs = list(zip(self.benches, chosen, strict=True))
        if replays:
            self.note(chosen[0].queue, [bench.store.replay(letter.letter) for bench, letter in pairs])
        else:
            assert all(bench.store.drop(letter.letter) for bench, letter in pairs)

    @rule(days=strategies.integers(-12, 12))
    def sleep(self, days):
        for bench in self.benches:
            bench.sleep(days=days, minutes=1)  # so that no age is that of a bound to the millisecond

    @rule(group=strategies.sampled_from(["g1", "g2"]), most=few, acknowledges=few)
    def read(self, group, most, acknowledges):
        """A consumer that reads some, and acknowledges some of them."""
        for bench in self.benches:
            if group not in {lag.group for lag in bench.store.ledger().groups}:
                bench.mill.add_group(group)
        read = [bench.mill.read(group, most) for bench in self.benches]
        assert len(read[0]) == len(read[1])
        for bench, entries in zip(self.benches, read, strict=True):
            if entries:
                bench.mill.acknowledge(group, entries[:acknowledges])

    @invariant()
    def books_are_even(self):
        """Each page that was pushed is settled once, waits, runs, or was deleted by somebody."""
        vanished = len(self.deleted - self.settled)
        for bench in self.benches:
            books = bench.store.ledger()
            settled = sum(sum(counts.values()) for counts in books.outcomes.values())
            lying = sum(one.waiting + one.running for one in books.queues)
            pushed = sum(one.pushed for one in books.queues if one.pushed is not None)
            assert settled == len(self.settled)
            assert settled + lying + vanished == len(self.entries)
            assert pushed == len(self.entries) or any(one.pushed is None for one in books.queues)

    @invariant()
    def books_are_the_same(self):
        self.ask(lambda bench: bench.store.ledger(), _shown)

    @invariant()
    def output_is_the_same(self):
        self.ask(
            lambda bench: (
                [msgspec.structs.replace(record, processed_at=EPOCH) for record in bench.records()],
                bench.mill.settled(),
            )
        )

    @invariant()
    def trials_end_with_their_pages(self):
        self.ask(lambda bench: bench.mill.trials())
        for queue in self.benches[0].store.queues.values():
            assert queue.trials.keys() <= queue.running.keys()

    @invariant()
    def dead_letters_are_the_same(self):
        self.ask(
            lambda bench: bench.store.dead_letters(),
            lambda letters: [(one.reason, one.queue, one.id, one.size, one.fields) for one in letters],
        )


def _shown(books):
    counts = [(one.queue, one.waiting, one.running, one.oldest is None) for one in books.queues]
    lags = sorted((lag.group, lag.pending) for lag in books.groups)
    dead = (books.dead, books.dead_bytes, books.dead_expired, books.dead_replayed, books.dead_dropped)
    reasons = {queue: dict(counted) for queue, counted in books.reasons.items()}
    return counts, books.outcomes, reasons, books.records, lags, dead, books.records_trimmed, books.remembered


@pytest.mark.parametrize("make_bench", ["fakeredis", "valkey"], indirect=True)
@pytest.mark.parametrize("at_limit", ["wait", "trim"])
def test_the_books_are_even_and_all_stores_agree(make_bench, make_memory_bench, at_limit):
    """After any pushes, takes, deaths, commits, replays and deletions by others, the laws above hold."""

    def machine():
        return Both([make(**SMALL, records_at_limit=at_limit) for make in (make_memory_bench, make_bench)])

    run_state_machine_as_test(machine, settings=settings(max_examples=40, stateful_step_count=30))
