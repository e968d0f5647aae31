import pytest
from hypothesis import given
from hypothesis import strategies as st

from pagemill import RawPage
from pipeline import Options, process
from pipeline.process import read_page
from pipeline.site_profile import MOST_BLOCKS, NAME, SiteProfile, add_imprint, read_profile

MENU = ["The mill", "News", "Subscribe to our letter", "Print this page"]
NOTICE = (
    "All grain that is left behind after the closing of the gate is kept for a year and a day, then given away. " * 2
)
LETTERS = str.maketrans("0123456789", "ghijklmnop")  # numbers are all alike
TOPICS = [
    "wheat",
    "water",
    "stones",
    "sacks",
    "wind",
    "horses",
    "bread",
    "taxes",
    "roofs",
    "rats",
    "locks",
    "eels",
    "nets",
    "mills",
]


TALE = """\
The miller says that {0} were never as dear as in the year in which the river froze,
and that he was a boy of six or seven then, too young to be sent out for them.

His sister, who keeps the books of the house, has another memory of it: for her,
{0} came in autumn, and went in spring again, as the herons do.

Whoever asks along the bank hears a third story too, in which a stranger traded {0}
for one single night beside the warm oven, and never gave a name.

What is certain stands in the parish register, where a clerk once counted {0} twice,
and drew a small bird in the margin, which nobody has explained.

Tonight the council meets; should it vote as it did the last time, then {0} will be
allowed again on the bridge from Monday on, carts and all."""
SAID = [line.replace("\n", " ") for line in TALE.split("\n\n")]


def body(topic):
    return [sentence.format(topic) for sentence in SAID]


def article(number):
    return number.to_bytes(NAME, "big") + bytes(16 - NAME)


def profile_of(*pages, most=8):
    """The profile that these pages leave, each a pair of its article's number and its blocks."""
    packed = b""
    for number, blocks in pages:
        sighting = read_profile(packed).look(blocks, article(number))
        packed = add_imprint(packed, sighting.imprint, most)
    return read_profile(packed)


def site(topics):
    return profile_of(*((number, [*MENU, *body(topic)]) for number, topic in enumerate(topics)))


def test_a_block_is_counted_by_the_articles_that_have_it():
    """What every page prints is seen on each, what one article says on none of the others."""
    sighting = site(TOPICS[:3]).look([*MENU, *body("ghosts")], article(99))
    assert (list(sighting.times), sighting.known) == ([3] * len(MENU) + [0] * 5, 3)


def test_an_article_is_never_compared_with_itself():
    """A page that is crawled again, or changed, sees the site as it would without its own imprint."""
    known = site(TOPICS[:4])
    sighting = known.look([*MENU, *body(TOPICS[2])], article(2))
    assert (list(sighting.times), sighting.known) == ([3] * len(MENU) + [0] * 5, 3)


@pytest.mark.parametrize("others", range(8))
def test_an_article_under_another_address_is_not_compared_with_itself(others):
    """However many pages are known, a mirror's paragraphs are not taken for the site's."""
    known = profile_of(
        *((number, [*MENU, *body(topic)]) for number, topic in enumerate(TOPICS[:others])),
        (50, [*MENU, *body("ghosts")]),
    )
    sighting = known.look([*MENU, *body("ghosts")], article(99))
    assert (list(sighting.times), sighting.known) == ([others] * len(MENU) + [0] * 5, others)


def test_a_copy_for_print_is_known_by_its_prose():
    """Where only the article itself is the same, and the page around it is another one."""
    known = profile_of((1, ["Print", *body("ghosts")]), (2, [*MENU, *body("sacks")]))
    sighting = known.look([*MENU, NOTICE, *body("ghosts")], article(99))
    assert list(sighting.times)[-5:] == [0] * 5


def test_a_notice_that_a_site_prints_everywhere_is_no_article():
    """Prose on more than one page is the site's: the pages that share it are still compared."""
    known = profile_of(*((number, [NOTICE, *body(topic)]) for number, topic in enumerate(TOPICS[:3])))
    sighting = known.look([NOTICE, *body("ghosts")], article(99))
    assert (list(sighting.times), sighting.known) == ([3, 0, 0, 0, 0, 0], 3)


def test_numbers_and_case_do_not_make_another_block():
    """A counter that goes on is still the same line."""
    known = profile_of((1, ["12 Comments", "Posted at 10:15"]))
    assert list(known.look(["7 comments", "posted at 9:05", "Comments"], article(2)).times) == [1, 1, 0]


def test_the_newest_articles_are_kept():
    """A site that changes its look is known anew after as many articles as are kept."""
    known = profile_of(*((number, [topic]) for number, topic in enumerate(TOPICS)), most=3)
    assert list(known.look(TOPICS, article(99)).times) == [0] * 11 + [1] * 3


def test_a_page_of_many_blocks_leaves_its_first_and_last():
    """What a page leaves is bounded."""
    blocks = [f"{number:x}".translate(LETTERS) for number in range(3 * MOST_BLOCKS)]
    packed = SiteProfile().look(blocks, article(1)).imprint
    assert len(packed) == NAME + 2 + 4 * MOST_BLOCKS
    times = list(read_profile(packed).look(blocks, article(2)).times)
    assert times == [1] * (MOST_BLOCKS // 2) + [0] * 2 * MOST_BLOCKS + [1] * (MOST_BLOCKS // 2)


def test_a_revision_names_the_content():
    """One profile has one revision, another one another, and none where nothing is known."""
    assert site(TOPICS[:2]).revision == site(TOPICS[:2]).revision
    assert len({site(TOPICS[:number]).revision for number in range(4)}) == 4
    assert SiteProfile().revision == read_profile(b"").revision == ""


def test_a_page_without_blocks_is_seen_nowhere():
    """No block, no count; and what is known is still told."""
    sighting = site(TOPICS[:2]).look([], article(99))
    assert (list(sighting.times), sighting.known) == ([], 2)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_profile_do_no_harm(packed):
    """Whatever lies under the key, a page can be held against it, and leave its imprint."""
    profile = read_profile(packed)
    imprint = profile.look(["The mill"], article(1)).imprint
    assert read_profile(add_imprint(packed, imprint, 3)).imprints[0].name


@given(st.lists(st.tuples(st.integers(0, 9), st.lists(st.text(max_size=9), max_size=9)), max_size=9))
def test_an_article_has_one_imprint(pages):
    """However often it comes, and in whatever order."""
    packed = b""
    for number, blocks in pages:
        packed = add_imprint(packed, SiteProfile().look(blocks, article(number)).imprint, 5)
    names = [imprint.name for imprint in read_profile(packed).imprints]
    wanted = list(dict.fromkeys(article(number)[:NAME] for number, _ in reversed(pages)))
    assert names == wanted[:5]


@given(st.lists(st.text(max_size=40), max_size=30))
def test_a_page_finds_all_of_its_blocks_again(blocks):
    """Every block of a page is counted on the next page that has it, whatever characters it holds."""
    known = read_profile(SiteProfile().look(blocks, article(1)).imprint)
    assert list(known.look(blocks, article(2)).times) == [1] * len(blocks)


def html(topic, *, menu):
    parts = "".join(f"<div class=part>{line}</div>" for line in menu)
    text = "".join(f"<p>{line}</p>" for line in body(topic))
    return f"<!doctype html><title>On {topic}</title><body>{parts}<main>{text}</main>"


def page(topic, number, *, kind="text/html"):
    menu = [*MENU, NOTICE]
    text = html(topic, menu=menu) if kind == "text/html" else "\n".join([*menu, *body(topic)])
    return RawPage(url=f"https://mill.example/{number}", body=text.encode(), content_type=kind)


@pytest.mark.parametrize("kind", ["text/html", "text/plain"])
def test_an_empty_profile_changes_nothing_but_what_is_learned(kind):
    """A cold start is a page alone."""
    options = Options(extractor="blocks")
    reading = read_page(page("ghosts", 1, kind=kind), options, SiteProfile())
    assert reading.result == process(page("ghosts", 1, kind=kind), options)
    assert reading.imprint
    assert not read_page(page("ghosts", 1, kind=kind), options).imprint


def test_a_page_leaves_what_it_was_first_read_as():
    """A second reading, of its lines as text, does not change what other pages of the site will know."""
    doubted, sure = Options(second_opinion=1.0), Options(second_opinion=0.0)
    readings = [read_page(page("ghosts", 1, kind="text/html"), options, SiteProfile()) for options in (doubted, sure)]
    assert [reading.result.extraction.method for reading in readings] == ["lines", "blocks"]
    assert readings[0].imprint == readings[1].imprint


@pytest.mark.parametrize("kind", ["text/html", "text/plain"])
def test_the_record_names_the_profile(kind):
    """And the same page with the same profile gives the same record."""
    options = Options(extractor="blocks")
    packed = b""
    for number, topic in enumerate(TOPICS[:4]):
        packed = add_imprint(
            packed, read_page(page(topic, number, kind=kind), options, read_profile(packed)).imprint, 8
        )
    profile = read_profile(packed)
    draft = process(page("ghosts", 50, kind=kind), options, profile)
    assert draft.extraction.profile == profile.revision
    assert draft == process(page("ghosts", 50, kind=kind), options, read_profile(packed))
    assert all(line in draft.text for line in body("ghosts"))


@pytest.mark.parametrize("kind", ["text/html", "text/plain"])
@pytest.mark.parametrize(("others", "copies"), [(0, 1), (2, 1), (6, 1), (14, 2)])
def test_copies_of_an_article_do_not_eat_it(kind, others, copies):
    """A page that was learned from under other addresses has the text that the site without them gives it."""
    options = Options(extractor="blocks")
    packed = b""
    for number, topic in enumerate(TOPICS[:others]):
        packed = add_imprint(packed, read_page(page(topic, number, kind=kind), options, SiteProfile()).imprint, 16)
    without = process(page("ghosts", 99, kind=kind), options, read_profile(packed)).text
    for number in range(copies):
        packed = add_imprint(
            packed, read_page(page("ghosts", 50 + number, kind=kind), options, SiteProfile()).imprint, 16
        )
    assert process(page("ghosts", 99, kind=kind), options, read_profile(packed)).text == without
