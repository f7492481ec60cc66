"""From a configuration to what is trained on: scans, probes, the scan that validates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ptygui.core.aberrations import misjudged
from ptygui.core.atomic import replacing
from ptygui.core.scan import Scan
from ptygui.core.simulate import lines_scan
from ptygui.core.simulate_family import UNSEEN_OBJECTS, UNSEEN_PROBES, Family, family_scan
from ptygui.io.registry import open_scan
from ptygui.physics.forward import good_pixels
from ptygui.physics.probe_estimate import estimate_probe
from ptygui.reconstruct.probe import measure_scale, own_probe
from ptygui.runs.layout import RunError
from ptygui.train.config import MeasuredScan, SimulatedFamily, SimulatedLines, TrainConfig
from ptygui.train.data import TrainingScan, read_amplitude

PROBE_PATTERNS = 600
"""At most so many neighbouring patterns estimate the probe; they are held in memory."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Material:
    """What a run needs besides its generator."""

    scans: list[TrainingScan]
    validation: TrainingScan
    sentence: str
    """What it was trained on, for the card."""


def prepare(config: TrainConfig, probe_file: Path, say: Say) -> Material:
    """Open or simulate the scans and settle the probe.

    Parameters
    ----------
    config : TrainConfig
    probe_file : Path
        Where an estimated probe is kept (.npy), so that a resumed run has the same one.
    say : callable
        Told in sentences what happens; what it raises ends the preparation.

    Raises
    ------
    ScanError, RecipeError
        If the scan cannot be opened, or holds nothing.
    RunError
        If the probe that an earlier sitting kept is damaged.
    """
    if isinstance(config.data, SimulatedLines):
        return _simulate(config.data)
    if isinstance(config.data, SimulatedFamily):
        return _simulate_family(config.data)
    return _measured(config.data, config, probe_file, say)


def _simulate(data: SimulatedLines) -> Material:
    made = [
        lines_scan(
            data.pattern_px,
            object_px=data.object_px,
            step_px=data.step_px,
            photons_per_pattern=data.photons_per_pattern,
            seed=data.first_seed + number,
        )
        for number in range(data.scans + 1)
    ]
    *scans, validation = (_scaled(scan, own_probe(scan), simulated=True) for scan in made)
    sentence = (
        f"{data.scans} simulated grid-lines objects of {data.object_px} x {data.object_px} pixels, "
        f"{sum(len(scan.scan) for scan in scans)} patterns"
    )
    return Material(scans, validation, sentence)


def _simulate_family(data: SimulatedFamily) -> Material:
    """Draw scans of seen kinds, their probes told with an error, and one of unseen kinds to judge by."""
    photons = (data.least_photons, data.most_photons)
    family = Family(data.pattern_px, data.side, photons=photons)
    scans = [
        _told(family_scan(seed, family), data.probe_error_rad, seed)
        for seed in range(data.first_seed, data.first_seed + data.scans)
    ]
    sentence = (
        f"{data.scans} simulated scans of {data.side} x {data.side} patterns; objects: "
        f"{', '.join(family.objects)}; probes: {', '.join(family.probes)}; {photons[0]:.0e} to "
        f"{photons[1]:.0e} photons a pattern"
    )
    return Material(scans, _of_unseen_kinds(data), sentence)


def _of_unseen_kinds(data: SimulatedFamily) -> TrainingScan:
    middling = float(np.sqrt(data.least_photons * data.most_photons))
    family = Family(
        data.pattern_px,
        2 * data.side,
        objects=UNSEEN_OBJECTS[-1:],
        probes=UNSEEN_PROBES[:1],
        photons=(middling, middling),
        overlap=(0.65, 0.65),
    )
    scan = family_scan(data.first_seed + data.scans, family)
    return _scaled(scan, own_probe(scan), simulated=True)


def _told(scan: Scan, probe_error_rad: float, seed: int) -> TrainingScan:
    """Let the generator know the probe of a scan with some error."""
    true = _scaled(scan, own_probe(scan), simulated=True)
    strength = float(np.random.default_rng((seed, 1)).uniform(0, probe_error_rad))
    told = misjudged(true.probe, strength, seed=seed)
    return replace(true, told=np.asarray(told * measure_scale(scan, told), np.complex64))


def _measured(data: MeasuredScan, config: TrainConfig, probe_file: Path, say: Say) -> Material:
    scan = open_scan(Path(data.path), preparation=data.preparation)
    probe = own_probe(scan)
    if config.probe_epochs:
        probe = _estimated(scan, probe, config, probe_file, say)
    ready = _scaled(scan, probe, simulated=False)
    return Material([ready], ready, f"the scan {scan.metadata.name} itself, {len(scan)} patterns, no labels")


def _scaled(scan: Scan, probe: NDArray[np.complex64], *, simulated: bool) -> TrainingScan:
    return TrainingScan(scan, np.asarray(probe * measure_scale(scan, probe), np.complex64), simulated)


def _estimated(
    scan: Scan, guess: NDArray[np.complex64], config: TrainConfig, probe_file: Path, say: Say
) -> NDArray[np.complex64]:
    if probe_file.exists():
        return _kept(probe_file)
    chosen = TrainingScan(scan, guess).middle(PROBE_PATTERNS)
    start = torch.from_numpy(np.asarray(guess * measure_scale(scan, guess), np.complex64))
    epochs = estimate_probe(
        read_amplitude(scan, chosen),
        torch.from_numpy(scan.positions_px[chosen]),
        start,
        epochs=config.probe_epochs,
        good=good_pixels(scan.bad_pixels),
        seed=config.seed,
    )
    for state in epochs:
        say(f"Estimating the probe: epoch {state.epoch} of {config.probe_epochs}, residual {state.r1:.3f}")
    probe: NDArray[np.complex64] = state.probe.numpy()
    with replacing(probe_file, durable=True) as temporary, temporary.open("wb") as file:
        np.save(file, probe, allow_pickle=False)
    return probe


def _kept(probe_file: Path) -> NDArray[np.complex64]:
    try:
        probe: NDArray[np.complex64] = np.load(probe_file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise RunError(f"{probe_file} is damaged ({error}): remove it, and it is estimated anew.") from error
    return probe
