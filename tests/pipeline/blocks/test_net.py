"""The net: its arithmetic is exact, its weights survive being packed."""

import numpy as np
import pytest

from pipeline.blocks.inputs import Vocabularies, read_inputs
from pipeline.blocks.net import GRID, on_grid, probabilities
from pipeline.blocks.read import read_blocks
from pipeline.blocks.weights import load_weights, pack, unpack
from pipeline.markup.parse import parse


def inputs_of(markup):
    vocabularies, weights = load_weights()
    parsed = parse(markup)
    assert parsed is not None
    return read_inputs(read_blocks(parsed.tree), parsed.tree, vocabularies), weights


PAGE = "<nav><ul>" + "<li><a href=x>Home page</a></li>" * 9 + "</ul></nav><article><h1>Corn</h1>"
PAGE += "<p>The miller grinds, and asks nobody, where the wind is from today.</p>" * 12 + "</article>"


def test_answers_are_probabilities_on_the_grid():
    """One probability a block, in steps of 1/1024."""
    inputs, weights = inputs_of(PAGE)
    likely = probabilities(inputs, weights)
    assert likely.shape == (22,)
    assert ((likely >= 0) & (likely <= 1)).all()
    assert (likely * GRID == np.rint(likely * GRID)).all()


def test_sums_do_not_depend_on_their_order():
    """The products that a layer sums are exact: turned round, they give the same to the last bit."""
    inputs, weights = inputs_of(PAGE)
    features = np.concatenate([inputs.features, inputs.site], axis=1)
    rows = on_grid(np.clip((features - weights.mean) * weights.scale, -4, 4))
    by = weights.layers["own"][0][: rows.shape[1]]
    assert (rows @ by == rows[:, ::-1] @ by[::-1]).all()
    assert (rows @ by == np.add.reduce(rows[:, :, None] * by[None], axis=1)).all()


def test_an_article_is_told_from_a_menu():
    """The paragraphs are likely, the links of the menu are not."""
    inputs, weights = inputs_of(PAGE)
    likely = probabilities(inputs, weights)
    assert likely[-12:].min() > 0.5 > likely[:9].max()


def test_weights_come_back_as_they_were_packed():
    """Words and numbers on the grid survive the file."""
    vocabularies, weights = load_weights()
    numbers = {"mean": weights.mean, "scale": weights.scale}
    for name, (by, plus) in weights.layers.items():
        numbers |= {f"{name}_by": by, f"{name}_plus": plus}
    for name in ("names_near", "names_far", "texts", "pages"):
        numbers[name] = getattr(weights, name)
    words, back = unpack(pack(vocabularies, numbers))
    assert words == vocabularies
    assert (back.texts == weights.texts).all()
    assert (back.layers["two"][0] == weights.layers["two"][0]).all()


def test_a_file_that_is_no_array_is_refused():
    """Nothing in a weights file is ever unpickled."""
    with pytest.raises(ValueError, match="pickled"):
        unpack(b"\x80\x04N.")


def test_the_vocabularies_fit_the_tables():
    """A table has a row for each word, and row 0 for none."""
    vocabularies, weights = load_weights()
    assert isinstance(vocabularies, Vocabularies)
    assert len(weights.names_near) == len(weights.names_far) == len(vocabularies.names) + 1
    assert len(weights.texts) == len(vocabularies.texts) + 1
    assert len(weights.pages) == len(vocabularies.pages) + 1
