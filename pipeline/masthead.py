"""What stands above an article and is told of it elsewhere: its title again, its dateline, its byline."""

from pipeline.flattened.dateline import is_edge, may_hold_date
from pipeline.measure import ends_sentence, key_of, length_in_words
from pipeline.metadata.byline import read_byline

_MOST = 5  # lines that a masthead has
_LONGEST = 16  # words of a line that says when and by whom


def drop_masthead(text: str, title: str | None) -> tuple[str, int]:
    """`text` without its title, datelines and bylines in the first lines; and the characters that went.

    They go only from the top, up to the first line that is something else, and never where nothing would be left.
    """
    lines = text.split("\n")
    filled = [i for i, line in enumerate(lines) if line.strip()]
    heading = key_of(title) if title else ""
    for i in filled[:_MOST]:
        if not (key_of(lines[i]) == heading or _is_dateline(lines[i]) or read_byline(lines[i])):
            rest = "\n".join(lines[i:])
            return rest, len(text) - len(rest)
    return text, 0


def _is_dateline(line: str) -> bool:
    return is_edge(line) or (
        may_hold_date(line) and not ends_sentence(line) and length_in_words(line.strip()) <= _LONGEST
    )
