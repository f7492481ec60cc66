"""Loads torch's libraries without holding up the other threads.

`import torch` opens its shared libraries with the interpreter's lock held: a window stands still for 0.2 to
0.4 s, longer on a cold disk. Opened beforehand through a foreign function call, which gives the lock away,
they are there already when the import asks for them.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
from pathlib import Path

_LIBRARIES = ("libtorch_global_deps.so", "libc10.so", "libtorch_cpu.so", "libtorch_python.so")
"""In the order in which the import opens them."""


def preload_torch() -> None:
    """Open what `import torch` will open; does nothing where the files are named otherwise.

    A library that does not open is left to the import, whose error says more.
    """
    for path in _library_paths():
        _open_unlocked(path)


def _library_paths() -> list[Path]:
    found = importlib.util.find_spec("torch")
    if found is None or not found.submodule_search_locations:
        return []
    folder = Path(found.submodule_search_locations[0]) / "lib"
    return [folder / name for name in _LIBRARIES if (folder / name).exists()]


def _open_unlocked(path: Path) -> None:
    """Call dlopen(3) itself: unlike `ctypes.CDLL(path)`, the call leaves the lock to others."""
    dlopen = ctypes.CDLL(None).dlopen
    dlopen.argtypes, dlopen.restype = [ctypes.c_char_p, ctypes.c_int], ctypes.c_void_p
    mode = os.RTLD_NOW | (os.RTLD_GLOBAL if "global" in path.name else os.RTLD_LOCAL)
    dlopen(os.fsencode(path), mode)
