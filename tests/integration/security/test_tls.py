"""TLS with real certificates: pages go in, are milled and come out over it, and no other certificate is taken."""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from pagemill import Consumer, Producer
from pagemill.errors import RedisFailed
from workers.connection import connect
from workers.doctor.examine import examine
from workers.doctor.facts import read_facts
from workers.settings import Settings

DEBIAN_REDIS = Path("/usr/bin/redis-server")
PATIENCE = 60.0


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, check=True)


def make_authority(folder, name):
    """A certificate authority of our own."""
    subject = f"/CN={name}"
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl(
        folder,
        "req",
        "-x509",
        *new_key,
        "-days",
        "2",
        "-subj",
        subject,
        "-keyout",
        f"{name}.key",
        "-out",
        f"{name}.crt",
    )


def make_certificate(folder, name, authority, names):
    """A certificate for these host names, signed by the authority."""
    (folder / f"{name}.ext").write_text(f"subjectAltName={names}\n")
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl(folder, "req", *new_key, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
    signed_by = ("-CA", f"{authority}.crt", "-CAkey", f"{authority}.key", "-CAcreateserial")
    openssl(
        folder,
        "x509",
        "-req",
        "-in",
        f"{name}.csr",
        *signed_by,
        "-days",
        "2",
        "-extfile",
        f"{name}.ext",
        "-out",
        f"{name}.crt",
    )


class Secured:
    """A server that speaks TLS only."""

    def __init__(self, folder, port):
        self.folder = folder
        self.port = port
        for authority in ("ours", "theirs"):
            make_authority(folder, authority)
        make_certificate(folder, "server", "ours", "DNS:localhost")
        options = {"port": "0", "tls-port": str(port), "bind": "127.0.0.1", "tls-auth-clients": "no", "save": ""}
        options |= {"tls-cert-file": "server.crt", "tls-key-file": "server.key", "tls-ca-cert-file": "ours.crt"}
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        self.process = subprocess.Popen(
            [DEBIAN_REDIS, *words], cwd=folder, env=os.environ | {"LC_ALL": "C"}, stdout=subprocess.DEVNULL
        )

    def url(self, authority="ours", host="localhost"):
        return f"rediss://{host}:{self.port}/0?ssl_ca_certs={self.folder}/{authority}.crt"


@pytest.fixture(scope="module")
def secured(tmp_path_factory, require, free_port):
    """Debian's redis-server, for the embedded Valkey is built without TLS."""
    for program in (DEBIAN_REDIS, "openssl"):
        require(program)
    server = Secured(tmp_path_factory.mktemp("tls"), free_port)
    deadline = time.monotonic() + PATIENCE
    with connect(server.url(), tries=10) as client:
        while True:
            try:
                client.ping()
            except RedisError:
                assert server.process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.02)
            else:
                break
    yield server
    server.process.kill()
    server.process.wait()


def test_the_mill_works_over_tls(secured, pagemill):
    """Producer, pool, horses, consumer and commands over rediss://, with the certificate checked."""
    pagemill.variables["PAGEMILL_REDIS_URL"] = secured.url()
    story = " ".join(f"Sentence {number} tells of wheel {number * 7}." for number in range(9))
    with Producer(secured.url()) as producer:
        producer.push(url="https://a.example/1", body=f"<h1>One</h1><p>{story}</p>".encode())
    pagemill.start("worker", "--workers", "1")
    with Consumer(secured.url(), group="index") as records:
        assert next(iter(records)).url == "https://a.example/1"
    done = pagemill("audit", "--json")
    assert json.loads(done.stdout)["ok"], done.stderr
    with connect(secured.url()) as client:
        (finding,) = [one for one in examine(read_facts(client, Settings())) if one.check == "tls"]
    assert finding.what == "TLS, with the certificate checked"


@pytest.mark.parametrize(
    "wrong", [{"authority": "theirs"}, {"host": "127.0.0.1"}], ids=["another authority", "another host"]
)
def test_a_certificate_that_proves_nothing_is_refused(secured, pagemill, wrong):
    """Of another authority, or for another name: by producer, consumer and every command, in a line that says so."""
    url = secured.url(**wrong)
    with Producer(url, retry_seconds=0) as producer, pytest.raises(RedisFailed, match="not trusted"):
        producer.push(url="https://a.example/1", body=b"x")
    with Consumer(url, group="g", retry_seconds=0) as records, pytest.raises(RedisFailed, match="not trusted"):
        next(iter(records))
    for command in (("status",), ("worker",), ("doctor",)):
        done = pagemill(*command, "--redis", url)
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
        assert "a certificate that is not trusted" in done.stderr


def test_the_authorities_of_the_system_do_not_vouch_for_it(secured, pagemill):
    """Without ssl_ca_certs a certificate of one's own is refused: checking is the default, and needs no option."""
    done = pagemill("status", "--redis", f"rediss://localhost:{secured.port}/0")
    assert done.returncode == 1
    assert "a certificate that is not trusted" in done.stderr


def test_a_server_that_speaks_tls_answers_nothing_in_clear(secured, pagemill):
    """redis:// to a TLS port fails with one line."""
    done = pagemill("status", "--redis", f"redis://localhost:{secured.port}/0")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
