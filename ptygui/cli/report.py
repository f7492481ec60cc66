"""A finished reconstruction as lines to read, and as plain values for JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from ptygui.cli.follow import Outcome
from ptygui.core.events import Reconstruction, StageResult


def as_text(result: Reconstruction, files: Sequence[Path]) -> str:
    """Say what came out, a line for each stage, and where the files are."""
    lines = [_stage_line(stage) for stage in result.stages]
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


def _plain_stage(stage: StageResult) -> dict[str, object]:
    return {
        "stage": stage.stage,
        "seconds": stage.seconds,
        "shape": list(stage.image.values.shape),
        "residual": asdict(stage.residual) if stage.residual else None,
        "quality": asdict(stage.quality) if stage.quality else None,
    }


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
