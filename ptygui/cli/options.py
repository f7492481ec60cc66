"""Options that commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ptygui.cli.save import FORMATS, USUAL

if TYPE_CHECKING:
    from ptygui.core.preparation import Preparation
    from ptygui.core.scan import Scan


class FormatsType(click.ParamType[tuple[str, ...]]):
    """A list of formats with commas between."""

    name = "formats"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Split and check."""
        chosen = tuple(part.strip() for part in value.split(","))
        unknown = [part for part in chosen if part not in FORMATS]
        if unknown:
            self.fail(f"'{unknown[0]}' is no format; there are {', '.join(FORMATS)}.", param, ctx)
        return chosen


output_option = click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="Folder for results."
)
device_option = click.option(
    "-d", "--device", default="cpu", show_default=True, help="As `ptygui devices` lists them."
)
formats_option = click.option(
    "--formats", type=FormatsType(), help=f"Of {','.join(FORMATS)}; {','.join(USUAL)} by default."
)
overwrite_option = click.option("--overwrite", is_flag=True, help="Replace files that exist.")
prepare_option = click.option(
    "--prepare",
    "preparation_file",
    metavar="PREPARATION.toml",
    type=click.Path(path_type=Path),
    help="How the scan is read, and steps such as masks, crop and probe; see `ptygui info`.",
)
remembered_option = click.option(
    "--no-remembered",
    "as_file_says",
    is_flag=True,
    help="Read the scan as its file says, even if the window remembers something for such files.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print figures and files as JSON.")


def read_prepare_option(preparation_file: Path | None) -> Preparation | None:
    """Return what `--prepare` says; None if it was not given. Raises ScanError."""
    from ptygui.jobs.api import read_preparation

    return None if preparation_file is None else read_preparation(preparation_file)


def open_scan_as(path: Path, preparation: Preparation | None, *, as_file_says: bool) -> Scan:
    """Open a scan as `--prepare` says, else as remembered for such files, which is said; raises ScanError."""
    from ptygui.core.preparation import Preparation
    from ptygui.jobs.api import open_scan
    from ptygui.jobs.remembering import open_as_remembered

    path = path.absolute()  # recipes are read anywhere
    if preparation is not None or as_file_says:
        return open_scan(path, preparation=preparation or Preparation())
    recalled = open_as_remembered(path)
    for sentence in recalled.sentences:
        click.echo(sentence, err=True)
    return recalled.whole()
