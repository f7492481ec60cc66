"""The table of a study as the window shows it: a row an arm, from the report that the study writes."""

from __future__ import annotations

from collections.abc import Sequence

Table = Sequence[Sequence[str]]
_GENERAL = 4
"""Columns of the first table that come first: arm, runs, dead, alive but flat."""


def arms_table(report: str) -> Table:
    """Read a report (train.study_table, Markdown): how many died, how good the best were, and the rest.

    Returns
    -------
    sequence of rows, headings first; empty if there is no table in it.
    """
    general, *qualities = _tables(report) or [[]]
    best = {row[0]: row[1:] for row in qualities[0]} if qualities else {}
    unknown = [""] * (len(qualities[0][0]) - 1 if qualities else 0)
    return [[*row[:_GENERAL], *best.get(row[0], unknown), *row[_GENERAL:]] for row in general]


def _tables(report: str) -> list[list[list[str]]]:
    """Split into tables: lines of cells between bars; the line under the headings is none."""
    tables: list[list[list[str]]] = [[]]
    for line in report.splitlines():
        if not line.startswith("|"):
            tables.append([])
        elif set(line) - set("|-: "):
            tables[-1].append([cell.strip() for cell in line.strip()[1:-1].split("|")])
    return [table for table in tables if table]
