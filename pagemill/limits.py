"""What a page may weigh."""

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds on one page: characters for `url`, `id`, `content_type` and `source`, bytes for the others."""

    max_body: int = 10_000_000
    max_url: int = 2_048
    max_id: int = 128
    max_content_type: int = 1_024
    max_source: int = 256
    max_meta: int = 16_384
    max_headers: int = 65_536


DEFAULT_LIMITS = Limits()
