"""The example pages: they are what their README says, and come out as it says, whoever takes them first."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

PAGES = Path(__file__).resolve().parent.parent / "examples" / "pages"
ROW = re.compile(r"^\| `([^`]+)` \| (.+) \| `(\w+)`(?: \(`(\w+)`\))? \|$", re.MULTILINE)
EXPECTED = {
    name: (outcome, reason or None) for name, _, outcome, reason in ROW.findall((PAGES / "README.md").read_text())
}
CHARSETS = {
    "03-four-fr.html": "windows-1252",
    "04-stantsiya-ru.html": "windows-1251",
    "05-kasa-ja.html": "shift_jis",
    "06-chaguan-zh.html": "gb18030",
    "08-mlyn-pl.html": "iso-8859-2",
    "09-huerto-es.html": "utf-8",
}
TITLES = {
    "01-lighthouse-en.html": ("The lighthouse that measured the sea", "en", "2025-03-14T06:30:00Z"),
    "02-bruecke-de.html": ("Die Brücke, die man abhören kann", "de", "2025-09-18T03:00:00Z"),
    "03-four-fr.html": ("Un four pour tout le village", "fr", "2024-11-05T05:15:00Z"),
    "04-stantsiya-ru.html": ("Библиотека на краю льда", "ru", "2025-02-20T09:40:00Z"),
    "05-kasa-ja.html": ("傘の壁がある駅", "ja", "2025-06-11T00:00:00Z"),
    "06-chaguan-zh.html": ("听水的茶馆", "zh", "2024-12-03T06:00:00Z"),
    "07-radio-ar.html": ("دكان لا يبيع شيئًا", "ar", "2025-01-23T15:00:00Z"),
    "08-mlyn-pl.html": ("Młyn, który oświetla szkołę", "pl", "2025-04-28T08:10:00Z"),
    "09-huerto-es.html": ("Treinta bañeras en la azotea", "es", "2025-05-17T06:00:00Z"),
    "10-comet-flat.txt": (
        "Comet followed for seventy-three nights from a single dome \u2013 Vega Alta observatory",
        "en",
        "2025-03-03T20:40:00Z",
    ),
}
FURNITURE = re.compile(
    r"cookie|Cookies|файлы|クッキー|ملفات تعريف|Show more|Mandatory credit|Top downloads|All rights|Read next"
    r"|Alle akzeptieren|À lire aussi|Читайте|関連記事|相关阅读|版权|Wszelkie prawa|Más noticias"
)


COPIES = {
    "01-lighthouse-en.html": "11-lighthouse-mirror.html",
    "02-bruecke-de.html": "12-bruecke-changed.html",
    "03-four-fr.html": "13-four-copy.html",
}


class Mill:
    """What `pagemill run` made of the example pages: its summary, records, and outcomes by file name."""

    def __init__(self, folder, *options):
        command = [Path(sys.prefix, "bin", "pagemill"), "run", PAGES, "--json", *options]
        outputs = ["--out", folder / "records.jsonl", "--outcomes", folder / "outcomes.jsonl"]
        variables = {name: value for name, value in os.environ.items() if not name.startswith("PAGEMILL_")}
        done = subprocess.run(
            [*command, *outputs], capture_output=True, text=True, cwd=folder, env=variables, check=False
        )
        assert done.returncode == 0, done.stderr
        self.summary = json.loads(done.stdout)
        self.raw = (folder / "records.jsonl").read_bytes()
        self.records = _lines(folder / "records.jsonl")
        self.outcomes = {_name(line): line for line in _lines(folder / "outcomes.jsonl")}


@pytest.fixture(scope="module")
def mill(tmp_path_factory):
    return Mill(tmp_path_factory.mktemp("mill"))


def test_the_table_names_every_file():
    """Each page has its row in the README, and each row its page."""
    files = {path.name for path in PAGES.iterdir()} - {"README.md"}
    assert set(EXPECTED) == files
    assert len(files) >= 12


@pytest.mark.parametrize("name", CHARSETS)
def test_a_page_is_in_the_charset_it_stands_for(name):
    """The bytes are text in that charset, and are not what a reader who guesses UTF-8 or Latin-1 would see."""
    body = (PAGES / name).read_bytes()
    text = body.decode(CHARSETS[name])
    assert TITLES[name][0] in text
    assert TITLES[name][0] not in body.decode("latin-1") or name == "03-four-fr.html"
    if CHARSETS[name] != "utf-8":
        with pytest.raises(UnicodeDecodeError):
            body.decode("utf-8")


def test_every_page_is_settled_as_the_table_says(mill):
    """Outcome and reason of each file are the README's."""
    settled = {name: (line["outcome"], line["reason"]) for name, line in mill.outcomes.items()}
    assert settled == EXPECTED


@pytest.mark.parametrize(("first", "second"), COPIES.items())
def test_a_copy_names_the_record_it_repeats(mill, first, second):
    """The later of two copies, or versions, points to the earlier."""
    assert mill.outcomes[second]["of"] == mill.outcomes[first]["id"]


def test_the_summary_accounts_for_every_page(mill):
    """As many pages as files, and the outcomes add up to them."""
    assert mill.summary["pages"] == len(EXPECTED)
    counts = {name: count for name, count in mill.summary["outcomes"].items() if count}
    assert counts == Counter(outcome for outcome, _ in EXPECTED.values())


@pytest.mark.parametrize("name", TITLES)
def test_title_language_and_time_are_found(mill, name):
    """What a page says of itself comes out, in UTF-8 and UTC, whatever its charset and zone."""
    title, language, published = TITLES[name]
    record = _record(mill, title)
    assert (record["language"], record["published_at"]) == (language, published)


@pytest.mark.parametrize("name", TITLES)
def test_the_text_is_the_article_alone(mill, name):
    """No text holds a cookie notice, a list of links or a footer."""
    assert not FURNITURE.findall(_record(mill, TITLES[name][0])["text"])


def test_the_flattened_page_comes_out_once(mill):
    """Five paragraphs in their order, each once, though the page has them twice."""
    text = _record(mill, TITLES["10-comet-flat.txt"][0])["text"]
    starts = [
        "Astronomers at the",
        "The comet, which",
        "Because the station",
        "The measurements show",
        "All pictures have",
    ]
    places = [text.index(start) for start in starts]
    assert places == sorted(places)
    assert places[0] == 0
    assert [text.count(start) for start in starts] == [1] * len(starts)


def test_the_hostile_page_is_only_a_page(mill):
    """It gives its article, without the scripts, and without a character that could move a terminal's cursor."""
    record = _record(mill, "The town that voted for the wrong time")
    assert "Four minutes" in record["text"]
    assert "alert" not in record["text"]
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", "".join(_strings(record)))


def test_a_second_run_gives_the_same_file(mill, tmp_path):
    """Run again, the records are the same, byte for byte."""
    assert Mill(tmp_path).raw == mill.raw


def test_two_workers_give_the_same_outcomes(mill, tmp_path):
    """Whichever of two copies is the first: the outcomes and reasons come to the same."""
    two = Mill(tmp_path, "--workers", "2")
    assert two.summary["outcomes"] == mill.summary["outcomes"]
    assert two.summary["reasons"] == mill.summary["reasons"]
    assert {record["title"] for record in two.records} == {record["title"] for record in mill.records}


def _record(mill, title):
    """The first version of the record with this title."""
    return next(record for record in mill.records if record["title"] == title)


def _strings(value):
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in parts for text in _strings(part)]


def _lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _name(line):
    return unquote(Path(urlsplit(line["url"]).path).name)
