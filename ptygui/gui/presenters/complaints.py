"""From an exception to words on the screen."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ptygui.core.errors import PtyguiError, UnknownHdf5Error

log = logging.getLogger(__name__)

Complain = Callable[[Exception], None]


@dataclass(frozen=True)
class Complaint:
    """What went wrong, in a sentence; `details` only where the fault is ptygui's own."""

    text: str
    details: str | None = None
    by_hand: Path | None = None
    """An HDF5 file that can be opened by hand."""


def complaint_of(error: BaseException) -> Complaint:
    """Put an error in words; a `PtyguiError` already is a sentence, anything else is our fault."""
    if isinstance(error, UnknownHdf5Error):
        log.warning("%s", error)
        return Complaint(str(error), by_hand=Path(error.path))
    if isinstance(error, PtyguiError):
        log.warning("%s", error)
        return Complaint(str(error))
    log.error("Unexpected error", exc_info=error)
    details = "".join(traceback.format_exception(error))
    said = str(error).strip()
    kind = type(error).__name__
    return Complaint(
        f"Something unexpected happened in ptygui ({kind}{': ' + said if said else ''}). "
        "What you had is still here; please send the details to the developers.",
        details,
    )
