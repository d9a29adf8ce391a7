"""Straight lines that cross a picture: found, and taken out without the strokes that cross them.

Forms, ruled and squared paper are printed with them. A line is looked for from side to side; one
from top to bottom is the same in the transposed picture.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.frame.strength import Levels, percentiles

BLOCKS = 16  # of columns, in which a tilted line is as good as level
TILTS = np.arange(-4, 5) / 85  # of the width, that a line rises or falls: up to 2.7 degrees
THICKEST = 0.12  # of the height
MOST = 14  # lines in one direction; more are a texture
ROUGH = 0.1  # of the columns, that the share of ink in blocks may be too small by
CROSSES = 0.45  # of full ink, above and below the line: a stroke crosses it there
STRONGER = 1.25  # times the line: ink over it, not the line
BLURRED, COMES = 0.75, 0.6  # of full ink: less beside the line is its blur, more beyond a stroke


class Line(NamedTuple):
    """A line from side to side.

    middle: int (W,), the row of its middle in each column.
    above, below: rows that it has beside the middle one.
    """

    middle: NDArray[np.intp]
    above: int
    below: int


def find_lines(mask: NDArray[np.bool_], share: float) -> list[Line]:
    """Return the lines that ink fills in a share of the columns of a mask (H, W), or in more.

    Returns none where there are more than `MOST`.
    """
    height, width = mask.shape
    filled, shifts = _filled(mask)
    tilt_of, best = filled.argmax(axis=0), filled.max(axis=0)
    columns = np.arange(width)
    taken = np.zeros(height, dtype=bool)
    thickest = int(max(3, THICKEST * height))
    lines: list[Line] = []
    for row in np.argsort(-best, kind="stable").tolist():
        if best[row] < share - ROUGH:
            break
        if taken[row]:
            continue
        middle = np.clip(row + shifts[tilt_of[row]], 0, height - 1)
        on = mask[middle, columns]
        if np.count_nonzero(on) < share * width:
            continue
        above, below = (_beside(mask, middle, on, step, thickest) for step in (-1, 1))
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
    starts, by_block, by_column = _shifts(width)
    sums = np.add.reduceat(mask, starts, axis=1, dtype=np.float32).T  # (blocks, H)
    most = int(by_block.max())
    padded = sums[:, np.clip(np.arange(-most, height + most), 0, height - 1)]
    windows = np.lib.stride_tricks.sliding_window_view(padded, height, axis=1)
    shifted = windows[np.arange(len(sums)), by_block + most]  # (tilts, blocks, H)
    return shifted.sum(axis=1) / np.float32(width), by_column


@lru_cache(maxsize=128)
def _shifts(width: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Return where the blocks of so many columns start, and each tilt's shifts of them in rows.

    Shapes: (blocks,); (tilts, blocks), by the middle of each block; (tilts, W), by column.
    """
    edges = np.linspace(0, width, min(BLOCKS, width) + 1).astype(np.intp)
    rises = np.unique(np.round(TILTS * width))[:, np.newaxis]
    by_block, by_column = (
        np.round(rises * (columns / max(width - 1, 1) - 0.5)).astype(np.intp)
        for columns in ((edges[:-1] + edges[1:] - 1) / 2, np.arange(width))
    )
    return edges[:-1], by_block, by_column


def _beside(
    mask: NDArray[np.bool_],
    middle: NDArray[np.intp],
    on: NDArray[np.bool_],
    step: int,
    most: int,
) -> int:
    """Return how many rows of ink most columns have beside a line's middle one, ``most`` at most.

    on: whether there is ink in the middle, bool (W,). step: -1 for the rows above, 1 for below.
    """
    height = len(mask)
    columns = np.flatnonzero(on)
    rows = middle[columns] + step * np.arange(1, most + 1)[:, np.newaxis]
    inked = mask[np.clip(rows, 0, height - 1), columns] & (rows >= 0) & (rows < height)
    going = np.logical_and.accumulate(inked).sum(axis=1)
    return int(np.count_nonzero(2 * going >= len(columns)))


def depth(levels: Levels, line: Line) -> float:
    """Return how strong a line is, in the measure of levels (H, W)."""
    return percentiles(levels[line.middle, np.arange(levels.shape[1])], 50)[0]


def remove_line(levels: Levels, line: Line) -> None:
    """Set a line's pixels in levels (H, W) to paper, except where a stroke crosses or covers it."""
    height, width = levels.shape
    above, below = line.above, line.below
    # The line, and two rows at each side: the first may be blurred, the second tells of strokes.
    rows = line.middle + np.arange(-above - 2, below + 3)[:, np.newaxis]
    inside = (rows >= 0) & (rows < height)
    values = levels[np.clip(rows, 0, height - 1), np.arange(width)]
    values[~inside] = 0
    over = np.maximum(np.float32(0.9) * values[1], values[0])
    under = np.maximum(np.float32(0.9) * values[-2], values[-1])
    crossed = np.minimum(_widened(over), _widened(under)) > CROSSES
    thick = values[2:-2]
    stronger = thick > STRONGER * percentiles(thick.max(axis=0), 50)[0] + 0.1
    left = values.copy()
    left[2:-2] = np.where(crossed | stronger, np.minimum(thick, 1), np.float32(0))
    # The rows beside the line, where it is blurred: paper too, unless a stroke comes from there.
    for beside, beyond in ((1, 0), (-2, -1)):
        blurred = (values[beside] < BLURRED) & (values[beyond] < COMES) & ~crossed
        left[beside, blurred] = 0
    levels[rows[inside], np.nonzero(inside)[1]] = left[inside]


def _widened(row: Levels) -> Levels:
    """Return the largest of each number and its two neighbours: strokes cross lines at a slant."""
    wide = row.copy()
    np.maximum(wide[1:], row[:-1], out=wide[1:])
    np.maximum(wide[:-1], row[1:], out=wide[:-1])
    return wide
