from pathlib import Path

import numpy as np
from samples.letter import PIXEL_M, letter


def write(folder: Path) -> Path:
    """What ptygui exports (its own definition, io.writers.npz)."""
    truth = letter()
    np.savez_compressed(
        folder / "letter.npz",
        object=truth.image.astype("c8"),
        covered=np.ones(truth.image.shape, bool),
        origin_px=np.zeros(2),
        pixel_size_m=np.full(2, PIXEL_M),
        positions_px=truth.centres.astype("f8"),
        probe=truth.probe[None].astype("c8"),
        intensities=np.ones(len(truth.centres), "f4"),
        background=np.zeros(truth.probe.shape, "f4"),
        evidence_r1=np.full(len(truth.centres), 0.1),
        shifts_px=np.zeros((len(truth.centres), 2)),
        provenance=np.array('{"program": "ptygui", "stage": "polished", "scan": "letter", "seconds": 1.5}'),
    )
    return folder / "letter.npz"
