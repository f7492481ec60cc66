"""Opening an HDF5 file by hand: what is in it, what is meant by it, and what comes of that."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Map
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

import msgspec
import numpy as np

from ptygui.core.errors import IncompleteScanError, PresetExistsError, ScanError
from ptygui.core.mapping import Mapping
from ptygui.core.preparation import Preparation
from ptygui.core.raw import RawScan
from ptygui.core.scan import Scan
from ptygui.gui.presenters.complaints import complaint_of
from ptygui.gui.presenters.hdf5_rows import WORDS, PlaceText, Role, mapping_of, rows_of
from ptygui.gui.presenters.runner import Runner
from ptygui.gui.widgets import numbers

if TYPE_CHECKING:
    from ptygui.io.suggest import Draft
    from ptygui.io.tree import Listing, Preview

T = TypeVar("T")
Level = Literal["ok", "warning", "error", "info"]


class Hdf5Backend(Protocol):
    """What is asked of the rest of ptygui; gui.hdf5_backend fulfils it."""

    def hdf5_tree(self, path: Path, key: str) -> Listing:
        """List a group; raises ScanError."""
        ...

    def hdf5_preview(self, path: Path, key: str, frame: int | None) -> Preview:
        """Look at a dataset; raises ScanError."""
        ...

    def suggest_mapping(self, path: Path) -> Draft:
        """Guess where things are; raises ScanError."""
        ...

    def read_mapped(self, path: Path, mapping: Mapping) -> RawScan:
        """Read by a mapping; raises ScanError."""
        ...

    def prepare(self, raw: RawScan, preparation: Preparation) -> Scan:
        """Interpret; raises ScanError."""
        ...

    def save_preset(self, mapping: Mapping, overwrite: bool) -> Path:
        """Keep a mapping; raises PresetExistsError, PresetError."""
        ...


class Hdf5View(Protocol):
    """The HDF5 dialog."""

    def show_nodes(self, key: str, listing: Listing) -> None:
        """Show what is in a group."""

    def show_preview(self, key: str, preview: Preview) -> None:
        """Show what a dataset looks like."""

    def show_no_preview(self, words: str) -> None:
        """Say why there is nothing to be seen."""

    def show_rows(self, rows: Map[Role, PlaceText]) -> None:
        """Show what is meant by what."""

    def show_also(self, words: str) -> None:
        """Say what else is used that no row shows."""

    def show_summary(self, level: Level, words: str, tip: str) -> None:
        """Say what comes of it."""

    def allow(self, can_open: bool) -> None:
        """Allow to open, and to keep it as a preset."""

    def show_saved(self, level: Level, words: str) -> None:
        """Say that the preset was kept, or why not."""

    def ask_replace(self, name: str) -> None:
        """Ask whether the preset of that name may be replaced; the answer comes as `save`."""

    def leave(self, path: Path, mapping: Mapping) -> None:
        """Hand the mapping on and close."""


@dataclass(frozen=True)
class _Outcome:
    level: Level
    words: str
    tip: str = ""
    can_open: bool = True


class Hdf5Presenter:
    """Decides about one file; every change is tried on it at once."""

    def __init__(self, view: Hdf5View, runner: Runner, backend: Hdf5Backend, path: Path) -> None:
        self._view, self._runner, self._backend, self._path = view, runner, backend, path
        self._base = Mapping(name=path.stem or "scan")
        self._rows: dict[Role, PlaceText] = {role: PlaceText() for role in WORDS}
        self._looked_at = ""
        self._closed = False

    def begin(self) -> None:
        """List the root, and guess."""
        self._view.allow(False)
        self._view.show_rows(self._rows)
        self._view.show_summary("info", "Looking for patterns and positions…", "")
        self.expand("/")
        self._call("hdf5 reading", partial(self._backend.suggest_mapping, self._path), self._take, self._fail)

    def close(self) -> None:
        """Answer nothing any more: the dialog is gone."""
        self._closed = True

    def expand(self, key: str) -> None:
        """List a group."""
        work = partial(self._backend.hdf5_tree, self._path, key)
        self._call("hdf5", work, partial(self._view.show_nodes, key), self._fail, latest_only=False)

    def look(self, key: str, frame: int | None = None) -> None:
        """Look at a dataset."""
        self._looked_at = key
        work = partial(self._backend.hdf5_preview, self._path, key, frame)
        show = partial(self._view.show_preview, key)
        self._call("hdf5 preview", work, show, lambda error: self._view.show_no_preview(str(error)))

    def look_at_frame(self, frame: int) -> None:
        """Look at another frame of what is looked at."""
        if self._looked_at:
            self.look(self._looked_at, frame)

    def use(self, role: Role, key: str) -> None:
        """Take a node for something; what the guess said of it is forgotten."""
        self._rows[role] = PlaceText(key=key, bad=self._rows[role].bad)
        self._show_and_try()

    def edit(self, role: Role, row: PlaceText) -> None:
        """Take what the user wrote into a row."""
        if replace(row, reason="") == replace(self._rows[role], reason=""):
            return
        self._rows[role] = replace(row, reason="")
        self._show_and_try()

    def open(self) -> None:
        """Hand the mapping on."""
        mapping = self._mapping()
        if mapping is not None:
            self._view.leave(self._path, mapping)

    def save(self, name: str, *, overwrite: bool = False) -> None:
        """Keep the mapping as a preset."""
        mapping = self._mapping()
        if mapping is None or not name.strip():
            return
        named = msgspec.structs.replace(mapping, name=name.strip())
        work = partial(self._backend.save_preset, named, overwrite)
        self._call("hdf5", work, self._tell_saved, partial(self._tell_unsaved, named.name))

    @property
    def proposed_name(self) -> str:
        """What a preset may be called."""
        return self._base.name

    def _take(self, draft: Draft) -> None:
        self._base = draft.mapping
        untouched = {role for role, row in self._rows.items() if row == PlaceText()}
        self._rows |= {role: row for role, row in rows_of(draft).items() if role in untouched}
        self._view.show_also(_also(draft.mapping))
        self._show_and_try()

    def _show_and_try(self) -> None:
        self._view.show_rows(self._rows)
        mapping = self._mapping()
        if mapping is not None:
            self._call("hdf5 reading", partial(self._try, mapping), self._show_outcome, self._fail)

    def _mapping(self) -> Mapping | None:
        try:
            return mapping_of(self._base, self._rows)
        except ScanError as error:
            self._show_outcome(_Outcome("error", str(error), can_open=False))
            return None

    def _try(self, mapping: Mapping) -> _Outcome:
        """Read and interpret, off the main thread."""
        raw = self._backend.read_mapped(self._path, mapping)
        try:
            return _success(self._backend.prepare(raw, Preparation()))
        except IncompleteScanError as error:
            n, height, width = raw.frames.shape
            found = f"{numbers.grouped(n)} patterns of {height} × {width}. "
            tip = "It can be opened: the scan's card asks for the rest."
            return _Outcome("warning", found + str(error), tip)

    def _show_outcome(self, outcome: _Outcome) -> None:
        self._view.show_summary(outcome.level, outcome.words, outcome.tip)
        self._view.allow(outcome.can_open)

    def _fail(self, error: Exception) -> None:
        complaint = complaint_of(error)
        self._show_outcome(_Outcome("error", complaint.text, complaint.details or "", can_open=False))

    def _tell_saved(self, path: Path) -> None:
        self._view.show_saved("ok", f"Kept as {path.stem}: files like this one open by themselves now.")

    def _tell_unsaved(self, name: str, error: Exception) -> None:
        if isinstance(error, PresetExistsError):
            self._view.ask_replace(name)
            return
        self._view.show_saved("error", complaint_of(error).text)

    def _call(
        self,
        lane: str,
        work: Callable[[], T],
        then: Callable[[T], None],
        fail: Callable[[Exception], None],
        *,
        latest_only: bool = True,
    ) -> None:
        """Have work done; nothing is answered once the dialog is gone."""
        self._runner.call(
            lane, work, partial(self._answer, then), partial(self._answer, fail), latest_only=latest_only
        )

    def _answer(self, tell: Callable[[T], None], found: T) -> None:
        if not self._closed:
            tell(found)


def _success(scan: Scan) -> _Outcome:
    """Say in words what a scan is."""
    height, width = scan.pattern_shape
    parts = [f"{numbers.grouped(len(scan))} patterns of {height} × {width}", _extent(scan)]
    meta = scan.metadata
    if meta.energy_ev is not None:
        parts.append(numbers.quantity(meta.energy_ev, "eV", 4))
    if meta.distance_m is not None:
        parts.append(f"{numbers.quantity(meta.distance_m, 'm')} to the detector")
    if meta.pixel_size_m is not None:
        parts.append(f"object pixel {numbers.quantity(meta.pixel_size_m[0], 'm')}")
    if scan.bad_pixels is not None:
        parts.append(f"{numbers.grouped(int(scan.bad_pixels.sum()))} bad pixels")
    guesses = [f"{guess.what}: {guess.value} ({guess.why})" for guess in meta.guesses]
    words = ", ".join(parts) + "."
    if meta.notes:
        return _Outcome("warning", f"{words} {' '.join(meta.notes)}", "\n".join(guesses))
    return _Outcome("ok", words, "\n".join(guesses))


def _extent(scan: Scan) -> str:
    height, width = np.ptp(scan.positions.values, axis=0)
    if scan.positions.unit == "px":
        return f"positions {numbers.grouped(height)} × {numbers.grouped(width)} object pixels"
    return f"positions {numbers.quantity(height, 'm')} × {numbers.quantity(width, 'm')}"


def _also(mapping: Mapping) -> str:
    """Name what is used besides."""
    besides = {
        "wavelength": mapping.wavelength if mapping.energy is None else None,
        "beam centre": mapping.centre_row if mapping.centre_col is not None else None,
    }
    found = [f"{what} ({place.keys[0]})" for what, place in besides.items() if place is not None]
    last = "patterns along the last axis" if mapping.patterns.frames_last else ""
    said = ", ".join([*found, *([last] if last else [])])
    return f"Also found: {said}." if said else ""
