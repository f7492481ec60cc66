"""A box with one place: the latest wins. A slow reader misses letters, never the last one."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """One place for a letter; safe between two threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._letter: T | None = None

    def put(self, letter: T) -> bool:
        """Lay a letter in; returns True if the box was empty, so that the reader has to be called."""
        with self._lock:
            was_empty = self._letter is None
            self._letter = letter
        return was_empty

    def take(self) -> T | None:
        """Take the letter out, None if there is none."""
        with self._lock:
            letter, self._letter = self._letter, None
        return letter
