"""The steps of a preparation in words, for the window, the command line and recipes."""

from __future__ import annotations

from functools import singledispatch
from pathlib import PurePath

from ptygui.core import preparation as p
from ptygui.core.scan import PositionUnit

_NAMES: dict[type[p.Step], str] = {
    p.MaskValues: "bad by value",
    p.MaskHot: "hot and dead pixels",
    p.MaskPainted: "painted mask",
    p.MaskFile: "mask from a file",
    p.SubtractDark: "dark",
    p.DivideFlat: "flat",
    p.DivideMonitor: "monitor",
    p.Window: "window",
    p.Bin: "bin",
    p.DropPatterns: "leave out patterns",
    p.Lasso: "lasso",
    p.DropOutliers: "leave out outliers",
    p.MovePositions: "move positions",
    p.DiskProbe: "probe: disk",
    p.ZonePlateProbe: "probe: zone plate",
    p.MeanPatternProbe: "probe: mean pattern",
    p.FileProbe: "probe from a file",
}


def name(step: p.Step | type[p.Step]) -> str:
    """Return what a kind of step is called, e.g. 'window'."""
    return _NAMES[step if isinstance(step, type) else type(step)]


def words(step: p.Step, unit: PositionUnit) -> str:
    """Say in one line what a step does, e.g. 'Window 128 × 128 px around row 512, column 498'.

    Parameters
    ----------
    step : Step
    unit : 'm' or 'px'
        Of the scan's positions.
    """
    text = _words(step, unit)
    return text if step.on else f"{text} (off)"


@singledispatch
def _words(step: object, _unit: PositionUnit) -> str:
    raise TypeError(f"{type(step)} is no step.")


@_words.register
def _(step: p.MaskValues, _unit: PositionUnit) -> str:
    limits = (("below", step.low), ("above", step.high))
    told = [f"{word} {limit:g}" for word, limit in limits if limit is not None]
    return f"Bad pixels: {' or '.join(told)} counts" if told else "Bad pixels: no limits"


@_words.register
def _(step: p.MaskHot, _unit: PositionUnit) -> str:
    return f"Hot{' and dead' if step.dead else ''} pixels, beyond {step.sigmas:g} σ"


@_words.register
def _(step: p.MaskPainted, _unit: PositionUnit) -> str:
    return f"Painted mask, {_counted(len(step.strokes), 'dot')}"


@_words.register
def _(step: p.MaskFile, _unit: PositionUnit) -> str:
    return f"Mask from {_file(step.path, step.key)}, bad where {'not 0' if step.bad == 'nonzero' else '0'}"


@_words.register
def _(step: p.SubtractDark, _unit: PositionUnit) -> str:
    return f"Subtract the dark{_origin(step.path, step.key)}"


@_words.register
def _(step: p.DivideFlat, _unit: PositionUnit) -> str:
    return f"Divide by the flat{_origin(step.path, step.key)}"


@_words.register
def _(_step: p.DivideMonitor, _unit: PositionUnit) -> str:
    return "Divide by the monitor"


@_words.register
def _(step: p.Window, _unit: PositionUnit) -> str:
    where = "the middle" if step.centre_px is None else f"row {step.centre_px[0]}, column {step.centre_px[1]}"
    return f"Window {step.size_px[0]} × {step.size_px[1]} px around {where}"


@_words.register
def _(step: p.Bin, _unit: PositionUnit) -> str:
    return f"Bin {step.factor} × {step.factor}"


@_words.register
def _(step: p.DropPatterns, _unit: PositionUnit) -> str:
    first = ", ".join(str(index) for index in step.indices[:5])
    listed = f": {first}{' …' if len(step.indices) > 5 else ''}" if step.indices else ""
    return f"Leave out {_counted(len(step.indices), 'pattern')}{listed}"


@_words.register
def _(step: p.Lasso, _unit: PositionUnit) -> str:
    verb = "Keep" if step.keep else "Leave out"
    return f"{verb} the patterns inside a lasso"


@_words.register
def _(step: p.DropOutliers, _unit: PositionUnit) -> str:
    return f"Leave out patterns whose total is beyond {step.sigmas:g} σ"


@_words.register
def _(step: p.MovePositions, unit: PositionUnit) -> str:
    parts = [
        f"stretched {step.scale[0]:g} × {step.scale[1]:g} (y, x)" if step.scale != (1, 1) else "",
        f"sheared by {step.shear:g}" if step.shear else "",
        f"turned by {_signed(step.rotation_deg)}°" if step.rotation_deg else "",
        f"shifted by y {_length(step.shift[0], unit)}, x {_length(step.shift[1], unit)}"
        if step.shift != (0, 0)
        else "",
    ]
    return f"Positions {', '.join(filter(None, parts)) or 'as they are'}"


@_words.register
def _(step: p.DiskProbe, unit: PositionUnit) -> str:
    return f"Probe: disk of {_length(step.diameter, unit)}{_defocus(step.defocus_m)}"


@_words.register
def _(step: p.ZonePlateProbe, _unit: PositionUnit) -> str:
    stop = f", stop {_length(step.stop_m, 'm')}" if step.stop_m else ""
    return (
        f"Probe: zone plate of {_length(step.diameter_m, 'm')}, outer zone {_length(step.outer_zone_m, 'm')}"
        f"{stop}{_defocus(step.defocus_m)}"
    )


@_words.register
def _(step: p.MeanPatternProbe, _unit: PositionUnit) -> str:
    return f"Probe: from the mean pattern{_defocus(step.defocus_m)}"


@_words.register
def _(step: p.FileProbe, _unit: PositionUnit) -> str:
    return f"Probe: from {_file(step.path, step.key)}"


def _origin(path: str | None, key: str) -> str:
    return " of the scan's file" if path is None else f" in {_file(path, key)}"


def _file(path: str, key: str) -> str:
    return f"{PurePath(path).name}, {key}" if key else PurePath(path).name


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _defocus(metres: float) -> str:
    return f", defocus {_length(metres, 'm')}" if metres else ""


def _length(value: float, unit: PositionUnit) -> str:
    """Write a length in the unit in which it is read best, with a true minus sign."""
    if unit == "px":
        return f"{_signed(value)} px"
    for size, symbol in ((1.0, "m"), (1e-3, "mm"), (1e-6, "µm")):
        if abs(value) >= size:
            return f"{_signed(value / size)} {symbol}"
    return f"{_signed(value / 1e-9)} nm"


def _signed(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")
