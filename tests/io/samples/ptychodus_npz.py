from pathlib import Path

import numpy as np
from samples.letter import DISTANCE_M, ENERGY_EV, PIXEL_M, letter

FIRST = 40
"""The number that the first pattern has."""


def write(folder: Path) -> Path:
    """Patterns out of order and with numbers of their own, a bad pixel, and a product beside them."""
    truth = letter()
    order = np.array([3, 0, 6, 1, 5, 2, 4])
    bad = np.zeros(truth.intensities.shape[1:], bool)
    bad[2, 5] = True
    np.savez_compressed(
        folder / "diffraction.npz", patterns=truth.intensities[order], indexes=order + FIRST, bad_pixels=bad
    )
    write_product(folder / "product-in.npz", FIRST)
    return folder / "diffraction.npz"


def write_product(path: Path, first: int = 0) -> None:
    """Write the flat product; the object lies with its centre at its middle in metres."""
    truth = letter()
    y, x = truth.centres.T * PIXEL_M
    sides = {
        f"{what}_pixel_{side}_m": PIXEL_M for what in ("probe", "object") for side in ("width", "height")
    }
    np.savez(
        path,
        name="letter",
        comments="",
        detector_object_distance_m=DISTANCE_M,
        photon_energy_eV=ENERGY_EV,
        exposure_time_s=0.1,
        probe_position_indexes=np.arange(len(y)) + first,
        probe_position_x_m=x,
        probe_position_y_m=y,
        probe=truth.probe[None, None],
        object=truth.image[None],
        object_center_y_m=truth.image.shape[0] / 2 * PIXEL_M,
        object_center_x_m=truth.image.shape[1] / 2 * PIXEL_M,
        object_layer_spacing_m=[],
        opr_weights=np.ones((len(y), 1)),
        loss_epochs=np.arange(3),
        loss_values=[3.0, 2.0, 1.0],
        **sides,
    )
