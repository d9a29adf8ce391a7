"""The pieces of ink that hang together, each with its box."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Grey = NDArray[np.uint8]

INKED = 48  # of 255: a cell with less is paper


class Part(NamedTuple):
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

    def moved(self, right: int, down: int) -> "Part":
        """Return the box elsewhere."""
        return Part(self.left + right, self.top + down, self.right + right, self.bottom + down)

    def scaled(self, factor: int) -> "Part":
        """Return the box in pixels that are smaller by a factor."""
        return Part(*(factor * side for side in self))

    @staticmethod
    def around(parts: "Sequence[Part]") -> "Part":
        """Return the smallest box around all of some boxes."""
        return Part(
            min(part.left for part in parts),
            min(part.top for part in parts),
            max(part.right for part in parts),
            max(part.bottom for part in parts),
        )


def parts_of(levels: Grey, cell: int) -> list[Part]:
    """Return boxes around the pieces of ink in a picture, uint8 (H, W), 0 is paper.

    It is looked at in cells of ``cell`` pixels a side; what hangs together by sides or corners of
    inked cells is one piece. Runs of cells in a row are joined with those of the row above by
    union and find (Rosenfeld and Pfaltz 1966, "Sequential operations in digital picture
    processing").
    """
    height, width = levels.shape
    if cell > 1:
        levels = np.asarray(Image.fromarray(levels).reduce(cell))
    inked = np.zeros((levels.shape[0], levels.shape[1] + 2), np.int8)
    inked[:, 1:-1] = levels > INKED
    rows, starts = np.nonzero(np.diff(inked, axis=1) == 1)
    _, ends = np.nonzero(np.diff(inked, axis=1) == -1)
    runs = list(zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True))
    parents = list(range(len(runs)))

    def root(run: int) -> int:
        while parents[run] != run:
            parents[run] = parents[parents[run]]
            run = parents[run]
        return run

    above = 0
    for index, (row, start, end) in enumerate(runs):
        while runs[above][0] < row - 1 or (runs[above][0] == row - 1 and runs[above][2] < start):
            above += 1
        other = above
        while other < index and runs[other][0] == row - 1 and runs[other][1] <= end:
            a, b = root(other), root(index)
            parents[max(a, b)] = min(a, b)
            other += 1
    boxes: dict[int, list[int]] = {}
    for index, (row, start, end) in enumerate(runs):
        box = boxes.setdefault(root(index), [start, row, end, row + 1])
        box[0], box[2], box[3] = min(box[0], start), max(box[2], end), row + 1
    return [
        Part(left * cell, top * cell, min(right * cell, width), min(bottom * cell, height))
        for left, top, right, bottom in boxes.values()
    ]
