"""The bytes of .npz and .npz.bz2 archives: a zip (PKWARE APPNOTE), which bz2 may wrap."""

from __future__ import annotations

import bz2
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

from ptygui.core.errors import ScanError
from ptygui.io.temporary import Report, silent, unpack

CHUNK_BYTES = 4 << 20
LONGEST_REASON = 120

_ZIP_MAGIC, _BZ2_MAGIC = b"PK\x03\x04", b"BZh"
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
"""Signature, version, flags, method, time, date, CRC, two sizes, length of name, length of extra field."""
UNZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    struct.error,
    OverflowError,
)


def peek_keys(path: Path) -> set[str]:
    """Return the names of the arrays without unpacking anything; empty if it is no .npz archive.

    Of an .npz.bz2 only the first name is told, because the list of names lies at its end.
    """
    try:
        if is_bz2(path):
            with bz2.open(path) as packed:
                return {_first_member(packed.read(512))}
        if not _starts_with(path, _ZIP_MAGIC):
            return set()
        with zipfile.ZipFile(path) as archive:
            return {name.removesuffix(".npy") for name in archive.namelist()}
    except (OSError, *UNZIP_ERRORS):
        return set()


def shortly(error: Exception) -> str:
    """Return what an error says, short enough for a sentence: zipfile's may hold thousands of bytes."""
    text = str(error).rstrip(".").replace(". ", "; ")
    return text if len(text) <= LONGEST_REASON else text[:LONGEST_REASON] + "…"


def why_no_scan(path: Path) -> str | None:
    """Say what an archive lacks to be a scan; None if it is no archive."""
    if not (_starts_with(path, _ZIP_MAGIC) or is_bz2(path)):
        return None
    keys = ", ".join(sorted(peek_keys(path)))
    if not keys:
        return "is a damaged or incomplete .npz archive: copy it again."
    return f"is an archive, but no ptychography scan that ptygui reads (it has {keys})."


def member_offset(file: BinaryIO, info: zipfile.ZipInfo) -> int:
    """Find the byte at which a member's data start: after its local header, which the list does not size."""
    file.seek(info.header_offset)
    magic, *_, name_length, extra_length = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    if magic != _ZIP_MAGIC:
        raise zipfile.BadZipFile
    return info.header_offset + _LOCAL_HEADER.size + int(name_length) + int(extra_length)


def unpacked_bz2(path: Path, report: Report = silent) -> BinaryIO:
    """Unpack a bz2 file into an anonymous temporary file; raises ScanError."""
    try:
        with path.open("rb") as raw, bz2.open(raw) as packed:
            size = path.stat().st_size
            chunks = chunks_of(cast("BinaryIO", packed), lambda: raw.tell() / size, report)
            return unpack(chunks, path.name)
    except (OSError, EOFError, ValueError) as error:
        raise ScanError(f"{path.name} is no complete bz2 file ({shortly(error)}): copy it again.") from error


def chunks_of(file: BinaryIO, share: Callable[[], float], report: Report) -> Iterator[bytes]:
    """Read a file from where it stands to its end, a few megabytes at a time.

    Parameters
    ----------
    file : BinaryIO
    share : callable
        Tells how much is read, 0..1.
    report : Report
        Told so after each piece.
    """
    while chunk := file.read(CHUNK_BYTES):
        yield chunk
        report(share())


def is_bz2(path: Path) -> bool:
    """Tell whether a file is compressed by bz2."""
    return _starts_with(path, _BZ2_MAGIC)


def _starts_with(path: Path, magic: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(magic)) == magic


def _first_member(start: bytes) -> str:
    magic, *_, name_length, _ = _LOCAL_HEADER.unpack_from(start)
    if magic != _ZIP_MAGIC:
        raise zipfile.BadZipFile
    name = start[_LOCAL_HEADER.size : _LOCAL_HEADER.size + name_length]
    return name.decode("utf-8", "replace").removesuffix(".npy")
