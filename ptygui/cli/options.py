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
json_option = click.option("--json", "as_json", is_flag=True, help="Print figures and files as JSON.")


def read_prepare_option(preparation_file: Path | None) -> Preparation | None:
    """Return what `--prepare` says; None if it was not given. Raises ScanError."""
    from ptygui.jobs.api import read_preparation

    return None if preparation_file is None else read_preparation(preparation_file)


def open_scan_as(path: Path, preparation: Preparation | None) -> Scan:
    """Open a scan, prepared as `--prepare` says; raises ScanError."""
    from ptygui.core.preparation import Preparation
    from ptygui.jobs.api import open_scan

    return open_scan(path.absolute(), preparation=preparation or Preparation())  # recipes are read anywhere
