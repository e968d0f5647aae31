"""Half characters: UTF-16 surrogates without their other half, which no encoding can write."""

from collections.abc import Mapping
from typing import Any


def whole(text: str) -> str:
    """`text` with its surrogate pairs joined and lone ones replaced by U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        pass
    else:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def all_whole(value: Any) -> Any:
    """`value`, plain JSON, with every string in it `whole`."""
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, Mapping):
        return {all_whole(key): all_whole(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [all_whole(item) for item in value]
    return value
