"""What a result's arrays must be, and what is said if they are not."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import PtyguiError
from ptygui.core.events import Reconstruction
from ptygui.core.plausible import MAX_OFFSET_PX

Scalar = TypeVar("Scalar", bound=np.generic)

_KINDS = {"c": "complex", "f": "real", "b": "boolean"}


class ResultError(PtyguiError):
    """A file is no result, or a damaged one; the message names file, key and what was expected."""


class Axes:
    """Checks arrays against named axes: each axis keeps the length that it had first."""

    def __init__(self) -> None:
        self._lengths: dict[str, int] = {}

    def fit(
        self, values: NDArray[Any], dtype: type[Scalar], axes: str, label: str, *, finite: bool = False
    ) -> NDArray[Scalar]:
        """Return a copy of `values` that can be written to.

        Parameters
        ----------
        values : array
        dtype : type
            What it becomes; it must be of that kind already: complex, real or boolean.
        axes : str
            Names or lengths of its axes: 'n 2'.
        label : str
            File and key, for the message.
        finite : bool
            Whether every value must be a finite number.

        Raises
        ------
        ResultError
        """
        kind, names = np.dtype(dtype).kind, axes.split()
        if values.dtype.kind != kind or not self._suits(values.shape, names):
            expected = ", ".join(self._words(name) for name in names)
            raise ResultError(
                f"{label} must be {_KINDS[kind]} numbers of shape ({expected}), not {values.dtype} of shape "
                f"{values.shape}: the file is damaged, or no result."
            )
        with np.errstate(over="ignore", invalid="ignore"):  # what single precision cannot hold is not finite
            copy = np.array(values, dtype)
        if finite and not np.isfinite(copy).all():
            raise ResultError(f"{label} holds values that are not finite numbers: choose another result.")
        return copy

    def _suits(self, shape: tuple[int, ...], names: list[str]) -> bool:
        if len(shape) != len(names) or 0 in shape:
            return False
        return all(
            length == (int(name) if name.isdigit() else self._lengths.setdefault(name, length))
            for name, length in zip(names, shape, strict=True)
        )

    def _words(self, name: str) -> str:
        length = self._lengths.get(name)
        return name if length is None else f"{name} = {length}"


def refuse_far_away(result: Reconstruction, name: str) -> Reconstruction:
    """Return a result; raises ResultError if positions or object lie where pixels drown in rounding."""
    stage = result.best
    places = np.concatenate([stage.positions_px, [stage.image.origin_px]])
    if np.abs(places).max() > MAX_OFFSET_PX:
        raise ResultError(
            f"{name} has positions more than {MAX_OFFSET_PX:.0e} object pixels from the origin: their unit "
            "or the pixel size must be wrong."
        )
    return result


def refuse_odd_pixels(result: Reconstruction, name: str) -> Reconstruction:
    """Return a result; raises ResultError if the size of its pixels is told but is none."""
    size = result.best.image.pixel_size_m
    if size is not None and not all(0 < one < np.inf for one in size):
        raise ResultError(
            f"{name} states pixels of {size[0]:.3g} x {size[1]:.3g} m, which cannot be: choose another."
        )
    return result
