"""A peer engine in a process of its own: started, followed through its folder, ended."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from ptygui.reconstruct.peers.job import (
    EXIT_MISSING,
    STATE,
    STOP,
    PeerInputs,
    PeerState,
    read_state,
    write_job,
)
from ptygui.reconstruct.peers.options import PeerError, PeerOptions

WORKER = "ptygui.reconstruct.peers.ptychi_worker"
POLL_S = 0.05
EPOCHS, COMPLAINTS = "epochs.jsonl", "stderr.txt"
INSTALL = (
    "Install it beside ptygui with `{python} -m pip install --no-deps ptychi` and then "
    "`{python} -m pip install pandas pydantic scikit-learn`; leave out torchvision, which may replace torch."
)


class EpochLine(msgspec.Struct, frozen=True):
    """What the worker says after an epoch."""

    epoch: int
    loss: float
    wall_s: float
    cpu_s: float


@dataclass(frozen=True)
class PeerEpoch:
    """An epoch that is done."""

    epoch: int
    """Counted from 1."""
    loss: float
    """In the engine's own measure: not to be compared between engines."""
    wall_s: float
    """Seconds spent in epochs so far."""
    cpu_s: float
    """The same of all its threads."""
    state: PeerState | None
    """The newest state, if it was not seen yet; it may be of a later epoch than this one."""


def run_peer(
    folder: Path | None,
    inputs: PeerInputs,
    options: PeerOptions,
    should_stop: Callable[[], bool] = lambda: False,
    *,
    python: Path | None = None,
) -> Generator[PeerEpoch, None, None]:
    """Reconstruct with pty-chi and yield every epoch; closing the generator kills the process.

    Parameters
    ----------
    folder : Path or None
        Where the job's temporary folder is made (it takes as much as the patterns); None: the system's.
    inputs : PeerInputs
    options : PeerOptions
    should_stop : callable
        Asked every few hundredths of a second; True ends the run after the current epoch, with a state.
        What it raises ends the run at once.
    python : Path or None
        An interpreter that can import ptygui and ptychi; None: this one.

    Raises
    ------
    PeerError
        If inputs and options do not fit, pty-chi is not installed (the message says how), or it failed.
    """
    with closing(poll_peer(folder, inputs, options, should_stop, python=python)) as polled:
        del inputs
        yield from (epoch for epoch in polled if epoch is not None)


def poll_peer(
    folder: Path | None,
    inputs: PeerInputs,
    options: PeerOptions,
    should_stop: Callable[[], bool] = lambda: False,
    *,
    python: Path | None = None,
) -> Generator[PeerEpoch | None, None, None]:
    """Do what `run_peer` does, and yield None every few hundredths of a second while no epoch is done."""
    with ExitStack() as stack:
        place = stack.enter_context(TemporaryDirectory(prefix="ptygui-peer-", dir=folder))
        write_job(Path(place), inputs, options)
        del inputs  # as large as the scan
        process = stack.enter_context(_started(Path(place), options, python or Path(sys.executable)))
        yield from process.follow(should_stop, in_step=options.in_step)


@dataclass
class PeerProcess:
    """A worker at work."""

    folder: Path
    """The job's."""
    python: Path
    process: subprocess.Popen[bytes]
    _offset: int = 0
    _seen: tuple[int, int] | None = None

    def follow(self, should_stop: Callable[[], bool], *, in_step: bool) -> Iterator[PeerEpoch | None]:
        """Yield the epochs as they are done, until the process has ended; raises PeerError if it failed."""
        running = True
        while running:
            running = self.process.poll() is None  # asked before its lines are read: then none is missed
            yield from self._new_epochs(in_step)
            if running:
                yield None
                if should_stop():
                    (self.folder / STOP).touch()
                time.sleep(POLL_S)
        self._raise_failure()

    def kill(self) -> None:
        """End the process if it still runs."""
        self.process.kill()
        self.process.wait()

    def _new_epochs(self, in_step: bool) -> Iterator[PeerEpoch]:
        with (self.folder / EPOCHS).open("rb") as file:
            file.seek(self._offset)
            lines = file.read().splitlines(keepends=True)
        for line in lines:
            if line.endswith(b"\n"):  # the last one may be half written
                self._offset += len(line)
                said = msgspec.json.decode(line, type=EpochLine)
                yield PeerEpoch(said.epoch, said.loss, said.wall_s, said.cpu_s, self._new_state(in_step))

    def _new_state(self, in_step: bool) -> PeerState | None:
        path = self.folder / STATE
        if not path.exists():
            return None
        stamp = path.stat().st_mtime_ns, path.stat().st_ino
        if stamp == self._seen:
            return None
        state = read_state(self.folder)
        if in_step:
            path.unlink()  # it was taken
        else:
            self._seen = stamp
        return state

    def _raise_failure(self) -> None:
        code = self.process.returncode
        if code == 0:
            return
        lines = (self.folder / COMPLAINTS).read_text(errors="replace").strip().splitlines()
        reason = lines[-1].strip().rstrip(".") if lines else f"exit code {code}"
        if code == EXIT_MISSING:
            raise PeerError(f"pty-chi cannot be used: {reason}. {INSTALL.format(python=self.python)}")
        raise PeerError(f"The reconstruction with pty-chi failed: {reason}.")


@contextmanager
def _started(folder: Path, options: PeerOptions, python: Path) -> Iterator[PeerProcess]:
    """Start the worker; whatever happens, it has ended afterwards."""
    with (folder / EPOCHS).open("wb") as epochs, (folder / COMPLAINTS).open("wb") as complaints:
        try:
            process = subprocess.Popen(
                [str(python), "-m", WORKER, str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=epochs,
                stderr=complaints,
                env=_environment(options),
                start_new_session=os.name == "posix",  # so that Ctrl-C in the terminal does not reach it
            )
        except OSError as reason:
            raise PeerError(f"{python} cannot be started: {reason}. Name another Python.") from reason
    peer = PeerProcess(folder, python, process)
    try:
        yield peer
    finally:
        peer.kill()


def _environment(options: PeerOptions) -> dict[str, str]:
    """Return the worker's environment: pty-chi imports matplotlib, which is not to look for a screen."""
    environment = {"OMP_WAIT_POLICY": "PASSIVE", **os.environ, "MPLBACKEND": "Agg"}
    if options.threads is not None:
        environment["OMP_NUM_THREADS"] = str(options.threads)
    return environment
