"""What the logs of other programs have in common: they hold rows, and say nothing of how the run is."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable

from ptygui.runs.pulse import Health

PATIENCE_S = 120.0
"""How long no row may come before the log no longer counts as growing: an epoch may take minutes."""
_SPLITS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
}
_BETWEEN = re.compile(r"([/_.\- ]+)")


def split_and_metric(name: str, default: str = "train") -> tuple[str, str]:
    """Part what another program calls a curve: 'val_loss', 'loss/val' -> ('val', 'loss').

    Parameters
    ----------
    name : str
    default : str
        The split if the name tells none.
    """
    parts = _BETWEEN.split(name)
    for index in range(0, len(parts), 2):
        if (split := _SPLITS.get(parts[index].lower())) is not None:
            return split, "".join(parts[:index] + parts[index + 2 :]).strip("/_.- ") or name
    return default, name


def splits_and_metrics(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Part all curves of a log; two that would be called alike keep their own names."""
    parted: dict[str, tuple[str, str]] = {}
    for name in names:
        split, metric = split_and_metric(name)
        parted[name] = (split, name) if (split, metric) in parted.values() else (split, metric)
    return parted


def split_of_folder(name: str) -> str:
    """Return the split that a folder is named after, as Keras does; 'train' if it is named otherwise."""
    return _SPLITS.get(name.lower(), "train")


class Growth:
    """Tells whether a log grows, on this watcher's clock; what was there at the first look is no growth."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._grew_s: float | None = None
        self._caught_up = False

    def health(self, *, grew: bool, more: bool) -> Health:
        """Return ALIVE while rows arrive, else WAITING.

        Parameters
        ----------
        grew : bool
            Rows came with this poll.
        more : bool
            It is still reading what was there before.
        """
        if grew and self._caught_up:
            self._grew_s = self._clock()
        self._caught_up = self._caught_up or not more
        is_recent = self._grew_s is not None and self._clock() - self._grew_s < PATIENCE_S
        return Health.ALIVE if is_recent else Health.WAITING
