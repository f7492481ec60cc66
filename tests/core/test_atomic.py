"""A file is whole or as it was."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ptygui.core import atomic
from ptygui.core.atomic import remove_leftovers, replacing


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


def test_durable_data_are_on_the_disk_before_they_take_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    replace = os.replace
    monkeypatch.setattr(atomic.os, "fsync", lambda _: order.append("on disk"))
    monkeypatch.setattr(atomic.os, "replace", lambda *paths: (order.append("moved"), replace(*paths)))
    with replacing(tmp_path / "a", durable=True) as temporary:
        temporary.write_text("new")
    assert order == ["on disk", "moved"]


KILLED = """
import os, signal, sys
from pathlib import Path
from ptygui.core.atomic import replacing
with replacing(Path(sys.argv[1])) as temporary:
    temporary.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_next_write_removes_what_a_kill_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, other = tmp_path / "[a].tif", tmp_path / "b.tif"
    for path in (target, other):
        subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert len(list(tmp_path.iterdir())) == 2
    monkeypatch.setattr(atomic, "_BORN_S", time.time() + 1)  # as a process that starts after it
    with replacing(target) as temporary:
        temporary.write_text("whole")
        assert temporary.exists()
    assert sorted(path.name for path in tmp_path.iterdir() if path.name[0] != ".") == ["[a].tif"]
    assert [path.name[:3] for path in tmp_path.iterdir() if path.name[0] == "."] == [".b."]
    remove_leftovers(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["[a].tif"]


def test_what_is_being_written_now_and_what_others_hide_stays(tmp_path: Path) -> None:
    target = tmp_path / "a.tif"
    strangers = [".a.tif", ".a.backup.tif", ".a.0123456.tif", "a.01234567.tif", ".b.01234567.tif"]
    for name in strangers:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1, 1))
    with replacing(target) as first, replacing(target) as second:
        first.write_text("first")
        second.write_text("second")
    assert target.read_text() == "first"
    assert {path.name for path in tmp_path.iterdir()} == {"a.tif", *strangers}
