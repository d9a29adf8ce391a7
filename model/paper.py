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

Grey = NDArray[np.uint8]  # (H, W), 0 black to 255 white
Picture = NDArray[np.float32]  # (H, W)

LEAST_CONTRAST = 16  # grey levels between paper and ink; less cannot be told from nothing
SAMPLE = 28  # pixels a side, at most, that are looked at to find out about the paper
UNEVEN = 0.1  # of the contrast: paper that varies by more is treated as a photo
SHADOW = 0.3  # of what seems ink: if so much is not near an edge, it is no stroke but a shadow
LEAST_PHOTO = 48  # pixels, shortest side: a smaller picture is an icon or a frame, not a photo
PHOTO = 160  # pixels, longest side to which a photo is reduced
THIN, FULL = 0.3, 0.75  # of the strength of a photo's ink: as weak is paper, as strong is full ink
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

    grey: Grey
    paper: int
    dark_ink: bool
    noise: int

    def ink(self, grey: Grey) -> Grey:
        """How much each pixel of a part of the sheet is inked, in grey levels; paper is 0."""
        if self.dark_ink:
            level = max(self.paper - self.noise, 0)
            return np.asarray(level - np.minimum(grey, level))
        level = min(self.paper + self.noise, 255)
        return np.asarray(np.maximum(grey, level) - level)

    def beyond(self, least: float) -> NDArray[np.bool_]:
        """Where ink is stronger than that part of the strongest ink, and than the noise; (H, W)."""
        if self.dark_ink:
            strongest = self.paper - int(self.grey.min())
            return self.grey < self.paper - max(2 * self.noise, int(least * strongest))
        strongest = int(self.grey.max()) - self.paper
        return self.grey > self.paper + max(2 * self.noise, int(least * strongest))


def lay_out(grey: Grey) -> tuple[Sheet, bool]:
    """The drawing as a sheet of even paper, and whether its ink is darker than its paper.

    grey is uint8 (H, W), at least one pixel. Raises EmptyDrawing when nothing stands out.
    """
    darkest, lightest = int(grey.min()), int(grey.max())
    if lightest - darkest < LEAST_CONTRAST:
        raise EmptyDrawing
    middle = (darkest + lightest) // 2
    step_y, step_x = (math.ceil(side / SAMPLE) for side in grey.shape)
    sample = grey[::step_y, ::step_x]
    dark = sample <= middle
    share = np.count_nonzero(dark) / dark.size
    dark_ink = not _dark_paper(grey, share, middle, step_y, step_x)
    is_ink = dark if dark_ink else ~dark
    # Beside ink there is every level between ink and paper; a small picture may have no other.
    inner = _inner(~is_ink)
    paper = np.sort(sample[inner if np.count_nonzero(inner) >= 20 else ~is_ink])
    low, level, high = (int(paper[place * paper.size // 100]) for place in (5, 50, 95))
    uneven = max(high - level, level - low) > UNEVEN * (lightest - darkest)
    shadow = np.count_nonzero(_inner(is_ink)) > max(
        SHADOW * np.count_nonzero(is_ink), 0.05 * dark.size
    )
    if (uneven or shadow) and min(grey.shape) >= LEAST_PHOTO:
        return lay_out_photo(grey)
    return Sheet(grey, level, dark_ink, high - level if dark_ink else level - low), dark_ink


def _dark_paper(grey: Grey, share: float, middle: int, step_y: int, step_x: int) -> bool:
    """Whether pixels up to `middle` are the paper: paper is what lies around the ink.

    The border decides, and the four corners count as much as all of it, since a digit that fills
    the picture seldom reaches them. A border that is less than a fifth of the picture is itself
    drawn: a frame. `share` is the dark pixels' share of the picture.
    """
    top, bottom, left, right = (
        grey[0, ::step_x],
        grey[-1, ::step_x],
        grey[::step_y, 0],
        grey[::step_y, -1],
    )
    border = np.concatenate([top, bottom, left, right])
    corners = sum(grey.item(y, x) <= middle for y in (0, -1) for x in (0, -1))
    around = (corners / 4 + np.count_nonzero(border <= middle) / border.size) / 2
    return share > (0.2 if around > 0.5 else 0.8)


def _inner(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask without the two rows of pixels along its edges, (H, W)."""
    for _ in range(2):
        inner = mask.copy()
        inner[1:] &= mask[:-1]
        inner[:-1] &= mask[1:]
        inner[:, 1:] &= mask[:, :-1]
        inner[:, :-1] &= mask[:, 1:]
        mask = inner
    return mask


# ---- photos ------------------------------------------------------------------------------------


def lay_out_photo(grey: Grey) -> tuple[Sheet, bool]:
    """The drawing as a sheet of even paper of level 0, reduced to at most 160 pixels a side.

    Paper is first the median of each tile, smoothed by the medians of the tiles around it, which
    needs no idea of what is ink. Ink is what then stands out most, to the one side or the other;
    paper is estimated again as the mean of all that is not ink.
    """
    factor = math.ceil(max(grey.shape) / PHOTO)
    picture = np.asarray(Image.fromarray(grey).reduce(factor), dtype=np.float32)
    height, width = picture.shape
    side = max(4, math.ceil(max(height, width) / TILES))
    padded = np.pad(picture, ((0, -height % side), (0, -width % side)), mode="edge")
    middles = np.pad(np.median(_tiles(padded, side), axis=2), 2, mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(middles, (5, 5))
    rough = np.median(around, axis=(2, 3))
    residual = padded - _interpolated(rough, padded.shape)
    dark_ink = float((residual**3).sum()) < 0
    away = -residual if dark_ink else residual
    deviation = 1.05 * float(np.median(np.abs(np.diff(picture))))  # of the noise, if Gaussian
    is_paper = away < max(3 * deviation, 0.3 * float(away.max()))
    amounts = _sums_around(_tiles(is_paper.astype(np.float32), side).sum(axis=2))
    sums = _sums_around(_tiles(is_paper * padded, side).sum(axis=2))
    fine = np.where(amounts > side, sums / np.maximum(amounts, 1), rough)
    paper = _interpolated(fine, padded.shape)[:height, :width]
    # Ink reflects a part of the light, wherever it lies: a ratio is the same in shadow.
    ratio = (
        picture / np.maximum(paper, 1) if dark_ink else (255 - picture) / np.maximum(255 - paper, 1)
    )
    ink = 1 - ratio
    deviation /= float(np.median(paper if dark_ink else 255 - paper)) + 1
    strongest = float(ink.max())
    if strongest < max(LEAST_CONTRAST / 255, 5 * deviation):
        raise EmptyDrawing
    full = float(np.median(ink[ink > 0.5 * strongest]))
    levels = np.clip((ink / full - THIN) * (255 / (FULL - THIN)), 0, 255).astype(np.uint8)
    if factor > 1:
        part = _part_around(levels > 128, factor, grey)
        if max(part.shape) < 0.7 * max(grey.shape):  # a small digit, which deserves more pixels
            return lay_out_photo(part)
    return Sheet(levels, 0, dark_ink=False, noise=round(2 * deviation / full * 255)), dark_ink


def _part_around(ink: NDArray[np.bool_], factor: int, grey: Grey) -> Grey:
    """The part of grey around the ink, with half the ink's size of paper on all sides."""
    spans = []
    for axis in (1, 0):
        inked = np.flatnonzero(ink.any(axis=axis)) * factor
        spans.append((int(inked[0]), int(inked[-1]) + factor))
    margin = max(end - start for start, end in spans) // 2
    rows, columns = (slice(max(0, start - margin), end + margin) for start, end in spans)
    return grey[rows, columns]


def _tiles(picture: Picture, side: int) -> Picture:
    """(H, W) cut into tiles: (H / side, W / side, side * side)."""
    rows, columns = picture.shape[0] // side, picture.shape[1] // side
    tiles = picture.reshape(rows, side, columns, side).transpose(0, 2, 1, 3)
    return tiles.reshape(rows, columns, side * side)


def _sums_around(tiles: Picture) -> Picture:
    """Each tile's sum with its eight neighbours."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(tiles, 1), (3, 3))
    return np.asarray(windows.sum(axis=(2, 3)))


def _interpolated(tiles: Picture, shape: tuple[int, ...]) -> Picture:
    """Values of tiles interpolated to a picture of that shape."""
    image = Image.fromarray(np.asarray(tiles, dtype=np.float32))
    return np.asarray(image.resize((shape[1], shape[0]), Image.Resampling.BILINEAR))
