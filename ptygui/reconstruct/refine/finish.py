"""From the unknowns to a picture in its gauge.

What the data leave open is settled by convention: the probe keeps the power that it began with (so the flat
object stays 1), the brightness is 1 on average, and the positions do not drift as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ptygui.core.probe import orthogonalise_modes
from ptygui.core.scan import ObjectImage
from ptygui.physics.slope import squared_modulus
from ptygui.physics.unknowns import Free, Unknowns
from ptygui.physics.windows import Windows

LEAST_LIGHT = 1e-2
"""Share of the largest illumination below which a pixel counts as not covered; as core.canvas.finish."""
FAINT_LIGHT = 1e-6
"""Below this it is left out. What lies between helps to explain the patterns when the work goes on."""
PATTERNS = 256
"""At once, when the light is summed."""


@dataclass(frozen=True)
class Easel:
    """Where pictures are made.

    Attributes
    ----------
    windows : Windows
    offset : (2,) float64
        Of the grid, as start.place returns it.
    positions_px : (n, 2) float64
        Before they moved, in the scan's frame.
    lit, covered : (rows, cols) bool
        Where there is any light, and where there is enough.
    pixel_size_m : (y, x) or None
    power : float
        Of the probe at the start.
    """

    windows: Windows
    offset: NDArray[np.float64]
    positions_px: NDArray[np.float64]
    lit: NDArray[np.bool_]
    covered: NDArray[np.bool_]
    pixel_size_m: tuple[float, float] | None
    power: float

    @classmethod
    def set_up(
        cls,
        windows: Windows,
        at: Unknowns,
        offset: NDArray[np.float64],
        positions_px: NDArray[np.float64],
        pixel_size_m: tuple[float, float] | None,
    ) -> Easel:
        """Find out what is lit."""
        light = illumination(windows, at.probe)
        lit, covered = ((light > least * light.max()).cpu().numpy() for least in (FAINT_LIGHT, LEAST_LIGHT))
        power = float(squared_modulus(at.probe).sum())
        return cls(windows, offset, positions_px, lit, covered, pixel_size_m, power)

    def image(self, at: Unknowns, stride: int = 1) -> ObjectImage:
        """Paint the object."""
        lit, covered = (mask[::stride, ::stride] for mask in (self.lit, self.covered))
        values = at.object[::stride, ::stride].cpu().numpy()
        size = self.pixel_size_m
        strided = (size[0] * stride, size[1] * stride) if size else None
        row, col = np.asarray(self.windows.origin) + self.offset
        return ObjectImage(
            np.where(lit, values, np.complex64(0)), covered, (float(row), float(col)), strided, stride
        )

    def positions(self, at: Unknowns) -> NDArray[np.float64]:
        """Return where the patterns were taken, (n, 2) object pixels."""
        return self.positions_px + at.shifts.cpu().numpy().astype(np.float64)

    def without_drift(self, at: Unknowns) -> Easel:
        """Move the frame so that the positions have not moved on average; the patterns stay explained."""
        drift = at.shifts.mean(dim=0).cpu().numpy().astype(np.float64)
        return replace(self, offset=self.offset - drift, positions_px=self.positions_px - drift)


def settle(at: Unknowns, power: float, free: Free) -> Unknowns:
    """Bring unknowns into the gauge; the patterns that they explain stay the same.

    Parameters
    ----------
    at : Unknowns
    power : float
        That the probe shall have.
    free : Free
        What was free: nothing else is touched.
    """
    if free.gains:
        mean = at.gains.square().mean().sqrt()
        at = replace(at, gains=at.gains / mean, object=at.object * mean)
    if not free.probe:
        return at
    factor = (power / squared_modulus(at.probe).sum()).sqrt()
    probe = orthogonalise_modes((at.probe * factor).cpu().numpy())
    return replace(at, object=at.object / factor, probe=torch.from_numpy(probe).to(at.probe.device))


def illumination(windows: Windows, probe: Tensor) -> Tensor:
    """Return sum_j |P|², (rows, cols), to the whole pixel."""
    total = torch.zeros(windows.shape, dtype=probe.real.dtype, device=probe.device)
    light = squared_modulus(probe).sum(dim=0)
    for part in torch.split(torch.arange(len(windows.corners), device=probe.device), PATTERNS):
        windows.add(total, light.expand(len(part), *light.shape), windows.addresses(part))
    return total
