"""The one gate to the files that come with ptygui: trained generators, the demo scan, icons, help.

In a checkout they lie in `resources/` beside the package; in a wheel and in a frozen application, where
nothing may lie beside it, in `ptygui/_resources`.
"""

from __future__ import annotations

from pathlib import Path

from ptygui.core.errors import PtyguiError

_PACKAGE = Path(__file__).resolve().parent


class ResourceError(PtyguiError):
    """A file that should have come with ptygui is not there."""


def resource_path(*parts: str) -> Path:
    """Return where a shipped file or folder lies, e.g. `resource_path("scans", "demo-lines64.npz")`.

    Raises
    ------
    ResourceError
        If it is not there: the installation is incomplete.
    """
    path = _root().joinpath(*parts)
    if not path.exists():
        raise ResourceError(
            f"{'/'.join(parts)} is missing from this installation of ptygui (looked for {path}); "
            "install it again, or in a checkout run `git checkout resources`."
        )
    return path


def shipped_generators() -> list[Path]:
    """List the bundles of trained generators that came with ptygui, by name; quick."""
    return sorted((_root() / "generators").glob("*.safetensors"))


def demo_scan_path() -> Path:
    """Return where the simulated demo scan lies; raises ResourceError if it is missing."""
    return resource_path("scans", "demo-lines64.npz")


def _root() -> Path:
    installed = _PACKAGE / "_resources"
    return installed if installed.is_dir() else _PACKAGE.parent / "resources"
