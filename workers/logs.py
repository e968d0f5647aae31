"""Logs: structlog through the standard library, so that RQ's and redis's lines come out in the same form.

The standard library's handlers have locks that survive a fork (they are made anew in the child). Whatever
stems from a page is escaped: JSON does that by itself, for the console a processor does.
"""

import logging
import os
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

from workers.masking import masked
from workers.printable import printable, printable_block
from workers.settings import Settings

CHATTY = ("trafilatura", "htmldate", "courlan", "justext", "readability", "dateparser", "charset_normalizer")
"""Libraries that log, with its content, each page that displeases them; the record's warnings tell that better."""

_Event = MutableMapping[str, Any]


def configure_logging(settings: Settings) -> None:
    """Send all logs of this process to standard error: JSON for machines, coloured lines for a terminal.

    May be called again, also in a child process.
    """
    terminal = sys.stderr.isatty()
    console = settings.log_format == "console" or (settings.log_format == "auto" and terminal)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    last: list[Processor] = [escape_event, _console(colors=terminal)] if console else [_JSON]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, mask_event, *last],
            foreign_pre_chain=_SHARED,
        )
    )
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    if level > logging.DEBUG:
        handler.addFilter(_rq_is_quiet)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.DEBUG if level <= logging.DEBUG else logging.CRITICAL)
    logging.basicConfig(level=level, handlers=[handler], force=True)


def escape_event(_logger: Any, _method: str, event: _Event) -> _Event:
    """A processor: every string, however deep, as one harmless line; of a traceback each line behind a bar."""
    for name, value in event.items():
        event[name] = _barred(value) if name in _BLOCKS and isinstance(value, str) else _escaped(value)
    return event


def mask_event(_logger: Any, _method: str, event: _Event) -> _Event:
    """A processor: no URL's password in any string."""
    for name, value in event.items():
        event[name] = _over_strings(masked, value)
    return event


def _escaped(value: Any) -> Any:
    return _over_strings(printable, value)


def _over_strings(change: Any, value: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {_over_strings(change, key): _over_strings(change, item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_over_strings(change, item) for item in value]
    return value


def _barred(text: str) -> str:
    return "\n".join(f"  | {line}" for line in printable_block(text).split("\n"))


def _rq_is_quiet(record: logging.LogRecord) -> bool:
    """RQ tells of every claim, several lines each: ours, one a batch, say more."""
    return not (record.name.partition(".")[0] == "rq" and record.levelno < logging.WARNING)


def _console(*, colors: bool) -> Processor:
    return structlog.dev.ConsoleRenderer(
        colors=colors and not os.environ.get("NO_COLOR"), exception_formatter=structlog.dev.plain_traceback
    )


_JSON = structlog.processors.JSONRenderer()
_BLOCKS = ("exception", "stack")
_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
]
