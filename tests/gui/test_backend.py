from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from ptygui import resources
from ptygui.core.errors import ScanError
from ptygui.core.mapping import Mapping
from ptygui.core.preparation import MaskFile, Preparation
from ptygui.core.raw import RawScan
from ptygui.core.scan import ArrayPatterns
from ptygui.gui import backend as module
from ptygui.gui.backend import LocalBackend
from ptygui.io.examiner import Request
from ptygui.jobs.examination import Examiner


def test_no_scan_is_opened_while_the_libraries_of_torch_are(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    begun, opened = threading.Event(), threading.Event()

    def preload() -> None:
        begun.set()
        assert not opened.wait(0.05)  # were nothing in its way, it would be open by now
        order.append("torch")

    def open_raw(path: Path, **_: object) -> None:
        order.append(path.name)
        opened.set()

    monkeypatch.setattr(module, "preload_torch", preload)
    monkeypatch.setattr(module.devices, "list_devices", list)
    monkeypatch.setattr(module.api, "open_raw", open_raw)
    backend = LocalBackend()
    lane = threading.Thread(target=backend.list_devices)
    lane.start()
    begun.wait()
    backend.open_raw(Path("star.npz"))
    lane.join()
    assert order == ["torch", "star.npz"]


def test_a_look_does_not_wait_while_a_large_scan_is_prepared(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Else the window would say that the disk does not answer."""
    begun, looked = threading.Event(), threading.Event()
    in_vain: list[str] = []

    def prepare(*_: object) -> None:
        begun.set()
        if not looked.wait(10):
            in_vain.append("it waited")

    monkeypatch.setattr(module.api, "prepare", prepare)
    backend, path = LocalBackend(), tmp_path / "scan.npz"
    path.write_bytes(b"abc")
    backend.look(path, None)  # as it is opened
    raw = RawScan("a", str(path), "x", ArrayPatterns(np.zeros((1, 2, 2))), None)
    lane = threading.Thread(target=backend.prepare, args=(raw, Preparation()))
    lane.start()
    begun.wait()
    (stamp,) = backend.look(path, None).values()
    looked.set()
    lane.join()
    assert stamp is not None
    assert stamp[0] == 3
    assert in_vain == []


def test_the_real_backend_describes_the_demo_scan_and_its_generators() -> None:
    backend = LocalBackend()
    scan = backend.prepare(backend.open_raw(resources.demo_scan_path()), Preparation())
    assert backend.scan_facts(scan).patterns == len(scan)
    entry = backend.read_catalogue().entries[0]
    assert backend.read_generator(entry.path).card == entry.card
    assert all(sentence.level == "ok" for sentence in backend.check_fit(entry, scan))


def test_no_hdf5_file_is_touched_before_it_was_examined(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[str] = []

    def refuse(_: Examiner, request: Request) -> None:
        asked.append(request.what)
        raise ScanError("It makes the HDF5 library crash.")

    monkeypatch.setattr(Examiner, "examine", refuse)
    backend, path = LocalBackend(), tmp_path / "scan.h5"
    assert backend.what_is(path) == "scan"
    raw = RawScan("a", str(path), "x", ArrayPatterns(np.zeros((1, 2, 2))), None)
    masked = Preparation(steps=(MaskFile(path="mask.h5"),))
    for touch in (
        lambda: backend.open_raw(path),
        lambda: backend.open_result(path),
        lambda: backend.prepare(raw, masked),
        lambda: backend.hdf5.hdf5_tree(path, "/"),
        lambda: backend.hdf5.hdf5_preview(path, "/a", None),
        lambda: backend.hdf5.suggest_mapping(path),
        lambda: backend.hdf5.read_mapped(path, Mapping(name="mine")),
    ):
        with pytest.raises(ScanError, match="crash"):
            touch()
    assert asked == ["open", "open", "open", "values", "nodes", "preview", "suggest", "open"]
