from pathlib import Path

import scipy.io
from samples.letter import letter


def write(folder: Path) -> Path:
    """A mask beside words."""
    mask = letter().intensities[0] > 100.0
    path = folder / "mask.mat"
    scipy.io.savemat(path, {"mask": mask, "name": "of the detector"}, do_compression=True)
    return path
