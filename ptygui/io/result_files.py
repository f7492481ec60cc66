"""Results in files: reading what ptygui or others exported, and keeping the state of a job that goes on."""

from __future__ import annotations

from pathlib import Path

from ptygui.core.errors import ScanError
from ptygui.core.events import Reconstruction
from ptygui.io.new_file import new_file
from ptygui.io.provenance import Provenance, as_json, provenance
from ptygui.io.result_checks import ResultError, refuse_far_away, refuse_odd_pixels
from ptygui.io.result_registry import RecordedResult, find_result_reader, result_reader_of
from ptygui.io.writers.npz import write_npz

__all__ = ["ResultError", "peek_record", "read_result", "write_checkpoint"]


def read_result(path: Path) -> Reconstruction:
    """Read a result of one stage.

    Parameters
    ----------
    path : Path
        In any format of `io.results`; the content tells which.

    Raises
    ------
    ResultError
        In one sentence, for anything else or what is damaged.
    """
    try:
        return refuse_odd_pixels(refuse_far_away(result_reader_of(path).read(path), path.name), path.name)
    except ScanError as error:
        raise ResultError(str(error)) from error
    except OSError as error:
        raise ResultError(f"{path} cannot be read: {error.strerror or error}.") from error


def peek_record(path: Path) -> Provenance | None:
    """Tell quickly how a result that ptygui wrote came about; None for any other file. Never raises."""
    try:
        reader = find_result_reader(path)
        return reader.record(path) if isinstance(reader, RecordedResult) else None
    except (ScanError, OSError):
        return None


def write_checkpoint(path: Path, result: Reconstruction) -> None:
    """Keep the last stage of a result in a file that `read_result` reads; an older one is replaced.

    It is not compressed: a job that goes on waits for it.

    Parameters
    ----------
    path : Path
        Ends in '.npz'.
    result : Reconstruction

    Raises
    ------
    ExportError
        If it cannot be written; an older one is whole then.
    """
    text = as_json(provenance(result, result.best))
    with new_file(path, overwrite=True) as temporary:
        write_npz(temporary, result.best, text, compressed=False)
