"""The kinds of drawings that are not one digit: what each is called and for, and who draws it."""

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]  # (H, W), 0 black to 255 white, as a user would send it
Draw = Callable[[np.random.Generator], Picture]


class Purpose(Enum):
    """What a kind is for; the value is its mark in the notation of `letters`."""

    TRAINING = ""
    HELD_OUT = "*"
    LOOKALIKE = "?"


class Kind(NamedTuple):
    """One kind of drawing. `family` decides how often it is drawn, beside the other families."""

    family: str
    name: str
    purpose: Purpose
    draw: Draw


def drawn(kinds: list[Kind], family: str, *, held_out: bool = False) -> Callable[[Draw], Draw]:
    """Register a function that draws as a kind, named after it; returns it as it is."""

    def register(draw: Draw) -> Draw:
        purpose = Purpose.HELD_OUT if held_out else Purpose.TRAINING
        kinds.append(Kind(family, draw.__name__.replace("_", "-"), purpose, draw))
        return draw

    return register
