"""The weights that the package brings: numbers and vocabularies in one compressed file of arrays."""

import functools
import io
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import numpy as np

from pipeline.blocks.inputs import Floats, Vocabularies
from pipeline.blocks.net import GRID, Weights

_LAYERS = ("own", "look_one", "one", "guess", "look_two", "two", "answer")
_TABLES = ("names_near", "names_far", "texts", "pages")


@functools.cache
def load_weights() -> tuple[Vocabularies, Weights]:
    """The vocabularies and weights in `pipeline/weights/blocks.npz`, read once a process."""
    return unpack(files("pipeline").joinpath("weights", "blocks.npz").read_bytes())


def unpack(packed: bytes) -> tuple[Vocabularies, Weights]:
    """What `pack` packed."""
    with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
        held = {name: arrays[name] for name in arrays.files}
    words = {name: _vocabulary(held[f"words_{name}"]) for name in ("names", "texts", "pages")}
    on_grid = {name: array / GRID for name, array in held.items() if array.dtype == np.int16}
    layers = {name: (on_grid[f"{name}_by"], on_grid[f"{name}_plus"]) for name in _LAYERS}
    tables = {name: on_grid[name] for name in _TABLES}
    return Vocabularies(**words), Weights(mean=held["mean"], scale=held["scale"], layers=layers, **tables)


def pack(vocabularies: Vocabularies, numbers: Mapping[str, Floats]) -> bytes:
    """The file's bytes. `numbers`: arrays by the names of `Weights`; a layer's are NAME_by and NAME_plus."""
    arrays: dict[str, Any] = {
        name: array if name in {"mean", "scale"} else np.clip(np.rint(array * GRID), -32768, 32767).astype(np.int16)
        for name, array in numbers.items()
    }
    for name in ("names", "texts", "pages"):
        words = sorted(getattr(vocabularies, name), key=getattr(vocabularies, name).__getitem__)
        arrays[f"words_{name}"] = np.frombuffer("\n".join(words).encode(), dtype=np.uint8)
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def _vocabulary(letters: Any) -> dict[str, int]:
    """Row 0 of a table is no word's."""
    return {word: row for row, word in enumerate(letters.tobytes().decode().split("\n"), start=1)}
