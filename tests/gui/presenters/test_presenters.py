"""Decisions without Qt: mocked views, a runner whose work a test does when it likes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from gui.fakes import make_entry, make_image, make_result, make_scan, make_stage

from ptygui.core.errors import DeviceError, ScanError
from ptygui.core.events import Epoch, Finished, JobControl, Notice, Preview, Progress
from ptygui.core.evidence import Residual
from ptygui.gui.presenters.complaints import complaint_of
from ptygui.gui.presenters.device_presenter import DevicePresenter
from ptygui.gui.presenters.export_presenter import ExportChoice, ExportPresenter, options_of
from ptygui.gui.presenters.object_presenter import ObjectPresenter, stage_words
from ptygui.gui.presenters.pattern_presenter import PatternPresenter
from ptygui.gui.presenters.result_shelf import Kept, ResultShelf
from ptygui.gui.presenters.run_job import Job, Missing, Outcome, RunState, reconstruct_job
from ptygui.gui.presenters.run_presenter import RunPresenter
from ptygui.gui.presenters.run_words import result_table
from ptygui.gui.presenters.scan_presenter import ScanPresenter
from ptygui.jobs.api import ReconstructRequest
from ptygui.jobs.devices import Device

REQUEST = ReconstructRequest(make_scan(), Path("/bundles/lines.safetensors"), polish_steps=4)
READY = Missing(None, None)


def make_run(runner, missing=READY) -> tuple[RunPresenter, Mock, Mock, Mock]:
    view, screen, complain = Mock(), Mock(), Mock()
    presenter = RunPresenter(view, screen, runner, complain)
    presenter.set_missing(missing)
    return presenter, view, screen, complain


def make_job(refines: bool = False) -> Job:
    return Job(make_scan(), "cpu", Mock(), refines)


def test_a_scan_is_opened_elsewhere_and_remembered(runner, backend):
    view, memory, told = Mock(), Mock(recent_scans=[]), Mock()
    presenter = ScanPresenter(view, runner, backend, memory, told, Mock())
    presenter.open(Path("/data/star.npz"))
    view.show_loading.assert_called_once_with("star.npz")
    assert presenter.scan is None
    runner.work()
    name, rows = view.show_scan.call_args.args
    assert name == "star"
    assert "12 of 16 × 16\u202fpx" in [value for _, value, _, _ in rows]
    memory.add_recent_scan.assert_called_once_with(Path("/data/star.npz"))
    told.assert_called_once_with(presenter.scan)


def test_a_scan_that_fails_leaves_the_former_one(runner, backend):
    view, complain = Mock(), Mock()
    presenter = ScanPresenter(view, runner, backend, Mock(recent_scans=[]), Mock(), complain)
    presenter.open(Path("/data/star.npz"))
    runner.work()
    presenter.open(Path("/data/nothing.npz"))
    runner.work()
    assert isinstance(complain.call_args.args[0], ScanError)
    assert view.show_scan.call_args.args[0] == "star"
    assert presenter.scan is not None


def test_devices_are_looked_for_and_the_last_one_is_chosen(runner, backend):
    backend.devices = [Device("cuda:0", "H100"), Device("cpu", "CPU")]
    view = Mock()
    presenter = DevicePresenter(view, runner, backend, Mock(), Mock())
    presenter.load("cpu")
    view.show_searching.assert_called_once()
    assert presenter.device is None
    runner.work()
    assert presenter.device.id == "cpu"


def test_a_device_that_vanished_is_never_replaced_silently(runner, backend):
    backend.devices = [Device("cuda:0", "H100"), Device("cpu", "CPU")]
    complain = Mock()
    presenter = DevicePresenter(Mock(), runner, backend, Mock(), complain)
    presenter.load()
    runner.work()
    assert presenter.device.id == "cuda:0"
    backend.devices = [Device("cpu", "CPU")]
    presenter.refresh()
    runner.work()
    assert presenter.device is None
    assert isinstance(complain.call_args.args[0], DeviceError)
    assert "cuda:0" in str(complain.call_args.args[0])


def test_a_run_needs_everything(runner):
    missing = Missing("choose a generator", None)
    presenter, view, _, _ = make_run(runner, missing)
    presenter.start(make_job())
    assert runner.jobs == []
    view.show_state.assert_called_with(RunState.IDLE, missing, False)
    presenter.start(make_job(refines=True))  # for which a generator is not needed
    assert len(runner.jobs) == 1


def test_a_run_is_started_once_on_the_lane_of_its_device(runner, backend):
    presenter, _, screen, _ = make_run(runner)
    job = reconstruct_job(backend, REQUEST)
    presenter.start(job)
    presenter.start(job)
    presenter.start(make_job(refines=True))
    ((lane, start, listener),) = runner.jobs
    assert lane == "job cpu"
    assert listener is presenter
    list(start(JobControl()))
    assert backend.requests[0].polish_steps == 4
    screen.run_started.assert_called_once_with(job)


def test_events_reach_their_place(runner):
    presenter, _, screen, _ = make_run(runner)
    presenter.start(make_job())
    preview, progress, notice = Preview(make_image(1), "raw", 0.5), Progress("x", 1, 2), Notice("y")
    for event in (preview, progress, notice, Finished(make_result())):
        presenter.on_event(event)
    presenter.on_end(None, cancelled=False)
    screen.show_preview.assert_called_once_with(preview)
    screen.show_progress.assert_called_once_with(progress)
    screen.show_notice.assert_called_once_with(notice)
    screen.run_ended.assert_called_once_with(Outcome.DONE)
    assert presenter.state is RunState.IDLE


@pytest.mark.parametrize(
    ("events", "error", "cancelled", "outcome"),
    [
        ([], None, True, Outcome.CANCELLED),
        ([], DeviceError("busy"), False, Outcome.FAILED),
        ([], None, False, Outcome.EMPTY),
        ([Finished(make_result(), stopped_early=True)], None, False, Outcome.STOPPED),
        ([Finished(make_result())], None, True, Outcome.DONE),
    ],
)
def test_how_a_run_ends(runner, events, error, cancelled, outcome):
    presenter, _, screen, complain = make_run(runner)
    presenter.start(make_job())
    for event in events:
        presenter.on_event(event)
    presenter.on_end(error, cancelled)
    screen.run_ended.assert_called_once_with(outcome)
    assert complain.called is (error is not None)


def test_stop_and_cancel_act_once_and_only_on_a_run(runner):
    presenter, _, _, _ = make_run(runner)
    presenter.cancel()
    presenter.stop_and_keep()
    assert not runner.handle.method_calls
    presenter.start(make_job())
    presenter.toggle_pause()  # which a reconstruction knows nothing of
    presenter.stop_and_keep()
    presenter.stop_and_keep()
    presenter.cancel()
    presenter.cancel()
    assert [call[0] for call in runner.handle.method_calls] == ["stop_and_keep", "cancel"]
    assert presenter.state is RunState.CANCELLING


def test_a_refinement_is_held_and_goes_on_and_can_be_stopped_while_it_is_held(runner):
    presenter, view, screen, _ = make_run(runner)
    presenter.start(make_job(refines=True))
    presenter.toggle_pause()
    view.show_state.assert_called_with(RunState.PAUSED, READY, True)
    presenter.toggle_pause()
    presenter.toggle_pause()
    presenter.stop_and_keep()
    presenter.toggle_pause()  # too late
    calls = [call[0] for call in runner.handle.method_calls]
    assert calls == ["pause", "go_on", "pause", "stop_and_keep"]
    assert [call.args[0] for call in screen.show_held.call_args_list] == [True, False, True]
    presenter.on_event(epoch := Epoch(1, 40, Residual(0.2, 0.1), None, 0.5))
    screen.show_epoch.assert_called_once_with(epoch)


def test_a_polished_picture_says_how_many_steps_it_took():
    _, raw, polished = result_table(make_result().stages)
    assert raw[0][0] == "raw network pass"
    assert polished[0][0] == "polished, 5 steps"
    assert stage_words(make_stage("polished", 1, None, steps=1)) == "polished, 1 step"


def test_times_that_a_file_does_not_tell_are_no_zeros():
    stages = make_result().stages
    assert result_table(stages)[0][-1][0] == "time"
    untold = [replace(stage, seconds=0.0) for stage in stages]
    assert all(heading != "time" for heading, _ in result_table(untold)[0])


def test_the_picture_is_always_named():
    view = Mock()
    presenter = ObjectPresenter(view, Mock())
    presenter.show_preview(Preview(make_image(1), "raw", 0.43))
    assert "43" in view.show_image.call_args.args[1]
    assert "raw" in view.show_image.call_args.args[1]
    result = make_result()
    presenter.show_result(result)
    assert view.show_image.call_args.args[0] is result.stages[1].image
    assert view.show_stages.call_args.args == (("raw", "polished"), "polished")
    presenter.choose("raw")
    image, caption = view.show_image.call_args.args
    assert image is result.stages[0].image
    assert "raw" in caption
    assert "0.168" in caption


def test_the_pattern_stays_when_its_scan_is_read_again(runner):
    view = Mock()
    presenter = PatternPresenter(view, runner, Mock(), Mock())
    presenter.set_scan(make_scan(n=12))
    presenter.show(7)
    grown = make_scan(n=16)
    presenter.set_scan(grown, again=True)
    runner.work()
    view.show_scan.assert_called_with(grown, again=True)
    assert view.show_pattern.call_args.args[0] == 7
    presenter.set_scan(make_scan(n=4), again=True)  # it was written anew
    runner.work()
    assert view.show_pattern.call_args.args[0] == 3


def test_a_pattern_is_read_elsewhere_and_out_of_range_ones_are_not(runner):
    view = Mock()
    presenter = PatternPresenter(view, runner, Mock(), Mock())
    presenter.show(0)
    presenter.set_scan(make_scan())
    presenter.show(99)
    assert len(runner.waiting) == 1
    presenter.show(5)
    runner.work()
    index, measured, computed = view.show_pattern.call_args.args
    assert index == 5
    np.testing.assert_array_equal(measured, 6.0)
    assert computed is None


def test_nothing_chosen_is_not_exported(runner, backend, tmp_path):
    view = Mock()
    presenter = ExportPresenter(view, runner, backend, make_result(), Mock())
    presenter.export(ExportChoice(tmp_path, "star", (), ("raw",)))
    presenter.export(ExportChoice(tmp_path, "  ", ("npz",), ("raw",)))
    presenter.export(ExportChoice(tmp_path, "star", ("npz",), ()))
    runner.work()
    assert view.show_problem.call_count == 3
    assert backend.written == []


def test_an_export_that_fails_says_so_and_counts_as_not_exported(runner, backend, tmp_path):
    (tmp_path / "file").write_text("in the way")
    view, told = Mock(), Mock()
    presenter = ExportPresenter(view, runner, backend, make_result(), told)
    presenter.export(ExportChoice(tmp_path / "file" / "folder", "star", ("npz",), ("raw",)))
    runner.work()
    assert view.show_problem.called
    assert not told.called


def test_a_folder_that_is_not_there_is_made(runner, backend, tmp_path):
    view = Mock()
    presenter = ExportPresenter(view, runner, backend, make_result(), Mock())
    presenter.export(ExportChoice(tmp_path / "new" / "folder", "star", ("npz",), ("raw",)))
    runner.work()
    assert not view.show_problem.called
    assert (tmp_path / "new" / "folder" / "star.npz").exists()


def test_the_name_of_a_file_has_no_spaces_or_slashes():
    assert options_of(make_result("run 7/demo lines")).stem == "run_7_demo_lines"


def test_the_shelf_lets_exported_results_go_first():
    shelf, now = ResultShelf(bytes_kept=1), datetime(2026, 11, 23, 2, 0)
    first, second = make_result("a"), make_result("b")
    shelf.add(Kept(first, now))
    assert [kept.result for kept in shelf.kept] == [first]
    shelf = ResultShelf(bytes_kept=2 * shelf.kept[0].size_bytes)
    shelf.add(Kept(first, now))
    shelf.add(Kept(second, now + timedelta(minutes=1)))
    shelf.mark_exported(second)
    (gone,) = shelf.add(Kept(make_result("c"), now + timedelta(minutes=2)))
    assert gone.result is second
    assert [kept.result.scan_name for kept in shelf.unexported] == ["a", "c"]


def test_a_result_made_by_itself_takes_the_place_of_its_forerunner_only():
    shelf, now = ResultShelf(), datetime(2026, 11, 23, 2, 0)
    here, elsewhere = ({"scan_path": path} for path in ("/data/a.h5", "/data/b.h5"))
    by_hand, *follow = (replace(make_result(), recipe=here) for _ in range(4))
    shelf.add(Kept(by_hand, now))
    for result in follow[:2]:
        assert shelf.add(Kept(result, now, repeats=True)) == []
    assert [kept.result for kept in shelf.kept] == [by_hand, follow[1]]
    shelf.mark_exported(follow[1])
    shelf.add(Kept(follow[2], now, repeats=True))
    assert [kept.result for kept in shelf.kept] == [by_hand, *follow[1:]]
    other = replace(make_result(), recipe=elsewhere)
    shelf.add(Kept(other, now, repeats=True))
    assert [kept.result for kept in shelf.kept] == [by_hand, *follow[1:], other]


def test_what_the_user_chose_otherwise_or_a_shorter_scan_takes_no_place():
    now, here = datetime(2026, 11, 23, 2, 0), {"scan_path": "/data/a.h5", "bundle_id": "1", "preparation": {}}
    first = replace(make_result(), recipe=here)
    (stage,) = make_result(polished=False).stages
    shorter = replace(first, stages=(replace(stage, positions_px=stage.positions_px[:-1]),))
    others = [{**here, "bundle_id": "2"}, {**here, "preparation": {"steps": ["bin"]}}]
    for later in (shorter, *(replace(first, recipe=recipe) for recipe in others)):
        shelf = ResultShelf()
        shelf.add(Kept(first, now, repeats=True))
        shelf.add(Kept(later, now, repeats=True))
        assert [kept.result for kept in shelf.kept] == [first, later]


def test_a_sentence_stays_a_sentence_and_a_fault_is_confessed():
    assert complaint_of(ScanError("No key 'scan'.")).text == "No key 'scan'."
    assert complaint_of(ScanError("No key 'scan'.")).details is None
    try:
        make_entry("x").nonsense  # noqa: B018
    except AttributeError as error:
        complaint = complaint_of(error)
    assert "unexpected" in complaint.text
    assert "test_presenters.py" in complaint.details
