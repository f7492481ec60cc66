"""Results in files: reading back what ptygui exported, and keeping the state of a job that goes on."""

from __future__ import annotations

from pathlib import Path

from ptygui.core.errors import ScanError
from ptygui.core.events import Reconstruction
from ptygui.io.new_file import new_file
from ptygui.io.provenance import Provenance, as_json, provenance
from ptygui.io.result_checks import ResultError, refuse_far_away
from ptygui.io.result_npz import read_npz_record, read_npz_result
from ptygui.io.result_product import read_product_record, read_product_result
from ptygui.io.writers.npz import write_npz

__all__ = ["ResultError", "peek_record", "read_result", "write_checkpoint"]

_ZIP, _HDF5 = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"


def read_result(path: Path) -> Reconstruction:
    """Read a result of one stage.

    Parameters
    ----------
    path : Path
        ptygui's .npz, or a Ptychodus product (.h5), also of another program; the content tells which.

    Raises
    ------
    ResultError
        In one sentence, for anything else or what is damaged.
    """
    try:
        start = _start(path)
        if start.startswith(_ZIP):
            return refuse_far_away(read_npz_result(path), path.name)
        if start == _HDF5:
            return refuse_far_away(read_product_result(path), path.name)
    except ScanError as error:
        raise ResultError(str(error)) from error
    except OSError as error:
        raise ResultError(f"{path} cannot be read: {error.strerror or error}.") from error
    raise ResultError(f"{path.name} is no result: choose an .npz of ptygui or a Ptychodus product (.h5).")


def peek_record(path: Path) -> Provenance | None:
    """Tell quickly how a result that ptygui wrote came about; None for any other file. Never raises."""
    try:
        start = _start(path)
        if start.startswith(_ZIP):
            return read_npz_record(path)
        return read_product_record(path) if start == _HDF5 else None
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


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_HDF5))
