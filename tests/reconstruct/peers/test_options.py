"""What pty-chi can be asked for, and how it says no."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from ptygui.reconstruct.peers.options import TRAITS, PeerError, PeerOptions


@pytest.mark.parametrize("engine", TRAITS)
def test_every_engine_has_settings_of_its_own(engine):
    options = PeerOptions(engine=engine)
    assert msgspec.json.decode(msgspec.json.encode(options), type=PeerOptions) == options


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"epochs": 0}, "epochs must be at least 1, not 0"),
        ({"batch_size": 0}, "batch_size must be at least 1, not 0"),
        ({"object_step": -0.1}, "object_step must be above 0, not -0.1"),
        ({"probe_step": float("nan")}, "probe_step must be above 0"),
        ({"engine": "dm", "object_step": 0.5}, "dm has no step"),
        (
            {"engine": "raar", "update_positions": True},
            "raar corrects no positions .* epie, rpie, lsqml, autodiff do",
        ),
        ({"engine": "autodiff", "opr_modes": 2}, "autodiff knows no varying probe .* epie, rpie, lsqml do"),
        ({"engine": "dm", "slices": 2, "slice_spacing_m": 1e-6}, "dm knows no thick object"),
        ({"slices": 2}, "With 2 slices, slice_spacing_m must say"),
        ({"affine_positions": True}, "let the positions be updated too"),
        ({"device_id": "mps"}, "not on 'mps'"),
    ],
)
def test_what_an_engine_cannot_do_is_said_in_a_sentence(asked, sentence):
    with pytest.raises(PeerError, match=sentence):
        PeerOptions(**asked)


def test_the_parent_side_loads_neither_torch_nor_ptychi():
    program = (
        "import sys, ptygui.reconstruct.peers.process\n"
        "assert not {'torch', 'ptychi', 'torchvision'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
