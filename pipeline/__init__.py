"""The pure pipeline: `process(page)` makes a draft of a record of a page, or says why there is none.

No Redis, clock, environment or network: it runs in a notebook, a test, a Spark or Ray job as in a worker.
"""

from pagemill.record import Draft
from pipeline.options import DEFAULT_OPTIONS, Options
from pipeline.process import process
from pipeline.result import Rejected
from pipeline.warm import warm_up

__all__ = ["DEFAULT_OPTIONS", "Draft", "Options", "Rejected", "process", "warm_up"]
