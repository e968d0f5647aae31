"""The doctor finds what is wrong with a real server, and nothing where all is well."""

import time

import msgspec
import pytest

from pagemill.keys import GROUP
from workers.connection import connect
from workers.doctor import server as doctor_server
from workers.doctor.examine import CHECKS, examine, report
from workers.doctor.facts import Address, read_facts
from workers.doctor.finding import Level
from workers.embedded import embedded_server
from workers.settings import Settings
from workers.store.redis_store import RedisStore

SOUND = {
    "appendonly": "yes",
    "appendfsync": "everysec",
    "maxmemory": "2gb",
    "maxmemory-policy": "noeviction",
    "save": "",
    "proto-max-bulk-len": "512mb",
    "client-output-buffer-limit": "normal 0 0 0",
}


class Practice:
    """A server to make ill, and the doctor's findings on it."""

    def __init__(self, url):
        self.url = url
        self.client = connect(url)
        self.settings = Settings(redis_url=url)

    def set(self, **options):
        for name, value in options.items():
            self.client.config_set(name.replace("_", "-"), value)

    def facts(self, *, user=None, **settings):
        client = connect(self.url)
        if user:
            client.connection_pool.connection_kwargs |= {"username": user, "password": "pw"}
        with client:
            return read_facts(client, msgspec.structs.replace(self.settings, **settings))

    def examine(self, **asked):
        """The findings of each check."""
        found = {}
        for finding in examine(self.facts(**asked)):
            found.setdefault(finding.check, []).append(finding)
        return found

    def only(self, check, **asked):
        """The one finding of a check, which tells why and what to do unless all is well."""
        (finding,) = self.examine(**asked)[check]
        assert finding.level is Level.OK or finding.why
        assert finding.level in {Level.OK, Level.NOTE} or finding.mend
        return finding

    def heal(self):
        self.client.replicaof("NO", "ONE")
        self.client.flushall()
        for name, value in SOUND.items():
            self.client.config_set(name, value)
        for user in self.client.acl_users():
            if user != "default":
                self.client.acl_deluser(user)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with embedded_server(tmp_path_factory.mktemp("doctor")) as server:
        yield Practice(server.url)


@pytest.fixture
def practice(server):
    """A sound server."""
    server.heal()
    yield server
    server.heal()


def test_a_sound_server_gets_a_clean_bill(practice):
    """Nothing above a note on a server as docker-compose.yml starts it, and every check says something."""
    found = practice.examine()
    assert [one for name in found for one in found[name] if one.level in {Level.WARNING, Level.ERROR}] == []
    assert set(found) == {check.name for check in CHECKS}
    assert report(examine(practice.facts()))["ok"]


@pytest.mark.parametrize(
    ("options", "check", "level", "words"),
    [
        ({"appendonly": "no"}, "persistence", "error", "loses every page"),
        ({"appendonly": "no", "save": "3600 1"}, "persistence", "warning", "snapshots"),
        ({"appendfsync": "no"}, "fsync", "warning", "appendfsync no"),
        ({"appendfsync": "always"}, "fsync", "ok", "stays"),
        ({"maxmemory_policy": "allkeys-lru"}, "eviction", "error", "allkeys-lru"),
        ({"maxmemory_policy": "volatile-ttl"}, "eviction", "error", "volatile-ttl"),
        ({"maxmemory": "0"}, "memory", "warning", "not set"),
        ({"maxmemory": "1mb"}, "memory", "error", "of maxmemory used"),
        ({"maxmemory": "500mb"}, "remembering", "warning", "more than half"),
        ({"proto_max_bulk_len": "1mb"}, "limits", "error", "max_body"),
    ],
)
def test_a_setting_of_the_server_that_does_not_fit_is_found(practice, options, check, level, words):
    """Persistence, eviction, memory, limits: each with its level, and with what it means."""
    practice.set(**options)
    finding = next(one for one in practice.examine()[check] if words in f"{one.what} {one.why}")
    assert finding.level == level


def test_a_limit_that_cuts_a_batch_off_is_found(practice):
    """An output buffer smaller than a batch of pages is a warning, beside what else is said of limits."""
    practice.set(client_output_buffer_limit="normal 1mb 1mb 10")
    assert practice.examine()["limits"][0].level is Level.WARNING


def test_memory_that_fills_up_is_told_before_it_is_full(practice):
    """Above memory_share nothing is pushed any more: a warning."""
    used = practice.client.info("memory")["used_memory"]
    practice.set(maxmemory=int(used / 0.9))
    assert practice.only("memory").level is Level.WARNING


def test_a_replica_is_found(practice):
    """Connected to a replica nothing can be written."""
    practice.client.replicaof("127.0.0.1", 1)
    assert practice.only("role").level is Level.ERROR


def test_a_snapshot_that_fails_is_found(tmp_path):
    """Its file cannot be written: with stop-writes-on-bgsave-error all writes stop (MISCONF)."""
    with embedded_server(tmp_path) as server:
        practice = Practice(server.url)
        (tmp_path / "dump.rdb").mkdir()
        practice.client.bgsave()
        deadline = time.monotonic() + 30
        while practice.client.info("persistence")["rdb_last_bgsave_status"] == "ok":
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert practice.examine()["persistence"][-1].level is Level.ERROR
        practice.client.config_set("stop-writes-on-bgsave-error", "no")
        assert practice.examine()["persistence"][-1].level is Level.WARNING


def test_an_append_only_file_that_fails_is_found(practice):
    """INFO's word for a full disk under it."""
    facts = practice.facts()
    for name, level in (("aof_last_write_status", "error"), ("aof_last_bgrewrite_status", "warning")):
        ill = msgspec.structs.replace(facts, server={**facts.server, name: "err"})
        assert level in {one.level for one in doctor_server.persistence(ill)}


@pytest.mark.parametrize(
    ("port", "bind", "protected", "level"),
    [
        ("0", "*", "yes", "ok"),
        ("6379", "127.0.0.1 -::1", "yes", "note"),
        ("6379", "* -::*", "yes", "warning"),
        ("6379", "* -::*", "no", "error"),
        ("6379", "127.0.0.1 10.0.0.7", "no", "error"),
        ("6379", "", "no", "error"),
    ],
)
def test_a_server_without_a_password_is_judged_by_who_reaches_it(practice, port, bind, protected, level):
    """From a socket alone, over this machine, to the whole network."""
    facts = practice.facts()
    bound = {**facts.options, "port": port, "tls-port": "0", "bind": bind, "protected-mode": protected}
    (finding,) = doctor_server.exposure(msgspec.structs.replace(facts, options=bound))
    assert finding.level == level


def test_a_default_user_that_is_off_lets_nobody_in(practice):
    """With users of its own, and default off, a server may listen on the network."""
    practice.client.acl_setuser("boss", enabled=True, passwords=["+pw"], commands=["+@all"], keys=["*"])
    boss = connect(practice.url)
    boss.connection_pool.connection_kwargs |= {"username": "boss", "password": "pw"}
    with boss:
        try:
            boss.acl_setuser("default", enabled=False)
            facts = practice.facts(user="boss")
        finally:
            boss.acl_setuser("default", enabled=True, nopass=True, commands=["+@all"], keys=["*"], channels=["*"])
    bound = {**facts.options, "port": "6379", "bind": "10.0.0.7", "protected-mode": "no"}
    (finding,) = doctor_server.exposure(msgspec.structs.replace(facts, options=bound))
    assert finding.level is Level.OK


@pytest.mark.parametrize(
    ("host", "tls", "verified", "level"),
    [
        ("", False, False, "ok"),
        ("localhost", False, False, "ok"),
        ("127.0.0.1", False, False, "ok"),
        ("::1", False, False, "ok"),
        ("redis.example", False, False, "warning"),
        ("10.0.0.7", False, False, "warning"),
        ("redis.example", True, True, "ok"),
        ("redis.example", True, False, "error"),
    ],
)
def test_what_passes_the_network_in_clear_is_told(practice, host, tls, verified, level):
    """No TLS to another machine, or TLS that takes any certificate."""
    address = Address(host=host, tls=tls, verified=verified)
    (finding,) = doctor_server.tls(msgspec.structs.replace(practice.facts(), address=address))
    assert finding.level == level


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://h:1/0", Address(host="h", tls=False, verified=False)),
        ("rediss://h:1/0", Address(host="h", tls=True, verified=True)),
        ("rediss://h:1/0?ssl_cert_reqs=none", Address(host="h", tls=True, verified=False)),
        ("unix:///a/sock", Address(host="", tls=False, verified=False)),
    ],
)
def test_an_address_is_read_off_the_client(url, address):
    """Host, TLS, and whether the certificate is checked."""
    from workers.doctor.facts import _address  # noqa: PLC0415

    with connect(url) as client:
        assert _address(client) == address


def test_a_cluster_wants_a_hash_tag(practice):
    """Without one the scripts' keys lie in several slots."""
    facts = msgspec.structs.replace(practice.facts(), hello={"mode": "cluster"})
    assert [one.level for one in doctor_server.cluster(facts)] == ["error"]
    tagged = msgspec.structs.replace(facts, settings=Settings(prefix="{mill}"))
    assert [one.level for one in doctor_server.cluster(tagged)] == ["ok"]


def test_an_old_server_is_told_which_release_it_needs(practice):
    """Valkey 7.0 lacks what Valkey 7.2 has."""
    facts = msgspec.structs.replace(practice.facts(), hello={"server": "valkey", "version": "7.0.3"})
    (finding,) = doctor_server.version(facts)
    assert (finding.level, finding.mend) == ("error", "install 7.2 or later")


@pytest.mark.parametrize(("ahead", "level"), [(0.4, "ok"), (-1.9, "ok"), (60.0, "warning"), (-3600.0, "warning")])
def test_a_clock_that_is_off_is_told(practice, ahead, level):
    """By more than two seconds, either way."""
    (finding,) = doctor_server.clock(msgspec.structs.replace(practice.facts(), ahead=ahead))
    assert finding.level == level


def test_the_clocks_of_one_machine_agree(practice):
    """Measured with half the round trip taken off."""
    assert abs(practice.facts().ahead) < 2


@pytest.mark.parametrize(("seconds", "level"), [(0.0002, "ok"), (0.02, "note"), (0.2, "warning")])
def test_a_redis_far_away_is_told(practice, seconds, level):
    """By the median of some round trips."""
    (finding,) = doctor_server.latency(msgspec.structs.replace(practice.facts(), round_trip=seconds))
    assert finding.level == level


def test_a_key_that_somebody_else_uses_is_named(practice):
    """Each key of ours with another type is an error of its own."""
    practice.client.set("pagemill:records", "mine")
    practice.client.rpush("pagemill:ledger", "mine")
    found = practice.examine()["keys"]
    assert [one.level for one in found] == ["error", "error"]
    assert "pagemill:ledger is a list, and should be a hash" in {one.what for one in found}


def test_a_key_of_an_earlier_release_is_named(practice):
    """What nobody reads any more is a warning that tells how to delete it."""
    practice.client.hset("pagemill:memory:text:old", "key", "value")
    (finding,) = practice.examine()["keys"]
    assert (finding.level, finding.mend) == ("warning", "UNLINK pagemill:memory:text:old")


def test_a_name_that_is_no_queue_is_shown_escaped(practice):
    """Whoever may SADD can put anything there."""
    practice.client.sadd("pagemill:queues", b"\x1b[2J\xff", "default")
    finding = practice.only("queues")
    assert finding.level is Level.WARNING
    assert finding.what.isprintable()


def test_a_group_that_does_not_read_is_named(practice):
    """Near the stream's limit a warning, at it an error; where the stream is trimmed instead, a warning."""
    practice.client.xgroup_create("pagemill:records", "slow", id="0", mkstream=True)
    for _ in range(9):
        practice.client.xadd("pagemill:records", {"body": "{}"})
    assert practice.only("output", records_limit=100).level is Level.OK
    assert practice.only("output", records_limit=10).level is Level.WARNING
    finding = practice.only("output", records_limit=9)
    assert finding.level is Level.ERROR
    assert finding.mend.endswith("--drop-group slow")
    assert practice.only("output", records_limit=9, records_at_limit="trim").level is Level.WARNING
    practice.client.xgroup_destroy("pagemill:records", "slow")
    assert practice.only("output", records_limit=9).level is Level.OK


def test_pages_in_the_hand_of_nobody_are_counted(practice):
    """Two leases after their worker's last word; before that they are in good hands."""
    store = RedisStore(practice.client, practice.settings)
    store.open(["default"])
    for number in range(3):
        practice.client.xadd("pagemill:pages:default", {"url": f"https://a.example/{number}", "body": "x"})
    taken = store.take("gone", ["default"], 3)
    assert practice.only("leases").level is Level.OK
    entries = [page.entry for page in taken]
    practice.client.xclaim("pagemill:pages:default", GROUP, "gone", 0, entries, idle=61_000, justid=True)
    finding = practice.only("leases")
    assert finding.level is Level.WARNING
    assert "3 pages" in finding.what


def test_workers_that_are_silent_missing_or_suspended_are_told(practice):
    """With pages to do and nobody to do them; a worker whose heartbeat is old; rq suspend."""
    assert practice.only("workers").level is Level.OK
    RedisStore(practice.client, practice.settings).open(["default"])
    practice.client.xadd("pagemill:pages:default", {"url": "https://a.example/", "body": "x"})
    assert practice.only("workers").what == "1 pages to do, and no worker"
    told = {"birth": "2024-01-01T00:00:00Z", "last_heartbeat": "2024-01-01T00:00:00Z", "queues": "default"}
    practice.client.sadd("rq:workers", "rq:worker:w")
    practice.client.hset("rq:worker:w", mapping={**told, "hostname": "\x1b[2J"})
    found = practice.examine()["workers"]
    assert [one.level for one in found] == ["warning", "warning"]
    practice.client.set("rq:suspended", 1)
    assert practice.examine()["workers"][-1].what == "suspended"


@pytest.mark.parametrize(
    ("settings", "level"),
    [({"lease_seconds": 2}, "warning"), ({"lease_seconds": 300}, "note"), ({"page_seconds": 900}, "note")],
)
def test_times_that_do_not_fit_are_told(practice, settings, level):
    """Leases so short that a pause gives pages away, or so long that orphans wait; pages that may hang for long."""
    assert level in {one.level for one in practice.examine(**settings)["times"]}


def test_what_may_not_be_asked_is_named_and_left_out(practice):
    """A user without INFO, CONFIG and ACL gets a note for each such check, and all others are made."""
    practice.client.acl_setuser(
        "small", enabled=True, passwords=["+pw"], keys=["pagemill:*"], commands=["+ping", "+time", "+eval", "+evalsha"]
    )
    found = practice.examine(user="small")
    skipped = {name for name, (first, *_) in found.items() if first.what == "not looked at"}
    assert {"persistence", "eviction", "memory", "exposure", "user", "output", "workers"} <= skipped
    assert all("permissions" in found[name][0].why for name in skipped)
    assert not {"version", "tls", "clock", "latency", "rights", "times"} & skipped
    assert found["rights"][0].level is Level.ERROR


def test_a_user_with_a_role_is_told_what_it_may(practice):
    """What it lacks for the other roles is named by its first command."""
    practice.client.acl_setuser(
        "pusher",
        enabled=True,
        passwords=["+pw"],
        keys=["pagemill:pages:default"],
        commands=["+ping", "+xadd", "+xlen", "+eval", "+evalsha", "+acl|whoami", "+acl|getuser"],
    )
    found = practice.examine(user="pusher")
    assert found["rights"][0].what == "this user may push"
    assert "work: XREADGROUP" in found["rights"][0].why
    assert found["user"][0].level is Level.OK
    assert practice.only("user").level is Level.NOTE
