"""The kinds of drawings that are not one digit: what each is called and for, and what draws it."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from model.drawn.generator import Purpose
from model.frame.paper import Grey

Draw = Callable[[np.random.Generator], Grey]


class Kind(NamedTuple):
    """One kind of drawing.

    Attributes:
        family: one of `families.FAMILIES`, which says how often its kinds are drawn.
        name: unique within the family.
        purpose: what it is for.
        draw: draws it once, as a user would: uint8 (H, W), 0 black to 255 white.
    """

    family: str
    name: str
    purpose: Purpose
    draw: Draw


def drawn(kinds: list[Kind], family: str, *, held_out: bool = False) -> Callable[[Draw], Draw]:
    """Return a decorator that adds a function to ``kinds``, under the function's own name."""

    def register(draw: Draw) -> Draw:
        purpose = Purpose.HELD_OUT if held_out else Purpose.TRAINING
        kinds.append(Kind(family, draw.__name__.replace("_", "-"), purpose, draw))
        return draw

    return register
