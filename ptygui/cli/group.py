"""What all commands share: errors as sentences, exit codes, JSON, progress bars."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from ptygui.core.errors import PtyguiError
from ptygui.core.events import Notice, Progress

INTERRUPTED = 130


class SentenceGroup(click.Group):
    """Turns our errors into a sentence on stderr with exit code 1, and Ctrl-C into 130."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except PtyguiError as error:
            raise click.ClickException(str(error)) from error
        except (KeyboardInterrupt, click.Abort):
            click.echo("Interrupted.", err=True)
            ctx.exit(INTERRUPTED)


def print_json(values: object) -> None:
    """Print one JSON object to stdout."""
    click.echo(json.dumps(values, indent=2, default=str, ensure_ascii=False))


class Bars:
    """A progress bar on stderr for each stage of a job, with rate and time left; quiet on request."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._stage: str | None = None
        self._bar: Any = None
        self._words: str | None = None

    def show(self, progress: Progress) -> None:
        """Move the bar of the stage; a new stage gets a new bar."""
        if self._quiet:
            return
        if progress.stage != self._stage:
            self._open(progress)
        self._bar.update(progress.done - self._bar.pos, self._text(progress))

    def annotate(self, words: str) -> None:
        """Show some words behind the bar, from its next move on until it ends."""
        self._words = words

    def say(self, notice: Notice) -> None:
        """Print a notice on a line of its own; warnings also when quiet."""
        if notice.level == "info" and self._quiet:
            return
        self.close()
        prefix = "" if notice.level == "info" else f"{notice.level.capitalize()}: "
        click.echo(f"{prefix}{notice.text}", err=True)

    def close(self) -> None:
        """End the bar that is open."""
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
        self._stage, self._bar, self._words = None, None, None

    def _open(self, progress: Progress) -> None:
        self.close()
        self._stage = progress.stage
        self._bar = click.progressbar(
            length=progress.total, label=progress.stage, file=sys.stderr, item_show_func=lambda text: text
        )
        self._bar.__enter__()

    def _text(self, progress: Progress) -> str | None:
        rate = progress.rate_per_s and f"{progress.rate_per_s:.0f} {progress.unit}/s"
        return ", ".join(part for part in (self._words, rate) if part) or None
