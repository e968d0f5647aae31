import pytest

from pipeline.metadata.titles import choose_title, site_labels, without_site


@pytest.mark.parametrize(
    "title",
    [
        "The old bridge falls | The Valley Post",
        "The old bridge falls - thevalleypost.example",
        "The Valley Post: The old bridge falls",
        "The old bridge falls \u2014 The Valley Post \u2014 valleypost",
        "The old bridge falls",
    ],
)
def test_the_sites_name_goes_from_both_ends(title):
    """Segments that only repeat a name of the site are cut, however they are joined."""
    assert without_site(title, ["thevalleypost", "valleypost", "thevalleypostexample"]) == "The old bridge falls"


def test_a_title_of_several_parts_keeps_those_that_name_no_site():
    """A colon or a dash inside a headline is the headline's."""
    assert without_site("Floods: what to do - a guide", ["thevalleypost"]) == "Floods: what to do - a guide"


def test_the_heading_that_a_stated_title_repeats_wins():
    """Readers see the heading; og:title is often cut for networks."""
    headings = ["The Valley Post", "The old bridge over the river falls at last", "Read more"]
    assert choose_title(headings, ["The old bridge over the river falls"], ["The Valley Post"]) == headings[1]


def test_a_stated_title_beats_a_heading_that_nothing_repeats():
    """The first h1 of many pages is a logo or a section."""
    assert (
        choose_title(["Politics"], ["The old bridge falls | The Valley Post"], ["The Valley Post"])
        == "The old bridge falls"
    )


def test_a_section_before_the_headline_is_cut_when_the_stated_title_lacks_it():
    """Some sites print the section into the heading."""
    assert choose_title(["Politics | The old bridge falls"], ["The old bridge falls"], []) == "The old bridge falls"


def test_a_page_that_says_nothing_has_no_title_and_the_sites_name_is_better_than_none():
    """A front page's title is the site's name."""
    assert choose_title([], [], ["The Valley Post"]) is None
    assert choose_title([], ["The Valley Post"], ["The Valley Post"]) == "The Valley Post"


def test_a_host_gives_the_labels_that_may_be_the_sites_name():
    """Prefixes and suffixes are no names; an address that is none has none."""
    assert site_labels("https://www.valleypost.co.uk/a") == ["valleypost.co.uk", "valleypost"]
    assert site_labels("http://[::1") == []
