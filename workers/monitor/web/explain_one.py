"""The process that explains one page: the task comes on standard input, JSON goes out. See `explaining`."""

import sys
import time

import msgspec

from pipeline.explain import WHY, Explanation, explain_page
from workers.horses.horse import die_with, limit_cpu, limit_memory
from workers.monitor.web.explaining import Task

MOST_PARTS = 2_000
MOST_TEXT = 4_000
"""Characters of a part that are shown."""


def main() -> None:
    """Explain the page within its bounds; what it does to this process, it does to nobody else."""
    task = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Task)
    die_with(task.parent)
    options = task.settings.options
    limit_memory(task.settings.horse_limit_mb)
    limit_cpu(task.settings.page_seconds)
    explanation = explain_page(task.page, options, clock=time.perf_counter)
    told = {"explanation": _cut(explanation), "parts": len(explanation.parts), "why": WHY}
    sys.stdout.buffer.write(msgspec.json.encode(told))


def _cut(explanation: Explanation) -> Explanation:
    """As much of it as a page shows."""
    replace = msgspec.structs.replace
    parts = tuple(replace(part, text=part.text[:MOST_TEXT]) for part in explanation.parts[:MOST_PARTS])
    fields = tuple(replace(field, value=field.value[:MOST_TEXT]) for field in explanation.fields)
    draft = explanation.draft and replace(explanation.draft, text="", meta={})
    return replace(explanation, draft=draft, parts=parts, fields=fields)


if __name__ == "__main__":
    main()
