from pathlib import Path

import numpy as np
import pytest
import torch

from ptygui.core.errors import DeviceError
from ptygui.core.events import Finished, Notice, Preview
from ptygui.generators.contract import BundleCard, GeneratorSpec
from ptygui.reconstruct.engine import Engine
from ptygui.reconstruct.plan import BundleFacts, Choices, default_batch_size, plan


def plan_of(scan, **choices):
    card = BundleCard(
        name="oracle",
        spec=GeneratorSpec(architecture="none", input_size=32),
        parameters=0,
        trained_on="truth",
    )
    return plan(scan, BundleFacts(Path("oracle"), "0", card, scan.probe), Choices(**choices))


def run(scan, make_patches, **choices):
    return list(Engine(plan_of(scan, **choices), make_patches, torch.device("cpu")).run())


@pytest.mark.parametrize("batch_size", [3, 200])
def test_true_patches_give_the_true_object_and_its_figures_say_so(whole_pixel_scan, oracle, batch_size):
    *_, last = run(whole_pixel_scan, oracle, batch_size=batch_size, polish_steps=1)
    assert isinstance(last, Finished)
    raw, polished = last.result.stages
    assert raw.quality.complex_error < 1e-5
    assert raw.quality.amplitude_ssim > 0.9999
    assert polished.quality.amplitude_ssim > 0.999
    # the patches are in the truth's units, the probe is scaled so that the flat object is 1
    scale = last.result.recipe["probe_scale"]
    np.testing.assert_allclose(last.result.best.probe, scale * whole_pixel_scan.probe, rtol=1e-6)


def test_polish_mends_what_the_generator_got_wrong(scan, oracle):
    rng = np.random.default_rng(0)

    def noisy(batch):
        patches = oracle(batch) / plan_of(scan).recipe.probe_scale
        return (patches + 0.3 * rng.standard_normal(patches.shape)).astype(np.complex64)

    *_, last = run(scan, noisy, polish_steps=3)
    raw, polished = last.result.stages
    assert polished.residual.r1 < 0.7 * raw.residual.r1
    assert polished.quality.complex_error < 0.8 * raw.quality.complex_error
    assert (raw.steps, polished.steps) == (0, 3)


def test_all_pictures_of_a_run_lie_in_the_same_place(scan, oracle):
    events = run(scan, oracle, batch_size=16, polish_steps=1)
    images = [event.image for event in events if isinstance(event, Preview)]
    images += [stage.image for stage in events[-1].result.stages]
    assert len({(image.origin_px, image.values.shape) for image in images}) == 1


def test_running_out_of_memory_in_the_network_is_told_and_survived(scan, oracle):
    def cramped(batch):
        if len(batch.indices) > 20:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return oracle(batch)

    events = run(scan, cramped, batch_size=64)
    texts = [event.text for event in events if isinstance(event, Notice)]
    assert any("64 patterns" in text and "batches of 32" in text for text in texts)
    assert events[-1].result.coverage == 1
    assert set(texts) == set(events[-1].result.notices)


def test_the_batch_follows_the_size_of_the_patterns():
    assert default_batch_size("cpu", (64, 64)) == 4 * default_batch_size("cpu", (128, 128))
    assert default_batch_size("cuda:0", (64, 64)) > default_batch_size("cpu", (64, 64))
    assert default_batch_size("cpu", (4096, 4096)) == 1


def test_equal_plans_have_equal_ids_and_others_do_not(scan):
    assert plan_of(scan).recipe.id == plan_of(scan).recipe.id
    assert plan_of(scan).recipe.id != plan_of(scan, polish_steps=7).recipe.id
    assert plan_of(scan).recipe.frame.recipe_id == plan_of(scan).recipe.id


def _failing_after(make_patches, batches, error):
    calls = []

    def make(batch):
        calls.append(batch)
        if len(calls) > batches:
            raise error
        return make_patches(batch)

    return make


def test_what_was_computed_before_a_failure_comes_first_and_then_the_error(scan, oracle):
    failing = _failing_after(oracle, 2, DeviceError("The device went away."))
    events = Engine(plan_of(scan, batch_size=4), failing, torch.device("cpu")).run()
    seen = []
    with pytest.raises(DeviceError, match="went away"):
        seen.extend(events)  # extend keeps what came before the error
    last = seen[-1]
    assert isinstance(last, Finished)
    assert last.stopped_early
    assert last.result.coverage == pytest.approx(8 / len(scan))


def test_a_failure_before_the_first_patch_is_only_the_error(scan, oracle):
    failing = _failing_after(oracle, 0, DeviceError("The device went away."))
    events = []
    with pytest.raises(DeviceError):
        events.extend(Engine(plan_of(scan), failing, torch.device("cpu")).run())
    assert not any(isinstance(event, Finished) for event in events)


def test_a_failure_while_polishing_keeps_the_raw_picture(scan, oracle, monkeypatch):
    def fail(*_):
        raise DeviceError("The device went away.")

    monkeypatch.setattr("ptygui.reconstruct.polish.Polisher.look", fail)
    events = []
    with pytest.raises(DeviceError):
        events.extend(Engine(plan_of(scan), oracle, torch.device("cpu")).run())
    assert [stage.stage for stage in events[-1].result.stages] == ["raw"]
    assert events[-1].result.coverage == 1
