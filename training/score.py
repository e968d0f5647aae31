"""How well chosen blocks match the true text: the overlap of their bags of words."""

import random
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

_EACH = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"  # a word a character
_WORD = re.compile(f"[{_EACH}]|[^\\W{_EACH}]+")


def words_in(text: str) -> list[str]:
    """The words of `text` in lower case; a character of a script without blanks is a word."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).lower())


def overlap(true: Sequence[object], found: Sequence[object]) -> tuple[float, float, float]:
    """Precision, recall and F1 of the bag of words `found` against `true`."""
    common = sum((Counter(true) & Counter(found)).values())
    if not common:
        return (1.0, 1.0, 1.0) if not true and not found else (0.0, 0.0, 0.0)
    return common / len(found), common / len(true), 2 * common / (len(true) + len(found))


def interval(values: Sequence[float], rounds: int = 1_000) -> tuple[float, float]:
    """The 95 % bootstrap interval of the mean."""
    dice = random.Random(7)
    means = sorted(sum(dice.choices(values, k=len(values))) / len(values) for _ in range(rounds))
    return means[int(0.025 * rounds)], means[int(0.975 * rounds) - 1]


def table(scores: Mapping[str, tuple[float, float, float]], groups: Mapping[str, Iterable[str]]) -> str:
    """A line for each group of pages: its number, precision, recall, F1 and the interval of F1."""
    members: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for page, score in scores.items():
        for group in groups[page]:
            members[group].append(score)
    lines = [f"{'pages':28}{'n':>6}{'P':>8}{'R':>8}{'F1':>8}   95 %"]
    for group, rows in sorted(members.items()):
        low, high = interval([f1 for _, _, f1 in rows])
        precision, recall, f1 = (sum(row[i] for row in rows) / len(rows) for i in range(3))
        lines.append(f"{group:28}{len(rows):6}{precision:8.4f}{recall:8.4f}{f1:8.4f}   {low:.4f} to {high:.4f}")
    return "\n".join(lines)
