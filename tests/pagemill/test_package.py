"""The package: what it exports, and what importing it costs."""

import subprocess
import sys

import pytest

import pagemill


def test_importing_the_package_loads_no_redis():
    """RawPage, Record and the errors come without redis; Producer and Consumer load it when they are asked for."""
    program = (
        "import sys, pagemill\n"
        "pagemill.RawPage(url='https://example.org', body=b'')\n"
        "assert not {'redis', 'rq', 'structlog'} & set(sys.modules)\n"
        "from pagemill import Producer, Consumer\n"
        "assert 'redis' in sys.modules and 'rq' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", pagemill.__all__)
def test_every_name_that_is_promised_is_there(name):
    """What __all__ lists can be had."""
    assert getattr(pagemill, name).__name__ == name


def test_a_name_that_is_not_there_is_an_attribute_error():
    """The lazy names do not swallow misspelt ones."""
    with pytest.raises(AttributeError, match="Produzer"):
        _ = pagemill.Produzer
