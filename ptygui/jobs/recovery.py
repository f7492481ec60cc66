"""What a refinement had reached when its process ended: kept in files until the user discards it.

While it refines, the window has the state so far kept in one file of `folder()`, named
`scan@time@host@process.npz`. The file goes when the job leaves a result, or the user cancels it; it stays
when the window is closed or the process is killed, and is offered at the next start.
"""

from __future__ import annotations

import logging
import os
import platform
import re
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import platformdirs
import psutil

from ptygui.core.atomic import remove_leftovers
from ptygui.core.errors import Cancelled
from ptygui.core.events import Event, Finished

_NAME = re.compile(r"(?P<scan>[^@]+)@[0-9-]+@(?P<host>[^@]+)@(?P<pid>[0-9]{1,9})\.npz")
_LONGEST = 40
"""Characters of a name: of four bytes each, and with all that is added, a file system still takes it."""
_ABROAD_S = 86_400.0
"""Whether a process runs on another machine that shares the home is not known: so long it is left alone."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Leftover:
    """What was kept of a refinement whose process is gone."""

    path: Path
    """`read_result` reads it."""
    scan_name: str
    kept_at: datetime
    """Local time at which it was written: seconds before the end."""


def folder() -> Path:
    """Return where they are kept; it need not exist."""
    return Path(platformdirs.user_data_dir("ptygui", appauthor=False)) / "recovery"


def new_checkpoint(scan_name: str) -> Path:
    """Name a new file for this process, and make the folder; never raises.

    If the folder cannot be made, writing the file will fail and say why.
    """
    with suppress(OSError):
        folder().mkdir(parents=True, exist_ok=True)
    when = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    return folder() / f"{_plain(scan_name)}@{when}@{_plain(platform.node())}@{os.getpid()}.npz"


def left_behind() -> list[Leftover]:
    """List what was left by processes that are gone, the oldest first; never raises."""
    remove_leftovers(folder())  # half-written ones
    found = []
    for path in _files(folder()):
        name = _NAME.fullmatch(path.name)
        with suppress(OSError):  # another window discards it at this moment
            if name is not None and not _at_work(name["host"], int(name["pid"]), path.stat().st_mtime):
                kept_at = datetime.fromtimestamp(path.stat().st_mtime)
                found.append(Leftover(path, name["scan"], kept_at))
    return sorted(found, key=lambda leftover: leftover.kept_at)


def forget(path: Path) -> None:
    """Delete a file, if it is there; never raises."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("%s cannot be deleted: %s", path, error)


def guarded(scan_name: str, start: Callable[[Path], Iterator[Event]]) -> Generator[Event]:
    """Drive a job that keeps its state in a file.

    The file goes if the job leaves a result, or `Cancelled` is thrown into it; it stays if the job fails
    without a result, or is closed before.

    Parameters
    ----------
    scan_name : str
    start : callable
        Given the file, returns the events of the job.
    """
    checkpoint = new_checkpoint(scan_name)
    unneeded = False
    try:
        with closing(cast("Any", start(checkpoint))) as events:
            for event in events:
                yield event
                unneeded = unneeded or isinstance(event, Finished)  # and was taken
    except Cancelled:
        unneeded = True
        raise
    finally:
        if unneeded:
            forget(checkpoint)


def _plain(name: str) -> str:
    """Return a name that any file system takes, without the sign that divides."""
    plain = re.sub(r"[^\w .+-]", "_", name).strip(" .")
    return plain[:_LONGEST] or "unnamed"


def _files(place: Path) -> list[Path]:
    try:
        return list(place.iterdir())
    except OSError:
        return []


def _at_work(host: str, pid: int, written_s: float) -> bool:
    """Tell whether the process that wrote a file may still run; a younger one of its number is not it."""
    if host != _plain(platform.node()):
        return time.time() - written_s < _ABROAD_S
    try:
        process = psutil.Process(pid)
        return process.create_time() < written_s + 1 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True
