"""Progress and results in words and numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ptygui.core.events import Progress, Reconstruction, StageResult
from ptygui.gui.presenters.object_presenter import stage_words
from ptygui.gui.widgets import numbers

Cell = tuple[str, str]
"""(text, tooltip)."""
Figure = tuple[str, str, Callable[[StageResult], float | None]]
"""(heading, tooltip, what to take of a stage)."""


def progress_words(progress: Progress) -> tuple[str, str]:
    """Return ('Reconstructing 325 of 516 patterns', '41 200 patterns/s · 0.1 s left')."""
    done, total = numbers.grouped(progress.done), numbers.grouped(progress.total)
    words = f"{progress.stage}  {done} of {total} {progress.unit}" if progress.total > 1 else progress.stage
    pace = []
    if progress.rate_per_s is not None:
        pace.append(numbers.rate(progress.rate_per_s, progress.unit))
    if progress.remaining_s is not None:
        pace.append(numbers.remaining(progress.remaining_s))
    return words, " · ".join(pace)


def result_words(result: Reconstruction) -> str:
    """Return '361 patterns in 8.6 s, 46 patterns/s in the network pass'; of a refinement its epochs."""
    count = round(result.coverage * len(result.best.positions_px))
    if result.best.stage == "refined":
        return (
            f"{_epochs(result.best.steps)} of {numbers.grouped(count)} patterns"
            f" in {numbers.duration(result.best.seconds)}"
        )
    seconds = sum(stage.seconds for stage in result.stages)
    words = f"{numbers.grouped(count)} patterns in {numbers.duration(seconds)}"
    first = result.stages[0].seconds
    return f"{words}, {numbers.rate(count / first)} in the network pass" if first > 0 else words


def stopped_words(result: Reconstruction) -> str:
    """Say what a run that was stopped early got done."""
    if result.best.stage == "refined":
        return f"Stopped early: kept as it was after {_epochs(result.best.steps)}."
    return f"Stopped early: {numbers.percent(result.coverage)} of the patterns are in the picture."


def _epochs(count: int) -> str:
    return f"{numbers.grouped(count)} epoch{'' if count == 1 else 's'}"


def result_table(stages: Sequence[StageResult]) -> list[list[Cell]]:
    """Return headings and one row for each stage; a column of which nothing is known is left out."""
    if not stages:
        return []
    known = filter(None, (*(_column(figure, stages) for figure in _FIGURES), _times(stages)))
    return [list(row) for row in zip(_names(stages), *known, strict=True)]


def _names(stages: Sequence[StageResult]) -> list[Cell]:
    tip = "Every picture is kept; choose above the picture which one is shown"
    return [("picture", tip), *((stage_words(stage), tip) for stage in stages)]


def _times(stages: Sequence[StageResult]) -> list[Cell] | None:
    tip = "How long this stage took"
    if not any(stage.seconds for stage in stages):
        return None  # results of other programs do not tell
    return [("time", tip), *((numbers.duration(stage.seconds), tip) for stage in stages)]


def _column(figure: Figure, stages: Sequence[StageResult]) -> list[Cell] | None:
    heading, tip, value_of = figure
    values = [value_of(stage) for stage in stages]
    if all(value is None for value in values):
        return None
    texts = (numbers.UNKNOWN if value is None else numbers.significant(value) for value in values)
    return [(heading, tip), *((text, tip) for text in texts)]


def _residual(name: str) -> Callable[[StageResult], float | None]:
    return lambda stage: None if stage.residual is None else getattr(stage.residual, name)


def _quality(name: str) -> Callable[[StageResult], float | None]:
    return lambda stage: None if stage.quality is None else getattr(stage.quality, name)


_FIGURES: tuple[Figure, ...] = (
    (
        "residual R1",
        "Σ|√I − |F|| / Σ√I: how well the picture explains the measured amplitudes",
        _residual("r1"),
    ),
    ("residual R2", "√(Σ(√I − |F|)² / ΣI)", _residual("r2")),
    ("amplitude SSIM", "Against the true object of the simulation; 1 is perfect", _quality("amplitude_ssim")),
    ("phase SSIM", "Against the true object, one global phase removed", _quality("phase_ssim")),
    ("complex error", "Against the true object, global phase and scale removed", _quality("complex_error")),
)
