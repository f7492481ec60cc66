"""Remembering how a scan is prepared for the next files of its kind, and forgetting it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from ptygui.core.preparation import Preparation
from ptygui.core.raw import RawScan
from ptygui.core.remembered import Kind, Recalled, Remembered, divided, proposed_name
from ptygui.core.scan import PositionUnit
from ptygui.gui.presenters.complaints import complaint_of
from ptygui.gui.presenters.remembered_words import lines_of
from ptygui.gui.presenters.runner import Runner

if TYPE_CHECKING:
    from ptygui.io.remembered import AllRemembered

T = TypeVar("T")
Level = Literal["info", "warning", "error"]
NOTHING = "Nothing is chosen that other scans could share: say how the file is read, or add a step, first."


class RememberedBackend(Protocol):
    """What is asked of the rest of ptygui; gui.remembered_backend fulfils it."""

    def recall(self, raw: RawScan) -> Recalled:
        """Prepare a file of which nobody said how, as remembered or as it says; raises ScanError."""
        ...

    def list_remembered(self) -> AllRemembered:
        """List all; never raises."""
        ...

    def remember(self, remembered: Remembered, overwrite: bool) -> Path:
        """Keep something; raises PresetExistsError, PresetError."""
        ...

    def forget(self, path: Path) -> None:
        """Delete its file; raises PresetError."""
        ...


class RememberView(Protocol):
    """The dialog."""

    def show_parts(self, kind: str, kept: Sequence[str], left: Sequence[str]) -> None:
        """Say for which files what is kept, and what is not because it is of one scan."""

    def show_name(self, name: str) -> None:
        """Propose a name."""

    def show_remembered(self, rows: Sequence[str], faults: str) -> None:
        """List what is remembered, and say what is wrong with other files."""

    def show_state(self, level: Level, words: str) -> None:
        """Say what would be replaced, or why it is impossible; empty for nothing."""

    def allow_remember(self, allowed: bool, button: str) -> None:
        """Enable the button that does it, and say what it does."""

    def leave(self) -> None:
        """Close."""


@dataclass(frozen=True)
class ToRemember:
    """What the user wants to be remembered, and for which files."""

    kind: Kind
    preparation: Preparation
    unit: PositionUnit


class RememberPresenter:
    """Decides about one dialog.

    Parameters
    ----------
    view : RememberView
    runner : Runner
    backend : RememberedBackend
    what : ToRemember
    on_kept, on_forgotten : callable
        Told what is remembered now, and what is remembered no more.
    """

    def __init__(
        self,
        view: RememberView,
        runner: Runner,
        backend: RememberedBackend,
        what: ToRemember,
        on_kept: Callable[[Remembered], None],
        on_forgotten: Callable[[Remembered], None],
    ) -> None:
        self._view, self._runner, self._backend, self._what = view, runner, backend, what
        self._on_kept, self._on_forgotten = on_kept, on_forgotten
        self._all: AllRemembered | None = None
        self._name = ""
        self._closed = False
        kept, left = divided(what.preparation, what.kind.origin)
        self._anything = kept != Preparation()
        view.show_parts(what.kind.words, lines_of(kept, what.unit), lines_of(left, what.unit))
        view.allow_remember(False, "Remember")
        self._call(backend.list_remembered, self._show_first)

    def close(self) -> None:
        """Answer nothing any more: the dialog is gone."""
        self._closed = True

    def rename(self, name: str) -> None:
        """Take another name."""
        self._name = name.strip()
        self._judge()

    def remember(self) -> None:
        """Do it; what the dialog says will be replaced is replaced."""
        remembered = Remembered.of(self._what.preparation, self._name, self._what.kind)
        work = partial(self._backend.remember, remembered, bool(self._in_the_way()))
        self._call(work, lambda _: self._leave(remembered))

    def forget(self, index: int) -> None:
        """Forget one of the list."""
        assert self._all is not None  # there is a list to choose from
        gone = self._all.kept[index]

        def relist(_: None) -> None:
            self._on_forgotten(gone.remembered)
            self._call(self._backend.list_remembered, self._show)

        self._call(partial(self._backend.forget, gone.path), relist)

    def _leave(self, remembered: Remembered) -> None:
        self._on_kept(remembered)
        self._view.leave()

    def _show_first(self, known: AllRemembered) -> None:
        former = known.find(self._what.kind)
        taken = [kept.remembered.name for kept in known.kept]
        self._name = proposed_name(self._what.kind, taken) if former is None else former.name
        self._view.show_name(self._name)
        self._show(known)

    def _show(self, known: AllRemembered) -> None:
        self._all = known
        rows = [f"{kept.remembered.name}: {kept.remembered.kind.words}" for kept in known.kept]
        self._view.show_remembered(rows, " ".join(known.faults))
        self._judge()

    def _judge(self) -> None:
        former = self._in_the_way()
        self._view.allow_remember(self._anything and bool(self._name), "Replace" if former else "Remember")
        if not self._anything:
            self._view.show_state("info", NOTHING)
        elif former:
            names = " and ".join(f"“{name}” for {words}" for name, words in former)
            self._view.show_state("warning", f"Replaces what is remembered as {names}.")
        else:
            self._view.show_state("info", "")

    def _in_the_way(self) -> list[tuple[str, str]]:
        if self._all is None or not self._anything:
            return []
        former = self._all.in_the_way(self._name, self._what.kind)
        return [(kept.remembered.name, kept.remembered.kind.words) for kept in former]

    def _call(self, work: Callable[[], T], then: Callable[[T], None]) -> None:
        def answer(result: T) -> None:
            if not self._closed:
                then(result)

        self._runner.call("remembered", work, answer, self._fail, latest_only=False)

    def _fail(self, error: Exception) -> None:
        if not self._closed:
            self._view.show_state("error", complaint_of(error).text)
