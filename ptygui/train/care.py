"""What is done about a run's health: what begins is told, and after a breakdown there is a way back."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from statistics import median

import torch

from ptygui.core.errors import PtyguiError
from ptygui.runs.layout import Ailment
from ptygui.runs.reader import parse_event
from ptygui.runs.writer import RunWriter
from ptygui.train.config import MeasuredScan
from ptygui.train.health import LookFigures, LookWatch, Onsets, StepWatch, Symptom
from ptygui.train.module import TrainingModule
from ptygui.train.validate import Look
from ptygui.train.vitals import Vitals

RATE_SHARE = 0.5
"""What a rollback leaves of the rate."""
CALM_STEPS, CALM_LOOKS = 50, 2
"""How long something must be away before it can begin again."""


class BreakdownError(PtyguiError):
    """A training broke down more often than it may go back; the message says how, and what is kept."""


class Care:
    """Watches one run in the process that writes it.

    Parameters
    ----------
    run : RunWriter
    module : TrainingModule
    flat_residual : float
        Canvas residual that the flat object leaves on the validation.
    """

    def __init__(self, run: RunWriter, module: TrainingModule, flat_residual: float) -> None:
        self.run = run
        self.module = module
        self.unseen = not isinstance(module.config.data, MeasuredScan)
        self.flat_residual = flat_residual
        self._told = _told_before(run.paths.health)
        self._losses: list[float] = []
        self._begin()

    @property
    def may_go_back(self) -> bool:
        """False if the run is only watched."""
        return self.module.config.rollbacks > 0

    @property
    def stumbling(self) -> bool:
        """True while steps are not finite: nothing is known to be healthy then."""
        return self.may_go_back and self._steps.broken > 0

    def after_step(self) -> Symptom | None:
        """Watch a step; tells what begins, and returns what the run does not recover from."""
        loss = self.module.loss
        if math.isfinite(loss):
            self._losses.append(loss)
        found = self._steps.see(loss, self.module.gradient_norm)
        return self._sort(found, self._step_onsets)

    def after_look(self, look: Look, vitals: Vitals, best: float) -> Symptom | None:
        """Watch a look in the same way; `best` is the lowest residual so far, this one's included."""
        figures = LookFigures(
            step=self.module.steps_done,
            residual=look.metrics["raw.r1"],
            spread=look.metrics["amplitude_spread"],
            loss=vitals.loss,
            train_loss=median(self._losses) if self._losses else math.nan,
            alive=vitals.alive,
        )
        self._losses.clear()
        return self._sort(self._looks.see(figures, best), self._look_onsets)

    def go_back(self, symptom: Symptom, checkpoint: Path, optimiser: torch.optim.Optimizer) -> None:
        """Return to the last healthy state at a lower rate.

        The event is told first: if the process is killed here, the same steps lead to the same event again.

        Raises
        ------
        BreakdownError
            If that was done as often as allowed.
        """
        module = self.module
        number, allowed = module.rollbacks_done + 1, module.config.rollbacks
        if number > allowed:
            kept = self._kept()
            self.tell(symptom, f"The run ends, it may go back only {_times(allowed)}. {kept}")
            raise BreakdownError(f"{symptom.sentence} It went back {_times(allowed)} before. {kept}")
        share = RATE_SHARE * module.rate_scale
        self.tell(
            symptom,
            f"Went back to the last healthy state at {share:.3g} of the planned rate, rollback {number} of "
            f"{allowed}.",
        )
        module.roll_back(checkpoint, optimiser, RATE_SHARE)
        self._begin()

    def tell(self, symptom: Symptom, action: str = "") -> None:
        """Write an event, unless an earlier sitting that was killed has written it."""
        step = self.module.steps_done
        if (step, symptom.ailment, action) in self._told:
            return
        self.run.health(
            step,
            symptom.ailment,
            symptom.evidence,
            symptom.sentence,
            action,
            breakdown=symptom.breakdown,
        )

    def _sort(self, found: Iterable[Symptom], onsets: Onsets) -> Symptom | None:
        """Tell what begins; a breakdown is returned instead if the run may go back."""
        breakdown = next((symptom for symptom in found if symptom.breakdown), None)
        if breakdown is not None and self.may_go_back:
            return breakdown
        for symptom in onsets.begun(found):
            self.tell(symptom)
        return None

    def _begin(self) -> None:
        """Forget what was usual: it belonged to another state."""
        self._steps = StepWatch()
        self._looks = LookWatch(self.flat_residual, unseen=self.unseen)
        self._step_onsets, self._look_onsets = Onsets(CALM_STEPS), Onsets(CALM_LOOKS)
        self._losses.clear()

    def _kept(self) -> str:
        if self.run.paths.bundle.exists():
            return f"The best state so far is kept in {self.run.paths.bundle.name}."
        return "No state was good enough to be kept."


def weights_are_finite(module: TrainingModule) -> bool:
    """Whether every weight is a finite number."""
    return all(bool(weight.isfinite().all()) for weight in module.generator.parameters())


def _told_before(file: Path) -> set[tuple[int, Ailment, str]]:
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    events = (parse_event(line) for line in lines)
    return {(event.step, event.ailment, event.action) for event in events if event is not None}


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
