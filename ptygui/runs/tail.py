"""Following a file that another process appends to, on any file system, without a lock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MEMORY_BYTES = 64
MAX_READ_BYTES = 64 << 10
"""Some thousand rows, a few milliseconds: who reads a long file can pause in between."""
LARGEST_BYTES = 64 << 20
"""A line or record that is larger is never read: event files may hold pictures, but no larger ones."""


@dataclass(frozen=True)
class Piece:
    """What a poll of a growing file found."""

    data: bytes
    """What is new, up to the last place where something whole ends."""
    restarted: bool = False
    """True if the file was cut or replaced: what was read before is void, `data` stands at its beginning."""
    more: bool = False
    """True if there was more than is read at once: poll again at once."""


@dataclass(frozen=True)
class Lines:
    """What a poll found: whole new lines without their ends."""

    lines: list[str]
    restarted: bool = False
    """True if the file was cut or replaced: what was read before is void, `lines` start at its beginning."""
    more: bool = False
    """True if there was more than is read at once: poll again at once."""


class GrowingFile:
    """Reads what was appended since the last poll; what is not whole yet waits for the next one.

    The last bytes read are remembered and must still stand where they stood: so a file that was cut,
    rewritten or replaced is noticed whatever its size, inode or time say, and a faithful copy is not
    mistaken for a new file.

    Parameters
    ----------
    path : Path
    whole : callable
        Given the new bytes, returns how many of them are whole (lines, records).
    """

    def __init__(self, path: Path, whole: Callable[[bytes], int]) -> None:
        self.path = path
        self._whole = whole
        self._offset = 0
        self._memory = b""
        self._read_bytes = MAX_READ_BYTES

    def poll(self) -> Piece:
        """Read what is new, 64 KiB at once or one larger piece. A file that is not there has nothing."""
        try:
            with self.path.open("rb") as file:
                return self._poll(file)
        except OSError:
            return Piece(b"")

    def rewind(self) -> None:
        """Begin at the beginning with the next poll."""
        self._offset, self._memory = 0, b""

    def _poll(self, file: BinaryIO) -> Piece:
        restarted = not self._still_there(file)
        if restarted:
            self.rewind()
        file.seek(self._offset)
        asked = self._read_bytes
        new = file.read(asked)
        whole = new[: self._whole(new)]
        self._offset += len(whole)
        self._memory = (self._memory + whole)[-MEMORY_BYTES:]
        self._read_bytes = MAX_READ_BYTES if whole else min(2 * asked, LARGEST_BYTES)
        return Piece(whole, restarted, more=len(new) == asked and bool(whole or asked < LARGEST_BYTES))

    def _still_there(self, file: BinaryIO) -> bool:
        file.seek(self._offset - len(self._memory))
        return file.read(len(self._memory)) == self._memory


class Tail:
    """Reads whole new lines of a text file; a last line without its end waits for the next poll."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = GrowingFile(path, _whole_lines)

    def poll(self) -> Lines:
        """Read the new whole lines; at most 64 KiB at once. A file that is not there has none."""
        piece = self._file.poll()
        lines = piece.data.decode("utf-8", errors="replace").split("\n")[:-1]
        return Lines(lines, piece.restarted, piece.more)


def _whole_lines(data: bytes) -> int:
    return data.rfind(b"\n") + 1
