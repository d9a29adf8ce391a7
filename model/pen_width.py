"""Bringing the width of a pen towards the widths that the network knows.

A hair-thin pen on a large canvas would all but vanish when its picture is reduced to 20 pixels, and
a marker leaves a small digit no holes. So strokes are widened or narrowed before, by growing or
shrinking ink at its edges.
"""

import numpy as np

from model.paper import Grey

# Widths are in pixels of a digit of 20 pixels. In MNIST the middle 90 % are from 1.8 to 4.1.
BOX = 20
THINNEST = 1.8
WIDEST = 4.1


def usual_pen(ink: Grey) -> Grey:
    """The ink, uint8 (H, W) 0 to 255, drawn with a pen no thinner and no wider than usual.

    H, W are the digit's; the result is larger than that where its strokes have been widened.
    """
    longest = max(ink.shape)
    width = pen_width(ink)
    if width * BOX < THINNEST * longest:
        return _with_edges_moved(ink, _change(width, longest, THINNEST), np.maximum)
    if width * BOX > WIDEST * longest:
        # Half of the way only: some strokes are thinner than the mean, and must not break.
        return _with_edges_moved(ink, -_change(width, longest, WIDEST) / 2, np.minimum)
    return ink


def pen_width(ink: Grey) -> float:
    """The mean width of strokes in pixels: twice their area by the length of their outline.

    The length is taken from how often rows, columns and diagonals cross the outline (Crofton's
    formula), which is right to a few percent for every direction of the stroke.
    """
    mask = ink > 127
    count = np.count_nonzero
    straight = count(mask[1:] != mask[:-1]) + count(mask[:, 1:] != mask[:, :-1])
    diagonal = count(mask[1:, 1:] != mask[:-1, :-1]) + count(mask[1:, :-1] != mask[:-1, 1:])
    outline = np.pi / 8 * (straight + diagonal / np.sqrt(2))
    return 2 * count(mask) / max(float(outline), 1.0)


def _change(width: float, longest: int, wanted: float) -> float:
    """By how many pixels strokes must grow on either side, so that the pen has the wanted width.

    The digit grows with them: (width + 2 change) / (longest + 2 change) = wanted / BOX.
    """
    return (wanted * longest - width * BOX) / (2 * (BOX - wanted))


def _with_edges_moved(ink: Grey, radius: float, extreme: np.ufunc) -> Grey:
    """Ink grown (np.maximum) or shrunk (np.minimum) by a nearly round brush of that radius."""
    whole = int(radius)
    ink = np.pad(ink, 2 * whole + 2)
    for step in range(whole):
        ink = _by_one_pixel(ink, extreme, square=step % 2 == 1)
    further = _by_one_pixel(ink, extreme, square=whole % 2 == 1)
    part = np.float32(radius - whole)
    return np.asarray(np.rint(ink[1:-1, 1:-1] * (1 - part) + further * part), dtype=np.uint8)


def _by_one_pixel(ink: Grey, extreme: np.ufunc, *, square: bool) -> Grey:
    """The extreme of each pixel and its four neighbours, or with `square` its eight.

    By turns, the two make an octagon. The result is two pixels smaller each way.
    """
    rows = extreme(extreme(ink[:-2], ink[1:-1]), ink[2:])
    if square:
        return np.asarray(extreme(extreme(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:]))
    middle = ink[1:-1]
    return np.asarray(extreme(extreme(middle[:, :-2], rows[:, 1:-1]), middle[:, 2:]))
