"""`ptygui refine`: object, probe and positions, improved until they explain the measurement."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click

from ptygui.cli.beginning import FLAT, find_beginning, read_start
from ptygui.cli.data_file import DataFile
from ptygui.cli.options import (
    device_option,
    formats_option,
    json_option,
    output_option,
    overwrite_option,
    prepare_option,
    read_prepare_option,
    remembered_option,
)
from ptygui.cli.refining import refine_and_save, refuse_left_over
from ptygui.cli.report import tell
from ptygui.cli.save import Saving, writable
from ptygui.cli.settings import refine_config, split_settings
from ptygui.reconstruct.refine.config import PRESET_WORDS, PRESETS, Engine, RefineConfig

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SETTINGS_HELP = f"A single setting; repeatable. Of: {', '.join(RefineConfig.__struct_fields__)}."
_PRESETS_HELP = " ".join(f"'{name}': {words}" for name, words in PRESET_WORDS.items())


@click.command()
@click.argument("source", metavar="SCAN_OR_RESULT", type=DataFile())
@click.option(
    "--from", "start", metavar=f"RESULT|{FLAT}", help="Begin with this result, or the flat object (default)."
)
@click.option(
    "--preset", type=click.Choice(list(PRESETS)), default="quick", show_default=True, help=_PRESETS_HELP
)
@click.option("--engine", type=click.Choice(get_args(Engine)), help="Instead of the preset's.")
@click.option("--epochs", type=int, help="How often every pattern is seen, instead of the preset's.")
@click.option("--config", type=_FILE, help="TOML file with settings; they count more than the preset.")
@click.option("--set", "settings", metavar="NAME=VALUE", multiple=True, help=_SETTINGS_HELP)
@prepare_option
@remembered_option
@output_option
@device_option
@formats_option
@overwrite_option
@json_option
@click.pass_context
def refine(
    context: click.Context,
    source: Path,
    start: str | None,
    preset: str,
    engine: str | None,
    epochs: int | None,
    config: Path | None,
    settings: tuple[str, ...],
    preparation_file: Path | None,
    as_file_says: bool,
    output: Path,
    device: str,
    formats: tuple[Any, ...] | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Refine object, probe and positions of a scan.

    A RESULT of ptygui finds its scan by itself, prepares it as it was prepared then unless --prepare says
    otherwise, and is what the refinement begins with. Ctrl-C stops and keeps
    what is there; a second one keeps nothing. If the process is killed, its last state is kept in the folder
    for results, to go on from.
    """
    from ptygui.jobs.api import RefineRequest

    named = {"engine": engine, "epochs": epochs}
    single = {name: value for name, value in named.items() if value is not None} | split_settings(settings)
    chosen = refine_config(preset, config, single)
    preparation = read_prepare_option(preparation_file)
    scan, begin = find_beginning(source, start, preparation, as_file_says=as_file_says)
    saving = Saving.of(scan, output, formats, overwrite=overwrite, stages=("refined",))
    saving.refuse_impossible(scan)
    refuse_left_over(saving, scan, begin)
    request = RefineRequest(scan, read_start(begin, scan), device_id=device, config=chosen)
    with writable(output):
        outcome, files = refine_and_save(request, saving, quiet=as_json)
    tell(context, outcome, files, as_json=as_json)
