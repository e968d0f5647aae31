"""docs/security.md promises nothing that no test shows."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
DOCUMENT = (REPOSITORY / "docs" / "security.md").read_text("utf-8")


def threats():
    """Cells of the table of threats, row by row."""
    table = DOCUMENT.partition("| threat |")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_every_test_that_the_threat_model_names_exists():
    """Each row has at least one, and each is the name of a test function under tests/."""
    written = "\n".join(path.read_text("utf-8") for path in (REPOSITORY / "tests").rglob("test_*.py"))
    there = set(re.findall(r"^def (test_\w+)\(", written, re.MULTILINE))
    rows = threats()
    assert len(rows) > 15
    for threat, _, tests in rows:
        named = set(re.findall(r"`(test_\w+)`", tests))
        assert named, threat
        assert named <= there, threat


def test_every_user_of_the_acl_file_is_described():
    """The table of who is who has each role of users.acl, and no other."""
    users = set(re.findall(r"^user (\S+)", (REPOSITORY / "deploy/redis/users.acl").read_text("utf-8"), re.MULTILINE))
    table = DOCUMENT.partition("| who |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `([\w-]+)` \|", table, re.MULTILINE)) == users
