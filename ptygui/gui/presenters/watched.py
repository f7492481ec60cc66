"""The files of the open scan as they are seen now, in words for its card."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ptygui.gui.presenters.scan_presenter import Opened
from ptygui.gui.widgets.numbers import SPACE, grouped

if TYPE_CHECKING:
    from ptygui.io.reach import Sight

LONGEST_REASON = 160
"""Characters of a reason that the card has room for; longer ones, as the list of all formats, it hints at."""
SILENT_S = 15.0
"""A disk that has not answered for so long is said to be silent."""


@dataclass(frozen=True)
class Watch:
    """What the scan card says of changes, and what it offers."""

    sentence: str = ""
    reason: str = ""
    """What the sentence has no room for."""
    can_read: bool = False
    """Whether reading again is offered."""
    following: bool = False


@dataclass
class Watched:
    """What is known of the files of the scan at hand."""

    opened: Opened
    since: datetime
    """When they were read."""
    sight: Sight
    """What was seen last."""
    moved_s: float
    """When something was last seen to change; on the clock."""
    still: bool = False
    """Whether the last look saw what the one before it did."""
    count: int | None = None
    """How many patterns there would be now, if that is known."""
    trouble: str = ""
    """Why they could not be counted, or read, as they were in `tried`."""
    tried: Sight | None = None
    tried_s: float = -math.inf

    @property
    def changed(self) -> bool:
        """Whether a file is not what was read."""
        return self.sight != self.opened.sight

    @property
    def gone(self) -> bool:
        """Whether the file was there, and is not any more."""
        path = str(self.opened.path)
        return self.sight.get(path) is None and self.opened.sight.get(path) is not None

    @property
    def failed(self) -> bool:
        """Whether it is known that what is there now cannot be read."""
        return bool(self.trouble) and self.tried == self.sight

    @property
    def reason(self) -> str:
        """Why it cannot be read, if that is too long for a card."""
        return self.trouble if self.failed and len(self.trouble) > LONGEST_REASON else ""

    @property
    def patterns(self) -> int:
        """How many patterns were read."""
        return self.opened.raw.usable


def silent_words(watched: Watched, waited_s: float) -> str:
    """Say that the disk does not answer, '' while it may still."""
    if waited_s < SILENT_S:
        return ""
    return f"The disk of {watched.opened.path.name} has not answered for {ago(waited_s)}."


def changed_words(watched: Watched) -> str:
    """Say what has become of a file that nobody follows, '' if it is as it was read."""
    if watched.gone:
        return f"{watched.opened.path.name} is no longer there; the open scan stays."
    if not watched.changed:
        return ""
    words = f"Changed on disk since {watched.since:%H:%M}"
    if watched.failed:
        return f"{words}, and cannot be read now; the open scan stays.{_why(watched)}"
    if watched.count is None:
        return f"{words}."
    if watched.count == watched.patterns:
        return f"{words}: still {grouped(watched.patterns)} patterns."
    return f"{words}: {grouped(watched.patterns)} → {grouped(watched.count)} patterns."


def following_words(watched: Watched, now_s: float, idle: bool, repeats: bool) -> str:
    """Say how following goes."""
    since = ago(now_s - watched.moved_s)
    if watched.gone:
        return f"Following: {watched.opened.path.name} is not there now, since {since}."
    words = f"Following: {grouped(watched.patterns)} patterns, last written {since} ago."
    if watched.failed:
        return f"{words} It cannot be read now, and is tried again.{_why(watched)}"
    if watched.changed and not idle:
        return f"{words} Read after this run."
    return f"{words} Reconstructed anew each time." if repeats else words


def _why(watched: Watched) -> str:
    return "" if watched.reason else f" {watched.trouble}"


def ago(seconds: float) -> str:
    """Write how long something is ago: '3 s', '2 min'."""
    whole = max(int(seconds), 0)
    return f"{whole}{SPACE}s" if whole < 60 else f"{whole // 60}{SPACE}min"
