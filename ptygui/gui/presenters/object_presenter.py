"""Which picture is on the screen: the growing preview, the raw or the polished result."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ptygui.core.events import Preview, Reconstruction, Stage, StageResult
from ptygui.core.scan import ObjectImage


class ObjectScreen(Protocol):
    """The Object tab."""

    def show_image(self, image: ObjectImage, caption: str) -> None:
        """Show a picture and say which it is."""

    def show_nothing(self, caption: str) -> None:
        """Show no picture and say why."""

    def expect_positions(self, positions_px: NDArray[np.float64]) -> None:
        """Keep the area of these positions, (n, 2) (y, x), in view from the first picture on."""

    def show_stages(self, stages: tuple[Stage, ...], shown: Stage | None) -> None:
        """Offer the kept pictures; none while a run goes on."""


STAGE_WORDS: dict[Stage, str] = {"raw": "raw network pass", "polished": "polished", "refined": "refined"}


def stage_words(kept: StageResult) -> str:
    """Name a kept picture: 'raw network pass', 'polished, 5 steps'."""
    words = STAGE_WORDS[kept.stage]
    return f"{words}, {kept.steps} step{'' if kept.steps == 1 else 's'}" if kept.steps else words


class ObjectPresenter:
    """Decides which picture is shown and names it."""

    def __init__(self, view: ObjectScreen) -> None:
        self._view = view
        self._result: Reconstruction | None = None
        self._stage: Stage | None = None

    @property
    def stage(self) -> Stage | None:
        """The stage of the result on the screen, None while there is none."""
        return self._stage

    def clear(self, caption: str) -> None:
        """Forget the picture."""
        self._result, self._stage = None, None
        self._view.show_stages((), None)
        self._view.show_nothing(caption)

    def expect(self, caption: str, positions_px: NDArray[np.float64]) -> None:
        """Make room for the pictures of a run over these positions."""
        self.clear(caption)
        self._view.expect_positions(positions_px)

    def show_preview(self, preview: Preview) -> None:
        """Show the picture so far."""
        share = f"{100 * preview.coverage:.0f}\u202f% of the patterns"
        self._view.show_image(preview.image, f"{STAGE_WORDS[preview.stage]} so far · {share}")

    def show_result(self, result: Reconstruction) -> None:
        """Show the best picture of a result and offer the others."""
        self._result = result
        self._view.expect_positions(result.best.positions_px)
        self.choose(result.best.stage)

    def choose(self, stage: Stage) -> None:
        """Show another stage of the result."""
        if self._result is None:
            return
        chosen = next(kept for kept in self._result.stages if kept.stage == stage)
        self._stage = stage
        self._view.show_stages(tuple(kept.stage for kept in self._result.stages), stage)
        self._view.show_image(chosen.image, self._caption(chosen))

    def _caption(self, shown: StageResult) -> str:
        assert self._result is not None  # held by choose
        words = [self._result.scan_name, stage_words(shown)]
        if shown.residual is not None:
            words.append(f"R1 {shown.residual.r1:.3f}")
        if self._result.coverage < 1:
            words.append(f"{100 * self._result.coverage:.0f}\u202f% of the patterns")
        return " · ".join(words)
