"""What is under the cursor in a plot of runs, as rich text in the colours of the runs. No Qt."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ptygui.gui.widgets.numbers import UNKNOWN, fixed, grouped, scientific, significant

if TYPE_CHECKING:
    from ptygui.runs.layout import HealthEvent

_CELL = "padding-left: 10px; white-space: nowrap"
_LONGEST = 24
ValueRow = tuple[str, str, Sequence[float | None]]
"""(colour, name of the run, its values in the order of the labels)."""


def value_words(x: float, is_time: bool, labels: Sequence[str], rows: Sequence[ValueRow]) -> str:
    """Write a table: the place and the labels, then a row a run with its values there."""
    rows = [row for row in rows if any(value is not None for value in row[2])]
    if not rows:
        return ""
    place = f"{fixed(x, 1)} min" if is_time else f"step {grouped(x)}"
    head = f"<td>{place}</td>" + "".join(_cell(label) for label in labels)
    lines = [
        f'<td style="color: {color}; white-space: nowrap">{html.escape(_short(name))}</td>'
        + "".join(map(_cell, map(_number, values)))
        for color, name, values in rows
    ]
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in [head, *lines]) + "</table>"


def event_words(run: str, event: HealthEvent, color: str) -> str:
    """Write what happened to a run, and what was done about it."""
    name = f'<span style="color: {color}">{html.escape(run)}</span>, step {grouped(event.step)}'
    sentences = (event.sentence, event.action)
    return "<br>".join([name, *(html.escape(sentence) for sentence in sentences if sentence)])


def _cell(words: str) -> str:
    return f'<td align="right" style="{_CELL}">{html.escape(words)}</td>'


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def _number(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    plain = value == 0 or 1e-4 <= abs(value) < 1e5
    return significant(value, 3) if plain else scientific(value, 3)
