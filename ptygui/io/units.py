"""How units are written in files, in small letters, and what they are in metres and electronvolts."""

from __future__ import annotations

_JOULE_EV = 1 / 1.602176634e-19
LENGTHS = {
    "m": 1.0, "metre": 1.0, "meter": 1.0, "meters": 1.0, "cm": 1e-2, "mm": 1e-3, "millimeter": 1e-3,
    "um": 1e-6, "µm": 1e-6, "μm": 1e-6, "micron": 1e-6, "microns": 1e-6, "micrometer": 1e-6,
    "nm": 1e-9, "nanometer": 1e-9, "pm": 1e-12, "a": 1e-10, "å": 1e-10, "angstrom": 1e-10,
}  # fmt: skip
ENERGIES = {"ev": 1.0, "kev": 1e3, "mev": 1e6, "j": _JOULE_EV, "joule": _JOULE_EV}
PIXELS = {"px": 1.0, "pixel": 1.0, "pixels": 1.0, "": 1.0}
