"""A row of numbers as a row of little bars."""

from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"


def sparkline(numbers: Sequence[float | None]) -> str:
    """A character a number, the highest bar for the largest; a blank for None, the lowest bar for 0."""
    top = max((number for number in numbers if number is not None), default=0)
    return "".join(" " if number is None else _bar(number, top) for number in numbers)


def _bar(number: float, top: float) -> str:
    if number <= 0 or top <= 0:
        return _BARS[0]
    # Whatever is not 0 is to be seen: it has the second bar at least.
    return _BARS[max(1, min(len(_BARS) - 1, round(number / top * (len(_BARS) - 1))))]
