"""The shipped scan with the shipped generators, by the same jobs as in the window: what a newcomer sees.

The golden picture is renewed, when a change is meant to change it, by

    python tests/test_end_to_end.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from ptygui.core.events import Finished, Reconstruction
from ptygui.jobs.api import ExportRequest, ReconstructRequest, Session, export, open_scan
from ptygui.resources import demo_scan_path, shipped_generators

GOLDEN = Path(__file__).parent / "golden" / "demo-stable_hybrid.npy"


def reconstruct(name: str) -> Reconstruction:
    bundle = next(path for path in shipped_generators() if path.stem == f"{name}-lines64")
    *_, last = Session().reconstruct(ReconstructRequest(open_scan(demo_scan_path()), bundle))
    assert isinstance(last, Finished)
    return last.result


def interior(result: Reconstruction) -> np.ndarray:
    """Every 16th pixel of the well-lit part, (stages, rows, cols) complex64."""
    return np.stack([stage.image.values[64:-64:16, 64:-64:16] for stage in result.stages])


@pytest.fixture(scope="module")
def stable_hybrid() -> Reconstruction:
    return reconstruct("stable_hybrid")


def test_the_demo_passes_its_mark_before_and_after_polishing(stable_hybrid: Reconstruction) -> None:
    raw, polished = stable_hybrid.stages
    assert raw.quality is not None
    assert polished.quality is not None
    assert raw.quality.amplitude_ssim >= 0.93
    assert raw.quality.phase_ssim >= 0.93
    assert polished.quality.amplitude_ssim >= 0.98
    assert polished.quality.complex_error < raw.quality.complex_error < 0.06


@pytest.mark.parametrize("name", ["hybrid", "fno"])
def test_the_other_generators_pass_it_too(name: str) -> None:
    raw, polished = reconstruct(name).stages
    assert raw.quality is not None
    assert polished.quality is not None
    assert raw.quality.amplitude_ssim >= 0.93
    assert polished.quality.amplitude_ssim >= 0.98


def test_the_picture_is_the_golden_one(stable_hybrid: Reconstruction) -> None:
    np.testing.assert_allclose(
        interior(stable_hybrid), np.load(GOLDEN, allow_pickle=False), atol=1e-5, rtol=0
    )


def test_its_export_keeps_values_and_pixel_size(stable_hybrid: Reconstruction, tmp_path: Path) -> None:
    files = export(ExportRequest(stable_hybrid, "polished", tmp_path, "demo", ("tiff",)))
    path = next(file for file in files if file.name.endswith("amplitude.tif"))
    image = stable_hybrid.best.image
    assert image.pixel_size_m is not None
    with tifffile.TiffFile(path) as tiff:
        pixels, unit = tiff.pages[0].tags["XResolution"].value
        np.testing.assert_array_equal(tiff.asarray(), image.amplitude)
    assert unit / pixels == pytest.approx(image.pixel_size_m[1] * 1e6, rel=1e-6)


if __name__ == "__main__":
    GOLDEN.parent.mkdir(exist_ok=True)
    np.save(GOLDEN, interior(reconstruct("stable_hybrid")), allow_pickle=False)
