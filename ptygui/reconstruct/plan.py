"""Planning: from scan, generator and the user's choices to everything that a reconstruction needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from ptygui.core.describe import scan_fingerprint
from ptygui.core.errors import RecipeError
from ptygui.core.events import Notice
from ptygui.core.scan import Scan
from ptygui.generators import fit
from ptygui.generators.contract import BundleCard
from ptygui.physics.projections import REGULARISATION
from ptygui.reconstruct.noise import PolishChoice, choose_polish
from ptygui.reconstruct.polish import MOMENTUM
from ptygui.reconstruct.probe import ChosenProbe, choose_probe, measure_scale
from ptygui.reconstruct.recipe import PolishRecipe, ProbeChoice, Recipe, identity, versions
from ptygui.reconstruct.verdict import FOREIGN

CPU_PIXELS = 1 << 17
"""Pixels of patterns in a batch on the CPU: 32 patterns of 64²; larger batches leave its caches."""
GPU_PIXELS = 1 << 21
"""On a GPU: 512 patterns of 64²."""


@dataclass(frozen=True)
class Choices:
    """What the user chose."""

    device_id: str = "cpu"
    batch_size: int | None = None
    polish_steps: int | None = None
    """None: chosen by the noise of the patterns."""
    probe: ProbeChoice = "auto"


@dataclass(frozen=True)
class BundleFacts:
    """What a plan needs to know of a bundle, without its network."""

    path: Path
    id: str
    card: BundleCard
    probe: NDArray[np.complex64] | None


@dataclass(frozen=True)
class Plan:
    """Everything global of a reconstruction, frozen before the first batch."""

    scan: Scan
    card: BundleCard
    probe: NDArray[np.complex64]
    """(modes, H, W), scaled: the flat object 1 explains the mean pattern."""
    recipe: Recipe
    notices: tuple[Notice, ...]


def plan(scan: Scan, bundle: BundleFacts, choices: Choices) -> Plan:
    """Freeze a reconstruction.

    Raises
    ------
    RecipeError
        If scan, generator and choices do not fit together; the sentence says what would.
    """
    _check_choices(choices)
    fingerprint = scan_fingerprint(scan)
    trained_on_scan = bundle.card.scan_fingerprint == fingerprint
    chosen = choose_probe(choices.probe, scan, bundle.probe, trained_on_scan)
    warnings = _check_fit(bundle, scan, chosen)
    scale = measure_scale(scan, chosen.values)
    probe = np.asarray(chosen.values * scale, np.complex64)
    polish = _polish_choice(choices, scan, probe)
    recipe = Recipe(
        **identity(scan, fingerprint),
        generator_name=bundle.card.name,
        generator_path=str(bundle.path),
        bundle_id=bundle.id,
        generator=msgspec.to_builtins(bundle.card.spec),
        device_id=choices.device_id,
        batch_size=choices.batch_size or default_batch_size(choices.device_id, scan.pattern_shape),
        probe_source=chosen.source,
        probe_scale=scale,
        polish=PolishRecipe(steps=polish.steps, momentum=MOMENTUM, regularisation=REGULARISATION),
        versions=versions(),
    )
    notices = [_probe_notice(chosen, scale), *warnings, Notice(polish.why)]
    if not trained_on_scan:
        notices.append(Notice(FOREIGN))
    return Plan(scan, bundle.card, probe, recipe, tuple(notices))


def default_batch_size(device_id: str, pattern_shape: tuple[int, int]) -> int:
    """Patterns at once, by their size and the kind of device."""
    pixels = CPU_PIXELS if device_id == "cpu" else GPU_PIXELS
    return max(1, pixels // (pattern_shape[0] * pattern_shape[1]))


def _check_choices(choices: Choices) -> None:
    if choices.batch_size is not None and choices.batch_size < 1:
        raise RecipeError(f"The batch size must be at least 1, not {choices.batch_size}.")
    if choices.polish_steps is not None and choices.polish_steps < 0:
        raise RecipeError(f"The number of polish steps must be 0 or more, not {choices.polish_steps}.")


def _polish_choice(choices: Choices, scan: Scan, probe: NDArray[np.complex64]) -> PolishChoice:
    if choices.polish_steps is None:
        return choose_polish(scan, probe)
    return PolishChoice(choices.polish_steps, f"{choices.polish_steps} polish steps, as chosen.")


def _check_fit(bundle: BundleFacts, scan: Scan, chosen: ChosenProbe) -> list[Notice]:
    """Return warnings of the fit as notices; raises RecipeError on a problem."""
    foreign = bundle.probe if chosen.source == "scan" else None
    sentences = fit.check(bundle.card, scan.with_probe(chosen.values), foreign)
    problems = [sentence.text for sentence in sentences if sentence.level == "problem"]
    if problems:
        raise RecipeError(" ".join(problems))
    return [Notice(sentence.text, "warning") for sentence in sentences if sentence.level == "warning"]


def _probe_notice(chosen: ChosenProbe, scale: float) -> Notice:
    owner = {"scan": "scan", "bundle": "generator"}[chosen.source]
    return Notice(f"Using the probe of the {owner} ({chosen.why}), scaled by {scale:.4g}.")
