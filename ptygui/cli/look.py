"""`ptygui info`, `generators`, `devices`: what there is, without computing."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from ptygui.cli.data_file import DataFile
from ptygui.cli.group import print_json
from ptygui.cli.options import open_scan_as, prepare_option, read_prepare_option, remembered_option

if TYPE_CHECKING:
    from ptygui.core.scan import Scan
    from ptygui.jobs.catalogue import GeneratorEntry

_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@click.argument("file", type=DataFile())
@prepare_option
@remembered_option
@click.option(
    "--write-preparation",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write how the scan is read and prepared, guesses too (TOML): to change, and for --prepare.",
)
@_json_option
def info(
    file: Path,
    preparation_file: Path | None,
    as_file_says: bool,
    write_preparation: Path | None,
    as_json: bool,
) -> None:
    """Say what FILE is: a scan, a trained generator, or a result."""
    from ptygui.cli.facts import bundle_facts, facts_as_text, scan_facts
    from ptygui.cli.results import result_facts

    preparation = read_prepare_option(preparation_file)
    facts = bundle_facts(file) if file.suffix == ".safetensors" else None
    if facts is None and preparation is None and write_preparation is None:
        facts = result_facts(file)
    if facts is None:
        scan = open_scan_as(file, preparation, as_file_says=as_file_says)
        facts = scan_facts(scan)
        if write_preparation is not None:
            _write_preparation(scan, write_preparation)
    if as_json:
        print_json(facts)
    else:
        click.echo(facts_as_text(facts))


def _write_preparation(scan: Scan, path: Path) -> None:
    from ptygui.jobs import api

    in_force = msgspec.structs.replace(scan.metadata.preparation, reading=scan.metadata.reading)
    api.write_preparation(in_force, path)
    click.echo(f"Preparation: {path}", err=True)


@click.command()
@_json_option
def generators(as_json: bool) -> None:
    """List the trained generators that can be chosen."""
    from ptygui.jobs.catalogue import read_catalogue, user_folder

    found = read_catalogue()
    if as_json:
        entries = [_plain_entry(entry) for entry in found.entries]
        print_json({"generators": entries, "unusable": list(found.unusable)})
        return
    for entry in found.entries:
        click.echo(_entry_text(entry))
    for sentence in found.unusable:
        click.echo(f"Left out: {sentence}", err=True)
    if not found.entries:
        click.echo(f"There is no trained generator: train one, or put a bundle into {user_folder()}.")


def _plain_entry(entry: GeneratorEntry) -> dict[str, object]:
    card = entry.card
    return {
        "name": card.name,
        "architecture": card.spec.architecture,
        "input_size": card.spec.input_size,
        "parameters": card.parameters,
        "trained_on": card.trained_on,
        "metrics": card.metrics,
        "shipped": entry.shipped,
        "path": str(entry.path),
    }


def _entry_text(entry: GeneratorEntry) -> str:
    spec, size = entry.card.spec, entry.card.spec.input_size
    origin = "shipped" if entry.shipped else str(entry.path)
    title = f"{entry.card.name}  ({spec.architecture}, {size} x {size}, {origin})"
    return f"{title}\n    trained on {entry.card.trained_on}"


@click.command()
@click.option("--test", is_flag=True, help="Compute something small on each.")
@_json_option
def devices(test: bool, as_json: bool) -> None:
    """List where ptygui can compute."""
    from ptygui.core.errors import DeviceError
    from ptygui.jobs.devices import list_devices, test_device

    found = list_devices()
    problems: dict[str, str] = {}
    for device in found if test else ():
        try:
            test_device(device.id)
        except DeviceError as error:
            problems[device.id] = str(error)
    if as_json:
        print_json({"devices": [asdict(device) for device in found], "problems": problems})
        return
    for device in found:
        memory = "" if device.free_bytes is None else f", {device.free_bytes / 1e9:.1f} GB free"
        verdict = problems.get(device.id, "works") if test else ""
        click.echo(f"{device.id}  {device.name}{memory}  {verdict}".rstrip())
