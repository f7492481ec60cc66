from pathlib import Path

import numpy as np
from samples.letter import DETECTOR_PIXEL_M, DISTANCE_M, WAVELENGTH_M, letter

RUN = "34784_t1"
PAD = 15
"""Pixels of the object beyond the outermost patch, on each side."""


def write(folder: Path) -> Path:
    """As recon_ptycho and save_recon of ptycho_trans.py leave them: axes (x, y upwards), points in pixels."""
    truth = letter()
    image, probe = (np.rot90(values, axes=(1, 0)) for values in (truth.image, truth.probe))
    side, rows = len(probe), truth.image.shape[0]
    corners = np.stack([truth.corners[:, 1], rows - side - truth.corners[:, 0]])
    first = corners.min(axis=1, keepdims=True)
    last = corners.max(axis=1) + side
    scanned = image[first[0, 0] : last[0], first[1, 0] : last[1]]
    saved = {
        f"recon_{RUN}_object_ave": np.pad(scanned, PAD, constant_values=1),
        f"recon_{RUN}_probe_ave": np.stack([probe, 0.1 * probe]),
        f"points_{RUN}": np.asarray(corners - first + side / 2 + PAD),
        f"error_{RUN}_chi": np.array([3.0, 2.0]),
    }
    for name, values in saved.items():
        np.save(folder / f"{name}.npy", values)
    (folder / f"{RUN}.ptycho_hyan_2026-11-24.txt").write_text(
        "[GUI]\n"
        f"lambda_nm = {WAVELENGTH_M * 1e9}\nz_m = {DISTANCE_M}\nccd_pixel_um = {DETECTOR_PIXEL_M * 1e6}\n"
        "angle = 0.0\nsign = t1\n"
    )
    return folder / f"recon_{RUN}_object_ave.npy"
