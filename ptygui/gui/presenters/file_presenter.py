"""Opening files: what one is, and to whom it goes. A result brings its scan along."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from ptygui.core.errors import ScanError
from ptygui.core.preparation import Preparation, recorded_preparation
from ptygui.core.scan import Scan
from ptygui.gui.presenters.backend import Backend
from ptygui.gui.presenters.complaints import Complain
from ptygui.gui.presenters.generator_presenter import GeneratorPresenter
from ptygui.gui.presenters.results_presenter import ResultsPresenter
from ptygui.gui.presenters.runner import Runner
from ptygui.gui.presenters.scan_presenter import ScanPresenter
from ptygui.gui.presenters.shell import Shell
from ptygui.jobs.api import FileKind, ResultFile

T = TypeVar("T")


class FilePresenter:
    """Finds out what files are off the main thread; `on_change` is told when `busy` changed."""

    def __init__(
        self,
        shell: Shell,
        runner: Runner,
        backend: Backend,
        generator: GeneratorPresenter,
        scan: ScanPresenter,
        results: ResultsPresenter,
        on_change: Callable[[], None],
        complain: Complain,
    ) -> None:
        self._shell, self._runner, self._backend = shell, runner, backend
        self._generator, self._scan, self._results = generator, scan, results
        self._on_change, self._complain = on_change, complain
        self._underway = 0
        self._waiting: list[tuple[str, ResultFile]] = []
        """Results, and their names, that wait for the scan that is being opened."""

    @property
    def busy(self) -> bool:
        """Whether files are being looked at."""
        return self._underway > 0

    def open(self, path: Path) -> None:
        """Open a file as what it is."""
        self._ask(path.name, partial(self._backend.what_is, path), partial(self._hand_on, path))

    def open_result(self, path: Path, name: str = "") -> None:
        """Open a result, and its scan if it is not the open one; `name` names it, else its file does."""
        name = name or path.name
        self._ask(name, partial(self._backend.open_result, path), partial(self._take, name))

    def scan_settled(self) -> None:
        """Show the results that waited: their scan is there, or will not come."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._shell.show_object_tab()
        for name, opened in waiting:
            self._shell.write_log(f"Opened {opened.path}", "info")
            self._results.add_opened(opened.result, name)
            if not self._results.is_of_scan(opened.result):
                self._shell.write_log(how_to_refine(name, opened.result.recipe, self._scan.scan), "info")

    def _ask(self, name: str, work: Callable[[], T], then: Callable[[T], None]) -> None:
        self._underway += 1
        self._shell.show_activity(f"Opening {name}…")
        self._runner.call("file", work, partial(self._answer, then), self._refuse, latest_only=False)
        self._on_change()

    def _answer(self, then: Callable[[T], None], found: T) -> None:
        self._underway -= 1
        then(found)
        if not self.busy and not self._scan.opening:
            self._shell.show_activity("Ready")
        self._on_change()

    def _refuse(self, error: Exception) -> None:
        self._underway -= 1
        self._complain(error)
        self._on_change()

    def _hand_on(self, path: Path, kind: FileKind) -> None:
        if kind == "generator":
            self._generator.choose_path(path)
        elif kind == "result":
            self.open_result(path)
        else:
            self._scan.open(path)

    def _take(self, name: str, opened: ResultFile) -> None:
        self._waiting.append((name, opened))
        scan = self._scan.scan
        at_hand = scan is not None and scan.metadata.path == str(opened.scan_path)
        preparation = self._preparation(opened)
        prepared_alike = at_hand and scan is not None and scan.metadata.preparation == preparation
        known = opened.scan_path is not None and not self._results.is_of_scan(opened.result)
        if opened.scan_path is not None and known and not prepared_alike:
            self._scan.open(opened.scan_path, preparation)
        if not self._scan.opening:
            self.scan_settled()

    def _preparation(self, opened: ResultFile) -> Preparation:
        """Return how the scan of a result was prepared; if that is not understood, say so."""
        try:
            return recorded_preparation(opened.result.recipe)
        except ScanError as error:
            self._complain(error)
            return Preparation()


def how_to_refine(name: str, recipe: dict[str, object], scan: Scan | None) -> str:
    """Say what is to be done with a result that is not of the open scan, if there is one."""
    made_of = recipe.get("scan_path") or recipe.get("scan_name")
    if scan is not None and made_of is not None and made_of == scan.metadata.path:
        return f"{name} does not fit {made_of}, which has changed since: it is shown, but cannot be refined."
    return f"{name} is shown alone: open the scan {made_of or 'that it was made of'} to refine it."
