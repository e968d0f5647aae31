"""Loading, before a worker forks, of all that the pipeline loads when it is first used."""

from typing import get_args

from pagemill.page import RawPage
from pipeline.options import Extractor, Options
from pipeline.process import process
from pipeline.urls.url import url_key

_URL = "https://mill.example/a"
_SENTENCE = "Die Mühle mahlt für alle, die Korn bringen, und sie fragt nicht, woher der Wind heute weht. "
_HEAD = "<html><head><title>Die Mühle</title><meta name=date content='3. März 2021'></head><body>"
_PAGES = (
    # long enough for the extractor's main way; a charset that must be detected
    (f"{_HEAD}<article>{f'<p>{_SENTENCE}' * 12}</article></body></html>".encode("latin-1"), "text/html"),
    # so short that every fallback has its turn, with word lists of its own
    (f"{_HEAD}<div>{_SENTENCE}</div></body></html>".encode(), "text/html"),
    (f"Die Mühle\n\n3. März 2021, 12:30\n\n{_SENTENCE * 4}\n\n{_SENTENCE * 4}".encode(), "text/plain"),
)


def warm_up() -> None:
    """Send a few pages of ours through the pipeline, so that every library, weight and word list is in memory."""
    for extractor in get_args(Extractor):
        for body, content_type in _PAGES:
            process(RawPage(url=_URL, body=body, content_type=content_type), Options(extractor=extractor))
    url_key(_URL)  # reads the list of public suffixes: 30 ms
