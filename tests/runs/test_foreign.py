"""Logs of other programs, from files made here by their public definitions."""

from __future__ import annotations

import math
import shutil
import struct
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptygui.runs import watch as watch_module
from ptygui.runs.foreign import split_and_metric, splits_and_metrics
from ptygui.runs.history import History
from ptygui.runs.layout import METRICS_HEADER, MetricRow, RunError, RunInfo, RunState
from ptygui.runs.lightning_csv import LightningWatch
from ptygui.runs.pulse import Health
from ptygui.runs.reader import RunReader
from ptygui.runs.tensorboard import TensorBoardWatch
from ptygui.runs.watch import Watch, find_watchable, open_watch
from ptygui.runs.writer import RunWriter

LIGHTNING = "epoch,step,train_loss,val_loss\n0,9,0.5,\n0,9,,0.75\n1,19,0.25,\n"
EVENTS = "events.out.tfevents.1700000000.host.1.0"


def crc32c(data: bytes) -> int:
    """Bit by bit, by the definition (reflected polynomial 0x82F63B78)."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 * (crc & 1))
    return crc ^ 0xFFFFFFFF


def masked(data: bytes) -> bytes:
    crc = crc32c(data)
    return struct.pack("<I", (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF)


def record(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + masked(length) + data + masked(data)


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def part(field: int, data: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(data)) + data


def simple(tag: str, value: float) -> bytes:
    return part(1, tag.encode()) + varint(2 << 3 | 5) + struct.pack("<f", value)


def tensor(tag: str, value: float) -> bytes:
    content = varint(1 << 3) + varint(1) + part(2, b"") + part(5, struct.pack("<f", value))
    return part(1, tag.encode()) + part(8, content) + part(9, b"\x0a\x00")


def event(step: int, *values: bytes, wall_s: float = 1.7e9) -> bytes:
    summary = part(5, b"".join(part(1, value) for value in values)) if values else part(3, b"brain.Event:2")
    return record(varint(1 << 3 | 1) + struct.pack("<d", wall_s) + varint(2 << 3) + varint(step) + summary)


FILE = event(0) + b"".join(
    event(step, simple("loss/train", 1 / (step + 1)), tensor("val_loss", 2.0), wall_s=1.7e9 + step)
    for step in range(5)
)


def values(rows: Iterable[MetricRow]) -> list[tuple[int, str, str, float]]:
    return [(row.step, row.split, row.metric, row.value) for row in rows]


@pytest.mark.parametrize(
    ("name", "parted"),
    [
        ("train_loss", ("train", "loss")),
        ("val_loss", ("val", "loss")),
        ("loss/val", ("val", "loss")),
        ("poisson_val_Amp_loss", ("val", "poisson_Amp_loss")),
        ("train_loss_step", ("train", "loss_step")),
        ("lr-Adam", ("train", "lr-Adam")),
        ("validation", ("val", "validation")),
        ("evaluate", ("train", "evaluate")),
    ],
)
def test_the_split_is_taken_from_the_name(name: str, parted: tuple[str, str]) -> None:
    assert split_and_metric(name) == parted


def test_two_columns_never_become_one_curve() -> None:
    assert splits_and_metrics(["val_loss", "loss/val"]) == {
        "val_loss": ("val", "loss"), "loss/val": ("val", "loss/val"),
    }  # fmt: skip


def test_a_wide_table_becomes_rows_without_its_empty_cells(tmp_path: Path) -> None:
    (tmp_path / "metrics.csv").write_text(LIGHTNING + "1,19,,0.1")
    watch = LightningWatch(tmp_path)
    rows = watch.poll().rows
    assert values(rows) == [(9, "train", "loss", 0.5), (9, "val", "loss", 0.75), (19, "train", "loss", 0.25)]
    assert math.isnan(rows[0].wall_s)
    with (tmp_path / "metrics.csv").open("a") as file:
        file.write("25\n2,x,1,1\n2,1,1\n")
    assert values(watch.poll().rows) == [(19, "val", "loss", 0.125)]


def test_a_table_written_anew_with_another_column_is_read_anew(tmp_path: Path) -> None:
    (tmp_path / "metrics.csv").write_text(LIGHTNING)
    watch = LightningWatch(tmp_path)
    watch.poll()
    (tmp_path / "metrics.csv").write_text("epoch,step,lr,train_loss,val_loss\n0,9,0.1,0.5,\n")
    update = watch.poll()
    assert update.restarted
    assert values(update.rows) == [(9, "train", "lr", 0.1), (9, "train", "loss", 0.5)]


def test_without_steps_lines_are_counted(tmp_path: Path) -> None:
    (tmp_path / "metrics.csv").write_text("loss\n1\n\n0.5\n")
    assert [row.step for row in LightningWatch(tmp_path).poll().rows] == [0, 1]


def test_event_files_are_read(tmp_path: Path) -> None:
    (tmp_path / EVENTS).write_bytes(FILE + event(7, part(1, b"picture") + part(4, b"png")))
    rows = TensorBoardWatch(tmp_path).poll().rows
    assert values(rows)[:2] == [(0, "train", "loss", 1.0), (0, "val", "loss", 2.0)]
    assert [row.wall_s for row in rows[::2]] == [0, 1, 2, 3, 4]
    assert len(rows) == 10


def test_a_later_event_file_comes_after_an_earlier_one(tmp_path: Path) -> None:
    (tmp_path / "events.out.tfevents.999999999.h").write_bytes(event(3, simple("loss", 0.25)))
    (tmp_path / "events.out.tfevents.1000000000.h").write_bytes(event(3, simple("loss", 0.5)))
    history = History()
    history.add(TensorBoardWatch(tmp_path).poll().rows)
    assert history.series("train", "loss").value.tolist() == [0.5]


def test_a_folder_named_after_a_split_gives_it(tmp_path: Path) -> None:
    (tmp_path / "validation").mkdir()
    (tmp_path / "validation" / EVENTS).write_bytes(event(-1, simple("epoch_loss", 0.5)))
    assert values(TensorBoardWatch(tmp_path / "validation").poll().rows) == [(-1, "val", "epoch_loss", 0.5)]


def test_a_damaged_record_is_left_out_and_the_rest_is_read(tmp_path: Path) -> None:
    bad = bytearray(event(1, simple("loss", 0.5)))
    bad[-6] ^= 1
    (tmp_path / EVENTS).write_bytes(event(0, simple("loss", 1)) + bad + event(2, simple("loss", 0.25)))
    assert [row.step for row in TensorBoardWatch(tmp_path).poll().rows] == [0, 2]


def test_a_replaced_event_file_is_read_anew(tmp_path: Path) -> None:
    (tmp_path / EVENTS).write_bytes(FILE)
    watch = TensorBoardWatch(tmp_path)
    watch.poll()
    (tmp_path / EVENTS).write_bytes(event(1, simple("loss", 8.0)))
    update = watch.poll()
    assert update.restarted
    assert values(update.rows) == [(1, "train", "loss", 8.0)]


@given(data=st.binary(max_size=80), at=st.integers(0, len(FILE)))
def test_no_damage_raises(tmp_path_factory: pytest.TempPathFactory, data: bytes, at: int) -> None:
    folder = tmp_path_factory.mktemp("tb")
    (folder / EVENTS).write_bytes(FILE[:at] + data + FILE[at + len(data) :])
    TensorBoardWatch(folder).poll()
    (folder / "metrics.csv").write_bytes(LIGHTNING.encode()[:at] + data)
    LightningWatch(folder).poll()


@pytest.mark.parametrize("kind", ["run", "lightning", "tensorboard"])
@given(cuts=st.lists(st.integers(0, len(FILE)), max_size=6))
def test_any_chunking_gives_the_same_history(
    tmp_path_factory: pytest.TempPathFactory, kind: str, cuts: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("log")
    ours = METRICS_HEADER + "\n" + "".join(f"{n % 4},{n},train,loss,{n / 8}\n" for n in range(9))
    data = {"run": ours.encode(), "lightning": LIGHTNING.encode(), "tensorboard": FILE}[kind]
    name = EVENTS if kind == "tensorboard" else "metrics.csv"
    watch: Watch = {"run": RunReader, "lightning": LightningWatch, "tensorboard": TensorBoardWatch}[kind](
        folder
    )
    whole, pieces, start = History(), History(), 0
    for end in [*sorted(min(cut, len(data)) for cut in cuts), len(data)]:
        with (folder / name).open("ab") as file:
            file.write(data[start:end])
        update = watch.poll()
        assert not update.restarted
        pieces.add(update.rows)
        start = end
    whole.add(open_watch(folder).poll().rows)
    assert whole.names() == pieces.names() != []
    for key in whole.names():
        assert whole.series(*key).step.tolist() == pieces.series(*key).step.tolist()
        assert whole.series(*key).value.tolist() == pieces.series(*key).value.tolist()


def test_a_log_lives_while_rows_arrive_and_comes_back_after_it_vanished(tmp_path: Path) -> None:
    folder = tmp_path / "version_0"
    folder.mkdir()
    (folder / "metrics.csv").write_text(LIGHTNING)
    now = [0.0]
    watch = LightningWatch(folder, clock=lambda: now[0])
    assert watch.poll().health is Health.WAITING
    with (folder / "metrics.csv").open("a") as file:
        file.write("2,29,0.125,\n")
    assert watch.poll().health is Health.ALIVE
    now[0] = 1000
    assert watch.poll().health is Health.WAITING
    shutil.move(folder, tmp_path / "away")
    assert watch.poll().health is Health.GONE
    shutil.move(tmp_path / "away", folder)
    back = watch.poll()
    assert (back.health, back.rows, back.restarted) == (Health.WAITING, [], False)


def test_everything_that_can_be_watched_is_found(tmp_path: Path) -> None:
    for name in ("out/exp/lightning_logs/version_0", "out/tb", "runs/a/previews", "runs/.bin/b", "notes"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "out/exp/lightning_logs/version_0/metrics.csv").write_text(LIGHTNING)
    (tmp_path / "out/tb" / EVENTS).write_bytes(FILE)
    for run in (tmp_path / "runs/a", tmp_path / "runs/.bin/b"):
        RunWriter.create(run, RunInfo.now(kind="training", name="n", generator="g"), "").close(RunState.DONE)
    found = {str(path.relative_to(tmp_path)): kind for path, kind in find_watchable(tmp_path)}
    assert found == {
        "out/exp/lightning_logs/version_0": "lightning",
        "out/tb": "tensorboard",
        "runs/a": "run",
    }
    assert open_watch(tmp_path / "out/exp").path.name == "version_0"
    assert isinstance(open_watch(tmp_path / "out/tb" / EVENTS), TensorBoardWatch)
    with pytest.raises(RunError, match="nothing that can be watched"):
        open_watch(tmp_path / "notes")


def test_a_search_looks_into_so_many_folders_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        for below in range(4):
            (tmp_path / f"a{number}" / f"b{below}").mkdir(parents=True)
    looked: list[Path] = []
    names = watch_module._names
    monkeypatch.setattr(watch_module, "_MOST_FOLDERS", 4)
    monkeypatch.setattr(watch_module, "_names", lambda folder: (looked.append(folder), names(folder))[1])
    assert find_watchable(tmp_path) == []
    assert len(looked) == 4
