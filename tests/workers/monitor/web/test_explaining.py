"""Pages explained in a process of their own."""

import msgspec
import pytest

from workers.monitor.web.serving import Monitor

PAGE = (
    "<html><body><nav><a href='/'>Home</a> <a href='/all'>All stories</a></nav><article><h1>The mill</h1>"
    + "".join(
        f"<p>Sentence {n} of the story tells how wheel {n} drives stone {n}, day after day, by the river.</p>"
        for n in range(9)
    )
    + "</article></body></html>"
)
JSON = {"Content-Type": "application/json"}


def test_a_page_is_explained_part_by_part(site):
    """What was kept and what was not, in the page's order, with each fate in words."""
    told = site.post("/api/explain", json={"url": "https://mill.example/1", "body": PAGE}).json()
    fates = {part["text"].split()[0]: part["fate"] for part in told["explanation"]["parts"]}
    assert fates["Sentence"] == "kept"
    assert fates["Home"] != "kept"
    assert told["why"]["kept"]
    assert told["parts"] == len(told["explanation"]["parts"])


def test_a_dead_letter_is_explained(site, bury):
    """By its id: the page as it was pushed."""
    (letter,) = bury(1, body=PAGE)
    told = site.post("/api/explain", json={"letter": letter}).json()
    assert told["explanation"]["url"] == "https://mill.example/0"
    assert told["explanation"]["draft"]["title"] == "The mill"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"letter": "9-9"}, 404),
        ({"letter": "*"}, 404),
        ({"url": "no address", "body": "x"}, 422),
        ({"url": "https://mill.example/", "body": "x", "options": {}}, 400),
        ([], 400),
    ],
)
def test_what_cannot_be_explained_is_refused(site, asked, status):
    """With a sentence that says why."""
    refused = site.post("/api/explain", json=asked)
    assert refused.status_code == status
    assert refused.json()["error"]


def test_a_form_of_another_site_explains_nothing(site):
    """It cannot send JSON without a question that is never answered."""
    body = msgspec.json.encode({"url": "https://mill.example/", "body": PAGE})
    assert site.post("/api/explain", content=body, headers={"Content-Type": "text/plain"}).status_code == 415


def test_a_page_that_takes_too_long_is_given_up(redis_client, settings, serve):
    """And the monitor goes on."""
    short = msgspec.structs.replace(settings, page_seconds=0.01)
    with Monitor(redis_client, short, listen="127.0.0.1:0") as monitor:
        site = serve()
        refused = site.post(f"{monitor.url}api/explain", json={"url": "https://mill.example/1", "body": PAGE * 200})
        assert refused.status_code == 422
        assert "SIGPROF" in refused.json()["error"]
        assert site.get(f"{monitor.url}healthz").status_code == 200
