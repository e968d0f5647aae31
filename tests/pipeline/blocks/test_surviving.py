"""Which passages rules left."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.blocks.passages import read_passages
from pipeline.blocks.read import read_blocks
from pipeline.blocks.surviving import surviving
from pipeline.blocks.text import render_passages
from pipeline.clean import tidy
from pipeline.markup.parse import parse

LINES = st.lists(st.text(alphabet="abc é\u200b", min_size=1, max_size=6), min_size=1, max_size=8)


def passages_of(markup):
    parsed = parse(markup)
    assert parsed is not None
    blocks = read_blocks(parsed.tree)
    return read_passages(blocks, range(len(blocks.texts)))


@given(LINES, st.sampled_from(["<p>{}</p>", "<ul><li>{}</li></ul>", "<pre>{}</pre>"]), st.data())
def test_what_is_left_reads_as_the_text_does(lines, form, data):
    """Of passages less any lines, those that survive make the same text again, blank lines aside."""
    passages = passages_of("".join(form.format(line) for line in lines))
    text = tidy(render_passages(passages))
    left = "\n".join(line for line in text.split("\n") if not line or data.draw(st.booleans()))
    again = tidy(render_passages(surviving(passages, left)))
    assert [line.strip() for line in again.split("\n") if line] == [line.strip() for line in left.split("\n") if line]


def test_of_two_equal_lines_either_may_be_told_to_stay():
    """A copy goes from the end, a masthead from the top."""
    passages = passages_of("<p>same words</p><p>same words</p>")
    assert [passage.blocks for passage in surviving(passages, "same words")] == [(0,)]
    assert [passage.blocks for passage in surviving(passages, "same words", from_end=True)] == [(1,)]
