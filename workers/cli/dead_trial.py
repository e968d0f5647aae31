"""`dead try` for people and programs: what a page died of, against what becomes of it now."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator

import click
import msgspec
from rich.console import Group, RenderableType
from rich.text import Text

from workers.cli.progress_line import counting
from workers.cli.render import console, counted, fields
from workers.horses.trial import Trial, try_letter
from workers.printable import printable, printable_block
from workers.store.redis_store import RedisStore

_MOST_SHOWN = 4_000  # characters of a text
_SHOWN = ("title", "authors", "published_at", "language", "canonical_url", "site_name", "warnings")


def show_trials(store: RedisStore, ids: Iterable[str], most: int, *, as_json: bool) -> tuple[int, list[str]]:
    """Try each letter and show it; answers how many would die again, and the ids that are there no more.

    One alone is shown with its draft, of several each is a line, with a sum of them at the end.
    """
    gone: list[str] = []
    seen: Counter[str] = Counter()
    dying = 0
    with counting("dead letters", most) as step:
        for letter in ids:
            found = store.dead_letter(letter)
            if found is None:
                gone.append(letter)
                continue
            trial = try_letter(found, store.settings)
            dying += not trial.is_mended
            seen[f"{trial.then} -> {_now(trial)}"] += 1
            _show(trial, whole=most == 1, as_json=as_json)
            step()
    if not as_json and most > 1:
        for change, count in seen.most_common():
            click.echo(f"{counted(count, 'dead letter')}: {printable(change)}")
    return dying, gone


def _show(trial: Trial, *, whole: bool, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({**msgspec.to_builtins(trial), "is_mended": trial.is_mended}))
    elif whole:
        console().print(Group(*_parts(trial)))
    else:
        click.echo(printable(f"{trial.letter}  {trial.then} -> {_now(trial)}  {trial.url}"))


def _parts(trial: Trial) -> Iterator[RenderableType]:
    yield Text(printable(trial.url or trial.letter), style="bold")
    yield Text(printable(f"then: dead, {trial.then} ({trial.at:%Y-%m-%d %H:%M:%S})"), style="red")
    yield Text(printable(f"now:  {_now(trial)}"), style="green" if trial.is_mended else "red")
    if trial.draft is None:
        if trial.detail:
            yield Text(printable_block(trial.detail))
        return
    values = ((name, getattr(trial.draft, name)) for name in _SHOWN)
    yield fields((name, ", ".join(value) if isinstance(value, list | tuple) else value) for name, value in values)
    yield Text()
    yield Text(printable_block(trial.draft.text[:_MOST_SHOWN]))
    if (more := len(trial.draft.text) - _MOST_SHOWN) > 0:
        yield Text(f"... {more:,} characters more: --json has them all", style="dim")


def _now(trial: Trial) -> str:
    if trial.verdict == "draft":
        return "draft of a record"
    return f"{trial.verdict}: {trial.reason}"
