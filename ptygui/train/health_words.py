"""What ails a training, in one sentence each: what happened, its numbers, what to do."""

from __future__ import annotations


def block_in_words(block: str) -> str:
    """Say where a block is: 'the last decoder block' for 'decoder.0', which is the one at full size."""
    kind, _, number = block.partition(".")
    place = int(number) + 1 if number.isdecimal() else 0
    if kind == "decoder":
        return "the last decoder block" if place == 1 else f"decoder block {place} from the end"
    if kind == "layers":
        return f"Fourier layer {place}"
    return f"{kind} block {place}" if place else f"the {kind}"


def non_finite(steps: int) -> str:
    """Say that loss or gradient was not finite."""
    return (
        f"Loss or gradient was not finite in {steps} steps in a row, so nothing was learnt in them: mark as "
        "bad the pixels that are not finite, or train with a lower rate."
    )


def weights_not_finite() -> str:
    """Say that some weight became NaN or infinite."""
    return "Some weights are no finite numbers any more: train with a lower rate, or clip the gradient."


def dead(block: str, *, constant: bool) -> str:
    """Say that no unit of a block is on, and whether the object is constant therefore."""
    means = (
        "the network can only give a constant object"
        if constant
        else "the network learns on without it, worse"
    )
    return (
        f"Every unit of {block_in_words(block)} is off, and no training wakes it: {means}. Train again with "
        "decoder_norm = true or a lower rate."
    )


def constant(spread: float, step: int) -> str:
    """Say that the object is a constant and was never anything better."""
    return (
        f"After {step} steps the object is still constant: its amplitude varies by only {spread:.1g}. Train "
        "again with decoder_norm = true or a lower rate, and check the probe."
    )


def collapsed(spread: float, residual: float, best: float, flat: float) -> str:
    """Say that the object became constant."""
    return (
        f"The object collapsed to a constant: its amplitude varies by only {spread:.1g}, and its canvas "
        f"residual, {best:.3f} at best, is {residual:.3f}, near the {flat:.3f} of a flat object. Train again "
        "with decoder_norm = true or a lower rate."
    )


def flat(best: float, flat_residual: float, looks: int) -> str:
    """Say that nothing is learnt."""
    return (
        f"Nothing has been learnt in {looks} looks: the canvas residual is {best:.3f} at best, a flat object "
        f"has {flat_residual:.3f}, and the loss did not fall. Check probe and positions, or train with "
        "encoding = 'projected' or a higher rate."
    )


def spiking(what: str, value: float, usual: float) -> str:
    """Say that one step was far worse than usual."""
    return (
        f"The {what} jumped to {value:.3g}, {value / usual:.0f} times its usual {usual:.3g}. One jump does "
        "little harm; if they go on, lower the rate or clip the gradient."
    )


def diverging(residual: float, best: float, looks: int) -> str:
    """Say that the object gets worse and worse."""
    return (
        f"The object gets worse: its canvas residual was {best:.3f} at best and has stayed above that for "
        f"{looks} looks, now {residual:.3f}. The best state is kept; lower the rate."
    )


def over_fitting(residual: float, best: float, train_loss: float, train_loss_then: float) -> str:
    """Say that it learns the training objects by heart."""
    return (
        f"It learns its objects by heart: the training loss fell from {train_loss_then:.3g} to "
        f"{train_loss:.3g} while the canvas residual of the unseen object rose from {best:.3f} to "
        f"{residual:.3f}. The best state is kept; train on more objects or stop earlier."
    )
