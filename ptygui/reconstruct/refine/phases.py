"""In which order the unknowns are freed, and by which engine."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ptygui.core.events import Notice
from ptygui.physics.names import Likelihood
from ptygui.physics.unknowns import Free
from ptygui.reconstruct.refine.config import RefineConfig

FROM_FLAT, FROM_PICTURE = 8, 12
"""Epochs for a doubtful probe: with the object, where there is none yet; alone, where there is a picture.

Four or eight of the latter were worse than none, twelve better."""
UNTIL_POISSON = 5
"""Epochs by amplitude before the Poisson likelihood, whose slope is steep and crooked far from the answer."""
UNTIL_POSITIONS = 3
"""Epochs before positions move, from the flat object: they need an object to hold on to."""


@dataclass(frozen=True)
class Phase:
    """Some epochs of one engine."""

    engine: str
    free: Free
    epochs: int
    likelihood: Likelihood


def wanted(config: RefineConfig) -> Free:
    """Return what the user wants improved."""
    return Free(
        object=True,
        probe=config.free_probe,
        positions=config.free_positions,
        gains=config.free_intensities,
        glow=config.free_background,
    )


def phases(config: RefineConfig, *, flat: bool, doubtful: bool) -> tuple[list[Phase], list[Notice]]:
    """Plan the epochs.

    Parameters
    ----------
    config : RefineConfig
    flat : bool
        It begins with the flat object.
    doubtful : bool
        The probe explains even the mean pattern badly.
    """
    free = wanted(config)
    if config.engine != "gradient":
        return [Phase(config.engine, free, config.epochs, config.likelihood)], []
    plan, notices = [], []
    left = config.epochs
    if _probe_first(config, doubtful):
        first = min(FROM_FLAT if flat else FROM_PICTURE, max(1, config.epochs // 2))
        alone = Free(object=flat, probe=True)
        plan.append(Phase("adam" if flat else "gradient", alone, first, "amplitude"))
        notices.append(Notice(_why(doubtful, flat, first)))
        left -= first
    elif flat and (free.positions or config.likelihood == "poisson"):
        first = min(UNTIL_POISSON if config.likelihood == "poisson" else UNTIL_POSITIONS, left)
        plan.append(Phase("gradient", replace(free, positions=False), first, "amplitude"))
        left -= first
    if left > 0:
        plan.append(Phase("gradient", free, left, config.likelihood))
    return plan, notices


def _probe_first(config: RefineConfig, doubtful: bool) -> bool:
    if not config.free_probe or config.probe_first == "no":
        return False
    return doubtful or config.probe_first == "yes"


def _why(doubtful: bool, flat: bool, epochs: int) -> str:
    reason = "The probe explains the mean pattern badly" if doubtful else "As chosen"
    what = "probe and object roughly" if flat else "the probe alone"
    return f"{reason}: {what} first, for {epochs} epochs."
