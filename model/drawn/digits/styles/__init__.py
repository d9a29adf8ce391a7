"""The ways in which people of many countries write digits, a module for each digit.

    zeros       oval, open, slashed, dotted
    ones        a bar, with flags and feet
    twos        with a flat, a looped or a wavy base
    threes      round, cornered, flat at the top
    fours       open, closed, like a bolt
    fives       in one stroke, or with the bar apart
    sixes       with large and tiny loops
    sevens      plain, crossed, with a serif
    eights      in one stroke, or of two rings
    nines       straight, hooked, curled
    in_numbers  of most digits, those that are digits only among others
    held_out    styles of the ten digits that training never draws
    hand        what a style is, and the hand that varies its strokes

`TRAINING`, `IN_NUMBERS` and `HELD_OUT` hold every style by its name; no style is in two of them.
"""

from model.drawn.digits.styles import (  # noqa: F401 - they register their styles
    eights,
    fives,
    fours,
    held_out,
    in_numbers,
    nines,
    ones,
    sevens,
    sixes,
    threes,
    twos,
    zeros,
)
from model.drawn.digits.styles.hand import HELD_OUT, IN_NUMBERS, TRAINING, Hand, Style

__all__ = ["HELD_OUT", "IN_NUMBERS", "TRAINING", "Hand", "Style"]
