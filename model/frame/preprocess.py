"""A drawing of any size becomes the 28x28 frame that the network reads.

The frames of MNIST were made so: the bounding box of the ink is scaled to 20x20 with its aspect
ratio kept, antialiased, and its centre of mass is put into the middle of 28x28 (LeCun et al. 1998,
http://yann.lecun.com/exdb/mnist/). The same is done here, once it is known which pixels are ink,
with every drawing: those of users and those that code draws for training.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.errors import EmptyDrawing
from model.frame.paper import Grey, Levels, Paper, find_paper, flatten
from model.frame.pen_width import pen_growth, with_edges_moved
from model.frame.pixels import to_ink, to_pixels
from model.frame.specks import without_specks

__all__ = ["EmptyDrawing", "Framed", "frame_as_pixels", "frame_drawing"]

FRAME = 28  # pixels, side of the frame
BOX = 20  # pixels, longest side of the ink inside the frame
WORK = 60  # pixels: ink is reduced to 60 to 120 on its longest side before its pen is changed
CELLS = 24  # at least, along the longest side of the ink, for telling specks from strokes
EDGE = 0.4  # of full ink: where the bounding box ends; half would lose strokes that are weaker
NEAR = 0.035  # of the longest side: ink as near to all borders fills the picture
FILLS = 0.88  # of both sides: so much filled, too
FAINT = 0.12  # of the strongest ink: less is no sign of ink


class Framed(NamedTuple):
    """A framed drawing.

    Attributes:
        frame: float32 (28, 28, 1), -0.5 paper to +0.5 ink.
        inverted: whether ink was darker than paper, so that the picture was inverted.
        at_border: whether ink reaches a border of the picture.
        tight: whether ink fills the picture in both directions, as where a digit was cut out.
        seen: whether a camera or a scanner saw it, as `Paper.seen`.
    """

    frame: NDArray[np.float32]
    inverted: bool
    at_border: bool = False
    tight: bool = False
    seen: bool = False


def frame_drawing(grey: Grey) -> Framed:
    """Frame a drawing whose ink may be darker or lighter than its paper.

    Args:
        grey: uint8 (H, W), 0 black to 255 white, of any size.

    Raises:
        EmptyDrawing: if there is no ink in it.
        ValueError: if it is not such an array, or has no pixel.
    """
    if not isinstance(grey, np.ndarray) or grey.dtype != np.uint8 or grey.ndim != 2:
        kind = f"{grey.dtype} {grey.shape}" if isinstance(grey, np.ndarray) else type(grey).__name__
        raise ValueError(f"a drawing is a two-dimensional array of uint8, not {kind}")
    if grey.size == 0:
        raise ValueError("a drawing has at least one pixel, not zero")
    paper = find_paper(grey)
    if paper is None:
        grey, paper = flatten(grey)
    ink, at_border, tight = _cut_out(grey, paper)
    if paper.noise or ink.has_gaps():
        ink = _without_specks(ink)
    fitted = _fitted(ink)
    frame = _centred(_strengthened(fitted, _full_level(fitted)))
    return Framed(frame, paper.dark_ink, at_border, tight, paper.seen)


def frame_ink(levels: Grey) -> NDArray[np.float32]:
    """Frame ink that is known, uint8 (H, W), 0 paper to 255; returns float32 (28, 28, 1).

    Raises EmptyDrawing when there is none.
    """
    ink = _Ink.of(levels)
    fitted = _fitted(ink.cut(ink.faint()))
    return _centred(_strengthened(fitted, _full_level(fitted)))


def frame_as_pixels(grey: Grey) -> NDArray[np.uint8]:
    """Frame a drawing as `frame_drawing` does, and return the pixels of its frame.

    Returns uint8 (28, 28), 0 paper to 255 ink; blank if there is no ink in the drawing.
    """
    try:
        return to_pixels(frame_drawing(grey).frame)
    except EmptyDrawing:
        return np.zeros((FRAME, FRAME), np.uint8)


class _Ink(NamedTuple):
    """Ink with the strongest of each row and column, which is all it takes to cut it out.

    Attributes:
        levels: uint8 (H, W), 0 paper.
        by_row: uint8 (H,), the strongest level of each row.
        by_column: uint8 (W,), the strongest level of each column.
    """

    levels: Levels
    by_row: Levels
    by_column: Levels

    @classmethod
    def of(cls, levels: Levels) -> "_Ink":
        return cls(levels, levels.max(axis=1), levels.max(axis=0))

    def faint(self) -> int:
        """Return the level up to which there is no sign of ink."""
        return int(FAINT * int(self.by_row.max()))

    def cut(self, least: int) -> "_Ink":
        """Return the part from the first to the last row and column with more than that level."""
        rows, columns = _range(self.by_row > least), _range(self.by_column > least)
        return _Ink(self.levels[rows, columns], self.by_row[rows], self.by_column[columns])

    def has_gaps(self) -> bool:
        """Tell whether a row or column is empty; if none is, no speck lies apart from the rest."""
        return bool(min(self.by_row.min(), self.by_column.min()) <= self.faint())


def _range(line: NDArray[np.bool_]) -> slice:
    """Return the range from the first to the last true value of bool (N,).

    Raises:
        EmptyDrawing: if none is true.
    """
    first = int(line.argmax())
    if not line[first]:
        raise EmptyDrawing
    return slice(first, line.size - int(line[::-1].argmax()))


def _cut_out(grey: Grey, paper: Paper) -> tuple[_Ink, bool, bool]:
    """Return the part of a drawing that holds ink, and whether it is `at_border`, and `tight`."""
    extreme = grey.min if paper.dark_ink else grey.max
    by_row, by_column = paper.ink(extreme(axis=1)), paper.ink(extreme(axis=0))
    least = max(2 * paper.noise, int(FAINT * int(by_row.max())))
    rows, columns = _range(by_row > least), _range(by_column > least)
    height, width = grey.shape
    tall, wide = rows.stop - rows.start, columns.stop - columns.start
    near = NEAR * max(height, width)
    touches = max(rows.start, height - rows.stop, columns.start, width - columns.stop) <= near
    at_border = not (rows.start and columns.start) or rows.stop == height or columns.stop == width
    tight = touches or (tall >= FILLS * height and wide >= FILLS * width)
    ink = _Ink(paper.ink(grey[rows, columns]), by_row[rows], by_column[columns])
    return ink, at_border, tight


def _without_specks(ink: _Ink) -> _Ink:
    """Return the part of the ink that is a digit's strokes."""
    while True:
        longest = max(ink.levels.shape)
        cell = max(1, longest // CELLS)
        cells = _reduced(ink.levels, cell)
        if not cells.any():  # specks alone, so small that their cells are paper
            raise EmptyDrawing
        keep = without_specks(cells, int(FAINT * int(cells.max())))
        if keep is None:
            return ink
        mask = keep.repeat(cell, axis=0).repeat(cell, axis=1)
        kept = _Ink.of(ink.levels * mask[: ink.levels.shape[0], : ink.levels.shape[1]])
        ink = kept.cut(kept.faint())
        if cell == 1 or max(ink.levels.shape) > 0.7 * longest:
            return ink  # else far specks made the digit small: look again, in more detail


def _reduced(levels: Levels, factor: int) -> Levels:
    """Return the means of factor x factor pixels; at the far edges, with the paper beyond them."""
    if factor == 1:
        return levels
    height, width = levels.shape
    whole = np.zeros((height + -height % factor, width + -width % factor), dtype=np.uint8)
    whole[:height, :width] = levels
    return np.asarray(Image.fromarray(whole).reduce(factor))


def _full_level(levels: Levels) -> int:
    """Return the level of strong strokes: a twentieth of the ink is at least as strong.

    It is the strongest of all if a twentieth has nearly that.
    """
    strongest = int(levels.max())
    inked = levels > int(FAINT * strongest)
    count = np.count_nonzero(inked)
    if np.count_nonzero(levels > int(0.9 * strongest)) * 20 >= count:
        return strongest
    return int(np.sort(levels[inked])[count * 19 // 20])


def _strengthened(levels: Levels, full: float) -> Levels:
    """Return ink with that level, and all above, brought to 255; as it is if nearly there."""
    if full > 240:
        return levels
    return np.asarray(np.minimum(levels * np.float32(255 / max(full, 1)), 255), dtype=np.uint8)


def _fitted(ink: _Ink) -> Levels:
    """Return ink scaled so that its longest side is 20 pixels, with its aspect ratio kept."""
    full = _full_level(ink.levels)
    if max(ink.levels.shape) <= FRAME:
        levels = ink.cut(full // 5).levels
        if max(levels.shape) == BOX:  # framed already, perhaps by MNIST: a change would blur it
            return levels
    levels = ink.cut(int(EDGE * full)).levels
    if pen_growth(levels > full // 2) != 0:
        levels = _with_usual_pen(_strengthened(levels, full))
    height, width = levels.shape
    scale = BOX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    # Of PIL's filters, this one gives MNIST's share of black, grey and white pixels.
    scaled = Image.fromarray(levels).resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    return np.asarray(scaled)


def _with_usual_pen(levels: Levels) -> Levels:
    """Return ink with its strokes brought to a usual width, cut out, and reduced if it is large."""
    levels = _reduced(levels, max(1, max(levels.shape) // WORK))
    # What is thinner than a pixel is grey here, darker and lighter by how it meets the pixels.
    levels = _strengthened(levels, 0.7 * _full_level(levels))
    moved = with_edges_moved(levels, pen_growth(levels > 127))
    return _Ink.of(moved).cut(int(EDGE * 255)).levels


def _centred(levels: Levels) -> NDArray[np.float32]:
    """Return the frame with ink of at most 20x20, its centre of mass in the middle pixel."""
    ink = to_ink(levels)
    height, width = ink.shape
    top, left = _start(ink.sum(axis=1)), _start(ink.sum(axis=0))
    frame = np.full((FRAME, FRAME, 1), -0.5, dtype=np.float32)
    frame[top : top + height, left : left + width, 0] += ink
    return frame


def _start(profile: NDArray[np.float32]) -> int:
    """Return where a profile must start in the frame for its centre of mass to be at pixel 14."""
    centre = float(profile @ _PLACES[: profile.size]) / float(profile.sum())
    return min(max(round(FRAME / 2 - centre), 0), FRAME - profile.size)


_PLACES = np.arange(BOX, dtype=np.float32)
