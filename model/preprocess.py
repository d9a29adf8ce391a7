"""A drawing of any size becomes the 28x28 frame that the network reads, as MNIST's digits were framed.

MNIST scaled the ink's bounding box into 20x20 with its aspect ratio kept, antialiased, and put it into
28x28 by its centre of mass (http://yann.lecun.com/exdb/mnist/). The same is done here for every drawing,
whether it comes from a user or from the generator of training digits.
"""

from typing import NamedTuple

import numpy as np
from PIL import Image

FRAME = 28  # pixels, side of the frame
BOX = 20  # pixels, longest side of the ink inside the frame
LEAST_CONTRAST = 16  # grey levels between paper and ink, below which a picture counts as empty


class EmptyDrawing(ValueError):
    """There is no ink in the picture."""


class Framed(NamedTuple):
    """A framed drawing.

    frame: float32 (28, 28, 1), ink +0.5 and paper -0.5.
    inverted: whether dark ink on light paper was inverted.
    """

    frame: np.ndarray
    inverted: bool


def frame_drawing(grey: np.ndarray) -> Framed:
    """Frame a drawing, uint8 (H, W), 0 black to 255 white, with ink of either polarity.

    Raises ValueError for anything but a uint8 picture and EmptyDrawing when it holds no ink.
    """
    if not isinstance(grey, np.ndarray) or grey.dtype != np.uint8 or grey.ndim != 2:
        raise ValueError("a drawing must be a two-dimensional array of uint8")
    if grey.size == 0:
        raise ValueError("a drawing must have at least one pixel")
    darkest, lightest = int(grey.min()), int(grey.max())
    if lightest - darkest < LEAST_CONTRAST:
        raise EmptyDrawing("The picture has no ink: draw a digit that differs from its background.")
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    paper = int(np.median(border))
    inverted = paper > (darkest + lightest) / 2
    full = paper - darkest if inverted else lightest - paper
    table = np.clip((np.arange(256) - paper) * (-255.0 if inverted else 255.0) / full, 0, 255)
    ink = np.rint(table).astype(np.uint8)[grey]
    mask = ink > 50
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Framed(_place(_fit(ink)), inverted)


def _fit(ink: np.ndarray) -> np.ndarray:
    """Scale ink so that its longest side is 20 pixels, with its aspect ratio kept."""
    height, width = ink.shape
    longest = max(height, width)
    if longest == BOX:
        return ink
    size = (max(1, round(width * BOX / longest)), max(1, round(height * BOX / longest)))
    return np.asarray(Image.fromarray(ink).resize(size, Image.Resampling.BILINEAR))


def _place(ink: np.ndarray) -> np.ndarray:
    """Put ink of at most 20x20 into the frame, its centre of mass in the middle, to the pixel."""
    height, width = ink.shape
    mass = ink.sum(dtype=np.float64)
    centre_y = ink.sum(axis=1, dtype=np.float64) @ np.arange(height) / mass
    centre_x = ink.sum(axis=0, dtype=np.float64) @ np.arange(width) / mass
    top = min(max(round(FRAME / 2 - centre_y), 0), FRAME - height)
    left = min(max(round(FRAME / 2 - centre_x), 0), FRAME - width)
    frame = np.zeros((FRAME, FRAME), np.uint8)
    frame[top : top + height, left : left + width] = ink
    return (frame.astype(np.float32) / np.float32(255) - np.float32(0.5))[:, :, np.newaxis]
