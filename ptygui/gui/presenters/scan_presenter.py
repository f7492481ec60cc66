"""Opening a scan, interpreting it as the user wishes, and saying what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from ptygui.core.errors import IncompleteScanError
from ptygui.core.preparation import Preparation
from ptygui.core.raw import RawScan
from ptygui.core.remembered import Recalled
from ptygui.core.scan import Scan
from ptygui.gui.presenters.backend import Backend
from ptygui.gui.presenters.complaints import Complain
from ptygui.gui.presenters.memory import Memory
from ptygui.gui.presenters.reading_rows import ReadingRow, lacking_rows
from ptygui.gui.presenters.remembered_words import in_use
from ptygui.gui.presenters.rows import Row
from ptygui.gui.presenters.runner import Runner
from ptygui.gui.presenters.scan_rows import scan_rows
from ptygui.gui.widgets.numbers import grouped

if TYPE_CHECKING:
    from ptygui.io.reach import Reach, Sight

_REMEMBERED_TIP = "How the file is read, and its steps, were taken from there; see the Prepare tab"

Outcome = Literal["opened", "again", "changed", "refused"]
"""again: the same file was read once more, prepared as before."""


@dataclass(frozen=True)
class Lack:
    """What a file does not tell, and what can be done about it."""

    sentence: str
    rows: Sequence[ReadingRow]
    """What can be typed or chosen."""
    first_of_both: str
    """What the button says that takes as many patterns as have positions; empty: it is of no use."""
    positions_file: bool
    """Whether a file with the positions is wanted."""


class ScanView(Protocol):
    """The scan card."""

    def show_loading(self, name: str) -> None:
        """Say that a file is being opened."""

    def show_scan(self, name: str, rows: Sequence[Row]) -> None:
        """Show what is known of the open scan."""

    def show_lack(self, name: str, lack: Lack) -> None:
        """Ask for what a file does not tell."""

    def show_no_scan(self) -> None:
        """Invite to open one."""

    def show_recent(self, paths: Sequence[Path]) -> None:
        """Offer the files opened lately, newest first."""


@dataclass(frozen=True, eq=False)
class Opened:
    """A file, how it is prepared, and the scan that it is then; or what it lacks to be one."""

    path: Path
    raw: RawScan
    preparation: Preparation
    scan: Scan | None = None
    lacks: IncompleteScanError | None = None
    fingerprint: str = ""
    rows: Sequence[Row] = ()
    reach: Reach | None = None
    sight: Sight = field(default_factory=dict)
    """What its files looked like before they were read."""
    recalled: Recalled | None = None
    """As what it was opened where nobody said how; None: somebody did."""


class ScanPresenter:
    """Decides what the scan card shows; owns the open scan.

    What is at hand stays until something new is there: another file, or the same one prepared otherwise.
    """

    def __init__(
        self,
        view: ScanView,
        runner: Runner,
        backend: Backend,
        memory: Memory,
        on_scan: Callable[[Scan], None],
        complain: Complain,
        on_told: Callable[[], None] = lambda: None,
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._view, self._runner, self._backend, self._memory = view, runner, backend, memory
        self._on_scan, self._complain, self._on_told, self._note = on_scan, complain, on_told, note
        self._opened: Opened | None = None
        self._pending: Opened | None = None
        self.opening = False
        self.outcome: Outcome = "opened"
        """What became of what was tried last."""
        self.goes_on = False
        """Whether the scan at hand is the one before it, read once more."""
        self._opening_file = False
        view.show_no_scan()
        view.show_recent(memory.recent_scans)

    @property
    def scan(self) -> Scan | None:
        """The open scan."""
        return None if self._opened is None else self._opened.scan

    @property
    def fingerprint(self) -> str:
        """What the open scan is known again by."""
        return "" if self._opened is None else self._opened.fingerprint

    @property
    def lacking(self) -> bool:
        """Whether something must be told of a file before it can be used."""
        return self._pending is not None

    @property
    def latest(self) -> Opened | None:
        """What the user works on: the file that lacks something, else the open scan."""
        return self._pending or self._opened

    def open(self, path: Path, preparation: Preparation | None = None) -> None:
        """Open a file; the scan at hand stays until the new one is there.

        Without a preparation it is opened as remembered for such files, else as it says.
        """
        self._begin(path.name)
        self._opening_file = True  # which no change of the scan at hand takes the place of
        self._call(partial(self._read, path, preparation), self._accept_new)

    def change(self, preparation: Preparation) -> None:
        """Prepare the file at hand otherwise; the scan at hand stays until the new one is there."""
        latest = self.latest
        if latest is not None and not self._opening_file:
            self._begin(latest.raw.name)
            self._call(partial(self._prepare, latest, preparation), self._accept_change)

    def reload(self) -> None:
        """Open the file again, because it may have grown, and prepare it as before."""
        latest = self.latest
        if latest is not None:
            self._begin(latest.raw.name)
            self._opening_file = True
            read = partial(self._read, latest.path, latest.preparation, latest)
            self._call(read, partial(self._accept_again, latest.raw.frames.shape[0]))

    def follow(self, wanted: Callable[[], bool], on_left: Callable[[Exception | None], None]) -> None:
        """Open the file again without a word; a change of the user's takes the place of that.

        The scan at hand is left as it is if the file cannot be read now, or lacks something, or if that is
        not `wanted` any more once it has been read; `on_left` is told why, None in the last case.
        """
        latest = self.latest
        if latest is None:
            return
        self.opening = True

        def leave(error: Exception | None) -> None:
            self.opening = False
            on_left(error)

        def accept(opened: Opened) -> None:
            if not wanted():
                leave(None)
            elif opened.lacks is not None and latest.lacks is None:
                leave(opened.lacks)
            else:
                self.outcome = "again"
                self._accept(opened)

        read = partial(self._read, latest.path, latest.preparation, latest)
        self._runner.call("scan", read, accept, leave)

    def never_mind(self) -> None:
        """Let go of a file that lacks something; the scan at hand is still there."""
        self._pending, self.outcome = None, "refused"
        self._show()
        self._on_told()

    def _begin(self, name: str) -> None:
        self.opening = True
        self._view.show_loading(name)

    def _call(self, work: Callable[[], Opened], then: Callable[[Opened], None]) -> None:
        self._runner.call("scan", work, then, self._refuse)

    def _read(self, path: Path, preparation: Preparation | None, former: Opened | None = None) -> Opened:
        """Read a file; what it looks like is seen before, so that no change is missed meanwhile."""
        sight = self._backend.look(path, None if former is None else former.reach)
        raw = self._backend.open_raw(path, None if preparation is None else preparation.mapping)
        reach = self._backend.reach_of(path, raw)
        opened = Opened(path, raw, preparation or Preparation(), reach=reach, sight=sight)
        if preparation is not None:
            recalled_before = None if former is None else former.recalled
            return self._prepare(replace(opened, recalled=recalled_before), preparation)
        recalled = self._backend.remembered.recall(raw)
        return self._made(replace(opened, recalled=recalled), recalled.preparation, recalled.whole)

    def _prepare(self, opened: Opened, preparation: Preparation) -> Opened:
        """Return what was opened, prepared otherwise."""
        return self._made(opened, preparation, partial(self._backend.prepare, opened.raw, preparation))

    def _made(self, opened: Opened, preparation: Preparation, make: Callable[[], Scan]) -> Opened:
        reach = self._backend.reach_with(opened.reach, opened.raw, preparation)
        now = self._backend.look(opened.path, reach)
        sight = {name: opened.sight.get(name, stamp) for name, stamp in now.items()}
        made = Opened(
            opened.path, opened.raw, preparation, reach=reach, sight=sight, recalled=opened.recalled
        )
        try:
            scan = make()
        except IncompleteScanError as error:
            return replace(made, lacks=error)
        rows = scan_rows(self._backend.scan_facts(scan))
        return replace(made, scan=scan, fingerprint=self._backend.scan_fingerprint(scan), rows=rows)

    def _accept_change(self, opened: Opened) -> None:
        self.outcome = "changed"
        self._accept(opened)

    def _accept_new(self, opened: Opened) -> None:
        self.outcome = "opened"
        if opened.scan is not None:
            self._note(f"Opened {opened.scan.metadata.path or opened.scan.metadata.name}")
        for sentence in () if opened.recalled is None else opened.recalled.sentences:
            self._note(sentence)
        self._accept(opened)

    def _accept_again(self, before: int, opened: Opened) -> None:
        self.outcome = "again"
        now = opened.raw.frames.shape[0]
        came = f"{grouped(now - before)} patterns came" if now > before else "no new patterns"
        if now < before:
            came = f"{grouped(before - now)} patterns are gone"
        self._note(f"Read {opened.path} again: {came}, {grouped(now)} in all.")
        self._accept(opened)

    def _accept(self, opened: Opened) -> None:
        self.opening = self._opening_file = False
        if opened.scan is None:
            self._pending = opened
            self._show()
            self._on_told()
            return
        before = self._opened
        self.goes_on = self.outcome == "again" and before is not None and before.path == opened.path
        self._opened, self._pending = opened, None
        if self._memory.recent_scans[:1] != [opened.path]:
            self._memory.add_recent_scan(opened.path)
            self._view.show_recent(self._memory.recent_scans)
        self._show()
        self._on_scan(opened.scan)
        self._on_told()

    def _refuse(self, error: Exception) -> None:
        self.outcome = "refused"
        self.opening = self._opening_file = False
        self._show()
        self._complain(error)
        self._on_told()

    def _show(self) -> None:
        if self._pending is not None:
            self._view.show_lack(self._pending.raw.name, _lack(self._pending))
        elif self._opened is None or self._opened.scan is None:
            self._view.show_no_scan()
        else:
            self._view.show_scan(self._opened.scan.metadata.name, _card_rows(self._opened))


def _card_rows(opened: Opened) -> Sequence[Row]:
    """Say besides what is known that something remembered decided about it."""
    remembered = None if opened.recalled is None else opened.recalled.remembered
    if remembered is None or not in_use(remembered, opened.preparation):
        return opened.rows
    return [*opened.rows, ("opened", f"as remembered for “{remembered.name}”", _REMEMBERED_TIP, False)]


def _lack(pending: Opened) -> Lack:
    assert pending.lacks is not None  # held by the caller
    raw, lacks = pending.raw, pending.lacks.lacks
    return Lack(
        str(pending.lacks),
        lacking_rows(raw, pending.preparation.reading, lacks),
        _first_of_both(pending) if "mismatch" in lacks else "",
        "positions_file" in lacks or "mismatch" in lacks,
    )


def _first_of_both(pending: Opened) -> str:
    raw, apart = pending.raw, pending.preparation.reading.positions_file
    if raw.positions is None or apart is not None:  # how many a file of their own has, the sentence says
        return "Use the first of both"
    return f"Use the first {grouped(min(raw.frames.shape[0], len(raw.positions)))} of both"
