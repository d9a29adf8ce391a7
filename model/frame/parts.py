"""The connected parts of a picture's ink, and which of them make up the digit."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.frame.strength import Levels


class Box(NamedTuple):
    """A rectangle in a picture: left and top are inside it, right and bottom behind it; pixels."""

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

    def moved(self, right: int, down: int) -> "Box":
        """Return the box elsewhere."""
        return Box(self.left + right, self.top + down, self.right + right, self.bottom + down)

    def scaled(self, factor: int) -> "Box":
        """Return the box in pixels that are smaller by a factor."""
        return Box(*(factor * side for side in self))

    @staticmethod
    def around(boxes: "Sequence[Box]") -> "Box":
        """Return the smallest box around all of some boxes."""
        return Box(
            min(box.left for box in boxes),
            min(box.top for box in boxes),
            max(box.right for box in boxes),
            max(box.bottom for box in boxes),
        )


class Part(NamedTuple):
    """What hangs together by sides or corners.

    top, bottom, left, right: its first and last rows and columns.
    mass: its ink, in pixels of full ink.
    """

    label: int
    top: int
    bottom: int
    left: int
    right: int
    mass: float

    @property
    def size(self) -> int:
        """The longer side of its box."""
        return max(self.bottom - self.top, self.right - self.left) + 1


def label(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], int]:
    """Number the connected parts of a mask (H, W): return labels (H, W), 0 for none, and how many.

    Runs of ink along the rows are joined where they touch one in the row before, and every run
    takes the smallest number that it can reach, twice as far at each step.
    """
    height, width = mask.shape
    flat = np.zeros((height, width + 2), np.int8)
    flat[:, 1:-1] = mask
    change = np.diff(flat, axis=1)
    rows, starts = np.nonzero(change == 1)
    ends = np.nonzero(change == -1)[1]  # behind the last pixel
    count = len(rows)
    if count == 0:
        return np.zeros(mask.shape, np.intp), 0
    # A run touches those of the row before that start before its end and end behind its start,
    # corners included: in the order of (row, column) they are neighbours of one another.
    before = (rows - 1) * (width + 2)
    first = np.searchsorted(rows * (width + 2) + ends, before + starts, side="left")
    last = np.searchsorted(rows * (width + 2) + starts, before + ends, side="right")
    touching = np.maximum(last - first, 0)
    lower = np.repeat(np.arange(count), touching)
    upper = np.arange(touching.sum()) - np.repeat(touching.cumsum() - touching, touching)
    upper += np.repeat(first, touching)
    root = np.arange(count)
    while True:
        smallest = root.copy()
        np.minimum.at(smallest, root[lower], root[upper])
        np.minimum.at(smallest, root[upper], root[lower])
        further = smallest[root]
        further = further[further]
        if (further == root).all():
            break
        root = further
    is_root = root == np.arange(count)
    numbers = is_root.cumsum()[root]
    labels = np.zeros(mask.shape, np.intp)
    labels[mask] = np.repeat(numbers, ends - starts)
    return labels, int(np.count_nonzero(is_root))


def parts_of(labels: NDArray[np.intp], count: int, levels: Levels) -> list[Part]:
    """Return every part of labels (H, W), with the mass that it has in levels (H, W)."""
    y, x = np.nonzero(labels)
    numbers = labels[y, x] - 1
    masses = np.bincount(numbers, np.minimum(levels[y, x], 1), count)
    low, high = np.full((2, count), labels.size), np.zeros((2, count), np.intp)
    for axis, places in enumerate((y, x)):
        np.minimum.at(low[axis], numbers, places)
        np.maximum.at(high[axis], numbers, places)
    sides = np.stack([low[0], high[0], low[1], high[1]], axis=1).tolist()
    return [
        Part(number, top, bottom, left, right, mass)
        for number, ((top, bottom, left, right), mass) in enumerate(
            zip(sides, masses.tolist(), strict=True), start=1
        )
    ]


class Choice(NamedTuple):
    """The parts that make up the digit.

    kept: labels of those that do. ignored: the other parts that are more than noise.
    doubtful: whether one of these is no mark, neighbour or line, so may be meant as well.
    top, bottom, left, right: the first and last rows and columns of what is kept.
    """

    kept: list[int]
    ignored: list[Part]
    doubtful: bool
    top: int
    bottom: int
    left: int
    right: int


# Masses are shares of the main part's, sizes and distances of its size, which is its longer side.
NOISE = 0.015  # mass: as little is none of the digit's, and nothing that was left out
BELONGS_ACROSS, BELONGS_DOWN = 0.1, 0.18  # distance: as near is a stroke that the pen lifted before
LARGE, LARGE_NEAR = 0.35, 0.3  # mass and distance: a half of the digit, a little farther away
SMALL, SMALL_SIZE = 0.12, 0.3  # mass and size: as a full stop, which belongs only above or below
MARK, MARK_SIZE = 0.35, 0.45  # mass and size: as a comma or a dash beside the digit


def choose(parts: list[Part], shape: tuple[int, ...], *, tight: bool) -> Choice:
    """Choose the digit's parts in a picture of ``shape``: the main one, and what belongs to it.

    The main part has much ink, near the middle, and is no line along an edge. What touches the
    border is a neighbour that was cut off, except in a ``tight`` picture, which the digit fills.
    """
    by_mass = sorted(parts, key=lambda part: -part.mass)
    main, most = by_mass[0], 0.0
    for part in by_mass:
        if part.mass < most:  # nor is any that follows as prominent
            break
        value = _prominence(part, shape, tight)
        if value > most:
            main, most = part, value
    top, bottom, left, right = main[1:5]
    size = main.size
    kept, ignored, doubtful = [main.label], [], False
    for part in by_mass:
        if part.mass < NOISE * main.mass:
            break
        if part is main:
            continue
        outside = part.left > right or part.right < left or part.top > bottom or part.bottom < top
        if outside and _is_edge_line(part, shape):
            ignored.append(part)
            continue
        shared = min(part.right, right) - max(part.left, left) + 1  # columns that both have
        if _touches_border(part, shape) and not (
            tight and shared >= 0.5 * (part.right - part.left + 1)
        ):
            ignored.append(part)
            continue
        across = max(part.left - right, left - part.right, 0)
        down = max(part.top - bottom, top - part.bottom, 0)
        small = part.mass < SMALL * main.mass and part.size < SMALL_SIZE * size
        near = across <= BELONGS_ACROSS * size and down <= BELONGS_DOWN * size
        large = part.mass > LARGE * main.mass and max(across, down) <= LARGE_NEAR * size
        if large or (near and (shared > 0 or not small)):
            kept.append(part.label)
            top, bottom = min(top, part.top), max(bottom, part.bottom)
            left, right = min(left, part.left), max(right, part.right)
            continue
        ignored.append(part)
        beside = part.left > right or part.right < left
        is_mark = part.mass <= MARK * main.mass and part.size <= MARK_SIZE * size
        doubtful |= not (beside and is_mark)
    return Choice(kept, ignored, doubtful, top, bottom, left, right)


def _touches_border(part: Part, shape: tuple[int, ...]) -> bool:
    """Whether a part reaches a border, or comes as near as blur leaves what was cut off there."""
    height, width = shape
    edge = max(1, int(0.02 * max(shape)))
    return (
        min(part.top, part.left) <= edge
        or part.bottom >= height - 1 - edge
        or part.right >= width - 1 - edge
    )


def _is_edge_line(part: Part, shape: tuple[int, ...]) -> bool:
    """Whether a part is a straight line along one side, as the rest of a form's frame is."""
    height, width = shape
    tall, wide = part.bottom - part.top + 1, part.right - part.left + 1
    upright, level = wide < tall >= 0.55 * height, tall < wide >= 0.5 * width
    if not (upright or level):
        return False
    thinnest = max(3, 0.05 * max(shape)) + 0.04 * max(tall, wide)
    upright, level = upright and wide <= thinnest, level and tall <= thinnest
    off = max(
        abs(part.top + part.bottom - height) / height, abs(part.left + part.right - width) / width
    )
    return (upright or level) and off > 0.36


def _prominence(part: Part, shape: tuple[int, ...], tight: bool) -> float:
    """Return how likely a part is the digit: its mass, or less of it where a digit seldom is."""
    height, width = shape
    away_y = (part.top + part.bottom) / 2 / height - 0.5
    away_x = (part.left + part.right) / 2 / width - 0.5
    value = part.mass * (1 - 1.2 * min(math.hypot(away_y, away_x), 0.6))
    value *= math.sqrt(part.size / max(shape))
    if _is_edge_line(part, shape):
        value *= 0.1
    fills = tight and part.bottom - part.top + 1 >= 0.65 * height and abs(away_x) < 0.3
    if _touches_border(part, shape) and not fills:
        value *= 0.25
    return value
