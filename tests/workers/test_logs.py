"""Logs: one harmless line an event, in one form for all libraries."""

import json
import logging

import pytest
import structlog

from workers.logs import configure_logging
from workers.settings import Settings


@pytest.fixture
def logs(capsys):
    """Configures logging, and gives what was written since; at the end all is as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level

    def configure(**settings):
        structlog.reset_defaults()
        configure_logging(Settings(**settings))
        return lambda: capsys.readouterr().err

    yield configure
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def test_a_page_cannot_forge_a_console_line(logs):
    """Line feeds and ESC in an event, in a value and inside a list come out escaped, on one line."""
    written = logs(log_format="console")
    structlog.get_logger("t").info("page\nfake", url="http://a/\x1b]0;x\x07", more=["\n\x1b"])
    lines = written().splitlines()
    assert len(lines) == 1
    assert "\x1b" not in lines[0]
    assert r"page\nfake" in lines[0]
    assert r"http://a/\x1b]0;x\x07" in lines[0]


def test_a_traceback_cannot_forge_a_console_line(logs):
    """Each line of a traceback, which may quote a page, stands behind a bar."""
    written = logs(log_format="console")
    try:
        raise ValueError("first\n2026-01-01 [info] forged \x1b[0m")  # noqa: TRY003, TRY301
    except ValueError:
        structlog.get_logger("t").exception("failed")
    first, *rest = written().splitlines()
    assert "failed" in first
    assert all(line.startswith("  | ") for line in rest)
    assert "\x1b" not in "".join(rest)


def test_without_a_terminal_logs_are_json(logs):
    """An event is one JSON object with its time, level, logger and values as they were."""
    written = logs()
    structlog.get_logger("t").info("batch", pages=3, url="a\nb")
    (line,) = written().splitlines()
    event = json.loads(line)
    assert (event["event"], event["pages"], event["url"], event["level"], event["logger"]) == (
        "batch", 3, "a\nb", "info", "t",
    )  # fmt: skip
    assert event["timestamp"].endswith("Z")


def test_other_libraries_come_out_in_the_same_form(logs):
    """A line of the standard library's logging is JSON as well, with its arguments put in."""
    written = logs()
    logging.getLogger("redis").warning("lost %s", "it")
    assert json.loads(written())["event"] == "lost it"


def test_no_password_is_logged(logs):
    """A URL's password in an event or a value is masked."""
    written = logs()
    structlog.get_logger("t").warning("at redis://:secret@host", url="redis://u:secret@host/0")
    text = written()
    assert "secret" not in text
    assert text.count("***") == 2


def test_rq_is_quiet_but_for_warnings(logs):
    """RQ's lines about every claim are left out, its warnings are not; at debug all come through."""
    written = logs()
    logging.getLogger("rq.worker").setLevel(logging.INFO)
    logging.getLogger("rq.worker").info("claim")
    logging.getLogger("rq.worker").warning("trouble")
    assert [json.loads(line)["event"] for line in written().splitlines()] == ["trouble"]
    written = logs(log_level="debug")
    logging.getLogger("rq.worker").info("claim")
    assert json.loads(written())["event"] == "claim"


def test_the_level_is_a_setting(logs):
    """Below the level nothing is written."""
    written = logs(log_level="warning")
    structlog.get_logger("t").info("batch")
    assert written() == ""
