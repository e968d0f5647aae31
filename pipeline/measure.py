"""How long a line is, in words, and how it ends, whatever its script."""
# ruff: noqa: RUF001  the punctuation of other scripts looks like Latin's

import re

_DENSE = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(f"[{_DENSE}]|[^\\W{_DENSE}]+")
_MARKS = "’‘“”„–—…•«»\xa0"  # most texts beyond ASCII have no others, and a table does for ASCII at a third of the price
_BLANKED = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")}
_DENSE_CHARACTER = re.compile(f"[{_DENSE}]")
_CLOSING = " \t\"'”’»)]）】」』"
_FULL_STOPS = (".", "!", "?", "…", "。", "！", "？", "।", "؟", "۔", ";", ":", "：")
_A_CHARACTER = 0.6  # words that a character is worth in a script without blanks


def words_of(line: str) -> list[str]:
    """The words of `line`, folded; in scripts without blanks (Chinese, Japanese, Thai) its characters."""
    folded = line.casefold()
    if not folded.isascii():
        for mark in _MARKS:
            folded = folded.replace(mark, " ")
    return folded.translate(_BLANKED).split() if folded.isascii() else _WORD.findall(folded)


def key_of(line: str) -> str:
    """`line` as it is compared with others: folded, and without blanks."""
    return "".join(line.casefold().split())


def length_in_words(line: str) -> float:
    """How many words `line` holds; a character of a script without blanks counts 0.6."""
    if line.isascii():
        return len(line.split())
    dense = len(_DENSE_CHARACTER.findall(line))
    return len(line.split()) if not dense else len(_WORD.findall(line)) - (1 - _A_CHARACTER) * dense


def ends_sentence(line: str) -> bool:
    """Whether `line` ends as a sentence does, closing quotation marks and brackets aside."""
    return line.rstrip(_CLOSING).endswith(_FULL_STOPS)
