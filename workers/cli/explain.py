"""`pagemill explain`: one page through the pipeline."""

import sys
from typing import TYPE_CHECKING, Any

import click

from workers.cli.options import json_option

if TYPE_CHECKING:
    from pagemill.page import RawPage
    from pagemill.record import Draft
    from pipeline import Rejected
    from workers.settings import Settings

_SHOWN = (
    "title", "authors", "published_at", "modified_at", "language", "canonical_url", "site_name", "section", "tags",
    "description", "image", "source", "fetched_at",
)  # fmt: skip


@click.command()
@click.argument("given", metavar="INPUT")
@click.option("--url", metavar="URL", help="Of an input with several pages, the one with this URL.")
@json_option("the draft, or why there is none,")
def command(given: str, url: str | None, *, as_json: bool) -> int:
    """Show what the pipeline makes of one page: what was kept, what was dropped, and why.

    INPUT is what `pagemill run` takes, of which the first page counts, or - for a page or a line of JSONL on
    standard input. It runs here, without Redis: whether the page repeats another, only the mill can tell.
    """
    from pipeline import Rejected, process  # noqa: PLC0415
    from workers.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    page = _find(given, url, settings)
    result = process(page, settings.options)
    if as_json:
        _print_json(result)
    elif isinstance(result, Rejected):
        _print_rejected(page, result)
    else:
        _print_draft(page, result)
    return 0


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


def _print_json(result: "Draft | Rejected") -> None:
    import msgspec  # noqa: PLC0415

    from pipeline import Rejected  # noqa: PLC0415
    from workers.cli.render import print_json  # noqa: PLC0415

    told = msgspec.to_builtins(result)
    print_json({"outcome": "rejected", **told} if isinstance(result, Rejected) else {"outcome": "draft", **told})


def _print_rejected(page: "RawPage", result: "Rejected") -> None:
    from workers.cli.explain_page import verdict  # noqa: PLC0415
    from workers.cli.render import console  # noqa: PLC0415

    out = console()
    out.print(verdict("rejected", page.url, result.reason.value, result.detail))


def _print_draft(page: "RawPage", draft: "Draft") -> None:
    from workers.cli.explain_page import fields, text, verdict  # noqa: PLC0415
    from workers.cli.render import console  # noqa: PLC0415

    out = console()
    out.print(verdict("draft of a record", page.url))
    rows: list[tuple[str, Any]] = [(name, getattr(draft, name)) for name in _SHOWN]
    extraction = draft.extraction
    rows += [
        ("method", extraction.method),
        ("confidence", extraction.confidence),
        ("removed", [f"{rule}: {count:,}" for rule, count in extraction.removed.items()]),
        ("warnings", list(draft.warnings)),
    ]
    out.print(fields(rows))
    out.print()
    out.print(text(draft.text))
