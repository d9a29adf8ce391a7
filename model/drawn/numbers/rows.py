"""A row of sprites side by side on a canvas, while it is put together."""

import numpy as np
from numpy.typing import NDArray

from model.drawn.numbers.links import Placed, link
from model.drawn.numbers.marks import Mark
from model.drawn.numbers.sprites import HEIGHT

Ink = NDArray[np.uint8]

INK_ROWS = 28  # pixels of a strip's height for a number's ink
LEAST_INK_ROWS = 19.0  # the same where it fits worst
_CANVAS = (112, 900)  # pixels
_BASELINE = 76  # row of the canvas on which the digits stand
_LEFT = 40  # column in which they begin: room for slant
_INKED = 60  # of 255: less is paper
# Of a sign's ink, the most that lies on its neighbour's: with more it is neither. A 1 may stand
# within the box of a 4 or a 7 so, beside their strokes.
_HIDDEN = 0.4
# Of the rows on a canvas and on paper, those with links; of their neighbours, those linked.
_LINKING, _LINKED = {False: 0.08, True: 0.3}, 0.6


class Row:
    """The row, its text, and where its ink lies on the canvas.

    ``left``, ``right``, ``top`` and ``bottom`` are columns and rows of the canvas; ``text`` are the
    digits from left to right, ``others`` counts the signs that are none.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.canvas = np.zeros(_CANVAS, np.uint8)
        self.left = _LEFT
        self.right = self.left
        self.top, self.bottom = _BASELINE, _BASELINE - 1
        self.text: list[int] = []
        self.others = 0
        self.stretch = 1.0
        self._slope = rng.normal(0, 0.02) if rng.random() < 0.7 else rng.normal(0, 0.06)
        self._wander = rng.uniform(0, 0.08) * HEIGHT
        self._chance = rng.random()  # of links
        self._edge = self.right  # of the last sprite, which may end before another one does
        self._last: Placed | None = None

    def _paste(self, sprite: Ink, left: int, foot: float) -> tuple[int, int]:
        rows, columns = sprite.shape
        top = _top(sprite, foot)
        target = self.canvas[top : top + rows, left : left + columns]
        np.maximum(target, sprite[:, : target.shape[1]], out=target)
        return top, top + rows

    def _foot(self, left: int, rng: np.random.Generator) -> float:
        return float(_BASELINE + self._slope * (left - _LEFT) + rng.normal(0, 1) * self._wander)

    def add(
        self,
        sprite: Ink,
        gap: float,
        label: int,
        room: float,
        paper: bool,
        rng: np.random.Generator,
    ) -> bool:
        """Put a sprite behind the others, if there is room in a strip; say whether there was."""
        rows, columns = sprite.shape
        left, before = self._edge, self._last
        foot = self._foot(left, rng)
        if before is not None:
            left = _beside(before, sprite, left + round(gap), foot)
        top, bottom = min(self.top, foot - rows), max(self.bottom, foot)
        right = max(self.right, left + columns)
        least = LEAST_INK_ROWS if paper else float(INK_ROWS)  # pixels of a strip for this height
        # The first sprite of all is made smaller if there is too little room.
        if before is not None and (right - self.left) * least / (bottom - top) > room:
            return False
        if right > _CANVAS[1] - 60:
            return False
        new_top, new_bottom = self._paste(sprite, left, foot)
        self.top, self.bottom = min(self.top, new_top), max(self.bottom, new_bottom)
        self.right, self._edge = right, left + columns
        self._last = Placed(left, new_top, sprite)
        if before is not None and self._chance < _LINKING[paper] and rng.random() < _LINKED:
            link(self.canvas, before, self._last, rng, zeros=[*self.text[-1:], label] == [0, 0])
        if label >= 0:
            self.text.append(label)
        else:
            self.others += 1
        return True

    def mark(self, mark: Mark) -> float:
        """Put a full stop or a comma behind the last digit; return the room that it takes."""
        sprite, above = mark
        self._paste(sprite, self.right + 2, _BASELINE + self._slope * (self.right - _LEFT) - above)
        self._edge = self.right
        return float(sprite.shape[1] + 4)

    def front_mark(self, mark: Mark, rng: np.random.Generator) -> None:
        """Put a number sign or the like before the first digit."""
        sprite, above = mark
        top, bottom = self._paste(sprite, self.right, self._foot(self.right, rng) - above)
        self.top, self.bottom = min(self.top, top), max(self.bottom, bottom)
        self.right += sprite.shape[1] + int(rng.integers(2, 11))
        self._edge = self.right

    def end_mark(self, mark: Mark, room: float, paper: bool, rng: np.random.Generator) -> None:
        """Put a dash or the like behind the number, if there is room for it."""
        sprite, above = mark
        left = self.right + int(rng.integers(2, 14))
        least = LEAST_INK_ROWS if paper else float(INK_ROWS)
        if (left + sprite.shape[1] - self.left) * least / max(self.bottom - self.top, 1) > room:
            return
        top, bottom = self._paste(sprite, left, self._foot(left, rng) - above)
        self.top, self.bottom = min(self.top, top), max(self.bottom, bottom)
        self.right = left + sprite.shape[1]


def _top(sprite: Ink, foot: float) -> int:
    """Return the row of the canvas in which a sprite that stands there begins."""
    return int(np.clip(round(foot) - len(sprite), 0, _CANVAS[0] - len(sprite)))


def _beside(before: Placed, sprite: Ink, left: int, foot: float) -> int:
    """Return the first column from ``left`` on where a sprite and the one before can be read.

    Ink that lies on ink cannot.
    """
    first: int = max(left, before.left + 1)
    top = _top(sprite, foot)
    low, high = max(top, before.top), min(top + len(sprite), before.top + len(before.ink))
    if low >= high:
        return first
    there, here = before.ink > _INKED, sprite > _INKED
    most = _HIDDEN * min(np.count_nonzero(there), np.count_nonzero(here))
    there, here = there[low - before.top : high - before.top], here[low - top : high - top]
    end: int = before.left + there.shape[1]
    for column in range(first, end):
        beneath = there[:, column - before.left :]
        if np.count_nonzero(beneath[:, : here.shape[1]] & here[:, : beneath.shape[1]]) <= most:
            return column
    return max(first, end)
