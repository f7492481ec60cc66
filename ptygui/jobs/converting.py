"""Converting files: which is it, a scan or a result, and what is it to become."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from ptygui.core.errors import ExportError, PtyguiError
from ptygui.core.events import Notice, Progress, Written
from ptygui.core.preparation import Preparation
from ptygui.core.scan import Scan
from ptygui.jobs.remembering import open_as_remembered

Content = TypeVar("Content")


@dataclass(frozen=True)
class ConvertRequest:
    """What file is to become what other one."""

    source: Path
    """Any scan or result that ptygui reads."""
    target: Path
    format: str | None = None
    """A name of io.convert.format_names; None: the target's ending tells."""
    preparation: Preparation | None = Preparation()
    """For scans; None: as remembered for such files, else as the file says."""
    overwrite: bool = False


def convert(
    request: ConvertRequest, progress: Callable[[float], None] | None = None
) -> Generator[Progress | Notice | Written]:
    """Write a file in another format; yields how far it is, what is left out, and ends with `Written`.

    Patterns pass through in batches. Closing the iterator cancels and leaves nothing behind.

    Parameters
    ----------
    request : ConvertRequest
    progress : callable or None
        As for `open_scan`: told the share of a compressed source that is unpacked.

    Raises
    ------
    ExportError
        If the format cannot hold it, a file exists, or cannot be written.
    ScanError, ResultError
        If the source cannot be read.
    """
    from ptygui.io import convert as formats
    from ptygui.io.new_file import refuse_existing
    from ptygui.jobs import api

    source, target, name = request.source, request.target, request.format
    kind = api.what_is(source)
    if kind == "generator":
        raise ExportError(f"{source.name} is a trained generator: only scans and results are converted.")
    why = formats.why_not(target, name, kind)
    writer, form = formats.scan_format(target, name), formats.result_format(target, name)
    if writer is not None and (kind == "scan" or form is None):
        refuse_existing(*writer.targets(target), overwrite=request.overwrite)
        read = partial(_open, request, progress)
        scan, sentences = _readable(read, None if kind == "scan" else why)
        yield from map(Notice, sentences)
        yield from formats.write_scan(scan, writer, target, overwrite=request.overwrite)
    elif form is not None:
        refuse_existing(*form.targets(target), overwrite=request.overwrite)
        found = _readable(partial(api.open_result, source), None if kind == "result" else why)
        yield from formats.write_result(found.result, form, target, overwrite=request.overwrite)
    else:
        raise ExportError(why)


def _open(request: ConvertRequest, progress: Callable[[float], None] | None) -> tuple[Scan, tuple[str, ...]]:
    """Open the scan; if it is opened as remembered, that is to be said."""
    from ptygui.jobs import api

    if request.preparation is not None:
        return api.open_scan(request.source, progress, request.preparation), ()
    recalled = open_as_remembered(request.source, progress)
    return recalled.whole(), recalled.sentences


def _readable(read: Callable[[], Content], else_: str | None) -> Content:
    """Read; where the file is something else first, say `else_` if it does not hold this as well."""
    try:
        return read()
    except PtyguiError as error:
        if else_ is None:
            raise
        raise ExportError(else_) from error
