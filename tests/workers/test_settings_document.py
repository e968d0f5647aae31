"""docs/settings.md and docs/cli.md tell of everything that there is."""

import json
import re
from importlib import import_module
from pathlib import Path

import click
import msgspec
import pytest

from workers.cli.app import COMMANDS
from workers.settings import Settings

DOCS = Path(__file__).resolve().parents[2] / "docs"
ROWS = dict(re.findall(r"^\| `(\w+)` \| (.*?) \| .{20,} \|$", (DOCS / "settings.md").read_text("utf-8"), re.MULTILINE))
CLI = (DOCS / "cli.md").read_text("utf-8")


def test_every_setting_is_documented_and_no_other():
    """A row each, with its default and what it trades."""
    assert set(ROWS) == set(Settings.__struct_fields__)


@pytest.mark.parametrize("field", msgspec.structs.fields(Settings), ids=lambda field: field.name)
def test_the_documented_default_is_the_default(field):
    """As it would be written in the environment."""
    default = field.default
    if isinstance(default, tuple):
        default = ",".join(default)
    written = default if isinstance(default, str) else json.dumps(default)
    assert ROWS[field.name] == (f"`{written}`" if written else "none")


def _commands():
    for name in COMMANDS:
        command = import_module(f"workers.cli.{name}").command
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", found) for inner, found in command.commands.items())
        else:
            yield name, command


@pytest.mark.parametrize(
    ("name", "command"), list(_commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_option_is_documented(name, command):
    """In the command's own usage line."""
    (usage,) = re.findall(rf"^    pagemill {name} (.*)$", CLI, re.MULTILINE) or [""]
    options = [option for option in command.params if isinstance(option, click.Option) and not option.hidden]
    names = {option.opts[-1] for option in options} - {"--redis", "--prefix"}
    assert not [option for option in names if option not in usage]
