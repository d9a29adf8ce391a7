"""Bringing the width of a pen towards the widths that the network knows.

A hair-thin pen on a large canvas would all but vanish when its picture is reduced to 20 pixels, and
a marker fills the loops of a small digit. So strokes are made wider or narrower first: ink grows or
shrinks at its edges.
"""

import math

import numpy as np
from numpy.typing import NDArray

from model.frame.paper import Levels

# Widths are in pixels of a digit of 20 pixels. In MNIST 96 % are from 1.6 to 4.5.
BOX = 20
THINNEST = 1.6
WIDEST = 4.1


def pen_growth(ink: NDArray[np.bool_]) -> float:
    """Return by how many pixels strokes must grow on either side to have a usual width.

    It is below 0 if they must shrink. The digit grows with its strokes, so the growth is what
    solves (width + 2 growth) / (longest side + 2 growth) = wanted width / 20.

    Args:
        ink: bool (H, W), cut to the digit.
    """
    longest = float(max(ink.shape))
    width = float(min(pen_width(ink), *ink.shape))  # a filled box has no outline in its cut
    if width * BOX < THINNEST * longest:
        return (THINNEST * longest - width * BOX) / (2 * (BOX - THINNEST))
    if width * BOX > WIDEST * longest:
        # Half of the way only: some strokes are thinner than the mean, and must not break.
        return (WIDEST * longest - width * BOX) / (4 * (BOX - WIDEST))
    return 0.0


def pen_width(ink: NDArray[np.bool_]) -> float:
    """Return the mean width of strokes in pixels: twice their area by the length of their outline.

    The length is taken from how often rows, columns and diagonals cross the outline, which is right
    to a few percent for every direction of a stroke (Crofton's formula; Santalo 1976, "Integral
    geometry and geometric probability").

    Args:
        ink: bool (H, W). At the picture's sides no outline is counted: without paper around it a
            bar that fills it seems all pen.
    """
    count = np.count_nonzero
    flat = ink.ravel()  # where a row ends and the next begins, one outline is crossed for two
    row = ink.shape[1]
    straight = count(flat[1:] != flat[:-1]) + count(flat[row:] != flat[:-row])
    diagonal = count(flat[row + 1 :] != flat[: -row - 1]) + count(
        flat[row - 1 :] != flat[: 1 - row or None]
    )
    outline = math.pi / 8 * (straight + diagonal / math.sqrt(2))
    return 2 * int(count(flat)) / max(float(outline), 1.0)


def with_edges_moved(ink: Levels, growth: float) -> Levels:
    """Return ink that has grown by a nearly round brush of that radius in pixels.

    Below 0 it has shrunk. Levels are uint8 (H, W), 0 paper; the result has a margin on all sides.
    """
    extreme = np.maximum if growth > 0 else np.minimum
    whole = int(abs(growth))
    margin = 2 * whole + 2
    height, width = ink.shape
    padded = np.zeros((height + 2 * margin, width + 2 * margin), dtype=np.uint8)
    padded[margin:-margin, margin:-margin] = ink
    ink = padded
    for step in range(whole):
        ink = _by_one_pixel(ink, extreme, square=step % 2 == 1)
    further = _by_one_pixel(ink, extreme, square=whole % 2 == 1)
    part = np.float32(abs(growth) - whole)
    return np.asarray(np.rint(ink[1:-1, 1:-1] * (1 - part) + further * part), dtype=np.uint8)


def _by_one_pixel(ink: Levels, extreme: np.ufunc, *, square: bool) -> Levels:
    """Return the extreme of each pixel and its four neighbours, or with ``square`` its eight.

    Taken by turns, the two make an octagon. The result is two pixels smaller each way.
    """
    rows = extreme(extreme(ink[:-2], ink[1:-1]), ink[2:])
    if square:
        return np.asarray(extreme(extreme(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:]))
    middle = ink[1:-1]
    return np.asarray(extreme(extreme(middle[:, :-2], rows[:, 1:-1]), middle[:, 2:]))
