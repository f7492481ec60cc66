"""When Python looks for garbage: not while the libraries load.

A full collection walks over every object with the interpreter's lock held. With torch loaded that takes 0.1
to 0.2 s, in which the window stands still, and it finds nothing: what libraries make stays for ever.
"""

from __future__ import annotations

import gc

_NEVER = 1_000_000


def postpone_full_collections() -> None:
    """Collect young objects only, until `allow_full_collections`."""
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, _NEVER)


def allow_full_collections() -> None:
    """Take what there is for permanent, so that full collections are quick from now on; works once."""
    young, middle, full = gc.get_threshold()
    if full == _NEVER:
        gc.freeze()
        gc.set_threshold(young, middle, middle)
