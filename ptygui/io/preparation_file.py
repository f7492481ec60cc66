"""A preparation in a file of its own: TOML, to be used again on another scan."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ptygui.core.atomic import replacing
from ptygui.core.errors import ExportError, ScanError
from ptygui.core.preparation import Preparation
from ptygui.core.toml import toml_text


def write_preparation(preparation: Preparation, path: Path) -> None:
    """Write a preparation as TOML, whole or not at all; what is None, which TOML lacks, is left out.

    Raises
    ------
    ExportError
        If it cannot be written.
    """
    text = toml_text(preparation)
    try:
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ExportError(f"{path} cannot be written: {error.strerror or error}.") from error


def read_preparation(path: Path) -> Preparation:
    """Read a preparation that `write_preparation` wrote.

    Raises
    ------
    ScanError
        If it cannot be read or holds something else.
    """
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Preparation)
    except OSError as error:
        raise ScanError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
        raise ScanError(f"{path.name} holds no preparation of a scan: {error}.") from error
