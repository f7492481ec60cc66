"""Files that would be the end of the process are tried in another one first."""

from __future__ import annotations

import json
import logging
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
import psutil
import pytest
import tifffile
from samples.cxi import write as write_scan

from ptygui.core.errors import Cancelled, ScanError
from ptygui.core.preparation import FileProbe, MaskFile, Preparation
from ptygui.core.raw import RawScan
from ptygui.core.scan import ArrayPatterns
from ptygui.io.examiner import Request
from ptygui.io.foreign import is_hdf5, library_of
from ptygui.jobs import examination, examiner_process
from ptygui.jobs.examination import Examiner, step_requests

ANSWERS = """
import os, signal, sys, time
def say(state):
    print('{"state": "%s"}' % state, flush=True)
say("alive")
for number, line in enumerate(sys.stdin):
    open(sys.argv[1], "a").write(line)
    BODY
    say("done")
"""
Fake = Callable[[str], Path]


@pytest.fixture
def examiner() -> Iterator[Examiner]:
    made = Examiner()
    yield made
    made.close()
    assert not [each for each in psutil.Process().children() if "examiner" in " ".join(each.cmdline())]


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Put a script in the examiner's place that does `body` on requests; returns where it notes them."""

    def put(body: str) -> Path:
        script, asked = tmp_path / "examiner.py", tmp_path / "asked"
        script.write_text(ANSWERS.replace("BODY", body))
        monkeypatch.setattr(examination, "COMMAND", (sys.executable, "-I", str(script), str(asked)))
        monkeypatch.setattr(examiner_process, "POLL_S", 0.01)
        return asked

    return put


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "scan.h5"
    with h5py.File(made, "w") as file:
        file.create_group("entry").attrs["units"] = "mm"
    return made


def make_endless(path: Path) -> None:
    """Say that the free space in the heap of texts has no size: HDF5 skips it again and again."""
    content = bytearray(path.read_bytes())
    header, text = 16, 24  # of the collection; of the object 'mm', padded
    free_space_size = content.index(b"GCOL") + header + text + 8
    content[free_space_size : free_space_size + 8] = struct.pack("<Q", 0)
    path.write_bytes(content)


def requests_in(asked: Path) -> list[str]:
    return [json.loads(line)["path"] for line in asked.read_text().splitlines()]


# The real examiner.


def test_what_is_fine_may_be_opened_and_what_never_ends_is_refused(
    examiner: Examiner, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "CPU_LIMIT_S", 2.0)
    request = Request(str(path), "nodes", key="/")
    examiner.examine(request)
    make_endless(path)
    with pytest.raises(
        ScanError,
        match=r"scan.h5 makes the HDF5 library hang: it is damaged, or a file that it links to; copy it",
    ):
        examiner.examine(request)


def test_what_unpacks_to_far_more_than_the_file_is_refused(
    examiner: Examiner, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "MEMORY_BYTES", 128 << 20)
    with h5py.File(path, "a") as file:
        frames = file.create_dataset("frames", (300, 1024, 1024), "u1", chunks=True, compression="gzip")
        assert frames.chunks[0] < 300
        whole = file.create_dataset("whole", frames.shape, "u1", chunks=frames.shape, compression="gzip")
        whole[5, 5, 5] = 1
    assert path.stat().st_size < 1 << 20
    examiner.examine(Request(str(path), "preview", key="/frames"))
    with pytest.raises(ScanError, match=r"scan.h5 makes the HDF5 library take more than 0.1 GB of memory"):
        examiner.examine(Request(str(path), "values", key="/whole"))


def test_a_folder_of_frames_is_opened_like_a_file(examiner: Examiner, tmp_path: Path) -> None:
    for number in range(3):
        tifffile.imwrite(tmp_path / f"frame_{number}.tif", np.full((8, 8), number, "u2"))
    examiner.examine(Request(str(tmp_path)))


def test_its_answers_are_alone_on_its_output_and_it_ends_with_its_input(path: Path, tmp_path: Path) -> None:
    asked = [
        {"path": str(write_scan(tmp_path))},
        {"path": str(path)},
        {"path": str(path), "what": "preview", "key": "/nowhere"},
        {"path": str(path), "what": "suggest"},
        {"path": str(path), "what": "values"},
        {"path": str(path), "what": "nonsense"},
    ]
    lines = "".join(json.dumps(each) + "\n" for each in asked)
    command = [sys.executable, "-m", "ptygui.io.examiner"]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
    states = [json.loads(line)["state"] for line in done.stdout.splitlines()]
    assert states[0] == "alive"
    assert states.count("done") == len(asked)


@pytest.mark.skipif(sys.platform == "win32", reason="nothing there limits what a process may compute")
def test_one_that_hangs_ends_though_the_window_was_killed(path: Path) -> None:
    make_endless(path)
    code = "from ptygui.io import examiner; examiner.ORPHAN_S = 1; examiner.main()"
    line = json.dumps({"path": str(path), "what": "nodes", "key": "/"}) + "\n"
    done = subprocess.run(
        [sys.executable, "-c", code], input=line, stdout=subprocess.PIPE, text=True, check=False
    )
    assert done.returncode == -signal.SIGXCPU
    assert "done" not in done.stdout


# What becomes of those that fail, on one that is put in its place.


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal")
def test_a_file_that_kills_twice_is_refused_and_others_are_not(
    examiner: Examiner, fake: Fake, path: Path, tmp_path: Path
) -> None:
    asked = fake("'scan.h5' in line and os.kill(os.getpid(), signal.SIGSEGV)")
    for _ in range(2):
        with pytest.raises(ScanError, match=r"scan.h5 makes the HDF5 library crash: it is damaged"):
            examiner.examine(Request(str(path)))
    other = path.rename(tmp_path / "other.h5")
    examiner.examine(Request(str(other)))
    assert requests_in(asked) == [str(path)] * 2 + [str(other)]


def test_one_death_may_have_had_another_reason(examiner: Examiner, fake: Fake, path: Path) -> None:
    asked = fake("os.path.getsize(sys.argv[1]) < 2 * len(line) and os._exit(1)")
    examiner.examine(Request(str(path)))
    assert requests_in(asked) == [str(path)] * 2


def test_what_computes_without_end_is_refused(
    examiner: Examiner, fake: Fake, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "CPU_LIMIT_S", 0.2)
    fake("while True: pass")
    with pytest.raises(ScanError, match=r"scan.h5 makes the HDF5 library hang"):
        examiner.examine(Request(str(path)))


def test_what_takes_memory_without_end_is_refused_and_a_large_file_may_take_more(
    examiner: Examiner, fake: Fake, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "MEMORY_BYTES", 64 << 20)
    fake("data = bytearray(b'x' * (200 << 20)); time.sleep('scan.h5' in line and 1000 or 0.5)")
    with pytest.raises(ScanError, match=r"scan.h5 makes the HDF5 library take more than 0.1 GB of memory"):
        examiner.examine(Request(str(path)))
    large = path.rename(tmp_path / "large.h5")
    with large.open("ab") as file:
        file.truncate(100 << 20)
    examiner.examine(Request(str(large)))


def test_what_did_harm_is_tried_again_later_for_a_file_that_it_links_to_may_have_been_copied(
    examiner: Examiner, fake: Fake, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake("os._exit(1)")
    with pytest.raises(ScanError):
        examiner.examine(Request(str(path)))
    asked = fake("")
    with pytest.raises(ScanError):
        examiner.examine(Request(str(path)))
    monkeypatch.setattr(examination, "HARM_KEPT_S", 0.0)
    examiner.examine(Request(str(path)))
    examiner.examine(Request(str(path)))
    assert requests_in(asked) == [str(path)] * 3  # two of them by the first script


def test_a_slow_disk_is_waited_for_until_the_user_has_enough(
    examiner: Examiner, fake: Fake, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "CPU_LIMIT_S", 0.2)
    asked = fake("time.sleep(1000)")
    looked: list[bool] = []

    def cancelled() -> bool:
        looked.append(asked.exists())
        return len(looked) > 100 and looked[-50]

    with pytest.raises(Cancelled):
        examiner.examine(Request(str(path)), cancelled)
    fake("")
    examiner.examine(Request(str(path)))  # nothing was concluded from it


def test_closing_cancels_those_who_wait(examiner: Examiner, fake: Fake, path: Path) -> None:
    asked = fake("time.sleep(1000)")
    errors: list[BaseException] = []

    def wait() -> None:
        try:
            examiner.examine(Request(str(path)))
        except Cancelled as error:
            errors.append(error)

    waiting = [threading.Thread(target=wait) for _ in range(2)]
    for thread in waiting:
        thread.start()
    while not asked.exists():
        threading.Event().wait(0.01)
    examiner.close()
    for thread in waiting:
        thread.join()
    assert len(errors) == 2
    with pytest.raises(Cancelled):
        examiner.examine(Request(str(path)))


def test_an_unchanged_file_is_examined_once_for_each_thing_to_be_done(
    examiner: Examiner, fake: Fake, path: Path
) -> None:
    asked = fake("")
    for _ in range(2):
        examiner.examine(Request(str(path)))
        examiner.examine(Request(str(path), "nodes", key="/entry"))
    assert len(requests_in(asked)) == 2
    with path.open("ab") as file:
        file.write(b"more")
    examiner.examine(Request(str(path)))
    assert len(requests_in(asked)) == 3


def test_without_a_process_files_are_opened_all_the_same(
    examiner: Examiner, path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for command in ((sys.executable, "-c", ""), ("/nowhere/python",)):
        one = Examiner()
        monkeypatch.setattr(examination, "COMMAND", command)
        with caplog.at_level(logging.WARNING):
            one.examine(Request(str(path)))
        assert "without being examined" in caplog.text
        caplog.clear()


def test_it_ends_with_its_owner(fake: Fake, path: Path) -> None:
    fake("")
    one = Examiner()
    one.examine(Request(str(path)))
    (process,) = [each for each in psutil.Process().children() if "examiner.py" in " ".join(each.cmdline())]
    del one
    assert not process.is_running()


# What is examined at all.


def test_what_ptygui_reads_itself_is_not_examined(examiner: Examiner, fake: Fake, tmp_path: Path) -> None:
    asked = fake("")
    np.savez(tmp_path / "scan.npz", a=np.zeros(9))
    (tmp_path / "positions.csv").write_text("x,y")
    for name in ("scan.npz", "positions.csv", "absent.h5", "absent.tif"):
        examiner.examine(Request(str(tmp_path / name)))
    assert not asked.exists()


def test_what_other_libraries_read_is_examined(
    examiner: Examiner, fake: Fake, path: Path, tmp_path: Path
) -> None:
    asked = fake("")
    tifffile.imwrite(tmp_path / "mask.TIF", np.zeros((4, 4)))
    tifffile.imwrite(tmp_path / "big", np.zeros((4, 4)), bigtiff=True, byteorder=">")
    (tmp_path / "frame.cbf").write_text("no frame")
    paths = [path, tmp_path / "mask.TIF", tmp_path / "big", tmp_path / "frame.cbf", tmp_path]
    for each in paths:
        examiner.examine(Request(str(each)))
    assert requests_in(asked) == [str(each) for each in paths]
    assert [library_of(each).split()[-1] for each in paths] == [
        "library", "library", "library", "fabio", "it",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["mask.tif", "scan7"])
def test_the_sentence_names_what_is_damaged(
    examiner: Examiner, fake: Fake, tmp_path: Path, name: str
) -> None:
    fake("os._exit(1)")
    (tmp_path / "scan7").mkdir()
    tifffile.imwrite(tmp_path / "mask.tif", np.zeros((4, 4)))
    words = {
        "mask.tif": "mask.tif makes the TIFF library crash: it is damaged; copy it again",
        "scan7": "A file in scan7 makes the library that reads it crash: it is damaged; copy it again",
    }
    with pytest.raises(ScanError, match=words[name]):
        examiner.examine(Request(str(tmp_path / name)))


@pytest.mark.parametrize(("before", "found"), [(0, True), (512, True), (2048, True), (100, False)])
def test_the_signature_is_looked_for_where_the_library_does(tmp_path: Path, before: int, found: bool) -> None:
    path = tmp_path / "a.mat"
    path.write_bytes(bytes(before) + b"\x89HDF\r\n\x1a\n" + bytes(99))
    assert is_hdf5(path) is found


def test_files_that_steps_name_are_examined_as_steps_read_them(tmp_path: Path) -> None:
    raw = RawScan("a", str(tmp_path / "a.h5"), "x", ArrayPatterns(np.zeros((1, 2, 2))), None)
    masks = MaskFile(path="mask.h5", key="m"), MaskFile(path="b.h5", on=False)
    steps = (*masks, FileProbe(path="/probes/p.h5"))
    assert list(step_requests(raw, Preparation(steps=steps))) == [
        Request(str(tmp_path / "mask.h5"), "values", key="m"),
        Request("/probes/p.h5", "values"),
    ]
