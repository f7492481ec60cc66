"""What ails a training: small pure detectors on the numbers of its steps and of its looks at the canvas.

The thresholds come from `python tests/benchmarks/health.py`, which trains networks that die and networks
that live and counts what is seen on each; what was measured stands beside each threshold.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from ptygui.runs.layout import Ailment
from ptygui.train import health_words as words

BROKEN_STEPS = 5
"""Steps in a row that are not finite: fewer are left out and forgotten."""
SPIKE_LOSS = 5.0
"""Loss over the usual one: 3.0 at most in 11 healthy runs, 14 to 5900 where historical networks exploded."""
SPIKE_GRADIENT = 25.0
"""Gradient norm over the usual one: 7.3 at most in healthy runs, 45 to 375 where networks exploded."""
USUAL_STEPS = 50
"""Over so many steps the usual loss and gradient are taken, as medians."""
FEWEST_STEPS = 20
"""Before so many, nothing is usual."""
LEARNT = 0.8
"""A canvas residual below this share of the flat object's shows that something was learnt: 0.35 to 0.96
after 40 steps of healthy runs, 0.21 to 0.56 at their end."""
NEAR_FLAT = 0.9
"""A residual above this share of the flat object's is that of a constant object: 0.85 to 1.15 at the end of 7
runs that ended constant (6 of them above), 0.56 at most at the end of healthy ones."""
CONSTANT_SPREAD = 0.003
"""An amplitude that varies by less is constant (the flat object is 1): 4e-6 at most at the end of the 7 runs,
0.03 at least in healthy ones once they had learnt something."""
PATIENT_LOOKS = 5
PATIENT_STEPS = 200
NO_PROGRESS = 0.97
"""Residual over the flat object's, and loss over the first look's, above which nothing was learnt."""
WORSE = 1.3
"""A residual that stays above this multiple of the best one diverges: 1.01 at most in healthy runs ..."""
WORSE_LOOKS = 3
"""... if it does for so many looks."""
BY_HEART_LOOKS = 5
"""Looks since the best one after which over-fitting can be seen."""
BY_HEART = 1.05
"""How much worse the unseen object, and better the training loss, must have become."""

CONSTANT_LOOKS = 3
CONSTANT_STEPS = 100
"""A network that is constant for so many looks, after so many steps, has learnt nothing; healthy ones varied
by 0.02 at least after 40 steps."""

BREAKDOWNS: frozenset[Ailment] = frozenset({"non-finite", "dead", "collapsed"})
"""What can be so bad that a run does not recover from it by itself."""


@dataclass(frozen=True)
class Symptom:
    """Something that is wrong now."""

    ailment: Ailment
    evidence: dict[str, float]
    """The numbers that it was seen by."""
    sentence: str
    """What happened, with its numbers, and what to do."""
    breakdown: bool = False
    """True if the run does not recover from it by itself."""


@dataclass(frozen=True)
class LookFigures:
    """The numbers of one look at the canvas."""

    step: int
    residual: float
    """raw.r1."""
    spread: float
    """Standard deviation of the amplitude."""
    loss: float
    """The training's loss on patterns of the validation."""
    train_loss: float
    """Median since the look before; NaN if no step was finite."""
    alive: Mapping[str, float]
    """Share of the units of each block that are on anywhere."""


def dead(look: LookFigures) -> Symptom | None:
    """See a block without one unit that is on: it gives a constant, its gradient is exactly zero.

    None of 11 healthy runs had a block with less than 0.59 of its units on. It is a breakdown if the object
    is constant too: skip connections lead around an inner block, and a run that has lost one may go on
    learning (6 of 9 historical networks under stress lost one, 2 of them ended constant).
    """
    off = [block for block, share in look.alive.items() if share == 0]
    if not off:
        return None
    constant = look.spread < CONSTANT_SPREAD
    evidence = {f"alive.{block}": 0.0 for block in off} | {"amplitude_spread": look.spread}
    # the last one, in the order of the forward pass, counts most
    return Symptom("dead", evidence, words.dead(off[-1], constant=constant), breakdown=constant)


def collapsed(look: LookFigures, best: float, flat_residual: float) -> Symptom | None:
    """See an object that was learnt (`best`, the lowest residual so far) and is a constant now."""
    learnt = best < LEARNT * flat_residual
    constant = look.spread < CONSTANT_SPREAD and look.residual > NEAR_FLAT * flat_residual
    if not (learnt and constant):
        return None
    evidence = {
        "amplitude_spread": look.spread,
        "residual": look.residual,
        "best": best,
        "flat": flat_residual,
    }
    sentence = words.collapsed(look.spread, look.residual, best, flat_residual)
    return Symptom("collapsed", evidence, sentence, breakdown=True)


def flat(looks: Sequence[LookFigures], best: float, flat_residual: float) -> Symptom | None:
    """See that, after long enough, neither the object nor the loss is better than at the start."""
    if len(looks) < PATIENT_LOOKS or looks[-1].step < PATIENT_STEPS:
        return None
    lowest_loss = min(look.loss for look in looks)
    if best < NO_PROGRESS * flat_residual or lowest_loss < NO_PROGRESS * looks[0].loss:
        return None
    evidence = {"best": best, "flat": flat_residual, "loss": lowest_loss, "first_loss": looks[0].loss}
    return Symptom("flat", evidence, words.flat(best, flat_residual, len(looks)))


def constant(looks: Sequence[LookFigures], flat_residual: float) -> Symptom | None:
    """See an object that never was anything but constant, though the steps were many."""
    recent = looks[-CONSTANT_LOOKS:]
    if len(recent) < CONSTANT_LOOKS or recent[-1].step < CONSTANT_STEPS:
        return None
    if any(look.spread >= CONSTANT_SPREAD or look.residual < NEAR_FLAT * flat_residual for look in recent):
        return None
    spread = recent[-1].spread
    return Symptom("flat", {"amplitude_spread": spread}, words.constant(spread, recent[-1].step))


def diverging(looks: Sequence[LookFigures], best: float) -> Symptom | None:
    """See that the last looks are all much worse than the best one."""
    recent = looks[-WORSE_LOOKS:]
    if len(recent) < WORSE_LOOKS or min(look.residual for look in recent) < WORSE * best:
        return None
    residual = recent[-1].residual
    evidence = {"residual": residual, "best": best, "looks": float(len(recent))}
    return Symptom("diverging", evidence, words.diverging(residual, best, len(recent)))


def over_fitting(looks: Sequence[LookFigures]) -> Symptom | None:
    """See that the training loss falls while the object that is not trained on gets worse, for long."""
    if len(looks) <= BY_HEART_LOOKS:
        return None
    at_best = min(range(len(looks)), key=lambda number: looks[number].residual)
    since = looks[at_best + 1 :]
    if len(since) < BY_HEART_LOOKS:
        return None
    best, recent = looks[at_best], since[-BY_HEART_LOOKS:]
    residual = median(look.residual for look in recent)
    train_loss = median(look.train_loss for look in recent)
    worse = residual > BY_HEART * best.residual and median(look.loss for look in recent) > best.loss
    if not (worse and train_loss * BY_HEART < best.train_loss):
        return None
    evidence = {
        "residual": residual,
        "best": best.residual,
        "train_loss": train_loss,
        "train_loss_at_best": best.train_loss,
    }
    sentence = words.over_fitting(residual, best.residual, train_loss, best.train_loss)
    return Symptom("over-fitting", evidence, sentence)


def spiking(what: str, value: float, before: Sequence[float], limit: float) -> Symptom | None:
    """Compare `value` (a 'loss' or 'gradient norm') with what was usual before."""
    if len(before) < FEWEST_STEPS:
        return None
    usual = median(before)
    if usual <= 0 or value < limit * usual:
        return None
    return Symptom("spiking", {what: value, "usual": usual}, words.spiking(what, value, usual))


def weights_not_finite() -> Symptom:
    """Return what is wrong if a weight is NaN or infinite."""
    return Symptom("non-finite", {}, words.weights_not_finite(), breakdown=True)


class StepWatch:
    """Watches the numbers of every step; costs microseconds.

    Attributes
    ----------
    broken : int
        Steps in a row, up to now, that were not finite.
    """

    def __init__(self) -> None:
        self.broken = 0
        self._losses: deque[float] = deque(maxlen=USUAL_STEPS)
        self._norms: deque[float] = deque(maxlen=USUAL_STEPS)

    def see(self, loss: float, gradient_norm: float) -> list[Symptom]:
        """Return what is wrong at a step; NaN stands for a loss that there was not."""
        if not (math.isfinite(loss) and math.isfinite(gradient_norm)):
            self.broken += 1
            evidence = {"steps": float(self.broken)}
            broken = Symptom("non-finite", evidence, words.non_finite(self.broken), breakdown=True)
            return [broken] if self.broken >= BROKEN_STEPS else []
        self.broken = 0
        found = _first(
            spiking("loss", loss, self._losses, SPIKE_LOSS),
            spiking("gradient norm", gradient_norm, self._norms, SPIKE_GRADIENT),
        )
        self._losses.append(loss)
        self._norms.append(gradient_norm)
        return found


class LookWatch:
    """Watches the numbers of every look.

    Parameters
    ----------
    flat_residual : float
        Canvas residual of the flat object.
    unseen : bool
        True if the object that validates is none that is trained on.
    """

    def __init__(self, flat_residual: float, *, unseen: bool) -> None:
        self.flat_residual = flat_residual
        self.unseen = unseen
        self._looks: list[LookFigures] = []

    def see(self, look: LookFigures, best: float) -> list[Symptom]:
        """Return what is wrong at a look; `best` is the lowest residual so far, this one's included.

        A breakdown explains whatever else there is to see, so nothing else is said then.
        """
        self._looks.append(look)
        lost = _first(collapsed(look, best, self.flat_residual), dead(look))
        if lost and lost[0].breakdown:
            return lost
        found = _first(flat(self._looks, best, self.flat_residual), constant(self._looks, self.flat_residual))
        worse = over_fitting(self._looks) if self.unseen else None
        found += _first(worse, diverging(self._looks, best))
        return lost + found


class Onsets:
    """Lets a symptom through when it begins, and again only after it was away for `calm` times."""

    def __init__(self, calm: int) -> None:
        self.calm = calm
        self._away: dict[Ailment, int] = {}

    def begun(self, symptoms: Iterable[Symptom]) -> list[Symptom]:
        """Return those that begin now."""
        present = {symptom.ailment: symptom for symptom in symptoms}
        new = [symptom for ailment, symptom in present.items() if ailment not in self._away]
        away = {ailment: count + 1 for ailment, count in self._away.items()} | dict.fromkeys(present, 0)
        self._away = {ailment: count for ailment, count in away.items() if count < self.calm}
        return new


def _first(*symptoms: Symptom | None) -> list[Symptom]:
    return [symptom for symptom in symptoms if symptom][:1]
