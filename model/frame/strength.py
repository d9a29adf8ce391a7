"""How strongly each pixel of a picture is inked, when more than the digit's ink lies around it.

`paper` finds the paper of a picture that holds a digit and little else. Here nothing is assumed but
that paper is lighter than ink and covers more of the picture than it: dark areas along the borders
are cut off, the paper is estimated place by place, and what is left is measured against full ink.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Grey = NDArray[np.uint8]  # (H, W), 0 black to 255 white
Levels = NDArray[np.float32]  # (H, W), 0 paper to 1 full ink

WORK = 128  # pixels, longest side: enough for the lines of a form, and a few milliseconds
DARK_LINE = 0.92  # of a row or column: no stroke of a digit fills so much of the picture's side
DARK = 0.72  # likewise, for the rest of a dark area that begins at the border
LIGHT = 0.45  # at most so much of a row is dark behind the area
DEEP = 0.15  # of the picture: a dark area as deep as this is one, whatever comes behind it
STRAY = 0.12  # of a row: more dark pixels just behind a shallow area, and it is part of a digit
LEAST_CONTRAST = 8  # grey levels between the lightest and the darkest; less is one colour
LEAST_SIDE = 12  # pixels that must be left
AROUND = 8  # paper is estimated from a square of twice this part of the picture around each pixel
BLANK = 0.25  # of the strongest ink: less is paper
LEAST_INK = 6  # pixels: fewer are a speck


class Strength(NamedTuple):
    """Ink, measured in a picture that is reduced to at most `WORK` pixels and cut.

    levels: float32 (H, W), 0 paper, 1 full ink; noise makes it go a little below and above.
    noise: standard deviation of paper, in the same measure.
    factor: how many pixels of the picture, along each side, are one of these.
    cut: (top, bottom, left, right), how many rows and columns of these were cut off as dark.
    """

    levels: Levels
    noise: float
    factor: int
    cut: tuple[int, int, int, int]


def measure(grey: Grey) -> Strength | None:
    """Measure the ink of a picture, uint8 (H, W); None if nothing stands out from its paper."""
    factor = math.ceil(max(grey.shape) / WORK)
    picture = np.asarray(Image.fromarray(grey).reduce(factor) if factor > 1 else grey, np.float32)
    if np.ptp(picture) < LEAST_CONTRAST:
        return None
    darkest, dark, light, lightest = percentiles(picture, 2, 5, 95, 98)
    if _has_dark_paper(picture < (darkest + lightest) / 2):
        picture = 255 - picture
        darkest, light = 255 - lightest, 255 - dark
    top, bottom, left, right = cut = _dark_borders(picture < (darkest + light) / 2)
    picture = picture[top : len(picture) - bottom, left : picture.shape[1] - right]
    ink, noise = _against_paper(picture)
    [strongest] = percentiles(ink, 99.7)
    inked = ink[ink > max(0.4 * strongest, 3 * noise)]
    if inked.size < LEAST_INK or strongest <= 4 * noise:
        return None
    [full] = percentiles(inked, 85)
    return Strength(ink / np.float32(full), noise / full, factor, cut)


def percentiles(levels: Levels | Grey, *percents: float) -> list[float]:
    """Return for each percentage the level that so many of the pixels, at least one, do not exceed.

    These are levels that occur, which takes half the time of interpolating between them.
    """
    places = [int(percent / 100 * (levels.size - 1)) for percent in percents]
    # With the first place besides: for one alone NumPy takes a way that is twenty times slower
    # where most levels are equal.
    ordered = np.partition(levels, [0, *places], axis=None)
    return [float(ordered[place]) for place in places]


def full_level(levels: Levels) -> float:
    """Return how strong full ink is in what is left of a picture's levels; 1 if little is."""
    inked = levels[levels > 0.5]
    return percentiles(inked, 85)[0] if inked.size >= LEAST_INK else 1.0


def _has_dark_paper(dark: NDArray[np.bool_]) -> bool:
    """Whether most of a picture is dark, (H, W), at all four borders: ink is light there.

    A table or a gutter is at one or two of them.
    """
    borders = (dark[0], dark[-1], dark[:, 0], dark[:, -1])
    return bool(dark.mean() > 0.5 and all(border.mean() > 0.6 for border in borders))


def _dark_borders(dark: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Return how many rows and columns at (top, bottom, left, right) are a dark area.

    dark: which pixels of the picture are dark, (H, W).
    """
    cut = [0, 0, 0, 0]
    for _ in range(2):  # a corner of two areas hides the second from the first look
        inside = dark[cut[0] : len(dark) - cut[1], cut[2] : dark.shape[1] - cut[3]]
        if min(inside.shape) < LEAST_SIDE:
            break
        rows, columns = inside.mean(axis=1), inside.mean(axis=0)
        more = [_dark_run(line) for line in (rows, rows[::-1], columns, columns[::-1])]
        if not any(more) or (
            min(len(rows) - more[0] - more[1], len(columns) - more[2] - more[3]) < LEAST_SIDE
        ):
            break
        cut = [before + new for before, new in zip(cut, more, strict=True)]
    return cut[0], cut[1], cut[2], cut[3]


def _dark_run(shares: NDArray[np.floating]) -> int:
    """Return how many lines from the first on are a dark area, and the blurred one behind it.

    shares: the share of dark pixels of each line, from the border inwards.
    """
    run = 1 if shares[0] < DARK <= shares[1] else 0  # the border itself may be blurred away
    if shares[run] < DARK:
        return 0
    while run < len(shares) and shares[run] >= LIGHT:
        run += 1
    if run >= DEEP * len(shares):
        return run + 1
    ends = shares[run + 1 : run + 3].min(initial=1) <= STRAY
    return run + 1 if ends and shares[:run].max() >= DARK_LINE else 0


def _against_paper(picture: Levels) -> tuple[Levels, float]:
    """Return the share of the paper's light that is missing, (H, W), and its noise on paper."""
    reach = max(4, max(picture.shape) // AROUND)
    down, across = (_averaging(side, reach) for side in picture.shape)
    is_paper = picture >= percentiles(picture, 40)[0]  # ink covers less than paper
    for _ in range(2):  # the second time without the ink that the first found
        amount = down @ is_paper.astype(np.float32) @ across.T
        paper = (down @ (picture * is_paper) @ across.T) / np.maximum(amount, 1e-3)
        if amount.min() <= 0.05:  # no paper is near: it is as light as in most of the picture
            paper = np.where(amount > 0.05, paper, np.float32(percentiles(picture, 50)[0]))
        ink = np.asarray(1 - picture / np.maximum(paper, 1), np.float32)
        is_paper = ink < BLANK * percentiles(ink, 99.5)[0]
    blank = ink[is_paper]
    if not blank.size:
        return ink, 0.0
    [usual] = percentiles(blank, 50)
    # 1.48 times the median distance in a bell curve; less, as edges of strokes are among these.
    return ink, 1.2 * percentiles(np.abs(blank - np.float32(usual)), 50)[0]


@lru_cache(maxsize=16)  # of up to 64 KiB each
def _averaging(side: int, reach: int) -> Levels:
    """Return a matrix (side, side) that takes means of each place and ``reach`` to both its sides.

    The first and the last place stand for those beyond them.
    """
    places = np.arange(side)
    matrix = (np.abs(places[:, np.newaxis] - places) <= reach).astype(np.float32)
    matrix[:, 0] += np.maximum(reach - places, 0)
    matrix[:, -1] += np.maximum(reach - places[::-1], 0)
    return np.asarray(matrix / np.float32(2 * reach + 1))
