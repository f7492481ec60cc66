"""Stand-ins for what lies behind the window: scans in memory, generators on no disk, runs without torch."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from gui.fake_training import FakeTraining
from numpy.typing import NDArray

from ptygui.core.describe import ScanFacts, scan_facts, scan_fingerprint
from ptygui.core.errors import ScanError
from ptygui.core.events import (
    DeviceUsed,
    Epoch,
    Event,
    Finished,
    JobControl,
    Notice,
    OrientationFound,
    Preview,
    Progress,
    Reconstruction,
    Stage,
    StageResult,
)
from ptygui.core.evidence import Evidence, Residual
from ptygui.core.frc import RingCorrelation
from ptygui.core.judgement import Judgement
from ptygui.core.mapping import Mapping
from ptygui.core.preparation import Preparation
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.core.scan import ArrayPatterns, ObjectImage, ProbePositions, Scan, ScanMetadata
from ptygui.generators.contract import BundleCard, FitSentence, GeneratorSpec
from ptygui.gui.comparison import Comparison, compare
from ptygui.gui.hdf5_backend import LocalHdf5
from ptygui.gui.overview import Overview, overview
from ptygui.gui.remembered_backend import LocalRemembered
from ptygui.io import registry
from ptygui.io.positions.table import PositionTable
from ptygui.io.preparation_file import read_preparation, write_preparation
from ptygui.io.reach import Reach, Sight, look, reach_of, with_named
from ptygui.io.result_checks import ResultError
from ptygui.jobs import api
from ptygui.jobs.api import (
    Catalogue,
    ExportRequest,
    FileKind,
    GeneratorEntry,
    ReconstructRequest,
    RefineRequest,
    ResultFile,
)
from ptygui.jobs.devices import Device
from ptygui.jobs.recovery import Leftover

N = 16


def make_scan(
    name: str = "star",
    n: int = 12,
    pixel_size_m: tuple[float, float] | None = None,
    brightness: float = 1,
) -> Scan:
    """A small scan in memory whose patterns tell their index."""
    grid = np.stack(np.meshgrid(np.arange(n // 4), np.arange(4), indexing="ij"), axis=-1).reshape(-1, 2)
    patterns = np.arange(1, n + 1, dtype=np.float32)[:, None, None] * np.ones((n, N, N), np.float32)
    return Scan(
        ArrayPatterns(brightness * patterns),
        ProbePositions(4.0 * grid.astype(np.float64), "px"),
        ScanMetadata(name, path=f"/data/{name}.npz", pixel_size_m=pixel_size_m),
        probe=np.ones((1, N, N), np.complex64),
    )


def as_raw(scan: Scan, path: Path) -> RawScan:
    """A file that holds a scan as it is, and says so."""
    stated = Reading(
        quantity="intensity",
        zero_frequency="centre",
        position_unit=scan.positions.unit,
        pixel_size_m=scan.metadata.pixel_size_m,
    )
    return RawScan(
        scan.metadata.name,
        scan.metadata.path or str(path),
        "memory",
        scan.patterns,
        scan.positions.values,
        stated,
        bad_pixels=scan.bad_pixels,
        probe=scan.probe,
    )


def make_raw(name: str, n: int = 12, **fields: object) -> RawScan:
    """A file of `n` patterns with a bright corner that says nothing, unless told otherwise."""
    grid = np.stack(np.meshgrid(np.arange(n // 4), np.arange(4), indexing="ij"), axis=-1).reshape(-1, 2)
    rng = np.random.default_rng(1)
    y, x = np.mgrid[:N, :N] - N // 2
    envelope = np.fft.ifftshift(900 * np.exp(-(y**2 + (x - 1) ** 2) / 12))
    frames = rng.poisson(envelope * np.linspace(0.8, 1.2, n)[:, None, None]).astype(np.float32)
    raw = RawScan(name, f"/data/{name}", "memory", ArrayPatterns(frames), 4.0 * grid.astype(np.float64))
    return replace(raw, **fields)


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


def refined_residual(epochs: int) -> Residual:
    """What so many epochs leave."""
    return Residual(0.1 + 0.1 / epochs, 0.08 + 0.1 / epochs)


def make_probe(epochs: int = 10, modes: int = 2) -> NDArray[np.complex64]:
    """A round probe that grows with the epochs; each mode has a quarter of the power of the one before."""
    y, x = np.mgrid[-N // 2 : N // 2, -N // 2 : N // 2]
    first = np.exp(-(x**2 + y**2) / (10 + epochs)) * np.exp(0.02j * (x**2 + y**2))
    return np.stack([first * 0.5**mode for mode in range(modes)]).astype(np.complex64)


def make_evidence(n: int = 12, half_scan: bool = True) -> Evidence:
    """Evidence of a scan whose last pattern is explained badly, and whose positions were off to the right."""
    shifts = np.stack([np.linspace(0, 0.2, n), np.linspace(0.1, 0.5, n)], axis=-1)
    residuals = np.linspace(0.1, 0.2, n).astype(np.float32)
    return Evidence(residuals, None, shifts, Residual(0.4, 0.35), make_correlation() if half_scan else None)


def make_correlation(pixel_size_m: float | None = None) -> RingCorrelation:
    """Halves that agree up to a fifth of a cycle per pixel."""
    frequency = np.linspace(0.01, 0.5, 50)
    return RingCorrelation(frequency, 1 / (1 + (frequency / 0.2) ** 6), np.full(50, 0.3), pixel_size_m)


def make_refined(epochs: int = 10, evidence: Evidence | None = None) -> StageResult:
    """What a refinement leaves."""
    stage = make_stage("refined", 1.2, refined_residual(epochs), steps=epochs)
    evidence = evidence or make_evidence()
    intensities = np.linspace(0.95, 1.05, len(evidence.r1)).astype(np.float32)
    return replace(stage, probe=make_probe(epochs), evidence=evidence, intensities=intensities)


def refined_result(request: RefineRequest, epochs: int) -> Reconstruction:
    """The stages of what it began with, if any, and the refined one."""
    kept = () if request.start is None else request.start.stages
    before = (stage for stage in kept if stage.stage != "refined")
    return made_of(request.scan, Reconstruction((*before, make_refined(epochs)), ""))


def made_of(scan: Scan, result: Reconstruction) -> Reconstruction:
    """The result as if it had been made of a scan."""
    recipe: dict[str, object] = {
        "scan_path": scan.metadata.path,
        "scan_fingerprint": scan_fingerprint(scan),
    }
    return replace(result, scan_name=scan.metadata.name, recipe=recipe)


@dataclass
class FakeBackend:
    """Answers at once; a test sets what should go wrong, and when a run goes on."""

    training: FakeTraining = field(default_factory=FakeTraining)
    hdf5: LocalHdf5 = field(default_factory=LocalHdf5)
    scans: dict[str, Scan] = field(default_factory=lambda: {"star.npz": make_scan()})
    raws: dict[str, RawScan] = field(default_factory=dict)
    """Files that are interpreted for real."""
    sights: dict[str, Sight] = field(default_factory=dict)
    """What files look like that lie nowhere; by name."""
    prepared: list[Preparation] = field(default_factory=list)
    orientation: OrientationFound = field(default_factory=lambda: OrientationFound(2, 4, True, 0.93, 0.1, ()))
    results: dict[str, Reconstruction] = field(default_factory=dict)
    """What files with results hold; its scan is there if it is one of `scans`."""
    leftovers: list[Leftover] = field(default_factory=list)
    forgotten: list[Path] = field(default_factory=list)
    entries: list[GeneratorEntry] = field(default_factory=lambda: [make_entry("lines"), make_entry("star")])
    unusable: tuple[str, ...] = ()
    fit: tuple[FitSentence, ...] = (FitSentence("ok", "Same size, same probe."),)
    devices: list[Device] = field(default_factory=lambda: [Device("cpu", "CPU, 2 cores", 1 << 30, 2 << 30)])
    failure: Exception | None = None
    written: list[ExportRequest] = field(default_factory=list)
    requests: list[ReconstructRequest] = field(default_factory=list)
    refinements: list[RefineRequest] = field(default_factory=list)
    judged: list[StageResult] = field(default_factory=list)
    computed: list[tuple[Stage, int]] = field(default_factory=list)
    compared: list[tuple[Stage, Stage]] = field(default_factory=list)
    previews: int = 4
    gate: threading.Event = field(default_factory=threading.Event)
    """Held closed, a run waits after its last preview."""
    door: threading.Event = field(default_factory=threading.Event)
    """Held closed, a scan waits while it is opened."""
    held: threading.Event = field(default_factory=threading.Event)
    """Set when a refinement was held."""
    closed: threading.Event = field(default_factory=threading.Event)
    """Set when a run's iterator was closed."""

    def __post_init__(self) -> None:
        self.gate.set()
        self.door.set()
        self.remembered = LocalRemembered(self.prepare)

    def close(self) -> None:
        pass

    def what_is(self, path: Path) -> FileKind:
        if path.suffix == ".safetensors":
            return "generator"
        return "result" if path.name in self.results else "scan"

    def open_result(self, path: Path) -> ResultFile:
        if path.name not in self.results:
            raise ResultError(f"{path.name} is no result.")
        result = self.results[path.name]
        scan_path = Path(str(result.recipe.get("scan_path", "nowhere")))
        return ResultFile(path, result, scan_path if scan_path.name in self.scans else None)

    def left_behind(self) -> Sequence[Leftover]:
        return self.leftovers

    def forget(self, path: Path) -> None:
        self.forgotten.append(path)

    def open_raw(self, path: Path, mapping: Mapping | None = None) -> RawScan:
        assert self.door.wait(10)
        if path.name in self.raws:
            return self.raws[path.name]
        if path.name not in self.scans:
            raise ScanError(f"{path} does not exist.")
        return as_raw(self.scans[path.name], path)

    def reach_of(self, path: Path, raw: RawScan) -> Reach:
        return reach_of(path, raw)

    def reach_with(self, reach: Reach | None, raw: RawScan, preparation: Preparation) -> Reach | None:
        return None if reach is None else with_named(reach, raw, preparation)

    def look(self, path: Path, reach: Reach | None) -> Sight:
        if path.name in self.sights:
            return dict(self.sights[path.name])
        return look(reach or Reach((path,)))

    def patterns_now(self, path: Path, mapping: Mapping | None) -> int | None:
        return self.open_raw(path, mapping).usable

    def prepare(self, raw: RawScan, preparation: Preparation) -> Scan:
        self.prepared.append(preparation)
        as_it_is = preparation == Preparation() and raw.name not in self.raws
        name = Path(raw.path).name
        if as_it_is and name in self.scans:
            return self.scans[name]
        return registry.prepare(raw, preparation)

    def overview(self, raw: RawScan, preparation: Preparation, scan: Scan, upto: int) -> Overview:
        return overview(raw, preparation, scan, upto)

    def find_orientation(self, scan: Scan) -> Iterator[Event]:
        yield Progress("Finding the orientation", 1, 2, "orientations")
        while not self.gate.wait(0.005):
            yield Progress("Finding the orientation", 2, 2, "orientations")
        if self.failure is not None:
            raise self.failure
        yield self.orientation

    def preview_positions(self, path: Path) -> PositionTable:
        return api.preview_positions(path)

    def read_preparation(self, path: Path) -> Preparation:
        return read_preparation(path)

    def write_preparation(self, preparation: Preparation, path: Path) -> None:
        write_preparation(preparation, path)

    def scan_facts(self, scan: Scan) -> ScanFacts:
        return scan_facts(scan)

    def scan_fingerprint(self, scan: Scan) -> str:
        return scan_fingerprint(scan)

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
        yield Finished(made_of(request.scan, make_result()), control.stop_requested)

    def refine(self, request: RefineRequest, control: JobControl) -> Iterator[Event]:
        self.refinements.append(request)
        try:
            yield from self._refine(request, control)
        finally:
            self.closed.set()

    def _refine(self, request: RefineRequest, control: JobControl) -> Iterator[Event]:
        yield DeviceUsed(request.device_id, "cpu, read from the tensors")
        total, done = request.config.epochs, 0
        while done < total and not control.stop_requested:
            done += 1
            yield Progress("Refining", done, total, "epochs", 3.0, (total - done) / 3)
            yield Epoch(done, total, refined_residual(done), 1.0 + 1 / done, 0.3 * done)
            yield Preview(make_image(1.2), "refined", 1.0, probe=make_probe(done))
            while control.paused:
                self.held.set()
                self.gate.wait(0.005)
            if self.failure is not None and done == 2:
                raise self.failure
            while (
                done == 3 and not self.gate.wait(0.005) and not control.stop_requested and not control.paused
            ):
                yield Progress("Refining", done, total, "epochs")
        yield Finished(refined_result(request, done), control.stop_requested)

    def judge(self, stage: StageResult) -> Sequence[Judgement]:
        self.judged.append(stage)
        if stage.residual is None:
            return []
        words = f"R1 is {stage.residual.r1:.3f}."
        return [Judgement("ok", "residual", words, "the share of the amplitudes that is not explained")]

    def computed_pattern(self, stage: StageResult, index: int) -> NDArray[np.float32]:
        self.computed.append((stage.stage, index))
        return np.full((N, N), index + 1.5, np.float32)

    def compare(self, first: StageResult, second: StageResult) -> Comparison:
        self.compared.append((first.stage, second.stage))
        return compare(first, second)

    def export_targets(self, request: ExportRequest) -> Sequence[Path]:
        return [request.folder / f"{request.stem}.{name}" for name in request.formats]

    def export(self, request: ExportRequest) -> Sequence[Path]:
        self.written.append(request)
        paths = self.export_targets(request)
        for path in paths:
            path.write_text(request.stage)
        return paths
