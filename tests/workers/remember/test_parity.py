"""A mill that starts with a corpus decides as the mill that published it."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pagemill.record import Draft, Extraction, encode_draft
from pipeline.sameness.fingerprint import text_key
from pipeline.sameness.sketch import fingerprint
from pipeline.urls.url import url_key
from workers.remember import Corpus, remember_corpus
from workers.settings import Settings
from workers.store.contract import Settlement
from workers.store.redis_store import RedisStore


def text(story, lines, edit=0):
    """So many lines of a story; an edit changes a word in a few of them."""
    what = ["gravel" if edit and i % 9 == edit else "stone" for i in range(lines)]
    return "\n".join(f"Line {i} of story {story} tells of wheel {i + story * 31} and {what[i]}." for i in range(lines))


pages = st.tuples(
    st.integers(1, 4).map(lambda number: f"https://a{number}.example/story"),
    st.builds(text, st.integers(1, 3), st.sampled_from((20, 24, 40)), st.integers(0, 2)),
)


class Mill:
    """A store under a prefix of its own, without a pipeline: a page is its address and its text."""

    def __init__(self, client, prefix):
        self.client = client
        self.settings = Settings(prefix=prefix)
        self.store = RedisStore(client, self.settings)
        self.store.open(["default"])

    def settle(self, number, url, words):
        """Commit a page; answers its outcome and what it repeats or replaces."""
        self.client.xadd(self.settings.keys.pages("default"), {"url": url})
        (taken,) = self.store.take("here", ["default"], 1)
        made = fingerprint(words)
        draft = Draft(
            id=f"p{number}", url=url, canonical_url=url, text=words, content_hash=text_key(words).hex(),
            extraction=Extraction(method="test"),
        )  # fmt: skip
        (settled,) = self.store.commit([
            Settlement(
                verdict="draft", queue="default", entry=taken.entry, id=draft.id, url=url,
                bytes_key=url_key(f"{url}/{number}"), article_key=url_key(url), text_key=text_key(words),
                keys=b"".join(made.keys), sketch=made.sketch, draft=encode_draft(draft),
            )
        ])  # fmt: skip
        return settled

    def records(self):
        return [json.loads(fields[b"body"]) for _, fields in self.client.xrange(self.settings.keys.records)]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(pages, min_size=1, max_size=8), pages)
def test_the_next_page_is_settled_alike(redis_client, tmp_path, before, page):
    """Whatever was published before: outcome, `of`, article and version are the same."""
    redis_client.flushdb()
    first, second = Mill(redis_client, "first"), Mill(redis_client, "second")
    for number, (url, words) in enumerate(before):
        first.settle(number, url, words)
    corpus = first.records()
    path = tmp_path / "corpus.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in corpus))
    reader = Corpus(second.settings.limits, print)
    remember_corpus(redis_client, second.settings, corpus=reader, files=[str(path)], tell=lambda _: None)
    assert first.settle(99, *page) == second.settle(99, *page)
    told = [[(one["article"], one["version"]) for one in mill.records()] for mill in (first, second)]
    assert told[0][len(corpus) :] == told[1]
