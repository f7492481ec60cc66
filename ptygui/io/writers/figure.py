"""A PNG or SVG for slides: amplitude and phase side by side with colour bars, scale bar and ranges."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import cmap
import matplotlib.patheffects as effects
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from ptygui import __version__
from ptygui.core.scan import ObjectImage

AMPLITUDE_MAP = "colorcet:cet_l1"
"""Grey, perceptually uniform."""
PHASE_MAP = "matplotlib:twilight"
"""Cyclic: -pi and pi are one colour."""

_UNITS = ((1e-3, "mm"), (1e-6, "µm"), (0.0, "nm"))
_FACTORS = {"mm": 1e-3, "µm": 1e-6, "nm": 1e-9}


def write_figure(path: Path, image: ObjectImage, title: str, footer: str, info: str) -> None:
    """Draw a picture of an object; pixels that are not covered stay empty.

    Parameters
    ----------
    path : Path
        Ends in '.png' or '.svg', which decides; replaced if it exists.
    image : ObjectImage
    title, footer : str
        Plain lines above and below.
    info : str
        Stored inside as the description: a text chunk of PNG, Dublin Core in SVG.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    figure = Figure(figsize=_figure_size(image), dpi=200, layout="constrained")
    FigureCanvasAgg(figure)
    amplitude_axes, phase_axes = figure.subplots(1, 2)
    amplitude = np.where(image.covered, image.amplitude, np.nan)
    phase = np.where(image.covered, image.phase, np.nan)
    _draw(figure, amplitude_axes, amplitude, image, ("Amplitude", AMPLITUDE_MAP, amplitude_levels(amplitude)))
    _draw(figure, phase_axes, phase, image, ("Phase (rad)", PHASE_MAP, phase_levels(phase)))
    figure.suptitle(title, parse_math=False)
    figure.supxlabel(footer, fontsize=7, color="0.4", parse_math=False)
    figure.savefig(path, metadata=_metadata(path, title, info))


def _metadata(path: Path, title: str, info: str) -> dict[str, str]:
    """Return what is stored, under the names that the format has for it."""
    program = "Software" if path.suffix == ".png" else "Creator"
    return {"Title": title, program: f"ptygui {__version__}", "Description": info}


def amplitude_levels(values: NDArray[Any]) -> tuple[float, float]:
    """Span the 0.5 to 99.5 percentiles of the finite values, so that hot pixels do not count."""
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return 0.0, 1.0
    low, high = (float(level) for level in np.percentile(finite, (0.5, 99.5)))
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def phase_levels(values: NDArray[Any]) -> tuple[float, float]:
    """Span a part of the circle about 0 that weak phases fill by 60 %, at most the whole circle."""
    finite = np.abs(values[np.isfinite(values)])
    half = float(np.percentile(finite, 99)) / 0.6 if finite.size else math.pi
    half = min(max(half, 1e-3), math.pi)
    return -half, half


def scale_bar(cols: int, pixel_width_m: float | None) -> tuple[float, str]:
    """Choose a round length of at most a quarter of the picture.

    Returns
    -------
    length_px : float
    text : str
        With its unit, pixels if the geometry is unknown.
    """
    if pixel_width_m is None:
        length = _round_down(max(cols / 4, 1.0))
        return length, f"{length:g} px"
    length_m = _round_down(cols / 4 * pixel_width_m)
    unit = next(unit for smallest, unit in _UNITS if length_m >= smallest * (1 - 1e-9))
    return length_m / pixel_width_m, f"{length_m / _FACTORS[unit]:.3g} {unit}"


def _round_down(value: float) -> float:
    """Return the largest of 1, 2, 5 times a power of ten that is not above `value`."""
    power = 10.0 ** math.floor(math.log10(value))
    return max(step for step in (1, 2, 5) if step * power <= value * (1 + 1e-9)) * power


def _figure_size(image: ObjectImage) -> tuple[float, float]:
    """Width and height in inches that leave little empty around two pictures of this shape."""
    rows, cols = image.values.shape
    return 11, min(max(4.4 * _aspect(image) * rows / max(cols, 1) + 1.3, 3), 12)


def _aspect(image: ObjectImage) -> float:
    return image.pixel_size_m[0] / image.pixel_size_m[1] if image.pixel_size_m else 1.0


def _draw(
    figure: Figure,
    axes: Axes,
    values: NDArray[Any],
    image: ObjectImage,
    style: tuple[str, str, tuple[float, float]],
) -> None:
    name, colors, (low, high) = style
    drawn = axes.imshow(
        values,
        cmap=cmap.Colormap(colors).to_matplotlib(),
        vmin=low,
        vmax=high,
        aspect=_aspect(image),
    )
    axes.set_title(name, fontsize=10)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_xlabel(_range_text(values, low, high), fontsize=8)
    axes.set_facecolor("0.85")
    axes.spines[:].set_visible(False)
    bar = figure.colorbar(drawn, cax=axes.inset_axes((1.02, 0, 0.04, 1)))
    bar.outline.set_visible(False)
    _draw_scale_bar(axes, values.shape, image.pixel_size_m)


def _range_text(values: NDArray[Any], low: float, high: float) -> str:
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return "nothing covered"
    text = f"shown {low:.3g} to {high:.3g}, data {finite.min():.3g} to {finite.max():.3g}"
    return text.replace("-", "\N{MINUS SIGN}")


def _draw_scale_bar(axes: Axes, shape: tuple[int, ...], size: tuple[float, float] | None) -> None:
    rows, cols = shape
    length, text = scale_bar(cols, size[1] if size else None)
    x, y, height = 0.04 * cols, 0.94 * rows, 0.012 * rows
    outline = [effects.withStroke(linewidth=2, foreground="black")]
    axes.add_patch(Rectangle((x, y), length, height, color="white", path_effects=outline))
    axes.text(
        x + length / 2, y - height, text, color="white", ha="center", va="bottom", fontsize=9,
        path_effects=outline,
    )  # fmt: skip
