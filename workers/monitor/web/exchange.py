"""What is asked of the monitor, and what it answers: HTTP without the sockets."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

JSON = "application/json"

ENTRY = re.compile(r"\d{1,20}-\d{1,20}")
"""The id of a stream's entry."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request. Header names are lower case; of a query's repeated name the last value counts."""

    method: str
    path: str
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What goes back; every header that guards the page is added on the way out."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()


class Refused(Exception):
    """The request is answered with this status, and a sentence that says why."""

    def __init__(self, status: int, why: str, *, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(why)
        self.status = status
        self.why = why
        self.headers = headers

    def answer(self) -> Answer:
        """It as JSON: `{"error": why}`."""
        return json_answer({"error": self.why}, status=self.status, headers=self.headers)


def json_answer(value: Any, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """`value` as JSON; times are ISO 8601."""
    return Answer(status=status, body=msgspec.json.encode(value), headers=headers)


def number(request: Request, name: str, *, default: int, most: int) -> int:
    """A count from the query, from 1 to `most`. Raises Refused for what is no such number."""
    told = request.query.get(name, str(default))
    if not (told.isascii() and told.isdigit() and len(told) < 10):  # noqa: PLR2004 - int() of more takes long
        raise Refused(400, f"{name}: must be a whole number")
    return min(max(1, int(told)), most)
