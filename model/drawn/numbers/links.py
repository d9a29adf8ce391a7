"""Strokes that lead from one sign to the next, where a writer did not lift the pen."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.frame.pen_width import pen_width

Ink = NDArray[np.uint8]

REACH = 14  # pixels of paper between two signs, the most that a link crosses
_INKED = 127  # of 255: less is a stroke's edge
_FINER = 4  # a link is drawn in so much finer pixels, so that its edges are soft
_POINTS = 9  # along its curve
# Rows in which a link leaves and reaches a sign, in shares of its height from its top, and how
# often: zeros are linked at the top, other signs mostly from the foot of one to the next's top.
_OF_ZEROS = (((0.03, 0.4), (0.03, 0.4), 1.0),)
_OF_OTHERS = (
    ((0.8, 1.0), (0.0, 0.4), 0.45),
    ((0.0, 0.35), (0.0, 0.35), 0.3),
    ((0.7, 1.0), (0.7, 1.0), 0.15),
    ((0.0, 1.0), (0.0, 1.0), 0.1),
)


class Placed(NamedTuple):
    """A sign on a canvas: the column and row of its upper left corner, and its ink (H, W)."""

    left: int
    top: int
    ink: Ink


def link(
    canvas: Ink, before: Placed, after: Placed, rng: np.random.Generator, *, zeros: bool
) -> None:
    """Draw a stroke from one sign to the next into a canvas, in place, if they are near enough.

    It is as wide as the strokes of ``before``. ``zeros``: both are zeros.
    """
    choice = _OF_ZEROS if zeros else _OF_OTHERS
    leaves, reaches, _ = choice[rng.choice(len(choice), p=[share for *_, share in choice])]
    start = _end_of_ink(before, rng.uniform(*leaves), last=True)
    end = _end_of_ink(after, rng.uniform(*reaches), last=False)
    if start is None or end is None or not 0 <= end[0] - start[0] <= REACH:
        return
    sag = rng.normal(0, 3)
    pen = pen_width(np.pad(before.ink, 1) > _INKED)
    _stroke(canvas, start, end, sag, max(1.0, pen * rng.uniform(0.6, 1)))


def _end_of_ink(sign: Placed, height: float, *, last: bool) -> tuple[float, float] | None:
    """Return where the ink of a row begins or ends on the canvas; None if the row has none."""
    row = min(int(height * len(sign.ink)), len(sign.ink) - 1)
    inked = np.flatnonzero(sign.ink[row] > _INKED)
    if not inked.size:
        return None
    return float(sign.left + inked[-1 if last else 0]), float(sign.top + row)


def _stroke(
    canvas: Ink, start: tuple[float, float], end: tuple[float, float], sag: float, pen: float
) -> None:
    """Draw a curve (a parabola) whose middle hangs ``sag`` pixels below its ends' middle."""
    along = np.linspace(0, 1, _POINTS)
    x, y = (first + along * (second - first) for first, second in zip(start, end, strict=True))
    y += sag * 4 * along * (1 - along)
    margin = math.ceil(pen) + 1
    left, top = int(x.min()) - margin, max(int(y.min()) - margin, 0)
    right, bottom = math.ceil(x.max()) + margin, min(math.ceil(y.max()) + margin, len(canvas))
    finer = Image.new("L", (_FINER * (right - left), _FINER * (bottom - top)))
    points = [
        (float(_FINER * (column - left + 0.5)), float(_FINER * (row - top + 0.5)))
        for column, row in zip(x, y, strict=True)
    ]
    ImageDraw.Draw(finer).line(points, fill=255, width=round(_FINER * pen), joint="curve")
    target = canvas[top:bottom, left:right]
    np.maximum(target, np.asarray(finer.reduce(_FINER))[:, : target.shape[1]], out=target)
