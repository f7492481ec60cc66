"""Options that commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ptygui.cli.save import FORMATS


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
    "--formats", type=FormatsType(), help=f"Of {','.join(FORMATS)}; all by default."
)
overwrite_option = click.option("--overwrite", is_flag=True, help="Replace files that exist.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print figures and files as JSON.")
