"""Following a text file that another process appends to, on any file system, without a lock."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MEMORY_BYTES = 64
MAX_READ_BYTES = 8 << 20


@dataclass(frozen=True)
class Lines:
    """What a poll found: whole new lines without their ends."""

    lines: list[str]
    restarted: bool = False
    """True if the file was cut or replaced: what was read before is void, `lines` start at its beginning."""


class Tail:
    """Reads what was appended since the last poll; a last line without its end waits for the next one.

    The last bytes read are remembered and must still stand where they stood: so a file that was cut,
    rewritten or replaced is noticed whatever its size, inode or time say, and a faithful copy is not
    mistaken for a new file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offset = 0
        self._memory = b""

    def poll(self) -> Lines:
        """Read the new whole lines; at most 8 MiB at once. A file that is not there has none."""
        try:
            with self.path.open("rb") as file:
                return self._poll(file)
        except OSError:
            return Lines([])

    def _poll(self, file: BinaryIO) -> Lines:
        restarted = not self._still_there(file)
        if restarted:
            self._offset, self._memory = 0, b""
        file.seek(self._offset)
        new = file.read(MAX_READ_BYTES)
        whole = new[: new.rfind(b"\n") + 1]
        self._offset += len(whole)
        self._memory = (self._memory + whole)[-MEMORY_BYTES:]
        return Lines(whole.decode("utf-8", errors="replace").split("\n")[:-1], restarted)

    def _still_there(self, file: BinaryIO) -> bool:
        file.seek(self._offset - len(self._memory))
        return file.read(len(self._memory)) == self._memory
