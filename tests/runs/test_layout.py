"""The names of a run's files, and directories that never collide."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from ptygui.runs.layout import RunError, RunInfo, RunPaths, RunState, new_run_directory, request_stop
from ptygui.runs.records import read_info, read_status, write_record


def test_the_name_tells_when_and_what(tmp_path: Path) -> None:
    directory = new_run_directory(tmp_path / "runs", "stable_hybrid", "siemens star/№ 3")
    assert directory.is_dir()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d_\d{4}_stable_hybrid_siemens_star_3", directory.name)


def test_the_same_name_in_the_same_minute_gets_its_own_directory(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: new_run_directory(tmp_path, "cnn"), range(40)))
    assert len(set(made)) == 40


def test_a_base_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="file"):
        new_run_directory(tmp_path / "file" / "runs", "cnn")


def test_the_files_have_the_documented_names(tmp_path: Path) -> None:
    paths = RunPaths(tmp_path)
    assert paths.preview(500) == tmp_path / "previews" / "step-000500.npz"
    assert paths.stop == tmp_path / "stop"


def test_only_three_states_are_ends() -> None:
    assert [state for state in RunState if state.ended] == ["done", "stopped", "failed"]


def test_asking_a_vanished_run_to_stop_is_answered_in_words(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="gone"):
        request_stop(tmp_path / "gone")


def test_a_later_schema_is_refused_in_words(tmp_path: Path) -> None:
    info = RunInfo.now(kind="training", name="n", generator="cnn")
    write_record(RunPaths(tmp_path).info, msgspec.structs.replace(info, schema=99))
    with pytest.raises(RunError, match="update ptygui"):
        read_info(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b'{"state": "flying"}', b"\xff\xfe"])
def test_a_damaged_status_is_said_to_be_one(tmp_path: Path, content: bytes) -> None:
    RunPaths(tmp_path).status.write_bytes(content)
    with pytest.raises(RunError, match="status.json"):
        read_status(tmp_path)
