"""A server with the users of deploy/redis/users.acl, each with a password that nobody knows before."""

import os
import secrets
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import pytest
import redis

from workers.connection import connect
from workers.server_binary import find_server

REPOSITORY = Path(__file__).resolve().parents[3]
START = REPOSITORY / "deploy" / "redis" / "start.sh"
ROLES = ("producer", "worker", "consumer", "monitor", "operator", "admin", "scraper-news", "scraper-shops")
PATIENCE = 60.0


def find_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture(scope="module")
def free_port():
    """A port that nobody listens on."""
    return find_port()


class Guarded:
    """The server's address for each user, and a client of the admin's."""

    def __init__(self, folder, program):
        self.folder = folder
        self.port = find_port()
        self.passwords = {role: secrets.token_hex(16) for role in ROLES}
        vault = folder / "secrets"
        vault.mkdir()
        for role in ROLES[:-1]:  # the last has a variable instead
            (vault / role).write_text(self.passwords[role] + "\n")
        variables = {
            "MILL_SECRETS": str(vault),
            "MILL_ACL_FILE": str(folder / "users.acl"),
            "MILL_SCRAPERS": "shops",
            "MILL_PASSWORD_SCRAPER_SHOPS": self.passwords["scraper-shops"],
        }
        options = ("--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes")
        self.process = subprocess.Popen(
            [START, program, *options, "--maxmemory", "2gb"],
            cwd=folder,
            env=os.environ | {"LC_ALL": "C"} | variables,
            stdout=subprocess.DEVNULL,
        )
        self.admin = self.client("admin")
        self.until(self.answers, "the server")

    def url(self, role):
        return f"redis://{role}:{quote(self.passwords[role])}@127.0.0.1:{self.port}/0"

    def client(self, role):
        return connect(self.url(role), tries=0)

    def answers(self):
        try:
            return self.admin.ping()
        except redis.exceptions.RedisError:
            return False

    def until(self, check, what):
        deadline = time.monotonic() + PATIENCE
        while not (found := check()):
            assert time.monotonic() < deadline, f"waited in vain for {what}"
            time.sleep(0.02)
        return found

    def end(self):
        self.admin.close()
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module", params=["embedded", "debian"])
def guarded(request, tmp_path_factory, require):
    """On the embedded Valkey, and on Debian's redis-server, the oldest release that is supported."""
    program = find_server()
    if request.param == "debian":
        program = Path("/usr/bin/redis-server")
        require(program)
    server = Guarded(tmp_path_factory.mktemp("guarded"), program)
    yield server
    server.end()


@pytest.fixture
def start_script():
    """deploy/redis/start.sh."""
    return START


@pytest.fixture
def guarded_mill(guarded, pagemill):
    """That server, empty, and the command line."""
    guarded.admin.flushall()
    guarded.admin.acl_log_reset()
    pagemill.guarded = guarded
    return pagemill
