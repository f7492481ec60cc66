"""The signals of the panels, to whoever acts on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ptygui.gui.main_window import MainWindow


def connect(window: MainWindow) -> None:
    """Connect the panels of a window to its presenters."""
    _connect_path(window)
    _connect_go(window)
    _connect_centre(window)
    _connect_prepare(window)
    _connect_training(window)
    window.banner.by_hand_requested.connect(window.scans.open_by_hand)
    window.recovery_view.open_requested.connect(window.presenter.recovery.open)
    window.recovery_view.discard_requested.connect(window.presenter.recovery.discard)


def _connect_path(window: MainWindow) -> None:
    presenter, path = window.presenter, window.path
    path.scan.open_requested.connect(window.scans.ask_for_scan)
    path.scan.demo_requested.connect(window.open_demo)
    path.scan.path_chosen.connect(presenter.open_file)
    path.scan.watch.read_requested.connect(presenter.reload)
    path.scan.watch.follow_wanted.connect(presenter.following.set_on)
    path.generator.open_requested.connect(window.ask_for_generator)
    path.generator.chosen.connect(presenter.generator.choose)
    path.generator.train_requested.connect(window.trainings.train_on_scan)
    path.device.chosen.connect(presenter.device.choose)


def _connect_go(window: MainWindow) -> None:
    presenter, go = window.presenter, window.path.go
    go.start_requested.connect(window.reconstruct)
    go.refine_requested.connect(window.refine)
    go.pause_requested.connect(presenter.run.toggle_pause)
    go.stop_requested.connect(presenter.run.stop_and_keep)
    go.cancel_requested.connect(presenter.run.cancel)
    go.export_requested.connect(window.open_export)
    go.refine_row.way_chosen.connect(presenter.refine.choose)
    go.refine_row.settings_requested.connect(window.open_refine_settings)


def _connect_centre(window: MainWindow) -> None:
    presenter, centre = window.presenter, window.centre
    centre.object.stage_chosen.connect(presenter.results.object.choose)
    centre.patterns.pattern_wanted.connect(presenter.patterns.show)
    centre.patterns.computed_wanted.connect(presenter.patterns.compute)
    centre.compare.chosen.connect(presenter.compare.choose)
    centre.compare.looked_at.connect(presenter.compare.look)


def _connect_prepare(window: MainWindow) -> None:
    presenter, panel, lack = window.presenter.prepare, window.centre.prepare, window.path.scan.lack
    window.centre.preparation_looked_at.connect(window.look_at_preparation)
    for told in (panel.reading.overruled, lack.told):
        told.connect(presenter.overrule)
    lack.given_up.connect(window.presenter.scan.never_mind)
    panel.reading.followed.connect(presenter.follow_file)
    panel.reading.orientation_wanted.connect(window.presenter.find_orientation)
    steps, pattern = panel.steps, panel.pictures.pattern
    steps.chosen.connect(presenter.select)
    steps.switched.connect(presenter.switch)
    steps.moved.connect(presenter.move)
    steps.removed.connect(presenter.remove)
    steps.edited.connect(presenter.edit)
    steps.wanted.connect(presenter.add)
    steps.undone.connect(presenter.undo)
    steps.redone.connect(presenter.redo)
    pattern.painted.connect(presenter.paint)
    pattern.cropped.connect(presenter.crop)
    pattern.crop_wanted.connect(presenter.want_crop)
    panel.pictures.lassoed.connect(presenter.lasso)
    panel.remembered.toggled.connect(presenter.toggle_remembered)
    panel.remember_requested.connect(window.scans.remember)
    panel.save_requested.connect(window.scans.save_preparation)
    panel.load_requested.connect(window.scans.load_preparation)
    for wanted in (lack.positions_requested, panel.reading.positions_wanted):
        wanted.connect(window.scans.ask_for_positions)


def _connect_training(window: MainWindow) -> None:
    presenter, panel, desk = window.presenter.training, window.centre.training, window.trainings
    window.centre.training_looked_at.connect(window.look_at_training)
    panel.run_chosen.connect(presenter.choose)
    panel.run_overlaid.connect(presenter.overlay)
    panel.run_hidden.connect(presenter.hide)
    panel.preview_wanted.connect(presenter.show_preview)
    panel.stop_requested.connect(presenter.stop)
    panel.resume_requested.connect(presenter.resume)
    panel.use_requested.connect(presenter.use)
    panel.rename_requested.connect(presenter.rename)
    panel.bin_requested.connect(presenter.bin)
    panel.new_requested.connect(desk.train)
    panel.watch_requested.connect(desk.ask_for_folder)
    panel.folder_requested.connect(desk.open_folder)
    panel.figure_requested.connect(desk.open_figure)
    panel.export_wanted.connect(desk.export_curves)
