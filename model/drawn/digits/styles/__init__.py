"""The ways in which people of many countries write digits, a module for each digit.

`TRAINING` and `HELD_OUT` hold every style by its name; no style is in both.
"""

from model.drawn.digits.styles import (  # noqa: F401 - they register their styles
    eights,
    fives,
    fours,
    held_out,
    nines,
    ones,
    sevens,
    sixes,
    threes,
    twos,
    zeros,
)
from model.drawn.digits.styles.hand import HELD_OUT, TRAINING, Hand, Style

__all__ = ["HELD_OUT", "TRAINING", "Hand", "Style"]
