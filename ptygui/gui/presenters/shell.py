"""The window as the presenters see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ptygui.core.events import NoticeLevel, Progress, Reconstruction, StageResult
from ptygui.gui.presenters.compare_presenter import CompareScreen
from ptygui.gui.presenters.complaints import Complaint
from ptygui.gui.presenters.curves_presenter import CurvesScreen
from ptygui.gui.presenters.device_presenter import DeviceView
from ptygui.gui.presenters.evidence_presenter import EvidenceScreen
from ptygui.gui.presenters.following import FollowView
from ptygui.gui.presenters.generator_presenter import GeneratorView
from ptygui.gui.presenters.object_presenter import ObjectScreen
from ptygui.gui.presenters.pattern_presenter import PatternScreen
from ptygui.gui.presenters.prepare_screen import PrepareScreen
from ptygui.gui.presenters.recovery_presenter import RecoveryView
from ptygui.gui.presenters.refine_presenter import RefineView
from ptygui.gui.presenters.result_shelf import Kept
from ptygui.gui.presenters.run_presenter import RunView
from ptygui.gui.presenters.scan_presenter import ScanView
from ptygui.gui.presenters.training_screen import TrainingScreen


class ProgressView(Protocol):
    """The Progress tab."""

    def show_progress(self, progress: Progress) -> None:
        """Show how far a run is."""

    def show_outcome(self, words: str) -> None:
        """Say how a run ended."""

    def show_stages(self, stages: Sequence[StageResult]) -> None:
        """Show what each stage reached."""


class ProbeScreen(Protocol):
    """The Probe tab."""

    def show_probe(
        self, probe: NDArray[np.complex64], pixel_size_m: tuple[float, float] | None, origin: str
    ) -> None:
        """Show a probe, (modes, H, W), and say where it comes from."""

    def show_no_probe(self, reason: str) -> None:
        """Show none and say why."""


class Shell(Protocol):
    """The window around the panels, and access to each of them."""

    @property
    def scan_view(self) -> ScanView:
        """The scan card."""

    @property
    def follow_view(self) -> FollowView:
        """The part of the scan card that tells of changes of the file."""

    @property
    def generator_view(self) -> GeneratorView:
        """The generator card."""

    @property
    def device_view(self) -> DeviceView:
        """The device card."""

    @property
    def run_view(self) -> RunView:
        """The go card."""

    @property
    def refine_view(self) -> RefineView:
        """The part of the go card that says how to refine."""

    @property
    def object_view(self) -> ObjectScreen:
        """The Object tab."""

    @property
    def pattern_view(self) -> PatternScreen:
        """The Patterns tab."""

    @property
    def prepare_view(self) -> PrepareScreen:
        """The Prepare tab."""

    @property
    def probe_view(self) -> ProbeScreen:
        """The Probe tab."""

    @property
    def progress_view(self) -> ProgressView:
        """The Progress tab."""

    @property
    def curves_view(self) -> CurvesScreen:
        """The Curves tab."""

    @property
    def evidence_view(self) -> EvidenceScreen:
        """The tab 'How good?'."""

    @property
    def compare_view(self) -> CompareScreen:
        """The Compare tab."""

    @property
    def training_view(self) -> TrainingScreen:
        """The Training tab."""

    @property
    def recovery_view(self) -> RecoveryView:
        """The question above the picture."""

    def show_object_tab(self) -> None:
        """Bring the picture to the front."""

    def show_training_tab(self) -> None:
        """Bring the trainings to the front."""

    def show_curves_tab(self, shown: bool) -> None:
        """Bring the curves to the front, or what was there before them."""

    def show_complaint(self, complaint: Complaint) -> None:
        """Say in place what went wrong."""

    def hide_complaint(self) -> None:
        """Take it back: something new begins."""

    def write_log(self, text: str, level: NoticeLevel) -> None:
        """Add a line to the log."""

    def show_activity(self, words: str) -> None:
        """Say what is true now, in the status line."""

    def show_device(self, words: str) -> None:
        """Say in the status line where is, or would be, computed."""

    def show_running(self, running: bool) -> None:
        """Allow or forbid what must not happen during a run."""

    def show_results(self, kept: Sequence[Kept], shown: Reconstruction | None) -> None:
        """List the results of this session."""
