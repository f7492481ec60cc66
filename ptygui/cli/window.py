"""`ptygui gui`: the window."""

from __future__ import annotations

import click


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False))
@click.pass_context
def gui(context: click.Context, files: tuple[str, ...]) -> None:
    """Open the window, with a scan and a generator if they are given."""
    from ptygui.gui import app

    context.exit(app.main(files))
