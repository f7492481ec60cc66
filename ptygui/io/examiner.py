"""python -m ptygui.io.examiner: open files in the place of the window, which must not die of them.

On damaged files libraries (io.foreign) may crash, take all memory, or never return and keep everything else
in the process waiting; nothing in Python can prevent that. So what the window is about to do with a file is
done here first.

Requests come on standard input, a line of JSON each (`Request`). Lines of JSON go back (`Answer`): signs of
life while it works, then that it is done, whatever ptygui says of the file: what matters is that the process
lives. It ends with its standard input.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.mapping import Mapping
from ptygui.core.preparation import Preparation
from ptygui.core.raw import RawScan
from ptygui.core.scan import PatternSource

SIGN_EVERY_S = 1.0
"""Of computing time."""
ORPHAN_S = 30
"""What may be computed without a sign of life until the system ends the process: the window, which would
have ended it long ago, may have died itself."""
BYTES_PER_S = 50 << 20
"""No sound file is unpacked, nor its pages counted, more slowly: so much longer may be computed with it."""


class Request(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is to be done with a file."""

    path: str
    what: Literal["open", "nodes", "preview", "suggest", "values"] = "open"
    """open: as a result and as a scan, by `mapping` if there is one; nodes: list a group; preview: look at a
    dataset; suggest: guess where things are; values: read the array or the probe that a step names."""
    key: str = ""
    frame: int | None = None
    mapping: Mapping | None = None


class Answer(msgspec.Struct, frozen=True):
    """A line of the examiner's."""

    state: Literal["alive", "done"]


class Lifeline:
    """Tells that the process is at work, now and then; stands in for a Report."""

    def __init__(self, answers: BinaryIO) -> None:
        self._answers, self._orphan_s = answers, float(ORPHAN_S)
        self.tell("alive")

    def begin(self, path: Path) -> None:
        """Be ready for a file."""
        self._orphan_s = ORPHAN_S + longer_s(path)
        self.tell("alive")

    def __call__(self, _share: float = 0.0) -> None:
        """Give a sign of life if the last one is long ago."""
        if time.process_time() - self._told > SIGN_EVERY_S:
            self.tell("alive")

    def tell(self, state: Literal["alive", "done"]) -> None:
        """Send an answer."""
        self._told = time.process_time()
        _end_orphans_at(self._told + self._orphan_s)
        self._answers.write(msgspec.json.encode(Answer(state)) + b"\n")
        self._answers.flush()


@dataclass(frozen=True)
class _ToldPatterns:
    """Patterns whose every reading is a sign of life: a scan may be long, a damaged file stops in one."""

    source: PatternSource
    alive: Callable[[], None]

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.source.shape

    def read(self, indices: NDArray[np.intp]) -> NDArray[np.float32]:
        self.alive()
        return self.source.read(indices)


def longer_s(path: Path) -> float:
    """Return how much longer than a small file this one may be computed with; never raises."""
    try:
        return path.stat().st_size / BYTES_PER_S
    except OSError:
        return 0.0


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Do what is asked until there are no more requests."""
    lifeline = Lifeline(answers)
    for line in requests:
        try:
            _rehearse(msgspec.json.decode(line, type=Request), lifeline)
        except Exception as error:  # noqa: BLE001 the window will meet it too, and tell it; here dying counts
            print(error, file=sys.stderr)
        lifeline.tell("done")


def _rehearse(request: Request, alive: Lifeline) -> None:
    path = Path(request.path)
    alive.begin(path)
    if request.what == "open" and request.mapping is None:
        _read_result(path)
        alive()
    if request.what == "open":
        _read_scan(path, request.mapping, alive)
    elif request.what == "values":
        _read_values(path, request.key)
    else:
        _browse(path, request)


def _read_result(path: Path) -> None:
    from ptygui.io.result_files import ResultError, peek_record, read_result

    peek_record(path)
    with contextlib.suppress(ResultError):
        read_result(path)


def _read_scan(path: Path, mapping: Mapping | None, alive: Lifeline) -> None:
    from ptygui.io import registry
    from ptygui.io.growing import steadily

    raw = steadily(path, lambda: registry.open_raw(path, alive, mapping))
    raw = replace(raw, frames=_ToldPatterns(raw.frames, alive))
    _read_some(raw)
    registry.prepare(raw, Preparation(mapping=mapping), alive)


def _read_some(raw: RawScan) -> None:
    number = raw.frames.shape[0]
    for index in sorted({0, number // 2, number - 1}):
        raw.frames.read(np.array([index], np.intp))


def _read_values(path: Path, key: str) -> None:
    from ptygui.io.step_files import StepFiles, load_array

    with contextlib.suppress(ScanError):
        load_array(path, key, "numbers")
    StepFiles(path.parent).probe(path.name, key)


def _browse(path: Path, request: Request) -> None:
    from ptygui.io import presets, suggest, tree

    if request.what == "nodes":
        tree.list_nodes(path, request.key)
    elif request.what == "preview":
        tree.preview(path, request.key, request.frame)
    elif presets.own_presets().find(path) is None:
        suggest.suggest(path)


def _end_orphans_at(cpu_s: float) -> None:
    """Have the system end the process once it has computed so long: Python cannot while HDF5 hangs."""
    if sys.platform == "win32":
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    limit = int(cpu_s) + 1
    if most == resource.RLIM_INFINITY or limit < most:
        resource.setrlimit(resource.RLIMIT_CPU, (limit, most))


def _leave_no_core() -> None:
    """Keep a crash, which is to be expected here, from filling the disk with the process's memory."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def main() -> None:
    """Serve on standard input and output; what libraries print goes elsewhere."""
    _leave_no_core()
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        with contextlib.suppress(BrokenPipeError):  # whoever asked is gone
            serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
