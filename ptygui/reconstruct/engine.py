"""A whole reconstruction: fold, polish, figures. Yields events and ends with Finished."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
import torch

from ptygui.core import quality
from ptygui.core.canvas import Canvas, finish
from ptygui.core.errors import PtyguiError, RecipeError
from ptygui.core.events import (
    Event,
    Finished,
    JobControl,
    Notice,
    Quality,
    Reconstruction,
    Stage,
    StageResult,
)
from ptygui.core.evidence import Residual
from ptygui.core.probe import intensity_weights
from ptygui.core.scan import Batch, ObjectImage, Scan
from ptygui.reconstruct.fold import FoldOutcome, PatchMaker, fold
from ptygui.reconstruct.plan import Plan
from ptygui.reconstruct.polish import Polisher, PolishOutcome, polish
from ptygui.reconstruct.source import batches_of, prefetched
from ptygui.reconstruct.verdict import flat_residual, verdict

T = TypeVar("T")


@dataclass
class Engine:
    """Carries out a plan with a generator.

    Attributes
    ----------
    plan : Plan
    make_patches : PatchMaker
        The generator at work (network.Network).
    device : torch.device
        Where polishing computes.
    control : JobControl
    """

    plan: Plan
    make_patches: PatchMaker
    device: torch.device
    control: JobControl = field(default_factory=JobControl)

    def run(self) -> Iterator[Event]:
        """Reconstruct; the notices that pass are kept with the result.

        If something fails when patterns are in the canvas already, what there is comes as `Finished` first,
        stopped early, and the error is raised after it: nothing that was computed is lost.

        Raises
        ------
        RecipeError
            If the generator gives nothing that can be drawn.
        DeviceError
            If not even one pattern fits into memory.
        ScanError
            If the patterns cannot be read.
        """
        notices: list[str] = []
        for event in self._events(notices):
            if isinstance(event, Notice):
                notices.append(event.text)
            yield event

    def _events(self, notices: list[str]) -> Iterator[Event]:
        yield from self.plan.notices
        scan = self.plan.scan
        canvas = Canvas.covering(self.plan.recipe.frame, scan.positions_px, scan.pattern_shape)
        folded, failure = yield from _kept(self._fold(canvas), FoldOutcome(stopped=True))
        if failure and not canvas.seen:
            raise failure
        if folded.lost:
            yield _lost_notice(folded.lost, self.plan.recipe.patterns)
        if not canvas.seen:
            raise RecipeError(
                f"{self.plan.card.name} gave no finite number for any pattern: choose another generator."
            )
        polished = PolishOutcome(stopped=True)
        polisher = Polisher(canvas, torch.from_numpy(self.plan.probe).to(self.device), scan.bad_pixels)
        if not folded.stopped:
            polished, failure = yield from _kept(self._polish(polisher), polished)
        stages = self._stages(canvas, folded, polisher, polished)
        if stages[0].residual:
            yield verdict(stages[0].residual, flat_residual(scan, self.plan.probe))
        yield Finished(self._result(stages, canvas, notices), stopped_early=polished.stopped)
        if failure:
            raise failure

    def _fold(self, canvas: Canvas) -> Generator[Event, None, FoldOutcome]:
        scan, recipe = self.plan.scan, self.plan.recipe
        return fold(
            self._batches(np.arange(len(scan))),
            self.make_patches,
            canvas,
            intensity_weights(self.plan.probe),
            total=len(scan),
            batch_size=recipe.batch_size,
            control=self.control,
        )

    def _polish(self, polisher: Polisher) -> Generator[Event, None, PolishOutcome]:
        seen = np.array(sorted(polisher.canvas.seen), dtype=np.intp)
        recipe = self.plan.recipe
        return polish(
            polisher,
            lambda: self._batches(seen),
            recipe.polish.steps,
            total=len(seen),
            batch_size=recipe.batch_size,
            control=self.control,
        )

    def _batches(self, indices: np.typing.NDArray[np.intp]) -> Generator[Batch]:
        return prefetched(batches_of(self.plan.scan, indices, self.plan.recipe.batch_size))

    def _stages(
        self, canvas: Canvas, folded: FoldOutcome, polisher: Polisher, polished: PolishOutcome
    ) -> tuple[StageResult, ...]:
        """Raw first; polished if at least one step was completed."""
        residuals = polished.residuals
        raw = self._stage("raw", finish(canvas), residuals[0] if residuals else None, folded.seconds)
        if polished.steps == 0:
            return (raw,)
        last = residuals[polished.steps] if len(residuals) > polished.steps else None
        better = self._stage("polished", polisher.image(), last, polished.seconds)
        return raw, replace(better, steps=polished.steps)

    def _stage(
        self, stage: Stage, image: ObjectImage, residual: Residual | None, seconds: float
    ) -> StageResult:
        plan = self.plan
        return StageResult(
            stage, image, plan.probe, plan.scan.positions_px, residual, self._quality(image), seconds
        )

    def _quality(self, image: ObjectImage) -> Quality | None:
        truth = true_object(self.plan.scan)
        if truth is None:
            return None
        try:
            return quality.compare(image, truth, self.plan.scan.positions_px)
        except quality.ComparisonError:  # too little of it in common: there is a picture, but no figures
            return None

    def _result(self, stages: tuple[StageResult, ...], canvas: Canvas, notices: list[str]) -> Reconstruction:
        scan = self.plan.scan
        return Reconstruction(
            stages,
            scan.metadata.name,
            recipe=self.plan.recipe.as_dict(),
            coverage=len(canvas.seen) / len(scan),
            notices=tuple(notices),
        )


def _kept(
    part: Generator[Event, None, T], otherwise: T
) -> Generator[Event, None, tuple[T, Exception | None]]:
    """Run a part; if it fails, return `otherwise` and the error, so that the work before it can be kept."""
    try:
        return (yield from part), None
    except (PtyguiError, RuntimeError, MemoryError, OSError) as error:
        return otherwise, error


def true_object(scan: Scan) -> ObjectImage | None:
    """Return the object that a scan was simulated from; an earlier reconstruction is no truth.

    Simulations say `simulated` in their metadata (core.simulate), also when they were saved in between.
    """
    return scan.reference_object if scan.metadata.extra.get("simulated") is True else None


def _lost_notice(lost: int, patterns: int) -> Notice:
    text = (
        f"{lost} of {patterns} patterns gave patches with numbers that are not finite; "
        "they are left out of the picture."
    )
    return Notice(text, "warning")
