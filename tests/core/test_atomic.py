"""A file is whole or as it was."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ptygui.core.atomic import replacing


def test_the_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "object.tif"
    with replacing(target) as temporary:
        temporary.write_text("new")
        assert not target.exists()
        assert temporary.suffix == ".tif"
    assert target.read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["object.tif"]


def test_an_error_leaves_the_old_file_and_no_rubbish(tmp_path: Path) -> None:
    target = tmp_path / "object.tif"
    target.write_text("old")
    with pytest.raises(OSError, match="disk full"), replacing(target) as temporary:
        temporary.write_text("half")
        raise OSError("disk full")
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["object.tif"]


def test_the_usual_permissions_are_given(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    with replacing(tmp_path / "atomic") as temporary:
        temporary.touch()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(modes) == 1
