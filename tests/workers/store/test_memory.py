"""What every store decides about a page that came before, and for how long it remembers."""

import pytest


def test_the_same_text_elsewhere_is_a_duplicate_of_the_first(bench):
    """A text that was published under another address gives no record, and names the one it repeats."""
    bench.publish("article", "text", name="first")
    settled = bench.publish("mirror", "text", name="second")
    assert (settled.outcome, settled.of) == ("duplicate", "first")
    assert len(bench.records()) == 1


def test_the_same_article_with_the_same_text_is_a_duplicate(bench):
    """An article that comes again unchanged repeats its current record."""
    bench.publish("article", "text", name="first")
    settled = bench.publish("article", "text", name="second")
    assert (settled.outcome, settled.of) == ("duplicate", "first")


def test_an_article_with_another_text_is_its_next_version(bench):
    """The record of a changed article keeps its `article`, counts up, and names the record that it replaces."""
    bench.publish("article", "text", name="first")
    settled = bench.publish("article", "changed", name="second")
    first, second = bench.records()
    assert (settled.outcome, settled.of) == ("updated", "first")
    assert (second.kind, second.version, second.supersedes) == ("updated", 2, "first")
    assert second.article == first.article


def test_an_older_version_that_comes_back_is_an_update(bench):
    """A publisher who takes a change back has made a third version."""
    bench.publish("article", "text", name="first")
    bench.publish("article", "changed", name="second")
    settled = bench.publish("article", "text", name="third")
    assert (settled.outcome, settled.of) == ("updated", "second")
    assert bench.records()[-1].version == 3


def test_a_mirror_of_an_older_version_is_a_duplicate(bench):
    """A text that an article had once is no news under another address."""
    bench.publish("article", "text", name="first")
    bench.publish("article", "changed", name="second")
    settled = bench.publish("mirror", "text", name="third")
    assert (settled.outcome, settled.of) == ("duplicate", "first")


def test_a_page_that_takes_over_another_articles_text_is_a_duplicate(bench):
    """An article that changes into what another one says repeats that one, and stays at its version."""
    bench.publish("one", "text of one", name="first")
    bench.publish("two", "text of two", name="second")
    settled = bench.publish("two", "text of one", name="third")
    assert (settled.outcome, settled.of) == ("duplicate", "first")
    bench.publish("two", "third text", name="fourth")
    assert (bench.records()[-1].version, bench.records()[-1].supersedes) == (2, "second")


def test_pages_of_one_batch_are_compared_with_each_other(bench):
    """A batch is settled page by page: the second of two equal ones is a duplicate, a changed one an update."""
    for _ in range(4):
        bench.push()
    one, two, three, four = bench.take()
    settled = bench.commit(
        bench.draft(one, "article", "text", name="one"),
        bench.draft(two, "mirror", "text", name="two"),
        bench.draft(three, "article", "changed", name="three"),
        bench.draft(four, "article", "text", name="four"),
    )
    assert [(each.outcome, each.of) for each in settled] == [
        ("published", ""),
        ("duplicate", "one"),
        ("updated", "one"),
        ("updated", "three"),
    ]


def test_the_same_bytes_are_recalled_and_need_no_parsing(bench):
    """Bytes of published pages and of duplicates are recalled, and then settled unread, as repetitions."""
    assert bench.store.recall([]) == []
    bench.publish("article", "text", body="one", name="first")
    bench.publish("mirror", "text", body="two", name="second")
    keys = [bench.key(body) for body in ("one", "two", "three")]
    assert bench.store.recall(keys) == [True, True, False]
    for body in ("one", "two"):
        settled = bench.see_again(body)
        assert (settled.outcome, settled.of) == ("duplicate", "first")


def test_bytes_that_are_no_longer_current_must_be_parsed(bench):
    """Bytes of a version that was replaced are no repetition: the page is still held, and then an update."""
    bench.publish("article", "text", body="one", name="first")
    bench.publish("article", "changed", body="two", name="second")
    page = bench.take_one()
    assert bench.commit(bench.settlement(page, "same", bytes_key=bench.key("one")))[0].outcome == "stale"
    assert bench.commit(bench.draft(page, "article", "text", body="one"))[0].outcome == "updated"
    assert bench.see_again("one").outcome == "duplicate"


def test_bytes_that_are_forgotten_must_be_parsed(bench):
    """A page that was recalled, and whose memory went before its commit, is still held and can be settled."""
    page = bench.take_one()
    assert bench.commit(bench.settlement(page, "same", bytes_key=bench.key("never seen")))[0].outcome == "stale"
    assert bench.commit(bench.draft(page, "article", "text"))[0].outcome == "published"


@pytest.mark.parametrize("verdict", ["rejected", "dead"])
def test_rejected_and_dead_pages_are_never_remembered(bench, verdict):
    """What gave no record is no reason to skip it the next time, when a release may do better."""
    keys = {"bytes_key": bench.key("bytes"), "article_key": bench.key("article"), "text_key": bench.key("text")}
    page = bench.take_one()
    bench.commit(bench.settlement(page, verdict, reason="empty" if verdict == "rejected" else "crashed", **keys))
    assert bench.store.recall([bench.key("bytes")]) == [False]
    assert bench.publish("article", "text", body="bytes").outcome == "published"


def test_what_was_dropped_as_gone_is_not_remembered(bench):
    """A result that came second leaves nothing behind."""
    page = bench.take_one()
    bench.commit(bench.settlement(page, "rejected", reason="empty"))
    bench.commit(bench.draft(page, "article", "text", body="bytes"))
    assert bench.store.recall([bench.key("bytes")]) == [False]
    assert bench.publish("article", "text").outcome == "published"


def test_no_more_pages_are_remembered_than_the_setting_says(make_bench):
    """The memory is bounded by count at every moment, and never below half of the bound once it was full."""
    bench = make_bench(memory_pages=20)
    for n in range(55):
        bench.publish(f"article {n}", f"text {n}", body=f"body {n}")
        remembered = bench.store.ledger().remembered
        assert min(n + 1, 10) <= remembered <= 20
    assert bench.store.recall([bench.key("body 0"), bench.key("body 54")]) == [False, True]
    assert bench.publish("article 0", "text 0").outcome == "published"
    assert bench.publish("article 54", "text 54").outcome == "duplicate"


def test_texts_alone_cannot_outgrow_the_memory(make_bench):
    """One page whose text differs each time leaves many texts behind, which are bounded as well."""
    bench = make_bench(memory_pages=10)
    outcomes = [bench.publish("article", f"text {n}", body="the same").outcome for n in range(12)]
    assert outcomes == ["published"] + ["updated"] * 11
    assert bench.publish("mirror", "text 0").outcome == "published"


def test_what_is_met_again_is_not_forgotten(make_bench):
    """A page that comes back within half of the bound stays remembered, with its article and its text."""
    bench = make_bench(memory_pages=20)
    bench.publish("kept", "text of kept", body="kept", name="first")
    for n in range(60):
        bench.publish(f"article {n}", f"text {n}")
        if n % 4 == 0:
            assert bench.see_again("kept").of == "first"
        assert bench.store.ledger().remembered <= 20
    assert bench.publish("mirror", "text of kept").of == "first"
    assert bench.publish("kept", "changed").outcome == "updated"


def test_what_is_not_met_again_is_forgotten_in_time(make_bench):
    """The memory is bounded by age: half of it is sure, and after the whole a page is new."""
    bench = make_bench(memory_days=30)
    bench.publish("article", "text", name="first")
    bench.sleep(days=14)
    assert bench.publish("mirror", "text").of == "first"
    for _ in range(3):
        bench.sleep(days=15)
        bench.settle("rejected", "empty")
    assert bench.store.ledger().remembered == 0
    assert bench.publish("article", "text").outcome == "published"
    assert bench.records()[-1].version == 1


def test_a_mill_that_stood_still_forgets_too(make_bench):
    """The first commit after a long rest finds nothing that is over age."""
    bench = make_bench(memory_days=30)
    bench.publish("article", "text", body="bytes")
    bench.sleep(days=61)
    assert bench.see_again("bytes").outcome == "stale"
    assert bench.publish("mirror", "text").outcome == "published"


def test_what_is_met_again_is_counted_once(make_bench):
    """What moves into the new generation of the memory leaves the old one."""
    bench = make_bench(memory_pages=8)
    for n in range(5):
        bench.publish(f"article {n}", f"text {n}", body=f"body {n}")
    bench.see_again("body 0")
    assert bench.store.ledger().remembered == 5


def test_a_clock_that_jumps_back_forgets_nothing_and_stops_nothing(make_bench):
    """Ages are 0 then and count from there: what is remembered or dead is neither dropped nor kept for longer."""
    bench = make_bench(memory_days=30, dead_days=14)
    bench.publish("article", "text", name="first")
    bench.settle("dead", "crashed")
    bench.sleep(days=-40)
    assert bench.publish("mirror", "text").of == "first"
    assert bench.publish("article", "changed").outcome == "updated"
    assert bench.store.ledger().dead == 1
    for _ in range(2):
        bench.sleep(days=16)
        bench.settle("rejected", "empty")
    assert bench.store.ledger().remembered == 0
    assert bench.publish("article", "text").outcome == "published"


def test_a_batch_of_any_size_is_remembered_and_moved(make_bench):
    """More pages than one command takes are remembered, and met again in the old generation they are counted once."""
    bench = make_bench(memory_days=30)
    for n in range(1_100):
        bench.push(body=n)
    pages = bench.take(most=1_100)
    bench.commit(*(bench.draft(page, f"article {n}", f"text {n}", body=str(n)) for n, page in enumerate(pages)))
    bench.sleep(days=16)
    for n in range(1_100):
        bench.push(body=n)
    again = bench.take(most=1_100)
    told = bench.commit(*(bench.settlement(page, "same", bytes_key=bench.key(str(n))) for n, page in enumerate(again)))
    assert [(one.outcome, one.of) for one in told] == [("duplicate", f"id-{page.entry}") for page in pages]
    assert bench.store.ledger().remembered == 1_100
