"""Damaged files: one sentence or what is valid; nothing else, whatever the bytes (see tests/fuzz)."""

import sys
from pathlib import Path
from random import Random

import pytest
from fuzz.damage import alterations, altered, with_other_bytes
from fuzz.odd_npz import Payload
from fuzz.targets import Files, Target, targets, written

from ptygui.io import growing

OTHER_BYTES = 20
"""Files with other bytes a sample; every alteration of its meaning comes once besides."""
MOST_MEMORY_MB = 300


@pytest.fixture(autouse=True)
def files_of_yesterday(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody writes them, so that nothing is tried again."""
    monkeypatch.setattr(growing, "FRESH_S", -1.0)


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.name)
def test_damaged_files(tmp_path: Path, target: Target) -> None:
    files, before = written(target, tmp_path), peak_mb()
    told = [target.look(files.path) for _ in damaged(files, Random(target.name))]
    assert any(told) or "position" in target.name  # damage is noticed
    assert not Payload.folder.exists()
    assert peak_mb() - before < MOST_MEMORY_MB


def damaged(files: Files, rng: Random):  # type: ignore[no-untyped-def]
    """Damage the sample again and again; each alteration hits one of the files that can have it."""
    contents = list(files.contents.items())
    for _ in range(OTHER_BYTES):
        file, good = rng.choice(contents)
        files.put(file, with_other_bytes(good, rng))
        yield
    for kind in dict.fromkeys(kind for _, good in contents for kind in alterations(good)):
        file, good = rng.choice([(file, good) for file, good in contents if kind in alterations(good)])
        files.put(file, altered(good, kind, rng))
        yield


def peak_mb() -> float:
    """Return the most memory that the process ever had."""
    if sys.platform == "win32":
        return 0.0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1 << 10 if sys.platform == "linux" else 1 << 20
    )
