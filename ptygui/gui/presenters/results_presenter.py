"""The results of this session: which is on the screen, which picture of it, and what is not exported yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ptygui.core.events import Preview, Reconstruction, Stage, StageResult
from ptygui.core.scan import Scan
from ptygui.gui.presenters.memory import Memory
from ptygui.gui.presenters.object_presenter import ObjectPresenter
from ptygui.gui.presenters.result_shelf import Kept, ResultShelf, is_made_of
from ptygui.gui.presenters.run_job import Job
from ptygui.gui.presenters.shell import Shell

_NONE_SEEN = np.zeros(0, np.intp)


class ResultsPresenter:
    """Decides what the tabs and the list of results show."""

    def __init__(
        self,
        shell: Shell,
        memory: Memory,
        clock: Callable[[], datetime],
        on_stage: Callable[[StageResult | None], None],
    ) -> None:
        self._shell, self._memory, self._clock, self._on_stage = shell, memory, clock, on_stage
        self._scan: Scan | None = None
        self._fingerprint = ""
        self.shelf = ResultShelf()
        self.shown: Reconstruction | None = None
        self.object = ObjectPresenter(shell.object_view, self._stage_shown)
        self._stage_before: Stage | None = None
        self._start: StageResult | None = None
        self._repeats = False
        self._outgrown: Reconstruction | None = None
        """What was on the screen when its scan had grown."""
        self._seen: NDArray[np.intp] = _NONE_SEEN
        self._seen_before = self._seen
        self.object.clear("Open a scan, choose a generator, press Reconstruct.")

    @property
    def start(self) -> StageResult | None:
        """What a refinement would begin with: the picture on the screen, if it is of the open scan."""
        return self.object.shown if self.shown is not None and self.is_of_scan(self.shown) else None

    def is_of_scan(self, result: Reconstruction) -> bool:
        """Tell whether a result was made of the open scan."""
        return self._scan is not None and is_made_of(result, self._scan, self._fingerprint)

    def scan_opened(self, scan: Scan, fingerprint: str) -> None:
        """Make room for what will be made of another scan; older results stay on the shelf.

        A result that was opened before its scan stays on the screen.
        """
        self._scan, self._fingerprint, self._seen = scan, fingerprint, _NONE_SEEN
        kept = self.shelf.find(self.shown)
        if kept is not None and kept.file_name and self.is_of_scan(kept.result):
            self.show(kept.result, self.object.stage)
            return
        self.shown = None
        self._list()
        self.object.clear("Not reconstructed yet.")
        self._shell.progress_view.show_stages(())

    def scan_read_again(self, scan: Scan, fingerprint: str) -> None:
        """Go on with the same scan, which may have grown: the picture stays, and says that it is older."""
        if self.shown is None:
            self.scan_opened(scan, fingerprint)
            return
        self._scan, self._fingerprint = scan, fingerprint
        of_its_file = self.shown.recipe.get("scan_path") == scan.metadata.path
        self._outgrown = self.shown if of_its_file and not self.is_of_scan(self.shown) else None
        self._mark_seen(self._seen[self._seen < len(scan)])
        self.show(self.shown, self.object.stage)

    def run_started(self, job: Job) -> None:
        """Make room for the pictures of a run; a refinement changes the one that is there."""
        self._stage_before, self._seen_before = self.object.stage, self._seen
        self._start, self._repeats = self.start if job.refines else None, job.repeats
        if job.refines:
            self.object.expect_refining(job.scan.positions_px)
            return
        if job.repeats:
            self.object.expect_again(job.scan.positions_px)
            return
        self.object.expect("The first patterns are on their way…", job.scan.positions_px)
        self._mark_seen(_NONE_SEEN)
        self._shell.progress_view.show_stages(())

    def run_without_result(self, why: str) -> None:
        """Show again what was there before the run, or say why there is nothing."""
        self._mark_seen(self._seen_before)
        if self.shown is None:
            self.object.clear(why)
        else:
            self.show(self.shown, self._stage_before)

    def show_preview(self, preview: Preview) -> None:
        """Show the picture so far, and which patterns are in it."""
        self.object.show_preview(preview)
        if preview.seen is not None:
            self._mark_seen(preview.seen)
        if preview.probe is not None:
            pixel = preview.image.pixel_size_m
            whole = (
                None if pixel is None else (pixel[0] / preview.image.stride, pixel[1] / preview.image.stride)
            )
            self._shell.probe_view.show_probe(preview.probe, whole, "probe as it stands in the refinement")

    def add(self, result: Reconstruction) -> None:
        """Keep a new result and show it."""
        self._keep(Kept(result, self._clock(), self._start, repeats=self._repeats))

    def add_opened(self, result: Reconstruction, name: str) -> None:
        """Keep a result that lies in a file, and show it."""
        self._mark_seen(_NONE_SEEN)
        self._keep(Kept(result, self._clock(), exported=True, file_name=name))

    def _keep(self, new: Kept) -> None:
        for gone in self.shelf.add(new):
            self._shell.write_log(f"Let go of an old result to save memory: {gone.label}", "warning")
        self.show(new.result)

    def choose(self, kept: Kept) -> None:
        """Show an earlier result again."""
        self._mark_seen(_NONE_SEEN)  # it may be of another scan
        self.show(kept.result)

    def show(self, result: Reconstruction, stage: Stage | None = None) -> None:
        """Put a result on the screen."""
        self.shown = result
        kept = self.shelf.find(result)
        name = result.scan_name if kept is None else kept.name
        older = ", before it was read again" if result is self._outgrown else ""
        self.object.show_result(result, stage, name + older)
        self._shell.progress_view.show_stages(result.stages)
        self._list()

    def exported(self, result: Reconstruction, paths: Sequence[Path]) -> None:
        """Remember that a result is safe on disk, and where."""
        self.shelf.mark_exported(result)
        if paths:
            self._memory.export_folder = paths[0].parent
        for path in paths:
            self._shell.write_log(f"Wrote {path}", "info")
        self._list()

    def closing_question(self) -> str | None:
        """Ask before results are lost; None if nothing would be."""
        lost = self.shelf.unexported
        if not lost:
            return None
        names = "\n".join(kept.title for kept in lost)
        return f"Not exported yet, and lost when ptygui closes:\n\n{names}"

    def _stage_shown(self, stage: StageResult | None) -> None:
        self._show_probe(stage)
        self._on_stage(stage)

    def _show_probe(self, stage: StageResult | None) -> None:
        view = self._shell.probe_view
        if stage is not None:
            origin = "probe as refined" if stage.stage == "refined" else "probe as used in the reconstruction"
            view.show_probe(stage.probe, stage.image.pixel_size_m, origin)
        elif self._scan is None:
            view.show_no_probe("No probe yet: open a scan.")
        elif self._scan.probe is None:
            view.show_no_probe("The file has no probe: the generator's own one is used.")
        else:
            view.show_probe(self._scan.probe, self._scan.metadata.pixel_size_m, "probe of the scan file")

    def _mark_seen(self, seen: NDArray[np.intp]) -> None:
        self._seen = seen
        self._shell.pattern_view.show_seen(seen)

    def _list(self) -> None:
        self._shell.show_results(self.shelf.kept, self.shown)
