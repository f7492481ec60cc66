"""`python -m ptygui.reconstruct.peers.ptychi_worker JOB_DIR`: pty-chi, alone in its process.

pty-chi sets torch's default device, dtype and seed for the whole process. After every epoch one JSON line
goes to stdout: epoch, loss, wall_s and cpu_s, the seconds spent in epochs so far.
"""

from __future__ import annotations

import json
import logging
import math
import os
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

import torch

from ptygui.reconstruct.peers.job import EXIT_MISSING, STATE, STOP, read_job, write_state
from ptygui.reconstruct.peers.options import PeerOptions
from ptygui.reconstruct.peers.ptychi_task import PtychiTask

POLL_S = 0.01


class Stopwatch:
    """Sums up the seconds of the calls that it times."""

    def __init__(self) -> None:
        self.wall_s = self.cpu_s = 0.0

    def time(self, call: Callable[[], float]) -> float:
        """Call, add to the sums, and return what came."""
        wall, cpu = time.perf_counter(), time.process_time()
        value = call()
        self.wall_s += time.perf_counter() - wall
        self.cpu_s += time.process_time() - cpu
        return value


def prepare(options: PeerOptions) -> None:
    """Set up the process before anything is computed."""
    torch.set_flush_denormal(True)
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    if options.device_id != "cpu":
        _see_only(int(options.device_id.split(":")[1]))
    logging.disable(logging.WARNING)  # pty-chi repeats its warnings with every batch


def _see_only(index: int) -> None:
    """Hide all GPUs but one, before CUDA is used: pty-chi spreads some engines over all that it sees."""
    seen = os.environ.get("CUDA_VISIBLE_DEVICES")
    os.environ["CUDA_VISIBLE_DEVICES"] = seen.split(",")[index] if seen else str(index)


def iterate(folder: Path, task: PtychiTask, options: PeerOptions, say: Callable[[str], object]) -> None:
    """Run the epochs; end early, with a state, when asked to or when nobody is left to ask.

    Raises
    ------
    SystemExit
        With a sentence, if the numbers are no longer finite; the last good state stays.
    """
    parent, watch = os.getppid(), Stopwatch()

    def should_end() -> bool:
        return (folder / STOP).exists() or os.getppid() != parent

    for epoch in range(1, options.epochs + 1):
        loss = watch.time(task.run_epoch)
        if not math.isfinite(loss) or not task.is_finite():
            sys.exit(f"{options.engine} diverged in epoch {epoch}: take smaller steps or another batch size.")
        while options.in_step and (folder / STATE).exists() and not should_end():
            time.sleep(POLL_S)
        last = epoch == options.epochs or should_end()
        if last or epoch % options.state_every == 0:
            write_state(folder, task.state(epoch))
        say(json.dumps({"epoch": epoch, "loss": loss, "wall_s": watch.wall_s, "cpu_s": watch.cpu_s}))
        if last:
            return


def main(folder: Path) -> None:
    """Do the job that lies in a folder."""
    inputs, options = read_job(folder)
    prepare(options)
    lines = sys.stdout

    def say(line: str) -> None:
        print(line, file=lines, flush=True)

    with redirect_stdout(sys.stderr):  # whatever else is printed is none of the lines
        try:
            task = PtychiTask(inputs, options)
        except ImportError as reason:
            print(reason, file=sys.stderr)
            sys.exit(EXIT_MISSING)
        iterate(folder, task, options, say)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
