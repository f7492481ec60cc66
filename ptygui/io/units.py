"""How units are written in files, in small letters, and what they are in metres and electronvolts."""

from __future__ import annotations

from ptygui.core.geometry import energy_ev
from ptygui.core.reading import METRES, StoredUnit

_JOULE_EV = 1 / 1.602176634e-19
LENGTHS = {
    "m": 1.0, "metre": 1.0, "meter": 1.0, "metres": 1.0, "meters": 1.0, "cm": 1e-2,
    "mm": 1e-3, "millimeter": 1e-3, "millimetre": 1e-3,
    "um": 1e-6, "µm": 1e-6, "μm": 1e-6, "micron": 1e-6, "microns": 1e-6, "micrometer": 1e-6,
    "micrometre": 1e-6, "nm": 1e-9, "nanometer": 1e-9, "nanometre": 1e-9, "pm": 1e-12,
    "a": 1e-10, "å": 1e-10, "angstrom": 1e-10,
}  # fmt: skip
ENERGIES = {"ev": 1.0, "kev": 1e3, "mev": 1e6, "j": _JOULE_EV, "joule": _JOULE_EV}
PIXELS = {"px": 1.0, "pixel": 1.0, "pixels": 1.0, "": 1.0}


def stored_unit(unit: str) -> tuple[StoredUnit | None, float]:
    """Return how positions in a unit are said to be stored, and what to multiply them by for that.

    None and 1 for a unit that is not known, or none.
    """
    if unit in PIXELS:
        return ("px" if unit else None), 1.0
    length = LENGTHS.get(unit)
    if length is None:
        return None, 1.0
    name = next((name for name, metres in METRES.items() if metres == length), None)
    return ("m", length) if name is None else (name, 1.0)


def energy_of_wavelength(wavelength_m: float | None) -> float | None:
    """Return the photon energy in eV of a wavelength in metres, if it is one."""
    return energy_ev(wavelength_m) if wavelength_m is not None and 0 < wavelength_m < 1 else None
