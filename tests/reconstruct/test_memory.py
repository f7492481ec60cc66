import numpy as np
import pytest
import torch

from ptygui.core.errors import DeviceError
from ptygui.core.events import Notice
from ptygui.reconstruct.memory import Halving, is_out_of_memory


def small_memory(limit, error):
    """Compute that fails beyond `limit` patterns; keeps the sizes it was asked for."""
    asked = []

    def compute(batch):
        asked.append(len(batch.indices))
        if len(batch.indices) > limit:
            raise error
        return batch.indices.copy()

    return compute, asked


CUDA = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
CPU = RuntimeError("[enforce fail at alloc_cpu.cpp:114] . DefaultCPUAllocator: not enough memory: you tried")


@pytest.mark.parametrize("error", [CUDA, CPU, MemoryError()], ids=["cuda", "cpu", "python"])
def test_batch_halves_until_it_fits_and_nothing_is_lost(scan, error):
    compute, _ = small_memory(9, error)
    halving = Halving(compute, 32)
    made = list(halving(scan.batch(np.arange(40))))
    notices = [m for m in made if isinstance(m, Notice)]
    assert [n.level for n in notices] == ["warning", "warning"]
    assert "32 patterns" in notices[0].text
    assert "16" in notices[0].text
    assert "batches of 8" in notices[1].text
    results = np.concatenate([m[1] for m in made if not isinstance(m, Notice)])
    np.testing.assert_array_equal(results, np.arange(40))
    assert halving.size == 8


def test_the_smaller_size_stays_for_the_batches_after(scan):
    compute, asked = small_memory(10, CPU)
    halving = Halving(compute, 16)
    list(halving(scan.batch(np.arange(16))))
    asked.clear()
    assert not [m for m in halving(scan.batch(np.arange(16))) if isinstance(m, Notice)]
    assert asked == [8, 8]


def test_when_not_even_one_fits_it_says_so_in_a_sentence(scan):
    compute, _ = small_memory(0, CUDA)
    with pytest.raises(DeviceError, match="Not even one pattern fits"):
        list(Halving(compute, 4)(scan.batch(np.arange(4))))


def test_other_errors_are_not_taken_for_memory(scan):
    compute, asked = small_memory(0, RuntimeError("shape mismatch"))
    with pytest.raises(RuntimeError, match="shape mismatch"):
        list(Halving(compute, 4)(scan.batch(np.arange(4))))
    assert asked == [4]
    assert not is_out_of_memory(ValueError("out of memory"))


def test_what_the_cpu_allocator_of_torch_really_raises_is_recognised():
    with pytest.raises(RuntimeError) as info:
        torch.empty(1 << 60, dtype=torch.uint8)
    assert is_out_of_memory(info.value)
