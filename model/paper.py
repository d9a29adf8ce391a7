"""Which pixels of a drawing are ink: how bright its paper is, and whether ink is darker or lighter.

A canvas or a scan has paper of one brightness, and looking at a sample of it is enough. A photo has
shadows and noise: its paper is estimated place by place and divided out, which takes milliseconds
instead of microseconds and is done only where it is needed.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

LEAST_CONTRAST = 16  # grey levels between paper and ink; less cannot be told from nothing
UNEVEN = (
    0.05  # part of the contrast by which the middle half of the paper may vary and count as even
)
PHOTO = 160  # pixels, longest side to which a photo is reduced: enough for a digit in a tenth of it
TILES = 16  # along the longest side of a photo, each with a paper brightness of its own


class EmptyDrawing(ValueError):
    """There is no ink in the picture."""

    def __init__(self) -> None:
        super().__init__("The picture is empty: draw a digit whose ink differs from its paper.")


class Sheet(NamedTuple):
    """A picture of which it is known what is paper.

    grey: uint8 (H, W), at least one pixel. paper: its grey level. dark_ink: whether ink is darker
    than paper. noise: grey levels by which paper differs from `paper`, up and down.
    """

    grey: NDArray[np.uint8]
    paper: int
    dark_ink: bool
    noise: int

    def ink(self) -> NDArray[np.uint8]:
        """How much each pixel is inked, uint8 (H, W) grey levels, 0 is paper."""
        if self.dark_ink:
            level = max(self.paper - self.noise, 0)
            return np.asarray(level - np.minimum(self.grey, level))
        level = min(self.paper + self.noise, 255)
        return np.asarray(np.maximum(self.grey, level) - level)


def lay_out(grey: NDArray[np.uint8]) -> tuple[Sheet, bool]:
    """The drawing on even paper, and whether its ink is dark.

    grey is uint8 (H, W), at least one pixel. Raises EmptyDrawing when nothing stands out.
    """
    darkest, lightest = int(grey.min()), int(grey.max())
    contrast = lightest - darkest
    if contrast < LEAST_CONTRAST:
        raise EmptyDrawing
    middle = (darkest + lightest) // 2
    step_y, step_x = (max(1, side // 40) for side in grey.shape)
    sample = grey[::step_y, ::step_x].ravel()
    dark_ink = not _dark_paper(grey, sample, middle, step_y, step_x)
    paper = np.sort(sample[(sample > middle) if dark_ink else (sample <= middle)])
    if paper.size == 0:
        return _evened(grey)
    low, level, high = (int(paper[paper.size * quarter // 4]) for quarter in (1, 2, 3))
    if high - low > UNEVEN * contrast:
        return _evened(grey)
    return Sheet(grey, level, dark_ink, noise=high - low), dark_ink


def _dark_paper(
    grey: NDArray[np.uint8], sample: NDArray[np.uint8], middle: int, step_y: int, step_x: int
) -> bool:
    """Whether the dark pixels are the paper: it is what lies around the ink.

    The border decides, and the four corners count as much as all of it, since a digit that fills
    the picture seldom reaches them. A border that is less than a fifth of the picture is itself
    drawn: a frame.
    """
    corners = grey[[0, 0, -1, -1], [0, -1, 0, -1]]
    border = np.concatenate(
        [grey[0, ::step_x], grey[-1, ::step_x], grey[::step_y, 0], grey[::step_y, -1]]
    )
    around = (_share_dark(corners, middle) + _share_dark(border, middle)) / 2
    everywhere = _share_dark(sample, middle)
    if around > 0.5:
        return everywhere > 0.2
    return everywhere > 0.8


def _share_dark(pixels: NDArray[np.uint8], middle: int) -> float:
    return int(np.count_nonzero(pixels <= middle)) / pixels.size


# ---- photos ------------------------------------------------------------------------------------


def _evened(grey: NDArray[np.uint8]) -> tuple[Sheet, bool]:
    """The same drawing on even paper of level 0, reduced to at most 160 pixels.

    Paper is first the median of each tile, smoothed by the medians of the tiles around it, which
    needs no idea of what is ink. Ink is what then stands out most, to the one side or the other;
    paper is estimated again as the mean of all that is not ink.
    """
    factor = math.ceil(max(grey.shape) / PHOTO)
    picture = np.asarray(Image.fromarray(grey).reduce(factor), dtype=np.float32)
    height, width = picture.shape
    side = max(4, math.ceil(max(height, width) / TILES))
    padded = np.pad(picture, ((0, -height % side), (0, -width % side)), mode="edge")
    tiles = _tiles(padded, side)
    middles = np.median(tiles, axis=2)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(middles, 2, mode="edge"), (5, 5))
    rough = np.median(around, axis=(2, 3))
    residual = padded - _spread(rough, padded.shape)
    dark_ink = float((residual**3).sum()) < 0
    away = -residual if dark_ink else residual
    deviation = 1.5 * float(np.median(np.abs(residual)))  # of the noise, if it is Gaussian
    is_paper = (away < max(3 * deviation, 0.3 * float(away.max()))).astype(np.float32)
    amounts = _around(_tiles(is_paper, side).sum(axis=2))
    sums = _around(_tiles(is_paper * padded, side).sum(axis=2))
    fine = np.where(amounts > side, sums / np.maximum(amounts, 1), rough)
    paper = _spread(fine, padded.shape)[:height, :width]
    if dark_ink:
        ink = (paper - picture) / np.maximum(paper, 1)
    else:
        ink = (picture - paper) / np.maximum(255 - paper, 1)
    deviation = 1.5 * float(np.median(np.abs(ink)))
    full = float(ink.max())
    if full < max(LEAST_CONTRAST / 255, 5 * deviation):
        raise EmptyDrawing
    levels = np.clip(ink * (255 / full), 0, 255).astype(np.uint8)
    return Sheet(levels, 0, dark_ink=False, noise=round(2 * deviation / full * 255)), dark_ink


def _tiles(picture: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """(H, W) cut into tiles: (H / side, W / side, side * side)."""
    rows, columns = picture.shape[0] // side, picture.shape[1] // side
    tiles = picture.reshape(rows, side, columns, side).transpose(0, 2, 1, 3)
    return tiles.reshape(rows, columns, side * side)


def _around(tiles: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each tile's sum with its eight neighbours."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(tiles, 1), (3, 3))
    return np.asarray(windows.sum(axis=(2, 3)))


def _spread(tiles: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Values of tiles interpolated to a picture of that shape."""
    size = (shape[1], shape[0])
    image = Image.fromarray(np.asarray(tiles, dtype=np.float32))
    return np.asarray(image.resize(size, Image.Resampling.BILINEAR))
