"""`ptygui study`: train arms with several seeds, side by side, to one table and one figure."""

from __future__ import annotations

import shlex
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ptygui.cli.follow import endings, first_interrupt
from ptygui.cli.group import INTERRUPTED

if TYPE_CHECKING:
    from ptygui.jobs.study import StudyProgress, StudyRunner

BAR_STEPS = 1000
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("study", type=_FILE)
@click.option(
    "--folder", type=click.Path(path_type=Path), help="Folder of studies; default: in that of your runs."
)
@click.option(
    "-j", "--at-once", type=click.IntRange(min=1), help="Runs side by side; default: as STUDY says."
)
@click.option("--retry-failed", is_flag=True, help="Let runs that failed go on; else they count as failed.")
@click.pass_context
def study(
    context: click.Context, study: Path, folder: Path | None, at_once: int | None, retry_failed: bool
) -> None:
    """Train the arms of STUDY (TOML) with all its seeds: one table, one figure.

    Ctrl-C, SIGTERM or a closed terminal stop and save; the same command goes on where it was.
    """
    from ptygui.jobs.catalogue import runs_folder
    from ptygui.jobs.study import StudyRunner, open_study

    config, place = open_study(study, folder or runs_folder() / "studies")
    click.echo(f"Study: {place.resolve()}", err=True)
    runner = StudyRunner(config, place, at_once=at_once, retry_failed=retry_failed)
    _watch(runner)
    click.echo(_summary(runner))
    if runner.stopping:
        click.echo(f"Go on with: {_command(study, folder)}")
        context.exit(INTERRUPTED)
    if unhappy := _unhappy(runner):
        click.echo(unhappy, err=True)
        context.exit(1)


def _watch(runner: StudyRunner) -> None:
    """Show a bar until all is done; Ctrl-C or SIGTERM stop and save, a second Ctrl-C ends at once."""
    bar = click.progressbar(
        length=BAR_STEPS,
        label="Study",
        file=sys.stderr,
        show_eta=False,  # the words tell the time left of the whole study
        show_percent=False,
        item_show_func=lambda text: text,
    )
    events = runner.follow()
    with bar, closing(events), first_interrupt(runner.stop), endings(runner.stop):
        for progress in events:
            with suppress(OSError):  # the terminal is gone; the runs still have to be waited for
                for sentence in progress.news:
                    click.echo(f"\n{sentence}" if sys.stderr.isatty() else sentence, err=True)
                bar.update(max(0, int(BAR_STEPS * progress.share) - bar.pos), _words(progress))


def _words(progress: StudyProgress) -> str:
    over = f"{progress.over} of {progress.total} runs"
    left = "" if progress.left_s is None else f", about {_duration(progress.left_s)} left"
    return "; ".join([over + left, *progress.running])


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _summary(runner: StudyRunner) -> str:
    over = sum(result.over for result in runner.results)
    dead = sum(result.dead for result in runner.results)
    folder = runner.folder.resolve()
    return (
        f"{over} of {len(runner.results)} runs are over, {dead} of them dead.\n"
        f"Table: {folder / 'table.md'}\nFigure: {folder / 'figure.png'}"
    )


def _unhappy(runner: StudyRunner) -> str:
    """Say what went wrong, in this sitting or in an earlier one; '' if nothing did."""
    failed = [result.run.config.name for result in runner.results if result.failed]
    lines = (
        [f"{len(runner.mishaps)} runs of this sitting did not come to their end."] if runner.mishaps else []
    )
    if failed:
        lines.append(f"Failed: {'; '.join(failed)}. With --retry-failed they go on.")
    return "\n".join(lines)


def _command(study: Path, folder: Path | None) -> str:
    where = [] if folder is None else ["--folder", str(folder.resolve())]
    return shlex.join(["ptygui", "study", str(study.resolve()), *where])
