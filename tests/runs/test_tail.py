"""A tail reads every whole line once, whatever happens to the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptygui.runs import tail as tail_module
from ptygui.runs.tail import Tail


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


@given(
    lines=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n")), max_size=8),
    cuts=st.lists(st.integers(0, 200), max_size=8),
)
def test_any_chunking_gives_the_same_lines(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], cuts: list[int]
) -> None:
    path = tmp_path_factory.mktemp("tail") / "log.txt"
    data = "".join(line + "\n" for line in lines).encode()
    tail, got, start = Tail(path), [], 0
    for end in [*sorted(min(cut, len(data)) for cut in cuts), len(data)]:
        append(path, data[start:end])
        found = tail.poll()
        assert not found.restarted
        got += found.lines
        start = end
    assert got == lines


def test_a_partial_line_waits(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    append(path, b"whole\npart")
    tail = Tail(path)
    assert tail.poll().lines == ["whole"]
    assert tail.poll().lines == []
    append(path, b"ial\n")
    assert tail.poll().lines == ["partial"]


def test_a_truncated_file_starts_anew(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    append(path, b"one\ntwo\n")
    tail = Tail(path)
    tail.poll()
    path.write_bytes(b"three\n")
    found = tail.poll()
    assert (found.lines, found.restarted) == (["three"], True)


def test_a_longer_replacement_is_noticed_too(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    append(path, b"one\n")
    tail = Tail(path)
    tail.poll()
    path.write_bytes(b"1\n2\n3\n4\n")
    found = tail.poll()
    assert (found.lines, found.restarted) == (["1", "2", "3", "4"], True)


def test_a_faithful_copy_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    append(path, b"one\n")
    tail = Tail(path)
    tail.poll()
    (tmp_path / "copy").write_bytes(b"one\ntwo\n")
    (tmp_path / "copy").replace(path)
    found = tail.poll()
    assert (found.lines, found.restarted) == (["two"], False)


def test_a_missing_file_has_no_lines_and_may_come_back(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    tail = Tail(path)
    assert tail.poll().lines == []
    append(path, b"one\n")
    assert tail.poll().lines == ["one"]
    path.unlink()
    assert tail.poll().lines == []


def test_a_long_file_is_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail_module, "MAX_READ_BYTES", 10)
    path = tmp_path / "m.csv"
    append(path, b"one\ntwo\nthree\nfour\n")
    tail = Tail(path)
    assert [tail.poll().lines for _ in range(3)] == [["one", "two"], ["three"], ["four"]]


def test_a_line_longer_than_a_read_does_not_stop_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Event files hold pictures: one record of them may be larger than what is read at once."""
    monkeypatch.setattr(tail_module, "MAX_READ_BYTES", 4)
    path = tmp_path / "m.csv"
    append(path, b"one\nmuch longer\ntwo\n")
    tail = Tail(path)
    found, more = [], True
    while more:
        piece = tail.poll()
        found, more = found + piece.lines, piece.more
    assert found == ["one", "much longer", "two"]
    monkeypatch.setattr(tail_module, "LARGEST_BYTES", 8)
    append(path, b"too long to be read\n")
    while tail.poll().more:
        pass
    assert tail.poll().lines == []
