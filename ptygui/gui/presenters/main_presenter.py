"""Puts the presenters of the cards and panels together: who is told when something changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import PtyguiError
from ptygui.core.events import (
    DeviceUsed,
    Notice,
    NoticeLevel,
    Preview,
    Progress,
    Reconstruction,
    Stage,
    StageResult,
)
from ptygui.core.scan import Scan
from ptygui.gui.presenters.backend import Backend
from ptygui.gui.presenters.complaints import Complaint, complaint_of
from ptygui.gui.presenters.device_presenter import DevicePresenter, DeviceView
from ptygui.gui.presenters.export_presenter import ExportPresenter, ExportView
from ptygui.gui.presenters.generator_presenter import GeneratorPresenter, GeneratorView
from ptygui.gui.presenters.memory import Memory
from ptygui.gui.presenters.object_presenter import ObjectPresenter, ObjectScreen
from ptygui.gui.presenters.pattern_presenter import PatternPresenter, PatternScreen
from ptygui.gui.presenters.result_shelf import Kept, ResultShelf
from ptygui.gui.presenters.run_presenter import Choice, RunPresenter, RunState, RunView
from ptygui.gui.presenters.runner import Runner
from ptygui.gui.presenters.scan_presenter import ScanPresenter, ScanView


class MainPresenter:
    """The one object that knows all presenters (also the RunScreen)."""

    def __init__(
        self,
        shell: Shell,
        runner: Runner,
        backend: Backend,
        memory: Memory,
        clock: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._shell, self._runner, self._backend, self._memory = shell, runner, backend, memory
        self._clock = clock
        self.shelf = ResultShelf()
        self.result: Reconstruction | None = None
        self.object = ObjectPresenter(shell.object_view)
        self.patterns = PatternPresenter(shell.pattern_view, runner, self.complain)
        self.run = RunPresenter(shell.run_view, self, runner, backend, self.complain)
        self.generator = GeneratorPresenter(
            shell.generator_view, runner, backend, self._choice_changed, self.complain, self._warn
        )
        self.device = DevicePresenter(shell.device_view, runner, backend, self._choice_changed, self.complain)
        self.scan = ScanPresenter(shell.scan_view, runner, backend, memory, self._scan_opened, self.complain)
        self.object.clear("Open a scan, choose a generator, press Reconstruct.")
        shell.probe_view.show_no_probe("No probe yet: open a scan.")
        shell.show_activity("Ready")

    def begin(self) -> None:
        """Look for generators and devices."""
        self.generator.load(self._memory.last_generator)
        self.device.load(self._memory.last_device)

    def open_file(self, path: Path) -> None:
        """Open what was dropped or chosen: a bundle by its ending, anything else as a scan."""
        self._shell.hide_complaint()
        if self.run.state is not RunState.IDLE:
            self.complain(PtyguiError("A reconstruction is running: stop it before opening something else."))
        elif path.suffix == ".safetensors":
            self.generator.choose_path(path)
        else:
            self._shell.show_activity(f"Opening {path.name}…")
            self.scan.open(path)

    def start(self, polish_steps: int) -> None:
        """Reconstruct with what is chosen."""
        self._memory.polish_steps = polish_steps
        self.run.start(polish_steps)

    def choose_result(self, kept: Kept) -> None:
        """Show an earlier result of this session again."""
        self._show_result(kept.result)

    def export_presenter(self, view: ExportView) -> ExportPresenter | None:
        """Make the presenter of an export of the result on the screen, None if there is none."""
        if self.result is None:
            return None
        result = self.result
        return ExportPresenter(
            view, self._runner, self._backend, result, lambda paths: self._exported(result, paths)
        )

    def closing_question(self) -> str | None:
        """Ask before results are lost; None if nothing would be."""
        lost = self.shelf.unexported
        if not lost:
            return None
        names = "\n".join(kept.label for kept in lost)
        return f"Not exported yet, and lost when ptygui closes:\n\n{names}"

    def complain(self, error: BaseException) -> None:
        """Say in place what went wrong, and in the log."""
        complaint = complaint_of(error)
        self._shell.show_complaint(complaint)
        self._shell.write_log(complaint.text, "error")
        if self.run.state is RunState.IDLE:
            self._shell.show_activity("Ready")

    def _warn(self, sentence: str) -> None:
        self._shell.write_log(sentence, "warning")

    # What the cards tell.

    def _scan_opened(self, scan: Scan) -> None:
        self._shell.show_activity("Ready")
        self._shell.write_log(f"Opened {scan.metadata.path or scan.metadata.name}", "info")
        for note in scan.metadata.notes:
            self._shell.write_log(note, "info")
        self.result = None
        self._list_results()
        self.object.clear("Not reconstructed yet.")
        self._shell.progress_view.show_stages(())
        self._shell.progress_view.show_outcome("Nothing is running.", full=False)
        self._show_probe(scan)
        self.patterns.set_scan(scan)
        self.generator.set_scan(scan)

    def _show_probe(self, scan: Scan) -> None:
        if scan.probe is None:
            self._shell.probe_view.show_no_probe("The file has no probe: the generator's own one is used.")
        else:
            self._shell.probe_view.show_probe(
                scan.probe, scan.metadata.pixel_size_m, "probe of the scan file"
            )

    def _choice_changed(self) -> None:
        entry, device = self.generator.entry, self.device.device
        if entry is not None:
            self._memory.last_generator = entry.path
        if device is not None:
            self._memory.last_device = device.id
        self.run.set_choice(
            Choice(
                self.scan.scan,
                entry.path if entry else None,
                device.id if device else None,
                self._missing(),
            )
        )

    def _missing(self) -> str | None:
        if self.scan.scan is None:
            return "open a scan"
        if self.generator.entry is None:
            return "choose a generator"
        if not self.generator.fits:
            return "choose a generator that fits this scan"
        if self.device.device is None:
            return "wait for the devices" if self.device.searching else "choose a device"
        return None

    # What the run tells (RunScreen).

    def run_started(self, scan: Scan) -> None:
        """Prepare for a new run."""
        self._shell.hide_complaint()
        self._shell.show_running(True)
        self._shell.progress_view.show_stages(())
        self.object.clear("The first patterns are on their way…")
        device = self.device.device
        self._shell.show_activity(f"Reconstructing {scan.metadata.name}")
        self._shell.write_log(
            f"Reconstructing {scan.metadata.name} on {device.id if device else 'an unknown device'}", "info"
        )

    def show_progress(self, progress: Progress) -> None:
        """Show how far it is."""
        self._shell.progress_view.show_progress(progress)

    def show_preview(self, preview: Preview) -> None:
        """Show the picture so far."""
        self.object.show_preview(preview)

    def show_notice(self, notice: Notice) -> None:
        """Write a sentence into the log."""
        self._shell.write_log(notice.text, notice.level)

    def show_device_used(self, used: DeviceUsed) -> None:
        """Show where tensors really are."""
        self.device.show_used(used.text)
        self._shell.write_log(f"Computing on {used.text}", "info")

    def show_result(self, result: Reconstruction, stopped_early: bool) -> None:
        """Keep the finished result and show it."""
        for gone in self.shelf.add(result, self._clock()):
            self._shell.write_log(f"Let go of an old result to save memory: {gone.label}", "warning")
        self._show_result(result)

    def run_ended(self, outcome: str) -> None:
        """Say how the run ended."""
        self._shell.show_running(False)
        self._shell.show_activity(f"Ready · last run {outcome}")
        self._shell.progress_view.show_outcome(f"Last run: {outcome}.", full=outcome == "done")
        self._shell.write_log(f"Run {outcome}", "info")
        self._restore_picture(outcome)
        self.device.refresh()

    def _restore_picture(self, outcome: str) -> None:
        """After a run without a result, show again what was there before."""
        if outcome in ("cancelled", "failed"):
            if self.result is not None:
                self._show_result(self.result)
            else:
                self.object.clear(f"The last run was {outcome}." if outcome == "cancelled" else "No result.")

    def _show_result(self, result: Reconstruction) -> None:
        self.result = result
        self.object.show_result(result)
        self._shell.progress_view.show_stages(result.stages)
        self._shell.probe_view.show_probe(
            result.probe, result.best.image.pixel_size_m, "probe as used in the reconstruction"
        )
        self._list_results()

    def choose_stage(self, stage: Stage) -> None:
        """Show the raw or the polished picture."""
        self.object.choose(stage)

    def _exported(self, result: Reconstruction, paths: Sequence[Path]) -> None:
        self.shelf.mark_exported(result)
        if paths:
            self._memory.export_folder = paths[0].parent
        for path in paths:
            self._shell.write_log(f"Wrote {path}", "info")
        self._list_results()

    def _list_results(self) -> None:
        self._shell.show_results(self.shelf.kept, self.result)
