"""Beamlines whose scans lie in several files or groups: APS 12-ID, ESRF ID13, MAX IV SoftiMAX."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from samples import aps12id, esrf_bliss, softimax
from samples.letter import ENERGY_EV
from samples.on_detector import CENTRE

from ptygui.core.errors import ScanError
from ptygui.io.registry import open_raw, reader_of


def replace(path: Path, key: str, value: object) -> None:
    with h5py.File(path, "a") as file:
        del file[key]
        if value is not None:
            file[key] = value


def test_12id_is_opened_by_its_master_or_any_line(tmp_path: Path) -> None:
    master = open_raw(aps12id.write(tmp_path))
    assert (master.name, master.frames.shape) == ("star_00042", (7, 20, 22))
    assert (master.stated.zero_frequency, master.stated.centre_px) == ("detector", CENTRE)
    line = open_raw(tmp_path / "star_00042_002.h5")
    np.testing.assert_array_equal(line.positions, master.positions)
    np.testing.assert_array_equal(line.frames.read(np.arange(7)), master.frames.read(np.arange(7)))
    assert "7 lines between" in line.notes[0]  # 3 to 9


def test_12id_takes_no_line_of_another_scan_and_needs_no_master(tmp_path: Path) -> None:
    aps12id.write(tmp_path).unlink()
    (tmp_path / "star_00043_001.h5").write_bytes((tmp_path / "star_00042_001.h5").read_bytes())
    raw = open_raw(tmp_path / "star_00042_001.h5")
    assert raw.frames.shape[0] == 7
    assert raw.stated.centre_px is None
    with pytest.raises(ScanError, match=r"none of its lines"):
        raw = open_raw(alone(tmp_path / "other"))


def alone(folder: Path) -> Path:
    """A master without lines."""
    folder.mkdir()
    path = aps12id.write(folder)
    for line in folder.glob("*_0*[0-9].h5"):
        line.unlink()
    return path


@pytest.mark.parametrize("places", [np.zeros((4, 4)), np.zeros((3, 2)), np.zeros(3)])
def test_a_faulty_line_of_12id(tmp_path: Path, places: object) -> None:
    path = aps12id.write(tmp_path)
    replace(tmp_path / "star_00042_001.h5", "positions", places)
    with pytest.raises(ScanError, match=r"star_00042_001\.h5, key positions, must hold three columns"):
        open_raw(path)


def test_of_the_scans_in_a_file_of_bliss_the_last_is_taken(tmp_path: Path) -> None:
    """10.1 comes after 9.1, and what has no frames is none."""
    raw = open_raw(esrf_bliss.write(tmp_path))
    assert raw.name == "sample_0001 10.1"
    assert raw.frames.shape[0] == 7
    assert "2 scans with frames and motors, also 9.1" in raw.notes[-1]


def test_bliss_knows_the_motors_of_stepwise_scans(tmp_path: Path) -> None:
    path = esrf_bliss.write(tmp_path)
    with h5py.File(path, "a") as file:
        del file["10.1/measurement/nnp3_position"]
        del file["10.1/measurement/nnp3"]
        file["10.1/measurement/nnp3"] = np.arange(7.0)
    raw = open_raw(path)
    assert raw.positions is not None
    np.testing.assert_array_equal(raw.positions[:, 0], np.arange(7.0))


def test_bliss_with_motors_of_other_lengths(tmp_path: Path) -> None:
    path = esrf_bliss.write(tmp_path)
    replace(path, "10.1/measurement/nnp3_position", np.zeros(3))
    with pytest.raises(ScanError, match="has 3 values but nnp2_user_position 7"):
        open_raw(path)


def test_softimax_needs_the_frames_beside_its_motors(tmp_path: Path) -> None:
    path = softimax.write(tmp_path)
    raw = open_raw(path)
    assert raw.format == "MAX IV SoftiMAX"
    assert raw.stated.energy_ev == pytest.approx(ENERGY_EV)
    assert any("dark frame" in note for note in raw.notes)
    (tmp_path / "scan_000123_andor.h5").unlink()
    assert reader_of(path).name == "HDF5 by a preset"
    with pytest.raises(ScanError, match=r"scan_000123_andor\.h5"):
        open_raw(path)
