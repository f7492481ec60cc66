"""What the card of a trained generator says, in rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ptygui.generators.contract import BundleCard, FitSentence
from ptygui.gui.presenters.rows import Row
from ptygui.gui.widgets import numbers


def card_facts(card: BundleCard) -> list[Row]:
    """Say what a generator is, what it was trained on and what it reaches."""
    size = card.spec.input_size
    parameters = f"{numbers.quantity(card.parameters, '', 3).strip(numbers.SPACE)} parameters"
    rows: list[Row] = [
        ("network", card.spec.architecture, f"input: {card.spec.encoding}", False),
        ("size", parameters, "what was learnt, in numbers", False),
        (
            "patterns",
            f"{size} × {size}{numbers.SPACE}px",
            "size of the patterns that it was trained on",
            False,
        ),
        ("trained on", _first_part(card.trained_on), card.trained_on, False),
    ]
    if card.created:
        rows.append(("trained", _moment(card.created), card.created, False))
    reached = _chosen_metrics(card.metrics)
    if reached:
        words = ", ".join(f"{_metric_name(name)} {numbers.significant(value)}" for name, value in reached)
        rows.append(("reached there", words, _metrics_tip(card.metrics), False))
    return rows


def _moment(iso: str) -> str:
    """Write '24 Nov 2026, 19:20'; what is no moment is passed on."""
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{moment.day}{numbers.SPACE}{moment:%b %Y, %H:%M}"


def _metrics_tip(metrics: dict[str, float]) -> str:
    listed = "\n".join(f"{name}: {numbers.significant(value)}" for name, value in metrics.items())
    return f"In the validation at the end of its training, not on this scan:\n{listed}"


def _chosen_metrics(metrics: dict[str, float]) -> list[tuple[str, float]]:
    """Choose at most two: what the raw network pass reaches says most about the network."""
    wanted = ("raw.amplitude_ssim", "raw.phase_ssim", "raw.r1", "polished.r1")
    ranked = [(name, metrics[name]) for end in wanted for name in metrics if name.endswith(end)]
    return (ranked or list(metrics.items()))[:2]


def _metric_name(name: str) -> str:
    words = {"amplitude_ssim": "amplitude SSIM", "phase_ssim": "phase SSIM", "r1": "R1"}
    *origin, ending = name.split(".")
    picture = origin[-1:] if origin[-1:] in (["raw"], ["polished"]) else []
    return " ".join([words.get(ending, ending.replace("_", " ")), *picture])


def _first_part(text: str) -> str:
    """Leave to the tooltip what follows a semicolon or a sentence: how long it took, and the like."""
    return text.split(";")[0].split(". ")[0].rstrip(".").replace(" x ", " × ")


def fit_summary(sentences: Sequence[FitSentence]) -> list[FitSentence]:
    """Keep what needs attention; if nothing does, one sentence is enough."""
    worth_reading = [sentence for sentence in sentences if sentence.level != "ok"]
    if worth_reading or len(sentences) <= 1:
        return worth_reading or list(sentences)
    return [FitSentence("ok", "Size, probe, light and overlap fit.")]
