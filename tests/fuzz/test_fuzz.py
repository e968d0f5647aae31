"""The short form of the fuzzing, the same at each run; run.py is the long one."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutate import mutate
from run import seeds
from targets import TARGETS

FINDINGS = sorted((Path(__file__).parent / "findings").iterdir())
STARTS = seeds()
EXAMPLES = {"whole": 12, "extracting": 12}  # of the others, which take less than a hundredth of a second, 30

mutated = st.builds(
    lambda start, number: mutate(STARTS[start], Random(number), STARTS, 6_000),
    st.integers(0, len(STARTS) - 1),
    st.integers(0, 2**32),
)


@pytest.mark.parametrize("name", TARGETS)
def test_mutated_inputs_break_no_law(name):
    """Pages with spliced tags, broken bytes and torn entities leave each target's laws as they are."""

    @settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=EXAMPLES.get(name, 30),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(mutated | st.binary(max_size=200))
    def holds(fuzz):
        TARGETS[name](fuzz)

    holds()


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("finding", FINDINGS, ids=lambda path: path.name)
def test_what_was_found_once_is_mended(name, finding):
    """Each input that once broke a law holds for every target."""
    TARGETS[name](finding.read_bytes())
