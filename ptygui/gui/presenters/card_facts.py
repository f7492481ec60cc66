"""What the card of a trained generator says, in rows."""

from __future__ import annotations

from collections.abc import Sequence

from ptygui.generators.contract import BundleCard, FitSentence
from ptygui.gui.presenters.rows import Row
from ptygui.gui.widgets import numbers

_SHORT_LIMIT = 26


def card_facts(card: BundleCard) -> list[Row]:
    """Say what a generator is, what it was trained on and what it reaches."""
    size = card.spec.input_size
    parameters = f"{numbers.quantity(card.parameters, '', 3).strip(numbers.SPACE)} parameters"
    rows: list[Row] = [
        ("network", card.spec.architecture, f"input: {card.spec.encoding}", False),
        ("size", f"{parameters}, N = {size}", f"patterns of {size} × {size} pixels", False),
        ("trained on", _shortened(card.trained_on), card.trained_on, False),
    ]
    return rows + [
        (_metric_name(name), numbers.significant(value), f"{name}, from the card", False)
        for name, value in _chosen_metrics(card.metrics)
    ]


def _chosen_metrics(metrics: dict[str, float]) -> list[tuple[str, float]]:
    """Choose at most two: what the raw network pass reaches says most about the network."""
    wanted = ("raw.amplitude_ssim", "raw.phase_ssim", "raw.r1", "polished.r1")
    ranked = [(name, metrics[name]) for end in wanted for name in metrics if name.endswith(end)]
    return (ranked or list(metrics.items()))[:2]


def _metric_name(name: str) -> str:
    words = {"amplitude_ssim": "amplitude SSIM", "phase_ssim": "phase SSIM", "r1": "residual R1"}
    ending = name.rpartition(".")[2]
    return words.get(ending, ending.replace("_", " "))


def _shortened(text: str) -> str:
    first = text.split(";")[0].split(". ")[0].rstrip(".")
    return first if len(first) <= _SHORT_LIMIT else first[: _SHORT_LIMIT - 1].rstrip() + "…"


def fit_summary(sentences: Sequence[FitSentence]) -> list[FitSentence]:
    """Keep what needs attention; if nothing does, one sentence is enough."""
    worth_reading = [sentence for sentence in sentences if sentence.level != "ok"]
    if worth_reading or len(sentences) <= 1:
        return worth_reading or list(sentences)
    return [FitSentence("ok", "Fits this scan in every respect.")]
