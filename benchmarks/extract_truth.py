"""Pages with what is true of them, as the benchmarks of extraction read them, and the ways in which they come.

A folder of sets, each a folder with `truth.jsonl.gz` (a JSON object a line: `html`, the page's file in that folder,
gzipped; `id`; and of `text`, `title`, `author`, `date`, `language`, `url`, `host`, `domain`, `page_type` what is known;
`no_author` and `no_date` where the page has none).
"""

import gzip
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from pagemill import RawPage
from pipeline.decoding.decode import Decoded, decode
from training.flatten import flatten
from workers.site_profiles import site_name

NOTICE = (
    "This website uses cookies. Some are necessary to help our website work properly and can't be switched off, and "
    "some are optional but can optimise your browsing experience.\nAccept all\nReject all\nManage settings\n"
)


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """A page: where it lies, whose it is, and what is true of it; "" and () where nobody says.

    `no_authors`, `no_day`: the page is known to have none. `kind`: its type. `domain`: what folds are made of.
    """

    path: Path
    dataset: str
    id: str
    domain: str
    url: str
    kind: str
    text: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    day: str = ""
    language: str = ""
    no_authors: bool = False
    no_day: bool = False

    @property
    def site(self) -> str:
        """What its profile is filed under; "" where the page's host is not known."""
        return site_name(self.url)


def read_truths(folder: Path, sets: Sequence[str] = ()) -> list[Truth]:
    """The pages of `sets` (none: of all), in the order of the sets."""
    truths = []
    for path in sorted(folder.glob("*/truth.jsonl.gz")):
        if sets and path.parent.name not in sets:
            continue
        with gzip.open(path) as lines:
            truths += [_truth(path.parent, msgspec.json.decode(line)) for line in lines]
    return truths


def sample(truths: list[Truth], limit: int) -> list[Truth]:
    """As many of them by lot, in their order, or all; with 0 all."""
    if not 0 < limit < len(truths):
        return truths
    return [truths[place] for place in sorted(random.Random(1).sample(range(len(truths)), limit))]


def _truth(folder: Path, row: dict[str, Any]) -> Truth:
    authors = row.get("author") or ()
    stated = row.get("language_source") == "truth"
    return Truth(
        path=folder / row["html"],
        dataset=folder.name,
        id=row["id"],
        domain=str(row.get("domain") or row.get("host") or row["id"]),
        url=_url(folder.name, row),
        kind=row.get("page_type") or "article",
        text=row.get("text") or "",
        title=row.get("title") or "",
        authors=(authors,) if isinstance(authors, str) else tuple(authors),
        day=row.get("date") or "",
        language=row.get("language") or "" if stated else "",
        no_authors=bool(row.get("no_author")),
        no_day=bool(row.get("no_date")),
    )


def _url(dataset: str, row: dict[str, Any]) -> str:
    """The page's address; one of its own for a page that came without."""
    if (row.get("url") or "").startswith(("http://", "https://")):
        return str(row["url"])
    name = quote(row["id"], safe="")
    return f"https://{row['host']}/{name}" if row.get("host") else f"file:///{dataset}/{name}"


def page_of(truth: Truth, way: str = "html") -> RawPage:
    """The page as it comes in this `way`."""
    with gzip.open(truth.path) as file:
        return as_it_comes(RawPage(url=truth.url, body=file.read()), truth, way)


def as_it_comes(page: RawPage, truth: Truth, way: str) -> RawPage:
    """`page` as it is; or, `way` being `text`, flattened, with what is named after it, each behind a `+`.

    `cookie`: a notice above. `double`: the title and the true text a second time below. `inscriptis`, `nodes`: what
    flattens it, and not resiliparse.
    """
    if way == "html":
        return page
    _, *wishes = way.split("+")
    flattener = next((wish for wish in wishes if wish in {"inscriptis", "nodes"}), "resiliparse")
    text = flatten(text_of(page), flattener)
    if "cookie" in wishes:
        text = NOTICE + text
    if "double" in wishes and truth.text:
        text = f"{text}\n\n{truth.title}\nPublished\n{truth.text}\n\nTop downloads in last 24 hours\nShow more\n"
    return RawPage(url=page.url, body=text.encode(), content_type="text/plain; charset=utf-8")


def text_of(page: RawPage) -> str:
    """The page's bytes as text, read in the one way that all systems share that want text; "" where it is none."""
    decoded = decode(page)
    return decoded.text if isinstance(decoded, Decoded) else ""
