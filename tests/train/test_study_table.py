"""The table and the figure of made-up run directories."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from ptygui.core.scan import ObjectImage
from ptygui.runs.layout import METRICS_HEADER, HealthEvent, RunPaths, RunState, Status
from ptygui.runs.previews import write_preview
from ptygui.runs.records import write_record
from ptygui.train.study import StudyConfig, StudyRun, parse_study, plan
from ptygui.train.study_figure import figure_bytes
from ptygui.train.study_results import add_cost, read_cost, read_result
from ptygui.train.study_table import csv_text, markdown_text, number
from ptygui.train.study_truth import true_spread

STUDY = """
name = "made-up"
title = "An arm $ that lives and one_that dies"
seeds = 2
[base]
generator = "cnn"
steps = 40
[base.data]
type = "lines"
pattern_px = 16
object_px = 60
[[arms]]
name = "lives"
[[arms]]
name = "dies | early"
"""

LOOKS = {
    20: {"loss": 0.3, "raw.r1": 0.1, "raw.amplitude_ssim": 0.9, "polished.r1": 0.05, "raw.frc50": 0.25},
    40: {"loss": 0.2, "raw.r1": 0.2, "raw.amplitude_ssim": 0.8, "polished.r1": 0.04, "raw.frc50": 0.2},
}


@pytest.fixture
def study() -> StudyConfig:
    return parse_study(STUDY, "made-up.toml")


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., None]:
    def make(
        run: StudyRun, spread: float = 0.2, state: RunState = RunState.DONE, message: str = "Done"
    ) -> None:
        paths = RunPaths(tmp_path / run.folder)
        paths.previews.mkdir(parents=True)
        rows = [METRICS_HEADER]
        for step, look in LOOKS.items():
            values = look | {"amplitude_spread": spread}
            rows += [f"{step},{step / 10},val,{name},{value}" for name, value in values.items()]
        rows += [
            "40,4.0,health,norm.encoder.0,0.8",
            "40,4.0,health,norm.bottleneck,1.0",
            "40,4.0,health,gate.x,0.1",
        ]
        paths.metrics.write_text("\n".join(rows) + "\n")
        write_record(paths.status, Status(state=state, step=40, message=message, beat=3))

    return make


def results(study: StudyConfig, folder: Path) -> list:
    return [read_result(run, folder) for run in plan(study)]


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_best_is_the_look_with_the_lowest_raw_residual(
    study: StudyConfig, make_run: Callable[..., None], tmp_path: Path
) -> None:
    make_run(plan(study)[0])
    figures = results(study, tmp_path)[0].figures
    assert (figures["best.raw.r1"], figures["final.raw.r1"]) == (0.1, 0.2)
    assert (figures["best.raw.amplitude_ssim"], figures["final.raw.amplitude_ssim"]) == (0.9, 0.8)
    assert (figures["best.polished.r1"], figures["final.polished.r1"]) == (0.05, 0.04)
    assert (figures["best.loss"], figures["final.loss"]) == (0.2, 0.2)  # the lowest loss, at whatever step
    assert figures["final.norm"] == pytest.approx(0.9)
    assert figures["final.gate"] == pytest.approx(0.1)


def test_the_csv_has_a_row_a_run_and_blanks_for_what_is_not_known(
    study: StudyConfig, make_run: Callable[..., None], tmp_path: Path
) -> None:
    make_run(plan(study)[0])
    make_run(plan(study)[1], spread=1e-7)
    add_cost(tmp_path / plan(study)[0].folder, 12.5, 20.0)
    first, second, third, _ = rows_of(csv_text(results(study, tmp_path)))
    assert (first["arm"], first["seed"], first["state"], first["dead"]) == ("lives", "0", "done", "0")
    assert (first["cpu_s"], first["wall_s"], first["steps"]) == ("12.5", "20.0", "40")
    assert float(first["best.raw.frc50"]) == 0.25
    assert (second["arm"], second["dead"], second["cpu_s"]) == ("dies | early", "1", "")
    assert (third["state"], third["dead"], third["final.loss"]) == ("waiting", "", "")


def test_the_markdown_has_a_row_an_arm_with_mean_and_range(
    study: StudyConfig, make_run: Callable[..., None], tmp_path: Path
) -> None:
    lives0, dies0, lives1, _ = plan(study)
    make_run(lives0, spread=0.2)
    make_run(lives1, spread=0.1)
    make_run(dies0, spread=1e-7)
    text = markdown_text(study, results(study, tmp_path))
    assert "3 of 4 runs are over" in text
    tables = [line.split(" | ") for line in text.splitlines() if line.startswith("| lives")]
    assert tables[0][1:4] == ["2", "0", "0"]
    assert "0.150 (0.100 to 0.200)" in tables[0]
    (dead, *_) = [line for line in text.splitlines() if line.startswith("| dies")]
    assert "| 1 | 1 | 0 |" in dead
    assert "dies | early, seed 0: dead" in text
    widths = {line.replace(r"\|", "").count("|") for line in text.split("\n\n")[3].splitlines()}
    assert len(widths) == 1


def test_nothing_done_yet_is_no_mistake(study: StudyConfig, tmp_path: Path) -> None:
    assert "0 of 4 runs are over" in markdown_text(study, results(study, tmp_path))
    assert len(rows_of(csv_text(results(study, tmp_path)))) == 4


def test_a_run_is_dead_against_the_true_object_s_spread(
    study: StudyConfig, make_run: Callable[..., None], tmp_path: Path
) -> None:
    runs = plan(study)
    true = true_spread(runs[0].config)
    assert 0 < true < 1
    for run, share in zip(runs, (0.9e-3, 1.1e-3, 0.11, math.nan), strict=True):
        make_run(run, spread=share * true)
    found = results(study, tmp_path)
    assert [result.dead for result in found] == [True, False, False, True]
    assert [result.flat for result in found] == [False, True, False, False]


def test_a_run_that_lost_a_block_is_counted_though_it_lives(
    study: StudyConfig, make_run: Callable[..., None], tmp_path: Path
) -> None:
    run = plan(study)[0]
    make_run(run)
    event = '{"step": 2, "wall_s": 1.0, "ailment": "dead", "evidence": {}, "sentence": "It is off."}'
    RunPaths(tmp_path / run.folder).health.write_text(event + "\n")
    found = results(study, tmp_path)
    assert [result.lost_block for result in found] == [True, False, False, False]
    assert not found[0].dead
    assert rows_of(csv_text(found))[0]["lost_block"] == "1"


def test_a_run_is_not_dead_before_it_is_over(
    study: StudyConfig, make_run: Callable[..., None], tmp_path: Path
) -> None:
    make_run(plan(study)[0], spread=0.0, state=RunState.RUNNING)
    assert not results(study, tmp_path)[0].dead


@pytest.mark.parametrize(
    ("ailment", "broke_down"), [("non-finite", True), ("dead", True), ("spiking", False)]
)
def test_a_failure_of_the_numbers_is_a_result_any_other_a_mishap(
    study: StudyConfig, make_run: Callable[..., None], tmp_path: Path, ailment: str, broke_down: bool
) -> None:
    run = plan(study)[0]
    make_run(run, state=RunState.FAILED, message="It is over.")
    tell(tmp_path / run.folder, ailment, step=40, wall_s=5.0)
    result = results(study, tmp_path)[0]
    assert (result.broke_down, result.dead, result.failed) == (broke_down, broke_down, not broke_down)
    assert "lives, seed 0: failed: It is over." in markdown_text(study, results(study, tmp_path))


def tell(run: Path, ailment: str, step: int, wall_s: float, **evidence: float) -> None:
    event = HealthEvent(step=step, wall_s=wall_s, ailment=ailment, evidence=evidence, sentence="It ails.")
    with RunPaths(run).health.open("ab") as file:
        file.write(msgspec.json.encode(event) + b"\n")


@pytest.mark.parametrize(
    ("step", "wall_s", "evidence", "broke_down"),
    [
        (20, 2.0, {}, False),  # the look at step 40, 4 s, has shown an object
        (50, 5.0, {}, False),  # it went back, and was at step 40 when it failed
        (40, 4.0004, {"amplitude_spread": 0.2}, False),  # a block was dead, the object was not constant
        (40, 3.9996, {}, True),  # by the last look
        (20, 5.0, {}, True),
    ],
)
def test_what_a_run_recovered_from_is_not_why_it_failed(
    study: StudyConfig,
    make_run: Callable[..., None],
    tmp_path: Path,
    step: int,
    wall_s: float,
    evidence: dict[str, float],
    broke_down: bool,
) -> None:
    run = plan(study)[0]
    make_run(run, state=RunState.FAILED, message="The disk is full.")
    tell(tmp_path / run.folder, "dead", step, wall_s, **evidence)
    result = results(study, tmp_path)[0]
    assert (result.broke_down, result.failed) == (broke_down, not broke_down)


def test_the_costs_of_all_sittings_add_up(tmp_path: Path) -> None:
    assert read_cost(tmp_path) is None
    add_cost(tmp_path, 2.0, 3.0)
    add_cost(tmp_path, 1.0, 4.0)
    cost = read_cost(tmp_path)
    assert cost is not None
    assert (cost.cpu_s, cost.wall_s) == (3.0, 7.0)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.98765, 3, "0.988"), (0.0, 3, "0.000"), (1784322, 0, "1 784 322"),
        (-0.12, 2, "−0.12"), (1.6e-7, 3, "1.6e−07"), (1.8e9, 2, "1.8e+09"),
    ],
)  # fmt: skip
def test_numbers_are_short_and_none_is_lost(value: float, digits: int, text: str) -> None:
    assert number(value, digits).replace("\N{NARROW NO-BREAK SPACE}", " ") == text


def test_the_figure_is_drawn_of_whatever_there_is(
    study: StudyConfig, make_run: Callable[..., None], tmp_path: Path
) -> None:
    empty = figure_bytes(study, results(study, tmp_path), "png")
    assert empty.startswith(b"\x89PNG")
    make_run(plan(study)[0])
    make_run(plan(study)[1], spread=0.0)
    curves = figure_bytes(study, results(study, tmp_path), "svg").decode()
    assert "dies | early" in curves
    assert "true object" not in curves
    for run in plan(study)[:2]:
        image = ObjectImage(
            np.full((20, 20), 1 + 0.1j, np.complex64), np.ones((20, 20), bool), (8.0, 8.0), None
        )
        write_preview(RunPaths(tmp_path / run.folder).preview(40), image)
    pictures = figure_bytes(study, results(study, tmp_path), "svg").decode()
    assert "true object" in pictures
    assert "amp SSIM 0.800" in pictures


def test_a_damaged_preview_leaves_the_other_pictures(
    study: StudyConfig, make_run: Callable[..., None], tmp_path: Path
) -> None:
    make_run(plan(study)[0])
    RunPaths(tmp_path / plan(study)[0].folder).preview(40).write_bytes(b"PK")
    assert figure_bytes(study, results(study, tmp_path), "png").startswith(b"\x89PNG")


def test_what_a_run_undid_is_no_figure(
    study: StudyConfig, make_run: Callable[..., None], tmp_path: Path
) -> None:
    """It went back from step 40 to 20, and its time was over at step 30."""
    run = plan(study)[0]
    make_run(run)
    with RunPaths(tmp_path / run.folder).metrics.open("a") as file:
        file.write("30,5.0,val,raw.r1,0.15\n30,5.0,val,amplitude_spread,0.1\n")
    figures = results(study, tmp_path)[0].figures
    assert (figures["final.raw.r1"], figures["final.amplitude_spread"]) == (0.15, 0.1)
