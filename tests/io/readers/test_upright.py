"""An F under a probe without symmetry, written in each format's own form, comes out upright, in its place."""

import importlib
from pathlib import Path

import numpy as np
import pytest
from samples.letter import DETECTOR_PIXEL_M, DISTANCE_M, ENERGY_EV, PIXEL_M, Letter, letter, pattern

from ptygui.core.geometry import ORIENTATIONS, orient_centred, orient_positions
from ptygui.core.preparation import Preparation
from ptygui.core.reading import Reading
from ptygui.core.scan import Scan
from ptygui.io.registry import open_raw, prepare, reader_of

GEOMETRY = Reading(
    energy_ev=ENERGY_EV, distance_m=DISTANCE_M, detector_pixel_m=(DETECTOR_PIXEL_M, DETECTOR_PIXEL_M)
)
"""Told by the user where the format does not."""
KINDS = {
    "hxn": ("NSLS-II HXN .h5", Reading()),
    "hxn_raw": ("NSLS-II HXN .h5", Reading()),
    "nsls2_style1": ("NSLS-II Style 1 .h5", GEOMETRY),
    "nsls2_mat": ("NSLS-II .mat", Reading()),
    "matlab_scan": ("MATLAB .mat", Reading()),
    "fold_slice": ("fold_slice (_dp and _para)", Reading()),
    "ptychoshelves": ("PtychoShelves prepared .h5", Reading()),
    "ptychoshelves_mex": ("PtychoShelves prepared .h5 (mex)", Reading()),
    "ptylab": ("PtyLab .hdf5", Reading()),
    "lcls_xpp": ("LCLS XPP .h5", GEOMETRY),
}


def patterns(scan: Scan) -> np.ndarray:
    return scan.batch(np.arange(len(scan))).patterns


@pytest.mark.parametrize("kind", KINDS)
def test_upright(tmp_path: Path, kind: str) -> None:
    name, chosen = KINDS[kind]
    path = importlib.import_module(f"samples.{kind}").write(tmp_path)
    assert reader_of(path).name == name
    scan, truth = prepare(open_raw(path), Preparation(reading=chosen)), letter()
    found, expected = patterns(scan), truth.intensities
    if kind == "ptychoshelves_mex":  # normalised
        found = found * (expected.sum() / found.sum())
    tolerance = 1 if kind in ("nsls2_style1", "hxn_raw") else 1e-5 * expected.max()  # whole counts
    np.testing.assert_allclose(found, expected, atol=tolerance)
    moved = scan.positions_px - truth.centres
    np.testing.assert_allclose(moved, np.broadcast_to(moved[0], moved.shape), atol=1e-6)
    if scan.metadata.pixel_size_m is not None:
        np.testing.assert_allclose(scan.metadata.pixel_size_m, PIXEL_M)


def misfit(truth: Letter, stack: np.ndarray, centres: np.ndarray) -> float:
    """Compare patterns with what the F would give at these places, shifted to fit into its picture."""
    corners = np.rint(centres - centres.mean(axis=0) + truth.centres.mean(axis=0)).astype(int) - 8
    corners = np.clip(corners, 0, np.array(truth.image.shape) - 16)
    model = np.stack([pattern(truth.image, truth.probe, corner) for corner in corners])
    return float(np.abs(model - stack).sum() / stack.sum())


def test_the_letter_tells_all_orientations_and_signs_apart() -> None:
    truth = letter()
    for code in ORIENTATIONS:
        for positions in ORIENTATIONS:
            found = misfit(
                truth, orient_centred(truth.intensities, code), orient_positions(truth.centres, positions)
            )
            assert (found < 1e-9) == (code == positions == 0)
