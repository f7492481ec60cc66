"""The shipped demo scan is the one that its code makes."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from ptygui.core.demo_scan import SEED, demo_scan
from ptygui.io.registry import open_scan
from ptygui.resources import demo_scan_path, shipped_generators


def test_the_shipped_file_holds_the_simulated_scan() -> None:
    made, shipped = demo_scan(), open_scan(demo_scan_path())
    some = np.arange(0, len(made), 37)
    np.testing.assert_array_equal(shipped.patterns.read(some), made.patterns.read(some))
    np.testing.assert_allclose(shipped.positions_px, made.positions_px, atol=1e-9)
    assert shipped.metadata.pixel_size_m == pytest.approx(made.metadata.pixel_size_m)
    assert shipped.metadata.energy_ev == made.metadata.energy_ev


def test_the_file_is_small() -> None:
    assert Path(demo_scan_path()).stat().st_size <= 3_000_000


def test_no_shipped_generator_saw_its_object() -> None:
    for bundle in shipped_generators():
        config = msgspec.toml.decode(bundle.with_suffix(".toml").read_bytes())
        seeds = range(
            config["data"]["first_seed"], config["data"]["first_seed"] + config["data"]["scans"] + 1
        )
        assert SEED not in seeds
