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

from model.paper import EmptyDrawing, Sheet, lay_out
from model.specks import without_specks

__all__ = ["EmptyDrawing", "Framed", "frame_drawing"]

FRAME = 28  # pixels, side of the frame
BOX = 20  # pixels, longest side of the ink inside the frame
WORK = 80  # pixels, longest side at which ink is cleaned and widened: 80 to 160 of the larger ones
FAINT = 0.12  # of the contrast: less than this is no sign of ink


class Framed(NamedTuple):
    """A framed drawing.

    frame: float32 (28, 28, 1), ink +0.5 and paper -0.5.
    inverted: whether dark ink on light paper was inverted.
    """

    frame: NDArray[np.float32]
    inverted: bool


def frame_drawing(grey: NDArray[np.uint8]) -> Framed:
    """Frame a drawing, uint8 (H, W), 0 black to 255 white, with ink of either polarity.

    Raises ValueError for anything but a uint8 picture, and EmptyDrawing when it holds no ink.
    """
    if not isinstance(grey, np.ndarray) or grey.dtype != np.uint8 or grey.ndim != 2:
        kind = f"{grey.dtype} {grey.shape}" if isinstance(grey, np.ndarray) else type(grey).__name__
        raise ValueError(f"A drawing is a two-dimensional array of uint8, not {kind}.")
    if grey.size == 0:
        raise ValueError("A drawing has at least one pixel, not zero.")
    sheet, inverted = lay_out(grey)
    ink = _strong(_main_ink(sheet))
    return Framed(_centred(_fitted(ink)), inverted)


def _main_ink(sheet: Sheet) -> NDArray[np.uint8]:
    """The ink without specks, cut out, and reduced by a whole number if it is large."""
    while True:
        sheet = _cut_out(sheet)
        factor = max(1, max(sheet.grey.shape) // WORK)
        ink = sheet.ink()
        if factor > 1:
            ink = np.asarray(Image.fromarray(ink).reduce(factor))
        longest = max(ink.shape)
        coarse = max(1, longest // 24)
        cells = np.asarray(Image.fromarray(ink).reduce(coarse)) if coarse > 1 else ink
        threshold = FAINT * int(cells.max())
        cells = np.where(cells > threshold, cells, 0)
        keep = without_specks(cells)
        if keep is None:
            return ink
        rows, columns = np.flatnonzero(keep.any(axis=1)), np.flatnonzero(keep.any(axis=0))
        span = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
        if factor == 1 or span * coarse > 0.7 * longest:
            mask = np.kron(keep, np.ones((coarse, coarse), dtype=np.bool_))
            return np.where(mask[: ink.shape[0], : ink.shape[1]], ink, 0)
        cell = factor * coarse
        sheet = sheet._replace(
            grey=sheet.grey[
                rows[0] * cell : (rows[-1] + 1) * cell, columns[0] * cell : (columns[-1] + 1) * cell
            ]
        )


def _cut_out(sheet: Sheet) -> Sheet:
    """The part of the sheet that holds all signs of ink."""
    grey = sheet.grey
    strongest = sheet.paper - int(grey.min()) if sheet.dark_ink else int(grey.max()) - sheet.paper
    least = max(2 * sheet.noise, int(FAINT * strongest))
    if sheet.dark_ink:
        mask = grey < sheet.paper - least
    else:
        mask = grey > sheet.paper + least
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        raise EmptyDrawing
    return sheet._replace(grey=grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def _strong(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Ink whose strong strokes are full, 255."""
    counts = np.bincount(ink.ravel(), minlength=256)
    counts[: int(FAINT * int(ink.max())) + 1] = 0
    above = np.cumsum(counts)
    full = int(np.searchsorted(above, 0.95 * above[-1]))
    if full >= 250:
        return ink
    return np.minimum(ink * np.float32(255 / max(full, 1)), 255).astype(np.uint8)


def _fitted(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Ink scaled so that its longest side is 20 pixels, with its aspect ratio kept."""
    ink = _box(ink, 0.2 * 255)
    if max(ink.shape) == BOX:
        return ink
    ink = _box(ink, 0.5 * 255)
    height, width = ink.shape
    scale = BOX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(ink).resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0))


def _box(ink: NDArray[np.uint8], least: float) -> NDArray[np.uint8]:
    mask = ink > least
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _centred(ink: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Ink of at most 20x20 put into the frame, its centre of mass in the middle, to the pixel."""
    height, width = ink.shape
    mass = int(ink.sum())
    centre_y = ink.sum(axis=1, dtype=np.int64) @ np.arange(height) / mass
    centre_x = ink.sum(axis=0, dtype=np.int64) @ np.arange(width) / mass
    top = min(max(round(FRAME / 2 - centre_y), 0), FRAME - height)
    left = min(max(round(FRAME / 2 - centre_x), 0), FRAME - width)
    frame = np.full((FRAME, FRAME, 1), -0.5, dtype=np.float32)
    frame[top : top + height, left : left + width, 0] += ink * np.float32(1 / 255)
    return frame
