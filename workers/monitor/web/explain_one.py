"""The process that explains one page: `python -m workers.monitor.web.explain_one PARENT`. See `explaining`."""

import os
import sys
import time

import msgspec

from pipeline import warm_up
from pipeline.explain import WHY, Explanation, explain_page
from workers.horses.apart import own_output
from workers.horses.horse import die_with, limit_cpu, limit_memory
from workers.monitor.web.explaining import Task

MOST_PARTS = 2_000
MOST_TEXT = 4_000
"""Characters of a part that are shown."""


def main(parent: int) -> None:
    """Explain the page within its bounds; what it does to this process, it does to nobody else."""
    die_with(parent)
    output = own_output()
    task = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Task)
    options = task.settings.options
    warm_up()
    limit_memory(task.settings.horse_limit_mb)
    limit_cpu(task.settings.page_seconds)
    explanation = explain_page(task.page, options, clock=time.perf_counter)
    told = {"explanation": _cut(explanation), "parts": len(explanation.parts), "why": WHY}
    with os.fdopen(output, "wb") as file:
        file.write(msgspec.json.encode(told))


def _cut(explanation: Explanation) -> Explanation:
    """As much of it as a page shows."""
    replace = msgspec.structs.replace
    parts = tuple(replace(part, text=part.text[:MOST_TEXT]) for part in explanation.parts[:MOST_PARTS])
    fields = tuple(replace(field, value=field.value[:MOST_TEXT]) for field in explanation.fields)
    draft = explanation.draft and replace(explanation.draft, text="", meta={})
    return replace(explanation, draft=draft, parts=parts, fields=fields)


if __name__ == "__main__":
    main(int(sys.argv[1]))
