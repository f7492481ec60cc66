"""Opening torch's libraries beforehand: nothing is imported, and the import still works."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
from ptygui.jobs.preload import _library_paths, preload_torch
preload_torch()
assert "torch" not in sys.modules
if sys.platform == "linux":
    mapped = open("/proc/self/maps").read()
    assert _library_paths() and all(path.name in mapped for path in _library_paths())
import torch
assert float(torch.ones(3).sum()) == 3
"""


def test_libraries_are_open_before_torch_is_imported() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
