"""A pool in a process of its own, whose pipeline is another."""

import os
import sys
from typing import Any

import workers.milling
from pipeline.process import Reading
from workers.horses.horse import die_with
from workers.pool import run_pool
from workers.settings import Settings


def start_pool(settings: Settings, work: Any) -> int:
    """Fork a pool that does `work` on each page (as `pipeline.process`), and is silent; answers its process id."""
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    die_with(parent)
    os.setsid()
    workers.milling.read_page = lambda page, options, _profile: Reading(work(page, options))
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 1)
    os.dup2(sink, 2)
    sys.exit(run_pool(settings))
