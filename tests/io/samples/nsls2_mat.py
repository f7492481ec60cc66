from pathlib import Path

import numpy as np
from samples.letter import DETECTOR_PIXEL_M, DISTANCE_M, ENERGY_EV, PIXEL_M, letter, matlab_73


def variables() -> dict[str, np.ndarray]:
    """With MATLAB's axes: frames (H, W, n)."""
    truth = letter()
    xy = truth.centres[:, ::-1] * PIXEL_M * 1e6
    return {
        "det_data": np.moveaxis(truth.intensities, 0, 2).astype("f4"),
        "pos_xy": np.column_stack([np.arange(len(xy)), xy]),
        "prb": truth.probe,
        "det_pixel_size": np.array(DETECTOR_PIXEL_M * 1e6),
        "det_dist": np.array(DISTANCE_M * 1e6),
        "energy": np.array(ENERGY_EV / 1e3),
        "img_pixel_size_x": np.array(PIXEL_M),
        "img_pixel_size_y": np.array(PIXEL_M),
    }


def write(folder: Path) -> Path:
    """MATLAB 7.3, as the beamline writes it."""
    return matlab_73(folder, "scan.mat", **variables())
