"""`ptygui demo`: the shipped scan and generator in the window; without a display in the same one, unseen."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("demo"), show_default=True)
@click.option("--offscreen", is_flag=True, help="Do not show the window, also if there is a display.")
@click.pass_context
def demo(context: click.Context, out: Path, offscreen: bool) -> None:
    """Reconstruct the demo scan, and say how good the picture is and where it lies.

    With a display the window opens and stays; without one it is drawn all the same, into a file.
    """
    from ptygui.cli.checkup import has_display

    if offscreen or not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
