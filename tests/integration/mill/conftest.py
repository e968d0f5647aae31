"""Mills at work: real servers, pools, workers and horses, and what a test does to them."""

import json
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from redis.exceptions import RedisError

from pagemill.keys import GROUP
from pagemill.record import Record
from workers.connection import connect
from workers.server_binary import find_server
from workers.settings import Settings
from workers.store.redis_store import RedisStore

AT_WORK = Path(__file__).with_name("at_work.py")
PATIENCE = 60.0


class Processes:
    """All processes at one moment: whose child each is, and which are dead but not reaped."""

    def __init__(self):
        told = subprocess.run(["ps", "-eo", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
        self._rows = [(int(pid), int(parent), state) for pid, parent, state in map(str.split, told.splitlines())]

    def below(self, pid):
        """Living children of a process."""
        return [child for child, parent, state in self._rows if parent == pid and not state.startswith("Z")]

    def descendants(self, pid):
        """All living processes below one."""
        children = self.below(pid)
        return children + [one for child in children for one in self.descendants(child)]

    def alive(self, pids):
        """Those of the process ids that live."""
        return [pid for pid, _, state in self._rows if pid in pids and not state.startswith("Z")]

    def zombies(self, parents):
        return [pid for pid, parent, state in self._rows if parent in parents and state.startswith("Z")]


class Pool:
    """A pool in a process of its own; it leads a process group, and each of its horses another."""

    def __init__(self, works, process, log):
        self._works = works
        self._process = process
        self._log = log
        self.pid = process.pid

    def workers(self):
        """The workers' process ids."""
        return Processes().below(self.pid)

    def horses(self):
        """The horses' process ids."""
        now = Processes()
        return [horse for worker in now.below(self.pid) for horse in now.below(worker)]

    @staticmethod
    def descriptors(pid):
        """How many file descriptors a process has open."""
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))

    def worker(self):
        """The one worker, once it is there."""
        (worker,) = self._works.until(self.workers, "a worker")
        return worker

    def horse(self):
        """The one horse, once it is there."""
        (horse,) = self._works.until(self.horses, "a horse")
        return horse

    def family(self):
        """The pool and all below it."""
        return [self.pid, *Processes().descendants(self.pid)]

    def signal(self, number=signal.SIGTERM):
        os.kill(self.pid, number)

    def is_alive(self):
        return self._process.is_alive()

    def ended(self):
        """Wait for its end; answers its exit code."""
        self._process.join(PATIENCE)
        assert not self._process.is_alive(), f"the pool does not end:\n{self.log_text()}"
        return self._process.exitcode

    def stop(self):
        """SIGTERM, and wait; answers the exit code."""
        self.signal()
        return self.ended()

    def claims(self):
        """Claims that its workers took, by RQ's log line."""
        return [line for line in self.log_text().splitlines() if "dequeued job claim-" in line]

    def kill(self):
        self._process.kill()
        self._process.join()

    def log_text(self):
        return self._log.read_text("utf-8")

    def events(self, name):
        """The log's events of that name."""
        lines = [json.loads(line) for line in self.log_text().splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == name]


class Works:
    """One server, and the pools that a test runs on it."""

    def __init__(self, url, folder, fork):
        self.url = url
        self.folder = folder
        self.client = connect(url, tries=10)
        self.settings = Settings(redis_url=url, workers=1, log_format="json", log_level="debug", lease_seconds=1)
        self.store = RedisStore(self.client, self.settings)
        self.pools = []
        self._fork = fork
        self.pushed = 0

    def start(self, *queues, **settings):
        """Start a pool, by default of one worker on the queue `default`, and wait until it is ready."""
        known = set(self.client.smembers("rq:workers"))
        own = msgspec.structs.replace(self.settings, queues=queues or ("default",), **settings)
        log = self.folder / f"pool-{len(self.pools)}.log"
        given = {"settings": own, "log": str(log), "folder": str(self.folder)}
        process = self._fork.Process(
            target=runpy.run_path, args=(str(AT_WORK),), kwargs={"init_globals": given, "run_name": "__main__"}
        )
        process.start()
        pool = Pool(self, process, log)
        self.pools.append(pool)
        self.until(lambda: len(set(self.client.smembers("rq:workers")) - known) >= own.workers, "the workers")
        self.until(lambda: log.read_text().count("worker_started") >= own.workers, "the workers")
        return pool

    def with_settings(self, **settings):
        """The settings that pools are started with, and these."""
        return msgspec.structs.replace(self.settings, **settings)

    def push(self, count=1, wish="", queue="default"):
        """XADD so many different pages, as any language would; answers their ids."""
        return self.push_pages([self.page(wish) for _ in range(count)], queue)

    def push_batch(self, count, wish):
        """Push pages that are taken together, for they come at once; the first one has a wish."""
        return self.push_pages([self.page(wish), *(self.page() for _ in range(count - 1))], "default")

    def push_around(self, count, wish):
        """So many pages before and after one with a wish, all at once; answers the ids of the three."""
        pages = [self.page(), *(self.page() for _ in range(count - 1)), self.page(wish)]
        pages += [self.page() for _ in range(count)]
        ids = self.push_pages(pages)
        return ids[:count], ids[count : count + 1], ids[count + 1 :]

    def push_pages(self, pages, queue="default"):
        """Push these, all at once; answers their ids."""
        with self.client.pipeline() as pipe:
            for page in pages:
                pipe.xadd(self.settings.keys.pages(queue), page)
            pipe.execute()
        return [page["id"] for page in pages]

    def page(self, wish="", **more):
        """The fields of a page unlike all others."""
        self.pushed += 1
        number = self.pushed
        told = " ".join(
            f"Sentence {i} of story {number} tells of wheel {i * number} and stone {i + number}." for i in range(6)
        )
        return {
            "url": f"https://mill.example/{number}",
            "id": f"p{number}",
            "body": f"<html><!-- {wish and f'wish:{wish}'} --><h1>Story {number}</h1><p>{told}</p></html>",
            **more,
        }

    def let_go(self):
        """The pages that wait for the test's word go on."""
        (self.folder / "go").touch()

    def await_in_hand(self, page_id):
        """Until a horse has this page in hand, which wished to wait."""
        self.until((self.folder / f"{page_id}.in-hand").exists, f"page {page_id} in hand")

    def await_renewals(self, count):
        """Until the oldest lease was renewed so often: its idle time fell."""
        key = self.settings.keys.pages("default")
        seen = [0]

        def is_renewed():
            (oldest,) = self.client.xpending_range(key, GROUP, "-", "+", 1)
            seen.append(oldest["time_since_delivered"])
            return seen[-1] < seen[-2]

        for _ in range(count):
            self.until(is_renewed, "a renewed lease")

    def until(self, check, what, seconds=PATIENCE):
        """Poll until `check` answers something true, and answer that."""
        deadline = time.monotonic() + seconds
        while not (found := check()):
            if time.monotonic() > deadline:
                pytest.fail(f"waited in vain for {what}; {self.store.ledger()}")
            time.sleep(0.01)
        return found

    def settled(self, queue="default"):
        """Pages with an outcome."""
        return sum(self.store.ledger().outcomes.get(queue, {}).values())

    def await_settled(self, count, queue="default"):
        self.until(lambda: self.settled(queue) >= count, f"{count} settled pages")

    def records(self):
        """The ids of the pages whose records were published, in order."""
        return [fields[b"id"].decode() for _, fields in self.client.xrange(self.settings.keys.records)]

    def full_records(self):
        found = self.client.xrange(self.settings.keys.records)
        return [msgspec.json.decode(fields[b"body"], type=Record) for _, fields in found]

    def dead(self):
        """Reason by id of the dead letters."""
        return {letter.id: letter.reason for letter in self.store.dead_letters()}

    def consumers(self, queue="default"):
        """Pages held, by each consumer that works."""
        told = self.client.xinfo_consumers(self.settings.keys.pages(queue), GROUP)
        return {one["name"].decode(): one["pending"] for one in told if one["name"] != b"handed-back"}

    @staticmethod
    def alive(pids):
        """Those of the process ids that live."""
        return Processes().alive(pids)

    def worker_key(self):
        """RQ's key of the one worker."""
        (key,) = self.client.smembers("rq:workers")
        return key

    @staticmethod
    def zombies(parents):
        """Dead children that their parents have not reaped."""
        return Processes().zombies(parents)

    def trials(self):
        return {field.decode(): held.decode() for field, held in self.client.hgetall(self.settings.keys.trials).items()}

    def answers(self):
        """Whether the server is there."""
        try:
            return self.client.ping()
        except RedisError:
            return False

    def check_books(self, *queues):
        """The ledger's equation, with nothing waiting, nothing in hand, and no record twice."""
        ledger = self.store.ledger()
        for queue in ledger.queues:
            if queue.queue in (queues or ("default",)):
                assert (queue.waiting, queue.running) == (0, 0)
                assert queue.pushed == sum(ledger.outcomes[queue.queue].values())
        ids = self.records()
        assert len(ids) == len(set(ids)) == sum(told.get("published", 0) for told in ledger.outcomes.values())
        assert not self.trials()

    def close(self):
        """Kill all pools, and wait for the end of all that is theirs: or it would take the next test's pages."""
        for pool in self.pools:
            family = pool.family()
            pool.kill()
            self.until(lambda family=family: not self.alive(family), "the end of a killed pool's workers")
            sys.stdout.write(f"--- the log of pool {pool.pid}\n{pool.log_text()[-20_000:]}")  # shown when a test fails
        self.client.close()


@pytest.fixture(scope="session")
def fork():
    """Forks pools off a process that has loaded everything, so that one is there in a tenth of a second."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["workers.pool"])
    return context


@pytest.fixture
def works(redis_client, redis_url, tmp_path, fork):
    """The works on the tests' server, which is empty."""
    works = Works(redis_url, tmp_path, fork)
    yield works
    works.close()


@pytest.fixture
def make_works(tmp_path, fork):
    """Makes works on another server, by its url."""
    made = []

    def make(url):
        made.append(Works(url, tmp_path, fork))
        return made[-1]

    yield make
    for works in made:
        works.close()


class Server:
    """A server that a test may kill and start again, on the same socket with the same data."""

    def __init__(self, folder, *options):
        self._folder = folder
        self._options = options
        self._process = None
        self.url = f"unix://{folder}/sock"

    def start(self, *options):
        """Start it, with more options than those it always has."""
        always = ("--port", "0", "--unixsocket", "sock", "--appendonly", "yes", "--appendfsync", "always", "--save", "")
        self._process = subprocess.Popen(
            [find_server(), *always, *self._options, *options],
            cwd=self._folder,
            env=os.environ | {"LC_ALL": "C"},
            stdout=subprocess.DEVNULL,
            restore_signals=False,  # SIGXFSZ stays ignored: a file at its limit is an error, as on a full disk
        )
        return self

    def kill(self):
        """SIGKILL."""
        self._process.kill()
        self._process.wait()

    def signal(self, number):
        """Send it a signal: SIGTERM is a SHUTDOWN, SIGSTOP a hang."""
        self._process.send_signal(number)

    def ended(self):
        """Wait for its end."""
        self._process.wait(PATIENCE)

    @property
    def pid(self):
        return self._process.pid


@pytest.fixture
def make_server():
    """Makes a server of the test's own, with options, and starts it."""
    servers = []
    with ExitStack() as stack:

        def make(*options):
            folder = stack.enter_context(TemporaryDirectory(prefix="mill-"))  # a socket's path must be short
            servers.append(Server(folder, *options))
            return servers[-1].start()

        yield make
        for server in servers:
            server.kill()


class Rq:
    """The `rq` command, as a user runs it."""

    program = Path(sys.executable).with_name("rq")

    def __init__(self, url, folder):
        self.url = url
        self.folder = folder
        self._started = []
        self._variables = {name: value for name, value in os.environ.items() if not name.startswith("PAGEMILL_")}

    def __call__(self, *arguments):
        """Run it to its end; answers what it wrote to standard output."""
        done = subprocess.run(
            [self.program, *arguments, "--url", self.url],
            cwd=self.folder,
            env=self._variables | {"COLUMNS": "120"},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, *arguments, **variables):
        """Run it beside the test."""
        log = (self.folder / f"rq-{len(self._started)}.log").open("w+")
        process = subprocess.Popen(
            [self.program, *arguments, "--url", self.url],
            cwd=self.folder,
            env=self._variables | variables,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        self._started.append((process, log))
        return process

    def log(self, process):
        """What a started one wrote."""
        (log,) = (log for one, log in self._started if one is process)
        return Path(log.name).read_text()

    def end(self):
        for process, log in self._started:
            family = Processes().descendants(process.pid)
            for pid in [process.pid, *family]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()
            deadline = time.monotonic() + PATIENCE
            while Processes().alive(family):
                assert time.monotonic() < deadline
                time.sleep(0.01)
            log.close()


@pytest.fixture
def rq(works, tmp_path):
    """The `rq` command on the works' server."""
    command = Rq(works.url, tmp_path)
    yield command
    command.end()
