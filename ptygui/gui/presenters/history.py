"""What was before, and what was undone: for anything that is replaced as a whole. No Qt."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class History(Generic[T]):
    """The present value, those before it, and those that were undone."""

    def __init__(self, present: T) -> None:
        self.present = present
        self._past: list[T] = []
        self._future: list[T] = []

    @property
    def can_undo(self) -> bool:
        """Whether something was before."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether something was undone."""
        return bool(self._future)

    def do(self, value: T) -> None:
        """Go on to another value; what was undone is gone."""
        if value == self.present:
            return
        self._past.append(self.present)
        self.present = value
        self._future.clear()

    def undo(self) -> T:
        """Go back to what was before."""
        if self._past:
            self._future.append(self.present)
            self.present = self._past.pop()
        return self.present

    def redo(self) -> T:
        """Go on to what was undone."""
        if self._future:
            self._past.append(self.present)
            self.present = self._future.pop()
        return self.present

    def fall_back(self, value: T) -> None:
        """Return to a value that holds, because those after it turned out to be impossible."""
        while self._past and self.present != value:
            self.present = self._past.pop()
        self.present = value
