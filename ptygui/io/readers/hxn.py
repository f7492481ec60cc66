"""NSLS-II HXN .h5 for ptychography (save_data in HXN_databroker.py of NSLS-II's ptycho_gui).

`diffamp` (n, nx, ny): amplitudes, the square root of counts over a threshold that were divided by the ion
chamber. Each frame was cropped around the beam, turned by `numpy.rot90(axes=(1, 0))`, clockwise, so that its
first axis is x and its second y upwards, and shifted by `numpy.fft.fftshift`, so that the zero frequency
lies in the corner. `points` (2, n) are the positions of the motors [x; y] in micrometres: of the sample, so
the probe moves the other way (x_direction = y_direction = -1 in ptycho_param.py). `lambda_nm`, `z_m`,
`ccd_pixel_um` are numbers, `angle` the rotation of the sample in degrees: its program projects the motor x
onto the detector by cos(angle), and the motor z, which is used beyond 45 degrees, by sin(angle).

Instead of amplitudes newer files name the detector's own: `raw_data/filename`, whose `entry/data/data` holds
counts (n, H, W), and `raw_data/roi` [[first row, end], [first column, end]] (hxn_to_vit.py and
conv_working.py of SYNAPS-I's ptycho-fm, which take them as centred and find by trying which way they lie).

Where the zero frequency lies is known no better than by a pixel. The crop is the rectangle that somebody drew
around the beam (roi_gui.py: its middle, x0 + width // 2), and a quarter turn of an even number of pixels
moves that middle from the corner [0, 0] to [0, -1]. The beamline's program computes with [0, 0] all the same
(ptycho_trans.py: no shift before its Fourier transform), and so does this reader, so that its probes and
positions belong to these patterns. A pixel beside is a tilt of the probe by one wave over its window: the
object is the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.geometry import energy_ev
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.core.scan import Guess, PatternSource
from ptygui.io import hdf5
from ptygui.io.hdf5_stack import open_stack
from ptygui.io.hdf5_values import positive, real, rows_of_two, scalar, text
from ptygui.io.mapped_frames import MappedStack, open_mapped_stack
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent

FRAMES, POINTS = "diffamp", "points"
FILE, REGION, DETECTOR = "raw_data/filename", "raw_data/roi", "entry/data/data"
FRAMES_ORIENTATION = 6
"""Transpose, then flip rows: a quarter turn counter-clockwise, which undoes the clockwise one."""
POSITIONS_ORIENTATION = 1
"""(y, x) = (motor y, -motor x): the probe moves against the sample, and rows count downwards."""
PREPARED = Reading(
    quantity="amplitude",
    zero_frequency="corner",
    frames_orientation=FRAMES_ORIENTATION,
    positions_orientation=POSITIONS_ORIENTATION,
    position_unit="um",
)
COUNTED = Reading(
    quantity="intensity",
    zero_frequency="centre",
    positions_orientation=POSITIONS_ORIENTATION,
    position_unit="um",
)
_AS_COUNTED = Guess(
    "frames",
    "as the detector wrote them",
    "Nothing tells how the detector's frames lie to the motors.",
    "frames_orientation",
)


@register_reader
class HxnReader:
    """Scans that the ptychography program of the Hard X-ray Nanoprobe prepared."""

    name: ClassVar[str] = "NSLS-II HXN .h5"
    extensions: ClassVar[tuple[str, ...]] = (".h5", ".hdf5")

    def sniff(self, path: Path) -> bool:
        """Tell whether it has motor positions and amplitudes, or the detector's file, under HXN's names."""
        return hdf5.has(path, FRAMES, POINTS) or hdf5.has(path, FILE, POINTS)

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; nothing is unpacked, so nothing is reported."""
        with hdf5.open_hdf5(path) as file:
            angle = scalar(file, "angle") or 0.0
            own = hdf5.linked(file, FRAMES)
            frames: PatternSource = open_stack(file, FRAMES) if own else _detector_frames(path, file)
            return RawScan(
                name=path.stem,
                path=str(path),
                format=self.name,
                frames=frames,
                positions=_positions_um(file, angle),
                stated=(PREPARED if own else COUNTED).over(_geometry(file)),
                guesses=(*_projection(angle), *(() if own else (_AS_COUNTED,))),
                extra={"angle_deg": angle} if angle else {},
            )


def _geometry(file: h5py.File) -> Reading:
    wavelength_m = positive(file, "lambda_nm", 1e-9)
    pixel_m = positive(file, "ccd_pixel_um", 1e-6)
    return Reading(
        energy_ev=energy_ev(wavelength_m) if wavelength_m else None,
        distance_m=positive(file, "z_m"),
        detector_pixel_m=(pixel_m, pixel_m) if pixel_m else None,
    )


def _detector_frames(path: Path, file: h5py.File) -> MappedStack:
    """Open the region of the frames that the detector wrote into a file of its own."""
    named = Path(text(file, FILE))
    places = (path.parent / named, path.parent / named.name)
    found = next((place for place in places if named.name and place.is_file()), None)
    if found is None:
        raise ScanError(
            f"{hdf5.label(file, FILE)} names {named.name or 'nothing'}, which is missing: copy the "
            "detector's file beside this one."
        )
    region = real(file, REGION)
    if region.shape != (2, 2) or region.dtype.kind not in "iu" or (region[:, 0] < 0).any():
        raise ScanError(
            f"{hdf5.label(file, REGION)} must be whole numbers [[first row, end], [first column, end]], not "
            f"{region.dtype} of shape {region.shape}: prepare the scan again."
        )
    rows, cols = (slice(int(first), int(end)) for first, end in region)
    with hdf5.open_hdf5(found) as other:
        return open_mapped_stack(other, DETECTOR, (slice(None), rows, cols), frames_last=False)


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
