"""python -m ptygui.train RUN_DIR: train, or continue, the run whose config.toml lies there."""

from __future__ import annotations

import sys
from pathlib import Path

from ptygui.core.errors import PtyguiError
from ptygui.threads import sleep_while_waiting


def main(arguments: list[str]) -> int:
    """Train; returns the exit code.

    0 done or stopped by request, 1 failed (the reason in a sentence), 2 wrong usage, 130 interrupted.
    """
    if len(arguments) != 1:
        print("usage: python -m ptygui.train RUN_DIR", file=sys.stderr)
        return 2
    sleep_while_waiting()
    from ptygui.train.session import take_part  # imports torch and Lightning: seconds

    try:
        bundle = take_part(Path(arguments[0]))
    except PtyguiError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted: start it again to go on from its last checkpoint.", file=sys.stderr)
        return 130
    if bundle is not None:
        print(bundle)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
