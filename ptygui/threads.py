"""How threads of computing libraries wait; to be said before the libraries are loaded."""

from __future__ import annotations

import os


def sleep_while_waiting() -> None:
    """Let OpenMP's threads sleep while they wait, unless the user's environment says otherwise.

    By default they spin, and on a machine that others use too a step of training then takes seven times as
    long. The variable is read once, when torch is loaded, and handed on to child processes.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
