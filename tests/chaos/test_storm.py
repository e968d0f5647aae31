"""Each page is settled once and each record published once, whatever of ours dies, wherever."""

import os
import random
import sys
from pathlib import Path

import pytest
from storm import cover


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the harness reads /proc")
@pytest.mark.timeout(900)
def test_a_storm_loses_nothing_and_repeats_nothing():
    """A process dies, or stops past its lease, at each named point of a page's life; and more goes wrong meanwhile."""
    seed = int(os.environ.get("CHAOS_SEED", "0")) or random.SystemRandom().randrange(1_000_000)
    sys.stdout.write(f"CHAOS_SEED={seed}\n")  # shown when it fails
    report = cover(seed, lambda line: sys.stdout.write(f"{line}\n"))
    assert report.missed == []
    assert report.problems == []
    assert report.late
    told = report.figures
    assert (told.lost, told.twice, told.innocents_dead, told.spared) == (0, 0, 0, 0)
    assert told.pushed == told.settled == sum(told.outcomes.values())
