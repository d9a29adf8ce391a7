"""Boxes around the connected parts of a picture's ink."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.frame.parts import Box, label

Grey = NDArray[np.uint8]

INKED = 48  # of 255: a cell with less is paper


def boxes_of_parts(levels: Grey, cell: int) -> list[Box]:
    """Return boxes around the pieces of ink in a picture, uint8 (H, W), 0 is paper.

    It is looked at in cells of ``cell`` pixels a side; what hangs together by sides or corners of
    inked cells is one piece.
    """
    height, width = levels.shape
    if cell > 1:
        levels = np.asarray(Image.fromarray(levels).reduce(cell))
    labels, count = label(levels > INKED)
    rows, columns = np.nonzero(labels)
    numbers = labels[rows, columns] - 1
    low, high = np.full((2, count), labels.size), np.zeros((2, count), np.intp)
    for side, places in enumerate((columns, rows)):
        np.minimum.at(low[side], numbers, places)
        np.maximum.at(high[side], numbers, places)
    high += 1
    (left, top), (right, bottom) = (low * cell).tolist(), (high * cell).tolist()
    return [
        Box(a, b, min(c, width), min(d, height))
        for a, b, c, d in zip(left, top, right, bottom, strict=True)
    ]
