"""The process of a trial: `python -m workers.horses.trial_run PARENT`. Order on its input, answer on its output."""

import faulthandler
import os
import sys
import time

import msgspec

from pipeline import warm_up
from workers.horses.apart import own_output
from workers.horses.horse import EXIT_MEMORY, die_with, limit_cpu, limit_memory
from workers.horses.last_words import TIME_IS_UP
from workers.horses.trial import Answer, Order
from workers.milling import mill, unpack
from workers.store.contract import Settlement, Taken

QUEUE = "trial"


def main(parent: int) -> None:
    """Try one page, within a horse's bounds; whatever a library prints is not our answer."""
    die_with(parent)
    order = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Order)
    output = own_output()
    warm_up()
    faulthandler.enable()
    faulthandler.register(TIME_IS_UP, chain=True)
    limit_memory(order.settings.horse_limit_mb)
    limit_cpu(order.settings.page_seconds)
    began = time.monotonic()
    try:
        settled = _try(order)
    except MemoryError:
        os._exit(EXIT_MEMORY)
    limit_cpu(0)
    answer = Answer(settled.verdict, settled.reason, settled.detail, settled.draft, time.monotonic() - began)
    with os.fdopen(output, "wb") as file:
        file.write(msgspec.msgpack.encode(answer))


def _try(order: Order) -> Settlement:
    opened = unpack(Taken(queue=QUEUE, entry=order.entry, fields=order.fields), order.settings.limits)
    return opened if isinstance(opened, Settlement) else mill(opened, order.settings.options)


if __name__ == "__main__":
    main(int(sys.argv[1]))
