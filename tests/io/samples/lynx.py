from pathlib import Path

import h5py
from samples.letter import DETECTOR_PIXEL_M, DISTANCE_M, ENERGY_EV, letter
from samples.on_detector import CENTRE, counts, orchestra


def write(folder: Path) -> Path:
    """Frames with their geometry in attributes; positions where the beamline puts them."""
    orchestra(folder / "specES1/scan_positions/scan_00123.dat", letter().centres)
    path = folder / "eiger_4/S00000-00999/S00123/run_00123_000000000000.h5"
    path.parent.mkdir(parents=True)
    with h5py.File(path, "w") as file:
        file["entry/data/eiger_4"] = counts(gap=4095)
        file["entry/data/eiger_4"].attrs.update(
            Detector_distance_m=DISTANCE_M,
            Photon_energy_kev=ENERGY_EV / 1e3,
            Pixel_size=DETECTOR_PIXEL_M,
            Center_y_pixel=CENTRE[0],
            Center_x_pixel=CENTRE[1],
        )
    return path
