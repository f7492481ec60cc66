"""A file with a scan or a result, as an argument: another process has opened it before the command does.

Else a damaged file would end the command without a word, or let it hang in a library that hears no Ctrl-C.
"""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import Any

import click


class DataFile(click.Path):
    """A path of what is opened; a library's crash, hang or hunger for memory is a sentence."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        """Examine the file; raises ScanError if it does harm."""
        path = super().convert(value, param, ctx)
        if ctx is None or not ctx.resilient_parsing:
            _examine(Path(os.fsdecode(path)))
        return path


def _examine(path: Path) -> None:
    from ptygui.io.examiner import Request
    from ptygui.jobs.examination import Examiner

    with closing(Examiner()) as examiner:
        examiner.examine(Request(str(path)))
