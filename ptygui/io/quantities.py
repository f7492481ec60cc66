"""Lengths, energies and angles in HDF5 files, in the unit that stands beside them.

Where none does, and the format fixes none, the order of size decides, and a sentence says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import h5py
import numpy as np

from ptygui.core import geometry
from ptygui.io import hdf5
from ptygui.io.mapped_places import unit_of
from ptygui.io.units import ENERGIES, LENGTHS

DEGREE: dict[str, float] = {"deg": 1.0, "degree": 1.0, "degrees": 1.0, "rad": 180 / np.pi}


class Quantity(NamedTuple):
    """A value in the unit asked for, and a sentence if its unit had to be assumed."""

    value: float | None
    note: str | None = None


NONE = Quantity(None)


def length_m(file: h5py.File, key: str, bare: str | None = None) -> Quantity:
    """Read a positive length; raises ScanError if it cannot be read.

    Parameters
    ----------
    file : h5py.File
    key : str
    bare : str or None
        The unit if the file tells none; None: metres, or millimetres above 50, as nobody has a detector
        there.
    """
    return _read(file, key, LENGTHS, bare, lambda value: "m" if value <= 50 else "mm")


def pixel_m(file: h5py.File, key: str, bare: str | None = None) -> Quantity:
    """Read the size of a detector's pixel, like `length_m`: bare it is in m, mm or µm by its size."""
    return _read(file, key, LENGTHS, bare, lambda value: "m" if value < 1e-3 else "mm" if value < 1 else "um")


def energy_ev(file: h5py.File, key: str, bare: str | None = None) -> Quantity:
    """Read a photon energy, like `length_m`: bare it is in keV below 150, else in eV."""
    return _read(file, key, ENERGIES, bare, lambda value: "keV" if value < 150 else "eV")


def energy_of_wavelength(file: h5py.File, key: str, bare: str | None = None) -> Quantity:
    """Read a wavelength and return the photon energy in eV; bare it is in m if tiny, else in angstrom."""
    found = _read(file, key, LENGTHS, bare, lambda value: "m" if value < 1e-6 else "angstrom")
    return found._replace(value=found.value and geometry.energy_ev(found.value))


def angle_deg(file: h5py.File, key: str) -> float | None:
    """Read an angle, the first if there are many; degrees unless the file says radians."""
    value = _first(file, key)
    return None if value is None else value * DEGREE.get(unit_of(file, key), 1.0)


def pixels(file: h5py.File, key: str, size_m: float | None) -> float | None:
    """Read a place on the detector in pixels; one given as a length is divided by `size_m`."""
    value = _first(file, key)
    factor = LENGTHS.get(unit_of(file, key)) if value is not None else None
    if value is None or factor is None:
        return value
    return value * factor / size_m if size_m else None


def first_known(found: Iterable[Quantity]) -> Quantity:
    """Return the first that has a value."""
    return next((one for one in found if one.value), NONE)


def _read(
    file: h5py.File, key: str, units: dict[str, float], bare: str | None, assume: Callable[[float], str]
) -> Quantity:
    value = abs(_first(file, key) or 0.0)
    if not value:
        return NONE
    told = unit_of(file, key)
    if told in units:
        return Quantity(value * units[told])
    assumed = bare or assume(value)
    silently = bare and not told
    note = None if silently else f"{key} is {value:g} without a unit that is known: taken as {assumed}."
    return Quantity(value * units[assumed.lower()], note)


def _first(file: h5py.File, key: str) -> float | None:
    """Return the first number of a dataset; None if there is none, or it is not finite."""
    if not hdf5.linked(file, key):
        return None
    values = hdf5.array(file, key).reshape(-1)[:1]
    return float(values[0]) if values.size and values.dtype.kind in "iuf" and np.isfinite(values[0]) else None
