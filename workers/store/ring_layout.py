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

KEYS_A_PAGE = (2, 8)
"""Entries that a page takes in the table of bytes and texts, and in that of index keys."""

TABLE_STRING_ENTRIES = 42 * 32
"""Entries of one of a table's strings."""

RING_STRING_BYTES, TABLE_STRING_BYTES = 262_144, 8_192
"""What a string takes of the server's memory, with all that its allocator adds."""
