"""The detectors on histories made by hand: what they must see, and what they must not."""

from __future__ import annotations

import math

import pytest

from ptygui.train import health
from ptygui.train.health import LookFigures, LookWatch, Onsets, StepWatch, Symptom
from ptygui.train.health_words import block_in_words

FLAT = 0.3
ALIVE = {"lifter": 1.0, "bottleneck": 0.5, "decoder.1": 0.06, "decoder.0": 1.0}


def a_look(step: int, residual: float = 0.1, **changed: object) -> LookFigures:
    values = {"spread": 0.1, "loss": residual, "train_loss": residual, "alive": ALIVE} | changed
    return LookFigures(step=step, residual=residual, **values)


def watched(looks: list[LookFigures], *, unseen: bool = True) -> list[list[str]]:
    """What ails a run at each of its looks."""
    watch, best, found = LookWatch(FLAT, unseen=unseen), math.inf, []
    for look in looks:
        best = min(best, look.residual)
        found.append([symptom.ailment for symptom in watch.see(look, best)])
    return found


def looks(residuals: list[float], **changed: object) -> list[LookFigures]:
    return [a_look(100 * (number + 1), residual, **changed) for number, residual in enumerate(residuals)]


def test_a_run_that_learns_is_healthy():
    assert not any(watched(looks([0.299, 0.25, 0.18, 0.2, 0.15, 0.17, 0.14, 0.145, 0.14, 0.14, 0.141])))


def test_a_network_that_starts_flat_is_healthy_however_small_its_spread():
    start = [a_look(step, FLAT, spread=0.0) for step in (0, 4, 8)]
    assert not any(watched([*start, a_look(12, 0.2), a_look(16, 0.15)]))


def test_a_pure_phase_object_has_no_spread_and_is_no_collapse():
    assert not any(watched(looks([0.25, 0.15, 0.1, 0.1], spread=1e-4)))


def test_one_block_without_a_unit_is_dead_and_a_breakdown_if_the_object_is_constant():
    look = a_look(100, alive=ALIVE | {"decoder.0": 0.0}, spread=1e-6)
    [symptom] = LookWatch(FLAT, unseen=True).see(look, 0.29)
    assert symptom.ailment == "dead"
    assert symptom.breakdown
    assert symptom.evidence == {"alive.decoder.0": 0.0, "amplitude_spread": 1e-6}
    assert "the last decoder block is off" in symptom.sentence
    assert "only give a constant object" in symptom.sentence
    assert "decoder_norm = true" in symptom.sentence
    assert health.dead(a_look(100)) is None


def test_an_inner_block_that_is_off_is_told_but_the_run_goes_on():
    [symptom] = LookWatch(FLAT, unseen=True).see(a_look(100, alive=ALIVE | {"decoder.1": 0.0}), 0.1)
    assert symptom.ailment == "dead"
    assert not symptom.breakdown
    assert "learns on without it" in symptom.sentence


def test_an_object_that_is_constant_for_long_is_flat_even_if_the_loss_fell():
    def constant(last_step: int, residual: float = FLAT) -> list[LookFigures]:
        steps = (last_step - 80, last_step - 40, last_step)
        return [a_look(step, residual, spread=1e-6, loss=1 / step) for step in steps]

    assert watched(constant(120)) == [[], [], ["flat"]]
    assert not any(watched(constant(90)))  # too early
    assert not any(watched(constant(120, 0.2)))  # a pure phase object


@pytest.mark.parametrize(
    ("spread", "residual", "best", "seen"),
    [
        (1e-5, 0.3, 0.1, True),
        (1e-5, 0.3, 0.29, False),  # it had learnt nothing before
        (1e-5, 0.15, 0.1, False),  # the patterns are explained: the object is flat
        (0.05, 0.3, 0.1, False),  # bad, but no constant
    ],
)
def test_collapsed_is_constant_and_as_bad_as_flat_after_it_was_better(spread, residual, best, seen):
    symptom = health.collapsed(a_look(500, residual, spread=spread), best, FLAT)
    assert (symptom is not None) is seen
    if symptom:
        assert symptom.breakdown
        assert "0.300" in symptom.sentence
        assert symptom.evidence == {
            "amplitude_spread": spread, "residual": residual, "best": best, "flat": FLAT,
        }  # fmt: skip


def test_flat_needs_patience_and_a_loss_that_does_not_fall():
    nothing = [0.305, 0.3, 0.3, 0.299, 0.3, 0.3]
    assert watched(looks(nothing))[3:] == [[], ["flat"], ["flat"]]
    soon = [a_look(4 * (number + 1), residual) for number, residual in enumerate(nothing)]
    assert not any(watched(soon))  # 24 steps say nothing
    falling = [a_look(100 * (n + 1), r, loss=0.3 - 0.03 * n) for n, r in enumerate(nothing)]
    assert not any(watched(falling))


def test_diverging_is_much_worse_for_several_looks_not_once():
    assert not any(watched(looks([0.2, 0.1, 0.19, 0.11, 0.2, 0.12])))
    assert watched(looks([0.2, 0.1, 0.16, 0.18, 0.2]))[-2:] == [[], ["diverging"]]


def by_heart(**changed: object) -> list[LookFigures]:
    residuals = [0.2, 0.1, 0.105, 0.108, 0.11, 0.112, 0.115]
    train = [0.2, 0.1, 0.09, 0.08, 0.07, 0.06, 0.05]
    return [
        a_look(100 * n, r, **{"loss": r, "train_loss": t} | changed)
        for n, (r, t) in enumerate(zip(residuals, train, strict=True))
    ]


def test_over_fitting_is_a_training_loss_that_falls_while_the_unseen_object_gets_worse():
    assert watched(by_heart())[-2:] == [[], ["over-fitting"]]
    assert not any(watched(by_heart(), unseen=False))
    assert not any(watched(by_heart(train_loss=0.1)))
    assert not any(watched(by_heart(train_loss=math.nan)))


def steps_watched(losses: list[float], norms: list[float] | None = None) -> list[list[Symptom]]:
    watch = StepWatch()
    return [watch.see(*pair) for pair in zip(losses, norms or [1.0] * len(losses), strict=True)]


def test_a_spike_is_many_times_the_usual():
    usual = [0.1 + 0.02 * (number % 3) for number in range(60)]
    assert not any(steps_watched([*usual, 0.4]))
    found = steps_watched([*usual, 3.5, 0.1])
    assert [symptom.ailment for symptom in found[60]] == ["spiking"]
    assert found[60][0].evidence == {"loss": 3.5, "usual": pytest.approx(0.12)}
    assert not found[60][0].breakdown
    assert not found[61]
    assert "29 times its usual 0.12" in found[60][0].sentence


def test_a_spike_of_the_gradient_is_seen_too():
    found = steps_watched([0.1] * 31, [2.0] * 30 + [173.0])
    assert [symptom.evidence for symptom in found[30]] == [{"gradient norm": 173.0, "usual": 2.0}]


def test_the_fall_at_the_start_is_no_spike():
    assert not any(steps_watched([20.0, 3.0, 9.0, 2.0, 8.0, *[1 / n for n in range(1, 60)]]))


@pytest.mark.parametrize("bad", [(math.nan, 1.0), (0.1, math.nan), (math.inf, math.inf)])
def test_steps_in_a_row_that_are_not_finite_are_seen_once_there_are_several(bad):
    watch = StepWatch()
    assert not any(watch.see(*bad) for _ in range(health.BROKEN_STEPS - 1))
    [symptom] = watch.see(*bad)
    assert (symptom.ailment, symptom.evidence) == ("non-finite", {"steps": health.BROKEN_STEPS})
    assert not watch.see(0.1, 1.0)
    assert not any(watch.see(*(bad if n % 2 else (0.1, 1.0))) for n in range(20))


def test_something_begins_once_and_again_only_after_a_rest():
    spike = Symptom("spiking", {}, "")
    onsets = Onsets(2)
    seen = [bool(onsets.begun([spike] if here else [])) for here in (1, 1, 0, 1, 0, 0, 1, 1)]
    assert seen == [True, False, False, False, False, False, True, False]
    assert onsets.begun([spike, Symptom("flat", {}, "")]) == [Symptom("flat", {}, "")]


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("decoder.0", "the last decoder block"),
        ("decoder.2", "decoder block 3 from the end"),
        ("encoder.0", "encoder block 1"),
        ("layers.3", "Fourier layer 4"),
        ("bottleneck", "the bottleneck"),
        ("lifter", "the lifter"),
    ],
)
def test_blocks_are_named_for_people(block, said):
    assert block_in_words(block) == said
