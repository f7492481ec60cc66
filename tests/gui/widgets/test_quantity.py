from ptygui.gui.widgets.quantity import quantities


def test_own_runs_have_names_of_the_field_in_the_order_of_interest() -> None:
    keys = [("val", "polished.r1"), ("train", "loss"), ("val", "loss"), ("val", "raw.r1"), ("train", "rate")]
    found = quantities(keys)
    assert [quantity.name for quantity in found] == ["Loss", "Canvas residual", "Learning rate"]
    assert [line.label for line in found[0].keys(keys)] == ["train", "validation"]
    assert [line.noisy for line in found[0].keys(keys)] == [True, False]


def test_a_level_has_a_line() -> None:
    keys = [("health", "gate.encoder.0"), ("health", "gate.bottleneck"), ("health", "norm.bottleneck")]
    gates, norms = quantities(keys)
    assert [line.label for line in gates.keys(keys)] == ["encoder.0", "bottleneck"]
    assert [line.label for line in norms.keys(keys)] == ["bottleneck"]


def test_unknown_names_stand_for_themselves() -> None:
    keys = [("train", "loss"), ("val", "pinn_mae"), ("", "epoch")]
    assert [quantity.name for quantity in quantities(keys)] == ["Loss", "epoch", "val pinn_mae"]


def test_of_nothing_nothing_can_be_drawn() -> None:
    assert quantities([]) == []
