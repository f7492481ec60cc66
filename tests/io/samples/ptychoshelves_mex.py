from pathlib import Path

import h5py
import numpy as np
from samples.letter import SIZE, letter


def write(folder: Path) -> Path:
    """One dataset a frame: amplitudes, normalised by the mean of the brightest pattern."""
    truth = letter()
    max_power = truth.intensities.sum(axis=(1, 2)).max() / SIZE**2
    path = folder / "S00001_data.h5"
    with h5py.File(path, "w") as file:
        for index, (frame, corner) in enumerate(zip(truth.intensities, truth.corners, strict=True)):
            group = file.create_group(f"measurements/measurement_{index}")
            group["diff_pat"] = np.fft.fftshift(np.sqrt(frame / max_power)).astype("f4")
            group.attrs["position"], group.attrs["detector"] = corner.astype("u4"), np.uint32(0)
        file["measurements"].attrs["max_power"] = max_power
        file["detectors/detector_0/modules"] = np.array([[SIZE, 7, 0, 0], [SIZE, 8, 0, 8]], "u4")
    return path
