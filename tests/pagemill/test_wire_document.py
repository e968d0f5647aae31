"""docs/wire.md: what it shows is run, and what it says is so."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pagemill import Limits
from pagemill.wire import FIELDS, decode

DOCUMENT = (Path(__file__).parents[2] / "docs" / "wire.md").read_text(encoding="utf-8")
STREAM = "pagemill:pages:default"


def blocks(language):
    """The document's examples in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)


def run(command, url, folder):
    """Run an example as a reader would; it must end well."""
    environment = {**os.environ, "REDIS_URL": url}
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def pages(client, stream=STREAM):
    return [decode(fields, id_.decode()) for id_, fields in client.xrange(stream)]


@pytest.mark.skipif(not shutil.which("redis-cli"), reason="no redis-cli on the PATH")
def test_the_examples_for_redis_cli_push_pages(redis_client, redis_tcp_url, tmp_path):
    """Each shell example does what the text says: a page with all its fields, one compressed, one urgent, one look."""
    plain, packed, urgent, look = blocks("sh")
    (tmp_path / "page.html").write_text("<h1>Lighthouse</h1>")
    for example in (plain, packed, urgent):
        assert re.match(r"^\d+-\d+$", run(["sh", "-c", example], redis_tcp_url, tmp_path).strip())
    tides, lighthouse = pages(redis_client)
    assert (tides.url, tides.source, tides.meta) == ("https://example.org/tides", "shell", {"shelf": 7})
    assert lighthouse.body == b"<h1>Lighthouse</h1>"
    assert pages(redis_client, "pagemill:pages:urgent")[0].url == "https://example.org/flood"
    redis_client.xadd("pagemill:settled", {"id": "7", "outcome": "published"})
    assert "published" in run(["sh", "-c", look], redis_tcp_url, tmp_path)


def test_the_example_for_python_pushes_a_page(redis_client, redis_tcp_url, tmp_path):
    """redis-py and zstandard alone make an entry that is a page."""
    [example] = blocks("python")
    run([sys.executable, "-c", example], redis_tcp_url, tmp_path)
    [page] = pages(redis_client)
    assert page.body == b"<h1>Tides</h1><p>Low water comes six hours after high water.</p>"
    assert (page.meta, page.fetched_at.isoformat()) == ({"shelf": 7}, "2025-03-14T09:26:53+00:00")


@pytest.mark.skipif(not shutil.which("node"), reason="no node on the PATH")
def test_the_example_for_node_pushes_a_page(redis_client, redis_tcp_url, tmp_path):
    """Node with no library at all makes an entry that is a page."""
    [example] = blocks("javascript")
    run(["node", "-e", example], redis_tcp_url, tmp_path)
    assert pages(redis_client)[0].body == b"<h1>Tides</h1><p>Neap tides come with the half moon.</p>"


def test_the_first_example_is_a_complete_push(redis_client):
    """The shortest push of the document, word by word."""
    [example] = [block for block in blocks("") if block.startswith("XADD")]
    redis_client.execute_command(*example.replace('"', "").split())
    assert pages(redis_client)[0].url == "https://example.org/a"


def test_the_table_names_every_field_and_limit():
    """No field of the format is missing, none is made up, and the limits are the defaults."""
    rows = dict(re.findall(r"^\| `(\w+)` \|.*?\|([^|]*)\|[^|]*\|$", DOCUMENT, re.MULTILINE))
    assert set(rows) == FIELDS
    for name, cell in rows.items():
        limit = getattr(Limits(), f"max_{name}", None)
        assert cell.strip().partition(" ")[0] == (f"{limit:,}" if limit else ""), name
