"""How a value is written for people and read back: one line of a form. No Qt."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ptygui.core.errors import PtyguiError
from ptygui.gui.widgets.numbers import MINUS

EntryKind = Literal["text", "choice", "switch", "path", "turns", "elsewhere"]
"""elsewhere: the text is only shown; it is chosen in a dialog of its own."""


class EntryError(PtyguiError):
    """What was typed makes no sense; a sentence."""


@dataclass(frozen=True)
class Entry:
    """One line of a form: its name, and how its value becomes text and text becomes a value."""

    name: str
    label: str
    kind: EntryKind = "text"
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    """(text of the value, words for people) of a choice."""
    tip: str = ""
    example: str = ""
    """What could be typed."""
    write: Callable[[Any], str] = str
    read: Callable[[str], Any] = str

    def text(self, value: Any) -> str:
        """Write a value; what is open is empty."""
        return "" if value is None else self.write(value)

    def value(self, text: str) -> Any:
        """Read what was typed.

        Raises
        ------
        EntryError
            In a sentence that names the line.
        """
        try:
            return self.read(text.strip())
        except ValueError as error:
            raise EntryError(f"{self.label[0].upper()}{self.label[1:]} {error}.") from error

    def words(self, value: Any) -> str:
        """Write a value as one reads it, with its unit."""
        text = self.text(value)
        words = dict(self.choices).get(text, text)
        return f"{words}\u202f{self.unit}" if self.unit and words else words


def number(
    name: str,
    label: str,
    unit: str = "",
    factor: float = 1.0,
    *,
    least: float | None = None,
    optional: bool = False,
    tip: str = "",
    example: str = "",
) -> Entry:
    """Make the line of a number, shown in `unit`, which is `factor` of what is kept; `least` is excluded."""

    def read(text: str) -> float | None:
        if not text and optional:
            return None
        return _scaled(_number(text, least), factor)

    return Entry(name, label, "text", unit, (), tip, example, lambda value: _short(value / factor), read)


def pair(
    name: str,
    label: str,
    unit: str = "",
    factor: float = 1.0,
    *,
    least: float | None = None,
    tip: str = "",
    example: str = "",
) -> Entry:
    """Make the line of (y, x): one number for both, or two."""

    def read(text: str) -> tuple[float, float]:
        numbers = [
            _scaled(_number(part, least), factor) for part in re.split(r"\s*[×x;]\s*|\s+", text) if part
        ]
        if len(numbers) not in (1, 2):
            raise ValueError("must be one number, or two: height × width")
        return numbers[0], numbers[-1]

    def write(value: Sequence[float]) -> str:
        height, width = (_short(part / factor) for part in value)
        return height if height == width else f"{height} × {width}"

    return Entry(name, label, "text", unit, (), tip, example, write, read)


def wholes(name: str, label: str, unit: str = "", *, optional: bool = False, tip: str = "") -> Entry:
    """Make the line of two whole numbers (row, column), or (rows, columns)."""

    def read(text: str) -> tuple[int, int] | None:
        if not text and optional:
            return None
        parts = [part for part in re.split(r"[\s,;×x]+", text) if part]
        if len(parts) != 2 or not all(re.fullmatch(r"[-−]?\d+", part) for part in parts):
            raise ValueError("must be two whole numbers, e.g. 128, 130")
        row, col = (int(part.replace(MINUS, "-")) for part in parts)
        return row, col

    return Entry(name, label, "text", unit, (), tip, "128, 130", lambda at: f"{at[0]}, {at[1]}", read)


def whole(name: str, label: str, *, least: int, tip: str = "") -> Entry:
    """Make the line of a whole number."""

    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise ValueError(f"must be a whole number, at least {least}")
        return int(text)

    return Entry(name, label, tip=tip, read=read)


def choice(name: str, label: str, choices: Sequence[tuple[str, str]], tip: str = "") -> Entry:
    """Make the line of a choice between words."""
    return Entry(name, label, "choice", "", tuple(choices), tip)


def coded(name: str, label: str, choices: Sequence[str], tip: str = "") -> Entry:
    """Make the line of a choice that is kept as its number."""
    numbered = tuple((str(code), words) for code, words in enumerate(choices))
    return Entry(name, label, "choice", "", numbered, tip, read=int)


def switch(name: str, label: str, tip: str = "") -> Entry:
    """Make the line of what is on or off."""
    return Entry(name, label, "switch", "", (), tip, "", lambda on: "yes" if on else "", bool)


def file(name: str, label: str, *, optional: bool = False, tip: str = "") -> Entry:
    """Make the line of a file."""

    def read(text: str) -> str | None:
        if not text and not optional:
            raise ValueError("must be chosen")
        return text or None

    return Entry(name, label, "path", "", (), tip, "", str, read)


def numbers_list(name: str, label: str, tip: str = "") -> Entry:
    """Make the line of a list of patterns: '3, 7, 10-20'."""
    return Entry(name, label, "text", "", (), tip, "3, 7, 10-20", _write_list, _read_list)


def _read_list(text: str) -> tuple[int, ...]:
    found: set[int] = set()
    for part in filter(None, re.split(r"[\s,;]+", re.sub(r"\s*[-–]\s*", "-", text))):
        ends = re.fullmatch(r"(\d+)(?:-(\d+))?", part)
        if ends is None:
            raise ValueError("must be numbers of patterns, e.g. 3, 7, 10-20")
        first, last = int(ends[1]), int(ends[2] or ends[1])
        if last - first > 10_000_000:
            raise ValueError("name more patterns than any scan has")
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def _write_list(indices: Sequence[int]) -> str:
    parts: list[list[int]] = []
    for index in sorted(indices):
        if parts and parts[-1][1] == index - 1:
            parts[-1][1] = index
        else:
            parts.append([index, index])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)


def _number(text: str, least: float | None) -> float:
    try:
        value = float(text.replace(MINUS, "-").replace("\u202f", "").replace(",", "."))
    except ValueError:
        raise ValueError("must be a number") from None
    if not math.isfinite(value):
        raise ValueError("must be a finite number")
    if least is not None and value <= least:
        raise ValueError(f"must be more than {_short(least)}")
    return value


def _scaled(value: float, factor: float) -> float:
    """Multiply without leaving 5.0000000000000004e-08 of what was typed as 50 nm."""
    return float(f"{value * factor:.14g}")


def _short(value: float) -> str:
    return f"{value:.7g}".replace("-", MINUS) if "e" not in f"{value:.7g}" else f"{value:.7g}"
