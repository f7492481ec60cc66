from pathlib import Path

import numpy as np
from samples.letter import PIXEL_M, letter


def write(folder: Path) -> Path:
    """Raw samples of 31-ID's softGlueZynq: three for each frame, about the mean place of the sample."""
    names = "DataPoint x_st_fzp y_st_fzp ckUser_Clk_Count Detector_Count"
    rows = [
        f"{3 * frame + at} {x + shake:.9f} {y - shake:.9f} {1000 * frame + at} {frame}"
        for frame, (y, x) in enumerate(-letter().centres * PIXEL_M * 1e6)
        for at, shake in enumerate(np.array([-0.003, 0.001, 0.002]))
    ]
    path = folder / "scan_00123.dat"
    path.write_text("\n".join(["Scan 123, Samroy 0.0", names, *rows, ""]))
    return path
