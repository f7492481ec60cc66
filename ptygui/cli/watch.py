"""`ptygui watch` follows a training, whoever wrote it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ptygui.runs.layout import MetricRow
    from ptygui.runs.reader import RunUpdate

POLL_S = 0.5
PAUSE_S = 5.0
"""Between two lines of a log that has no looks, but rows of each step."""


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def watch(path: Path) -> None:
    """Follow the run in PATH: figures, events and log, until it ends or Ctrl-C.

    The figures are those of the validation; of another program's log that has none, those of the training.
    """
    from ptygui.runs.pulse import Health
    from ptygui.runs.reader import RunReader
    from ptygui.runs.watch import open_watch

    following = open_watch(path)
    news = News(training_too=not isinstance(following, RunReader))
    click.echo(f"Watching {following.path}; Ctrl-C ends the watching, not the run.", err=True)
    while True:
        update = following.poll()
        for line in news.lines(update):
            click.echo(line)
        if update.health in (Health.ENDED, Health.LOST, Health.GONE):
            break
        if not update.more:
            time.sleep(POLL_S)
    click.echo(_ending(update))


class News:
    """Says what is new in a log: one line a look at the canvas, not one a step.

    Parameters
    ----------
    training_too : bool
        As long as there is no look, say the latest step now and then.
    """

    def __init__(self, *, training_too: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._training_too = training_too
        self._clock = clock
        self._due_s = clock()
        self._latest: dict[str, MetricRow] = {}
        """Of the training, by metric: those that were not said yet."""

    def lines(self, update: RunUpdate) -> Iterator[str]:
        """Yield the lines of an update."""
        yield from update.log_lines
        looks: dict[int, list[MetricRow]] = {}
        for row in update.rows:
            if row.split == "val":
                looks.setdefault(row.step, []).append(row)
                self._training_too = False
            elif row.split == "train":
                self._latest[row.metric] = row
        for step, rows in looks.items():
            yield _line(step, rows)
        if self._training_too and self._latest and not update.more and self._clock() >= self._due_s:
            rows = list(self._latest.values())
            yield _line(max(row.step for row in rows), rows)
            self._due_s = self._clock() + PAUSE_S
            self._latest.clear()


def _line(step: int, rows: list[MetricRow]) -> str:
    return f"step {step}: " + ", ".join(f"{row.metric} {row.value:.4g}" for row in rows)


def _ending(update: RunUpdate) -> str:
    status = update.status
    if status is None:
        return f"The run is {update.health}."
    word = status.state if status.state.ended else update.health
    return f"The run is {word}: {status.message}" if status.message else f"The run is {word}."
