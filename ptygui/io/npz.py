"""NumPy's .npz archives (also .npz.bz2) without pickles and without reading stacks into memory.

An .npz is a zip whose members are .npy arrays. Members stored uncompressed (np.savez) are read in place;
deflated ones (np.savez_compressed) are unpacked once into a temporary file. Zip layout: PKWARE APPNOTE.
"""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.io.archive import UNZIP_ERRORS, chunks_of, is_bz2, member_offset, shortly, unpacked_bz2
from ptygui.io.canonical import MAX_ARRAY_BYTES
from ptygui.io.frames_last import rewrite_frames_first
from ptygui.io.npy import HeaderError, NpyHeader, read_header
from ptygui.io.raw_stack import RawStack
from ptygui.io.temporary import Report, silent, unpack


class NpzFile:
    """The arrays of one archive, see `open_npz`.

    Parameters
    ----------
    path : Path
        For messages, and to read stored members in place.
    archive : ZipFile
    in_place : bool
        `path` is the zip itself, not a compressed form of it.
    report : Report
        Told how far a stack is unpacked.
    """

    def __init__(
        self, path: Path, archive: zipfile.ZipFile, *, in_place: bool, report: Report = silent
    ) -> None:
        self.path, self._archive, self._in_place, self._report = path, archive, in_place, report
        self._members = {name.removesuffix(".npy"): name for name in archive.namelist()}

    def __contains__(self, key: str) -> bool:
        return key in self._members

    @property
    def keys(self) -> set[str]:
        """Names of the arrays."""
        return set(self._members)

    def label(self, key: str) -> str:
        """Return 'file, key ...' for messages."""
        return f"{self.path.name}, key {key},"

    def header(self, key: str) -> NpyHeader:
        """Read what an array declares: shape, dtype, order.

        Raises
        ------
        ScanError
            If it is absent, no plain array, or declares more than the file holds.
        """
        info = self._info(key)
        with self._reading(key), self._archive.open(info) as member:
            try:
                header = read_header(cast("BinaryIO", member))
            except HeaderError as error:
                raise ScanError(f"{self.label(key)} {error}.") from error
        if header.size_bytes + header.data_bytes > info.file_size:
            raise ScanError(
                f"{self.label(key)} declares the shape {header.shape}, which is more than the file holds: "
                "copy the file again."
            )
        return header

    def array(self, key: str) -> NDArray[Any]:
        """Read a whole array that fits in memory: positions, probe, object.

        Raises
        ------
        ScanError
            Like `header`, or if it is unreasonably large.
        """
        header = self.header(key)
        if header.data_bytes > MAX_ARRAY_BYTES:
            raise ScanError(
                f"{self.label(key)} has the shape {header.shape}, too large for what it should hold."
            )
        with self._reading(key), self._archive.open(self._info(key)) as member:
            member.read(header.size_bytes)
            data = member.read(header.data_bytes)
            if len(data) < header.data_bytes:
                raise EOFError("it ends too early")
        return np.ndarray(header.shape, header.dtype, data, order="F" if header.fortran_order else "C")

    def text(self, key: str) -> str | None:
        """Read a string, stored as an array of one; None if there is none."""
        if key not in self or self.header(key).dtype.kind not in "SU":
            return None
        values = self.array(key)
        if values.size != 1:
            return None
        value = values.reshape(-1)[0]
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)

    def json(self, key: str) -> dict[str, Any]:
        """Read a string as JSON; empty if it is none, because such keys are optional."""
        try:
            value = json.loads(self.text(key) or "{}")
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    def stack(self, key: str, *, frames_last: bool = False) -> RawStack:
        """Open an array (n, H, W) of patterns, read in batches later; leading axes of length 1 are dropped.

        Parameters
        ----------
        key : str
        frames_last : bool
            The array is (H, W, n).

        Raises
        ------
        ScanError
            Like `header`, or if it is no stack of real numbers.
        """
        header = self.header(key)
        shape = self._stack_shape(key, header)
        if header.fortran_order:  # the last axis runs slowest: seen in C order, all axes are reversed
            shape, frames_last = shape[::-1], not frames_last
        file, offset = self._raw_data(key, header)
        label = self.label(key)
        if not frames_last:
            return RawStack(file, offset, shape, header.dtype, transposed=header.fortran_order, label=label)
        with file:
            return rewrite_frames_first(
                file,
                offset,
                shape,
                header.dtype,
                transposed=header.fortran_order,
                label=label,
                report=self._report,
            )

    def _stack_shape(self, key: str, header: NpyHeader) -> tuple[int, int, int]:
        shape = header.shape
        while len(shape) > 3 and shape[0] == 1:
            shape = shape[1:]
        if len(shape) != 3 or header.dtype.kind not in "buif":
            raise ScanError(
                f"{self.label(key)} must be patterns, real numbers of shape (n, H, W), "
                f"not {header.dtype} of shape {header.shape}."
            )
        if 0 in shape:
            raise ScanError(f"{self.label(key)} has the shape {header.shape}: there are no patterns in it.")
        return shape

    def _raw_data(self, key: str, header: NpyHeader) -> tuple[BinaryIO, int]:
        """Return a file of its own and the byte in it where the array's data start."""
        info = self._info(key)
        if self._in_place and info.compress_type == zipfile.ZIP_STORED:
            return self._open_at_member(info, header)
        with self._reading(key), self._archive.open(info) as member:
            chunks = chunks_of(cast("BinaryIO", member), lambda: member.tell() / info.file_size, self._report)
            return unpack(chunks, self.label(key), info.file_size), header.size_bytes

    def _info(self, key: str) -> zipfile.ZipInfo:
        if key not in self:
            raise ScanError(
                f"{self.path.name} has no key {key}; it has {', '.join(sorted(self.keys)) or 'none'}."
            )
        return self._archive.getinfo(self._members[key])

    def _open_at_member(self, info: zipfile.ZipInfo, header: NpyHeader) -> tuple[BinaryIO, int]:
        file = self.path.open("rb")
        try:
            offset = member_offset(file, info) + header.size_bytes
            if offset + header.data_bytes > file.seek(0, 2):
                raise zipfile.BadZipFile
        except (zipfile.BadZipFile, struct.error) as error:
            file.close()
            raise ScanError(f"{self.path.name} is damaged or cut short: copy it again.") from error
        return file, offset

    @contextmanager
    def _reading(self, key: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ScanError(f"{self.label(key)} cannot be read: {error.strerror or error}.") from error
        except UNZIP_ERRORS as error:
            reason = f" ({shortly(error)})" if str(error) else ""
            raise ScanError(f"{self.label(key)} is damaged{reason}: copy the file again.") from error


@contextmanager
def open_npz(path: Path, report: Report = silent) -> Iterator[NpzFile]:
    """Open an .npz or .npz.bz2 file; stacks that were opened stay readable after the block.

    Parameters
    ----------
    path : Path
    report : Report
        Told how far the file, and then a compressed stack in it, is unpacked.

    Raises
    ------
    ScanError
        If it is no zip archive, or damaged.
    """
    compressed = is_bz2(path)
    with unpacked_bz2(path, report) if compressed else path.open("rb") as file:
        try:
            archive = zipfile.ZipFile(file)
        except UNZIP_ERRORS as error:
            raise ScanError(
                f"{path.name} is no complete .npz archive ({shortly(error)}): copy it again."
            ) from error
        with archive:
            yield NpzFile(path, archive, in_place=not compressed, report=report)
