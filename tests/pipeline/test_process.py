# ruff: noqa: RUF001  texts in their own scripts
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pagemill import RawPage, RejectReason
from pipeline import Draft, Options, Rejected, process, warm_up

ARTICLES = {
    "en": "The miller grinds the corn of all who come to the river, and asks nobody where the wind is from today. ",
    "de": "Der Müller mahlt das Korn für alle, die an den Fluss kommen, und fragt nicht, woher der Wind heute weht. ",
    "ru": "Мельница мелет зерно каждый день, и мука её славится по всей округе, а хозяин встаёт до рассвета. ",
    "pl": "Młyn miele zboże każdego dnia, a mąka jest znana w całej okolicy, bo młynarz wstaje przed świtem. ",
    "ja": "水車小屋は毎日穀物を挽いています。村の人々は新しい小麦粉を買いに来ます。主人は夜明け前に起きます。",
    "zh": "磨坊每天都在磨粮食，村里的人都来买新鲜的面粉。主人天不亮就起床，一直工作到晚上才休息。",
    "th": "โรงสีข้าวทำงานทุกวัน ชาวบ้านมาซื้อแป้งสดใหม่ เจ้าของตื่นก่อนรุ่งสางและทำงานจนถึงค่ำ ",
    "ar": "تطحن الطاحونة الحبوب كل يوم ويأتي أهل القرية لشراء الدقيق الطازج ويستيقظ الطحان قبل الفجر. ",
}
CHARSETS = {
    "de": "iso-8859-15",
    "ru": "windows-1251",
    "pl": "iso-8859-2",
    "ja": "shift_jis",
    "zh": "gb18030",
    "th": "tis-620",
    "ar": "windows-1256",
}
NOON = datetime(2024, 5, 2, 12, 0, tzinfo=UTC)


def markup(language):
    paragraphs = "".join(f"<p>{number}. {ARTICLES[language] * 2}</p>" for number in range(1, 6))
    return (
        f"<!DOCTYPE html><html lang={language}><head><meta charset={CHARSETS.get(language, 'utf-8')}>"
        "<title>The mill | Mill News</title><meta property='og:site_name' content='Mill News'>"
        "<meta name=author content='Ada Miller'><link rel=canonical href='/mill?utm_source=x'>"
        "<meta property='article:published_time' content='2024-05-01T10:00:00+02:00'></head>"
        f"<body><nav><a href=/>Home</a> <a href=/b>More</a></nav><article><h1>The mill</h1>{paragraphs}</article>"
        "<footer>All rights reserved</footer></body></html>"
    )


def page(language="en", **changes):
    fields = {
        "url": "https://www.mill.example/mill?utm_campaign=y",
        "body": markup(language).encode(CHARSETS.get(language, "utf-8")),
        "content_type": "text/html",
        "fetched_at": NOON,
    }
    return RawPage(**{**fields, **changes})


def draft_of(raw, options=None):
    draft = process(raw, options) if options else process(raw)
    assert isinstance(draft, Draft)
    return draft


@pytest.mark.parametrize("language", sorted(ARTICLES))
def test_an_article_comes_out_in_its_language(language):
    """In eight languages and charsets the body comes out whole and in order, without navigation or footer."""
    draft = draft_of(page(language))
    paragraphs = [line for line in draft.text.split("\n\n") if line[0].isdigit()]
    assert [" ".join(line.split()) for line in paragraphs] == [
        " ".join(f"{number}. {ARTICLES[language] * 2}".split()) for number in range(1, 6)
    ]
    assert "Home" not in draft.text
    assert "rights" not in draft.text
    assert draft.language == language
    assert draft.warnings == ()
    assert draft.extraction.method == "blocks"


def test_a_draft_holds_what_the_page_says_of_itself():
    """Title, author, time in UTC, site, addresses, and what the caller sent along."""
    draft = draft_of(page(source="spider", meta={"depth": 3}, id="mine"))
    assert draft.id == "mine"
    assert draft.url == "https://www.mill.example/mill?utm_campaign=y"
    assert draft.canonical_url == "https://www.mill.example/mill"
    assert draft.host == "www.mill.example"
    assert draft.title == "The mill"
    assert draft.authors == ("Ada Miller",)
    assert draft.published_at == datetime(2024, 5, 1, 8, 0, tzinfo=UTC)
    assert draft.published_zone == "+02:00"
    assert draft.site_name == "Mill News"
    assert draft.source == "spider"
    assert draft.meta == {"depth": 3}
    assert draft.fetched_at == NOON
    assert len(draft.content_hash) == 32


def test_times_are_in_utc():
    """The time of the fetch is turned to UTC, whatever zone it came in."""
    fetched = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert draft_of(page(fetched_at=fetched)).fetched_at.isoformat() == "2024-05-02T12:00:00+00:00"


def test_flattened_text_is_a_page_too():
    """Text without markup gives its title and its body once."""
    paragraphs = [
        "The old mill by the river has a new owner since Monday, and she means to grind wheat for the whole valley.",
        "Her family has baked bread in the village for three generations, and flour from afar has become dear.",
        "Farmers who used to drive forty kilometres say that they will bring their corn to the river again next year.",
        "The wheel needs two weeks of repair, the council says, and the first sack of flour is promised for autumn.",
    ]
    body = "\n\n".join(["A new miller for the old mill", "2 May 2024, 10:00 UTC", *paragraphs, *paragraphs])
    draft = draft_of(page(body=body.encode(), content_type="text/plain"))
    assert draft.title == "A new miller for the old mill"
    assert draft.text.split("\n\n") == paragraphs
    assert draft.published_at == datetime(2024, 5, 2, 10, 0, tzinfo=UTC)
    assert draft.extraction.method == "flattened"


REFUSED = [
    ({"status": 404}, RejectReason.HTTP_ERROR),
    ({"status": 503, "body": b""}, RejectReason.HTTP_ERROR),
    ({"body": b" \n "}, RejectReason.EMPTY),
    ({"body": b"%PDF-1.4"}, RejectReason.NOT_HTML),
    ({"body": b"{}", "content_type": "application/json"}, RejectReason.NOT_HTML),
    ({"body": b"<html><body><script>let words = 1</script></body></html>"}, RejectReason.EMPTY),
    ({"body": b"<!-- nothing -->"}, RejectReason.EMPTY),
    ({"body": b"<html><body><p>Too few words.</p></body></html>"}, RejectReason.TOO_SHORT),
    ({"body": b"Too few words.", "content_type": "text/plain"}, RejectReason.TOO_SHORT),
    ({"body": ("\ufffd" * 99).encode(), "content_type": "text/plain"}, RejectReason.UNDECODABLE),
]


@pytest.mark.parametrize(("changes", "reason"), REFUSED)
def test_the_fault_of_a_page_is_a_value(changes, reason):
    """Each reason of the closed set is answered, with one line for a person, and nothing raises."""
    refused = process(page(**changes))
    assert isinstance(refused, Rejected)
    assert refused.reason is reason
    assert refused.detail
    assert refused.detail.isprintable()


def test_a_language_that_was_not_asked_for_is_refused():
    """With languages set, a page in another one gives no record."""
    refused = process(page("pl"), Options(languages=("en", "de")))
    assert isinstance(refused, Rejected)
    assert refused.reason is RejectReason.WRONG_LANGUAGE


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_same_page_gives_the_same_bytes_in_another_process(language):
    """Nothing depends on the day, the process, or the seed of its hashes."""
    expected = msgspec.json.encode(draft_of(page(language)))
    script = (
        "import sys, msgspec; from pagemill import RawPage; from pipeline import process;"
        "page = msgspec.json.decode(sys.stdin.buffer.read(), type=RawPage);"
        "sys.stdout.buffer.write(msgspec.json.encode(process(page)))"
    )
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", script],
            input=msgspec.json.encode(page(language)),
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo"},
        )
        assert done.stdout == expected
        assert done.stderr == b""


@pytest.mark.parametrize("language", sorted(ARTICLES))
def test_a_draft_survives_json(language):
    """What is encoded is decoded to an equal draft."""
    draft = draft_of(page(language, meta={"a": [1, None, "ü"]}))
    assert msgspec.json.decode(msgspec.json.encode(draft), type=Draft) == draft


def test_half_characters_do_not_reach_the_draft():
    """Lone surrogates, from the caller or from a page's escapes, are replaced: JSON cannot hold them."""
    body = markup("en").replace(
        "</head>",
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Mill \\ud800 here",'
        ' "articleSection": "\\udc00x", "author": {"name": "A\\ud83d B"}}</script></head>',
    )
    draft = draft_of(page(body=body.encode(), meta={"k\ud800": ["\ud800"]}))
    msgspec.json.encode(draft)
    assert draft.meta == {"k\ufffd": ["\ufffd"]}


def test_what_was_mended_is_said():
    """Warnings are short and stable: the charset's, the parser's and the extractor's."""
    body = markup("ru").replace("<article>", "<div>" * 400 + "<article>").encode("cp1251")
    draft = draft_of(page(body=body, content_type="text/html; charset=utf-8"))
    assert draft.warnings == ("charset: declared utf-8, is windows-1251", "deep_nesting")
    assert ARTICLES["ru"].split()[0] in draft.text


def test_the_notice_on_cookies_is_counted_as_removed():
    """What a rule takes out of the text is counted by rule."""
    paragraphs = "".join(f"<p>{ARTICLES['en'] * 2}{number}.</p>" for number in range(4))
    repeated = f"<html><body><article>{paragraphs}{paragraphs}</article></body></html>"
    draft = draft_of(page(body=repeated.encode()))
    assert draft.extraction.removed["repeats"] > 300
    assert draft.text.count("0.") == 1


def test_warming_up_is_quiet(capsys):
    """What workers call before they fork prints nothing and raises nothing, as often as it is called."""
    warm_up()
    warm_up()
    assert capsys.readouterr() == ("", "")


def test_the_pipeline_imports_no_redis():
    """A notebook that imports process() loads neither redis nor rq nor structlog."""
    script = "import sys, pipeline; sys.exit(bool({'redis', 'rq', 'structlog'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", script], check=True)


SOUP = (
    "<p>|</p>|<div class=x>|<table><tr><td>|<a href='//x'>|<script>|</script>|<!--|-->|&#0;|&amp;lt;|\0|\ud800"
    "|<meta charset=utf-7>|<title>|<li>|<br>|<pre>|ä|磨坊| word word word word word "
)
PIECES = st.sampled_from(SOUP.split("|"))


@settings(max_examples=150)
@given(st.lists(PIECES, max_size=40), st.sampled_from(["utf-8", "utf-16", "cp1252", "gb18030"]))
def test_no_page_makes_process_raise(pieces, charset):
    """Any soup of markup gives a draft that can be written as JSON, or a refusal."""
    body = "".join(pieces).encode(charset, "replace")
    answer = process(RawPage(url="https://mill.example/a", body=body))
    assert isinstance(answer, (Draft, Rejected))
    msgspec.json.encode(answer)


def test_markdown_is_made_when_asked_for_and_of_the_same_text():
    """Off it is None; on it has the text's words, less what the rules took, with the page's structure."""
    sentence = "The miller grinds the corn of all who come, and asks nobody where the wind is from. "
    inner = f"<h1>The mill</h1><p>{sentence * 4}</p><h2>Its parts</h2><ul><li>{sentence}</li><li>{sentence}*</li></ul>"
    body = f"<html><head><title>The mill</title></head><body><article>{inner}<p>{sentence * 4}</p></article></body>"
    given = RawPage(url="https://mill.example/a", body=body.encode())
    assert draft_of(given).markdown is None
    draft = process(given, Options(markdown=True))
    assert f"## Its parts\n\n- {sentence.strip()}\n- {sentence.strip()} \\*" in draft.markdown
    assert "# The mill\n" not in draft.markdown  # the masthead went
    assert draft.markdown.replace("## ", "").replace("\\", "") == draft.text


def test_markdown_of_a_flattened_page_shows_its_lines():
    """Paragraphs and lines stay, and signs are escaped."""
    lines = ["# The miller says *nothing* of the wind, and grinds the corn of all who come to him today."] * 1
    lines += [
        f"Number {n}: the mill turns in the wind, and nobody asks the miller why it does so today." for n in range(6)
    ]
    given = RawPage(url="https://mill.example/a", body="\n\n".join(lines).encode(), content_type="text/plain")
    draft = process(given, Options(markdown=True))
    assert draft.markdown.replace("\\", "") == draft.text
    assert "\\*nothing\\*" in draft.markdown


@pytest.mark.parametrize(("wish", "inside"), [("drop", False), ("keep", True)])
def test_captions_stay_or_go_as_one_wishes(wish, inside):
    """The setting decides, whatever the extractor thinks."""
    sentence = "The miller grinds the corn of all who come, and asks nobody where the wind is from. "
    figure = "<figure><img src=a><figcaption>The mill seen from the river</figcaption></figure>"
    body = f"<html><body><article><h1>A</h1><p>{sentence * 5}</p>{figure}<p>{sentence[4:] * 5}</p></article></body>"
    given = RawPage(url="https://mill.example/a", body=body.encode())
    assert ("seen from the river" in process(given, Options(captions=wish)).text) == inside
