"""`ptygui demo`: the shipped scan and generator in the window; without a display in the same one, unseen."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ptygui.cli.save import Saving
    from ptygui.core.events import Reconstruction

PICTURE = "window.png"
GENERATOR = "stable_hybrid-lines64"


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for results; default: demo, or demo-2, ..."
)
@click.option("--offscreen", is_flag=True, help="Do not show the window, also if there is a display.")
@click.option("--overwrite", is_flag=True, help="Replace files that exist in --out.")
def demo(out: Path | None, offscreen: bool, overwrite: bool) -> None:
    """Reconstruct the demo scan, and refine it.

    With a display the window opens, does it before your eyes and stays. Without one the same window is drawn
    unseen; its picture and the results, each with its residual, are written to --out.
    """
    from ptygui.cli.checkup import has_display
    from ptygui.cli.report import as_text
    from ptygui.cli.save import refuse_existing, writable

    if has_display() and not offscreen:
        _in_the_window(None)
        return
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    folder = out or _fresh_folder()
    saving = _saving(folder, overwrite=overwrite)
    refuse_existing([folder / PICTURE, *saving.targets()], overwrite=overwrite)
    with writable(folder):
        result = _in_the_window(folder)
        if result is not None:
            click.echo(as_text(result, [folder / PICTURE, *saving.save(result)]))


def _in_the_window(out: Path | None) -> Reconstruction | None:
    from ptygui import resources
    from ptygui.gui import app
    from ptygui.jobs.catalogue import read_catalogue

    scan = resources.demo_scan_path()
    return app.run_demo(scan, read_catalogue().find(GENERATOR).path, out)


def _fresh_folder() -> Path:
    """Return the first of demo, demo-2, ... that is absent or empty."""
    names = itertools.chain(["demo"], (f"demo-{n}" for n in itertools.count(2)))
    return next(folder for folder in map(Path, names) if _is_free(folder))


def _is_free(folder: Path) -> bool:
    if not folder.is_dir():
        return not os.path.lexists(folder)
    return not any(folder.iterdir())


def _saving(folder: Path, *, overwrite: bool) -> Saving:
    """Write all stages in all formats that the demo scan allows."""
    from ptygui import resources
    from ptygui.cli.save import Saving, possible_formats
    from ptygui.jobs.api import open_scan

    pixel_size_m = open_scan(resources.demo_scan_path()).metadata.pixel_size_m
    return Saving(folder, "demo", possible_formats(pixel_size_m), overwrite)
