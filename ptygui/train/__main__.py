"""python -m ptygui.train RUN_DIR: train, or continue, the run whose config.toml lies there."""

from __future__ import annotations

import sys
from pathlib import Path

from ptygui.core.errors import PtyguiError


def main(arguments: list[str]) -> int:
    """Train; returns the exit code: 0 done, 1 failed (the reason in a sentence), 2 wrong usage."""
    if len(arguments) != 1:
        print("usage: python -m ptygui.train RUN_DIR", file=sys.stderr)
        return 2
    from ptygui.train.session import train  # imports torch and Lightning: seconds

    try:
        print(train(Path(arguments[0])))
    except PtyguiError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
