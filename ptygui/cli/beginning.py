"""What a refinement begins with: from a scan, or a result that knows its scan, to both of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ptygui.cli.options import open_scan_as
from ptygui.core.preparation import Preparation, recorded_preparation

if TYPE_CHECKING:
    from ptygui.core.events import Reconstruction
    from ptygui.core.scan import Scan
    from ptygui.io.provenance import Provenance

FLAT = "flat"


def find_beginning(
    source: Path,
    start: str | None,
    preparation: Preparation | None = None,
    *,
    as_file_says: bool = False,
) -> tuple[Scan, Path | None]:
    """Find scan and start.

    Parameters
    ----------
    source : Path
        A scan, or a result of ptygui: then its scan, and it is the start unless another one is chosen.
    start : str or None
        FLAT, or a file with a result.
    preparation : Preparation or None
        How the scan is read and prepared; None: as it was for the result, else as remembered for such files.
    as_file_says : bool
        A scan that is no result's is read as its file says, not as remembered.

    Returns
    -------
    scan : Scan
    start : Path or None
        The result to begin with; None: the flat object.

    Raises
    ------
    ScanError, ResultError
    """
    from ptygui.io.result_files import peek_record

    record = peek_record(source)
    scan_path = source if record is None else _scan_of(source, record)
    begin = None if start == FLAT or (start is None and record is None) else Path(start or source)
    if preparation is None and record is not None:
        preparation = recorded_preparation(record.recipe)
    return open_scan_as(scan_path, preparation, as_file_says=as_file_says), begin


def read_start(path: Path | None, scan: Scan) -> Reconstruction | None:
    """Read the result to begin with, and say if it seems to be of another scan.

    Raises
    ------
    ResultError
    """
    from ptygui.core.describe import scan_fingerprint
    from ptygui.io.result_files import read_result

    if path is None:
        return None
    result = read_result(path)
    if result.recipe.get("scan_fingerprint") not in (None, scan_fingerprint(scan)):
        click.echo(f"Warning: {path.name} was made of another scan than {scan.metadata.name}.", err=True)
    return result


def _scan_of(source: Path, record: Provenance) -> Path:
    from ptygui.io.result_files import ResultError

    named = record.recipe.get("scan_path")
    if not isinstance(named, str):
        what = f"{source.name} does not say in which file its scan is"
    elif not Path(named).exists():
        what = f"{source.name} was made of {named}, which is not there any more"
    else:
        return Path(named)
    raise ResultError(f"{what}: give the scan, and --from {source}.")
