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
from model.pen_width import pen_growth, with_edges_moved
from model.specks import without_specks

__all__ = ["EmptyDrawing", "Framed", "frame_drawing"]

FRAME = 28  # pixels, side of the frame
BOX = 20  # pixels, longest side of the ink inside the frame
WORK = 120  # pixels, longest side of the ink while its pen is changed
CELLS = 24  # at least, along the longest side of the ink, for telling specks from strokes
EDGE = 0.4  # of full ink: where the bounding box ends; half would lose strokes that are weaker
FAINT = 0.12  # of the strongest ink: less is no sign of ink


_PLACES = np.arange(FRAME, dtype=np.float32)


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
    ink = _fitted(_main_ink(grey, paper))
    return Framed(_centred(_strengthened(ink, _full_level(ink))), paper.dark_ink)


def _main_ink(grey: Grey, paper: Paper) -> Grey:
    """The part of the drawing that holds its ink, uint8 (H, W), 0 is paper, without specks."""
    while True:
        rows, columns, gaps = _span(paper.inked(grey, FAINT))
        grey = grey[rows, columns]
        ink = paper.ink(grey)
        if not gaps and not paper.noise:
            return ink  # all in one piece, as far as that matters for its place and size
        cell = max(1, max(ink.shape) // CELLS)
        cells = _reduced(ink, cell)
        keep = without_specks(cells, int(FAINT * int(cells.max())))
        if keep is None:
            return ink
        rows, columns, _ = _span(keep)
        if cell == 1 or max(keep[rows, columns].shape) > 0.7 * max(keep.shape):
            mask = keep.repeat(cell, axis=0).repeat(cell, axis=1)
            return ink * mask[: ink.shape[0], : ink.shape[1]]
        # Far specks made the rest small: cut them off, and look at it again in more detail.
        rows, columns = (slice(s.start * cell, s.stop * cell) for s in (rows, columns))
        grey = grey[rows, columns]


def _span(mask: NDArray[np.bool_]) -> tuple[slice, slice, bool]:
    """Rows and columns from the first to the last true pixel, and whether any of them is empty."""
    by_row = np.asarray(mask.any(axis=1))
    rows = _range(by_row)
    by_column = np.asarray(mask[rows].any(axis=0))
    columns = _range(by_column)
    return rows, columns, not (by_row[rows].all() and by_column[columns].all())


def _range(line: NDArray[np.bool_]) -> slice:
    """From the first to the last true value."""
    first = int(line.argmax())
    if not line[first]:
        raise EmptyDrawing
    return slice(first, line.size - int(line[::-1].argmax()))


def _cut(ink: Grey, least: int) -> Grey:
    """The part of the ink that holds all of more than `least` grey levels."""
    rows, columns, _ = _span(ink > least)
    return ink[rows, columns]


def _reduced(grey: Grey, factor: int) -> Grey:
    """Means of factor x factor pixels."""
    return grey if factor == 1 else np.asarray(Image.fromarray(grey).reduce(factor))


def _full_level(ink: Grey) -> int:
    """The grey level of strong strokes: a twentieth of the ink is as strong or stronger."""
    strongest = int(ink.max())
    inked = ink > int(FAINT * strongest)
    count = np.count_nonzero(inked)
    if np.count_nonzero(ink == strongest) * 20 >= count:
        return strongest
    return int(np.sort(ink[inked])[count * 19 // 20])


def _fitted(ink: Grey) -> Grey:
    """Ink scaled so that its longest side is 20 pixels, with its aspect ratio kept."""
    full = _full_level(ink)
    if max(ink.shape) <= FRAME:
        cut = _cut(ink, full // 5)
        if max(cut.shape) == BOX:  # framed already, perhaps by MNIST: every change would blur it
            return cut
    ink = _cut(ink, int(EDGE * full))
    if pen_growth(ink > full // 2) != 0:
        ink = _with_usual_pen(ink)
    # Of PIL's filters, this one gives MNIST's share of black, grey and white pixels.
    return _scaled(ink, BOX, Image.Resampling.BICUBIC)


def _with_usual_pen(ink: Grey) -> Grey:
    """Ink with its strokes brought to a usual width, cut out, on at most 120 pixels a side."""
    if max(ink.shape) > WORK:
        ink = _scaled(ink, WORK, Image.Resampling.BOX)
    # What is thinner than a pixel is grey here, darker and lighter by how it meets the pixels.
    ink = _strengthened(ink, 0.7 * _full_level(ink))
    return _cut(with_edges_moved(ink, pen_growth(ink > 127)), int(EDGE * 255))


def _scaled(ink: Grey, longest: int, how: Image.Resampling) -> Grey:
    """Ink with that longest side, in pixels, and its aspect ratio kept; antialiased."""
    height, width = ink.shape
    scale = longest / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(ink).resize(size, how, reducing_gap=2.0))


def _strengthened(ink: Grey, full: float) -> Grey:
    """Ink with that grey level, and all above, brought to 255; unchanged if it is nearly there."""
    if full > 240:
        return ink
    return np.asarray(np.minimum(ink * np.float32(255 / max(full, 1)), 255), dtype=np.uint8)


def _centred(ink: Grey) -> NDArray[np.float32]:
    """Ink of at most 20x20 put into the frame, its centre of mass in the middle, to the pixel."""
    shares = ink * np.float32(1 / 255)
    by_row, by_column = shares.sum(axis=1), shares.sum(axis=0)
    mass = float(by_row.sum())
    top = _start(float(by_row @ _PLACES[: by_row.size]) / mass, by_row.size)
    left = _start(float(by_column @ _PLACES[: by_column.size]) / mass, by_column.size)
    frame = np.full((FRAME, FRAME, 1), -0.5, dtype=np.float32)
    frame[top : top + by_row.size, left : left + by_column.size, 0] += shares
    return frame


def _start(centre: float, length: int) -> int:
    """Where ink of that length must start in the frame for its centre to lie at pixel 14."""
    return min(max(round(FRAME / 2 - centre), 0), FRAME - length)
