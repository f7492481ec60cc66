"""What a configuration of refinement asks of pty-chi, and what it asks of it alone. No torch."""

from __future__ import annotations

from ptygui.core.errors import RecipeError
from ptygui.reconstruct.peers.options import TRAITS, Engine, PeerError, PeerOptions
from ptygui.reconstruct.refine.config import RefineConfig

PREFIX = "ptychi-"
"""Engines of refinement are called so and then as pty-chi calls them."""
_FOREIGN = ("opr_modes", "slices", "slice_spacing_um", "affine")
_USUAL = RefineConfig()


def peer_engine(config: RefineConfig) -> Engine | None:
    """Return pty-chi's name of the engine that is chosen; None if it is not one of pty-chi's."""
    name = config.engine.removeprefix(PREFIX)
    return name if config.engine.startswith(PREFIX) and name in TRAITS else None


def peer_options(config: RefineConfig, calm: float = 1.0) -> PeerOptions:
    """Translate a configuration with one of pty-chi's engines; where it runs is left open.

    Parameters
    ----------
    config : RefineConfig
    calm : float
        Share of the steps that are taken.

    Raises
    ------
    PeerError
        If the engine cannot do what is asked.
    """
    engine = peer_engine(config)
    assert engine is not None
    traits = TRAITS[engine]
    return PeerOptions(
        engine=engine,
        epochs=config.epochs,
        batch_size=config.batch_size or None,
        object_step=_step(config.object_step, traits.object_step, calm),
        probe_step=_step(config.probe_step, traits.probe_step, calm),
        update_probe=config.free_probe,
        update_positions=config.free_positions,
        affine_positions=config.affine,
        opr_modes=config.opr_modes,
        slices=config.slices,
        slice_spacing_m=config.slice_spacing_um * 1e-6 or None,
        seed=config.seed,
        state_every=1,
        in_step=True,
    )


def refuse_foreign_options(config: RefineConfig) -> None:
    """Refuse what only pty-chi knows with another engine, and what the chosen one of pty-chi's cannot.

    Raises
    ------
    RecipeError
        Naming the setting, and what to do.
    """
    if peer_engine(config) is None:
        foreign = next((name for name in _FOREIGN if getattr(config, name) != getattr(_USUAL, name)), None)
        if foreign is not None:
            usual = str(getattr(_USUAL, foreign)).lower()
            raise RecipeError(
                f"Only pty-chi's engines know {foreign}: choose ptychi-lsqml, or set {foreign} to {usual}."
            )
        return
    if config.slices > 1 and not config.slice_spacing_um > 0:
        raise RecipeError(f"With {config.slices} slices, slice_spacing_um must say how far apart they are.")
    if config.affine and not config.free_positions:
        raise RecipeError("affine is for positions that move: set free_positions too.")
    try:
        peer_options(config)
    except PeerError as reason:
        raise RecipeError(f"{config.engine}: {reason}") from reason


def _step(chosen: float, usual: float | None, calm: float) -> float | None:
    """Return the step to take; None if the engine has none and none was chosen."""
    step = chosen or usual
    return step * calm if step else None
