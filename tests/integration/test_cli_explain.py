"""`explain` as a user has it."""

import json

from pagemill.keys import Keys
from pagemill.page import RawPage
from pipeline import Options
from pipeline.process import read_page
from pipeline.site_profile import SiteProfile, add_imprint

SENTENCE = "The miller grinds the corn of all who come, and asks nobody where the wind is from today. "
MENU = "<nav>" + "".join(f"<a href=/{n}>Section {n}</a> " for n in range(9)) + "</nav>"


def write(folder, name, text, title="How it turns"):
    (folder / name).write_text(f"<title>{title}</title><body>{MENU}<article><h1>{title}</h1><p>{text}</p></article>")


def test_explain_writes_a_page_that_stands_alone(pagemill, tmp_path):
    """One HTML file with a policy and without a script; the terminal says nothing then."""
    write(tmp_path, "a.html", SENTENCE * 8, title="A <script>alert(1)</script> story")
    done = pagemill("explain", "a.html", "--html", "told.html")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    page = (tmp_path / "told.html").read_text("utf-8")
    assert "Content-Security-Policy" in page
    assert "<script" not in page
    assert "The miller grinds" in page


def test_explain_tells_programs_all_that_it_knows(pagemill, tmp_path):
    """The draft's own fields, and under `explanation` parts, sources, keys and times."""
    write(tmp_path, "a.html", SENTENCE * 8)
    told = json.loads(pagemill("explain", "a.html", "--json").stdout)
    assert (told["outcome"], told["title"]) == ("draft", "How it turns")
    explanation = told["explanation"]
    assert {part["fate"] for part in explanation["parts"]} >= {"kept", "unlikely"}
    assert explanation["sameness"]["text_key"] == told["content_hash"]
    assert explanation["stages"][0]["name"] == "decode"


def test_explain_tells_why_two_pages_are_the_same(pagemill, tmp_path):
    """What decided, what was measured, and what differs; as JSON too."""
    write(tmp_path, "a.html", SENTENCE * 8)
    write(tmp_path, "b.html", SENTENCE * 8, title="Another headline")
    write(
        tmp_path, "c.html", "Nothing of the kind was ever said about the bridge, the river or the boats on it today. "
    )
    same = pagemill("explain", "a.html", "b.html")
    assert "✓ the same article: the same text" in same.stdout
    assert "resemblance" in same.stdout
    other = json.loads(pagemill("explain", "a.html", "c.html", "--json").stdout)
    assert (other["same"], other["outcome"], other["decider"]) == (False, "published", "none")
    assert other["differences"]["count_b"] == 1


def test_explain_refuses_what_is_neither_one_page_nor_two(pagemill, tmp_path):
    """A mistake of usage is one line and exit code 2; a page without a record cannot be compared: 1."""
    write(tmp_path, "a.html", SENTENCE * 8)
    (tmp_path / "short.html").write_text("<p>short")
    assert pagemill("explain", "a.html", "a.html", "a.html").returncode == 2
    assert pagemill("explain", "a.html", "a.html", "--html", "x.html").returncode == 2
    done = pagemill("explain", "a.html", "short.html")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "too_short" in done.stderr


def test_explain_asks_a_mill_what_it_knows_of_the_site(pagemill, redis_client, redis_url):
    """With --redis parts tell on how many other articles of the site they stand; nothing is written there."""
    packed = b""
    for word in ("wheat", "water", "stones"):
        said = "".join(f"<p>{letter} is what the {word} was called, {word} after {word}. " * 4 for letter in "ABCDEF")
        body = f"<html><body>{MENU}<article><h1>Of {word}</h1>{said}</article></body></html>".encode()
        left = read_page(RawPage(url=f"https://a.example/{word}", body=body), Options(), SiteProfile())
        packed = add_imprint(packed, left.imprint, 10)
    redis_client.set(f"{Keys('pagemill').site}:a.example", packed)
    before = set(redis_client.keys())
    body = f"<html><body>{MENU}<article><h1>How it turns</h1><p>{SENTENCE * 8}</p></article></body></html>"
    line = json.dumps({"url": "https://www.a.example/1", "body": body})
    told = json.loads(pagemill("explain", "-", "--json", "--redis", redis_url, stdin=line).stdout)["explanation"]
    assert told["known"] == 3
    assert {part["seen"] for part in told["parts"] if "Section" in part["text"]} == {3}
    assert set(redis_client.keys()) == before
    assert json.loads(pagemill("explain", "-", "--json", stdin=line).stdout)["explanation"]["known"] is None
