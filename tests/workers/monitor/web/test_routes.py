"""What the monitor answers to what, on a real server."""

from contextlib import ExitStack
from threading import Barrier, Thread

import httpx
import msgspec
import pytest

from workers.connection import connect
from workers.embedded import embedded_server
from workers.monitor.snapshot import take_snapshot
from workers.monitor.web.routes import ROUTES
from workers.monitor.web.serving import Monitor
from workers.settings import Settings


def test_the_status_is_the_snapshot_with_a_verdict(site, redis_client, settings):
    """The same value that `status` prints."""
    told = site.get("/api/status").json()
    assert told["snapshot"].keys() == msgspec.to_builtins(take_snapshot(redis_client, settings)).keys()
    assert told["verdict"] == {"level": "good", "headline": "Ready: no page was pushed yet", "findings": []}
    assert told["problem"] == ""
    assert told["takes_token"] is True
    assert told["may_change"] is False


def test_who_gives_the_token_is_told_so(site, bearer):
    """The page shows its buttons then."""
    assert site.get("/api/status", headers=bearer).json()["may_change"] is True


@pytest.mark.parametrize("path", sorted({*ROUTES, "/", "/static/page.js", "/nothing", "/api/dead/1-1"}))
def test_every_answer_forbids_what_the_page_has_no_need_of(site, path):
    """Scripts and styles are our files; nothing else is loaded, framed, or kept."""
    headers = site.get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "connect-src", "img-src")} == {"'self'"}
    assert {policy[name] for name in ("base-uri", "form-action", "frame-ancestors")} == {"'none'"}
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == ("no-cache" if path in ("/", "/static/page.js") else "no-store")
    assert "set-cookie" not in headers
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("path", ["/", "/static/page.js", "/static/page.css", "/static/icon.svg"])
def test_a_file_of_the_page_is_sent_again_only_when_it_has_changed(site, path):
    """By its ETag."""
    first = site.get(path)
    again = site.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    assert again.content == b""


@pytest.mark.parametrize(
    "path",
    [
        "/static/../serving.py",
        "/static/%2e%2e/serving.py",
        "/static/",
        "/static/none.js",
        "/api",
        "/api/",
        "/api/none",
        "/index.html",
        "/api/dead/1-1/2",
    ],
)
def test_there_is_nothing_but_what_is_named(site, path):
    """No path leads to a file that is not the page's."""
    assert site.get(path).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "POST"])
def test_what_is_read_is_not_written(site, bearer, method):
    """Whoever asks."""
    refused = site.request(method, "/api/status", headers=bearer)
    assert refused.status_code in (405, 501)


@pytest.mark.parametrize("action", ["replay", "drop"])
def test_nothing_changes_by_get_or_without_the_token(site, bury, bearer, action):
    """A link, a form, a script of another site can do no more than that."""
    (letter,) = bury()
    path, body = f"/api/dead/{action}", msgspec.json.encode({"letters": [letter]})
    assert site.get(path, headers=bearer, params={"letters": letter}).status_code == 405
    assert site.post(path, content=body).status_code == 401
    assert site.post(path, content=body, headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert site.get(f"/api/dead/{letter}").status_code == 200


def test_a_letter_is_replayed_once(bury, act, redis_client, settings):
    """It lies on its queue then; asked again, it is gone."""
    letters = bury(2)
    assert act("replay", letters[0]) == {"done": [letters[0]], "gone": []}
    assert act("replay", *letters) == {"done": [letters[1]], "gone": [letters[0]]}
    assert redis_client.xlen(settings.keys.pages("default")) == 2


def test_a_letter_is_dropped(bury, act, redis_client, settings):
    """For good, and no other."""
    letters = bury(2)
    assert act("drop", letters[1])["done"] == [letters[1]]
    assert [entry.decode() for entry, _ in redis_client.xrange(settings.keys.dead)] == [letters[0]]


def test_a_form_of_another_site_is_no_change(site, bury, bearer):
    """A form cannot send JSON, and a script that does is asked about first: that question is refused."""
    (letter,) = bury()
    body = msgspec.json.encode({"letters": [letter]})
    sent = site.post("/api/dead/drop", content=body, headers={**bearer, "Content-Type": "text/plain"})
    assert sent.status_code == 415
    asked = site.options("/api/dead/drop", headers={"Origin": "https://evil.example"})
    assert asked.status_code >= 400
    assert "access-control-allow-origin" not in asked.headers


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"letters": []}',
        b'{"letters": ["*"]}',
        b'{"letters": ["1-1"], "all": true}',
        b"[" * 100_000,
        b'{"letters": ["1-1\n"]}',
    ],
)
def test_a_change_names_letters_by_their_ids(site, bearer, body):
    """Nothing else is understood."""
    assert site.post("/api/dead/drop", content=body, headers=bearer).status_code == 400


def test_dead_letters_come_newest_first_in_pieces(site, bury):
    """Each piece says where to go on."""
    letters = bury(5)
    first = site.get("/api/dead", params={"most": 3}).json()
    rest = site.get("/api/dead", params={"most": 3, "before": first["next"]}).json()
    assert [one["letter"] for one in first["letters"] + rest["letters"]] == letters[::-1]
    assert rest["next"] is None
    assert "fields" not in first["letters"][0]


def test_dead_letters_are_chosen_by_reason_and_host(site, bury):
    """Of all that lie."""
    bury(3)
    (wanted,) = bury(1, dead_reason="timeout", dead_host="other.example")
    bury(3)
    for query in ({"reason": "timeout"}, {"host": "other.example"}, {"reason": "timeout", "host": "other.example"}):
        found = site.get("/api/dead", params=query).json()
        assert [one["letter"] for one in found["letters"]] == [wanted]


def test_a_letter_is_shown_whole_but_for_what_nobody_reads(site, bury):
    """Its page as text, cut at 200,000 characters; bytes that are no UTF-8 escaped."""
    (letter,) = bury(1, body=b"\xff<script>" + b"x" * 300_000, headers='{"Server": "x"}')
    told = site.get(f"/api/dead/{letter}").json()
    assert told["text"].startswith("\\xff<script>xxx")
    assert len(told["text"]) == 200_000
    assert told["characters"] == 300_012
    assert told["detail"] == "Traceback\nSIGSEGV"
    assert told["fields"]["headers"] == '{"Server": "x"}'


@pytest.mark.parametrize("path", ["/api/dead/9-9", "/api/dead/x", "/api/dead/-", "/api/records/9-9", "/api/records/+"])
def test_what_is_not_there_is_not_found(site, path):
    """Nor what is no id."""
    assert site.get(path).status_code == 404


@pytest.mark.parametrize("query", ["most=x", "most=", "before=x", "before=(1-1", "before=1"])
@pytest.mark.parametrize("path", ["/api/dead", "/api/records"])
def test_a_question_that_makes_no_sense_is_refused(site, path, query):
    """Redis is not asked."""
    assert site.get(f"{path}?{query}").status_code == (200 if query == "before=" else 400)


def test_records_come_newest_first_in_pieces(site, publish):
    """Without their texts."""
    entries = publish(5)
    first = site.get("/api/records", params={"most": 3}).json()
    rest = site.get("/api/records", params={"most": 3, "before": first["next"]}).json()
    assert [one["entry"] for one in first["records"] + rest["records"]] == entries[::-1]
    assert rest["next"] is None
    assert "text" not in first["records"][0]
    assert first["records"][0]["words"] == 2


def test_a_piece_of_huge_records_ends_early(site, publish):
    """So that nobody has the monitor hold hundreds of megabytes."""
    publish(3, text="x" * 5_000_000)
    first = site.get("/api/records").json()
    assert len(first["records"]) == 2
    assert first["next"]


def test_a_record_is_shown_whole(site, publish):
    """All its fields, and its text up to 200,000 characters."""
    (entry,) = publish(1, title="Title", text="y" * 200_001)
    told = site.get(f"/api/records/{entry}").json()
    assert told["title"] == "Title"
    assert len(told["text"]) == 200_000
    assert told["characters"] == 200_001


@pytest.mark.parametrize("body", [b"", b"no JSON", b"[1]", b'{"text": 1}', b"[" * 50_000, b"\xff"])
def test_an_entry_that_is_no_record_says_so(site, redis_client, settings, body):
    """Whoever may XADD puts there what they like."""
    entry = redis_client.xadd(settings.keys.records, {"body": body}).decode()
    assert site.get("/api/records").json()["records"][0]["warnings"] == ["this entry is no record"]
    assert site.get(f"/api/records/{entry}").json()["warnings"] == ["this entry is no record"]


def test_metrics_are_those_of_the_snapshot(site):
    """In Prometheus's text format."""
    told = site.get("/metrics")
    assert told.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "pagemill_up 1.0" in told.text


def test_a_long_answer_is_packed_for_who_can_unpack_it(site):
    """A page that is watched asks each second."""
    packed = site.get("/metrics", headers={"Accept-Encoding": "gzip"})
    plain = site.get("/metrics", headers={"Accept-Encoding": "identity"})
    assert (packed.headers.get("content-encoding"), plain.headers.get("content-encoding")) == ("gzip", None)
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert [line for line in packed.text.splitlines() if line[0] == "#"] == [
        line for line in plain.text.splitlines() if line[0] == "#"
    ]


def test_health_is_progress(site, redis_client, settings, eventually):
    """A page that waits and no worker is no health."""
    assert site.get("/healthz").json() == {"ok": True, "reasons": []}
    redis_client.sadd(settings.keys.queues, "default")
    redis_client.xadd(settings.keys.pages("default"), {"url": "https://mill.example/1", "body": "x"})
    told = eventually(lambda: (answer := site.get("/healthz")).status_code == 503 and answer)
    assert told.json() == {"ok": False, "reasons": ["no_worker"]}


def test_many_viewers_cost_redis_one_snapshot(site, redis_client):
    """They share it for a second."""
    site.get("/api/status")
    before = redis_client.info("stats")["total_commands_processed"]
    gate = Barrier(8)

    def view():
        gate.wait()
        for _ in range(5):
            site.get("/api/status")

    threads = [Thread(target=view) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert redis_client.info("stats")["total_commands_processed"] - before < 40 * 3


def test_a_redis_that_is_away_is_told_and_the_last_figures_stay(eventually):
    """The monitor lives on: no answer is older than it says, and none is invented."""
    with ExitStack() as stack:
        with embedded_server() as server:
            client = stack.enter_context(connect(server.url, tries=0))
            monitor = stack.enter_context(Monitor(client, Settings(), listen="127.0.0.1:0", token=""))
            site = stack.enter_context(httpx.Client(base_url=monitor.url, timeout=60, trust_env=False))
            eventually(lambda: site.get("/api/status").json()["snapshot"])
        told = eventually(lambda: (answer := site.get("/api/status").json())["problem"] and answer)
        assert told["snapshot"]
        assert "Redis at unix:" in told["problem"]
        assert site.get("/api/dead").status_code == 503
        assert "pagemill_up 0.0" in site.get("/metrics").text
        assert site.get("/").status_code == 200


def test_settled_pages_are_searched_and_one_is_explained(site, redis_client, settings):
    """What the commit told of each page, by what is asked for."""
    for number in range(3):
        told = {"id": f"p{number}", "url": f"https://mill.example/{number}", "outcome": "rejected", "reason": "empty"}
        redis_client.xadd(settings.keys.settled, told)
    found = site.get("/api/settled", params={"host": "mill.example", "reason": "empty", "most": 2}).json()
    assert [page["id"] for page in found["pages"]] == ["p2", "p1"]
    rest = site.get("/api/settled", params={"before": found["next"]}).json()
    assert [page["id"] for page in rest["pages"]] == ["p0"]
    told = site.get("/api/why", params={"url": "https://MILL.example/1#top"}).json()
    assert [decision["page"]["id"] for decision in told["decisions"]] == ["p1"]


@pytest.mark.parametrize("query", ["/api/why", "/api/why?url=", "/api/why?url=" + "x" * 3_000, "/api/settled?before=x"])
def test_a_search_that_asks_nothing_is_refused(site, query):
    """Nor is one beyond all addresses looked for."""
    assert site.get(query).status_code == 400


def test_a_letter_is_tried_without_being_settled(site, bury, redis_client, settings):
    """Then and now, beside each other."""
    (letter,) = bury(1, body="<p>Too short.")
    told = site.post("/api/dead/try", json={"letters": [letter]}).json()
    assert (told["then"], told["verdict"], told["reason"], told["is_mended"]) == (
        "crashed",
        "rejected",
        "too_short",
        True,
    )
    assert redis_client.xlen(settings.keys.dead) == 1
