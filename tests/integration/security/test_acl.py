"""The users of deploy/redis/users.acl: the whole mill works with them, and what is not theirs is refused."""

import json
import os
import subprocess
from pathlib import Path

import httpx
import pytest
from redis.exceptions import AuthenticationError, NoPermissionError, ResponseError

from pagemill import Consumer, Producer
from pagemill.errors import PagemillError
from workers.connection import connect
from workers.monitor.web.serving import Monitor
from workers.settings import Settings
from workers.store.redis_store import RedisStore


def page(number):
    """A page unlike those of other numbers."""
    story = " ".join(f"Sentence {i} of {number} tells of wheel {number}{i} and stone {number}{i}." for i in range(9))
    return {
        "url": f"https://a.example/{number}",
        "body": f"<h1>Story {number}</h1><p>{story}</p>",
    }


def denied(server):
    """What the server refused, user by user; a client's own name is not of interest."""
    told = server.admin.acl_log()
    return {(one["username"], one["object"]) for one in told if one["object"] != "client|setinfo"}


def test_the_whole_mill_works_with_these_users(guarded_mill):
    """Push, mill, read, watch, look at and replay a dead letter, audit: each with its own user, and nothing refused."""
    guarded = guarded_mill.guarded
    with Producer(guarded.url("producer")) as producer:
        for number in range(4):
            producer.push(url=page(number)["url"], body=page(number)["body"].encode())
    with guarded.client("scraper-news") as scraper:
        scraper.xadd("pagemill:pages:news", page("news"))
        scraper.xadd("pagemill:pages:news", {"url": "https://a.example/none"})
        assert scraper.xlen("pagemill:pages:news") == 2
    guarded_mill.start(
        "worker", "--workers", "2:3", "--queues", "default,news",
        PAGEMILL_REDIS_URL=guarded.url("worker"), PAGEMILL_LEASE_SECONDS="2", PAGEMILL_CLAIM_SECONDS="1",
    )  # fmt: skip

    def seen():
        done = guarded_mill("status", "--json", "--redis", guarded.url("monitor"))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    guarded.until(lambda: seen()["settled"] == 6, "six settled pages")
    assert {one["name"]: one["total"] for one in seen()["outcomes"]}["published"] == 5
    assert len(seen()["workers"]) == 2
    with Consumer(guarded.url("consumer"), group="index", follow=False) as records:
        assert len(list(records)) == 5
    done = guarded_mill("records", "--group", "file", "--to", "records.jsonl", "--redis", guarded.url("consumer"))
    assert done.returncode == 0, done.stderr
    operator = ("--redis", guarded.url("operator"))
    (letter,) = map(json.loads, guarded_mill("dead", "list", "--json", *operator).stdout.splitlines())
    assert guarded_mill("dead", "show", letter["letter"], *operator).returncode == 0
    found = guarded_mill("settled", "--outcome", "dead", "--json", "--redis", guarded.url("monitor")).stdout
    told = json.loads(guarded_mill("why", json.loads(found)["url"], "--json", *operator).stdout)
    assert (len(told["decisions"]), len(told["letters"]), told["waiting"]) == (1, 1, [])
    done = guarded_mill("healthy", "--queues", "news", "--redis", guarded.url("worker"))
    assert done.returncode == 0, done.stderr
    assert guarded_mill("dead", "replay", "--all", *operator).returncode == 0
    guarded.until(lambda: (dead := seen()["dead"])["lying"] == dead["replayed"] == 1, "the replayed page")
    assert guarded_mill("dead", "drop", "--all", "--yes", *operator).returncode == 0
    assert guarded_mill("records", "--drop-group", "file", *operator).returncode == 0
    done = guarded_mill("remember", "records.jsonl", "--json", "--redis", guarded.url("worker"))
    assert json.loads(done.stdout)["known"] == 5, done.stderr
    done = guarded_mill("audit", "--redis", guarded.url("monitor"))
    assert done.returncode == 0, done.stderr
    assert denied(guarded) == set()


def test_a_corpus_is_remembered_with_the_rights_of_a_worker(guarded_mill):
    """On an empty server, and nothing is refused; the user monitor may not, and is told in one line."""
    guarded = guarded_mill.guarded
    (guarded_mill.folder / "corpus.jsonl").write_text(json.dumps({"url": "https://a.example/1", "text": "A text."}))
    done = guarded_mill("remember", "corpus.jsonl", "--redis", guarded.url("worker"))
    assert (done.returncode, denied(guarded)) == (0, set()), done.stderr
    (guarded_mill.folder / "corpus.jsonl").write_text(json.dumps({"url": "https://a.example/2", "text": "Another."}))
    done = guarded_mill("remember", "corpus.jsonl", "--redis", guarded.url("monitor"))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_the_monitors_page_needs_the_user_monitor_to_look_and_the_operator_to_act(guarded):
    """As monitor it shows every figure, and says whose rights a letter and a record take; as operator it does all."""
    guarded.admin.flushall()
    letter = guarded.admin.xadd("pagemill:dead", {"url": "https://a.example/", "dead_queue": "news", "dead_bytes": "1"})
    guarded.admin.xadd("pagemill:records", {"body": '{"text": "a"}'})
    told = {}
    for role in ("monitor", "operator"):
        with (
            guarded.client(role) as client,
            Monitor(client, Settings(), listen="127.0.0.1:0", token="t" * 16) as monitor,
            httpx.Client(base_url=monitor.url, timeout=60, trust_env=False) as site,
        ):
            shot = guarded.until(lambda site=site: site.get("/api/status").json()["snapshot"], "a snapshot")
            assert (shot["dead"]["lying"], shot["output"]["length"]) == (1, 1)
            assert site.get("/api/settled").status_code == site.get("/metrics").status_code == 200
            assert site.get("/api/why", params={"url": "https://a.example/"}).status_code == 200
            reads = [site.get(f"/api/{path}") for path in ("dead", f"dead/{letter.decode()}", "records")]
            act = {"headers": {"Authorization": f"Bearer {'t' * 16}"}, "json": {"letters": [letter.decode()]}}
            reads += [site.post("/api/dead/replay", **act), site.post("/api/dead/drop", **act)]
            told[role] = [answer.status_code for answer in reads]
            assert all("operator" in answer.json()["error"] for answer in reads if answer.status_code == 403)
    assert told == {"monitor": [403] * 5, "operator": [200] * 5}


def test_the_doctor_with_all_rights_finds_no_fault_in_this_server(guarded_mill):
    """No error and no warning, and the way in without a password is shut; the monitor's goes as far as it may."""
    guarded = guarded_mill.guarded
    done = guarded_mill("doctor", "--json", "--redis", guarded.url("admin"))
    told = json.loads(done.stdout)
    assert (told["counts"]["error"], told["counts"]["warning"]) == (0, 0), done.stdout
    assert {"level": "ok", "check": "exposure", "what": "no way in without a password", "why": "", "mend": ""} in (
        told["findings"]
    )
    done = guarded_mill("doctor", "--json", "--redis", guarded.url("monitor"))
    skipped = {one["check"] for one in json.loads(done.stdout)["findings"] if one["what"] == "not looked at"}
    assert skipped == {"fsync", "limits", "exposure", "user"}


NEVER = (
    "FLUSHALL", "FLUSHDB", "CONFIG GET *", "CONFIG SET dir /tmp", "KEYS *", "SCAN 0", "ACL LIST", "ACL SETUSER x on",
    "SHUTDOWN", "DEBUG SLEEP 0", "REPLICAOF NO ONE", "MODULE LOAD /x.so", "CLIENT LIST", "MONITOR", "SAVE",
    "FUNCTION LOAD x", "SCRIPT FLUSH", "SCRIPT LOAD x", "PUBLISH rq:pubsub:w x", "SUBSCRIBE rq:pubsub:w",
    "MIGRATE h 1 k 0 1", "RESTORE k 0 x", "GET other", "SET other x", "DEL pagemill:records",
    "XTRIM pagemill:pages:default MAXLEN 0", "DEL pagemill:pages:default", "RPUSH rq:queue:default x",
    "XGROUP DESTROY pagemill:pages:default mill",
)  # fmt: skip
SCRAPING = (
    "XADD pagemill:pages:shops * url u body b", "XADD pagemill:pages:default * url u body b",
    "XLEN pagemill:pages:shops", "XRANGE pagemill:pages:news - +", "XREAD STREAMS pagemill:pages:news 0",
    "XDEL pagemill:pages:news 1-1", "XREADGROUP GROUP mill c STREAMS pagemill:pages:news >", "EVAL return(1) 0",
    "SADD pagemill:queues x", "XRANGE pagemill:records - +", "XADD pagemill:records * body b", "INFO",
)  # fmt: skip
ANOTHERS = {
    "scraper-news": SCRAPING,
    "scraper-shops": ("XADD pagemill:pages:news * url u body b", "XLEN pagemill:pages:news"),
    "producer": (
        "XRANGE pagemill:pages:default - +", "XDEL pagemill:pages:default 1-1", "XADD pagemill:records * body b",
        "XADD pagemill:queues * body b", "SADD pagemill:pages:new x",
    ),
    "worker": (
        "XADD pagemill:pages:default * url u body b", "XRANGE pagemill:records - +", "XDEL pagemill:records 1-1",
        "XREADGROUP GROUP g c STREAMS pagemill:records >", "XGROUP DESTROY pagemill:records g",
        "LPUSH rq:queue:default x",
    ),
    "consumer": (
        "XRANGE pagemill:pages:default - +", "XADD pagemill:records * body b", "XDEL pagemill:records 1-1",
        "XGROUP DESTROY pagemill:records g", "HGETALL pagemill:ledger",
    ),
    "monitor": (
        "XRANGE pagemill:pages:default - +", "XRANGE pagemill:records - +", "XRANGE pagemill:dead - +",
        "HSET pagemill:ledger f 1", "SET rq:suspended 1",
    ),
    "operator": (
        "HSET pagemill:ledger f 1", "XDEL pagemill:records 1-1", "XADD pagemill:records * body b",
        "HSET rq:worker:w state x",
    ),
}  # fmt: skip


@pytest.mark.parametrize("role", ANOTHERS)
def test_no_role_may_do_what_no_role_needs(guarded, role):
    """Administration, other keys, channels, whole keys deleted, RQ's queues: refused to all but the admin."""
    with guarded.client(role) as client:
        for command in NEVER:
            with pytest.raises(ResponseError, match=r"(?i)no permissions|command not allowed"):
                client.execute_command(*command.split(" "))


@pytest.mark.parametrize("role", ANOTHERS)
def test_a_role_may_not_do_what_is_anothers(guarded, role):
    """A scraper reads no page, not even its own, and reaches no other queue; who watches changes nothing; and so on."""
    with guarded.client(role) as client:
        for command in ANOTHERS[role]:
            with pytest.raises(NoPermissionError):
                client.execute_command(*command.split(" "))


@pytest.mark.parametrize("role", ["producer", "worker", "consumer", "monitor", "operator"])
def test_a_script_gives_no_right_that_its_user_lacks(guarded, role):
    """EVAL on a key one may name: each command in it is held against the user's rights all the same."""
    key = "pagemill:records" if role == "consumer" else "pagemill:pages:default"
    guarded.admin.xadd(key, page(1))
    refused = r"ACL failure|can't run this command|can't access|not allowed"
    with guarded.client(role) as client:
        for call in ("'XTRIM', KEYS[1], 'MAXLEN', 0", "'DEL', KEYS[1]", "'GET', 'other'", "'CONFIG', 'GET', '*'"):
            with pytest.raises(ResponseError, match=refused):
                client.eval(f"return redis.call({call})", 1, key)
    assert guarded.admin.xlen(key) > 0


def test_without_a_login_nothing_is_answered(guarded):
    """The user `default` is off."""
    with connect(f"redis://127.0.0.1:{guarded.port}/0", tries=0) as client, pytest.raises(AuthenticationError):
        client.ping()


def test_the_store_that_opens_agrees_with_the_users(guarded_mill):
    """The worker's rights suffice at open; a right taken from it is named there, before a page is taken."""
    guarded = guarded_mill.guarded
    with guarded.client("worker") as client:
        RedisStore(client, Settings()).open(["default", "news"])
    for role in ("producer", "monitor", "consumer", "scraper-news"):
        with guarded.client(role) as client, pytest.raises((NoPermissionError, ResponseError, PagemillError)):
            RedisStore(client, Settings()).open(["default"])


@pytest.mark.parametrize("command", ["xreadgroup", "xclaim", "xpending", "xack", "xadd", "hset", "rename"])
def test_a_right_that_is_missing_is_told_before_a_page_is_taken(guarded, command):
    """To take, to renew, to hand back, to commit: named when the store opens, not by a worker that dies of it."""
    guarded.admin.execute_command("ACL", "SETUSER", "crippled", "reset", "on", ">pw", "~*", "+@all", f"-{command}")
    url = guarded.url("worker").replace(f"worker:{guarded.passwords['worker']}", "crippled:pw")
    with connect(url, tries=0) as client, pytest.raises(PagemillError, match=f"(?i){command}"):
        RedisStore(client, Settings()).open(["default"])
    guarded.admin.acl_deluser("crippled")


def test_a_server_without_a_password_for_the_admin_does_not_start(tmp_path, start_script):
    """There are no default passwords: without secrets start.sh says which one is missing, and starts nothing."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PAGEMILL_")}
    variables |= {"MILL_SECRETS": str(tmp_path), "MILL_ACL_FILE": str(tmp_path / "users.acl")}
    done = subprocess.run([start_script, "true"], env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "MILL_PASSWORD_ADMIN" in done.stderr
    assert (tmp_path / "users.acl").read_text() == "user default reset\n"


def test_no_password_lies_in_the_acl_file_or_the_servers_arguments(guarded):
    """Hashes alone; and the server's environment has none of them either."""
    written = (guarded.folder / "users.acl").read_text()
    told = [Path(f"/proc/{guarded.process.pid}/{name}").read_bytes() for name in ("cmdline", "environ")]
    for password in guarded.passwords.values():
        assert password not in written
        assert all(password.encode() not in one for one in told)
