"""What a generator that was trained on a broad family of simulated scans is worth on scans it never saw.

python tests/benchmarks/universal.py BUNDLE [tables] [--polish N] [--spot-minutes M]

Tables: unseen (objects and probes of kinds never trained on, each scan), kinds (medians for every pairing of
seen and unseen kinds), errors (the same scans with a probe that is told wrongly), star (the measured star,
where PTYGUI_REAL_DATA is set), spot (a generator trained on two of the scans themselves). All by default.

The flat start is a network that gives 1 everywhere, so both go through the same engine with the same polish;
how often is left to the product, which looks at the noise, unless --polish says it.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from material import untrained_bundle

from ptygui.core.aberrations import misjudged
from ptygui.core.events import Finished, StageResult
from ptygui.core.preparation import Window
from ptygui.core.prepare import apply_steps
from ptygui.core.scan import Scan
from ptygui.core.simulate_family import (
    SEEN_OBJECTS,
    SEEN_PROBES,
    UNSEEN_OBJECTS,
    UNSEEN_PROBES,
    Family,
    family_scan,
)
from ptygui.io.registry import open_scan
from ptygui.io.writers.ptychopinn import write_ptychopinn
from ptygui.jobs.api import ReconstructRequest, Session
from ptygui.physics.forward import good_pixels
from ptygui.physics.probe_estimate import estimate_probe
from ptygui.reconstruct.probe import measure_scale
from ptygui.train.config import MeasuredScan, TrainConfig, dump_config
from ptygui.train.data import TrainingScan, read_amplitude
from ptygui.train.session import train

FIRST_SEED = 1_000_000
"""Far from the seeds that are trained on."""
SCANS, SIDE = 12, 9
ERRORS_RAD = (0.0, 0.25, 0.5, 1.0)
STAR, STAR_EPOCHS = "siemens-star-small.npz.bz2", 20
TABLES = ("unseen", "kinds", "errors", "star", "spot")
COLUMNS = ("flat", "flat, polished", "generator", "generator, polished")


@dataclass(frozen=True)
class Figures:
    """Of one picture; NaN where the truth is not known."""

    error: float
    amplitude_ssim: float
    phase_ssim: float
    r1: float

    @classmethod
    def of(cls, stage: StageResult) -> Figures:
        """Take them from a stage of a result."""
        r1 = np.nan if stage.residual is None else stage.residual.r1
        if stage.quality is None:
            return cls(np.nan, np.nan, np.nan, r1)
        quality = stage.quality
        return cls(quality.complex_error, quality.amplitude_ssim, quality.phase_ssim, r1)

    def __str__(self) -> str:
        if np.isnan(self.error):
            return f"{self.r1:.4f}"
        return f"{self.error:.3f} {self.amplitude_ssim:.2f} {self.phase_ssim:.2f} {self.r1:.3f}"


class Bench:
    """A generator and the flat start, run by the product.

    Parameters
    ----------
    bundle, flat : Path
    polish_steps : int or None
        None: as the product chooses.
    """

    def __init__(self, bundle: Path, flat: Path, polish_steps: int | None) -> None:
        self.bundle, self.flat, self.polish_steps = bundle, flat, polish_steps
        self.sessions = {path: Session() for path in (bundle, flat)}

    def row(self, scan: Scan) -> list[Figures]:
        """Return the figures of `COLUMNS`."""
        return [*self.run(scan, self.flat), *self.run(scan, self.bundle)]

    def run(self, scan: Scan, generator: Path) -> list[Figures]:
        """Return the figures of the raw and of the polished picture; the same twice if none was polished."""
        session = self.sessions.setdefault(generator, Session())
        request = ReconstructRequest(scan, generator, polish_steps=self.polish_steps, probe="scan")
        *_, last = session.reconstruct(request)
        assert isinstance(last, Finished)
        return [Figures.of(stage) for stage in (last.result.stages[0], last.result.best)]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("tables", nargs="*", choices=[[], *TABLES], default=[])
    parser.add_argument("--polish", type=int, default=None)
    parser.add_argument("--spot-minutes", type=float, default=4.0)
    arguments = parser.parse_args()
    torch.set_flush_denormal(True)
    with tempfile.TemporaryDirectory() as folder:
        flat = untrained_bundle(Path(folder), "stable_hybrid", 64, width=4)
        bench = Bench(arguments.bundle, flat, arguments.polish)
        for table in arguments.tables or TABLES:
            if table == "spot":
                print_spot(bench, Path(folder), arguments.spot_minutes)
            else:
                PRINTERS[table](bench)


def unseen_scans(count: int = SCANS) -> list[Scan]:
    """Simulate scans of objects and probes of kinds that are never trained on."""
    family = Family(side=SIDE, objects=UNSEEN_OBJECTS, probes=UNSEEN_PROBES)
    return [family_scan(seed, family) for seed in range(FIRST_SEED, FIRST_SEED + count)]


def print_unseen(bench: Bench) -> None:
    """Print every unseen scan, and the medians."""
    head("Objects and probes of unseen kinds: complex error, amplitude SSIM, phase SSIM, R1", "scan", COLUMNS)
    rows = []
    for scan in unseen_scans():
        rows.append(bench.row(scan))
        line(scan.metadata.name.split(": ")[1], rows[-1])
    line("**median**", medians(rows))
    print_verdict(rows)


def print_verdict(rows: Sequence[Sequence[Figures]]) -> None:
    """Say on how many scans the generator is better, and by how much, before and after the same polish."""
    for words, flat, generator in (("Before polishing", 0, 2), ("Polished", 1, 3)):
        ratios = np.array([row[generator].error / row[flat].error for row in rows])
        print(
            f"\n{words}, its complex error is lower than the flat start's on {(ratios < 1).sum()} of "
            f"{len(ratios)} scans; ratio {np.exp(np.log(ratios).mean()):.2f} (geometric mean), "
            f"{ratios.min():.2f} to {ratios.max():.2f}.",
            flush=True,
        )


def print_kinds(bench: Bench) -> None:
    """Print medians for every pairing of seen and unseen kinds."""
    head(f"Medians of {SCANS} scans each: complex error, amplitude SSIM, phase SSIM, R1", "kinds", COLUMNS)
    for objects, object_words in ((SEEN_OBJECTS, "seen objects"), (UNSEEN_OBJECTS, "unseen objects")):
        for probes, probe_words in ((SEEN_PROBES, "seen probes"), (UNSEEN_PROBES, "unseen probes")):
            family = Family(side=SIDE, objects=objects, probes=probes)
            scans = (family_scan(seed, family) for seed in range(FIRST_SEED, FIRST_SEED + SCANS))
            line(f"{object_words}, {probe_words}", medians([bench.row(scan) for scan in scans]))


def print_errors(bench: Bench) -> None:
    """Print medians over the unseen scans for probes that are told ever more wrongly."""
    title = "Unseen kinds, probe told wrongly (core.aberrations.misjudged), medians"
    head(f"{title}: complex error, amplitude SSIM, phase SSIM, R1", "error of the probe, rad", COLUMNS)
    scans = unseen_scans()
    for strength in ERRORS_RAD:
        rows = [bench.row(told(scan, strength, seed)) for seed, scan in enumerate(scans)]
        line(f"up to {strength:g}", medians(rows))


def told(scan: Scan, strength_rad: float, seed: int) -> Scan:
    """Return the scan with a probe that is not quite the true one."""
    assert scan.probe is not None
    return scan.with_probe(misjudged(scan.probe, strength_rad, seed=seed))


def print_star(bench: Bench) -> None:
    """Print the residual R1 of the measured star, as it is and with half its resolution."""
    folder = os.environ.get("PTYGUI_REAL_DATA")
    if folder is None:
        print("\nThe measured star is not at hand: PTYGUI_REAL_DATA is not set.")
        return
    scan = open_scan(Path(folder) / STAR)
    estimated = scan.with_probe(star_probe(scan))
    head("The measured star, never trained on: R1", "patterns and probe", COLUMNS)
    for probe, candidate in (("file's probe", scan), (f"probe of {STAR_EPOCHS} epochs", estimated)):
        line(f"128 x 128, {probe}", bench.row(candidate))
        middle = apply_steps(candidate, [Window(size_px=(64, 64))])
        line(f"its middle 64 x 64, {probe}", bench.row(middle))


def star_probe(scan: Scan) -> np.ndarray:
    """Estimate the probe as training on the scan does."""
    assert scan.probe is not None
    chosen = TrainingScan(scan, scan.probe).middle(600)
    epochs = estimate_probe(
        read_amplitude(scan, chosen),
        torch.from_numpy(scan.positions_px[chosen]),
        torch.from_numpy(np.asarray(scan.probe * measure_scale(scan, scan.probe), np.complex64)),
        epochs=STAR_EPOCHS,
        good=good_pixels(scan.bad_pixels),
        seed=0,
    )
    *_, last = epochs
    return last.probe.numpy()


def print_spot(bench: Bench, folder: Path, minutes: float) -> None:
    """Print two unseen scans beside a generator that was trained on each of them for some minutes."""
    columns = (*COLUMNS, "trained on it", "trained on it, polished")
    head(f"Beside a generator trained {minutes:g} minutes on the scan itself", "scan", columns)
    for number, scan in enumerate(unseen_scans(2)):
        own = trained_on(scan, folder / f"spot{number}", minutes)
        line(scan.metadata.name.split(": ")[1], [*bench.row(scan), *bench.run(scan, own)])


def trained_on(scan: Scan, directory: Path, minutes: float) -> Path:
    """Train on a scan without its truth; returns the bundle."""
    directory.mkdir()
    file = directory / "scan.npz"
    write_ptychopinn(replace(scan, reference_object=None), file)
    config = TrainConfig(
        name="on the spot", generator="stable_hybrid", data=MeasuredScan(path=str(file)),
        polish_steps=1, steps=1_000_000, minutes=minutes,
    )  # fmt: skip
    (directory / "config.toml").write_text(dump_config(config), encoding="utf-8")
    return train(directory)


def medians(rows: Sequence[Sequence[Figures]]) -> list[Figures]:
    """Return the medians of every column."""
    names = ("error", "amplitude_ssim", "phase_ssim", "r1")
    return [
        Figures(*(float(np.median([getattr(cell, name) for cell in column])) for name in names))
        for column in zip(*rows, strict=True)
    ]


def head(title: str, first: str, columns: Iterable[str]) -> None:
    """Begin a table."""
    names = [first, *columns]
    print(f"\n## {title}\n| " + " | ".join(names) + " |\n" + "|---" * len(names) + "|", flush=True)


def line(name: str, cells: Iterable[Figures]) -> None:
    """Print a line of a table."""
    print(f"| {name} | " + " | ".join(map(str, cells)) + " |", flush=True)


PRINTERS = {"unseen": print_unseen, "kinds": print_kinds, "errors": print_errors, "star": print_star}


if __name__ == "__main__":
    main()
