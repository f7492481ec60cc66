"""The real Siemens star, from the file to residuals: trained on itself, without labels, then reconstructed.

Residuals are those of core.events.Residual; the flat object is at R1 0.316 (README of the shared data, with
the probe of 20 epochs of ePIE). The short test shows that all parts work together on measured data; the slow
one is what is asked of the product.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ptygui.core.events import Finished, Reconstruction
from ptygui.core.fourier import detector_intensity
from ptygui.core.scan import Scan
from ptygui.io.registry import open_scan
from ptygui.jobs.api import ReconstructRequest, Session
from ptygui.runs.layout import RunPaths, RunState
from ptygui.runs.records import read_status
from ptygui.train.config import MeasuredScan, TrainConfig, dump_config


@pytest.fixture(scope="module")
def star(real_data: Path) -> Path:
    """The file; 516 patterns of 128²."""
    return real_data / "siemens-star-small.npz.bz2"


def trained(directory: Path, config: TrainConfig) -> RunPaths:
    """Train as a user does: in a process of its own."""
    paths = RunPaths(directory)
    paths.config.write_text(dump_config(config), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "ptygui.train", str(directory)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert read_status(directory).state is RunState.DONE
    return paths


def reconstructed(scan: Scan, bundle: Path) -> Reconstruction:
    """Reconstruct as the window does."""
    *_, last = Session().reconstruct(ReconstructRequest(scan, bundle))
    assert isinstance(last, Finished)
    assert not last.stopped_early
    return last.result


def residuals(result: Reconstruction) -> list[float]:
    """R1 of the raw and of the polished object."""
    assert [stage.stage for stage in result.stages] == ["raw", "polished"]
    return [stage.residual.r1 for stage in result.stages if stage.residual]


def flat_residual(scan: Scan, probe: np.ndarray) -> float:
    """R1 of the flat object, which lets the probe through as it is."""
    measured = np.sqrt(scan.patterns.read(np.arange(len(scan))))
    return float(np.abs(measured - np.sqrt(detector_intensity(probe))).sum() / measured.sum())


def test_half_a_minute_of_training_finds_structure_in_the_star(star, tmp_path):
    config = TrainConfig(
        name="star",
        generator="stable_hybrid",
        generator_config={"width": 8, "levels": 3},
        data=MeasuredScan(path=str(star)),
        probe_epochs=8,
        polish_steps=1,
        learning_rate=3e-3,
        warmup_steps=10,
        steps=80,
        validate_every=80,
        validation_patterns=60,
    )
    paths = trained(tmp_path, config)
    scan = open_scan(star)
    result = reconstructed(scan, paths.bundle)
    raw, polished = residuals(result)
    flat = flat_residual(scan, result.best.probe)
    print(f"R1 flat {flat:.4f}, raw {raw:.4f}, polished {polished:.4f}")
    # measured: flat 0.247, raw 0.192, polished 0.172
    assert raw < 0.85 * flat
    assert raw < 0.205
    assert polished < 0.185
    assert result.coverage == 1
    assert result.recipe["probe_source"] == "bundle"  # it was trained on this very scan
    image = result.best.image
    assert image.pixel_size_m is None  # no geometry is known, so nothing shows metres
    assert np.std(image.phase[image.covered]) > 0.1


@pytest.mark.slow
def test_ten_minutes_of_training_reach_the_promised_residuals(star, tmp_path):
    config = TrainConfig(
        name="star",
        generator="stable_hybrid",
        data=MeasuredScan(path=str(star)),
        probe_epochs=20,
        polish_steps=1,
        steps=1_000_000,
        minutes=9.0,  # and a minute for the probe and the bundle
        validate_every=200,
    )
    paths = trained(tmp_path, config)
    raw, polished = residuals(reconstructed(open_scan(star), paths.bundle))
    print(f"R1 raw {raw:.4f}, polished {polished:.4f} on {os.cpu_count()} cores")
    assert raw <= 0.172
    assert polished <= 0.167
