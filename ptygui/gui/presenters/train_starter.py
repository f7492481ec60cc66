"""From a wish to train to the dialog, and from the dialog to a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec

from ptygui.core.scan import Scan
from ptygui.gui.presenters.complaints import Complain
from ptygui.gui.presenters.memory import Memory
from ptygui.gui.presenters.runner import Runner
from ptygui.gui.presenters.train_dialog_presenter import TrainDialogPresenter, TrainDialogView
from ptygui.gui.presenters.train_offer import (
    TrainChoices,
    TrainOffer,
    offer_scan,
    offer_simulated,
    read_choices,
)
from ptygui.gui.presenters.training_backend import TrainingBackend
from ptygui.train.config import TrainConfig

ShowOffer = Callable[[TrainOffer], None]


class TrainStarter:
    """Prepares what the dialog begins with (this loads torch); `on_started` is told of each new run."""

    def __init__(
        self,
        runner: Runner,
        backend: TrainingBackend,
        memory: Memory,
        on_started: Callable[[Path], None],
        complain: Complain,
    ) -> None:
        self._runner, self._backend, self._memory = runner, backend, memory
        self._on_started, self._complain = on_started, complain

    def offer_scan(self, scan: Scan, device: str, devices: Sequence[str], show: ShowOffer) -> None:
        """Offer to train on a measured scan."""
        self._offer(partial(offer_scan, self._backend, scan, device, devices, self._choices), show)

    def offer_simulated(self, device: str, devices: Sequence[str], show: ShowOffer) -> None:
        """Offer to train on simulated objects."""
        self._offer(partial(offer_simulated, self._backend, device, devices, self._choices), show)

    def dialog_presenter(self, offer: TrainOffer, view: TrainDialogView) -> TrainDialogPresenter:
        """Make the presenter of a dialog that shows an offer."""
        return TrainDialogPresenter(view, self._runner, self._backend, offer, self._started)

    @property
    def _choices(self) -> TrainChoices:
        return read_choices(self._memory.train_choices)

    def _offer(self, work: Callable[[], TrainOffer], show: ShowOffer) -> None:
        self._runner.call("offer", work, show, self._complain)

    def _started(self, run: Path, config: TrainConfig, offer: TrainOffer) -> None:
        minutes = config.minutes or self._choices.minutes
        chosen = TrainChoices(generator=config.generator, size=offer.size_of(config), minutes=minutes)
        self._memory.train_choices = msgspec.json.encode(chosen).decode()
        self._on_started(run)
