"""Boxes around the connected parts of a picture's ink."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.frame.parts import label

Grey = NDArray[np.uint8]

INKED = 48  # of 255: a cell with less is paper


class Bounds(NamedTuple):
    """A box around ink: left and top are inside it, right and bottom behind it; in pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Columns."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Rows."""
        return self.bottom - self.top

    def moved(self, right: int, down: int) -> "Bounds":
        """Return the box elsewhere."""
        return Bounds(self.left + right, self.top + down, self.right + right, self.bottom + down)

    def scaled(self, factor: int) -> "Bounds":
        """Return the box in pixels that are smaller by a factor."""
        return Bounds(*(factor * side for side in self))

    @staticmethod
    def around(boxes: "Sequence[Bounds]") -> "Bounds":
        """Return the smallest box around all of some boxes."""
        return Bounds(
            min(box.left for box in boxes),
            min(box.top for box in boxes),
            max(box.right for box in boxes),
            max(box.bottom for box in boxes),
        )


def bounds_of_parts(levels: Grey, cell: int) -> list[Bounds]:
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
        Bounds(a, b, min(c, width), min(d, height))
        for a, b, c, d in zip(left, top, right, bottom, strict=True)
    ]
