"""What a horse's end says about its page, for real wait statuses."""

import os
import signal
import sys

import pytest

from pagemill.outcomes import DeadReason
from workers.horses.deaths import explain
from workers.horses.horse import EXIT_FAILED, EXIT_MEMORY


def status_of(code):
    """The wait status of a process that runs this."""
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", f"import os, signal\n{code}"], os.environ)
    return os.waitpid(pid, 0)[1]


def killed_by(number):
    default = "" if number == signal.SIGKILL else f"signal.signal({number}, signal.SIG_DFL); "
    return status_of(f"{default}os.kill(os.getpid(), {number}); signal.pause()")


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGBUS", "SIGABRT", "SIGILL", "SIGFPE", "SIGSYS", "SIGTRAP"])
def test_a_crash_is_the_pages_own(name):
    """What the process did to itself is a strike, and the letter names the signal."""
    death = explain(killed_by(int(signal.Signals[name])))
    assert (death.mark, death.reason) == ("strike", DeadReason.CRASHED)
    assert name in death.detail


@pytest.mark.parametrize("name", ["SIGPROF", "SIGXCPU"])
def test_processor_time_used_up_is_a_timeout(name):
    """SIGPROF comes from the limit on the page's time, SIGXCPU from one that the operator set."""
    death = explain(killed_by(int(signal.Signals[name])))
    assert (death.mark, death.reason) == ("strike", DeadReason.TIMEOUT)
    assert name in death.detail


def test_nobody_can_tell_where_sigkill_came_from():
    """The operator, the kernel out of memory, we ourselves: a suspect, no strike."""
    death = explain(killed_by(int(signal.SIGKILL)))
    assert (death.mark, death.reason) == ("suspect", DeadReason.LOST)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR2", "SIGQUIT"])
def test_a_signal_that_somebody_sent_blames_no_page(name):
    """Such signals come from outside."""
    death = explain(killed_by(int(signal.Signals[name])))
    assert death.mark == "innocent"
    assert name in death.detail


def test_a_real_time_signal_has_a_name_too():
    """Signals without a name in Python are told by number."""
    death = explain(killed_by(int(signal.SIGRTMIN) + 3))
    assert death.mark == "innocent"
    assert str(int(signal.SIGRTMIN) + 3) in death.detail


def test_exit_codes_speak():
    """0 is a clean end, memory and failure have a code of their own, any other is a crash."""
    assert explain(status_of("")) is None
    memory = explain(status_of(f"os._exit({EXIT_MEMORY})"))
    assert (memory.mark, memory.reason) == ("strike", DeadReason.MEMORY)
    assert explain(status_of(f"os._exit({EXIT_FAILED})")).mark == "innocent"
    crash = explain(status_of("os._exit(3)"))
    assert (crash.mark, crash.reason) == ("strike", DeadReason.CRASHED)


def test_no_end_is_clean_with_a_page_in_hand():
    """A page that ends the process with status 0 has a strike like any that crashes it, or it would come for ever."""
    death = explain(status_of("os._exit(0)"), in_hand=True)
    assert (death.mark, death.reason) == ("strike", DeadReason.CRASHED)


def test_a_horse_that_somebody_else_reaped_is_unexplained():
    """Without a status there is a suspect."""
    assert explain(None).mark == "suspect"
