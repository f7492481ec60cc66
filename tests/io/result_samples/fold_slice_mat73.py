from pathlib import Path

from result_samples.fold_slice_mat import variables
from samples.letter import matlab_73


def write(folder: Path) -> Path:
    return matlab_73(folder, "Niter10.mat", **variables())
