import os
import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
import torch

from ptygui.core.describe import scan_fingerprint
from ptygui.core.errors import BundleError, DeviceError, RecipeError
from ptygui.core.events import DeviceUsed, Finished, JobControl, Notice, Preview, Progress
from ptygui.generators import bundle as bundles
from ptygui.io.writers.ptychopinn import write_ptychopinn
from ptygui.jobs import api, devices
from ptygui.jobs.api import ReconstructRequest, Session
from ptygui.reconstruct.network import Network


def events_of(session, request, control=None):
    return list(session.reconstruct(request, control))


def result_of(request):
    last = events_of(Session(), request)[-1]
    assert isinstance(last, Finished)
    return last.result


def notices(events):
    return [event.text for event in events if isinstance(event, Notice)]


def test_a_flat_generator_gives_the_flat_object_and_polish_makes_it_better(scan, make_bundle):
    result = result_of(ReconstructRequest(scan, make_bundle()))
    raw, polished = result.stages
    assert (raw.stage, polished.stage) == ("raw", "polished")
    np.testing.assert_allclose(raw.image.values[raw.image.covered], 1, atol=0.02)
    assert polished.residual.r1 < 0.8 * raw.residual.r1
    assert polished.residual.r2 < raw.residual.r2
    assert polished.quality.complex_error < raw.quality.complex_error
    assert polished.quality.amplitude_ssim > raw.quality.amplitude_ssim
    assert raw.seconds > 0
    assert result.coverage == 1


def test_the_events_tell_what_happens(scan, make_bundle):
    events = events_of(Session(), ReconstructRequest(scan, make_bundle(), batch_size=10))
    stages = list(dict.fromkeys(e.stage for e in events if isinstance(e, Progress)))
    assert stages == ["Loading the generator", "Reconstructing", "Polishing in 6 passes:"]
    assert [e.device_id for e in events if isinstance(e, DeviceUsed)] == ["cpu"]
    assert {e.stage for e in events if isinstance(e, Preview)} == {"raw", "polished"}
    assert isinstance(events[-1], Finished)
    assert not events[-1].stopped_early


def test_the_saved_probe_explains_the_photons_with_the_flat_object(scan, make_bundle):
    result = result_of(ReconstructRequest(scan.with_probe(scan.probe * 7), make_bundle(), polish_steps=0))
    photons = scan.patterns.data.sum(axis=(1, 2)).mean()
    assert np.sum(np.abs(result.best.probe) ** 2) == pytest.approx(photons, rel=1e-4)
    assert len(result.stages) == 1
    assert result.stages[0].residual is not None


def test_the_recipe_repeats_the_reconstruction(scan, make_bundle):
    path = make_bundle("named")
    request = ReconstructRequest(scan, path, batch_size=7, polish_steps=2)
    first, second = result_of(request), result_of(request)
    assert first.recipe == second.recipe
    np.testing.assert_array_equal(first.best.image.values, second.best.image.values)
    wanted = {
        "generator_name": "named",
        "generator_path": str(path),
        "bundle_id": bundles.bundle_id(path),
        "batch_size": 7,
        "device_id": "cpu",
        "probe_source": "scan",
        "scan_fingerprint": scan_fingerprint(scan),
        "patterns": len(scan),
    }
    assert wanted.items() <= first.recipe.items()
    assert first.recipe["polish"]["steps"] == 2
    assert first.recipe["versions"]["torch"] == torch.__version__


class TestProbe:
    def test_auto_takes_the_scan_s_own_and_says_so(self, scan, make_bundle, other_probe):
        events = events_of(Session(), ReconstructRequest(scan, make_bundle(probe=other_probe)))
        assert "probe of the scan" in notices(events)[0]
        assert events[-1].result.recipe["probe_source"] == "scan"
        assert notices(events) == list(events[-1].result.notices)

    def test_auto_takes_the_bundle_s_if_it_was_trained_on_this_scan(self, scan, make_bundle, other_probe):
        path = make_bundle(probe=other_probe, scan_fingerprint=scan_fingerprint(scan))
        events = events_of(Session(), ReconstructRequest(scan, path))
        assert "trained on this very scan" in notices(events)[0]
        used = events[-1].result.best.probe
        ratio = used / other_probe
        np.testing.assert_allclose(ratio, ratio.mean(), rtol=1e-3)

    def test_auto_takes_the_bundle_s_if_the_scan_has_none(self, scan, make_bundle):
        events = events_of(Session(), ReconstructRequest(replace(scan, probe=None), make_bundle()))
        assert "the scan has none" in notices(events)[0]
        assert events[-1].result.recipe["probe_source"] == "bundle"

    def test_a_choice_is_followed(self, scan, make_bundle, other_probe):
        path = make_bundle(probe=other_probe)
        result = result_of(ReconstructRequest(scan, path, probe="bundle"))
        assert result.recipe["probe_source"] == "bundle"

    def test_a_wanted_probe_that_is_not_there_is_a_sentence(self, scan, make_bundle):
        with pytest.raises(RecipeError, match="carries no probe: choose the generator's"):
            result_of(ReconstructRequest(replace(scan, probe=None), make_bundle(), probe="scan"))


class TestBadPixels:
    def test_they_count_neither_in_the_scale_nor_in_the_residual(self, scan, make_bundle):
        bad = np.zeros(scan.pattern_shape, bool)
        bad[16, 10:20] = True
        patterns = scan.patterns.data.copy()
        patterns[:, bad] = 4e9
        dirty = replace(scan, patterns=type(scan.patterns)(patterns), bad_pixels=bad)
        patterns[:, bad] = 0
        path = make_bundle()
        clean, spoilt = result_of(ReconstructRequest(scan, path)), result_of(ReconstructRequest(dirty, path))
        assert spoilt.recipe["probe_scale"] == pytest.approx(clean.recipe["probe_scale"], rel=0.05)
        assert spoilt.stages[0].residual.r1 == pytest.approx(clean.stages[0].residual.r1, rel=0.3)
        assert spoilt.best.residual.r1 < 0.8 * spoilt.stages[0].residual.r1


class TestRefusals:
    def test_patterns_of_a_size_that_the_network_cannot_take(self, scan, make_bundle):
        odd = replace(
            scan, patterns=type(scan.patterns)(scan.patterns.data[:, :31, :31]), probe=scan.probe[:, :31, :31]
        )
        with pytest.raises(RecipeError, match="multiples of 2"):
            result_of(ReconstructRequest(odd, make_bundle()))

    def test_a_scan_without_photons(self, scan, make_bundle):
        dark = replace(scan, patterns=type(scan.patterns)(np.zeros_like(scan.patterns.data)))
        with pytest.raises(RecipeError, match="no photons"):
            result_of(ReconstructRequest(dark, make_bundle()))

    def test_an_empty_probe(self, scan, make_bundle):
        with pytest.raises(RecipeError, match="probe is empty"):
            result_of(ReconstructRequest(scan.with_probe(np.zeros_like(scan.probe)), make_bundle()))

    @pytest.mark.parametrize("wrong", [{"batch_size": 0}, {"polish_steps": -1}])
    def test_settings_that_make_no_sense(self, scan, make_bundle, wrong):
        with pytest.raises(RecipeError, match="must be"):
            result_of(ReconstructRequest(scan, make_bundle(), **wrong))

    def test_a_generator_that_is_not_there(self, scan, tmp_path):
        with pytest.raises(BundleError, match=r"nothing\.safetensors cannot be read"):
            result_of(ReconstructRequest(scan, tmp_path / "nothing.safetensors"))

    def test_a_device_that_is_not_there_never_becomes_another(self, scan, make_bundle):
        with pytest.raises(DeviceError, match="cuda:5"):
            result_of(ReconstructRequest(scan, make_bundle(), device_id="cuda:5"))

    def test_a_generator_that_gives_only_nonsense(self, scan, make_bundle, monkeypatch):
        monkeypatch.setattr(
            Network, "__call__", lambda self, batch: np.full(batch.patterns.shape, np.nan, np.complex64)
        )
        with pytest.raises(RecipeError, match="no finite number for any pattern"):
            result_of(ReconstructRequest(scan, make_bundle()))


def test_patches_that_are_not_finite_are_reported_and_left_out(scan, make_bundle, monkeypatch):
    compute = Network.__call__

    def sometimes_broken(self, batch):
        patches = compute(self, batch)
        patches[batch.indices == 4] = np.nan
        return patches

    monkeypatch.setattr(Network, "__call__", sometimes_broken)
    events = events_of(Session(), ReconstructRequest(scan, make_bundle()))
    assert any(f"1 of {len(scan)} patterns" in text for text in notices(events))
    result = events[-1].result
    assert result.coverage == pytest.approx(1 - 1 / len(scan))
    assert np.isfinite(result.best.image.values).all()


class TestWarm:
    @pytest.fixture
    def loads(self, monkeypatch):
        counted = []
        load = bundles.load_bundle
        monkeypatch.setattr(
            bundles, "load_bundle", lambda path, device: counted.append(path) or load(path, device)
        )
        return counted

    def test_the_generator_stays_loaded_between_scans(self, scan, make_bundle, loads):
        session, path = Session(), make_bundle()
        for _ in range(3):
            events_of(session, ReconstructRequest(scan, path, polish_steps=0))
        assert len(loads) == 1

    def test_a_changed_file_or_another_one_is_loaded_anew(self, scan, make_bundle, loads):
        session, path, other = Session(), make_bundle("a"), make_bundle("b")
        events_of(session, ReconstructRequest(scan, path, polish_steps=0))
        os.utime(path, (1, 1))
        events_of(session, ReconstructRequest(scan, path, polish_steps=0))
        events_of(session, ReconstructRequest(scan, other, polish_steps=0))
        assert loads == [path, path, other]

    def test_a_device_that_vanishes_is_a_sentence_and_the_generator_is_forgotten(
        self, scan, make_bundle, loads, monkeypatch
    ):
        session, path = Session(), make_bundle()
        monkeypatch.setattr(devices, "test_device", lambda _id: None)
        load = bundles.load_bundle
        monkeypatch.setattr(bundles, "load_bundle", lambda path, _device: load(path, "cpu"))

        def vanish(self, batch):
            raise RuntimeError("CUDA error: unspecified launch failure\nCUDA kernel errors might be")

        with monkeypatch.context() as patch:
            patch.setattr(Network, "__call__", vanish)
            with pytest.raises(DeviceError, match=r"'cuda:0' failed during the reconstruction \(CUDA error"):
                events_of(session, ReconstructRequest(scan, path, "cuda:0"))
        events_of(session, ReconstructRequest(scan, path, "cuda:0", polish_steps=0))
        assert len(loads) == 2


class TestEnding:
    def test_closing_cancels_and_leaves_no_thread(self, scan, make_bundle):
        session = Session()
        events = session.reconstruct(ReconstructRequest(scan, make_bundle(), batch_size=2))
        while not isinstance(next(events), Preview):
            pass
        events.close()
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("ptygui")]

    def test_many_cancelled_jobs_leave_nothing(self, scan, make_bundle):
        session, path, before = Session(), make_bundle(), set(threading.enumerate())
        for cycle in range(20):
            events = session.reconstruct(ReconstructRequest(scan, path, batch_size=2))
            for _ in range(3 + cycle):
                next(events)
            events.close()
        assert set(threading.enumerate()) <= before

    def test_stopping_early_keeps_what_is_there(self, scan, make_bundle):
        control = JobControl()
        seen = []
        request = ReconstructRequest(scan, make_bundle(), batch_size=5)
        for event in Session().reconstruct(request, control):
            seen.append(event)
            if isinstance(event, Preview):
                control.stop_and_keep()
        assert seen[-1].stopped_early
        result = seen[-1].result
        assert [stage.stage for stage in result.stages] == ["raw"]
        assert 0 < result.coverage < 1
        assert result.best.residual is None

    def test_a_generator_may_be_driven_from_a_thread(self, scan, make_bundle):
        found = []
        request = ReconstructRequest(scan, make_bundle())
        thread = threading.Thread(target=lambda: found.append(result_of(request)))
        thread.start()
        thread.join()
        assert found[0].coverage == 1


def test_an_earlier_reconstruction_is_not_taken_for_the_truth(scan, make_bundle):
    measured = replace(scan, metadata=replace(scan.metadata, extra={}))
    assert measured.reference_object is not None
    assert result_of(ReconstructRequest(measured, make_bundle())).best.quality is None


def test_export_writes_the_stage(scan, make_bundle, tmp_path):
    result = result_of(ReconstructRequest(scan, make_bundle()))
    request = api.ExportRequest(result, "polished", tmp_path, "lines", ("tiff", "npz"))
    assert api.export(request) == api.export_targets(request)
    assert all(path.stat().st_size for path in api.export_targets(request))


def test_importing_the_api_loads_neither_torch_nor_qt():
    code = (
        "import sys, ptygui.jobs.api, ptygui.jobs.devices; "
        "print([name for name in ('torch', 'PySide6', 'lightning') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_thread_that_computes_is_slowed_by_denormals(scan, make_bundle, tmp_path):
    """Also those of torch's pool, which inherit it if it is set before the first computation."""
    write_ptychopinn(scan, tmp_path / "scan.npz")
    code = f"""
import threading, torch
from pathlib import Path
from ptygui.jobs import api

def work():
    scan = api.open_scan(Path({str(tmp_path / "scan.npz")!r}))
    request = api.ReconstructRequest(scan, Path({str(make_bundle())!r}))
    list(api.Session().reconstruct(request))
    tiny = torch.full((8_000_000,), 1e-30) * 1e-10
    print(torch.get_num_threads(), int(tiny.count_nonzero()))

thread = threading.Thread(target=work)
thread.start()
thread.join()
"""
    environment = os.environ | {"OMP_NUM_THREADS": "2"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.split() == ["2", "0"]
