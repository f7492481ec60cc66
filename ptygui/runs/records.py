"""run.json and status.json: read and written whole."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from ptygui.core.atomic import replacing
from ptygui.runs.layout import SCHEMA_VERSION, RunError, RunInfo, RunPaths, Status

_Record = TypeVar("_Record", bound=msgspec.Struct)


def read_info(directory: Path) -> RunInfo:
    """Read run.json of a run directory.

    Raises
    ------
    RunError
        If it is absent, damaged, or written by a version with another schema.
    """
    info = _read(RunPaths(directory).info, RunInfo)
    if info.schema > SCHEMA_VERSION:
        raise RunError(
            f"{directory} was written by ptygui {info.code_version} in schema {info.schema}; "
            f"this version reads up to {SCHEMA_VERSION}: update ptygui to watch it."
        )
    return info


def read_status(directory: Path) -> Status:
    """Read status.json of a run directory; raises RunError if it is absent or damaged."""
    return _read(RunPaths(directory).status, Status)


def write_record(path: Path, record: msgspec.Struct) -> None:
    """Write a record as JSON, atomically."""
    with replacing(path) as temporary:
        temporary.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")


def _read(path: Path, kind: type[_Record]) -> _Record:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise RunError(f"{path} cannot be read ({error.strerror}): is this a run directory?") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RunError(f"{path} is damaged: {error}.") from error
