"""Fuzz the readers one after the other: `python tests/fuzz/run.py SECONDS [TARGET ...] [--out FOLDER]`.

A target is a sample's name or a part of it: 'cxi', 'result_samples'. Needs atheris (`make fuzz` installs it).
Prints for each target how many inputs were tried in which time and what was found; exits with 1 if something
was. Every target runs in a process of its own, because libraries in C may crash on damaged files.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent
PATHS = [str(TESTS), str(TESTS / "io")]
LEAST_SECONDS = 3.0
MOST_CRASHES = 10
SLACK_S = 180.0
"""Beyond its time and that of a hang a process is killed."""


@dataclass(frozen=True)
class Outcome:
    """Of one target."""

    tried: int
    seconds: float
    coverage: str
    findings: list[Path]


def fuzz(name: str, seconds: float, out: Path) -> Outcome:
    """Fuzz one target for a time, starting anew after each crash."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "tried").write_bytes(bytes(8))
    begin, coverage, crashes = time.monotonic(), "?", 0
    while (left := seconds - (time.monotonic() - begin)) > LEAST_SECONDS and crashes < MOST_CRASHES:
        code, log = run_one(name, left, out)
        coverage = (re.findall(r"cov: (\d+)", log) or [coverage])[-1]
        if code == 0:
            break
        crashes += 1
        keep_crash(out, code, log, crashes)
    tried = int.from_bytes((out / "tried").read_bytes(), "little")
    findings = sorted((out / "findings").glob("*/what.txt"))
    return Outcome(tried, time.monotonic() - begin, coverage, findings)


def run_one(name: str, seconds: float, out: Path) -> tuple[int, str]:
    """Run a process; returns its exit code and what it said."""
    command = [sys.executable, str(HERE / "one.py"), name, str(int(seconds)), str(out)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([*PATHS, os.environ.get("PYTHONPATH", "")])}
    environment |= {"OMP_NUM_THREADS": "1", "PYTHONFAULTHANDLER": "1"}
    with (out / "log.txt").open("w+", errors="replace") as log:
        try:
            done = subprocess.run(
                command, env=environment, stdout=log, stderr=subprocess.STDOUT, timeout=seconds + SLACK_S
            )
            code = done.returncode
        except subprocess.TimeoutExpired:
            code = -1
        log.seek(0)
        return code, log.read()


def keep_crash(out: Path, code: int, log: str, number: int) -> None:
    """Keep what was looked at when a process died."""
    folder = out / "findings" / f"crash{number}"
    folder.mkdir(parents=True, exist_ok=True)
    if (out / "current").exists():
        shutil.copy(out / "current", folder / "input")
        (folder / "file").write_bytes((folder / "input").read_bytes()[2:])
    (folder / "what.txt").write_text(f"{out.name}\nthe process ended with {code}\n{log[-6000:]}")


def chosen(parts: list[str]) -> list[str]:
    """Return the names of the targets that are meant; all if none is named."""
    sys.path[:0] = PATHS
    from fuzz.targets import targets

    names = [target.name for target in targets()]
    return [name for name in names if not parts or any(part in name for part in parts)]


def main() -> int:
    """Fuzz the chosen targets and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("seconds", type=float, nargs="?", default=60.0, help="for each target")
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--out", type=Path, default=Path(".fuzz"), help="where findings are kept")
    asked = parser.parse_args()
    found = 0
    print(f"{'target':<40} {'inputs':>8} {'seconds':>8} {'coverage':>8}  findings", flush=True)
    for name in chosen(asked.targets):
        outcome = fuzz(name, asked.seconds, asked.out.resolve() / name)
        found += len(outcome.findings)
        numbers = f"{outcome.tried:>8} {outcome.seconds:>8.0f} {outcome.coverage:>8}"
        print(f"{name:<40} {numbers}  {len(outcome.findings) or 'none'}", flush=True)
        for what in outcome.findings:
            print(f"    {what.parent}: {what.read_text().splitlines()[1]}", flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
