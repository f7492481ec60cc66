"""Results of NSLS-II's program: several .npy files that belong together (nsls2_npy)."""

from pathlib import Path

import numpy as np
import pytest
from result_samples import nsls2_npy
from samples.letter import DISTANCE_M, letter

from ptygui.io.result_files import ResultError, read_result
from ptygui.jobs.api import what_is


def renamed(folder: Path, kind: str) -> Path:
    """Return the object after both files got another ending."""
    nsls2_npy.write(folder)
    for what in ("object", "probe"):
        old = folder / f"recon_{nsls2_npy.RUN}_{what}_ave.npy"
        old.rename(folder / f"recon_{nsls2_npy.RUN}_{what}{kind}.npy")
    return folder / f"recon_{nsls2_npy.RUN}_object{kind}.npy"


@pytest.mark.parametrize("kind", ["", "_ave", "_ave_rp"])
def test_it_is_opened_by_its_object_or_its_probe(tmp_path: Path, kind: str) -> None:
    path = renamed(tmp_path, kind)
    probe = path.with_name(path.name.replace("object", "probe"))
    assert what_is(path) == what_is(probe) == "result"
    results = [read_result(path), read_result(probe)]
    np.testing.assert_array_equal(results[0].best.image.values, results[1].best.image.values)
    assert results[0].scan_name == nsls2_npy.RUN


def test_modes_curve_and_geometry(tmp_path: Path) -> None:
    result = read_result(nsls2_npy.write(tmp_path))
    np.testing.assert_allclose(result.best.probe[1], 0.1 * letter().probe, atol=1e-6)
    assert result.recipe["curves"] == {"chi": [3.0, 2.0]}
    assert result.recipe["distance_m"] == pytest.approx(DISTANCE_M)
    assert result.notices == ()


def test_what_the_program_did_not_save_is_not_needed(tmp_path: Path) -> None:
    path = nsls2_npy.write(tmp_path)
    for other in tmp_path.iterdir():
        if not other.name.startswith("recon_"):
            other.unlink()
    result = read_result(path)
    assert result.best.positions_px.shape == (0, 2)
    assert result.best.image.pixel_size_m is None
    assert "no positions" in result.notices[0]


def test_slices_that_are_left_out_are_told(tmp_path: Path) -> None:
    path = nsls2_npy.write(tmp_path)
    one = np.load(path)
    np.save(path, np.stack([one, 0 * one]))
    assert read_result(path).notices == ("The object has 2 layers; the first was taken.",)


@pytest.mark.parametrize("missing", ["probe", "number"])
def test_an_array_alone_is_no_result(tmp_path: Path, missing: str) -> None:
    path = nsls2_npy.write(tmp_path)
    if missing == "probe":
        path.with_name(path.name.replace("object", "probe")).unlink()
    else:
        np.save(path, np.ones((30, 30)))
    assert what_is(path) == "scan"
    with pytest.raises(ResultError, match="is no result"):
        read_result(path)


def test_faulty_points(tmp_path: Path) -> None:
    path = nsls2_npy.write(tmp_path)
    np.save(tmp_path / f"points_{nsls2_npy.RUN}.npy", np.zeros((7, 3)))
    with pytest.raises(ResultError, match=r"must be positions \(2, n\)"):
        read_result(path)
