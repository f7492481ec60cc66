"""From any file that ptygui reads to any that it writes."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TypeVar

from ptygui.core.atomic import replacing
from ptygui.core.errors import ExportError
from ptygui.core.events import Notice, Progress, Reconstruction, Written
from ptygui.core.scan import Scan
from ptygui.io.new_file import refuse_existing
from ptygui.io.provenance import as_json, provenance
from ptygui.io.writers.contents import contents_of_result, contents_of_scan, left_out, listed
from ptygui.io.writers.results import FORMATS, Content, ResultFormat, refuse_unknown_size
from ptygui.io.writers.scan_registry import ScanWriter, list_scan_writers

ConvertEvent = Progress | Notice | Written
Form = TypeVar("Form", ScanWriter, ResultFormat)


def scan_format(path: Path, name: str | None) -> ScanWriter | None:
    """Return the writer of scans that is named, or else that of the file's ending; None if there is none."""
    return _choose(list_scan_writers(), path, name)


def result_format(path: Path, name: str | None) -> ResultFormat | None:
    """Return the format of results that is named, or else that of the ending; None if there is none."""
    return _choose(FORMATS.values(), path, name)


def format_names() -> list[str]:
    """Return the names of all formats that are written."""
    return sorted({writer.name for writer in list_scan_writers()} | set(FORMATS))


def why_not(path: Path, name: str | None, kind: str) -> str:
    """Say in a sentence why something of a kind ('scan' or 'result') cannot be written as is asked for."""
    what = f"the format '{name}'" if name else f"a file like {path.name}"
    if kind == "scan":
        possible = [f"{writer.name} ({writer.endings[0]})" for writer in list_scan_writers()]
    else:
        possible = [f"{form.name} ({form.endings[0]})" for form in FORMATS.values()]
    return f"A {kind} cannot be written as {what}: choose {listed(possible[:-1])} or {possible[-1]}."


def write_scan(
    scan: Scan, writer: ScanWriter, path: Path, *, overwrite: bool = False
) -> Iterator[ConvertEvent]:
    """Write a scan, batch by batch; ends with `Written`. Closing the iterator leaves nothing behind.

    Raises
    ------
    ExportError
        If a file exists and `overwrite` is False, cannot be written, or lengths are needed and not known.
    ScanError
        If the scan's own file cannot be read.
    """
    if writer.needs_metres and scan.metadata.pixel_size_m is None:
        raise ExportError(
            f"{writer.title} gives positions in metres, but the pixel size of {scan.metadata.name} is not "
            "known: tell energy, distance and detector pixel in the preparation, or choose PtychoPINN .npz, "
            "which can do without."
        )
    there = contents_of_scan(scan)
    yield from _notices(left_out(writer.title, there, writer.holds), _lacking(writer, scan, there))
    targets = writer.targets(path)
    with (
        new_files(targets, overwrite=overwrite) as temporary,
        closing(_steps(writer, scan, temporary)) as steps,
    ):
        yield from steps
    yield Written(targets)


def write_result(
    result: Reconstruction, form: ResultFormat, path: Path, *, overwrite: bool = False
) -> Iterator[ConvertEvent]:
    """Write the last stage of a result; ends with `Written`.

    Raises
    ------
    ExportError
        If a file exists and `overwrite` is False, cannot be written, or lengths are needed and not known.
    """
    stage = result.best
    refuse_unknown_size([form], result, stage)
    yield from _notices(left_out(form.title, contents_of_result(result, stage), form.holds))
    targets = form.targets(path)
    content = Content(result, stage, as_json(provenance(result, stage)))
    with new_files(targets, overwrite=overwrite) as temporary:
        for done, (place, write) in enumerate(zip(temporary, form.files.values(), strict=True), start=1):
            write(place, content)
            yield Progress("Writing", done, len(targets), "files")
    yield Written(targets)


@contextmanager
def new_files(targets: Sequence[Path], *, overwrite: bool) -> Iterator[tuple[Path, ...]]:
    """Yield temporary paths, as `io.new_file` does; on leaving without error they all become `targets`.

    Raises
    ------
    ExportError
        If a file exists and `overwrite` is False, or one cannot be written.
    """
    refuse_existing(*targets, overwrite=overwrite)
    try:
        with ExitStack() as files:
            yield tuple(files.enter_context(replacing(target, durable=True)) for target in targets)
    except OSError as error:
        names = listed([str(target) for target in targets])
        raise ExportError(f"{names} cannot be written: {error.strerror or error}.") from error


def _steps(writer: ScanWriter, scan: Scan, paths: Sequence[Path]) -> Generator[Progress]:
    yield from writer.write(scan, paths)


def _choose(forms: Iterable[Form], path: Path, name: str | None) -> Form | None:
    """Return the format of a name, or that with the longest ending that the file has."""
    if name is not None:
        return next((form for form in forms if form.name == name), None)
    endings = [
        (len(ending), form) for form in forms for ending in form.endings if path.name.lower().endswith(ending)
    ]
    return max(endings, key=lambda found: found[0])[1] if endings else None


def _lacking(writer: ScanWriter, scan: Scan, there: Sequence[str]) -> str | None:
    """Say what others will miss in the file."""
    missing = [piece for piece in writer.wants if piece not in there]
    if not missing:
        return None
    return (
        f"{scan.metadata.name} lacks {listed(missing)}, without which other programs may not open the file."
    )


def _notices(*sentences: str | None) -> Iterator[Notice]:
    yield from (Notice(sentence, "warning") for sentence in sentences if sentence)
