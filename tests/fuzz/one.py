"""Fuzz one target, guided by the coverage of the readers' code: `python one.py TARGET SECONDS FOLDER`.

An input is one byte that chooses the file of the sample, one that counts the alterations of its meaning (255:
its bytes were changed), and the file. What is found lies in FOLDER/findings, each kind once, and the search
goes on; what ends the process (a crash in a library, a hang) leaves FOLDER/current, and `run.py` starts anew.
"""

from __future__ import annotations

import hashlib
import resource
import shutil
import sys
import traceback
import warnings
from pathlib import Path
from random import Random

import atheris
import numpy as np

GUIDING = ["ptygui.io", "ptygui.core.interpret", "ptygui.core.find", "ptygui.core.plausible", "zipfile"]
if any(word in sys.argv[1] for word in ("tiff", "frame_folder")):
    GUIDING.append("tifffile")  # large, so that starting takes its time

with atheris.instrument_imports(include=GUIDING):
    from fuzz.damage import alterations, altered, with_other_bytes
    from fuzz.odd_npz import Payload
    from fuzz.targets import Target, targets, written

    from ptygui.io import growing
    from ptygui.io.registry import list_readers
    from ptygui.io.result_registry import list_result_readers

    list_readers(), list_result_readers()

BYTES_CHANGED = 255
MOST_ALTERATIONS = 3
LONGEST = 1 << 20
HANG_S = 10
MOST_MEMORY_MB = 512
"""Beyond what the process had before it looked at the file."""
ADDRESS_SPACE = 8 << 30


class Fuzzing:
    """One target with its files; `try_input` and `mutate` are what atheris calls."""

    def __init__(self, target: Target, files_in: Path, out: Path) -> None:
        self._target, self._files, self._out = target, written(target, files_in), out
        self._names = list(self._files.contents)
        self._tried = np.memmap(out / "tried", np.uint64, mode="r+", shape=(1,))
        self._memory_mb = 0.0

    def seeds(self) -> list[bytes]:
        """Return the sound files as inputs."""
        return [bytes([at, 0]) + good for at, good in enumerate(self._files.contents.values())]

    def try_input(self, data: bytes) -> None:
        """Look at the sample with one file replaced; keep what should not be."""
        if len(data) < 3:
            return
        self._tried[0] += 1
        (self._out / "current").write_bytes(data)
        self._files.put(self._names[data[0] % len(self._names)], data[2:])
        before = reset_peak_mb()
        try:
            self._target.look(self._files.path)
        except Exception as error:  # noqa: BLE001 - every other exception is what is looked for
            self._keep(data, where(error), "".join(traceback.format_exception(error)))
        if peak_mb() - before > MOST_MEMORY_MB:
            self._keep(data, "memory", f"{peak_mb() - before:.0f} MB for {len(data)} bytes")
        if Payload.folder.exists():
            Payload.folder.rmdir()
            self._keep(data, "pickle", "a pickle was run")

    def mutate(self, data: bytes, max_size: int, seed: int) -> bytes:
        """Alter what a sound file means, or change bytes of any."""
        rng = Random(seed)
        if len(data) < 3 or rng.random() < 0.1:
            data = rng.choice(self.seeds())
        choice, count, content = data[0], data[1], data[2:]
        kinds = alterations(content) if count < MOST_ALTERATIONS else []
        if kinds and rng.random() < 0.5:
            other = altered(content, rng.choice(kinds), rng)
            if len(other) + 2 <= max_size:
                return bytes([choice, count + 1]) + other
        other = (
            atheris.Mutate(content, max_size - 2) if rng.random() < 0.6 else with_other_bytes(content, rng)
        )
        return bytes([choice, BYTES_CHANGED]) + other

    def _keep(self, data: bytes, kind: str, text: str) -> None:
        folder = self._out / "findings" / hashlib.sha1(kind.encode()).hexdigest()[:8]
        if not folder.exists():
            folder.mkdir(parents=True)
            (folder / "input").write_bytes(data)
            (folder / "file").write_bytes(data[2:])
            name = self._names[data[0] % len(self._names)].name
            (folder / "what.txt").write_text(f"{self._target.name}, {name}\n{kind}\n{text}")


def where(error: Exception) -> str:
    """Return what tells a finding from another: its type and the line of ours that it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "ptygui" in frame.filename or "fuzz" in frame.filename]
    place = own[-1] if own else frames[-1]
    return f"{type(error).__name__} in {Path(place.filename).name}:{place.lineno} {place.name}"


def reset_peak_mb() -> float:
    """Forget the peak of memory (Linux), and return what the process has now."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak_mb()


def peak_mb() -> float:
    """Return the most memory since it was forgotten."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def main(name: str, seconds: str, folder: str) -> None:
    """Fuzz until the time is over; does not return."""
    warnings.simplefilter("error")
    warnings.simplefilter("ignore", ResourceWarning)
    warnings.filterwarnings("ignore", message=".*created on Python 2")  # by numpy, and it reads them
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    growing.FRESH_S = -1.0  # nobody writes these files: nothing is tried again
    out, target = Path(folder), next(target for target in targets() if target.name == name)
    files_in = out / "files"  # not a temporary folder: nothing is tidied up after a crash or a hang
    shutil.rmtree(files_in, ignore_errors=True)
    files_in.mkdir()
    fuzzing = Fuzzing(target, files_in, out)
    corpus = out / "corpus"
    corpus.mkdir(exist_ok=True)
    for at, seed in enumerate(fuzzing.seeds()):
        (corpus / f"seed{at}").write_bytes(seed)
    options = [
        f"-max_total_time={seconds}",
        f"-timeout={HANG_S}",
        f"-max_len={LONGEST}",
        "-rss_limit_mb=6000",
    ]
    arguments = [sys.argv[0], *options, f"-artifact_prefix={out}/", str(corpus)]
    atheris.Setup(arguments, fuzzing.try_input, custom_mutator=fuzzing.mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
