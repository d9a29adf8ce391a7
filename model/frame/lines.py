"""Straight lines that cross a picture: found, and taken out without the strokes that cross them.

Forms, ruled and squared paper are printed with them. A line is looked for from side to side; one
from top to bottom is the same in the transposed picture.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.float32]  # (H, W), 0 paper to 1 full ink

BLOCKS = 16  # of columns, in which a tilted line is as good as level
TILTS = np.arange(-4, 5) / 85  # of the width, that a line rises or falls: up to 2.7 degrees
THICKEST = 0.12  # of the height
MOST = 14  # lines in one direction; more are a texture
CROSSES = 0.45  # of full ink, above and below the line: a stroke crosses it there
STRONGER = 1.25  # times the line: ink over it, not the line


class Line(NamedTuple):
    """A line from side to side.

    middle: int (W,), the row of its middle in each column.
    above, below: rows that it has beside the middle one.
    """

    middle: NDArray[np.intp]
    above: int
    below: int


def find_lines(mask: NDArray[np.bool_], share: float) -> list[Line]:
    """Return the lines that ink fills in so large a share of the columns of a mask (H, W)."""
    height, width = mask.shape
    filled, shifts = _filled(mask)
    tilt_of, best = filled.argmax(axis=0), filled.max(axis=0)
    columns = np.arange(width)
    taken = np.zeros(height, dtype=bool)
    lines: list[Line] = []
    for row in np.argsort(-best, kind="stable"):
        if best[row] < share - 0.1:
            break
        if taken[row]:
            continue
        middle = np.clip(row + shifts[tilt_of[row]], 0, height - 1)
        on = mask[middle, columns]
        if on.mean() < share:
            continue
        thickest = int(max(3, THICKEST * height))
        above, below = (_run(mask, middle, on, step, thickest) for step in (-1, 1))
        taken[max(0, row - above - 2) : row + below + 3] = True
        if above + below < thickest:
            lines.append(Line(middle, above, below))
            if len(lines) > MOST:
                return []
    return lines


def _filled(mask: NDArray[np.bool_]) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Return the share of ink along each row at each tilt, and the tilts' shifts of each column.

    Shapes: (tilts, H) and (tilts, W).
    """
    height, width = mask.shape
    edges = np.linspace(0, width, min(BLOCKS, width) + 1).astype(int)
    sums = np.add.reduceat(mask, edges[:-1], axis=1, dtype=np.float32)  # (H, blocks)
    rises = np.unique(np.round(TILTS * width))
    middles = (edges[:-1] + edges[1:] - 1) / 2
    by_block = np.round(rises[:, None] * (middles / max(width - 1, 1) - 0.5)).astype(np.intp)
    rows = np.clip(np.arange(height)[:, None] + by_block[:, None, :], 0, height - 1)
    filled = sums[rows, np.arange(sums.shape[1])].sum(axis=2) / np.float32(width)
    by_column = np.round(rises[:, None] * (np.arange(width) / max(width - 1, 1) - 0.5)).astype(
        np.intp
    )
    return filled, by_column


def _run(
    mask: NDArray[np.bool_],
    middle: NDArray[np.intp],
    on: NDArray[np.bool_],
    step: int,
    longest: int,
) -> int:
    """Return how many rows of ink most columns have beside the middle one, to one side."""
    height, columns = len(mask), np.arange(len(middle))
    lengths, going = np.zeros(len(middle), np.intp), on
    for distance in range(1, longest + 1):
        rows = middle + step * distance
        going = going & (rows >= 0) & (rows < height)
        going &= mask[np.clip(rows, 0, height - 1), columns]
        if not going.any():
            break
        lengths += going
    return int(np.median(lengths[on]))


def depth(levels: Levels, line: Line) -> float:
    """Return how strong a line is, in the measure of levels (H, W)."""
    return float(np.median(levels[line.middle, np.arange(levels.shape[1])]))


def remove_line(levels: Levels, line: Line) -> None:
    """Set a line's pixels in levels (H, W) to paper, except where a stroke crosses or covers it."""
    height, width = levels.shape
    columns = np.arange(width)
    middle, above, below = line

    def at(offset: int) -> Levels:
        rows = middle + offset
        inside = (rows >= 0) & (rows < height)
        return np.where(inside, levels[np.clip(rows, 0, height - 1), columns], np.float32(0))

    over = np.maximum(np.float32(0.9) * at(-above - 1), at(-above - 2))
    under = np.maximum(np.float32(0.9) * at(below + 1), at(below + 2))
    crossed = np.minimum(_widened(over), _widened(under)) > CROSSES
    offsets = list(range(-above, below + 1))
    values = np.stack([at(offset) for offset in offsets])
    stronger = values > STRONGER * float(np.median(values.max(axis=0))) + 0.1
    kept = np.where(crossed | stronger, np.minimum(values, 1), np.float32(0))
    # The rows beside the line, where it is blurred: paper too, unless a stroke comes from there.
    rows_of_values = dict(zip(offsets, kept, strict=True))
    for edge, far in ((-above - 1, at(-above - 2)), (below + 1, at(below + 2))):
        blurred = (at(edge) < 0.75) & (far < 0.6) & ~crossed
        rows_of_values[edge] = np.where(blurred, np.float32(0), at(edge))
    for offset, row in rows_of_values.items():
        rows = middle + offset
        inside = (rows >= 0) & (rows < height)
        levels[rows[inside], columns[inside]] = row[inside]


def _widened(row: Levels) -> Levels:
    """Return the largest of each number and its two neighbours: strokes cross lines at a slant."""
    wide = row.copy()
    np.maximum(wide[1:], row[:-1], out=wide[1:])
    np.maximum(wide[:-1], row[1:], out=wide[:-1])
    return wide
