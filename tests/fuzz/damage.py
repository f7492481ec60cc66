"""Damage a file: some of its bytes, or one thing in what it means."""

from __future__ import annotations

from random import Random
from types import ModuleType

from fuzz import odd_hdf5, odd_matlab, odd_npz, odd_text, odd_tiff


def with_other_bytes(good: bytes, rng: Random) -> bytes:
    """Cut the file, or change some bytes, more often near its start, where headers are."""
    if len(good) < 2:
        return good
    if rng.random() < 0.15:
        return good[: rng.randrange(1, len(good))]
    changed = bytearray(good)
    for _ in range(rng.choice([1, 1, 3, 10])):
        reach = len(good) if rng.random() < 0.5 else min(len(good), 2500)
        changed[rng.randrange(reach)] = rng.choice([0, 255, rng.randrange(256), *b"-9('"])
    return bytes(changed)


def alterations(good: bytes) -> list[str]:
    """Return the names of what can be altered in such a file; empty if its meaning is not known."""
    return list(_module(good).ALTERATIONS) if _module(good) else []


def altered(good: bytes, kind: str, rng: Random) -> bytes:
    """Return a sound file with one alteration; where that cannot be written, as it is."""
    module = _module(good)
    assert module is not None
    try:
        return bytes(module.alter(good, kind, rng))
    except (TypeError, ValueError, KeyError, IndexError, OSError, RuntimeError, AttributeError, MemoryError):
        return good


def _module(good: bytes) -> ModuleType | None:
    if odd_hdf5.is_hdf5(good):
        return odd_hdf5
    if odd_npz.is_npz(good):
        return odd_npz
    if odd_matlab.is_matlab(good):
        return odd_matlab
    if odd_tiff.is_tiff(good):
        return odd_tiff
    return odd_text if odd_text.is_text(good) else None
