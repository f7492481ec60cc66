"""What the Training tab says of runs, in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ptygui.gui.presenters.training_screen import RunLevel
from ptygui.gui.widgets import numbers
from ptygui.runs.layout import HealthEvent

if TYPE_CHECKING:
    from ptygui.jobs.training_runs import Condition, RunSummary

ALIVE: tuple[Condition, ...] = ("starting", "running", "stopping")
ENDED: tuple[Condition, ...] = ("done", "stopped", "failed", "lost")
RESUMABLE: tuple[Condition, ...] = ("stopped", "failed", "lost")
_TAIL_LINES = 4
_SHORT = {"canvas residual R1": "R1"}

_FIXED: dict[Condition, str] = {
    "lost": "Its process has ended without a word; Resume goes on from its last checkpoint.",
    "gone": "Its directory is gone: it was moved, deleted, or its disk is not there.",
    "waiting": "It waits for its turn.",
}
LEVELS: dict[Condition, RunLevel] = {
    "starting": "running",
    "running": "running",
    "stopping": "running",
    "waiting": "running",
    "watched": "running",
    "done": "ok",
    "stopped": "ok",
    "failed": "problem",
    "lost": "problem",
    "gone": "warning",
}
"""How a run fares, by how it stands."""


def condition_words(run: RunSummary) -> str:
    """Say how a run stands: 'running, 42 %', and what ailed it: 'done, dead'."""
    parts = [str(run.condition)]
    if run.condition in ALIVE and run.progress is not None:
        parts.append(numbers.percent(run.progress))
    return ", ".join([*parts, run.ailment] if run.ailment else parts)


def level_of(run: RunSummary) -> RunLevel:
    """Say how a run fares: one that something ails needs a look, however it stands."""
    level = LEVELS[run.condition]
    return "warning" if run.ailment and level in ("ok", "running") else level


def age_words(age_s: float | None) -> str:
    """Say how long ago: '3 min 20 s', '4 h', '12 days'; empty if it is not known."""
    if age_s is None:
        return ""
    days = int(age_s // 86_400)
    if days >= 2:
        return f"{days} days"
    hours = int(age_s // 3600)
    return f"{hours} h" if hours >= 2 else f"{max(0, int(age_s // 60))} min"


def best_words(run: RunSummary) -> str:
    """Write the best value that a run has reached: 'R1 0.0412'; empty if there is none yet."""
    if run.best is None:
        return ""
    return f"{_SHORT.get(run.best_of, run.best_of)} {numbers.significant(run.best)}"


def sentence(run: RunSummary, events: Sequence[HealthEvent]) -> tuple[RunLevel, str]:
    """Say what matters most of a run: how it failed, or else what last ailed it, or else how far it is."""
    if run.condition == "failed":
        return "problem", _failure(run, events)
    if run.condition in _FIXED:
        return LEVELS[run.condition], run.message or _FIXED[run.condition]
    if events:
        return "warning", _event(events[-1])
    if run.condition == "watched" and not run.message:
        return "running", "A run of another program: it can be looked at, not steered."
    return LEVELS[run.condition], run.message or condition_words(run).capitalize() + "."


def ended_words(run: RunSummary) -> str:
    """Say in the log how a run ended."""
    best = "" if run.best is None else f"; {run.best_of} {numbers.significant(run.best)}"
    return f"Training {run.name}: {run.condition}{best}."


def bundle_words(run: RunSummary) -> str:
    """Say that the generator of a run that has ended can be used."""
    return f"{run.name} is trained: press “Use this generator” in the Training tab, or choose it in card 2."


def binned_words(name: str, place: Path) -> str:
    """Say where a run lies now."""
    return f"{name} is in the bin: {place}. Move its folder back to see it here again."


def _failure(run: RunSummary, events: Sequence[HealthEvent]) -> str:
    """Say why: what ailed it last, or else the last lines of its log."""
    why = [_event(events[-1])] if events else run.log_tail[-_TAIL_LINES:]
    return "\n".join([run.message or "The training failed.", *why])


def _event(event: HealthEvent) -> str:
    words = f"Step {numbers.grouped(event.step)}: {event.sentence}"
    return f"{words} {event.action}" if event.action else words
