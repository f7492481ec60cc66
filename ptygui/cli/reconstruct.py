"""`ptygui reconstruct`: a scan and a trained generator in, amplitude and phase out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ptygui.cli.choose import generator_path
from ptygui.cli.data_file import DataFile
from ptygui.cli.follow import Outcome, follow
from ptygui.cli.options import (
    device_option,
    formats_option,
    json_option,
    open_scan_as,
    output_option,
    overwrite_option,
    prepare_option,
    read_prepare_option,
    remembered_option,
)
from ptygui.cli.refining import refine_and_save, refuse_left_over
from ptygui.cli.report import tell
from ptygui.cli.save import Saving, writable
from ptygui.cli.settings import refine_config
from ptygui.core.events import JobControl

if TYPE_CHECKING:
    from ptygui.jobs.api import ReconstructRequest
    from ptygui.reconstruct.refine.config import RefineConfig


@click.command()
@click.argument("scan", type=DataFile())
@click.option(
    "-g", "--generator", required=True, help="Name (see `ptygui generators`), bundle file or run folder."
)
@prepare_option
@remembered_option
@output_option
@device_option
@click.option(
    "--polish", type=int, help="Averaged projections after the network; default: chosen by the noise."
)
@click.option("--refine", "epochs", type=int, help="Refine for so many epochs after it; see `ptygui refine`.")
@click.option("--batch-size", type=int, help="Patterns at once; chosen for the device by default.")
@click.option("--probe", type=click.Choice(["auto", "scan", "bundle"]), default="auto", show_default=True)
@formats_option
@overwrite_option
@json_option
@click.pass_context
def reconstruct(
    context: click.Context,
    scan: Path,
    generator: str,
    preparation_file: Path | None,
    as_file_says: bool,
    output: Path,
    device: str,
    polish: int | None,
    epochs: int | None,
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

    config = None if epochs is None else refine_config("quick", settings={"epochs": epochs})
    opened = open_scan_as(scan, read_prepare_option(preparation_file), as_file_says=as_file_says)
    request = api.ReconstructRequest(opened, generator_path(generator), device, batch_size, polish, probe)
    saving = Saving.of(request.scan, output, formats, overwrite=overwrite, stages=("raw", "polished"))
    saving.refuse_impossible(request.scan)
    if config is not None:
        _saving_refined(saving).refuse_impossible(request.scan)
        refuse_left_over(saving, request.scan)
    with writable(output):
        outcome, files = _reconstruct(request, saving, config, quiet=as_json)
    tell(context, outcome, files, as_json=as_json)


def _reconstruct(
    request: ReconstructRequest, saving: Saving, config: RefineConfig | None, *, quiet: bool
) -> tuple[Outcome, list[Path]]:
    """Reconstruct, and refine what came out; each is written as soon as it is there."""
    from ptygui.jobs import api

    control = JobControl()
    outcome = follow(api.Session().reconstruct(request, control), control, quiet=quiet)
    files = saving.save(outcome.result)
    if config is None or outcome.stopped_early or outcome.failure:
        return outcome, files
    refining = api.RefineRequest(request.scan, outcome.result, device_id=request.device_id, config=config)
    refined, more = refine_and_save(refining, _saving_refined(saving), quiet=quiet)
    return refined, [*files, *more]


def _saving_refined(saving: Saving) -> Saving:
    return replace(saving, stages=("refined",))
