from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ptygui import resources
from ptygui.core.preparation import Preparation
from ptygui.gui import backend as module
from ptygui.gui.backend import LocalBackend


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


def test_the_real_backend_describes_the_demo_scan_and_its_generators() -> None:
    backend = LocalBackend()
    scan = backend.prepare(backend.open_raw(resources.demo_scan_path()), Preparation())
    assert backend.scan_facts(scan).patterns == len(scan)
    entry = backend.read_catalogue().entries[0]
    assert backend.read_generator(entry.path).card == entry.card
    assert all(sentence.level == "ok" for sentence in backend.check_fit(entry, scan))
