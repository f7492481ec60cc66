"""Whether a file is to be opened as a result or as a scan."""

from __future__ import annotations

from pathlib import Path

from ptygui.core.errors import ScanError
from ptygui.io.registry import open_raw
from ptygui.io.result_files import peek_record
from ptygui.io.result_registry import find_result_reader


def is_result(path: Path) -> bool:
    """Tell whether it is a result; one of another program only if no patterns are in it or beside it.

    Never raises.
    """
    if peek_record(path) is not None:
        return True
    try:
        return find_result_reader(path) is not None and not _is_scan(path)
    except OSError:
        return False


def _is_scan(path: Path) -> bool:
    try:
        open_raw(path)
    except ScanError:
        return False
    return True
