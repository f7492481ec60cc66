"""The table in README of what is read and written, and what says so; made anew by

    python tests/io/interoperability.py

Each fact below names the tests that hold it. A reader that no fact names gets a row of its own, checked by
the file that its sample makes (tests/io/samples).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ptygui.io.registry import list_readers
from ptygui.io.result_registry import list_result_readers
from ptygui.io.writers.results import FORMATS
from ptygui.io.writers.scan_registry import list_scan_writers

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
BEGIN, END = "<!-- made by tests/io/interoperability.py -->", "<!-- end of what it makes -->"
SAMPLES = ROOT / "tests/io/samples"
PEERS, SCANS, RESULTS = (
    "tests/io/test_peers.py",
    "tests/io/writers/test_scans.py",
    "tests/io/writers/test_results.py",
)
EXPORT = "tests/io/test_export.py"


@dataclass(frozen=True)
class Fact:
    """One format: who reads and writes it, and what was seen."""

    title: str
    seen: str
    tests: tuple[tuple[str, str], ...]
    """File and function of each test that holds it."""
    readers: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()
    result_readers: tuple[str, ...] = ()
    formats: tuple[str, ...] = field(default=())


AGAIN = (SCANS, "test_what_is_written_opens_as_the_same_scan")
READ_AGAIN = (RESULTS, "test_arrays_are_read_again_as_they_were")

FACTS = (
    Fact(
        "PtychoPINN `.npz`",
        "a file of its definition; written and opened again, bit by bit",
        (AGAIN, ("tests/io/readers/test_ptychopinn.py", "")),
        readers=("PtychoPINN .npz",),
        writers=("ptychopinn",),
    ),
    Fact(
        "Ptychodus, pty-chi: `_dp.h5` with `_para.h5`",
        "ptychodus 1.7.0, both ways; patterns, object and probe bit by bit",
        ((PEERS, "test_ptychodus_reads_the_pair"), (PEERS, "test_what_ptychodus_writes_is_read"), AGAIN),
        readers=("paired HDF5 (_dp and _para)",),
        writers=("ptychodus",),
    ),
    Fact(
        "Ptychodus: `_dp.npz` with `_para.npz`",
        "ptychodus 1.7.0, both ways; patterns, object and probe bit by bit",
        ((PEERS, "test_ptychodus_reads_the_pair"), (PEERS, "test_what_ptychodus_writes_is_read"), AGAIN),
        readers=("Ptychodus diffraction (.npz)",),
        writers=("ptychodus-npz",),
    ),
    Fact(
        "Ptychodus product `.h5`, `.npz`",
        "ptychodus 1.7.0, both ways; object and probe bit by bit",
        ((PEERS, "test_ptychodus_reads_a_result"), (PEERS, "test_what_ptychodus_writes_is_read"), READ_AGAIN),
        result_readers=("Ptychodus product (.h5, .npz)",),
        formats=("product", "product-npz"),
    ),
    Fact(
        "CXI 1.6 `.cxi`",
        "cdtools 0.3.2, both ways, each pattern in its place; ptychodus 1.7.0 reads it; patterns bit by bit",
        (
            (PEERS, "test_cdtools_reads_cxi_and_puts_each_pattern_in_its_place"),
            (PEERS, "test_what_cdtools_writes_is_read"),
            (PEERS, "test_ptychodus_reads_cxi"),
            AGAIN,
        ),
        readers=("CXI",),
        writers=("cxi",),
    ),
    Fact(
        "NXptycho (NeXus) `.nxs`",
        "nexusformat 2.1.0 reads it; patterns and positions bit by bit",
        ((PEERS, "test_nexusformat_reads_nxptycho"), AGAIN),
        readers=("NXptycho (NeXus)",),
        writers=("nxptycho",),
    ),
    Fact(
        "ptypy result `.ptyr`",
        "a reader of its definition (pip has no ptypy); object and probe bit by bit",
        ((RESULTS, "test_ptyr_by_its_definition"), READ_AGAIN),
        result_readers=("ptypy reconstruction (.ptyr)",),
        formats=("ptyr",),
    ),
    Fact(
        "ptygui `.npz`",
        "NumPy; bit by bit",
        ((EXPORT, "test_npz"), READ_AGAIN),
        result_readers=("ptygui .npz",),
        formats=("npz",),
    ),
    Fact(
        "TIFF, float32, to scale in ImageJ and Fiji",
        "tifffile, with ImageJ's tags; bit by bit",
        ((EXPORT, "test_tiff"),),
        formats=("tiff",),
    ),
    Fact(
        "OME-TIFF",
        "tifffile; ome-types 0.7.0 accepts it; bit by bit",
        ((RESULTS, "test_ome_tiff"), (PEERS, "test_ome_types_validates_ome_tiff")),
        formats=("ome-tiff",),
    ),
    Fact(
        "PNG, SVG: figures with scale bar",
        "Pillow; an XML parser",
        ((EXPORT, "test_png"), (RESULTS, "test_svg")),
        formats=("png", "svg"),
    ),
    Fact(
        "CSV of positions, read beside patterns",
        "NumPy; the same doubles",
        ((SCANS, "test_positions_as_a_table"), (RESULTS, "test_positions_as_a_table")),
        writers=("csv",),
        formats=("csv",),
    ),
)


def table() -> str:
    """Return the table as Markdown."""
    rows = [
        _row(
            fact.title, _cell(fact.readers, fact.writers), _cell(fact.result_readers, fact.formats), fact.seen
        )
        for fact in FACTS
    ]
    rows += [
        _row(name, "read" if kind == "scan" else "", "read" if kind == "result" else "", _sample(module))
        for name, kind, module in unnamed()
    ]
    return "\n".join([_row("format", "scans", "results", "checked with"), "|---|---|---|---|", *rows])


def unnamed() -> list[tuple[str, str, str]]:
    """Return name, kind and module of the readers that no fact names."""
    named = {name for fact in FACTS for name in fact.readers}
    named_results = {name for fact in FACTS for name in fact.result_readers}
    scans = [(reader.name, "scan", _module(reader)) for reader in list_readers() if reader.name not in named]
    results = [
        (reader.name, "result", _module(reader))
        for reader in list_result_readers()
        if reader.name not in named_results
    ]
    return sorted(scans + results, key=lambda row: row[0].lower())


def known() -> dict[str, set[str]]:
    """Return the names of all readers and writers there are, by the fields of a fact."""
    return {
        "readers": {reader.name for reader in list_readers()},
        "writers": {writer.name for writer in list_scan_writers()},
        "result_readers": {reader.name for reader in list_result_readers()},
        "formats": set(FORMATS),
    }


def _module(reader: object) -> str:
    return type(reader).__module__.rsplit(".", 1)[-1]


def _sample(module: str) -> str:
    return (
        "a file made from its public definition"
        if (SAMPLES / f"{module}.py").exists()
        else "files made in its test"
    )


def _cell(readers: tuple[str, ...], writers: tuple[str, ...]) -> str:
    return ", ".join(word for word, names in (("read", readers), ("written", writers)) if names)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |".replace("  ", " ")


def with_table(readme: str) -> str:
    """Return the README with the table in its place."""
    before, rest = readme.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
