"""`pagemill dead`: the pages that were given up."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from workers.cli.dead_choice import at, filters
from workers.cli.options import json_option, opened, redis_options

if TYPE_CHECKING:
    from redis import Redis

    from workers.store.contract import DeadLetter
    from workers.store.dead import Wanted
    from workers.store.redis_store import RedisStore


@click.group()
def command() -> None:
    """List, show, try, replay and drop dead letters: pages whose work crashed, hung or raised, kept whole."""


@command.command(name="list")
@filters
@json_option("one a line")
@redis_options
def list_letters(redis_url: str | None, prefix: str | None, *, as_json: bool, **chosen: Any) -> int:
    """List dead letters, the oldest first."""
    from workers.store.dead import list_letters  # noqa: PLC0415

    with opened(redis_url, prefix) as (settings, client):
        letters = list_letters(client, settings.keys.dead, _wanted(client, chosen))
        if as_json:
            _print_lines(letters)
        else:
            _print_table(letters)
    return 0


@command.command()
@click.argument("letter", metavar="ID")
@click.option("--body", type=click.File("wb"), metavar="FILE", help="Write the page's bytes to FILE (-: here).")
@json_option("it, without the page's bytes,")
@redis_options
def show(letter: str, redis_url: str | None, prefix: str | None, *, body: BinaryIO | None, as_json: bool) -> int:
    """Show one dead letter: why, and the page as it came, escaped."""
    from workers.cli.render import print_json  # noqa: PLC0415
    from workers.store.letters import body_of  # noqa: PLC0415
    from workers.store.redis_store import RedisStore  # noqa: PLC0415

    with opened(redis_url, prefix) as (settings, client):
        found = RedisStore(client, settings).dead_letter(letter)
    if found is None:
        return _missing([letter])
    if body:
        body.write(body_of(found, settings.limits))
    elif as_json:
        print_json(_told(found))
    else:
        from workers.cli.dead_page import dead_page  # noqa: PLC0415
        from workers.cli.render import console  # noqa: PLC0415

        console().print(dead_page(found, settings.limits))
    return 0


@command.command(name="try")
@click.argument("letters", nargs=-1, metavar="[ID...]")
@click.option("--all", "everything", is_flag=True, help="All that are there now.")
@filters
@json_option("one a line, with its draft,")
@redis_options
def try_letters(
    letters: tuple[str, ...], redis_url: str | None, prefix: str | None, *, as_json: bool, **chosen: Any
) -> int:
    """Show what this release makes of dead letters, against what they died of; nothing is settled or replayed.

    Each page runs in a process of its own, with a horse's bounds on time and memory: about two seconds a letter.
    Exit 1 when any would die again.
    """
    from workers.cli.dead_trial import show_trials  # noqa: PLC0415

    is_named = _is_named(letters, chosen)
    with opened(redis_url, prefix) as (settings, client):
        store = _store(client, settings)
        ids, most = _ids(store, letters if is_named else _wanted(client, chosen))
        dying, gone = show_trials(store, ids, most, as_json=as_json)
    return _missing(gone if is_named else []) or int(dying > 0)


@command.command()
@click.argument("letters", nargs=-1, metavar="[ID...]")
@click.option("--all", "everything", is_flag=True, help="All that are there now.")
@filters
@redis_options
def replay(letters: tuple[str, ...], redis_url: str | None, prefix: str | None, **chosen: Any) -> int:
    """Put dead letters back on their queues, as new pages: by ID, all, or those that the filters take."""
    is_named = _is_named(letters, chosen)
    with opened(redis_url, prefix) as (settings, client):
        store = _store(client, settings)
        return _each(store, letters if is_named else _wanted(client, chosen), store.replay, "replayed")


@command.command()
@click.argument("letters", nargs=-1, metavar="[ID...]")
@click.option("--all", "everything", is_flag=True, help="All that are there now.")
@filters
@click.option("--yes", is_flag=True, help="Do not ask.")
@redis_options
def drop(letters: tuple[str, ...], redis_url: str | None, prefix: str | None, *, yes: bool, **chosen: Any) -> int:
    """Forget dead letters for good: by ID, all, or those that the filters take."""
    is_named = _is_named(letters, chosen)
    with opened(redis_url, prefix) as (settings, client):
        store = _store(client, settings)
        if is_named:
            return _each(store, letters, store.drop, "dropped")
        wanted = _wanted(client, chosen)
        if not yes:
            _ask(store, wanted)
        return _each(store, wanted, store.drop, "dropped")


def _is_named(letters: Sequence[str], chosen: dict[str, Any]) -> bool:
    """Whether letters are meant by their ids. Raises UsageError unless they are chosen in exactly one way."""
    everything = chosen.pop("everything")
    if (bool(letters), everything, any(chosen.values())).count(True) != 1:
        msg = "name the dead letters by their IDs, or choose them by --reason and the like, or take --all"
        raise click.UsageError(msg)
    return bool(letters)


def _store(client: "Redis", settings: Any) -> "RedisStore":
    from workers.store.redis_store import RedisStore  # noqa: PLC0415 - with redis it takes a fifth of a second

    return RedisStore(client, settings)


def _wanted(client: "Redis", chosen: dict[str, Any]) -> "Wanted":
    from workers.readings import server_time  # noqa: PLC0415
    from workers.store.dead import Wanted  # noqa: PLC0415

    now = server_time(client)
    since, until = at(chosen["since"], now), at(chosen["until"], now)
    named = {name: chosen[name] or "" for name in ("reason", "host", "queue", "url")}
    return Wanted(since=since, until=until, **named)


def _ask(store: "RedisStore", wanted: "Wanted") -> None:
    from workers.cli.render import counted  # noqa: PLC0415
    from workers.store.dead import list_letters  # noqa: PLC0415

    if not sys.stdin.isatty():
        msg = "there is nobody to ask whether to drop them for good: say --yes"
        raise click.UsageError(msg)
    count = sum(1 for _ in list_letters(store.client, store.keys.dead, wanted))
    click.confirm(f"Drop {counted(count, 'dead letter')} for good?", abort=True, err=True)


def _each(store: "RedisStore", which: "Sequence[str] | Wanted", do: Callable[[str], Any], done: str) -> int:
    """Do it to each, and say to how many even when Redis goes away in the middle."""
    from workers.cli.progress_line import counting  # noqa: PLC0415
    from workers.cli.render import counted  # noqa: PLC0415

    ids, most = _ids(store, which)
    count = 0
    missing: list[str] = []
    try:
        with counting("dead letters", most) as step:
            for letter in ids:
                if do(letter):
                    count += 1
                elif ids is which:  # of those that were not named another was faster
                    missing.append(letter)
                step()
    finally:
        click.echo(f"{counted(count, 'dead letter')} {done}")
    return _missing(missing)


def _ids(store: "RedisStore", which: "Sequence[str] | Wanted") -> tuple[Iterable[str], int]:
    """The ids that are meant, and how many there may be."""
    from workers.store.dead import Wanted, list_letters  # noqa: PLC0415

    if not isinstance(which, Wanted):
        return which, len(which)
    return (letter.letter for letter in list_letters(store.client, store.keys.dead, which)), store.ledger().dead


def _missing(letters: Sequence[str]) -> int:
    from workers.cli.app import complain  # noqa: PLC0415

    for letter in letters:
        complain(f"no dead letter {letter[:40]!a}: see pagemill dead list")
    return int(bool(letters))


def _told(letter: "DeadLetter") -> dict[str, Any]:
    import msgspec  # noqa: PLC0415

    told: dict[str, Any] = msgspec.to_builtins(letter)
    told["fields"] = {
        name.decode("utf-8", "backslashreplace"): value.decode("utf-8", "backslashreplace")
        for name, value in letter.fields.items()
        if name != b"body"
    }
    return told


def _print_lines(letters: "Iterator[DeadLetter]") -> None:
    import json  # noqa: PLC0415

    for letter in letters:
        told = _told(letter)
        del told["fields"]
        click.echo(json.dumps(told))


def _print_table(letters: "Iterator[DeadLetter]") -> None:
    import msgspec  # noqa: PLC0415

    from workers.cli.dead_page import dead_table  # noqa: PLC0415
    from workers.cli.render import console, counted  # noqa: PLC0415

    out = console()
    rows = [msgspec.structs.replace(letter, detail="") for letter in letters]  # a table has no room for it
    if rows:
        out.print(dead_table(rows))
    out.print(counted(len(rows), "dead letter") if rows else "no dead letters")
