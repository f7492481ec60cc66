"""Which picture is on the screen: the growing preview, or a stage of a result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ptygui.core.events import Epoch, Preview, Reconstruction, Stage, StageResult
from ptygui.core.scan import ObjectImage
from ptygui.gui.widgets import numbers


class ObjectScreen(Protocol):
    """The Object tab."""

    def show_image(self, image: ObjectImage, caption: str) -> None:
        """Show a picture and say which it is."""

    def show_nothing(self, caption: str) -> None:
        """Show no picture and say why."""

    def set_caption(self, caption: str) -> None:
        """Say anew which picture is shown."""

    def expect_positions(self, positions_px: NDArray[np.float64]) -> None:
        """Keep the area of these positions, (n, 2) (y, x), in view from the first picture on."""

    def show_stages(self, stages: tuple[Stage, ...], shown: Stage | None) -> None:
        """Offer the kept pictures; none while a run goes on."""


STAGE_WORDS: dict[Stage, str] = {"raw": "raw network pass", "polished": "polished", "refined": "refined"}


def stage_words(kept: StageResult) -> str:
    """Name a kept picture: 'raw network pass', 'polished, 5 steps', 'refined, 40 epochs'."""
    words = STAGE_WORDS[kept.stage]
    unit = "epoch" if kept.stage == "refined" else "step"
    return f"{words}, {kept.steps} {unit}{'' if kept.steps == 1 else 's'}" if kept.steps else words


def epoch_words(epoch: Epoch) -> str:
    """Return 'epoch 7 of 40 · R1 0.141'."""
    number, total = numbers.grouped(epoch.number), numbers.grouped(epoch.total)
    return f"epoch {number} of {total} · R1 {numbers.significant(epoch.residual.r1)}"


class ObjectPresenter:
    """Decides which picture is shown and names it."""

    def __init__(self, view: ObjectScreen, on_stage: Callable[[StageResult | None], None]) -> None:
        self._view, self._on_stage = view, on_stage
        self._result: Reconstruction | None = None
        self._name = ""
        self.shown: StageResult | None = None
        """The picture of a result that is on the screen."""
        self._standing = ""
        """Where a refinement stands."""

    @property
    def stage(self) -> Stage | None:
        """The stage of the result on the screen, None while there is none."""
        return None if self.shown is None else self.shown.stage

    def clear(self, caption: str) -> None:
        """Forget the picture."""
        self._result, self.shown = None, None
        self._view.show_stages((), None)
        self._view.show_nothing(caption)
        self._on_stage(None)

    def expect(self, caption: str, positions_px: NDArray[np.float64]) -> None:
        """Make room for the pictures of a run over these positions."""
        self.clear(caption)
        self._view.expect_positions(positions_px)

    def expect_refining(self, positions_px: NDArray[np.float64]) -> None:
        """Leave the picture that will be refined where it is, or make room for one."""
        self._standing = "refining · the first epoch is on its way…"
        self._expect_in_place(self._standing, positions_px)

    def expect_again(self, positions_px: NDArray[np.float64]) -> None:
        """Leave the picture of the shorter scan where it is until there is one of the longer."""
        self._view.expect_positions(positions_px)
        self._expect_in_place("reconstructing anew · the first patterns are on their way…", positions_px)

    def _expect_in_place(self, caption: str, positions_px: NDArray[np.float64]) -> None:
        if self.shown is None:
            self.expect(caption, positions_px)
        self._result, self.shown = None, None
        self._view.show_stages((), None)
        self._view.set_caption(caption)

    def show_epoch(self, epoch: Epoch) -> None:
        """Say where a refinement stands."""
        self._standing = f"refining · {epoch_words(epoch)}"
        self._view.set_caption(self._standing)

    def show_preview(self, preview: Preview) -> None:
        """Show the picture so far."""
        if preview.stage == "refined":
            self._view.show_image(preview.image, self._standing)
            return
        share = f"{100 * preview.coverage:.0f}\u202f% of the patterns"
        self._view.show_image(preview.image, f"{STAGE_WORDS[preview.stage]} so far · {share}")

    def show_result(self, result: Reconstruction, stage: Stage | None = None, name: str = "") -> None:
        """Show a picture of a result, the best one unless told, and offer the others."""
        self._result, self._name = result, name or result.scan_name
        # of the first stage: positions that were refined would make the view jump
        self._view.expect_positions(result.stages[0].positions_px)
        self.choose(stage or result.best.stage)

    def choose(self, stage: Stage) -> None:
        """Show another stage of the result."""
        if self._result is None:
            return
        chosen = next(kept for kept in self._result.stages if kept.stage == stage)
        self.shown = chosen
        self._view.show_stages(tuple(kept.stage for kept in self._result.stages), stage)
        self._view.show_image(chosen.image, self._caption(chosen))
        self._on_stage(chosen)

    def _caption(self, shown: StageResult) -> str:
        assert self._result is not None  # held by choose
        words = [self._name, stage_words(shown)]
        if shown.residual is not None:
            words.append(f"R1 {numbers.significant(shown.residual.r1)}")
        if self._result.coverage < 1:
            words.append(f"{100 * self._result.coverage:.0f}\u202f% of the patterns")
        return " · ".join(words)
