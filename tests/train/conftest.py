"""What the tests of training share: tiny configurations that train in a second, and scans beside them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import torch

from ptygui.core.simulate import lines_scan
from ptygui.train.config import TrainConfig, dump_config, parse_config
from ptygui.train.data import TrainingScan

TINY = """
name = "tiny"
generator = "cnn"
neighbourhood = 4
polish_steps = 1
steps = 8
warmup_steps = 2
validate_every = 4
validation_patterns = 25
[generator_config]
width = 4
levels = 2
[data]
type = "lines"
pattern_px = 16
object_px = 60
step_px = 5.0
photons_per_pattern = 1e6
scans = 2
"""


@pytest.fixture(autouse=True)
def repeatable() -> None:
    """The same random numbers every time."""
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def tiny() -> Callable[..., TrainConfig]:
    """Make the tiny configuration, some of its values changed."""

    def make(**changed: object) -> TrainConfig:
        return msgspec.structs.replace(parse_config(TINY, "tiny"), **changed)

    return make


@pytest.fixture(scope="session")
def run_directory(
    tmp_path_factory: pytest.TempPathFactory, tiny: Callable[..., TrainConfig]
) -> Callable[..., Path]:
    """Make a directory that holds the tiny configuration, ready to train in."""

    def make(**changed: object) -> Path:
        directory = tmp_path_factory.mktemp("run")
        (directory / "config.toml").write_text(dump_config(tiny(**changed)), encoding="utf-8")
        return directory

    return make


@pytest.fixture(scope="session")
def training_scan() -> TrainingScan:
    """81 patterns of 16², with the probe that made them."""
    scan = lines_scan(16, object_px=60, step_px=5.0, photons_per_pattern=1e6, seed=1)
    assert scan.probe is not None
    return TrainingScan(scan, scan.probe, simulated=True)
