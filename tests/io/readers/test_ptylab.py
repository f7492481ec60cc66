from pathlib import Path

import h5py
import numpy as np
import pytest
from samples import ptylab
from samples.letter import ENERGY_EV, PIXEL_M, letter

from ptygui.core.errors import ScanError
from ptygui.core.geometry import ORIENTATIONS, inverse_orientation, orient_centred
from ptygui.io.registry import open_scan


def edit(path: Path, **datasets: object) -> Path:
    with h5py.File(path, "a") as file:
        for key, value in datasets.items():
            if key in file:
                del file[key]
            if value is not None:
                file[key] = value
    return path


def test_positions_are_centres_about_the_objects_middle(tmp_path: Path) -> None:
    scan = open_scan(ptylab.write(tmp_path))
    np.testing.assert_allclose(scan.positions_px, letter().centres - [20, 22])
    assert scan.metadata.pixel_size_m == pytest.approx((PIXEL_M, PIXEL_M))
    assert scan.metadata.energy_ev == pytest.approx(ENERGY_EV)
    assert scan.metadata.extra == {"probe_diameter_m": pytest.approx(8 * PIXEL_M)}


def test_an_encoder_on_its_side_is_turned(tmp_path: Path) -> None:
    path = ptylab.write(tmp_path)
    upright = open_scan(path).positions_px
    edit(path, encoder=(letter().centres - [20, 22]).T * PIXEL_M)
    np.testing.assert_allclose(open_scan(path).positions_px, upright)


@pytest.mark.parametrize("code", ORIENTATIONS)
def test_orientation_turns_the_frames(tmp_path: Path, code: int) -> None:
    stored = orient_centred(letter().intensities, inverse_orientation(code))
    path = edit(ptylab.write(tmp_path), ptychogram=stored, orientation=[code])
    found = open_scan(path).batch(np.arange(7)).patterns
    np.testing.assert_allclose(found, letter().intensities, rtol=1e-5)


def test_of_several_wavelengths_the_first(tmp_path: Path) -> None:
    path = edit(ptylab.write(tmp_path), wavelength=[[1e-10, 2e-10]], orientation=None)
    assert open_scan(path).metadata.energy_ev == pytest.approx(ENERGY_EV)


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        ({"orientation": 8}, "a code from 0 to 7, not 8"),
        ({"zled": 0.1}, "Fourier ptychography"),
        ({"encoder": np.zeros((7, 3))}, "two rows of positions"),
        ({"zo": None}, "the distance to the detector must be told"),
        ({"dxd": np.zeros(2)}, "must hold one number"),
        ({"ptychogram": np.zeros((7, 16, 16), complex)}, "must be patterns"),
    ],
)
def test_faulty_files(tmp_path: Path, edits: dict[str, object], words: str) -> None:
    path = edit(ptylab.write(tmp_path), **edits)
    with pytest.raises(ScanError, match=words):
        open_scan(path)
