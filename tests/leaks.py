"""A pytest plugin: a test that leaves a thread, a timer or a window behind fails, and hears who made it.

Qt is looked at only when it is loaded already. Where something was made is noted by wrapping the few
calls that make it, for the length of a test: the first frame of this repository is named.
"""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

GRACE_S = 2.0
"""What may still be ending when a test is over."""
THIRD_PARTY_THREADS = {"TMonitor"}
"""Thread classes that live as long as the process, on purpose: tqdm's watcher of progress bars."""
WATCHED_IN_QT = ("QThread", "QThreadPool", "QTimer")


class Watch:
    """What was made during a test, and where."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._threads_before = set(threading.enumerate())
        self._made: list[tuple[weakref.ref[Any], str]] = []
        self._shown: list[tuple[weakref.ref[Any], str]] = []

    def noting(self, method: Callable[..., Any], notes: list[tuple[weakref.ref[Any], str]]) -> Any:
        """Wrap a method so that its `self` and the place of the call are noted."""

        def wrapper(subject: Any, *args: Any, **kwargs: Any) -> Any:
            notes.append((weakref.ref(subject), self._place()))
            return method(subject, *args, **kwargs)

        return wrapper

    def start(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Wrap what makes threads, timers and windows."""
        monkeypatch.setattr(threading.Thread, "start", self.noting(threading.Thread.start, self._made))
        if (core := sys.modules.get("PySide6.QtCore")) is not None:
            for name in WATCHED_IN_QT:
                kind = getattr(core, name)
                monkeypatch.setattr(kind, "__init__", self.noting(kind.__init__, self._made))
        if (widgets := sys.modules.get("PySide6.QtWidgets")) is not None:
            for name in ("show", "setVisible"):
                method = getattr(widgets.QWidget, name)
                monkeypatch.setattr(widgets.QWidget, name, self.noting(method, self._shown))

    def leaks(self) -> list[str]:
        """Return a sentence for everything left behind, and put Qt's part of it away."""
        return [*self._threads(), *self._qt_objects(), *self._windows()]

    def _place(self) -> str:
        """Return file:line of the nearest caller inside the repository, else of the nearest caller."""
        frame: FrameType | None = sys._getframe(2)
        nearest = outer = frame
        while outer is not None and not self._ours(outer):
            outer = outer.f_back
        chosen = outer or nearest
        return f"{chosen.f_code.co_filename}:{chosen.f_lineno}" if chosen else "an unknown place"

    def _ours(self, frame: FrameType) -> bool:
        name = frame.f_code.co_filename
        return name.startswith(self._root) and "site-packages" not in name and name != __file__

    def _threads(self) -> Iterator[str]:
        places = {id(ref()): place for ref, place in self._made}
        for thread in set(threading.enumerate()) - self._threads_before:
            if type(thread).__name__ in THIRD_PARTY_THREADS or isinstance(thread, threading._DummyThread):
                continue
            thread.join(GRACE_S)
            if thread.is_alive():
                yield f"thread {thread.name} still runs, started at {places.get(id(thread), 'unknown')}"

    def _qt_objects(self) -> Iterator[str]:
        if "PySide6.QtCore" not in sys.modules:
            return
        import shiboken6

        _delete_later_is_now()
        for ref, place in self._made:
            made = ref()
            if made is not None and not isinstance(made, threading.Thread) and shiboken6.isValid(made):
                yield from _busy(made, place)
        if not sys.modules["PySide6.QtCore"].QThreadPool.globalInstance().waitForDone(int(GRACE_S * 1000)):
            yield "a task still runs in Qt's global thread pool"

    def _windows(self) -> Iterator[str]:
        widgets = sys.modules.get("PySide6.QtWidgets")
        if widgets is None or not isinstance(widgets.QApplication.instance(), widgets.QApplication):
            return
        places = {id(ref()): place for ref, place in self._shown}
        for window in widgets.QApplication.topLevelWidgets():
            if window.isVisible():
                yield f"{type(window).__name__} is still open, shown at {places.get(id(window), 'unknown')}"
                window.hide()


def _busy(made: Any, place: str) -> Iterator[str]:
    """Say so if a QThread, QThreadPool or QTimer is still at work; timers are stopped."""
    core = sys.modules["PySide6.QtCore"]
    if isinstance(made, core.QTimer) and made.isActive():
        made.stop()
        yield f"{type(made).__name__} is still active, made at {place}"
    elif isinstance(made, core.QThread) and made.isRunning() and not made.wait(int(GRACE_S * 1000)):
        yield f"{type(made).__name__} still runs, made at {place}"
    elif isinstance(made, core.QThreadPool) and not made.waitForDone(int(GRACE_S * 1000)):
        yield f"{type(made).__name__} still has tasks, made at {place}"


def _delete_later_is_now() -> None:
    core = sys.modules["PySide6.QtCore"]
    if core.QCoreApplication.instance() is not None:
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete.value)


@pytest.fixture(autouse=True)
def no_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread, a timer or a window behind."""
    watch = Watch(request.config.rootpath)
    with pytest.MonkeyPatch.context() as monkeypatch:
        watch.start(monkeypatch)
        yield
        leaks = watch.leaks()
    if leaks:
        pytest.fail("The test leaves behind:\n  " + "\n  ".join(leaks), pytrace=False)
