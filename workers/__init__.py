"""The edge: queues, workers, stores, and the command line."""

import os

# Before anything loads numpy: a thread that is there before a fork may hold a lock for ever, and a page's matrices are
# so small that threads only cost.
for _library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")
