"""NSLS-II HXN .h5 for ptychography (save_data in HXN_databroker.py of NSLS-II's ptycho_gui).

`diffamp` (n, nx, ny): amplitudes, the square root of counts over a threshold that were divided by the ion
chamber. Each frame was cropped around the beam, turned by `numpy.rot90(axes=(1, 0))`, clockwise, so that its
first axis is x and its second y upwards, and shifted by `numpy.fft.fftshift`, so that the zero frequency
lies in the corner. `points` (2, n) are the positions of the motors [x; y] in micrometres: of the sample, so
the probe moves the other way (x_direction = y_direction = -1 in ptycho_param.py). `lambda_nm`, `z_m`,
`ccd_pixel_um` are numbers, `angle` the rotation of the sample in degrees: its program projects the motor x
onto the detector by cos(angle), and the motor z, which is used beyond 45 degrees, by sin(angle).

What the quarter turn does to frames of an even number of pixels, moving the middle by one, is left as it
is: like the beamline's program, which takes the corner [0, 0] as the zero frequency.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.geometry import energy_ev
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.core.scan import Guess
from ptygui.io import hdf5
from ptygui.io.hdf5_stack import open_stack
from ptygui.io.hdf5_values import positive, rows_of_two, scalar
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent

FRAMES, POINTS = "diffamp", "points"
FRAMES_ORIENTATION = 6
"""Transpose, then flip rows: a quarter turn counter-clockwise, which undoes the clockwise one."""
POSITIONS_ORIENTATION = 1
"""(y, x) = (motor y, -motor x): the probe moves against the sample, and rows count downwards."""


@register_reader
class HxnReader:
    """Scans that the ptychography program of the Hard X-ray Nanoprobe prepared."""

    name: ClassVar[str] = "NSLS-II HXN .h5"
    extensions: ClassVar[tuple[str, ...]] = (".h5", ".hdf5")

    def sniff(self, path: Path) -> bool:
        """Tell whether it has amplitudes and motor positions under the names of HXN."""
        return hdf5.has(path, FRAMES, POINTS)

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; nothing is unpacked, so nothing is reported."""
        with hdf5.open_hdf5(path) as file:
            angle = scalar(file, "angle") or 0.0
            return RawScan(
                name=path.stem,
                path=str(path),
                format=self.name,
                frames=open_stack(file, FRAMES),
                positions=_positions_um(file, angle),
                stated=_stated(file),
                guesses=_projection(angle),
                extra={"angle_deg": angle} if angle else {},
            )


def _stated(file: h5py.File) -> Reading:
    wavelength_m = positive(file, "lambda_nm", 1e-9)
    pixel_m = positive(file, "ccd_pixel_um", 1e-6)
    return Reading(
        quantity="amplitude",
        zero_frequency="corner",
        frames_orientation=FRAMES_ORIENTATION,
        positions_orientation=POSITIONS_ORIENTATION,
        position_unit="um",
        energy_ev=energy_ev(wavelength_m) if wavelength_m else None,
        distance_m=positive(file, "z_m"),
        detector_pixel_m=(pixel_m, pixel_m) if pixel_m else None,
    )


def _positions_um(file: h5py.File, angle_deg: float) -> NDArray[np.float64]:
    """Return the motors' positions (n, 2) (y, x), x as it is seen from the detector."""
    x, y = rows_of_two(file, POINTS)
    return np.stack([y, x * _foreshortening(angle_deg)], axis=1)


def _foreshortening(angle_deg: float) -> float:
    """Return what a step of the horizontal motor is on the detector's plane, with its sign."""
    angle = np.deg2rad(angle_deg)
    if abs(angle_deg) <= 45:
        return float(np.cos(angle))
    return float(np.copysign(abs(np.sin(angle)), 1 if angle_deg > 0 else -1))


def _projection(angle_deg: float) -> tuple[Guess, ...]:
    factor = _foreshortening(angle_deg)
    if factor == 1:
        return ()
    why = f"The sample is turned by {angle_deg:g}°; steps of its motor look shorter from the detector."
    return (Guess("horizontal positions", f"multiplied by {factor:.4f}", why),)
