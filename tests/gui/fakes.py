"""Stand-ins for what lies behind the window: scans in memory, generators on no disk, runs without torch."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ptygui.core.describe import ScanFacts, scan_facts
from ptygui.core.errors import ScanError
from ptygui.core.events import (
    DeviceUsed,
    Event,
    Finished,
    JobControl,
    Notice,
    Preview,
    Progress,
    Reconstruction,
    Stage,
    StageResult,
)
from ptygui.core.evidence import Residual
from ptygui.core.scan import ArrayPatterns, ObjectImage, ProbePositions, Scan, ScanMetadata
from ptygui.generators.contract import BundleCard, FitSentence, GeneratorSpec
from ptygui.jobs.api import Catalogue, ExportRequest, GeneratorEntry, ReconstructRequest
from ptygui.jobs.devices import Device

N = 16


def make_scan(name: str = "star", n: int = 12, pixel_size_m: tuple[float, float] | None = None) -> Scan:
    """A small scan in memory whose patterns tell their index."""
    grid = np.stack(np.meshgrid(np.arange(n // 4), np.arange(4), indexing="ij"), axis=-1).reshape(-1, 2)
    patterns = np.arange(1, n + 1, dtype=np.float32)[:, None, None] * np.ones((n, N, N), np.float32)
    return Scan(
        ArrayPatterns(patterns),
        ProbePositions(4.0 * grid.astype(np.float64), "px"),
        ScanMetadata(name, path=f"/data/{name}.npz", pixel_size_m=pixel_size_m),
        probe=np.ones((1, N, N), np.complex64),
    )


def make_entry(
    name: str, architecture: str = "stable_hybrid", folder: Path = Path("/bundles")
) -> GeneratorEntry:
    """A generator that exists on paper."""
    card = BundleCard(
        name=name,
        spec=GeneratorSpec(architecture=architecture, input_size=N),
        parameters=4_460_000,
        trained_on="simulated lines, 200 CPU-s; a second sentence that only the tooltip shows",
        metrics={"demo.raw.amplitude_ssim": 0.931},
    )
    return GeneratorEntry(folder / f"{name}.safetensors", card, shipped=True)


def make_image(level: float, rows: int = 20, cols: int = 24) -> ObjectImage:
    """A picture with some structure and a known mean amplitude."""
    y, x = np.mgrid[:rows, :cols]
    values = level * (1 + 0.1 * np.sin(x / 2)) * np.exp(0.3j * np.cos(y / 3))
    return ObjectImage(values.astype(np.complex64), np.ones((rows, cols), bool))


def make_result(scan_name: str = "star", polished: bool = True) -> Reconstruction:
    """A result of one or two stages."""
    stages = [make_stage("raw", 1.0, Residual(0.168, 0.125))]
    if polished:
        stages.append(make_stage("polished", 1.1, Residual(0.166, 0.12), steps=5))
    return Reconstruction(tuple(stages), scan_name)


def make_stage(stage: Stage, level: float, residual: Residual | None, steps: int = 0) -> StageResult:
    """One picture with a flat probe."""
    probe, positions = np.ones((1, N, N), np.complex64), make_scan().positions_px
    return StageResult(stage, make_image(level), probe, positions, residual, None, 0.4, steps)


@dataclass
class FakeBackend:
    """Answers at once; a test sets what should go wrong, and when a run goes on."""

    scans: dict[str, Scan] = field(default_factory=lambda: {"star.npz": make_scan()})
    entries: list[GeneratorEntry] = field(default_factory=lambda: [make_entry("lines"), make_entry("star")])
    unusable: tuple[str, ...] = ()
    fit: tuple[FitSentence, ...] = (FitSentence("ok", "Same size, same probe."),)
    devices: list[Device] = field(default_factory=lambda: [Device("cpu", "CPU, 2 cores", 1 << 30, 2 << 30)])
    failure: Exception | None = None
    written: list[ExportRequest] = field(default_factory=list)
    requests: list[ReconstructRequest] = field(default_factory=list)
    previews: int = 4
    gate: threading.Event = field(default_factory=threading.Event)
    """Held closed, a run waits after its last preview."""
    closed: threading.Event = field(default_factory=threading.Event)
    """Set when a run's iterator was closed."""

    def __post_init__(self) -> None:
        self.gate.set()

    def open_scan(self, path: Path) -> Scan:
        if path.name not in self.scans:
            raise ScanError(f"{path} does not exist.")
        return self.scans[path.name]

    def scan_facts(self, scan: Scan) -> ScanFacts:
        return scan_facts(scan)

    def read_catalogue(self) -> Catalogue:
        return Catalogue(tuple(self.entries), self.unusable)

    def read_generator(self, path: Path) -> GeneratorEntry:
        return make_entry(path.stem, folder=path.parent)

    def check_fit(self, entry: GeneratorEntry, scan: Scan) -> Sequence[FitSentence]:
        return self.fit

    def list_devices(self) -> Sequence[Device]:
        return self.devices

    def reconstruct(self, request: ReconstructRequest, control: JobControl) -> Iterator[Event]:
        self.requests.append(request)
        try:
            yield from self._run(request, control)
        finally:
            self.closed.set()

    def _run(self, request: ReconstructRequest, control: JobControl) -> Iterator[Event]:
        yield DeviceUsed(request.device_id, "cpu, read from the tensors")
        n = len(request.scan)
        for step in range(1, self.previews + 1):
            yield Progress("Reconstructing", step * n // self.previews, n, "patterns", 120.0, 0.5)
            share = step / self.previews
            yield Preview(make_image(share), "raw", share, np.arange(round(share * n)))
        if self.failure is not None:
            raise self.failure
        while not self.gate.wait(0.005) and not control.stop_requested:
            yield Progress("Reconstructing", n, n)
        yield Notice("3 patches were not finite and were left out.", "warning")
        yield Finished(make_result(request.scan.metadata.name), control.stop_requested)

    def export_targets(self, request: ExportRequest) -> Sequence[Path]:
        return [request.folder / f"{request.stem}.{name}" for name in request.formats]

    def export(self, request: ExportRequest) -> Sequence[Path]:
        self.written.append(request)
        paths = self.export_targets(request)
        for path in paths:
            path.write_text(request.stage)
        return paths
