"""`pagemill dead`: the pages that were given up."""

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

import click

from workers.cli.options import json_option, opened, redis_options

if TYPE_CHECKING:
    from workers.redis_store import RedisStore
    from workers.store import DeadLetter

_PAGE = 100


@click.group()
def command() -> None:
    """List, show, replay and drop dead letters: pages whose work crashed, hung or raised, kept whole."""


@command.command(name="list")
@click.option("--reason", metavar="REASON", help="Only those with this reason, such as timeout or malformed.")
@click.option("--host", metavar="HOST", help="Only those of this host.")
@json_option("one a line")
@redis_options
def list_letters(
    redis_url: str | None, prefix: str | None, *, reason: str | None, host: str | None, as_json: bool
) -> int:
    """List dead letters, the oldest first."""
    from workers.redis_store import RedisStore  # noqa: PLC0415

    with opened(redis_url, prefix) as (settings, client):
        letters = (
            letter
            for letter in _all(RedisStore(client, settings))
            if reason in (None, letter.reason) and host in (None, letter.host)
        )
        if as_json:
            _print_lines(letters)
        else:
            _print_table(list(letters))
    return 0


@command.command()
@click.argument("letter", metavar="ID")
@click.option("--raw", is_flag=True, help="Write the page's bytes, and nothing else.")
@json_option("it, without the page's bytes,")
@redis_options
def show(letter: str, redis_url: str | None, prefix: str | None, *, raw: bool, as_json: bool) -> int:
    """Show one dead letter: why, and the page as it came, escaped."""
    from workers.cli.render import print_json  # noqa: PLC0415
    from workers.letters import body_of  # noqa: PLC0415
    from workers.redis_store import RedisStore  # noqa: PLC0415

    with opened(redis_url, prefix) as (settings, client):
        found = RedisStore(client, settings).dead_letter(letter)
    if found is None:
        return _missing([letter])
    if raw:
        sys.stdout.buffer.write(body_of(found, settings.limits))
    elif as_json:
        print_json(_told(found))
    else:
        from workers.cli.dead_page import dead_page  # noqa: PLC0415
        from workers.cli.render import console  # noqa: PLC0415

        console().print(dead_page(found, settings.limits))
    return 0


@command.command()
@click.argument("letters", nargs=-1, metavar="[ID...]")
@click.option("--all", "everything", is_flag=True, help="All that are there now.")
@redis_options
def replay(letters: tuple[str, ...], redis_url: str | None, prefix: str | None, *, everything: bool) -> int:
    """Put dead letters back on their queues, as new pages."""
    return _each(letters, redis_url, prefix, everything=everything, done="replayed")


@command.command()
@click.argument("letters", nargs=-1, metavar="[ID...]")
@click.option("--all", "everything", is_flag=True, help="All that are there now.")
@redis_options
def drop(letters: tuple[str, ...], redis_url: str | None, prefix: str | None, *, everything: bool) -> int:
    """Forget dead letters for good."""
    return _each(letters, redis_url, prefix, everything=everything, done="dropped")


def _each(letters: Sequence[str], redis_url: str | None, prefix: str | None, *, everything: bool, done: str) -> int:
    from workers.cli.render import counted  # noqa: PLC0415
    from workers.redis_store import RedisStore  # noqa: PLC0415

    if everything == bool(letters):
        msg = "name the dead letters by their IDs, or take --all"
        raise click.UsageError(msg)
    with opened(redis_url, prefix) as (settings, client):
        store = RedisStore(client, settings)
        do = store.replay if done == "replayed" else store.drop
        wanted = [letter.letter for letter in _all(store)] if everything else letters
        missing = [letter for letter in wanted if not do(letter)]
    click.echo(f"{counted(len(wanted) - len(missing), 'dead letter')} {done}")
    return _missing(missing) if missing and not everything else 0  # with --all another was faster


def _missing(letters: Sequence[str]) -> int:
    from workers.cli.app import complain  # noqa: PLC0415

    for letter in letters:
        complain(f"no dead letter {letter[:40]!a}: see pagemill dead list")
    return 1


def _all(store: "RedisStore") -> "Iterator[DeadLetter]":
    """All that are there now: what dies again while they are replayed is not among them."""
    after, last = "", ""
    newest = cast("list[tuple[bytes, Any]]", store.client.xrevrange(store.keys.dead, count=1))
    if newest:
        last = newest[0][0].decode()
    while last and (letters := store.dead_letters(most=_PAGE, after=after)):
        for letter in letters:
            yield letter
            if letter.letter == last:
                return
        after = letters[-1].letter


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


def _print_table(letters: "Sequence[DeadLetter]") -> None:
    from workers.cli.dead_page import dead_table  # noqa: PLC0415
    from workers.cli.render import console, counted  # noqa: PLC0415

    out = console()
    if letters:
        out.print(dead_table(letters))
    out.print(counted(len(letters), "dead letter") if letters else "no dead letters")
