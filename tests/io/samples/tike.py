from pathlib import Path

import numpy as np
from samples.letter import letter


def write(folder: Path) -> Path:
    """tike's data, scan and probe with all their leading axes; nothing compressed."""
    truth = letter()
    np.savez(
        folder / "siemens.npz",
        data=np.fft.ifftshift(truth.intensities, axes=(1, 2))[None].astype("f4"),
        scan=truth.corners[None].astype("f4"),
        probe=truth.probe[(np.newaxis,) * 4].astype("c8"),
    )
    return folder / "siemens.npz"
