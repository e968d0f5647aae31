"""Files that appear whole."""

import os
import stat
from pathlib import Path

import pytest

from workers.records.outputs import whole_file


def test_a_file_appears_when_it_is_complete(tmp_path):
    """Until then the older one is there."""
    target = tmp_path / "out"
    target.write_bytes(b"old")
    with whole_file(str(target)) as file:
        file.write(b"new")
        file.flush()
        assert target.read_bytes() == b"old"
    assert target.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


def test_a_failure_leaves_the_older_file(tmp_path):
    """And nothing beside it."""
    (tmp_path / "out").write_bytes(b"old")
    with pytest.raises(TypeError), whole_file(str(tmp_path / "out")) as file:
        file.writelines([b"new", None])
    assert (tmp_path / "out").read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


def test_a_folder_that_is_missing_is_told_at_once(tmp_path):
    """Before any work."""
    with pytest.raises(OSError, match="nowhere"), whole_file(str(tmp_path / "nowhere" / "out")):
        pytest.fail("the block must not run")


def test_modes_are_those_of_any_new_file(tmp_path):
    """What the umask leaves for a new one; an older one's stays."""
    (tmp_path / "private").touch(mode=0o600)
    mask = os.umask(0o022)
    try:
        for name in ("new", "private"):
            with whole_file(str(tmp_path / name)) as file:
                file.write(b"x")
    finally:
        os.umask(mask)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"new": 0o644, "private": 0o600}


def test_a_device_is_written_to_and_never_replaced():
    """/dev/null stays what it is."""
    with whole_file("/dev/null") as file:
        file.write(b"x")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_link_stays_a_link(tmp_path):
    """The file that it points to is replaced."""
    (tmp_path / "link").symlink_to(tmp_path / "file")
    with whole_file(str(tmp_path / "link")) as file:
        file.write(b"x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"x"
