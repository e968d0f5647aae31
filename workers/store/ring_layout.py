"""How the memory lies in Redis, as far as others must know it: `lua/near/ring.lua` and `recall.lua` have the whole."""

KEY = 12
"""Bytes of a key of bytes, text or address that are remembered."""

UNIT = 16
"""Bytes of a unit of the ring."""

STRING_UNITS = 16_320
"""Units of one of the ring's strings."""

UNITS_A_PAGE = 12
"""Units that a page takes, with an id of 32 hexadecimal digits."""

TIME_AT = 3
"""Where in a record its time begins: four bytes, in seconds since 1970, the highest first."""
