"""What a page may weigh."""

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds on one page. Sizes in bytes, but for `url` and `id`: characters."""

    max_body: int = 10_000_000
    max_url: int = 2_048
    max_id: int = 128
    max_meta: int = 16_384
    max_headers: int = 65_536


DEFAULT_LIMITS = Limits()
