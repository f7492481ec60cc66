"""`ptygui demo`: the shipped scan and generator in the window; without a display in the same one, unseen."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ptygui.core.events import Reconstruction

GENERATOR = "stable_hybrid-lines64"


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("demo"), show_default=True)
@click.option("--offscreen", is_flag=True, help="Do not show the window, also if there is a display.")
def demo(out: Path, offscreen: bool) -> None:
    """Reconstruct the demo scan.

    With a display the window opens, does it before your eyes and stays. Without one the same window is drawn
    unseen; its picture, the results and their quality are written to --out.
    """
    from ptygui.cli.checkup import has_display

    if has_display() and not offscreen:
        _in_the_window(None)
        return
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    _make_folder(out)
    result = _in_the_window(out)
    if result is not None:
        _save(result, out)


def _in_the_window(out: Path | None) -> Reconstruction | None:
    from ptygui import resources
    from ptygui.gui import app
    from ptygui.jobs.catalogue import read_catalogue

    scan = resources.demo_scan_path()
    return app.run_demo(scan, read_catalogue().find(GENERATOR).path, out)


def _make_folder(folder: Path) -> None:
    from ptygui.core.errors import ExportError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"{folder} cannot be made: {error.strerror or error}.") from error


def _save(result: Reconstruction, out: Path) -> None:
    """Write all formats of both stages beside the window's picture, and say how good they are."""
    from ptygui.cli.report import as_text
    from ptygui.cli.save import Saving, possible_formats

    formats = possible_formats(result.best.image.pixel_size_m)
    files = Saving(out, "demo", formats, overwrite=True).save(result)
    click.echo(as_text(result, [out / "window.png", *files]))
