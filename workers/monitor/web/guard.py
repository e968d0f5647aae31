"""Who may ask what of the monitor.

There are no cookies, so a browser adds nothing to another site's requests, and none can be forged there. What is
left for another site is to have its own name resolve to this machine (DNS rebinding), which the Host header shows.
"""

import hmac
import ipaddress
from pathlib import Path
from typing import Literal

from pagemill.errors import SettingsError
from workers.monitor.web.exchange import Refused, Request

Level = Literal["open", "read", "change"]

SHORTEST_TOKEN = 16
"""Characters: as good as never guessed, at whatever speed, when they are random."""

OPEN = frozenset({"/", "/healthz"})
"""What nobody needs a token for: the page without a figure in it, and whether the mill goes on."""

_CONTENT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)

HEADERS = (
    ("Content-Security-Policy", _CONTENT),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
)
"""On every answer: nothing runs but our own modules, nothing is fetched from elsewhere, nobody frames the page."""


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_token(given: str, file: str | None) -> str:
    """The token from its file, or else as set; empty for none. Raises SettingsError for one that could be guessed."""
    if file is not None:
        try:
            given = Path(file).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            msg = f"--token-file {file}: cannot be read: {error}"
            raise SettingsError(msg) from None
    where = "monitor_token" if file is None else f"--token-file {file}"
    if (given or file is not None) and len(given) < SHORTEST_TOKEN:
        msg = f"{where}: a token has at least {SHORTEST_TOKEN} characters: openssl rand -hex 16 makes one"
        raise SettingsError(msg)
    if not (given.isascii() and given.isprintable() and " " not in given):
        msg = f"{where}: a token has printable ASCII characters only, and no blank"
        raise SettingsError(msg)
    return given


def check(request: Request, level: Level, *, token: str, loopback: bool) -> None:
    """Raise Refused unless this may be asked: reading on loopback by all, else and for any change with the token.

    `level`: "open" holds nothing of the mill, "change" does something to it.
    """
    if loopback and not _is_local_name(request.headers.get("host", "")):
        raise Refused(421, "this monitor answers to localhost, 127.0.0.1 and [::1]: see docs/monitoring.md")
    if request.headers.get("sec-fetch-site", "none") == "cross-site" and level != "open":
        raise Refused(403, "another site may not ask for this")
    if level == "open" or (level == "read" and loopback):
        return
    if not token:
        raise Refused(403, "read-only: start the monitor with a token, and give it here, to change anything")
    if not has_token(request, token):
        raise Refused(401, "the token is missing or wrong", headers=(("WWW-Authenticate", "Bearer"),))


def has_token(request: Request, token: str) -> bool:
    """Whether it comes with the token, as `Authorization: Bearer TOKEN`; in a time that tells nothing of it."""
    scheme, _, told = request.headers.get("authorization", "").partition(" ")
    return bool(token) and scheme.lower() == "bearer" and hmac.compare_digest(told.strip().encode(), token.encode())


def _is_local_name(host: str) -> bool:
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    return name.lower() in ("localhost", "127.0.0.1", "[::1]")
