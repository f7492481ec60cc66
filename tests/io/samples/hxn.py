from pathlib import Path

import h5py
import numpy as np
from samples.letter import DETECTOR_PIXEL_M, DISTANCE_M, PIXEL_M, WAVELENGTH_M, letter, pattern


def write(folder: Path) -> Path:
    """Amplitudes as the beamline's program computes them: first axis x, second y upwards, no fftshift.

    Its patches begin at -points / pixel; so the object is turned clockwise, and the motors run against it.
    """
    truth = letter()
    image, probe = (np.rot90(values, axes=(1, 0)) for values in (truth.image, truth.probe))
    side, rows = len(probe), truth.image.shape[0]
    corners = np.stack([truth.corners[:, 1], rows - side - truth.corners[:, 0]], axis=1)
    frames = [np.fft.ifftshift(pattern(image, probe, corner)) for corner in corners]
    path = folder / "scan_1.h5"
    with h5py.File(path, "w") as file:
        file["diffamp"] = np.sqrt(frames)
        file["points"] = -corners.T * PIXEL_M * 1e6 + [[3.0], [-2.0]]
        file["lambda_nm"], file["z_m"] = WAVELENGTH_M * 1e9, DISTANCE_M
        file["ccd_pixel_um"], file["angle"] = DETECTOR_PIXEL_M * 1e6, 0.0
        file["ic"] = np.ones(len(frames))
    return path
