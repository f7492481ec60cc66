"""Which picture of a run is shown: the newest, unless the user wants to see an earlier one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from ptygui.core.scan import ObjectImage
from ptygui.gui.presenters.runner import Runner

ReadPreview = Callable[[Path], ObjectImage]
ShowPreview = Callable[[Path, ObjectImage], None]


class PreviewFollower:
    """Reads pictures off the main thread; `show` is given each that is wanted."""

    def __init__(self, runner: Runner, read: ReadPreview, show: ShowPreview) -> None:
        self._runner, self._read, self._show = runner, read, show
        self._files: Sequence[Path] = ()
        self._pinned: Path | None = None
        self._shown: Path | None = None

    @property
    def index(self) -> int:
        """Which of the pictures is wanted; −1 if there is none."""
        if self._pinned in self._files:
            return self._files.index(self._pinned)
        return len(self._files) - 1

    @property
    def files(self) -> Sequence[Path]:
        """The pictures that there are."""
        return self._files

    @property
    def following(self) -> bool:
        """Whether the newest is shown as it comes."""
        return self._pinned not in self._files

    def begin(self) -> None:
        """Follow the newest picture of another run."""
        self._files, self._pinned, self._shown = (), None, None

    def offer(self, files: Sequence[Path]) -> None:
        """Learn which pictures there are now."""
        self._files = files
        self._fetch()

    def choose(self, index: int) -> None:
        """Show a picture; the last one is followed again."""
        is_last = index >= len(self._files) - 1
        self._pinned = None if is_last else self._files[max(index, 0)]
        self._fetch()

    def _fetch(self) -> None:
        if not self._files:
            return
        wanted = self._files[self.index]
        if wanted != self._shown:
            self._shown = wanted
            self._runner.call(
                "previews", partial(self._read, wanted), partial(self._got, wanted), self._missed
            )

    def _got(self, path: Path, image: ObjectImage) -> None:
        if path == self._shown:
            self._show(path, image)

    def _missed(self, _: Exception) -> None:
        """Wait for the next poll, which tells what is left: a run may thin out its pictures."""
        self._shown = None
