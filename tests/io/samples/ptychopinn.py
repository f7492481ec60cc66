from pathlib import Path

import numpy as np
from samples.letter import letter


def write(folder: Path) -> Path:
    """Amplitudes, pixel coordinates, probe and object; compressed."""
    truth = letter()
    y, x = truth.centres.T.astype(float)
    np.savez_compressed(
        folder / "letter.npz",
        diff3d=np.sqrt(truth.intensities).astype("f4"),
        xcoords=x,
        ycoords=y,
        xcoords_start=x,
        ycoords_start=y,
        probeGuess=truth.probe.astype("c8"),
        objectGuess=truth.image.astype("c8"),
        scan_index=np.zeros(len(y), int),
        _metadata='{"nphotons": 1e6}',
    )
    return folder / "letter.npz"
