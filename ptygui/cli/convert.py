"""`ptygui convert`: any scan or result that ptygui reads, written in another format."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from ptygui.cli.data_file import DataFile
from ptygui.cli.group import Bars, print_json
from ptygui.cli.options import json_option, overwrite_option, remembered_option
from ptygui.core.events import Notice, Progress, Written
from ptygui.core.preparation import Preparation


class FormatType(click.ParamType[str]):
    """The name of a format that is written."""

    name = "format"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check."""
        from ptygui.io.convert import format_names

        names = format_names()
        if value not in names:
            self.fail(f"'{value}' is no format; there are {', '.join(names)}.", param, ctx)
        return str(value)


@click.command()
@click.argument("source", metavar="IN", type=DataFile())
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--format", "form", type=FormatType(), help="Instead of what the ending of OUT tells.")
@click.option(
    "--prepare",
    "preparation",
    type=click.Path(path_type=Path),
    help="TOML file: how a scan is read, and the steps that prepare it.",
)
@remembered_option
@overwrite_option
@json_option
def convert(
    source: Path,
    target: Path,
    form: str | None,
    preparation: Path | None,
    as_file_says: bool,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write the scan or result IN as OUT, in the format of its ending.

    What the new format has no place for is left out, and said. Ctrl-C keeps nothing.
    """
    from ptygui.jobs import api

    prepared = Preparation() if as_file_says else None
    if preparation is not None:
        prepared = api.read_preparation(preparation)
    request = api.ConvertRequest(source.absolute(), target.absolute(), form, prepared, overwrite)
    bars = Bars(quiet=as_json)
    said: list[str] = []
    files: tuple[Path, ...] = ()
    with closing(api.convert(request)) as events, closing(bars):
        for event in events:
            if isinstance(event, Progress):
                bars.show(event)
            elif isinstance(event, Notice):
                said.append(event.text)
                bars.say(event)
            elif isinstance(event, Written):
                files = event.paths
    if as_json:
        print_json({"files": [str(path) for path in files], "notices": said})
    else:
        click.echo("\n".join(f"Wrote {path}" for path in files))
