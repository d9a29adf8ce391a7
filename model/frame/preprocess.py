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

from model.frame.paper import EmptyDrawing, Grey, Paper, find_paper, flatten
from model.frame.pen_width import pen_growth, with_edges_moved
from model.frame.specks import without_specks

__all__ = ["EmptyDrawing", "Framed", "frame_drawing"]

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

    frame: float32 (28, 28, 1), ink +0.5 and paper -0.5.
    inverted: whether dark ink on light paper was inverted.
    at_border: whether ink reaches a border of the picture.
    tight: whether ink fills the picture in both directions, as where a digit was cut out.
    """

    frame: NDArray[np.float32]
    inverted: bool
    at_border: bool = False
    tight: bool = False


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
    ink, at_border, tight = _cut_out(grey, paper)
    if paper.noise or ink.has_gaps():
        ink = _without_specks(ink)
    fitted = _fitted(ink)
    frame = _centred(_strengthened(fitted, _full_level(fitted)))
    return Framed(frame, paper.dark_ink, at_border, tight)


def frame_ink(levels: Grey) -> NDArray[np.float32]:
    """Frame ink that is known, uint8 (H, W), 0 paper to 255; returns float32 (28, 28, 1).

    Raises EmptyDrawing when there is none.
    """
    ink = _Ink.of(levels)
    fitted = _fitted(ink.cut(ink.faint()))
    return _centred(_strengthened(fitted, _full_level(fitted)))


class _Ink(NamedTuple):
    """Ink with the strongest of each row and column, which is all it takes to cut it out.

    levels: uint8 (H, W), 0 is paper. by_row, by_column: uint8 (H,) and (W,).
    """

    levels: Grey
    by_row: Grey
    by_column: Grey

    @classmethod
    def of(cls, levels: Grey) -> "_Ink":
        return cls(levels, levels.max(axis=1), levels.max(axis=0))

    def faint(self) -> int:
        """The level up to which there is no sign of ink."""
        return int(FAINT * int(self.by_row.max()))

    def cut(self, least: int) -> "_Ink":
        """The part from the first to the last row and column that have more than that level."""
        rows, columns = _range(self.by_row > least), _range(self.by_column > least)
        return _Ink(self.levels[rows, columns], self.by_row[rows], self.by_column[columns])

    def has_gaps(self) -> bool:
        """Whether a row or column is empty: if none is, there are no specks apart from the rest."""
        return bool(min(self.by_row.min(), self.by_column.min()) <= self.faint())


def _range(line: NDArray[np.bool_]) -> slice:
    """From the first to the last true value."""
    first = int(line.argmax())
    if not line[first]:
        raise EmptyDrawing
    return slice(first, line.size - int(line[::-1].argmax()))


def _cut_out(grey: Grey, paper: Paper) -> tuple[_Ink, bool, bool]:
    """The part of the drawing that holds ink; whether it is `at_border`, and `tight`."""
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
    """The part of the ink that is a digit's strokes."""
    while True:
        longest = max(ink.levels.shape)
        cell = max(1, longest // CELLS)
        cells = _reduced(ink.levels, cell)
        keep = without_specks(cells, int(FAINT * int(cells.max())))
        if keep is None:
            return ink
        mask = keep.repeat(cell, axis=0).repeat(cell, axis=1)
        kept = _Ink.of(ink.levels * mask[: ink.levels.shape[0], : ink.levels.shape[1]])
        ink = kept.cut(kept.faint())
        if cell == 1 or max(ink.levels.shape) > 0.7 * longest:
            return ink  # else far specks made the digit small: look again, in more detail


def _reduced(levels: Grey, factor: int) -> Grey:
    """Means of factor x factor pixels; at the far edges, with the paper beyond them."""
    if factor == 1:
        return levels
    height, width = levels.shape
    whole = np.zeros((height + -height % factor, width + -width % factor), dtype=np.uint8)
    whole[:height, :width] = levels
    return np.asarray(Image.fromarray(whole).reduce(factor))


def _full_level(levels: Grey) -> int:
    """The level of strong strokes, which a twentieth of the ink has, or nearly the strongest."""
    strongest = int(levels.max())
    inked = levels > int(FAINT * strongest)
    count = np.count_nonzero(inked)
    if np.count_nonzero(levels > int(0.9 * strongest)) * 20 >= count:
        return strongest
    return int(np.sort(levels[inked])[count * 19 // 20])


def _strengthened(levels: Grey, full: float) -> Grey:
    """Ink with that level, and all above, brought to 255; unchanged if it is nearly there."""
    if full > 240:
        return levels
    return np.asarray(np.minimum(levels * np.float32(255 / max(full, 1)), 255), dtype=np.uint8)


def _fitted(ink: _Ink) -> Grey:
    """Ink scaled so that its longest side is 20 pixels, with its aspect ratio kept."""
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


def _with_usual_pen(levels: Grey) -> Grey:
    """Ink with its strokes brought to a usual width, cut out, and reduced if it is large."""
    levels = _reduced(levels, max(1, max(levels.shape) // WORK))
    # What is thinner than a pixel is grey here, darker and lighter by how it meets the pixels.
    levels = _strengthened(levels, 0.7 * _full_level(levels))
    moved = with_edges_moved(levels, pen_growth(levels > 127))
    return _Ink.of(moved).cut(int(EDGE * 255)).levels


def _centred(levels: Grey) -> NDArray[np.float32]:
    """Ink of at most 20x20 put into the frame, its centre of mass in the middle, to the pixel."""
    ink = levels * np.float32(1 / 255)
    height, width = ink.shape
    top, left = _start(ink.sum(axis=1)), _start(ink.sum(axis=0))
    frame = np.full((FRAME, FRAME, 1), -0.5, dtype=np.float32)
    frame[top : top + height, left : left + width, 0] += ink
    return frame


def _start(profile: NDArray[np.float32]) -> int:
    """Where a profile must start in the frame for its centre of mass to lie at pixel 14."""
    centre = float(profile @ _PLACES[: profile.size]) / float(profile.sum())
    return min(max(round(FRAME / 2 - centre), 0), FRAME - profile.size)


_PLACES = np.arange(BOX, dtype=np.float32)
