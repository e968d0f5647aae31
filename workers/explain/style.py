"""How an explanation looks: one style sheet, and the policy that lets a page use it and nothing else."""

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

STYLE = files("workers.explain").joinpath("explain.css").read_text("utf-8")
"""For a `<style>` element, unchanged: the policy names its hash."""

POLICY = (
    "default-src 'none'; "
    f"style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'"
)
"""A Content-Security-Policy: no script, no address, no style but this one."""
