"""Progress and results in words and numbers."""

from __future__ import annotations

from ptygui.core.events import Progress, StageResult
from ptygui.gui.presenters.object_presenter import STAGE_WORDS
from ptygui.gui.widgets import numbers

Cell = tuple[str, str]
"""(text, tooltip)."""

RESULT_HEADINGS: tuple[Cell, ...] = (
    ("picture", "Both pictures are kept; choose above which one is shown"),
    ("residual R1", "Σ|√I − |F|| / Σ√I: how well the picture explains the measured amplitudes"),
    ("residual R2", "√(Σ(√I − |F|)² / ΣI)"),
    ("amplitude SSIM", "Against the true object of the simulation; 1 is perfect"),
    ("phase SSIM", "Against the true object of the simulation, one global phase removed"),
    ("complex error", "Against the true object, global phase and scale removed; 0 is perfect"),
    ("time", "How long this stage took"),
)


def progress_words(progress: Progress) -> tuple[str, str]:
    """Return ('Reconstructing 325 of 516 patterns', '41 200 patterns/s · 0.1 s left')."""
    done, total = numbers.grouped(progress.done), numbers.grouped(progress.total)
    words = f"{progress.stage}  {done} of {total} {progress.unit}" if progress.total else progress.stage
    pace = []
    if progress.rate_per_s is not None:
        pace.append(numbers.rate(progress.rate_per_s, progress.unit))
    if progress.remaining_s is not None:
        pace.append(numbers.remaining(progress.remaining_s))
    return words, " · ".join(pace)


def result_row(stage: StageResult) -> tuple[Cell, ...]:
    """Return what a stage reached, one cell for each heading; '–' where nothing is known."""
    residual, quality = stage.residual, stage.quality
    values = (
        residual.r1 if residual else None,
        residual.r2 if residual else None,
        quality.amplitude_ssim if quality else None,
        quality.phase_ssim if quality else None,
        quality.complex_error if quality else None,
    )
    texts = [numbers.UNKNOWN if value is None else numbers.fixed(value, 3) for value in values]
    cells = [STAGE_WORDS[stage.stage], *texts, numbers.duration(stage.seconds)]
    return tuple((text, tip) for text, (_, tip) in zip(cells, RESULT_HEADINGS, strict=True))
