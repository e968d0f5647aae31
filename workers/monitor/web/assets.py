"""The files that run in the browser: read once, from the package."""

import hashlib
from collections.abc import Mapping
from importlib.resources import files

from workers.monitor.web.exchange import Answer, Request

_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


def load_assets() -> Mapping[str, Answer]:
    """Each file under its path; the page itself under `/`."""
    folder = files("workers.monitor.web") / "static"
    found = {}
    for file in folder.iterdir():
        kind = file.name.rpartition(".")[2]
        if kind in _TYPES:
            path = "/" if file.name == "index.html" else f"/static/{file.name}"
            found[path] = _asset(file.read_bytes(), _TYPES[kind])
    return found


def serve(asset: Answer, request: Request) -> Answer:
    """The file, or 304 to who has it already; asked for again each time, so that no old one runs after an update."""
    (tag,) = (value for name, value in asset.headers if name == "ETag")
    if tag in request.headers.get("if-none-match", ""):
        return Answer(status=304, headers=asset.headers)
    return asset


def _asset(content: bytes, content_type: str) -> Answer:
    tag = f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    headers = (("ETag", tag), ("Cache-Control", "no-cache"))
    return Answer(body=content, content_type=content_type, headers=headers)
