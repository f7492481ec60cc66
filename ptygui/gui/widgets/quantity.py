"""What can be plotted of runs: names of the field for the rows that a training writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Key = tuple[str, str]
"""(split, metric) of a row."""


@dataclass(frozen=True)
class Line:
    """One curve of a run."""

    key: Key
    label: str
    """Tells it from the other curves of the quantity; empty where it is the only one."""
    noisy: bool = False
    """Drawn faintly under its smoothed line."""


@dataclass(frozen=True)
class Quantity:
    """One entry of the list of quantities."""

    name: str
    axis: str
    """Label of the y axis."""
    keys: Callable[[Iterable[Key]], tuple[Line, ...]]
    """The lines that it takes from those that a run has."""


def quantities(available: Iterable[Key]) -> list[Quantity]:
    """Return what can be drawn of these curves, in the order of interest; unknown ones by their own names."""
    present = list(dict.fromkeys(available))
    known = [quantity for quantity in _KNOWN if quantity.keys(present)]
    taken = {line.key for quantity in known for line in quantity.keys(present)}
    return known + [_own_name(key) for key in sorted(set(present) - taken)]


def _fixed(name: str, axis: str, *lines: Line) -> Quantity:
    def of(present: Iterable[Key]) -> tuple[Line, ...]:
        there = set(present)
        return tuple(line for line in lines if line.key in there)

    return Quantity(name, axis, of)


def _family(name: str, axis: str, prefix: str) -> Quantity:
    """Return a quantity with a line for each metric of health that begins with `prefix`."""

    def of(present: Iterable[Key]) -> tuple[Line, ...]:
        keys = [key for key in present if key[0] == "health" and key[1].startswith(prefix)]
        return tuple(Line(key, key[1].removeprefix(prefix)) for key in keys)

    return Quantity(name, axis, of)


def _pair(name: str, axis: str, metric: str) -> Quantity:
    """Return a quantity of validation, raw and polished."""
    lines = (Line(("val", f"{kind}.{metric}"), kind) for kind in ("raw", "polished"))
    return _fixed(name, axis, *lines)


def _own_name(key: Key) -> Quantity:
    name = " ".join(filter(None, key))
    return _fixed(name, key[1], Line(key, "", noisy=key[0] == "train"))


_KNOWN: Sequence[Quantity] = (
    _fixed("Loss", "loss", Line(("train", "loss"), "train", noisy=True), Line(("val", "loss"), "validation")),
    _pair("Canvas residual", "residual R1", "r1"),
    _pair("Amplitude SSIM", "amplitude SSIM", "amplitude_ssim"),
    _pair("Phase SSIM", "phase SSIM", "phase_ssim"),
    _pair("Complex error", "complex error", "complex_error"),
    _fixed("Learning rate", "learning rate", Line(("train", "rate"), "")),
    _fixed("Gradient norm", "gradient norm", Line(("train", "gradient_norm"), "", noisy=True)),
    _fixed(
        "Amplitude spread",
        "amplitude spread",
        Line(("val", "amplitude_spread"), ""),
        Line(("val", "raw.amplitude_spread"), "raw"),
        Line(("health", "amplitude_spread"), ""),
        Line(("train", "amplitude_spread"), "train", noisy=True),
    ),
    _family("Gates", "mean |LayerScale|", "gate."),
    _family("Norm weights", "mean |norm weight|", "norm."),
    _family("Units alive", "share of units alive", "alive."),
)
