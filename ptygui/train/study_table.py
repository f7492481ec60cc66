"""The table of a study: a row a run as CSV, a row an arm as Markdown."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ptygui.train.study import StudyConfig
from ptygui.train.study_results import DEAD_SHARE, FLAT_SHARE, RunResult

Value = Callable[[RunResult], float | None]

QUALITY = (
    ("amp SSIM", "amplitude_ssim", 3),
    ("phase SSIM", "phase_ssim", 3),
    ("amp MAE", "amplitude_mae", 4),
    ("complex error", "complex_error", 4),
    ("FRC50", "frc50", 3),
    ("R1", "r1", 4),
)
"""Heading, metric, significant digits behind the point."""
KNOWN = (
    "arm", "seed", "folder", "generator", "state", "dead", "flat", "lost_block", "parameters", "steps",
    "cpu_s", "wall_s",
)  # fmt: skip
"""What table.csv says of a run before its figures."""
MOMENTS = (("best", "The best state, by raw R1: it goes into the bundle"), ("final", "The last state"))


@dataclass(frozen=True)
class Column:
    """A column of a table of arms."""

    heading: str
    value: Value
    digits: int = 0


def figure(name: str) -> Value:
    """Return what reads a figure of a result, None where it has none."""
    return lambda result: result.figures.get(name)


GENERAL = (
    Column("parameters", lambda result: result.parameters),
    Column("steps", lambda result: result.status.step if result.status else None),
    Column("CPU-s", lambda result: result.cost.cpu_s if result.cost else None),
    Column("wall s", lambda result: result.cost.wall_s if result.cost else None),
    Column("best val loss", figure("best.loss"), 4),
    Column("final val loss", figure("final.loss"), 4),
    Column("amplitude spread", figure("final.amplitude_spread"), 3),
    Column("norm weights", figure("final.norm"), 3),
    Column("gates", figure("final.gate"), 3),
)


def csv_text(results: Sequence[RunResult]) -> str:
    """Write a row a run: what it is, how it ended, all its figures in full precision; empty: not known."""
    names = sorted({name for result in results for name in result.figures})
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*KNOWN, *names])
    for result in results:
        writer.writerow([*_known(result), *(_exact(result.figures.get(name)) for name in names)])
    return text.getvalue()


def _known(result: RunResult) -> list[object]:
    run, cost = result.run, result.cost
    return [
        run.arm,
        run.seed,
        run.folder,
        run.config.generator,
        "waiting" if result.state is None else str(result.state),
        int(result.dead) if result.over else "",
        int(result.flat) if result.over else "",
        int(result.lost_block),
        "" if result.parameters is None else result.parameters,
        "" if result.status is None else result.status.step,
        "" if cost is None else f"{cost.cpu_s:.1f}",
        "" if cost is None else f"{cost.wall_s:.1f}",
    ]


def _exact(value: float | None) -> str:
    return "" if value is None else repr(value)


def markdown_text(study: StudyConfig, results: Sequence[RunResult]) -> str:
    """Write a row an arm: how many runs, how many died, and their figures, mean (lowest to highest)."""
    arms = _by_arm(study, results)
    over = sum(result.over for result in results)
    parts = [
        f"# {study.name}",
        study.title,
        f"{over} of {len(results)} runs are over. Of several seeds: mean (lowest to highest) of the runs "
        "that have the figure; dead runs count too. CPU-s: CPU-seconds of the whole process. Dead: the "
        f"object's amplitude spreads less than {DEAD_SHARE:g} of the true one's at the end, or the run broke "
        f"down; flat: less than {FLAT_SHARE:g} of it. Lost a block: at some look every unit of one was off.",
        _table(arms, (*_endings(arms), *_cells(arms, GENERAL))),
    ]
    for moment, title in MOMENTS:
        for stage in ("raw", "polished"):
            columns = [Column(h, figure(f"{moment}.{stage}.{m}"), d) for h, m, d in QUALITY]
            parts += [f"## {title}: {stage}", _table(arms, _cells(arms, columns))]
    return "\n\n".join(parts + _unhappy(results)) + "\n"


Arms = dict[str, list[RunResult]]
Cells = Sequence[tuple[str, list[str]]]
"""Heading, and a cell an arm."""


def _by_arm(study: StudyConfig, results: Iterable[RunResult]) -> Arms:
    arms: Arms = {arm.name: [] for arm in study.arms}
    for result in results:
        arms[result.run.arm].append(result)
    return arms


def _endings(arms: Arms) -> Cells:
    over = [[result for result in results if result.over] for results in arms.values()]
    return [
        ("runs", [f"{len(ended)}" for ended in over]),
        ("dead", [f"{sum(result.dead for result in ended)}" for ended in over]),
        ("alive but flat", [f"{sum(result.flat for result in ended)}" for ended in over]),
        ("lost a block", [f"{sum(result.lost_block for result in ended)}" for ended in over]),
    ]


def _cells(arms: Arms, columns: Sequence[Column]) -> Cells:
    return [
        (column.heading, [_summary(map(column.value, results), column.digits) for results in arms.values()])
        for column in columns
    ]


def _table(arms: Arms, columns: Cells) -> str:
    """Write the columns that have anything to say."""
    used = [(heading, cells) for heading, cells in columns if any(cells)]
    if not used:
        return "Nothing is known yet."
    lines = [
        ["arm", *(heading for heading, _ in used)],
        ["---", *("---:" for _ in used)],
        *([escaped(name), *cells] for name, *cells in zip(arms, *(cells for _, cells in used), strict=True)),
    ]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def escaped(text: str) -> str:
    """Write a text so that it stays within its cell."""
    return text.replace("|", r"\|")


def _summary(values: Iterable[float | None], digits: int) -> str:
    known = [value for value in values if value is not None]
    finite = [value for value in known if math.isfinite(value)]
    if not finite:
        return "not finite" if known else ""
    mean = number(sum(finite) / len(finite), digits)
    low, high = number(min(finite), digits), number(max(finite), digits)
    text = mean if low == high else f"{mean} ({low} to {high})"
    lost = len(known) - len(finite)
    return f"{text}, {lost} not finite" if lost else text


def number(value: float, digits: int) -> str:
    """Write so many digits behind the point, thousands apart; what is very large or small as a power."""
    if value and (abs(value) >= 1e7 or abs(value) < 0.5 * 10.0**-digits):
        return f"{value:.1e}".replace("-", "\N{MINUS SIGN}")
    return f"{value:,.{digits}f}".replace(",", "\N{NARROW NO-BREAK SPACE}").replace("-", "\N{MINUS SIGN}")


def _unhappy(results: Sequence[RunResult]) -> list[str]:
    """List the runs that died or failed, with the last thing they said."""
    lines = [
        f"- {result.run.arm}, seed {result.run.seed}: {_reason(result)}"
        for result in results
        if result.dead or result.state == "failed"
    ]
    return ["## Dead or failed", "\n".join(lines)] if lines else []


def _reason(result: RunResult) -> str:
    if result.state == "failed" and result.status is not None:
        return f"failed: {result.status.message}"
    spread = result.figures.get("final.amplitude_spread", math.nan)
    return f"dead: amplitude spread {number(spread, 3)} at the end"
