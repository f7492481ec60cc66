"""The results of this session: which is on the screen, which picture of it, and what is not exported yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np

from ptygui.core.events import Preview, Reconstruction
from ptygui.core.scan import Scan
from ptygui.gui.presenters.memory import Memory
from ptygui.gui.presenters.object_presenter import ObjectPresenter
from ptygui.gui.presenters.result_shelf import Kept, ResultShelf
from ptygui.gui.presenters.shell import Shell

_NONE_SEEN = np.zeros(0, np.intp)


class ResultsPresenter:
    """Decides what the tabs and the list of results show."""

    def __init__(self, shell: Shell, memory: Memory, clock: Callable[[], datetime]) -> None:
        self._shell, self._memory, self._clock = shell, memory, clock
        self.shelf = ResultShelf()
        self.shown: Reconstruction | None = None
        self.object = ObjectPresenter(shell.object_view)
        self.object.clear("Open a scan, choose a generator, press Reconstruct.")
        shell.probe_view.show_no_probe("No probe yet: open a scan.")

    def scan_opened(self, scan: Scan) -> None:
        """Make room for what will be made of another scan; older results stay on the shelf."""
        self.shown = None
        self._list()
        self.object.clear("Not reconstructed yet.")
        self._shell.progress_view.show_stages(())
        if scan.probe is None:
            self._shell.probe_view.show_no_probe("The file has no probe: the generator's own one is used.")
        else:
            pixel = scan.metadata.pixel_size_m
            self._shell.probe_view.show_probe(scan.probe, pixel, "probe of the scan file")

    def run_started(self, scan: Scan) -> None:
        """Make room for the pictures of a run."""
        self.object.expect("The first patterns are on their way…", scan.positions_px)
        self._shell.pattern_view.show_seen(_NONE_SEEN)
        self._shell.progress_view.show_stages(())

    def run_without_result(self, why: str) -> None:
        """Show again what was there before the run, or say why there is nothing."""
        self._shell.pattern_view.show_seen(_NONE_SEEN)
        if self.shown is None:
            self.object.clear(why)
        else:
            self.show(self.shown)

    def show_preview(self, preview: Preview) -> None:
        """Show the picture so far, and which patterns are in it."""
        self.object.show_preview(preview)
        if preview.seen is not None:
            self._shell.pattern_view.show_seen(preview.seen)

    def add(self, result: Reconstruction) -> None:
        """Keep a new result and show it."""
        for gone in self.shelf.add(result, self._clock()):
            self._shell.write_log(f"Let go of an old result to save memory: {gone.label}", "warning")
        self.show(result)

    def choose(self, kept: Kept) -> None:
        """Show an earlier result again."""
        self._shell.pattern_view.show_seen(_NONE_SEEN)  # it may be of another scan
        self.show(kept.result)

    def show(self, result: Reconstruction) -> None:
        """Put a result on the screen."""
        self.shown = result
        self.object.show_result(result)
        self._shell.progress_view.show_stages(result.stages)
        pixel = result.best.image.pixel_size_m
        self._shell.probe_view.show_probe(result.best.probe, pixel, "probe as used in the reconstruction")
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

    def _list(self) -> None:
        self._shell.show_results(self.shelf.kept, self.shown)
