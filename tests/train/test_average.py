import pytest
import torch
from torch import nn

from ptygui.train.average import decay_at, start_average, update_average


def test_the_average_by_hand():
    layer = nn.Linear(1, 1)
    nn.init.constant_(layer.weight, 1.0)
    average = start_average(layer)
    nn.init.constant_(layer.weight, 2.0)
    assert average.weight.item() == 1.0
    update_average(average, layer, 0.75)
    assert average.weight.item() == pytest.approx(1.25)
    assert layer.weight.item() == 2.0
    assert not any(parameter.requires_grad for parameter in average.parameters())


def test_it_forgets_the_start_soon():
    assert decay_at(0, 0.999) == pytest.approx(0.1)
    assert decay_at(90, 0.999) == pytest.approx(0.91)
    assert decay_at(10**6, 0.999) == 0.999
    assert decay_at(0, 0.05) == 0.05
    share_of_start = torch.tensor([decay_at(step, 0.999) for step in range(100)]).prod()
    assert share_of_start < 1e-9
