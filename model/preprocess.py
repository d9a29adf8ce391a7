"""A drawing of any size becomes the 28x28 frame that the network reads.

MNIST scaled the ink's bounding box into 20x20 with its aspect ratio kept, antialiased, and put it
into 28x28 by its centre of mass (LeCun et al. 1998, http://yann.lecun.com/exdb/mnist/). The same is
done here for every drawing, whether it comes from a user or from the generator of training digits,
once it is known which of its pixels are ink.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.paper import EmptyDrawing, Grey, Paper, find_paper, flatten
from model.pen_width import usual_pen
from model.specks import without_specks

__all__ = ["EmptyDrawing", "Framed", "frame_drawing"]

FRAME = 28  # pixels, side of the frame
BOX = 20  # pixels, longest side of the ink inside the frame
WORK = 80  # pixels: larger ink is reduced by a whole number, to 80 to 160 on its longest side
CELLS = 24  # at least, along the longest side of the ink, for telling specks from strokes
FAINT = 0.12  # of the strongest ink: less is no sign of ink


class Framed(NamedTuple):
    """A framed drawing.

    frame: float32 (28, 28, 1), ink +0.5 and paper -0.5.
    inverted: whether dark ink on light paper was inverted.
    """

    frame: NDArray[np.float32]
    inverted: bool


def frame_drawing(grey: Grey) -> Framed:
    """Frame a drawing, uint8 (H, W), 0 black to 255 white, with ink of either polarity.

    Raises ValueError for anything but a uint8 picture, and EmptyDrawing when it holds no ink.
    """
    if not isinstance(grey, np.ndarray) or grey.dtype != np.uint8 or grey.ndim != 2:
        kind = f"{grey.dtype} {grey.shape}" if isinstance(grey, np.ndarray) else type(grey).__name__
        raise ValueError(f"A drawing is a two-dimensional array of uint8, not {kind}.")
    if grey.size == 0:
        raise ValueError("A drawing has at least one pixel, not zero.")
    paper = find_paper(grey)
    if paper is None:
        grey, paper = flatten(grey)
    return Framed(_centred(_fitted(_strong(_main_ink(grey, paper)))), paper.dark_ink)


def _main_ink(grey: Grey, paper: Paper) -> Grey:
    """The ink without specks, cut out, and reduced by a whole number if it is large."""
    while True:
        rows, columns, gaps = _span(paper.inked(grey, FAINT))
        grey = grey[rows, columns]
        longest = max(grey.shape)
        factor = max(1, longest // WORK)
        ink = paper.ink(_reduced(grey, factor))
        if not gaps and not paper.noise:
            return ink
        coarse = max(1, longest // factor // CELLS)
        cells = _reduced(ink, coarse)
        keep = without_specks(cells, int(FAINT * int(cells.max())))
        if keep is None:
            return ink
        rows, columns, _ = _span(keep)
        if factor == 1 or max(keep[rows, columns].shape) > 0.7 * max(keep.shape):
            mask = keep.repeat(coarse, axis=0).repeat(coarse, axis=1)
            return ink * mask[: ink.shape[0], : ink.shape[1]]
        # Far specks made the rest small: cut them off, and look at it again in more detail.
        cell = factor * coarse
        rows, columns = (slice(s.start * cell, s.stop * cell) for s in (rows, columns))
        grey = grey[rows, columns]


def _span(mask: NDArray[np.bool_]) -> tuple[slice, slice, bool]:
    """Rows and columns from the first to the last true pixel, and whether any of them is empty."""
    rows = np.flatnonzero(mask.any(axis=1))
    if rows.size == 0:
        raise EmptyDrawing
    down = slice(int(rows[0]), int(rows[-1]) + 1)
    columns = np.flatnonzero(mask[down].any(axis=0))
    across = slice(int(columns[0]), int(columns[-1]) + 1)
    gaps = rows.size < down.stop - down.start or columns.size < across.stop - across.start
    return down, across, gaps


def _reduced(grey: Grey, factor: int) -> Grey:
    """Means of factor x factor pixels."""
    return grey if factor == 1 else np.asarray(Image.fromarray(grey).reduce(factor))


def _strong(ink: Grey) -> Grey:
    """Ink whose strong strokes are full, 255."""
    inked = ink > FAINT * int(ink.max())
    if np.count_nonzero(ink > 240) > 0.05 * np.count_nonzero(inked):
        return ink
    levels = np.sort(ink[inked])
    full = max(1, int(levels[int(0.95 * levels.size)]))
    return np.asarray(np.minimum(ink * np.float32(255 / full), 255), dtype=np.uint8)


def _fitted(ink: Grey) -> Grey:
    """Ink scaled so that its longest side is 20 pixels, with its aspect ratio kept."""
    if max(ink.shape) <= FRAME:
        cut = _cut(ink, 50)
        if max(cut.shape) == BOX:  # framed already, perhaps by MNIST: every change would blur it
            return cut
    cut = _cut(ink, 127)
    ink = usual_pen(cut)
    if ink is not cut:
        ink = _cut(ink, 127)
    height, width = ink.shape
    scale = BOX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    fitted = Image.fromarray(ink).resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    return np.asarray(fitted)


def _cut(ink: Grey, least: int) -> Grey:
    """The part of the ink that holds all of more than `least` grey levels."""
    rows, columns, _ = _span(ink > least)
    return ink[rows, columns]


def _centred(ink: Grey) -> NDArray[np.float32]:
    """Ink of at most 20x20 put into the frame, its centre of mass in the middle, to the pixel."""
    shares = ink * np.float32(1 / 255)
    height, width = ink.shape
    top = _start(shares.sum(axis=1), height)
    left = _start(shares.sum(axis=0), width)
    frame = np.full((FRAME, FRAME, 1), -0.5, dtype=np.float32)
    frame[top : top + height, left : left + width, 0] += shares
    return frame


def _start(profile: NDArray[np.float32], length: int) -> int:
    """Where a profile must start in the frame for its centre of mass to lie at pixel 14."""
    centre = float(profile @ np.arange(length, dtype=np.float32) / profile.sum())
    return min(max(round(FRAME / 2 - centre), 0), FRAME - length)
