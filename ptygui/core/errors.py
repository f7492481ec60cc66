"""The errors that a scientist sees: each message is a sentence that says what to do."""

from __future__ import annotations


class PtyguiError(Exception):
    """Base of every error whose text is meant for the user."""


class Cancelled(Exception):  # noqa: N818  # no error: nothing is shown, and nothing is kept
    """The user thought better of it; raised by whoever is told how far something is that takes long."""


class ScanError(PtyguiError):
    """A scan cannot be opened or used; the message names file, key, what was expected and what to do."""


class IncompleteScanError(ScanError):
    """A file can be read, but something that it does not tell is needed first.

    Attributes
    ----------
    lacks : tuple of str
        The fields of core.reading.Reading that would help, e.g. ('energy_ev', 'distance_m').
    """

    def __init__(self, text: str, lacks: tuple[str, ...]) -> None:
        super().__init__(text)
        self.lacks = lacks


class UnknownHdf5Error(ScanError):
    """An HDF5 file is in no known format; a mapping (core.mapping) can say where things are in it.

    Attributes
    ----------
    path : str
    """

    def __init__(self, text: str, path: str) -> None:
        super().__init__(text)
        self.path = path


class PresetError(PtyguiError):
    """A preset (io.presets) cannot be kept; the message says why."""


class PresetExistsError(PresetError):
    """There is a preset of that name already; it can be replaced."""


class ExportError(PtyguiError):
    """A result cannot be written; the message names the file and the reason."""


class BundleError(PtyguiError):
    """A file is no trained generator, or not one this version can use."""


class DeviceError(PtyguiError):
    """A device is absent, busy or failed its test; never answered by a silent change of device."""


class RecipeError(PtyguiError):
    """Scan, generator and settings do not fit together; the message says what does not, and what would."""


class ConfigError(PtyguiError):
    """A training configuration is not valid; the message names the key."""
