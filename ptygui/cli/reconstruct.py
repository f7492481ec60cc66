"""`ptygui reconstruct`: a scan and a trained generator in, amplitude and phase out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ptygui.cli.choose import generator_path
from ptygui.cli.follow import follow
from ptygui.cli.group import INTERRUPTED, print_json
from ptygui.cli.report import as_plain, as_text
from ptygui.cli.save import FORMATS, Saving, writable
from ptygui.core.events import JobControl


class _Formats(click.ParamType[tuple[str, ...]]):
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


@click.command()
@click.argument("scan", type=click.Path(path_type=Path))
@click.option(
    "-g", "--generator", required=True, help="Name (see `ptygui generators`), bundle file or run folder."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Folder for results.")
@click.option("-d", "--device", default="cpu", show_default=True, help="As `ptygui devices` lists them.")
@click.option(
    "--polish", type=int, help="Averaged projections after the network; default: chosen by the noise."
)
@click.option("--batch-size", type=int, help="Patterns at once; chosen for the device by default.")
@click.option("--probe", type=click.Choice(["auto", "scan", "bundle"]), default="auto", show_default=True)
@click.option("--formats", type=_Formats(), help=f"Of {','.join(FORMATS)}; all by default.")
@click.option("--overwrite", is_flag=True, help="Replace files that exist.")
@click.option("--json", "as_json", is_flag=True, help="Print figures and files as JSON.")
@click.pass_context
def reconstruct(
    context: click.Context,
    scan: Path,
    generator: str,
    output: Path,
    device: str,
    polish: int | None,
    batch_size: int | None,
    probe: Any,
    formats: tuple[Any, ...] | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Reconstruct SCAN with a trained generator.

    Ctrl-C stops and keeps what is there; a second one keeps nothing.
    """
    from ptygui.jobs import api

    request = api.ReconstructRequest(
        api.open_scan(scan), generator_path(generator), device, batch_size, polish, probe
    )
    saving = Saving.of(request.scan, output, formats, overwrite=overwrite)
    saving.refuse_impossible(request.scan)
    control = JobControl()
    with writable(output):
        outcome = follow(api.Session().reconstruct(request, control), control, quiet=as_json)
        files = saving.save(outcome.result)
    if as_json:
        print_json(as_plain(outcome, files))
    else:
        click.echo(as_text(outcome.result, files))
    if outcome.failure:
        raise outcome.failure
    if outcome.stopped_early:
        click.echo("Stopped early.", err=True)
        context.exit(INTERRUPTED)
