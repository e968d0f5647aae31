"""What is told of an explained page beside its parts: metadata, removals, warnings, keys, times."""

from collections.abc import Iterator

from pipeline.explain import Explanation, Sameness
from workers.explain.markup import bar, element, escaped, table

_MOST_VALUE = 600  # characters


def facts(explanation: Explanation) -> Iterator[str]:
    """Tables, without those that would be empty."""
    if explanation.fields:
        rows = (
            (escaped(field.name), _value(field.value) + element("div", f"from {escaped(field.source)}", "source"))
            for field in explanation.fields
        )
        yield table("Metadata", ("field", "value, and where it came from"), rows)
    if explanation.removed:
        counts = ((escaped(rule), f"{count:,} characters") for rule, count in explanation.removed.items())
        yield table("Removed by rule", ("rule", "how much"), counts)
    if explanation.warnings:
        yield table("Warnings", ("warning",), ((escaped(warning),) for warning in explanation.warnings))
    if explanation.sameness:
        yield _sameness(explanation.sameness)
    if explanation.stages:
        whole = sum(stage.seconds for stage in explanation.stages) or 1.0
        times = (
            (escaped(stage.name), f"{milliseconds(stage.seconds)}{bar(stage.seconds / whole)}")
            for stage in explanation.stages
        )
        yield table("Time by stage", ("stage", "took"), times)


def milliseconds(seconds: float) -> str:
    """Seconds as thousandths, with a tenth."""
    return f"{1_000 * seconds:,.1f} ms"


def _sameness(same: Sameness) -> str:
    keys = "<br>".join(element("code", key) for key in same.index_keys)
    counts = f"{same.runs:,} runs of five words, {same.pairs:,} pairs with a number"
    rows = (
        ("bytes", element("code", same.bytes_key) + element("div", "of the URL and the body", "source")),
        ("URL", element("code", same.url_key) + element("div", "of the canonical URL", "source")),
        ("text", element("code", same.text_key) + element("div", f"of {same.words:,} words", "source")),
        ("near", keys + element("div", f"the smallest hashes of {counts}", "source")),
    )
    return table("By what it is known again", ("key of", "value"), rows)


def _value(value: str) -> str:
    return element("div", escaped(value, _MOST_VALUE), dir="auto")
