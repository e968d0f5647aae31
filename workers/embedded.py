"""An embedded Valkey or Redis on a unix socket, for `run`, the tests and a first look.

It listens on no port, takes no Ctrl-C meant for us, and ends when its owner does, however that dies:
a shell beside the server reads a pipe whose other end only the owner holds, and the kernel closes it.
"""

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import BinaryIO
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, RedisError
from redis.retry import Retry

from pagemill.errors import PagemillError
from workers.server_binary import find_server

LOCK = "pagemill.lock"

_START_SECONDS = 20.0
_LOAD_SECONDS = 600.0  # an append-only file of many GB is read back at about 100 MB/s
_LOCK_SECONDS = 3.0  # what a server whose owner was killed may take to finish
_STOP_SECONDS = 10.0
_POLL_SECONDS = 0.005
_LONGEST_FOLDER = 60  # characters: a socket's path may have 104 on macOS, 108 on Linux
_LOG_TAIL = 5  # lines

_SHELL = r"""
exec 3<&0 0<&2 2>&1
{
  PATH=/bin:/usr/bin
  read -r _ <&3 && exit
  kill -TERM $$
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      kill -0 $$ || { rm -rf "$1"; exit; }
      sleep 0.1
    done
  done
  kill -KILL $$
  rm -rf "$1"
} 0</dev/null >/dev/null 2>&1 &
shift
exec "$@" 3<&-
"""
"""Puts the server in the shell's own place, so that `$$` stays its process, and leaves a watcher behind.

In: 0 the owner's pipe, 1 the log, 2 the lock; `$1` the temporary folder, then the server and its arguments.
A line in the pipe says that the owner ended the server itself; the pipe's end, that the owner is gone.
The server alone keeps the lock (as its standard input): it is free when the server is gone, not before.
"""

_pipes: set[int] = set()
"""The ends that keep our servers alive. A forked child must not hold them, or it would outlive us with the server."""


class EmbeddedServer:
    """A server that runs while its context is open. `url` is for redis-py, `pid` the server's process."""

    def __init__(self, socket: Path, pid: int) -> None:
        self.url = f"unix://{quote(str(socket))}?db=0"
        self.pid = pid

    def client(self) -> redis.Redis:
        """A new client, which answers bytes; the caller closes it."""
        return redis.Redis.from_url(self.url)


@contextmanager
def embedded_server(folder: Path | None = None, *, binary: Path | None = None) -> Iterator[EmbeddedServer]:
    """Run a server of our own: `folder` keeps what it holds through kill -9, without one nothing stays.

    `binary` is the server's program, by default what `find_server` finds. A child that is forked inside
    the context may use the url; it neither keeps the server alive nor ends it.
    Raises PagemillError when there is no server, it does not start, or the folder is in use.
    """
    owner = os.getpid()
    program = binary or find_server()
    with ExitStack() as stack:
        temporary = Path(mkdtemp(prefix="pagemill-", dir=_short_folder()))
        stack.callback(shutil.rmtree, temporary, ignore_errors=True)
        with _locked(_made(folder or temporary)) as lock:
            process, pipe = _start(program, folder, temporary=temporary, lock=lock)
        stack.callback(_stop, process, pipe)
        server = EmbeddedServer(temporary / "sock", process.pid)
        _await_answer(server, process, log=temporary / "log")
        try:
            yield server
        finally:
            if os.getpid() != owner:
                stack.pop_all()


def _short_folder() -> str:
    folder = gettempdir()
    return folder if len(folder) <= _LONGEST_FOLDER else "/tmp"  # noqa: S108  # mkdtemp makes it ours alone


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{folder}: cannot be the data folder: {error.strerror}"
        raise PagemillError(msg) from None
    return folder


@contextmanager
def _locked(folder: Path) -> Iterator[BinaryIO]:
    """The folder's lock file, locked until we and whoever inherited it have closed it (flock's rule)."""
    try:
        lock = (folder / LOCK).open("ab")
    except OSError as error:
        msg = f"{folder}: cannot be the data folder: {error.strerror}"
        raise PagemillError(msg) from None
    with lock:
        deadline = time.monotonic() + _LOCK_SECONDS
        while not _lock(lock):
            if time.monotonic() > deadline:
                msg = f"{folder}: in use by another Pagemill: end it first, or take another folder"
                raise PagemillError(msg)
            time.sleep(_POLL_SECONDS)
        yield lock


def _lock(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _start(
    program: Path, folder: Path | None, *, temporary: Path, lock: BinaryIO
) -> "tuple[subprocess.Popen[bytes], int]":
    """The server's process, and the end of the pipe that keeps it alive."""
    theirs, ours = os.pipe()
    _pipes.add(ours)
    command = ["/bin/sh", "-c", _SHELL, "sh", str(temporary), str(program.absolute()), *_options(temporary, folder)]
    try:
        with (temporary / "log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603  # our own script; nothing in it is expanded twice
                command,
                stdin=theirs,
                stdout=log,
                stderr=lock,
                cwd=folder or temporary,
                env={**os.environ, "LC_ALL": "C"},  # the server ends at once on a locale that is not installed
                start_new_session=True,
            )
    except BaseException:
        _close(ours)
        raise
    finally:
        os.close(theirs)
    return process, ours


def _options(temporary: Path, folder: Path | None) -> list[str]:
    """The server's arguments. Its directory is where it is started, so that no path needs quoting."""
    options = {
        "port": "0",
        "unixsocket": str(temporary / "sock"),
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "no" if folder is None else "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def _await_answer(server: EmbeddedServer, process: "subprocess.Popen[bytes]", *, log: Path) -> None:
    started = time.monotonic()
    problem = "did not answer"
    with redis.Redis.from_url(server.url, retry=Retry(NoBackoff(), 0)) as client:
        while True:
            try:
                client.ping()
            except BusyLoadingError:
                limit, problem = _LOAD_SECONDS, "is still loading its append-only file"
            except RedisError:
                limit = _START_SECONDS
            else:
                return
            if process.poll() is not None:
                problem = f"ended with status {process.returncode}"
                break
            if time.monotonic() - started > limit:
                break
            time.sleep(_POLL_SECONDS)
    msg = f"the embedded server {problem}: {_tail(log)}"
    raise PagemillError(msg)


def _tail(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").splitlines()[-_LOG_TAIL:]
    return ascii(" | ".join(line.strip() for line in lines)) if lines else "its log is empty"


def _stop(process: "subprocess.Popen[bytes]", pipe: int) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with suppress(BrokenPipeError):
        os.write(pipe, b"\n")
    _close(pipe)


def _close(pipe: int) -> None:
    _pipes.discard(pipe)
    os.close(pipe)


def _let_go_after_fork() -> None:
    while _pipes:
        os.close(_pipes.pop())


os.register_at_fork(after_in_child=_let_go_after_fork)
