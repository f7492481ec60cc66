import threading

import numpy as np
import pytest

from ptygui.core.errors import ScanError
from ptygui.reconstruct.source import batches_of, prefetched


def readers():
    return [thread for thread in threading.enumerate() if thread.name.startswith("ptygui-reader")]


def test_every_pattern_comes_once_in_order_with_its_position(scan):
    wanted = np.arange(len(scan))[::-2]
    batches = list(prefetched(batches_of(scan, wanted, 7)))
    np.testing.assert_array_equal(np.concatenate([b.indices for b in batches]), wanted)
    np.testing.assert_array_equal(
        np.concatenate([b.positions_px for b in batches]), scan.positions_px[wanted]
    )
    np.testing.assert_array_equal(np.concatenate([b.patterns for b in batches]), scan.patterns.data[wanted])
    assert not readers()


def test_one_batch_is_read_ahead_and_not_more():
    read, second_read = [], threading.Event()

    def source():
        for number in range(5):
            read.append(number)
            if number == 1:
                second_read.set()
            yield number

    batches = prefetched(source())
    next(batches)
    assert second_read.wait(5), "nothing was read while the first batch was in use"
    batches.close()
    assert read == [0, 1]


def test_closing_ends_the_reader_thread(scan):
    batches = prefetched(batches_of(scan, np.arange(len(scan)), 5))
    next(batches)
    assert readers()
    batches.close()
    assert not readers()


def test_an_error_while_reading_comes_where_its_batch_would_have(scan):
    def source():
        yield scan.batch(np.arange(3))
        raise ScanError("the file is gone")

    batches = prefetched(source())
    next(batches)
    with pytest.raises(ScanError, match="gone"):
        next(batches)
    assert not readers()
