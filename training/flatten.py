"""Pages flattened to text, as scrapers do it that keep no markup."""

from lxml import etree

from pipeline.markup.parse import parse


def flatten(markup: str, way: str) -> str:
    """A page's whole text, with all that stands around its article."""
    if way == "inscriptis":
        from inscriptis import get_text  # noqa: PLC0415 (only those who train need it)

        return str(get_text(markup))
    if way == "nodes":
        return _nodes(markup)
    from resiliparse.extract.html2text import extract_plain_text  # noqa: PLC0415

    return str(extract_plain_text(markup, preserve_formatting=True, list_bullets=False, alt_texts=False))


def _nodes(markup: str) -> str:
    """Every text node on a line of its own."""
    parsed = parse(markup)
    if parsed is None:
        return ""
    etree.strip_elements(parsed.tree, "script", "style", "noscript", "template", "head", with_tail=False)
    return "\n".join(filter(None, (" ".join(text.split()) for text in parsed.tree.itertext() if isinstance(text, str))))
