"""What `ptygui doctor` looks at; every check is made on the real thing, nothing is inferred."""

from __future__ import annotations

import ctypes
import importlib
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ptygui.core.errors import PtyguiError

PACKAGES = (
    "numpy", "scipy", "h5py", "hdf5plugin", "tifffile", "skimage", "matplotlib", "msgspec", "tomli_w",
    "safetensors", "torch", "lightning", "superqt", "qtawesome", "cmap", "psutil",
)  # fmt: skip
DISTRIBUTIONS = {"skimage": "scikit-image", "tomli_w": "tomli-w"}

LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfreetype.so.6": "libfreetype6",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
}
"""What Qt needs on a bare Debian machine, without a display too."""
DISPLAY_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""What a window on an X11 display needs besides."""
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")
HDF5_FILTERS = {"bitshuffle and LZ4": 32008, "LZ4": 32004, "Blosc": 32001}

_OPEN_WINDOW = "from PySide6.QtWidgets import QApplication; import pyqtgraph; QApplication([])"


@dataclass(frozen=True)
class Finding:
    """One thing that was checked."""

    what: str
    ok: bool
    text: str = ""
    needed: bool = True
    """False if ptygui works without it."""
    debian_package: str | None = None
    """What brings it, if it is missing."""


def check_all() -> Iterator[Finding]:
    """Check everything, one finding after the other."""
    yield from map(_package, PACKAGES)
    if sys.platform == "linux":
        yield from _libraries(LIBRARIES, needed=True)
        yield from _libraries(DISPLAY_LIBRARIES, needed=has_display())
        yield _fonts()
    yield _window("offscreen")
    if has_display():
        yield _window(None)
    yield from _hdf5_filters()
    yield from _devices()
    yield from _generators()


def missing_packages(findings: Iterable[Finding]) -> str | None:
    """Return the command that installs the Debian packages that are needed and missing; None if none is."""
    names = [f.debian_package for f in findings if f.needed and not f.ok and f.debian_package]
    return f"sudo apt-get install {' '.join(names)}" if names else None


def has_display() -> bool:
    """Tell whether a window can be shown: always outside Linux, there if a display server is named."""
    if sys.platform != "linux":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _package(name: str) -> Finding:
    distribution = DISTRIBUTIONS.get(name, name)
    try:
        importlib.import_module(name)
        return Finding(name, True, version(distribution))
    except (ImportError, OSError, PackageNotFoundError) as error:
        return Finding(name, False, f"{error}; install it with: pip install {distribution}")


def _libraries(libraries: dict[str, str], *, needed: bool) -> Iterator[Finding]:
    for library, package in libraries.items():
        try:
            ctypes.CDLL(library)
            yield Finding(library, True, needed=needed)
        except OSError:
            yield Finding(library, False, f"in the Debian package {package}", needed, package)


def _fonts() -> Finding:
    found = any(_has_font(Path(folder).expanduser()) for folder in FONT_FOLDERS)
    package = "fonts-dejavu-core"
    return Finding("fonts", found, "" if found else f"none; e.g. {package}", debian_package=package)


def _has_font(folder: Path) -> bool:
    return any(path.suffix in (".ttf", ".otf", ".ttc") for path in folder.rglob("*"))


def _window(platform: str | None) -> Finding:
    """Start Qt in a process of its own: it aborts, rather than raises, when a library is missing."""
    environment = dict(os.environ) | ({"QT_QPA_PLATFORM": platform} if platform else {})
    command = [sys.executable, "-c", _OPEN_WINDOW]
    what = f"Qt, {platform or 'display'}"
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
    except subprocess.TimeoutExpired:
        return Finding(what, False, "did not start within a minute")
    if done.returncode == 0:
        return Finding(what, True, version("PySide6-Essentials"))
    lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
    return Finding(what, False, lines[-1])


def _hdf5_filters() -> Iterator[Finding]:
    try:
        import h5py
        import hdf5plugin  # noqa: F401  # registers the filters
    except ImportError as error:
        yield Finding("HDF5 filters", False, str(error))
        return
    for name, code in HDF5_FILTERS.items():
        yield Finding(f"HDF5 {name}", bool(h5py.h5z.filter_avail(code)), f"filter {code}")


def _devices() -> Iterator[Finding]:
    from ptygui.jobs.devices import list_devices, test_device

    found = list_devices()
    for device in found:
        try:
            test_device(device.id)
            yield Finding(f"device {device.id}", True, device.name)
        except PtyguiError as error:
            yield Finding(f"device {device.id}", False, str(error), needed=device.id == "cpu")
    if all(device.id == "cpu" for device in found):
        yield Finding("GPU", False, "none that torch can use; computing on the CPU", needed=False)


def _generators() -> Iterator[Finding]:
    from ptygui.jobs.catalogue import read_catalogue

    found = read_catalogue()
    names = ", ".join(entry.card.name for entry in found.entries)
    yield Finding("generators", bool(names), names or "none found: the installation is incomplete")
    for sentence in found.unusable:
        yield Finding("generator", False, sentence, needed=False)
