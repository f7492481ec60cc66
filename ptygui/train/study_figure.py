"""The figure of a study: the curves of all its runs, one colour an arm, and each arm's object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from textwrap import fill
from typing import Any, Literal

import cmap
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator
from numpy.typing import NDArray

from ptygui.core.gauge import gauge_factor
from ptygui.core.scan import ObjectImage
from ptygui.io.writers.figure import AMPLITUDE_MAP, PHASE_MAP, amplitude_levels, phase_levels
from ptygui.runs.layout import RunError
from ptygui.runs.previews import read_preview
from ptygui.train.config import TrainConfig
from ptygui.train.study import StudyConfig
from ptygui.train.study_results import BEST_BY, Curve, RunResult
from ptygui.train.study_truth import true_object

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8c6d31")
"""After Okabe and Ito, distinct for the colour-blind too."""
WIDTH_IN = 11.0
CURVES_IN = 3.6
CAPTION_IN = 1.15
FEW_SEEDS = 4
"""Up to so many seeds every curve is drawn strongly."""
HEADROOM = 3.0
"""The axis ends at so many times the usual first value: what explodes leaves the picture."""
LOSS, RESIDUAL = ("val", "loss"), ("val", BEST_BY)


@dataclass(frozen=True)
class _Picture:
    """A column of pictures."""

    title: str
    colour: str
    image: ObjectImage
    caption: str


def figure_bytes(study: StudyConfig, results: Sequence[RunResult], kind: Literal["png", "svg"]) -> bytes:
    """Draw a study as far as it is; returns what is to be written to a file of that kind."""
    arms = [(arm.name, [r for r in results if r.run.arm == arm.name]) for arm in study.arms]
    pictures = _pictures(arms)
    side = min(WIDTH_IN / max(len(pictures), 4), 2.4)
    height = CURVES_IN + (2 * side + CAPTION_IN if pictures else 0)
    figure = Figure(figsize=(WIDTH_IN, height), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(study.title, fontsize=11, parse_math=False, wrap=True)
    heights = (CURVES_IN, height - CURVES_IN) if pictures else (CURVES_IN,)
    parts = figure.subfigures(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
    _draw_curves(parts[0].subplots(), arms)
    if pictures:
        _draw_pictures(parts[1], pictures)
    file = BytesIO()
    figure.savefig(file, format=kind, metadata={"Date": None} if kind == "svg" else None)
    return file.getvalue()


Arms = Sequence[tuple[str, list[RunResult]]]


def _draw_curves(axes: Axes, arms: Arms) -> None:
    metric = LOSS if any(LOSS in result.curves for _, results in arms for result in results) else RESIDUAL
    by_time = len({result.run.config.minutes for _, results in arms for result in results} - {None}) > 0
    for (name, results), colour in zip(arms, _colours(), strict=False):
        _draw_arm(axes, name, colour, results, metric, by_time=by_time)
    axes.set_yscale("log")
    axes.yaxis.set_minor_locator(LogLocator(subs=(2, 5)))
    plain = FuncFormatter(lambda value, _position: f"{value:g}")
    axes.yaxis.set_major_formatter(plain)
    axes.yaxis.set_minor_formatter(plain)
    axes.set_xlabel("Training time (min)" if by_time else "Step")
    axes.set_ylabel("Validation loss" if metric == LOSS else "Canvas residual R1")
    axes.grid(True, which="both", color="0.92", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    _limit(axes, [result.curves.get(metric, ()) for _, results in arms for result in results])
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=8.5)


def _colours() -> list[str]:
    return list(COLOURS) * 8


def _draw_arm(
    axes: Axes, name: str, colour: str, results: list[RunResult], metric: tuple[str, str], *, by_time: bool
) -> None:
    strength = 0.9 if len(results) <= FEW_SEEDS else 0.55
    for result in results:
        curve = result.curves.get(metric, ())
        if not curve:
            continue
        x = [wall_s / 60 if by_time else step for step, wall_s, _ in curve]
        y = [value for _, _, value in curve]
        axes.plot(x, y, "--" if result.dead else "-", color=colour, alpha=strength, linewidth=1.4)
        if result.dead:
            axes.plot(x[-1], y[-1], "x", color=colour, markersize=7, markeredgewidth=1.6, clip_on=False)
    axes.plot([], [], color=colour, linewidth=2, label=_legend(name, results))


def _legend(name: str, results: list[RunResult]) -> str:
    over = [result for result in results if result.over]
    dead = sum(result.dead for result in over)
    name = name.replace("$", r"\$")
    if not over:
        return f"{name}\n(not done yet)"
    if len(over) == 1:
        return f"{name}\n(dead)" if dead else name
    return f"{name}\n({dead} of {len(over)} dead, ×)" if dead else f"{name}\n(0 of {len(over)} dead)"


def _limit(axes: Axes, curves: Sequence[Curve]) -> None:
    """Show what lies below a few times the first values."""
    values = [value for curve in curves for _, _, value in curve if np.isfinite(value) and value > 0]
    starts = [curve[0][2] for curve in curves if curve and np.isfinite(curve[0][2])]
    if values and starts:
        axes.set_ylim(
            min(values) * 0.85, min(max(values) * 1.15, max(float(np.median(starts)), 1e-9) * HEADROOM)
        )


def _pictures(arms: Arms) -> list[_Picture]:
    """Collect the truth, if it is known and one for all, and each arm's first run that has a preview."""
    found = [
        (name, colour, result, image)
        for (name, results), colour in zip(arms, _colours(), strict=False)
        for result, image in _first_image(results)
    ]
    if not found:
        return []
    truth = _truth([result.run.config for _, _, result, _ in found], found[0][3])
    pictures = [] if truth is None else [_Picture("true object", "black", truth, "")]
    for name, colour, result, image in found:
        shown = image if truth is None else _in_gauge(image, truth)
        pictures.append(_Picture(name, colour, shown, _caption(result)))
    return pictures


def _first_image(results: list[RunResult]) -> list[tuple[RunResult, ObjectImage]]:
    for result in results:
        if result.preview is not None:
            try:
                return [(result, read_preview(result.preview))]
            except RunError:
                continue
    return []


def _truth(configs: list[TrainConfig], like: ObjectImage) -> ObjectImage | None:
    """Cut the true object to the place of a reconstruction."""
    whole = true_object(configs[0])
    if whole is None or any(config.data != configs[0].data for config in configs):
        return None
    row, col = (round(value) for value in like.origin_px)
    rows, cols = like.values.shape
    inside = whole[max(row, 0) : row + rows, max(col, 0) : col + cols]
    if inside.shape != like.values.shape:
        return None
    return ObjectImage(inside, like.covered, like.origin_px, like.pixel_size_m)


def _in_gauge(image: ObjectImage, truth: ObjectImage) -> ObjectImage:
    """Turn and scale a reconstruction to the truth, as far as both are known."""
    if image.values.shape != truth.values.shape:
        return image
    factor = gauge_factor(np.nan_to_num(image.values), truth.values, image.covered)
    return ObjectImage(
        (image.values * factor).astype(np.complex64), image.covered, image.origin_px, image.pixel_size_m
    )


def _caption(result: RunResult) -> str:
    words = (("amp SSIM", "amplitude_ssim"), ("complex error", "complex_error"), ("R1", "r1"))
    known = [(word, result.figures.get(f"final.raw.{metric}")) for word, metric in words]
    figures = [f"{word} {value:.3f}" for word, value in known if value is not None]
    return "\n".join([f"seed {result.run.seed}", *figures])


def _draw_pictures(figure: Any, pictures: list[_Picture]) -> None:
    """Draw amplitudes above phases, all with the levels of the first picture."""
    axes = figure.subplots(2, len(pictures), squeeze=False)
    levels = (
        amplitude_levels(_shown(pictures[0].image, np.abs)),
        phase_levels(_shown(pictures[0].image, np.angle)),
    )
    for column, picture in zip(axes.T, pictures, strict=True):
        for place, part, colours, (low, high) in zip(
            column, (np.abs, np.angle), (AMPLITUDE_MAP, PHASE_MAP), levels, strict=True
        ):
            place.imshow(
                _shown(picture.image, part), cmap=cmap.Colormap(colours).to_matplotlib(), vmin=low, vmax=high
            )
            place.set(xticks=[], yticks=[], facecolor="0.85")
            place.spines[:].set_visible(False)
        title = fill(picture.title, width=max(12, 100 // len(pictures)))
        column[0].set_title(title, fontsize=8.5, color=picture.colour, parse_math=False)
        column[1].set_xlabel(picture.caption, fontsize=8)
    for place, name, (low, high) in zip(axes[:, 0], ("Amplitude", "Phase (rad)"), levels, strict=True):
        place.set_ylabel(f"{name}\n{low:.2g} to {high:.2g}".replace("-", "\N{MINUS SIGN}"), fontsize=8)


def _shown(image: ObjectImage, part: Any) -> NDArray[np.floating[Any]]:
    values: NDArray[np.floating[Any]] = np.where(image.covered, part(image.values), np.nan)
    return values
