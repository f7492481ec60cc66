from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from ptygui.gui.garbage import allow_full_collections, postpone_full_collections


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_full_collections_wait_until_they_are_allowed() -> None:
    postpone_full_collections()
    before = gc.get_stats()[2]["collections"]
    kept = [[number] for number in range(200_000)]  # enough for several full ones otherwise
    assert gc.get_stats()[2]["collections"] == before
    allow_full_collections()
    assert gc.get_threshold() == (700, 10, 10)
    assert gc.get_freeze_count() >= len(kept)


def test_what_was_there_is_taken_for_permanent_only_once() -> None:
    postpone_full_collections()
    allow_full_collections()
    frozen = gc.get_freeze_count()
    later = [[number] for number in range(1000)]
    allow_full_collections()
    assert gc.get_freeze_count() <= frozen
    assert later
