"""`ptygui runs` lists trainings, whoever wrote them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ptygui.cli.group import print_json

if TYPE_CHECKING:
    from ptygui.jobs.training_runs import RunSummary

_FOLDER = click.Path(exists=True, path_type=Path)
_UNITS = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"))


@click.command()
@click.argument("folders", nargs=-1, type=_FOLDER)
@click.option("--runs", "base", type=click.Path(path_type=Path), help="Folder of runs; default: yours.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def runs(folders: tuple[Path, ...], base: Path | None, as_json: bool) -> None:
    """List the training runs, the newest first: yours, and those in FOLDERS, of other programs too."""
    from ptygui.jobs.training_runs import RunsWatch

    watch = RunsWatch(base)
    for folder in folders:
        watch.watch(folder)
    found = watch.poll([]).runs
    if as_json:
        print_json({"runs": [asdict(run) for run in found]})
        return
    for run in found:
        click.echo(_line(run))
    if not found:
        click.echo("There is no run yet: `ptygui train --scan FILE` makes one.")


def _line(run: RunSummary) -> str:
    best = "" if run.best is None else f"{run.best_of} {run.best:.4f}"
    share = "" if run.progress is None else f"{run.progress:.0%}"
    facts = (run.condition, share, _age(run.age_s), best, run.generator)
    return f"{run.name}  ({', '.join(fact for fact in facts if fact)})\n    {run.path}" + (
        f"\n    {run.message}" if run.condition in ("failed", "lost") and run.message else ""
    )


def _age(seconds: float | None) -> str:
    if seconds is None:
        return ""
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds / size:.0f} {unit} ago"
    return "just now"
