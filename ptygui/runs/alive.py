"""Whether the process that writes a run still lives."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path

import psutil

from ptygui.runs.layout import RunError, RunPaths, Status
from ptygui.runs.records import read_status

LOOK_S = 10.0
"""How long a beat that cannot be judged by its process is looked at: a step may take seconds."""
_POLL_S = 0.1
_REUSED_S = 600.0
"""A process this much younger than the last beat inherited its number; a file server's clock may differ."""


class StillRunningError(RunError):
    """Another process writes the run; the message says where."""


def process_lives(run: Path, status: Status) -> bool | None:
    """Tell whether the process that wrote `status` lives; None if it is or was on another machine.

    A process that has ended but was not waited for (a zombie), and a younger one of the same number, are
    not it.
    """
    if status.pid is None or status.host != platform.node():
        return None
    try:
        process = psutil.Process(status.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.create_time() < RunPaths(run).status.stat().st_mtime + _REUSED_S
    except psutil.NoSuchProcess:
        return False
    except (psutil.Error, OSError):  # of another user, or the status is just being replaced: it may live
        return True


def is_this_process(status: Status) -> bool:
    """Tell whether this very process is the one that writes."""
    return status.pid == os.getpid() and status.host == platform.node()


def refuse_while_alive(run: Path, *, look_s: float | None = None) -> None:
    """Refuse to continue or move a run that another process still writes.

    What is on another machine, and what a process writes that may be another program (one that inherited
    the number, or a script), is told by its beat, which takes a look of some seconds.

    Parameters
    ----------
    run : Path
    look_s : float or None
        How long to look; None: LOOK_S.

    Raises
    ------
    StillRunningError
        In a sentence that says where it runs.
    """
    try:
        status = read_status(run)
    except RunError:
        return  # it was killed before its first beat
    if status.state.ended or is_this_process(status):
        return
    lives = process_lives(run, status)
    if lives and not _names_ptygui(status.pid):
        lives = None
    if lives or (lives is None and _beats(run, status, LOOK_S if look_s is None else look_s)):
        raise StillRunningError(f"{run} is still running{_where(status)}: stop it first.")


def _names_ptygui(pid: int | None) -> bool:
    """Tell whether the command line of a process names this program; True if it cannot be read."""
    try:
        words = psutil.Process(pid).cmdline()
    except (psutil.Error, OSError):
        return True
    return not words or any("ptygui" in word for word in words)


def _beats(run: Path, before: Status, look_s: float) -> bool:
    end_s = time.monotonic() + look_s
    while time.monotonic() < end_s:
        time.sleep(_POLL_S)
        try:
            if read_status(run).beat != before.beat:
                return True
        except RunError:
            continue
    return False


def _where(status: Status) -> str:
    if status.host is None:
        return ""
    return f" (process {status.pid} on {'this machine' if status.host == platform.node() else status.host})"
