"""Records as lines of JSON."""

import msgspec

VOLATILE = ("first_seen", "processed_at")
UNDATED = "fetched_at"


class Version(msgspec.Struct, frozen=True):
    """What tells a record's version apart."""

    id: str
    article: str
    version: int


def version_of(body: bytes) -> Version | None:
    """Which record this is, or None for what is none."""
    try:
        return _DECODER.decode(body)
    except msgspec.DecodeError:
        return None


def record_line(body: bytes, *, dated: bool) -> bytes:
    """The record's JSON without what only the time of the run decides, the rest as it is, byte for byte.

    `dated`: the page came with its own fetched_at, which then stays.
    """
    fields = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    for name in VOLATILE:
        fields.pop(name, None)
    if not dated:
        fields.pop(UNDATED, None)
    return msgspec.json.encode(fields)


_DECODER = msgspec.json.Decoder(Version)
