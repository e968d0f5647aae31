"""The drift benchmark, for as long as a test may take."""

import subprocess
import sys
from pathlib import Path

import pytest

DRIFT = Path(__file__).resolve().parents[3] / "benchmarks" / "drift.py"
DEBIAN = "/usr/bin/redis-server"


@pytest.mark.parametrize("server", [[], ["--redis-server", DEBIAN]], ids=["valkey", "redis-7.0"])
def test_some_thousand_settlements_leave_the_books_even(require, server):
    """With commits repeated, batches adopted, trials, replays and drops no counter drifts; each outcome is foretold."""
    if server:
        require(DEBIAN)
    command = [sys.executable, DRIFT, "--pages", "4000", "--batch", "32", "--every", "1000", *server]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.stdout.endswith("no drift: the books are even to the page\n"), done.stdout + done.stderr
    assert "commits repeated" in done.stdout
