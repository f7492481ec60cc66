"""Refinement: error against epochs and CPU seconds, ours beside pty-chi's, same starts, one thread.

python tests/benchmarks/refine.py            engines: simulated scans, and the real star where it is at hand
python tests/benchmarks/refine.py starts     what the start from a generator's picture saves over the flat one

pty-chi runs where the interpreter that PTYGUI_PEER_PYTHON names (or this one) can import it. Its epochs are
timed by itself, ours without what the guard, previews and evidence cost.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from ptygui.core import quality
from ptygui.core.events import Epoch, Finished, JobControl, Reconstruction
from ptygui.core.objects import natural_image, siemens_star
from ptygui.core.probe_guess import zone_plate_probe_px
from ptygui.core.scan import ObjectImage, ProbePositions, Scan
from ptygui.core.scan_paths import raster_path
from ptygui.core.simulate import lines_probe, lines_scan, simulate_scan
from ptygui.io.registry import open_scan
from ptygui.jobs.api import ReconstructRequest, Session
from ptygui.reconstruct.peers.job import PeerInputs
from ptygui.reconstruct.peers.options import PeerError, PeerOptions
from ptygui.reconstruct.peers.process import run_peer
from ptygui.reconstruct.refine.config import RefineConfig
from ptygui.reconstruct.refine.run import Refiner
from ptygui.reconstruct.refine.start import choose_start, place
from ptygui.reconstruct.refine.workshop import Workshop
from ptygui.resources import shipped_generators

EPOCHS = 40
SHOWN = (1, 2, 5, 10, 20, 40)
OURS = ("gradient", "adam", "epie", "rpie", "lsqml")
PEERS = ("epie", "rpie", "lsqml", "autodiff")
BATCH = 32
STAR = "siemens-star-small.npz.bz2"


@dataclass(frozen=True)
class Point:
    """Where an engine is after an epoch; `error` is the complex error, or R1 where the truth is not known."""

    epoch: int
    cpu_s: float
    error: float


@dataclass(frozen=True)
class Case:
    """A scan, and what may move."""

    name: str
    scan: Scan
    truth: Scan | None
    """The scan as it really was: for the error. None: a measured one."""
    free_probe: bool = True
    free_positions: bool = False
    modes: int = 0


def main(mode: str = "engines") -> None:
    """Print the tables."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    if mode == "starts":
        compare_starts()
        return
    for case in cases():
        measure = "R1" if case.truth is None else "complex error"
        print(f"\n## {case.name}: {measure} (CPU seconds) after epochs, from the flat object")
        print("| engine | " + " | ".join(map(str, SHOWN)) + " | CPU-s an epoch |")
        print("|---" * (len(SHOWN) + 2) + "|")
        for name in OURS:
            config = RefineConfig(
                engine=name, epochs=EPOCHS, free_probe=case.free_probe, modes=case.modes,
                free_positions=case.free_positions, batch_size=BATCH,
            )  # fmt: skip
            print_row(name, list(our_curve(case, config)))
        for name in PEERS:
            print_row(f"pty-chi {name}", peer_curve(case, name))


def print_row(name: str, points: Sequence[Point]) -> None:
    """Print a line of the table; an engine that could not run has no points."""
    found = {point.epoch: point for point in points}
    cells = [f"{found[n].error:.4f} ({found[n].cpu_s:.1f})" if n in found else "–" for n in SHOWN]
    pace = f"{points[-1].cpu_s / points[-1].epoch:.2f}" if points else "–"
    print(f"| {name} | " + " | ".join(cells) + f" | {pace} |", flush=True)


def cases() -> Iterator[Case]:
    """Yield what is refined."""
    lines = lines_scan(64, seed=5, photons_per_pattern=1e7)
    yield Case("lines64, 361 patterns, 10⁷ photons, probe known", lines, lines, free_probe=False)
    probe, positions = lines_probe(64), raster_path((256, 256), (64, 64), 12.0, jitter_px=2.0, seed=3)
    natural = simulate_scan(natural_image((256, 256)), probe, positions, 1e6, seed=3)
    off = natural.positions_px + np.random.default_rng(3).uniform(-1, 1, natural.positions_px.shape)
    wrong = zone_plate_probe_px((64, 64), 2.0, 0.85 * np.pi * 0.55 * 64 / 8)
    spoilt = replace(natural, probe=wrong, positions=ProbePositions(off, "px"))
    yield Case(
        "natural image, 10⁶ photons, wrong defocus, positions off by up to 1 px", spoilt, natural,
        free_positions=True,
    )  # fmt: skip
    star = measured_star()
    if star is not None:
        yield Case("real star, the file's probe, 2 modes", star, None, free_positions=True, modes=2)


def measured_star() -> Scan | None:
    """Open the measured star, where it is at hand."""
    folder = os.environ.get("PTYGUI_REAL_DATA")
    return None if folder is None else open_scan(Path(folder) / STAR)


def our_curve(case: Case, config: RefineConfig, start: Reconstruction | None = None) -> Iterator[Point]:
    """Refine with one of our engines; yields every epoch."""
    control = JobControl()
    begin = choose_start(case.scan, start, None, config.modes)
    shop = Workshop.set_up(case.scan, begin, config, torch.device("cpu"), control)
    refiner = Refiner(shop, config, control)
    spent, since = 0.0, time.process_time()
    for event in refiner.run():
        if isinstance(event, Epoch):
            spent += time.process_time() - since
            yield Point(event.number, spent, error_of(case, shop.easel.image(refiner.at), event.residual.r1))
            if event.number == config.epochs:
                control.stop_and_keep()
            since = time.process_time()


def error_of(case: Case, image: ObjectImage, r1: float) -> float:
    """Complex error against the truth, ramp removed where the probe is free; R1 of a measured scan."""
    if case.truth is None or case.truth.reference_object is None:
        return r1
    truth, inner = case.truth.reference_object, case.truth.positions_px
    return quality.compare(image, truth, inner, ramp=case.free_probe).complex_error


def peer_curve(case: Case, engine: str) -> list[Point]:
    """Reconstruct with pty-chi; nothing where it is not installed."""
    start = choose_start(case.scan, None, None, case.modes)
    where, at, _ = place(start)
    inputs = PeerInputs(
        case.scan.patterns.read(np.arange(len(case.scan))), start.positions_px, start.probe,
        at.object.numpy(), np.asarray(where.origin, np.float64), case.scan.bad_pixels,
    )  # fmt: skip
    options = PeerOptions(
        engine=engine, epochs=EPOCHS, batch_size=BATCH, update_probe=case.free_probe,
        update_positions=case.free_positions, threads=1, state_every=1,
    )  # type: ignore[arg-type]  # fmt: skip
    python = os.environ.get("PTYGUI_PEER_PYTHON")
    points = []
    try:
        for epoch in run_peer(None, inputs, options, python=Path(python) if python else None):
            if epoch.state is not None:
                state = epoch.state
                origin = (float(state.origin_px[0]), float(state.origin_px[1]))
                image = ObjectImage(state.object, np.ones(state.object.shape, bool), origin)
                r1 = (
                    residual(case.scan, image, state.probe, state.positions_px) if case.truth is None else 0.0
                )
                points.append(Point(int(state.epoch), epoch.cpu_s, error_of(case, image, r1)))
    except PeerError as error:
        print(f"pty-chi {engine}: {error}", file=sys.stderr)
    return points


def residual(scan: Scan, image: ObjectImage, probe: np.ndarray, positions: np.ndarray) -> float:
    """R1 of a state that another program left."""
    from ptygui.core.events import StageResult
    from ptygui.core.explain import computed_pattern

    stage = StageResult("refined", image, probe, positions, None, None, 0.0)
    chosen = np.arange(0, len(scan), 8)
    measured = np.sqrt(np.maximum(scan.patterns.read(chosen), 0))
    computed = np.sqrt(np.stack([computed_pattern(stage, int(index)) for index in chosen]))
    return float(np.abs(measured - computed).sum() / measured.sum())


def compare_starts() -> None:
    """Print what a generator's picture saves, by kind of object, overlap and photons."""
    generator = next(path for path in shipped_generators() if path.stem.startswith("stable_hybrid"))
    session = Session()
    heads = (
        "scan",
        "error of the picture",
        "from flat, 40 epochs",
        "from the picture: epochs to that, after 40",
    )
    print("| " + " | ".join((*heads, "network pass, CPU-s", "an epoch, CPU-s")) + " |")
    print("|---" * (len(heads) + 2) + "|")
    for name, scan in starting_points():
        begun = time.process_time()
        *_, last = session.reconstruct(ReconstructRequest(scan, generator, polish_steps=0))
        spent = time.process_time() - begun
        assert isinstance(last, Finished)
        case = Case(name, scan, scan, free_probe=False)
        config = RefineConfig(epochs=EPOCHS, free_probe=False)
        flat = list(our_curve(case, config))
        onwards = list(our_curve(case, config, last.result))
        reached = next((p.epoch for p in onwards if p.error <= flat[-1].error), None)
        raw = last.result.stages[0].quality
        assert raw is not None
        print(
            f"| {name} | {raw.complex_error:.3f} | {flat[-1].error:.4f} | {reached or 'never'}, "
            f"{onwards[-1].error:.4f} | {spent:.1f} | {flat[-1].cpu_s / EPOCHS:.2f} |",
            flush=True,
        )  # fmt: skip


def starting_points() -> Iterator[tuple[str, Scan]]:
    """Yield scans of the family that the generator knows, and of others."""
    for words, step, photons in (
        ("lines, high overlap, 10⁷ photons", 12.0, 1e7),
        ("lines, high overlap, 10⁵ photons", 12.0, 1e5),
        ("lines, low overlap, 10⁷ photons", 22.0, 1e7),
        ("lines, low overlap, 10⁵ photons", 22.0, 1e5),
    ):
        yield words, lines_scan(64, object_px=264, seed=77, step_px=step, photons_per_pattern=photons)
    positions = raster_path((264, 264), (64, 64), 14.0, jitter_px=2.0, seed=7)
    for words, factor in (("star, weak phase", 0.5), ("star, strong phase", 4.0)):
        star = siemens_star((264, 264))
        values = np.abs(star) * np.exp(1j * factor * np.angle(star))
        yield (
            f"{words}, 10⁶ photons",
            simulate_scan(values.astype(np.complex64), lines_probe(64), positions, 1e6),
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
