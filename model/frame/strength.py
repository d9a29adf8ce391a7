"""How strongly each pixel of a picture is inked, when more than the digit's ink lies around it.

`paper` finds the paper of a picture that holds a digit and little else. Here nothing is assumed but
that paper is lighter than ink and covers more of the picture than it: dark areas along the borders
are cut off, the paper is estimated place by place, and what is left is measured against full ink.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Grey = NDArray[np.uint8]  # (H, W), 0 black to 255 white
Levels = NDArray[np.float32]  # (H, W)

WORK = 128  # pixels, longest side: enough for the lines of a form, and a few milliseconds
DARK_LINE = 0.92  # of a row or column: no stroke of a digit fills so much of the picture's side
DARK = 0.72  # likewise, for the rest of a dark area that begins at the border
LIGHT = 0.45  # at most so much of a row is dark behind the area
DEEP = 0.15  # of the picture: a dark area as deep as this is one, whatever comes behind it
STRAY = 0.12  # of a row: more dark pixels just behind a shallow area, and it is part of a digit
LEAST_SIDE = 12  # pixels that must be left


class Strength(NamedTuple):
    """Ink, measured.

    levels: float32 (H, W), 0 paper, 1 full ink; noise makes it go a little below and above.
    noise: standard deviation of paper, in the same measure.
    factor: how many pixels of the picture are one here.
    top, left: rows and columns cut off before the first, in pixels of here.
    cut: (top, bottom, left, right) rows and columns cut off as dark, in pixels of here.
    """

    levels: Levels
    noise: float
    factor: int
    cut: tuple[int, int, int, int]


def measure(grey: Grey) -> Strength | None:
    """Measure the ink of a picture, uint8 (H, W); None if nothing stands out from its paper."""
    factor = math.ceil(max(grey.shape) / WORK)
    picture = np.asarray(Image.fromarray(grey).reduce(factor) if factor > 1 else grey, np.float32)
    if _has_dark_paper(picture):
        picture = 255 - picture
    top, bottom, left, right = cut = _dark_borders(picture)
    picture = picture[top : len(picture) - bottom, left : picture.shape[1] - right]
    ink, noise = _against_paper(picture)
    strongest = float(np.percentile(ink, 99.7))
    inked = ink[ink > max(0.4 * strongest, 3 * noise)]
    if inked.size < 6 or strongest <= 4 * noise:
        return None
    full = float(np.percentile(inked, 85))
    return Strength(ink / np.float32(full), noise / full, factor, cut)


def full_level(levels: Levels) -> float:
    """Return how strong full ink is in what is left of a picture's levels; 1 if little is."""
    inked = levels[levels > 0.5]
    return float(np.percentile(inked, 85)) if inked.size > 5 else 1.0


def _has_dark_paper(picture: Levels) -> bool:
    """Whether most of a picture is dark, at all four borders: ink is light there.

    A table or a gutter is at one or two of them.
    """
    low, high = np.percentile(picture, (2, 98))
    dark = picture < (low + high) / 2
    borders = (dark[0], dark[-1], dark[:, 0], dark[:, -1])
    return bool(dark.mean() > 0.5 and all(border.mean() > 0.6 for border in borders))


def _dark_borders(picture: Levels) -> tuple[int, int, int, int]:
    """Return how many rows and columns at (top, bottom, left, right) are a dark area."""
    low, high = np.percentile(picture, (2, 95))
    dark = picture < (low + high) / 2
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
    reach = max(4, max(picture.shape) // 8)
    is_paper = picture >= np.percentile(picture, 40)
    usual = float(np.median(picture))
    for _ in range(2):
        amount = _mean_around(is_paper.astype(np.float32), reach)
        paper = _mean_around(picture * is_paper, reach) / np.maximum(amount, 1e-3)
        paper = np.where(amount > 0.05, paper, usual)
        ink = np.asarray(1 - picture / np.maximum(paper, 1), np.float32)
        is_paper = ink < 0.25 * np.percentile(ink, 99.5)
    blank = ink[is_paper]
    noise = 1.2 * float(np.median(np.abs(blank - np.median(blank)))) if blank.size else 0.0
    return ink, noise


def _mean_around(levels: Levels, reach: int) -> Levels:
    """Return the mean of the (2 reach + 1)^2 pixels around each; edges are repeated."""
    side = 2 * reach + 1
    sums = np.pad(levels, ((reach + 1, reach), (reach + 1, reach)), mode="edge")
    sums = sums.cumsum(axis=0, dtype=np.float64).cumsum(axis=1)
    around = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return np.asarray(around / side**2, np.float32)
