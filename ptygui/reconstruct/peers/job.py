"""What lies in the folder of a peer's job: one side writes it, the other reads it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ptygui.core.atomic import replacing
from ptygui.reconstruct.peers.options import PeerError, PeerOptions

JOB, INPUT, STATE, STOP = "job.json", "input.npz", "state.npz", "stop"
EXIT_MISSING = 3
"""What the worker ends with when the engine cannot be imported."""


@dataclass(frozen=True)
class PeerInputs:
    """What a peer starts from, in ptygui's conventions."""

    patterns: NDArray[np.float32]
    """(n, H, W) counts, zero frequency at [H//2, W//2]."""
    positions_px: NDArray[np.float64]
    """(n, 2) (y, x) object pixels: where the centre [H//2, W//2] of each patch lies."""
    probe: NDArray[np.complex64]
    """(modes, H, W); its orthonormal far field squared is in counts."""
    object: NDArray[np.complex64]
    """(rows, cols); it should hold every patch."""
    origin_px: NDArray[np.float64]
    """(row, col) of the object's element [0, 0] in the frame of the positions."""
    bad_pixels: NDArray[np.bool_] | None = None
    """(H, W), True = bad."""
    pixel_size_m: NDArray[np.float64] | None = None
    """(y, x) of the object; a thick object needs it."""
    wavelength_m: NDArray[np.float64] | None = None
    """(), a number; a thick object needs it."""


@dataclass(frozen=True)
class PeerState:
    """Where a peer is, in ptygui's conventions; shapes and dtypes as in `PeerInputs`."""

    epoch: NDArray[np.int_]
    """(), a number: how many epochs are done."""
    object: NDArray[np.complex64]
    """(rows, cols); of a thick object the product of its slices."""
    origin_px: NDArray[np.float64]
    probe: NDArray[np.complex64]
    """(modes, H, W); of a varying probe the mean one."""
    positions_px: NDArray[np.float64]
    slices: NDArray[np.complex64] | None = None
    """(slices, rows, cols) of a thick object, the first one lit first."""


def write_job(folder: Path, inputs: PeerInputs, options: PeerOptions) -> None:
    """Write what the worker is to do.

    Raises
    ------
    PeerError
        If the inputs do not fit each other or the options.
    """
    _check(inputs, options)
    (folder / JOB).write_bytes(msgspec.json.encode(options))
    _write(folder / INPUT, inputs)


def read_job(folder: Path) -> tuple[PeerInputs, PeerOptions]:
    """Read what is to be done."""
    options = msgspec.json.decode((folder / JOB).read_bytes(), type=PeerOptions)
    return PeerInputs(**_read(folder / INPUT)), options


def write_state(folder: Path, state: PeerState) -> None:
    """Put a new state in the place of the last one; who reads sees the one or the other."""
    with replacing(folder / STATE) as temporary:
        _write(temporary, state)


def read_state(folder: Path) -> PeerState:
    """Read the newest state."""
    return PeerState(**_read(folder / STATE))


def _write(path: Path, arrays: PeerInputs | PeerState) -> None:
    named = {field.name: getattr(arrays, field.name) for field in fields(arrays)}
    np.savez(path, **{name: array for name, array in named.items() if array is not None})


def _read(path: Path) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def _check(inputs: PeerInputs, options: PeerOptions) -> None:
    count, *window = inputs.patterns.shape
    if inputs.positions_px.shape != (count, 2):
        raise PeerError(
            f"{count} patterns need positions of the shape ({count}, 2), not {inputs.positions_px.shape}."
        )
    if inputs.probe.ndim != 3 or list(inputs.probe.shape[1:]) != window:
        raise PeerError(
            f"The probe must have the shape (modes, {window[0]}, {window[1]}), not {inputs.probe.shape}."
        )
    if options.slices > 1 and (inputs.pixel_size_m is None or inputs.wavelength_m is None):
        raise PeerError(
            "A thick object needs energy, distance and detector pixel: the scan does not tell them."
        )
