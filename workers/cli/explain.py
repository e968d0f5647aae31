"""`pagemill explain`: one page through the pipeline, or two pages side by side."""

import sys
from typing import TYPE_CHECKING, Any

import click

from workers.cli.options import json_option, redis_options

if TYPE_CHECKING:
    from pagemill.page import RawPage
    from pipeline.explain import Comparison, Explanation, Side
    from pipeline.site_profile import SiteProfile
    from workers.settings import Settings

_PAIR = 2


@click.command()
@click.argument("given", metavar="INPUT [INPUT]", nargs=-1, required=True)
@click.option("--url", "urls", metavar="URL", multiple=True, help="Of an input with several pages, this one.")
@click.option("--html", metavar="FILE", type=click.Path(dir_okay=False), help="Write it as a web page of its own.")
@click.option("--all", "whole", is_flag=True, help="Show every part that was dropped.")
@json_option("the draft, or why there is none, with the explanation,")
@redis_options
def command(given: tuple[str, ...], urls: tuple[str, ...], **asked: Any) -> int:
    """Show what the pipeline makes of a page, and why; or why two pages are the same article, or are not.

    INPUT is what `pagemill run` takes, of which the first page counts, or - for a page or a line of JSONL on
    standard input. It runs here, without Redis: whether a page repeats another, only the mill can tell, unless both
    are given, as two inputs or as two --url of one. With --redis the mill there tells what it knows of the page's site.
    """
    from workers.settings import load_settings  # noqa: PLC0415

    _check(given, urls, asked["html"])
    settings = load_settings(redis_url=asked["redis_url"], prefix=asked["prefix"])
    first = _find(given[0], urls[0] if urls else None, settings)
    if max(len(given), len(urls)) == _PAIR:
        second = _find(given[-1], urls[-1] if urls else None, settings)
        _print_pair(_compare(first, second, settings), as_json=asked["as_json"])
        return 0
    profile = _profile_of(first, asked["redis_url"], asked["prefix"]) if asked["redis_url"] else None
    explanation = _explain(first, settings, profile)
    if asked["html"]:
        _write_html(explanation, asked["html"])
    if asked["as_json"]:
        _print_json(explanation)
    elif not asked["html"]:
        _print(explanation, whole=asked["whole"])
    return 0


def _profile_of(page: "RawPage", redis_url: str, prefix: str | None) -> "SiteProfile":
    """What the mill there knows of the page's site."""
    from pipeline.site_profile import read_profile  # noqa: PLC0415
    from workers.cli.options import opened  # noqa: PLC0415
    from workers.site_profiles import site_name  # noqa: PLC0415
    from workers.store.redis_store import RedisStore  # noqa: PLC0415

    with opened(redis_url, prefix) as (settings, client):
        return read_profile(RedisStore(client, settings).profiles([site_name(page.url)])[0])


def _check(given: tuple[str, ...], urls: tuple[str, ...], html: str | None) -> None:
    """Raise UsageError for what makes neither one page nor two."""
    msg = ""
    if max(len(given), len(urls)) > _PAIR or (len(given) == _PAIR and len(urls) == 1):
        msg = "give one page or two, and a --url for each or for none"
    elif len(given) == _PAIR and given[0] == given[1] == "-":
        msg = "standard input is one page"
    elif html and max(len(given), len(urls)) == _PAIR:
        msg = "--html shows one page"
    if msg:
        raise click.UsageError(msg)


def _explain(page: "RawPage", settings: "Settings", profile: "SiteProfile | None") -> "Explanation":
    from time import perf_counter  # noqa: PLC0415

    from pipeline import warm_up  # noqa: PLC0415
    from pipeline.explain import explain_page  # noqa: PLC0415

    warm_up()  # else the first page pays for what all share
    return explain_page(page, settings.options, profile, clock=perf_counter)


def _compare(one: "RawPage", other: "RawPage", settings: "Settings") -> "Comparison":
    from pipeline.explain import Policy, compare_pages  # noqa: PLC0415

    policy = Policy(near=settings.near_duplicates, keeps=settings.near_keeps, thresholds=settings.thresholds)
    return compare_pages(_side(one, settings), _side(other, settings), policy)


def _side(page: "RawPage", settings: "Settings") -> "Side":
    from pagemill.errors import PagemillError  # noqa: PLC0415
    from pipeline import Rejected, process  # noqa: PLC0415
    from pipeline.explain import side_of  # noqa: PLC0415

    result = process(page, settings.options)
    if isinstance(result, Rejected):
        msg = f"{page.url}: gives no record to compare: {result.reason.value} ({result.detail})"
        raise PagemillError(msg)
    return side_of(page, result)


def _find(given: str, url: str | None, settings: "Settings") -> "RawPage":
    from pagemill.errors import PagemillError  # noqa: PLC0415
    from pagemill.page import check_limits  # noqa: PLC0415
    from workers.cli.app import complain  # noqa: PLC0415
    from workers.inputs import Intake  # noqa: PLC0415

    intake = Intake(settings.limits, complain)
    pages = iter([_from_standard_input(settings)]) if given == "-" else intake.pages([given])
    page = next((page for page in pages if url in (None, page.url)), None)
    if page is None:
        msg = f"{given}: holds no page" + (f" with the URL {url}" if url else "")
        raise PagemillError(msg)
    check_limits(page, settings.limits)
    return page


def _from_standard_input(settings: "Settings") -> "RawPage":
    """A line of JSONL, or else a page as it is."""
    import msgspec  # noqa: PLC0415

    from pagemill.errors import PagemillError  # noqa: PLC0415
    from pagemill.page import RawPage  # noqa: PLC0415
    from workers.inputs.jsonl import Line, to_page  # noqa: PLC0415

    limits = settings.limits
    body = sys.stdin.buffer.read(6 * limits.max_body)
    if not body.lstrip().startswith(b"{"):
        return RawPage(url="file:///dev/stdin", body=body)
    try:
        return to_page(msgspec.json.decode(body.strip().splitlines()[0], type=Line), limits)
    except (ValueError, RecursionError) as error:
        msg = f"standard input: {error}"
        raise PagemillError(msg) from None


def _write_html(explanation: "Explanation", file: str) -> None:
    from pathlib import Path  # noqa: PLC0415

    from workers.explain import as_document  # noqa: PLC0415

    page = as_document(explanation).encode("utf-8", "replace")
    if file == "-":
        sys.stdout.buffer.write(page)
    else:
        Path(file).write_bytes(page)


def _print_json(explanation: "Explanation") -> None:
    import msgspec  # noqa: PLC0415

    from pagemill.record import encode_draft  # noqa: PLC0415
    from workers.cli.render import print_json  # noqa: PLC0415

    told: dict[str, Any] = msgspec.to_builtins(explanation)
    given = {name: told.pop(name) for name in ("draft", "reason", "detail")}
    if explanation.draft is None:
        print_json({"outcome": "rejected", "reason": given["reason"], "detail": given["detail"], "explanation": told})
    else:
        draft = msgspec.json.decode(encode_draft(explanation.draft))
        print_json({"outcome": "draft", **draft, "explanation": told})


def _print(explanation: "Explanation", *, whole: bool) -> None:
    from workers.cli.explain_page import explained  # noqa: PLC0415
    from workers.cli.render import console  # noqa: PLC0415

    out = console()
    for piece in explained(explanation, width=out.width if out.is_terminal else None, whole=whole):
        out.print(piece)


def _print_pair(comparison: "Comparison", *, as_json: bool) -> None:
    import msgspec  # noqa: PLC0415

    from workers.cli.explain_pair import compared  # noqa: PLC0415
    from workers.cli.render import console, print_json  # noqa: PLC0415

    if as_json:
        print_json({"same": comparison.same, **msgspec.to_builtins(comparison)})
        return
    out = console()
    for piece in compared(comparison):
        out.print(piece)
