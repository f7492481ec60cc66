"""A finished job as lines to read, and as plain values for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from ptygui.cli.follow import Outcome
from ptygui.cli.group import INTERRUPTED, print_json
from ptygui.core.events import Reconstruction, StageResult


def tell(context: click.Context, outcome: Outcome, files: Sequence[Path], *, as_json: bool) -> None:
    """Print what came out, and end with the exit code that belongs to it.

    Raises
    ------
    PtyguiError
        What went wrong after a part of the result was there.
    """
    if as_json:
        print_json(as_plain(outcome, files))
    else:
        click.echo(as_text(outcome.result, files))
    if outcome.failure:
        raise outcome.failure
    if outcome.stopped_early:
        click.echo("Stopped early.", err=True)
        context.exit(INTERRUPTED)


def as_text(result: Reconstruction, files: Sequence[Path]) -> str:
    """Say what came out, a line for each stage, how good the last one is, and where the files are."""
    lines = [_stage_line(stage) for stage in result.stages]
    lines += _judgement_lines(result.best)
    if result.coverage < 1:
        lines.append(f"{result.coverage:.1%} of the patterns are in the picture.")
    if files:
        lines.append(f"Written to {files[0].parent.resolve()}:")
        lines += [f"  {file.name}" for file in files]
    return "\n".join(lines)


def as_plain(outcome: Outcome, files: Sequence[Path]) -> dict[str, object]:
    """Return everything but the arrays."""
    result = outcome.result
    return {
        "scan": result.scan_name,
        "device": outcome.device,
        "stopped_early": outcome.stopped_early,
        "coverage": result.coverage,
        "stages": [_plain_stage(stage) for stage in result.stages],
        "notices": list(result.notices),
        "recipe": result.recipe,
        "files": [str(file.resolve()) for file in files],
    }


def plain_judgements(stage: StageResult) -> list[dict[str, str]]:
    """Return what speaks for and against a refined picture; empty for others, of which nothing is known."""
    from ptygui.core.judge import judge

    return [asdict(found) for found in judge(stage)] if stage.evidence is not None else []


def _plain_stage(stage: StageResult) -> dict[str, object]:
    return {
        "stage": stage.stage,
        "seconds": stage.seconds,
        "steps": stage.steps,
        "shape": list(stage.image.values.shape),
        "residual": asdict(stage.residual) if stage.residual else None,
        "quality": asdict(stage.quality) if stage.quality else None,
        "judgements": plain_judgements(stage),
    }


def _judgement_lines(stage: StageResult) -> Iterator[str]:
    """Write the figures; what they mean only where something is amiss."""
    for found in plain_judgements(stage):
        yield f"{found['level']:<8} {found['words']}"
        if found["level"] in ("warning", "problem"):
            yield f"{'':<8} {found['meaning']}"


def _stage_line(stage: StageResult) -> str:
    parts = [f"{stage.stage:<8} {stage.seconds:6.1f} s"]
    if stage.residual:
        parts.append(f"residual R1 {stage.residual.r1:.4f}, R2 {stage.residual.r2:.4f}")
    if stage.quality:
        parts.append(
            f"against the true object: amplitude SSIM {stage.quality.amplitude_ssim:.3f}, "
            f"phase SSIM {stage.quality.phase_ssim:.3f}, complex error {stage.quality.complex_error:.3f}"
        )
    return "; ".join(parts)
