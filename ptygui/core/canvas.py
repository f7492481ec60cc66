"""The canvas: an accumulator of patches that can be added to another canvas.

A canvas holds the weighted sum of complex patches S = sum_j w_j O_j, the sum of weights W = sum_j w_j,
an integer origin, the set of patterns seen, and the frame it belongs to. For canvases of one frame

    empty + a == a                  (identity)
    a + b == b + a                  (commutativity)
    (a + b) + c == a + (b + c)      (associativity)

up to float32 rounding (about 4e-7 relative), so patches may be folded in any order, in any chunks and on
any number of workers. Complex values are summed, never phases. Rows run down (+y), columns to the right
(+x), in object pixels of the scan; a patch of shape (H, W) at position (y, x) has its centre [H//2, W//2]
there. Sub-pixel parts of a position are applied to w_j O_j and w_j by a Fourier shift.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import PtyguiError
from ptygui.core.scan import ObjectImage
from ptygui.core.shift import shift_subpixel, split_positions

Box = tuple[int, int, int, int]
"""(first row, first col, end row, end col)."""


class CanvasError(PtyguiError):
    """Two canvases or patches that must not be added."""


@dataclass(frozen=True)
class Frame:
    """What two canvases must share to be added: pixel size (y, x), orientation code and recipe."""

    pixel_size_m: tuple[float, float] | None = None
    orientation: int = 0
    recipe_id: str = ""


@dataclass
class Canvas:
    """The additive accumulator; see the module text for the algebra.

    Attributes
    ----------
    weighted_sum : (rows, cols) complex64
    weights : (rows, cols) float32
    origin : (row, col) int
        Object pixel of element [0, 0].
    seen : set of int
        Indices of the patterns inside.
    """

    frame: Frame = field(default_factory=Frame)
    weighted_sum: NDArray[np.complex64] = field(default_factory=lambda: np.zeros((0, 0), np.complex64))
    weights: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    origin: tuple[int, int] = (0, 0)
    seen: set[int] = field(default_factory=set)

    @classmethod
    def covering(cls, frame: Frame, positions_px: NDArray[np.float64], shape: tuple[int, int]) -> Canvas:
        """Return an empty canvas with room for patches (H, W) at all of these positions, (n, 2) (y, x).

        What is added to it is the same as on any other; only the arrays never have to grow.
        """
        canvas = cls(frame)
        if len(positions_px):
            canvas._grow_to(_box_of(split_positions(positions_px, shape)[0], shape))
        return canvas

    @property
    def box(self) -> Box | None:
        """The area of the arrays, or None while they have none."""
        if self.weights.size == 0:
            return None
        (row, col), (rows, cols) = self.origin, self.weights.shape
        return row, col, row + rows, col + cols

    def add(
        self,
        patches: NDArray[np.complex64],
        weights: NDArray[np.float32],
        positions_px: NDArray[np.float64],
        indices: NDArray[np.intp],
    ) -> None:
        """Add patches in place.

        Parameters
        ----------
        patches : (b, H, W) complex64
        weights : (H, W) or (b, H, W) float32, not negative
        positions_px : (b, 2) float64, (y, x) of the patch centres
        indices : (b,) which patterns these are

        Raises
        ------
        CanvasError
            If one of the patterns was seen before.
        ValueError
            If there are not as many patches as positions and indices.
        """
        if not len(patches) == len(positions_px) == len(indices):
            raise ValueError(
                f"{len(patches)} patches, {len(positions_px)} positions, {len(indices)} indices."
            )
        self._refuse_repeats([int(i) for i in indices])
        if len(indices) == 0:
            return
        height, width = patches.shape[1:]
        corners, fractions = split_positions(positions_px, (height, width))
        sums = shift_subpixel(patches * weights, fractions)
        shifted_weights = shift_subpixel(weights if weights.ndim == 3 else weights[None], fractions)
        self._grow_to(_box_of(corners, (height, width)))
        for (row, col), patch_sum, weight in zip(corners - self.origin, sums, shifted_weights, strict=True):
            area = np.s_[row : row + height, col : col + width]
            self.weighted_sum[area] += patch_sum
            self.weights[area] += weight
        self.seen.update(int(i) for i in indices)

    def __add__(self, other: Canvas) -> Canvas:
        """Return the union; raises CanvasError on a foreign frame or a pattern seen twice."""
        if self.frame != other.frame:
            raise CanvasError(
                f"Canvases of different frames cannot be added: {self.frame} and {other.frame}."
            )
        self._refuse_repeats(list(other.seen))
        total = Canvas(self.frame)
        for part in (self, other):
            total._include(part)
        total.seen = self.seen | other.seen
        return total

    def _include(self, part: Canvas) -> None:
        if part.box is None:
            return
        self._grow_to(part.box)
        row, col = part.origin[0] - self.origin[0], part.origin[1] - self.origin[1]
        area = np.s_[row : row + part.weights.shape[0], col : col + part.weights.shape[1]]
        self.weighted_sum[area] += part.weighted_sum
        self.weights[area] += part.weights

    def _refuse_repeats(self, indices: list[int]) -> None:
        repeats = self.seen.intersection(indices) or {i for i, n in Counter(indices).items() if n > 1}
        if repeats:
            raise CanvasError(f"Pattern {min(repeats)} would be counted twice.")

    def _grow_to(self, box: Box) -> None:
        """Enlarge the arrays so that `box` fits; what is held stays."""
        if self.box is None:
            union = box
        else:
            lows = (min(self.box[i], box[i]) for i in (0, 1))
            highs = (max(self.box[i], box[i]) for i in (2, 3))
            union = (*lows, *highs)  # type: ignore[assignment]
            if union == self.box:
                return
        shape = (union[2] - union[0], union[3] - union[1])
        grown_sum, grown_weights = np.zeros(shape, np.complex64), np.zeros(shape, np.float32)
        row, col = self.origin[0] - union[0], self.origin[1] - union[1]
        if self.box is not None:
            area = np.s_[row : row + self.weights.shape[0], col : col + self.weights.shape[1]]
            grown_sum[area], grown_weights[area] = self.weighted_sum, self.weights
        self.weighted_sum, self.weights, self.origin = grown_sum, grown_weights, (union[0], union[1])


def _box_of(corners: NDArray[np.intp], shape: tuple[int, int]) -> Box:
    """Return the smallest box that holds areas (H, W) at these first rows and columns, (n, 2)."""
    (top, left), (bottom, right) = corners.min(axis=0), corners.max(axis=0)
    return int(top), int(left), int(bottom) + shape[0], int(right) + shape[1]


def finish(canvas: Canvas, *, stride: int = 1, minimum_weight: float = 1e-2) -> ObjectImage:
    """Divide the sums by the weights: the picture.

    Parameters
    ----------
    canvas : Canvas
    stride : int
        Take every `stride`-th row and column; for previews.
    minimum_weight : float
        Pixels with less than this share of the largest weight count as not covered, and are zero.

    Raises
    ------
    CanvasError
        If the canvas is empty.
    """
    if not canvas.seen:
        raise CanvasError("No pattern has been added yet, so there is no picture.")
    weights = canvas.weights[::stride, ::stride]
    covered = weights > minimum_weight * canvas.weights.max()
    values = np.zeros(weights.shape, np.complex64)
    np.divide(canvas.weighted_sum[::stride, ::stride], weights, out=values, where=covered)
    size = canvas.frame.pixel_size_m
    strided_size = (size[0] * stride, size[1] * stride) if size else None
    return ObjectImage(
        values, covered, (float(canvas.origin[0]), float(canvas.origin[1])), strided_size, stride
    )
