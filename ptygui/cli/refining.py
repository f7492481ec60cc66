"""Refining with a net: the state so far lies in the folder for results, in case the process is killed."""

from __future__ import annotations

import dataclasses
import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ptygui.cli.follow import Outcome, follow
from ptygui.cli.save import Saving
from ptygui.core.errors import ExportError, PtyguiError
from ptygui.core.events import JobControl
from ptygui.core.scan import Scan

if TYPE_CHECKING:
    from ptygui.jobs.api import RefineRequest


def checkpoint_of(saving: Saving) -> Path:
    """Name the file for the state so far."""
    return saving.folder / f"{saving.stem}_refining.npz"


def refuse_left_over(saving: Saving, scan: Scan, start: Path | None = None) -> None:
    """Raise ExportError for the state of a refinement that was killed, unless it is gone on with."""
    left = checkpoint_of(saving)
    if saving.overwrite or not os.path.lexists(left) or (start is not None and _same(start, left)):
        return
    scan_file = shlex.quote(scan.metadata.path or "SCAN")
    raise ExportError(
        f"{left} was left by a refinement that was killed: go on with `ptygui refine {scan_file} --from "
        f"{shlex.quote(str(left))} -o {shlex.quote(str(saving.folder))}`, or replace it with --overwrite."
    )


def refine_and_save(request: RefineRequest, saving: Saving, *, quiet: bool) -> tuple[Outcome, Sequence[Path]]:
    """Refine, and write what comes out; the state so far is kept until then.

    Raises
    ------
    PtyguiError
    """
    from ptygui.jobs.api import Session

    checkpoint, control = checkpoint_of(saving), JobControl()
    request = dataclasses.replace(request, checkpoint=checkpoint)
    with _net(checkpoint):
        outcome = follow(Session().refine(request, control), control, quiet=quiet)
        return outcome, saving.save(outcome.result)


@contextmanager
def _net(checkpoint: Path) -> Iterator[None]:
    """Remove the state so far when the block is done, or wants to keep nothing; keep it after errors."""
    older = checkpoint.exists()
    try:
        yield
    except PtyguiError:
        if checkpoint.exists():
            click.echo(f"The last state that was kept is {checkpoint}.", err=True)
        raise
    except KeyboardInterrupt:
        if not older:
            checkpoint.unlink(missing_ok=True)
        raise
    checkpoint.unlink(missing_ok=True)


def _same(one: Path, other: Path) -> bool:
    return one.exists() and one.samefile(other)
